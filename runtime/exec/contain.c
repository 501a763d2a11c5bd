/*
 * Judges CPU faults, and lands where a contained one goes on.
 *
 * The judgement is made in the signal handler: it reads what the thread that
 * has failed wrote itself, and nothing that is behind a lock. What follows
 * runs in a plain function, on the stack of the process, whose frames below
 * the runtime's call of the user's function are dead by then.
 */

#include "exec/contain.h"

#include "base/assert.h"
#include "exec/oust.h"
#include "exec/worker.h"
#include "plat/fault.h"
#include "plat/force.h"
#include "sync/atomic.h"

enum { TEXT = 192, MOST_GUARD = 65536 };

static _Thread_local struct bsti_refuge *refuge;
static _Thread_local uintptr_t refuge_frame; /* of it; it may be gone */

BSTI_NOINLINE void bsti_refuge_set(struct bsti_refuge *to)
{
    refuge = to;
    refuge_frame = to ? (uintptr_t)to->frame : 0;
}

BSTI_NO_SANITIZE BSTI_NOINLINE struct bsti_refuge *bsti_refuge_here(void)
{
    return refuge;
}

/* ---- on the stack again -------------------------------------------------- */

static void land_on_worker(void *arg)
{
    struct bsti_worker *worker = arg;
    struct bsti_proc *proc = worker->proc;
    char text[TEXT];

    bsti_fault_text(bsti_fault_landed(), text, sizeof text);
    proc->cls->faulted(proc, text);
    bsti_abandon(proc);
}

static void land_in_refuge(void *arg)
{
    const struct bsti_refuge *to = arg;
    char text[TEXT];

    bsti_fault_text(bsti_fault_landed(), text, sizeof text);
    to->failed(to->arg, text);
    bsti_check(false, "a failed job goes on");
}

/* ---- in the signal handler ----------------------------------------------- */

static void note(struct bsti_trap *trap, const struct bsti_blame *blame)
{
    trap->where = blame->path;
    trap->index = blame->has_index ? blame->index : UINT32_MAX;
    trap->incarnation = blame->incarnation;
    trap->kind = blame->kind;
    trap->handler = blame->handler;
    trap->place = blame->place;
}

/*
 * A wild address that did no harm is one of many that may have: `strict` does
 * not go on after that. Near null, in a guard, or without an address nobody
 * else's memory can have been meant.
 */
BSTI_NO_SANITIZE static enum bsti_fault_verdict
walk(const struct bsti_exec *exec, struct bsti_trap *trap)
{
    if (exec->faults == BST_FAULTS_STRICT && bsti_fault_is_wild(trap)) {
        trap->why = BSTI_WALK_WILD;
        return BSTI_FAULT_FATAL;
    }
    bsti_force_undo(trap->walk.low, trap->walk.high);
    trap->why = bsti_unwind_walk(&trap->walk);
    return trap->why == BSTI_WALK_OK ? BSTI_FAULT_LAND : BSTI_FAULT_FATAL;
}

/* Whether the stack was in use, or has just overflowed. */
BSTI_NO_SANITIZE static bool is_on(const struct bsti_trap *trap)
{
    return trap->sp < trap->walk.high &&
           trap->sp >= trap->walk.low - MOST_GUARD;
}

BSTI_NO_SANITIZE static enum bsti_fault_verdict
judge_worker(struct bsti_worker *worker, struct bsti_trap *trap)
{
    struct bsti_proc *proc = worker->proc;
    struct bsti_stack *stack = worker->stack;
    struct bsti_blame blame = {.path = NULL};
    struct bsti_stack *hit;

    trap->why = BSTI_WALK_RUNTIME;
    if (!proc || !proc->cls->faulted)
        return BSTI_FAULT_FATAL;
    proc->cls->blame(proc, &blame);
    note(trap, &blame);
    trap->walk.low = (uintptr_t)stack->base;
    trap->walk.high = (uintptr_t)stack->base + stack->size;
    if (!is_on(trap)) {
        trap->why = BSTI_WALK_STACK;
        return BSTI_FAULT_FATAL;
    }
    /* An address that nobody may have: it is compared, never used. */
    trap->is_overflow =
        bsti_stack_owning(&worker->exec->stacks, (void *)trap->address, &hit) ==
            BSTI_STACK_GUARD &&
        hit == stack;
    trap->land = land_on_worker;
    trap->arg = worker;
    return walk(worker->exec, trap);
}

BSTI_NO_SANITIZE static enum bsti_fault_verdict
judge_job(const struct bsti_refuge *to, struct bsti_trap *trap)
{
    struct bsti_blame blame = {.path = NULL};

    to->blame(to->arg, &blame);
    note(trap, &blame);
    bsti_fault_thread_stack(&trap->walk.low, &trap->walk.high);
    trap->walk.limit = (uintptr_t)to->frame;
    if (!is_on(trap)) {
        trap->why = BSTI_WALK_STACK;
        return BSTI_FAULT_FATAL;
    }
    trap->is_overflow = trap->address < trap->walk.low &&
                        trap->address >= trap->walk.low - MOST_GUARD;
    trap->land = land_in_refuge;
    trap->arg = (void *)(uintptr_t)to;
    return walk(to->exec, trap);
}

BSTI_NO_SANITIZE static enum bsti_fault_verdict judge(struct bsti_trap *trap)
{
    struct bsti_worker *worker = bsti_worker_here();

    trap->why = BSTI_WALK_RUNTIME;
    if (bsti_thread_bar() != BSTI_BAR_NONE)
        return BSTI_FAULT_FATAL;
    if (worker)
        return worker->exec->faults == BST_FAULTS_OFF
                   ? BSTI_FAULT_FOREIGN
                   : judge_worker(worker, trap);
    /* Below the frames in use it is what pthread_exit() has left. */
    if (refuge && refuge_frame > trap->sp)
        return refuge->exec->faults == BST_FAULTS_OFF ? BSTI_FAULT_FOREIGN
                                                      : judge_job(refuge, trap);
    return BSTI_FAULT_FATAL;
}

void bsti_contain_trace(struct bsti_frames *frames)
{
    struct bsti_worker *worker = bsti_worker_here();
    uintptr_t low;
    uintptr_t high;

    if (worker) {
        low = (uintptr_t)worker->stack->base;
        high = low + worker->stack->size;
    } else {
        bsti_fault_thread_stack(&low, &high);
    }
    bsti_fault_trace(low, high, frames);
}

int bsti_contain_begin(void)
{
    return bsti_fault_catch(judge);
}

void bsti_contain_end(void)
{
    bsti_fault_release();
}
