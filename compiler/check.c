/*
 * The order of the checks. It decides nothing but the order of findings at
 * one and the same position; and what is said of the topology as a whole
 * waits until its parts are right, because a name that is wrong would show
 * again as something that nobody reaches.
 */

#include "check.h"

#include <string.h>

/* What is only not supported yet, and a warning that the user has made an
 * error, are no such mistakes. */
static bool is_sound(const struct bstc_diags *diags)
{
    if (diags->count == BSTC_DIAG_MAX_KEPT)
        return diags->errors == 0;
    for (uint32_t i = 0; i < diags->count; i++) {
        const struct bstc_diag *diag = diags->items[i];

        if (diag->severity == BSTC_ERROR && diag->code[0] == 'E' &&
            strcmp(diag->code, "E0900") != 0)
            return false;
    }
    return true;
}

static void check_parts(struct bstc_program *program)
{
    bstc_check_names(program);
    bstc_check_case(program);
    bstc_check_fields(program);
    bstc_check_sizes(program);
    bstc_check_messages(program);
    bstc_check_tree(program);
    bstc_check_hooks(program);
    bstc_check_significant(program);
    bstc_check_dynamic(program);
    bstc_check_collisions(program);
}

static void check_whole(const struct bstc_program *program)
{
    struct bstc_topo topo;
    struct bstc_waits waits;

    bstc_topo_init(&topo, program);
    bstc_waits_init(&waits, &topo);
    bstc_check_asks(&topo);
    bstc_check_block(&topo);
    bstc_check_deadlines(&waits);
    bstc_check_boot(&waits);
    bstc_check_order(&topo);
    bstc_check_border(&topo);
    bstc_check_budgets(&topo);
    bstc_check_reach(&waits);
    bstc_check_streams(&topo);
    bstc_check_memory(&topo);
    bstc_check_cluster(&topo);
}

void bstc_check(struct bstc_program *program)
{
    check_parts(program);
    if (is_sound(&program->context->diags))
        check_whole(program);
}
