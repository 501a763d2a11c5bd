/*
 * The wait word; see wait.h.
 *
 * The commit and a kill meet as in Dekker's algorithm: the owner writes
 * "suspended" and then reads the kill signal, the killer writes the signal
 * and then reads the word. Both sides use sequentially consistent operations,
 * so that at least one of them sees the other.
 */

#include "proc/wait.h"

#include "base/assert.h"
#include "plat/futex.h"
#include "plat/thread.h"
#include "sync/atomic.h"

uint64_t bsti_waiter_arm(struct bsti_waiter *waiter)
{
    uint64_t word = bsti_load_relaxed(&waiter->word);
    uint64_t seq = bsti_wait_seq(word) + 1;

    bsti_assert(bsti_wait_phase(word) == BSTI_WAIT_IDLE);
    waiter->gift = NULL;
    /* release: pairs with the acquire of a claim; whoever claims may write
     * the fields after the owner has cleared them. */
    bsti_store_release(&waiter->word, bsti_wait_word(seq, BSTI_WAIT_ARMED));
    return seq;
}

bool bsti_waiter_commit(struct bsti_waiter *waiter, uint64_t seq)
{
    uint64_t armed = bsti_wait_word(seq, BSTI_WAIT_ARMED);

    /* seq_cst: publishes the saved stack to the claimer, and orders this
     * write before the owner's look at its kill signal. */
    return bsti_cas_strong_seq_cst(&waiter->word, &armed,
                                   bsti_wait_word(seq, BSTI_WAIT_SUSPENDED));
}

static enum bsti_claim try_claim(struct bsti_waiter *waiter, uint64_t word)
{
    uint64_t seq = bsti_wait_seq(word);

    while (bsti_wait_is_open(word, seq)) {
        enum bsti_wait_phase phase = bsti_wait_phase(word);

        /* acquire: pairs with the owner's commit, so that a suspended owner's
         * stack is seen; on failure `word` holds what is there now. */
        if (bsti_cas_strong_seq_cst(&waiter->word, &word,
                                    bsti_wait_word(seq, BSTI_WAIT_CLAIMED)))
            return phase == BSTI_WAIT_ARMED ? BSTI_CLAIM_ARMED
                                            : BSTI_CLAIM_SUSPENDED;
        if (bsti_wait_seq(word) != seq)
            break;
    }
    return BSTI_CLAIM_LOST;
}

enum bsti_claim bsti_waiter_claim(struct bsti_waiter *waiter, uint64_t seq)
{
    uint64_t word = bsti_load_relaxed(&waiter->word);

    if (!bsti_wait_is_open(word, seq))
        return BSTI_CLAIM_LOST;
    return try_claim(waiter, word);
}

enum bsti_claim bsti_waiter_claim_any(struct bsti_waiter *waiter, uint64_t *seq)
{
    /* seq_cst: after the kill signal was set; see the head of this file. */
    uint64_t word = bsti_load_seq_cst(&waiter->word);

    *seq = bsti_wait_seq(word);
    return try_claim(waiter, word);
}

void bsti_waiter_finish(struct bsti_waiter *waiter, uint64_t seq,
                        uint32_t status, void *gift)
{
    bool thread = bsti_load_relaxed(&waiter->thread) != BSTI_WAITER_PROC;

    bsti_assert(bsti_load_relaxed(&waiter->word) ==
                bsti_wait_word(seq, BSTI_WAIT_CLAIMED));
    waiter->gift = gift;
    waiter->status = status;
    /* relaxed: the owner looks at the word. Before the word is ready, because
     * afterwards the waiter may already serve another thread. */
    if (thread)
        bsti_store_relaxed(&waiter->thread, (uint32_t)BSTI_WAITER_WOKEN);
    /* release: pairs with the acquire in bsti_waiter_take(). */
    bsti_store_release(&waiter->word, bsti_wait_word(seq, BSTI_WAIT_READY));
    if (thread)
        bsti_futex_wake(&waiter->thread, 1);
}

bool bsti_waiter_is_ready(struct bsti_waiter *waiter)
{
    return bsti_wait_phase(bsti_load_acquire(&waiter->word)) == BSTI_WAIT_READY;
}

uint32_t bsti_waiter_take(struct bsti_waiter *waiter, void **gift)
{
    uint64_t word;
    unsigned spins = 0;

    /* acquire: pairs with the release in bsti_waiter_finish(). */
    word = bsti_load_acquire(&waiter->word);
    while (bsti_wait_phase(word) != BSTI_WAIT_READY) {
        if (++spins % 64 == 0)
            bsti_thread_yield();
        else
            bsti_cpu_relax();
        word = bsti_load_acquire(&waiter->word);
    }
    *gift = waiter->gift;
    bsti_store_relaxed(&waiter->word,
                       bsti_wait_word(bsti_wait_seq(word), BSTI_WAIT_IDLE));
    return waiter->status;
}
