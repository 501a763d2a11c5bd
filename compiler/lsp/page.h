#ifndef BSTC_LSP_PAGE_H
#define BSTC_LSP_PAGE_H

/*
 * Where the page about diagnostics is on this machine.
 *
 * Threads: any.
 */

#include "arena.h"

/** Returns the address of what is written about a code, or NULL if the page
 * is not there. */
const char *bstc_page_of(const char *code, struct bstc_arena *arena);

#endif
