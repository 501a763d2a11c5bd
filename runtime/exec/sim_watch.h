#ifndef BST_EXEC_SIM_WATCH_H
#define BST_EXEC_SIM_WATCH_H

/*
 * A thread that looks at the real clock while a simulation runs.
 *
 * In a simulation a handler that blocks its thread stops everything. The watch
 * notices one that neither returns nor computes for a second, and ends the
 * program: a run that depends on the world outside cannot be repeated.
 */

#include <stdbool.h>

#include <bastion/attr.h>

#include "plat/thread.h"
#include "sync/atomic.h"

struct bsti_worker;

struct bsti_sim_watch {
    struct bsti_thread thread;          /* the watch's */
    struct bsti_thread host;            /* whom it watches */
    struct bsti_worker *_Atomic inside; /* whose turn it is, or NULL */
    _Atomic uint32_t entries;           /* turns begun; wraps */
    _Atomic uint32_t ended;             /* a futex */
};

/** Begins to watch the calling thread. Returns 0 or a negative errno value. */
BST_MUST_USE int bsti_sim_watch_start(struct bsti_sim_watch *watch);
void bsti_sim_watch_stop(struct bsti_sim_watch *watch);

static inline void bsti_sim_watch_enter(struct bsti_sim_watch *watch,
                                        struct bsti_worker *worker)
{
    /* release: pairs with the acquire of the watch. One writer, so a load and
     * a store are enough. */
    bsti_store_relaxed(&watch->entries, bsti_load_relaxed(&watch->entries) + 1);
    bsti_store_release(&watch->inside, worker);
}

static inline void bsti_sim_watch_leave(struct bsti_sim_watch *watch)
{
    bsti_store_release(&watch->inside, NULL);
}

#endif
