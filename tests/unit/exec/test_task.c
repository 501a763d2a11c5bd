/*
 * Tasks: the executor without actors.
 */

#define _POSIX_C_SOURCE 200809L
#include <bastion/task.h>

#include <time.h>

#include "base/alloc.h"
#include "plat/thread.h"
#include "sync/atomic.h"
#include "unit/unit.h"

static struct bst_executor *create(uint32_t threads)
{
    struct bst_executor_options options = {.threads = threads, .no_pin = 1};
    struct bst_executor *executor = bst_executor_create(&options);

    assert_non_null(executor);
    return executor;
}

static void *same(void *arg)
{
    return arg;
}

static void run_returns_the_result(void **state)
{
    struct bst_executor *executor = create(1);
    int x;
    void *result = NULL;

    (void)state;
    assert_int_equal(bst_run(executor, same, &x, &result), BST_OK);
    assert_ptr_equal(result, &x);
    bst_executor_destroy(executor);
}

static void *spawn_many(void *arg)
{
    enum { TASKS = 5000 };
    static struct bst_task *tasks[TASKS];
    uint64_t last = 0;
    uintptr_t sum = 0;

    (void)arg;
    for (uintptr_t i = 0; i < TASKS; i++) {
        tasks[i] = bst_spawn(NULL, same, (void *)i, NULL);
        assert_non_null(tasks[i]);
        assert_int_not_equal(bst_task_pid(tasks[i]), last);
        last = bst_task_pid(tasks[i]);
    }
    for (uintptr_t i = 0; i < TASKS; i++) {
        void *result = NULL;

        assert_int_equal(bst_join(tasks[i], &result), BST_OK);
        sum += (uintptr_t)result;
    }
    return (void *)sum;
}

static void tasks_are_spawned_and_joined_by_a_task(void **state)
{
    struct bst_executor *executor = create(3);
    void *sum = NULL;

    (void)state;
    assert_int_equal(bst_run(executor, spawn_many, NULL, &sum), BST_OK);
    assert_int_equal((uintptr_t)sum, 5000 * 4999 / 2);
    bst_executor_destroy(executor);
}

static void *panic(void *arg)
{
    bst_task_panic("expected: %s", (const char *)arg);
}

static void panic_fails_that_task_alone(void **state)
{
    struct bst_executor *executor = create(1);
    static char text[] = "it is a test";
    void *result = executor;

    (void)state;
    for (int i = 0; i < 300; i++)
        assert_int_equal(bst_run(executor, panic, text, &result), BST_FAILED);
    assert_ptr_equal(result, executor);
    assert_int_equal(bst_run(executor, same, NULL, &result), BST_OK);
    bst_executor_destroy(executor);
}

static void *sleep_long(void *arg)
{
    bsti_store_release((_Atomic uint32_t *)arg, 1u);
    bst_task_sleep(BST_S(1000));
    return arg;
}

static void cancel_ends_a_sleep(void **state)
{
    struct bst_executor *executor = create(2);

    (void)state;
    for (int i = 0; i < 200; i++) {
        _Atomic uint32_t asleep = 0;
        struct bst_task *task = bst_spawn(executor, sleep_long, &asleep, NULL);

        while (i % 2 == 0 && !bsti_load_acquire(&asleep))
            bsti_thread_yield();
        bst_cancel(task);
        assert_int_equal(bst_join(task, NULL), BST_DEAD);
    }
    bst_executor_destroy(executor);
}

static void *sleep_short(void *arg)
{
    const struct timespec *from = arg;
    struct timespec now;

    bst_task_sleep(BST_MS(20));
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (void *)(uintptr_t)((now.tv_sec - from->tv_sec) * 1000 +
                               (now.tv_nsec - from->tv_nsec) / 1000000);
}

static void sleep_is_never_too_short(void **state)
{
    struct bst_executor *executor = create(1);
    struct timespec from;
    void *ms = NULL;

    (void)state;
    clock_gettime(CLOCK_MONOTONIC, &from);
    assert_int_equal(bst_run(executor, sleep_short, &from, &ms), BST_OK);
    assert_true((uintptr_t)ms >= 20);
    bst_executor_destroy(executor);
}

/* What the hooks of a task have seen, as letters in their order. */
struct diary {
    char text[8];
    uint64_t pid;
};

static void note(const struct bst_task_info *info, char letter)
{
    struct diary *diary = info->state;

    diary->text[strlen(diary->text)] = letter;
    diary->pid = info->pid;
}

static void before_start(const struct bst_task_info *info)
{
    assert_int_equal(info->status, BST_OK);
    note(info, 'b');
}

static void after_complete(const struct bst_task_info *info)
{
    assert_int_equal(info->status, BST_OK);
    note(info, 'c');
}

static void after_panic(const struct bst_task_info *info)
{
    assert_int_not_equal(info->status, BST_OK);
    note(info, 'p');
}

static void *keep_diary(void *arg)
{
    struct diary *diary = bst_task_state();

    diary->text[strlen(diary->text)] = 'r';
    assert_int_not_equal(bst_task_self(), 0);
    if (arg)
        bst_task_panic("expected");
    return NULL;
}

static void assert_diary(struct bst_executor *executor, void *arg,
                         bst_status status, const char *text)
{
    struct diary diary = {.pid = 0};
    struct bst_task_options options = {.state = &diary,
                                       .before_start = before_start,
                                       .after_complete = after_complete,
                                       .after_panic = after_panic};
    struct bst_task *task = bst_spawn(executor, keep_diary, arg, &options);
    uint64_t pid = bst_task_pid(task);

    assert_int_equal(bst_join(task, NULL), status);
    assert_string_equal(diary.text, text);
    assert_int_equal(diary.pid, pid);
}

static void hooks_are_called_in_order(void **state)
{
    struct bst_executor *executor = create(1);

    (void)state;
    assert_diary(executor, NULL, BST_OK, "brc");
    assert_diary(executor, executor, BST_FAILED, "brp");
    bst_executor_destroy(executor);
}

static void *yield_often(void *arg)
{
    _Atomic uint32_t *sum = arg;

    for (int i = 0; i < 1000; i++) {
        bsti_fetch_add_relaxed(sum, 1u);
        bst_task_yield();
    }
    return NULL;
}

static void detached_tasks_end_before_the_executor(void **state)
{
    struct bst_executor *executor = create(2);
    _Atomic uint32_t sum = 0;
    int64_t before = bsti_alloc_balance();

    (void)state;
    for (int i = 0; i < 50; i++)
        bst_detach(bst_spawn(executor, yield_often, &sum, NULL));
    bst_executor_destroy(executor);
    assert_int_equal(bsti_load_relaxed(&sum), 50 * 1000);
    assert_true(bsti_alloc_balance() < before);
}

/* ---- a joiner that is cancelled ------------------------------------------ */

static _Atomic uint32_t gate; /* 1: open */

/* Runs until the gate is open. */
static void *await_gate(void *arg)
{
    while (!bsti_load_acquire(&gate))
        bst_task_yield();
    return arg;
}

static void *join_it(void *arg)
{
    void *result = NULL;

    assert_int_equal(bst_join(arg, &result), BST_OK);
    return result;
}

/* Everything happens on one worker, so that blocks are recycled at once. */
static void *cancel_a_joiner(void *arg)
{
    struct bst_task *joined;
    struct bst_task *joiner;
    struct bst_task *sleeper;
    struct timespec from;
    void *ms = NULL;

    bsti_store_release(&gate, 0u);
    joined = bst_spawn(NULL, await_gate, NULL, NULL);
    joiner = bst_spawn(NULL, join_it, joined, NULL);
    for (int i = 0; i < 5; i++)
        bst_task_yield();
    bst_cancel(joiner);
    assert_int_equal(bst_join(joiner, NULL), BST_DEAD);
    clock_gettime(CLOCK_MONOTONIC, &from);
    sleeper = bst_spawn(NULL, sleep_short, &from, NULL);
    for (int i = 0; i < 5; i++)
        bst_task_yield();
    bsti_store_release(&gate, 1u);
    assert_int_equal(bst_join(sleeper, &ms), BST_OK);
    assert_true((uintptr_t)ms >= 20);
    return arg;
}

static void cancelled_joiner_is_forgotten(void **state)
{
    struct bst_executor *executor = create(1);

    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(bst_run(executor, cancel_a_joiner, NULL, NULL),
                         BST_OK);
    bst_executor_destroy(executor);
}

static void *yield_twice(void *arg)
{
    bst_task_yield();
    bst_task_yield();
    return arg;
}

static void cancel_races_with_the_end_of_the_joined(void **state)
{
    struct bst_executor *executor = create(3);
    int x;

    (void)state;
    for (int i = 0; i < 3000; i++) {
        struct bst_task *joined = bst_spawn(executor, yield_twice, &x, NULL);
        struct bst_task *joiner = bst_spawn(executor, join_it, joined, NULL);
        void *result = NULL;
        bst_status status;

        for (int k = 0; k < i % 7; k++)
            bsti_thread_yield();
        bst_cancel(joiner);
        status = bst_join(joiner, &result);
        assert_true(status == BST_OK || status == BST_DEAD);
        assert_ptr_equal(result, status == BST_OK ? &x : NULL);
    }
    bst_executor_destroy(executor);
}

/* ---- hooks that break their rules ---------------------------------------- */

static void complete_then_panic(const struct bst_task_info *info)
{
    note(info, 'c');
    bst_task_panic("expected, in a hook");
}

static void fail_then_panic(const struct bst_task_info *info)
{
    note(info, 'p');
    bst_task_panic("expected, in a hook");
}

static void complete_then_sleep(const struct bst_task_info *info)
{
    note(info, 'c');
    bsti_store_release(&gate, 1u);
    bst_task_sleep(BST_MS(2));
}

static void fail_then_yield(const struct bst_task_info *info)
{
    note(info, 'p');
    bst_task_yield();
}

static void *just_panic(void *arg)
{
    if (arg)
        bst_task_panic("expected");
    return &gate;
}

static void panic_in_a_last_hook_changes_nothing(void **state)
{
    struct bst_executor *executor = create(1);
    struct diary diary = {.pid = 0};
    struct bst_task_options options = {.state = &diary,
                                       .after_complete = complete_then_panic,
                                       .after_panic = fail_then_panic};
    void *result = NULL;

    (void)state;
    assert_int_equal(
        bst_join(bst_spawn(executor, just_panic, NULL, &options), &result),
        BST_OK);
    assert_ptr_equal(result, &gate);
    assert_int_equal(
        bst_join(bst_spawn(executor, just_panic, executor, &options), NULL),
        BST_FAILED);
    assert_string_equal(diary.text, "cp");
    bst_executor_destroy(executor);
}

static void cancel_does_not_repeat_a_hook(void **state)
{
    struct bst_executor *executor = create(1);
    struct diary diary = {.pid = 0};
    struct bst_task_options options = {.state = &diary,
                                       .after_complete = complete_then_sleep,
                                       .after_panic = fail_then_yield};
    _Atomic uint32_t asleep = 0;
    struct bst_task *task;

    (void)state;
    bsti_store_release(&gate, 0u);
    task = bst_spawn(executor, same, NULL, &options);
    while (!bsti_load_acquire(&gate))
        bsti_thread_yield();
    bst_cancel(task);
    assert_int_equal(bst_join(task, NULL), BST_OK);
    assert_string_equal(diary.text, "c");

    task = bst_spawn(executor, sleep_long, &asleep, &options);
    while (!bsti_load_acquire(&asleep))
        bsti_thread_yield();
    bst_cancel(task);
    assert_int_equal(bst_join(task, NULL), BST_DEAD);
    assert_string_equal(diary.text, "cp");
    bst_executor_destroy(executor);
}

/* ---- no memory for a stack ----------------------------------------------- */

/* Returns whether the failure that was to come has come, and turns it off. */
static bool has_failed(void)
{
    void *memory = bsti_alloc(1);

    bsti_free(memory);
    bsti_alloc_fail_at(0);
    return memory != NULL;
}

/* Joins while no stack can be made; tells whether that mattered. */
static void *join_without_memory(void *arg)
{
    struct bst_task *task = bst_spawn(NULL, same, arg, NULL);
    void *result = NULL;
    bst_status status;
    bool failed;

    bsti_alloc_fail_at(1);
    status = bst_join(task, &result);
    failed = has_failed();
    assert_int_equal(status, failed ? BST_NOMEM : BST_OK);
    if (failed)
        assert_int_equal(bst_join(task, &result), BST_OK);
    assert_ptr_equal(result, arg);
    return (void *)(uintptr_t)failed;
}

static void *sleep_without_memory(void *arg)
{
    int64_t before = bsti_alloc_balance();
    struct timespec from;
    struct timespec now;
    bool failed;

    (void)arg;
    clock_gettime(CLOCK_MONOTONIC, &from);
    bsti_alloc_fail_at(1);
    bst_task_sleep(BST_MS(1));
    failed = has_failed();
    clock_gettime(CLOCK_MONOTONIC, &now);
    assert_true((now.tv_sec - from.tv_sec) * 1000000000 + now.tv_nsec -
                    from.tv_nsec >=
                1000000);
    if (failed) /* it has not asked again and again, until it got a stack */
        assert_int_equal(bsti_alloc_balance(), before);
    return (void *)(uintptr_t)failed;
}

/* Cancels itself, whose handle `arg` points to. */
static void *sleep_cancelled(void *arg)
{
    bst_cancel(*(struct bst_task **)arg);
    bsti_alloc_fail_at(1);
    bst_task_sleep(BST_MS(1));
    return arg;
}

static void *cancel_without_memory(void *arg)
{
    struct bst_task *task;

    (void)arg;
    task = bst_spawn(NULL, sleep_cancelled, &task, NULL);
    assert_int_equal(bst_join(task, NULL), BST_DEAD);
    return (void *)(uintptr_t)has_failed();
}

/* Tries `probe` with one more stack in use each time, so that sooner or later
 * the next one would have to be made. */
static void probe_without_memory(void *(*probe)(void *arg))
{
    enum { SLEEPERS = 60 };
    struct bst_executor *executor = create(1);
    struct bst_task *sleepers[SLEEPERS];
    uintptr_t failures = 0;

    for (int i = 0; i < SLEEPERS; i++) {
        _Atomic uint32_t asleep = 0;
        void *failed = NULL;

        assert_int_equal(bst_run(executor, probe, &failures, &failed), BST_OK);
        failures += (uintptr_t)failed;
        sleepers[i] = bst_spawn(executor, sleep_long, &asleep, NULL);
        while (!bsti_load_acquire(&asleep))
            bsti_thread_yield();
    }
    assert_true(failures > 0);
    for (int i = 0; i < SLEEPERS; i++) {
        bst_cancel(sleepers[i]);
        assert_int_equal(bst_join(sleepers[i], NULL), BST_DEAD);
    }
    bst_executor_destroy(executor);
}

static void join_without_memory_leaves_the_handle(void **state)
{
    (void)state;
    probe_without_memory(join_without_memory);
}

static void sleep_without_memory_blocks_the_thread(void **state)
{
    (void)state;
    probe_without_memory(sleep_without_memory);
}

static void cancel_ends_a_sleep_without_memory(void **state)
{
    (void)state;
    probe_without_memory(cancel_without_memory);
}

UNIT_MAIN(cmocka_unit_test(run_returns_the_result),
          cmocka_unit_test(tasks_are_spawned_and_joined_by_a_task),
          cmocka_unit_test(panic_fails_that_task_alone),
          cmocka_unit_test(cancel_ends_a_sleep),
          cmocka_unit_test(sleep_is_never_too_short),
          cmocka_unit_test(hooks_are_called_in_order),
          cmocka_unit_test(detached_tasks_end_before_the_executor),
          cmocka_unit_test(cancelled_joiner_is_forgotten),
          cmocka_unit_test(cancel_races_with_the_end_of_the_joined),
          cmocka_unit_test(panic_in_a_last_hook_changes_nothing),
          cmocka_unit_test(cancel_does_not_repeat_a_hook),
          cmocka_unit_test(join_without_memory_leaves_the_handle),
          cmocka_unit_test(sleep_without_memory_blocks_the_thread),
          cmocka_unit_test(cancel_ends_a_sleep_without_memory))
