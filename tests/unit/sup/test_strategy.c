/*
 * sup/strategy: the pure decisions of a supervisor.
 */

#include "sup/strategy.h"

#include "unit/unit.h"

enum { EXITS = BSTI_EXIT_START_FAILED + 1 };

/* Lifetime x how it ended, in the order of their enums. */
static void restarts_by_lifetime_and_exit(void **state)
{
    static const bool expected[3][EXITS] = {
        /*                 normal shutdown failed killed declined startfail */
        [BST_PERMANENT] = {true, true, true, true, false, true},
        [BST_TRANSIENT] = {false, false, true, true, false, true},
        [BST_TEMPORARY] = {false, false, false, false, false, false},
    };

    (void)state;
    for (int life = 0; life < 3; life++)
        for (int how = 0; how < EXITS; how++)
            assert_int_equal(bsti_strategy_restarts((enum bst_lifetime)life,
                                                    (enum bsti_exit)how),
                             expected[life][how]);
}

static void first_of_a_group_restart(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(bsti_strategy_first(BST_ONE_FOR_ONE, i), i);
        assert_int_equal(bsti_strategy_first(BST_ONE_FOR_ALL, i), 0);
        assert_int_equal(bsti_strategy_first(BST_REST_FOR_ONE, i), i);
    }
    assert_false(bsti_strategy_is_group(BST_ONE_FOR_ONE));
    assert_true(bsti_strategy_is_group(BST_ONE_FOR_ALL));
    assert_true(bsti_strategy_is_group(BST_REST_FOR_ONE));
}

static void decisions_come_before_lifetimes(void **state)
{
    (void)state;
    for (int life = 0; life < 3; life++) {
        enum bst_lifetime lifetime = (enum bst_lifetime)life;

        for (int i = 0; i < EXITS; i++) {
            enum bsti_exit how = (enum bsti_exit)i;

            assert_int_equal(
                bsti_strategy_decide(BST_DECIDE_DEFAULT, lifetime, how),
                bsti_strategy_restarts(lifetime, how) ? BSTI_VERDICT_RESTART
                                                      : BSTI_VERDICT_REMOVE);
            assert_int_equal(
                bsti_strategy_decide(BST_DECIDE_RESTART, lifetime, how),
                BSTI_VERDICT_RESTART);
            assert_int_equal(
                bsti_strategy_decide(BST_DECIDE_RESTART_GROUP, lifetime, how),
                BSTI_VERDICT_RESTART);
            assert_int_equal(
                bsti_strategy_decide(BST_DECIDE_REMOVE, lifetime, how),
                BSTI_VERDICT_REMOVE);
            assert_int_equal(
                bsti_strategy_decide(BST_DECIDE_ESCALATE, lifetime, how),
                BSTI_VERDICT_ESCALATE);
            assert_int_equal(
                bsti_strategy_decide(BST_DECIDE_STOP_SYSTEM, lifetime, how),
                BSTI_VERDICT_STOP);
        }
    }
}

static void decisions_choose_the_strategy(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        enum bst_strategy strategy = (enum bst_strategy)i;

        assert_int_equal(bsti_strategy_decided(strategy, BST_DECIDE_DEFAULT),
                         strategy);
        assert_int_equal(bsti_strategy_decided(strategy, BST_DECIDE_RESTART),
                         BST_ONE_FOR_ONE);
        assert_int_equal(
            bsti_strategy_decided(strategy, BST_DECIDE_RESTART_GROUP),
            BST_ONE_FOR_ALL);
    }
}

static void judge_with_a_window_believes_it(void **state)
{
    struct bst_restart restart = {
        .mode = BST_RESTART_LIMITED, .tries = 2, .in = BST_S(1)};

    (void)state;
    for (uint64_t n = 0; n < 5; n++) {
        restart.then = BST_ESCALATE;
        assert_int_equal(bsti_strategy_judge(&restart, true, n),
                         BSTI_VERDICT_RESTART);
        assert_int_equal(bsti_strategy_judge(&restart, false, n),
                         BSTI_VERDICT_ESCALATE);
        restart.then = BST_REMOVE;
        assert_int_equal(bsti_strategy_judge(&restart, false, n),
                         BSTI_VERDICT_REMOVE);
    }
}

static void judge_without_a_window_counts_the_child(void **state)
{
    struct bst_restart restart = {
        .mode = BST_RESTART_LIMITED, .tries = 2, .then = BST_REMOVE};

    (void)state;
    assert_int_equal(bsti_strategy_judge(&restart, true, 0),
                     BSTI_VERDICT_RESTART);
    assert_int_equal(bsti_strategy_judge(&restart, true, 1),
                     BSTI_VERDICT_RESTART);
    assert_int_equal(bsti_strategy_judge(&restart, true, 2),
                     BSTI_VERDICT_REMOVE);
    restart.tries = 0;
    restart.then = BST_ESCALATE;
    assert_int_equal(bsti_strategy_judge(&restart, true, 0),
                     BSTI_VERDICT_ESCALATE);
}

static void judge_always_and_never(void **state)
{
    struct bst_restart restart = {.mode = BST_RESTART_ALWAYS};

    (void)state;
    assert_int_equal(bsti_strategy_judge(&restart, false, UINT64_MAX),
                     BSTI_VERDICT_RESTART);
    restart.mode = BST_RESTART_NEVER;
    assert_int_equal(bsti_strategy_judge(&restart, true, 0),
                     BSTI_VERDICT_ESCALATE);
    restart.then = BST_REMOVE;
    assert_int_equal(bsti_strategy_judge(&restart, true, 0),
                     BSTI_VERDICT_REMOVE);
}

static void quiet_time_is_the_window_or_twice_the_delay(void **state)
{
    struct bst_restart restart = {.in = BST_S(4)};

    (void)state;
    assert_true(bsti_strategy_quiet_time(&restart, 0) == BST_S(4));
    assert_true(bsti_strategy_quiet_time(&restart, BST_S(2)) == BST_S(4));
    assert_true(bsti_strategy_quiet_time(&restart, BST_S(3)) == BST_S(6));
    restart.in = 0;
    assert_true(bsti_strategy_quiet_time(&restart, BST_S(3)) == BST_S(10));
    assert_true(bsti_strategy_quiet_time(&restart, BST_S(6)) == BST_S(12));
    assert_true(bsti_strategy_quiet_time(&restart, BST_INFINITE) ==
                BST_INFINITE);
    assert_true(bsti_strategy_quiet_time(&restart, BST_INFINITE / 2 + 1) ==
                BST_INFINITE);
}

UNIT_MAIN(cmocka_unit_test(restarts_by_lifetime_and_exit),
          cmocka_unit_test(first_of_a_group_restart),
          cmocka_unit_test(decisions_come_before_lifetimes),
          cmocka_unit_test(decisions_choose_the_strategy),
          cmocka_unit_test(judge_with_a_window_believes_it),
          cmocka_unit_test(judge_without_a_window_counts_the_child),
          cmocka_unit_test(judge_always_and_never),
          cmocka_unit_test(quiet_time_is_the_window_or_twice_the_delay))
