#ifndef BSTC_LSP_DERIVED_H
#define BSTC_LSP_DERIVED_H

/*
 * Names of C that are made of a name of a .bst, such as `counter_tell_add` of
 * `counter` and `add`, in the C that stands in .bst files.
 *
 * Threads: one.
 */

#include "lsp/space.h"

/** Is told of the part of a name of C that is the name itself. */
typedef void bstc_derived_fn(void *arg, struct bstc_span span);

/** Finds all places in the C of a unit that hold the name of `symbol`. */
void bstc_derived_each(struct bstc_unit *unit, const struct bstc_symbol *symbol,
                       bstc_derived_fn *found, void *arg);

#endif
