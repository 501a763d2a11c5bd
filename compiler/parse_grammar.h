#ifndef BSTC_PARSE_GRAMMAR_H
#define BSTC_PARSE_GRAMMAR_H

/*
 * The generated parser, as parse.c drives it.
 *
 * The prototypes with capitals are lemon's own; the others are written at
 * the end of bst.y, where the parser's tables are in sight.
 */

#include <stdbool.h>
#include <stddef.h>

#include "token.h"

struct bstc_builder;

/** Prepares a parser in bstc_parser_size() bytes of the caller's memory. */
void bstc_parserInit(void *parser, struct bstc_builder *builder);

/** Empties the stack of a parser. */
void bstc_parserFinalize(void *parser);

/** Hands over the next token; it must be acceptable. */
void bstc_parser(void *parser, int kind, struct bstc_token token);

/** Returns the size of a parser. */
size_t bstc_parser_size(void);

/**
 * Returns whether these kinds of tokens can follow, one after the other. The
 * parse is simulated beside the real stack up to the shift of each token, so
 * default reductions do not blur the answer.
 */
bool bstc_parser_accepts(const void *parser, const int *kinds, unsigned count);

/** As before for one token, which must not be taken for its fallback: the
 * word `every` used as a name is no expectation of `every`. */
bool bstc_parser_expects(const void *parser, int kind);

/**
 * Gives up the statement that `token` made impossible: completes what is
 * complete, drops the rest and enters the error state of the innermost list.
 * Returns false if there is none, which ends the parse.
 */
bool bstc_parser_panic(void *parser, const struct bstc_token *token);

#endif
