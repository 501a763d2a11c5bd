#ifndef BSTC_LSP_SPACE_H
#define BSTC_LSP_SPACE_H

/*
 * The open documents and the programs that they belong to.
 *
 * A unit is one program: a root file and what it imports, compiled as far as
 * the checks. It has an arena of its own, which goes when a change makes the
 * unit stale; so memory is bounded by what is open. Units are made when they
 * are asked for, not when a document changes, so that many changes in a row
 * cost one compilation.
 *
 * Threads: one.
 */

#include "cli/options.h"
#include "lsp/docs.h"
#include "lsp/index.h"

/** A compiled program. */
struct bstc_unit {
    const char *root; /* path of the root file */
    struct bstc_context context;
    struct bstc_program program;
    struct bstc_index index; /* made on demand */
    const char **reals;      /* path of each source without links */
    bool is_compiled;        /* the members above hold something */
    bool is_fresh;           /* nothing has changed since */
    bool is_published;
    bool is_wanted; /* some open document belongs to it */
    bool is_broken; /* a file could not be read or understood */
    bool has_index;
    struct bstc_unit *next;
};

struct bstc_space {
    const struct bstc_options *options;
    struct bstc_documents docs;
    struct bstc_unit *units;
    struct bstc_texts folders; /* that the client has opened, without links */
    enum bstc_units encoding;
    uint32_t edition; /* changes when files appear, go, or import others */
    bool is_stale;    /* units must be looked at before they are used */
};

/** What a request is about: a place in a document and its program. */
struct bstc_view {
    struct bstc_space *space;
    struct bstc_document *doc;
    struct bstc_unit *unit;
    const struct bstc_index *index;
    const struct bstc_source *source; /* the document within the unit */
    struct bstc_arena *arena;         /* lives as long as the request */
    uint32_t file;                    /* number of that source */
    uint32_t offset;
};

/** Makes a space without documents; the options are borrowed. */
void bstc_space_init(struct bstc_space *space,
                     const struct bstc_options *options);

/** Closes everything. */
void bstc_space_fini(struct bstc_space *space);

/** Says that the text of a document has changed. */
void bstc_space_changed(struct bstc_space *space, struct bstc_document *doc);

/** Says that documents were opened or closed, or files have changed. */
void bstc_space_reordered(struct bstc_space *space);

/** Compiles whatever is stale, and drops units that nobody needs. */
void bstc_space_refresh(struct bstc_space *space);

/** Returns the number of the file `real` in a unit, or BSTC_NO_FILE. */
uint32_t bstc_unit_file(const struct bstc_unit *unit, const char *real);

/** Returns the index of a compiled unit. */
const struct bstc_index *bstc_unit_index(struct bstc_unit *unit);

/** Returns the address of a source of a unit, as the client knows it. */
const char *bstc_space_uri(const struct bstc_space *space,
                           const struct bstc_unit *unit, uint32_t file,
                           struct bstc_arena *arena);

/** Fills a view of `doc`; false if it belongs to no program. */
bool bstc_view_init(struct bstc_view *view, struct bstc_space *space,
                    struct bstc_document *doc, struct bstc_arena *arena);

/** Returns the range of a span in the unit of a view. */
struct bstc_lsp_range bstc_view_range(const struct bstc_view *view,
                                      struct bstc_span span);

/** Makes the location of a span. */
cJSON *bstc_view_location(const struct bstc_view *view, struct bstc_span span);

#endif
