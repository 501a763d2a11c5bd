/*
 * Linear probing at a load of at most one half; growing leaves the old table
 * in the arena, which at most doubles the memory of a map.
 */

#include "map.h"

void bstc_map_init(struct bstc_map *map, struct bstc_arena *arena)
{
    map->arena = arena;
    map->slots = NULL;
    map->capacity = 0;
    map->count = 0;
}

/* Multiplication by the golden ratio spreads addresses and small numbers
 * over the high bits. */
static struct bstc_map_slot *slot_of(const struct bstc_map *map, uint64_t key)
{
    uint32_t mask = map->capacity - 1;
    uint32_t at = (uint32_t)((key * 0x9e3779b97f4a7c15u) >> 32) & mask;

    while (map->slots[at].value != BSTC_MAP_NONE && map->slots[at].key != key)
        at = (at + 1) & mask;
    return &map->slots[at];
}

static void grow(struct bstc_map *map)
{
    struct bstc_map_slot *old = map->slots;
    uint32_t old_capacity = map->capacity;

    map->capacity = old_capacity ? old_capacity * 2 : 8;
    map->slots =
        bstc_arena_array(map->arena, map->capacity, sizeof *map->slots);
    for (uint32_t i = 0; i < map->capacity; i++)
        map->slots[i].value = BSTC_MAP_NONE;
    for (uint32_t i = 0; i < old_capacity; i++) {
        if (old[i].value != BSTC_MAP_NONE)
            *slot_of(map, old[i].key) = old[i];
    }
}

uint32_t bstc_map_find(const struct bstc_map *map, uint64_t key)
{
    if (map->capacity == 0)
        return BSTC_MAP_NONE;
    return slot_of(map, key)->value;
}

uint32_t bstc_map_add(struct bstc_map *map, uint64_t key, uint32_t value)
{
    if (map->count >= map->capacity / 2)
        grow(map);

    struct bstc_map_slot *slot = slot_of(map, key);

    if (slot->value != BSTC_MAP_NONE)
        return slot->value;
    slot->key = key;
    slot->value = value;
    map->count++;
    return BSTC_MAP_NONE;
}
