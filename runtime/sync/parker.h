#ifndef BST_SYNC_PARKER_H
#define BST_SYNC_PARKER_H

/*
 * Sleep and wake for one thread: a parker holds at most one token. park waits
 * for the token and takes it, unpark puts it there; an unpark before the park
 * is not lost, and several count as one.
 */

#include <stdbool.h>
#include <stdint.h>

#include <bastion/topology.h>

#include "sync/atomic.h"

struct bsti_parker {
    _Atomic uint32_t state; /* BSTI_PARKER_* in parker.c */
};

/** Makes a parker without a token. */
void bsti_parker_init(struct bsti_parker *parker);

/**
 * Waits for the token, at most `timeout` ns (relative; BST_INFINITE: no limit;
 * 0 or less: does not wait), and takes it.
 *
 * Thread: one at a time.
 * Returns whether there was one. What happened before the unpark is visible.
 */
bool bsti_parker_park(struct bsti_parker *parker, bst_time timeout);

/** Returns whether the token is there. Thread: any; a hint. */
bool bsti_parker_has_token(const struct bsti_parker *parker);

/**
 * Puts the token there and wakes who waits.
 *
 * Thread: any.
 * Returns whether a sleeping thread had to be woken.
 */
bool bsti_parker_unpark(struct bsti_parker *parker);

#endif
