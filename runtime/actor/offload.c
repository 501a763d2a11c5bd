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
#include "base/assert.h"
#include "exec/block.h"
#include "exec/blocking.h"
#include "exec/contain.h"
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
    struct bsti_actor *actor;
    jmp_buf panicked;
};

static _Thread_local struct stage *stage;

BSTI_NOINLINE struct bsti_actor *bsti_offload_current(void)
{
    return stage ? stage->actor : NULL;
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

/* Calls the handler; a panic comes back here, with the actor's status set. */
static bst_status perform(struct bsti_offload *offload)
{
    struct bsti_actor *actor = offload->actor;
    struct stage here = {.actor = actor};
    const struct bsti_refuge refuge = {.blame = blame,
                                       .failed = failed,
                                       .arg = actor,
                                       .exec = actor->group->system->exec,
                                       .frame = __builtin_frame_address(0)};
    bst_status status;

    stage = &here;
    bsti_refuge_set(&refuge);
    if (setjmp(here.panicked) == 0)
        status = bsti_actor_spec(actor)->handle(
            bsti_actor_state(actor), &offload->message, offload->answer);
    else
        status = (bst_status)offload->actor->status;
    bsti_refuge_set(NULL);
    stage = NULL;
    return status;
}

static void run(void *arg)
{
    struct bsti_offload *offload = arg;
    struct bsti_actor *actor = offload->actor;

    offload->status = perform(offload);
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

bst_status bsti_offload_finish(struct bsti_actor *actor)
{
    struct bsti_offload *offload = actor->offload;
    bst_status status = offload->status;

    actor->flags &= (uint8_t)~BSTI_OFFLOADED;
    actor->answer = offload->reply;
    bsti_block_free(actor->group->system->exec, bsti_worker_current(), offload,
                    sizeof *offload);
    return status;
}
