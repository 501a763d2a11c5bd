/*
 * Stealing from a run queue; the owner's fast paths are in the header.
 *
 * The ring and the half-at-a-time steal are those of Go's scheduler. Reading
 * the slots before the compare-and-swap is safe because the owner cannot write
 * a slot again before head has passed it, and then the compare-and-swap fails.
 */

#include "sync/deque.h"

void bsti_deque_init(struct bsti_deque *deque)
{
    bsti_atomic_init(&deque->head, 0u);
    bsti_atomic_init(&deque->tail, 0u);
    for (size_t i = 0; i < BSTI_DEQUE_SIZE; i++) {
        bsti_atomic_init(&deque->slots[i], NULL);
    }
}

bool bsti_deque_is_valid(struct bsti_deque *deque)
{
    /* relaxed: head can only come nearer to tail, which the owner holds */
    uint64_t tail = bsti_load_relaxed(&deque->tail);
    uint64_t head = bsti_load_relaxed(&deque->head);

    return tail - head <= BSTI_DEQUE_SIZE;
}

/* How many of `length` a thief or an overflow takes. */
static uint32_t half_of(uint64_t length, uint32_t max)
{
    uint64_t half = length - length / 2;

    return half < max ? (uint32_t)half : max;
}

uint32_t bsti_deque_try_steal(struct bsti_deque *victim, struct bsti_deque *own,
                              uint32_t max, bool *contended)
{
    /* acquire: pairs with the release of the compare-and-swaps on head, so
     * that tail below is not older than head */
    uint64_t head = bsti_load_acquire(&victim->head);
    /* acquire: pairs with the release of tail in push; the slots before it
     * and what they point to are visible */
    uint64_t tail = bsti_load_acquire(&victim->tail);
    /* relaxed: own tail */
    uint64_t own_tail = bsti_load_relaxed(&own->tail);
    /* acquire: as in push */
    uint64_t own_head = bsti_load_acquire(&own->head);
    uint64_t room = BSTI_DEQUE_SIZE - (own_tail - own_head);
    uint32_t n;

    bsti_assert(victim != own);
    if (contended != NULL) {
        *contended = false;
    }
    /* Head may have moved on before tail was read: the difference is then a
     * number that the compare-and-swap refuses, but must not be used. */
    if (head >= tail || tail - head > BSTI_DEQUE_SIZE) {
        return 0;
    }
    n = half_of(tail - head, BSTI_MIN(max, (uint32_t)room));
    if (n == 0) {
        return 0;
    }
    for (uint32_t i = 0; i < n; i++) {
        /* relaxed: counts only if the compare-and-swap succeeds; own slots
         * are published by the store of own tail */
        void *item =
            bsti_load_relaxed(&victim->slots[(head + i) % BSTI_DEQUE_SIZE]);

        bsti_store_relaxed(&own->slots[(own_tail + i) % BSTI_DEQUE_SIZE], item);
    }
    /* acq_rel: the release pairs with the acquire of head in push, so that the
     * owner writes the slots only after they were read here */
    if (!bsti_cas_strong_acq_rel(&victim->head, &head, head + n)) {
        if (contended != NULL) {
            *contended = true;
        }
        return 0;
    }
    /* release: as in push */
    bsti_store_release(&own->tail, own_tail + n);
    return n;
}

uint32_t bsti_deque_steal_half(struct bsti_deque *victim,
                               struct bsti_deque *own, uint32_t max)
{
    return bsti_deque_try_steal(victim, own, max, NULL);
}

uint32_t bsti_deque_take_half(struct bsti_deque *deque, void **out,
                              uint32_t max)
{
    /* relaxed: the owner's own */
    uint64_t tail = bsti_load_relaxed(&deque->tail);
    uint64_t head = bsti_load_relaxed(&deque->head);
    uint32_t n;

    do {
        n = half_of(tail - head, max);
        for (uint32_t i = 0; i < n; i++) {
            /* relaxed: the owner wrote the slots */
            out[i] =
                bsti_load_relaxed(&deque->slots[(head + i) % BSTI_DEQUE_SIZE]);
        }
        /* relaxed: as in pop */
    } while (n > 0 && !bsti_cas_weak_relaxed(&deque->head, &head, head + n));
    return n;
}
