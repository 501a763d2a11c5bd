/*
 * Messages that get no place, and the mailbox that drops the oldest.
 *
 * The queue of such a mailbox holds all messages, so that those of one sender
 * stay in order; ticks alone go past it. The token is in the mailbox exactly
 * while `announced` is set. It is taken out when the queue was found empty,
 * or when others in the mailbox have waited for long; then it goes in again
 * if there is something in the queue.
 */

#include "actor/overflow.h"

#include "actor/send.h"
#include "base/assert.h"

enum { TAKEN_IN_A_ROW = 64 };

static enum bst_overflow mode_of(const struct bsti_actor *actor)
{
    return actor->group->spec->overflow;
}

void bsti_overflow_init(struct bsti_actor *actor)
{
    struct bsti_overflow *overflow = bsti_overflow_of(actor);
    enum bst_overflow mode = mode_of(actor);

    if (mode != BST_OVERFLOW_BLOCK && mode != BST_OVERFLOW_DROP_OLDEST)
        return;
    bsti_spin_init(&overflow->lock);
    overflow->bound = bsti_load_relaxed(&actor->proc.bound);
    bsti_list_init(&overflow->waiting);
    overflow->token.flags = BSTI_NODE_TOKEN;
    if (mode == BST_OVERFLOW_DROP_OLDEST)
        bsti_store_relaxed(&actor->proc.bound, 0u);
}

/* Counts a message that is thrown away, and tells whoever asks. */
static void drop(struct bsti_worker *worker, struct bsti_actor *actor,
                 struct bsti_node *node)
{
    struct bst_system *system = actor->group->system;

    if (node->flags & BSTI_NODE_ASK)
        bsti_answer(system, node->from.asker.waiter, node->from.asker.seq,
                    BST_FULL, NULL);
    bsti_count(system, worker, BSTI_COUNT_DROPPED);
    bsti_node_destroy(system, worker, node);
}

/* An asker is better told at once than left to its deadline. */
static bst_status drop_newest(struct bsti_worker *worker,
                              struct bsti_actor *actor, struct bsti_node *node)
{
    struct bst_system *system = actor->group->system;

    if (node->flags & BSTI_NODE_ASK) {
        bsti_node_destroy(system, worker, node);
        return BST_FULL;
    }
    bsti_count(system, worker, BSTI_COUNT_SENT);
    drop(worker, actor, node);
    return BST_OK;
}

bst_status bsti_overflow(struct bsti_worker *worker, struct bsti_actor *actor,
                         struct bsti_node *node, bool may_wait)
{
    switch (mode_of(actor)) {
    case BST_OVERFLOW_DROP_OLDEST:
        bsti_oldest_append(worker, actor, node);
        return BST_OK;
    case BST_OVERFLOW_DROP_NEWEST:
        return drop_newest(worker, actor, node);
    case BST_OVERFLOW_BLOCK:
        return bsti_blocked_send(worker, actor, node, may_wait);
    case BST_OVERFLOW_REJECT:
        break;
    }
    bsti_node_destroy(actor->group->system, worker, node);
    return BST_FULL;
}

/* ---- drop_oldest --------------------------------------------------------- */

static struct bsti_mpscq_node *next_of(struct bsti_mpscq_node *link)
{
    /* relaxed: under the lock */
    return bsti_load_relaxed(&link->next);
}

/* Takes the node behind `before` (NULL: the oldest) out of the queue. */
static struct bsti_node *unlink(struct bsti_overflow *overflow,
                                struct bsti_mpscq_node *before)
{
    struct bsti_mpscq_node *link = before ? next_of(before) : overflow->oldest;
    struct bsti_node *node = bsti_node_of(link);

    if (before)
        bsti_store_relaxed(&before->next, next_of(link));
    else
        overflow->oldest = next_of(link);
    if (overflow->newest == link)
        overflow->newest = before;
    if (node->flags & BSTI_NODE_COUNTED)
        overflow->queued--;
    return node;
}

/* Takes out the oldest message that takes a place; there is one. */
static struct bsti_node *unlink_counted(struct bsti_overflow *overflow)
{
    struct bsti_mpscq_node *before = NULL;
    struct bsti_mpscq_node *link = overflow->oldest;

    while (!(bsti_node_of(link)->flags & BSTI_NODE_COUNTED)) {
        before = link;
        link = next_of(link);
    }
    return unlink(overflow, before);
}

static void link_last(struct bsti_overflow *overflow, struct bsti_node *node)
{
    bsti_store_relaxed(&node->link.next, NULL);
    if (overflow->newest)
        bsti_store_relaxed(&overflow->newest->next, &node->link);
    else
        overflow->oldest = &node->link;
    overflow->newest = &node->link;
    if (node->flags & BSTI_NODE_COUNTED)
        overflow->queued++;
}

/* Puts the token into the mailbox. */
static void announce(struct bsti_worker *worker, struct bsti_actor *actor)
{
    struct bst_system *system = actor->group->system;

    if (!bsti_mpscq_push(&actor->proc.mailbox,
                         &bsti_overflow_of(actor)->token.link))
        return;
    if (worker && worker->exec == system->exec)
        bsti_worker_ready(worker, &actor->proc);
    else
        bsti_exec_ready(system->exec, &actor->proc);
}

void bsti_oldest_append(struct bsti_worker *worker, struct bsti_actor *actor,
                        struct bsti_node *node)
{
    struct bsti_overflow *overflow = bsti_overflow_of(actor);
    struct bsti_node *victim = NULL;
    bool must_announce;

    bsti_count(actor->group->system, worker, BSTI_COUNT_SENT);
    bsti_spin_lock(&overflow->lock);
    if ((node->flags & BSTI_NODE_COUNTED) &&
        overflow->queued == overflow->bound)
        victim = unlink_counted(overflow);
    link_last(overflow, node);
    must_announce = !overflow->announced;
    overflow->announced = true;
    bsti_spin_unlock(&overflow->lock);
    if (must_announce)
        announce(worker, actor);
    if (victim)
        drop(worker, actor, victim);
}

struct bsti_node *bsti_oldest_take(struct bsti_actor *actor)
{
    struct bsti_overflow *overflow = bsti_overflow_of(actor);
    struct bsti_node *node = NULL;

    if (overflow->in_a_row++ == TAKEN_IN_A_ROW) {
        overflow->in_a_row = 0;
        return NULL;
    }
    bsti_spin_lock(&overflow->lock);
    if (overflow->oldest)
        node = unlink(overflow, NULL);
    bsti_spin_unlock(&overflow->lock);
    if (node)
        node->flags |= BSTI_NODE_LOOSE;
    else
        overflow->in_a_row = 0;
    return node;
}

void bsti_oldest_token_taken(struct bsti_actor *actor)
{
    struct bsti_overflow *overflow = bsti_overflow_of(actor);
    bool again;

    bsti_spin_lock(&overflow->lock);
    again = overflow->oldest != NULL;
    overflow->announced = again;
    bsti_spin_unlock(&overflow->lock);
    if (again)
        announce(bsti_worker_current(), actor);
}
