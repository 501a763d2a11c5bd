/*
 * The blocking pool's threads, and the manager that starts and ends them.
 *
 * A thread that ends joins the one that ended before it, so there is at most
 * one that nobody has joined, and the manager joins the last.
 *
 * The manager takes a sample per window while there are more than `min`
 * threads or jobs wait. Otherwise it sleeps, until a submit finds nobody idle.
 */

#include "exec/blocking_pool.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "plat/clock.h"
#include "plat/fault.h"
#include "plat/futex.h"

static _Thread_local struct bsti_blocking_slot *own_slot;

BSTI_NO_SANITIZE BSTI_NOINLINE struct bsti_blocking_slot *
bsti_blocking_here(void)
{
    return own_slot;
}

uint32_t bsti_blocking_slots(struct bsti_blocking *pool)
{
    /* relaxed: a thread that has just been started may be missed */
    return bsti_load_relaxed(&pool->fresh);
}

/* ---- threads of the pool ------------------------------------------------- */

static struct bsti_blocking_slot *slot_acquire(struct bsti_blocking *pool)
{
    struct bsti_blocking_slot *slot;

    bsti_spin_lock(&pool->lock);
    slot = pool->free;
    if (slot != NULL) {
        pool->free = slot->next;
    } else {
        /* Besides the threads that count there is one that ended. */
        uint32_t fresh = bsti_load_relaxed(&pool->fresh);

        bsti_check(fresh <= pool->max, "the blocking pool lost a slot");
        slot = &pool->slots[fresh];
        bsti_store_relaxed(&pool->fresh, fresh + 1);
    }
    bsti_spin_unlock(&pool->lock);
    return slot;
}

static void slot_release(struct bsti_blocking *pool,
                         struct bsti_blocking_slot *slot)
{
    bsti_spin_lock(&pool->lock);
    slot->next = pool->free;
    pool->free = slot;
    bsti_spin_unlock(&pool->lock);
}

/* Ends the calling thread's life in the pool. */
static void leave(struct bsti_blocking *pool, struct bsti_blocking_slot *slot)
{
    struct bsti_blocking_slot *before;

    bsti_store_relaxed(&slot->id, 0);
    bsti_spin_lock(&pool->lock);
    pool->live--;
    before = pool->last_end;
    pool->last_end = slot;
    bsti_spin_unlock(&pool->lock);
    if (before != NULL) {
        (void)pthread_join(before->handle, NULL);
        slot_release(pool, before);
    }
    bsti_blocking_unreserve(pool);
    if (bsti_blocking_is_stopping(pool)) {
        /* The manager waits for `threads` to become 0; it joins this thread,
         * so the pool is still there. */
        (void)bsti_parker_unpark(&pool->manager_parker);
    }
}

/* Begins the calling thread's life in the pool. */
static void enter(struct bsti_blocking *pool, struct bsti_blocking_slot *slot)
{
    slot->handle = pthread_self();
    own_slot = slot;
    /* relaxed: whoever misses it does without */
    bsti_store_relaxed(&slot->id, bsti_thread_id());
    bsti_spin_lock(&pool->lock);
    pool->live++;
    pool->peak = BSTI_MAX(pool->peak, pool->live);
    bsti_spin_unlock(&pool->lock);
}

/* Goes idle until somebody wants this thread. */
static void wait_for_job(struct bsti_blocking *pool,
                         struct bsti_blocking_slot *slot)
{
    bsti_blocking_idle_push(pool, slot);
    if (bsti_blocking_has_job(pool) || bsti_blocking_is_stopping(pool)) {
        /* Somebody may have missed this thread: it wakes one, mostly itself. */
        (void)bsti_blocking_wake_one(pool);
    }
    (void)bsti_parker_park(&slot->parker, BST_INFINITE);
    /* seq_cst: a submit pushes its job and then looks at it */
    bsti_store_seq_cst(&pool->waking, 0u);
}

static void *thread_main(void *arg)
{
    struct bsti_blocking_slot *slot = arg;
    struct bsti_blocking *pool = slot->pool;
    bool finished = false;
    bool fresh = true; /* just started or woken */
    bool more;

    bsti_fault_thread_begin();
    enter(pool, slot);
    for (;;) {
        struct bsti_job *job = bsti_blocking_take(pool, finished, &more);

        finished = job != NULL;
        if (job != NULL) {
            if (fresh && more) {
                bsti_blocking_pass_on(pool);
            }
            fresh = false;
            pool->run(job, pool->run_arg);
            continue;
        }
        if (slot->retire || bsti_blocking_is_stopping(pool)) {
            break;
        }
        wait_for_job(pool, slot);
        fresh = true;
    }
    bsti_fault_thread_end();
    leave(pool, slot);
    return NULL;
}

/* Starts a thread that is reserved. Thread: the manager, from which it
 * inherits the signals that are blocked, and its name where that is shown. */
static int start_thread(struct bsti_blocking *pool)
{
    struct bsti_blocking_slot *slot = slot_acquire(pool);
    pthread_t handle; /* the thread itself may be faster to write its own */
    int error;

    bsti_parker_init(&slot->parker);
    slot->pool = pool;
    slot->retire = false;
    error = bsti_alloc_refuse()
                ? EAGAIN
                : pthread_create(&handle, &pool->attr, thread_main, slot);
    if (error != 0) {
        slot_release(pool, slot);
        bsti_blocking_log_shortage(pool, error);
        pool->retry = bsti_clock_now() + BSTI_BLOCKING_RETRY;
    }
    return error;
}

/* ---- the manager --------------------------------------------------------- */

/* Starts the threads that submits asked for, as long as jobs wait for them. */
static void start_wanted(struct bsti_blocking *pool)
{
    /* relaxed: the token of the parker published it */
    while (bsti_load_relaxed(&pool->to_start) > 0) {
        if (bsti_blocking_has_job(pool)) {
            if (pool->retry != 0 && bsti_clock_now() < pool->retry) {
                return;
            }
            pool->retry = 0;
            /* relaxed: the start of the thread publishes it */
            bsti_fetch_sub_relaxed(&pool->to_start, 1u);
            if (start_thread(pool) != 0) {
                /* relaxed: only this thread relies on it */
                bsti_fetch_add_relaxed(&pool->to_start, 1u);
                return;
            }
        } else {
            /* Others were faster, and nobody waits any more. relaxed: what
             * counts is `threads` */
            bsti_fetch_sub_relaxed(&pool->to_start, 1u);
            bsti_blocking_unreserve(pool);
        }
    }
}

/* Starts up to `count` threads that will be idle. */
static void add_spares(struct bsti_blocking *pool, uint32_t count)
{
    while (count-- > 0 && bsti_blocking_reserve(pool)) {
        if (start_thread(pool) != 0) {
            bsti_blocking_unreserve(pool);
            return;
        }
    }
}

/* Ends up to `count` idle threads. */
static void retire_idle(struct bsti_blocking *pool, uint32_t count)
{
    while (count-- > 0) {
        struct bsti_blocking_slot *slot = bsti_blocking_idle_pop(pool);

        if (slot == NULL) {
            return;
        }
        slot->retire = true; /* published by the unpark */
        (void)bsti_parker_unpark(&slot->parker);
    }
}

/* What happened since the last sample. */
static struct bsti_predict_sample sample(struct bsti_blocking *pool,
                                         bst_time now)
{
    struct bsti_predict_sample result = {.elapsed = now - pool->sampled};
    uint64_t submitted;
    uint64_t taken;
    uint64_t done;

    bsti_spin_lock(&pool->lock);
    taken = pool->taken;
    done = pool->done;
    result.threads = pool->live;
    result.idle = pool->live - BSTI_MIN(pool->live, pool->busy_peak);
    pool->busy_peak = pool->busy;
    bsti_spin_unlock(&pool->lock);
    /* relaxed: a statistic, read after what it is not less than */
    submitted = bsti_load_relaxed(&pool->submitted);
    result.submitted = submitted - pool->submitted_before;
    result.finished = done - pool->done_before;
    result.queued = submitted - taken;
    pool->submitted_before = submitted;
    pool->done_before = done;
    pool->sampled = now;
    return result;
}

/* Begins to take samples after a rest in which at most `min` threads, or
 * none, had something to do. */
static void begin_sampling(struct bsti_blocking *pool, bst_time now)
{
    struct bsti_predict_sample rest;

    bsti_predict_init(&pool->predict, pool->min, pool->max, pool->window);
    rest = sample(pool, now);
    /* What woke the manager belongs to the first window. */
    pool->submitted_before -= BSTI_MIN(rest.queued, rest.submitted);
    pool->sampling = true;
}

/* Takes a sample and does what it advises. */
static void tick(struct bsti_blocking *pool, bst_time now)
{
    struct bsti_predict_sample now_is = sample(pool, now);
    struct bsti_predict_advice advice =
        bsti_predict_step(&pool->predict, &now_is);

    add_spares(pool, advice.add);
    retire_idle(pool, advice.retire);
    /* With no more than `min` threads and no job that waits there is nothing
     * to decide until a submit finds nobody idle. */
    pool->sampling =
        advice.add > 0 || now_is.threads > pool->min || now_is.queued > 0;
}

/* How long the manager may sleep. */
static bst_time manager_rest(struct bsti_blocking *pool, bst_time now)
{
    bst_time rest = BST_INFINITE;

    if (pool->sampling) {
        rest = pool->sampled + pool->window - now;
    }
    /* relaxed: this thread alone lowers it; who raises it wakes this one */
    if (bsti_load_relaxed(&pool->to_start) > 0) {
        rest = BSTI_MIN(rest, BSTI_BLOCKING_RETRY);
    }
    return rest;
}

/* While stopping: returns whether all threads have ended and nothing waits. */
static bool drained(struct bsti_blocking *pool)
{
    while (bsti_blocking_wake_one(pool)) {
    }
    /* acquire: pairs with bsti_blocking_unreserve(); who has left submits
     * nothing */
    if (bsti_load_acquire(&pool->threads) > 0) {
        return false;
    }
    if (bsti_blocking_has_job(pool)) {
        bsti_blocking_summon(pool);
        return false;
    }
    return true;
}

void bsti_blocking_manager(void *arg)
{
    struct bsti_blocking *pool = arg;

    for (;;) {
        bst_time now;

        start_wanted(pool);
        now = bsti_clock_now();
        if (bsti_blocking_is_stopping(pool)) {
            pool->sampling = false;
            if (drained(pool)) {
                break;
            }
        } else if (!pool->sampling) {
            begin_sampling(pool, now);
        } else if (now - pool->sampled >= pool->window) {
            tick(pool, now);
        }
        (void)bsti_parker_park(&pool->manager_parker, manager_rest(pool, now));
    }
    if (pool->last_end != NULL) {
        (void)pthread_join(pool->last_end->handle, NULL);
    }
    /* release: all threads have ended; pairs with the load in stop */
    bsti_store_release(&pool->ended, 1u);
    bsti_futex_wake(&pool->ended, 1);
}
