/*
 * A walk with a stack of its own: trees are as deep as the lexer allows
 * braces to be.
 */

#include "tree_walk.h"

void bstc_tree_walk_init(struct bstc_tree_walk *walk,
                         const struct bstc_program *program)
{
    walk->program = program;
    walk->top = 0;
    walk->open = 0;
}

static bool enter(struct bstc_tree_walk *walk, uint32_t index, bool is_last)
{
    walk->step = BSTC_STEP_ENTER;
    walk->index = index;
    walk->depth = walk->open;
    walk->is_last = is_last;
    walk->path[walk->open] = index;
    walk->next[walk->open++] = 0;
    return true;
}

static bool enter_top(struct bstc_tree_walk *walk)
{
    const struct bstc_program *program = walk->program;

    while (walk->top < program->nsupervisors) {
        uint32_t index = walk->top++;

        if (program->supervisors[index].parent == BSTC_NONE)
            return enter(walk, index, true);
    }
    return false;
}

bool bstc_tree_walk_next(struct bstc_tree_walk *walk)
{
    const struct bstc_sym_supervisor *supervisor;
    const struct bstc_child *child;
    uint32_t at;

    if (walk->open == 0)
        return enter_top(walk);
    supervisor = &walk->program->supervisors[walk->path[walk->open - 1]];
    at = walk->next[walk->open - 1]++;
    if (at == supervisor->nchildren) {
        walk->step = BSTC_STEP_LEAVE;
        walk->index = walk->path[--walk->open];
        walk->depth = walk->open;
        return true;
    }
    child = &supervisor->children[at];
    if (child->supervisor != BSTC_NONE)
        return enter(walk, child->supervisor, at + 1 == supervisor->nchildren);
    walk->step = BSTC_STEP_GROUP;
    walk->index = child->group;
    walk->depth = walk->open;
    walk->is_last = at + 1 == supervisor->nchildren;
    return true;
}
