/*
 * sync/bias: a lock that its owner takes without a locked instruction.
 */

#include "sync/bias.h"

#include "plat/barrier.h"
#include "plat/thread.h"
#include "unit/unit.h"

static struct bsti_bias bias;

static int setup(void **state)
{
    (void)state;
    bsti_bias_init(&bias);
    return 0;
}

static void try_lock_gives_up_while_the_owner_is_inside(void **state)
{
    (void)state;
    if (!bsti_barrier_prepare())
        skip();
    bsti_bias_enter(&bias);
    assert_false(bsti_bias_try_lock(&bias));
    bsti_bias_leave(&bias);
    assert_true(bsti_bias_try_lock(&bias));
    bsti_bias_unlock(&bias);
    /* The owner has not come back, so this needs no barrier. */
    assert_int_equal(bsti_load_relaxed(&bias.revoked), 1);
    assert_true(bsti_bias_try_lock(&bias));
    bsti_bias_unlock(&bias);
    bsti_bias_enter(&bias);
    assert_int_equal(bsti_load_relaxed(&bias.revoked), 0);
    assert_false(bsti_bias_try_lock(&bias));
    bsti_bias_leave(&bias);
}

/* Two plain numbers that only who is alone changes together. */
static uint64_t first;
static uint64_t second;
static _Atomic uint32_t stop;

static void change(void)
{
    assert_true(first == second);
    first++;
    bsti_fence_compiler();
    second++;
}

static void other(void *arg)
{
    uint64_t *locked = arg;

    while (!bsti_load_acquire(&stop)) {
        if (bsti_bias_try_lock(&bias)) {
            change();
            bsti_bias_unlock(&bias);
            ++*locked;
        }
        bsti_thread_yield();
    }
}

static void owner_and_other_are_never_inside_together(void **state)
{
    struct bsti_thread thread;
    uint64_t entered = 0;
    uint64_t locked = 0;

    (void)state;
    if (!bsti_barrier_prepare())
        skip();
    first = second = 0;
    bsti_store_relaxed(&stop, 0u);
    assert_int_equal(bsti_thread_start(&thread, "other", other, &locked), 0);
    while (entered < 200000) {
        bsti_bias_enter(&bias);
        change();
        bsti_bias_leave(&bias);
        if (++entered % 1000 == 0)
            bsti_thread_yield();
    }
    bsti_store_release(&stop, 1u);
    bsti_thread_join(&thread);
    assert_true(first == second);
    assert_true(first == entered + locked);
    print_message("locked %llu times\n", (unsigned long long)locked);
}

UNIT_MAIN(cmocka_unit_test_setup(try_lock_gives_up_while_the_owner_is_inside,
                                 setup),
          cmocka_unit_test_setup(owner_and_other_are_never_inside_together,
                                 setup))
