#ifndef BST_SYNC_MPSCQ_H
#define BST_SYNC_MPSCQ_H

/*
 * The mailbox: an unbounded queue of intrusive nodes, many producers, one
 * consumer, which also knows whether anybody is responsible for running the
 * consumer ("idle" means: nobody is).
 *
 * A push is one exchange. Taking the last node out and going idle is one
 * compare-and-swap; taking another one out is a plain step. A node stays
 * linked while it is handled, so a handler that is suspended in the middle
 * leaves the queue in order. There is no dummy node to allocate: the stub is
 * a link inside the queue.
 *
 * Life of a turn; the consumer is whoever push(), wake() or a scheduler made
 * responsible, and there is never a second one:
 *
 *     for (;;) {
 *         if (!bsti_mpscq_is_spent(q)) {
 *             node = bsti_mpscq_front(q, &busy);
 *             if (node == NULL && busy)
 *                 come back later: a producer is between its two steps;
 *             if (node == NULL && bsti_mpscq_try_idle(q))
 *                 done: hands off the queue;
 *             if (node == NULL)
 *                 continue;
 *             handle(node);
 *         }
 *         switch (bsti_mpscq_pop(q, true, &node)) {
 *         case BSTI_MPSCQ_POPPED: recycle(node); break;
 *         case BSTI_MPSCQ_IDLE:   recycle(node); done: hands off;
 *         case BSTI_MPSCQ_BUSY:   come back later: node is spent but linked;
 *         }
 *     }
 *
 * Signals beside the queue: the sender stores its signal with seq_cst and then
 * calls bsti_mpscq_wake(); the consumer, after it went idle, loads the signal
 * with seq_cst and, if there is one, calls bsti_mpscq_wake() itself. One of
 * them is responsible then. The memory of the queue must be type-stable for
 * this load to be allowed.
 *
 * Invariants:
 *   - head is the node pushed last, or the stub; its bit 0 says idle.
 *   - tail belongs to the consumer: the stub when everything before it was
 *     taken out, else the front node; its bit 0 says that this node is spent
 *     (handled) and waits to be taken out.
 *   - The queue is idle only while it is empty, so tail is the stub then.
 *   - From push until pop gives it back a node belongs to the queue.
 *
 * Progress: push is wait-free. front and pop never wait unbounded: a producer
 * that was stopped between its two steps makes them answer busy.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/assert.h"
#include "plat/thread.h"
#include "sync/atomic.h"

struct bsti_mpscq_node {
    /* The node pushed after this one; NULL until that push completes. */
    struct bsti_mpscq_node *_Atomic next;
};

struct bsti_mpscq {
    _Atomic uintptr_t head; /* any thread: last node, BSTI_MPSCQ_IDLE_BIT */
    uintptr_t tail;         /* consumer: see above, BSTI_MPSCQ_SPENT_BIT */
    struct bsti_mpscq_node stub; /* link for when there is no node */
};

#define BSTI_MPSCQ_IDLE_BIT ((uintptr_t)1)
#define BSTI_MPSCQ_SPENT_BIT ((uintptr_t)1)

/* Pauses that wait for a producer's second step before the answer is busy. */
#define BSTI_MPSCQ_PAUSES 100

/** What became of the front node. */
enum bsti_mpscq_result {
    BSTI_MPSCQ_POPPED, /* it is out; the caller is still the consumer */
    BSTI_MPSCQ_IDLE,   /* it is out; the queue is idle: do not touch it */
    BSTI_MPSCQ_BUSY    /* it is still linked; call pop again later */
};

/** Makes an empty queue. `idle`: the first push or wake is responsible. */
void bsti_mpscq_init(struct bsti_mpscq *q, bool idle);

/** Returns whether the consumer's view is consistent; for assertions. */
bool bsti_mpscq_is_valid(struct bsti_mpscq *q);

/* The slow part of bsti_mpscq_pop(). */
enum bsti_mpscq_result bsti_mpscq_pop_contended(struct bsti_mpscq *q,
                                                struct bsti_mpscq_node *tail,
                                                struct bsti_mpscq_node **node);

/**
 * Appends `node`.
 *
 * Thread: any.   Ownership: `node` moves to the queue.
 * Returns true if the queue was idle: the caller must now see to it that the
 * consumer runs.
 */
static inline bool bsti_mpscq_push(struct bsti_mpscq *q,
                                   struct bsti_mpscq_node *node)
{
    struct bsti_mpscq_node *last;
    uintptr_t old;

    bsti_assert(((uintptr_t)node & 1) == 0);
    /* relaxed: the exchange below publishes it */
    bsti_store_relaxed(&node->next, NULL);
    /* acq_rel: the release pairs with the same exchange of the next producer,
     * which writes node->next after the store above, and with the
     * compare-and-swaps of the consumer; the acquire pairs with both of them
     * and, when the queue was idle, hands over what the consumer wrote. */
    old = bsti_xchg_acq_rel(&q->head, (uintptr_t)node);
    last = (struct bsti_mpscq_node *)(old & ~BSTI_MPSCQ_IDLE_BIT);
    /* release: pairs with the acquire loads of `next` in front and pop;
     * publishes the node's contents */
    bsti_store_release(&last->next, node);
    return (old & BSTI_MPSCQ_IDLE_BIT) != 0;
}

/** Returns whether the front node is handled and waits for pop. Consumer. */
static inline bool bsti_mpscq_is_spent(const struct bsti_mpscq *q)
{
    return (q->tail & BSTI_MPSCQ_SPENT_BIT) != 0;
}

/**
 * Returns the first node that was not handled yet; it stays linked. NULL:
 * there is none, or, if `*busy`, one is on its way but cannot be seen yet, as
 * its producer is between its two steps. Never waits.
 *
 * Thread: consumer, not while bsti_mpscq_is_spent().
 */
static inline struct bsti_mpscq_node *bsti_mpscq_front(struct bsti_mpscq *q,
                                                       bool *busy)
{
    struct bsti_mpscq_node *first;

    bsti_assert(!bsti_mpscq_is_spent(q));
    *busy = false;
    if (q->tail != (uintptr_t)&q->stub) {
        return (struct bsti_mpscq_node *)q->tail;
    }
    /* acquire: pairs with the release of `next` in push */
    first = bsti_load_acquire(&q->stub.next);
    if (first != NULL) {
        q->tail = (uintptr_t)first;
        return first;
    }
    /* relaxed: a hint; a push that is missed here makes try_idle fail */
    *busy = bsti_load_relaxed(&q->head) != (uintptr_t)&q->stub;
    return NULL;
}

/**
 * Takes the front node, which has been handled, out of the queue and gives it
 * to the caller in `*node`. If it is the last one and `may_idle` is true, the
 * queue goes idle in the same step.
 *
 * Thread: consumer, after front returned a node.
 * Returns what became of it; for BSTI_MPSCQ_BUSY the caller does not get it
 * yet: the next call must be pop again, which may be much later.
 */
static inline enum bsti_mpscq_result
bsti_mpscq_pop(struct bsti_mpscq *q, bool may_idle,
               struct bsti_mpscq_node **node)
{
    struct bsti_mpscq_node *tail =
        (struct bsti_mpscq_node *)(q->tail & ~BSTI_MPSCQ_SPENT_BIT);
    struct bsti_mpscq_node *next;
    uintptr_t expected = (uintptr_t)tail;
    uintptr_t empty = (uintptr_t)&q->stub;

    bsti_assert(tail != &q->stub);
    /* acquire: pairs with the release of `next` in push */
    next = bsti_load_acquire(&tail->next);
    if (next != NULL) {
        q->tail = (uintptr_t)next;
        *node = tail;
        return BSTI_MPSCQ_POPPED;
    }
    /* Everything of the consumer's is written before the exchange of head,
     * because after it somebody else may be the consumer. */
    /* relaxed: published by the compare-and-swap below */
    bsti_store_relaxed(&q->stub.next, NULL);
    q->tail = empty;
    /* seq_cst: the release pairs with the exchange in push, the acquire takes
     * over the node from its producer; the total order with the signal beside
     * the queue is what wake() relies on. */
    if (bsti_cas_strong_seq_cst(&q->head, &expected,
                                empty | (may_idle ? BSTI_MPSCQ_IDLE_BIT : 0))) {
        *node = tail;
        return may_idle ? BSTI_MPSCQ_IDLE : BSTI_MPSCQ_POPPED;
    }
    return bsti_mpscq_pop_contended(q, tail, node);
}

/**
 * Goes idle if the queue is empty.
 *
 * Thread: consumer, not while a node is at the front.
 * Returns true if it did: the caller must not touch the queue any more.
 */
static inline bool bsti_mpscq_try_idle(struct bsti_mpscq *q)
{
    uintptr_t expected = (uintptr_t)&q->stub;

    bsti_assert(q->tail == (uintptr_t)&q->stub);
    /* seq_cst: as in pop */
    return bsti_cas_strong_seq_cst(&q->head, &expected,
                                   expected | BSTI_MPSCQ_IDLE_BIT);
}

/**
 * Makes the caller responsible for running the consumer if nobody is.
 *
 * Thread: any.
 * Returns true if the queue was idle.
 */
static inline bool bsti_mpscq_wake(struct bsti_mpscq *q)
{
    /* seq_cst: after the caller's seq_cst store of its signal. Either this
     * load sees the idle bit, or the consumer, which loads the signal after
     * it went idle, sees the signal. */
    uintptr_t head = bsti_load_seq_cst(&q->head);

    /* Only one of the wakers and pushers takes the bit. acq_rel: takes over
     * what the consumer wrote before it went idle, as in push. */
    return (head & BSTI_MPSCQ_IDLE_BIT) != 0 &&
           bsti_cas_strong_seq_cst(&q->head, &head,
                                   head & ~BSTI_MPSCQ_IDLE_BIT);
}

/**
 * Returns the node behind `node`, handled or not; NULL: it is the last one.
 * Thread: any, while nobody else uses the queue.
 */
static inline struct bsti_mpscq_node *
bsti_mpscq_after(struct bsti_mpscq *q, struct bsti_mpscq_node *node)
{
    do
        node = bsti_load_relaxed(&node->next);
    while (node == &q->stub);
    return node;
}

/** Returns the first node that was not handled, or NULL. As above. */
static inline struct bsti_mpscq_node *bsti_mpscq_first(struct bsti_mpscq *q)
{
    struct bsti_mpscq_node *node =
        (struct bsti_mpscq_node *)(q->tail & ~BSTI_MPSCQ_SPENT_BIT);

    return bsti_mpscq_is_spent(q) || node == &q->stub
               ? bsti_mpscq_after(q, node)
               : node;
}

/** Returns whether the queue seems to hold no node, handled or not. Any. */
static inline bool bsti_mpscq_is_empty(struct bsti_mpscq *q)
{
    /* relaxed: a hint */
    return (bsti_load_relaxed(&q->head) & ~BSTI_MPSCQ_IDLE_BIT) ==
           (uintptr_t)&q->stub;
}

/** Returns whether the queue seems idle. Thread: any. */
static inline bool bsti_mpscq_is_idle(struct bsti_mpscq *q)
{
    /* relaxed: a hint */
    return (bsti_load_relaxed(&q->head) & BSTI_MPSCQ_IDLE_BIT) != 0;
}

/** Returns whether nodes follow the one at the front. Consumer. */
static inline bool bsti_mpscq_has_more(struct bsti_mpscq *q)
{
    /* relaxed: a hint */
    return bsti_load_relaxed(&q->head) != (q->tail & ~BSTI_MPSCQ_SPENT_BIT);
}

#endif
