/*
 * base/rand: the sequence is the published one, and draws are fair.
 */

#include "base/rand.h"

#include "unit/unit.h"

static void next_seed_zero_gives_published_sequence(void **state)
{
    uint64_t rand = 0;

    (void)state;
    assert_true(bsti_rand_next(&rand) == 0xe220a8397b1dcdafu);
    assert_true(bsti_rand_next(&rand) == 0x6e789e6aa1b965f4u);
    assert_true(bsti_rand_next(&rand) == 0x06c45d188009454fu);
}

static void below_stays_below_and_is_fair(void **state)
{
    uint64_t rand = 1;
    unsigned counts[7] = {0};

    (void)state;
    for (int i = 0; i < 70000; i++) {
        uint64_t draw = bsti_rand_below(&rand, 7);

        assert_true(draw < 7);
        counts[draw]++;
    }
    for (size_t i = 0; i < 7; i++) {
        /* 10,000 expected; five standard deviations are 463. */
        assert_in_range(counts[i], 9500, 10500);
    }
}

static void below_extreme_bounds_work(void **state)
{
    uint64_t rand = 1;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        assert_true(bsti_rand_below(&rand, 1) == 0);
        assert_true(bsti_rand_below(&rand, UINT64_MAX) < UINT64_MAX);
        assert_true(bsti_rand_below(&rand, (UINT64_C(1) << 63) + 1) <=
                    UINT64_C(1) << 63);
    }
}

static void mix_depends_on_both_and_their_order(void **state)
{
    (void)state;
    assert_true(bsti_rand_mix(1, 2) == bsti_rand_mix(1, 2));
    assert_true(bsti_rand_mix(1, 2) != bsti_rand_mix(2, 1));
    assert_true(bsti_rand_mix(1, 2) != bsti_rand_mix(1, 3));
    assert_true(bsti_rand_mix(1, 2) != bsti_rand_mix(0, 2));
    assert_true(bsti_rand_mix(0, 0) != 0);
}

UNIT_MAIN(cmocka_unit_test(next_seed_zero_gives_published_sequence),
          cmocka_unit_test(below_stays_below_and_is_fair),
          cmocka_unit_test(below_extreme_bounds_work),
          cmocka_unit_test(mix_depends_on_both_and_their_order))
