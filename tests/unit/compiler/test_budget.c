/*
 * What budgets of restarts come to, against the delays that the runtime takes.
 */

#include "front.h"

#include "budget.h"
#include "sup/backoff.h"

#define MS INT64_C(1000000)

static const struct bstc_restart shapes[] = {
    {.backoff = BSTC_BACKOFF_NONE},
    {.backoff = BSTC_LINEAR, .step = 100 * MS},
    {.backoff = BSTC_LINEAR, .step = 100 * MS, .cap = 250 * MS},
    {.backoff = BSTC_LINEAR, .step = 7, .cap = 7},
    {.backoff = BSTC_LINEAR, .step = INT64_C(3600000) * MS},
    {.backoff = BSTC_EXPONENTIAL, .step = 10 * MS, .cap = 1000 * MS},
    {.backoff = BSTC_EXPONENTIAL, .step = 1, .factor = 3},
    {.backoff = BSTC_EXPONENTIAL, .step = 5 * MS, .factor = 1},
    {.backoff = BSTC_EXPONENTIAL, .step = 1, .factor = 1000, .cap = 999},
};

static int64_t sum_of_runtime(const struct bstc_restart *shape, uint32_t tries)
{
    struct bst_restart restart = {
        .backoff = (enum bst_backoff)shape->backoff,
        .step = shape->step,
        .cap = shape->cap,
        .factor = shape->factor,
    };
    uint64_t rand = 1;
    int64_t sum = 0;

    for (uint32_t i = 0; i < tries; i++)
        sum += bsti_backoff_delay(&restart, i, &rand);
    return sum;
}

static void sums_are_those_of_the_runtime(void **state)
{
    static const uint32_t tries[] = {1, 2, 3, 4, 5, 20, 101, 1000};

    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        for (size_t k = 0; k < sizeof tries / sizeof *tries; k++)
            assert_int_equal(bstc_budget_least_time(&shapes[i], tries[k]),
                             sum_of_runtime(&shapes[i], tries[k]));
        assert_int_equal(bstc_budget_least_time(&shapes[i], 0), 0);
    }
}

/* No draw may be below what is called the least. */
static void jitter_is_in_their_favour(void **state)
{
    struct bst_restart restart = {
        .backoff = BST_EXPONENTIAL, .step = 10 * MS, .jitter = 30};
    const struct bstc_restart shape = {
        .backoff = BSTC_EXPONENTIAL, .step = 10 * MS, .jitter = 30};
    uint64_t rand = 7;

    (void)state;
    assert_int_equal(bstc_budget_least_time(&shape, 3), 49 * MS);
    for (int round = 0; round < FRONT_ROUNDS(2000); round++) {
        int64_t sum = 0;

        for (uint32_t i = 0; i < 6; i++)
            sum += bsti_backoff_delay(&restart, i, &rand);
        assert_true(sum >= bstc_budget_least_time(&shape, 6));
    }
}

static void large_numbers_end_somewhere(void **state)
{
    const struct bstc_restart day = {
        .backoff = BSTC_LINEAR, .step = INT64_MAX, .cap = INT64_MAX};
    const struct bstc_restart grows = {.backoff = BSTC_EXPONENTIAL,
                                       .step = INT64_MAX / 2,
                                       .cap = INT64_MAX,
                                       .factor = 1000};

    (void)state;
    assert_true(bstc_budget_least_time(&day, 1000000) == INT64_MAX);
    assert_true(bstc_budget_least_time(&grows, 1000000) == INT64_MAX);
    assert_true(bstc_multiply(UINT64_MAX, 2) == UINT64_MAX);
    assert_true(bstc_multiply(0, UINT64_MAX) == 0);
    assert_true(bstc_add(UINT64_MAX, 1) == UINT64_MAX);
}

static void most_tries_stay_in_the_window(void **state)
{
    (void)state;
    for (size_t i = 1; i < sizeof shapes / sizeof *shapes; i++) {
        struct bstc_restart restart = shapes[i];
        uint32_t most;

        restart.tries = 500;
        restart.in = bstc_budget_least_time(&restart, 300);
        most = bstc_budget_most_tries(&restart);
        assert_true(bstc_budget_least_time(&restart, most) < restart.in);
        assert_true(bstc_budget_least_time(&restart, most + 1) >= restart.in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_those_of_the_runtime),
        cmocka_unit_test(jitter_is_in_their_favour),
        cmocka_unit_test(large_numbers_end_somewhere),
        cmocka_unit_test(most_tries_stay_in_the_window),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
