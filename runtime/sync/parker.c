/*
 * One token and a futex.
 *
 *     EMPTY --unpark--> TOKEN --park--> EMPTY
 *     EMPTY --park----> SLEEPS --unpark--> TOKEN (and a wake-up)
 *
 * Only the parking thread leaves SLEEPS other than by an unpark.
 */

#include "sync/parker.h"

#include "base/assert.h"
#include "plat/clock.h"
#include "plat/futex.h"

#define EMPTY 0u
#define TOKEN 1u
#define SLEEPS 2u

void bsti_parker_init(struct bsti_parker *parker)
{
    bsti_atomic_init(&parker->state, EMPTY);
}

/* Takes the token if it is there. */
static bool take(struct bsti_parker *parker)
{
    /* acquire: pairs with the release in bsti_parker_unpark() */
    return bsti_xchg_acquire(&parker->state, EMPTY) == TOKEN;
}

bool bsti_parker_park(struct bsti_parker *parker, bst_time timeout)
{
    uint32_t found = TOKEN;
    bst_time left = timeout;
    bst_time end = BST_INFINITE;

    /* acquire: pairs with the release in bsti_parker_unpark() */
    if (bsti_cas_strong_acquire(&parker->state, &found, EMPTY)) {
        return true;
    }
    bsti_assert(found == EMPTY);
    if (timeout <= 0) {
        return false;
    }
    if (timeout != BST_INFINITE) {
        bst_time now = bsti_clock_now();

        end = timeout < BST_INFINITE - now ? now + timeout : BST_INFINITE;
    }
    /* acquire: as above, if the token arrives just now */
    if (!bsti_cas_strong_acquire(&parker->state, &found, SLEEPS)) {
        return take(parker);
    }
    for (;;) {
        (void)bsti_futex_wait(&parker->state, SLEEPS, left);
        /* relaxed: take() acquires */
        if (bsti_load_relaxed(&parker->state) == TOKEN) {
            return take(parker);
        }
        if (end != BST_INFINITE) {
            left = end - bsti_clock_now();
            if (left <= 0) {
                /* An unpark may still be faster than this exchange. */
                return take(parker);
            }
        }
    }
}

bool bsti_parker_has_token(const struct bsti_parker *parker)
{
    /* relaxed: who takes it acquires */
    return bsti_load_relaxed(&parker->state) == TOKEN;
}

bool bsti_parker_unpark(struct bsti_parker *parker)
{
    /* release: pairs with the acquire in bsti_parker_park(); publishes what
     * the sleeper is woken for. acquire: of the sleeper's own last step. */
    if (bsti_xchg_acq_rel(&parker->state, TOKEN) != SLEEPS) {
        return false;
    }
    bsti_futex_wake(&parker->state, 1);
    return true;
}
