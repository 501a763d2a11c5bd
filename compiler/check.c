/*
 * The order of the checks. It decides nothing but the order of findings at
 * one and the same position.
 */

#include "check.h"

void bstc_check(struct bstc_program *program)
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
    bstc_check_block(program);
    bstc_check_collisions(program);
}
