/*
 * sync/deque: the run queue, alone and with a thief.
 */

#include "sync/deque.h"

#include "base/rand.h"

#include "unit/unit.h"

static struct bsti_deque deque;
static struct bsti_deque other;
static char items[4 * BSTI_DEQUE_SIZE];

static int setup(void **state)
{
    (void)state;
    bsti_deque_init(&deque);
    bsti_deque_init(&other);
    return 0;
}

/* Pushes `n` items from number `from` on. */
static void fill(struct bsti_deque *d, size_t from, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_true(bsti_deque_push(d, &items[from + i]));
    }
}

static void pop_empty_is_null(void **state)
{
    (void)state;
    assert_null(bsti_deque_pop(&deque));
    assert_int_equal(bsti_deque_size(&deque), 0);
}

static void pop_is_first_in_first_out(void **state)
{
    (void)state;
    fill(&deque, 0, 100);
    assert_int_equal(bsti_deque_size(&deque), 100);
    for (size_t i = 0; i < 100; i++) {
        assert_ptr_equal(bsti_deque_pop(&deque), &items[i]);
    }
    assert_null(bsti_deque_pop(&deque));
}

static void push_full_is_refused(void **state)
{
    (void)state;
    fill(&deque, 0, BSTI_DEQUE_SIZE);
    assert_false(bsti_deque_push(&deque, &items[0]));
    assert_int_equal(bsti_deque_size(&deque), BSTI_DEQUE_SIZE);
    assert_ptr_equal(bsti_deque_pop(&deque), &items[0]);
    fill(&deque, BSTI_DEQUE_SIZE, 1);
    assert_false(bsti_deque_push(&deque, &items[0]));
    for (size_t i = 1; i <= BSTI_DEQUE_SIZE; i++) {
        assert_ptr_equal(bsti_deque_pop(&deque), &items[i]);
    }
}

static void steal_takes_the_older_half_rounded_up(void **state)
{
    static const uint32_t cases[][2] = {
        {0, 0}, {1, 1}, {2, 1}, {3, 2}, {10, 5}, {1023, 512}, {1024, 512},
    };

    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        uint32_t n = cases[c][0];
        uint32_t half = cases[c][1];

        setup(state);
        fill(&deque, 0, n);
        assert_int_equal(bsti_deque_steal_half(&deque, &other, 1024), half);
        assert_int_equal(bsti_deque_size(&deque), n - half);
        assert_int_equal(bsti_deque_size(&other), half);
        for (uint32_t i = 0; i < half; i++) {
            assert_ptr_equal(bsti_deque_pop(&other), &items[i]);
        }
        for (uint32_t i = half; i < n; i++) {
            assert_ptr_equal(bsti_deque_pop(&deque), &items[i]);
        }
    }
}

static void steal_at_most_max_and_what_fits(void **state)
{
    (void)state;
    fill(&deque, 0, 100);
    assert_int_equal(bsti_deque_steal_half(&deque, &other, 7), 7);
    assert_int_equal(bsti_deque_steal_half(&deque, &other, 0), 0);
    fill(&other, 2000, BSTI_DEQUE_SIZE - 7 - 3);
    assert_int_equal(bsti_deque_steal_half(&deque, &other, 1024), 3);
    assert_int_equal(bsti_deque_steal_half(&deque, &other, 1024), 0);
    assert_false(bsti_deque_push(&other, &items[0]));
    assert_int_equal(bsti_deque_size(&deque), 90);
}

static void try_steal_alone_is_not_contended(void **state)
{
    bool contended = true;

    (void)state;
    assert_int_equal(bsti_deque_try_steal(&deque, &other, 5, &contended), 0);
    assert_false(contended);
    fill(&deque, 0, 4);
    contended = true;
    assert_int_equal(bsti_deque_try_steal(&deque, &other, 5, &contended), 2);
    assert_false(contended);
}

static void take_half_gives_the_older_half(void **state)
{
    void *out[BSTI_DEQUE_SIZE];

    (void)state;
    assert_int_equal(bsti_deque_take_half(&deque, out, 10), 0);
    fill(&deque, 0, BSTI_DEQUE_SIZE);
    assert_int_equal(bsti_deque_take_half(&deque, out, BSTI_DEQUE_SIZE),
                     BSTI_DEQUE_SIZE / 2);
    for (size_t i = 0; i < BSTI_DEQUE_SIZE / 2; i++) {
        assert_ptr_equal(out[i], &items[i]);
    }
    assert_int_equal(bsti_deque_take_half(&deque, out, 5), 5);
    assert_ptr_equal(out[0], &items[BSTI_DEQUE_SIZE / 2]);
    assert_ptr_equal(bsti_deque_pop(&deque), &items[BSTI_DEQUE_SIZE / 2 + 5]);
}

static void random_operations_match_counters(void **state)
{
    size_t pushed = 0;
    size_t popped = 0;
    uint64_t rand = 5;

    (void)state;
    for (int round = 0; round < 300000; round++) {
        if (bsti_rand_below(&rand, 100) < 51) {
            bool full = pushed - popped == BSTI_DEQUE_SIZE;
            size_t slot = pushed % sizeof(items);

            assert_int_equal(bsti_deque_push(&deque, &items[slot]), !full);
            pushed += !full;
        } else if (pushed == popped) {
            assert_null(bsti_deque_pop(&deque));
        } else {
            assert_ptr_equal(bsti_deque_pop(&deque),
                             &items[popped % sizeof(items)]);
            popped++;
        }
        assert_int_equal(bsti_deque_size(&deque), pushed - popped);
        assert_true(bsti_deque_is_valid(&deque));
    }
}

UNIT_MAIN(cmocka_unit_test_setup(pop_empty_is_null, setup),
          cmocka_unit_test_setup(pop_is_first_in_first_out, setup),
          cmocka_unit_test_setup(push_full_is_refused, setup),
          cmocka_unit_test_setup(steal_takes_the_older_half_rounded_up, setup),
          cmocka_unit_test_setup(steal_at_most_max_and_what_fits, setup),
          cmocka_unit_test_setup(try_steal_alone_is_not_contended, setup),
          cmocka_unit_test_setup(take_half_gives_the_older_half, setup),
          cmocka_unit_test_setup(random_operations_match_counters, setup))
