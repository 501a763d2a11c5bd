/*
 * The monitor: a thread that looks after workers whose handler does not
 * return.
 *
 * While somebody is at work it looks every few milliseconds whether each
 * worker has begun a new turn since the last time. For one that has not it
 * makes what waits behind the handler available to the others: its deque may
 * be stolen from, the process in its next-slot moves to the injector, its
 * alarms are fired. A handler that keeps its worker for 10 ms is reported by
 * name. If no worker is left, a spare one is started, so that one endless
 * loop never stops the rest, not even with a single worker.
 *
 * Suspended processes stay with the thread they suspended on (see worker.h),
 * so those of a stuck worker have to wait for it.
 */

#define _GNU_SOURCE
#include "base/alloc.h"
#include "exec/load.h"
#include "exec/timer.h"
#include "exec/worker.h"
#include "plat/barrier.h"
#include "plat/clock.h"
#include "plat/futex.h"
#include "plat/log.h"
#include "sync/atomic.h"

#include <bastion/system.h>

static const bst_time look_often = BST_MS(1); /* while somebody is late */
static const bst_time look_seldom = BST_MS(5);
static const bst_time late = BST_MS(1);
static const bst_time stuck = BST_MS(10);    /* of computing */
static const bst_time waiting = BST_MS(250); /* in a system call, perhaps */

enum { QUIET_CHECKS = 20 /* without any work before it goes to sleep */ };

static bool is_stopping(struct bsti_exec *exec)
{
    return bsti_load_acquire(&exec->stopping) != 0;
}

/* Reports a handler once for each time that it does not return. */
static void name(struct bsti_worker *worker, struct bsti_watch *watch,
                 bst_time now)
{
    /* relaxed: it may be another one by now; blocks of actors stay valid */
    struct bsti_proc *proc = bsti_load_relaxed(&worker->shown);
    char text[256];

    if (watch->named || !proc || !proc->cls->describe)
        return;
    watch->named = true;
    proc->cls->describe(proc, text, sizeof text);
    bsti_log(BST_LOG_WARN, "%s has a handler that does not return, for %lld ms",
             text, (long long)((now - watch->since) / BST_MS(1)));
}

/* Makes what waits behind the handler available to other workers. */
static void release_work(struct bsti_exec *exec, struct bsti_worker *worker,
                         bst_time now)
{
    struct bsti_proc *proc = NULL;

    bsti_alarms_expire_for(worker, now);
    if (exec->monitor.can_steal && !bsti_slot_is_empty(&worker->slot))
        proc = bsti_slot_steal(&worker->slot);
    if (proc)
        bsti_exec_ready(exec, proc);
    if (bsti_deque_size(&worker->deque) > 0) {
        bsti_store_relaxed(&worker->share, (uint32_t)BSTI_SHARE_ALL);
        bsti_exec_wake_one(exec);
    }
}

/* Starts one more worker in the place of those that are stuck. */
static void add_spare(struct bsti_exec *exec)
{
    for (uint32_t i = exec->nworkers; i < exec->most; i++) {
        struct bsti_worker *worker;

        if (bsti_exec_worker(exec, i))
            continue;
        worker = bsti_worker_create(exec, i);
        if (!worker)
            return;
        bsti_store_release(&exec->workers[i], worker);
        if (bsti_thread_start(&worker->thread, "bastion-spare",
                              bsti_worker_main, worker) != 0) {
            /* Others may have seen it, so it is kept; its thread is none. */
            bsti_store_release(&worker->exited, 1u);
            worker->is_threadless = true;
        }
        return;
    }
}

/*
 * Whether a late worker is kept by its handler: it computes, or it waits for
 * so long that the handler must be in a system call. A thread that only does
 * not get a CPU is neither.
 */
static bool is_stuck(struct bsti_worker *worker, struct bsti_watch *watch,
                     bst_time now)
{
    bst_time cpu = bsti_thread_cpu_time(&worker->thread);

    if (watch->cpu == 0)
        watch->cpu = cpu;
    return cpu - watch->cpu >= stuck - late || now - watch->since >= waiting;
}

/* Looks at one worker. Returns whether its handler keeps it for long. */
static bool look_at(struct bsti_exec *exec, uint32_t index, bst_time now,
                    bool *busy, bool *is_late)
{
    struct bsti_worker *worker = bsti_exec_worker(exec, index);
    struct bsti_watch *watch = &exec->monitor.watch[index];
    uint32_t tick;

    /* relaxed: what is missed now is seen by the next look */
    if (!worker || worker->is_threadless || bsti_load_relaxed(&worker->parked))
        return true;
    *busy = true;
    tick = bsti_load_relaxed(&worker->tick);
    if (tick != watch->tick || watch->since == 0) {
        watch->tick = tick;
        watch->since = now;
        watch->cpu = 0;
        watch->named = false;
        return false;
    }
    if (now - watch->since < late)
        return false;
    *is_late = true;
    release_work(exec, worker, now);
    if (!is_stuck(worker, watch, now))
        return false;
    name(worker, watch, now);
    return true;
}

/* Returns how long to sleep until the next look. */
static bst_time look(struct bsti_exec *exec)
{
    bst_time now = bsti_clock_now();
    bool busy = false;
    bool is_late = false;
    bool all_stuck = true;

    for (uint32_t i = 0; i < exec->most; i++)
        if (!look_at(exec, i, now, &busy, &is_late))
            all_stuck = false;
    exec->monitor.quiet = busy ? 0 : exec->monitor.quiet + 1;
    if (busy && all_stuck && bsti_load_relaxed(&exec->idle_count) == 0)
        add_spare(exec);
    return is_late ? look_often : look_seldom;
}

static void run(void *arg)
{
    struct bsti_exec *exec = arg;
    struct bsti_monitor *monitor = &exec->monitor;

    while (!is_stopping(exec)) {
        bst_time pause = look(exec);

        if (monitor->quiet < QUIET_CHECKS) {
            /* Nobody wakes this futex but the end of the executor. */
            bsti_futex_wait(&monitor->ended, 0, pause);
            continue;
        }
        /* seq_cst: before the last look at the idle count; pairs with the
         * fence of a worker that leaves the idle list. */
        bsti_store_seq_cst(&monitor->asleep, 1u);
        if (bsti_load_seq_cst(&exec->idle_count) >= exec->nworkers &&
            !is_stopping(exec))
            bsti_futex_wait(&monitor->asleep, 1, BST_INFINITE);
        bsti_store_relaxed(&monitor->asleep, 0u);
        monitor->quiet = 0;
    }
}

void bsti_monitor_wake(struct bsti_exec *exec)
{
    bsti_store_release(&exec->monitor.asleep, 0u);
    bsti_futex_wake(&exec->monitor.asleep, 1);
}

int bsti_monitor_start(struct bsti_exec *exec)
{
    struct bsti_monitor *monitor = &exec->monitor;
    int error;

    monitor->watch = bsti_alloc(sizeof *monitor->watch * exec->most);
    if (!monitor->watch)
        return -1;
    monitor->can_steal = bsti_barrier_prepare();
    error = bsti_thread_start(&monitor->thread, "bastion-monitor", run, exec);
    monitor->started = error == 0;
    return error;
}

void bsti_monitor_stop(struct bsti_exec *exec)
{
    struct bsti_monitor *monitor = &exec->monitor;

    bsti_store_seq_cst(&exec->stopping, 1u);
    bsti_store_release(&monitor->ended, 1u);
    bsti_futex_wake(&monitor->ended, 1);
    bsti_monitor_wake(exec);
    if (monitor->started)
        bsti_thread_join(&monitor->thread);
    monitor->started = false;
    bsti_free(monitor->watch);
    monitor->watch = NULL;
}
