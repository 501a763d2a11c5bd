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

#include "actor/foreign.h"
#include "actor/payload.h"
#include "actor/send.h"
#include "actor/uses.h"
#include "exec/worker.h"
#include "plat/probe.h"
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

BSTI_NOINLINE bst_status bsti_take_back(struct bsti_worker *worker,
                                        struct bsti_actor *actor,
                                        struct bsti_node *node, bool may_wait)
{
    struct bst_system *system = actor->group->system;
    bst_status status = bsti_overflow(worker, actor, node, may_wait);

    if (status == BST_OK)
        return status;
    if (worker && worker->exec == system->exec) {
        worker->sample_refused++;
        bsti_worker_told(worker, &actor->proc);
    }
    return refuse(system, status);
}

void bsti_post_node(struct bsti_worker *worker, struct bsti_actor *actor,
                    struct bsti_node *node)
{
    struct bst_system *system = actor->group->system;

    if (BSTI_UNLIKELY(actor->group->drops_oldest &&
                      !(node->flags & BSTI_NODE_TICK))) {
        bsti_oldest_append(worker, actor, node);
        return;
    }
    if (BSTI_LIKELY(worker && worker->exec == system->exec)) {
        bsti_push_here(worker, actor, node);
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
    address(node, target, message);
    if (!message->unbounded && !message->placed &&
        !bsti_take_place(target->actor))
        return bsti_take_back(worker, target->actor, node, !message->hurried);
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
    if (BSTI_UNLIKELY(message->owned)) {
        bsti_owned_clear((void *)(uintptr_t)message->body, message->owned);
        node->flags |= BSTI_NODE_OWNED;
    }
    return deliver(worker, target, message, node);
}

/* Tells a message whose sender is still to be filled in. */
static bst_status tell_message(struct bsti_worker *worker,
                               struct bsti_actor *sender, bst_ref to,
                               struct bsti_outgoing *message)
{
    struct bst_system *system = bsti_ref_system(to);
    struct bsti_target target;
    bst_status status;

    if (!system)
        return refuse(sender ? sender->group->system : NULL, BST_DEAD);
    if (!worker && !bsti_foreign_enter(system))
        return BST_DEAD;
    /* A sender of another system may be gone when the receiver looks. */
    if (sender && sender->group->system == system)
        message->sender = bsti_ref_child(sender);
    status = bsti_ref_resolve(to, &target);
    status = status == BST_OK ? bsti_post(worker, &target, message)
                              : refuse(system, status);
    if (!worker)
        bsti_foreign_leave(system);
    return status;
}

/* A tell that is not the common case below. */
static BSTI_NOINLINE bst_status tell_slowly(struct bsti_worker *worker,
                                            struct bsti_actor *sender,
                                            bst_ref to, uint32_t kind,
                                            const void *body, size_t size)
{
    struct bsti_outgoing message = {.kind = kind, .body = body, .size = size};

    bsti_probe_body(&message);
    return tell_message(worker, sender, to, &message);
}

/*
 * Sends a small message to a child of the sender's own system: what tells and
 * casts have in common. `may_wait`: where the mailbox says so. Inline by force:
 * used twice, it would be a call, which takes a tenth of a message's time.
 */
__attribute__((always_inline)) static inline bst_status
send_small(struct bsti_worker *worker, struct bsti_actor *sender,
           struct bsti_actor *actor, uint64_t stamp, uint32_t kind,
           const void *body, size_t size, bool may_wait)
{
    struct bsti_node *node = bsti_small_create(worker, kind, body, size);

    if (BSTI_UNLIKELY(!node))
        return refuse(actor->group->system, BST_NOMEM);
    node->stamp = stamp;
    node->from.sender = bsti_ref_child(sender);
    if (BSTI_UNLIKELY(!bsti_take_place(actor)))
        return bsti_take_back(worker, actor, node, may_wait);
    bsti_push_here(worker, actor, node);
    return BST_OK;
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
    bsti_probe_small(body, size);
    return send_small(worker, sender, actor, stamp, kind, body, size, true);
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
    actor = bsti_ref_single(to, &stamp);
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

/* One refusal makes it the result of all; BST_DEAD: nobody was there yet. */
static inline void add_result(bst_status *result, bst_status status)
{
    if (status != BST_OK || *result == BST_DEAD)
        *result = status;
}

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

/* Makes the body that the members of a cast share. */
static struct bsti_shared *share(struct bst_system *system,
                                 const struct bsti_outgoing *message)
{
    struct bsti_shared *shared =
        bsti_shared_create(system, message->body, message->size);

    if (shared && message->owned) {
        bsti_owned_clear((void *)(uintptr_t)message->body, message->owned);
        shared->owned = message->owned;
    }
    return shared;
}

static bst_status cast_group(struct bsti_worker *worker,
                             struct bsti_group *group,
                             const struct bsti_outgoing *message)
{
    struct bst_system *system = group->system;
    struct bsti_shared *shared = NULL;
    struct bsti_target target;
    bst_status result = BST_DEAD;
    uint32_t place = 0;

    if (message->size > BSTI_NODE_MAX_SIZE)
        return refuse(system, BST_INVALID);
    if ((message->size >= SHARE_FROM || message->owned) && group->count != 1) {
        shared = share(system, message);
        if (!shared)
            return refuse(system, BST_NOMEM);
    }
    while (bsti_ref_next(group, &place, &target) == BST_OK) {
        bst_status status = shared
                                ? post_shared(worker, &target, message, shared)
                                : bsti_post(worker, &target, message);

        add_result(&result, status);
    }
    if (shared)
        bsti_shared_unref(system, shared);
    return result == BST_DEAD ? refuse(system, result) : result;
}

/*
 * The common case, in one piece: a handler casts a small message to a group of
 * its own system. It does what cast_group() does.
 */
static bst_status cast_small(struct bsti_worker *worker,
                             struct bsti_actor *sender,
                             struct bsti_group *group, uint32_t kind,
                             const void *body, size_t size)
{
    bst_status result = BST_DEAD;

    for (uint32_t i = 0; i < group->count; i++) {
        struct bsti_actor *actor = bsti_group_member(group, i);
        uint64_t gate = bsti_load_relaxed(&actor->proc.gate);

        if (!(gate & 1))
            add_result(&result, send_small(worker, sender, actor, gate, kind,
                                           body, size, false));
    }
    return result == BST_DEAD ? refuse(group->system, result) : result;
}

/* As tell_message(), to all of a group. */
static bst_status cast_message(struct bsti_worker *worker,
                               struct bsti_actor *sender,
                               struct bsti_group *group,
                               struct bsti_outgoing *message)
{
    bst_status status;

    message->hurried = true;
    if (!worker && !bsti_foreign_enter(group->system))
        return BST_DEAD;
    if (sender && sender->group->system == group->system)
        message->sender = bsti_ref_child(sender);
    status = cast_group(worker, group, message);
    if (!worker)
        bsti_foreign_leave(group->system);
    return status;
}

bst_status bsti_tell(bst_ref to, struct bsti_outgoing *message,
                     enum bst_use_how how)
{
    struct bsti_worker *worker = bsti_worker_current();
    struct bsti_actor *sender = bsti_actor_current(worker);
    struct bsti_group *group = how == BST_USE_CAST ? bsti_ref_group(to) : NULL;

    bsti_probe_body(message);
    if (sender)
        bsti_uses_check(sender, to, message->kind, how);
    if (group)
        return cast_message(worker, sender, group, message);
    return tell_message(worker, sender, to, message);
}

bst_status bst_cast(bst_ref to, uint32_t kind, const void *body, size_t size)
{
    struct bsti_worker *worker = bsti_worker_here();
    struct bsti_actor *sender = bsti_actor_current(worker);
    struct bsti_group *group = bsti_ref_group(to);
    struct bsti_outgoing message = {.kind = kind, .body = body, .size = size};

    if (BSTI_LIKELY(worker && sender && group && !group->dynamic &&
                    size <= BSTI_NODE_SMALL &&
                    sender->group->system == group->system)) {
        bsti_probe_small(body, size);
        bsti_uses_check(sender, to, kind, BST_USE_CAST);
        return cast_small(worker, sender, group, kind, body, size);
    }
    return bsti_tell(to, &message, BST_USE_CAST);
}
