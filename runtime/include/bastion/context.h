#ifndef BST_CONTEXT_H
#define BST_CONTEXT_H

/*
 * Calls that make sense only inside a handler. `self` is the state pointer
 * that the handler was given.
 *
 * Thread: the one that runs the handler.
 */

#include <bastion/message.h>

BST_BEGIN_DECLS

/** Ends the handler as a failure with a message; does not return. */
BST_NORETURN BST_API void bst_panic(void *self, const char *format, ...)
    BST_PRINTF(2, 3);

/** Asks the whole system to stop in order; returns at once. */
BST_API void bst_stop_system(void *self);

/** Returns the time of the system's clock; monotonic. */
BST_API bst_time bst_now(void *self);

/** Suspends the handler for at least `duration`. Stop requests wait for it. */
BST_API void bst_sleep(void *self, bst_time duration);

/** Lets other processes run; the handler goes on afterwards. */
BST_API void bst_yield(void *self);

/**
 * Returns 64 random bits of this process's own sequence. BASTION_SEED fixes
 * it: then it depends only on the seed, the child and its incarnation.
 */
BST_API uint64_t bst_random(void *self);

/** Returns the reference of this process; a restart does not change it. */
BST_API bst_ref bst_self(void *self);

/** Returns the reference of this incarnation; BST_DEAD once it has ended. */
BST_API bst_ref bst_self_incarnation(void *self);

/** Returns who sent the message being handled; all zero if nobody did. */
BST_API bst_ref bst_sender(void *self);

/** Returns the system this process lives in. */
BST_API struct bst_system *bst_system_of(void *self);

/**
 * Returns the place of this process in its group, from 0. In a dynamic group
 * it is a number that no other living member has, and may exceed `max`.
 */
BST_API uint32_t bst_index(void *self);

/** Returns how often this child was restarted before: 0 for the first. */
BST_API uint64_t bst_incarnation(void *self);

/** Writes the path, such as "/root/workers/3", and returns its length. */
BST_API size_t bst_path(void *self, char *buffer, size_t size);

/**
 * Returns whether this process is asked to stop. In a `blocking` handler system
 * calls return EINTR then, so that it can look.
 */
BST_API bool bst_stopping(void *self);

/** Gives the program's own arguments: the non-flags and all after "--". */
BST_API void bst_args(void *self, int *argc, char ***argv);

/**
 * Allocates memory that lives until this incarnation ends, 16-aligned and
 * zeroed. Never returns NULL: the handler fails with BST_NOMEM instead.
 */
BST_API void *bst_alloc(void *self, size_t size);

/** Gives memory of bst_alloc() back early. NULL is allowed. */
BST_API void bst_free(void *self, void *memory);

/**
 * Has `fn(arg)` called when this incarnation ends, however it ends; the last
 * registered is called first. It must not suspend. One that does not return is
 * left when the process is killed, and those after it are called.
 */
BST_API void bst_defer(void *self, void (*fn)(void *arg), void *arg);

/**
 * Starts a child of a dynamic group and waits until it is up: until its
 * `on start` has returned. The handler is suspended meanwhile.
 *
 * Ownership: `args` (NULL exactly if the actor has none) is copied before
 * anything else happens; the child has the copy until it is removed.
 * `*ref`, unless `ref` is NULL, is written only when the result is BST_OK. A
 * restart of the child does not change it.
 *
 * Errors: BST_FULL (`max` children exist), BST_FAILED (its start failed),
 * BST_REFUSED (its `on start` returned BST_STOP), BST_DEAD (the supervisor of
 * the group has ended), BST_STOPPING (it is being stopped), BST_NOMEM,
 * BST_INVALID (no dynamic group of this system, or a call from a cleanup).
 */
BST_API bst_status bst_group_spawn(void *self, const struct bst_group *group,
                                   const void *args, bst_ref *ref);

/** Default case of generated handler tables: counts and reports `in`. */
BST_API bst_status bst_unhandled(void *self, const struct bst_msg *in);

/** Sends to whoever sent the message being handled. */
BST_API bst_status bst_reply(void *self, uint32_t kind, const void *body,
                             size_t size);

BST_END_DECLS

#endif
