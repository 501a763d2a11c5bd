#ifndef BST_ACTOR_FOREIGN_H
#define BST_ACTOR_FOREIGN_H

/*
 * Threads that wait without being a worker: foreign ones, and those of the
 * blocking pool.
 *
 * A foreign thread borrows a waiter from the system, because its own stack may
 * be gone when a late answer looks at the wait word.
 */

#include "actor/overflow.h"
#include "proc/wait.h"

struct bsti_foreign {
    struct bsti_waiter waiter;
    struct bsti_sending sending;
    struct bsti_foreign *next_free;
    struct bsti_foreign *next_all;
};

/** Borrows one. NULL: no memory. */
struct bsti_foreign *bsti_foreign_acquire(struct bst_system *system);
void bsti_foreign_release(struct bst_system *system,
                          struct bsti_foreign *foreign);

/** Returns the time `within` from now, on the clock of the system. */
bst_time bsti_thread_deadline(struct bst_system *system, bst_time within);

/**
 * Blocks this thread until the wait `seq` has a result, which is `late` at
 * the time `due`.
 */
void bsti_thread_wait(struct bst_system *system, struct bsti_waiter *waiter,
                      uint64_t seq, bst_time due, bst_status late);

/**
 * A thread that is no worker begins and ends a call that sends; the system
 * waits for such calls before it is freed. False: the thread must not begin it
 * (see exec/oust.h), which is as if nobody were there.
 */
BST_MUST_USE bool bsti_foreign_enter(struct bst_system *system);
void bsti_foreign_leave(struct bst_system *system);
void bsti_foreign_wait(struct bst_system *system);

/** Frees the askers of foreign threads. */
void bsti_foreign_fini(struct bst_system *system);

#endif
