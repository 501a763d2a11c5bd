#ifndef BSTC_PARSE_H
#define BSTC_PARSE_H

/*
 * Source text to syntax tree.
 *
 * Threads: as the context.
 */

#include <stdio.h>

#include "ast.h"
#include "context.h"

/**
 * Parses one source file.
 *
 * Returns the tree, never NULL. Mistakes are reported to context->diags, and
 * the tree then holds what could be understood; compare diags.errors before
 * and after. Imports are listed in the tree and not followed.
 */
struct bstc_ast_file *bstc_parse(struct bstc_context *context,
                                 const struct bstc_source *source);

/** Prints one line per token, for --emit=tokens; mistakes are reported. */
void bstc_tokens_print(struct bstc_context *context,
                       const struct bstc_source *source, FILE *out);

/**
 * Returns the word that `word`, at the beginning of a statement, was perhaps
 * meant to be, or NULL. `block` is the kind of word that began the block:
 * BSTC_TOKEN_EOF at the top of a file.
 */
const char *bstc_nearest_statement(int block, const char *word);

#endif
