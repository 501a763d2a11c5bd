#ifndef BST_ACTOR_SEND_H
#define BST_ACTOR_SEND_H

/*
 * The steps of sending that tell.c, ask.c and turn.c share, inline because
 * each message passes through them: a small body, one child, a worker of the
 * receiver's system.
 */

#include <string.h>

#include "actor/actor.h"
#include "exec/worker.h"
#include "plat/probe.h"
#include "sync/atomic.h"

_Static_assert(sizeof(struct bsti_node) + BSTI_NODE_SMALL ==
                       1 << BSTI_BLOCK_SHIFT &&
                   BSTI_NODE_SMALL < 32,
               "bsti_copy_small() and the smallest block agree");

/** Looks at the body before anything is done; one that is too large will be
 * refused and is not looked at. */
static inline void bsti_probe_body(const struct bsti_outgoing *message)
{
    if (message->size <= BSTI_NODE_MAX_SIZE)
        bsti_probe(message->body, message->size);
}

/** Copies up to 31 bytes; a call would take longer than the copying. */
static inline void bsti_copy_small(void *to, const void *from, size_t size)
{
    char *out = to;
    const char *in = from;

    if (size & 16) {
        memcpy(out, in, 16);
        out += 16;
        in += 16;
    }
    if (size & 8) {
        memcpy(out, in, 8);
        out += 8;
        in += 8;
    }
    if (BSTI_LIKELY((size & 7) == 0))
        return;
    if (size & 4) {
        memcpy(out, in, 4);
        out += 4;
        in += 4;
    }
    for (size &= 3; size > 0; size--)
        *out++ = *in++;
}

/** Makes a node with a body of at most BSTI_NODE_SMALL bytes, or NULL. */
static inline struct bsti_node *bsti_small_create(struct bsti_worker *worker,
                                                  uint32_t kind,
                                                  const void *body, size_t size)
{
    struct bsti_node *node = bsti_worker_take_small(worker);

    if (BSTI_UNLIKELY(!node))
        return NULL;
    bsti_copy_small((char *)node + bsti_node_offset(size), body, size);
    node->kind = kind;
    bsti_node_set(node, size, BSTI_NODE_COUNTED);
    return node;
}

/**
 * Takes a place in a bounded mailbox.
 *
 * Since `pushed` was read others may have pushed, and the holder taken, more:
 * then `taken` is ahead of it and the difference is negative.
 */
static inline bool bsti_take_place(struct bsti_actor *actor)
{
    struct bsti_proc *proc = &actor->proc;
    /* acq_rel: the message is published by its push */
    uint32_t pushed = bsti_fetch_add_acq_rel(&proc->pushed, 1u);
    /* acquire: pairs with the release in leave_place() of turn.c */
    uint32_t taken = bsti_load_acquire(&proc->taken);
    /* relaxed: only a mailbox that blocks changes it, under its lock */
    uint32_t bound = bsti_load_relaxed(&proc->bound);

    if (BSTI_LIKELY((int64_t)(int32_t)(pushed - taken) < (int64_t)bound))
        return true;
    bsti_fetch_sub_relaxed(&proc->pushed, 1u);
    return false;
}

/** Pushes from a worker of the receiver's own system. */
static inline void bsti_push_here(struct bsti_worker *worker,
                                  struct bsti_actor *actor,
                                  struct bsti_node *node)
{
    bsti_worker_count(worker, BSTI_COUNT_SENT);
    bsti_worker_told(worker, &actor->proc);
    if (bsti_mpscq_push(&actor->proc.mailbox, &node->link))
        bsti_worker_ready(worker, &actor->proc);
}

/** Finds the one child a reference leads to, if that is easy; else NULL. */
static inline struct bsti_actor *bsti_ref_single(bst_ref to, uint64_t *stamp)
{
    struct bsti_actor *actor = (struct bsti_actor *)to.target;

    *stamp = to.stamp;
    if ((to.target & BSTI_REF_TAGS) == BSTI_REF_GROUP) {
        actor = bsti_ref_group(to)->only;
        if (!actor)
            return NULL;
        *stamp = bsti_load_relaxed(&actor->proc.gate) & ~(uint64_t)1;
    } else if (BSTI_UNLIKELY(!actor || (to.target & BSTI_REF_TAGS))) {
        return NULL;
    }
    return bsti_load_relaxed(&actor->proc.gate) == *stamp ? actor : NULL;
}

/**
 * Does with a node that got no place what the mailbox is declared to do, and
 * counts the result. `node`, which is complete, moves. See bsti_overflow().
 */
bst_status bsti_take_back(struct bsti_worker *worker, struct bsti_actor *actor,
                          struct bsti_node *node, bool may_wait);

#endif
