/*
 * The rare half of the mailbox queue: set-up, checks, and what happens when
 * the consumer meets a producer that has exchanged head but not yet linked
 * its node.
 *
 * Derived from Dmitry Vyukov's intrusive MPSC queue; the idle bit in head
 * replaces a separate "scheduled" flag and its lost wake-ups.
 */

#include "sync/mpscq.h"

void bsti_mpscq_init(struct bsti_mpscq *q, bool idle)
{
    uintptr_t stub = (uintptr_t)&q->stub;

    bsti_atomic_init(&q->stub.next, NULL);
    bsti_atomic_init(&q->head, stub | (idle ? BSTI_MPSCQ_IDLE_BIT : 0));
    q->tail = stub;
}

bool bsti_mpscq_is_valid(struct bsti_mpscq *q)
{
    uintptr_t stub = (uintptr_t)&q->stub;
    /* relaxed: what is checked holds for every value another thread may put
     * there meanwhile */
    uintptr_t head = bsti_load_relaxed(&q->head);

    if (q->tail == (stub | BSTI_MPSCQ_SPENT_BIT) || q->tail < 2) {
        return false;
    }
    return (head & BSTI_MPSCQ_IDLE_BIT) == 0 ||
           ((head & ~BSTI_MPSCQ_IDLE_BIT) == stub && q->tail == stub);
}

enum bsti_mpscq_result bsti_mpscq_pop_contended(struct bsti_mpscq *q,
                                                struct bsti_mpscq_node *tail,
                                                struct bsti_mpscq_node **node)
{
    /* The compare-and-swap failed, so nobody saw the stub in head and the
     * caller's store to tail was premature. */
    for (int i = 0; i < BSTI_MPSCQ_PAUSES; i++) {
        /* acquire: pairs with the release of `next` in push */
        struct bsti_mpscq_node *next = bsti_load_acquire(&tail->next);

        if (next != NULL) {
            q->tail = (uintptr_t)next;
            *node = tail;
            return BSTI_MPSCQ_POPPED;
        }
        bsti_cpu_relax();
    }
    q->tail = (uintptr_t)tail | BSTI_MPSCQ_SPENT_BIT;
    return BSTI_MPSCQ_BUSY;
}
