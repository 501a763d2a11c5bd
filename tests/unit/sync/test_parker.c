/*
 * sync/parker and sync/spin: sleeping, waking, locking.
 */

#include "sync/parker.h"

#include "plat/clock.h"
#include "plat/thread.h"
#include "sync/spin.h"

#include "unit/unit.h"

static void unpark_before_park_is_not_lost(void **state)
{
    struct bsti_parker parker;

    (void)state;
    bsti_parker_init(&parker);
    assert_false(bsti_parker_unpark(&parker));
    assert_true(bsti_parker_park(&parker, BST_INFINITE));
}

static void unpark_twice_is_one_token(void **state)
{
    struct bsti_parker parker;

    (void)state;
    bsti_parker_init(&parker);
    (void)bsti_parker_unpark(&parker);
    (void)bsti_parker_unpark(&parker);
    assert_true(bsti_parker_park(&parker, 0));
    assert_false(bsti_parker_park(&parker, 0));
}

static void park_without_time_does_not_wait(void **state)
{
    struct bsti_parker parker;

    (void)state;
    bsti_parker_init(&parker);
    assert_false(bsti_parker_park(&parker, 0));
    assert_false(bsti_parker_park(&parker, -BST_S(1)));
    (void)bsti_parker_unpark(&parker);
    assert_true(bsti_parker_park(&parker, -BST_S(1)));
}

static void park_times_out_never_early(void **state)
{
    struct bsti_parker parker;

    (void)state;
    bsti_parker_init(&parker);
    for (bst_time span = BST_US(10); span < BST_MS(50); span *= 5) {
        bst_time start = bsti_clock_now();

        assert_false(bsti_parker_park(&parker, span));
        assert_true(bsti_clock_now() - start >= span);
    }
    (void)bsti_parker_unpark(&parker);
    assert_true(bsti_parker_park(&parker, BST_S(10)));
}

struct sleeper {
    struct bsti_parker parker;
    _Atomic int stage;
    int data;
};

static void sleep_until_woken(void *arg)
{
    struct sleeper *sleeper = arg;

    bsti_store_release(&sleeper->stage, 1);
    while (!bsti_parker_park(&sleeper->parker, BST_S(100))) {
    }
    /* What was written before the unpark is visible. */
    bsti_store_release(&sleeper->stage, sleeper->data);
}

static void unpark_wakes_a_sleeping_thread(void **state)
{
    struct bsti_thread thread;
    struct sleeper sleeper = {.data = 0};

    (void)state;
    bsti_parker_init(&sleeper.parker);
    assert_int_equal(
        bsti_thread_start(&thread, "sleeper", sleep_until_woken, &sleeper), 0);
    while (bsti_load_acquire(&sleeper.stage) != 1) {
        bsti_thread_yield();
    }
    /* Until it sleeps in the kernel, or nearly so; both ways must work. */
    while (bsti_load_relaxed(&sleeper.parker.state) == 0) {
        bsti_thread_yield();
    }
    sleeper.data = 42;
    assert_true(bsti_parker_unpark(&sleeper.parker));
    bsti_thread_join(&thread);
    assert_int_equal(bsti_load_relaxed(&sleeper.stage), 42);
}

struct counter {
    struct bsti_spin lock;
    uint64_t count; /* guarded by lock */
};

static void count_up(void *arg)
{
    struct counter *counter = arg;

    for (int i = 0; i < 20000; i++) {
        bsti_spin_lock(&counter->lock);
        counter->count++;
        bsti_spin_unlock(&counter->lock);
    }
}

static void spin_lock_excludes(void **state)
{
    struct bsti_thread threads[4];
    struct counter counter = {.count = 0};

    (void)state;
    bsti_spin_init(&counter.lock);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(
            bsti_thread_start(&threads[i], "counter", count_up, &counter), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        bsti_thread_join(&threads[i]);
    }
    assert_true(counter.count == 80000);
}

static void spin_trylock_held_lock_fails(void **state)
{
    struct bsti_spin spin;

    (void)state;
    bsti_spin_init(&spin);
    assert_true(bsti_spin_trylock(&spin));
    assert_false(bsti_spin_trylock(&spin));
    bsti_spin_unlock(&spin);
    assert_true(bsti_spin_trylock(&spin));
    bsti_spin_unlock(&spin);
}

UNIT_MAIN(cmocka_unit_test(unpark_before_park_is_not_lost),
          cmocka_unit_test(unpark_twice_is_one_token),
          cmocka_unit_test(park_without_time_does_not_wait),
          cmocka_unit_test(park_times_out_never_early),
          cmocka_unit_test(unpark_wakes_a_sleeping_thread),
          cmocka_unit_test(spin_lock_excludes),
          cmocka_unit_test(spin_trylock_held_lock_fails))
