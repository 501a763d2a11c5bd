/*
 * A bump allocator: chunks double in size up to a limit; a request that does
 * not fit a fresh chunk gets one of its own. Small chunks come from malloc.
 * Large ones are mapped with all their pages, because a large compilation
 * would spend a third of its time in page faults.
 *
 * Under the address sanitizer each request is a malloc of its own size, so
 * that reads past the end of a node are found.
 */

#define _GNU_SOURCE

#include "arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_EXACT 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_EXACT 1
#endif
#endif
#ifndef ARENA_EXACT
#define ARENA_EXACT 0
#endif

enum {
    ALIGNMENT = 16,
    HEADER = 32, /* of a chunk, so that what follows is aligned */
    FIRST_CHUNK = 64 * 1024 - HEADER,
    LEAST_MAPPED = 256 * 1024,
    LAST_CHUNK = 4 * 1024 * 1024 - HEADER
};

struct bstc_arena_chunk {
    struct bstc_arena_chunk *older;
    size_t size;   /* of the bytes after this header */
    size_t mapped; /* bytes that are to be unmapped; 0: to be freed */
};

_Static_assert(sizeof(struct bstc_arena_chunk) <= HEADER, "header");

/* For tests: allocations left until one fails; 0 is off. */
static unsigned long fail_countdown;

static void die_out_of_memory(void)
{
    static const char text[] = "bastionc: out of memory\n";
    ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);

    (void)written;
    _exit(70);
}

void bstc_arena_fail_at(unsigned long nth)
{
    fail_countdown = nth;
}

void bstc_arena_init(struct bstc_arena *arena)
{
    *arena = (struct bstc_arena){.out_of_memory = die_out_of_memory};
}

void bstc_arena_fini(struct bstc_arena *arena)
{
    struct bstc_arena_chunk *chunk = arena->chunks;

    while (chunk) {
        struct bstc_arena_chunk *older = chunk->older;

        if (chunk->mapped)
            munmap(chunk, chunk->mapped);
        else
            free(chunk);
        chunk = older;
    }
    arena->chunks = NULL;
    arena->next = NULL;
    arena->end = NULL;
}

static void no_memory(struct bstc_arena *arena)
{
    arena->out_of_memory();
    abort();
}

/* Returns a zeroed chunk with `room` bytes behind its header. */
static struct bstc_arena_chunk *make_chunk(struct bstc_arena *arena,
                                           size_t room)
{
    size_t size = HEADER + room;
    bool map = size >= LEAST_MAPPED && !ARENA_EXACT;
    struct bstc_arena_chunk *chunk;

    if (map)
        chunk = mmap(NULL, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    else
        chunk = calloc(1, size);
    if (!chunk || chunk == MAP_FAILED)
        no_memory(arena);
    chunk->size = room;
    chunk->mapped = map ? size : 0;
    return chunk;
}

/* Adds a chunk with room for `size` bytes and returns the first of them. */
static char *add_chunk(struct bstc_arena *arena, size_t size)
{
    size_t room = arena->chunks ? (arena->chunks->size + HEADER) * 2 - HEADER
                                : FIRST_CHUNK;
    struct bstc_arena_chunk *chunk;

    if (room > LAST_CHUNK)
        room = LAST_CHUNK;
    if (room < size || ARENA_EXACT)
        room = size;
    chunk = make_chunk(arena, room);
    chunk->older = arena->chunks;
    arena->chunks = chunk;
    return (char *)chunk + HEADER;
}

void *bstc_arena_alloc(struct bstc_arena *arena, size_t size)
{
    char *block;

    if (fail_countdown && --fail_countdown == 0)
        no_memory(arena);
    if (size > SIZE_MAX / 2)
        no_memory(arena);
    arena->used += size;
    if (!ARENA_EXACT)
        size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if ((size_t)(arena->end - arena->next) >= size && arena->next) {
        block = arena->next;
        arena->next += size;
        return block;
    }
    block = add_chunk(arena, size);
    /* A chunk for one large block leaves the current one in use. */
    if (arena->chunks->size - size > (size_t)(arena->end - arena->next)) {
        arena->next = block + size;
        arena->end = block + arena->chunks->size;
    }
    return block;
}

void *bstc_arena_array(struct bstc_arena *arena, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        no_memory(arena);
    return bstc_arena_alloc(arena, count * size);
}

void *bstc_arena_grow(struct bstc_arena *arena, const void *block,
                      size_t old_size, size_t new_size)
{
    void *grown = bstc_arena_alloc(arena, new_size);

    if (old_size)
        memcpy(grown, block, old_size < new_size ? old_size : new_size);
    return grown;
}

char *bstc_arena_copy(struct bstc_arena *arena, const char *text, size_t length)
{
    char *copy = bstc_arena_alloc(arena, length + 1);

    if (length)
        memcpy(copy, text, length);
    return copy;
}

char *bstc_arena_vformat(struct bstc_arena *arena, const char *format,
                         va_list args)
{
    va_list again;
    char *text;
    int length;

    va_copy(again, args);
    length = vsnprintf(NULL, 0, format, args);
    text = bstc_arena_alloc(arena, length > 0 ? (size_t)length + 1 : 1);
    if (length > 0)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *bstc_arena_format(struct bstc_arena *arena, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = bstc_arena_vformat(arena, format, args);
    va_end(args);
    return text;
}

void *bstc_heap_take(size_t size)
{
    void *block = malloc(size);

    if (!block)
        die_out_of_memory();
    return block;
}

void bstc_heap_give(void *block)
{
    free(block);
}
