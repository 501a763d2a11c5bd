/*
 * The shared queue: a list under a spin lock.
 */

#include "sync/injector.h"

#include "base/assert.h"

void bsti_injector_init(struct bsti_injector *injector)
{
    bsti_atomic_init(&injector->length, (size_t)0);
    bsti_spin_init(&injector->lock);
    injector->first = NULL;
    injector->last = NULL;
}

/* Changes the length; the caller holds the lock. */
static void set_length(struct bsti_injector *injector, size_t length)
{
    /* seq_cst: pairs with bsti_injector_length() of a worker that is about to
     * sleep; see the header */
    bsti_store_seq_cst(&injector->length, length);
}

void bsti_injector_push_list(struct bsti_injector *injector,
                             struct bsti_link *first, struct bsti_link *last,
                             size_t count)
{
    if (count == 0) {
        return;
    }
    last->next = NULL;
    bsti_spin_lock(&injector->lock);
    if (injector->first == NULL) {
        injector->first = first;
    } else {
        injector->last->next = first;
    }
    injector->last = last;
    /* relaxed: only changed under the lock */
    set_length(injector, bsti_load_relaxed(&injector->length) + count);
    bsti_spin_unlock(&injector->lock);
}

void bsti_injector_push(struct bsti_injector *injector, struct bsti_link *link)
{
    bsti_injector_push_list(injector, link, link, 1);
}

struct bsti_link *bsti_injector_pop_up_to(struct bsti_injector *injector,
                                          size_t max, size_t *count)
{
    struct bsti_link *first;
    struct bsti_link *last = NULL;
    size_t n = 0;

    *count = 0;
    /* relaxed: a hint; whoever must not miss anything asks for the length */
    if (max == 0 || bsti_load_relaxed(&injector->length) == 0) {
        return NULL;
    }
    bsti_spin_lock(&injector->lock);
    first = injector->first;
    for (struct bsti_link *link = first; link != NULL && n < max;
         link = link->next) {
        last = link;
        n++;
    }
    if (n > 0) {
        injector->first = last->next;
        last->next = NULL;
        /* relaxed: only changed under the lock */
        set_length(injector, bsti_load_relaxed(&injector->length) - n);
    }
    bsti_assert((injector->first == NULL) ==
                (bsti_load_relaxed(&injector->length) == 0));
    bsti_spin_unlock(&injector->lock);
    *count = n;
    return first;
}

struct bsti_link *bsti_injector_pop(struct bsti_injector *injector)
{
    size_t count;

    return bsti_injector_pop_up_to(injector, 1, &count);
}
