/*
 * sup/window: restart budgets in a sliding window, against a naive count.
 */

#include "sup/window.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/rand.h"

#include "unit/unit.h"

static struct bsti_window window;

static void begin(uint32_t tries, bst_time in)
{
    assert_int_equal(bsti_window_init(&window, tries, in), 0);
}

static void add_within_budget_is_allowed(void **state)
{
    (void)state;
    begin(3, BST_S(10));
    assert_true(bsti_window_add(&window, 0));
    assert_true(bsti_window_add(&window, 1));
    assert_true(bsti_window_add(&window, 2));
    assert_false(bsti_window_add(&window, 3));
    bsti_window_fini(&window);
}

static void b62_add_stamp_exactly_window_old_still_counts(void **state)
{
    (void)state;
    begin(1, BST_S(10));
    assert_true(bsti_window_add(&window, BST_S(5)));
    assert_false(bsti_window_add(&window, BST_S(15)));
    bsti_window_clear(&window);
    assert_true(bsti_window_add(&window, BST_S(5)));
    assert_true(bsti_window_add(&window, BST_S(15) + 1));
    bsti_window_fini(&window);
}

static void add_zero_tries_is_exceeded_at_once(void **state)
{
    (void)state;
    begin(0, BST_S(10));
    assert_false(bsti_window_add(&window, 0));
    assert_false(bsti_window_add(&window, BST_S(1000)));
    bsti_window_fini(&window);
    begin(0, 0);
    assert_false(bsti_window_add(&window, 0));
    bsti_window_fini(&window);
}

static void add_without_span_counts_for_life(void **state)
{
    (void)state;
    begin(3, 0);
    assert_true(bsti_window_add(&window, 0));
    assert_true(bsti_window_add(&window, BST_S(1000000)));
    assert_true(bsti_window_add(&window, BST_S(2000000)));
    assert_false(bsti_window_add(&window, BST_S(3000000)));
    assert_false(bsti_window_add(&window, BST_S(4000000)));
    bsti_window_clear(&window);
    assert_true(bsti_window_add(&window, BST_S(5000000)));
    bsti_window_fini(&window);
}

static void b61_add_slow_failures_never_exceed(void **state)
{
    (void)state;
    begin(5, BST_S(10));
    for (bst_time i = 0; i < 1000; i++) {
        assert_true(bsti_window_add(&window, i * (BST_S(2) + 1)));
    }
    bsti_window_fini(&window);
}

static void b69_add_huge_budget_takes_little_memory(void **state)
{
    (void)state;
    begin(UINT32_MAX, BST_S(1));
    for (bst_time i = 0; i < 100000; i++) {
        assert_true(bsti_window_add(&window, i * BST_MS(1)));
    }
    assert_true(window.size <= 2048);
    bsti_window_fini(&window);
}

static void init_without_memory_fails(void **state)
{
    (void)state;
    bsti_alloc_fail_at(1);
    assert_int_equal(bsti_window_init(&window, 3, BST_S(1)), -ENOMEM);
    bsti_alloc_fail_at(0);
    bsti_window_fini(&window);
}

static void add_without_memory_forgets_the_oldest(void **state)
{
    (void)state;
    begin(1000, BST_S(10));
    for (bst_time i = 0; i < 16; i++) {
        assert_true(bsti_window_add(&window, i));
    }
    bsti_alloc_fail_at(1);
    assert_true(bsti_window_add(&window, 16));
    assert_int_equal(window.count, 16);
    assert_true(bsti_window_add(&window, 17));
    assert_int_equal(window.count, 17);
    bsti_window_fini(&window);
}

static void random_stamps_match_a_naive_count(void **state)
{
    static bst_time stamps[5000];

    (void)state;
    for (uint64_t seed = 1; seed < 40; seed++) {
        uint64_t rand = seed;
        uint32_t tries = (uint32_t)bsti_rand_below(&rand, 60);
        bst_time in = 1 + (bst_time)bsti_rand_below(&rand, 1000);
        bst_time now = 0;

        begin(tries, in);
        for (size_t n = 0; n < 5000; n++) {
            size_t within = 0;

            now += (bst_time)bsti_rand_below(
                &rand, 2 * (uint64_t)in / (tries + 1u) + 2);
            stamps[n] = now;
            for (size_t i = n + 1; i-- > 0 && now - stamps[i] <= in;) {
                within++;
            }
            assert_int_equal(bsti_window_add(&window, now), within <= tries);
        }
        bsti_window_fini(&window);
    }
}

static int no_leak(void **state)
{
    (void)state;
    return bsti_alloc_balance() != 0;
}

#define TEST(name) cmocka_unit_test_teardown(name, no_leak)

UNIT_MAIN(TEST(add_within_budget_is_allowed),
          TEST(b62_add_stamp_exactly_window_old_still_counts),
          TEST(add_zero_tries_is_exceeded_at_once),
          TEST(add_without_span_counts_for_life),
          TEST(b61_add_slow_failures_never_exceed),
          TEST(b69_add_huge_budget_takes_little_memory),
          TEST(init_without_memory_fails),
          TEST(add_without_memory_forgets_the_oldest),
          TEST(random_stamps_match_a_naive_count))
