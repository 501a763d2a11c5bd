#ifndef BSTC_LSP_IMPORTERS_H
#define BSTC_LSP_IMPORTERS_H

/*
 * Which root files import a document.
 *
 * A file can only be imported from its own folder or one above it, or through
 * -I. So the files that may import a document are the open ones and those in
 * its folder and above, up to the folder that the client has opened. Their
 * `import` lines are found by a light scan; whether an import really leads
 * there is for the compiler to say.
 *
 * Threads: one.
 */

#include "cli/options.h"
#include "lsp/docs.h"

/** At most this many files are looked at, and roots returned. */
#define BSTC_GRAPH_FILES 500
#define BSTC_GRAPH_ROOTS 8

/** Returns a number that changes when the imports of a text do. */
uint64_t bstc_graph_signature(const struct bstc_source *source);

/**
 * Returns the paths of the files that import `doc`, over any number of steps,
 * and are not imported themselves; the document's own path if there is none.
 * `folders` are those that the client has opened.
 */
struct bstc_texts bstc_graph_roots(struct bstc_arena *arena,
                                   const struct bstc_documents *docs,
                                   const struct bstc_document *doc,
                                   const struct bstc_texts *folders,
                                   const struct bstc_texts *include_dirs);

#endif
