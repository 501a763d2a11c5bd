#ifndef BSTC_MAP_H
#define BSTC_MAP_H

/*
 * Hash map from 64-bit keys to 32-bit values, in an arena.
 *
 * Keys are interned names (their addresses) or pairs of indices. A map is
 * only ever asked for single keys and never walked, so that addresses cannot
 * influence any output.
 *
 * Threads: as the arena.
 */

#include <stdint.h>

#include "arena.h"

#define BSTC_MAP_NONE UINT32_MAX

struct bstc_map_slot {
    uint64_t key;
    uint32_t value; /* BSTC_MAP_NONE: the slot is free */
};

struct bstc_map {
    struct bstc_arena *arena;
    struct bstc_map_slot *slots; /* open addressing, power of two */
    uint32_t capacity;
    uint32_t count;
};

/** Makes an empty map. */
void bstc_map_init(struct bstc_map *map, struct bstc_arena *arena);

/** Returns the value of `key`, or BSTC_MAP_NONE. */
uint32_t bstc_map_find(const struct bstc_map *map, uint64_t key);

/**
 * Gives `key` a value unless it has one.
 * Returns the former value, or BSTC_MAP_NONE if it is new.
 */
uint32_t bstc_map_add(struct bstc_map *map, uint64_t key, uint32_t value);

/** The key of an interned name. */
static inline uint64_t bstc_map_name(const char *name)
{
    return (uint64_t)(uintptr_t)name;
}

/** The key of a pair of indices. */
static inline uint64_t bstc_map_pair(uint32_t a, uint32_t b)
{
    return (uint64_t)a << 32 | b;
}

#endif
