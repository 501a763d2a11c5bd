/*
 * A program that uses the executor alone: plain tasks, tasks in steps and
 * blocking ones, and how each can end.
 */

#define _POSIX_C_SOURCE 200809L
#include <bastion/task.h>

#include <stdio.h>
#include <time.h>

static void *square(void *arg)
{
    long number = *(long *)arg;

    bst_task_yield();
    *(long *)arg = number * number;
    return arg;
}

static bool halve(void *arg)
{
    long *number = arg;

    *number /= 2;
    return *number > 1;
}

static void *block(void *arg)
{
    struct timespec millisecond = {0, 1000000};

    nanosleep(&millisecond, NULL);
    return arg;
}

static void *fail(void *arg)
{
    (void)arg;
    bst_task_panic("as it should");
}

static void *sleep_long(void *arg)
{
    bst_task_sleep(BST_S(1000));
    return arg;
}

static void *driver(void *arg)
{
    long numbers[] = {1, 2, 3, 4};
    struct bst_task *tasks[4];
    void *result = NULL;

    (void)arg;
    for (int i = 0; i < 4; i++)
        tasks[i] = bst_spawn(NULL, square, &numbers[i], NULL);
    for (int i = 0; i < 4; i++) {
        bst_status status = bst_join(tasks[i], &result);

        printf("square: %s %ld\n", bst_status_name(status), *(long *)result);
    }
    tasks[0] = bst_spawn_steps(NULL, halve, &numbers[3], NULL);
    printf("steps: %s\n", bst_status_name(bst_join(tasks[0], NULL)));
    for (int i = 0; i < 4; i++)
        tasks[i] = bst_spawn_blocking(NULL, block, NULL, NULL);
    for (int i = 0; i < 4; i++)
        printf("blocking: %s\n", bst_status_name(bst_join(tasks[i], NULL)));
    tasks[0] = bst_spawn_blocking(NULL, fail, NULL, NULL);
    printf("panic: %s\n", bst_status_name(bst_join(tasks[0], NULL)));
    tasks[0] = bst_spawn(NULL, sleep_long, NULL, NULL);
    bst_cancel(tasks[0]);
    printf("cancel: %s\n", bst_status_name(bst_join(tasks[0], NULL)));
    return NULL;
}

int main(void)
{
    struct bst_executor *executor = bst_executor_create(NULL);

    if (!executor || bst_run(executor, driver, NULL, NULL) != BST_OK)
        return 1;
    bst_executor_destroy(executor);
    return 0;
}
