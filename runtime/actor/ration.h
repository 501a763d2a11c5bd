#ifndef BST_ACTOR_RATION_H
#define BST_ACTOR_RATION_H

/*
 * How many failures of a system are reported: so many in any second, and the
 * others are counted, exactly, by where they were.
 *
 * Thread: any; the lock is held for a few dozen instructions.
 */

#include <stdbool.h>
#include <stdint.h>

#include <bastion/topology.h>

#include "sync/spin.h"

enum { BSTI_RATION = 10 /* in any second */ };

/** What of one group, or supervisor, was not shown. Under the lock. */
struct bsti_hush {
    struct bsti_hush *next; /* in the list of those that have some */
    const char *path;       /* of it; constant */
    uint64_t count;
    bool is_listed;
};

struct bsti_ration {
    struct bsti_spin lock;
    bst_time last[BSTI_RATION]; /* when some were shown; a ring */
    uint32_t shown;             /* entries of it that are used */
    uint32_t at;                /* the oldest of them, once all are */
    struct bsti_hush *hushed;
};

/** All zero but for the lock. */
void bsti_ration_init(struct bsti_ration *ration);

/** Returns whether one more is shown; if not, `hush` counts it. */
bool bsti_ration_take(struct bsti_ration *ration, struct bsti_hush *hush,
                      bst_time now);

/** Returns what `hush` has counted since the last call, which is forgotten. */
uint64_t bsti_ration_collect(struct bsti_ration *ration,
                             struct bsti_hush *hush);

/** As bsti_ration_collect() for one that has counted something; NULL: none. */
struct bsti_hush *bsti_ration_next(struct bsti_ration *ration, uint64_t *count);

#endif
