#ifndef BST_SYNC_SPIN_H
#define BST_SYNC_SPIN_H

/*
 * A spin lock for critical sections of a few dozen instructions: it waits with
 * pauses first and then gives the CPU away, since the holder may need it.
 *
 * Not fair and not recursive; nothing may suspend or block while holding it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "plat/thread.h"
#include "sync/atomic.h"

struct bsti_spin {
    _Atomic uint32_t locked; /* 0 or 1 */
};

/* Pauses before a waiter gives its CPU away. */
#define BSTI_SPIN_PAUSES 64u

/** Makes an unlocked lock. */
static inline void bsti_spin_init(struct bsti_spin *spin)
{
    bsti_atomic_init(&spin->locked, 0u);
}

/** Locks if that needs no waiting, and returns whether it did. */
static inline bool bsti_spin_trylock(struct bsti_spin *spin)
{
    /* relaxed: a look that keeps the line shared while somebody holds it */
    return bsti_load_relaxed(&spin->locked) == 0 &&
           /* acquire: pairs with the release in bsti_spin_unlock() */
           bsti_xchg_acquire(&spin->locked, 1u) == 0;
}

/** Locks, waiting for whoever holds it. */
static inline void bsti_spin_lock(struct bsti_spin *spin)
{
    uint32_t pauses = 0;

    /* acquire: pairs with the release in bsti_spin_unlock() */
    while (bsti_xchg_acquire(&spin->locked, 1u) != 0) {
        /* relaxed: only waits; the exchange above is what takes the lock */
        while (bsti_load_relaxed(&spin->locked) != 0) {
            if (pauses < BSTI_SPIN_PAUSES) {
                pauses++;
                bsti_cpu_relax();
            } else {
                bsti_thread_yield();
            }
        }
    }
}

/** Unlocks; only the holder. */
static inline void bsti_spin_unlock(struct bsti_spin *spin)
{
    /* release: pairs with the acquire of the next holder */
    bsti_store_release(&spin->locked, 0u);
}

#endif
