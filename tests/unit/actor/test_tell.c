/*
 * actor/tell, actor/ref: sending, references, mailboxes.
 */

#include "unit/support/rig.h"

#include "unit/unit.h"

static struct bst_supervisor *two(struct rig *rig)
{
    struct bst_supervisor *top;

    rig_init(rig);
    top = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 20, BST_S(5));
    rig_child(rig, top, "a");
    rig_child(rig, top, "b");
    return top;
}

static void start_two(struct rig *rig)
{
    rig_start(rig);
    rig_expect(rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
}

static bst_status tell(bst_ref to, rig_fn *fn, void *arg)
{
    struct rig_order order = {fn, arg};

    return bst_tell(to, RIG_DO, &order, sizeof order);
}

static bst_status say(bst_ref to, const char *text)
{
    return tell(to, rig_say, (void *)(uintptr_t)text);
}

/* ---- results ------------------------------------------------------------- */

static void tell_to_nobody_is_dead(void **state)
{
    bst_ref nobody = {0, 0};

    (void)state;
    assert_int_equal(tell(nobody, rig_count, NULL), BST_DEAD);
    assert_int_equal(bst_cast(nobody, RIG_DO, NULL, 0), BST_DEAD);
    assert_int_equal(bst_ask(nobody, RIG_ASK, NULL, 0, NULL, 0, BST_S(1)),
                     BST_DEAD);
    assert_false(bst_ref_is_group(nobody));
}

static void tell_too_much_is_invalid(void **state)
{
    struct rig rig;

    (void)state;
    two(&rig);
    start_two(&rig);
    assert_int_equal(bst_tell(rig_ref(&rig, "a"), RIG_BLOB, &rig, 1u << 24),
                     BST_INVALID);
    assert_int_equal(bst_cast(rig_group(&rig, "a"), RIG_BLOB, &rig, 1u << 24),
                     BST_INVALID);
    rig_stop_quietly(&rig);
}

static void tell_copies_bodies_of_every_size(void **state)
{
    static const size_t sizes[] = {0,    1,    15,    16,     17,   24,
                                   25,   32,   48,    128,    4000, 4056,
                                   4096, 5000, 65536, 1000000};
    static unsigned char bytes[1000000];
    struct rig rig;
    uint64_t value;
    uint64_t sum = 0;

    (void)state;
    two(&rig);
    start_two(&rig);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        memset(bytes, 1, sizes[i]);
        assert_int_equal(
            bst_tell(rig_ref(&rig, "a"), RIG_BLOB, bytes, sizes[i]), BST_OK);
        memset(bytes, 9, sizes[i]);
        sum += sizes[i];
    }
    assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, &value), BST_OK);
    assert_int_equal(value, sum);
    rig_stop_quietly(&rig);
}

static void b92_tell_keeps_the_order_of_one_sender(void **state)
{
    static const char *const texts[] = {"1", "2", "3", "4", "5", "6", "7", "8"};
    struct rig rig;

    (void)state;
    two(&rig);
    start_two(&rig);
    for (int i = 0; i < 8; i++)
        rig_tell_to_say(&rig, "a", texts[i]);
    rig_expect(&rig, "1\n2\n3\n4\n5\n6\n7\n8\n");
    rig_stop_quietly(&rig);
}

static void b112_mailbox_bound_is_exact(void **state)
{
    struct rig_gate gate = {0};
    struct rig rig;
    struct bst_stats stats;
    uint64_t value;

    (void)state;
    two(&rig);
    rig_part(&rig, "a")->group.mailbox = 5;
    start_two(&rig);
    rig_do(&rig, "a", rig_hold, &gate);
    rig_gate_wait(&gate, 1);
    for (int i = 0; i < 5; i++)
        assert_int_equal(tell(rig_ref(&rig, "a"), rig_count, NULL), BST_OK);
    assert_int_equal(tell(rig_ref(&rig, "a"), rig_count, NULL), BST_FULL);
    assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, NULL), BST_FULL);
    rig_gate_open(&gate);
    rig_settle(&rig, &stats);
    assert_int_equal(stats.refused, 2);
    assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, &value), BST_OK);
    assert_int_equal(value, 5);
    rig_stop_quietly(&rig);
}

static void mailbox_bound_is_256_by_default(void **state)
{
    struct rig_gate gate = {0};
    struct rig rig;

    (void)state;
    two(&rig);
    start_two(&rig);
    rig_do(&rig, "a", rig_hold, &gate);
    rig_gate_wait(&gate, 1);
    for (int i = 0; i < 256; i++)
        assert_int_equal(tell(rig_ref(&rig, "a"), rig_count, NULL), BST_OK);
    assert_int_equal(tell(rig_ref(&rig, "a"), rig_count, NULL), BST_FULL);
    rig_gate_open(&gate);
    rig_stop_quietly(&rig);
}

/* ---- failures ------------------------------------------------------------ */

static void b109_mailbox_survives_a_restart(void **state)
{
    struct rig_gate gate = {0};
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    two(&rig);
    start_two(&rig);
    rig_do(&rig, "a", rig_hold, &gate);
    rig_gate_wait(&gate, 1);
    rig_tell_to_say(&rig, "a", "before");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_tell_to_say(&rig, "a", "behind 1");
    rig_do(&rig, "a", rig_panic, NULL);
    rig_tell_to_say(&rig, "a", "behind 2");
    rig_gate_open(&gate);
    rig_expect_unordered(&rig, "before\n"
                               "down a#1 crashed\nstart a#2\nbehind 1\n"
                               "down a#2 crashed\nstart a#3\nbehind 2\n");
    assert_non_null(strstr(strstr(rig.text, "before"), "behind 1"));
    assert_non_null(strstr(strstr(rig.text, "behind 1"), "behind 2"));
    rig_settle(&rig, &stats);
    assert_int_equal(stats.failed, 2);
    assert_int_equal(stats.handled, 4);
    assert_int_equal(stats.dead, 0);
    rig_stop_quietly(&rig);
}

/* ---- references ---------------------------------------------------------- */

static bst_ref kept_ref;

static bst_status give_incarnation(struct puppet *self, void *arg,
                                   struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    kept_ref = bst_self_incarnation(self);
    return BST_OK;
}

static void b108_child_reference_survives_restarts(void **state)
{
    struct rig rig;
    bst_ref ref;

    (void)state;
    two(&rig);
    start_two(&rig);
    ref = rig_ref(&rig, "a");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nstart a#2\n");
    assert_true(bst_ref_equal(ref, rig_ref(&rig, "a")));
    assert_false(bst_ref_equal(ref, rig_ref(&rig, "b")));
    assert_int_equal(say(ref, "still here"), BST_OK);
    rig_expect(&rig, "still here\n");
    rig_stop_quietly(&rig);
}

static void b108_incarnation_reference_ends_with_it(void **state)
{
    struct rig rig;
    bst_ref first;

    (void)state;
    two(&rig);
    start_two(&rig);
    assert_int_equal(rig_ask(&rig, "a", give_incarnation, NULL, NULL), BST_OK);
    first = kept_ref;
    assert_false(bst_ref_is_group(first));
    assert_int_equal(say(first, "one"), BST_OK);
    rig_expect(&rig, "one\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nstart a#2\n");
    assert_int_equal(say(first, "two"), BST_DEAD);
    assert_int_equal(rig_ask(&rig, "a", give_incarnation, NULL, NULL), BST_OK);
    assert_false(bst_ref_equal(first, kept_ref));
    assert_int_equal(say(kept_ref, "three"), BST_OK);
    rig_expect(&rig, "three\n");
    rig_stop_quietly(&rig);
}

/* Sent to an incarnation that fails before it gets there: nobody has it. */
static void b108_incarnation_message_is_not_for_the_next_one(void **state)
{
    struct rig_gate gate = {0};
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    two(&rig);
    start_two(&rig);
    assert_int_equal(rig_ask(&rig, "a", give_incarnation, NULL, NULL), BST_OK);
    rig_do(&rig, "a", rig_hold, &gate);
    rig_gate_wait(&gate, 1);
    rig_do(&rig, "a", rig_crash, NULL);
    assert_int_equal(say(kept_ref, "lost"), BST_OK);
    rig_tell_to_say(&rig, "a", "found");
    rig_gate_open(&gate);
    rig_expect_unordered(&rig, "down a#1 crashed\nstart a#2\nfound\n");
    rig_settle(&rig, &stats);
    assert_int_equal(stats.dead, 1);
    rig_stop_quietly(&rig);
}

static void ended_for_good_is_dead(void **state)
{
    struct rig rig;

    (void)state;
    two(&rig);
    rig_part(&rig, "a")->group.lifetime = BST_TEMPORARY;
    start_two(&rig);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\n");
    while (tell(rig_ref(&rig, "a"), rig_count, NULL) != BST_DEAD)
        rig_pass();
    assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, NULL), BST_DEAD);
    assert_int_equal(bst_cast(rig_ref(&rig, "a"), RIG_BLOB, "x", 1), BST_DEAD);
    assert_int_equal(bst_cast(rig_group(&rig, "a"), RIG_BLOB, "x", 1),
                     BST_DEAD);
    assert_int_equal(tell(rig_group(&rig, "a"), rig_count, NULL), BST_DEAD);
    rig_stop_quietly(&rig);
}

static void b105_ended_for_good_empties_the_mailbox(void **state)
{
    struct rig_gate gate = {0};
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    two(&rig);
    rig_part(&rig, "a")->group.lifetime = BST_TEMPORARY;
    start_two(&rig);
    rig_do(&rig, "a", rig_hold, &gate);
    rig_gate_wait(&gate, 1);
    rig_do(&rig, "a", rig_crash, NULL);
    for (int i = 0; i < 20; i++)
        rig_do(&rig, "a", rig_count, NULL);
    rig_gate_open(&gate);
    rig_expect(&rig, "down a#1 crashed\n");
    rig_settle(&rig, &stats);
    assert_int_equal(stats.dead, 20);
    assert_int_equal(stats.failed, 1);
    rig_stop_quietly(&rig);
}

/* ---- groups -------------------------------------------------------------- */

static struct bst_supervisor *pool(struct rig *rig, uint32_t members)
{
    struct bst_supervisor *top;
    struct rig_part *w;

    rig_init(rig);
    top = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 20, BST_S(5));
    w = rig_child(rig, top, "w");
    w->group.redundancy = members;
    w->group.lifetime = BST_TRANSIENT;
    return top;
}

static uint64_t member_count(struct rig *rig, uint32_t index)
{
    struct rig_order order = {rig_get, NULL};
    struct rig_answer answer = {0};

    assert_int_equal(bst_ask(rig_member(rig, "w", index), RIG_ASK, &order,
                             sizeof order, &answer, sizeof answer,
                             BST_DECLARED),
                     BST_OK);
    return answer.value;
}

static void tell_to_a_group_goes_round(void **state)
{
    struct rig rig;

    (void)state;
    pool(&rig, 3);
    rig_start(&rig);
    assert_true(bst_ref_is_group(rig_group(&rig, "w")));
    assert_false(bst_ref_is_group(rig_ref(&rig, "w")));
    for (int i = 0; i < 12; i++)
        assert_int_equal(tell(rig_group(&rig, "w"), rig_count, NULL), BST_OK);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(member_count(&rig, i), 4);
    rig_stop_quietly(&rig);
}

static void b132_tell_to_a_group_leaves_out_the_ended(void **state)
{
    struct rig rig;

    (void)state;
    pool(&rig, 3);
    rig_start(&rig);
    assert_int_equal(tell(rig_member(&rig, "w", 1), rig_normal, NULL), BST_OK);
    while (tell(rig_member(&rig, "w", 1), rig_count, NULL) != BST_DEAD)
        rig_pass();
    for (int i = 0; i < 12; i++)
        assert_int_equal(tell(rig_group(&rig, "w"), rig_count, NULL), BST_OK);
    assert_int_equal(member_count(&rig, 0) + member_count(&rig, 2), 12);
    rig_stop_quietly(&rig);
}

static void b106_cast_reaches_every_member(void **state)
{
    static unsigned char bytes[1000];
    static const size_t sizes[] = {1, 127, 128, 1000};
    struct rig rig;
    uint64_t sum = 0;

    (void)state;
    memset(bytes, 1, sizeof bytes);
    pool(&rig, 4);
    rig_start(&rig);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(
            bst_cast(rig_group(&rig, "w"), RIG_BLOB, bytes, sizes[i]), BST_OK);
        sum += sizes[i];
    }
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(member_count(&rig, i), sum);
    assert_int_equal(bst_cast(rig_member(&rig, "w", 2), RIG_BLOB, bytes, 200),
                     BST_OK);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(member_count(&rig, i), sum + (i == 2 ? 200 : 0));
    rig_stop_quietly(&rig);
}

static void cast_that_one_refuses_is_full_but_the_others_have_it(void **state)
{
    static unsigned char bytes[300];
    struct rig_gate gate = {0};
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    memset(bytes, 1, sizeof bytes);
    pool(&rig, 3);
    rig_part(&rig, "w")->group.mailbox = 2;
    rig_start(&rig);
    assert_int_equal(tell(rig_ref(&rig, "w"), rig_hold, &gate), BST_OK);
    rig_gate_wait(&gate, 1);
    for (int i = 0; i < 2; i++)
        assert_int_equal(tell(rig_ref(&rig, "w"), rig_count, NULL), BST_OK);
    assert_int_equal(
        bst_cast(rig_group(&rig, "w"), RIG_BLOB, bytes, sizeof bytes),
        BST_FULL);
    rig_gate_open(&gate);
    rig_settle(&rig, &stats);
    assert_int_equal(stats.refused, 1);
    assert_int_equal(stats.sent, 5);
    assert_int_equal(member_count(&rig, 0), 2);
    assert_int_equal(member_count(&rig, 1), 300);
    assert_int_equal(member_count(&rig, 2), 300);
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_BOTH_WAYS(tell_to_nobody_is_dead),
          RIG_BOTH_WAYS(tell_too_much_is_invalid),
          RIG_BOTH_WAYS(tell_copies_bodies_of_every_size),
          RIG_BOTH_WAYS(b92_tell_keeps_the_order_of_one_sender),
          RIG_BOTH_WAYS(b112_mailbox_bound_is_exact),
          RIG_BOTH_WAYS(mailbox_bound_is_256_by_default),
          RIG_BOTH_WAYS(b109_mailbox_survives_a_restart),
          RIG_BOTH_WAYS(b108_child_reference_survives_restarts),
          RIG_BOTH_WAYS(b108_incarnation_reference_ends_with_it),
          RIG_BOTH_WAYS(b108_incarnation_message_is_not_for_the_next_one),
          RIG_BOTH_WAYS(ended_for_good_is_dead),
          RIG_BOTH_WAYS(b105_ended_for_good_empties_the_mailbox),
          RIG_BOTH_WAYS(tell_to_a_group_goes_round),
          RIG_BOTH_WAYS(b132_tell_to_a_group_leaves_out_the_ended),
          RIG_BOTH_WAYS(b106_cast_reaches_every_member),
          RIG_BOTH_WAYS(cast_that_one_refuses_is_full_but_the_others_have_it))
