#ifndef BSTC_EXPLAIN_H
#define BSTC_EXPLAIN_H

/*
 * What each code of a diagnostic means.
 *
 * The pages are the files compiler/explain/CODE.md, made into a table when
 * the compiler is built. Every code that is reported has one.
 *
 * Threads: any.
 */

#include <stdint.h>
#include <stdio.h>

#include "arena.h"

struct bstc_options;

struct bstc_page {
    const char *code;         /* "E0201" */
    const char *title;        /* "a name that is not declared" */
    const char *const *lines; /* of the page in Markdown, up to NULL */
};

/** All pages, sorted by code, up to one whose code is NULL. */
extern const struct bstc_page bstc_pages[];

/** Returns the page of a code in capitals or not, or NULL. */
const struct bstc_page *bstc_explain_find(const char *code);

/** Returns the code that comes nearest to a word, or NULL. */
const char *bstc_explain_nearest(struct bstc_arena *arena, const char *word);

/** Prints a page as people read it on a terminal. */
void bstc_explain_print(const struct bstc_page *page, FILE *out);

/** Runs `explain` with what the options name. Returns the exit status. */
int bstc_explain(const struct bstc_options *options);

#endif
