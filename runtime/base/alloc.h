#ifndef BST_BASE_ALLOC_H
#define BST_BASE_ALLOC_H

/*
 * The one door to the heap: every allocation of the runtime passes here.
 *
 * That makes two things possible: tests let the n-th allocation fail, and the
 * balance of live allocations must be back where it was when a system ends.
 * It is not for hot paths; those use sync/magazine.h.
 *
 * Thread: all functions may be called by any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bastion/attr.h>

/**
 * Returns `size` zeroed bytes, aligned for any type; NULL if there are none.
 * A size of 0 counts as 1. Large blocks are not touched before their use.
 *
 * Ownership: the caller; it ends with bsti_free().
 */
BST_MUST_USE void *bsti_alloc(size_t size);

/**
 * Returns `size` zeroed bytes at a multiple of `align`, a power of two.
 *
 * Ownership: the caller; it ends with bsti_free().
 */
BST_MUST_USE void *bsti_alloc_aligned(size_t align, size_t size);

/** Gives memory of either function back. NULL is allowed. */
void bsti_free(void *memory);

/**
 * Lets the `nth` allocation from now on fail, once: 1 is the next one. 0 turns
 * it off. Returns what was set before, less the allocations since then.
 */
uint64_t bsti_alloc_fail_at(uint64_t nth);

/** As bsti_alloc_fail_at(), for that one and all that follow. */
void bsti_alloc_fail_from(uint64_t nth);

/** Returns whether a failure was injected so far. */
bool bsti_alloc_has_failed(void);

/**
 * Counts as an allocation what comes from elsewhere than the heap. Returns
 * whether it has to fail.
 */
bool bsti_alloc_refuse(void);

/** Returns the number of live allocations. */
int64_t bsti_alloc_balance(void);

/**
 * As bsti_alloc(), for what goes on beside the program, such as reports: it is
 * not counted, and no failure is injected, so that these change nothing.
 */
void *bsti_alloc_apart(size_t size);

/** Frees that, and what a library has allocated. NULL is allowed. */
void bsti_free_apart(void *memory);

#endif
