/*
 * Workers whose handler does not return, and what the monitor does for those
 * that wait behind it.
 */

#include <bastion/task.h>

#include "plat/barrier.h"
#include "plat/thread.h"
#include "sync/atomic.h"
#include "unit/unit.h"

/* How many others must have run before the spinning task may end. */
struct spin {
    _Atomic uint32_t ran;
    uint32_t others;
};

static void *run_once(void *arg)
{
    struct spin *spin = arg;

    bsti_fetch_add_release(&spin->ran, 1u);
    return NULL;
}

/* Never lets go of its worker until everybody behind it has run. */
static void *spin_until_all_ran(void *arg)
{
    struct spin *spin = arg;

    for (uint32_t i = 0; i < spin->others; i++)
        bst_detach(bst_spawn(NULL, run_once, spin, NULL));
    while (bsti_load_acquire(&spin->ran) < spin->others)
        bsti_cpu_relax();
    return NULL;
}

static void assert_all_run(uint32_t threads, uint32_t others)
{
    struct bst_executor_options options = {.threads = threads, .no_pin = 1};
    struct bst_executor *executor = bst_executor_create(&options);
    struct spin spin = {.others = others};

    if (!bsti_barrier_prepare()) /* the last one woken cannot be helped */
        skip();
    assert_int_equal(bst_run(executor, spin_until_all_ran, &spin, NULL),
                     BST_OK);
    assert_int_equal(bsti_load_relaxed(&spin.ran), others);
    bst_executor_destroy(executor);
}

static void next_slot_of_a_stuck_worker_moves(void **state)
{
    (void)state;
    assert_all_run(2, 1);
}

static void b135_queue_of_a_stuck_worker_moves(void **state)
{
    (void)state;
    assert_all_run(2, 100);
}

static void b135_only_worker_is_stuck_and_a_spare_helps(void **state)
{
    (void)state;
    assert_all_run(1, 3);
}

/* Each task waits for the next one to run: every spare gets stuck as well. */
static void *spin_in_a_chain(void *arg)
{
    struct spin *spin = arg;

    if (bsti_fetch_add_acq_rel(&spin->ran, 1u) + 1 < spin->others)
        bst_detach(bst_spawn(NULL, spin_in_a_chain, spin, NULL));
    while (bsti_load_acquire(&spin->ran) < spin->others)
        bsti_thread_yield();
    return NULL;
}

static void spares_get_stuck_and_more_come(void **state)
{
    struct bst_executor_options options = {.threads = 1, .no_pin = 1};
    struct bst_executor *executor = bst_executor_create(&options);
    struct spin spin = {.others = 4};

    (void)state;
    if (!bsti_barrier_prepare())
        skip();
    assert_int_equal(bst_run(executor, spin_in_a_chain, &spin, NULL), BST_OK);
    bst_executor_destroy(executor);
}

UNIT_MAIN(cmocka_unit_test(next_slot_of_a_stuck_worker_moves),
          cmocka_unit_test(b135_queue_of_a_stuck_worker_moves),
          cmocka_unit_test(b135_only_worker_is_stuck_and_a_spare_helps),
          cmocka_unit_test(spares_get_stuck_and_more_come))
