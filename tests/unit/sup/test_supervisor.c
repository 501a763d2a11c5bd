/*
 * sup: starting, strategies beyond the recorded traces, groups with a budget
 * of their own, escalation.
 */

#include "unit/support/rig.h"

#include "unit/unit.h"

/* ---- starting ------------------------------------------------------------ */

static void b02_start_of_an_empty_supervisor_comes_up(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 1, BST_S(5));
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\n");
    rig_stop(&rig, "down top#1 shutdown\n");
}

/* The next sibling begins only when the one before has started. */
static bst_status slow_start(struct puppet *self, void *arg,
                             struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    bst_sleep(self, BST_MS(5));
    rig_note(self->rig, "%s is ready", self->part->group.name);
    return BST_OK;
}

static void b01_start_waits_for_each_start_handler(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 1, BST_S(5));
    rig_child(&rig, top, "a")->on_start = slow_start;
    rig_child(&rig, top, "b")->on_start = slow_start;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\n"
                     "a is ready\nstart a#1\n"
                     "b is ready\nstart b#1\n");
    rig_stop_quietly(&rig);
}

static void start_members_of_a_group_one_by_one(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 1, BST_S(5));
    rig_child(&rig, top, "w")->group.redundancy = 3;
    rig_child(&rig, top, "z");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\n"
                     "start w/0#1\nstart w/1#1\nstart w/2#1\nstart z#1\n");
    rig_do(&rig, "w", rig_crash, NULL);
    rig_expect(&rig, "down w/0#1 crashed\nstart w/0#2\n");
    rig_stop(&rig, "stop z#1\ndown z#1 shutdown\n"
                   "stop w/2#1\ndown w/2#1 shutdown\n"
                   "stop w/1#1\ndown w/1#1 shutdown\n"
                   "stop w/0#2\ndown w/0#2 shutdown\n"
                   "down top#1 shutdown\n");
}

static void b04_b05_start_declined_is_no_failure(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 0, BST_S(5));
    rig_child(&rig, top, "a")->declines = true;
    rig_child(&rig, top, "t")->declines = true;
    rig_part(&rig, "t")->group.lifetime = BST_TEMPORARY;
    rig_child(&rig, top, "b");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nignore a#1\nignore t#1\nstart b#1\n");
    assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, NULL), BST_DEAD);
    assert_int_equal(rig_ask(&rig, "b", rig_get, NULL, NULL), BST_OK);
    rig_stop(&rig, "stop b#1\ndown b#1 shutdown\ndown top#1 shutdown\n");
}

static void b06_start_by_panic_fails_like_a_failure(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 1, BST_S(5));
    rig_child(&rig, top, "a");
    rig_child(&rig, top, "b")->on_start = rig_panic;
    assert_int_equal(rig_try_start(&rig), BST_FAILED);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstartfail b#1\n"
                     "stop a#1\ndown a#1 shutdown\n"
                     "down top#1 startfail\n");
    rig_free(&rig);
}

/* A tell to a child that is not up yet waits for it. */
static bst_status tell_later_sibling(struct puppet *self, void *arg,
                                     struct rig_answer *answer)
{
    struct rig_order order = {rig_say, arg};

    (void)answer;
    if (bst_tell(rig_ref(self->rig, "b"), RIG_DO, &order, sizeof order) !=
        BST_OK)
        rig_note(self->rig, "refused");
    return BST_OK;
}

static bst_status look_up_system(struct puppet *self, void *arg,
                                 struct rig_answer *answer)
{
    self->rig->system = bst_system_of(self);
    return tell_later_sibling(self, arg, answer);
}

static void b13_start_keeps_messages_to_a_child_that_is_not_up_yet(void **state)
{
    static char text[] = "b got it";
    struct rig rig;
    struct bst_supervisor *top;
    struct rig_part *a;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 1, BST_S(5));
    a = rig_child(&rig, top, "a");
    a->on_start = look_up_system;
    a->arg = text;
    rig_child(&rig, top, "b");
    rig_start(&rig);
    rig_expect_unordered(&rig, "start top#1 (sup)\nstart a#1\n"
                               "b got it\nstart b#1\n");
    rig_stop_quietly(&rig);
}

/* ---- strategies ---------------------------------------------------------- */

static struct bst_supervisor *abc(struct rig *rig, enum bst_strategy strategy,
                                  uint32_t tries)
{
    struct bst_supervisor *top;

    rig_init(rig);
    top = rig_sup(rig, NULL, "top", strategy, tries, BST_S(5));
    rig_child(rig, top, "a");
    rig_child(rig, top, "b");
    rig_child(rig, top, "c");
    return top;
}

#define UP "start top#1 (sup)\nstart a#1\nstart b#1\nstart c#1\n"

static void b32_one_for_all_another_fails_on_the_way_back(void **state)
{
    struct rig rig;

    (void)state;
    abc(&rig, BST_ONE_FOR_ALL, 5);
    rig_start(&rig);
    rig_expect(&rig, UP);
    rig_part(&rig, "b")->bad_starts = 1;
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\n"
                     "stop c#1\ndown c#1 shutdown\n"
                     "stop b#1\ndown b#1 shutdown\n"
                     "start a#2\nstartfail b#2\n"
                     "stop a#2\ndown a#2 shutdown\n"
                     "start a#3\nstart b#3\nstart c#2\n");
    rig_stop_quietly(&rig);
}

static void b33_rest_for_one_another_fails_on_the_way_back(void **state)
{
    struct rig rig;

    (void)state;
    abc(&rig, BST_REST_FOR_ONE, 5);
    rig_start(&rig);
    rig_expect(&rig, UP);
    rig_part(&rig, "b")->bad_starts = 1;
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\n"
                     "stop c#1\ndown c#1 shutdown\n"
                     "stop b#1\ndown b#1 shutdown\n"
                     "start a#2\nstartfail b#2\nstart b#3\nstart c#2\n");
    rig_stop_quietly(&rig);
}

static void b37_rest_for_one_last_child_is_alone(void **state)
{
    struct rig rig;

    (void)state;
    abc(&rig, BST_REST_FOR_ONE, 5);
    rig_start(&rig);
    rig_expect(&rig, UP);
    rig_do(&rig, "c", rig_crash, NULL);
    rig_expect(&rig, "down c#1 crashed\nstart c#2\n");
    rig_stop_quietly(&rig);
}

static void b35_one_for_all_brings_an_ended_transient_back(void **state)
{
    struct rig rig;
    uint64_t value;

    (void)state;
    abc(&rig, BST_ONE_FOR_ALL, 5);
    rig_part(&rig, "b")->group.lifetime = BST_TRANSIENT;
    rig_start(&rig);
    rig_expect(&rig, UP);
    rig_do(&rig, "b", rig_normal, NULL);
    rig_expect(&rig, "down b#1 normal\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nstop c#1\ndown c#1 shutdown\n"
                     "start a#2\nstart b#2\nstart c#2\n");
    /* The reference is as good as before. */
    assert_int_equal(rig_ask(&rig, "b", rig_get, NULL, &value), BST_OK);
    rig_stop_quietly(&rig);
}

static void b49_transient_restarts_after_failures_only(void **state)
{
    struct rig rig;

    (void)state;
    abc(&rig, BST_ONE_FOR_ONE, 9);
    rig_part(&rig, "b")->group.lifetime = BST_TRANSIENT;
    rig_start(&rig);
    rig_expect(&rig, UP);
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#1 crashed\nstart b#2\n");
    rig_kill(&rig, "b");
    rig_expect(&rig, "down b#2 killed\nstart b#3\n");
    rig_do(&rig, "b", rig_normal, NULL);
    rig_expect(&rig, "down b#3 normal\n");
    rig_stop(&rig, "stop c#1\ndown c#1 shutdown\n"
                   "stop a#1\ndown a#1 shutdown\n"
                   "down top#1 shutdown\n");
}

static void b36_rest_for_one_takes_a_later_supervisor_as_a_whole(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;
    struct bst_supervisor *in;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_REST_FOR_ONE, 5, BST_S(5));
    rig_child(&rig, top, "a");
    in = rig_sup(&rig, top, "in", BST_ONE_FOR_ONE, 5, BST_S(5));
    rig_child(&rig, in, "x");
    rig_child(&rig, in, "y");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\n"
                     "start in#1 (sup)\nstart x#1\nstart y#1\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\n"
                     "stop y#1\ndown y#1 shutdown\n"
                     "stop x#1\ndown x#1 shutdown\n"
                     "down in#1 shutdown\n"
                     "start a#2\nstart in#2 (sup)\nstart x#2\nstart y#2\n");
    rig_stop_quietly(&rig);
}

/* Both ends are known before anybody looks; each is restarted and counted. */
static bst_status crash_both(struct puppet *self, void *arg,
                             struct rig_answer *answer)
{
    struct rig_order order = {rig_crash, NULL};

    (void)arg;
    (void)answer;
    bst_tell(rig_ref(self->rig, "a"), RIG_DO, &order, sizeof order);
    bst_tell(rig_ref(self->rig, "b"), RIG_DO, &order, sizeof order);
    return BST_OK;
}

static void b40_one_for_one_two_that_crash_together_both_count(void **state)
{
    struct rig rig;

    (void)state;
    abc(&rig, BST_ONE_FOR_ONE, 2);
    rig_start(&rig);
    rig_expect(&rig, UP);
    rig_do(&rig, "c", crash_both, NULL);
    rig_expect_unordered(&rig, "down a#1 crashed\ndown b#1 crashed\n"
                               "start a#2\nstart b#2\n");
    rig_do(&rig, "c", rig_crash, NULL);
    rig_end(&rig, 3,
            "down c#1 crashed\n"
            "stop b#2\ndown b#2 shutdown\n"
            "stop a#2\ndown a#2 shutdown\n"
            "down top#1 shutdown\n");
}

/* ---- escalation ---------------------------------------------------------- */

static void
b66_b68_escalation_restarts_the_supervisor_as_one_child(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;
    struct bst_supervisor *in;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 1, BST_S(5));
    rig_child(&rig, top, "a");
    in = rig_sup(&rig, top, "in", BST_ONE_FOR_ONE, 1, BST_S(5));
    rig_child(&rig, in, "x");
    rig_child(&rig, in, "y");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\n"
                     "start in#1 (sup)\nstart x#1\nstart y#1\n");
    rig_do(&rig, "x", rig_crash, NULL);
    rig_expect(&rig, "down x#1 crashed\nstart x#2\n");
    rig_do(&rig, "x", rig_crash, NULL);
    rig_expect(&rig, "down x#2 crashed\n"
                     "stop y#1\ndown y#1 shutdown\n"
                     "down in#1 shutdown\n"
                     "start in#2 (sup)\nstart x#3\nstart y#2\n");
    /* Its window is new, and that of the root has one stamp. */
    rig_do(&rig, "x", rig_crash, NULL);
    rig_expect(&rig, "down x#3 crashed\nstart x#4\n");
    rig_do(&rig, "x", rig_crash, NULL);
    rig_end(&rig, 3,
            "down x#4 crashed\n"
            "stop y#2\ndown y#2 shutdown\n"
            "down in#2 shutdown\n"
            "stop a#1\ndown a#1 shutdown\n"
            "down top#1 shutdown\n");
}

static void escalation_of_a_transient_supervisor_ends_it(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;
    struct bst_supervisor *in;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 1, BST_S(5));
    in = rig_sup(&rig, top, "in", BST_ONE_FOR_ONE, 0, BST_S(5));
    in->lifetime = BST_TRANSIENT;
    rig_child(&rig, in, "x");
    rig_child(&rig, top, "a");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart in#1 (sup)\nstart x#1\n"
                     "start a#1\n");
    rig_do(&rig, "x", rig_crash, NULL);
    rig_expect(&rig, "down x#1 crashed\ndown in#1 shutdown\n");
    while (rig_ask(&rig, "x", rig_get, NULL, NULL) != BST_DEAD)
        rig_pass();
    rig_stop(&rig, "stop a#1\ndown a#1 shutdown\ndown top#1 shutdown\n");
}

static void group_with_a_budget_is_a_supervisor_of_its_own(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;
    struct rig_part *w;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 1, BST_S(5));
    w = rig_child(&rig, top, "w");
    w->group.redundancy = 2;
    w->group.restart = (struct bst_restart){
        .mode = BST_RESTART_LIMITED, .tries = 1, .in = BST_S(5)};
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart w#1 (sup)\n"
                     "start w/0#1\nstart w/1#1\n");
    rig_do(&rig, "w", rig_crash, NULL);
    rig_expect(&rig, "down w/0#1 crashed\nstart w/0#2\n");
    rig_do(&rig, "w", rig_crash, NULL);
    rig_expect(&rig, "down w/0#2 crashed\n"
                     "stop w/1#1\ndown w/1#1 shutdown\n"
                     "down w#1 shutdown\n"
                     "start w#2 (sup)\nstart w/0#3\nstart w/1#2\n");
    rig_stop_quietly(&rig);
}

static void supervisor_that_cannot_start_again_escalates(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;
    struct bst_supervisor *in;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 2, BST_S(5));
    in = rig_sup(&rig, top, "in", BST_ONE_FOR_ONE, 0, BST_S(5));
    rig_child(&rig, in, "x");
    rig_child(&rig, in, "y");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart in#1 (sup)\n"
                     "start x#1\nstart y#1\n");
    rig_part(&rig, "y")->bad_starts = 1;
    rig_do(&rig, "x", rig_crash, NULL);
    rig_expect(&rig, "down x#1 crashed\n"
                     "stop y#1\ndown y#1 shutdown\n"
                     "down in#1 shutdown\n"
                     "start in#2 (sup)\nstart x#2\nstartfail y#2\n"
                     "stop x#2\ndown x#2 shutdown\n"
                     "down in#2 startfail\n"
                     "start in#3 (sup)\nstart x#3\nstart y#3\n");
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_TEST(b02_start_of_an_empty_supervisor_comes_up),
          RIG_TEST(b01_start_waits_for_each_start_handler),
          RIG_TEST(start_members_of_a_group_one_by_one),
          RIG_TEST(b04_b05_start_declined_is_no_failure),
          RIG_TEST(b06_start_by_panic_fails_like_a_failure),
          RIG_TEST(b13_start_keeps_messages_to_a_child_that_is_not_up_yet),
          RIG_TEST(b32_one_for_all_another_fails_on_the_way_back),
          RIG_TEST(b33_rest_for_one_another_fails_on_the_way_back),
          RIG_TEST(b37_rest_for_one_last_child_is_alone),
          RIG_TEST(b35_one_for_all_brings_an_ended_transient_back),
          RIG_TEST(b49_transient_restarts_after_failures_only),
          RIG_TEST(b36_rest_for_one_takes_a_later_supervisor_as_a_whole),
          RIG_TEST(b40_one_for_one_two_that_crash_together_both_count),
          RIG_TEST(b66_b68_escalation_restarts_the_supervisor_as_one_child),
          RIG_TEST(escalation_of_a_transient_supervisor_ends_it),
          RIG_TEST(group_with_a_budget_is_a_supervisor_of_its_own),
          RIG_TEST(supervisor_that_cannot_start_again_escalates))
