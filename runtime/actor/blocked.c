/*
 * Senders that wait for a place in a full mailbox.
 *
 * A sender puts itself into the receiver's list, sets the signal BLOCKED, and
 * waits on its wait word. Several parties may end the wait, as with an ask:
 * the receiver, the time limit, a stop request, a kill; one of them wins. Only
 * the receiver, which has won, may push the sender's message; in all other
 * cases the sender takes itself out of the list, under the lock, and frees it.
 * So a message is pushed or freed, whatever becomes of the sender.
 *
 * The signal stays set while somebody waits. The receiver sees it between two
 * messages and before it goes idle, so no wake-up is lost; that costs it a
 * look at its counts for each message.
 *
 * A sender that fails to get a place has taken one for a moment, and then the
 * receiver may count one too few. It does not sleep on that: in an empty
 * mailbox with the signal set it goes to the back of its queue.
 */

#include "actor/foreign.h"
#include "actor/overflow.h"
#include "actor/send.h"
#include "base/alloc.h"
#include "base/assert.h"

enum { DEFAULT_BLOCK_S = 5 };

/* ---- the receiver -------------------------------------------------------- */

/* How many messages may be pushed for those who wait. */
static int64_t free_places(const struct bsti_actor *actor,
                           const struct bsti_overflow *overflow)
{
    const struct bsti_proc *proc = &actor->proc;
    /* relaxed: it only grows while somebody waits, and what it grows by is
     * given back; `taken` is the holder's own. */
    uint32_t used =
        bsti_load_relaxed(&proc->pushed) - bsti_load_relaxed(&proc->taken);

    return (int64_t)overflow->bound - (int32_t)used;
}

/* The lock is held: somebody has left the list. */
static void left_list(struct bsti_actor *actor, struct bsti_overflow *overflow)
{
    if (bsti_list_is_empty(&overflow->waiting))
        bsti_store_relaxed(&actor->proc.bound, overflow->bound);
}

/* Ends the waits of those who have waited for longest, at most `most`, and
 * moves them to `served`. What they wait for is still to be given to them. */
static void choose(struct bsti_actor *actor, struct bsti_overflow *overflow,
                   int64_t most, bool take_places, struct bsti_list *served)
{
    struct bsti_list *item;

    bsti_spin_lock(&overflow->lock);
    while (most > 0 && (item = bsti_list_pop_front(&overflow->waiting))) {
        struct bsti_sending *sending =
            bsti_container_of(item, struct bsti_sending, link);
        enum bsti_claim claim =
            bsti_waiter_claim(sending->waiter, sending->seq);

        if (claim == BSTI_CLAIM_LOST)
            continue;
        sending->was_suspended = claim == BSTI_CLAIM_SUSPENDED;
        bsti_list_push_back(served, item);
        if (take_places)
            /* relaxed: the message is published by its push */
            bsti_fetch_add_relaxed(&actor->proc.pushed, 1u);
        most--;
    }
    left_list(actor, overflow);
    if (bsti_list_is_empty(&overflow->waiting))
        bsti_proc_take_signals(&actor->proc, BSTI_SIGNAL_BLOCKED);
    bsti_spin_unlock(&overflow->lock);
}

/* Publishes the result of a wait that choose() has ended. */
static void finish(struct bst_system *system, struct bsti_sending *sending,
                   bst_status status)
{
    struct bsti_waiter *waiter = sending->waiter;
    bool ready = sending->was_suspended &&
                 bsti_load_relaxed(&waiter->thread) == BSTI_WAITER_PROC;

    /* From here on only a process that was suspended is still there. */
    bsti_waiter_finish(waiter, sending->seq, status, NULL);
    if (ready)
        bsti_exec_ready(system->exec,
                        bsti_container_of(waiter, struct bsti_proc, waiter));
}

static void give(struct bsti_actor *actor, struct bsti_list *served)
{
    struct bsti_worker *worker = bsti_worker_current();
    struct bsti_list *item;

    while ((item = bsti_list_pop_front(served))) {
        struct bsti_sending *sending =
            bsti_container_of(item, struct bsti_sending, link);

        if (sending->node)
            bsti_post_node(worker, actor, sending->node);
        else
            sending->has_place = true;
        sending->node = NULL;
        finish(actor->group->system, sending, BST_OK);
    }
}

/* Nobody will take the messages of those who wait. */
static void turn_away(struct bsti_actor *actor, struct bsti_list *served)
{
    struct bsti_list *item;

    while ((item = bsti_list_pop_front(served)))
        finish(actor->group->system,
               bsti_container_of(item, struct bsti_sending, link), BST_DEAD);
}

void bsti_blocked_serve(struct bsti_actor *actor)
{
    struct bsti_overflow *overflow = bsti_overflow_of(actor);
    bool closed = bsti_load_relaxed(&actor->proc.gate) & 1;
    int64_t room = free_places(actor, overflow);
    struct bsti_list served;

    bsti_list_init(&served);
    if (closed) {
        choose(actor, overflow, INT64_MAX, false, &served);
        turn_away(actor, &served);
        return;
    }
    /* Many at once: waking one for each message would keep both sides busy
     * with nothing else. */
    if (room < (int64_t)(overflow->bound + 1) / 2)
        return;
    choose(actor, overflow, room, true, &served);
    give(actor, &served);
}

/* ---- the sender ---------------------------------------------------------- */

static bst_time limit_of(const struct bsti_actor *actor)
{
    bst_time block = actor->group->spec->block;

    return block > 0 ? block : BST_S(DEFAULT_BLOCK_S);
}

static void enter_list(struct bsti_sending *sending, struct bsti_actor *actor,
                       struct bsti_node *node, struct bsti_waiter *waiter)
{
    struct bsti_overflow *overflow = bsti_overflow_of(actor);

    sending->receiver = actor;
    sending->node = node;
    sending->has_place = false;
    sending->waiter = waiter;
    sending->seq = bsti_waiter_arm(waiter);
    bsti_spin_lock(&overflow->lock);
    bsti_list_push_back(&overflow->waiting, &sending->link);
    bsti_store_relaxed(&actor->proc.bound, 0u);
    bsti_spin_unlock(&overflow->lock);
    if (bsti_proc_signal(&actor->proc, BSTI_SIGNAL_BLOCKED))
        bsti_exec_ready(actor->group->system->exec, &actor->proc);
}

void bsti_place_return(struct bsti_actor *actor)
{
    /* relaxed: it was not used; see free_places() */
    bsti_fetch_sub_relaxed(&actor->proc.pushed, 1u);
}

/* The wait is over: takes back what was not given away. */
static void leave_list(struct bsti_sending *sending)
{
    struct bsti_actor *actor = sending->receiver;
    struct bsti_overflow *overflow = bsti_overflow_of(actor);

    bsti_spin_lock(&overflow->lock);
    bsti_list_remove(&sending->link);
    left_list(actor, overflow);
    bsti_spin_unlock(&overflow->lock);
    if (sending->node)
        bsti_node_destroy(actor->group->system, bsti_worker_current(),
                          sending->node);
    if (sending->has_place)
        bsti_place_return(actor);
    sending->node = NULL;
    sending->receiver = NULL;
}

/* What is left to do when the wait has its result. */
static bst_status end_wait(struct bsti_sending *sending)
{
    void *gift;
    bst_status status = (bst_status)bsti_waiter_take(sending->waiter, &gift);

    if (status == BST_OK) {
        sending->has_place = false; /* it is the caller's now */
        sending->receiver = NULL;
    } else {
        leave_list(sending);
    }
    return status;
}

static struct bsti_sending *sending_of(struct bsti_actor *actor)
{
    struct bsti_record *record = bsti_child_record(&actor->child);

    /* acquire: pairs with remember_sending(), of the holder */
    return record ? bsti_load_acquire(&record->sending) : NULL;
}

/* A process that was blocked once will be again: it keeps the memory. */
static struct bsti_sending *remember_sending(struct bsti_actor *actor)
{
    struct bsti_sending *sending = sending_of(actor);
    struct bsti_record *record;

    if (sending)
        return sending;
    record = bsti_child_remember(&actor->child);
    sending = record ? bsti_alloc(sizeof *sending) : NULL;
    if (!sending)
        return NULL;
    bsti_list_init(&sending->link);
    /* release: pairs with sending_of(), of a thread that stops it */
    bsti_store_release(&record->sending, sending);
    return sending;
}

/* A handler on the blocking pool keeps its thread while it waits. */
static void wait_on_pool(struct bsti_actor *sender,
                         struct bsti_sending *sending, bst_time within)
{
    struct bst_system *system = sender->group->system;

    bsti_thread_wait(system, sending->waiter, sending->seq,
                     bsti_thread_deadline(system, within), BST_FULL);
}

static bst_status wait_as_process(struct bsti_worker *worker,
                                  struct bsti_actor *sender,
                                  struct bsti_actor *actor,
                                  struct bsti_node *node, bst_time within)
{
    struct bsti_waiter *waiter = &sender->proc.waiter;
    struct bsti_sending *sending = remember_sending(sender);
    bst_status status;

    if (!sending) {
        if (node)
            bsti_node_destroy(actor->group->system, worker, node);
        return BST_NOMEM;
    }
    if (!worker)
        bsti_store_relaxed(&waiter->thread, (uint32_t)BSTI_WAITER_BLOCKED);
    enter_list(sending, actor, node, waiter);
    /* seq_cst: before the look at the signals; pairs with
     * bsti_blocked_stop(), which comes after the signal was set. */
    bsti_store_seq_cst(&sending->stoppable, sending->seq);
    if (bsti_load_seq_cst(&sender->proc.signals) & BSTI_SIGNAL_STOP)
        bsti_waiter_give_up(waiter, sending->seq, BST_STOPPING);
    if (!worker)
        wait_on_pool(sender, sending, within);
    else if (!bsti_suspend_for(&sender->proc, sending->seq, within, BST_FULL))
        bsti_waiter_give_up(waiter, sending->seq, BST_NOMEM);
    bsti_store_relaxed(&sending->stoppable, (uint64_t)0);
    status = end_wait(sending);
    if (!worker)
        bsti_store_relaxed(&waiter->thread, (uint32_t)BSTI_WAITER_PROC);
    return status;
}

static bst_status wait_as_thread(struct bsti_actor *actor,
                                 struct bsti_node *node, bst_time within)
{
    struct bst_system *system = actor->group->system;
    struct bsti_foreign *foreign = bsti_foreign_acquire(system);
    bst_time due = bsti_thread_deadline(system, within);
    struct bsti_sending *sending;
    bst_status status;

    if (!foreign) {
        if (node)
            bsti_node_destroy(system, NULL, node);
        return BST_NOMEM;
    }
    sending = &foreign->sending;
    enter_list(sending, actor, node, &foreign->waiter);
    bsti_thread_wait(system, &foreign->waiter, sending->seq, due, BST_FULL);
    status = end_wait(sending);
    bsti_foreign_release(system, foreign);
    return status;
}

/* Whether this sender may wait for a place of `actor`; else it is refused. */
static bool can_wait(const struct bsti_worker *worker,
                     const struct bsti_actor *sender,
                     const struct bsti_actor *actor)
{
    if (!sender)
        return !worker; /* a task, or the system itself, never waits here */
    return sender != actor && sender->group->system == actor->group->system &&
           (bsti_actor_is_up(sender) ||
            bsti_actor_phase(sender) == BSTI_PHASE_STARTING);
}

/* `node` may be NULL: then the place is what is waited for. */
static bst_status wait_for_place(struct bsti_worker *worker,
                                 struct bsti_actor *actor,
                                 struct bsti_node *node, bst_time within)
{
    struct bsti_actor *sender = bsti_actor_current(worker);

    if (!can_wait(worker, sender, actor)) {
        if (node)
            bsti_node_destroy(actor->group->system, worker, node);
        return BST_FULL;
    }
    if (!sender)
        return wait_as_thread(actor, node, within);
    return wait_as_process(worker, sender, actor, node, within);
}

bst_status bsti_blocked_send(struct bsti_worker *worker,
                             struct bsti_actor *actor, struct bsti_node *node,
                             bool may_wait)
{
    if (may_wait)
        return wait_for_place(worker, actor, node, limit_of(actor));
    bsti_node_destroy(actor->group->system, worker, node);
    return BST_FULL;
}

bst_status bsti_blocked_place(struct bsti_worker *worker,
                              struct bsti_actor *actor, bst_time within)
{
    if (bsti_take_place(actor))
        return BST_OK;
    return wait_for_place(worker, actor, NULL,
                          BSTI_MIN(within, limit_of(actor)));
}

void bsti_blocked_stop(struct bsti_actor *actor)
{
    struct bsti_sending *sending = sending_of(actor);
    struct bsti_waiter *waiter = &actor->proc.waiter;
    enum bsti_claim claim;
    bool thread;
    uint64_t seq;

    if (!sending)
        return;
    /* seq_cst: after the signal was set; pairs with wait_as_process() */
    seq = bsti_load_seq_cst(&sending->stoppable);
    if (seq == 0)
        return;
    claim = bsti_waiter_claim(waiter, seq);
    if (claim == BSTI_CLAIM_LOST)
        return;
    thread = bsti_load_relaxed(&waiter->thread) != BSTI_WAITER_PROC;
    bsti_waiter_finish(waiter, seq, BST_STOPPING, NULL);
    if (claim == BSTI_CLAIM_SUSPENDED && !thread)
        bsti_exec_ready(actor->group->system->exec, &actor->proc);
}

void bsti_blocked_prepare(struct bsti_actor *actor)
{
    if (!bsti_worker_current())
        bsti_store_relaxed(&actor->proc.waiter.thread,
                           (uint32_t)BSTI_WAITER_BLOCKED);
}

void bsti_blocked_await(struct bsti_actor *actor, uint64_t seq)
{
    struct bst_system *system = actor->group->system;
    struct bsti_sending *sending = remember_sending(actor);
    struct bsti_waiter *waiter = &actor->proc.waiter;

    if (!sending) {
        bsti_waiter_give_up(waiter, seq, BST_NOMEM);
        return;
    }
    /* seq_cst: as in wait_as_process() */
    bsti_store_seq_cst(&sending->stoppable, seq);
    if (bsti_load_seq_cst(&actor->proc.signals) & BSTI_SIGNAL_STOP)
        bsti_waiter_give_up(waiter, seq, BST_STOPPING);
    if (!bsti_worker_current())
        bsti_thread_wait(system, waiter, seq, BST_INFINITE, BST_TIMEOUT);
    else if (!bsti_suspend_for(&actor->proc, seq, BST_INFINITE, BST_TIMEOUT))
        bsti_waiter_give_up(waiter, seq, BST_NOMEM);
    bsti_store_relaxed(&sending->stoppable, (uint64_t)0);
}

void bsti_blocked_drop(struct bsti_actor *actor)
{
    struct bsti_sending *sending = sending_of(actor);

    if (!sending || !sending->receiver)
        return;
    bsti_store_relaxed(&sending->stoppable, (uint64_t)0);
    leave_list(sending);
}
