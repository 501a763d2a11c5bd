#ifndef BST_PROC_ARENA_H
#define BST_PROC_ARENA_H

/*
 * What one incarnation of a process owns: memory and cleanups.
 *
 * Allocation bumps a pointer through chunks; memory given back early is kept
 * in lists by size and handed out again. Releasing runs the cleanups, the
 * last registered first, and then drops the chunks.
 *
 * Threads: only the one that runs the process, or that dismantles it.
 */

#include <stdbool.h>
#include <stddef.h>

struct bsti_arena;

/**
 * Allocates zeroed memory, 16-aligned. `*arena` is created when it is NULL.
 * Returns NULL when memory is exhausted.
 */
void *bsti_arena_alloc(struct bsti_arena **arena, size_t size);

/** Gives memory of bsti_arena_alloc() back. NULL is allowed. */
void bsti_arena_free(struct bsti_arena *arena, void *memory);

/** Registers a cleanup. Returns 0, or -1 when memory is exhausted. */
int bsti_arena_defer(struct bsti_arena **arena, void (*fn)(void *arg),
                     void *arg);

/** Finds the next cleanup with `fn` behind the one with `*arg`, or the first if
 * that is NULL, and gives its argument. */
bool bsti_arena_each_cleanup(const struct bsti_arena *arena,
                             void (*fn)(void *arg), void **arg);

/** Takes a cleanup off the list, the last one like that. Returns whether there
 * was one. */
bool bsti_arena_undefer(struct bsti_arena *arena, void (*fn)(void *arg),
                        void *arg);

/**
 * Takes the cleanup that is due next off the list; returns 0 when none is
 * left. The caller runs it, so that a fault in one leaves the rest in place.
 */
int bsti_arena_next_cleanup(struct bsti_arena *arena, void (**fn)(void *arg),
                            void **arg);

/** Frees all memory. Cleanups that are left are not run. NULL is allowed. */
void bsti_arena_destroy(struct bsti_arena *arena);

#endif
