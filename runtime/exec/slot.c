/*
 * The rare side of the next-slot; see slot.h.
 */

#include "exec/slot.h"

#include "plat/barrier.h"

void bsti_slot_init(struct bsti_slot *slot)
{
    bsti_store_relaxed(&slot->proc, NULL);
    bsti_store_relaxed(&slot->claimed, 0u);
    bsti_spin_init(&slot->lock);
    slot->stolen = NULL;
}

struct bsti_proc *bsti_slot_settle(struct bsti_slot *slot,
                                   struct bsti_proc *proc)
{
    bsti_spin_lock(&slot->lock);
    if (proc && slot->stolen == proc)
        proc = NULL;
    slot->stolen = NULL;
    bsti_store_relaxed(&slot->claimed, 0u);
    bsti_spin_unlock(&slot->lock);
    return proc;
}

struct bsti_proc *bsti_slot_steal(struct bsti_slot *slot)
{
    struct bsti_proc *proc;

    bsti_spin_lock(&slot->lock);
    if (bsti_load_relaxed(&slot->claimed)) {
        /* The owner has not seen the last claim yet: `stolen` is needed. */
        bsti_spin_unlock(&slot->lock);
        return NULL;
    }
    bsti_store_relaxed(&slot->claimed, 1u);
    bsti_barrier_all();
    /* acquire: pairs with the release in bsti_slot_put() */
    proc = bsti_load_acquire(&slot->proc);
    /* The owner may be emptying the slot, or refilling it: then the exchange
     * fails, or the claim tells it that this process is gone. */
    if (proc && !bsti_cas_strong_acq_rel(&slot->proc, &proc, NULL))
        proc = NULL;
    slot->stolen = proc;
    bsti_spin_unlock(&slot->lock);
    return proc;
}
