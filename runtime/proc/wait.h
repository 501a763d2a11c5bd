#ifndef BST_PROC_WAIT_H
#define BST_PROC_WAIT_H

/*
 * The wait word: who ends a wait, decided by one compare-and-swap.
 *
 * Whoever waits (a process in an ask or a sleep, a foreign thread in an ask)
 * owns a waiter. Several parties may want to end the wait: the answer, the
 * deadline, a kill. Each tries to claim the word; exactly one wins, writes the
 * result and publishes it. The losers only count.
 *
 * The word is a sequence number and a phase. A wait has its own number, so
 * that an answer that comes too late cannot end a later wait. Waiters are
 * type-stable memory: a late party may always look at the word.
 *
 *   idle --arm--> armed --commit--> suspended
 *                   |                   |
 *                   +----- claim -------+--> claimed --finish--> ready
 *   ready --take--> idle
 *
 * Threads: arm, commit and take belong to the owner; claim and finish to any.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/assert.h"
#include "base/attr.h"
#include "sync/atomic.h"

enum bsti_wait_phase {
    BSTI_WAIT_IDLE,
    BSTI_WAIT_ARMED,     /* announced, the owner still runs */
    BSTI_WAIT_SUSPENDED, /* the owner has left its stack and needs a wake-up */
    BSTI_WAIT_CLAIMED,   /* somebody is writing the result */
    BSTI_WAIT_READY      /* the result is there */
};

/* ---- pure transitions on the word ---------------------------------------- */

#define BSTI_WAIT_PHASE_BITS 3

static inline uint64_t bsti_wait_word(uint64_t seq, enum bsti_wait_phase phase)
{
    return seq << BSTI_WAIT_PHASE_BITS | (uint64_t)phase;
}

static inline uint64_t bsti_wait_seq(uint64_t word)
{
    return word >> BSTI_WAIT_PHASE_BITS;
}

static inline enum bsti_wait_phase bsti_wait_phase(uint64_t word)
{
    return (enum bsti_wait_phase)(word & ((1u << BSTI_WAIT_PHASE_BITS) - 1));
}

/** Returns whether the wait `seq` can still be claimed in `word`. */
static inline bool bsti_wait_is_open(uint64_t word, uint64_t seq)
{
    enum bsti_wait_phase phase = bsti_wait_phase(word);

    return bsti_wait_seq(word) == seq &&
           (phase == BSTI_WAIT_ARMED || phase == BSTI_WAIT_SUSPENDED);
}

/* ---- the waiter ---------------------------------------------------------- */

struct bsti_waiter {
    _Atomic uint64_t word;   /* see above */
    void *gift;              /* the answer's node; written by the claimer */
    uint32_t status;         /* bst_status of the wait; by the claimer */
    _Atomic uint32_t thread; /* 0: a process; else the futex of a thread */
};

/* Values of `thread`: what a claimer must do once the result is there. */
enum { BSTI_WAITER_PROC = 0, BSTI_WAITER_BLOCKED = 1, BSTI_WAITER_WOKEN = 2 };

enum bsti_claim { BSTI_CLAIM_LOST, BSTI_CLAIM_ARMED, BSTI_CLAIM_SUSPENDED };

/** Begins a wait and returns its number. */
static inline uint64_t bsti_waiter_arm(struct bsti_waiter *waiter)
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

/**
 * Announces that the owner has left its stack.
 *
 * Returns false if somebody has claimed the wait before: then nobody will
 * wake the owner, it has to go on by itself.
 */
static inline bool bsti_waiter_commit(struct bsti_waiter *waiter, uint64_t seq)
{
    uint64_t armed = bsti_wait_word(seq, BSTI_WAIT_ARMED);

    /* seq_cst: publishes the saved stack to the claimer, and orders this
     * write before the owner's look at its kill signal. */
    return bsti_cas_strong_seq_cst(&waiter->word, &armed,
                                   bsti_wait_word(seq, BSTI_WAIT_SUSPENDED));
}

/* Claims the wait `seq` while it is open; `word` was read from the waiter. */
static inline enum bsti_claim bsti_waiter_try_claim(struct bsti_waiter *waiter,
                                                    uint64_t seq, uint64_t word)
{
    while (bsti_wait_is_open(word, seq)) {
        enum bsti_wait_phase phase = bsti_wait_phase(word);

        /* acquire: pairs with the owner's commit, so that a suspended owner's
         * stack is seen; on failure `word` holds what is there now. */
        if (bsti_cas_strong_seq_cst(&waiter->word, &word,
                                    bsti_wait_word(seq, BSTI_WAIT_CLAIMED)))
            return phase == BSTI_WAIT_ARMED ? BSTI_CLAIM_ARMED
                                            : BSTI_CLAIM_SUSPENDED;
    }
    return BSTI_CLAIM_LOST;
}

/** Tries to become the one who ends the wait `seq`. */
static inline enum bsti_claim bsti_waiter_claim(struct bsti_waiter *waiter,
                                                uint64_t seq)
{
    return bsti_waiter_try_claim(waiter, seq, bsti_load_relaxed(&waiter->word));
}

/** As bsti_waiter_claim(), for whichever wait is open; gives its number. */
enum bsti_claim bsti_waiter_claim_any(struct bsti_waiter *waiter,
                                      uint64_t *seq);

/* Wakes the thread that waits. */
void bsti_waiter_finish_thread(struct bsti_waiter *waiter, uint64_t seq);

/**
 * Publishes the result of a claimed wait. `gift` moves to the owner.
 *
 * A waiting thread is woken here; a suspended process is woken by the caller,
 * who knows from the claim that it has to.
 */
static inline void bsti_waiter_finish(struct bsti_waiter *waiter, uint64_t seq,
                                      uint32_t status, void *gift)
{
    bsti_assert(bsti_load_relaxed(&waiter->word) ==
                bsti_wait_word(seq, BSTI_WAIT_CLAIMED));
    waiter->gift = gift;
    waiter->status = status;
    if (BSTI_UNLIKELY(bsti_load_relaxed(&waiter->thread) != BSTI_WAITER_PROC)) {
        bsti_waiter_finish_thread(waiter, seq);
        return;
    }
    /* release: pairs with the acquire in bsti_waiter_take(). */
    bsti_store_release(&waiter->word, bsti_wait_word(seq, BSTI_WAIT_READY));
}

/** Ends a wait from the owner's own side; it has a result then. */
static inline void bsti_waiter_give_up(struct bsti_waiter *waiter, uint64_t seq,
                                       uint32_t status)
{
    if (bsti_waiter_claim(waiter, seq) != BSTI_CLAIM_LOST)
        bsti_waiter_finish(waiter, seq, status, NULL);
}

/* Spins for the few instructions of a claimer at work. */
void bsti_waiter_await(struct bsti_waiter *waiter);

/** Takes the result; spins for the few instructions of a claimer at work. */
static inline uint32_t bsti_waiter_take(struct bsti_waiter *waiter, void **gift)
{
    /* acquire: pairs with the release in bsti_waiter_finish(). */
    uint64_t word = bsti_load_acquire(&waiter->word);

    if (BSTI_UNLIKELY(bsti_wait_phase(word) != BSTI_WAIT_READY))
        bsti_waiter_await(waiter);
    *gift = waiter->gift;
    bsti_store_relaxed(&waiter->word,
                       bsti_wait_word(bsti_wait_seq(word), BSTI_WAIT_IDLE));
    return waiter->status;
}

/** Returns whether a result is there to be taken. */
bool bsti_waiter_is_ready(struct bsti_waiter *waiter);

#endif
