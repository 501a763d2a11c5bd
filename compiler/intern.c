/*
 * A hash set with linear probing that doubles when it is half full. The hash
 * is kept in the slot, so that growing does not read the strings again.
 */

#include "intern.h"

#include <string.h>

struct bstc_intern_slot {
    const char *text; /* NULL: free */
    uint32_t hash;
    uint32_t length;
};

enum { FIRST_CAPACITY = 256 };

/* FNV-1a: identifiers are short, and nobody gains by making them collide. */
static uint32_t hash_of(const char *text, size_t length)
{
    uint32_t hash = 2166136261u;
    size_t i;

    for (i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return hash;
}

void bstc_intern_init(struct bstc_intern *set, struct bstc_arena *arena)
{
    *set = (struct bstc_intern){.arena = arena};
}

/* Returns the slot that holds the text, or the free one where it belongs. */
static struct bstc_intern_slot *find_slot(struct bstc_intern_slot *slots,
                                          uint32_t capacity, const char *text,
                                          size_t length, uint32_t hash)
{
    uint32_t i = hash & (capacity - 1);

    while (slots[i].text &&
           (slots[i].hash != hash || slots[i].length != length ||
            memcmp(slots[i].text, text, length) != 0))
        i = (i + 1) & (capacity - 1);
    return &slots[i];
}

static void grow(struct bstc_intern *set)
{
    uint32_t capacity = set->capacity ? set->capacity * 2 : FIRST_CAPACITY;
    struct bstc_intern_slot *slots =
        bstc_arena_array(set->arena, capacity, sizeof *slots);
    uint32_t i;

    for (i = 0; i < set->capacity; i++) {
        const struct bstc_intern_slot *old = &set->slots[i];

        if (old->text)
            *find_slot(slots, capacity, old->text, old->length, old->hash) =
                *old;
    }
    set->slots = slots;
    set->capacity = capacity;
}

const char *bstc_intern(struct bstc_intern *set, const char *text,
                        size_t length)
{
    uint32_t hash = hash_of(text, length);
    struct bstc_intern_slot *slot;

    if (set->count >= set->capacity / 2)
        grow(set);
    slot = find_slot(set->slots, set->capacity, text, length, hash);
    if (!slot->text) {
        slot->text = bstc_arena_copy(set->arena, text, length);
        slot->hash = hash;
        slot->length = (uint32_t)length;
        set->count++;
    }
    return slot->text;
}

const char *bstc_intern_text(struct bstc_intern *set, const char *text)
{
    return bstc_intern(set, text, strlen(text));
}

const char *bstc_intern_find(const struct bstc_intern *set, const char *text,
                             size_t length)
{
    if (!set->capacity)
        return NULL;
    return find_slot(set->slots, set->capacity, text, length,
                     hash_of(text, length))
        ->text;
}
