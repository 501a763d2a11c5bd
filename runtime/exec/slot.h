#ifndef BST_EXEC_SLOT_H
#define BST_EXEC_SLOT_H

/*
 * The next-slot of a worker: what its last process has woken.
 *
 * The owner fills and empties it for nearly every message, so it does that
 * without a locked instruction. A monitor may take the process out when the
 * owner has not come back from a handler for a long time. The two meet as in
 * Dekker's algorithm, with the whole cost on the monitor's side: it announces
 * its claim, makes every thread execute a barrier, and only then looks.
 *
 *   owner:   read the process, clear the slot, then look for a claim
 *   monitor: claim, barrier on all threads, then try to clear the slot
 *
 * If the owner saw no claim, its clearing is visible to the monitor, who finds
 * nothing. If it sees one, the lock decides who has the process.
 */

#include <stdbool.h>

#include "base/attr.h"
#include "sync/atomic.h"
#include "sync/spin.h"

struct bsti_proc;

struct bsti_slot {
    struct bsti_proc *_Atomic proc; /* NULL: empty */
    _Atomic uint32_t claimed;       /* by the monitor, until the owner saw it */
    struct bsti_spin lock;          /* guards `stolen` and the claim's end */
    struct bsti_proc *stolen;       /* by the claim */
};

/** Makes an empty slot. */
void bsti_slot_init(struct bsti_slot *slot);

/* The owner has met a claim. Returns `proc`, or NULL if it was stolen. */
struct bsti_proc *bsti_slot_settle(struct bsti_slot *slot,
                                   struct bsti_proc *proc);

/** Takes the process out of the slot, or returns NULL. Thread: the owner. */
static inline struct bsti_proc *bsti_slot_take(struct bsti_slot *slot)
{
    /* relaxed: the owner wrote it, or a monitor cleared it */
    struct bsti_proc *proc = bsti_load_relaxed(&slot->proc);

    if (!proc)
        return NULL;
    bsti_store_relaxed(&slot->proc, NULL);
    /* The store above before the load below; bsti_slot_steal() sees to it
     * that the processor keeps this order when it matters. */
    bsti_fence_compiler();
    if (BSTI_UNLIKELY(bsti_load_relaxed(&slot->claimed)))
        return bsti_slot_settle(slot, proc);
    return proc;
}

/** Fills the empty slot. Thread: the owner. */
static inline void bsti_slot_put(struct bsti_slot *slot, struct bsti_proc *proc)
{
    if (BSTI_UNLIKELY(bsti_load_relaxed(&slot->claimed)))
        (void)bsti_slot_settle(slot, NULL);
    /* release: pairs with the acquire in bsti_slot_steal() */
    bsti_store_release(&slot->proc, proc);
}

/** Returns whether the slot seems empty. Thread: any. */
static inline bool bsti_slot_is_empty(struct bsti_slot *slot)
{
    return bsti_load_relaxed(&slot->proc) == NULL;
}

/**
 * Takes the process away from a slow owner, or returns NULL.
 * Thread: a monitor; bsti_barrier_prepare() has succeeded.
 */
struct bsti_proc *bsti_slot_steal(struct bsti_slot *slot);

#endif
