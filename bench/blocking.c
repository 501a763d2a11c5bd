/*
 * blocking: one operation is a call that blocks its thread for 1 ms. The pool
 * has no thread when it begins. `peak_threads` is the most it had, and
 * `threads_after` how many are left two and a half seconds later.
 */

#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <time.h>

#include "common.h"

struct run {
    uint64_t n;
    bst_time took;
};

static void sleep_for(bst_time span)
{
    struct timespec time = {.tv_sec = span / BST_S(1),
                            .tv_nsec = span % BST_S(1)};

    bench_check(nanosleep(&time, NULL) == 0, "a sleep was cut short");
}

static void *block(void *arg)
{
    sleep_for(BST_MS(1));
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
        tasks[i] = bst_spawn_blocking(NULL, block, (void *)(uintptr_t)i, NULL);
        bench_check(tasks[i] != NULL, "out of memory");
    }
    for (uint64_t i = 0; i < run->n; i++) {
        void *result = NULL;

        bench_check(bst_join(tasks[i], &result) == BST_OK, "a call failed");
        sum += (uintptr_t)result;
    }
    run->took = bench_clock() - began;
    bench_check(sum == run->n * (run->n - 1) / 2, "a wrong sum");
    free(tasks);
    return NULL;
}

int main(int argc, char **argv)
{
    struct bench_tasks tasks = {.n = 10000};
    struct bst_executor_stats stats;
    struct bst_executor *executor;
    struct run run = {0};

    bench_tasks_read(&tasks, NULL, argc, argv);
    run.n = tasks.n;
    executor = bench_tasks_start(&tasks);
    bench_check(bst_run(executor, driver, &run, NULL) == BST_OK, "it failed");
    bst_executor_stats(executor, &stats);
    sleep_for(BST_MS(2500));
    run.n = stats.blocking_peak;
    bst_executor_stats(executor, &stats);
    bench_check(stats.blocking_threads < run.n || run.n <= 2,
                "the pool does not shrink");
    bench_report_more("blocking", tasks.n, run.took,
                      "peak_threads=%u threads_after=%u", stats.blocking_peak,
                      stats.blocking_threads);
    bst_executor_destroy(executor);
    return 0;
}
