/*
 * The executor as <bastion/task.h> shows it: options, start and end.
 */

#include <bastion/task.h>

#include "base/alloc.h"
#include "base/config.h"
#include "exec/blocking.h"
#include "exec/exec.h"
#include "exec/task.h"
#include "plat/futex.h"
#include "plat/log.h"
#include "plat/probe.h"
#include "sync/atomic.h"

/* What the caller has not chosen, the environment may. */
static int read_options(const struct bst_executor_options *options,
                        struct bsti_exec_options *inner)
{
    static const struct bst_executor_options none;
    struct bsti_config config = bsti_config_default();
    const char *name = NULL;
    const char *why = bsti_config_env(&config, &name);

    if (why) {
        bsti_log(BST_LOG_ERROR, "%s: %s", name, why);
        return -1;
    }
    if (!options)
        options = &none;
    bsti_probe_small(options, sizeof *options);
    *inner = (struct bsti_exec_options){
        .threads = options->threads ? options->threads : config.threads,
        .pin = config.pin && !options->no_pin,
        .blocking = {.min = options->blocking_min ? options->blocking_min
                                                  : config.blocking_min,
                     .max = options->blocking_max ? options->blocking_max
                                                  : config.blocking_max},
        .no_next_slot = !config.next_slot || options->no_next_slot,
        .steal_one = !config.steal_half || options->steal_one,
        .no_contention_skip =
            !config.contention_skip || options->no_contention_skip,
    };
    return 0;
}

struct bst_executor *
bst_executor_create(const struct bst_executor_options *options)
{
    struct bsti_exec_options inner;
    struct bst_executor *executor;

    if (read_options(options, &inner) != 0)
        return NULL;
    executor = bsti_alloc(sizeof *executor);
    if (!executor)
        return NULL;
    executor->exec = bsti_exec_create(&inner);
    if (!executor->exec) {
        bsti_free(executor);
        return NULL;
    }
    return executor;
}

/* Whoever is seen to have ended is also seen to have been spawned, as the
 * counts are read in this order. */
static bool has_tasks(struct bsti_exec *exec)
{
    uint64_t ended = bsti_exec_counter(exec, BSTI_COUNTER_TASKS_ENDED);

    return bsti_exec_counter(exec, BSTI_COUNTER_TASKS) != ended;
}

void bst_executor_destroy(struct bst_executor *executor)
{
    struct bsti_exec *exec = (void *)bsti_probe_word(executor);

    while (has_tasks(exec))
        bsti_futex_wait(&exec->tasks_changed, 0, BST_MS(1));
    (void)bsti_exec_stop_blocking(exec, BST_INFINITE);
    bsti_exec_quiesce(exec, BST_INFINITE);
    bsti_exec_destroy(exec);
    bsti_free(executor);
}

void bst_executor_stats(struct bst_executor *executor,
                        struct bst_executor_stats *stats)
{
    struct bsti_exec *exec = (void *)bsti_probe_word(executor);
    /* acquire: pairs with the release of whoever made the pool */
    struct bsti_blocking *pool = bsti_load_acquire(&exec->blocking);
    struct bsti_blocking_stats blocking = {0};

    bsti_probe_out_small(stats, sizeof *stats);
    if (pool)
        bsti_blocking_stats(pool, &blocking);
    *stats = (struct bst_executor_stats){
        .threads = bsti_exec_workers(exec),
        .blocking_threads = blocking.threads,
        .blocking_peak = blocking.peak,
        .blocking_queued = blocking.queued,
        .ended = bsti_exec_counter(exec, BSTI_COUNTER_TASKS_ENDED),
    };
    /* It is read last, so that it is never below `ended`. */
    stats->spawned = bsti_exec_counter(exec, BSTI_COUNTER_TASKS);
}
