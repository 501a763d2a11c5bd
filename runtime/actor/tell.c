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
#include "exec/worker.h"
#include "sync/atomic.h"

/* From this size on the members of a cast share one body. */
enum { SHARE_FROM = 128 };

void bsti_count(struct bst_system *system, struct bsti_worker *worker,
                enum bsti_count counter)
{
    if (worker && worker->exec == system->exec)
        bsti_worker_count(worker, counter);
    else
        bsti_exec_count(system->exec, worker, counter, 1);
}

static bst_status refuse(struct bst_system *system, bst_status status)
{
    if (system)
        bsti_count(system, bsti_worker_current(), BSTI_COUNT_REFUSED);
    return status;
}

/* Whether a mailbox that `pushed` places were taken in has room. */
static inline bool has_room(struct bsti_actor *actor, uint32_t pushed)
{
    /* acquire: pairs with the release in leave_place() of turn.c. Since
     * `pushed` was read others may have pushed, and the holder taken, more:
     * then `taken` is ahead of it and the difference is negative. */
    uint32_t taken = bsti_load_acquire(&actor->proc.taken);

    return (int64_t)(int32_t)(pushed - taken) < (int64_t)actor->proc.bound;
}

/* Takes a place in a bounded mailbox. */
static inline bool take_place(struct bsti_actor *actor)
{
    /* acq_rel: see has_room(); the message is published by its push */
    if (BSTI_LIKELY(
            has_room(actor, bsti_fetch_add_acq_rel(&actor->proc.pushed, 1u))))
        return true;
    bsti_fetch_sub_relaxed(&actor->proc.pushed, 1u);
    return false;
}

/* Pushes from a worker of the receiver's own system. */
static inline void push_here(struct bsti_worker *worker,
                             struct bsti_actor *actor, struct bsti_node *node)
{
    bsti_worker_count(worker, BSTI_COUNT_SENT);
    bsti_worker_told(worker, &actor->proc);
    if (bsti_mpscq_push(&actor->proc.mailbox, &node->link))
        bsti_worker_ready(worker, &actor->proc);
}

void bsti_post_node(struct bsti_worker *worker, struct bsti_actor *actor,
                    struct bsti_node *node)
{
    struct bst_system *system = actor->group->system;

    if (BSTI_LIKELY(worker && worker->exec == system->exec)) {
        push_here(worker, actor, node);
        return;
    }
    bsti_exec_count(system->exec, worker, BSTI_COUNT_SENT, 1);
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
static bst_status deliver(struct bsti_worker *worker,
                          const struct bsti_target *target,
                          const struct bsti_outgoing *message,
                          struct bsti_node *node)
{
    struct bst_system *system = target->actor->group->system;

    if (!message->unbounded && !take_place(target->actor)) {
        bsti_node_destroy(system, worker, node);
        return refuse(system, BST_FULL);
    }
    address(node, target, message);
    bsti_post_node(worker, target->actor, node);
    return BST_OK;
}

bst_status bsti_post(struct bsti_worker *worker,
                     const struct bsti_target *target,
                     const struct bsti_outgoing *message)
{
    struct bst_system *system = target->actor->group->system;
    struct bsti_node *node;

    if (message->size > BSTI_NODE_MAX_SIZE)
        return refuse(system, BST_INVALID);
    node = bsti_node_create(system, worker, message->kind, message->size);
    if (!node)
        return refuse(system, BST_NOMEM);
    if (message->size > 0)
        memcpy((char *)node + bsti_node_offset(message->size), message->body,
               message->size);
    return deliver(worker, target, message, node);
}

/* Whether a body lies right behind the header in the smallest block. */
static inline bool fits_small(size_t size)
{
    return size <= ((size_t)1 << BSTI_BLOCK_SHIFT) - sizeof(struct bsti_node) &&
           bsti_node_offset(size) == sizeof(struct bsti_node);
}

/* Copies up to 24 bytes; a call would take longer than the copying. */
static inline void copy_small(char *to, const char *from, size_t size)
{
    for (; size >= 8; size -= 8, to += 8, from += 8)
        memcpy(to, from, 8);
    if (size >= 4) {
        memcpy(to, from, 4);
        size -= 4;
        to += 4;
        from += 4;
    }
    while (size-- > 0)
        *to++ = *from++;
}

/* A tell that is not the common case below. */
static BSTI_NOINLINE bst_status tell_slowly(struct bsti_worker *worker,
                                            struct bsti_actor *sender,
                                            bst_ref to, uint32_t kind,
                                            const void *body, size_t size)
{
    struct bst_system *system = bsti_ref_system(to);
    struct bsti_target target;
    struct bsti_outgoing message = {.kind = kind, .body = body, .size = size};
    bst_status status;

    if (!system)
        return refuse(sender ? sender->group->system : NULL, BST_DEAD);
    if (!worker)
        bsti_foreign_enter(system);
    /* A sender of another system may be gone when the receiver looks. */
    if (sender && sender->group->system == system)
        message.sender = bsti_ref_child(sender);
    status = bsti_ref_resolve(to, &target);
    status = status == BST_OK ? bsti_post(worker, &target, &message)
                              : refuse(system, status);
    if (!worker)
        bsti_foreign_leave(system);
    return status;
}

/*
 * The common case, in one piece: a handler tells one child of its own system
 * a small message. It does what tell_slowly() does.
 */
static inline bst_status tell_child(struct bsti_worker *worker,
                                    struct bsti_actor *sender,
                                    struct bsti_actor *actor, uint64_t stamp,
                                    uint32_t kind, const void *body,
                                    size_t size)
{
    struct bsti_node *node;

    if (BSTI_UNLIKELY(!has_room(actor, bsti_load_relaxed(&actor->proc.pushed))))
        return refuse(actor->group->system, BST_FULL);
    node = bsti_magazine_alloc(&worker->magazines[0], &worker->exec->depots[0]);
    if (BSTI_UNLIKELY(!node))
        return refuse(actor->group->system, BST_NOMEM);
    copy_small((char *)node + sizeof *node, body, size);
    node->kind = kind;
    node->size = (uint32_t)size & BSTI_NODE_MAX_SIZE;
    node->flags = BSTI_NODE_COUNTED;
    node->stamp = stamp;
    node->from.sender = bsti_ref_child(sender);
    if (BSTI_UNLIKELY(!take_place(actor))) {
        bsti_node_destroy(actor->group->system, worker, node);
        return refuse(actor->group->system, BST_FULL);
    }
    push_here(worker, actor, node);
    return BST_OK;
}

bst_status bst_tell(bst_ref to, uint32_t kind, const void *body, size_t size)
{
    struct bsti_worker *worker = bsti_worker_current();
    struct bsti_actor *sender = bsti_actor_current(worker);
    struct bsti_actor *actor = (struct bsti_actor *)to.target;
    uint64_t stamp = to.stamp;

    if (sender)
        bsti_uses_check(sender, to, kind, BST_USE_TELL);
    if ((to.target & BSTI_REF_TAGS) == BSTI_REF_GROUP) {
        struct bsti_group *group = bsti_ref_group(to);

        actor = bsti_group_member(group, 0);
        stamp = bsti_load_relaxed(&actor->proc.gate) & ~(uint64_t)1;
        if (group->count > 1)
            return tell_slowly(worker, sender, to, kind, body, size);
    } else if (to.target == 0 || (to.target & BSTI_REF_TAGS)) {
        return tell_slowly(worker, sender, to, kind, body, size);
    }
    if (!worker || !sender || !fits_small(size) ||
        bsti_load_relaxed(&actor->proc.gate) != stamp ||
        actor->group->system != sender->group->system)
        return tell_slowly(worker, sender, to, kind, body, size);
    return tell_child(worker, sender, actor, stamp, kind, body, size);
}

bst_status bst_reply(void *self, uint32_t kind, const void *body, size_t size)
{
    struct bsti_actor *actor = bsti_actor_of(self);
    bst_ref to = bst_sender(self);

    bsti_uses_check(actor, to, kind, BST_USE_TELL);
    return tell_slowly(bsti_worker_current(), actor, to, kind, body, size);
}

/* ---- cast ---------------------------------------------------------------- */

static bst_status post_shared(struct bsti_worker *worker,
                              const struct bsti_target *target,
                              const struct bsti_outgoing *message,
                              struct bsti_shared *shared)
{
    struct bst_system *system = target->actor->group->system;
    struct bsti_node *node =
        bsti_node_create(system, worker, message->kind, sizeof shared);

    if (!node)
        return refuse(system, BST_NOMEM);
    memcpy((char *)node + sizeof *node, &shared, sizeof shared);
    node->size = (uint32_t)message->size & BSTI_NODE_MAX_SIZE;
    node->flags = BSTI_NODE_SHARED;
    bsti_shared_ref(shared);
    return deliver(worker, target, message, node);
}

_Static_assert(sizeof(struct bsti_shared *) % 16 != 0,
               "the pointer to a shared body lies right behind the header");

static bst_status cast_group(struct bsti_worker *worker,
                             struct bsti_group *group,
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
        status = shared ? post_shared(worker, &target, message, shared)
                        : bsti_post(worker, &target, message);
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
    struct bsti_worker *worker = bsti_worker_current();
    struct bsti_actor *sender = bsti_actor_current(worker);
    struct bsti_group *group = bsti_ref_group(to);
    struct bsti_outgoing message = {.kind = kind, .body = body, .size = size};
    bst_status status;

    if (sender)
        bsti_uses_check(sender, to, kind, BST_USE_CAST);
    if (!group)
        return tell_slowly(worker, sender, to, kind, body, size);
    if (!worker)
        bsti_foreign_enter(group->system);
    if (sender && sender->group->system == group->system)
        message.sender = bsti_ref_child(sender);
    status = cast_group(worker, group, &message);
    if (!worker)
        bsti_foreign_leave(group->system);
    return status;
}
