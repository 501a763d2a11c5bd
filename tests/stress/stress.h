#ifndef BST_TESTS_STRESS_H
#define BST_TESTS_STRESS_H

/*
 * What all stress programs share: arguments, the seed, checks that are always
 * on, and a barrier, so that all threads begin at once.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/attr.h"
#include "base/rand.h"
#include "plat/entropy.h"
#include "plat/thread.h"
#include "sync/atomic.h"

#define STRESS_THREADS_MAX 64

struct stress {
    uint32_t threads;
    uint64_t rounds;
    uint64_t seed;
};

/* Ends the program with a message if `cond` does not hold. */
#define stress_check(cond)                                                     \
    ((cond) ? (void)0 : stress_fail(__FILE__, __LINE__, #cond))

BST_NORETURN static inline void stress_fail(const char *file, int line,
                                            const char *text)
{
    fflush(stdout);
    fprintf(stderr, "%s:%d: check failed: %s\n", file, line, text);
    _Exit(1);
}

/* Reads "threads rounds seed"; what is missing takes its default. */
static inline struct stress stress_begin(int argc, char **argv,
                                         uint32_t threads, uint64_t rounds)
{
    struct stress stress = {threads, rounds, bsti_entropy()};

    if (argc > 1) {
        stress.threads = (uint32_t)strtoul(argv[1], NULL, 0);
    }
    if (argc > 2) {
        stress.rounds = strtoull(argv[2], NULL, 0);
    }
    if (argc > 3) {
        stress.seed = strtoull(argv[3], NULL, 0);
    }
    printf("seed %llu threads %u rounds %llu\n",
           (unsigned long long)stress.seed, stress.threads,
           (unsigned long long)stress.rounds);
    fflush(stdout);
    if (stress.threads < 1 || stress.threads > STRESS_THREADS_MAX) {
        fprintf(stderr, "threads: 1 to %d\n", STRESS_THREADS_MAX);
        exit(2);
    }
    return stress;
}

/* Runs fn(args + i * size) on `count` threads and waits for all of them. */
static inline void stress_run(uint32_t count, void (*fn)(void *arg), void *args,
                              size_t size)
{
    struct bsti_thread threads[STRESS_THREADS_MAX];

    for (uint32_t i = 0; i < count; i++) {
        stress_check(bsti_thread_start(&threads[i], "stress", fn,
                                       (char *)args + i * size) == 0);
    }
    for (uint32_t i = 0; i < count; i++) {
        bsti_thread_join(&threads[i]);
    }
}

/* Waits until `total` threads have come here. */
static inline void stress_meet(_Atomic uint32_t *come, uint32_t total)
{
    /* acq_rel and acquire: what each did before is visible to all after */
    bsti_fetch_add_acq_rel(come, 1u);
    while (bsti_load_acquire(come) < total) {
        bsti_thread_yield();
    }
}

#endif
