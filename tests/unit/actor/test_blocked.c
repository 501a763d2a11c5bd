/*
 * actor/blocked: senders that wait for a place in a full mailbox (B-112).
 */

#define _GNU_SOURCE

#include "unit/support/box.h"

#include "actor/actor.h"
#include "actor/payload.h"
#include "base/alloc.h"
#include "plat/thread.h"
#include "sync/atomic.h"
#include "unit/unit.h"

static struct rig rig;
static struct rig_gate gate;

/* "b" has `places` and blocks for `block`; "a" is an ordinary puppet. It
 * stands last, so that it is stopped first. */
static void prepare(uint32_t places, bst_time block)
{
    struct bst_supervisor *top;

    rig_init(&rig);
    memset(&gate, 0, sizeof gate);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 20, BST_S(5));
    rig_child(&rig, top, "b")->group.overflow = BST_OVERFLOW_BLOCK;
    rig_part(&rig, "b")->group.mailbox = places;
    rig_part(&rig, "b")->group.block = block;
    rig_child(&rig, top, "a");
}

static void start(uint32_t places, bst_time block)
{
    prepare(places, block);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart b#1\nstart a#1\n");
}

static bst_status tell(bst_ref to, rig_fn *fn, void *arg)
{
    struct rig_order order = {fn, arg};

    return bst_tell(to, RIG_DO, &order, sizeof order);
}

/* Keeps "b" in a handler and fills its mailbox. */
static void fill(uint32_t places)
{
    assert_int_equal(tell(rig_ref(&rig, "b"), rig_hold, &gate), BST_OK);
    rig_gate_wait(&gate, 1);
    for (uint32_t i = 0; i < places; i++)
        assert_int_equal(tell(rig_ref(&rig, "b"), rig_count, NULL), BST_OK);
}

static struct bsti_actor *actor_of(const char *name)
{
    return bsti_group_member(
        &rig.system->groups[rig_part(&rig, name)->group.index], 0);
}

/* How many senders wait for a place of "b". */
static uint32_t count_waiting(void)
{
    struct bsti_overflow *overflow = bsti_overflow_of(actor_of("b"));
    uint32_t n = 0;

    bsti_spin_lock(&overflow->lock);
    for (struct bsti_list *item = overflow->waiting.next;
         item != &overflow->waiting; item = item->next)
        n++;
    bsti_spin_unlock(&overflow->lock);
    return n;
}

static void await_waiting(uint32_t n)
{
    while (count_waiting() != n)
        rig_pass();
}

static void end(void)
{
    rig_stop_quietly(&rig);
    assert_int_equal(bsti_alloc_balance(), 0);
}

/* Tells "b" to say the text, and notes the result. */
static bst_status tell_b(struct puppet *self, void *arg,
                         struct rig_answer *answer)
{
    bst_status status = tell(rig_ref(self->rig, "b"), rig_say, arg);

    (void)answer;
    rig_note(self->rig, "%s: %s", (const char *)arg, bst_status_name(status));
    return BST_OK;
}

static void have_a_tell(const char *text)
{
    rig_do(&rig, "a", tell_b, (void *)(uintptr_t)text);
}

/* ---- an actor waits ------------------------------------------------------ */

static void b112_sender_waits_for_a_place(void **state)
{
    struct bst_stats stats;
    uint64_t value;

    (void)state;
    start(2, BST_S(60));
    fill(2);
    have_a_tell("late");
    await_waiting(1);
    bst_system_stats(rig.system, &stats);
    assert_int_equal(stats.sent, 4); /* not yet the one that waits */
    rig_gate_open(&gate);
    rig_expect_unordered(&rig, "late: BST_OK\nlate\n");
    rig_settle(&rig, &stats);
    assert_int_equal(stats.refused, 0);
    assert_int_equal(stats.dropped, 0);
    assert_int_equal(rig_ask(&rig, "b", rig_get, NULL, &value), BST_OK);
    assert_int_equal(value, 2);
    end();
}

static void b112_sender_waits_no_longer_than_declared(void **state)
{
    struct bst_stats stats;
    bst_time begin;

    (void)state;
    start(1, BST_MS(30));
    begin = rig_now(&rig);
    fill(1);
    have_a_tell("never");
    rig_expect(&rig, "never: BST_FULL\n");
    assert_true(rig_now(&rig) - begin >= BST_MS(30));
    assert_int_equal(count_waiting(), 0);
    rig_gate_open(&gate);
    rig_settle(&rig, &stats);
    assert_int_equal(stats.refused, 1);
    /* The bound is what it was. */
    have_a_tell("now");
    rig_expect_unordered(&rig, "now: BST_OK\nnow\n");
    end();
}

static void senders_are_served_in_order(void **state)
{
    static const char *const texts[] = {"s0", "s1", "s2", "s3", "s4",
                                        "s5", "s6", "s7", "s8", "s9"};
    char *at;

    (void)state;
    prepare(3, BST_S(60));
    rig_part(&rig, "a")->group.redundancy = 10;
    rig_start(&rig);
    fill(3);
    for (uint32_t i = 0; i < 10; i++) {
        assert_int_equal(
            tell(rig_member(&rig, "a", i), tell_b, (void *)(uintptr_t)texts[i]),
            BST_OK);
        await_waiting(i + 1);
    }
    rig_gate_open(&gate);
    while (rig_ask(&rig, "b", rig_get, NULL, NULL) != BST_OK ||
           !strstr(rig.text, "\ns9\n"))
        rig_pass();
    at = rig.text;
    for (uint32_t i = 0; i < 10; i++) {
        char line[8];

        snprintf(line, sizeof line, "\n%s\n", texts[i]);
        at = strstr(at, line);
        assert_non_null(at);
    }
    end();
}

static void stop_request_ends_the_wait(void **state)
{
    (void)state;
    start(1, BST_S(60));
    fill(1);
    have_a_tell("stopped");
    await_waiting(1);
    bsti_actor_stop(actor_of("a"));
    rig_expect(&rig, "stopped: BST_STOPPING\nstop a#1\n");
    assert_int_equal(count_waiting(), 0);
    rig_gate_open(&gate);
    end();
}

static bst_status wait_for_stop(struct puppet *self, void *arg,
                                struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    rig_note(self->rig, "waits");
    while (!bst_stopping(self))
        bst_yield(self);
    return tell_b(self, (void *)(uintptr_t) "asked before", NULL);
}

/* The request came before the wait begins. */
static void stop_request_prevents_the_wait(void **state)
{
    (void)state;
    start(1, BST_S(60));
    fill(1);
    rig_do(&rig, "a", wait_for_stop, NULL);
    rig_expect(&rig, "waits\n");
    bsti_actor_stop(actor_of("a"));
    rig_expect(&rig, "asked before: BST_STOPPING\nstop a#1\n");
    rig_gate_open(&gate);
    end();
}

static void kill_ends_the_wait(void **state)
{
    struct bst_stats stats;

    (void)state;
    start(1, BST_S(60));
    fill(1);
    have_a_tell("killed");
    await_waiting(1);
    rig_kill(&rig, "a");
    rig_expect(&rig, "down a#1 killed\nstart a#2\n");
    assert_int_equal(count_waiting(), 0);
    rig_gate_open(&gate);
    have_a_tell("next");
    rig_expect_unordered(&rig, "next: BST_OK\nnext\n");
    rig_settle(&rig, &stats);
    assert_int_equal(stats.failed, 1);
    end();
}

static void receiver_that_ends_for_good_is_dead(void **state)
{
    (void)state;
    prepare(2, BST_S(60));
    rig_part(&rig, "b")->group.lifetime = BST_TEMPORARY;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart b#1\nstart a#1\n");
    assert_int_equal(tell(rig_ref(&rig, "b"), rig_hold, &gate), BST_OK);
    rig_gate_wait(&gate, 1);
    assert_int_equal(tell(rig_ref(&rig, "b"), rig_crash, NULL), BST_OK);
    assert_int_equal(tell(rig_ref(&rig, "b"), rig_count, NULL), BST_OK);
    have_a_tell("orphaned");
    await_waiting(1);
    /* The mailbox is not half empty when it fails, so it serves nobody. */
    rig_gate_open(&gate);
    rig_expect_unordered(&rig, "down b#1 crashed\norphaned: BST_DEAD\n");
    have_a_tell("too late");
    rig_expect(&rig, "too late: BST_DEAD\n");
    end();
}

static void receiver_that_restarts_takes_it(void **state)
{
    (void)state;
    start(3, BST_S(60));
    assert_int_equal(tell(rig_ref(&rig, "b"), rig_hold, &gate), BST_OK);
    rig_gate_wait(&gate, 1);
    assert_int_equal(tell(rig_ref(&rig, "b"), rig_crash, NULL), BST_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(tell(rig_ref(&rig, "b"), rig_count, NULL), BST_OK);
    have_a_tell("patient");
    await_waiting(1);
    rig_gate_open(&gate);
    rig_expect_unordered(&rig, "down b#1 crashed\nstart b#2\npatient\n"
                               "patient: BST_OK\n");
    end();
}

/* ---- where nobody may wait ----------------------------------------------- */

static bst_status tell_self(struct puppet *self, void *arg,
                            struct rig_answer *answer)
{
    bst_status first = tell(rig_ref(self->rig, "b"), rig_count, NULL);
    bst_status second = tell(rig_ref(self->rig, "b"), rig_count, NULL);

    (void)arg;
    (void)answer;
    rig_note(self->rig, "self %s %s", bst_status_name(first),
             bst_status_name(second));
    return BST_OK;
}

static void nobody_waits_for_itself(void **state)
{
    (void)state;
    start(1, BST_S(60));
    rig_do(&rig, "b", tell_self, NULL);
    rig_expect(&rig, "self BST_OK BST_FULL\n");
    end();
}

static bst_status stop_and_tell(struct puppet *self, void *arg,
                                struct rig_answer *answer)
{
    (void)arg;
    return tell_b(self, (void *)(uintptr_t) "in stop", answer);
}

static void on_stop_does_not_wait(void **state)
{
    (void)state;
    prepare(1, BST_S(60));
    rig_part(&rig, "a")->on_stop = stop_and_tell;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart b#1\nstart a#1\n");
    fill(1);
    bsti_actor_stop(actor_of("a"));
    rig_expect(&rig, "stop a#1\nin stop: BST_FULL\n");
    rig_gate_open(&gate);
    end();
}

static void tell_in_cleanup(void *arg)
{
    struct puppet *self = arg;

    tell_b(self, (void *)(uintptr_t) "in cleanup", NULL);
}

static bst_status defer_a_tell(struct puppet *self, void *arg,
                               struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    bst_defer(self, tell_in_cleanup, self);
    return BST_FAIL;
}

static void cleanups_do_not_wait(void **state)
{
    (void)state;
    start(1, BST_S(60));
    fill(1);
    rig_do(&rig, "a", defer_a_tell, NULL);
    rig_expect(&rig, "in cleanup: BST_FULL\ndown a#1 crashed\nstart a#2\n");
    rig_gate_open(&gate);
    end();
}

static void casts_do_not_wait(void **state)
{
    static unsigned char bytes[200];

    (void)state;
    memset(bytes, 1, sizeof bytes);
    prepare(1, BST_S(60));
    rig_part(&rig, "b")->group.redundancy = 2;
    rig_start(&rig);
    fill(1);
    assert_int_equal(bst_cast(rig_group(&rig, "b"), RIG_BLOB, bytes, 200),
                     BST_FULL);
    rig_gate_open(&gate);
    end();
}

/* ---- threads wait -------------------------------------------------------- */

struct outside {
    struct bsti_thread thread;
    bst_status status;
    uint64_t answer;
    bool asks;
};

static void send_from_outside(void *arg)
{
    struct outside *self = arg;

    self->status = self->asks ? rig_ask(&rig, "b", rig_get, NULL, &self->answer)
                              : tell(rig_ref(&rig, "b"), rig_count, NULL);
}

static void start_outside(struct outside *outside, bool asks)
{
    *outside = (struct outside){.asks = asks};
    assert_int_equal(bsti_thread_start(&outside->thread, "outside",
                                       send_from_outside, outside),
                     0);
}

static void foreign_threads_wait(void **state)
{
    struct outside outside[4];
    uint64_t value;

    (void)state;
    start(1, BST_S(60));
    fill(1);
    for (uint32_t i = 0; i < 4; i++) {
        start_outside(&outside[i], false);
        await_waiting(i + 1);
    }
    rig_gate_open(&gate);
    for (uint32_t i = 0; i < 4; i++) {
        bsti_thread_join(&outside[i].thread);
        assert_int_equal(outside[i].status, BST_OK);
    }
    assert_int_equal(rig_ask(&rig, "b", rig_get, NULL, &value), BST_OK);
    assert_int_equal(value, 5);
    end();
}

static void foreign_threads_give_up(void **state)
{
    (void)state;
    start(1, BST_MS(20));
    fill(1);
    assert_int_equal(tell(rig_ref(&rig, "b"), rig_count, NULL), BST_FULL);
    assert_int_equal(rig_ask(&rig, "b", rig_get, NULL, NULL), BST_FULL);
    assert_int_equal(count_waiting(), 0);
    rig_gate_open(&gate);
    end();
}

/* ---- questions ----------------------------------------------------------- */

static bst_status ask_b(struct puppet *self, void *arg,
                        struct rig_answer *answer)
{
    struct rig_order order = {rig_get, NULL};
    struct rig_answer found = {77};
    const bst_time *within = arg;
    bst_status status =
        bst_ask(rig_ref(self->rig, "b"), RIG_ASK, &order, sizeof order, &found,
                sizeof found, within ? *within : BST_DECLARED);

    (void)answer;
    rig_note(self->rig, "asked: %s %llu", bst_status_name(status),
             (unsigned long long)found.value);
    return BST_OK;
}

static void questions_wait_for_a_place_first(void **state)
{
    struct outside outside;

    (void)state;
    start(1, BST_S(60));
    fill(1);
    rig_do(&rig, "a", ask_b, NULL);
    await_waiting(1);
    start_outside(&outside, true);
    await_waiting(2);
    rig_gate_open(&gate);
    rig_expect(&rig, "asked: BST_OK 1\n");
    bsti_thread_join(&outside.thread);
    assert_int_equal(outside.status, BST_OK);
    assert_int_equal(outside.answer, 1);
    end();
}

static void questions_do_not_outwait_their_deadline(void **state)
{
    static bst_time soon = BST_MS(20);

    (void)state;
    start(1, BST_S(60));
    fill(1);
    rig_do(&rig, "a", ask_b, &soon);
    rig_expect(&rig, "asked: BST_FULL 77\n");
    rig_gate_open(&gate);
    end();
}

/* It was given a place when it was killed: the place goes back. */
static void killed_asker_leaves_no_place_taken(void **state)
{
    (void)state;
    start(1, BST_S(60));
    for (int i = 0; i < 100; i++) {
        memset(&gate, 0, sizeof gate);
        fill(1);
        rig_do(&rig, "a", ask_b, NULL);
        await_waiting(1);
        rig_gate_open(&gate);
        rig_kill(&rig, "a");
        while (rig_ask(&rig, "b", rig_get, NULL, NULL) != BST_OK)
            rig_pass();
        /* It may have been done before it was killed. */
        while (rig_ask(&rig, "a", rig_get, NULL, NULL) != BST_OK)
            rig_pass();
        rig.sups[0].table.restart.mode = BST_RESTART_ALWAYS;
    }
    memset(&gate, 0, sizeof gate);
    fill(1);
    assert_int_equal(count_waiting(), 0);
    rig_gate_open(&gate);
    end();
}

/* ---- handlers on the blocking pool --------------------------------------- */

static struct bst_actor pooled;
static struct bst_handler pooled_handlers[16];

static void start_pooled(void)
{
    struct rig_part *part;

    prepare(1, BST_S(60));
    part = rig_part(&rig, "a");
    pooled = *part->group.actor;
    memcpy(pooled_handlers, pooled.handlers,
           pooled.nhandlers * sizeof pooled_handlers[0]);
    for (uint32_t i = 0; i < pooled.nhandlers; i++)
        if (pooled_handlers[i].kind == RIG_DO)
            pooled_handlers[i].blocking = 1;
    pooled.handlers = pooled_handlers;
    part->group.actor = &pooled;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart b#1\nstart a#1\n");
    fill(1);
}

static void blocking_handlers_wait(void **state)
{
    (void)state;
    start_pooled();
    have_a_tell("pooled");
    await_waiting(1);
    rig_gate_open(&gate);
    rig_expect_unordered(&rig, "pooled\npooled: BST_OK\n");
    rig_do(&rig, "a", ask_b, NULL);
    rig_expect(&rig, "asked: BST_OK 1\n");
    end();
}

static void blocking_handlers_heed_a_stop(void **state)
{
    (void)state;
    start_pooled();
    have_a_tell("pooled");
    await_waiting(1);
    bsti_actor_stop(actor_of("a"));
    rig_expect(&rig, "pooled: BST_STOPPING\nstop a#1\n");
    rig_gate_open(&gate);
    end();
}

/* Whether it hears of the end of its wait is a race against its own. */
static bst_status tell_b_quietly(struct puppet *self, void *arg,
                                 struct rig_answer *answer)
{
    struct rig_order order = {rig_count, NULL};

    (void)arg;
    (void)answer;
    return bst_tell(rig_ref(self->rig, "b"), RIG_DO, &order, sizeof order);
}

static void blocking_handlers_heed_a_kill(void **state)
{
    (void)state;
    start_pooled();
    rig_do(&rig, "a", tell_b_quietly, NULL);
    await_waiting(1);
    rig_kill(&rig, "a");
    rig_expect(&rig, "down a#1 killed\nstart a#2\n");
    rig_gate_open(&gate);
    end();
}

/* ---- what messages own --------------------------------------------------- */

static bst_status tell_line_to_b(struct puppet *self, void *arg,
                                 struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    rig_note(self->rig, "line: %s",
             bst_status_name(box_tell_line(rig_ref(self->rig, "b"))));
    return BST_OK;
}

static void start_boxes(bst_time block)
{
    struct rig_part *b;

    memset(&gate, 0, sizeof gate);
    box_init();
    b = box_add("b");
    b->group.overflow = BST_OVERFLOW_BLOCK;
    b->group.mailbox = 1;
    b->group.block = block;
    box_add("a");
    rig_start(&box_rig);
    rig_expect(&box_rig, "start top#1 (sup)\nstart b#1\nstart a#1\n");
    rig_do(&box_rig, "b", rig_hold, &gate);
    rig_gate_wait(&gate, 1);
    rig_do(&box_rig, "b", rig_count, NULL);
    rig_do(&box_rig, "a", tell_line_to_b, NULL);
}

static void blocked_line_is_sent(void **state)
{
    (void)state;
    start_boxes(BST_S(60));
    rig_gate_open(&gate);
    rig_expect(&box_rig, "line: BST_OK\n");
    box_looked_at(1);
    box_nothing_is_left();
}

static void blocked_line_that_is_refused_is_freed(void **state)
{
    (void)state;
    start_boxes(BST_MS(10));
    rig_expect(&box_rig, "line: BST_FULL\n");
    rig_gate_open(&gate);
    box_looked_at(0);
    box_nothing_is_left();
}

static void blocked_line_of_a_killed_sender_is_freed(void **state)
{
    (void)state;
    start_boxes(BST_S(60));
    rig_wait(&box_rig, BST_MS(10));
    rig_kill(&box_rig, "a");
    rig_expect(&box_rig, "down a#1 killed\nstart a#2\n");
    rig_gate_open(&gate);
    box_looked_at(0);
    box_nothing_is_left();
}

UNIT_MAIN(
    RIG_TEST(b112_sender_waits_for_a_place),
    RIG_TEST(b112_sender_waits_no_longer_than_declared),
    RIG_TEST(senders_are_served_in_order), RIG_TEST(stop_request_ends_the_wait),
    RIG_TEST(stop_request_prevents_the_wait), RIG_TEST(kill_ends_the_wait),
    RIG_TEST(receiver_that_ends_for_good_is_dead),
    RIG_TEST(receiver_that_restarts_takes_it),
    RIG_TEST(nobody_waits_for_itself), RIG_TEST(on_stop_does_not_wait),
    RIG_TEST(cleanups_do_not_wait), RIG_TEST(casts_do_not_wait),
    RIG_THREADS(foreign_threads_wait), RIG_TEST(foreign_threads_give_up),
    RIG_THREADS(questions_wait_for_a_place_first),
    RIG_TEST(questions_do_not_outwait_their_deadline),
    RIG_TEST(killed_asker_leaves_no_place_taken),
    RIG_TEST(blocking_handlers_wait), RIG_TEST(blocking_handlers_heed_a_stop),
    RIG_THREADS(blocking_handlers_heed_a_kill), RIG_TEST(blocked_line_is_sent),
    RIG_TEST(blocked_line_that_is_refused_is_freed),
    RIG_TEST(blocked_line_of_a_killed_sender_is_freed))
