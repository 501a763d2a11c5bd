/*
 * actor/ration: how many reports are shown, and that the others are counted.
 */

#include "actor/ration.h"

#include "base/rand.h"
#include "plat/thread.h"
#include "sync/atomic.h"

#include "unit/unit.h"

static struct bsti_ration ration;

static void ration_shows_a_burst_and_no_more(void **state)
{
    struct bsti_hush hush = {.path = "/a"};
    uint32_t shown = 0;

    (void)state;
    bsti_ration_init(&ration);
    for (int i = 0; i < 100; i++) {
        shown += bsti_ration_take(&ration, &hush, i);
    }
    assert_int_equal(shown, BSTI_RATION);
    assert_int_equal(bsti_ration_collect(&ration, &hush), 100 - BSTI_RATION);
    assert_int_equal(bsti_ration_collect(&ration, &hush), 0);
    /* A nanosecond before the first one is a second old, and then. */
    assert_false(bsti_ration_take(&ration, &hush, BST_S(1) - 1));
    assert_true(bsti_ration_take(&ration, &hush, BST_S(1)));
    assert_int_equal(bsti_ration_collect(&ration, &hush), 1);
}

/* In any second, wherever it begins, there are not more than the ration. */
static void ration_holds_in_every_second(void **state)
{
    enum { EVENTS = 50000 };
    struct bsti_hush hush = {.path = "/a"};
    static bst_time shown[EVENTS];
    uint64_t rand = 7;
    bst_time now = 0;
    size_t count = 0;

    (void)state;
    bsti_ration_init(&ration);
    for (int i = 0; i < EVENTS; i++) {
        now += (bst_time)bsti_rand_below(&rand, (uint64_t)BST_MS(300));
        if (bsti_ration_take(&ration, &hush, now)) {
            shown[count++] = now;
        }
    }
    for (size_t i = BSTI_RATION; i < count; i++) {
        assert_true(shown[i] - shown[i - BSTI_RATION] >= BST_S(1));
    }
    assert_int_equal(count + bsti_ration_collect(&ration, &hush), EVENTS);
    assert_true(count > 1000);
}

static void ration_lists_each_that_was_hushed(void **state)
{
    struct bsti_hush hushes[3] = {{.path = "/a"}, {.path = "/b"}, {.path = 0}};
    uint64_t found[2] = {0, 0};
    struct bsti_hush *hush;
    uint64_t count;

    (void)state;
    bsti_ration_init(&ration);
    assert_null(bsti_ration_next(&ration, &count));
    for (int i = 0; i < BSTI_RATION; i++) {
        assert_true(bsti_ration_take(&ration, &hushes[2], 0));
    }
    for (int i = 0; i < 5; i++) {
        assert_false(bsti_ration_take(&ration, &hushes[i % 2], 0));
    }
    while ((hush = bsti_ration_next(&ration, &count))) {
        assert_ptr_not_equal(hush, &hushes[2]);
        found[hush - hushes] += count;
    }
    assert_int_equal(found[0], 3);
    assert_int_equal(found[1], 2);
    /* It can be listed again. */
    assert_false(bsti_ration_take(&ration, &hushes[0], 1));
    assert_ptr_equal(bsti_ration_next(&ration, &count), &hushes[0]);
    assert_int_equal(count, 1);
    /* One that was collected has nothing to tell. */
    assert_false(bsti_ration_take(&ration, &hushes[1], 1));
    assert_int_equal(bsti_ration_collect(&ration, &hushes[1]), 1);
    assert_null(bsti_ration_next(&ration, &count));
}

enum { THREADS = 4, ROUNDS = 50000 };

static struct bsti_hush shared[2] = {{.path = "/a"}, {.path = "/b"}};
static _Atomic uint64_t total;

static void take_and_tell(void *arg)
{
    uint64_t rand = (uintptr_t)arg;
    uint64_t told = 0;
    uint64_t count;

    for (int i = 0; i < ROUNDS; i++) {
        struct bsti_hush *hush = &shared[bsti_rand_below(&rand, 2)];

        told += bsti_ration_take(&ration, hush, BST_MS(i));
        if (bsti_rand_below(&rand, 16) == 0) {
            told += bsti_ration_collect(&ration, hush);
        }
        if (bsti_rand_below(&rand, 16) == 0) {
            (void)bsti_ration_next(&ration, &count);
            told += count;
        }
    }
    bsti_fetch_add_relaxed(&total, told);
}

static void ration_counts_exactly_on_threads(void **state)
{
    struct bsti_thread threads[THREADS];
    uint64_t count;

    (void)state;
    bsti_ration_init(&ration);
    for (uintptr_t i = 0; i < THREADS; i++) {
        assert_int_equal(bsti_thread_start(&threads[i], "ration", take_and_tell,
                                           (void *)(i + 1)),
                         0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        bsti_thread_join(&threads[i]);
    }
    while (bsti_ration_next(&ration, &count)) {
        bsti_fetch_add_relaxed(&total, count);
    }
    assert_int_equal(bsti_load_relaxed(&total), THREADS * ROUNDS);
}

UNIT_MAIN(cmocka_unit_test(ration_shows_a_burst_and_no_more),
          cmocka_unit_test(ration_holds_in_every_second),
          cmocka_unit_test(ration_lists_each_that_was_hushed),
          cmocka_unit_test(ration_counts_exactly_on_threads))
