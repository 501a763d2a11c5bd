/*
 * sup/backoff: the delays of all shapes, at their ends as well.
 */

#include "sup/backoff.h"

#include "unit/unit.h"

static bst_time delay(const struct bst_restart *restart, uint64_t nth)
{
    uint64_t rand = 1;
    bst_time result = bsti_backoff_delay(restart, nth, &rand);

    /* Without jitter nothing is drawn. */
    assert_true(restart->jitter != 0 || rand == 1);
    return result;
}

static void b74_none_is_no_delay(void **state)
{
    struct bst_restart r = {.backoff = BST_BACKOFF_NONE, .step = BST_S(1)};

    (void)state;
    assert_true(delay(&r, 0) == 0);
    assert_true(delay(&r, UINT64_MAX) == 0);
}

static void b75_linear_grows_by_the_step(void **state)
{
    struct bst_restart r = {.backoff = BST_LINEAR, .step = BST_S(1)};

    (void)state;
    assert_true(delay(&r, 0) == BST_S(1));
    assert_true(delay(&r, 1) == BST_S(2));
    assert_true(delay(&r, 2) == BST_S(3));
    assert_true(delay(&r, 999) == BST_S(1000));
}

static void b75_linear_from_100_ms(void **state)
{
    struct bst_restart r = {.backoff = BST_LINEAR, .step = BST_MS(100)};

    (void)state;
    assert_true(delay(&r, 0) == BST_MS(100));
    assert_true(delay(&r, 1) == BST_MS(200));
    assert_true(delay(&r, 99) == BST_MS(10000));
}

#define DAYS(n) BST_S((n)*86400)

static void b76_exponential_from_5_s(void **state)
{
    struct bst_restart r = {
        .backoff = BST_EXPONENTIAL, .step = BST_S(5), .cap = DAYS(7)};

    (void)state;
    assert_true(delay(&r, 2) == BST_S(20));
}

static void b77_exponential_is_capped(void **state)
{
    struct bst_restart r = {
        .backoff = BST_EXPONENTIAL, .step = BST_S(5), .cap = BST_S(7)};

    (void)state;
    assert_true(delay(&r, 2) == BST_S(7));
    r.step = BST_S(300);
    r.cap = BST_S(600);
    assert_true(delay(&r, 29) == BST_S(600));
    r.cap = DAYS(10000);
    assert_true(delay(&r, INT32_MAX) == DAYS(10000));
}

static void b76_exponential_grows_by_the_factor(void **state)
{
    struct bst_restart r = {
        .backoff = BST_EXPONENTIAL, .step = BST_MS(100), .cap = BST_S(10)};

    (void)state;
    assert_true(delay(&r, 0) == BST_MS(100));
    assert_true(delay(&r, 1) == BST_MS(200));
    assert_true(delay(&r, 2) == BST_MS(400));
    assert_true(delay(&r, 6) == BST_MS(6400));
    assert_true(delay(&r, 7) == BST_S(10));
    r.factor = 3;
    assert_true(delay(&r, 2) == BST_MS(900));
    r.factor = 1;
    assert_true(delay(&r, UINT64_MAX) == BST_MS(100));
}

static void b77_cap_missing_is_one_hour(void **state)
{
    struct bst_restart r = {.backoff = BST_LINEAR, .step = BST_S(1)};

    (void)state;
    assert_true(delay(&r, 3598) == BST_S(3599));
    assert_true(delay(&r, 3599) == BST_S(3600));
    assert_true(delay(&r, 3600) == BST_S(3600));
    r.backoff = BST_EXPONENTIAL;
    assert_true(delay(&r, 12) == BST_S(3600));
}

static void b77_extremes_saturate_at_the_cap(void **state)
{
    struct bst_restart r = {.cap = BST_INFINITE, .factor = UINT32_MAX};
    uint64_t nth[] = {62, 63, 64, 1000000, UINT64_MAX - 1, UINT64_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(nth) / sizeof(nth[0]); i++) {
        r.backoff = BST_EXPONENTIAL;
        r.step = 1;
        assert_true(delay(&r, nth[i]) == BST_INFINITE);
        r.backoff = BST_LINEAR;
        r.step = BST_INFINITE / 2;
        assert_true(delay(&r, nth[i]) == BST_INFINITE);
        r.step = 0;
        assert_true(delay(&r, nth[i]) == 0);
        r.backoff = BST_EXPONENTIAL;
        assert_true(delay(&r, nth[i]) == 0);
    }
    r.cap = BST_MS(5);
    r.step = BST_S(1);
    assert_true(delay(&r, 0) == BST_MS(5));
}

static void b78_jitter_stays_within_its_percentage(void **state)
{
    struct bst_restart r = {.backoff = BST_LINEAR,
                            .step = BST_MS(100),
                            .cap = BST_S(3600),
                            .jitter = 20};
    uint64_t rand = 3;
    bst_time least = BST_INFINITE;
    bst_time most = 0;
    bst_time sum = 0;

    (void)state;
    for (int i = 0; i < 10000; i++) {
        bst_time d = bsti_backoff_delay(&r, 0, &rand);

        least = d < least ? d : least;
        most = d > most ? d : most;
        sum += d;
    }
    assert_true(least >= BST_MS(80) && least < BST_US(80100));
    assert_true(most <= BST_MS(120) && most > BST_US(119900));
    assert_true(sum / 10000 > BST_MS(99) && sum / 10000 < BST_MS(101));
}

static void b78_jitter_same_seed_same_delays(void **state)
{
    struct bst_restart r = {
        .backoff = BST_EXPONENTIAL, .step = BST_MS(7), .jitter = 50};
    uint64_t a = 77;
    uint64_t b = 77;

    (void)state;
    for (uint64_t i = 0; i < 50; i++) {
        assert_true(bsti_backoff_delay(&r, i, &a) ==
                    bsti_backoff_delay(&r, i, &b));
    }
}

static void b78_jitter_never_exceeds_the_cap_or_drops_below_zero(void **state)
{
    struct bst_restart r = {
        .backoff = BST_LINEAR, .step = BST_S(1), .cap = BST_S(1)};
    uint64_t rand = 5;

    (void)state;
    r.jitter = 1000;
    for (int i = 0; i < 1000; i++) {
        bst_time d = bsti_backoff_delay(&r, 3, &rand);

        assert_true(d >= 0 && d <= BST_S(1));
    }
    r.cap = BST_INFINITE;
    r.step = BST_INFINITE;
    for (int i = 0; i < 1000; i++) {
        assert_true(bsti_backoff_delay(&r, 3, &rand) >= 0);
    }
}

UNIT_MAIN(
    cmocka_unit_test(b74_none_is_no_delay),
    cmocka_unit_test(b75_linear_grows_by_the_step),
    cmocka_unit_test(b75_linear_from_100_ms),
    cmocka_unit_test(b76_exponential_from_5_s),
    cmocka_unit_test(b77_exponential_is_capped),
    cmocka_unit_test(b76_exponential_grows_by_the_factor),
    cmocka_unit_test(b77_cap_missing_is_one_hour),
    cmocka_unit_test(b77_extremes_saturate_at_the_cap),
    cmocka_unit_test(b78_jitter_stays_within_its_percentage),
    cmocka_unit_test(b78_jitter_same_seed_same_delays),
    cmocka_unit_test(b78_jitter_never_exceeds_the_cap_or_drops_below_zero))
