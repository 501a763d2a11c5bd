/*
 * actor/overflow: full mailboxes that drop messages (B-112, exact counts).
 */

#include "unit/support/rig.h"

#include "actor/actor.h"
#include "base/alloc.h"
#include "sync/atomic.h"
#include "unit/unit.h"

static struct rig rig;
static struct rig_gate gate;

/* "b" has a mailbox of `places` that does `how` when it is full. */
static void prepare(enum bst_overflow how, uint32_t places)
{
    struct bst_supervisor *top;

    rig_init(&rig);
    memset(&gate, 0, sizeof gate);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 20, BST_S(5));
    rig_child(&rig, top, "a");
    rig_child(&rig, top, "b")->group.overflow = how;
    rig_part(&rig, "b")->group.mailbox = places;
}

static void start(void)
{
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
}

static bst_status tell(bst_ref to, rig_fn *fn, void *arg)
{
    struct rig_order order = {fn, arg};

    return bst_tell(to, RIG_DO, &order, sizeof order);
}

static bst_status say(const char *text)
{
    return tell(rig_ref(&rig, "b"), rig_say, (void *)(uintptr_t)text);
}

static void hold(void)
{
    assert_int_equal(tell(rig_ref(&rig, "b"), rig_hold, &gate), BST_OK);
    rig_gate_wait(&gate, 1);
}

static void expect_counts(uint64_t handled, uint64_t dropped, uint64_t refused)
{
    struct bst_stats stats;

    do
        rig_settle(&rig, &stats);
    while (stats.handled < handled);
    assert_int_equal(stats.handled, handled);
    assert_int_equal(stats.dropped, dropped);
    assert_int_equal(stats.refused, refused);
}

static void end(void)
{
    rig_stop_quietly(&rig);
    assert_int_equal(bsti_alloc_balance(), 0);
}

static const char *const words[] = {"1", "2", "3", "4", "5",
                                    "6", "7", "8", "9"};

/* ---- drop_newest --------------------------------------------------------- */

static void b112_drop_newest_keeps_the_first(void **state)
{
    (void)state;
    prepare(BST_OVERFLOW_DROP_NEWEST, 3);
    start();
    hold();
    for (int i = 0; i < 9; i++)
        assert_int_equal(say(words[i]), BST_OK);
    rig_gate_open(&gate);
    rig_expect(&rig, "1\n2\n3\n");
    expect_counts(4, 6, 0);
    assert_int_equal(say("again"), BST_OK);
    rig_expect(&rig, "again\n");
    end();
}

static void drop_newest_refuses_questions(void **state)
{
    uint64_t value;

    (void)state;
    prepare(BST_OVERFLOW_DROP_NEWEST, 1);
    start();
    hold();
    assert_int_equal(tell(rig_ref(&rig, "b"), rig_count, NULL), BST_OK);
    assert_int_equal(rig_ask(&rig, "b", rig_get, NULL, &value), BST_FULL);
    rig_gate_open(&gate);
    expect_counts(2, 0, 1);
    assert_int_equal(rig_ask(&rig, "b", rig_get, NULL, &value), BST_OK);
    assert_int_equal(value, 1);
    end();
}

/* A member that drops has not refused. */
static void drop_newest_in_a_cast_is_taken(void **state)
{
    static unsigned char bytes[200];

    (void)state;
    memset(bytes, 1, sizeof bytes);
    prepare(BST_OVERFLOW_DROP_NEWEST, 2);
    rig_part(&rig, "b")->group.redundancy = 2;
    rig_start(&rig);
    hold();
    for (int i = 0; i < 2; i++)
        assert_int_equal(tell(rig_ref(&rig, "b"), rig_count, NULL), BST_OK);
    assert_int_equal(bst_cast(rig_group(&rig, "b"), RIG_BLOB, bytes, 10),
                     BST_OK);
    assert_int_equal(bst_cast(rig_group(&rig, "b"), RIG_BLOB, bytes, 200),
                     BST_OK);
    rig_gate_open(&gate);
    expect_counts(5, 2, 0);
    end();
}

/* ---- drop_oldest --------------------------------------------------------- */

static void b112_drop_oldest_keeps_the_last(void **state)
{
    (void)state;
    prepare(BST_OVERFLOW_DROP_OLDEST, 3);
    start();
    hold();
    for (int i = 0; i < 9; i++)
        assert_int_equal(say(words[i]), BST_OK);
    rig_gate_open(&gate);
    rig_expect(&rig, "7\n8\n9\n");
    expect_counts(4, 6, 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(say(words[i]), BST_OK);
    rig_expect(&rig, "1\n2\n3\n");
    expect_counts(7, 6, 0);
    end();
}

static void drop_oldest_of_one_place(void **state)
{
    (void)state;
    prepare(BST_OVERFLOW_DROP_OLDEST, 1);
    start();
    hold();
    for (int i = 0; i < 4; i++)
        assert_int_equal(say(words[i]), BST_OK);
    rig_gate_open(&gate);
    rig_expect(&rig, "4\n");
    expect_counts(2, 3, 0);
    end();
}

static bst_status ask_b(struct puppet *self, void *arg,
                        struct rig_answer *answer)
{
    struct rig_order order = {rig_get, NULL};
    struct rig_answer found;
    bst_status status =
        bst_ask(rig_ref(self->rig, "b"), RIG_ASK, &order, sizeof order, &found,
                sizeof found, BST_DECLARED);

    (void)arg;
    (void)answer;
    rig_note(self->rig, "asked %s", bst_status_name(status));
    return BST_OK;
}

/* Whoever asked is told at once that the question was dropped. */
static void drop_oldest_tells_the_asker(void **state)
{
    struct bst_stats stats;

    (void)state;
    prepare(BST_OVERFLOW_DROP_OLDEST, 2);
    start();
    hold();
    rig_do(&rig, "a", ask_b, NULL);
    do {
        rig_pass();
        bst_system_stats(rig.system, &stats);
    } while (stats.sent < 3);
    assert_int_equal(say("1"), BST_OK);
    assert_int_equal(say("2"), BST_OK);
    rig_expect(&rig, "asked BST_FULL\n");
    rig_gate_open(&gate);
    rig_expect(&rig, "1\n2\n");
    expect_counts(4, 1, 0);
    rig_do(&rig, "a", ask_b, NULL);
    rig_expect(&rig, "asked BST_OK\n");
    end();
}

static bst_status tell_question(struct puppet *self, void *arg,
                                struct rig_answer *answer)
{
    struct rig_order order = {rig_get, NULL};

    (void)arg;
    (void)answer;
    for (int i = 0; i < 5; i++)
        assert_int_equal(
            bst_tell(rig_ref(self->rig, "a"), RIG_ASK, &order, sizeof order),
            BST_OK);
    return rig_hold(self, &gate, NULL);
}

/* They take no place: none of them is dropped, and none drops another. */
static void drop_oldest_spares_answers(void **state)
{
    struct bst_stats stats;

    (void)state;
    prepare(BST_OVERFLOW_DROP_OLDEST, 2);
    start();
    assert_int_equal(tell(rig_ref(&rig, "b"), tell_question, NULL), BST_OK);
    rig_gate_wait(&gate, 1);
    do {
        rig_pass();
        bst_system_stats(rig.system, &stats);
    } while (stats.sent < 11);
    for (int i = 0; i < 4; i++)
        assert_int_equal(say(words[i]), BST_OK);
    rig_gate_open(&gate);
    rig_expect(&rig, "answer 0\nanswer 0\nanswer 0\nanswer 0\nanswer 0\n"
                     "3\n4\n");
    expect_counts(13, 2, 0);
    end();
}

static bst_status sleep_and_say(struct puppet *self, void *arg,
                                struct rig_answer *answer)
{
    (void)answer;
    rig_note(self->rig, "%s begins", (const char *)arg);
    bst_sleep(self, BST_MS(2));
    return rig_say(self, arg, NULL);
}

/* The message that is handled is out of the queue; nothing else runs. */
static void drop_oldest_with_waiting_handlers(void **state)
{
    (void)state;
    prepare(BST_OVERFLOW_DROP_OLDEST, 2);
    start();
    hold();
    for (int i = 0; i < 4; i++)
        assert_int_equal(tell(rig_ref(&rig, "b"), sleep_and_say,
                              (void *)(uintptr_t)words[i]),
                         BST_OK);
    rig_gate_open(&gate);
    rig_expect(&rig, "3 begins\n3\n4 begins\n4\n");
    expect_counts(3, 2, 0);
    end();
}

static void drop_oldest_survives_failures(void **state)
{
    struct bst_stats stats;

    (void)state;
    prepare(BST_OVERFLOW_DROP_OLDEST, 4);
    start();
    hold();
    assert_int_equal(say("0"), BST_OK);
    assert_int_equal(tell(rig_ref(&rig, "b"), rig_crash, NULL), BST_OK);
    assert_int_equal(say("1"), BST_OK);
    assert_int_equal(tell(rig_ref(&rig, "b"), rig_panic, NULL), BST_OK);
    assert_int_equal(say("2"), BST_OK);
    rig_gate_open(&gate);
    rig_expect_unordered(&rig, "down b#1 crashed\nstart b#2\n1\n"
                               "down b#2 crashed\nstart b#3\n2\n");
    rig_settle(&rig, &stats);
    assert_int_equal(stats.failed, 2);
    assert_int_equal(stats.dropped, 1);
    assert_int_equal(tell(rig_ref(&rig, "b"), rig_normal, NULL), BST_OK);
    rig_expect(&rig, "down b#3 normal\nstart b#4\n");
    assert_int_equal(say("3"), BST_OK);
    rig_expect(&rig, "3\n");
    end();
}

static void drop_oldest_killed_in_a_wait(void **state)
{
    struct bst_stats stats;
    static bst_time hour = BST_S(3600);

    (void)state;
    prepare(BST_OVERFLOW_DROP_OLDEST, 2);
    start();
    assert_int_equal(tell(rig_ref(&rig, "b"), rig_sleep, &hour), BST_OK);
    rig_expect(&rig, "asleep\n");
    assert_int_equal(say("behind"), BST_OK);
    rig_kill(&rig, "b");
    rig_expect_unordered(&rig, "down b#1 killed\nstart b#2\nbehind\n");
    rig_settle(&rig, &stats);
    assert_int_equal(stats.failed, 1);
    end();
}

static void drop_oldest_closed_is_emptied(void **state)
{
    struct bst_stats stats;

    (void)state;
    prepare(BST_OVERFLOW_DROP_OLDEST, 10);
    rig_part(&rig, "b")->group.lifetime = BST_TEMPORARY;
    start();
    hold();
    for (int i = 0; i < 15; i++)
        assert_int_equal(i == 5 ? tell(rig_ref(&rig, "b"), rig_crash, NULL)
                                : say("nobody"),
                         BST_OK);
    rig_gate_open(&gate);
    rig_expect(&rig, "down b#1 crashed\n");
    while (say("nobody") != BST_DEAD)
        rig_pass();
    rig_settle(&rig, &stats);
    assert_int_equal(stats.failed, 1);
    assert_true(stats.dropped >= 5);
    assert_true(stats.dead >= 9);
    end();
}

static bst_status again(struct puppet *self, void *arg,
                        struct rig_answer *answer)
{
    _Atomic uint32_t *go_on = arg;

    (void)answer;
    if (!bsti_load_relaxed(go_on))
        return BST_OK;
    return tell(rig_ref(self->rig, "b"), again, arg);
}

static struct bst_timer ticks[] = {{BST_EVERY, BST_MS(1)}};
static _Atomic uint32_t go_on;

static bst_status handle_ticks(void *state, const struct bst_msg *in,
                               void *answer)
{
    if (in->kind != BST_KIND_TIMER)
        return rig_puppet.handle(state, in, answer);
    bsti_store_relaxed(&go_on, 0u);
    return BST_OK;
}

/* The queue is never empty; what comes beside it is served all the same. */
static void drop_oldest_lets_ticks_in(void **state)
{
    static struct bst_actor ticking;

    (void)state;
    prepare(BST_OVERFLOW_DROP_OLDEST, 4);
    ticking = rig_puppet;
    ticking.handle = handle_ticks;
    ticking.timers = ticks;
    ticking.ntimers = 1;
    rig_part(&rig, "b")->group.actor = &ticking;
    bsti_store_relaxed(&go_on, 1u);
    start();
    for (int i = 0; i < 3; i++)
        assert_int_equal(tell(rig_ref(&rig, "b"), again, &go_on), BST_OK);
    while (bsti_load_relaxed(&go_on))
        rig_pass();
    end();
}

UNIT_MAIN(RIG_TEST(b112_drop_newest_keeps_the_first),
          RIG_TEST(drop_newest_refuses_questions),
          RIG_TEST(drop_newest_in_a_cast_is_taken),
          RIG_TEST(b112_drop_oldest_keeps_the_last),
          RIG_TEST(drop_oldest_of_one_place),
          RIG_TEST(drop_oldest_tells_the_asker),
          RIG_TEST(drop_oldest_spares_answers),
          RIG_TEST(drop_oldest_with_waiting_handlers),
          RIG_TEST(drop_oldest_survives_failures),
          RIG_TEST(drop_oldest_killed_in_a_wait),
          RIG_TEST(drop_oldest_closed_is_emptied),
          RIG_TEST(drop_oldest_lets_ticks_in))
