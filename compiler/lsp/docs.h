#ifndef BSTC_LSP_DOCS_H
#define BSTC_LSP_DOCS_H

/*
 * The documents that the client has open. Their texts stand in for files.
 *
 * A document is a source of its own set and arena, which an edit replaces as
 * a whole; so memory is bounded by what is open.
 *
 * Threads: one.
 */

#include <cjson/cJSON.h>

#include "cli/options.h"
#include "lsp/position.h"
#include "source.h"

struct bstc_document {
    struct bstc_arena arena;    /* of the names */
    struct bstc_arena contents; /* of the text */
    struct bstc_sources set;    /* holds just the one below */
    struct bstc_source *source; /* text and lines */
    const char *uri;            /* as the client spells it */
    const char *path;           /* of the file; else made of the address */
    const char *real;           /* the path without links */
    double version;             /* as the client counts, to be echoed */
    bool has_version;
    /* Kept by the space: */
    struct bstc_arena graph; /* of the roots */
    struct bstc_texts roots; /* files whose programs it belongs to */
    uint32_t edition;        /* of the space when they were found */
    uint64_t signature;      /* of its imports */
    struct bstc_document *next;
};

struct bstc_documents {
    struct bstc_overlay overlay; /* first, see find_text() */
    struct bstc_document *first;
};

/** Makes an empty set. */
void bstc_docs_init(struct bstc_documents *docs);

/** Closes everything. */
void bstc_docs_fini(struct bstc_documents *docs);

/** Returns the document with this address, or NULL. */
struct bstc_document *bstc_docs_find(const struct bstc_documents *docs,
                                     const char *uri);

/** Returns the document whose file is `real`, a path without links. */
struct bstc_document *bstc_docs_at(const struct bstc_documents *docs,
                                   const char *real);

/** Opens a document; one that is open already gets the new text. */
struct bstc_document *bstc_docs_open(struct bstc_documents *docs,
                                     const char *uri, const char *text);

/** Closes a document. */
void bstc_docs_close(struct bstc_documents *docs, struct bstc_document *doc);

/** Puts `text` in the place of the bytes [start, end); false if the document
 * would become too large. */
bool bstc_doc_replace(struct bstc_document *doc, uint32_t start, uint32_t end,
                      const char *text);

/** Applies the `contentChanges` of a notification, in their order; returns
 * false if one of them makes no sense, after applying those before it. */
bool bstc_doc_edit(struct bstc_document *doc, const cJSON *changes,
                   enum bstc_units units);

/** Returns a path without links and dots, in `arena`. Of a file that does not
 * exist, the folder is resolved; and else the path is returned as it is. */
const char *bstc_real_path(struct bstc_arena *arena, const char *path);

/** Returns whether a path is a file of at most `limit` bytes: what is only
 * looked through must not fill the memory. */
bool bstc_is_small(const char *path, size_t limit);

#endif
