#ifndef BST_ACTOR_CRASH_H
#define BST_ACTOR_CRASH_H

/*
 * Telling people of failures, each once, within the ration of its system.
 *
 * What only the failed process knows, its frames, is noted when it fails; the
 * report is sent by whoever decides what becomes of it.
 */

#include <stdint.h>

#include "actor/actor.h"

struct bsti_trap;

/**
 * Notes where a handler has failed, if that is to be shown: `trap`, or the
 * caller's frames if it is NULL. Thread: that of the handler.
 */
void bsti_crash_note(struct bsti_actor *actor, struct bsti_fault *fault,
                     const struct bsti_trap *trap);

/**
 * Reports a failure, unless that was done or it is not to be shown. `decision`
 * says what the supervisor at `path` makes of it; NULL: nothing.
 * Thread: the holder.
 */
void bsti_crash_send(struct bsti_actor *actor, struct bsti_fault *fault,
                     const char *how, const char *path, const char *decision);

/** Reports that a cleanup has failed. As bsti_crash_note(). */
void bsti_crash_in_cleanup(struct bsti_actor *actor, const char *text,
                           const struct bsti_trap *trap);

/** Returns the name of a message; NULL: it is unknown. */
const char *bsti_crash_kind(const struct bst_app *app, uint32_t kind);

/** Reports something that is no failure of a handler: the end of a child. */
void bsti_crash_send_end(struct bst_system *system, struct bsti_hush *hush,
                         struct bsti_report *report);

/** Says how many of which were not shown. Thread: any. */
void bsti_crash_tell_hushed(struct bst_system *system);

#endif
