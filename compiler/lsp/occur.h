#ifndef BSTC_LSP_OCCUR_H
#define BSTC_LSP_OCCUR_H

/*
 * All places where the name at a position stands, in all open programs: a
 * file that several programs import is looked at in each of them.
 *
 * Threads: one.
 */

#include "lsp/space.h"

struct bstc_occurrence {
    struct bstc_unit *unit;
    struct bstc_span span; /* in that unit */
    const char *real;      /* path of the file */
    bool declares;
};

struct bstc_occurrences {
    struct bstc_occurrence *items; /* by file and position, each once */
    uint32_t count;
    uint32_t capacity;
    struct bstc_arena *arena;
};

/**
 * Finds the places of the name at the view's position, if there is one; with
 * those in names of C that are made of it, if `with_c`.
 */
void bstc_occurrences_init(struct bstc_occurrences *found,
                           const struct bstc_view *view, bool with_c);

/** Returns the address of the file of a place. */
const char *bstc_occurrence_uri(const struct bstc_view *view,
                                const struct bstc_occurrence *place);

/** Returns the range of a place. */
struct bstc_lsp_range
bstc_occurrence_range(const struct bstc_view *view,
                      const struct bstc_occurrence *place);

#endif
