/*
 * faults HOW [blocking] [TIMES] - fails so often, and says what became of it.
 *
 * Each way to fail is a function of its own that the compiler cannot see
 * through.
 */

#define _GNU_SOURCE
#undef NDEBUG

#include "faults.bst.h"

#include <assert.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define HIDDEN __attribute__((noinline))
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED __attribute__((no_sanitize("address", "thread", "undefined")))
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED                                                              \
    __attribute__((no_sanitize_address, no_sanitize_thread,                    \
                   no_sanitize_undefined))
#endif
#ifndef SANITIZED
#define SANITIZED
#endif

static volatile uintptr_t null_address;
static volatile int zero;
static volatile size_t sink;

/* ---- what the processor finds -------------------------------------------- */

SANITIZED HIDDEN static void null_read(void *self)
{
    (void)self;
    sink = *(volatile unsigned char *)null_address;
}

SANITIZED HIDDEN static void null_write(void *self)
{
    (void)self;
    *(volatile unsigned char *)(null_address + 16) = 1;
}

SANITIZED HIDDEN static void wild(void *self)
{
    (void)self;
    *(volatile unsigned char *)(null_address + 0x456789abc000) = 1;
}

SANITIZED HIDDEN static void noncanonical(void *self)
{
    (void)self;
    *(volatile unsigned char *)(null_address + 0x8123456789abcdef) = 1;
}

SANITIZED HIDDEN static void null_call(void *self)
{
    void (*volatile fn)(void *self) = (void (*)(void *))null_address;

    fn(self);
    sink++;
}

SANITIZED HIDDEN static size_t deeper(size_t n)
{
    volatile char room[200];

    room[0] = (char)n;
    return n == SIZE_MAX ? 0 : deeper(n + 1) + (size_t)room[0];
}

SANITIZED HIDDEN static void overflow(void *self)
{
    (void)self;
    sink = deeper(0);
}

SANITIZED HIDDEN static void divide(void *self)
{
    volatile int numerator = 1;

    (void)self;
    sink = (size_t)(numerator / zero);
}

SANITIZED HIDDEN static void illegal(void *self)
{
    (void)self;
    __asm__ volatile("ud2");
}

SANITIZED HIDDEN static void bus(void *self)
{
    char name[] = "/tmp/faults-XXXXXX";
    int fd = mkstemp(name);
    volatile char *page;

    (void)self;
    unlink(name);
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    page[0] = 1;
}

/* Leaves odd settings behind. */
SANITIZED HIDDEN static void dirty(void *self)
{
    unsigned mxcsr = 0x1fa0 | 0x6000;

    __asm__ volatile("ldmxcsr %0\n\tstd\n\tfld1\n\tfld1" ::"m"(mxcsr));
    null_write(self);
}

/* A frame that is aligned, and so described by an expression. */
SANITIZED HIDDEN static void aligned(void *self)
{
    _Alignas(64) volatile char room[256];
    volatile size_t n = 64;
    volatile char *more = __builtin_alloca(n);

    room[0] = 1;
    more[0] = room[0];
    null_read(self);
    sink = (size_t)room[0] + (size_t)more[0];
}

/* ---- what the C library finds -------------------------------------------- */

HIDDEN static void assertion(void *self)
{
    (void)self;
    assert(zero != 0);
}

HIDDEN static void aborted(void *self)
{
    (void)self;
    abort();
}

HIDDEN static void leaf(void *self)
{
    (void)self;
    sink = strlen((const char *)null_address);
}

HIDDEN static void copy(void *self)
{
    volatile size_t n = 100;
    char room[100];

    (void)self;
    memcpy(room, (const char *)(null_address + 8), n);
    sink = (size_t)room[5];
}

HIDDEN static void print(void *self)
{
    (void)self;
    printf("%s\n", (const char *)(null_address + 8));
}

SANITIZED HIDDEN static int compare(const void *a, const void *b)
{
    sink = *(volatile unsigned char *)null_address;
    return *(const int *)a - *(const int *)b;
}

HIDDEN static void sort(void *self)
{
    int numbers[] = {3, 1, 2};

    (void)self;
    qsort(numbers, 3, sizeof numbers[0], compare);
    sink = (size_t)numbers[0];
}

SANITIZED HIDDEN static ssize_t cookie_write(void *cookie, const char *text,
                                             size_t size)
{
    (void)cookie;
    (void)text;
    *(volatile unsigned char *)null_address = 1;
    return (ssize_t)size;
}

HIDDEN static void cookie(void *self)
{
    FILE *file =
        fopencookie(self, "w", (cookie_io_functions_t){.write = cookie_write});

    fputs("hello", file);
    fflush(file);
}

HIDDEN static void double_free(void *self)
{
    void *volatile a = malloc(2000);
    void *volatile b = malloc(2000);

    (void)self;
    free(a);
    sink = (size_t)(uintptr_t)b;
    free(a);
}

HIDDEN static void smash(void *self)
{
    /* The size of the block, which lies before it, cannot be. */
    volatile size_t *volatile a = malloc(2000);

    (void)self;
    a[-1] = 12345;
    free((void *)(uintptr_t)a);
}

/* ---- what the runtime finds ---------------------------------------------- */

static struct sink_ref sinks(void *self)
{
    return sinks_ref(bst_system_of(self));
}

HIDDEN static void bad_tell(void *self)
{
    sink_tell_note(sinks(self), (const struct note *)(null_address + 8));
}

HIDDEN static void bad_long(void *self)
{
    sink_tell_load(sinks(self), (const struct load *)(null_address + 8));
}

HIDDEN static void bad_cast(void *self)
{
    sink_cast_note(sinks(self), (const struct note *)(null_address + 8));
}

HIDDEN static void bad_owned(void *self)
{
    sink_tell_letter(sinks(self), (struct letter *)(null_address + 8));
}

HIDDEN static void bad_question(void *self)
{
    struct result result;

    sink_ask_query(sinks(self), (const struct query *)(null_address + 8),
                   &result);
}

HIDDEN static void bad_answer(void *self)
{
    struct query query = {.n = 1};

    sink_ask_query(sinks(self), &query, (struct result *)(null_address + 8));
}

HIDDEN static void broken_runtime(void *self)
{
    /* What lies before a state leads to all else: this leads nowhere. */
    static _Alignas(64) uint64_t junk[64];

    (void)self;
    for (int i = 0; i < 64; i++)
        junk[i] = 0x456789abc000;
    sink = (size_t)bst_now(&junk[24]);
}

/* ---- signals that are nobody's failure ----------------------------------- */

HIDDEN static void sent(void *self)
{
    (void)self;
    kill(getpid(), SIGSEGV);
    sleep(5);
}

/* What a child does is no failure of the handler that has forked it. */
HIDDEN static void forked(void *self)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        null_write(self);
        _exit(0);
    }
    waitpid(child, &status, 0);
    bst_panic(self, "the child %s",
              WIFSIGNALED(status) || WEXITSTATUS(status) != 0 ? "died"
                                                              : "lived");
}

HIDDEN static void in_cleanup(void *arg)
{
    null_write(arg);
}

HIDDEN static void cleanup(void *self)
{
    bst_defer(self, in_cleanup, NULL);
    bst_defer(self, in_cleanup, NULL);
    null_read(self);
}

HIDDEN static void panic(void *self)
{
    bst_panic(self, "said so");
}

HIDDEN static void suspended(void *self)
{
    bst_sleep(self, BST_MS(1));
    null_write(self);
}

/* All that is quick, one after the other; the first is no fault at all. */
static void mixed(void *self);

static const struct {
    const char *name;
    void (*fn)(void *self);
} ways[] = {
    {"null_read", null_read},
    {"null_write", null_write},
    {"null_call", null_call},
    {"wild", wild},
    {"noncanonical", noncanonical},
    {"overflow", overflow},
    {"divide", divide},
    {"illegal", illegal},
    {"bus", bus},
    {"dirty", dirty},
    {"aligned", aligned},
    {"assertion", assertion},
    {"aborted", aborted},
    {"leaf", leaf},
    {"copy", copy},
    {"print", print},
    {"sort", sort},
    {"cookie", cookie},
    {"double_free", double_free},
    {"smash", smash},
    {"bad_tell", bad_tell},
    {"bad_long", bad_long},
    {"bad_cast", bad_cast},
    {"bad_owned", bad_owned},
    {"bad_question", bad_question},
    {"bad_answer", bad_answer},
    {"broken_runtime", broken_runtime},
    {"sent", sent},
    {"forked", forked},
    {"cleanup", cleanup},
    {"panic", panic},
    {"suspended", suspended},
    {"mixed", mixed},
};

enum { WAYS = sizeof ways / sizeof ways[0] };

static void mixed(void *self)
{
    static void (*const quick[])(void *self) = {NULL, panic, null_write, divide,
                                                wild};
    static _Atomic unsigned turn;
    unsigned now = turn++ % (sizeof quick / sizeof quick[0]);

    if (quick[now])
        quick[now](self);
}

/* ---- the actors ---------------------------------------------------------- */

static bst_status act(void *self, uint32_t *kept, uint32_t *garbage,
                      const struct act *m, struct done *answer)
{
    if (*garbage != 0)
        return BST_INVALID;
    answer->kept = *kept;
    answer->lives = (uint32_t)bst_incarnation(self);
    if (m->how >= WAYS) {
        *kept += 10;
        answer->kept = *kept;
        return BST_OK;
    }
    /* Both must be as before when the next one comes. */
    *kept += 1000;
    *garbage = 1;
    ways[m->how].fn(self);
    return ways[m->how].fn == mixed ? BST_FAIL : BST_OK;
}

bst_status victim_act(struct victim *self, const struct act *m,
                      struct done *answer)
{
    return act(self, &self->kept, &self->garbage, m, answer);
}

bst_status worker_act(struct worker *self, const struct act *m,
                      struct done *answer)
{
    return act(self, &self->kept, &self->garbage, m, answer);
}

static bst_status ask(struct driver *self, bool blocking, const struct act *m,
                      struct done *answer)
{
    return blocking ? worker_ask_act(self->to.workers, m, answer)
                    : victim_ask_act(self->to.victims, m, answer);
}

static long resident(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long pages = 0;

    if (!file || fscanf(file, "%*d %ld", &pages) != 1)
        exit(9);
    fclose(file);
    return pages;
}

bst_status driver_start(struct driver *self)
{
    int argc;
    char **argv;
    struct act how = {.how = WAYS};
    struct done done = {0};
    uint32_t times;
    uint32_t lives;
    bool blocking;
    long before = 0;

    bst_args(self, &argc, &argv);
    for (uint32_t i = 0; argc > 0 && i < WAYS; i++)
        if (strcmp(ways[i].name, argv[0]) == 0)
            how.how = i;
    blocking = argc > 1 && strcmp(argv[1], "blocking") == 0;
    times = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 6;
    for (uint32_t i = 0; i < times; i++) {
        bst_status status = ask(self, blocking, &how, &done);

        if (status != BST_FAILED) {
            printf("question %u: %s\n", i, bst_status_name(status));
            exit(8);
        }
        if (i == times / 10)
            before = resident();
    }
    if (times > 1000 && resident() - before > 64)
        printf("%ld pages more\n", resident() - before);
    how.how = WAYS;
    lives = 0;
    for (int i = 0; i < 2; i++) {
        if (ask(self, blocking, &how, &done) != BST_OK || done.kept % 10 != 0)
            exit(7);
        lives += done.lives;
    }
    printf("%s: lives %u, 1/3 = %.3f\n", argv[0], blocking ? lives / 2 : lives,
           1.0 / (zero + 3));
    bst_stop_system(self);
    return BST_OK;
}
