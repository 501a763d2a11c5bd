/*
 * forced HOW [blocking] - has the actor do that for ever, makes its supervisor
 * end it, and says what its next incarnation knows.
 */

#define _GNU_SOURCE

#include "forced.bst.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HIDDEN __attribute__((noinline))

static volatile size_t sink;
static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
static _Atomic unsigned cleaned;
static _Atomic int entered; /* handlers that were to hang */

static struct sink_ref sinks(void *self)
{
    return sinks_ref(bst_system_of(self));
}

/* ---- what does not return ------------------------------------------------ */

HIDDEN static void loop(void *self)
{
    (void)self;
    for (;;)
        __asm__ volatile("");
}

HIDDEN static void compute(void *self)
{
    (void)self;
    for (;;)
        sink++;
}

HIDDEN static void heap(void *self)
{
    (void)self;
    for (size_t n = 1;; n = n % 5000 + 1) {
        void *volatile block = malloc(n);

        free(block);
    }
}

HIDDEN static void tells(void *self)
{
    for (uint64_t n = 0;; n++)
        sink_tell_work(sinks(self), &(struct work){.n = n});
}

HIDDEN static void allocs(void *self)
{
    for (;;)
        bst_free(self, bst_alloc(self, 100));
}

HIDDEN static void sleeps(void *self)
{
    for (;;)
        bst_sleep(self, BST_S(100));
}

HIDDEN static void yields(void *self)
{
    for (;;)
        bst_yield(self);
}

HIDDEN static void system_sleeps(void *self)
{
    struct timespec long_time = {.tv_sec = 1000};

    (void)self;
    for (;;)
        nanosleep(&long_time, NULL);
}

HIDDEN static void waits(void *self)
{
    (void)self;
    for (;;)
        pause();
}

HIDDEN static void accepts(void *self)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    (void)self;
    if (fd < 0 || listen(fd, 1) != 0)
        exit(9);
    for (;;)
        sink += (size_t)accept(fd, NULL, NULL);
}

HIDDEN static void prints(void *self)
{
    FILE *file = fopen("/dev/null", "w");

    (void)self;
    for (;;)
        fprintf(file, "%zu\n", sink++);
}

/* The message must stay as it is as long as the lock is waited for. */
HIDDEN static void locks(void *self)
{
    (void)self;
    pthread_mutex_lock(&held);
    printf("the lock was taken, and the handler went on\n");
}

HIDDEN static int compare(const void *a, const void *b)
{
    loop(NULL);
    return *(const int *)a - *(const int *)b;
}

HIDDEN static void sorts(void *self)
{
    int numbers[] = {3, 1, 2};

    (void)self;
    qsort(numbers, 3, sizeof numbers[0], compare);
    sink = (size_t)numbers[0];
}

/* A function that the C library calls with a lock held. */
static ssize_t cookie_write(void *cookie, const char *text, size_t size)
{
    struct work work = {.n = 1};

    (void)text;
    /* What is left behind is told that nobody is there. */
    while (sink_tell_work(sinks(cookie), &work) != BST_DEAD)
        for (int i = 0; i < 100000; i++)
            __asm__ volatile("");
    cleaned++;
    return (ssize_t)size;
}

HIDDEN static void cookie(void *self)
{
    FILE *file =
        fopencookie(self, "w", (cookie_io_functions_t){.write = cookie_write});

    fputs("hello", file);
    fflush(file);
    printf("the file was written, and the handler went on\n");
}

/* A thread that nothing can interrupt. */
HIDDEN static void deaf(void *self)
{
    sigset_t all;

    (void)self;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    loop(self);
}

/* It ends with the process, as it does not ask. */
HIDDEN static void asks(void *self)
{
    for (;;)
        if (bst_stopping(self))
            return;
}

static void clean(void *arg)
{
    (void)arg;
    cleaned++;
}

static void never_clean(void *arg)
{
    cleaned++;
    loop(arg);
}

/* The middle one of three cleanups. */
HIDDEN static void cleanups(void *self)
{
    bst_defer(self, clean, NULL);
    bst_defer(self, never_clean, NULL);
    bst_defer(self, clean, NULL);
    loop(self);
}

static bool stops_badly;

HIDDEN static void stops(void *self)
{
    (void)self;
    stops_badly = true;
}

static const struct {
    const char *name;
    void (*fn)(void *self);
} ways[] = {
    {"loop", loop},      {"compute", compute},  {"heap", heap},
    {"tells", tells},    {"allocs", allocs},    {"sleeps", sleeps},
    {"yields", yields},  {"pause", waits},      {"system", system_sleeps},
    {"accept", accepts}, {"prints", prints},    {"lock", locks},
    {"sort", sorts},     {"cookie", cookie},    {"deaf", deaf},
    {"asks", asks},      {"cleanup", cleanups}, {"stop", stops},
};

enum { WAYS = sizeof ways / sizeof ways[0] };

/* ---- the actors ---------------------------------------------------------- */

bst_status victim_act(struct victim *self, const struct act *m)
{
    self->kept += 10;
    self->count++;
    entered++;
    ways[m->how].fn(self);
    return BST_OK;
}

bst_status victim_look(struct victim *self, struct seen *answer)
{
    *answer = (struct seen){.kept = ++self->kept,
                            .count = self->count,
                            .lives = (uint32_t)bst_incarnation(self)};
    return BST_OK;
}

bst_status victim_stop(struct victim *self)
{
    if (stops_badly) {
        stops_badly = false;
        loop(self);
    }
    return BST_OK;
}

bst_status worker_act(struct worker *self, const struct act *m)
{
    self->kept += 10;
    self->count++;
    entered++;
    ways[m->how].fn(self);
    return BST_OK;
}

bst_status worker_look(struct worker *self, struct seen *answer)
{
    *answer = (struct seen){.kept = ++self->kept,
                            .count = self->count,
                            .lives = (uint32_t)bst_incarnation(self)};
    return BST_OK;
}

bst_status sink_look(struct sink *self, struct seen *answer)
{
    (void)self;
    *answer = (struct seen){.lives = 0};
    return BST_OK;
}

static void *hold(void *arg)
{
    pthread_mutex_lock(&held);
    atomic_store((_Atomic int *)arg, 1);
    pause();
    return NULL;
}

static void hold_lock(void)
{
    static _Atomic int is_held;
    pthread_t thread;

    if (pthread_create(&thread, NULL, hold, &is_held) != 0)
        exit(9);
    while (!atomic_load(&is_held))
        usleep(100);
}

static bst_status look(struct driver *self, bool blocking, struct seen *seen)
{
    return blocking ? worker_ask_look(self->to.workers, seen)
                    : victim_ask_look(self->to.victims, seen);
}

bst_status driver_start(struct driver *self)
{
    struct act how = {.how = WAYS};
    struct seen seen = {0};
    bool blocking;
    char **argv;
    int argc;
    int rounds;

    bst_args(self, &argc, &argv);
    for (uint32_t i = 0; argc > 0 && i < WAYS; i++)
        if (strcmp(ways[i].name, argv[0]) == 0)
            how.how = i;
    if (how.how == WAYS)
        exit(2);
    blocking = argc > 1 && strcmp(argv[1], "blocking") == 0;
    rounds = argc > 2 ? atoi(argv[2]) : 2;
    hold_lock();
    look(self, blocking, &seen);
    for (int i = 1; i <= rounds; i++) {
        struct seen ignored;
        bst_status status;

        if (blocking)
            worker_tell_act(self->to.workers, &how);
        else
            victim_tell_act(self->to.victims, &how);
        /* It keeps its thread, so that the other one goes elsewhere. */
        while (entered < i)
            usleep(1000);
        usleep(5000);
        trigger_tell_fail(self->to.triggers);
        usleep(10000);
        /* The others go on meanwhile. */
        sink_ask_look(self->to.sinks, &ignored);
        status = look(self, blocking, &seen);
        if (status == BST_DEAD || status == BST_FULL || status == BST_TIMEOUT) {
            printf("%s: %s\n", argv[0], bst_status_name(status));
            exit(3);
        }
    }
    printf("%s: lives %u, kept %u, count %u, cleaned %u\n", argv[0], seen.lives,
           seen.kept, seen.count, cleaned);
    fflush(stdout);
    bst_stop_system(self);
    return BST_OK;
}
