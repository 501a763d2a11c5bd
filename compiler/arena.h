#ifndef BSTC_ARENA_H
#define BSTC_ARENA_H

/*
 * Memory of one compilation.
 *
 * Everything the compiler builds lives in one arena and is released with it
 * at once; nothing is freed singly. Allocation never fails for the caller:
 * when the system has no memory left, the out-of-memory function is called,
 * and that one does not return.
 *
 * Threads: an arena belongs to one thread.
 */

#include <stdarg.h>
#include <stddef.h>

struct bstc_arena_chunk;

struct bstc_arena {
    struct bstc_arena_chunk *chunks; /* newest first */
    char *next;                      /* first free byte of the newest chunk */
    char *end;                       /* one past its last byte */
    size_t used;                     /* bytes handed out so far */
    /* Called when malloc fails; must not return (it may longjmp). The
     * default prints one line to stderr and ends the process with 70. */
    void (*out_of_memory)(void);
};

/** Makes an empty arena; it takes no memory before the first allocation. */
void bstc_arena_init(struct bstc_arena *arena);

/** Releases everything that was ever allocated from `arena`. */
void bstc_arena_fini(struct bstc_arena *arena);

/** Returns `size` zeroed bytes, aligned for any type; never NULL. */
void *bstc_arena_alloc(struct bstc_arena *arena, size_t size);

/** Returns an array of `count` zeroed elements of `size` bytes. */
void *bstc_arena_array(struct bstc_arena *arena, size_t count, size_t size);

/**
 * Returns a block of `new_size` bytes that begins with the first `old_size`
 * bytes of `block`; the rest is zero. The old block stays valid.
 */
void *bstc_arena_grow(struct bstc_arena *arena, const void *block,
                      size_t old_size, size_t new_size);

/** Returns a NUL-terminated copy of `length` bytes. */
char *bstc_arena_copy(struct bstc_arena *arena, const char *text,
                      size_t length);

/** Returns a formatted, NUL-terminated text. */
char *bstc_arena_format(struct bstc_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** As bstc_arena_format(), with the arguments in a list. */
char *bstc_arena_vformat(struct bstc_arena *arena, const char *format,
                         va_list args) __attribute__((format(printf, 2, 0)));

/** Allocates one zeroed `struct TYPE` or other object type. */
#define BSTC_NEW(arena, type) ((type *)bstc_arena_alloc((arena), sizeof(type)))

/**
 * malloc() and free() for libraries that manage memory of their own; as an
 * arena does, bstc_heap_take() ends the process rather than fail.
 */
void *bstc_heap_take(size_t size);
void bstc_heap_give(void *block);

/**
 * Makes the allocation number `nth` of all arenas fail, counted from now and
 * from 1; 0 switches this off. For tests of the out-of-memory path.
 */
void bstc_arena_fail_at(unsigned long nth);

#endif
