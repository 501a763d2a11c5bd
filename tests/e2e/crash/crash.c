/*
 * crash HOW TIMES - fails so often in the handlers of two groups.
 *
 * The functions' names, and the lines that are marked, are what the test looks
 * for in the reports.
 */

#define _GNU_SOURCE
#undef NDEBUG

#include "crash.bst.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HIDDEN __attribute__((noinline))
#define INLINED static inline __attribute__((always_inline))
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
static volatile int sink;
static const char *how;
static uint32_t times;

SANITIZED HIDDEN static void innermost(void)
{
    *(volatile int *)(null_address + 16) = 1; /* line: innermost */
    sink++;
}

SANITIZED INLINED void put_into_middle(void)
{
    innermost(); /* line: put_into_middle */
    sink++;
}

SANITIZED HIDDEN static void middle(void)
{
    put_into_middle(); /* line: middle */
    sink++;
}

HIDDEN static void complain(void *self)
{
    bst_panic(self, "not \"good\"\nat all \xff"); /* line: complain */
}

HIDDEN static void exhaust(void *self)
{
    sink = bst_alloc(self, SIZE_MAX) != NULL; /* line: exhaust */
}

SANITIZED static void *foreign(void *arg)
{
    *(volatile int *)(null_address + 16) = 1; /* line: foreign */
    return arg;
}

HIDDEN static void in_thread(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, foreign, NULL) == 0)
        pthread_join(thread, NULL);
}

static bst_status fail(void *self)
{
    if (strcmp(how, "null") == 0 || strcmp(how, "leave") == 0)
        middle(); /* line: fail */
    else if (strcmp(how, "panic") == 0)
        complain(self);
    else if (strcmp(how, "memory") == 0)
        exhaust(self);
    else if (strcmp(how, "abort") == 0)
        abort();
    else if (strcmp(how, "foreign") == 0)
        in_thread();
    return BST_FAIL;
}

bst_status victim_go(struct victim *self)
{
    return fail(self);
}

bst_status other_go(struct other *self)
{
    return fail(self);
}

bst_status driver_start(struct driver *self)
{
    int argc;
    char **argv;

    bst_args(self, &argc, &argv);
    how = argc > 0 ? argv[0] : "null";
    times = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1;
    for (uint32_t i = 0; i < times; i++) {
        bst_status status = i % 4 == 3 ? other_tell_go(self->to.others)
                                       : victim_tell_go(self->to.victims);

        if (status != BST_OK)
            exit(9);
    }
    return BST_OK;
}

bst_status driver_look(struct driver *self)
{
    struct bst_stats stats;

    bst_system_stats(bst_system_of(self), &stats);
    if (stats.failed < times)
        return BST_OK;
    if (strcmp(how, "leave") == 0)
        exit(7);
    bst_stop_system(self);
    return BST_OK;
}
