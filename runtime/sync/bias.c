/*
 * The rare side of biased locks; see bias.h.
 */

#include "sync/bias.h"

#include "plat/barrier.h"

void bsti_bias_regain(struct bsti_bias *bias)
{
    /* The lock pairs with that of the other one, whose work is seen. */
    bsti_spin_lock(&bias->lock);
    bsti_store_relaxed(&bias->revoked, 0u);
    bsti_spin_unlock(&bias->lock);
}

bool bsti_bias_try_lock(struct bsti_bias *bias)
{
    bsti_spin_lock(&bias->lock);
    /* Under the lock the owner cannot take it back. */
    if (bsti_load_relaxed(&bias->revoked)) {
        return true;
    }
    bsti_store_relaxed(&bias->revoked, 1u);
    bsti_barrier_all();
    /* acquire: pairs with the release in bsti_bias_leave() */
    if (!bsti_load_acquire(&bias->inside)) {
        return true;
    }
    bsti_store_relaxed(&bias->revoked, 0u);
    bsti_spin_unlock(&bias->lock);
    return false;
}
