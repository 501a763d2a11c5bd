/*
 * The depot: slabs, batches, and the slow paths of magazines.
 *
 * Why freeing never needs memory: a depot makes one batch for every 64 blocks
 * it makes, two for each magazine, and one (`open`) for the threads without a
 * magazine. So whenever somebody holds a full batch and the depot's full ones
 * are not yet all of the blocks, an empty batch is left.
 *
 * In a family this holds for the family as a whole, and batches travel: an
 * empty one is fetched from a relative when there is none at home. To be sure
 * of seeing it, all depots are locked then, in the order of the family.
 */

#include "sync/magazine.h"

#include <errno.h>

#include "base/alloc.h"
#include "plat/numa.h"

/* A piece of memory: blocks, and batches to hold them while they are free. */
struct bsti_slab {
    struct bsti_slab *next;      /* of the depot */
    void *memory;                /* of the blocks; NULL: batches only */
    size_t bytes;                /* of it */
    struct bsti_batch batches[]; /* one for 64 blocks, or two alone */
};

/* Blocks in the first slab, and the most bytes in later ones. */
#define FIRST_BLOCKS ((size_t)BSTI_BATCH_SIZE)
#define SLAB_BYTES_MAX ((size_t)1 << 20)
/* Full batches that relatives leave to a depot. */
#define KEEP_FULL 8u

static struct bsti_batch *take_batch(struct bsti_batch **list)
{
    struct bsti_batch *batch = *list;

    if (batch != NULL) {
        *list = batch->next;
    }
    return batch;
}

static void put_batch(struct bsti_batch **list, struct bsti_batch *batch)
{
    batch->next = *list;
    *list = batch;
}

/* Takes a batch of free blocks, or NULL; the caller holds the lock. */
static struct bsti_batch *take_full(struct bsti_depot *depot)
{
    struct bsti_batch *batch = take_batch(&depot->full);

    if (batch != NULL) {
        depot->nfull--;
    }
    return batch;
}

static void put_full(struct bsti_depot *depot, struct bsti_batch *batch)
{
    put_batch(&depot->full, batch);
    depot->nfull++;
}

int bsti_depot_init(struct bsti_depot *depot, size_t block_bytes,
                    unsigned flags)
{
    size_t align = block_bytes >= BSTI_CACHE_LINE ? BSTI_CACHE_LINE : 16;

    block_bytes = BSTI_MAX(block_bytes, (size_t)1);
    depot->block_bytes = (block_bytes + align - 1) & ~(align - 1);
    depot->stable = (flags & BSTI_DEPOT_STABLE) != 0;
    bsti_spin_init(&depot->lock);
    depot->full = NULL;
    depot->empty = NULL;
    depot->nopen = 0;
    depot->nunused = 0;
    depot->slabs = NULL;
    depot->fresh = NULL;
    depot->fresh_end = NULL;
    depot->slab_blocks = FIRST_BLOCKS;
    depot->blocks = 0;
    depot->nfull = 0;
    depot->os_node = BSTI_NUMA_ANY;
    depot->first = depot;
    depot->next = NULL;
    depot->shelf = NULL;
    depot->own = bsti_alloc(sizeof(*depot->own));
    depot->open = depot->own;
    return depot->open == NULL ? -ENOMEM : 0;
}

void bsti_depot_join(struct bsti_depot *last, struct bsti_depot *next)
{
    bsti_assert(last->block_bytes == next->block_bytes &&
                last->stable == next->stable);
    last->next = next;
    next->first = last->first;
}

void bsti_depot_place(struct bsti_depot *depot, uint32_t os_node)
{
    depot->os_node = os_node;
}

int bsti_depot_init_numbered(struct bsti_depot *depot, size_t block_bytes,
                             unsigned flags, uint32_t most)
{
    int error = bsti_depot_init(depot, block_bytes, flags);
    size_t blocks = FIRST_BLOCKS;

    if (error != 0) {
        return error;
    }
    while (blocks < most && 2 * blocks * depot->block_bytes <= SLAB_BYTES_MAX) {
        blocks *= 2;
    }
    depot->slab_blocks = blocks;
    depot->shelf_shift = (unsigned)__builtin_ctzll(blocks);
    depot->shelf_size = (uint32_t)((most + blocks - 1) / blocks);
    bsti_atomic_init(&depot->shelved, 0u);
    depot->shelf = bsti_alloc(depot->shelf_size * sizeof(*depot->shelf));
    if (depot->shelf == NULL) {
        bsti_depot_fini(depot);
        return -ENOMEM;
    }
    return 0;
}

uint32_t bsti_depot_number(struct bsti_depot *depot, const void *block)
{
    size_t bytes = depot->block_bytes << depot->shelf_shift;

    /* A block whose number is not known yet is mostly of the newest slab. */
    for (uint32_t i = bsti_load_acquire(&depot->shelved); i-- > 0;) {
        uintptr_t first = (uintptr_t)depot->shelf[i];
        uintptr_t offset = (uintptr_t)block - first;

        if (offset < bytes) {
            return (i << depot->shelf_shift) +
                   (uint32_t)(offset / depot->block_bytes);
        }
    }
    bsti_check(false, "not a block of this depot");
    return 0;
}

void bsti_depot_fini(struct bsti_depot *depot)
{
    while (depot->slabs != NULL) {
        struct bsti_slab *slab = depot->slabs;

        depot->slabs = slab->next;
        if (slab->memory != NULL && depot->os_node != BSTI_NUMA_ANY) {
            bsti_numa_forget(slab->memory, slab->bytes);
        }
        bsti_free(slab->memory);
        bsti_free(slab);
    }
    /* `open` may be a slab's batch by now, and this one anywhere. */
    bsti_free(depot->own);
    bsti_free(depot->shelf);
    depot->shelf = NULL;
    depot->own = NULL;
    depot->open = NULL;
    depot->full = NULL;
    depot->empty = NULL;
}

/* Adds a slab's batches; the caller holds the lock. NULL: no memory. */
static struct bsti_slab *add_batches(struct bsti_depot *depot, size_t n)
{
    struct bsti_slab *slab =
        bsti_alloc(sizeof(*slab) + n * sizeof(slab->batches[0]));

    if (slab == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        put_batch(&depot->empty, &slab->batches[i]);
    }
    slab->next = depot->slabs;
    depot->slabs = slab;
    return slab;
}

/* Adds a slab; the caller holds the lock. False: no memory. */
static bool add_slab(struct bsti_depot *depot)
{
    size_t bytes = depot->slab_blocks * depot->block_bytes;
    uint32_t shelved = depot->shelf ? bsti_load_relaxed(&depot->shelved) : 0;
    struct bsti_slab *slab;
    char *memory;

    if (depot->shelf && shelved == depot->shelf_size) {
        return false;
    }
    memory = bsti_alloc(bytes + BSTI_CACHE_LINE);
    if (memory == NULL) {
        return false;
    }
    slab = add_batches(depot, depot->slab_blocks / BSTI_BATCH_SIZE);
    if (slab == NULL) {
        bsti_free(memory);
        return false;
    }
    slab->memory = memory;
    slab->bytes = bytes + BSTI_CACHE_LINE;
    bsti_numa_prefer(memory, slab->bytes, depot->os_node);
    depot->fresh = memory + (0 - (uintptr_t)memory) % BSTI_CACHE_LINE;
    depot->fresh_end = depot->fresh + bytes;
    depot->blocks += depot->slab_blocks;
    if (depot->shelf) {
        depot->shelf[shelved] = depot->fresh;
        /* release: pairs with the acquire of bsti_depot_count() */
        bsti_store_release(&depot->shelved, shelved + 1);
    } else if (2 * bytes <= SLAB_BYTES_MAX) {
        depot->slab_blocks *= 2;
    }
    return true;
}

/*
 * Fills an empty batch with blocks that were never used, without touching
 * their memory; the caller holds the lock. Slabs hold whole batches, so it is
 * all or nothing. Returns how many blocks.
 */
static uint32_t carve(struct bsti_depot *depot, struct bsti_batch *batch)
{
    if (depot->fresh == depot->fresh_end && !add_slab(depot)) {
        return 0;
    }
    /* The last is taken out first; let that be the lowest address. */
    for (uint32_t i = BSTI_BATCH_SIZE; i > 0; i--) {
        bsti_magazine_poison(depot, depot->fresh);
        batch->block[i - 1] = depot->fresh;
        depot->fresh += depot->block_bytes;
    }
    return BSTI_BATCH_SIZE;
}

/*
 * Gets an empty batch of a relative for a depot that has none. The caller
 * holds no lock.
 */
static void fetch_empty(struct bsti_depot *depot)
{
    struct bsti_batch *batch = NULL;

    for (struct bsti_depot *d = depot->first; d != NULL; d = d->next) {
        bsti_spin_lock(&d->lock);
    }
    for (struct bsti_depot *d = depot->first;
         d != NULL && batch == NULL && depot->empty == NULL; d = d->next) {
        batch = take_batch(&d->empty);
    }
    if (batch != NULL) {
        put_batch(&depot->empty, batch);
    }
    bsti_check(depot->empty != NULL, "a block was freed twice");
    for (struct bsti_depot *d = depot->first; d != NULL; d = d->next) {
        bsti_spin_unlock(&d->lock);
    }
}

/* Takes an empty batch; the caller holds the lock, which is let go if there
 * is none at home. */
static struct bsti_batch *take_empty(struct bsti_depot *depot)
{
    struct bsti_batch *batch = take_batch(&depot->empty);

    while (batch == NULL) {
        bsti_spin_unlock(&depot->lock);
        fetch_empty(depot);
        bsti_spin_lock(&depot->lock);
        batch = take_batch(&depot->empty);
    }
    return batch;
}

int bsti_magazine_init(struct bsti_magazine *magazine, struct bsti_depot *depot)
{
    bool ok = true;

    bsti_spin_lock(&depot->lock);
    if (depot->nunused >= 2) {
        depot->nunused -= 2;
    } else {
        ok = add_batches(depot, 2) != NULL;
    }
    if (ok) {
        magazine->now = take_empty(depot);
        magazine->spare = take_empty(depot);
        magazine->count = 0;
        magazine->spare_full = false;
        magazine->depot = depot;
    }
    bsti_spin_unlock(&depot->lock);
    return ok ? 0 : -ENOMEM;
}

/* Puts one block into the open batch. */
static void put_open(struct bsti_depot *depot, void *block)
{
    bsti_spin_lock(&depot->lock);
    while (depot->nopen == BSTI_BATCH_SIZE) {
        struct bsti_batch *full = depot->open;

        if (depot->empty == NULL) {
            bsti_spin_unlock(&depot->lock);
            fetch_empty(depot);
            bsti_spin_lock(&depot->lock);
            continue; /* somebody else may have used it meanwhile */
        }
        depot->open = take_batch(&depot->empty);
        depot->nopen = 0;
        put_full(depot, full);
    }
    depot->open->block[depot->nopen++] = block;
    bsti_spin_unlock(&depot->lock);
}

void bsti_magazine_fini(struct bsti_magazine *magazine,
                        struct bsti_depot *depot)
{
    depot = magazine->depot;
    while (magazine->count > 0) {
        put_open(depot, magazine->now->block[--magazine->count]);
    }
    bsti_spin_lock(&depot->lock);
    put_batch(&depot->empty, magazine->now);
    if (magazine->spare_full) {
        put_full(depot, magazine->spare);
    } else {
        put_batch(&depot->empty, magazine->spare);
    }
    depot->nunused += 2;
    bsti_spin_unlock(&depot->lock);
    magazine->now = NULL;
    magazine->spare = NULL;
    magazine->spare_full = false;
}

/*
 * Takes a full batch of a relative that has more than `keep`, or NULL; leaves
 * it the batch `empty` for it unless that is NULL. The caller holds no lock.
 */
static struct bsti_batch *take_from_relative(struct bsti_depot *depot,
                                             uint32_t keep,
                                             struct bsti_batch *empty)
{
    struct bsti_batch *full = NULL;

    for (struct bsti_depot *d = depot->first; d != NULL && full == NULL;
         d = d->next) {
        if (d == depot) {
            continue;
        }
        bsti_spin_lock(&d->lock);
        if (d->nfull > keep) {
            full = take_full(d);
            if (empty != NULL) {
                put_batch(&d->empty, empty);
            }
        }
        bsti_spin_unlock(&d->lock);
    }
    return full;
}

/* Fills the empty batch `*batch`, or exchanges it, with what is at home and
 * free. Returns how many blocks. */
static uint32_t fill_at_home(struct bsti_depot *depot,
                             struct bsti_batch **batch)
{
    struct bsti_batch *full;
    uint32_t n = 0;

    bsti_spin_lock(&depot->lock);
    full = take_full(depot);
    if (full != NULL) {
        put_batch(&depot->empty, *batch);
        *batch = full;
        n = BSTI_BATCH_SIZE;
    } else if (depot->nopen > 0) {
        full = depot->open;
        depot->open = *batch;
        *batch = full;
        n = depot->nopen;
        depot->nopen = 0;
    } else if (depot->fresh != depot->fresh_end) {
        n = carve(depot, *batch);
    }
    bsti_spin_unlock(&depot->lock);
    return n;
}

/* Gets blocks into the empty `now` of a magazine whose spare is empty. */
static void refill(struct bsti_magazine *magazine, struct bsti_depot *depot)
{
    struct bsti_batch *full;

    magazine->count = fill_at_home(depot, &magazine->now);
    if (magazine->count > 0) {
        return;
    }
    full = take_from_relative(depot, KEEP_FULL, magazine->now);
    if (full == NULL) {
        bsti_spin_lock(&depot->lock);
        magazine->count = carve(depot, magazine->now);
        bsti_spin_unlock(&depot->lock);
        if (magazine->count > 0) {
            return;
        }
        /* There is no memory: now the last of the relatives will do. */
        full = take_from_relative(depot, 0, magazine->now);
    }
    if (full != NULL) {
        magazine->now = full;
        magazine->count = BSTI_BATCH_SIZE;
    }
}

/* Fills the empty open batch; the caller holds the lock, which is let go when
 * nothing is left at home. */
static void fill_open(struct bsti_depot *depot)
{
    struct bsti_batch *full = take_full(depot);

    if (full == NULL && depot->fresh == depot->fresh_end) {
        bsti_spin_unlock(&depot->lock);
        full = take_from_relative(depot, KEEP_FULL, NULL);
        bsti_spin_lock(&depot->lock);
        if (depot->nopen > 0) { /* somebody else has filled it */
            if (full != NULL) {
                put_full(depot, full);
            }
            return;
        }
    }
    if (full != NULL) {
        put_batch(&depot->empty, depot->open);
        depot->open = full;
        depot->nopen = BSTI_BATCH_SIZE;
    } else {
        depot->nopen = carve(depot, depot->open);
    }
}

/* A block for a thread without a magazine. */
static void *alloc_foreign(struct bsti_depot *depot)
{
    void *block = NULL;

    bsti_spin_lock(&depot->lock);
    if (depot->nopen == 0) {
        fill_open(depot);
    }
    if (depot->nopen > 0) {
        block = depot->open->block[--depot->nopen];
    }
    bsti_spin_unlock(&depot->lock);
    return block;
}

/* Exchanges the two batches of a magazine. */
static void swap_batches(struct bsti_magazine *magazine)
{
    struct bsti_batch *batch = magazine->now;

    magazine->now = magazine->spare;
    magazine->spare = batch;
}

void *bsti_magazine_alloc_slow(struct bsti_magazine *magazine,
                               struct bsti_depot *depot)
{
    void *block = NULL;

    if (magazine == NULL) {
        block = alloc_foreign(depot);
    } else {
        depot = magazine->depot;
        if (magazine->spare_full) {
            swap_batches(magazine);
            magazine->count = BSTI_BATCH_SIZE;
            magazine->spare_full = false;
        } else {
            refill(magazine, depot);
        }
        if (magazine->count > 0) {
            block = magazine->now->block[--magazine->count];
        }
    }
    if (block != NULL) {
        bsti_magazine_unpoison(depot, block);
    }
    return block;
}

/* Exchanges the full spare of a magazine for an empty one. */
static void empty_spare(struct bsti_magazine *magazine,
                        struct bsti_depot *depot)
{
    bsti_spin_lock(&depot->lock);
    put_full(depot, magazine->spare);
    magazine->spare = take_empty(depot);
    bsti_spin_unlock(&depot->lock);
}

void bsti_magazine_free_slow(struct bsti_magazine *magazine,
                             struct bsti_depot *depot, void *block)
{
    bsti_magazine_poison(depot, block);
    if (magazine == NULL) {
        put_open(depot, block);
        return;
    }
    if (magazine->spare_full) {
        empty_spare(magazine, magazine->depot);
    }
    swap_batches(magazine);
    magazine->spare_full = true;
    magazine->count = 0;
    magazine->now->block[magazine->count++] = block;
}
