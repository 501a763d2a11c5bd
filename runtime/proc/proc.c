/*
 * Signals and going idle.
 *
 * A signal and a process that goes idle meet as in Dekker's algorithm: the
 * one sets its bit and then looks at the idle bit, the other sets the idle
 * bit and then looks at the signals. All four are sequentially consistent.
 */

#include "proc/proc.h"

#include <bastion/status.h>

#include "sync/atomic.h"

_Static_assert(sizeof(struct bsti_proc) == (size_t)2 * BSTI_CACHE_LINE,
               "a sender touches one cache line of a process");

void bsti_proc_init(struct bsti_proc *proc, const struct bsti_proc_class *cls,
                    uint32_t bound, unsigned stack_class)
{
    bsti_mpscq_init(&proc->mailbox, false);
    bsti_store_relaxed(&proc->gate, (uint64_t)0);
    bsti_store_relaxed(&proc->incarnation, (uint64_t)0);
    bsti_store_relaxed(&proc->signals, (uint8_t)0);
    bsti_store_relaxed(&proc->pushed, 0u);
    bsti_store_relaxed(&proc->taken, 0u);
    bsti_store_relaxed(&proc->waiter.word, (uint64_t)0);
    bsti_store_relaxed(&proc->waiter.thread, (uint32_t)BSTI_WAITER_PROC);
    proc->waiter.gift = NULL;
    bsti_store_relaxed(&proc->bound, bound);
    proc->stack_class = (uint8_t)stack_class;
    proc->cls = cls;
    bsti_store_relaxed(&proc->home, NULL);
    proc->stack = NULL;
    proc->link.next = NULL;
    proc->timed = NULL;
    proc->arena = NULL;
}

bool bsti_proc_signal(struct bsti_proc *proc, uint32_t bits)
{
    /* seq_cst: before the look at the idle bit in bsti_mpscq_wake(). */
    bsti_fetch_or_seq_cst(&proc->signals, (uint8_t)bits);
    return bsti_mpscq_wake(&proc->mailbox);
}

uint32_t bsti_proc_take_signals(struct bsti_proc *proc, uint32_t bits)
{
    /* acq_rel: pairs with bsti_proc_signal(); what the signaller wrote before
     * is seen. */
    return bsti_fetch_and_acq_rel(&proc->signals, (uint8_t)~bits) & bits;
}

bool bsti_proc_cancel_wait(struct bsti_proc *proc, uint32_t status)
{
    uint64_t seq;
    enum bsti_claim claim = bsti_waiter_claim_any(&proc->waiter, &seq);

    if (claim == BSTI_CLAIM_LOST)
        return false;
    bsti_waiter_finish(&proc->waiter, seq, status, NULL);
    return claim == BSTI_CLAIM_SUSPENDED;
}

void *bsti_proc_drop_wait(struct bsti_proc *proc)
{
    void *gift = NULL;

    if (bsti_wait_phase(bsti_load_acquire(&proc->waiter.word)) ==
        BSTI_WAIT_IDLE)
        return NULL;
    bsti_proc_cancel_wait(proc, BST_DEAD);
    bsti_waiter_take(&proc->waiter, &gift);
    return gift;
}
