#ifndef BSTC_LSP_URI_H
#define BSTC_LSP_URI_H

/*
 * Addresses of documents, `file:///src/shop.bst`, and paths of files.
 *
 * Threads: as the arena.
 */

#include "arena.h"

/** Returns the path of a `file` address, or NULL for any other one. */
const char *bstc_uri_path(struct bstc_arena *arena, const char *uri);

/** Returns the `file` address of an absolute path. */
const char *bstc_uri_of_path(struct bstc_arena *arena, const char *path);

#endif
