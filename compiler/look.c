/*
 * The model numbers supervisors when it leaves them, the program when it
 * enters them; a walk finds one by the other.
 */

#include "look.h"

#include <string.h>

#include "lower_tree.h"
#include "tree_walk.h"

void bstc_look_init(struct bstc_look *look, const struct bstc_program *program)
{
    struct bstc_tree_walk walk;
    uint32_t left = 0;

    memset(look, 0, sizeof *look);
    look->program = program;
    bstc_topo_init(&look->topo, program);
    bstc_lower_tree(program, &look->model);
    look->supervisors =
        bstc_arena_array(&program->context->arena,
                         (size_t)program->nsupervisors + 1, sizeof(uint32_t));
    bstc_tree_walk_init(&walk, program);
    while (bstc_tree_walk_next(&walk)) {
        if (walk.step == BSTC_STEP_LEAVE)
            look->supervisors[walk.index] = left++;
    }
}

const struct bstc_supervisor *bstc_look_supervisor(const struct bstc_look *look,
                                                   uint32_t supervisor)
{
    return &look->model.supervisors[look->supervisors[supervisor]];
}
