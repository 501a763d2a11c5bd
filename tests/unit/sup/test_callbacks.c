/*
 * sup/callbacks: in which order functions of the user are called at the start
 * and the end of children and supervisors, with what, and what follows from
 * their failures.
 */

#include "unit/support/telling.h"

#include "sup/sup.h"
#include "unit/unit.h"

/* A supervisor of a child "a" with callbacks. */
static struct bst_supervisor *top_a(struct rig *rig, enum bst_strategy strategy,
                                    const struct bst_callbacks *callbacks)
{
    struct bst_supervisor *top;

    telling_fails(NULL, BST_OK, 0);
    rig_init(rig);
    top = rig_sup(rig, NULL, "top", strategy, 3, BST_S(60));
    rig_child(rig, top, "a")->group.callbacks = callbacks;
    return top;
}

#define UP_A                                                                   \
    "start top#1 (sup)\nbefore_start a#1 none\nafter_start a#1 none\n"         \
    "start a#1\n"
#define DOWN_A(n)                                                              \
    "stop a#" n "\ndown a#" n " shutdown\nafter_stop a#" n " shutdown\n"       \
    "down top#1 shutdown\n"

/* ---- order --------------------------------------------------------------- */

static void b83_every_callback_runs_once(void **state)
{
    struct rig rig;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, &telling_all);
    rig_start(&rig);
    rig_expect(&rig, UP_A);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nbefore_restart a#1 failed\n"
                     "after_restart a#2 failed\nstart a#2\n");
    rig_stop(&rig, DOWN_A("2"));
}

static void b83_members_are_called_each(void **state)
{
    struct rig rig;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, &telling_all);
    rig_part(&rig, "a")->group.redundancy = 2;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\n"
                     "before_start 0#1 none\nafter_start 0#1 none\n"
                     "start a/0#1\n"
                     "before_start 1#1 none\nafter_start 1#1 none\n"
                     "start a/1#1\n");
    rig_stop(&rig, "stop a/1#1\ndown a/1#1 shutdown\nafter_stop 1#1 shutdown\n"
                   "stop a/0#1\ndown a/0#1 shutdown\nafter_stop 0#1 shutdown\n"
                   "down top#1 shutdown\n");
}

static void b84_callbacks_that_are_not_set_fall_back(void **state)
{
    struct rig rig;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, &telling_few);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nbefore_start a#1 none\nstart a#1\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nafter_stop a#1 failed\n"
                     "before_start a#2 failed\nstart a#2\n");
    rig_stop(&rig, DOWN_A("2"));
}

static void b85_never_restarted_is_never_told_so(void **state)
{
    struct rig rig;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, &telling_all);
    rig_part(&rig, "a")->group.lifetime = BST_TEMPORARY;
    rig_start(&rig);
    rig_expect(&rig, UP_A);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nafter_stop a#1 failed\n");
    rig_stop(&rig, "down top#1 shutdown\n");
}

/* One that has stopped for good begins as if for the first time. */
static void b86_group_restart_of_one_that_had_stopped(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;

    (void)state;
    top = top_a(&rig, BST_ONE_FOR_ALL, &telling_all);
    rig_part(&rig, "a")->group.lifetime = BST_TRANSIENT;
    rig_child(&rig, top, "b")->group.callbacks = &telling_all;
    rig_child(&rig, top, "c");
    rig_start(&rig);
    rig_expect(&rig, UP_A "before_start b#1 none\nafter_start b#1 none\n"
                          "start b#1\nstart c#1\n");
    rig_do(&rig, "a", rig_normal, NULL);
    rig_expect(&rig, "down a#1 normal\nafter_stop a#1 normal\n");
    rig_do(&rig, "c", rig_crash, NULL);
    rig_expect(&rig,
               "down c#1 crashed\n"
               "stop b#1\ndown b#1 shutdown\nbefore_restart b#1 shutdown\n"
               "before_start a#2 none\nafter_start a#2 none\nstart a#2\n"
               "after_restart b#2 shutdown\nstart b#2\nstart c#2\n");
    rig_stop_quietly(&rig);
}

static void b83_backoff_lies_between_the_two(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;

    (void)state;
    top = top_a(&rig, BST_ONE_FOR_ONE, &telling_all);
    top->restart.backoff = BST_LINEAR;
    top->restart.step = BST_S(3600);
    rig_start(&rig);
    rig_expect(&rig, UP_A);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nbefore_restart a#1 failed\n");
    /* Its end was told, so that the stop has nothing to add. */
    rig_stop(&rig, "down top#1 shutdown\n");
}

static void b83_giving_up_is_a_stop(void **state)
{
    struct rig rig;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, &telling_all)->restart.tries = 0;
    rig_start(&rig);
    rig_expect(&rig, UP_A);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_end(&rig, 3,
            "down a#1 crashed\nafter_stop a#1 failed\ndown top#1 shutdown\n");
}

static void b83_declined_starts_end_too(void **state)
{
    struct rig rig;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, &telling_all);
    rig_part(&rig, "a")->declines = true;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nbefore_start a#1 none\nignore a#1\n"
                     "after_stop a#1 declined\n");
    rig_stop(&rig, "down top#1 shutdown\n");
}

static void b83_killed_ones_are_told_of(void **state)
{
    struct rig rig;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, &telling_all);
    rig_start(&rig);
    rig_expect(&rig, UP_A);
    rig_kill(&rig, "a");
    rig_expect(&rig, "down a#1 killed\nbefore_restart a#1 killed\n"
                     "after_restart a#2 killed\nstart a#2\n");
    rig_stop(&rig, DOWN_A("2"));
}

/* ---- supervisors --------------------------------------------------------- */

/* A root with callbacks, and one below it with some of its own. */
static struct bst_supervisor *two_sups(struct rig *rig)
{
    struct bst_supervisor *top;
    struct bst_supervisor *inner;

    telling_fails(NULL, BST_OK, 0);
    rig_init(rig);
    top = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 3, BST_S(60));
    inner = rig_sup(rig, top, "inner", BST_ONE_FOR_ONE, 0, BST_S(60));
    rig_child(rig, inner, "a");
    top->callbacks = &telling_all;
    inner->callbacks = &telling_all;
    return inner;
}

static void b83_supervisors_are_called_for_themselves(void **state)
{
    struct rig rig;

    (void)state;
    two_sups(&rig);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nbefore_start top#1 none\n"
                     "start inner#1 (sup)\nbefore_start inner#1 none\n"
                     "start a#1\nafter_start inner#1 none\n"
                     "after_start top#1 none\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\ndown inner#1 shutdown\n"
                     "before_restart inner#1 shutdown\n"
                     "start inner#2 (sup)\nafter_restart inner#2 shutdown\n"
                     "start a#2\n");
    rig_stop(&rig, "stop a#2\ndown a#2 shutdown\ndown inner#2 shutdown\n"
                   "after_stop inner#2 shutdown\ndown top#1 shutdown\n"
                   "after_stop top#1 shutdown\n");
}

static void b87_supervisor_whose_start_is_refused(void **state)
{
    static const char *const names[] = {"before_start", "after_start"};

    (void)state;
    for (int i = 0; i < 4; i++) {
        struct rig rig;

        two_sups(&rig)->callbacks = NULL;
        telling_fails(names[i % 2], i < 2 ? BST_OK : BST_FULL, 1);
        assert_int_equal(rig_try_start(&rig), BST_FAILED);
        if (i % 2 == 0)
            rig_expect(&rig, "start top#1 (sup)\nbefore_start top#1 none\n");
        else
            rig_expect(&rig,
                       "start top#1 (sup)\nbefore_start top#1 none\n"
                       "start inner#1 (sup)\nstart a#1\n"
                       "after_start top#1 none\n"
                       "stop a#1\ndown a#1 shutdown\ndown inner#1 shutdown\n");
        rig_expect(&rig, "down top#1 startfail\nafter_stop top#1 startfail\n");
        rig_free(&rig);
    }
}

static void b87_restart_of_a_supervisor_fails_twice(void **state)
{
    struct rig rig;

    (void)state;
    two_sups(&rig);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nbefore_start top#1 none\n"
                     "start inner#1 (sup)\nbefore_start inner#1 none\n"
                     "start a#1\nafter_start inner#1 none\n"
                     "after_start top#1 none\n");
    telling_fails("after_restart", BST_OK, 2);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\ndown inner#1 shutdown\n"
                     "before_restart inner#1 shutdown\n"
                     "start inner#2 (sup)\nafter_restart inner#2 shutdown\n"
                     "down inner#2 startfail\n"
                     "before_restart inner#2 startfail\n"
                     "start inner#3 (sup)\nafter_restart inner#3 startfail\n"
                     "down inner#3 startfail\n"
                     "before_restart inner#3 startfail\n"
                     "start inner#4 (sup)\nafter_restart inner#4 startfail\n"
                     "start a#2\n");
    rig_stop_quietly(&rig);
}

/* ---- failures of callbacks ----------------------------------------------- */

/* At the start of the program they are failing starts. */
static void b87_start_callbacks_fail_the_start(void **state)
{
    static const char *const names[] = {"before_start", "after_start"};

    (void)state;
    for (int i = 0; i < 4; i++) {
        struct rig rig;

        top_a(&rig, BST_ONE_FOR_ONE, &telling_all);
        telling_fails(names[i % 2], i < 2 ? BST_OK : BST_FULL, 1);
        assert_int_equal(rig_try_start(&rig), BST_FAILED);
        rig_expect(&rig, "start top#1 (sup)\nbefore_start a#1 none\n");
        if (i % 2 == 1)
            rig_expect(&rig, "after_start a#1 none\n");
        rig_expect(&rig, "startfail a#1\nafter_stop a#1 startfail\n"
                         "down top#1 startfail\n");
        rig_free(&rig);
    }
}

/* As those of the restart, which counts them and goes on. */
static void b87_fault_in_before_restart_then_in_the_start(void **state)
{
    struct rig rig;
    uint64_t value = 7;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, &telling_all);
    rig_start(&rig);
    rig_expect(&rig, UP_A);
    telling_fails("before_restart", BST_OK, 1);
    rig_part(&rig, "a")->bad_starts = 1;
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nbefore_restart a#1 failed\n"
                     "after_restart a#2 failed\nstartfail a#2\n"
                     "before_restart a#2 startfail\n"
                     "after_restart a#3 startfail\nstart a#3\n");
    assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, &value), BST_OK);
    assert_int_equal(value, 0);
    rig_stop(&rig, DOWN_A("3"));
}

static void b87_faults_in_after_restart_exceed_the_budget(void **state)
{
    struct rig rig;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, &telling_all)->restart.tries = 2;
    rig_start(&rig);
    rig_expect(&rig, UP_A);
    telling_fails("after_restart", BST_OK, 9);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_end(&rig, 3,
            "down a#1 crashed\nbefore_restart a#1 failed\n"
            "after_restart a#2 failed\nstartfail a#2\n"
            "before_restart a#2 startfail\nafter_restart a#3 startfail\n"
            "startfail a#3\nafter_stop a#3 startfail\ndown top#1 shutdown\n");
}

static void b88_fault_in_after_stop_stops_nobody_else(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;

    (void)state;
    for (int i = 0; i < 2; i++) {
        top = top_a(&rig, BST_ONE_FOR_ONE, &telling_all);
        rig_child(&rig, top, "b")->group.callbacks = &telling_few;
        rig_start(&rig);
        rig_expect(&rig, UP_A "before_start b#1 none\nstart b#1\n");
        telling_fails("after_stop", i == 0 ? BST_OK : BST_DEAD, 2);
        rig_stop(
            &rig,
            "stop b#1\ndown b#1 shutdown\nafter_stop b#1 shutdown\n" DOWN_A(
                "1"));
    }
}

static bst_status abort_at_stop(const struct bst_event *event)
{
    (void)telling_note(event, "after_stop");
    abort();
}

static void b88_abort_in_after_stop_of_the_root(void **state)
{
    static const struct bst_callbacks aborting = {.after_stop = abort_at_stop};
    struct rig rig;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, NULL)->callbacks = &aborting;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\n");
    rig_stop(&rig, "stop a#1\ndown a#1 shutdown\ndown top#1 shutdown\n"
                   "after_stop top#1 shutdown\n");
}

UNIT_MAIN(RIG_BOTH_WAYS(b83_every_callback_runs_once),
          RIG_TEST(b83_members_are_called_each),
          RIG_TEST(b83_backoff_lies_between_the_two),
          RIG_TEST(b83_giving_up_is_a_stop),
          RIG_TEST(b83_declined_starts_end_too),
          RIG_TEST(b83_killed_ones_are_told_of),
          RIG_TEST(b83_supervisors_are_called_for_themselves),
          RIG_TEST(b84_callbacks_that_are_not_set_fall_back),
          RIG_TEST(b85_never_restarted_is_never_told_so),
          RIG_TEST(b86_group_restart_of_one_that_had_stopped),
          RIG_TEST(b87_start_callbacks_fail_the_start),
          RIG_TEST(b87_supervisor_whose_start_is_refused),
          RIG_TEST(b87_restart_of_a_supervisor_fails_twice),
          RIG_TEST(b87_fault_in_before_restart_then_in_the_start),
          RIG_TEST(b87_faults_in_after_restart_exceed_the_budget),
          RIG_TEST(b88_fault_in_after_stop_stops_nobody_else),
          RIG_TEST(b88_abort_in_after_stop_of_the_root))
