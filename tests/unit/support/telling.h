#ifndef BST_TESTS_SUPPORT_TELLING_H
#define BST_TESTS_SUPPORT_TELLING_H

/*
 * Callbacks that write lines into the record of their rig, and fail on demand.
 *
 * A line is "before_start a#1 none": which callback, who and the incarnation,
 * and how it ended. Members of a group called "kids" are "kid".
 */

#include "unit/support/rig.h"

/** All five callbacks, and those two that stand in for others. */
extern const struct bst_callbacks telling_all;
extern const struct bst_callbacks telling_few;

/** Has the next `times` calls of `name` fail: with a status, or by a fault if
 * that is BST_OK. NULL: none. */
void telling_fails(const char *name, bst_status status, uint32_t times);

/** Writes the line for an event. */
bst_status telling_note(const struct bst_event *event, const char *name);

#endif
