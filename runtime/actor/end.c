/*
 * The end of an incarnation: the one place that releases what it owned.
 *
 * It runs on a stack of the worker, never on one that belongs to the process.
 * `on stop` runs first, if the process ends by itself or was asked to; then
 * the state is put in order, timers and waits end, the cleanups run, the last
 * registered first, and the memory goes. The last step hands the process to
 * its supervisor: from then on it must not be touched.
 */

#include <string.h>

#include "actor/actor.h"
#include "actor/crash.h"
#include "actor/dynamic.h"
#include "base/alloc.h"
#include "plat/log.h"
#include "proc/arena.h"
#include "sync/atomic.h"

struct bsti_record *bsti_child_remember(struct bsti_child *child)
{
    struct bsti_record *record = bsti_child_record(child);
    struct bsti_record *made;

    if (record)
        return record;
    made = bsti_alloc(sizeof *made);
    /* release: pairs with bsti_child_record(); one of two may come second */
    if (!made || bsti_cas_strong_acq_rel(&child->record, &record, made))
        return made;
    bsti_free(made);
    return record;
}

struct bsti_fault *bsti_actor_fault(struct bsti_actor *actor, bst_status status)
{
    struct bsti_record *record = bsti_child_remember(&actor->child);
    struct bsti_fault *fault;

    if (!record)
        return NULL;
    fault = &record->fault;
    fault->status = status;
    fault->telling = BSTI_TELLING_NEW;
    fault->handler = bsti_handler_running(actor);
    fault->text[0] = '\0';
    return fault;
}

/* Says that `on stop` failed: the stop goes on, nobody else would tell. */
static void report_stop(struct bsti_actor *actor)
{
    struct bsti_record *record = bsti_child_record(&actor->child);

    if (record)
        bsti_crash_send(actor, &record->fault, "failed", NULL, NULL);
}

static void restore_keep(struct bsti_actor *actor)
{
    const struct bst_actor *spec = bsti_actor_spec(actor);

    if (spec->keep_size > 0)
        memcpy((char *)bsti_actor_state(actor) + spec->keep_offset,
               (char *)actor + actor->group->shadow_offset, spec->keep_size);
}

/* A message or an answer that the process waited for and will not take. */
static void drop_wait(struct bsti_actor *actor)
{
    struct bst_system *system = actor->group->system;
    void *gift = bsti_proc_drop_wait(&actor->proc);

    if (gift) {
        bsti_exec_count(system->exec, bsti_worker_current(), BSTI_COUNT_DEAD,
                        1);
        bsti_node_destroy(system, bsti_worker_current(), gift);
    }
}

/* The message whose handler failed or was killed; its asker is told. */
static void settle_message(struct bsti_actor *actor)
{
    struct bst_system *system = actor->group->system;
    struct bsti_node *node = actor->node;

    if (actor->answer)
        bsti_node_destroy(system, bsti_worker_current(), actor->answer);
    actor->answer = NULL;
    if (!node)
        return;
    if (node->flags & BSTI_NODE_ASK)
        bsti_answer(system, node->from.asker.waiter, node->from.asker.seq,
                    BST_FAILED, NULL);
    bsti_exec_count(system->exec, bsti_worker_current(), BSTI_COUNT_FAILED, 1);
    bsti_actor_take_out(actor);
}

/* A handler did not come to its end: what it changed is taken back. */
static void undo(struct bsti_actor *actor, enum bsti_exit how,
                 bst_status status)
{
    if (how == BSTI_EXIT_FAILED || how == BSTI_EXIT_START_FAILED) {
        if (!(actor->flags & BSTI_FAULT_NOTED))
            bsti_actor_fault(actor, status);
    }
    actor->flags &= (uint8_t)~BSTI_FAULT_NOTED;
    /* A kill may come while nothing is handled. */
    if (how == BSTI_EXIT_KILLED && !(actor->handling & BSTI_HANDLING))
        actor->kind = BST_KIND_NONE;
    settle_message(actor);
    if (actor->handling & BSTI_HANDLING)
        restore_keep(actor);
    actor->handling = 0;
}

/* `on stop` of a process that ends in order; its failure changes nothing. */
static void run_stop_handler(struct bsti_actor *actor)
{
    uint32_t kind = actor->kind;
    bst_status status;

    bsti_actor_set_phase(actor, BSTI_PHASE_STOPPING);
    status = bsti_actor_call_builtin(actor, BST_KIND_STOP);
    if (status == BST_OK || status == BST_STOP) {
        actor->kind = kind; /* what it ended with is still to be told */
        return;
    }
    undo(actor, BSTI_EXIT_FAILED, status);
    report_stop(actor);
}

void bsti_actor_end_continue(struct bsti_actor *actor)
{
    struct bst_system *system = actor->group->system;
    void (*fn)(void *arg);
    void *arg;

    while (bsti_arena_next_cleanup(actor->proc.arena, &fn, &arg))
        fn(arg);
    if (BSTI_UNLIKELY(actor->group->callbacks))
        bsti_actor_call_stopped(actor);
    bsti_arena_destroy(actor->proc.arena);
    actor->proc.arena = NULL;
    /* A number that nobody was given: references to this incarnation end. */
    bsti_actor_next_stamp(actor);
    /* One that comes later is found, and ignored, by the next start. */
    if (bsti_proc_signals(&actor->proc))
        bsti_proc_take_signals(&actor->proc, BSTI_SIGNAL_KILL |
                                                 BSTI_SIGNAL_STOP |
                                                 BSTI_SIGNAL_TEAR);
    bsti_exec_count(system->exec, bsti_worker_current(), BSTI_COUNT_ENDS, 1);
    bsti_actor_set_phase(actor, BSTI_PHASE_DOWN);
    if (actor->group->dynamic)
        bsti_dynamic_ended(actor);
    else
        system->hooks->exited(actor);
}

void bsti_actor_end_again(struct bsti_actor *actor)
{
    /* What is left to do is not forced as well. */
    if (bsti_proc_take_signals(&actor->proc, BSTI_SIGNAL_KILL))
        bsti_log(BST_LOG_WARN, "%s: a cleanup did not return and was left",
                 actor->group->path);
    bsti_actor_end_continue(actor);
}

void bsti_actor_end(struct bsti_actor *actor, enum bsti_exit how,
                    bst_status status)
{
    bool in_stop = bsti_actor_phase(actor) == BSTI_PHASE_STOPPING;
    bool in_order = how == BSTI_EXIT_NORMAL || how == BSTI_EXIT_SHUTDOWN;

    if (!in_stop || how == BSTI_EXIT_KILLED) {
        actor->exit = (unsigned)how & 7;
        bsti_actor_set_status(actor, status);
    }
    bsti_ticks_stop(actor);
    if (!in_order)
        undo(actor, how, status);
    if (in_stop && how == BSTI_EXIT_FAILED)
        report_stop(actor);
    drop_wait(actor);
    bsti_blocked_drop(actor);
    if (in_order && actor->group->on_stop)
        run_stop_handler(actor);
    bsti_actor_set_phase(actor, BSTI_PHASE_ENDING);
    bsti_actor_end_continue(actor);
}
