/*
 * The blocking pool: a lock-free way in, threads that take jobs in turn, and a
 * manager thread that starts and ends them.
 *
 * The idea of a pool that adapts itself is that of Bastion's executor, where
 * submitting is a rendezvous and waits until a thread is free, and new threads
 * come only with the next tick. Here the two are apart: a submit pushes the
 * job into an inbox and then summons one thread, by waking an idle one or by
 * asking the manager for a new one.
 *
 * No job is left alone. Each side says what it does before it looks at the
 * other, in sequentially consistent steps, so that one of the two sees it:
 *
 *   submit     pushes the job, then looks at `idle`, `waking` and `threads`
 *   goes idle  enters the idle stack, then looks for jobs
 *   is woken   clears `waking`, then looks for jobs
 *   ends       lowers `threads`, then looks for jobs
 *   stop       sets `stopping`, then looks at `idle`
 *
 * Waking costs a system call, a hundred times the rest of a submit. So while a
 * thread is on its way and others are idle, a submit leaves it at that. In
 * return a thread that was woken or started passes it on if it sees more than
 * the job it takes, and so do those after it.
 *
 * Idle threads form a stack of slot numbers in one word, with a tag against
 * the ABA problem; slots are never freed while the pool lives. The last in is
 * the first out: what is not needed stays at the bottom with cold caches.
 */

#include "exec/blocking.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "exec/blocking_pool.h"
#include "plat/clock.h"
#include "plat/futex.h"
#include "plat/log.h"

#define STACK_SCALE (BSTI_ASAN ? 4u : 1u)
#define STACK_UNIT ((size_t)64 * 1024) /* a multiple of every page size */
#define IDLE_LEAST BST_MS(50)
#define IDLE_MOST BST_S(600)

/* ---- jobs ---------------------------------------------------------------- */

/* Under the lock, which matters: a job that moves from the inbox to the list
 * is seen in one of the two. */
static bool has_job(struct bsti_blocking *pool)
{
    return pool->first != NULL || !bsti_inbox_is_empty(&pool->inbox);
}

struct bsti_job *bsti_blocking_take(struct bsti_blocking *pool, bool finished,
                                    bool *more)
{
    struct bsti_link *link;

    bsti_spin_lock(&pool->lock);
    if (finished) {
        pool->done++;
        pool->busy--;
    }
    if (pool->first == NULL) {
        pool->first = bsti_inbox_take_all(&pool->inbox);
    }
    link = pool->first;
    if (link != NULL) {
        pool->first = link->next;
        pool->taken++;
        pool->busy++;
        pool->busy_peak = BSTI_MAX(pool->busy_peak, pool->busy);
    }
    *more = has_job(pool);
    bsti_spin_unlock(&pool->lock);
    return link == NULL ? NULL : bsti_container_of(link, struct bsti_job, link);
}

bool bsti_blocking_has_job(struct bsti_blocking *pool)
{
    bool found;

    bsti_spin_lock(&pool->lock);
    found = has_job(pool);
    bsti_spin_unlock(&pool->lock);
    return found;
}

bool bsti_blocking_is_stopping(struct bsti_blocking *pool)
{
    /* seq_cst: a thread looks here after it went idle; see the head */
    return bsti_load_seq_cst(&pool->stopping) != 0;
}

/* ---- idle threads -------------------------------------------------------- */

static uint64_t idle_word(uint64_t before, uint32_t number)
{
    return ((before >> 32) + 1) << 32 | number;
}

void bsti_blocking_idle_push(struct bsti_blocking *pool,
                             struct bsti_blocking_slot *slot)
{
    uint32_t number = (uint32_t)(slot - pool->slots) + 1;
    /* relaxed: the compare-and-swap checks it */
    uint64_t idle = bsti_load_relaxed(&pool->idle);

    do {
        /* relaxed: published by the compare-and-swap */
        bsti_store_relaxed(&slot->below, (uint32_t)idle);
        /* seq_cst: its release pairs with bsti_blocking_idle_pop(); a submit
         * that looks for idle threads relies on the total order */
    } while (
        !bsti_cas_weak_seq_cst(&pool->idle, &idle, idle_word(idle, number)));
}

struct bsti_blocking_slot *bsti_blocking_idle_pop(struct bsti_blocking *pool)
{
    /* seq_cst: pairs with bsti_blocking_idle_push(), see there */
    uint64_t idle = bsti_load_seq_cst(&pool->idle);
    struct bsti_blocking_slot *slot;
    uint32_t below;

    do {
        if ((uint32_t)idle == 0) {
            return NULL;
        }
        slot = &pool->slots[(uint32_t)idle - 1];
        /* relaxed: if the slot was popped and pushed meanwhile, the tag in
         * `idle` has changed and the value is not used */
        below = bsti_load_relaxed(&slot->below);
        /* seq_cst: as the load above, if it has to be repeated */
    } while (
        !bsti_cas_weak_seq_cst(&pool->idle, &idle, idle_word(idle, below)));
    return slot;
}

bool bsti_blocking_wake_one(struct bsti_blocking *pool)
{
    struct bsti_blocking_slot *slot = bsti_blocking_idle_pop(pool);

    if (slot == NULL) {
        return false;
    }
    (void)bsti_parker_unpark(&slot->parker);
    return true;
}

/* ---- asking for threads -------------------------------------------------- */

void bsti_blocking_log_shortage(struct bsti_blocking *pool, int error)
{
    /* relaxed: it orders nothing */
    if (bsti_xchg_relaxed(&pool->short_logged, 1u) == 0) {
        bsti_log(BST_LOG_WARN,
                 "a thread for blocking jobs could not be started (errno %d); "
                 "jobs wait for those that there are",
                 error);
    }
}

/* Wakes the manager, or starts it; the only thread that a submitter starts. */
static void rouse_manager(struct bsti_blocking *pool)
{
    uint32_t state = BSTI_MANAGER_NONE;
    int error;

    /* acq_rel: its failure is an acquire that pairs with the store below */
    if (bsti_cas_strong_acq_rel(&pool->manager_state, &state,
                                BSTI_MANAGER_STARTING)) {
        error = bsti_thread_start(&pool->manager, BSTI_BLOCKING_NAME,
                                  bsti_blocking_manager, pool);
        if (error != 0) {
            bsti_blocking_log_shortage(pool, -error);
        }
        /* release: publishes `manager` for stop; if it was not started, the
         * next one who comes by tries again */
        bsti_store_release(&pool->manager_state, error == 0
                                                     ? BSTI_MANAGER_RUNNING
                                                     : BSTI_MANAGER_NONE);
    }
    (void)bsti_parker_unpark(&pool->manager_parker);
}

bool bsti_blocking_reserve(struct bsti_blocking *pool)
{
    /* seq_cst: a thread that ends lowers it and then looks for jobs */
    uint32_t threads = bsti_load_seq_cst(&pool->threads);

    while (threads < pool->max) {
        /* seq_cst: as above, if it has to be repeated */
        if (bsti_cas_weak_seq_cst(&pool->threads, &threads, threads + 1)) {
            return true;
        }
    }
    return false;
}

/* Wakes an idle thread, unless one is on its way that will wake it; false:
 * nobody is idle. */
static bool wake_next(struct bsti_blocking *pool)
{
    struct bsti_blocking_slot *slot;

    /* seq_cst: pairs with the push of a thread that then looks for jobs */
    if ((uint32_t)bsti_load_seq_cst(&pool->idle) == 0) {
        return false;
    }
    /* seq_cst: pairs with the store of a woken thread, likewise */
    if (bsti_load_seq_cst(&pool->waking) != 0) {
        return true;
    }
    slot = bsti_blocking_idle_pop(pool);
    if (slot == NULL) {
        return false;
    }
    /* Only now, when there is a thread that will clear it. relaxed: the unpark
     * brings it before that; who reads it early leaves a job to the thread,
     * who reads it late wakes one more. */
    bsti_store_relaxed(&pool->waking, 1u);
    (void)bsti_parker_unpark(&slot->parker);
    return true;
}

void bsti_blocking_pass_on(struct bsti_blocking *pool)
{
    /* relaxed: the manager lowers it before it starts a thread, so the last
     * thread that it starts reads 0 here and does not rely on another */
    if (!wake_next(pool) && bsti_load_relaxed(&pool->to_start) == 0) {
        bsti_blocking_summon(pool);
    }
}

void bsti_blocking_summon(struct bsti_blocking *pool)
{
    if (wake_next(pool)) {
        return;
    }
    if (bsti_blocking_reserve(pool)) {
        /* relaxed: the unpark in rouse_manager() publishes it */
        bsti_fetch_add_relaxed(&pool->to_start, 1u);
        rouse_manager(pool);
        return;
    }
    bsti_blocking_poke(pool);
}

void bsti_blocking_poke(struct bsti_blocking *pool)
{
    /* relaxed: a look; rouse_manager() decides */
    if (BSTI_UNLIKELY(bsti_load_relaxed(&pool->manager_state) ==
                      BSTI_MANAGER_NONE) &&
        bsti_blocking_has_job(pool)) {
        rouse_manager(pool);
    }
}

void bsti_blocking_submit(struct bsti_blocking *pool, struct bsti_job *job)
{
    bsti_assert(job->fn != NULL);
    bsti_assert(bsti_load_relaxed(&pool->ended) == 0);
    /* relaxed: a statistic. It comes first, so that what is counted as taken
     * has been counted as submitted. */
    bsti_fetch_add_relaxed(&pool->submitted, 1u);
    /* Now the job may run and be freed at any time. */
    (void)bsti_inbox_push(&pool->inbox, &job->link);
    bsti_blocking_summon(pool);
}

void bsti_blocking_unreserve(struct bsti_blocking *pool)
{
    /* seq_cst: a submit pushes its job and then looks at this number */
    bsti_fetch_sub_seq_cst(&pool->threads, 1u);
    if (bsti_blocking_has_job(pool)) {
        bsti_blocking_summon(pool);
    }
}

/* ---- life ---------------------------------------------------------------- */

static void run_plainly(struct bsti_job *job, void *arg)
{
    (void)arg;
    job->fn(job->arg);
}

struct bsti_blocking_options bsti_blocking_default(void)
{
    struct bsti_blocking_options options = {
        .min = 2,
        .max = 512,
        .idle_timeout = BST_S(1),
        .stack_bytes = BSTI_BLOCKING_STACK,
    };

    return options;
}

/* Prepares the attributes of the threads. */
static int init_attr(pthread_attr_t *attr, size_t stack_bytes)
{
    int error;

    if (stack_bytes > SIZE_MAX / STACK_SCALE - STACK_UNIT) {
        return EINVAL;
    }
    stack_bytes =
        (stack_bytes * STACK_SCALE + STACK_UNIT - 1) & ~(STACK_UNIT - 1);
    error = pthread_attr_init(attr);
    if (error != 0) {
        return error;
    }
    error = pthread_attr_setstacksize(attr, stack_bytes);
    if (error != 0) {
        (void)pthread_attr_destroy(attr);
    }
    return error;
}

struct bsti_blocking *
bsti_blocking_create(const struct bsti_blocking_options *options)
{
    struct bsti_blocking *pool =
        bsti_alloc_aligned(BSTI_CACHE_LINE, sizeof(*pool));
    bst_time idle_timeout;

    if (pool == NULL) {
        return NULL;
    }
    pool->max = BSTI_MAX(options->max, BSTI_BLOCKING_MAX_LEAST);
    pool->max = BSTI_MIN(pool->max, BSTI_BLOCKING_MAX_MOST);
    pool->min = BSTI_MIN(options->min, pool->max);
    idle_timeout = BSTI_MAX(options->idle_timeout, IDLE_LEAST);
    idle_timeout = BSTI_MIN(idle_timeout, IDLE_MOST);
    pool->window = idle_timeout / BSTI_PREDICT_SAMPLES;
    pool->run = options->run != NULL ? options->run : run_plainly;
    pool->run_arg = options->arg;
    bsti_inbox_init(&pool->inbox);
    bsti_parker_init(&pool->manager_parker);
    bsti_spin_init(&pool->lock);
    pool->slots = bsti_alloc_aligned(BSTI_CACHE_LINE,
                                     sizeof(*pool->slots) * (pool->max + 1));
    if (pool->slots == NULL) {
        goto fail_slots;
    }
    if (init_attr(&pool->attr, options->stack_bytes) != 0) {
        goto fail_attr;
    }
    return pool;

fail_attr:
    bsti_free(pool->slots);
fail_slots:
    bsti_free(pool);
    return NULL;
}

void bsti_blocking_stats(struct bsti_blocking *pool,
                         struct bsti_blocking_stats *stats)
{
    uint64_t taken;

    bsti_spin_lock(&pool->lock);
    taken = pool->taken;
    stats->threads = pool->live;
    stats->busy = pool->busy;
    stats->peak = pool->peak;
    stats->done = pool->done;
    bsti_spin_unlock(&pool->lock);
    /* relaxed: a statistic, read after what it is not less than */
    stats->submitted = bsti_load_relaxed(&pool->submitted);
    stats->queued = stats->submitted - taken;
}

/* Waits until the manager is about to end, or until the deadline. */
static bool wait_ended(struct bsti_blocking *pool, bst_time deadline)
{
    /* acquire: pairs with the release at the manager's end */
    while (bsti_load_acquire(&pool->ended) == 0) {
        bst_time left = BST_INFINITE;

        if (deadline != BST_INFINITE) {
            left = deadline - bsti_clock_now();
            if (left <= 0) {
                return false;
            }
        }
        /* acquire: pairs with the release in rouse_manager() */
        if (bsti_load_acquire(&pool->manager_state) != BSTI_MANAGER_RUNNING) {
            if (!bsti_blocking_has_job(pool)) {
                return true;
            }
            rouse_manager(pool);
            left = BSTI_MIN(left, BSTI_BLOCKING_RETRY);
        }
        (void)bsti_futex_wait(&pool->ended, 0, left);
    }
    return true;
}

bool bsti_blocking_stop(struct bsti_blocking *pool, bst_time patience)
{
    bst_time deadline = BST_INFINITE;

    if (patience != BST_INFINITE) {
        deadline = bsti_clock_now() + BSTI_MIN(patience, IDLE_MOST * 1000);
    }
    /* seq_cst: threads that go idle look at it after they said so */
    bsti_store_seq_cst(&pool->stopping, 1u);
    (void)bsti_parker_unpark(&pool->manager_parker);
    if (!wait_ended(pool, deadline)) {
        return false;
    }
    /* relaxed: wait_ended() has acquired it */
    if (bsti_load_relaxed(&pool->manager_state) == BSTI_MANAGER_RUNNING) {
        bsti_thread_join(&pool->manager);
        bsti_store_relaxed(&pool->manager_state, BSTI_MANAGER_NONE);
    }
    return true;
}

void bsti_blocking_destroy(struct bsti_blocking *pool)
{
    if (pool == NULL) {
        return;
    }
    /* acquire: pairs with rouse_manager() */
    bsti_check(bsti_load_acquire(&pool->manager_state) == BSTI_MANAGER_NONE,
               "a blocking pool was destroyed before it was stopped");
    bsti_assert(!bsti_blocking_has_job(pool) && pool->live == 0);
    (void)pthread_attr_destroy(&pool->attr);
    bsti_free(pool->slots);
    bsti_free(pool);
}
