/*
 * yield: one operation is one yield of one of 1000 tasks. `yield` has tasks in
 * steps, which hold no stack in between, as those of Tokio and the floor;
 * `yield_stacks` has tasks that yield in the middle of a function, as those of
 * Go and Erlang. The making of the tasks, and of their stacks, is part of it.
 */

#include <stdlib.h>

#include "common.h"

enum { TASKS = 1000 };

struct yielder {
    uint64_t left;
    uint64_t count;
};

static struct yielder yielders[TASKS];

static bool step(void *arg)
{
    struct yielder *self = arg;

    self->count++;
    return self->count <= self->left;
}

static void *run(void *arg)
{
    struct yielder *self = arg;

    for (; self->count < self->left; self->count++)
        bst_task_yield();
    return arg;
}

/* Runs all tasks, which count to `each`; returns how long it took. */
static bst_time measure(bool in_steps, uint64_t each)
{
    static struct bst_task *tasks[TASKS];
    bst_time began = bench_clock();
    uint64_t sum = 0;

    for (int i = 0; i < TASKS; i++) {
        yielders[i] = (struct yielder){.left = each};
        tasks[i] = in_steps ? bst_spawn_steps(NULL, step, &yielders[i], NULL)
                            : bst_spawn(NULL, run, &yielders[i], NULL);
        bench_check(tasks[i] != NULL, "out of memory");
    }
    for (int i = 0; i < TASKS; i++) {
        bench_check(bst_join(tasks[i], NULL) == BST_OK, "a task failed");
        sum += yielders[i].count - in_steps; /* the last step is no yield */
    }
    bench_check(sum == TASKS * each, "yields are missing");
    return bench_clock() - began;
}

static void *driver(void *arg)
{
    uint64_t each = *(uint64_t *)arg / TASKS;

    bench_check(each > 0, "--n is below 1000");
    bench_report("yield", TASKS * each, measure(true, each));
    bench_report("yield_stacks", TASKS * each, measure(false, each));
    return NULL;
}

int main(int argc, char **argv)
{
    struct bench_tasks tasks = {.n = 1000000};
    struct bst_executor *executor;

    bench_tasks_read(&tasks, NULL, argc, argv);
    executor = bench_tasks_start(&tasks);
    bench_check(bst_run(executor, driver, &tasks.n, NULL) == BST_OK,
                "it failed");
    bst_executor_destroy(executor);
    return 0;
}
