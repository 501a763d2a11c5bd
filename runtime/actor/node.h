#ifndef BST_ACTOR_NODE_H
#define BST_ACTOR_NODE_H

/*
 * A message in a mailbox.
 *
 * The header takes 40 bytes, so that a body of up to 24 bytes shares its 64
 * byte block. A body whose size is a multiple of 16 may need an alignment of
 * 16 and begins at 48 instead.
 *
 * A node belongs to its sender until it is pushed, then to the mailbox, and
 * to the process that handles it until it is recycled there.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bastion/message.h>

#include "proc/wait.h"
#include "sync/mpscq.h"

enum bsti_node_flag {
    BSTI_NODE_ASK = 1,         /* `from.asker` waits for an answer */
    BSTI_NODE_INCARNATION = 2, /* `stamp` is an incarnation */
    BSTI_NODE_TICK = 4,        /* part of a struct bsti_tick, not recycled */
    BSTI_NODE_COUNTED = 8,     /* takes a place in a bounded mailbox */
    BSTI_NODE_SHARED = 16,     /* the body is a struct bsti_shared */
    BSTI_NODE_OWNED = 32,      /* the body owns what is in its fields */
    BSTI_NODE_TOKEN = 64,      /* part of a struct bsti_overflow */
    BSTI_NODE_LOOSE = 128      /* it was taken out of a locked queue */
};

enum {
    BSTI_NODE_MAX_SIZE = 0xffffff,
    BSTI_NODE_SMALL = 24 /* the largest body that fits the smallest block */
};

struct bsti_node {
    struct bsti_mpscq_node link;
    uint64_t stamp; /* who it was sent to; see bsti_stamp_is_current() */
    union {
        bst_ref sender;
        struct {
            struct bsti_waiter *waiter;
            uint64_t seq;
        } asker;
    } from;
    uint32_t kind;
    uint32_t size : 24;
    uint32_t flags : 8;
};

/** A body that several nodes share, as in a cast. */
struct bsti_shared {
    _Atomic uint32_t refs;
    uint32_t size;
    const struct bst_owned *owned; /* what the body owns, or NULL */
    _Alignas(16) unsigned char body[];
};

/** Returns where the body of a node with a body of `size` bytes begins. */
static inline size_t bsti_node_offset(size_t size)
{
    return size % 16 == 0 ? 48 : sizeof(struct bsti_node);
}

static inline struct bsti_node *bsti_node_of(struct bsti_mpscq_node *link)
{
    return (struct bsti_node *)(void *)link;
}

/** The body that a node with BSTI_NODE_SHARED points to. */
struct bsti_shared *bsti_node_shared(const struct bsti_node *node);

/** Returns the body, or NULL if there is none. */
static inline const void *bsti_node_body(const struct bsti_node *node)
{
    if (node->size == 0)
        return NULL;
    if (node->flags & BSTI_NODE_SHARED)
        return bsti_node_shared(node)->body;
    return (const char *)node + bsti_node_offset(node->size);
}

/** Sets the size of the body and the flags. */
static inline void bsti_node_set(struct bsti_node *node, size_t size,
                                 unsigned flags)
{
    node->size = (uint32_t)size & BSTI_NODE_MAX_SIZE;
    node->flags = (uint8_t)flags;
}

struct bst_system;
struct bsti_worker;

/**
 * Makes a node with room for `size` bytes; NULL: no memory. `worker` is the
 * current one, NULL on a foreign thread.
 */
struct bsti_node *bsti_node_create(struct bst_system *system,
                                   struct bsti_worker *worker, uint32_t kind,
                                   size_t size);

/** Recycles a node that is in no mailbox; ticks are left alone. */
void bsti_node_destroy(struct bst_system *system, struct bsti_worker *worker,
                       struct bsti_node *node);

/** Whether a node is in the smallest block and has nothing to let go of. */
static inline bool bsti_node_is_plain(const struct bsti_node *node)
{
    return !(node->flags & (BSTI_NODE_TICK | BSTI_NODE_SHARED |
                            BSTI_NODE_OWNED | BSTI_NODE_TOKEN)) &&
           node->size + bsti_node_offset(node->size) <= 64;
}

/** Makes a shared body with one reference. NULL: no memory. */
struct bsti_shared *bsti_shared_create(struct bst_system *system,
                                       const void *body, size_t size);
void bsti_shared_ref(struct bsti_shared *shared);
void bsti_shared_unref(struct bst_system *system, struct bsti_shared *shared);

#endif
