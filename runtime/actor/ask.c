/*
 * Asking: a question with a waiter, an answer that travels in its own node.
 *
 * The answer, the deadline, the death of the answerer and a kill of the asker
 * all try to claim the asker's wait word (proc/wait.h); one wins. Nobody but
 * the asker writes to the asker's state or stack: it copies the answer out of
 * the node after it has won.
 */

#include <string.h>

#include "actor/foreign.h"
#include "actor/payload.h"
#include "actor/apart.h"
#include "actor/send.h"
#include "actor/uses.h"
#include "base/duration.h"
#include "plat/clock.h"
#include "plat/probe.h"
#include "plat/thread.h"
#include "sync/atomic.h"

/* ---- answering ----------------------------------------------------------- */

void bsti_answer(struct bst_system *system, struct bsti_waiter *waiter,
                 uint64_t seq, bst_status status, struct bsti_node *node)
{
    struct bsti_worker *worker = bsti_worker_current();
    bool thread = bsti_load_relaxed(&waiter->thread) != BSTI_WAITER_PROC;
    enum bsti_claim claim = bsti_waiter_claim(waiter, seq);

    if (node)
        bsti_count(system, worker, BSTI_COUNT_SENT);
    if (claim == BSTI_CLAIM_LOST) {
        if (node) {
            bsti_count(system, worker, BSTI_COUNT_DEAD);
            bsti_node_destroy(system, worker, node);
        }
        return;
    }
    bsti_waiter_finish(waiter, seq, status, node);
    if (claim == BSTI_CLAIM_SUSPENDED && !thread)
        bsti_exec_ready(system->exec,
                        bsti_container_of(waiter, struct bsti_proc, waiter));
}

/* Copies an answer to the asker; what it owns moves. */
static bst_status copy_answer(struct bst_system *system, struct bsti_node *node,
                              void *answer)
{
    void *body = (char *)node + bsti_node_offset(node->size);
    const struct bst_owned *owned;

    if (BSTI_LIKELY(!(node->flags & BSTI_NODE_OWNED))) {
        memcpy(answer, body, node->size);
        return BST_OK;
    }
    owned = bsti_owned_of(system, node->kind);
    /* A foreign thread may keep its answer for longer than the system. */
    if (!bsti_actor_current(bsti_worker_current()) &&
        !bsti_owned_adopt(body, owned, NULL))
        return BST_NOMEM;
    memcpy(answer, body, node->size);
    bsti_owned_clear(body, owned);
    return BST_OK;
}

/* The rest of taking an answer that came with `node`. */
static bst_status open_answer(struct bst_system *system,
                              struct bsti_worker *worker,
                              struct bsti_node *node, void *answer,
                              size_t answer_size)
{
    bst_status status = BST_OK;

    bsti_count(system, worker, BSTI_COUNT_HANDLED);
    if (answer_size > 0 && node->size == answer_size)
        status = copy_answer(system, node, answer);
    else if (answer_size > 0)
        status = BST_INVALID;
    bsti_node_destroy(system, worker, node);
    return status;
}

static bst_status take_answer(struct bst_system *system,
                              struct bsti_waiter *waiter, void *answer,
                              size_t answer_size)
{
    void *node;
    bst_status status = (bst_status)bsti_waiter_take(waiter, &node);

    return node ? open_answer(system, bsti_worker_current(), node, answer,
                              answer_size)
                : status;
}

/* ---- a process asks ------------------------------------------------------ */

/* Waits for the open wait `seq`, at most as long as `within`. */
static void wait_for(struct bsti_actor *actor, uint64_t seq, bst_time within,
                     bst_status late)
{
    if (BST_DEBUG && bsti_holds_lock(actor))
        bsti_actor_fail_with(actor, "it waits while it holds a bst_lock()",
                             NULL);
    if (!bsti_suspend_for(&actor->proc, seq, within, late))
        bsti_waiter_give_up(&actor->proc.waiter, seq, BST_NOMEM);
}

/* Takes a place first, and waits for it, where the mailbox says so. */
static bst_status take_place(struct bsti_worker *worker,
                             const struct bsti_target *target,
                             struct bsti_outgoing *message, bst_time within)
{
    struct bsti_group *group = target->actor->group;
    bst_status status;

    if (BSTI_LIKELY(group->spec->overflow != BST_OVERFLOW_BLOCK))
        return BST_OK;
    status = bsti_blocked_place(worker, target->actor, within);
    message->placed = status == BST_OK;
    if (status != BST_OK)
        bsti_count(group->system, bsti_worker_current(), BSTI_COUNT_REFUSED);
    return status;
}

/* Sends the question, for which a place was taken. */
static bst_status post_question(const struct bsti_target *target,
                                const struct bsti_outgoing *message)
{
    bst_status status = bsti_post(bsti_worker_current(), target, message);

    if (status != BST_OK && message->placed)
        bsti_place_return(target->actor);
    return status;
}

void bsti_actor_await(struct bsti_actor *actor, uint64_t seq)
{
    wait_for(actor, seq, BST_INFINITE, BST_TIMEOUT);
}

static bst_status ask_as_process(struct bsti_actor *actor,
                                 const struct bsti_target *target,
                                 struct bsti_outgoing *message, void *answer,
                                 size_t answer_size, bst_time within)
{
    struct bsti_waiter *waiter = &actor->proc.waiter;
    bst_status status =
        take_place(bsti_worker_current(), target, message, within);

    if (status != BST_OK)
        return status;
    message->waiter = waiter;
    message->wait_seq = bsti_waiter_arm(waiter);
    status = post_question(target, message);
    if (status != BST_OK)
        bsti_waiter_give_up(waiter, message->wait_seq, status);
    else
        wait_for(actor, message->wait_seq, within, BST_TIMEOUT);
    return take_answer(actor->group->system, waiter, answer, answer_size);
}

/* A question of ask_child() that got no place at once. */
static BSTI_NOINLINE bst_status ask_full(struct bsti_actor *asker,
                                         const struct bsti_target *found,
                                         struct bsti_outgoing *question,
                                         void *answer, size_t answer_size,
                                         bst_time within)
{
    const struct bsti_target target = {.actor = found->actor,
                                       .stamp = found->stamp};

    return ask_as_process(asker, &target, question, answer, answer_size,
                          within);
}

/*
 * The common case, in one piece: a handler asks one child of its own system a
 * small question. It does what ask_as_process() does.
 */
static inline bst_status ask_child(struct bsti_worker *worker,
                                   struct bsti_actor *asker,
                                   const struct bsti_target *target,
                                   struct bsti_outgoing *question, void *answer,
                                   size_t answer_size, bst_time within)
{
    struct bsti_waiter *waiter = &asker->proc.waiter;
    struct bsti_node *node = bsti_small_create(worker, question->kind,
                                               question->body, question->size);
    void *gift;
    bst_status status;
    uint64_t seq;

    if (BSTI_UNLIKELY(!node)) {
        bsti_worker_count(worker, BSTI_COUNT_REFUSED);
        return BST_NOMEM;
    }
    if (BSTI_UNLIKELY(!bsti_take_place(target->actor))) {
        bsti_worker_give_small(worker, node);
        return ask_full(asker, target, question, answer, answer_size, within);
    }
    seq = bsti_waiter_arm(waiter);
    node->stamp = target->stamp;
    node->flags = BSTI_NODE_COUNTED | BSTI_NODE_ASK;
    node->from.asker.waiter = waiter;
    node->from.asker.seq = seq;
    bsti_push_here(worker, target->actor, node);
    wait_for(asker, seq, within, BST_TIMEOUT);
    status = (bst_status)bsti_waiter_take(waiter, &gift);
    node = gift;
    if (BSTI_UNLIKELY(!node))
        return status;
    worker = bsti_worker_of(&asker->proc);
    if (BSTI_UNLIKELY(node->flags != 0 || node->size != answer_size ||
                      answer_size > BSTI_NODE_SMALL))
        return open_answer(asker->group->system, worker, node, answer,
                           answer_size);
    bsti_worker_count(worker, BSTI_COUNT_HANDLED);
    bsti_copy_small(answer, (char *)node + bsti_node_offset(answer_size),
                    answer_size);
    bsti_worker_give_small(worker, node);
    return BST_OK;
}

/* Whether the handler of `self` may wait here; it ends if it may not. False:
 * it has ended, in a way. */
static bool may_wait(struct bsti_actor *actor, const char *call)
{
    if (!bsti_must_be_current(actor, call))
        return false;
    if (bsti_actor_phase(actor) == BSTI_PHASE_ENDING)
        bsti_actor_fail_in_cleanup(actor, "a cleanup must not wait", NULL);
    if (bsti_actor_phase(actor) == BSTI_PHASE_CALLING)
        bsti_actor_fail_with(actor, "a callback must not wait", NULL);
    return true;
}

/* On a thread of the pool, which a kill interrupts. */
static void sleep_thread(bst_time duration)
{
    bst_time until = bsti_time_after(bsti_clock_now(), duration);
    bst_time left = duration;

    while (left > 0 && !bsti_offload_is_killed()) {
        bsti_thread_nap(left);
        left = until - bsti_clock_now();
    }
}

void bst_sleep(void *self, bst_time duration)
{
    struct bsti_actor *actor = bsti_actor_of(self);
    void *gift;
    uint64_t seq;

    if (duration <= 0) {
        bst_yield(self);
        return;
    }
    if (!may_wait(actor, "bst_sleep"))
        return;
    if (!bsti_worker_current()) {
        sleep_thread(duration);
        return;
    }
    seq = bsti_waiter_arm(&actor->proc.waiter);
    wait_for(actor, seq, duration, BST_OK);
    bsti_waiter_take(&actor->proc.waiter, &gift);
}

void bst_yield(void *self)
{
    struct bsti_actor *actor = bsti_actor_of(self);

    if (!may_wait(actor, "bst_yield"))
        return;
    if (bsti_worker_current())
        bsti_yield(&actor->proc);
    else
        bsti_thread_yield();
}

/* ---- a foreign thread asks ----------------------------------------------- */

static bst_status ask_as_thread(const struct bsti_target *target,
                                struct bsti_outgoing *message, void *answer,
                                size_t answer_size, bst_time within)
{
    struct bst_system *system = target->actor->group->system;
    struct bsti_foreign *foreign;
    bst_status status = take_place(NULL, target, message, within);
    bst_time due;

    if (status != BST_OK)
        return status;
    foreign = bsti_foreign_acquire(system);
    if (!foreign) {
        if (message->placed)
            bsti_place_return(target->actor);
        return BST_NOMEM;
    }
    due = bsti_thread_deadline(system, within);
    message->waiter = &foreign->waiter;
    message->wait_seq = bsti_waiter_arm(&foreign->waiter);
    status = post_question(target, message);
    if (status != BST_OK)
        bsti_waiter_give_up(&foreign->waiter, message->wait_seq, status);
    else
        bsti_thread_wait(system, &foreign->waiter, message->wait_seq, due,
                         BST_TIMEOUT);
    status = take_answer(system, &foreign->waiter, answer, answer_size);
    bsti_foreign_release(system, foreign);
    return status;
}

/* The receiver of a question; a group gives another member than the asker. */
static bst_status resolve_other(bst_ref to, const struct bsti_actor *asker,
                                struct bsti_target *target)
{
    const struct bsti_group *group = bsti_ref_group(to);
    /* Two members of a dynamic group are not given one after the other. */
    uint32_t tries = !group ? 1 : group->dynamic ? 2 : group->count;
    bst_status status;

    do {
        status = bsti_ref_resolve(to, target);
    } while (status == BST_OK && target->actor == asker && --tries > 0);
    return status;
}

/* Returns the limit of a question, or 0 if it may not be asked like this. */
static bst_time limit(struct bst_system *system, const struct bsti_actor *actor,
                      bst_ref to, uint32_t kind, bst_time within)
{
    bst_time declared = bsti_uses_deadline(system, actor, to, kind);

    if (within == BST_DECLARED)
        return declared;
    return actor && declared > 0 && within > declared ? 0 : within;
}

/* A question that is not the common case of bst_ask(). */
static BSTI_NOINLINE bst_status ask_slowly(struct bsti_worker *worker,
                                           struct bsti_actor *actor, bst_ref to,
                                           struct bsti_outgoing *message,
                                           void *answer, size_t answer_size,
                                           bst_time within)
{
    struct bst_system *system = bsti_ref_system(to);
    struct bsti_target target;
    bst_status status;

    bsti_probe_body(message);
    bsti_probe_out(answer, answer_size);
    if (!worker && !bsti_foreign_enter(system))
        return BST_DEAD;
    status = resolve_other(to, actor, &target);
    within = limit(system, actor, to, message->kind, within);
    if (status != BST_OK)
        bsti_count(system, worker, BSTI_COUNT_REFUSED);
    else if (within <= 0 || target.actor == actor)
        status = BST_INVALID;
    else if (worker)
        status = ask_as_process(actor, &target, message, answer, answer_size,
                                within);
    else
        status = ask_as_thread(&target, message, answer, answer_size, within);
    if (!worker)
        bsti_foreign_leave(system);
    return status;
}

/* An asker may end, with its system, before the answer comes; a system
 * answers only to its own. */
static inline bool may_ask(const struct bsti_worker *worker,
                           const struct bsti_actor *actor,
                           const struct bst_system *system)
{
    if (!actor)
        return !worker;
    return bsti_actor_phase(actor) < BSTI_PHASE_ENDING &&
           actor->group->system == system;
}

bst_status bsti_ask(bst_ref to, struct bsti_outgoing *message, void *answer,
                    size_t answer_size, bst_time within)
{
    struct bsti_worker *worker = bsti_worker_current();
    struct bsti_actor *actor = bsti_actor_current(worker);
    struct bst_system *system = bsti_ref_system(to);

    if (!system)
        return BST_DEAD;
    if (!may_ask(worker, actor, system))
        return BST_INVALID;
    if (actor)
        bsti_uses_check(actor, to, message->kind, BST_USE_ASK);
    return ask_slowly(worker, actor, to, message, answer,
                      answer ? answer_size : 0, within);
}

/* A question; inline, so that a handler's way back has one return less. */
__attribute__((always_inline)) static inline bst_status
ask(struct bsti_worker *worker, bst_ref to, struct bsti_outgoing *message,
    void *answer, size_t answer_size, bst_time within)
{
    struct bsti_actor *actor = bsti_actor_current(worker);
    struct bst_system *system = bsti_ref_system(to);
    struct bsti_target target;

    if (!may_ask(worker, actor, system))
        return BST_INVALID;
    if (actor)
        bsti_uses_check(actor, to, message->kind, BST_USE_ASK);
    target.actor = bsti_ref_single(to, &target.stamp);
    if (BSTI_UNLIKELY(!worker || message->size > BSTI_NODE_SMALL ||
                      !target.actor || target.actor == actor))
        return ask_slowly(worker, actor, to, message, answer, answer_size,
                          within);
    within = limit(system, actor, to, message->kind, within);
    if (BSTI_UNLIKELY(within <= 0))
        return BST_INVALID;
    bsti_probe_small(message->body, message->size);
    if (BSTI_LIKELY(answer_size <= BSTI_NODE_SMALL))
        bsti_probe_out_small(answer, answer_size);
    else
        bsti_probe_out(answer, answer_size);
    return ask_child(worker, actor, &target, message, answer, answer_size,
                     within);
}

bst_status bst_ask(bst_ref to, uint32_t kind, const void *body, size_t size,
                   void *answer, size_t answer_size, bst_time within)
{
    struct bsti_outgoing message = {.kind = kind, .body = body, .size = size};

    if (to.target == 0)
        return BST_DEAD;
    return ask(bsti_worker_here(), to, &message, answer,
               answer ? answer_size : 0, within);
}

bst_status bst_ask_declared(bst_ref to, uint32_t kind, const void *body,
                            void *answer)
{
    struct bst_system *system = bsti_ref_system(to);
    uint32_t index = kind - BST_KIND_USER;
    struct bsti_outgoing message = {.kind = kind, .body = body};
    const struct bst_message *messages;
    uint32_t reply_kind;

    if (!system)
        return BST_DEAD;
    messages = system->app->messages;
    if (BSTI_UNLIKELY(index >= system->app->nmessages))
        return BST_INVALID;
    message.size = messages[index].size;
    reply_kind = messages[index].answer;
    if (BSTI_UNLIKELY(reply_kind == BST_KIND_NONE))
        return BST_INVALID;
    return ask(bsti_worker_here(), to, &message, answer,
               answer ? messages[reply_kind - BST_KIND_USER].size : 0,
               BST_DECLARED);
}
