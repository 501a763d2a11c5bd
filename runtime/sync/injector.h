#ifndef BST_SYNC_INJECTOR_H
#define BST_SYNC_INJECTOR_H

/*
 * A shared first-in-first-out queue: any thread puts in, any thread takes out.
 * It takes what overflows from run queues and what foreign threads start, so
 * a spin lock serves; to see that it is empty takes no lock.
 *
 * Sleeping workers: the length is stored with seq_cst before push returns and
 * loaded with seq_cst, so "push; look for sleepers" against "say that I sleep;
 * look at the length" cannot miss each other.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "sync/atomic.h"
#include "sync/spin.h"

/** A link inside whatever is queued. */
struct bsti_link {
    struct bsti_link *next; /* of the queue while in it */
};

struct bsti_injector {
    /* Written under the lock, read by all: own line, it is polled. */
    BSTI_ALIGNED(BSTI_CACHE_LINE) _Atomic size_t length;
    /* The lock and what it guards. */
    BSTI_ALIGNED(BSTI_CACHE_LINE) struct bsti_spin lock;
    struct bsti_link *first; /* NULL: empty */
    struct bsti_link *last;  /* valid if first is */
};

/** Makes an empty queue. */
void bsti_injector_init(struct bsti_injector *injector);

/** Appends one link. Thread: any. */
void bsti_injector_push(struct bsti_injector *injector, struct bsti_link *link);

/**
 * Appends the `count` links from `first` to `last`, chained by `next`; the
 * last one's `next` is ignored. 0: nothing. Thread: any.
 */
void bsti_injector_push_list(struct bsti_injector *injector,
                             struct bsti_link *first, struct bsti_link *last,
                             size_t count);

/** Takes the oldest link, or NULL. Thread: any. */
struct bsti_link *bsti_injector_pop(struct bsti_injector *injector);

/**
 * Takes up to `max` of the oldest links, chained and ended by NULL; their
 * number goes to `*count`. Thread: any.
 */
struct bsti_link *bsti_injector_pop_up_to(struct bsti_injector *injector,
                                          size_t max, size_t *count);

/** Returns the length. Thread: any; takes no lock. */
static inline size_t bsti_injector_length(struct bsti_injector *injector)
{
    /* seq_cst: see above */
    return bsti_load_seq_cst(&injector->length);
}

#endif
