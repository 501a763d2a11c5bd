/*
 * Traces recorded from Erlang/OTP's own supervisor, on our runtime. Each test
 * names its behaviour and its scenario; the lines are those of the recording,
 * but that a supervisor which could not start says "startfail".
 */

#include "unit/support/rig.h"

#include "unit/unit.h"

static struct bst_supervisor *top(struct rig *rig, enum bst_strategy strategy,
                                  uint32_t tries, const char *children)
{
    struct bst_supervisor *sup;
    static const char *const names[] = {"a", "b", "c", "d"};

    rig_init(rig);
    sup = rig_sup(rig, NULL, "top", strategy, tries, BST_S(5));
    for (; *children; children++)
        rig_child(rig, sup, names[*children - 'a']);
    return sup;
}

static void b01_b14_otp01_stop_order_is_the_reverse_of_start_order(void **state)
{
    struct rig rig;
    struct bst_supervisor *sup = top(&rig, BST_ONE_FOR_ONE, 1, "");

    (void)state;
    rig_child(&rig, sup, "c7");
    rig_child(&rig, sup, "a3");
    rig_child(&rig, sup, "b9");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\n"
                     "start c7#1\n"
                     "start a3#1\n"
                     "start b9#1\n");
    rig_stop(&rig, "stop b9#1\ndown b9#1 shutdown\n"
                   "stop a3#1\ndown a3#1 shutdown\n"
                   "stop c7#1\ndown c7#1 shutdown\n"
                   "down top#1 shutdown\n");
}

static void b29_otp02_one_for_one_restarts_only_the_crashed(void **state)
{
    struct rig rig;

    (void)state;
    top(&rig, BST_ONE_FOR_ONE, 5, "abc");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\nstart c#1\n");
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#1 crashed\nstart b#2\n");
    rig_stop(&rig, "stop c#1\ndown c#1 shutdown\n"
                   "stop b#2\ndown b#2 shutdown\n"
                   "stop a#1\ndown a#1 shutdown\n"
                   "down top#1 shutdown\n");
}

static void b30_otp03_one_for_all_stops_and_starts_all(void **state)
{
    struct rig rig;

    (void)state;
    top(&rig, BST_ONE_FOR_ALL, 5, "abc");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\nstart c#1\n");
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#1 crashed\n"
                     "stop c#1\ndown c#1 shutdown\n"
                     "stop a#1\ndown a#1 shutdown\n"
                     "start a#2\nstart b#2\nstart c#2\n");
    rig_stop_quietly(&rig);
}

static void b31_otp04_rest_for_one_takes_the_later_ones_along(void **state)
{
    struct rig rig;

    (void)state;
    top(&rig, BST_REST_FOR_ONE, 5, "abcd");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\n"
                     "start a#1\nstart b#1\nstart c#1\nstart d#1\n");
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#1 crashed\n"
                     "stop d#1\ndown d#1 shutdown\n"
                     "stop c#1\ndown c#1 shutdown\n"
                     "start b#2\nstart c#2\nstart d#2\n");
    rig_stop(&rig, "stop d#2\ndown d#2 shutdown\n"
                   "stop c#2\ndown c#2 shutdown\n"
                   "stop b#2\ndown b#2 shutdown\n"
                   "stop a#1\ndown a#1 shutdown\n"
                   "down top#1 shutdown\n");
}

static void b48_otp05_permanent_restarts_however_it_ends(void **state)
{
    struct rig rig;

    (void)state;
    top(&rig, BST_ONE_FOR_ONE, 9, "a");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\n");
    rig_do(&rig, "a", rig_normal, NULL);
    rig_expect(&rig, "down a#1 normal\nstart a#2\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#2 crashed\nstart a#3\n");
    rig_kill(&rig, "a");
    rig_expect(&rig, "down a#3 killed\nstart a#4\n");
    rig_stop(&rig, "stop a#4\ndown a#4 shutdown\ndown top#1 shutdown\n");
}

static void b50_otp07_temporary_never_restarts(void **state)
{
    struct rig rig;

    (void)state;
    top(&rig, BST_ONE_FOR_ONE, 9, "ab");
    rig_part(&rig, "a")->group.lifetime = BST_TEMPORARY;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\n");
    rig_stop(&rig, "stop b#1\ndown b#1 shutdown\ndown top#1 shutdown\n");
}

static void b34_otp08_temporary_bystander_is_not_restarted(void **state)
{
    struct rig rig;
    struct bst_supervisor *sup = top(&rig, BST_ONE_FOR_ALL, 2, "a");

    (void)state;
    rig_child(&rig, sup, "t")->group.lifetime = BST_TEMPORARY;
    rig_child(&rig, sup, "b");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart t#1\nstart b#1\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\n"
                     "stop b#1\ndown b#1 shutdown\n"
                     "stop t#1\ndown t#1 shutdown\n"
                     "start a#2\nstart b#2\n");
    rig_stop(&rig, "stop b#2\ndown b#2 shutdown\n"
                   "stop a#2\ndown a#2 shutdown\n"
                   "down top#1 shutdown\n");
}

static void b59_otp10_one_restart_too_many_stops_the_supervisor(void **state)
{
    struct rig rig;

    (void)state;
    top(&rig, BST_ONE_FOR_ONE, 2, "ab");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nstart a#2\n");
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#1 crashed\nstart b#2\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_end(&rig, 3,
            "down a#2 crashed\n"
            "stop b#2\ndown b#2 shutdown\n"
            "down top#1 shutdown\n");
}

static void b60_otp11_no_restart_allowed_stops_at_the_first_crash(void **state)
{
    struct rig rig;

    (void)state;
    top(&rig, BST_ONE_FOR_ONE, 0, "ab");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_end(&rig, 3,
            "down a#1 crashed\n"
            "stop b#1\ndown b#1 shutdown\n"
            "down top#1 shutdown\n");
}

static void b63_otp13_a_group_restart_counts_once(void **state)
{
    struct rig rig;

    (void)state;
    top(&rig, BST_ONE_FOR_ALL, 1, "abc");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\nstart c#1\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\n"
                     "stop c#1\ndown c#1 shutdown\n"
                     "stop b#1\ndown b#1 shutdown\n"
                     "start a#2\nstart b#2\nstart c#2\n");
    rig_do(&rig, "b", rig_crash, NULL);
    rig_end(&rig, 3,
            "down b#2 crashed\n"
            "stop c#2\ndown c#2 shutdown\n"
            "stop a#2\ndown a#2 shutdown\n"
            "down top#1 shutdown\n");
}

static void b64_otp14_normal_ends_of_a_permanent_child_count(void **state)
{
    struct rig rig;

    (void)state;
    top(&rig, BST_ONE_FOR_ONE, 1, "a");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\n");
    rig_do(&rig, "a", rig_normal, NULL);
    rig_expect(&rig, "down a#1 normal\nstart a#2\n");
    rig_do(&rig, "a", rig_normal, NULL);
    rig_end(&rig, 3, "down a#2 normal\ndown top#1 shutdown\n");
}

static void b67_otp16_escalation_goes_all_the_way_up(void **state)
{
    struct rig rig;
    struct bst_supervisor *sup = top(&rig, BST_ONE_FOR_ONE, 0, "");

    (void)state;
    sup = rig_sup(&rig, sup, "in", BST_ONE_FOR_ONE, 0, BST_S(5));
    rig_child(&rig, sup, "x");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart in#1 (sup)\nstart x#1\n");
    rig_do(&rig, "x", rig_crash, NULL);
    rig_end(&rig, 3,
            "down x#1 crashed\ndown in#1 shutdown\ndown top#1 shutdown\n");
}

static void b41_otp17_a_failing_restart_is_retried_and_counts(void **state)
{
    struct rig rig;

    (void)state;
    top(&rig, BST_ONE_FOR_ONE, 3, "ab");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
    rig_part(&rig, "a")->bad_starts = 2;
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\n"
                     "startfail a#2\nstartfail a#3\nstart a#4\n");
    rig_do(&rig, "b", rig_crash, NULL);
    rig_end(&rig, 3,
            "down b#1 crashed\n"
            "stop a#4\ndown a#4 shutdown\n"
            "down top#1 shutdown\n");
}

static void b03_otp21_a_failing_first_start_stops_what_is_up(void **state)
{
    struct rig rig;
    struct bst_supervisor *sup = top(&rig, BST_ONE_FOR_ONE, 1, "ab");
    struct bst_supervisor *in =
        rig_sup(&rig, sup, "in", BST_ONE_FOR_ONE, 1, BST_S(5));

    (void)state;
    rig_child(&rig, in, "ok");
    rig_child(&rig, in, "bad")->bad_starts = 1000;
    rig_child(&rig, sup, "c");
    assert_int_equal(rig_try_start(&rig), BST_FAILED);
    rig_expect(&rig, "start top#1 (sup)\n"
                     "start a#1\nstart b#1\n"
                     "start in#1 (sup)\n"
                     "start ok#1\n"
                     "startfail bad#1\n"
                     "stop ok#1\ndown ok#1 shutdown\n"
                     "down in#1 startfail\n"
                     "stop b#1\ndown b#1 shutdown\n"
                     "stop a#1\ndown a#1 shutdown\n"
                     "down top#1 startfail\n");
    assert_int_equal(rig.expected, rig.length);
    rig_free(&rig);
}

static void b17_otp23_shutdown_kill_runs_no_stop_handler(void **state)
{
    struct rig rig;

    (void)state;
    top(&rig, BST_ONE_FOR_ONE, 1, "ab");
    rig_part(&rig, "a")->group.shutdown = BST_SHUTDOWN_KILL;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
    rig_stop(&rig, "stop b#1\ndown b#1 shutdown\n"
                   "down a#1 killed\n"
                   "down top#1 shutdown\n");
}

static void a_child_without_stop_handler_ends_at_once(void **state)
{
    struct rig rig;

    (void)state;
    top(&rig, BST_ONE_FOR_ONE, 1, "a");
    rig_part(&rig, "a")->group.actor = &rig_puppet_unstopped;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\n");
    rig_stop(&rig, "down a#1 shutdown\ndown top#1 shutdown\n");
}

static void b65_otp49_the_budget_is_shared_by_all_children(void **state)
{
    struct rig rig;

    (void)state;
    top(&rig, BST_ONE_FOR_ONE, 2, "abc");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\nstart c#1\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nstart a#2\n");
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#1 crashed\nstart b#2\n");
    rig_do(&rig, "c", rig_crash, NULL);
    rig_end(&rig, 3,
            "down c#1 crashed\n"
            "stop b#2\ndown b#2 shutdown\n"
            "stop a#2\ndown a#2 shutdown\n"
            "down top#1 shutdown\n");
}

UNIT_MAIN(RIG_TEST(b01_b14_otp01_stop_order_is_the_reverse_of_start_order),
          RIG_TEST(b29_otp02_one_for_one_restarts_only_the_crashed),
          RIG_TEST(b30_otp03_one_for_all_stops_and_starts_all),
          RIG_TEST(b31_otp04_rest_for_one_takes_the_later_ones_along),
          RIG_TEST(b48_otp05_permanent_restarts_however_it_ends),
          RIG_TEST(b50_otp07_temporary_never_restarts),
          RIG_TEST(b34_otp08_temporary_bystander_is_not_restarted),
          RIG_TEST(b59_otp10_one_restart_too_many_stops_the_supervisor),
          RIG_TEST(b60_otp11_no_restart_allowed_stops_at_the_first_crash),
          RIG_TEST(b63_otp13_a_group_restart_counts_once),
          RIG_TEST(b64_otp14_normal_ends_of_a_permanent_child_count),
          RIG_TEST(b67_otp16_escalation_goes_all_the_way_up),
          RIG_TEST(b41_otp17_a_failing_restart_is_retried_and_counts),
          RIG_TEST(b03_otp21_a_failing_first_start_stops_what_is_up),
          RIG_TEST(b17_otp23_shutdown_kill_runs_no_stop_handler),
          RIG_TEST(a_child_without_stop_handler_ends_at_once),
          RIG_TEST(b65_otp49_the_budget_is_shared_by_all_children))
