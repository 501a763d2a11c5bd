/*
 * Tasks on the blocking pool, tasks in steps, and the executor's options.
 */

#define _POSIX_C_SOURCE 200809L
#include <bastion/task.h>

#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "plat/thread.h"
#include "sync/atomic.h"
#include "unit/unit.h"

static struct bst_executor *create(uint32_t threads, uint32_t blocking)
{
    struct bst_executor_options options = {
        .threads = threads, .no_pin = 1, .blocking_max = blocking};
    struct bst_executor *executor = bst_executor_create(&options);

    assert_non_null(executor);
    return executor;
}

static void *same(void *arg)
{
    return arg;
}

static void *panic(void *arg)
{
    (void)arg;
    bst_task_panic("expected");
}

static _Atomic uint32_t gate; /* 1: open */
static _Atomic uint32_t entered;

/* Blocks its thread until the gate is open, without a call of a task. */
static void *await_gate(void *arg)
{
    bsti_fetch_add_acq_rel(&entered, 1u);
    while (!bsti_load_acquire(&gate))
        bsti_thread_sleep(BST_US(200));
    return arg;
}

static void close_gate(void)
{
    bsti_store_release(&gate, 0u);
    bsti_store_release(&entered, 0u);
}

static void await_entered(uint32_t count)
{
    while (bsti_load_acquire(&entered) < count)
        bsti_thread_yield();
}

static struct bst_task *submit(struct bst_executor *executor,
                               void *(*fn)(void *arg), void *arg)
{
    struct bst_task *task = bst_spawn_blocking(executor, fn, arg, NULL);

    assert_non_null(task);
    return task;
}

/* ---- blocking tasks ------------------------------------------------------ */

enum { JOBS = 200 };

/* Submits and joins; runs in a task, in a blocking task or in neither. */
static void *submit_some(void *executor)
{
    struct bst_task *tasks[JOBS];
    uintptr_t sum = 0;

    for (uintptr_t i = 0; i < JOBS; i++)
        tasks[i] = submit(executor, same, (void *)i);
    for (uintptr_t i = 0; i < JOBS; i++) {
        void *result = NULL;

        assert_int_equal(bst_join(tasks[i], &result), BST_OK);
        sum += (uintptr_t)result;
    }
    return (void *)sum;
}

static void jobs_are_joined_from_everywhere(void **state)
{
    struct bst_executor *executor = create(2, 8);
    uintptr_t expected = JOBS * (JOBS - 1) / 2;
    void *sum = NULL;

    (void)state;
    assert_int_equal((uintptr_t)submit_some(executor), expected);
    assert_int_equal(bst_run(executor, submit_some, NULL, &sum), BST_OK);
    assert_int_equal((uintptr_t)sum, expected);
    sum = NULL;
    assert_int_equal(bst_join(submit(executor, submit_some, NULL), &sum),
                     BST_OK);
    assert_int_equal((uintptr_t)sum, expected);
    bst_executor_destroy(executor);
}

static void submitting_does_not_wait(void **state)
{
    struct bst_executor *executor = create(1, 2);
    struct bst_executor_stats stats;
    struct bst_task *tasks[100];

    (void)state;
    close_gate();
    for (int i = 0; i < 100; i++)
        tasks[i] = submit(executor, await_gate, NULL);
    await_entered(2);
    bst_executor_stats(executor, &stats);
    assert_int_equal(stats.blocking_threads, 2);
    assert_int_equal(stats.blocking_queued, 98);
    assert_int_equal(stats.spawned - stats.ended, 100);
    bsti_store_release(&gate, 1u);
    for (int i = 0; i < 100; i++)
        assert_int_equal(bst_join(tasks[i], NULL), BST_OK);
    bst_executor_stats(executor, &stats);
    assert_int_equal(stats.blocking_peak, 2);
    bst_executor_destroy(executor);
}

static void jobs_do_not_occupy_a_worker(void **state)
{
    struct bst_executor *executor = create(1, 4);
    struct bst_task *job;

    (void)state;
    close_gate();
    job = submit(executor, await_gate, NULL);
    await_entered(1);
    for (int i = 0; i < 100; i++)
        assert_int_equal(bst_run(executor, same, NULL, NULL), BST_OK);
    bsti_store_release(&gate, 1u);
    assert_int_equal(bst_join(job, NULL), BST_OK);
    bst_executor_destroy(executor);
}

static void panic_fails_that_job_alone(void **state)
{
    struct bst_executor *executor = create(1, 1);
    struct bst_executor_stats stats;
    int x;

    (void)state;
    for (int i = 0; i < 100; i++) {
        void *result = &stats;

        assert_int_equal(bst_join(submit(executor, panic, NULL), &result),
                         BST_FAILED);
        assert_ptr_equal(result, &stats);
        assert_int_equal(bst_join(submit(executor, same, &x), &result), BST_OK);
        assert_ptr_equal(result, &x);
    }
    bst_executor_stats(executor, &stats);
    assert_int_equal(stats.blocking_peak, 1);
    bst_executor_destroy(executor);
}

/* ---- cancelling ---------------------------------------------------------- */

static void *sleep_long(void *arg)
{
    bsti_fetch_add_acq_rel(&entered, 1u);
    bst_task_sleep(BST_S(1000));
    return arg;
}

static void *yield_long(void *arg)
{
    bsti_fetch_add_acq_rel(&entered, 1u);
    for (;;)
        bst_task_yield();
    return arg;
}

static void *join_long(void *arg)
{
    bsti_fetch_add_acq_rel(&entered, 1u);
    (void)bst_join(arg, NULL);
    return arg;
}

static void cancel_ends_a_job_that_waits(void **state)
{
    struct bst_executor *executor = create(1, 2);
    struct bst_task *job;
    void *(*const waits[])(void *arg) = {sleep_long, yield_long};

    (void)state;
    for (int i = 0; i < 300; i++) {
        close_gate();
        job = submit(executor, waits[i % 2], NULL);
        if (i % 3 > 0)
            await_entered(1);
        bst_cancel(job);
        assert_int_equal(bst_join(job, NULL), BST_DEAD);
    }
    /* One that joins: what it joined goes on, and nobody is told. */
    close_gate();
    job = submit(executor, join_long, submit(executor, await_gate, NULL));
    await_entered(2);
    bst_cancel(job);
    assert_int_equal(bst_join(job, NULL), BST_DEAD);
    bsti_store_release(&gate, 1u);
    bst_executor_destroy(executor);
}

static void cancel_ends_a_job_before_it_starts(void **state)
{
    struct bst_executor *executor = create(1, 1);
    struct bst_task *first;
    struct bst_task *second;

    (void)state;
    close_gate();
    first = submit(executor, await_gate, NULL);
    await_entered(1);
    second = submit(executor, await_gate, NULL);
    bst_cancel(second);
    bst_cancel(first); /* too late: it runs, and does not wait */
    bsti_store_release(&gate, 1u);
    assert_int_equal(bst_join(first, NULL), BST_OK);
    assert_int_equal(bst_join(second, NULL), BST_DEAD);
    assert_int_equal(bsti_load_acquire(&entered), 1);
    bst_executor_destroy(executor);
}

static void *sleep_short(void *arg)
{
    struct timespec from;
    struct timespec to;

    (void)arg;
    clock_gettime(CLOCK_MONOTONIC, &from);
    bst_task_sleep(BST_MS(5));
    clock_gettime(CLOCK_MONOTONIC, &to);
    return (void *)(uintptr_t)((to.tv_sec - from.tv_sec) * 1000000 +
                               (to.tv_nsec - from.tv_nsec) / 1000);
}

static void sleep_of_a_job_is_never_too_short(void **state)
{
    struct bst_executor *executor = create(1, 1);
    void *us = NULL;

    (void)state;
    assert_int_equal(bst_join(submit(executor, sleep_short, NULL), &us),
                     BST_OK);
    assert_true((uintptr_t)us >= 5000);
    bst_executor_destroy(executor);
}

/* ---- hooks --------------------------------------------------------------- */

/* What the hooks of a task have seen, as letters in their order. */
struct diary {
    char text[8];
    uint64_t pid;
    bool panics; /* in each hook */
};

static void note(const struct bst_task_info *info, char letter)
{
    struct diary *diary = info->state;

    diary->text[strlen(diary->text)] = letter;
    diary->pid = info->pid;
    if (diary->panics)
        bst_task_panic("expected, in a hook");
}

static void before_start(const struct bst_task_info *info)
{
    note(info, 'b');
}

static void after_complete(const struct bst_task_info *info)
{
    note(info, 'c');
}

static void after_panic(const struct bst_task_info *info)
{
    note(info, 'p');
}

static void *keep_diary(void *arg)
{
    struct diary *diary = bst_task_state();

    diary->text[strlen(diary->text)] = 'r';
    assert_int_not_equal(bst_task_self(), 0);
    if (arg)
        bst_task_panic("expected");
    return diary;
}

static void assert_diary(struct bst_executor *executor, void *arg, bool panics,
                         bst_status status, const char *text)
{
    struct diary diary = {.panics = panics};
    struct bst_task_options options = {.state = &diary,
                                       .before_start = before_start,
                                       .after_complete = after_complete,
                                       .after_panic = after_panic};
    struct bst_task *job =
        bst_spawn_blocking(executor, keep_diary, arg, &options);
    uint64_t pid = bst_task_pid(job);

    assert_int_equal(bst_join(job, NULL), status);
    assert_string_equal(diary.text, text);
    assert_int_equal(diary.pid, pid);
}

static void hooks_of_a_job_are_called_in_order(void **state)
{
    struct bst_executor *executor = create(1, 1);

    (void)state;
    assert_diary(executor, NULL, false, BST_OK, "brc");
    assert_diary(executor, executor, false, BST_FAILED, "brp");
    assert_diary(executor, NULL, true, BST_FAILED, "bp");
    bst_executor_destroy(executor);
}

static void hook_of_a_cancelled_job_is_called(void **state)
{
    struct bst_executor *executor = create(1, 1);
    struct diary diary = {.pid = 0};
    struct bst_task_options options = {.state = &diary,
                                       .before_start = before_start,
                                       .after_complete = after_complete,
                                       .after_panic = after_panic};
    struct bst_task *first;
    struct bst_task *second;

    (void)state;
    close_gate();
    first = submit(executor, await_gate, NULL);
    await_entered(1);
    second = bst_spawn_blocking(executor, keep_diary, NULL, &options);
    bst_cancel(second);
    bsti_store_release(&gate, 1u);
    assert_int_equal(bst_join(second, NULL), BST_DEAD);
    assert_int_equal(bst_join(first, NULL), BST_OK);
    assert_string_equal(diary.text, "p");
    bst_executor_destroy(executor);
}

static void detached_jobs_end_before_the_executor(void **state)
{
    int64_t before = bsti_alloc_balance();
    struct bst_executor *executor = create(1, 3);

    (void)state;
    close_gate();
    bsti_store_release(&gate, 1u);
    for (int i = 0; i < 50; i++)
        bst_detach(submit(executor, await_gate, NULL));
    bst_executor_destroy(executor);
    assert_int_equal(bsti_load_acquire(&entered), 50);
    assert_int_equal(bsti_alloc_balance(), before);
}

/* ---- options ------------------------------------------------------------- */

static void environment_fills_in(void **state)
{
    struct bst_executor_options options = {.no_pin = 1};
    struct bst_executor_stats stats;
    struct bst_executor *executor;
    struct bst_task *tasks[20];

    (void)state;
    close_gate();
    assert_int_equal(setenv("BASTION_THREADS", "3", 1), 0);
    assert_int_equal(setenv("BASTION_BLOCKING_MAX", "4", 1), 0);
    executor = bst_executor_create(&options);
    assert_non_null(executor);
    for (int i = 0; i < 20; i++)
        tasks[i] = submit(executor, await_gate, NULL);
    await_entered(4);
    bst_executor_stats(executor, &stats);
    assert_int_equal(stats.threads, 3);
    assert_int_equal(stats.blocking_peak, 4);
    bsti_store_release(&gate, 1u);
    for (int i = 0; i < 20; i++)
        assert_int_equal(bst_join(tasks[i], NULL), BST_OK);
    bst_executor_destroy(executor);

    options.threads = 1; /* what is given comes first */
    executor = bst_executor_create(&options);
    assert_non_null(executor);
    bst_executor_stats(executor, &stats);
    assert_int_equal(stats.threads, 1);
    bst_executor_destroy(executor);

    assert_int_equal(setenv("BASTION_BLOCKING_MAX", "four", 1), 0);
    assert_null(bst_executor_create(&options));
    assert_int_equal(unsetenv("BASTION_THREADS"), 0);
    assert_int_equal(unsetenv("BASTION_BLOCKING_MAX"), 0);
}

static void no_memory_is_no_job(void **state)
{
    struct bst_executor *executor = create(1, 1);

    (void)state;
    bsti_alloc_fail_at(1); /* for the pool itself */
    assert_null(bst_spawn_blocking(executor, same, NULL, NULL));
    bsti_alloc_fail_at(0);
    assert_int_equal(bst_join(submit(executor, same, NULL), NULL), BST_OK);
    bst_executor_destroy(executor);
}

/* ---- tasks in steps ------------------------------------------------------ */

struct countdown {
    int left;
    int fails_at;
    struct diary diary;
};

static bool count_down(void *arg)
{
    struct countdown *self = arg;

    if (self->left == self->fails_at)
        bst_task_panic("expected");
    return --self->left > 0;
}

static bst_status run_steps(struct bst_executor *executor,
                            struct countdown *self, bool *same_result)
{
    struct bst_task_options options = {.state = &self->diary,
                                       .before_start = before_start,
                                       .after_complete = after_complete,
                                       .after_panic = after_panic};
    void *result = NULL;
    struct bst_task *task =
        bst_spawn_steps(executor, count_down, self, &options);
    bst_status status = bst_join(task, &result);

    *same_result = result == self;
    return status;
}

static void steps_are_repeated_until_the_last(void **state)
{
    struct bst_executor *executor = create(2, 1);
    struct countdown good = {.left = 1000, .fails_at = -1};
    struct countdown bad = {.left = 1000, .fails_at = 7};
    bool same_result;

    (void)state;
    assert_int_equal(run_steps(executor, &good, &same_result), BST_OK);
    assert_true(same_result);
    assert_int_equal(good.left, 0);
    assert_string_equal(good.diary.text, "bc");
    assert_int_equal(run_steps(executor, &bad, &same_result), BST_FAILED);
    assert_false(same_result);
    assert_int_equal(bad.left, 7);
    assert_string_equal(bad.diary.text, "bp");
    bst_executor_destroy(executor);
}

static bool forever(void *arg)
{
    bsti_fetch_add_acq_rel((_Atomic uint32_t *)arg, 1u);
    return true;
}

static void steps_take_turns_and_can_be_cancelled(void **state)
{
    struct bst_executor *executor = create(1, 1);
    _Atomic uint32_t counts[3] = {0, 0, 0};
    struct bst_task *tasks[3];

    (void)state;
    for (int i = 0; i < 3; i++)
        tasks[i] = bst_spawn_steps(executor, forever, &counts[i], NULL);
    for (int i = 0; i < 3; i++) {
        while (bsti_load_acquire(&counts[i]) < 1000)
            bsti_thread_yield();
        bst_cancel(tasks[i]);
        assert_int_equal(bst_join(tasks[i], NULL), BST_DEAD);
    }
    bst_executor_destroy(executor);
}

/* ---- spawning many ------------------------------------------------------- */

enum { MANY = 20000 };

static _Atomic uint32_t ended;

static void *count_end(void *arg)
{
    bsti_fetch_add_relaxed(&ended, 1u);
    return arg;
}

/* Returns how far it was ahead of the tasks at most. */
static void *spawn_many(void *arg)
{
    uint32_t most = 0;

    (void)arg;
    for (uint32_t i = 0; i < MANY; i++) {
        struct bst_task *task = bst_spawn(NULL, count_end, NULL, NULL);

        assert_non_null(task);
        bst_detach(task);
        most = BSTI_MAX(most, i + 1 - bsti_load_relaxed(&ended));
    }
    return (void *)(uintptr_t)most;
}

static void spawner_lets_others_run(void **state)
{
    struct bst_executor *executor = create(1, 1);
    void *most = NULL;

    (void)state;
    bsti_store_relaxed(&ended, 0u);
    assert_int_equal(bst_run(executor, spawn_many, NULL, &most), BST_OK);
    assert_true((uintptr_t)most <= 1000);
    bst_executor_destroy(executor);
    assert_int_equal(bsti_load_relaxed(&ended), MANY);
}

static void *spawn_for_ever(void *arg)
{
    for (;;) {
        bst_detach(bst_spawn(NULL, same, arg, NULL));
        bsti_store_release((_Atomic uint32_t *)arg, 1u);
    }
    return arg;
}

static void spawner_can_be_cancelled(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 60; i++) {
        struct bst_executor *executor = create(1 + i % 3, 1);
        _Atomic uint32_t begun = 0;
        struct bst_task *task =
            bst_spawn(executor, spawn_for_ever, &begun, NULL);

        while (!bsti_load_acquire(&begun))
            bsti_thread_yield();
        for (uint32_t k = 0; k < i; k++)
            bsti_thread_yield();
        bst_cancel(task);
        assert_int_equal(bst_join(task, NULL), BST_DEAD);
        bst_executor_destroy(executor);
    }
}

UNIT_MAIN(cmocka_unit_test(jobs_are_joined_from_everywhere),
          cmocka_unit_test(submitting_does_not_wait),
          cmocka_unit_test(jobs_do_not_occupy_a_worker),
          cmocka_unit_test(panic_fails_that_job_alone),
          cmocka_unit_test(cancel_ends_a_job_that_waits),
          cmocka_unit_test(cancel_ends_a_job_before_it_starts),
          cmocka_unit_test(sleep_of_a_job_is_never_too_short),
          cmocka_unit_test(hooks_of_a_job_are_called_in_order),
          cmocka_unit_test(hook_of_a_cancelled_job_is_called),
          cmocka_unit_test(detached_jobs_end_before_the_executor),
          cmocka_unit_test(environment_fills_in),
          cmocka_unit_test(no_memory_is_no_job),
          cmocka_unit_test(steps_are_repeated_until_the_last),
          cmocka_unit_test(steps_take_turns_and_can_be_cancelled),
          cmocka_unit_test(spawner_lets_others_run),
          cmocka_unit_test(spawner_can_be_cancelled))
