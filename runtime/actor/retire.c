/*
 * The end of members of dynamic groups, and of their tenancy of a block.
 *
 * Whoever ends an incarnation holds the process, and goes on to hold it until
 * it has given it to the supervisor, or until the mailbox is empty and idle:
 * then the block is free. Its flags are cleared before that, because from
 * then on another turn may run on it.
 */

#include "actor/actor.h"
#include "actor/dynamic.h"
#include "exec/block.h"
#include "sync/atomic.h"

enum { BATCH = 256 /* messages that are discarded in a turn */ };

/* ---- the block ----------------------------------------------------------- */

static inline void recycle(struct bsti_actor *actor, struct bsti_worker *worker,
                           struct bsti_mpscq_node *link)
{
    struct bsti_node *node = bsti_node_of(link);

    if (BSTI_LIKELY(bsti_node_is_plain(node)))
        bsti_magazine_free(&worker->magazines[0], &worker->exec->depots[0],
                           node);
    else if (node->flags & BSTI_NODE_TICK)
        bsti_tick_taken(node);
    else if (node->flags & BSTI_NODE_TOKEN)
        bsti_oldest_token_taken(actor);
    else
        bsti_node_destroy(actor->group->system, worker, node);
}

/* Gives the block and its place away; inside. */
static inline void free_block(struct bsti_dynamic *dynamic,
                              struct bsti_actor *actor,
                              struct bsti_nursery *nursery, uint32_t door)
{
    bsti_magazine_free(nursery ? &nursery->blocks : NULL, &dynamic->depot,
                       actor);
    bsti_dynamic_give_place(dynamic, nursery, door);
}

static void vacate(struct bsti_actor *actor)
{
    struct bsti_dynamic *dynamic = actor->group->dynamic;
    struct bsti_nursery *nursery =
        bsti_dynamic_go_in(dynamic, bsti_worker_current());

    free_block(dynamic, actor, nursery, bsti_dynamic_door(dynamic));
    bsti_dynamic_go_out(dynamic, nursery);
}

/* A message for nobody; its asker is told. */
static void discard(struct bsti_actor *actor, const struct bsti_node *node)
{
    struct bsti_proc *proc = &actor->proc;
    struct bst_system *system = actor->group->system;

    if (node->flags & BSTI_NODE_TOKEN)
        return;
    /* release: pairs with the acquire in has_room() of tell.c */
    if ((node->flags & (BSTI_NODE_COUNTED | BSTI_NODE_LOOSE)) ==
        BSTI_NODE_COUNTED)
        bsti_store_release(&proc->taken, bsti_load_relaxed(&proc->taken) + 1);
    if (node->flags & BSTI_NODE_ASK)
        bsti_answer(system, node->from.asker.waiter, node->from.asker.seq,
                    BST_DEAD, NULL);
    bsti_count(system, bsti_worker_current(), BSTI_COUNT_DEAD);
}

/*
 * Takes the next message out of the mailbox, or makes it idle. Returns
 * BSTI_MPSCQ_IDLE when the block is free: it must not be touched any more.
 */
static enum bsti_mpscq_result empty_one(struct bsti_actor *actor)
{
    struct bsti_mpscq *mailbox = &actor->proc.mailbox;
    struct bsti_mpscq_node *link;
    enum bsti_mpscq_result result;
    bool busy;

    if (!bsti_mpscq_is_spent(mailbox)) {
        link = bsti_mpscq_front(mailbox, &busy);
        if (!link && busy)
            return BSTI_MPSCQ_BUSY;
        if (!link) {
            actor->flags = 0;
            if (bsti_mpscq_try_idle(mailbox))
                return BSTI_MPSCQ_IDLE;
            actor->flags = BSTI_RETIRING;
            return BSTI_MPSCQ_POPPED;
        }
        discard(actor, bsti_node_of(link));
    }
    actor->flags = 0;
    result = bsti_mpscq_pop(mailbox, true, &link);
    if (result != BSTI_MPSCQ_IDLE)
        actor->flags = BSTI_RETIRING;
    if (result != BSTI_MPSCQ_BUSY)
        recycle(actor, bsti_worker_current(), link);
    return result;
}

/* Turns away those who wait, and empties a queue of its own. What comes after
 * that finds the block free, or another tenant, and is discarded there. */
static void empty_overflow(struct bsti_actor *actor)
{
    struct bsti_worker *worker = bsti_worker_current();
    struct bsti_node *node;

    if (bsti_proc_signals(&actor->proc) & BSTI_SIGNAL_BLOCKED)
        bsti_blocked_serve(actor);
    if (!actor->group->drops_oldest)
        return;
    /* NULL may mean that others come first; not twice in a row. */
    for (unsigned none = 0; none < 2; none++) {
        while ((node = bsti_oldest_take(actor))) {
            discard(actor, node);
            bsti_node_destroy(actor->group->system, worker, node);
            none = 0;
        }
    }
}

/* The mailbox is idle. Returns whether somebody waits for a place in it, who
 * must be turned away: then the process is held again. */
static bool is_blocked(struct bsti_actor *actor)
{
    struct bsti_proc *proc = &actor->proc;

    /* seq_cst: as in bsti_proc_reclaim() */
    if (!(bsti_load_seq_cst(&proc->signals) & BSTI_SIGNAL_BLOCKED) ||
        !bsti_mpscq_wake(&proc->mailbox))
        return false;
    actor->flags = BSTI_RETIRING;
    empty_overflow(actor);
    return true;
}

void bsti_dynamic_retire(struct bsti_actor *actor)
{
    bool may_overflow = actor->group->overflow_offset != 0;

    if (BSTI_UNLIKELY(may_overflow))
        empty_overflow(actor);
    for (int i = 0; i < BATCH; i++) {
        switch (empty_one(actor)) {
        case BSTI_MPSCQ_POPPED:
            continue;
        case BSTI_MPSCQ_IDLE:
            if (BSTI_UNLIKELY(may_overflow) && is_blocked(actor))
                continue;
            vacate(actor);
            return;
        case BSTI_MPSCQ_BUSY:
            break;
        }
        break;
    }
    bsti_exec_requeue(actor->group->system->exec, &actor->proc);
}

void bsti_dynamic_close(struct bsti_actor *actor)
{
    bsti_dynamic_set_live(actor, false);
    actor->flags = BSTI_RETIRING;
}

/* ---- the end ------------------------------------------------------------- */

static void close_gate(struct bsti_actor *actor)
{
    uint64_t gate = bsti_load_relaxed(&actor->proc.gate);

    /* relaxed: as in bsti_actor_close() */
    bsti_store_relaxed(&actor->proc.gate, gate | 1);
}

/* Whether it leaves without a word to its supervisor, which would have nothing
 * to decide and nothing to call. */
static bool leaves(const struct bsti_actor *actor, bool spawning)
{
    const struct bst_group *spec = actor->group->spec;

    return spawning ||
           (spec->lifetime != BST_PERMANENT && !spec->significant &&
            actor->exit == BSTI_EXIT_NORMAL && !actor->group->callbacks);
}

/*
 * Ends its membership. Returns false if the supervisor waits for its end: then
 * it has to be told. While the group is open nobody waits.
 */
static bool cancel(struct bsti_actor *actor)
{
    struct bsti_dynamic *dynamic = actor->group->dynamic;
    struct bsti_nursery *nursery =
        bsti_dynamic_go_in(dynamic, bsti_worker_current());
    bool open = !(bsti_dynamic_door(dynamic) & BSTI_DOOR_SHUT);

    if (open) {
        close_gate(actor);
        bsti_dynamic_set_live(actor, false);
    }
    bsti_dynamic_go_out(dynamic, nursery);
    if (open)
        return true;
    /* acq_rel: the supervisor sets WATCHED in the same word and looks for
     * GONE, so that one of the two knows of the other. */
    if (bsti_fetch_or_acq_rel(&actor->child.events, (uint8_t)BSTI_EVENT_GONE) &
        BSTI_EVENT_WATCHED)
        return false;
    close_gate(actor);
    bsti_dynamic_set_live(actor, false);
    return true;
}

void bsti_dynamic_ended(struct bsti_actor *actor)
{
    struct bst_system *system = actor->group->system;
    bool spawning =
        bsti_load_relaxed(&actor->child.events) & BSTI_EVENT_SPAWNING;
    struct bsti_parent parent;
    bst_status status = BST_OK;

    if (spawning)
        status = bsti_dynamic_refused(actor, &parent);
    if (leaves(actor, spawning) && cancel(actor))
        bsti_dynamic_retire(actor);
    else
        system->hooks->exited(actor);
    /* Last, so that whoever is told may spawn another one in its place. */
    if (spawning)
        bsti_answer(system, parent.waiter, parent.seq, status, NULL);
}

bool bsti_dynamic_leave(struct bsti_actor *actor)
{
    struct bsti_dynamic *dynamic = actor->group->dynamic;
    struct bsti_worker *worker;
    struct bsti_nursery *nursery;
    struct bsti_mpscq_node *link = NULL;
    enum bsti_mpscq_result result;
    uint32_t door;

    if (!dynamic->leaves_at_once || actor->proc.arena || actor->node == NULL)
        return false;
    worker = bsti_worker_current();
    nursery = bsti_dynamic_go_in(dynamic, worker);
    door = bsti_dynamic_door(dynamic);
    if (door & BSTI_DOOR_SHUT) {
        bsti_dynamic_go_out(dynamic, nursery);
        return false;
    }
    actor->node = NULL;
    actor->exit = (unsigned)BSTI_EXIT_NORMAL & 7;
    bsti_actor_set_phase(actor, BSTI_PHASE_DOWN);
    close_gate(actor);
    bsti_actor_next_stamp(actor);
    bsti_dynamic_set_live(actor, false);
    bsti_worker_count(worker, BSTI_COUNT_ENDS);
    actor->flags = 0;
    result = bsti_mpscq_pop(&actor->proc.mailbox, true, &link);
    if (BSTI_LIKELY(result == BSTI_MPSCQ_IDLE)) {
        free_block(dynamic, actor, nursery, door);
        bsti_dynamic_go_out(dynamic, nursery);
        recycle(actor, worker, link);
        return true;
    }
    actor->flags = BSTI_RETIRING;
    bsti_dynamic_go_out(dynamic, nursery);
    if (result == BSTI_MPSCQ_POPPED)
        recycle(actor, worker, link);
    bsti_dynamic_retire(actor);
    return true;
}
