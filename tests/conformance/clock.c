/*
 * When a stimulus has settled. This, and the options, is all that is different
 * between threads and a simulation.
 */

#define _GNU_SOURCE

#include <time.h>

#include "exec/worker.h"
#include "run.h"
#include "sup/simulate.h"
#include "sync/atomic.h"

/* Time that passes after each stimulus. */
static const bst_time least = BST_MS(60);

/* ---- threads ------------------------------------------------------------- */

static bst_time smp_now(struct run *run)
{
    struct timespec now;

    (void)run;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return BST_S(now.tv_sec) + now.tv_nsec;
}

static void smp_wait(struct run *run, bst_time duration)
{
    struct timespec pause = {duration / BST_S(1), (long)(duration % BST_S(1))};

    (void)run;
    nanosleep(&pause, NULL);
}

static void smp_prepare(struct bst_options *options)
{
    options->threads = 2;
    options->pin = 0;
}

static void smp_begin(struct run *run)
{
    (void)run;
}

/* Counts the handlers that hang, and the messages behind them. */
static void count_hanging(const struct run *run, uint32_t *handlers,
                          uint64_t *messages)
{
    *handlers = 0;
    *messages = 0;
    for (const struct role *role = run->roles; role; role = role->next) {
        if (!atomic_load(&role->hanging))
            continue;
        (*handlers)++;
        *messages += atomic_load(&role->given) - atomic_load(&role->done);
    }
}

/* Whether nothing is queued or running but what hangs. */
static bool is_quiet(struct run *run)
{
    struct bsti_exec *exec = run->system->exec;
    struct bst_stats stats;
    uint32_t handlers;
    uint64_t messages;

    count_hanging(run, &handlers, &messages);
    bst_system_stats(run->system, &stats);
    return stats.queued <= messages &&
           bsti_load_seq_cst(&exec->idle_count) + handlers >=
               bsti_exec_workers(exec);
}

static void smp_settle(struct run *run)
{
    smp_wait(run, least);
    while (run->system && !is_quiet(run))
        smp_wait(run, BST_MS(1));
}

const struct clock clock_smp = {.name = "smp",
                                .prepare = smp_prepare,
                                .begin = smp_begin,
                                .settle = smp_settle,
                                .wait = smp_wait,
                                .now = smp_now,
                                .hangs_thread = true};

/* ---- simulation ---------------------------------------------------------- */

static bst_time sim_now(struct run *run)
{
    return run->system ? bst_sim_now(run->system) : 0;
}

static void sim_wait(struct run *run, bst_time duration)
{
    if (run->system)
        (void)bst_sim_run(run->system, duration);
}

/* One worker without a next-slot: what is ready first runs first. */
static void sim_prepare(struct bst_options *options)
{
    options->threads = 1;
    options->sim = 1;
    options->seeded = 1;
    options->seed = 1;
    options->sim_time = BST_S(1000000);
    options->no_next_slot = 1;
}

/* What was told to several is handled in the same order. */
static void sim_begin(struct run *run)
{
    bsti_simulation_of(run->system)->calm = true;
}

static void sim_settle(struct run *run)
{
    sim_wait(run, least);
}

const struct clock clock_sim = {.name = "sim",
                                .prepare = sim_prepare,
                                .begin = sim_begin,
                                .settle = sim_settle,
                                .wait = sim_wait,
                                .now = sim_now};
