/*
 * Threads that are no workers, in calls that send and wait.
 */

#include "actor/foreign.h"
#include "actor/apart.h"

#include "actor/send.h"
#include "base/alloc.h"
#include "base/duration.h"
#include "exec/oust.h"
#include "plat/futex.h"
#include "plat/thread.h"
#include "sync/atomic.h"

/* ---- being there --------------------------------------------------------- */

bool bsti_foreign_enter(struct bst_system *system)
{
    if (bsti_thread_bar() != BSTI_BAR_NONE)
        return false;
    /* seq_cst: before the look at the gate of the receiver; pairs with the
     * system, which closes all gates and then looks at this count. */
    bsti_fetch_add_seq_cst(&system->foreign_users, 1u);
    return true;
}

void bsti_foreign_leave(struct bst_system *system)
{
    /* release: the last touch of the system; pairs with the wait below. */
    bsti_fetch_sub_release(&system->foreign_users, 1u);
}

void bsti_foreign_wait(struct bst_system *system)
{
    while (bsti_load_seq_cst(&system->foreign_users) > 0)
        bsti_thread_sleep(BST_US(100));
}

/* ---- waiters ------------------------------------------------------------- */

static struct bsti_foreign *create(struct bst_system *system)
{
    struct bsti_foreign *foreign = bsti_alloc(sizeof *foreign);

    if (!foreign)
        return NULL;
    bsti_list_init(&foreign->sending.link);
    bsti_spin_lock(&system->foreign_lock);
    foreign->next_all = system->foreign_all;
    system->foreign_all = foreign;
    bsti_spin_unlock(&system->foreign_lock);
    return foreign;
}

struct bsti_foreign *bsti_foreign_acquire(struct bst_system *system)
{
    struct bsti_foreign *foreign;

    bsti_spin_lock(&system->foreign_lock);
    foreign = system->foreign_free;
    if (foreign)
        system->foreign_free = foreign->next_free;
    bsti_spin_unlock(&system->foreign_lock);
    if (!foreign)
        foreign = create(system);
    if (foreign)
        bsti_store_relaxed(&foreign->waiter.thread,
                           (uint32_t)BSTI_WAITER_BLOCKED);
    return foreign;
}

void bsti_foreign_release(struct bst_system *system,
                          struct bsti_foreign *foreign)
{
    bsti_spin_lock(&system->foreign_lock);
    foreign->next_free = system->foreign_free;
    system->foreign_free = foreign;
    bsti_spin_unlock(&system->foreign_lock);
}

void bsti_foreign_fini(struct bst_system *system)
{
    bsti_locks_fini(system);
    while (system->foreign_all) {
        struct bsti_foreign *foreign = system->foreign_all;

        system->foreign_all = foreign->next_all;
        bsti_free(foreign);
    }
}

/* ---- waiting ------------------------------------------------------------- */

bst_time bsti_thread_deadline(struct bst_system *system, bst_time within)
{
    if (within == BST_INFINITE)
        return BST_INFINITE;
    return bsti_time_after(bsti_exec_now(system->exec), within);
}

void bsti_thread_wait(struct bst_system *system, struct bsti_waiter *waiter,
                      uint64_t seq, bst_time due, bst_status late)
{
    while (!bsti_waiter_is_ready(waiter)) {
        bst_time left = BST_INFINITE;

        /* It is signalled for so long that a look too early does not matter. */
        if (bsti_offload_is_killed()) {
            bsti_waiter_give_up(waiter, seq, BST_DEAD);
            return;
        }
        if (due != BST_INFINITE) {
            left = due - bsti_exec_now(system->exec);
            if (left <= 0) {
                bsti_waiter_give_up(waiter, seq, late);
                return;
            }
        }
        bsti_check(bsti_exec_wait(system->exec, &waiter->thread,
                                  BSTI_WAITER_BLOCKED, left),
                   "a thread waits for what never happens");
    }
}
