/*
 * When sharing work pays: the decisions of exec/load.h.
 */

#include "exec/load.h"

#include "unit/unit.h"

/* 20 us of running in `turns` turns that handled `messages`. */
static struct bsti_load_sample sample(uint32_t turns, uint64_t messages,
                                      uint32_t queued)
{
    return (struct bsti_load_sample){
        .span = 20000, .turns = turns, .messages = messages, .queued = queued};
}

static void share_of_an_empty_queue_is_none(void **state)
{
    struct bsti_load_sample s = sample(1, 1, 0);

    (void)state;
    assert_int_equal(bsti_load_share(&s, true), BSTI_SHARE_NONE);
}

static void share_of_dear_work_is_all(void **state)
{
    /* Ten turns of 2 us, and thirteen processes that wait 26 us together. */
    struct bsti_load_sample s = sample(10, 10, 13);

    (void)state;
    assert_int_equal(bsti_load_share(&s, false), BSTI_SHARE_ALL);
}

static void share_of_a_short_wait_is_none(void **state)
{
    /* As above, but waking a thread takes longer than the twelve wait. */
    struct bsti_load_sample s = sample(10, 10, 12);

    (void)state;
    assert_int_equal(bsti_load_share(&s, true), BSTI_SHARE_NONE);
}

static void share_of_cheap_messages_is_only_a_probe(void **state)
{
    /* 50 ns for a message: crossing to another CPU costs more. */
    struct bsti_load_sample s = sample(100, 400, 1000);

    (void)state;
    assert_int_equal(bsti_load_share(&s, false), BSTI_SHARE_NONE);
    assert_int_equal(bsti_load_share(&s, true), BSTI_SHARE_PROBE);
}

static void share_without_messages_counts_the_turns(void **state)
{
    struct bsti_load_sample s = sample(1, 0, 2);

    (void)state;
    assert_int_equal(bsti_load_share(&s, false), BSTI_SHARE_ALL);
}

static void interval_aims_at_twenty_microseconds(void **state)
{
    struct bsti_load_sample s = sample(200, 0, 0);

    (void)state;
    assert_int_equal(bsti_load_interval(&s), 200);
    s.span = 200000;
    assert_int_equal(bsti_load_interval(&s), 20);
}

static void interval_stays_within_its_bounds(void **state)
{
    struct bsti_load_sample s = sample(1, 0, 0);

    (void)state;
    s.span = BST_S(10);
    assert_int_equal(bsti_load_interval(&s), 1);
    s.span = 0;
    assert_int_equal(bsti_load_interval(&s), 1024);
    s.span = 1000;
    s.turns = 1000;
    assert_int_equal(bsti_load_interval(&s), 1024);
}

/* A sample of a worker that only tells, some of it to other workers. */
static struct bsti_load_sample talk(uint64_t tells, uint64_t remote)
{
    struct bsti_load_sample s = sample(100, tells, 0);

    s.tells = tells;
    s.remote = remote;
    return s;
}

static void worker_retreats_from_cheap_talk(void **state)
{
    struct bsti_load_sample s = talk(400, 101);

    (void)state;
    assert_true(bsti_load_retreats(&s));
    s = talk(400, 100);
    assert_false(bsti_load_retreats(&s));
}

static void worker_blames_the_crossing_for_dear_talk(void **state)
{
    /* 150 ns for a message, all of them contended: that is the crossing. */
    struct bsti_load_sample s = talk(133, 133);

    (void)state;
    assert_true(bsti_load_retreats(&s));
    /* As dear, with a third of them crossing: the work itself is dear. */
    s = talk(133, 44);
    assert_false(bsti_load_retreats(&s));
}

static void worker_stays_with_dear_work(void **state)
{
    /* 333 ns for a message are worth a CPU of their own. */
    struct bsti_load_sample s = talk(60, 60);

    (void)state;
    assert_false(bsti_load_retreats(&s));
    s = talk(0, 0);
    assert_false(bsti_load_retreats(&s));
}

static void pause_grows_while_retreats_follow_each_other(void **state)
{
    bst_time first = bsti_load_pause(0, BST_S(1));
    bst_time pause = first;

    (void)state;
    assert_int_equal(first, BST_US(250));
    for (int i = 0; i < 6; i++) {
        assert_int_equal(bsti_load_pause(pause, 8 * pause), 2 * pause);
        pause *= 2;
    }
    assert_int_equal(pause, BST_MS(16));
    assert_int_equal(bsti_load_pause(pause, 0), BST_MS(16));
    /* One that comes long after the last begins anew. */
    assert_int_equal(bsti_load_pause(pause, 8 * pause + 1), first);
}

UNIT_MAIN(cmocka_unit_test(share_of_an_empty_queue_is_none),
          cmocka_unit_test(share_of_dear_work_is_all),
          cmocka_unit_test(share_of_a_short_wait_is_none),
          cmocka_unit_test(share_of_cheap_messages_is_only_a_probe),
          cmocka_unit_test(share_without_messages_counts_the_turns),
          cmocka_unit_test(interval_aims_at_twenty_microseconds),
          cmocka_unit_test(interval_stays_within_its_bounds),
          cmocka_unit_test(worker_retreats_from_cheap_talk),
          cmocka_unit_test(worker_blames_the_crossing_for_dear_talk),
          cmocka_unit_test(worker_stays_with_dear_work),
          cmocka_unit_test(pause_grows_while_retreats_follow_each_other))
