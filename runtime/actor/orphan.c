/*
 * Orphans: handlers that were killed, hang, and were left behind.
 *
 * A killed handler that hangs in a system call, or waits for a lock, is torn
 * off its process (exec/oust.h). Its thread keeps what the call may still
 * read or write: the message, the answer, the memory of the incarnation with
 * its cleanups, and the state. The process ends, killed, and its next
 * incarnation begins, in the same block, with the same references and mailbox,
 * and with a state elsewhere; the one in the block is not used again.
 *
 * If the call ever returns, its thread runs the cleanups, frees all that, and
 * is back at work: no code of the handler runs any more.
 *
 * Threads: an orphan is made, offered, and taken back by the supervisor; from
 * the moment it is accepted the turn that ends the process fills it, and the
 * thread that comes back empties it, in any order. The last of the three, of
 * which `rest` is the count, frees it.
 */

#include <setjmp.h>
#include <string.h>
#include <unistd.h>

#include "actor/actor.h"
#include "actor/apart.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "exec/contain.h"
#include "exec/oust.h"
#include "plat/log.h"
#include "plat/thread.h"
#include "proc/arena.h"
#include "sync/atomic.h"

struct bsti_orphan {
    struct bsti_proc proc; /* the remnant */
    struct bsti_actor *actor;
    bsti_remnant_place *place; /* where it is on offer */
    struct bsti_moved *fresh;  /* for the next incarnation */
    _Atomic uint32_t rest;     /* of the three who have to be done with it */

    /* What its thread uses, if it was accepted. */
    uint64_t number; /* of the incarnation */
    struct bsti_node *node;
    struct bsti_node *answer;
    struct bsti_moved *state;
    struct bsti_offload *offload;
};

static void no_turn(struct bsti_proc *proc)
{
    (void)proc;
    bsti_check(false, "a state that was moved is in a run queue");
}

const struct bsti_proc_class bsti_moved_class = {
    .name = "moved state", .turn = no_turn, .abandoned = no_turn};

struct bsti_actor *bsti_actor_of_moved(void *self)
{
    const struct bsti_moved *moved = (void *)((char *)self - BSTI_STATE_OFFSET);

    return moved->actor;
}

_Noreturn void bsti_barred_end(void)
{
    if (bsti_thread_bar() != BSTI_BAR_REMNANT)
        _exit(1);
    for (;;)
        bsti_thread_sleep(BST_S(3600));
}

/* ---- coming back --------------------------------------------------------- */

static struct bsti_orphan *orphan_of(struct bsti_proc *proc)
{
    return bsti_container_of(proc, struct bsti_orphan, proc);
}

/* One of the three is done with it. */
static void release(struct bsti_orphan *orphan)
{
    struct bst_system *system = orphan->actor->group->system;
    struct bsti_worker *worker = bsti_worker_current();

    /* acq_rel: the last one sees what the others have done */
    if (bsti_fetch_sub_acq_rel(&orphan->rest, 1u) > 1)
        return;
    if (orphan->node)
        bsti_node_destroy(system, worker, orphan->node);
    if (orphan->answer)
        bsti_node_destroy(system, worker, orphan->answer);
    if (orphan->offload)
        bsti_offload_free(system, orphan->offload);
    bsti_free(orphan->state);
    bsti_free(orphan);
}

static void bury(struct bsti_orphan *orphan)
{
    struct bsti_proc *proc = &orphan->proc;
    void (*fn)(void *arg);
    void *arg;

    bsti_proc_take_signals(proc, BSTI_SIGNAL_KILL);
    while (bsti_arena_next_cleanup(proc->arena, &fn, &arg))
        fn(arg);
    bsti_arena_destroy(proc->arena);
    proc->arena = NULL;
    bsti_fetch_sub_relaxed(&orphan->actor->group->system->orphans, 1u);
}

/* On a worker: its frames are gone, and perhaps those of a cleanup. */
static void abandoned(struct bsti_proc *proc)
{
    bury(orphan_of(proc));
    bsti_worker_current()->proc = NULL;
    release(orphan_of(proc));
}

static void faulted(struct bsti_proc *proc, const char *text)
{
    struct bsti_orphan *orphan = orphan_of(proc);
    char path[256];

    bsti_actor_path(orphan->actor, path, sizeof path);
    bsti_log(BST_LOG_WARN, "%s#%llu: a cleanup failed: %s", path,
             (unsigned long long)orphan->number, text);
}

static void blame(struct bsti_proc *proc, struct bsti_blame *blame)
{
    bsti_actor_blame(orphan_of(proc)->actor, blame);
    blame->handler = NULL;
}

static const struct bsti_proc_class orphan_class = {
    .name = "orphan",
    .turn = no_turn,
    .abandoned = abandoned,
    .blame = blame,
    .faulted = faulted,
};

/* On a thread of the pool a cleanup that fails comes back here. */
struct burial {
    struct bsti_proc *proc;
    jmp_buf failed;
};

static void blame_burial(void *arg, struct bsti_blame *of)
{
    blame(((struct burial *)arg)->proc, of);
}

static void burial_failed(void *arg, const char *text)
{
    struct burial *burial = arg;

    faulted(burial->proc, text);
    longjmp(burial->failed, 1);
}

void bsti_orphan_bury(struct bsti_proc *remnant)
{
    struct bsti_orphan *orphan = orphan_of(remnant);
    struct burial burial = {.proc = remnant};
    struct bsti_refuge refuge = {.blame = blame_burial,
                                 .failed = burial_failed,
                                 .arg = &burial,
                                 .exec = orphan->actor->group->system->exec,
                                 .frame = __builtin_frame_address(0)};

    bsti_refuge_set(&refuge);
    (void)setjmp(burial.failed);
    bury(orphan_of(burial.proc));
    bsti_refuge_set(NULL);
    release(orphan_of(burial.proc));
}

/* ---- being torn off ------------------------------------------------------ */

static struct bsti_orphan *make(struct bsti_actor *actor)
{
    struct bsti_orphan *orphan =
        bsti_alloc_aligned(BSTI_CACHE_LINE, sizeof *orphan);
    size_t size = BSTI_STATE_OFFSET + bsti_actor_spec(actor)->state_size;

    if (!orphan)
        return NULL;
    orphan->fresh = bsti_alloc_aligned(BSTI_CACHE_LINE, size);
    if (!orphan->fresh) {
        bsti_free(orphan);
        return NULL;
    }
    orphan->fresh->proc.cls = &bsti_moved_class;
    orphan->fresh->actor = actor;
    orphan->actor = actor;
    bsti_store_relaxed(&orphan->rest, 3u);
    bsti_proc_init(&orphan->proc, &orphan_class, 0, 0);
    bsti_store_relaxed(&orphan->proc.signals, (uint8_t)BSTI_SIGNAL_KILL);
    return orphan;
}

bool bsti_actor_tear(struct bsti_actor *actor)
{
    struct bsti_record *record = bsti_child_remember(&actor->child);
    struct bsti_orphan *orphan = record ? make(actor) : NULL;

    if (!orphan)
        return false;
    orphan->place = bsti_force_tear(actor->group->system->exec, &actor->proc,
                                    &orphan->proc, actor->group->has_blocking);
    if (!orphan->place) {
        bsti_free(orphan->fresh);
        bsti_free(orphan);
        return false;
    }
    record->orphan = orphan;
    return true;
}

bool bsti_actor_untear(struct bsti_actor *actor)
{
    struct bsti_record *record = bsti_child_record(&actor->child);
    struct bsti_orphan *orphan = record ? record->orphan : NULL;

    if (!orphan)
        return true;
    record->orphan = NULL;
    if (!bsti_force_withdraw(orphan->place, &orphan->proc)) {
        release(orphan);
        return false;
    }
    bsti_free(orphan->fresh);
    bsti_free(orphan);
    return true;
}

/* The message that its thread may still read leaves the mailbox. */
static void take_message(struct bsti_orphan *orphan, struct bsti_actor *actor)
{
    struct bst_system *system = actor->group->system;
    struct bsti_node *node = actor->node;
    struct bsti_mpscq_node *link;

    if (!node)
        return;
    if (node->flags & BSTI_NODE_ASK)
        bsti_answer(system, node->from.asker.waiter, node->from.asker.seq,
                    BST_FAILED, NULL);
    bsti_count(system, bsti_worker_current(), BSTI_COUNT_FAILED);
    if (node->flags & (BSTI_NODE_TICK | BSTI_NODE_TOKEN)) {
        bsti_actor_take_out(actor);
        return;
    }
    actor->node = NULL;
    orphan->node = node;
    if (node->flags & BSTI_NODE_LOOSE)
        return;
    /* Busy: a sender is in the middle of its push. */
    while (bsti_mpscq_pop(&actor->proc.mailbox, false, &link) ==
           BSTI_MPSCQ_BUSY)
        bsti_thread_yield();
}

/* Gives the actor a state of its own, with what it keeps. */
static void move_state(struct bsti_orphan *orphan, struct bsti_actor *actor)
{
    const struct bst_actor *spec = bsti_actor_spec(actor);
    struct bsti_record *record = bsti_child_record(&actor->child);
    const char *kept = (char *)bsti_actor_state(actor) + spec->keep_offset;

    if (actor->handling & BSTI_HANDLING)
        kept = (char *)actor + actor->group->shadow_offset;
    orphan->state = record->moved;
    if (spec->keep_size > 0)
        memcpy((char *)orphan->fresh + BSTI_STATE_OFFSET + spec->keep_offset,
               kept, spec->keep_size);
    record->moved = orphan->fresh;
    orphan->fresh = NULL;
}

void bsti_actor_torn(struct bsti_actor *actor)
{
    struct bsti_orphan *orphan = orphan_of(bsti_proc_remnant(&actor->proc));

    bsti_proc_take_signals(&actor->proc, BSTI_SIGNAL_KILL | BSTI_SIGNAL_STOP |
                                             BSTI_SIGNAL_TEAR |
                                             BSTI_SIGNAL_TORN);
    actor->proc.waiter.gift = NULL;
    orphan->number = bsti_actor_number(actor);
    if (actor->flags & BSTI_OFFLOADED)
        orphan->offload = bsti_offload_drop(actor);
    orphan->answer = actor->answer;
    actor->answer = NULL;
    take_message(orphan, actor);
    move_state(orphan, actor);
    release(orphan);
    if (bsti_actor_phase(actor) == BSTI_PHASE_ENDING)
        bsti_actor_end_continue(actor);
    else
        bsti_actor_end(actor, BSTI_EXIT_KILLED, BST_DEAD);
}

void bsti_orphan_forget(struct bsti_record *record)
{
    bsti_free(record->moved);
}
