#ifndef BSTC_INTERN_H
#define BSTC_INTERN_H

/*
 * Unique strings: two equal names are the same pointer.
 *
 * Names in the AST are interned, so that they are compared with `==`. The
 * texts are NUL-terminated and live as long as the arena.
 *
 * Threads: as the arena.
 */

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

struct bstc_intern_slot;

struct bstc_intern {
    struct bstc_arena *arena;
    struct bstc_intern_slot *slots; /* open addressing, power of two */
    uint32_t capacity;
    uint32_t count;
};

/** Makes an empty set whose strings will live in `arena`. */
void bstc_intern_init(struct bstc_intern *set, struct bstc_arena *arena);

/** Returns the one copy of `length` bytes at `text`, which hold no NUL. */
const char *bstc_intern(struct bstc_intern *set, const char *text,
                        size_t length);

/** Returns the one copy of a NUL-terminated text. */
const char *bstc_intern_text(struct bstc_intern *set, const char *text);

/** Returns the one copy of the text if it is known already, else NULL. */
const char *bstc_intern_find(const struct bstc_intern *set, const char *text,
                             size_t length);

#endif
