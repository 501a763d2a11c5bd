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

enum bsti_claim bsti_waiter_claim_any(struct bsti_waiter *waiter, uint64_t *seq)
{
    /* seq_cst: after the kill signal was set; see the head of this file. */
    uint64_t word = bsti_load_seq_cst(&waiter->word);

    *seq = bsti_wait_seq(word);
    return bsti_waiter_try_claim(waiter, *seq, word);
}

void bsti_waiter_finish_thread(struct bsti_waiter *waiter, uint64_t seq)
{
    /* relaxed: the owner looks at the word. Before the word is ready, because
     * afterwards the waiter may already serve another thread. */
    bsti_store_relaxed(&waiter->thread, (uint32_t)BSTI_WAITER_WOKEN);
    /* release: pairs with the acquire in bsti_waiter_take(). */
    bsti_store_release(&waiter->word, bsti_wait_word(seq, BSTI_WAIT_READY));
    bsti_futex_wake(&waiter->thread, 1);
}

bool bsti_waiter_is_ready(struct bsti_waiter *waiter)
{
    return bsti_wait_phase(bsti_load_acquire(&waiter->word)) == BSTI_WAIT_READY;
}

void bsti_waiter_await(struct bsti_waiter *waiter)
{
    unsigned spins = 0;

    while (!bsti_waiter_is_ready(waiter)) {
        if (++spins % 64 == 0)
            bsti_thread_yield();
        else
            bsti_cpu_relax();
    }
}
