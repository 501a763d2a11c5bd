/*
 * Making and recycling nodes.
 */

#include "actor/node.h"

#include <string.h>

#include "actor/actor.h"
#include "actor/payload.h"
#include "exec/block.h"
#include "sync/atomic.h"

_Static_assert(sizeof(struct bsti_node) == 40, "a 24 byte body fits 64 bytes");

/* A shared node carries a pointer in place of its body. */
static size_t stored_size(const struct bsti_node *node)
{
    return node->flags & BSTI_NODE_SHARED ? sizeof(struct bsti_shared *)
                                          : node->size;
}

struct bsti_shared *bsti_node_shared(const struct bsti_node *node)
{
    struct bsti_shared *shared;

    memcpy(&shared, (const char *)node + sizeof *node, sizeof shared);
    return shared;
}

struct bsti_node *bsti_node_create(struct bst_system *system,
                                   struct bsti_worker *worker, uint32_t kind,
                                   size_t size)
{
    struct bsti_node *node =
        bsti_block_alloc(system->exec, worker, bsti_node_offset(size) + size);

    if (!node)
        return NULL;
    node->kind = kind;
    node->size = (uint32_t)size & BSTI_NODE_MAX_SIZE;
    node->flags = 0;
    return node;
}

void bsti_node_destroy(struct bst_system *system, struct bsti_worker *worker,
                       struct bsti_node *node)
{
    size_t size = stored_size(node);

    if (node->flags & (BSTI_NODE_TICK | BSTI_NODE_TOKEN))
        return;
    if (node->flags & BSTI_NODE_SHARED)
        bsti_shared_unref(system, bsti_node_shared(node));
    if (node->flags & BSTI_NODE_OWNED)
        bsti_owned_drop((char *)node + bsti_node_offset(size),
                        bsti_owned_of(system, node->kind));
    bsti_block_free(system->exec, worker, node, bsti_node_offset(size) + size);
}

struct bsti_shared *bsti_shared_create(struct bst_system *system,
                                       const void *body, size_t size)
{
    struct bsti_shared *shared = bsti_block_alloc(
        system->exec, bsti_worker_current(), sizeof *shared + size);

    if (!shared)
        return NULL;
    bsti_store_relaxed(&shared->refs, 1u);
    shared->size = (uint32_t)size;
    shared->owned = NULL;
    memcpy(shared->body, body, size);
    return shared;
}

void bsti_shared_ref(struct bsti_shared *shared)
{
    bsti_fetch_add_relaxed(&shared->refs, 1u);
}

void bsti_shared_unref(struct bst_system *system, struct bsti_shared *shared)
{
    /* acq_rel: the last one frees after all others have read the body. */
    if (bsti_fetch_sub_acq_rel(&shared->refs, 1u) > 1)
        return;
    if (shared->owned)
        bsti_owned_drop(shared->body, shared->owned);
    bsti_block_free(system->exec, bsti_worker_current(), shared,
                    sizeof *shared + shared->size);
}
