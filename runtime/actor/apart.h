#ifndef BST_ACTOR_APART_H
#define BST_ACTOR_APART_H

/*
 * Handlers that are not where their process is: those on the blocking pool
 * (offload.c), and those that were left behind (orphan.c); and the locks that
 * handlers hold (lock.c).
 */

#include "actor/actor.h"

/* ---- on the blocking pool (offload.c) ------------------------------------ */

/**
 * Hands the process to the blocking pool, whose thread calls the handler and
 * makes the process ready again. Returns false without memory.
 */
bool bsti_offload_start(struct bsti_actor *actor, const struct bst_msg *message,
                        void *answer);

/** As bsti_offload_finish() for one that was torn off: the job, to be freed,
 * with the answer's node in the actor. */
struct bsti_offload *bsti_offload_drop(struct bsti_actor *actor);
void bsti_offload_free(struct bst_system *system, struct bsti_offload *offload);

/** Whether this thread of the pool runs a handler that was killed. */
bool bsti_offload_is_killed(void);

/** Takes the result of such a handler. */
bst_status bsti_offload_finish(struct bsti_actor *actor);

/** Throws away the frames of a handler on this thread of the pool. */
_Noreturn void bsti_offload_abandon(struct bsti_actor *actor);

/* ---- left behind (orphan.c) ---------------------------------------------- */

/**
 * Tries to take a killed process away from a handler that hangs: then it ends
 * like any other, and its next incarnation gets a state of its own. Returns
 * false if that cannot be tried. bsti_actor_untear() must follow: it returns
 * whether the handler still has the process. Thread: the supervisor.
 */
bool bsti_actor_tear(struct bsti_actor *actor);
bool bsti_actor_untear(struct bsti_actor *actor);

/** Ends the incarnation of such a process, in its turn. */
void bsti_actor_torn(struct bsti_actor *actor);

/** What is left of a handler has come back on a thread of the blocking pool. */
void bsti_orphan_bury(struct bsti_proc *remnant);

/** Frees what is noted for a child that has no incarnation. */
void bsti_orphan_forget(struct bsti_record *record);

/** For calls of a thread that must not touch anything: a fork() of a handler
 * ends, what is left of an orphan stays where it is. */
_Noreturn void bsti_barred_end(void);

/* ---- locks (lock.c) ------------------------------------------------------ */

/** Forgets which locks their owners left behind; see lock.c. */
void bsti_locks_fini(struct bst_system *system);

/** Gives the locks of a handler that has failed back. Thread: that of the
 * handler. */
void bsti_locks_abandon(struct bsti_actor *actor);

/** Whether the process has a lock of bst_lock(). Thread: the holder. */
bool bsti_holds_lock(const struct bsti_actor *actor);

#endif
