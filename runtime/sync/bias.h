#ifndef BST_SYNC_BIAS_H
#define BST_SYNC_BIAS_H

/*
 * A lock that belongs to one thread: for what its owner touches all the time
 * and somebody else hardly ever.
 *
 * The owner enters and leaves without a locked instruction. The other one
 * revokes the bias once, at the price of a barrier on all threads, and has the
 * lock as long as the owner does not come back; the owner takes the bias back
 * when it next enters. The two meet as in Dekker's algorithm:
 *
 *   owner: say that it is inside, then look whether the bias is revoked
 *   other: revoke, barrier on all threads, then look whether it is inside
 *
 * If the owner is inside the other one gives up; it never waits for long.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "sync/atomic.h"
#include "sync/spin.h"

struct bsti_bias {
    _Atomic uint32_t inside;  /* written by the owner */
    _Atomic uint32_t revoked; /* set by the other one, cleared by the owner */
    struct bsti_spin lock;    /* held by the other one, and to clear it */
};

/** The bias is its owner's. */
static inline void bsti_bias_init(struct bsti_bias *bias)
{
    bsti_atomic_init(&bias->inside, 0u);
    bsti_atomic_init(&bias->revoked, 0u);
    bsti_spin_init(&bias->lock);
}

/* The owner comes back to a bias that was revoked. */
void bsti_bias_regain(struct bsti_bias *bias);

/** Begins and ends what must not meet the other one. Thread: the owner. */
static inline void bsti_bias_enter(struct bsti_bias *bias)
{
    bsti_store_relaxed(&bias->inside, 1u);
    /* The store above before the load below: bsti_bias_try_lock() sees to it
     * that the processor keeps this order when it matters. */
    bsti_fence_compiler();
    if (BSTI_UNLIKELY(bsti_load_relaxed(&bias->revoked)))
        bsti_bias_regain(bias);
}

static inline void bsti_bias_leave(struct bsti_bias *bias)
{
    /* release: pairs with the acquire in bsti_bias_try_lock() */
    bsti_store_release(&bias->inside, 0u);
}

/**
 * Locks the owner out, unless it is inside. Returns whether it did; then
 * bsti_bias_unlock() follows soon.
 *
 * Thread: one that is not the owner; bsti_barrier_prepare() has succeeded.
 */
bool bsti_bias_try_lock(struct bsti_bias *bias);

static inline void bsti_bias_unlock(struct bsti_bias *bias)
{
    bsti_spin_unlock(&bias->lock);
}

#endif
