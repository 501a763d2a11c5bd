/*
 * Which handler a signal is to end, how it goes on, and who is signalled.
 *
 * The signal carries nothing: its handler looks which process its thread runs
 * and whether that one was killed. So one that comes too late finds nothing.
 * Whoever runs on a thread is named by a plain field of the thread's own, and
 * shown to others by an atomic one, which tells only whom to signal.
 *
 * What the signal handler does to a worker or to a queue it does on a thread
 * that is outside of the runtime, and so holds none of its locks.
 */

#define _GNU_SOURCE

#include "exec/oust.h"

#include <pthread.h>

#include "base/assert.h"
#include "exec/blocking_pool.h"
#include "exec/contain.h"
#include "exec/sim.h"
#include "exec/worker.h"
#include "plat/clock.h"
#include "plat/fault.h"
#include "plat/force.h"
#include "sync/atomic.h"

/* How long after the last request threads are signalled: the patience of a
 * supervisor, and some more. */
static const bst_time lasting = BST_S(2);

_Thread_local enum bsti_bar bsti_this_bar;

BSTI_NO_SANITIZE BSTI_NOINLINE enum bsti_bar bsti_thread_bar(void)
{
    return bsti_this_bar;
}

/* ---- out of the signal handler ------------------------------------------- */

static bool is_killed(const struct bsti_proc *proc)
{
    return (bsti_proc_signals(proc) & BSTI_SIGNAL_KILL) != 0;
}

static void unbar(void)
{
    bsti_this_bar = BSTI_BAR_NONE;
}

static void land_on_worker(void *arg)
{
    struct bsti_worker *worker = arg;
    struct bsti_proc *proc = worker->proc;

    if (!proc || !is_killed(proc))
        return;
    /* What is left of a torn handler ends here, too. */
    bsti_this_worker = worker;
    unbar();
    bsti_force_landed();
    bsti_abandon(proc);
}

static void land_in_refuge(void *arg)
{
    const struct bsti_refuge *to = arg;

    if (!is_killed(to->proc))
        return;
    unbar();
    bsti_force_landed();
    to->ended(to->arg);
    bsti_check(false, "a killed job goes on");
}

/* ---- tearing off --------------------------------------------------------- */

/* Gives the process to somebody else, without what its handler still uses. */
BSTI_NO_SANITIZE static void let_go(struct bsti_exec *exec,
                                    struct bsti_injector *injector,
                                    struct bsti_proc *proc,
                                    struct bsti_proc *remnant)
{
    remnant->arena = proc->arena;
    proc->arena = NULL;
    proc->waiter.gift = remnant;
    bsti_fetch_or_acq_rel(&proc->signals, (uint8_t)BSTI_SIGNAL_TORN);
    bsti_this_bar = BSTI_BAR_REMNANT;
    bsti_injector_push(injector, &proc->link);
    bsti_exec_wake_one(exec);
}

/* acq_rel: pairs with the offer; who wins decides */
static struct bsti_proc *accept_from(bsti_remnant_place *place)
{
    return bsti_xchg_acq_rel(place, NULL);
}

BSTI_NO_SANITIZE static void tear_worker(void *arg)
{
    struct bsti_worker *worker = arg;
    struct bsti_proc *proc = worker->proc;
    struct bsti_proc *remnant = accept_from(&worker->remnant);

    if (!remnant)
        return;
    worker->proc = remnant;
    bsti_store_release(&worker->shown, NULL);
    bsti_this_worker = NULL;
    let_go(worker->exec, worker->injector, proc, remnant);
}

BSTI_NO_SANITIZE static void tear_job(void *arg)
{
    struct bsti_refuge *from = arg;
    struct bsti_blocking_slot *slot = bsti_blocking_here();
    struct bsti_proc *proc = from->proc;
    struct bsti_proc *remnant = accept_from(&slot->remnant);

    if (!remnant)
        return;
    from->proc = remnant;
    from->torn(from->arg);
    bsti_store_release(&slot->shown, NULL);
    let_go(from->exec, bsti_place_foreign(from->exec)->injector, proc, remnant);
}

/* ---- in the signal handler ----------------------------------------------- */

BSTI_NO_SANITIZE static enum bsti_force_aim aim_at(struct bsti_trap *trap,
                                                   const struct bsti_proc *proc,
                                                   bsti_remnant_place *place)
{
    uint8_t signals = bsti_load_acquire(&proc->signals);

    if (!(signals & BSTI_SIGNAL_KILL) || trap->sp < trap->walk.low ||
        trap->sp >= trap->walk.high)
        return BSTI_FORCE_NOTHING;
    return (signals & BSTI_SIGNAL_TEAR) && bsti_load_relaxed(place)
               ? BSTI_FORCE_TEAR
               : BSTI_FORCE_END;
}

BSTI_NO_SANITIZE static enum bsti_force_aim judge(struct bsti_trap *trap,
                                                  void (**tear)(void *arg))
{
    /* Not by the function, which TSan would look at. */
    struct bsti_worker *worker = bsti_this_worker;
    struct bsti_refuge *refuge = worker ? NULL : bsti_refuge_here();

    if (worker && worker->proc && worker->proc->cls->faulted) {
        trap->walk.low = (uintptr_t)worker->stack->base;
        trap->walk.high = trap->walk.low + worker->stack->size;
        trap->land = land_on_worker;
        trap->arg = worker;
        *tear = tear_worker;
        return aim_at(trap, worker->proc, &worker->remnant);
    }
    if (refuge && refuge->proc) {
        bsti_fault_thread_stack(&trap->walk.low, &trap->walk.high);
        trap->walk.limit = (uintptr_t)refuge->frame;
        trap->land = land_in_refuge;
        trap->arg = refuge;
        *tear = tear_job;
        return aim_at(trap, refuge->proc, &bsti_blocking_here()->remnant);
    }
    return BSTI_FORCE_NOTHING;
}

/* ---- whom to signal ------------------------------------------------------ */

/* The thread that may be in a handler of `proc`. */
static struct bsti_worker *worker_in(struct bsti_proc *proc)
{
    /* relaxed: a hint; who is missed is found by the monitor */
    struct bsti_worker *worker = bsti_load_relaxed(&proc->home);

    return worker && bsti_load_relaxed(&worker->shown) == proc ? worker : NULL;
}

static struct bsti_blocking_slot *slot_in(struct bsti_exec *exec,
                                          struct bsti_proc *proc)
{
    struct bsti_blocking *pool = bsti_load_acquire(&exec->blocking);
    uint32_t n = pool ? bsti_blocking_slots(pool) : 0;

    for (uint32_t i = 0; i < n; i++)
        if (bsti_load_relaxed(&pool->slots[i].shown) == proc)
            return &pool->slots[i];
    return NULL;
}

/* Signals the thread in `proc` at once, and has the monitor go on with it. */
static void request(struct bsti_exec *exec, struct bsti_proc *proc, bool pooled)
{
    struct bsti_worker *worker = worker_in(proc);
    struct bsti_blocking_slot *slot = pooled ? slot_in(exec, proc) : NULL;

    /* There nobody runs beside whoever asks for it. */
    if (bsti_exec_is_sim(exec))
        return;
    if (worker)
        bsti_force_thread(bsti_load_relaxed(&worker->thread.id));
    if (slot)
        bsti_force_thread(bsti_load_relaxed(&slot->id));
    bsti_store_relaxed(&exec->monitor.force_until, bsti_clock_now() + lasting);
    /* Before the look; pairs with the fence of the monitor, which looks at the
     * time after it has said that it sleeps. */
    bsti_fence_seq_cst();
    /* While no worker is awake only the pool can be in a handler. */
    if (pooled && bsti_load_relaxed(&exec->monitor.asleep))
        bsti_monitor_wake(exec);
}

void bsti_force(struct bsti_exec *exec, struct bsti_proc *proc, bool pooled)
{
    request(exec, proc, pooled);
}

void bsti_force_interrupt(struct bsti_exec *exec, struct bsti_proc *proc)
{
    request(exec, proc, true);
}

static bool signal_workers(struct bsti_exec *exec)
{
    bool found = false;

    for (uint32_t i = 0; i < exec->most; i++) {
        struct bsti_worker *worker = bsti_exec_worker(exec, i);
        /* acquire: as in name() of monitor.c */
        struct bsti_proc *proc =
            worker ? bsti_load_acquire(&worker->shown) : NULL;

        if (!proc || !is_killed(proc) || worker_in(proc) != worker)
            continue;
        bsti_force_thread(bsti_load_relaxed(&worker->thread.id));
        found = true;
    }
    return found;
}

/* Those that were only asked to stop are signalled ever more seldom: a system
 * call may have begun just after a signal. */
static bool signal_pool(struct bsti_exec *exec, uint32_t step)
{
    struct bsti_blocking *pool = bsti_load_acquire(&exec->blocking);
    uint32_t n = pool ? bsti_blocking_slots(pool) : 0;
    bool is_seldom = (step & (step - 1)) != 0;
    bool found = false;

    for (uint32_t i = 0; i < n; i++) {
        struct bsti_blocking_slot *slot = &pool->slots[i];
        struct bsti_proc *proc = bsti_load_acquire(&slot->shown);
        uint32_t signals = proc ? bsti_proc_signals(proc) : 0;

        if (!(signals & (BSTI_SIGNAL_KILL | BSTI_SIGNAL_STOP)))
            continue;
        if ((signals & BSTI_SIGNAL_KILL) || !is_seldom)
            bsti_force_thread(bsti_load_relaxed(&slot->id));
        found = true;
    }
    return found;
}

bool bsti_force_look(struct bsti_exec *exec, bst_time now)
{
    struct bsti_monitor *monitor = &exec->monitor;
    /* relaxed: who is shown is looked at behind the fence of the monitor */
    bst_time until = bsti_load_relaxed(&monitor->force_until);
    bool found = false;

    if (until == 0)
        return false;
    if (until != monitor->force_seen)
        monitor->force_step = 0;
    monitor->force_seen = until;
    monitor->force_step++;
    if (now <= until) {
        found = signal_workers(exec);
        found |= signal_pool(exec, monitor->force_step);
    }
    /* If it fails there is a new request. */
    if (!found)
        (void)bsti_cas_strong_relaxed(&monitor->force_until, &until,
                                      (bst_time)0);
    return found;
}

/* ---- offers -------------------------------------------------------------- */

bsti_remnant_place *bsti_force_tear(struct bsti_exec *exec,
                                    struct bsti_proc *proc,
                                    struct bsti_proc *remnant, bool pooled)
{
    struct bsti_worker *worker = worker_in(proc);
    struct bsti_blocking_slot *slot = pooled ? slot_in(exec, proc) : NULL;
    bsti_remnant_place *place = slot     ? &slot->remnant
                                : worker ? &worker->remnant
                                         : NULL;
    struct bsti_proc *none = NULL;

    /* Another one's, which has not been taken back yet, is in the way. */
    if (!place || bsti_exec_is_sim(exec) ||
        !bsti_cas_strong_acq_rel(place, &none, remnant))
        return NULL;
    /* The kill may have ended a handler, and a cleanup not have returned. */
    bsti_fetch_or_acq_rel(&proc->signals,
                          (uint8_t)(BSTI_SIGNAL_KILL | BSTI_SIGNAL_TEAR));
    request(exec, proc, pooled);
    return place;
}

bool bsti_force_withdraw(bsti_remnant_place *place, struct bsti_proc *remnant)
{
    /* acq_rel: pairs with accept_from() */
    return bsti_cas_strong_acq_rel(place, &remnant, NULL);
}

/* ---- life ---------------------------------------------------------------- */

/* The only thread that a forked child has is no part of the system: there are
 * no others to do anything. */
static void after_fork(void)
{
    if (!bsti_this_worker && !bsti_refuge_here())
        return;
    bsti_this_bar = BSTI_BAR_FORKED;
    bsti_this_worker = NULL;
}

static void watch_forks(void)
{
    (void)pthread_atfork(NULL, NULL, after_fork);
}

int bsti_force_begin(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, watch_forks);
    return bsti_force_catch(judge);
}

void bsti_force_end(void)
{
    bsti_force_release();
}
