/*
 * What a worker does when its own queues are empty: look elsewhere, then park.
 *
 * At most half of the workers search at a time. A worker that finds work and
 * was the last searcher wakes another one, so that a burst spreads. Whoever
 * pushes work and sees a searcher does not wake anybody; therefore a searcher
 * that gives up looks at all queues once more after it has said so. The order
 * "say it, then look" against "push, then ask" is kept by sequentially
 * consistent operations on both sides: no wake-up is lost.
 */

#include "exec/load.h"
#include "exec/timer.h"
#include "exec/worker.h"
#include "sync/atomic.h"

enum {
    SEARCH_ROUNDS = 4,
    INJECTOR_BATCH = 32,
    INJECTOR_SHARE = 8, /* what one look takes: this part, and one */
    FAR_INTERVAL = 16,  /* looks at the own injector for one at another */
    NEAR_LOOKS = 8      /* at idle workers, for one of the same place */
};

void bsti_worker_wake(struct bsti_worker *worker)
{
    /* After the push into its inbox; pairs with the fence in park(). */
    bsti_fence_seq_cst();
    if (bsti_load_relaxed(&worker->parked))
        bsti_parker_unpark(&worker->parker);
}

/* The link to the parked worker to be woken: one of the place of the calling
 * worker if there is one among the first few. The caller holds the lock. */
static struct bsti_worker **choose_idle(struct bsti_exec *exec)
{
    struct bsti_worker *caller =
        exec->nplaces > 1 ? bsti_worker_current() : NULL;
    struct bsti_worker **place = &exec->idle;

    if (!caller || caller->exec != exec)
        return place;
    for (int i = 0; i < NEAR_LOOKS && *place; i++) {
        if ((*place)->place == caller->place)
            return place;
        place = &(*place)->idle_next;
    }
    return &exec->idle;
}

void bsti_exec_wake_one(struct bsti_exec *exec)
{
    struct bsti_worker *worker;
    struct bsti_worker **place;

    /* After the push; pairs with the fence in park() and the decrement of
     * `searching`. */
    bsti_fence_seq_cst();
    if (bsti_load_relaxed(&exec->idle_count) == 0 ||
        bsti_load_relaxed(&exec->searching) > 0)
        return;
    bsti_spin_lock(&exec->idle_lock);
    place = choose_idle(exec);
    worker = *place;
    if (worker) {
        *place = worker->idle_next;
        worker->idle = false;
        bsti_fetch_sub_relaxed(&exec->idle_count, 1u);
    }
    bsti_spin_unlock(&exec->idle_lock);
    if (worker)
        bsti_parker_unpark(&worker->parker);
}

static void idle_enter(struct bsti_worker *worker)
{
    struct bsti_exec *exec = worker->exec;

    bsti_spin_lock(&exec->idle_lock);
    worker->idle = true;
    worker->idle_next = exec->idle;
    exec->idle = worker;
    bsti_fetch_add_relaxed(&exec->idle_count, 1u);
    bsti_spin_unlock(&exec->idle_lock);
    bsti_store_relaxed(&worker->parked, 1u);
}

/* After `parked` was cleared: pairs with the monitor, who says that it sleeps
 * and then looks at the workers. */
static void wake_monitor(struct bsti_exec *exec)
{
    bsti_fence_seq_cst();
    if (bsti_load_relaxed(&exec->monitor.asleep))
        bsti_monitor_wake(exec);
}

/* Returns whether bsti_exec_wake_one() has called the worker. */
static bool idle_leave(struct bsti_worker *worker)
{
    struct bsti_exec *exec = worker->exec;
    bool called;

    bsti_store_relaxed(&worker->parked, 0u);
    bsti_spin_lock(&exec->idle_lock);
    called = !worker->idle;
    if (!called) {
        struct bsti_worker **place = &exec->idle;

        while (*place != worker)
            place = &(*place)->idle_next;
        *place = worker->idle_next;
        worker->idle = false;
        bsti_fetch_sub_relaxed(&exec->idle_count, 1u);
    }
    bsti_spin_unlock(&exec->idle_lock);
    wake_monitor(exec);
    return called;
}

/* Whether something of another worker may be taken. */
static bool is_shared(struct bsti_worker *victim)
{
    /* relaxed: a hint; see the fences of park() and the wakers */
    return victim && bsti_load_relaxed(&victim->share) != BSTI_SHARE_NONE &&
           bsti_deque_size(&victim->deque) > 0;
}

static bool work_in_sight(struct bsti_worker *worker)
{
    struct bsti_exec *exec = worker->exec;

    if (!bsti_inbox_is_empty(&worker->inbox))
        return true;
    for (uint32_t i = 0; i < exec->nplaces; i++)
        if (bsti_injector_length(exec->places[i].injector) > 0)
            return true;
    if (worker->no_steal_until > 0)
        return false;
    for (uint32_t i = 0; i + 1 < exec->most; i++)
        if (is_shared(bsti_exec_worker(exec, worker->victims[i])))
            return true;
    return false;
}

/* Takes up to `most`, and queues all but the first one. */
static struct bsti_link *take_some(struct bsti_worker *worker,
                                   struct bsti_injector *injector, size_t most)
{
    size_t count;
    struct bsti_link *first = bsti_injector_pop_up_to(injector, most, &count);
    struct bsti_link *link = first ? first->next : NULL;

    while (link) {
        struct bsti_link *next = link->next;

        bsti_worker_enqueue(worker, bsti_proc_of_link(link));
        link = next;
    }
    return first;
}

static struct bsti_proc *from_injector(struct bsti_worker *worker,
                                       struct bsti_injector *injector)
{
    struct bsti_link *link;

    if (bsti_injector_length(injector) == 0)
        return NULL;
    link = take_some(worker, injector, INJECTOR_BATCH);
    return link ? bsti_proc_of_link(link) : NULL;
}

/* The more there is, the more is taken: what comes last from outside must not
 * wait for one look after another to take what came before it. */
static struct bsti_link *take_share(struct bsti_worker *worker,
                                    struct bsti_injector *injector)
{
    size_t most = 1 + bsti_injector_length(injector) / INJECTOR_SHARE;

    return take_some(worker, injector, BSTI_MIN(most, (size_t)INJECTOR_BATCH));
}

/* Tries the injectors of the other places, beginning behind the own one. */
static struct bsti_proc *from_other_places(struct bsti_worker *worker)
{
    struct bsti_exec *exec = worker->exec;

    for (uint32_t i = 1; i < exec->nplaces; i++) {
        uint32_t place = (worker->place + i) % exec->nplaces;
        struct bsti_proc *proc =
            from_injector(worker, exec->places[place].injector);

        if (proc)
            return proc;
    }
    return NULL;
}

struct bsti_link *bsti_worker_from_outside(struct bsti_worker *worker,
                                           uint32_t tick)
{
    struct bsti_exec *exec = worker->exec;
    uint32_t look = tick / BSTI_INJECTOR_INTERVAL;
    struct bsti_link *link;

    if (bsti_worker_is_retired(worker))
        return NULL;
    /* The workers of another place may all be kept by their handlers. */
    if (exec->nplaces > 1 && look % FAR_INTERVAL == 0) {
        uint32_t place = look / FAR_INTERVAL % exec->nplaces;

        link = bsti_injector_pop(exec->places[place].injector);
        if (link)
            return link;
    }
    link = take_share(worker, worker->injector);
    /* Where all have retired, nobody else looks. */
    for (uint32_t i = 1; i < exec->nplaces && !link; i++)
        link = bsti_injector_pop(
            exec->places[(worker->place + i) % exec->nplaces].injector);
    return link;
}

/* Takes up to half of what a victim has. */
static struct bsti_proc *steal_from(struct bsti_worker *worker,
                                    struct bsti_worker *victim, bool *contended)
{
    uint32_t most = worker->exec->steal_one ? 1 : BSTI_DEQUE_SIZE / 2;

    if (bsti_deque_try_steal(&victim->deque, &worker->deque, most, contended) ==
        0)
        return NULL;
    /* What was stolen can be stolen back before it is popped. */
    return bsti_deque_pop(&worker->deque);
}

/*
 * Tries the others, nearest first. A victim that is contended has other
 * thieves or is busy with its own queue: then the search ends, as in Bastion.
 */
static struct bsti_proc *steal(struct bsti_worker *worker)
{
    struct bsti_exec *exec = worker->exec;

    for (uint32_t i = 0; i + 1 < exec->most; i++) {
        struct bsti_worker *victim = bsti_exec_worker(exec, worker->victims[i]);
        bool contended = false;
        struct bsti_proc *proc;

        if (!is_shared(victim))
            continue;
        proc = steal_from(worker, victim, &contended);
        if (proc)
            return proc;
        if (contended && exec->skip_contended)
            return NULL;
    }
    return NULL;
}

static struct bsti_proc *search(struct bsti_worker *worker)
{
    struct bsti_exec *exec = worker->exec;
    struct bsti_proc *proc = NULL;
    uint32_t searching;

    searching = bsti_fetch_add_seq_cst(&exec->searching, 1u);
    /* At the end everybody looks: who goes then leaves nothing behind. */
    if (2 * searching < exec->nworkers || exec->nworkers == 1 ||
        bsti_load_relaxed(&exec->stopping)) {
        for (int round = 0; round < SEARCH_ROUNDS && !proc; round++) {
            proc = from_injector(worker, worker->injector);
            if (!proc && worker->no_steal_until == 0)
                proc = steal(worker);
            if (!proc && round > 0)
                proc = from_other_places(worker);
        }
    }
    /* seq_cst: see the head of this file. */
    searching = bsti_fetch_sub_seq_cst(&exec->searching, 1u);
    if (proc && searching == 1)
        bsti_exec_wake_one(exec);
    return proc;
}

/* How long to sleep if the next thing to do comes at `next`. Cached stacks are
 * to be given back one day, once. */
static bst_time sleep_for(struct bsti_worker *worker, bst_time next)
{
    bst_time now;

    if (worker->spare)
        next = BSTI_MIN(next, worker->spares_until);
    if (next == BST_INFINITE)
        return next;
    now = bsti_exec_now(worker->exec);
    return next > now ? next - now : 0;
}

/* Gives back the cached stacks, at most once in a while. */
static void tidy_spares(struct bsti_worker *worker, bst_time now)
{
    if (now < worker->spares_until)
        return;
    worker->spares_until = now + worker->exec->stack_quiet;
    bsti_worker_give_spares(worker);
}

/*
 * Sleeps until there may be something to do; alarms bound the sleep. Returns
 * whether others count on this worker to find what they have pushed.
 */
static bool park(struct bsti_worker *worker)
{
    bst_time next;
    bool seen;

    idle_enter(worker);
    bsti_fence_seq_cst(); /* pairs with those of the wakers, above */
    seen = work_in_sight(worker);
    if (!seen && !bsti_load_relaxed(&worker->exec->stopping)) {
        next = bsti_alarms_next(worker);
        if (worker->no_steal_until > 0)
            next = BSTI_MIN(next, worker->no_steal_until);
        next = sleep_for(worker, next);
        if (next > 0)
            worker->exec->seam->park(worker, next);
    }
    return idle_leave(worker) || seen;
}

/* A spare that nobody needs now, or a worker that has retired, looks after
 * its own processes alone. */
static bool is_dormant(struct bsti_worker *worker)
{
    struct bsti_exec *exec = worker->exec;

    /* What a retired worker hands over while the others come to their end,
     * it has to finish itself. */
    if (!worker->is_spare)
        return bsti_worker_is_retired(worker) &&
               !bsti_load_relaxed(&exec->stopping);
    return worker->index - exec->nworkers >=
           bsti_load_relaxed(&exec->monitor.spares);
}

static void sleep_dormant(struct bsti_worker *worker)
{
    bst_time next = sleep_for(worker, bsti_alarms_next(worker));

    bsti_store_relaxed(&worker->parked, 1u);
    bsti_fence_seq_cst(); /* pairs with bsti_worker_wake() */
    if (next > 0 && bsti_inbox_is_empty(&worker->inbox) &&
        !bsti_load_relaxed(&worker->exec->stopping))
        worker->exec->seam->park(worker, next);
    bsti_store_relaxed(&worker->parked, 0u);
    wake_monitor(worker->exec);
}

struct bsti_proc *bsti_worker_find(struct bsti_worker *worker)
{
    bool counted_on = false;

    for (;;) {
        bool stopping = bsti_load_acquire(&worker->exec->stopping);
        bst_time now = bsti_exec_now(worker->exec);
        struct bsti_proc *proc;
        bool dormant;

        bsti_alarms_expire(worker, now);
        worker->sample_interval = 1;
        bsti_load_reset(worker, now);
        if (now >= worker->no_steal_until)
            worker->no_steal_until = 0;
        if (bsti_load_relaxed(&worker->share) != BSTI_SHARE_NONE)
            bsti_store_relaxed(&worker->share, (uint32_t)BSTI_SHARE_NONE);
        dormant = is_dormant(worker);
        if (dormant && !worker->is_spare)
            bsti_worker_hand_over(worker);
        proc = bsti_slot_take(&worker->slot);
        if (!proc)
            proc = bsti_worker_dequeue(worker);
        /* What is its own comes first; then somebody else has to look, as for
         * what this one does not steal. */
        if (counted_on && (proc || dormant || worker->no_steal_until > 0))
            bsti_exec_wake_one(worker->exec);
        counted_on = false;
        if (!proc && !dormant)
            proc = search(worker);
        /* What was ready before the stop is finished first. */
        if (proc || stopping)
            return proc;
        tidy_spares(worker, now);
        if (dormant)
            sleep_dormant(worker);
        else
            counted_on = park(worker);
    }
}
