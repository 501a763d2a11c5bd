/*
 * exec/contain: tasks of all kinds fail alone when the processor finds fault
 * with them; everything else ends the OS process.
 */

#define _GNU_SOURCE
#include <bastion/task.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "sync/atomic.h"
#include "unit/unit.h"

/* Faults that a sanitizer would find before the processor does. */
#define UNCHECKED                                                              \
    BSTI_NO_SANITIZE BSTI_NOINLINE __attribute__((no_sanitize("undefined")))

static volatile uintptr_t null_address;
static volatile size_t sink;

static struct bst_executor *create(void)
{
    struct bst_executor_options options = {.threads = 2, .no_pin = 1};
    struct bst_executor *executor = bst_executor_create(&options);

    assert_non_null(executor);
    return executor;
}

UNCHECKED static void hit_null(void)
{
    *(volatile char *)null_address = 1;
}

static void *fault(void *arg)
{
    hit_null();
    return arg;
}

UNCHECKED static size_t deeper(size_t n)
{
    volatile char room[100];

    room[0] = (char)n;
    return n == SIZE_MAX ? 0 : deeper(n + 1) + (size_t)room[0];
}

static void *overflow(void *arg)
{
    sink = deeper(0);
    return arg;
}

/* Suspends first, so that its frames lie on a stack that was left. */
static void *fault_later(void *arg)
{
    bst_task_yield();
    bst_task_sleep(BST_US(100));
    return fault(arg);
}

static bool step(void *arg)
{
    int *left = arg;

    if (--*left == 0)
        hit_null();
    return true;
}

static void *same(void *arg)
{
    return arg;
}

static void expect(struct bst_task *task, bst_status status)
{
    assert_non_null(task);
    assert_int_equal(bst_join(task, NULL), status);
}

static void a_task_fails_alone(void **state)
{
    struct bst_executor *executor = create();
    int left = 3;

    (void)state;
    for (int i = 0; i < 50; i++) {
        left = 3;
        expect(bst_spawn(executor, fault, NULL, NULL), BST_FAILED);
        expect(bst_spawn(executor, fault_later, NULL, NULL), BST_FAILED);
        expect(bst_spawn(executor, overflow, NULL, NULL), BST_FAILED);
        expect(bst_spawn_steps(executor, step, &left, NULL), BST_FAILED);
        expect(bst_spawn(executor, same, NULL, NULL), BST_OK);
    }
    bst_executor_destroy(executor);
}

static void b136_a_blocking_task_fails_alone(void **state)
{
    struct bst_executor *executor = create();

    (void)state;
    for (int i = 0; i < 50; i++) {
        expect(bst_spawn_blocking(executor, fault, NULL, NULL), BST_FAILED);
        expect(bst_spawn_blocking(executor, overflow, NULL, NULL), BST_FAILED);
        expect(bst_spawn_blocking(executor, fault_later, NULL, NULL),
               BST_FAILED);
        expect(bst_spawn_blocking(executor, same, NULL, NULL), BST_OK);
    }
    bst_executor_destroy(executor);
}

static void faulty_hook(const struct bst_task_info *info)
{
    (void)info;
    hit_null();
}

static void a_hook_fails_alone(void **state)
{
    struct bst_executor *executor = create();
    struct bst_task_options before = {.before_start = faulty_hook};
    struct bst_task_options after = {.after_complete = faulty_hook};

    (void)state;
    expect(bst_spawn(executor, same, NULL, &before), BST_FAILED);
    expect(bst_spawn(executor, same, NULL, &after), BST_OK);
    expect(bst_spawn_blocking(executor, same, NULL, &before), BST_FAILED);
    expect(bst_spawn_blocking(executor, same, NULL, &after), BST_OK);
    bst_executor_destroy(executor);
}

/* Runs fn in a child process, which must die by the signal; what it says goes
 * to `said`. */
static void expect_death(void (*fn)(void), int signo, char *said, size_t size)
{
    int ends[2];
    int status = 0;
    size_t used = 0;
    ssize_t n;
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)signal(SIGSEGV, SIG_DFL);
        (void)signal(SIGABRT, SIG_DFL);
        (void)dup2(ends[1], STDERR_FILENO);
        fn();
        _exit(0);
    }
    close(ends[1]);
    while ((n = read(ends[0], said + used, size - 1 - used)) > 0)
        used += (size_t)n;
    said[used] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), signo);
}

static void fault_outside(void)
{
    struct bst_executor *executor = create();

    expect(bst_spawn(executor, fault, NULL, NULL), BST_FAILED);
    hit_null();
    bst_executor_destroy(executor);
}

/* A function of the runtime that is given what looks like a handle. */
static void *misuse(void *arg)
{
    static uintptr_t junk[8] = {64, 64, 64, 64, 64, 64, 64, 64};

    (void)bst_join((struct bst_task *)(void *)junk, NULL);
    return arg;
}

static void fault_in_the_runtime(void)
{
    struct bst_executor *executor = create();

    expect(bst_spawn(executor, misuse, NULL, NULL), BST_FAILED);
    bst_executor_destroy(executor);
}

static void what_is_no_task_ends_the_process(void **state)
{
    char said[4096];

    (void)state;
    if (BSTI_ASAN || BSTI_TSAN)
        skip(); /* they have the signal before and after us */
    expect_death(fault_outside, SIGSEGV, said, sizeof said);
    assert_non_null(strstr(said, "fatal: null pointer: SIGSEGV at 0x"));
    assert_non_null(strstr(said, "in a thread of the program's own"));
    expect_death(fault_in_the_runtime, SIGSEGV, said, sizeof said);
    assert_non_null(strstr(said, "fatal: null pointer: SIGSEGV at 0x"));
    assert_non_null(strstr(said, "in the runtime, a task"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_fails_alone),
        cmocka_unit_test(b136_a_blocking_task_fails_alone),
        cmocka_unit_test(a_hook_fails_alone),
        cmocka_unit_test(what_is_no_task_ends_the_process),
    };

    return cmocka_run_group_tests_name("contain", tests, NULL, NULL);
}
