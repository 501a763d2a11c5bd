#ifndef BSTC_LSP_TOKENS_H
#define BSTC_LSP_TOKENS_H

/*
 * The legend of semantic tokens.
 *
 * Threads: one.
 */

/** The legend, each list ended by NULL. */
extern const char *const bstc_token_types[];
extern const char *const bstc_token_modifiers[];

#endif
