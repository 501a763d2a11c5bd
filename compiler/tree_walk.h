#ifndef BSTC_TREE_WALK_H
#define BSTC_TREE_WALK_H

/*
 * A walk over supervision trees, in the order of starting.
 *
 *     bstc_tree_walk_init(&walk, program);
 *     while (bstc_tree_walk_next(&walk))
 *         switch (walk.step) ...
 *
 * Threads: as the context.
 */

#include "scope.h"

enum bstc_tree_step {
    BSTC_STEP_ENTER, /* a supervisor, before what it holds */
    BSTC_STEP_GROUP,
    BSTC_STEP_LEAVE /* a supervisor, after it */
};

struct bstc_tree_walk {
    const struct bstc_program *program;
    enum bstc_tree_step step;
    uint32_t index; /* of the supervisor or group */
    uint32_t depth; /* of it: 0 at the top */
    bool is_last;   /* nothing follows it at its supervisor */

    uint32_t top;                      /* next supervisor without a parent */
    uint32_t open;                     /* supervisors that are entered */
    uint32_t path[BSTC_MAX_DEPTH + 1]; /* these, and the child of each */
    uint32_t next[BSTC_MAX_DEPTH + 1]; /* that comes next */
};

/** Begins a walk over all trees of a resolved program. */
void bstc_tree_walk_init(struct bstc_tree_walk *walk,
                         const struct bstc_program *program);

/** Goes on; returns false at the end. */
bool bstc_tree_walk_next(struct bstc_tree_walk *walk);

#endif
