/*
 * Samples of a worker, and what follows from them.
 *
 * The thresholds are the costs of the machine: 65 ns for a message that
 * crosses from one CPU to another, 25 us for putting a thread to sleep and
 * waking it. They are forgiving: half or twice as much changes little.
 */

#include "exec/load.h"

#include "exec/timer.h"
#include "exec/worker.h"
#include "plat/clock.h"
#include "sync/atomic.h"

enum {
    PERIOD_NS = 20000,   /* of samples */
    WAKE_NS = 25000,     /* parking and waking a thread */
    CROSSING_NS = 65,    /* a message to another CPU */
    RETREAT_NS = 130,    /* what is dearer than this is worth splitting */
    MAX_INTERVAL = 1024, /* turns between samples */
    RETREAT_PAUSE_NS = 250000,
    PROBE_MIN_NS = 1000000,
    PROBE_MAX_NS = 500000000
};

enum bsti_share bsti_load_share(const struct bsti_load_sample *sample,
                                bool probe)
{
    bst_time turn = sample->span / (bst_time)sample->turns;
    bool chatty = sample->messages > 0 &&
                  sample->span / (bst_time)sample->messages < CROSSING_NS;

    if (sample->queued == 0 || (bst_time)sample->queued * turn <= WAKE_NS)
        return BSTI_SHARE_NONE;
    if (!chatty)
        return BSTI_SHARE_ALL;
    return probe ? BSTI_SHARE_PROBE : BSTI_SHARE_NONE;
}

uint32_t bsti_load_interval(const struct bsti_load_sample *sample)
{
    bst_time turn = sample->span / (bst_time)sample->turns;
    bst_time turns = turn > 0 ? PERIOD_NS / turn : MAX_INTERVAL;

    return (uint32_t)BSTI_MAX((bst_time)1,
                              BSTI_MIN(turns, (bst_time)MAX_INTERVAL));
}

bool bsti_load_retreats(const struct bsti_load_sample *sample, uint64_t remote,
                        uint64_t tells)
{
    return tells > 0 && remote * 4 > tells && sample->messages > 0 &&
           sample->span / (bst_time)sample->messages < RETREAT_NS;
}

void bsti_load_reset(struct bsti_worker *worker, bst_time now)
{
    worker->sample_begin = now;
    worker->sample_turns = 0;
    worker->sample_tells = 0;
    worker->sample_handled = 0;
    worker->sample_remote = 0;
    bsti_store_relaxed(&worker->until_sample, worker->sample_interval);
}

static uint32_t queued(struct bsti_worker *worker)
{
    return bsti_deque_size(&worker->deque) +
           !bsti_slot_is_empty(&worker->slot) +
           (uint32_t)BSTI_MIN(bsti_injector_length(&worker->exec->injector),
                              (size_t)1024);
}

/* Hands what was stolen back to where it came from and stays away a while. */
static void retreat(struct bsti_worker *worker, bst_time now)
{
    struct bsti_worker *home = worker->stole_from;
    struct bsti_proc *proc;
    bst_time gap;

    while ((proc = bsti_deque_pop(&worker->deque)) != NULL)
        bsti_inbox_push(&home->inbox, &proc->link);
    bsti_worker_wake(home);
    bsti_store_relaxed(&home->share, (uint32_t)BSTI_SHARE_NONE);
    worker->stole_from = NULL;
    worker->no_steal_until = now + RETREAT_PAUSE_NS;
    /* relaxed: only paces experiments */
    gap = 2 * bsti_load_relaxed(&home->probe_gap);
    gap = BSTI_MAX(gap, (bst_time)PROBE_MIN_NS);
    gap = BSTI_MIN(gap, (bst_time)PROBE_MAX_NS);
    bsti_store_relaxed(&home->probe_gap, gap);
    bsti_store_relaxed(&home->probe_at, now + gap);
}

void bsti_load_take(struct bsti_worker *worker)
{
    bst_time now = bsti_clock_now();
    struct bsti_load_sample sample = {
        .span = now - worker->sample_begin,
        .turns = BSTI_MAX(worker->sample_turns, 1u),
        .messages = BSTI_MAX(worker->sample_handled, worker->sample_tells),
        .queued = queued(worker),
    };
    enum bsti_share share =
        bsti_load_share(&sample, now >= bsti_load_relaxed(&worker->probe_at));

    bsti_alarms_expire(worker, now);
    if (worker->stole_from && bsti_load_retreats(&sample, worker->sample_remote,
                                                 worker->sample_tells)) {
        retreat(worker, now);
        share = BSTI_SHARE_NONE;
    }
    /* relaxed: a hint; the wake-up below has its own fence. */
    if (bsti_load_relaxed(&worker->share) != (uint32_t)share)
        bsti_store_relaxed(&worker->share, (uint32_t)share);
    /* It grows slowly, so that a change of the load is seen soon. */
    worker->sample_interval =
        BSTI_MIN(bsti_load_interval(&sample), 2 * worker->sample_interval);
    bsti_store_relaxed(&worker->samples,
                       bsti_load_relaxed(&worker->samples) + 1);
    bsti_load_reset(worker, now);
    if (share != BSTI_SHARE_NONE)
        bsti_exec_wake_one(worker->exec);
}
