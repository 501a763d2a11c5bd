/*
 * foreign HOW [blocking] - has the actor do that three times, and says what
 * became of it.
 */

#define _GNU_SOURCE

#include "foreign.bst.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bastion/task.h>

#define HIDDEN __attribute__((noinline))

bst_status throw_out(void *self);
bst_status throw_within(void *self);

static jmp_buf kept;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;
static volatile int depth;

/* ---- longjmp ------------------------------------------------------------- */

HIDDEN static void dive(jmp_buf env, int n)
{
    volatile char room[100];

    room[0] = (char)n;
    if (n == 0)
        longjmp(env, 7);
    if (depth == 0)
        dive(env, n - 1);
    depth += room[0];
}

HIDDEN static bst_status jump_within(void *self)
{
    jmp_buf env;

    (void)self;
    if (setjmp(env) == 0)
        dive(env, 20);
    return BST_OK;
}

static jmp_buf from_sort;

static int jump_compare(const void *a, const void *b)
{
    (void)a;
    (void)b;
    longjmp(from_sort, 1);
}

HIDDEN static bst_status jump_over_library(void *self)
{
    int numbers[] = {3, 1, 2};

    (void)self;
    if (setjmp(from_sort) == 0)
        qsort(numbers, 3, sizeof numbers[0], jump_compare);
    return BST_OK;
}

/* The frame of setjmp() is dead when the handler comes back for it. */
HIDDEN static void keep(void)
{
    volatile char room[2000];

    room[0] = 1;
    if (setjmp(kept) != 0)
        printf("a dead frame goes on, %d\n", room[0]);
}

HIDDEN static bst_status jump_to_dead(void *self)
{
    (void)self;
    keep();
    dive(kept, 3);
    return BST_OK;
}

static void *keep_in_thread(void *arg)
{
    (void)arg;
    keep();
    return NULL;
}

HIDDEN static bst_status jump_to_thread(void *self)
{
    pthread_t thread;

    (void)self;
    if (pthread_create(&thread, NULL, keep_in_thread, NULL) != 0)
        return BST_NOMEM;
    pthread_join(thread, NULL);
    longjmp(kept, 1);
}

HIDDEN static bst_status jump_siglong(void *self)
{
    static sigjmp_buf env;

    (void)self;
    keep();
    memcpy(&env, &kept, sizeof kept);
    siglongjmp(env, 1);
}

/* ---- fork ---------------------------------------------------------------- */

static struct sink_ref sinks(void *self)
{
    return sinks_ref(bst_system_of(self));
}

static void *nothing(void *arg)
{
    return arg;
}

/* Returns the number of the first call that touches anything. */
HIDDEN static int in_child(void *self)
{
    struct note note = {.n = 1};
    struct done done;
    struct kid_ref kid;

    if (sink_tell_note(sinks(self), &note) != BST_DEAD)
        return 1;
    if (sink_cast_note(sinks(self), &note) != BST_DEAD)
        return 2;
    if (sink_ask_query(sinks(self), &done) != BST_DEAD)
        return 3;
    if (kids_spawn(self, &(struct kid_args){.n = 1}, &kid) != BST_DEAD)
        return 4;
    if (bst_reply(self, 0, NULL, 0) != BST_DEAD)
        return 5;
    if (bst_spawn(NULL, nothing, NULL, NULL) ||
        bst_spawn_blocking(NULL, nothing, NULL, NULL))
        return 6;
    if (bst_run(NULL, nothing, NULL, NULL) != BST_DEAD)
        return 7;
    if (bst_lock(self, &mutex) != BST_DEAD)
        return 8;
    bst_sleep(self, BST_S(100));
    bst_yield(self);
    bst_stop_system(self);
    bst_defer(self, free, NULL);
    bst_free(self, NULL);
    (void)bst_random(self);
    return bst_stopping(self) ? 9 : 0;
}

HIDDEN static bst_status forks(void *self)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0)
        _exit(in_child(self));
    waitpid(child, &status, 0);
    if (status != 0)
        bst_panic(self, "the child ended with %x", (unsigned)status);
    return BST_OK;
}

HIDDEN static bst_status fork_panics(void *self)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0)
        bst_panic(self, "not here");
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 1 ? BST_OK : BST_FAIL;
}

/* ---- threads and locks --------------------------------------------------- */

HIDDEN static bst_status leaves_thread(void *self)
{
    (void)self;
    pthread_exit(NULL);
}

HIDDEN static bst_status locks(void *self)
{
    bst_status first = bst_lock(self, &mutex);

    if (first != BST_OK || bst_lock(self, &other) != BST_OK)
        bst_panic(self, "no lock: %s", bst_status_name(first));
    if (bst_lock(self, &mutex) != BST_INVALID)
        bst_panic(self, "a second time");
    if (bst_unlock(self, &mutex) != BST_OK ||
        bst_unlock(self, &mutex) != BST_INVALID ||
        bst_unlock(self, &other) != BST_OK)
        bst_panic(self, "no unlock");
    if (pthread_mutex_trylock(&mutex) != 0)
        bst_panic(self, "still locked");
    pthread_mutex_unlock(&mutex);
    return BST_OK;
}

/* By turns it fails with the lock, and hears of it. */
HIDDEN static bst_status poisons(void *self)
{
    static int times;
    bst_status expected = ++times == 2 ? BST_FAILED : BST_OK;
    bst_status status = bst_lock(self, &mutex);

    if (status != expected) {
        printf("%d: %s\n", times, bst_status_name(status));
        return BST_INVALID;
    }
    if (times == 1)
        bst_panic(self, "with the lock");
    return bst_unlock(self, &mutex);
}

HIDDEN static bst_status waits_with_lock(void *self)
{
    bst_status status = bst_lock(self, &mutex);

    if (status != BST_OK && status != BST_FAILED)
        return status;
    bst_sleep(self, BST_US(10));
    return bst_unlock(self, &mutex);
}

static const struct {
    const char *name;
    bst_status (*fn)(void *self);
} ways[] = {
    {"jump_within", jump_within},
    {"jump_over_library", jump_over_library},
    {"jump_to_dead", jump_to_dead},
    {"jump_to_thread", jump_to_thread},
    {"jump_siglong", jump_siglong},
    {"throw_within", throw_within},
    {"throw_out", throw_out},
    {"forks", forks},
    {"fork_panics", fork_panics},
    {"leaves_thread", leaves_thread},
    {"locks", locks},
    {"poisons", poisons},
    {"waits_with_lock", waits_with_lock},
};

enum { WAYS = sizeof ways / sizeof ways[0] };

/* ---- the actors ---------------------------------------------------------- */

bst_status victim_act(struct victim *self, const struct act *m,
                      struct done *answer)
{
    answer->lives = (uint32_t)bst_incarnation(self);
    return m->how == WAYS ? BST_OK : ways[m->how].fn(self);
}

bst_status worker_act(struct worker *self, const struct act *m,
                      struct done *answer)
{
    answer->lives = (uint32_t)bst_incarnation(self);
    return m->how == WAYS ? BST_OK : ways[m->how].fn(self);
}

bst_status driver_start(struct driver *self)
{
    struct act how = {.how = WAYS};
    struct done done = {0};
    bool blocking;
    char **argv;
    int argc;

    bst_args(self, &argc, &argv);
    for (uint32_t i = 0; argc > 0 && i < WAYS; i++)
        if (strcmp(ways[i].name, argv[0]) == 0)
            how.how = i;
    if (how.how == WAYS)
        exit(2);
    blocking = argc > 1 && strcmp(argv[1], "blocking") == 0;
    for (int i = 0; i < 4; i++) {
        bst_status status = blocking
                                ? worker_ask_act(self->to.workers, &how, &done)
                                : victim_ask_act(self->to.victims, &how, &done);

        printf("%s", i == 3 ? "" : status == BST_OK ? "ok " : "failed ");
        how.how = i == 2 ? (uint32_t)WAYS : how.how;
    }
    printf("lives %u\n", done.lives);
    fflush(stdout);
    bst_stop_system(self);
    return BST_OK;
}
