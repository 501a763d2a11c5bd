#ifndef BST_PLAT_STACK_H
#define BST_PLAT_STACK_H

/*
 * Guarded stacks for processes, from one pool per system.
 *
 * Layout of a chunk, low addresses first; `base` points behind a guard:
 *
 *     | guard | usable ........ | guard | usable ........ | ...
 *
 * Address space is reserved without access in chunks that grow, shrink when
 * the system refuses, and are never fatal; access is given a few stacks at a
 * time. The distance of two stacks is an odd number of pages, so that their
 * tops do not meet in the same cache sets. Memory is used where it is touched.
 *
 * Guards are MADV_GUARD_INSTALL markers where the kernel has them, which cost
 * no mapping; otherwise pages without access, of which Linux allows some
 * 32,000 (vm.max_map_count / 2): then bsti_stack_acquire() returns NULL.
 *
 * A pool has a shelf for each NUMA node. A chunk belongs to one, and its
 * stacks come back to that one, whoever releases them.
 *
 * Invariants:
 *   - A descriptor never moves and is never freed while the pool lives.
 *   - `sp` is meaningful only while nobody runs on the stack.
 *   - Free stacks on `used` and `stale` may have memory, on `clean` none has.
 *
 * Threads: the pool's functions are for any thread; a stack belongs to whoever
 * acquired it.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bastion/attr.h>

#include "base/attr.h"
#include "sync/atomic.h"

/** Sizes are 64 KiB << class, four times that under AddressSanitizer. */
#define BSTI_STACK_CLASSES 8
#define BSTI_STACK_MIN ((size_t)(BSTI_ASAN ? 256 : 64) * 1024)

/** A stack: one of a pool, or a thread's own (bsti_stack_adopt_thread()). */
struct bsti_stack {
    void *sp;                /* saved context, while nobody runs on it */
    struct bsti_stack *next; /* free list; the owner's while acquired */
    char *base;              /* lowest usable byte, above the guard */
    size_t size;             /* usable bytes */
    void *fake_stack;        /* ASan: its frames on the heap, while saved */
    void *fiber;             /* TSan: its view of this stack; or NULL */
    unsigned fiber_uses;     /* TSan: how often frames began on that fiber */
    uint16_t size_class;     /* 0 .. BSTI_STACK_CLASSES - 1 */
    uint16_t node;           /* shelf it belongs to */
    unsigned checker_id;     /* valgrind: its number for this stack */
    bool adopted;            /* a thread's own stack */
    bool scanned;            /* LSan looks for pointers here */
} BSTI_ALIGNED(BSTI_CACHE_LINE);

struct bsti_stack_chunk; /* one reservation, in stack.c */

/** Ways to guard a stack; the pool probes the first for every chunk. */
enum bsti_stack_guard { BSTI_GUARD_AUTO, BSTI_GUARD_PROTECT };

/** The free stacks of one class on one node. */
struct bsti_stack_shelf {
    struct bsti_stack *used;       /* last released first */
    struct bsti_stack *stale;      /* not used for long, with memory */
    struct bsti_stack *clean;      /* their memory was given back */
    size_t nused;                  /* stacks on `used` */
    size_t least;                  /* of `nused` since the last mark */
    struct bsti_stack_chunk *open; /* stacks left in it */
    size_t grow;                   /* stacks in the next chunk */
};

/** The shelves of one node. */
struct bsti_stack_node {
    uint32_t os_node; /* for bsti_numa_prefer() */
    struct bsti_stack_shelf shelves[BSTI_STACK_CLASSES];
};

struct bsti_stack_pool {
    pthread_mutex_t lock;                    /* all but `chunks` */
    struct bsti_stack_chunk *_Atomic chunks; /* newest first; push only */
    struct bsti_stack_node *nodes;           /* `first`, or an array */
    uint32_t nnodes;
    _Atomic size_t used; /* free stacks that may have memory */
    struct bsti_stack_node first;
    enum bsti_stack_guard guard; /* test hook: PROTECT forces fallback */
};

/** What lies at an address. */
enum bsti_stack_place {
    BSTI_STACK_NONE,  /* not of this pool */
    BSTI_STACK_GUARD, /* in the guard below a stack: it has overflowed */
    BSTI_STACK_USABLE /* in a stack */
};

/** Makes an empty pool; nothing is reserved yet. */
void bsti_stack_pool_init(struct bsti_stack_pool *pool);

/**
 * Gives a pool that was never used one set of shelves for each of `n` NUMA
 * nodes, whose numbers of the operating system are `os_nodes`.
 *
 * Returns 0 or -ENOMEM; then the pool is as it was.
 */
BST_MUST_USE int bsti_stack_pool_spread(struct bsti_stack_pool *pool,
                                        const uint32_t *os_nodes, uint32_t n);

/** Unmaps all stacks; none may be in use. */
void bsti_stack_pool_fini(struct bsti_stack_pool *pool);

/** Returns the smallest class with `bytes` usable, or the largest class. */
unsigned bsti_stack_class(size_t bytes);

/**
 * Returns a stack of the class, the most recently released if there is one.
 *
 * Ownership: the caller, until bsti_stack_release().
 * Returns NULL when memory, address space or mappings are exhausted.
 */
BST_MUST_USE struct bsti_stack *bsti_stack_acquire(struct bsti_stack_pool *pool,
                                                   unsigned size_class);

/** As bsti_stack_acquire(), which is for node 0, for any node. */
BST_MUST_USE struct bsti_stack *
bsti_stack_acquire_on(struct bsti_stack_pool *pool, unsigned size_class,
                      uint32_t node);

/**
 * Takes a stack back on which nobody runs. Frames left on it are dead.
 */
void bsti_stack_release(struct bsti_stack_pool *pool, struct bsti_stack *stack);

/**
 * Gives the memory of free stacks back to the operating system; guards stay.
 *
 * Returns the number of stacks it applied to.
 */
size_t bsti_stack_trim(struct bsti_stack_pool *pool);

/**
 * Declares the stacks stale that were free all the time since the last call:
 * what comes and goes keeps its memory. The other one gives the memory of up
 * to `most` stale stacks back and returns of how many.
 */
void bsti_stack_mark_unused(struct bsti_stack_pool *pool);
size_t bsti_stack_trim_unused(struct bsti_stack_pool *pool, size_t most);

/** Returns how many free stacks may have memory. Thread: any; a hint. */
static inline size_t bsti_stack_pool_used(struct bsti_stack_pool *pool)
{
    /* relaxed: only paces the trimming */
    return bsti_load_relaxed(&pool->used);
}

/**
 * Classifies an address; the stack goes to `*stack` unless that is NULL.
 *
 * Thread: any; async-signal-safe.
 */
enum bsti_stack_place bsti_stack_owning(struct bsti_stack_pool *pool,
                                        const void *address,
                                        struct bsti_stack **stack);

/**
 * Describes the calling thread's own stack, so that it can be the `from` of a
 * switch. Until disowned it must only be switched to by this thread.
 *
 * Returns 0 or a negative errno value.
 */
BST_MUST_USE int bsti_stack_adopt_thread(struct bsti_stack *stack);

/** Ends that; the thread runs on its own stack again. */
void bsti_stack_disown_thread(struct bsti_stack *stack);

/**
 * Tells the sanitizers that whatever is on the stack is dead: nobody runs on
 * it and what was saved is never continued. For plat/switch.c.
 */
void bsti_stack_forget(struct bsti_stack *stack);

#endif
