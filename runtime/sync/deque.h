#ifndef BST_SYNC_DEQUE_H
#define BST_SYNC_DEQUE_H

/*
 * A worker's run queue: a ring of pointers. The owner appends at the tail;
 * owner and thieves take from the head, first in first out, by moving it with
 * a compare-and-swap.
 *
 * Invariants:
 *   - tail - head is the length, 0 .. BSTI_DEQUE_SIZE; both only grow (64 bits
 *     do not wrap in practice, so a stale head never matches again).
 *   - Only the owner writes tail and the slots; only a compare-and-swap
 *     moves head.
 *   - Whoever moves head from h to h + n owns the pointers h .. h + n - 1; what
 *     was read from the slots before counts only if that succeeds.
 *
 * Loot may be stolen back before the thief pops it: a steal that returned more
 * than 0 does not promise a successful pop.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/assert.h"
#include "base/attr.h"
#include "sync/atomic.h"

/** A power of two. */
#define BSTI_DEQUE_SIZE 1024u

struct bsti_deque {
    /* Owner and thieves. */
    BSTI_ALIGNED(BSTI_CACHE_LINE) _Atomic uint64_t head;
    /* Owner writes, thieves read. */
    BSTI_ALIGNED(BSTI_CACHE_LINE) _Atomic uint64_t tail;
    /* Owner writes, thieves read. */
    BSTI_ALIGNED(BSTI_CACHE_LINE) void *_Atomic slots[BSTI_DEQUE_SIZE];
};

/** Makes an empty deque. */
void bsti_deque_init(struct bsti_deque *deque);

/** Returns whether the length is in range; for assertions. Owner. */
bool bsti_deque_is_valid(struct bsti_deque *deque);

/**
 * Moves up to half of the victim's pointers (rounded up, so that a single one
 * can be stolen), at most `max`, to the end of `own`, the caller's deque.
 *
 * It tries once: if another thief or the owner was faster it gives up and says
 * so in `*contended`, unless that is NULL.
 *
 * Thread: owner of `own`, which is not `victim`.
 * Returns the number moved.
 */
uint32_t bsti_deque_try_steal(struct bsti_deque *victim, struct bsti_deque *own,
                              uint32_t max, bool *contended);

/** The same without the reason for a 0. */
uint32_t bsti_deque_steal_half(struct bsti_deque *victim,
                               struct bsti_deque *own, uint32_t max);

/**
 * Takes up to half of the pointers (rounded up), at most `max`, from the head
 * into `out`. For a full deque that has to overflow; the pointers are the
 * caller's when this returns, not before.
 *
 * Thread: owner.
 * Returns the number taken.
 */
uint32_t bsti_deque_take_half(struct bsti_deque *deque, void **out,
                              uint32_t max);

/** Appends `item`; false: full. Thread: owner. */
static inline bool bsti_deque_push(struct bsti_deque *deque, void *item)
{
    /* relaxed: the owner is the only writer of tail */
    uint64_t tail = bsti_load_relaxed(&deque->tail);
    /* acquire: pairs with the compare-and-swap of whoever took the slot's
     * former pointer, which happens after it was read */
    uint64_t head = bsti_load_acquire(&deque->head);

    if (BSTI_UNLIKELY(tail - head >= BSTI_DEQUE_SIZE)) {
        return false;
    }
    /* relaxed: published by the store of tail */
    bsti_store_relaxed(&deque->slots[tail % BSTI_DEQUE_SIZE], item);
    /* release: pairs with the acquire of tail in steal; publishes the slot
     * and what it points to */
    bsti_store_release(&deque->tail, tail + 1);
    return true;
}

/** Takes the oldest item, or NULL if there is none. Thread: owner. */
static inline void *bsti_deque_pop(struct bsti_deque *deque)
{
    /* relaxed: the owner is the only writer of tail */
    uint64_t tail = bsti_load_relaxed(&deque->tail);
    /* relaxed: the owner wrote all slots itself */
    uint64_t head = bsti_load_relaxed(&deque->head);

    while (head != tail) {
        /* relaxed: only the owner writes slots */
        void *item = bsti_load_relaxed(&deque->slots[head % BSTI_DEQUE_SIZE]);

        /* relaxed: decides between owner and thieves who has the item; the
         * owner has known it all along. The release that lets a slot be
         * written again matters only for thieves, who do not write here. */
        if (BSTI_LIKELY(bsti_cas_weak_relaxed(&deque->head, &head, head + 1))) {
            return item;
        }
    }
    return NULL;
}

/** Returns about how many items there are. Thread: any. */
static inline uint32_t bsti_deque_size(struct bsti_deque *deque)
{
    /* seq_cst: a worker that is about to sleep looks here after it said so */
    uint64_t head = bsti_load_seq_cst(&deque->head);
    uint64_t tail = bsti_load_seq_cst(&deque->tail);

    /* Two loads: head may have passed the tail seen, never the other way. */
    return head < tail
               ? (uint32_t)BSTI_MIN(tail - head, (uint64_t)BSTI_DEQUE_SIZE)
               : 0u;
}

#endif
