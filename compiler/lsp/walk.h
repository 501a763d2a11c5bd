#ifndef BSTC_LSP_WALK_H
#define BSTC_LSP_WALK_H

/*
 * Walks over everything that a supervisor holds, at any depth, without
 * recursion: a member comes before what is in it.
 *
 *     bstc_walk_init(&walk, supervisor);
 *     while ((member = bstc_walk_next(&walk)) != NULL)
 *         ... member, walk.level ...
 *
 * Threads: any.
 */

#include "ast.h"
#include "scope.h"

struct bstc_walk {
    /* What comes next on each level, the supervisor's own members first. */
    const struct bstc_ast_member *next[BSTC_MAX_DEPTH + 1];
    uint32_t depth;
    uint32_t level; /* of the last member; 0: of the supervisor itself */
};

static inline void bstc_walk_init(struct bstc_walk *walk,
                                  const struct bstc_ast_supervisor *supervisor)
{
    walk->next[0] = supervisor->members;
    walk->depth = 1;
    walk->level = 0;
}

/** Returns the next member, or NULL. What is nested too deep is left out. */
static inline const struct bstc_ast_member *
bstc_walk_next(struct bstc_walk *walk)
{
    const struct bstc_ast_member *member;

    while (walk->depth > 0 && !walk->next[walk->depth - 1])
        walk->depth--;
    if (walk->depth == 0)
        return NULL;
    walk->level = walk->depth - 1;
    member = walk->next[walk->level];
    walk->next[walk->level] = member->next;
    if (member->kind == BSTC_AST_MEMBER_SUPERVISOR &&
        walk->depth <= BSTC_MAX_DEPTH)
        walk->next[walk->depth++] = member->supervisor->members;
    return member;
}

#endif
