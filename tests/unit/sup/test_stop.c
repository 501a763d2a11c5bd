/*
 * sup: stopping in order, children that do not want to, and killing.
 */

#include "unit/support/rig.h"

#include "sup/sup.h"
#include "sync/atomic.h"
#include "unit/unit.h"

static struct bst_supervisor *abc(struct rig *rig)
{
    struct bst_supervisor *top;

    rig_init(rig);
    top = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 3, BST_S(5));
    rig_child(rig, top, "a");
    rig_child(rig, top, "b");
    rig_child(rig, top, "c");
    return top;
}

static void start_abc(struct rig *rig)
{
    rig_start(rig);
    rig_expect(rig, "start top#1 (sup)\nstart a#1\nstart b#1\nstart c#1\n");
}

#define STOPPED(name) "stop " name "#1\ndown " name "#1 shutdown\n"

static void b15_stop_of_a_nested_tree_is_the_reverse(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;
    struct bst_supervisor *one;
    struct bst_supervisor *two;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 3, BST_S(5));
    one = rig_sup(&rig, top, "one", BST_ONE_FOR_ONE, 3, BST_S(5));
    rig_child(&rig, one, "a");
    rig_child(&rig, one, "b");
    two = rig_sup(&rig, top, "two", BST_ONE_FOR_ONE, 3, BST_S(5));
    rig_child(&rig, two, "c");
    rig_child(&rig, two, "d");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\n"
                     "start one#1 (sup)\nstart a#1\nstart b#1\n"
                     "start two#1 (sup)\nstart c#1\nstart d#1\n");
    rig_stop(&rig,
             STOPPED("d") STOPPED("c") "down two#1 shutdown\n" STOPPED("b")
                 STOPPED("a") "down one#1 shutdown\n"
                              "down top#1 shutdown\n");
}

static void b24_stop_twice_is_once(void **state)
{
    struct rig rig;

    (void)state;
    abc(&rig);
    start_abc(&rig);
    bst_system_stop(rig.system);
    bst_system_stop(rig.system);
    rig_stop(&rig,
             STOPPED("c") STOPPED("b") STOPPED("a") "down top#1 shutdown\n");
}

static void stop_waits_for_the_current_handler(void **state)
{
    static bst_time nap = BST_MS(30);
    struct rig rig;

    (void)state;
    abc(&rig);
    start_abc(&rig);
    rig_do(&rig, "b", rig_sleep, &nap);
    rig_expect(&rig, "asleep\n");
    /* What is queued behind the stop is not handled any more. */
    rig_tell_to_say(&rig, "b", "too late");
    rig_stop(&rig,
             STOPPED("c") STOPPED("b") STOPPED("a") "down top#1 shutdown\n");
}

static void b19_stop_slow_but_in_time_is_no_kill(void **state)
{
    struct rig rig;

    (void)state;
    abc(&rig);
    rig_part(&rig, "b")->slow_stop = BST_MS(20);
    rig_part(&rig, "b")->group.shutdown = BST_S(20);
    start_abc(&rig);
    rig_stop(&rig,
             STOPPED("c") STOPPED("b") STOPPED("a") "down top#1 shutdown\n");
}

static void b16_stop_too_slow_is_a_kill(void **state)
{
    struct rig rig;

    (void)state;
    abc(&rig);
    rig_part(&rig, "b")->slow_stop = BST_S(3600);
    rig_part(&rig, "b")->group.shutdown = BST_MS(20);
    start_abc(&rig);
    rig_stop(&rig, STOPPED("c") "stop b#1\ndown b#1 killed\n" STOPPED(
                       "a") "down top#1 shutdown\n");
}

static void b16_stop_kills_a_handler_that_sleeps_too_long(void **state)
{
    static bst_time nap = BST_S(3600);
    struct rig rig;

    (void)state;
    abc(&rig);
    rig_part(&rig, "b")->group.shutdown = BST_MS(20);
    start_abc(&rig);
    rig_do(&rig, "b", rig_sleep, &nap);
    rig_expect(&rig, "asleep\n");
    rig_stop(&rig, STOPPED("c") "down b#1 killed\n" STOPPED(
                       "a") "down top#1 shutdown\n");
}

static bst_status ask_a(struct puppet *self, void *arg,
                        struct rig_answer *answer)
{
    struct rig_order order = {rig_sleep, arg};
    struct rig_answer found;

    (void)answer;
    bst_ask(rig_ref(self->rig, "a"), RIG_ASK, &order, sizeof order, &found,
            sizeof found, BST_DECLARED);
    rig_note(self->rig, "never");
    return BST_OK;
}

static void stop_kills_a_handler_that_asks_too_long(void **state)
{
    static bst_time nap = BST_S(3600);
    struct rig rig;

    (void)state;
    abc(&rig);
    rig_part(&rig, "a")->group.shutdown = BST_SHUTDOWN_KILL;
    rig_part(&rig, "b")->group.shutdown = BST_MS(20);
    start_abc(&rig);
    rig_do(&rig, "b", ask_a, &nap);
    rig_expect(&rig, "asleep\n");
    rig_stop(&rig, STOPPED("c") "down b#1 killed\n"
                                "down a#1 killed\n"
                                "down top#1 shutdown\n");
}

/* Holds until c has ended, and then asks it. */
static bst_status ask_c(struct puppet *self, void *arg,
                        struct rig_answer *answer)
{
    struct rig_order order = {rig_get, NULL};
    struct rig_answer found;
    bst_status status;

    (void)answer;
    rig_hold(self, arg, NULL);
    status = bst_ask(rig_ref(self->rig, "c"), RIG_ASK, &order, sizeof order,
                     &found, sizeof found, BST_DECLARED);
    rig_note(self->rig, "%s", bst_status_name(status));
    return BST_OK;
}

static void stop_answers_for_those_that_have_ended(void **state)
{
    struct rig_gate gate = {0};
    struct rig rig;

    (void)state;
    abc(&rig);
    start_abc(&rig);
    rig_do(&rig, "b", ask_c, &gate);
    rig_gate_wait(&gate, 1);
    bst_system_stop(rig.system);
    rig_expect(&rig, STOPPED("c"));
    rig_gate_open(&gate);
    rig_end(&rig, 0,
            "BST_DEAD\n" STOPPED("b") STOPPED("a") "down top#1 shutdown\n");
}

/* In a child process, as its thread and its system stay behind. */
static void compute_for_ever(void *arg)
{
    struct rig_gate gate = {0};
    struct rig rig;

    (void)arg;
    abc(&rig);
    rig_part(&rig, "b")->group.shutdown = BST_MS(20);
    start_abc(&rig);
    rig_do(&rig, "b", rig_hold, &gate);
    rig_gate_wait(&gate, 1);
    bst_system_stop(rig.system);
    if (bst_system_wait(rig.system) != 0)
        _exit(1);
    rig_expect(&rig, STOPPED("c") STOPPED("a") "down top#1 shutdown\n");
    _exit(0);
}

static void stop_leaves_a_handler_that_computes_for_ever_behind(void **state)
{
    (void)state;
    assert_true(unit_exited(unit_fork(compute_for_ever, NULL, NULL, 0), 0));
}

static void stop_lets_an_orphan_that_ends_in_time_go(void **state)
{
    struct rig_gate gate = {0};
    struct rig rig;

    (void)state;
    abc(&rig);
    rig_part(&rig, "b")->group.shutdown = BST_MS(20);
    rig_part(&rig, "a")->slow_stop = BST_MS(300);
    start_abc(&rig);
    rig_do(&rig, "b", rig_hold, &gate);
    rig_gate_wait(&gate, 1);
    bst_system_stop(rig.system);
    rig_expect(&rig, STOPPED("c") "stop a#1\n");
    rig_gate_open(&gate);
    rig_expect_unordered(&rig, "down b#1 killed\ndown a#1 shutdown\n"
                               "down top#1 shutdown\n");
    rig_end(&rig, 0, "");
}

static bst_status crash_in_stop(struct puppet *self, void *arg,
                                struct rig_answer *answer)
{
    (void)answer;
    if (arg)
        bst_panic(self, "in stop");
    return BST_FAIL;
}

static void stop_handler_that_fails_changes_nothing(void **state)
{
    struct rig rig;

    (void)state;
    abc(&rig);
    rig_part(&rig, "b")->on_stop = crash_in_stop;
    rig_part(&rig, "c")->on_stop = crash_in_stop;
    rig_part(&rig, "c")->arg = &rig;
    start_abc(&rig);
    rig_stop(&rig,
             STOPPED("c") STOPPED("b") STOPPED("a") "down top#1 shutdown\n");
}

static void b21_crash_during_stop_is_not_restarted(void **state)
{
    struct rig_gate gate = {0};
    struct rig rig;

    (void)state;
    abc(&rig);
    rig_part(&rig, "c")->on_stop = rig_hold;
    rig_part(&rig, "c")->arg = &gate;
    start_abc(&rig);
    bst_system_stop(rig.system);
    rig_expect(&rig, "stop c#1\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\n");
    rig_gate_open(&gate);
    rig_end(&rig, 0,
            "down c#1 shutdown\n" STOPPED("b") "down top#1 shutdown\n");
}

static bst_status stop_the_system(struct puppet *self, void *arg,
                                  struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    bst_stop_system(self);
    return BST_OK;
}

static void b12_stop_during_start_starts_no_more(void **state)
{
    struct rig rig;

    (void)state;
    abc(&rig);
    rig_part(&rig, "b")->on_start = stop_the_system;
    rig_start(&rig);
    rig_end(&rig, 0,
            "start top#1 (sup)\nstart a#1\nstart b#1\n" STOPPED("b")
                STOPPED("a") "down top#1 shutdown\n");
}

static void stop_when_a_is_back(struct rig *rig, const char *line)
{
    if (strcmp(line, "start a#2") == 0)
        bst_system_stop(rig->system);
}

/* The stop comes between the start of b and its first turn. */
static void stop_right_after_a_start_is_not_lost(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;

    (void)state;
    rig_init(&rig);
    rig.options.threads = 1;
    rig.on_line = stop_when_a_is_back;
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ALL, 3, BST_S(5));
    rig_child(&rig, top, "a");
    rig_child(&rig, top, "b")->group.lifetime = BST_TRANSIENT;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
    rig_do(&rig, "b", rig_normal, NULL);
    rig_expect(&rig, "down b#1 normal\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nstart a#2\n");
    rig_expect_unordered(&rig, "start b#2\nstop b#2\n");
    rig_end(&rig, 0,
            "down b#2 shutdown\nstop a#2\ndown a#2 shutdown\n"
            "down top#1 shutdown\n");
}

static struct rig_gate end_of_b;

static bst_status hold_and_end(struct puppet *self, void *arg,
                               struct rig_answer *answer)
{
    rig_hold(self, arg, answer);
    return BST_STOP;
}

/* In the supervisor's turn: b ends before it can be asked to stop. */
static void end_b_when_a_is_down(struct rig *rig, const char *line)
{
    struct bsti_actor *b = (void *)rig_ref(rig, "b").target;
    struct bsti_child *child = &b->child;

    if (strcmp(line, "down a#1 crashed") != 0)
        return;
    rig_gate_open(&end_of_b);
    while (!(bsti_load_acquire(&child->events) & BSTI_EVENT_EXITED))
        rig_pass();
}

static void stop_that_comes_too_late_is_not_for_the_next_one(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ALL, 1, BST_S(5));
    rig_child(&rig, top, "a");
    rig_child(&rig, top, "b");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
    rig.on_line = end_b_when_a_is_down;
    rig_do(&rig, "b", hold_and_end, &end_of_b);
    rig_gate_wait(&end_of_b, 1);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\ndown b#1 normal\n"
                     "start a#2\nstart b#2\n");
    assert_int_equal(rig_ask(&rig, "b", rig_get, NULL, NULL), BST_OK);
    rig_stop(&rig, "stop b#2\ndown b#2 shutdown\n"
                   "stop a#2\ndown a#2 shutdown\n"
                   "down top#1 shutdown\n");
}

static void b27_stop_from_a_handler_lets_it_finish(void **state)
{
    struct rig rig;

    (void)state;
    abc(&rig);
    start_abc(&rig);
    rig_do(&rig, "b", stop_the_system, NULL);
    rig_end(&rig, 0,
            STOPPED("c") STOPPED("b") STOPPED("a") "down top#1 shutdown\n");
}

static void stop_of_a_supervisor_in_time_trouble_kills_it(void **state)
{
    static bst_time nap = BST_S(3600);
    struct rig rig;
    struct bst_supervisor *top;
    struct bst_supervisor *in;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 3, BST_S(5));
    in = rig_sup(&rig, top, "in", BST_ONE_FOR_ONE, 3, BST_S(5));
    in->shutdown = BST_MS(20);
    rig_child(&rig, in, "x");
    rig_child(&rig, in, "y")->group.shutdown = BST_S(3600);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart in#1 (sup)\n"
                     "start x#1\nstart y#1\n");
    rig_do(&rig, "y", rig_sleep, &nap);
    rig_expect(&rig, "asleep\n");
    bst_system_stop(rig.system);
    rig_end(&rig, 0,
            "down in#1 killed\ndown x#1 killed\ndown y#1 killed\n"
            "down top#1 shutdown\n");
}

/* ---- killing ------------------------------------------------------------- */

static void kill_of_a_sleeping_handler_restarts_it(void **state)
{
    static bst_time nap = BST_S(3600);
    struct rig rig;

    (void)state;
    abc(&rig);
    start_abc(&rig);
    rig_do(&rig, "b", rig_sleep, &nap);
    rig_expect(&rig, "asleep\n");
    rig_kill(&rig, "b");
    rig_expect(&rig, "down b#1 killed\nstart b#2\n");
    assert_int_equal(rig_ask(&rig, "b", rig_get, NULL, NULL), BST_OK);
    rig_stop_quietly(&rig);
}

static bst_status yield_until(struct puppet *self, void *arg,
                              struct rig_answer *answer)
{
    (void)answer;
    rig_note(self->rig, "yields");
    while (!bsti_load_acquire((_Atomic uint32_t *)arg))
        bst_yield(self);
    rig_note(self->rig, "never");
    return BST_OK;
}

static void kill_of_a_yielding_handler_restarts_it(void **state)
{
    _Atomic uint32_t flag = 0;
    struct rig rig;

    (void)state;
    abc(&rig);
    start_abc(&rig);
    rig_do(&rig, "b", yield_until, &flag);
    rig_expect(&rig, "yields\n");
    rig_kill(&rig, "b");
    rig_expect(&rig, "down b#1 killed\nstart b#2\n");
    rig_stop_quietly(&rig);
}

static void kill_of_a_busy_handler_waits_for_its_end(void **state)
{
    struct rig_gate gate = {0};
    struct rig rig;

    (void)state;
    abc(&rig);
    start_abc(&rig);
    rig_do(&rig, "b", rig_hold, &gate);
    rig_gate_wait(&gate, 1);
    rig_kill(&rig, "b");
    rig_gate_open(&gate);
    rig_expect(&rig, "down b#1 killed\nstart b#2\n");
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_THREADS(stop_leaves_a_handler_that_computes_for_ever_behind),
          RIG_TEST(b15_stop_of_a_nested_tree_is_the_reverse),
          RIG_TEST(b24_stop_twice_is_once),
          RIG_TEST(stop_waits_for_the_current_handler),
          RIG_TEST(b19_stop_slow_but_in_time_is_no_kill),
          RIG_TEST(b16_stop_too_slow_is_a_kill),
          RIG_TEST(b16_stop_kills_a_handler_that_sleeps_too_long),
          RIG_TEST(stop_kills_a_handler_that_asks_too_long),
          RIG_TEST(stop_answers_for_those_that_have_ended),
          RIG_THREADS(stop_lets_an_orphan_that_ends_in_time_go),
          RIG_TEST(stop_handler_that_fails_changes_nothing),
          RIG_TEST(b21_crash_during_stop_is_not_restarted),
          RIG_TEST(b12_stop_during_start_starts_no_more),
          RIG_TEST(stop_right_after_a_start_is_not_lost),
          RIG_THREADS(stop_that_comes_too_late_is_not_for_the_next_one),
          RIG_TEST(b27_stop_from_a_handler_lets_it_finish),
          RIG_TEST(stop_of_a_supervisor_in_time_trouble_kills_it),
          RIG_TEST(kill_of_a_sleeping_handler_restarts_it),
          RIG_TEST(kill_of_a_yielding_handler_restarts_it),
          RIG_THREADS(kill_of_a_busy_handler_waits_for_its_end))
