#ifndef BSTC_AST_PRINT_H
#define BSTC_AST_PRINT_H

/*
 * The syntax tree as text, for --emit=ast and for tests.
 */

#include <stdio.h>

#include "ast.h"
#include "source.h"

/** Prints the tree, one node per line, indented by depth. */
void bstc_ast_print(const struct bstc_ast_file *file,
                    const struct bstc_sources *sources, FILE *out);

#endif
