#ifndef BST_PLAT_FUTEX_H
#define BST_PLAT_FUTEX_H

/*
 * Wait on a word, wake those who wait on it.
 *
 * Linux has this in the kernel. Elsewhere, or with BSTI_FUTEX_FALLBACK=1, a
 * small hash table of condition variables does the same.
 *
 * A wake-up orders nothing by itself: the waiter reads the word again, with
 * the memory order it needs.
 */

#include <stdint.h>

#include <bastion/topology.h>

#include "sync/atomic.h"

/**
 * Sleeps while `*word` is `expected`, at most `timeout` ns (relative;
 * BST_INFINITE: no limit). It may also return without any reason.
 *
 * Thread: any.
 * Returns 0, or -ETIMEDOUT when the time passed.
 */
int bsti_futex_wait(_Atomic uint32_t *word, uint32_t expected,
                    bst_time timeout);

/**
 * Wakes up to `n` waiters of `word`. The memory may be gone already when this
 * is called, as only the address counts.
 *
 * Thread: any.
 */
void bsti_futex_wake(_Atomic uint32_t *word, int n);

#endif
