/*
 * The heap behind one door, with its fault injection.
 */

#define _POSIX_C_SOURCE 200809L

#include "base/alloc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "sync/atomic.h"

/* Allocations until one fails; 0: none will. */
static _Atomic uint64_t fail_after;

/* All behind that one fail, too. */
static _Atomic bool fails_on;

/* One has failed. */
static _Atomic bool has_failed;

/* Live allocations. */
static _Atomic int64_t balance;

uint64_t bsti_alloc_fail_at(uint64_t nth)
{
    /* relaxed: tests set it between the steps they look at */
    bsti_store_relaxed(&fails_on, false);
    return bsti_xchg_relaxed(&fail_after, nth);
}

void bsti_alloc_fail_from(uint64_t nth)
{
    /* relaxed: as above */
    bsti_store_relaxed(&fail_after, nth);
    bsti_store_relaxed(&fails_on, true);
}

bool bsti_alloc_has_failed(void)
{
    return bsti_load_relaxed(&has_failed);
}

int64_t bsti_alloc_balance(void)
{
    /* relaxed: exact once the threads that allocate have been joined */
    return bsti_load_relaxed(&balance);
}

bool bsti_alloc_refuse(void)
{
    /* relaxed: only the count matters */
    uint64_t left = bsti_load_relaxed(&fail_after);

    while (left > 1) {
        if (bsti_cas_weak_relaxed(&fail_after, &left, left - 1)) {
            return false;
        }
    }
    if (left == 0 ||
        (!bsti_load_relaxed(&fails_on) &&
         !bsti_cas_strong_relaxed(&fail_after, &left, (uint64_t)0))) {
        return false;
    }
    bsti_store_relaxed(&has_failed, true);
    return true;
}

void *bsti_alloc(size_t size)
{
    void *memory;

    if (bsti_alloc_refuse()) {
        return NULL;
    }
    memory = calloc(1, size == 0 ? 1 : size);
    if (memory != NULL) {
        /* relaxed: a statistic */
        bsti_fetch_add_relaxed(&balance, 1);
    }
    return memory;
}

void *bsti_alloc_aligned(size_t align, size_t size)
{
    void *memory = NULL;

    bsti_assert(align != 0 && (align & (align - 1)) == 0);
    if (align <= _Alignof(max_align_t)) {
        return bsti_alloc(size);
    }
    if (bsti_alloc_refuse() ||
        posix_memalign(&memory, align, size == 0 ? 1 : size)) {
        return NULL;
    }
    memset(memory, 0, size);
    /* relaxed: a statistic */
    bsti_fetch_add_relaxed(&balance, 1);
    return memory;
}

void bsti_free(void *memory)
{
    if (memory != NULL) {
        /* relaxed: a statistic */
        bsti_fetch_sub_relaxed(&balance, 1);
        free(memory);
    }
}

void *bsti_alloc_apart(size_t size)
{
    return calloc(1, size == 0 ? 1 : size);
}

void bsti_free_apart(void *memory)
{
    free(memory);
}
