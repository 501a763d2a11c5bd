#ifndef BSTC_CONTEXT_H
#define BSTC_CONTEXT_H

/*
 * What all stages of one compilation share.
 *
 * Threads: one.
 */

#include "arena.h"
#include "diag.h"
#include "intern.h"
#include "source.h"

struct bstc_context {
    struct bstc_arena arena;     /* owns everything below */
    struct bstc_intern names;    /* every identifier */
    struct bstc_sources sources; /* every file */
    struct bstc_diags diags;     /* everything the user will be told */
};

/** Makes an empty context in the caller's memory; it must not be moved. */
void bstc_context_init(struct bstc_context *context);

/** Releases all memory of the compilation. */
void bstc_context_fini(struct bstc_context *context);

#endif
