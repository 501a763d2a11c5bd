/*
 * Sending: tell, cast and reply.
 *
 * A message is copied into its node before anything that others can see is
 * touched, so a bad pointer given by a handler is that handler's fault alone.
 *
 * The sender checks the receiver's gate with a plain load and pushes. If the
 * receiver ends in between, the message is found in its mailbox by the next
 * turn of the block, whose stamp is different then, and counted as dead.
 */

#include <string.h>

#include "actor/actor.h"
#include "base/assert.h"
#include "sync/atomic.h"

/* From this size on the members of a cast share one body. */
enum { SHARE_FROM = 128 };

static bst_status refuse(struct bst_system *system, bst_status status)
{
    if (system)
        bsti_exec_count(system->exec, bsti_worker_current(), BSTI_COUNT_REFUSED,
                        1);
    return status;
}

/* Takes a place in a bounded mailbox; the bound is exact. */
static bool take_place(struct bsti_actor *actor)
{
    uint32_t before;

    if (bsti_load_relaxed(&actor->proc.queued) >= actor->proc.bound)
        return false;
    /* relaxed: a mere count; the message itself is published by the push */
    before = bsti_fetch_add_relaxed(&actor->proc.queued, 1u);
    if (before < actor->proc.bound)
        return true;
    bsti_fetch_sub_relaxed(&actor->proc.queued, 1u);
    return false;
}

void bsti_post_node(struct bsti_actor *actor, struct bsti_node *node)
{
    struct bst_system *system = actor->group->system;

    bsti_exec_count(system->exec, bsti_worker_current(), BSTI_COUNT_SENT, 1);
    if (bsti_mpscq_push(&actor->proc.mailbox, &node->link))
        bsti_exec_ready(system->exec, &actor->proc);
}

static void address(struct bsti_node *node, const struct bsti_target *target,
                    const struct bsti_outgoing *message)
{
    node->stamp = target->stamp;
    if (target->incarnation)
        node->flags |= BSTI_NODE_INCARNATION;
    if (!message->unbounded)
        node->flags |= BSTI_NODE_COUNTED;
    if (message->waiter) {
        node->flags |= BSTI_NODE_ASK;
        node->from.asker.waiter = message->waiter;
        node->from.asker.seq = message->wait_seq;
    } else {
        node->from.sender = message->sender;
    }
}

/* Pushes `node`, which is made but not addressed yet; frees it if refused. */
static bst_status deliver(const struct bsti_target *target,
                          const struct bsti_outgoing *message,
                          struct bsti_node *node)
{
    struct bst_system *system = target->actor->group->system;

    if (!message->unbounded && !take_place(target->actor)) {
        bsti_node_destroy(system, node);
        return refuse(system, BST_FULL);
    }
    address(node, target, message);
    bsti_post_node(target->actor, node);
    return BST_OK;
}

bst_status bsti_post(const struct bsti_target *target,
                     const struct bsti_outgoing *message)
{
    struct bst_system *system = target->actor->group->system;
    struct bsti_node *node;

    if (message->size > BSTI_NODE_MAX_SIZE)
        return refuse(system, BST_INVALID);
    node = bsti_node_create(system, message->kind, message->size);
    if (!node)
        return refuse(system, BST_NOMEM);
    if (message->size > 0)
        memcpy((char *)node + bsti_node_offset(message->size), message->body,
               message->size);
    return deliver(target, message, node);
}

bst_status bst_tell(bst_ref to, uint32_t kind, const void *body, size_t size)
{
    struct bsti_actor *sender = bsti_actor_current(bsti_worker_current());
    struct bsti_target target;
    struct bsti_outgoing message = {.kind = kind, .body = body, .size = size};
    bst_status status;

    if (sender) {
        bsti_uses_check(sender, to, kind, BST_USE_TELL);
        message.sender = bsti_ref_child(sender);
    }
    status = bsti_ref_resolve(to, &target);
    if (status != BST_OK)
        return refuse(bsti_ref_system(to), status);
    return bsti_post(&target, &message);
}

bst_status bst_reply(void *self, uint32_t kind, const void *body, size_t size)
{
    struct bsti_actor *actor = bsti_actor_of(self);
    struct bsti_target target;
    struct bsti_outgoing message = {.kind = kind, .body = body, .size = size};
    bst_ref to = bst_sender(self);
    bst_status status = bsti_ref_resolve(to, &target);

    bsti_uses_check(actor, to, kind, BST_USE_TELL);
    message.sender = bsti_ref_child(actor);
    if (status != BST_OK)
        return refuse(actor->group->system, status);
    return bsti_post(&target, &message);
}

/* ---- cast ---------------------------------------------------------------- */

static bst_status post_shared(const struct bsti_target *target,
                              const struct bsti_outgoing *message,
                              struct bsti_shared *shared)
{
    struct bst_system *system = target->actor->group->system;
    struct bsti_node *node =
        bsti_node_create(system, message->kind, sizeof shared);

    if (!node)
        return refuse(system, BST_NOMEM);
    memcpy((char *)node + sizeof *node, &shared, sizeof shared);
    node->size = (uint32_t)message->size & BSTI_NODE_MAX_SIZE;
    node->flags = BSTI_NODE_SHARED;
    bsti_shared_ref(shared);
    return deliver(target, message, node);
}

_Static_assert(sizeof(struct bsti_shared *) % 16 != 0,
               "the pointer to a shared body lies right behind the header");

static bst_status cast_group(struct bsti_group *group,
                             const struct bsti_outgoing *message)
{
    struct bst_system *system = group->system;
    struct bsti_shared *shared = NULL;
    bst_status result = BST_DEAD;

    if (message->size > BSTI_NODE_MAX_SIZE)
        return refuse(system, BST_INVALID);
    if (message->size >= SHARE_FROM && group->count > 1) {
        shared = bsti_shared_create(system, message->body, message->size);
        if (!shared)
            return refuse(system, BST_NOMEM);
    }
    for (uint32_t i = 0; i < group->count; i++) {
        struct bsti_target target;
        bst_status status;

        if (bsti_ref_member(group, i, &target) != BST_OK)
            continue;
        status = shared ? post_shared(&target, message, shared)
                        : bsti_post(&target, message);
        if (status != BST_OK)
            result = status;
        else if (result == BST_DEAD)
            result = BST_OK;
    }
    if (shared)
        bsti_shared_unref(system, shared);
    return result == BST_DEAD ? refuse(system, result) : result;
}

bst_status bst_cast(bst_ref to, uint32_t kind, const void *body, size_t size)
{
    struct bsti_actor *sender = bsti_actor_current(bsti_worker_current());
    struct bsti_group *group = bsti_ref_group(to);
    struct bsti_outgoing message = {.kind = kind, .body = body, .size = size};
    struct bsti_target target;
    bst_status status;

    if (sender) {
        bsti_uses_check(sender, to, kind, BST_USE_CAST);
        message.sender = bsti_ref_child(sender);
    }
    if (group)
        return cast_group(group, &message);
    status = bsti_ref_resolve(to, &target);
    if (status != BST_OK)
        return refuse(bsti_ref_system(to), status);
    return bsti_post(&target, &message);
}
