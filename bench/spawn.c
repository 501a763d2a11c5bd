/*
 * spawn: one operation is a task that is started and joined. One task starts
 * all others, then joins them in the same order and adds up their results.
 */

#include <stdlib.h>

#include "common.h"

struct run {
    uint64_t n;
    bst_time took;
};

static void *task(void *arg)
{
    return arg;
}

static void *driver(void *arg)
{
    struct run *run = arg;
    struct bst_task **tasks = malloc(run->n * sizeof(struct bst_task *));
    uint64_t sum = 0;
    bst_time began;

    bench_check(tasks != NULL, "out of memory");
    began = bench_clock();
    for (uint64_t i = 0; i < run->n; i++) {
        tasks[i] = bst_spawn(NULL, task, (void *)(uintptr_t)i, NULL);
        bench_check(tasks[i] != NULL, "out of memory");
    }
    for (uint64_t i = 0; i < run->n; i++) {
        void *result = NULL;

        bench_check(bst_join(tasks[i], &result) == BST_OK, "a task failed");
        sum += (uintptr_t)result;
    }
    run->took = bench_clock() - began;
    bench_check(sum == run->n * (run->n - 1) / 2, "a wrong sum");
    free(tasks);
    return NULL;
}

int main(int argc, char **argv)
{
    struct bench_tasks tasks = {.n = 1000000};
    struct bst_executor *executor;
    struct run run = {0};

    bench_tasks_read(&tasks, NULL, argc, argv);
    run.n = tasks.n;
    executor = bench_tasks_start(&tasks);
    bench_check(bst_run(executor, driver, &run, NULL) == BST_OK, "it failed");
    bench_report("spawn", run.n, run.took);
    bst_executor_destroy(executor);
    return 0;
}
