#ifndef BST_LOCK_H
#define BST_LOCK_H

/*
 * Locks that a handler does not keep when it fails.
 *
 * A plain mutex stays locked when the handler that holds it fails or is killed.
 * One that was locked here is unlocked then, and the next owner learns that
 * what it guards may be half done. Better still, let an actor own what is
 * shared.
 */

#include <pthread.h>

#include <bastion/attr.h>
#include <bastion/status.h>

BST_BEGIN_DECLS

/**
 * Locks the mutex, which blocks the thread. The mutex is of the default kind
 * and outlives the system. The handler must not wait (ask, sleep, yield) while
 * it holds it: debug builds end it as a failure.
 *
 * Errors: BST_FAILED: it is locked, but who held it before has failed. That is
 * said once. BST_INVALID: the handler has it already, or it is no mutex;
 * BST_DEAD: the process was killed meanwhile; a lack of memory is the handler's
 * failure, with the mutex unlocked.
 */
BST_API BST_MUST_USE bst_status bst_lock(void *self, pthread_mutex_t *mutex);

/** Unlocks it. BST_INVALID: this process has not locked it. */
BST_API bst_status bst_unlock(void *self, pthread_mutex_t *mutex);

BST_END_DECLS

#endif
