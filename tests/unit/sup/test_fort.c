/*
 * sup/fort: which ends of a program its guardian takes for deaths, and what it
 * makes of them.
 */

#include "sup/fort.h"

#include <signal.h>

#include "base/alloc.h"
#include "base/attr.h"

#include "unit/unit.h"

static struct bsti_fort fort;

static void begin(const struct bst_restart *restart)
{
    assert_int_equal(bsti_fort_init(&fort, restart, 1, 0), 0);
}

static void end(void)
{
    bsti_fort_fini(&fort);
    assert_int_equal(bsti_alloc_balance(), 0);
}

/* Kills it at `now`; returns the delay, or -1 if it is given up. */
static bst_time kill_at(bst_time now)
{
    bst_time delay;

    switch (bsti_fort_judge(&fort, true, SIGKILL, now, &delay)) {
    case BSTI_FORT_RESTART:
        return delay;
    case BSTI_FORT_PASS:
        fail_msg("an end by a signal is passed on");
        break;
    case BSTI_FORT_GIVE_UP:
        break;
    }
    return -1;
}

static enum bsti_fort_verdict exit_with(int status)
{
    bst_time delay;

    return bsti_fort_judge(&fort, false, status, 0, &delay);
}

static void fort_passes_on_what_the_program_decides(void **state)
{
    const struct bst_restart always = {.mode = BST_RESTART_ALWAYS};

    (void)state;
    begin(&always);
    for (int status = 0; status <= 4; status++) {
        assert_int_equal(exit_with(status), BSTI_FORT_PASS);
    }
    for (int status = 5; status < 256; status++) {
        assert_int_equal(exit_with(status), BSTI_FORT_RESTART);
    }
    end();
}

static void fort_counts_a_start_that_fails_on_the_way_back(void **state)
{
    const struct bst_restart twice = {
        .mode = BST_RESTART_LIMITED, .tries = 2, .in = BST_S(10)};

    (void)state;
    begin(&twice);
    assert_int_equal(exit_with(1), BSTI_FORT_PASS);
    assert_int_equal(kill_at(0), 0);
    assert_int_equal(exit_with(1), BSTI_FORT_RESTART);
    assert_int_equal(exit_with(1), BSTI_FORT_GIVE_UP);
    end();
}

static void fort_keeps_to_the_window(void **state)
{
    const struct bst_restart twice = {
        .mode = BST_RESTART_LIMITED, .tries = 2, .in = BST_S(10)};

    (void)state;
    begin(&twice);
    assert_int_equal(kill_at(BST_S(1)), 0);
    assert_int_equal(kill_at(BST_S(2)), 0);
    /* The first one is too old by a nanosecond; then it is not. */
    assert_int_equal(kill_at(BST_S(11) + 1), 0);
    assert_int_equal(kill_at(BST_S(12)), -1);
    end();
}

static void fort_keeps_to_a_budget_for_life(void **state)
{
    const struct bst_restart twice = {.mode = BST_RESTART_LIMITED, .tries = 2};

    (void)state;
    begin(&twice);
    assert_int_equal(kill_at(0), 0);
    assert_int_equal(kill_at(BST_S(1000000)), 0);
    assert_int_equal(kill_at(BST_S(2000000)), -1);
    end();
}

static void fort_never_or_always(void **state)
{
    const struct bst_restart never = {.mode = BST_RESTART_NEVER};
    const struct bst_restart always = {.mode = BST_RESTART_ALWAYS};

    (void)state;
    begin(&never);
    assert_int_equal(kill_at(0), -1);
    end();
    begin(&always);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(kill_at(i), 0);
    }
    end();
}

static void fort_waits_longer_until_it_is_quiet(void **state)
{
    const struct bst_restart linear = {
        .mode = BST_RESTART_ALWAYS, .backoff = BST_LINEAR, .step = BST_S(2)};
    bst_time now = BST_S(1);

    (void)state;
    begin(&linear);
    for (int i = 1; i <= 4; i++) {
        bst_time delay = kill_at(now);

        assert_int_equal(delay, i * BST_S(2));
        now += delay + BST_S(1);
    }
    /* Up for twice the last delay, counted from the end of that delay. */
    now += BST_S(16) - BST_S(1) - 1;
    assert_int_equal(kill_at(now), BST_S(10));
    now += BST_S(10) + BST_S(20);
    assert_int_equal(kill_at(now), BST_S(2));
    end();
}

UNIT_MAIN(cmocka_unit_test(fort_passes_on_what_the_program_decides),
          cmocka_unit_test(fort_counts_a_start_that_fails_on_the_way_back),
          cmocka_unit_test(fort_keeps_to_the_window),
          cmocka_unit_test(fort_keeps_to_a_budget_for_life),
          cmocka_unit_test(fort_never_or_always),
          cmocka_unit_test(fort_waits_longer_until_it_is_quiet))
