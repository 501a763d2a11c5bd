#ifndef BSTC_TEXT_H
#define BSTC_TEXT_H

/*
 * Putting texts together.
 *
 * Names are put together by the ten thousand, so that this is kept apart
 * from the general formatting of arena.h, which is several times slower.
 */

#include "arena.h"

/** Returns the texts one behind the other; the list ends with NULL. */
char *bstc_join(struct bstc_arena *arena, const char *first, ...)
    __attribute__((sentinel));

#endif
