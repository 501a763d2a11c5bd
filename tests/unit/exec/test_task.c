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

UNIT_MAIN(cmocka_unit_test(run_returns_the_result),
          cmocka_unit_test(tasks_are_spawned_and_joined_by_a_task),
          cmocka_unit_test(panic_fails_that_task_alone),
          cmocka_unit_test(cancel_ends_a_sleep),
          cmocka_unit_test(sleep_is_never_too_short),
          cmocka_unit_test(hooks_are_called_in_order),
          cmocka_unit_test(detached_tasks_end_before_the_executor))
