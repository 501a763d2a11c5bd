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
 * Suspended processes stay with the thread they suspended on (see worker.h).
 * Those of a worker that is stuck for 100 ms move to another one (rescue.c).
 */

#define _GNU_SOURCE
#include "base/alloc.h"
#include "exec/oust.h"
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
static const bst_time stuck = BST_MS(10);     /* of computing */
static const bst_time stranded = BST_MS(100); /* after its queue has gone */
static const bst_time stranded_waiting = BST_S(1);
static const bst_time waiting = BST_MS(250); /* in a system call, perhaps */

enum {
    QUIET_CHECKS = 20,   /* without any work before it goes to sleep */
    TRIM_PORTION = 1024, /* stacks whose memory it gives back in one look */
};

/* Whether it has to end. That is before the workers do: what it holds for a
 * moment they would not find at their last look. */
static bool is_ending(const struct bsti_monitor *monitor)
{
    return bsti_load_acquire(&monitor->ended) != 0;
}

/* Reports a handler once for each time that it does not return. */
static void name(struct bsti_worker *worker, struct bsti_watch *watch,
                 bst_time now)
{
    /* acquire: pairs with show(); it may be another one by now, but only
     * blocks that stay valid as long as the executor are shown */
    struct bsti_proc *proc = bsti_load_acquire(&worker->shown);
    char text[256];

    if (watch->named || !proc || !proc->cls->describe)
        return;
    watch->named = true;
    proc->cls->describe(proc, text, sizeof text);
    bsti_log(BST_LOG_WARN, "%s has a handler that does not return, for %lld ms",
             text, (long long)((now - watch->since) / BST_MS(1)));
}

/* The system takes milliseconds to prepare barriers, so it is asked late. */
static bool can_steal(struct bsti_monitor *monitor)
{
    if (!monitor->prepared)
        monitor->can_steal = bsti_barrier_prepare();
    monitor->prepared = true;
    return monitor->can_steal;
}

/* Moves on what came back from a thief; what holds a stack has to stay. */
static void empty_inbox(struct bsti_exec *exec, struct bsti_worker *worker)
{
    struct bsti_link *link;

    if (bsti_inbox_is_empty(&worker->inbox))
        return;
    link = bsti_inbox_take_all(&worker->inbox);
    while (link) {
        struct bsti_link *next = link->next;
        struct bsti_proc *proc = bsti_proc_of_link(link);

        if (proc->stack) {
            /* The worker may have come back, and gone to sleep, meanwhile. */
            bsti_inbox_push(&worker->inbox, link);
            bsti_worker_wake(worker);
        } else {
            bsti_exec_ready(exec, proc);
        }
        link = next;
    }
}

/* Makes what waits behind the handler available to other workers. */
static void release_work(struct bsti_exec *exec, struct bsti_worker *worker,
                         bst_time now)
{
    struct bsti_proc *proc = NULL;

    bsti_alarms_expire_for(worker, now);
    if (!bsti_slot_is_empty(&worker->slot) && can_steal(&exec->monitor))
        proc = bsti_slot_steal(&worker->slot);
    if (proc)
        bsti_exec_ready(exec, proc);
    if (bsti_load_relaxed(&worker->urgent) > 0 && can_steal(&exec->monitor))
        bsti_release_urgent(worker);
    empty_inbox(exec, worker);
    bsti_store_relaxed(&worker->hurry, 1u);
    if (bsti_deque_size(&worker->deque) > 0) {
        bsti_store_relaxed(&worker->share, (uint32_t)BSTI_SHARE_ALL);
        bsti_exec_wake_one(exec);
    }
}

/* Has one more spare worker take the place of those that are stuck. */
static void add_spare(struct bsti_exec *exec)
{
    uint32_t spares = bsti_load_relaxed(&exec->monitor.spares);
    uint32_t index = exec->nworkers + spares;
    struct bsti_worker *worker;

    if (index == exec->most)
        return;
    bsti_store_relaxed(&exec->monitor.spares, spares + 1);
    worker = bsti_exec_worker(exec, index);
    if (worker) { /* it is dormant */
        bsti_parker_unpark(&worker->parker);
        return;
    }
    worker = bsti_worker_create(exec, index);
    if (!worker)
        return;
    bsti_store_release(&exec->workers[index], worker);
    if (bsti_thread_start(&worker->thread, "bastion-spare", bsti_worker_main,
                          worker) != 0) {
        /* Others may have seen it, so it is kept; its thread is none. */
        bsti_store_release(&worker->exited, 1u);
        worker->is_threadless = true;
    }
}

static bool work_waits(struct bsti_exec *exec)
{
    for (uint32_t i = 0; i < exec->nplaces; i++)
        if (bsti_injector_length(exec->places[i].injector) > 0)
            return true;
    for (uint32_t i = 0; i < exec->most; i++) {
        struct bsti_worker *worker = bsti_exec_worker(exec, i);

        if (worker && bsti_deque_size(&worker->deque) > 0)
            return true;
    }
    return false;
}

/*
 * How long the workers must have been stuck before one more spare comes: four
 * times as long for each, so that long computations do not make many threads.
 */
static bst_time patience(const struct bsti_monitor *monitor)
{
    return stuck << (2 * bsti_load_relaxed(&monitor->spares));
}

/*
 * Whether a late worker waits in a handler, and not for a CPU that others
 * have: after half of the patience most of the rest was neither spent nor
 * starved.
 */
static bool is_waiting(struct bsti_worker *worker, struct bsti_watch *watch,
                       bst_time cpu, bst_time now)
{
    bst_time late_for = now - watch->since;
    bst_time starved;

    if (late_for < waiting / 2)
        return false;
    starved = bsti_thread_starved_time(&worker->thread);
    if (watch->half == 0) {
        watch->half = now;
        watch->starved = starved + cpu;
    }
    return late_for >= waiting &&
           2 * (starved + cpu - watch->starved) < now - watch->half;
}

/*
 * Whether a late worker is kept by its handler: it computes, or it waits for
 * so long that the handler must be in a system call.
 */
static bool is_stuck(struct bsti_worker *worker, struct bsti_watch *watch,
                     bst_time now)
{
    bst_time cpu = bsti_thread_cpu_time(&worker->thread);

    if (watch->cpu == 0)
        watch->cpu = cpu;
    watch->computes = cpu - watch->cpu >= stuck - late;
    return watch->computes || is_waiting(worker, watch, cpu, now);
}

/* A worker whose turns have become long since its last sample takes one. */
static void sample_soon(struct bsti_worker *worker, struct bsti_watch *watch)
{
    uint32_t samples = bsti_load_relaxed(&worker->samples);

    if (samples == watch->samples)
        bsti_store_relaxed(&worker->until_sample, 1u);
    watch->samples = samples;
}

/* What a look has seen. */
struct sight {
    bst_time now;
    bool busy;         /* somebody is at work */
    bool late;         /* somebody has not come back for a while */
    bool free;         /* a worker is not stuck */
    bool spare_free;   /* a spare worker is not stuck */
    bool stranded;     /* somebody's suspended processes need a worker */
    bst_time shortest; /* of the times that the stuck ones are stuck */
};

/* Whether it is there for everybody's work. */
static bool is_regular(const struct bsti_worker *worker)
{
    return !worker->is_spare && !bsti_worker_is_retired(worker);
}

static void look_at(struct bsti_exec *exec, uint32_t index, struct sight *sight)
{
    struct bsti_worker *worker = bsti_exec_worker(exec, index);
    struct bsti_watch *watch = &exec->monitor.watch[index];
    uint32_t tick;

    if (!worker || worker->is_threadless)
        return;
    watch->stuck = false;
    /* relaxed: what is missed now is seen by the next look */
    if (bsti_load_relaxed(&worker->parked)) {
        sight->free |= is_regular(worker);
        return;
    }
    sight->busy = true;
    sample_soon(worker, watch);
    tick = bsti_load_relaxed(&worker->tick);
    if (tick != watch->tick || watch->since == 0) {
        watch->tick = tick;
        watch->since = sight->now;
        watch->cpu = 0;
        watch->half = 0;
        watch->named = false;
    }
    if (sight->now - watch->since >= late) {
        sight->late = true;
        release_work(exec, worker, sight->now);
        if (is_stuck(worker, watch, sight->now)) {
            name(worker, watch, sight->now);
            watch->stuck = true;
            sight->shortest =
                BSTI_MIN(sight->shortest, sight->now - watch->since);
            return;
        }
    }
    if (worker->is_spare)
        sight->spare_free = true;
    else if (is_regular(worker))
        sight->free = true;
}

/* Whether a worker can take processes of a stuck one, at the last look. */
static bool is_host(struct bsti_exec *exec, uint32_t index, bst_time now,
                    bool regular)
{
    struct bsti_worker *worker = bsti_exec_worker(exec, index);
    const struct bsti_watch *watch = &exec->monitor.watch[index];

    if (!worker || worker->is_threadless || is_regular(worker) != regular)
        return false;
    return bsti_load_relaxed(&worker->parked) ||
           (!watch->stuck && now - watch->since < late);
}

/* Chooses among those in turn; spares and the retired come last. */
static struct bsti_worker *choose_host(struct bsti_exec *exec, bst_time now)
{
    uint32_t first = exec->monitor.host_turn++;

    for (uint32_t i = 0; i < 2 * exec->most; i++) {
        uint32_t index = (first + i) % exec->most;

        if (is_host(exec, index, now, i < exec->most))
            return bsti_exec_worker(exec, index);
    }
    return NULL;
}

/* Helps the suspended processes of those who are stuck for too long. */
static void rescue(struct bsti_exec *exec, struct sight *sight)
{
    for (uint32_t i = 0; i < exec->most; i++) {
        const struct bsti_watch *watch = &exec->monitor.watch[i];

        /* A thread that does not get a CPU for long is no reason to leave it:
         * its handlers rely on it. */
        bst_time enough = watch->computes ? late + stranded : stranded_waiting;

        if (!watch->stuck || sight->now - watch->since < enough ||
            !can_steal(&exec->monitor))
            continue;
        sight->stranded |=
            bsti_rescue(bsti_exec_worker(exec, i),
                        choose_host(exec, sight->now), sight->now);
    }
}

/* Returns how long to sleep until the next look. */
static bst_time look(struct bsti_exec *exec)
{
    struct bsti_monitor *monitor = &exec->monitor;
    struct sight sight = {.now = bsti_clock_now(), .shortest = BST_INFINITE};

    for (uint32_t i = 0; i < exec->most; i++)
        look_at(exec, i, &sight);
    if (sight.late)
        rescue(exec, &sight);
    monitor->quiet = sight.busy ? 0 : monitor->quiet + 1;
    if (sight.free)
        bsti_store_relaxed(&monitor->spares, 0u);
    else if (sight.busy && !sight.spare_free &&
             sight.shortest >= patience(monitor) &&
             (sight.stranded || work_waits(exec)))
        add_spare(exec);
    return sight.late ? look_often : look_seldom;
}

/*
 * Gives memory of stacks back that were not used for a while: first it tells
 * those that come and go from the others, then it trims these in portions.
 */
static void trim_stacks(struct bsti_exec *exec, bst_time now)
{
    struct bsti_monitor *monitor = &exec->monitor;

    if (bsti_stack_pool_used(&exec->stacks) == 0)
        return;
    if (now - monitor->marked_at >= exec->stack_quiet) {
        monitor->marked_at = now;
        monitor->trimming = true;
        bsti_stack_mark_unused(&exec->stacks);
    }
    if (monitor->trimming)
        monitor->trimming =
            bsti_stack_trim_unused(&exec->stacks, TRIM_PORTION) == TRIM_PORTION;
}

/* Whether all workers sleep; after it has said that it will sleep too. */
static bool all_parked(struct bsti_exec *exec)
{
    for (uint32_t i = 0; i < exec->most; i++) {
        struct bsti_worker *worker = bsti_exec_worker(exec, i);

        if (worker && !worker->is_threadless &&
            !bsti_load_relaxed(&worker->parked))
            return false;
    }
    return true;
}

/* How long to sleep while nobody works: it has to come back once or twice as
 * long as free stacks have memory. */
static bst_time nap(struct bsti_exec *exec)
{
    return bsti_stack_pool_used(&exec->stacks) > 0 ? exec->stack_quiet
                                                   : BST_INFINITE;
}

static void run(void *arg)
{
    struct bsti_exec *exec = arg;
    struct bsti_monitor *monitor = &exec->monitor;

    while (!is_ending(monitor)) {
        bst_time pause = look(exec);
        bst_time now = bsti_clock_now();

        if (bsti_force_look(exec, now)) {
            pause = BSTI_MIN(pause, look_often);
            monitor->quiet = 0;
        }
        bsti_seating_check(exec, now);
        trim_stacks(exec, now);
        if (monitor->quiet < QUIET_CHECKS) {
            /* Nobody wakes this futex but the end of the executor. */
            bsti_futex_wait(&monitor->ended, 0, pause);
            continue;
        }
        bsti_store_relaxed(&monitor->asleep, 1u);
        /* Before the last look at the workers; pairs with the fence of one
         * that leaves the idle list, and with that of the end. */
        bsti_fence_seq_cst();
        if (all_parked(exec) && !is_ending(monitor) &&
            bsti_load_relaxed(&monitor->force_until) == 0)
            bsti_futex_wait(&monitor->asleep, 1, nap(exec));
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
    error = bsti_thread_start(&monitor->thread, "bastion-monitor", run, exec);
    monitor->started = error == 0;
    return error;
}

void bsti_monitor_stop(struct bsti_exec *exec)
{
    struct bsti_monitor *monitor = &exec->monitor;

    bsti_store_release(&monitor->ended, 1u);
    bsti_fence_seq_cst(); /* pairs with that in run() */
    bsti_futex_wake(&monitor->ended, 1);
    bsti_monitor_wake(exec);
    if (monitor->started)
        bsti_thread_join(&monitor->thread);
    monitor->started = false;
    bsti_free(monitor->watch);
    monitor->watch = NULL;
}
