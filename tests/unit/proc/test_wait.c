/*
 * proc/wait: every transition of the wait word, and who wins a claim, by one
 * thread.
 */

#include "proc/wait.h"

#include "sync/atomic.h"
#include "unit/unit.h"

static int gift;

static struct bsti_waiter fresh(void)
{
    struct bsti_waiter waiter = {0};

    return waiter;
}

static enum bsti_wait_phase phase_of(struct bsti_waiter *waiter)
{
    return bsti_wait_phase(bsti_load_relaxed(&waiter->word));
}

/* ---- the word ------------------------------------------------------------ */

static void word_keeps_number_and_phase(void **state)
{
    static const uint64_t seqs[] = {0, 1,        7,
                                    8, 1u << 31, ((uint64_t)1 << 61) - 1};

    (void)state;
    for (size_t i = 0; i < sizeof seqs / sizeof seqs[0]; i++) {
        for (int p = BSTI_WAIT_IDLE; p <= BSTI_WAIT_READY; p++) {
            uint64_t word = bsti_wait_word(seqs[i], (enum bsti_wait_phase)p);

            assert_true(bsti_wait_seq(word) == seqs[i]);
            assert_int_equal(bsti_wait_phase(word), p);
        }
    }
}

static void word_is_open_only_while_armed_or_suspended(void **state)
{
    static const bool open[] = {false, true, true, false, false};

    (void)state;
    for (int p = BSTI_WAIT_IDLE; p <= BSTI_WAIT_READY; p++) {
        uint64_t word = bsti_wait_word(5, (enum bsti_wait_phase)p);

        assert_int_equal(bsti_wait_is_open(word, 5), open[p]);
        assert_false(bsti_wait_is_open(word, 4));
        assert_false(bsti_wait_is_open(word, 6));
    }
}

/* ---- the waiter ---------------------------------------------------------- */

static void arm_gives_each_wait_its_own_number(void **state)
{
    struct bsti_waiter waiter = fresh();
    void *found;

    (void)state;
    for (uint64_t i = 1; i < 4; i++) {
        assert_true(bsti_waiter_arm(&waiter) == i);
        assert_int_equal(phase_of(&waiter), BSTI_WAIT_ARMED);
        assert_int_equal(bsti_waiter_claim(&waiter, i), BSTI_CLAIM_ARMED);
        bsti_waiter_finish(&waiter, i, 0, NULL);
        bsti_waiter_take(&waiter, &found);
        assert_int_equal(phase_of(&waiter), BSTI_WAIT_IDLE);
    }
}

static void claim_of_an_armed_wait_makes_the_commit_fail(void **state)
{
    struct bsti_waiter waiter = fresh();
    uint64_t seq = bsti_waiter_arm(&waiter);
    void *found = NULL;

    (void)state;
    assert_int_equal(bsti_waiter_claim(&waiter, seq), BSTI_CLAIM_ARMED);
    assert_int_equal(phase_of(&waiter), BSTI_WAIT_CLAIMED);
    assert_false(bsti_waiter_commit(&waiter, seq));
    assert_false(bsti_waiter_is_ready(&waiter));
    bsti_waiter_finish(&waiter, seq, 7, &gift);
    assert_true(bsti_waiter_is_ready(&waiter));
    assert_false(bsti_waiter_commit(&waiter, seq));
    assert_int_equal(bsti_waiter_take(&waiter, &found), 7);
    assert_ptr_equal(found, &gift);
}

static void claim_of_a_suspended_wait_says_so(void **state)
{
    struct bsti_waiter waiter = fresh();
    uint64_t seq = bsti_waiter_arm(&waiter);
    void *found = &gift;

    (void)state;
    assert_true(bsti_waiter_commit(&waiter, seq));
    assert_int_equal(phase_of(&waiter), BSTI_WAIT_SUSPENDED);
    assert_int_equal(bsti_waiter_claim(&waiter, seq), BSTI_CLAIM_SUSPENDED);
    bsti_waiter_finish(&waiter, seq, 3, NULL);
    assert_int_equal(bsti_waiter_take(&waiter, &found), 3);
    assert_null(found);
}

static void claim_has_one_winner(void **state)
{
    struct bsti_waiter waiter = fresh();
    uint64_t seq = bsti_waiter_arm(&waiter);
    uint64_t any;
    void *found;

    (void)state;
    assert_true(bsti_waiter_commit(&waiter, seq));
    assert_int_equal(bsti_waiter_claim(&waiter, seq), BSTI_CLAIM_SUSPENDED);
    assert_int_equal(bsti_waiter_claim(&waiter, seq), BSTI_CLAIM_LOST);
    assert_int_equal(bsti_waiter_claim_any(&waiter, &any), BSTI_CLAIM_LOST);
    bsti_waiter_finish(&waiter, seq, 0, NULL);
    assert_int_equal(bsti_waiter_claim(&waiter, seq), BSTI_CLAIM_LOST);
    assert_int_equal(bsti_waiter_claim_any(&waiter, &any), BSTI_CLAIM_LOST);
    bsti_waiter_take(&waiter, &found);
    assert_int_equal(bsti_waiter_claim(&waiter, seq), BSTI_CLAIM_LOST);
    assert_int_equal(bsti_waiter_claim_any(&waiter, &any), BSTI_CLAIM_LOST);
}

static void claim_of_an_earlier_wait_does_not_end_a_later_one(void **state)
{
    struct bsti_waiter waiter = fresh();
    uint64_t first = bsti_waiter_arm(&waiter);
    uint64_t second;
    void *found;

    (void)state;
    assert_int_equal(bsti_waiter_claim(&waiter, first), BSTI_CLAIM_ARMED);
    bsti_waiter_finish(&waiter, first, 0, NULL);
    bsti_waiter_take(&waiter, &found);
    second = bsti_waiter_arm(&waiter);
    assert_int_equal(bsti_waiter_claim(&waiter, first), BSTI_CLAIM_LOST);
    assert_true(bsti_waiter_commit(&waiter, second));
    assert_int_equal(bsti_waiter_claim(&waiter, first), BSTI_CLAIM_LOST);
    assert_int_equal(phase_of(&waiter), BSTI_WAIT_SUSPENDED);
}

static void claim_any_takes_whichever_wait_is_open(void **state)
{
    struct bsti_waiter waiter = fresh();
    uint64_t seq;
    uint64_t any = 0;
    void *found;

    (void)state;
    assert_int_equal(bsti_waiter_claim_any(&waiter, &any), BSTI_CLAIM_LOST);
    for (int i = 0; i < 2; i++) {
        seq = bsti_waiter_arm(&waiter);
        if (i == 1)
            assert_true(bsti_waiter_commit(&waiter, seq));
        assert_int_equal(bsti_waiter_claim_any(&waiter, &any),
                         i == 1 ? BSTI_CLAIM_SUSPENDED : BSTI_CLAIM_ARMED);
        assert_true(any == seq);
        bsti_waiter_finish(&waiter, any, 0, NULL);
        bsti_waiter_take(&waiter, &found);
    }
}

static void arm_clears_the_gift_of_the_wait_before(void **state)
{
    struct bsti_waiter waiter = fresh();
    uint64_t seq = bsti_waiter_arm(&waiter);
    void *found;

    (void)state;
    bsti_waiter_claim(&waiter, seq);
    bsti_waiter_finish(&waiter, seq, 0, &gift);
    bsti_waiter_take(&waiter, &found);
    bsti_waiter_arm(&waiter);
    assert_null(waiter.gift);
}

static void finish_marks_a_blocked_thread_as_woken(void **state)
{
    struct bsti_waiter waiter = fresh();
    uint64_t seq;

    (void)state;
    bsti_store_relaxed(&waiter.thread, (uint32_t)BSTI_WAITER_BLOCKED);
    seq = bsti_waiter_arm(&waiter);
    assert_int_equal(bsti_waiter_claim(&waiter, seq), BSTI_CLAIM_ARMED);
    bsti_waiter_finish(&waiter, seq, 0, NULL);
    assert_int_equal(bsti_load_relaxed(&waiter.thread), BSTI_WAITER_WOKEN);
}

UNIT_MAIN(cmocka_unit_test(word_keeps_number_and_phase),
          cmocka_unit_test(word_is_open_only_while_armed_or_suspended),
          cmocka_unit_test(arm_gives_each_wait_its_own_number),
          cmocka_unit_test(claim_of_an_armed_wait_makes_the_commit_fail),
          cmocka_unit_test(claim_of_a_suspended_wait_says_so),
          cmocka_unit_test(claim_has_one_winner),
          cmocka_unit_test(claim_of_an_earlier_wait_does_not_end_a_later_one),
          cmocka_unit_test(claim_any_takes_whichever_wait_is_open),
          cmocka_unit_test(arm_clears_the_gift_of_the_wait_before),
          cmocka_unit_test(finish_marks_a_blocked_thread_as_woken))
