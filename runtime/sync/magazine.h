#ifndef BST_SYNC_MAGAZINE_H
#define BST_SYNC_MAGAZINE_H

/*
 * Pools of blocks of one size (after Bonwick and Adams, "Magazines and Vmem").
 *
 * A depot, shared, owns the memory and hands out batches of 64 pointers under
 * a spin lock. A magazine, of one worker, holds two batches, so that it goes
 * to the depot once in 64 operations at worst, whatever the pattern. Blocks
 * are freed into the magazine of whoever frees them; nothing is written into
 * a free block, so the contents of a block survive its freeing.
 *
 * Invariants:
 *   - A batch in the depot's `full` list holds 64 blocks, one in `empty` none.
 *   - There are enough batches for all blocks: freeing never allocates and
 *     never fails.
 *   - Slabs are returned to the system by bsti_depot_fini() alone, so a stale
 *     pointer to a block always points to a block.
 *
 * Depots of one size may form a family, one for each NUMA node. A magazine
 * deals with its own depot; so a block that is freed far from where it was
 * made stays with whoever has freed it. A depot that runs out takes from
 * relatives with plenty before it asks for more memory, or else a stream of
 * blocks in one direction would never stop growing.
 *
 * The blocks of a numbered depot have numbers, from 0 without gaps, by which
 * they can be found whether they are in use or not.
 *
 * A new block is zeroed; a recycled one is what it was when it was freed.
 * Under AddressSanitizer free blocks are poisoned, except in a depot with
 * BSTI_DEPOT_STABLE, whose free blocks others may still look at.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bastion/attr.h>

#include "base/assert.h"
#include "base/attr.h"
#include "sync/atomic.h"
#include "sync/spin.h"

#if BSTI_ASAN
#include <sanitizer/asan_interface.h>
#define bsti_magazine_poison(depot, block)                                     \
    ((depot)->stable                                                           \
         ? (void)0                                                             \
         : __asan_poison_memory_region(block, (depot)->block_bytes))
#define bsti_magazine_unpoison(depot, block)                                   \
    __asan_unpoison_memory_region(block, (depot)->block_bytes)
#else
#define bsti_magazine_poison(depot, block) ((void)0)
#define bsti_magazine_unpoison(depot, block) ((void)0)
#endif

#define BSTI_BATCH_SIZE 64u

/** Pointers to free blocks; how many is known by whoever holds the batch. */
struct bsti_batch {
    struct bsti_batch *next;      /* in a list of the depot */
    void *block[BSTI_BATCH_SIZE]; /* filled from the front */
};

/** Blocks are looked at after they were freed: never poison them. */
#define BSTI_DEPOT_STABLE 1u

struct bsti_slab; /* a piece of memory cut into blocks, in magazine.c */

struct bsti_depot {
    size_t block_bytes;       /* constant: multiple of the alignment */
    bool stable;              /* constant: BSTI_DEPOT_STABLE */
    struct bsti_spin lock;    /* guards all below */
    struct bsti_batch *full;  /* batches of 64 blocks */
    struct bsti_batch *empty; /* batches of none */
    struct bsti_batch *open;  /* a batch for threads without magazine */
    struct bsti_batch *own;   /* the batch that `open` was at first */
    uint32_t nopen;           /* blocks in `open` */
    uint32_t nunused;         /* batches left by ended magazines */
    struct bsti_slab *slabs;  /* newest first */
    char *fresh;              /* next block never used yet */
    char *fresh_end;          /* end of the newest slab's blocks */
    size_t slab_blocks;       /* blocks in the next slab */
    uint64_t blocks;          /* in all slabs; for statistics */
    uint32_t nfull;           /* batches in `full` */
    uint32_t os_node;         /* constant: where its memory should lie */
    struct bsti_depot *first; /* constant: of the family, in locking order */
    struct bsti_depot *next;  /* constant: of the family */

    /* Of a numbered depot, whose slabs are all of one size. */
    char **shelf;             /* first block of each slab; NULL: no numbers */
    uint32_t shelf_size;      /* constant: most slabs */
    unsigned shelf_shift;     /* constant: log2 of the blocks in a slab */
    _Atomic uint32_t shelved; /* slabs that are there */
};

struct bsti_magazine {
    struct bsti_batch *now;   /* blocks are taken from and put in here */
    uint32_t count;           /* blocks in `now` */
    bool spare_full;          /* `spare` holds 64 blocks, else none */
    struct bsti_batch *spare; /* saves a trip when a batch runs out */
    struct bsti_depot *depot; /* that it belongs to */
};

/**
 * Makes a depot of blocks of `block_bytes`, aligned to 64 bytes from 64 bytes
 * on, to 16 below. `flags`: 0 or BSTI_DEPOT_STABLE.
 *
 * Returns 0 or -ENOMEM.
 */
BST_MUST_USE int bsti_depot_init(struct bsti_depot *depot, size_t block_bytes,
                                 unsigned flags);

/**
 * Puts two depots that were never used into one family: `next` behind `last`.
 * Its memory should lie on the node of this number; see bsti_numa_prefer().
 * All of a family come to their end together.
 */
void bsti_depot_join(struct bsti_depot *last, struct bsti_depot *next);
void bsti_depot_place(struct bsti_depot *depot, uint32_t os_node);

/**
 * As bsti_depot_init(); the blocks have numbers, and there are at least `most`
 * and not many more of them.
 */
BST_MUST_USE int bsti_depot_init_numbered(struct bsti_depot *depot,
                                          size_t block_bytes, unsigned flags,
                                          uint32_t most);

/** Returns how many numbers there are; it never becomes less. Thread: any. */
static inline uint32_t bsti_depot_count(struct bsti_depot *depot)
{
    /* acquire: pairs with the release of add_slab() */
    return bsti_load_acquire(&depot->shelved) << depot->shelf_shift;
}

/** Returns the block with a number below bsti_depot_count(). Thread: any. */
static inline void *bsti_depot_block(struct bsti_depot *depot, uint32_t number)
{
    char *first = depot->shelf[number >> depot->shelf_shift];
    size_t place = number & (((uint32_t)1 << depot->shelf_shift) - 1);

    return first + place * depot->block_bytes;
}

/** Returns the number of a block, which takes a search. Thread: any. */
uint32_t bsti_depot_number(struct bsti_depot *depot, const void *block);

/** Frees all memory. No magazine and no block may be in use. */
void bsti_depot_fini(struct bsti_depot *depot);

/** Makes an empty magazine. Returns 0 or -ENOMEM. */
BST_MUST_USE int bsti_magazine_init(struct bsti_magazine *magazine,
                                    struct bsti_depot *depot);

/** Gives its blocks back to the depot; the magazine is unusable afterwards. */
void bsti_magazine_fini(struct bsti_magazine *magazine,
                        struct bsti_depot *depot);

/* The slow parts; NULL as magazine: a thread without one. A magazine goes to
 * its own depot, whichever of the family is named. */
void *bsti_magazine_alloc_slow(struct bsti_magazine *magazine,
                               struct bsti_depot *depot);
void bsti_magazine_free_slow(struct bsti_magazine *magazine,
                             struct bsti_depot *depot, void *block);

/**
 * Returns a block, or NULL when there is no memory. `depot` is any of the
 * magazine's family.
 *
 * Thread: owner of the magazine; any if `magazine` is NULL, which goes through
 * the depot's lock.   Ownership: the caller, until bsti_magazine_free().
 */
static inline void *bsti_magazine_alloc(struct bsti_magazine *magazine,
                                        struct bsti_depot *depot)
{
    void *block;

    if (BSTI_UNLIKELY(magazine == NULL || magazine->count == 0)) {
        return bsti_magazine_alloc_slow(magazine, depot);
    }
    block = magazine->now->block[--magazine->count];
    bsti_magazine_unpoison(depot, block);
    return block;
}

/**
 * Gives a block back, whichever magazine it came from.
 *
 * Thread: owner of the magazine; any if `magazine` is NULL.
 */
static inline void bsti_magazine_free(struct bsti_magazine *magazine,
                                      struct bsti_depot *depot, void *block)
{
    bsti_assert(block != NULL);
    if (BSTI_UNLIKELY(magazine == NULL || magazine->count == BSTI_BATCH_SIZE)) {
        bsti_magazine_free_slow(magazine, depot, block);
        return;
    }
    bsti_magazine_poison(depot, block);
    magazine->now->block[magazine->count++] = block;
}

#endif
