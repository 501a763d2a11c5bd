/*
 * `blocking` handlers: their function runs on a thread of the blocking pool.
 *
 * The turn prepares the call, hands the process to the pool and ends. The
 * pool's thread calls the handler and nothing else; then it makes the process
 * ready, and the next turn does what follows a handler. In between the process
 * is held by the job: it handles nothing else, and what is asked of it (stop,
 * kill) waits as for any handler that runs.
 *
 * On the pool's thread there is no worker. The calls of <bastion/context.h>
 * find the process through a thread-local, and a wait blocks the thread. A
 * panic jumps back to where the handler was called: the frames in between are
 * the handler's own, on a stack that belongs to the thread.
 */

#include <setjmp.h>

#include "actor/actor.h"
#include "actor/apart.h"
#include "base/assert.h"
#include "exec/block.h"
#include "exec/blocking_pool.h"
#include "exec/contain.h"
#include "exec/oust.h"
#include "plat/fault.h"
#include "sync/atomic.h"

struct bsti_offload {
    struct bsti_job job;
    struct bsti_actor *actor;
    struct bst_msg message;
    void *answer;            /* where the handler writes it */
    struct bsti_node *reply; /* the node that this is in; NULL: none */
    bst_status status;       /* of the handler, once it has returned */
};

/* What runs on this thread of the pool. */
struct stage {
    struct bsti_actor *actor; /* NULL: it was torn off */
    bool killed;
    jmp_buf panicked;
};

static _Thread_local struct stage *stage;

BSTI_NOINLINE struct bsti_actor *bsti_offload_current(void)
{
    return stage && bsti_thread_bar() == BSTI_BAR_NONE ? stage->actor : NULL;
}

void bsti_offload_abandon(struct bsti_actor *actor)
{
    bsti_check(stage && stage->actor == actor,
               "a handler panics on a thread that does not run it");
    longjmp(stage->panicked, 1);
}

static void blame(void *arg, struct bsti_blame *blame)
{
    bsti_actor_blame(arg, blame);
}

static void failed(void *arg, const char *text)
{
    bsti_actor_fail_with(arg, text, bsti_fault_landed());
}

static BSTI_NOINLINE void leave_killed(void)
{
    stage->killed = true;
    longjmp(stage->panicked, 1);
}

static void ended(void *arg)
{
    (void)arg;
    leave_killed();
}

BSTI_NO_SANITIZE static void torn(void *arg)
{
    (void)arg;
    stage->actor = NULL;
}

bool bsti_offload_is_killed(void)
{
    struct bsti_actor *actor = bsti_offload_current();

    return actor && (bsti_proc_signals(&actor->proc) & BSTI_SIGNAL_KILL);
}

/* Lets others see whose handler this thread runs; then it may be forced. */
static void show(struct bsti_proc *proc)
{
    /* seq_cst: before the look at the signals; who kills looks at it then */
    bsti_store_seq_cst(&bsti_blocking_here()->shown, proc);
}

/*
 * Calls the handler; a panic or a kill comes back here, with the actor's
 * status set. Returns what is left of a handler that was torn off.
 */
static struct bsti_proc *perform(struct bsti_offload *offload,
                                 bst_status *status)
{
    struct bsti_actor *actor = offload->actor;
    struct stage here = {.actor = actor};
    struct bsti_refuge refuge = {.blame = blame,
                                 .failed = failed,
                                 .ended = ended,
                                 .torn = torn,
                                 .arg = actor,
                                 .exec = actor->group->system->exec,
                                 .proc = &actor->proc,
                                 .frame = __builtin_frame_address(0)};

    stage = &here;
    bsti_refuge_set(&refuge);
    if (setjmp(here.panicked) == 0) {
        show(&actor->proc);
        if (bsti_offload_is_killed())
            leave_killed();
        *status = bsti_actor_spec(actor)->handle(
            bsti_actor_state(actor), &offload->message, offload->answer);
    } else if (here.killed) {
        *status = BST_DEAD;
    } else {
        *status = (bst_status)actor->status;
    }
    show(NULL);
    if (here.actor && *status != BST_OK && *status != BST_STOP)
        bsti_locks_abandon(actor);
    bsti_refuge_set(NULL);
    stage = NULL;
    return here.actor ? NULL : refuge.proc;
}

static void run(void *arg)
{
    struct bsti_offload *offload = arg;
    struct bsti_actor *actor = offload->actor;
    bst_status status;
    struct bsti_proc *remnant = perform(offload, &status);

    if (remnant) {
        bsti_orphan_bury(remnant);
        return;
    }
    offload->status = status;
    /* From here on a worker may already have freed the job. */
    bsti_exec_ready(actor->group->system->exec, &actor->proc);
}

bool bsti_offload_start(struct bsti_actor *actor, const struct bst_msg *message,
                        void *answer)
{
    struct bst_system *system = actor->group->system;
    struct bsti_offload *offload =
        bsti_block_alloc(system->exec, bsti_worker_current(), sizeof *offload);

    if (!offload)
        return false;
    offload->job.fn = run;
    offload->job.arg = offload;
    offload->actor = actor;
    offload->message = *message;
    offload->answer = answer;
    offload->reply = actor->answer;
    actor->offload = offload;
    actor->flags |= BSTI_OFFLOADED;
    bsti_blocking_submit(system->blocking, &offload->job);
    return true;
}

struct bsti_offload *bsti_offload_drop(struct bsti_actor *actor)
{
    struct bsti_offload *offload = actor->offload;

    actor->flags &= (uint8_t)~BSTI_OFFLOADED;
    actor->answer = offload->reply;
    return offload;
}

void bsti_offload_free(struct bst_system *system, struct bsti_offload *offload)
{
    bsti_block_free(system->exec, bsti_worker_current(), offload,
                    sizeof *offload);
}

bst_status bsti_offload_finish(struct bsti_actor *actor)
{
    struct bsti_offload *offload = bsti_offload_drop(actor);
    bst_status status = offload->status;

    bsti_offload_free(actor->group->system, offload);
    return status;
}
