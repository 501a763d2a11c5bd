#ifndef BST_EXEC_BLOCK_H
#define BST_EXEC_BLOCK_H

/*
 * Blocks of memory for messages and tasks, from the pools of a worker.
 *
 * Sizes are rounded up to 64 B, 128 B ... 4 KiB; what is larger comes from the
 * heap. `worker` is the current one, or NULL on a foreign thread, which goes
 * through the lock of the shared pool.
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

/** Takes a block of a pool. NULL: no memory. */
static inline void *bsti_pool_alloc(struct bsti_exec *exec,
                                    struct bsti_worker *worker, unsigned pool)
{
    if (worker && worker->exec != exec)
        worker = NULL;
    return bsti_magazine_alloc(worker ? &worker->magazines[pool] : NULL,
                               &exec->depots[pool]);
}

/** Gives a block back to its pool. */
static inline void bsti_pool_free(struct bsti_exec *exec,
                                  struct bsti_worker *worker, unsigned pool,
                                  void *block)
{
    if (worker && worker->exec != exec)
        worker = NULL;
    bsti_magazine_free(worker ? &worker->magazines[pool] : NULL,
                       &exec->depots[pool], block);
}

/** Takes a block: not zeroed, 16-aligned. NULL: no memory. */
static inline void *bsti_block_alloc(struct bsti_exec *exec,
                                     struct bsti_worker *worker, size_t size)
{
    unsigned class = bsti_block_class(size);

    if (class >= BSTI_BLOCK_CLASSES)
        return bsti_alloc(size);
    return bsti_pool_alloc(exec, worker, class);
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
    bsti_pool_free(exec, worker, class, block);
}

#endif
