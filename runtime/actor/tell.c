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

static bst_status refuse_full(struct bsti_worker *worker,
                              struct bsti_actor *actor)
{
    struct bst_system *system = actor->group->system;

    if (worker && worker->exec == system->exec) {
        worker->sample_refused++;
        bsti_worker_told(worker, &actor->proc);
    }
    return refuse(system, BST_FULL);
}

/*
 * Takes a place in a bounded mailbox.
 *
 * Since `pushed` was read others may have pushed, and the holder taken, more:
 * then `taken` is ahead of it and the difference is negative.
 */
static inline bool take_place(struct bsti_actor *actor)
{
    struct bsti_proc *proc = &actor->proc;
    /* acq_rel: the message is published by its push */
    uint32_t pushed = bsti_fetch_add_acq_rel(&proc->pushed, 1u);
    /* acquire: pairs with the release in leave_place() of turn.c */
    uint32_t taken = bsti_load_acquire(&proc->taken);

    if (BSTI_LIKELY((int64_t)(int32_t)(pushed - taken) < (int64_t)proc->bound))
        return true;
    bsti_fetch_sub_relaxed(&proc->pushed, 1u);
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
        return refuse_full(worker, target->actor);
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

_Static_assert(sizeof(struct bsti_node) + BSTI_NODE_SMALL ==
                       1 << BSTI_BLOCK_SHIFT &&
                   BSTI_NODE_SMALL < 32,
               "copy_small() and the smallest block agree");

/* Copies up to 31 bytes; a call would take longer than the copying. */
static inline void copy_small(char *to, const char *from, size_t size)
{
    if (size & 16) {
        memcpy(to, from, 16);
        to += 16;
        from += 16;
    }
    if (size & 8) {
        memcpy(to, from, 8);
        to += 8;
        from += 8;
    }
    if (BSTI_LIKELY((size & 7) == 0))
        return;
    if (size & 4) {
        memcpy(to, from, 4);
        to += 4;
        from += 4;
    }
    for (size &= 3; size > 0; size--)
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

/* Gives a node back that does not fit into the mailbox. */
static BSTI_NOINLINE bst_status take_back(struct bsti_worker *worker,
                                          struct bsti_actor *actor,
                                          struct bsti_node *node)
{
    bsti_node_destroy(actor->group->system, worker, node);
    return refuse_full(worker, actor);
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
    struct bsti_node *node =
        bsti_magazine_alloc(&worker->magazines[0], &worker->exec->depots[0]);

    if (BSTI_UNLIKELY(!node))
        return refuse(actor->group->system, BST_NOMEM);
    copy_small((char *)node + bsti_node_offset(size), body, size);
    node->kind = kind;
    bsti_node_set(node, size, BSTI_NODE_COUNTED);
    node->stamp = stamp;
    node->from.sender = bsti_ref_child(sender);
    if (BSTI_UNLIKELY(!take_place(actor)))
        return take_back(worker, actor, node);
    push_here(worker, actor, node);
    return BST_OK;
}

/* Finds the one child a reference leads to, if that is easy; else NULL. */
static inline struct bsti_actor *single(bst_ref to, uint64_t *stamp)
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

bst_status bst_tell(bst_ref to, uint32_t kind, const void *body, size_t size)
{
    struct bsti_worker *worker = bsti_worker_here();
    struct bsti_actor *sender = bsti_actor_current(worker);
    struct bsti_actor *actor;
    uint64_t stamp;

    if (sender)
        bsti_uses_check(sender, to, kind, BST_USE_TELL);
    if (BSTI_UNLIKELY(!worker || !sender || size > BSTI_NODE_SMALL))
        return tell_slowly(worker, sender, to, kind, body, size);
    actor = single(to, &stamp);
    if (BSTI_UNLIKELY(!actor || actor->group->system != sender->group->system))
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
