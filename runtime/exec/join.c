/*
 * Handles: joining, detaching and cancelling a task, and how its end meets
 * whoever waits for it. The states are those of exec/task.h.
 */

#include <bastion/task.h>

#include "base/assert.h"
#include "exec/block.h"
#include "exec/exec.h"
#include "exec/oust.h"
#include "exec/task.h"
#include "plat/futex.h"
#include "plat/probe.h"
#include "plat/thread.h"
#include "sync/atomic.h"

/* ---- the state ----------------------------------------------------------- */

/* Waits for a lock that is held for a few instructions. */
static void relax(uint32_t *pauses)
{
    if (++*pauses % BSTI_SPIN_PAUSES == 0)
        bsti_thread_yield();
    else
        bsti_cpu_relax();
}

uint32_t bsti_handle_lock_slow(struct bst_task *handle)
{
    uint32_t pauses = 0;

    for (;;) {
        /* relaxed: the compare-and-swap checks it */
        uint32_t state = bsti_load_relaxed(&handle->state);

        /* acquire: as in bsti_handle_lock() */
        if (!(state & BSTI_HANDLE_LOCKED) &&
            bsti_cas_weak_acquire(&handle->state, &state,
                                  state | BSTI_HANDLE_LOCKED))
            return state;
        relax(&pauses);
    }
}

static void handle_free(struct bst_task *handle)
{
    struct bsti_exec *exec = handle->exec;

    bsti_pool_free(exec, bsti_own_worker(exec, bsti_worker_current()),
                   BSTI_POOL_HANDLES, handle);
}

/* ---- the end meets the joiner -------------------------------------------- */

/* Ends a claimed join, which is the joiner's own from then on. */
static void wake_joiner(struct bsti_exec *exec, struct bsti_waiter *joiner,
                        uint64_t seq, enum bsti_claim claim)
{
    if (bsti_load_relaxed(&joiner->thread) != BSTI_WAITER_PROC)
        claim = BSTI_CLAIM_ARMED; /* a thread is woken by the finish */
    bsti_waiter_finish(joiner, seq, BST_OK, NULL);
    if (claim == BSTI_CLAIM_SUSPENDED)
        bsti_exec_ready(exec,
                        bsti_container_of(joiner, struct bsti_proc, waiter));
}

/* Returns whether somebody is about to end or to give up the wait. */
static bool is_claimed(struct bsti_waiter *waiter, uint64_t seq)
{
    /* relaxed: only tells whether to come again */
    return bsti_load_relaxed(&waiter->word) ==
           bsti_wait_word(seq, BSTI_WAIT_CLAIMED);
}

/*
 * Publishes the end of a task whose joiner waits; the lock is held. Returns
 * false, with the lock given back, if it has to be tried again, since the
 * joiner may be giving up.
 *
 * A lost claim means that the joiner is being killed. A task then looks after
 * the handle, in bsti_handle_leave(). An actor does not know of handles, but
 * its block is type-stable and its waiter's sequence never restarts, so the
 * claim is lost however late it comes, and the handle is freed here. (If the
 * actor is killed after the claim is won, the handle stays until its executor
 * ends.)
 */
static bool publish_to_joiner(struct bst_task *handle, bst_status status,
                              void *result)
{
    struct bsti_exec *exec = handle->exec;
    struct bsti_waiter *joiner = handle->task->joiner;
    uint64_t seq = handle->task->joiner_seq;
    enum bsti_claim claim = bsti_waiter_claim(joiner, seq);
    bool is_ours = claim == BSTI_CLAIM_LOST && !handle->task->is.joined_by_task;

    if (claim == BSTI_CLAIM_LOST && is_claimed(joiner, seq)) {
        bsti_handle_unlock(handle, BSTI_HANDLE_JOINING);
        bsti_thread_yield();
        return false;
    }
    bsti_handle_done(handle, status, result);
    if (is_ours)
        handle_free(handle);
    if (claim != BSTI_CLAIM_LOST)
        wake_joiner(exec, joiner, seq, claim);
    return true;
}

void bsti_handle_publish_slow(struct bst_task *handle, uint32_t state,
                              bst_status status, void *result)
{
    while (state == BSTI_HANDLE_JOINING) {
        if (publish_to_joiner(handle, status, result))
            return;
        state = bsti_handle_lock(handle);
    }
    bsti_handle_done(handle, status, result);
    if (state == BSTI_HANDLE_DETACHED)
        handle_free(handle);
}

void bsti_handle_leave(struct bst_task *handle)
{
    uint32_t state = bsti_handle_lock(handle);

    /* Nobody else can change it now, but by ending the task. */
    bsti_handle_unlock(handle, state == BSTI_HANDLE_DONE
                                   ? (uint32_t)BSTI_HANDLE_DONE
                                   : (uint32_t)BSTI_HANDLE_DETACHED);
    if (state == BSTI_HANDLE_DONE)
        handle_free(handle);
}

/* ---- waiting ------------------------------------------------------------- */

void bsti_wait_unused(struct bsti_waiter *waiter, uint64_t seq)
{
    void *gift;

    if (bsti_waiter_claim(waiter, seq) != BSTI_CLAIM_LOST)
        bsti_waiter_finish(waiter, seq, BST_OK, NULL);
    bsti_waiter_take(waiter, &gift);
}

static void set_joiner(struct bsti_task *task, struct bsti_waiter *waiter,
                       uint64_t seq, bool by_task)
{
    task->joiner = waiter;
    task->joiner_seq = seq;
    task->is.joined_by_task = by_task;
}

/* Registers the waiter. Returns false if the task has ended already; then the
 * wait is over. */
static bool begin_join(struct bst_task *handle, struct bsti_waiter *waiter,
                       uint64_t seq, bool by_task)
{
    uint32_t state = bsti_handle_lock(handle);

    if (state == BSTI_HANDLE_RUNNING) {
        set_joiner(handle->task, waiter, seq, by_task);
        bsti_handle_unlock(handle, BSTI_HANDLE_JOINING);
        return true;
    }
    bsti_handle_unlock(handle, state);
    bsti_wait_unused(waiter, seq);
    return false;
}

/*
 * There was no stack to suspend with: goes back to RUNNING. Returns false if
 * the task has ended, or has started if that is what was waited for.
 *
 * The claim comes first: while it is held, the ended task does not publish,
 * and so nobody frees the handle. If it is lost, the wait has been ended by
 * the task, or by a kill, after which an actor may not touch the handle: then
 * this process ends here, as it would have in the wait.
 */
static bool undo_join(struct bst_task *handle, struct bsti_proc *proc,
                      uint64_t seq)
{
    bool undone = bsti_waiter_claim(&proc->waiter, seq) != BSTI_CLAIM_LOST;
    void *gift;

    if (undone) {
        uint32_t state = bsti_handle_lock(handle);

        bsti_assert(state == BSTI_HANDLE_JOINING);
        (void)state;
        bsti_handle_unlock(handle, BSTI_HANDLE_RUNNING);
        bsti_waiter_finish(&proc->waiter, seq, BST_OK, NULL);
    }
    if (bsti_waiter_take(&proc->waiter, &gift) == BST_DEAD)
        bsti_abandon(proc);
    return undone;
}

/* Waits for the end of a join that has begun. Returns false, with the handle
 * RUNNING again, if there is no stack to wait. */
static bool suspend_for(struct bst_task *handle, struct bsti_proc *proc,
                        uint64_t seq)
{
    void *gift;

    if (!bsti_suspend(proc, seq))
        return !undo_join(handle, proc, seq);
    bsti_waiter_take(&proc->waiter, &gift);
    return true;
}

/* Returns false, with the handle as before, if there is no stack to wait. */
static bool join_as_proc(struct bst_task *handle, struct bsti_proc *proc)
{
    struct bsti_task *self = bsti_task_of(proc);
    uint64_t seq = bsti_waiter_arm(&proc->waiter);
    bool joined;

    if (!begin_join(handle, &proc->waiter, seq, self != NULL))
        return true;
    if (self)
        self->joining = handle;
    joined = suspend_for(handle, proc, seq);
    if (self)
        self->joining = NULL;
    return joined;
}

static void join_as_job(struct bst_task *handle, struct bsti_task *self)
{
    struct bsti_waiter *waiter = &self->proc.waiter;
    uint64_t seq = bsti_job_arm(self);

    if (!begin_join(handle, waiter, seq, true))
        return;
    self->joining = handle;
    bsti_job_wait(self, seq, BST_INFINITE);
    self->joining = NULL;
}

static void join_as_thread(struct bst_task *handle)
{
    struct bsti_waiter waiter;
    uint64_t seq;
    void *gift;

    bsti_store_relaxed(&waiter.word, (uint64_t)0);
    bsti_store_relaxed(&waiter.thread, (uint32_t)BSTI_WAITER_BLOCKED);
    seq = bsti_waiter_arm(&waiter);
    if (!begin_join(handle, &waiter, seq, false))
        return;
    while (!bsti_waiter_is_ready(&waiter))
        bsti_check(bsti_exec_wait(handle->exec, &waiter.thread,
                                  BSTI_WAITER_BLOCKED, BST_INFINITE),
                   "a thread joins a task that never ends");
    bsti_waiter_take(&waiter, &gift);
}

/* ---- waiting for a start ------------------------------------------------- */

void bsti_handle_started(struct bst_task *handle)
{
    struct bsti_exec *exec = handle->exec;
    struct bsti_waiter *joiner = NULL;
    enum bsti_claim claim = BSTI_CLAIM_LOST;
    uint32_t state = bsti_handle_lock(handle);
    uint64_t seq = 0;

    /* If the claim is lost the spawner is being killed, or goes on without a
     * stack; either does what follows. */
    if (state == BSTI_HANDLE_JOINING) {
        joiner = handle->task->joiner;
        seq = handle->task->joiner_seq;
        claim = bsti_waiter_claim(joiner, seq);
        if (claim != BSTI_CLAIM_LOST)
            state = BSTI_HANDLE_RUNNING;
    }
    bsti_handle_unlock(handle, state);
    if (claim != BSTI_CLAIM_LOST)
        wake_joiner(exec, joiner, seq, claim);
}

void bsti_join_start(struct bsti_task *self, struct bsti_worker *worker,
                     struct bsti_task *task)
{
    struct bst_task *handle = task->handle;
    struct bsti_proc *before = bsti_slot_take(&worker->slot);
    uint64_t seq = bsti_waiter_arm(&self->proc.waiter);

    if (before)
        bsti_worker_enqueue(worker, before);
    task->is.awaited = true;
    set_joiner(task, &self->proc.waiter, seq, true);
    /* relaxed: nobody else knows the handle before it is in a queue */
    bsti_store_relaxed(&handle->state, (uint32_t)BSTI_HANDLE_JOINING);
    self->joining = handle;
    bsti_worker_enqueue(worker, &task->proc);
    (void)suspend_for(handle, &self->proc, seq);
    self->joining = NULL;
}

/* ---- the interface ------------------------------------------------------- */

uint64_t bst_task_pid(const struct bst_task *task)
{
    bsti_probe_small(task, sizeof *task);
    return task->pid;
}

void bst_detach(struct bst_task *handle)
{
    if (BSTI_UNLIKELY(!handle) || bsti_is_barred())
        return;
    bsti_probe_small(handle, sizeof *handle);
    bsti_handle_leave(handle);
}

void bst_cancel(struct bst_task *handle)
{
    uint32_t state;

    if (BSTI_UNLIKELY(!handle) || bsti_is_barred())
        return;
    bsti_probe_small(handle, sizeof *handle);
    state = bsti_handle_lock(handle);
    /* Until its end is published, under the lock, its block is there. */
    if (state != BSTI_HANDLE_DONE && !handle->task->is.sealed) {
        struct bsti_proc *proc = &handle->task->proc;

        /* It is held by a queue, a thread or its wait, so the signal alone
         * never makes it ready. */
        (void)bsti_proc_signal(proc, BSTI_SIGNAL_KILL);
        if (bsti_proc_cancel_wait(proc, BST_DEAD))
            bsti_exec_ready(handle->exec, proc);
    }
    bsti_handle_unlock(handle, state);
}

/* Waits for the end. Otherwise it says why it cannot. */
static BSTI_NOINLINE bst_status wait_end(struct bst_task *handle)
{
    struct bsti_worker *worker = bsti_worker_current();
    struct bsti_proc *proc = worker ? worker->proc : NULL;
    struct bsti_task *job = worker ? NULL : bsti_job_current();

    if (proc && proc->cls->stays)
        return BST_INVALID;
    if (proc)
        return join_as_proc(handle, proc) ? BST_OK : BST_NOMEM;
    if (job)
        join_as_job(handle, job);
    else
        join_as_thread(handle);
    return BST_OK;
}

/* As bst_join(); `*joined` says whether the handle is gone. */
static bst_status join(struct bst_task *handle, void **result, bool *joined)
{
    bst_status status = BST_OK;

    *joined = true;
    if (BSTI_UNLIKELY(!handle))
        return BST_INVALID;
    bsti_probe_small(handle, sizeof *handle);
    if (result)
        bsti_probe_out_small(result, sizeof *result);
    if (bsti_is_barred())
        return BST_DEAD;
    /* acquire: pairs with bsti_handle_publish() */
    if (bsti_load_acquire(&handle->state) != BSTI_HANDLE_DONE)
        status = wait_end(handle);
    *joined = status == BST_OK;
    if (!*joined)
        return status;
    status = handle->status;
    if (status == BST_OK && result)
        *result = handle->result;
    handle_free(handle);
    return status;
}

bst_status bst_join(struct bst_task *handle, void **result)
{
    bool joined;

    return join(handle, result, &joined);
}

bst_status bst_run(struct bst_executor *executor, void *(*fn)(void *arg),
                   void *arg, void **result)
{
    struct bst_task *task;
    bst_status status;
    bool joined = true;

    if (result)
        bsti_probe_out_small(result, sizeof *result);
    task = bst_spawn(executor, fn, arg, NULL);
    status = task               ? join(task, result, &joined)
             : bsti_is_barred() ? BST_DEAD
                                : BST_NOMEM;

    if (!joined)
        bst_detach(task);
    return status;
}
