/*
 * Real threads and real time.
 */

#include "exec/seam.h"

#include <errno.h>

#include "exec/worker.h"
#include "plat/clock.h"
#include "plat/futex.h"

static bst_time now(struct bsti_exec *exec)
{
    (void)exec;
    return bsti_clock_now();
}

/* Ends the first `n` workers again: not everything could be started. */
static void join_first(struct bsti_exec *exec, uint32_t n)
{
    bsti_exec_stop_workers(exec);
    while (n-- > 0)
        bsti_thread_join(&bsti_exec_worker(exec, n)->thread);
}

static int start(struct bsti_exec *exec)
{
    for (uint32_t i = 0; i < exec->nworkers; i++) {
        struct bsti_worker *worker = bsti_exec_worker(exec, i);

        if (bsti_thread_start(&worker->thread, "bastion", bsti_worker_main,
                              worker) == 0)
            continue;
        join_first(exec, i);
        return -EAGAIN;
    }
    if (bsti_monitor_start(exec) != 0) {
        join_first(exec, exec->nworkers);
        return -EAGAIN;
    }
    return 0;
}

/* Waits for the end of a worker's thread, at most until `deadline`. */
static bool join_worker(struct bsti_worker *worker, bst_time deadline)
{
    while (!bsti_load_acquire(&worker->exited)) {
        bst_time left = BST_INFINITE;

        if (deadline != BST_INFINITE) {
            left = deadline - bsti_clock_now();
            if (left <= 0)
                return false;
        }
        bsti_futex_wait(&worker->exited, 0, left);
    }
    if (!worker->is_threadless)
        bsti_thread_join(&worker->thread);
    return true;
}

static bool join(struct bsti_exec *exec, bst_time deadline)
{
    bool all = true;

    for (uint32_t i = 0; i < exec->most; i++) {
        struct bsti_worker *worker = bsti_exec_worker(exec, i);

        if (worker && !join_worker(worker, deadline))
            all = false;
    }
    return all;
}

static bool wait(struct bsti_exec *exec, _Atomic uint32_t *word, uint32_t value,
                 bst_time within)
{
    (void)exec;
    bsti_futex_wait(word, value, within);
    return true;
}

static void park(struct bsti_worker *worker, bst_time within)
{
    bsti_parker_park(&worker->parker, within);
}

static void sleep_here(struct bsti_exec *exec, bst_time duration)
{
    (void)exec;
    bsti_thread_sleep(duration);
}

const struct bsti_seam bsti_seam_threads = {
    .now = now,
    .start = start,
    .join = join,
    .wait = wait,
    .park = park,
    .sleep = sleep_here,
};
