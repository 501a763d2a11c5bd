#ifndef BSTC_FMT_H
#define BSTC_FMT_H

/*
 * The canonical layout of a .bst file.
 *
 * Layout is decided from the tokens, the comments between them, and where
 * the author broke lines; nothing is decided from what names mean. So a file
 * with mistakes is formatted too, unless its syntax is wrong.
 *
 * Invariants, which are checked on every result before it is given out:
 *   - tokens and comments are the same ones in the same order;
 *   - C between braces is moved as a whole and not changed.
 *
 * Threads: as the context.
 */

#include "context.h"
#include "emit_out.h"

/** A line of code should not be longer; comments and C may be. */
#define BSTC_FORMAT_COLUMNS 100

enum bstc_format_result {
    BSTC_FORMAT_DONE,
    BSTC_FORMAT_REFUSED, /* the syntax is wrong; reported to the context */
    BSTC_FORMAT_BROKEN   /* the result would not be the same program: a
                            mistake of ours */
};

/**
 * Appends the canonical text of `source` to `out`, which must be empty. The
 * source is parsed for it, and what is wrong with it is reported to the
 * diagnostics of the context. A byte order mark is kept, and so are line ends
 * with CR LF if the first line has one. Nothing is appended unless the
 * result is BSTC_FORMAT_DONE.
 */
enum bstc_format_result bstc_format(struct bstc_context *context,
                                    const struct bstc_source *source,
                                    struct bstc_out *out);

#endif
