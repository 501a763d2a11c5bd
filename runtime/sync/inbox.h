#ifndef BST_SYNC_INBOX_H
#define BST_SYNC_INBOX_H

/*
 * A worker's inbox: many producers push single links, the owner takes all at
 * once, oldest first. For things that are rare, where one word is enough.
 */

#include <stdbool.h>
#include <stddef.h>

#include "sync/atomic.h"
#include "sync/injector.h"

struct bsti_inbox {
    struct bsti_link *_Atomic newest; /* NULL: empty */
};

/** Makes an empty inbox. */
static inline void bsti_inbox_init(struct bsti_inbox *inbox)
{
    bsti_atomic_init(&inbox->newest, NULL);
}

/**
 * Puts `link` in. Thread: any.
 *
 * Returns whether the inbox was empty: the caller wakes the owner then.
 */
static inline bool bsti_inbox_push(struct bsti_inbox *inbox,
                                   struct bsti_link *link)
{
    /* relaxed: the compare-and-swap checks it */
    struct bsti_link *newest = bsti_load_relaxed(&inbox->newest);

    do {
        link->next = newest;
        /* seq_cst: the release pairs with the exchange in take_all; the total
         * order lets "push; look for sleepers" rely on is_empty */
    } while (!bsti_cas_weak_seq_cst(&inbox->newest, &newest, link));
    return newest == NULL;
}

/** Returns whether it is empty. Thread: any. */
static inline bool bsti_inbox_is_empty(struct bsti_inbox *inbox)
{
    /* seq_cst: an owner that is about to sleep looks here after it said so */
    return bsti_load_seq_cst(&inbox->newest) == NULL;
}

/**
 * Takes everything: a chain by `next`, oldest first, ended by NULL.
 *
 * Thread: owner.
 */
static inline struct bsti_link *bsti_inbox_take_all(struct bsti_inbox *inbox)
{
    struct bsti_link *oldest = NULL;
    struct bsti_link *link;

    /* relaxed: a look that does not take the line from the producers */
    if (bsti_load_relaxed(&inbox->newest) == NULL) {
        return NULL;
    }
    /* acquire: pairs with the release of every push since the last time, as
     * each push continues the release sequence of the one before */
    link = bsti_xchg_acquire(&inbox->newest, NULL);
    while (link != NULL) {
        struct bsti_link *older = link->next;

        link->next = oldest;
        oldest = link;
        link = older;
    }
    return oldest;
}

#endif
