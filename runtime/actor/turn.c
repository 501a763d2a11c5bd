/*
 * A turn of an actor: begin an incarnation, handle messages, heed signals.
 *
 * The message being handled stays linked in the mailbox, so a handler that
 * suspends leaves everything in order, and a turn whose frames are thrown
 * away can be finished by somebody else: all of its state is in the actor.
 */

#include <string.h>

#include "actor/dynamic.h"
#include "actor/payload.h"
#include "actor/apart.h"
#include "actor/send.h"
#include "base/assert.h"
#include "base/rand.h"
#include "plat/fault.h"
#include "sync/atomic.h"

_Static_assert(sizeof(struct bsti_actor) == (size_t)3 * BSTI_CACHE_LINE,
               "a process takes three cache lines beside its state");

enum {
    BATCH = 1024, /* messages handled in a turn */
    BUDGET = 256, /* messages sent in a turn */
    CHECK = 32,   /* messages between looks at the clock */
    SLICE_NS = 500000
};

static void count(struct bsti_actor *actor, enum bsti_count counter)
{
    bsti_count(actor->group->system, bsti_worker_current(), counter);
}

/* ---- handling one message ------------------------------------------------ */

static inline uint32_t answer_kind(const struct bsti_actor *actor,
                                   uint32_t kind)
{
    const struct bst_app *app = actor->group->system->app;
    uint32_t index = kind - BST_KIND_USER;

    return kind >= BST_KIND_USER && index < app->nmessages
               ? app->messages[index].answer
               : BST_KIND_NONE;
}

/* Makes the node that the handler writes its answer to. */
static bool prepare_answer(struct bsti_actor *actor, uint32_t kind, void **body)
{
    struct bst_system *system = actor->group->system;
    const struct bst_message *message =
        &system->app->messages[kind - BST_KIND_USER];
    size_t size = message->size;

    actor->answer = bsti_node_create(system, bsti_worker_current(), kind, size);
    if (!actor->answer)
        return false;
    *body = (char *)actor->answer + bsti_node_offset(size);
    memset(*body, 0, size);
    if (BSTI_UNLIKELY(message->owned)) {
        bsti_owned_clear(*body, message->owned);
        actor->answer->flags = BSTI_NODE_OWNED;
    }
    return true;
}

/* Sends the answer to whoever asked, or as a message to whoever told. */
static void send_answer(struct bsti_actor *actor, struct bsti_node *question)
{
    struct bst_system *system = actor->group->system;
    struct bsti_node *answer = actor->answer;
    struct bsti_target target;

    actor->answer = NULL;
    if (question->flags & BSTI_NODE_ASK) {
        bsti_answer(system, question->from.asker.waiter,
                    question->from.asker.seq, BST_OK, answer);
        return;
    }
    if (bsti_ref_resolve(question->from.sender, &target) != BST_OK) {
        count(actor, BSTI_COUNT_SENT);
        count(actor, BSTI_COUNT_DEAD);
        bsti_node_destroy(system, bsti_worker_current(), answer);
        return;
    }
    answer->stamp = target.stamp;
    if (target.incarnation)
        answer->flags |= BSTI_NODE_INCARNATION;
    answer->from.sender = bsti_ref_child(actor);
    bsti_post_node(bsti_worker_current(), target.actor, answer);
}

static inline void save_keep(struct bsti_actor *actor)
{
    const struct bst_actor *spec = bsti_actor_spec(actor);

    if (spec->keep_size > 0)
        memcpy((char *)actor + actor->group->shadow_offset,
               (char *)bsti_actor_state(actor) + spec->keep_offset,
               spec->keep_size);
}

static inline void before_handler(struct bsti_actor *actor, uint32_t kind)
{
    actor->kind = kind;
    save_keep(actor);
    actor->handling = BSTI_HANDLING;
}

static inline bst_status end_call(struct bsti_actor *actor, bst_status status)
{
    if (status == BST_OK || status == BST_STOP)
        actor->handling &= (uint8_t)~BSTI_HANDLING;
    return status;
}

/* As call(), with somebody who looks on. */
static BSTI_NOINLINE bst_status call_observed(struct bsti_actor *actor,
                                              const struct bst_msg *message,
                                              void *answer)
{
    const struct bsti_observer *observer = actor->group->system->observer;
    bst_status status = observer->before(actor, message);

    if (status == BST_OK)
        status = bsti_actor_spec(actor)->handle(bsti_actor_state(actor),
                                                message, answer);
    return end_call(actor, observer->after(actor, status));
}

static inline bst_status call(struct bsti_actor *actor,
                              const struct bst_msg *message, void *answer)
{
    before_handler(actor, message->kind);
    if (BSTI_UNLIKELY(actor->group->system->observer))
        return call_observed(actor, message, answer);
    return end_call(actor, bsti_actor_spec(actor)->handle(
                               bsti_actor_state(actor), message, answer));
}

bst_status bsti_actor_call_builtin(struct bsti_actor *actor, uint32_t kind)
{
    struct bst_msg message = {.kind = kind};

    return call(actor, &message, NULL);
}

/* Tells an asker how its question ended without an answer. */
static void refuse_question(struct bsti_actor *actor, struct bsti_node *node)
{
    bst_status status =
        actor->handling & BSTI_UNHANDLED ? BST_REFUSED : BST_NO_ANSWER;

    if (node->flags & BSTI_NODE_ASK)
        bsti_answer(actor->group->system, node->from.asker.waiter,
                    node->from.asker.seq, status, NULL);
}

/* After a handler that returned BST_OK or BST_STOP: answers and counts. */
static void settle(struct bsti_actor *actor, struct bsti_node *node,
                   bst_status status)
{
    struct bst_system *system = actor->group->system;

    if (actor->answer && status == BST_OK &&
        !(actor->handling & BSTI_UNHANDLED)) {
        send_answer(actor, node);
    } else {
        if (actor->answer)
            bsti_node_destroy(system, bsti_worker_current(), actor->answer);
        actor->answer = NULL;
        refuse_question(actor, node);
    }
    if (actor->group->has_idle && !(node->flags & BSTI_NODE_TICK))
        bsti_ticks_active(actor);
}

/* What follows a handler. Returns false if the incarnation has ended. */
static inline bool after_handler(struct bsti_actor *actor,
                                 struct bsti_node *node, bst_status status)
{
    if (BSTI_UNLIKELY(status != BST_OK && status != BST_STOP)) {
        bsti_actor_end(actor, BSTI_EXIT_FAILED, status);
        return false;
    }
    bsti_worker_count(bsti_worker_current(), BSTI_COUNT_HANDLED);
    if (actor->answer || actor->group->has_idle ||
        (node->flags & BSTI_NODE_ASK))
        settle(actor, node, status);
    if (BSTI_UNLIKELY(status == BST_STOP)) {
        if (actor->group->dynamic && bsti_dynamic_leave(actor))
            return false;
        bsti_actor_take_out(actor);
        bsti_actor_end(actor, BSTI_EXIT_NORMAL, BST_OK);
        return false;
    }
    return true;
}

static bool is_blocking(const struct bsti_actor *actor, uint32_t kind)
{
    const struct bst_handler *handler =
        bsti_handler_of(bsti_actor_spec(actor), kind);

    return handler && handler->blocking;
}

/* Returns false if the process must not be touched any more. */
static inline bool handle(struct bsti_actor *actor, struct bsti_node *node)
{
    uint32_t reply_kind = answer_kind(actor, node->kind);
    struct bst_msg message = {
        .kind = node->kind, .size = node->size, .body = bsti_node_body(node)};
    void *answer = NULL;

    if (BSTI_LIKELY(!(node->flags & (BSTI_NODE_ASK | BSTI_NODE_TICK))))
        message.sender = node->from.sender;
    else
        message.sender = bst_sender(bsti_actor_state(actor));
    actor->kind = node->kind;
    if (reply_kind != BST_KIND_NONE &&
        !prepare_answer(actor, reply_kind, &answer)) {
        bsti_actor_end(actor, BSTI_EXIT_FAILED, BST_NOMEM);
        return false;
    }
    if (BSTI_UNLIKELY(actor->group->has_blocking) &&
        is_blocking(actor, node->kind)) {
        before_handler(actor, node->kind);
        if (!bsti_offload_start(actor, &message, answer))
            bsti_actor_end(actor, BSTI_EXIT_FAILED, BST_NOMEM);
        return false;
    }
    return after_handler(actor, node, call(actor, &message, answer));
}

/* A handler has come back from the blocking pool. */
static bool resume(struct bsti_actor *actor)
{
    bst_status status = bsti_offload_finish(actor);

    if (status == BST_DEAD &&
        bsti_proc_take_signals(&actor->proc, BSTI_SIGNAL_KILL)) {
        bsti_actor_end(actor, BSTI_EXIT_KILLED, BST_DEAD);
        return false;
    }
    return after_handler(actor, actor->node, end_call(actor, status));
}

/* Counts a message that nobody is there for and tells its asker. */
static void discard(struct bsti_actor *actor, struct bsti_node *node)
{
    if ((node->flags & BSTI_NODE_TICK) && node->stamp == BSTI_TICK_VOID &&
        bsti_actor_is_up(actor)) {
        bsti_tick_skip(actor, node);
        return;
    }
    if (node->flags & BSTI_NODE_ASK)
        bsti_answer(actor->group->system, node->from.asker.waiter,
                    node->from.asker.seq, BST_DEAD, NULL);
    count(actor, BSTI_COUNT_DEAD);
}

static inline bool is_for_us(const struct bsti_actor *actor,
                             const struct bsti_node *node)
{
    if (bsti_actor_phase(actor) == BSTI_PHASE_DOWN)
        return false;
    return bsti_stamp_is_current(actor, node->stamp,
                                 node->flags & BSTI_NODE_INCARNATION);
}

/* The node has left the mailbox. */
static inline void recycle(struct bsti_actor *actor, struct bsti_worker *worker,
                           struct bsti_node *node)
{
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

/* Takes care of a node that is in no mailbox any more, if it is one. */
static inline bool recycle_loose(struct bsti_actor *actor,
                                 struct bsti_node *node)
{
    if (BSTI_LIKELY(!node || !(node->flags & BSTI_NODE_LOOSE)))
        return false;
    recycle(actor, bsti_worker_current(), node);
    return true;
}

void bsti_actor_take_out(struct bsti_actor *actor)
{
    struct bsti_mpscq_node *link = NULL;
    struct bsti_node *node = actor->node;

    actor->node = NULL;
    if (recycle_loose(actor, node))
        return;
    /* Busy: it stays linked, and the next turn of the block takes it out. */
    if (bsti_mpscq_pop(&actor->proc.mailbox, false, &link) == BSTI_MPSCQ_POPPED)
        recycle(actor, bsti_worker_current(), bsti_node_of(link));
}

/*
 * Takes the node that has been handled out of the mailbox. Returns whether
 * the turn goes on; if not, the process must not be touched any more.
 */
static inline bool pop(struct bsti_actor *actor)
{
    struct bsti_worker *worker = bsti_worker_of(&actor->proc);
    struct bsti_mpscq_node *link = NULL;
    struct bsti_node *node = actor->node;

    actor->node = NULL;
    if (recycle_loose(actor, node))
        return true;
    switch (bsti_mpscq_pop(&actor->proc.mailbox, true, &link)) {
    case BSTI_MPSCQ_POPPED:
        recycle(actor, worker, bsti_node_of(link));
        return true;
    case BSTI_MPSCQ_IDLE:
        recycle(actor, worker, bsti_node_of(link));
        return bsti_proc_reclaim(&actor->proc);
    case BSTI_MPSCQ_BUSY:
        break;
    }
    bsti_exec_requeue(actor->group->system->exec, &actor->proc);
    return false;
}

/* Only the holder of the process writes this count, so it needs no lock. */
static inline void leave_place(struct bsti_proc *proc)
{
    /* release: pairs with the acquire in take_place() of tell.c */
    bsti_store_release(&proc->taken, bsti_load_relaxed(&proc->taken) + 1);
}

/*
 * Finds no message at the front. Returns whether the turn goes on; if not,
 * the process must not be touched any more.
 */
static BSTI_NOINLINE bool at_end(struct bsti_actor *actor, bool busy)
{
    /* Somebody waits for a place, and none is free yet although nothing is
     * here: a message is on its way, or a sender gives its place back. */
    if (busy || (bsti_proc_signals(&actor->proc) & BSTI_SIGNAL_BLOCKED)) {
        bsti_exec_requeue(actor->group->system->exec, &actor->proc);
        return false;
    }
    return !bsti_mpscq_try_idle(&actor->proc.mailbox) ||
           bsti_proc_reclaim(&actor->proc);
}

/*
 * Returns the front if it is a small message that was told to this child, or
 * asked of it; else NULL.
 */
static inline struct bsti_node *small_front(struct bsti_actor *actor)
{
    bool busy;
    struct bsti_mpscq_node *link =
        bsti_mpscq_front(&actor->proc.mailbox, &busy);
    struct bsti_node *node;

    if (!link)
        return NULL;
    node = bsti_node_of(link);
    return (node->flags & ~(unsigned)BSTI_NODE_ASK) == BSTI_NODE_COUNTED &&
                   node->size <= BSTI_NODE_SMALL &&
                   node->stamp == bsti_load_relaxed(&actor->proc.gate)
               ? node
               : NULL;
}

/* Returns how a small message is handled. */
static inline enum bsti_way way_of(const struct bsti_group *group,
                                   const struct bsti_node *node)
{
    uint32_t index = node->kind - BST_KIND_USER;

    if (BSTI_UNLIKELY(index >= group->nways))
        return BSTI_WAY_LONG;
    if (!(node->flags & BSTI_NODE_ASK))
        return (enum bsti_way)(group->ways[index] & BSTI_WAY_PLAIN);
    return (enum bsti_way)(group->ways[index] & BSTI_WAY_QUESTION);
}

/* As bsti_node_body() for a node that is not shared. */
static inline const void *small_body(const struct bsti_node *node)
{
    uint32_t size = node->size;

    return size > 0 ? (const char *)node + bsti_node_offset(size) : NULL;
}

/* As handle() for what is plain: the same steps without the questions. */
static inline bst_status call_plain(struct bsti_actor *actor,
                                    struct bsti_node *node)
{
    struct bst_msg message = {.kind = node->kind,
                              .size = node->size,
                              .body = small_body(node),
                              .sender = node->from.sender};

    actor->node = node;
    actor->kind = message.kind;
    actor->handling = BSTI_HANDLING;
    return bsti_actor_spec(actor)->handle(bsti_actor_own_state(actor), &message,
                                          NULL);
}

static inline bool next_message(struct bsti_actor *actor)
{
    bool busy;
    struct bsti_mpscq_node *link =
        bsti_mpscq_front(&actor->proc.mailbox, &busy);
    struct bsti_node *node;

    if (BSTI_UNLIKELY(!link))
        return at_end(actor, busy);
    node = bsti_node_of(link);
    if (BSTI_UNLIKELY(node->flags & BSTI_NODE_TOKEN)) {
        node = bsti_oldest_take(actor);
        if (!node)
            return pop(actor);
        actor->node = node;
    } else if (node->flags & BSTI_NODE_COUNTED) {
        leave_place(&actor->proc);
    }
    if (BSTI_UNLIKELY(!is_for_us(actor, node))) {
        discard(actor, node);
        return pop(actor);
    }
    actor->node = node;
    return handle(actor, node) && pop(actor);
}

/* Whether the turn has to end: it has begun long ago, or sent too much. */
static inline bool must_end(struct bsti_worker *worker, uint64_t sent)
{
    if (BSTI_UNLIKELY(bsti_load_relaxed(&worker->hurry))) {
        bsti_store_relaxed(&worker->hurry, 0u);
        return true;
    }
    return bsti_worker_counter(worker, BSTI_COUNT_SENT) - sent >= BUDGET;
}

/* What a turn has used up. */
struct quota {
    uint32_t handled;
    uint64_t sent;  /* the worker's counter when the turn began */
    bst_time began; /* at its first look at the clock; 0: not yet */
};

/* Whether a turn that has handled a good many messages has had its share. */
static BSTI_NOINLINE bool is_long(struct quota *quota,
                                  struct bsti_worker *worker)
{
    bst_time now = bsti_exec_now(worker->exec);

    if (quota->began == 0)
        quota->began = now;
    return quota->handled >= BATCH || now - quota->began >= SLICE_NS;
}

static inline bool is_used_up(struct quota *quota, struct bsti_worker *worker)
{
    if (BSTI_UNLIKELY(quota->handled % CHECK == 0 && quota->handled > 0 &&
                      is_long(quota, worker)))
        return true;
    return must_end(worker, quota->sent);
}

/* As handle() for a question to which the answer is small. */
static inline bst_status call_question(struct bsti_actor *actor,
                                       struct bsti_node *node)
{
    const struct bsti_group *group = actor->group;
    const struct bst_message *messages = group->system->app->messages;
    uint32_t reply_kind = messages[node->kind - BST_KIND_USER].answer;
    size_t size = messages[reply_kind - BST_KIND_USER].size;
    struct bsti_waiter *waiter = node->from.asker.waiter;
    struct bsti_node *answer =
        bsti_worker_take_small(bsti_worker_of(&actor->proc));
    struct bst_msg message = {
        .kind = node->kind, .size = node->size, .body = small_body(node)};

    actor->node = node;
    actor->kind = message.kind;
    if (BSTI_UNLIKELY(!answer))
        return BST_NOMEM;
    answer->kind = reply_kind;
    bsti_node_set(answer, size, 0);
    memset((char *)answer + sizeof *answer, 0, BSTI_NODE_SMALL);
    if (bsti_load_relaxed(&waiter->thread) == BSTI_WAITER_PROC)
        message.sender = bsti_ref_child(bsti_actor_of_proc(
            bsti_container_of(waiter, struct bsti_proc, waiter)));
    actor->answer = answer;
    actor->handling = BSTI_HANDLING;
    return group->spec->actor->handle(bsti_actor_own_state(actor), &message,
                                      (char *)answer + bsti_node_offset(size));
}

/* Gives the answer to the asker, as bsti_answer() does. */
static inline void give_answer(struct bsti_actor *actor,
                               struct bsti_node *question)
{
    struct bsti_worker *worker = bsti_worker_of(&actor->proc);
    struct bsti_waiter *waiter = question->from.asker.waiter;
    uint64_t seq = question->from.asker.seq;
    struct bsti_node *answer = actor->answer;
    enum bsti_claim claim;

    actor->answer = NULL;
    if (BSTI_UNLIKELY(bsti_load_relaxed(&waiter->thread) != BSTI_WAITER_PROC)) {
        bsti_answer(actor->group->system, waiter, seq, BST_OK, answer);
        return;
    }
    bsti_worker_count(worker, BSTI_COUNT_SENT);
    claim = bsti_waiter_claim(waiter, seq);
    if (BSTI_UNLIKELY(claim == BSTI_CLAIM_LOST)) {
        bsti_worker_count(worker, BSTI_COUNT_DEAD);
        bsti_worker_give_small(worker, answer);
        return;
    }
    bsti_waiter_finish(waiter, seq, BST_OK, answer);
    if (BSTI_LIKELY(claim == BSTI_CLAIM_SUSPENDED))
        bsti_worker_ready(worker,
                          bsti_container_of(waiter, struct bsti_proc, waiter));
}

/* Handles a small message. Returns false if the turn has ended. */
static inline bool handle_small(struct bsti_actor *actor,
                                struct bsti_node *node, bool is_question)
{
    bst_status status =
        is_question ? call_question(actor, node) : call_plain(actor, node);

    if (BSTI_UNLIKELY(status != BST_OK || (is_question && !actor->answer) ||
                      actor->handling != BSTI_HANDLING))
        return after_handler(actor, node, end_call(actor, status));
    actor->handling = 0;
    bsti_worker_count(bsti_worker_of(&actor->proc), BSTI_COUNT_HANDLED);
    if (is_question)
        give_answer(actor, node);
    return true;
}

/*
 * Handles small messages, `node` first, while there are some, as
 * next_message() would. Returns whether the turn goes on, with something that
 * takes the long way; if not, the process must not be touched any more.
 */
static inline bool run_small(struct bsti_actor *actor, struct bsti_node *node,
                             struct quota *quota)
{
    struct bsti_proc *proc = &actor->proc;

    do {
        enum bsti_way way = way_of(actor->group, node);
        struct bsti_worker *worker;
        struct bsti_mpscq_node *link;
        enum bsti_mpscq_result result;

        quota->handled++;
        if (BSTI_UNLIKELY(way == BSTI_WAY_LONG))
            return next_message(actor);
        leave_place(proc);
        if (BSTI_UNLIKELY(!handle_small(actor, node, way != BSTI_WAY_PLAIN)))
            return false;
        worker = bsti_worker_of(proc);
        actor->node = NULL;
        result = bsti_mpscq_pop(&proc->mailbox, true, &link);
        if (BSTI_UNLIKELY(result == BSTI_MPSCQ_BUSY))
            return true;
        bsti_worker_give_small(worker, node);
        if (result == BSTI_MPSCQ_IDLE)
            return bsti_proc_reclaim(proc);
        if (BSTI_UNLIKELY(bsti_proc_signals(proc) != 0))
            return true;
        if (BSTI_UNLIKELY(is_used_up(quota, worker))) {
            bsti_exec_requeue(worker->exec, proc);
            return false;
        }
        node = small_front(actor);
    } while (BSTI_LIKELY(node != NULL));
    return true;
}

/* Does what comes before the messages. Returns as run_plain() does. */
static BSTI_NOINLINE bool run_first(struct bsti_actor *actor)
{
    if (bsti_proc_signals(&actor->proc) & BSTI_SIGNAL_TORN) {
        bsti_actor_torn(actor);
        return false;
    }
    if (bsti_actor_phase(actor) == BSTI_PHASE_STARTING &&
        !bsti_actor_begin(actor))
        return false;
    if (actor->flags & BSTI_RETIRING) {
        bsti_dynamic_retire(actor);
        return false;
    }
    return !(actor->flags & BSTI_OFFLOADED) || (resume(actor) && pop(actor));
}

static void turn(struct bsti_proc *proc)
{
    struct bsti_actor *actor = bsti_actor_of_proc(proc);
    struct quota quota = {
        .sent = bsti_worker_counter(bsti_worker_of(proc), BSTI_COUNT_SENT)};
    struct bsti_node *node;

    if (BSTI_UNLIKELY(bsti_actor_phase(actor) != BSTI_PHASE_UP ||
                      (actor->flags & BSTI_OFFLOADED)) &&
        !run_first(actor))
        return;
    for (;;) {
        if (BSTI_UNLIKELY(bsti_proc_signals(proc) != 0) &&
            !bsti_actor_heed_signals(actor))
            return;
        if (BSTI_UNLIKELY(bsti_mpscq_is_spent(&proc->mailbox))) {
            if (!pop(actor))
                return;
            continue;
        }
        if (BSTI_UNLIKELY(is_used_up(&quota, bsti_worker_of(proc)))) {
            bsti_exec_requeue(actor->group->system->exec, proc);
            return;
        }
        node = bsti_actor_phase(actor) == BSTI_PHASE_UP ? small_front(actor)
                                                        : NULL;
        if (BSTI_LIKELY(node != NULL)) {
            if (!run_small(actor, node, &quota))
                return;
            continue;
        }
        quota.handled++;
        if (!next_message(actor))
            return;
    }
}

static void abandoned(struct bsti_proc *proc)
{
    struct bsti_actor *actor = bsti_actor_of_proc(proc);

    if (bsti_actor_phase(actor) == BSTI_PHASE_ENDING)
        bsti_actor_end_again(actor);
    else if (bsti_proc_take_signals(proc, BSTI_SIGNAL_KILL))
        bsti_actor_end(actor, BSTI_EXIT_KILLED, BST_DEAD);
    else if (bsti_actor_phase(actor) == BSTI_PHASE_STARTING ||
             bsti_actor_phase(actor) == BSTI_PHASE_CALLING)
        bsti_actor_end(actor, BSTI_EXIT_START_FAILED,
                       (bst_status)actor->status);
    else
        bsti_actor_end(actor, BSTI_EXIT_FAILED, (bst_status)actor->status);
}

static void describe(struct bsti_proc *proc, char *text, size_t size)
{
    bsti_actor_path(bsti_actor_of_proc(proc), text, size);
}

static void blame(struct bsti_proc *proc, struct bsti_blame *blame)
{
    bsti_actor_blame(bsti_actor_of_proc(proc), blame);
}

static void faulted(struct bsti_proc *proc, const char *text)
{
    bsti_actor_fail_with(bsti_actor_of_proc(proc), text, bsti_fault_landed());
}

const struct bsti_proc_class bsti_actor_class = {
    .name = "actor",
    .turn = turn,
    .abandoned = abandoned,
    .describe = describe,
    .blame = blame,
    .faulted = faulted,
};
