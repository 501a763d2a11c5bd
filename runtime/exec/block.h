#ifndef BST_EXEC_BLOCK_H
#define BST_EXEC_BLOCK_H

/*
 * Blocks of memory for messages and tasks, from the pools of a worker.
 *
 * Sizes are rounded up to 64 B, 128 B ... 4 KiB; what is larger comes from the
 * heap. `worker` is the current one, or NULL on a foreign thread, which goes
 * through the lock of the shared pool of its NUMA node. A worker's magazine
 * knows its pool by itself, so any of the family may be named.
 */

#include <stddef.h>

#include "base/alloc.h"
#include "exec/worker.h"

static inline unsigned bsti_block_class(size_t size)
{
    if (size <= (size_t)1 << BSTI_BLOCK_SHIFT)
        return 0;
    return (unsigned)(64 - __builtin_clzll((size - 1) >> BSTI_BLOCK_SHIFT));
}

/** Returns `worker` if it is one of `exec`, else NULL. */
static inline struct bsti_worker *bsti_own_worker(struct bsti_exec *exec,
                                                  struct bsti_worker *worker)
{
    return worker && worker->exec == exec ? worker : NULL;
}

/** Takes a block of a pool. `own`: see above. NULL: no memory. */
static inline void *bsti_pool_alloc(struct bsti_exec *exec,
                                    struct bsti_worker *own, unsigned pool)
{
    if (BSTI_UNLIKELY(!own))
        return bsti_magazine_alloc(NULL,
                                   &bsti_place_foreign(exec)->depots[pool]);
    return bsti_magazine_alloc(&own->magazines[pool], &exec->depots[pool]);
}

/** Gives a block back to its pool. */
static inline void bsti_pool_free(struct bsti_exec *exec,
                                  struct bsti_worker *own, unsigned pool,
                                  void *block)
{
    if (BSTI_UNLIKELY(!own))
        bsti_magazine_free(NULL, &bsti_place_foreign(exec)->depots[pool],
                           block);
    else
        bsti_magazine_free(&own->magazines[pool], &exec->depots[pool], block);
}

/** Takes a block: not zeroed, 16-aligned. NULL: no memory. */
static inline void *bsti_block_alloc(struct bsti_exec *exec,
                                     struct bsti_worker *worker, size_t size)
{
    unsigned class = bsti_block_class(size);

    if (class >= BSTI_BLOCK_CLASSES)
        return bsti_alloc(size);
    return bsti_pool_alloc(exec, bsti_own_worker(exec, worker), class);
}

/** Gives a block back; `size` is the size that was asked for. */
static inline void bsti_block_free(struct bsti_exec *exec,
                                   struct bsti_worker *worker, void *block,
                                   size_t size)
{
    unsigned class = bsti_block_class(size);

    if (class >= BSTI_BLOCK_CLASSES) {
        bsti_free(block);
        return;
    }
    bsti_pool_free(exec, bsti_own_worker(exec, worker), class, block);
}

#endif
