#ifndef BSTC_DIAG_EXCERPT_H
#define BSTC_DIAG_EXCERPT_H

/*
 * Source text on a terminal: what is shown of a line, and in which column.
 *
 * Everything that comes from a file or a file name is printed through
 * bstc_show_text(), which escapes what could upset a terminal; its result is
 * the column, so carets stand right whatever was printed.
 *
 * Threads: any.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/** The part of a line that is shown; long lines are cut around a place. */
struct bstc_excerpt {
    const char *text;
    size_t length;
    size_t cut;   /* bytes left out before it */
    bool cut_end; /* something was left out behind it */
};

/**
 * Prints `length` bytes that begin at display column `column` (from 0) and
 * returns the column behind them; with `out` NULL it only measures.
 */
unsigned bstc_show_text(FILE *out, const char *text, size_t length,
                        unsigned column);

/** Returns what is shown of a line so that byte `around` is seen. */
struct bstc_excerpt bstc_excerpt_of(const char *text, size_t length,
                                    size_t around);

/** Returns the display column, inside the excerpt, of byte `at` of the line. */
unsigned bstc_excerpt_column(const struct bstc_excerpt *cut, size_t at);

#endif
