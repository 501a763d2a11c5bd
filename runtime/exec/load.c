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
#include "sync/atomic.h"

enum {
    PERIOD_NS = 20000,         /* of samples */
    WAKE_NS = 25000,           /* parking and waking a thread */
    CROSSING_NS = 65,          /* a message to another CPU */
    DEAR_NS = 100,             /* a message that is worth it for certain */
    CONTENDED_NS = 200,        /* the same while both sides push and handle */
    MAX_INTERVAL = 1024,       /* turns between samples */
    RETREAT_PAUSE_NS = 250000, /* keeping away after a retreat, at first */
    RETREAT_MAX_NS = 16000000,
    PROBE_MIN_NS = 1000000,
    PROBE_MAX_NS = 500000000
};

enum bsti_share bsti_load_share(const struct bsti_load_sample *sample,
                                bool probe)
{
    bst_time turn = sample->span / (bst_time)sample->turns;
    bool chatty = sample->messages > 0 &&
                  sample->span / (bst_time)sample->messages < DEAR_NS;

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

bool bsti_load_retreats(const struct bsti_load_sample *sample)
{
    uint64_t cheap =
        sample->messages * CROSSING_NS + sample->remote * CONTENDED_NS;

    return sample->remote * 4 > sample->tells && (uint64_t)sample->span < cheap;
}

bst_time bsti_load_pause(bst_time last, bst_time since)
{
    if (last == 0 || since > 8 * last)
        return RETREAT_PAUSE_NS;
    return BSTI_MIN(2 * last, (bst_time)RETREAT_MAX_NS);
}

void bsti_load_reset(struct bsti_worker *worker, bst_time now)
{
    worker->sample_begin = now;
    worker->sample_turns = 0;
    worker->sample_sent = bsti_worker_counter(worker, BSTI_COUNTER_SENT);
    worker->sample_handled = bsti_worker_counter(worker, BSTI_COUNTER_HANDLED);
    worker->sample_refused = 0;
    worker->sample_remote = 0;
    bsti_store_relaxed(&worker->until_sample, worker->sample_interval);
}

static uint32_t queued(struct bsti_worker *worker)
{
    return bsti_deque_size(&worker->deque) +
           !bsti_slot_is_empty(&worker->slot) +
           bsti_load_relaxed(&worker->urgent) +
           (uint32_t)BSTI_MIN(bsti_injector_length(worker->injector),
                              (size_t)1024);
}

/* Whether no other worker has begun to retreat a moment ago. */
static bool may_retreat(struct bsti_exec *exec, bst_time now)
{
    bst_time last = bsti_load_relaxed(&exec->retreated);

    return now - last >= RETREAT_PAUSE_NS &&
           bsti_cas_strong_relaxed(&exec->retreated, &last, now);
}

/* Hands what is ready to the worker it talks to and stays away a while. */
static void retreat(struct bsti_worker *worker, bst_time now)
{
    struct bsti_worker *home = worker->talked_to;
    struct bsti_proc *proc = bsti_slot_take(&worker->slot);
    bst_time gap;

    worker->retreat_to = home;
    worker->retreat_pause =
        bsti_load_pause(worker->retreat_pause, now - worker->retreat_ended);
    worker->retreat_ended = now + worker->retreat_pause;
    worker->no_steal_until = worker->retreat_ended;
    bsti_store_relaxed(&worker->share, (uint32_t)BSTI_SHARE_RETREAT);
    while (proc || (proc = bsti_deque_pop(&worker->deque))) {
        /* Not by way of `share`, which others may change meanwhile. */
        if (!bsti_worker_give_away(worker, proc))
            return;
        proc = NULL;
    }
    bsti_store_relaxed(&home->share, (uint32_t)BSTI_SHARE_NONE);
    /* relaxed: only paces experiments */
    gap = 2 * bsti_load_relaxed(&home->probe_gap);
    gap = BSTI_MAX(gap, (bst_time)PROBE_MIN_NS);
    gap = BSTI_MIN(gap, (bst_time)PROBE_MAX_NS);
    bsti_store_relaxed(&home->probe_gap, gap);
    bsti_store_relaxed(&home->probe_at, now + gap);
}

static struct bsti_load_sample take(struct bsti_worker *worker, bst_time now)
{
    uint64_t handled = bsti_worker_counter(worker, BSTI_COUNTER_HANDLED) -
                       worker->sample_handled;
    uint64_t tells = bsti_worker_counter(worker, BSTI_COUNTER_SENT) -
                     worker->sample_sent + worker->sample_refused;

    return (struct bsti_load_sample){
        .span = now - worker->sample_begin,
        .turns = BSTI_MAX(worker->sample_turns, 1u),
        .tells = tells,
        .remote = worker->sample_remote,
        .messages = BSTI_MAX(handled, tells),
        .queued = queued(worker),
    };
}

/* What others may take from now on. */
static enum bsti_share choose_share(struct bsti_worker *worker,
                                    const struct bsti_load_sample *sample,
                                    bst_time now)
{
    if (now < worker->no_steal_until)
        return (enum bsti_share)bsti_load_relaxed(&worker->share);
    if (bsti_load_retreats(sample) && !worker->talked_to->is_spare &&
        !bsti_worker_is_retired(worker->talked_to) &&
        may_retreat(worker->exec, now)) {
        retreat(worker, now);
        return (enum bsti_share)bsti_load_relaxed(&worker->share);
    }
    return bsti_load_share(sample, now >= bsti_load_relaxed(&worker->probe_at));
}

void bsti_load_take(struct bsti_worker *worker)
{
    bst_time now = bsti_exec_now(worker->exec);
    struct bsti_load_sample sample = take(worker, now);
    enum bsti_share share;

    bsti_alarms_expire(worker, now);
    share = choose_share(worker, &sample, now);
    /* relaxed: a hint; the wake-up below has its own fence. */
    if (bsti_load_relaxed(&worker->share) != (uint32_t)share)
        bsti_store_relaxed(&worker->share, (uint32_t)share);
    /* It grows slowly, so that a change of the load is seen soon. */
    worker->sample_interval =
        BSTI_MIN(bsti_load_interval(&sample), 2 * worker->sample_interval);
    bsti_store_relaxed(&worker->samples,
                       bsti_load_relaxed(&worker->samples) + 1);
    bsti_load_reset(worker, now);
    if (share == BSTI_SHARE_ALL && bsti_load_relaxed(&worker->urgent) > 0 &&
        bsti_load_relaxed(&worker->exec->idle_count) > 0)
        bsti_worker_offer_urgent(worker);
    if (share == BSTI_SHARE_PROBE || share == BSTI_SHARE_ALL)
        bsti_exec_wake_one(worker->exec);
}
