/*
 * Significant children and auto-shutdown: what OTP's recorded traces have not,
 * and tables that are refused.
 */

#include "unit/support/rig.h"

#include "sup/flaw.h"
#include "unit/unit.h"

/* A supervisor "top" of a transient significant "a" and of "b". */
static struct bst_supervisor *top_of_ab(struct rig *rig,
                                        enum bst_auto_shutdown auto_shutdown)
{
    struct bst_supervisor *top;

    rig_init(rig);
    top = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 3, BST_S(60));
    top->auto_shutdown = auto_shutdown;
    rig_child(rig, top, "a");
    rig_part(rig, "a")->group.lifetime = BST_TRANSIENT;
    rig_part(rig, "a")->group.significant = 1;
    rig_child(rig, top, "b");
    return top;
}

static void b52_any_significant_end_is_an_ordered_stop(void **state)
{
    struct rig rig;

    (void)state;
    top_of_ab(&rig, BST_AUTO_ANY);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nstart a#2\n");
    rig_do(&rig, "a", rig_normal, NULL);
    /* The program has done what it was for: that is no failure. */
    rig_end(&rig, 0,
            "down a#2 normal\nstop b#1\ndown b#1 shutdown\n"
            "down top#1 shutdown\n");
}

static void b58_terminated_by_a_request_does_not_count(void **state)
{
    struct rig rig;

    (void)state;
    top_of_ab(&rig, BST_AUTO_ANY);
    rig_start(&rig);
    assert_int_equal(bst_system_child_terminate(rig.system, "top", "a"),
                     BST_OK);
    assert_int_equal(bst_system_child_alive(rig.system, "top"), BST_OK);
    rig_stop_quietly(&rig);
}

/* "top" of a supervisor "in" of a significant "x", and of "z". */
static struct bst_supervisor *top_in_x(struct rig *rig)
{
    struct bst_supervisor *top;
    struct bst_supervisor *in;

    rig_init(rig);
    top = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 3, BST_S(60));
    top->auto_shutdown = BST_AUTO_ANY;
    in = rig_sup(rig, top, "in", BST_ONE_FOR_ONE, 3, BST_S(60));
    in->auto_shutdown = BST_AUTO_ANY;
    in->lifetime = BST_TRANSIENT;
    rig_child(rig, in, "x")->group.lifetime = BST_TRANSIENT;
    rig_part(rig, "x")->group.significant = 1;
    rig_child(rig, top, "z");
    return in;
}

static void b54_significance_is_not_inherited(void **state)
{
    struct rig rig;

    (void)state;
    top_in_x(&rig);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart in#1 (sup)\nstart x#1\n"
                     "start z#1\n");
    rig_do(&rig, "x", rig_normal, NULL);
    rig_expect(&rig, "down x#1 normal\ndown in#1 shutdown\n");
    assert_int_equal(rig_ask(&rig, "z", rig_get, NULL, NULL), BST_OK);
    rig_stop(&rig, "stop z#1\ndown z#1 shutdown\ndown top#1 shutdown\n");
}

static void b55_significant_supervisor_passes_it_up(void **state)
{
    struct rig rig;

    (void)state;
    top_in_x(&rig)->significant = 1;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart in#1 (sup)\nstart x#1\n"
                     "start z#1\n");
    rig_do(&rig, "x", rig_normal, NULL);
    rig_end(&rig, 0,
            "down x#1 normal\ndown in#1 shutdown\n"
            "stop z#1\ndown z#1 shutdown\ndown top#1 shutdown\n");
}

static void b56_bystander_that_is_significant_is_restarted(void **state)
{
    struct rig rig;

    (void)state;
    top_of_ab(&rig, BST_AUTO_ANY)->strategy = BST_ONE_FOR_ALL;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#1 crashed\nstop a#1\ndown a#1 shutdown\n"
                     "start a#2\nstart b#2\n");
    assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, NULL), BST_OK);
    rig_stop_quietly(&rig);
}

static void b57_contradictory_significance_is_refused(void **state)
{
    struct rig rig;
    struct bst_supervisor *top = top_of_ab(&rig, BST_AUTO_NEVER);

    (void)state;
    assert_int_equal(rig_try_start(&rig), BST_INVALID);
    top->auto_shutdown = BST_AUTO_ANY;
    rig_part(&rig, "a")->group.lifetime = BST_PERMANENT;
    assert_int_equal(rig_try_start(&rig), BST_INVALID);
    rig_part(&rig, "a")->group.lifetime = BST_TEMPORARY;
    rig_start(&rig);
    rig_stop_quietly(&rig);
}

static void b53_all_counts_members_one_by_one(void **state)
{
    struct rig rig;

    (void)state;
    top_of_ab(&rig, BST_AUTO_ALL);
    rig_part(&rig, "a")->group.redundancy = 2;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a/0#1\nstart a/1#1\n"
                     "start b#1\n");
    rig_do(&rig, "a", rig_normal, NULL);
    rig_expect(&rig, "down a/0#1 normal\n");
    assert_int_equal(bst_system_child_alive(rig.system, "top"), BST_OK);
    assert_int_equal(bst_system_child_alive(rig.system, "/top/a/0"), BST_DEAD);
    assert_int_equal(bst_system_child_kill(rig.system, "/top/a/1"), BST_OK);
    rig_expect(&rig, "down a/1#1 killed\nstart a/1#2\n");
    assert_int_equal(bst_system_child_terminate(rig.system, "top", "a/1"),
                     BST_OK);
    rig_expect(&rig, "stop a/1#2\ndown a/1#2 shutdown\n");
    assert_int_equal(bst_system_child_restart(rig.system, "top", "a/0"),
                     BST_OK);
    rig_expect(&rig, "start a/0#2\n");
    rig_do(&rig, "a", rig_normal, NULL);
    rig_end(&rig, 0,
            "down a/0#2 normal\nstop b#1\ndown b#1 shutdown\n"
            "down top#1 shutdown\n");
}

static void group_with_a_budget_ends_with_its_last_member(void **state)
{
    struct rig rig;

    (void)state;
    top_of_ab(&rig, BST_AUTO_ANY);
    rig_part(&rig, "a")->group.redundancy = 2;
    rig_part(&rig, "a")->group.restart = (struct bst_restart){
        .mode = BST_RESTART_LIMITED, .tries = 1, .in = BST_S(60)};
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1 (sup)\nstart a/0#1\n"
                     "start a/1#1\nstart b#1\n");
    rig_do(&rig, "a", rig_normal, NULL);
    rig_expect(&rig, "down a/0#1 normal\n");
    assert_int_equal(bst_system_child_alive(rig.system, "/top/a"), BST_OK);
    assert_int_equal(bst_system_child_kill(rig.system, "/top/a/1"), BST_OK);
    rig_expect(&rig, "down a/1#1 killed\nstart a/1#2\n");
    assert_int_equal(bst_system_child_find(rig.system, "/top/a/1", NULL),
                     BST_OK);
    {
        struct rig_order order = {rig_normal, NULL};

        assert_int_equal(
            bst_tell(rig_member(&rig, "a", 1), RIG_DO, &order, sizeof order),
            BST_OK);
    }
    rig_end(&rig, 0,
            "down a/1#2 normal\ndown a#1 shutdown\nstop b#1\n"
            "down b#1 shutdown\ndown top#1 shutdown\n");
}

static void dynamic_group_ends_its_supervisor_when_it_is_empty(void **state)
{
    struct rig rig;
    struct rig_order order = {rig_normal, NULL};
    bst_ref refs[2];

    (void)state;
    top_of_ab(&rig, BST_AUTO_ALL);
    rig_part(&rig, "a")->group.redundancy = 0;
    rig_part(&rig, "a")->group.max = 4;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart b#1\n");
    for (int i = 0; i < 2; i++)
        assert_int_equal(bst_system_spawn(rig.system,
                                          &rig_part(&rig, "a")->group, NULL,
                                          &refs[i]),
                         BST_OK);
    assert_int_equal(bst_tell(refs[0], RIG_DO, &order, sizeof order), BST_OK);
    rig_expect(&rig, "down a/0#1 normal\n");
    assert_int_equal(bst_system_child_alive(rig.system, "top"), BST_OK);
    assert_int_equal(bst_tell(refs[1], RIG_DO, &order, sizeof order), BST_OK);
    rig_end(&rig, 0,
            "down a/1#1 normal\nstop b#1\ndown b#1 shutdown\n"
            "down top#1 shutdown\n");
}

/* ---- tables that are refused --------------------------------------------- */

static void flaws_are_words(void **state)
{
    static const struct bst_actor actor = {.name = "x"};
    struct bst_group group = {.name = "x", .actor = &actor, .redundancy = 1};
    struct bst_child child = {.group = &group};

    (void)state;
    assert_int_equal(bsti_flaw_of_child(&child, BST_AUTO_NEVER),
                     BSTI_FLAW_NONE);
    group.significant = 1;
    assert_string_equal(
        bsti_flaw_word(bsti_flaw_of_child(&child, BST_AUTO_ANY)),
        "bad_combination");
    group.lifetime = BST_TRANSIENT;
    assert_int_equal(bsti_flaw_of_child(&child, BST_AUTO_ANY), BSTI_FLAW_NONE);
    assert_int_equal(bsti_flaw_of_child(&child, BST_AUTO_NEVER),
                     BSTI_FLAW_COMBINATION);
    group.significant = 0;
    group.shutdown = BST_SHUTDOWN_KILL;
    assert_int_equal(bsti_flaw_of_child(&child, BST_AUTO_ANY), BSTI_FLAW_NONE);
    group.shutdown = -2;
    assert_string_equal(
        bsti_flaw_word(bsti_flaw_of_child(&child, BST_AUTO_ANY)),
        "invalid_shutdown");
    group.shutdown = BST_INFINITE;
    group.lifetime = (enum bst_lifetime)3;
    assert_int_equal(bsti_flaw_of_child(&child, BST_AUTO_ANY),
                     BSTI_FLAW_LIFETIME);
    group.lifetime = BST_TEMPORARY;
    group.redundancy = 0;
    assert_int_equal(bsti_flaw_of_child(&child, BST_AUTO_ANY), BSTI_FLAW_CHILD);
    group.max = 1;
    assert_int_equal(bsti_flaw_of_child(&child, BST_AUTO_ANY), BSTI_FLAW_NONE);
    child.group = NULL;
    assert_int_equal(bsti_flaw_of_child(&child, BST_AUTO_ANY), BSTI_FLAW_CHILD);
}

static void b08_faulty_supervisor_starts_nothing(void **state)
{
    struct rig rig;
    struct bst_supervisor *top = top_of_ab(&rig, (enum bst_auto_shutdown)3);

    (void)state;
    assert_int_equal(rig_try_start(&rig), BST_INVALID);
    top->auto_shutdown = BST_AUTO_ALL;
    top->restart.in = -1;
    assert_int_equal(rig_try_start(&rig), BST_INVALID);
    top->restart.in = BST_S(1);
    rig_part(&rig, "b")->group.name = "a";
    assert_int_equal(rig_try_start(&rig), BST_INVALID);
    rig_expect(&rig, "start top#1 (sup)\ndown top#1 startfail\n"
                     "start top#1 (sup)\ndown top#1 startfail\n"
                     "start top#1 (sup)\ndown top#1 startfail\n");
    rig_free(&rig);
}

static void faulty_supervisor_below_fails_as_a_child(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;
    struct bst_supervisor *in;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 3, BST_S(60));
    rig_child(&rig, top, "a");
    in = rig_sup(&rig, top, "in", (enum bst_strategy)7, 3, BST_S(60));
    rig_child(&rig, in, "x");
    assert_int_equal(rig_try_start(&rig), BST_FAILED);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart in#1 (sup)\n"
                     "down in#1 startfail\nstop a#1\ndown a#1 shutdown\n"
                     "down top#1 startfail\n");
    rig_free(&rig);
}

UNIT_MAIN(RIG_TEST(b52_any_significant_end_is_an_ordered_stop),
          RIG_TEST(b53_all_counts_members_one_by_one),
          RIG_TEST(b54_significance_is_not_inherited),
          RIG_TEST(b55_significant_supervisor_passes_it_up),
          RIG_TEST(b56_bystander_that_is_significant_is_restarted),
          RIG_TEST(b57_contradictory_significance_is_refused),
          RIG_TEST(b58_terminated_by_a_request_does_not_count),
          RIG_TEST(group_with_a_budget_ends_with_its_last_member),
          RIG_TEST(dynamic_group_ends_its_supervisor_when_it_is_empty),
          cmocka_unit_test(flaws_are_words),
          RIG_TEST(b08_faulty_supervisor_starts_nothing),
          RIG_TEST(faulty_supervisor_below_fails_as_a_child))
