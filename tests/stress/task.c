/*
 * Stress: tasks of all kinds on one small executor. Foreign threads, and tasks
 * that these start, spawn plain tasks, tasks in steps and blocking ones, which
 * yield, sleep, join further ones, fail, or spawn without waiting; and each is
 * joined, detached, or cancelled at some moment and then joined.
 *
 * Checks: a task that nobody cancelled ends as its function says, with its
 * result; one that was cancelled ends so or is dead; hooks are called in their
 * order; all tasks have ended when the executor is destroyed.
 */

#include <bastion/task.h>

#include "base/alloc.h"
#include "plat/log.h"

#include "stress.h"

#define TURNS 4
#define DEPTH 3

enum kind { PLAIN, STEPS, BLOCKING, KINDS };

struct shared {
    struct bst_executor *executor;
    _Atomic uint64_t begun;
    _Atomic uint64_t ended;
    _Atomic uint32_t met;
    uint32_t threads;
    uint64_t rounds;
};

/* A task's own, freed in its last hook. */
struct item {
    struct shared *shared;
    uint64_t rand;
    uint32_t depth;
    uint32_t steps; /* left */
    bool started;
    bool fails;
};

struct spawner {
    struct shared *shared;
    uint64_t rand;
};

static void run_one(struct shared *shared, uint64_t *rand, uint32_t depth,
                    bool foreign);

/* ---- hooks --------------------------------------------------------------- */

static void before_start(const struct bst_task_info *info)
{
    struct item *item = info->state;

    stress_check(!item->started);
    item->started = true;
}

static void end_item(const struct bst_task_info *info, bool complete)
{
    struct item *item = info->state;
    struct shared *shared = item->shared;

    stress_check((info->status == BST_OK) == complete);
    stress_check(item->started || info->status == BST_DEAD);
    stress_check(info->status != BST_FAILED || item->fails);
    stress_check(!complete || !item->fails);
    free(item);
    bsti_fetch_add_acq_rel(&shared->ended, 1u);
}

static void after_complete(const struct bst_task_info *info)
{
    end_item(info, true);
}

static void after_panic(const struct bst_task_info *info)
{
    end_item(info, false);
}

/* ---- what a task does ---------------------------------------------------- */

static void act(struct item *item)
{
    switch (bsti_rand_below(&item->rand, 8)) {
    case 0:
        bst_task_yield();
        break;
    case 1:
        bst_task_sleep(BST_US((int64_t)bsti_rand_below(&item->rand, 200) + 1));
        break;
    case 2:
    case 3:
        if (item->depth > 0)
            run_one(item->shared, &item->rand, item->depth - 1, false);
        break;
    default:
        break;
    }
}

static bool step(void *arg)
{
    struct item *item = arg;

    act(item);
    if (item->steps-- > 0)
        return true;
    if (item->fails)
        bst_task_panic("expected");
    return false;
}

static void *run(void *arg)
{
    while (step(arg)) {
    }
    return arg;
}

/* ---- spawning ------------------------------------------------------------ */

static struct bst_task *spawn(struct shared *shared, uint64_t *rand,
                              struct item *item, bool foreign)
{
    struct bst_executor *executor =
        foreign || bsti_rand_below(rand, 2) == 0 ? shared->executor : NULL;
    struct bst_task_options options = {.state = item,
                                       .before_start = before_start,
                                       .after_complete = after_complete,
                                       .after_panic = after_panic};

    bsti_fetch_add_acq_rel(&shared->begun, 1u);
    switch ((enum kind)bsti_rand_below(rand, KINDS)) {
    case STEPS:
        return bst_spawn_steps(executor, step, item, &options);
    case BLOCKING:
        return bst_spawn_blocking(executor, run, item, &options);
    default:
        return bst_spawn(executor, run, item, &options);
    }
}

/* Spawns a task and sees to its end in one of the ways that there are. If this
 * one is cancelled, the other goes on by itself. */
static void run_one(struct shared *shared, uint64_t *rand, uint32_t depth,
                    bool foreign)
{
    struct item *item = calloc(1, sizeof(*item));
    struct bst_task *task;
    uint64_t dice = bsti_rand_below(rand, 8);
    bool fails;
    bst_status status;
    void *result = NULL;

    stress_check(item != NULL);
    item->shared = shared;
    item->rand = bsti_rand_next(rand);
    item->depth = depth;
    item->steps = (uint32_t)bsti_rand_below(rand, 4);
    item->fails = fails = bsti_rand_below(rand, 8) == 0;
    task = spawn(shared, rand, item, foreign);
    stress_check(task != NULL);
    if (dice == 0) {
        bst_detach(task);
        return;
    }
    if (dice < 3) {
        for (uint64_t i = bsti_rand_below(rand, 20); i > 0; i--)
            bsti_cpu_relax();
        bst_cancel(task);
    }
    status = bst_join(task, &result);
    if (dice < 3 && status == BST_DEAD)
        return;
    stress_check(status == (fails ? BST_FAILED : BST_OK));
    stress_check(result == (fails ? NULL : (void *)item));
}

static void spawner(void *arg)
{
    struct spawner *self = arg;

    stress_meet(&self->shared->met, self->shared->threads);
    for (uint64_t i = 0; i < self->shared->rounds; i++)
        run_one(self->shared, &self->rand, DEPTH, true);
}

static void *spawn_burst(void *arg)
{
    struct spawner *self = arg;

    for (uint64_t i = 0; i < self->shared->rounds; i++)
        run_one(self->shared, &self->rand, 1, false);
    return arg;
}

static void turn(struct stress *stress, struct shared *shared)
{
    struct bst_executor_options options = {
        .threads = 1 + (uint32_t)bsti_rand_below(&stress->seed, 4),
        .no_pin = 1,
        .blocking_min = 1,
        .blocking_max = 64 + 8 * stress->threads,
    };
    struct spawner spawners[STRESS_THREADS_MAX + 1];
    struct bst_executor_stats stats;
    struct bst_task *burst;

    shared->executor = bst_executor_create(&options);
    stress_check(shared->executor != NULL);
    bsti_store_relaxed(&shared->met, 0u);
    for (uint32_t i = 0; i <= stress->threads; i++) {
        spawners[i].shared = shared;
        spawners[i].rand = bsti_rand_next(&stress->seed);
    }
    burst = bst_spawn(shared->executor, spawn_burst, &spawners[stress->threads],
                      NULL);
    stress_run(stress->threads, spawner, spawners, sizeof(spawners[0]));
    stress_check(bst_join(burst, NULL) == BST_OK);
    bst_executor_stats(shared->executor, &stats);
    stress_check(stats.blocking_peak <= options.blocking_max);
    bst_executor_destroy(shared->executor);
    stress_check(bsti_load_acquire(&shared->ended) ==
                 bsti_load_acquire(&shared->begun));
}

int main(int argc, char **argv)
{
    static struct shared shared;
    struct stress stress =
        stress_begin(argc, argv, 4, BSTI_ASAN || BSTI_TSAN ? 2000 : 10000);

    bsti_log_set_level(BST_LOG_ERROR); /* failures are expected */
    shared.threads = stress.threads;
    shared.rounds = stress.rounds / TURNS / stress.threads + 1;
    for (int i = 0; i < TURNS; i++)
        turn(&stress, &shared);
    return 0;
}
