/*
 * plat/futex: waiting on a word. `make BSTI_FUTEX_FALLBACK=1` has the same
 * tests run on the portable version.
 */

#include "plat/futex.h"

#include <errno.h>

#include "plat/clock.h"
#include "plat/thread.h"

#include "unit/unit.h"

static void wait_other_value_returns_at_once(void **state)
{
    _Atomic uint32_t word = 5;

    (void)state;
    assert_int_equal(bsti_futex_wait(&word, 4, BST_INFINITE), 0);
}

static void wait_times_out_never_early(void **state)
{
    _Atomic uint32_t word = 5;
    bst_time spans[] = {-1, 0, BST_US(50), BST_MS(3), BST_MS(20)};

    (void)state;
    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        bst_time start = bsti_clock_now();
        int error;

        do {
            error = bsti_futex_wait(&word, 5, spans[i]);
        } while (error == 0);
        assert_int_equal(error, -ETIMEDOUT);
        assert_true(bsti_clock_now() - start >= spans[i]);
    }
}

static void wake_nobody_is_harmless(void **state)
{
    _Atomic uint32_t word = 0;

    (void)state;
    bsti_futex_wake(&word, 1);
    bsti_futex_wake(&word, INT32_MAX);
}

struct gate {
    _Atomic uint32_t word;
    _Atomic uint32_t waiting;
    _Atomic uint32_t passed;
};

static void wait_at_gate(void *arg)
{
    struct gate *gate = arg;

    bsti_fetch_add_release(&gate->waiting, 1u);
    while (bsti_load_acquire(&gate->word) == 0) {
        (void)bsti_futex_wait(&gate->word, 0, BST_INFINITE);
    }
    bsti_fetch_add_release(&gate->passed, 1u);
}

static void wake_all_wakes_all(void **state)
{
    struct bsti_thread threads[6];
    static struct gate gate;

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(
            bsti_thread_start(&threads[i], "gate", wait_at_gate, &gate), 0);
    }
    while (bsti_load_acquire(&gate.waiting) < 6) {
        bsti_thread_yield();
    }
    assert_int_equal(bsti_load_acquire(&gate.passed), 0);
    bsti_store_release(&gate.word, 1u);
    bsti_futex_wake(&gate.word, INT32_MAX);
    for (size_t i = 0; i < 6; i++) {
        bsti_thread_join(&threads[i]);
    }
    assert_int_equal(bsti_load_acquire(&gate.passed), 6);
}

struct turns {
    _Atomic uint32_t word; /* whose turn it is */
    uint32_t count;
};

#define TURNS 5000u

static void take_turns(struct turns *turns, uint32_t me)
{
    for (uint32_t i = 0; i < TURNS; i++) {
        while (bsti_load_acquire(&turns->word) != me) {
            (void)bsti_futex_wait(&turns->word, 1 - me, BST_INFINITE);
        }
        turns->count++;
        bsti_store_release(&turns->word, 1 - me);
        bsti_futex_wake(&turns->word, 1);
    }
}

static void take_second_turns(void *arg)
{
    take_turns(arg, 1);
}

static void wake_and_wait_in_turns_loses_nothing(void **state)
{
    static struct turns turns;
    struct bsti_thread thread;

    (void)state;
    assert_int_equal(
        bsti_thread_start(&thread, "turns", take_second_turns, &turns), 0);
    take_turns(&turns, 0);
    bsti_thread_join(&thread);
    assert_int_equal(turns.count, 2 * TURNS);
}

UNIT_MAIN(cmocka_unit_test(wait_other_value_returns_at_once),
          cmocka_unit_test(wait_times_out_never_early),
          cmocka_unit_test(wake_nobody_is_harmless),
          cmocka_unit_test(wake_all_wakes_all),
          cmocka_unit_test(wake_and_wait_in_turns_loses_nothing))
