/*
 * Bump allocation with size classes for what is given back early.
 *
 * A block is preceded by a header of 16 bytes that holds its class, so that
 * freeing needs no size. Classes are powers of two from 16 bytes; what is
 * larger than a chunk gets a chunk of its own, which is unlinked and freed at
 * once when it is given back.
 */

#include "proc/arena.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"

enum {
    CHUNK_BYTES = 4096,
    MIN_SHIFT = 4,
    CLASSES = 8, /* 16 B to 2 KiB */
    LARGE = CLASSES
};

struct chunk {
    struct chunk *prev;
    struct chunk *next;
};

struct header {
    uint64_t class;
    struct header *next_free;
};

struct cleanup {
    struct cleanup *next;
    void (*fn)(void *arg);
    void *arg;
};

struct bsti_arena {
    struct chunk chunks;      /* ring of all chunks; this one is the anchor */
    char *pos;                /* free space of the newest small chunk */
    char *end;                /* its end */
    struct cleanup *cleanups; /* newest first */
    struct header *free[CLASSES];
};

static size_t round16(size_t n)
{
    return (n + 15) & ~(size_t)15;
}

static char *chunk_create(struct bsti_arena *arena, size_t payload)
{
    struct chunk *chunk = bsti_alloc(round16(sizeof *chunk) + payload);

    if (!chunk)
        return NULL;
    chunk->next = arena->chunks.next;
    chunk->prev = &arena->chunks;
    chunk->next->prev = chunk;
    arena->chunks.next = chunk;
    return (char *)chunk + round16(sizeof *chunk);
}

static struct bsti_arena *arena_create(void)
{
    struct bsti_arena *arena = bsti_alloc(CHUNK_BYTES);

    if (!arena)
        return NULL;
    arena->chunks.next = &arena->chunks;
    arena->chunks.prev = &arena->chunks;
    arena->pos = (char *)arena + round16(sizeof *arena);
    arena->end = (char *)arena + CHUNK_BYTES;
    return arena;
}

static unsigned class_of(size_t size)
{
    unsigned class = 0;

    while (class < CLASSES && ((size_t)1 << (class + MIN_SHIFT)) < size)
        class ++;
    return class;
}

static void *alloc_large(struct bsti_arena *arena, size_t size)
{
    struct header *header;

    if (size > SIZE_MAX / 2)
        return NULL;
    header = (void *)chunk_create(arena, sizeof *header + size);
    if (!header)
        return NULL;
    header->class = LARGE;
    return header + 1;
}

void *bsti_arena_alloc(struct bsti_arena **place, size_t size)
{
    struct bsti_arena *arena = *place;
    struct header *header;
    unsigned class = class_of(size);
    size_t bytes;

    if (!arena) {
        arena = *place = arena_create();
        if (!arena)
            return NULL;
    }
    if (class == LARGE)
        return alloc_large(arena, size);
    bytes = (size_t)1 << (class + MIN_SHIFT);
    header = arena->free[class];
    if (header) {
        arena->free[class] = header->next_free;
        memset(header + 1, 0, bytes);
        return header + 1;
    }
    if ((size_t)(arena->end - arena->pos) < sizeof *header + bytes) {
        char *start = chunk_create(arena, CHUNK_BYTES);

        if (!start)
            return NULL;
        arena->pos = start;
        arena->end = start + CHUNK_BYTES;
    }
    header = (void *)arena->pos;
    arena->pos += sizeof *header + bytes;
    header->class = class;
    return header + 1;
}

void bsti_arena_free(struct bsti_arena *arena, void *memory)
{
    struct header *header = memory;

    if (!memory)
        return;
    header--;
    bsti_check(header->class <= LARGE, "bst_free: not from bst_alloc");
    if (header->class == LARGE) {
        struct chunk *chunk = (void *)((char *)header - round16(sizeof *chunk));

        chunk->prev->next = chunk->next;
        chunk->next->prev = chunk->prev;
        bsti_free(chunk);
        return;
    }
    header->next_free = arena->free[header->class];
    arena->free[header->class] = header;
}

int bsti_arena_defer(struct bsti_arena **arena, void (*fn)(void *arg),
                     void *arg)
{
    struct cleanup *cleanup = bsti_arena_alloc(arena, sizeof *cleanup);

    if (!cleanup)
        return -1;
    cleanup->fn = fn;
    cleanup->arg = arg;
    cleanup->next = (*arena)->cleanups;
    (*arena)->cleanups = cleanup;
    return 0;
}

bool bsti_arena_each_cleanup(const struct bsti_arena *arena,
                             void (*fn)(void *arg), void **arg)
{
    bool behind = *arg == NULL;

    for (const struct cleanup *cleanup = arena ? arena->cleanups : NULL;
         cleanup; cleanup = cleanup->next) {
        if (cleanup->fn != fn)
            continue;
        if (behind) {
            *arg = cleanup->arg;
            return true;
        }
        behind = cleanup->arg == *arg;
    }
    return false;
}

bool bsti_arena_undefer(struct bsti_arena *arena, void (*fn)(void *arg),
                        void *arg)
{
    struct cleanup **place;
    struct cleanup *found;

    if (!arena)
        return false;
    place = &arena->cleanups;
    while (*place && ((*place)->fn != fn || (*place)->arg != arg))
        place = &(*place)->next;
    found = *place;
    if (!found)
        return false;
    *place = found->next;
    bsti_arena_free(arena, found);
    return true;
}

int bsti_arena_next_cleanup(struct bsti_arena *arena, void (**fn)(void *arg),
                            void **arg)
{
    struct cleanup *cleanup = arena ? arena->cleanups : NULL;

    if (!cleanup)
        return 0;
    arena->cleanups = cleanup->next;
    *fn = cleanup->fn;
    *arg = cleanup->arg;
    return 1;
}

void bsti_arena_destroy(struct bsti_arena *arena)
{
    struct chunk *chunk;

    if (!arena)
        return;
    chunk = arena->chunks.next;
    while (chunk != &arena->chunks) {
        struct chunk *next = chunk->next;

        bsti_free(chunk);
        chunk = next;
    }
    bsti_free(arena);
}
