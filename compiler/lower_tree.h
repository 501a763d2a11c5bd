#ifndef BSTC_LOWER_TREE_H
#define BSTC_LOWER_TREE_H

/*
 * The supervision tree with all settings resolved; a part of lowering.
 */

#include "scope.h"

/** Fills groups and supervisors of the model. */
void bstc_lower_tree(const struct bstc_program *program,
                     struct bstc_model *model);

/** Fills the user's C text; in lower.c. */
void bstc_lower_raw(const struct bstc_program *program,
                    const struct bstc_ast_raw *ast, struct bstc_raw *raw);

#endif
