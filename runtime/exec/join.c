/*
 * Handles: joining, detaching and cancelling a task, and how its end meets
 * whoever waits for it. The states are those of exec/task.h.
 */

#include <bastion/task.h>

#include "base/assert.h"
#include "exec/block.h"
#include "exec/exec.h"
#include "exec/task.h"
#include "plat/futex.h"
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

uint32_t bsti_handle_lock(struct bst_task *handle)
{
    uint32_t pauses = 0;

    for (;;) {
        /* relaxed: the compare-and-swap checks it */
        uint32_t state = bsti_load_relaxed(&handle->state);

        /* acquire: pairs with whoever unlocked it, or changed it without the
         * lock */
        if (!(state & BSTI_HANDLE_LOCKED) &&
            bsti_cas_weak_acquire(&handle->state, &state,
                                  state | BSTI_HANDLE_LOCKED))
            return state;
        relax(&pauses);
    }
}

void bsti_handle_unlock(struct bst_task *handle, uint32_t state)
{
    /* release: pairs with bsti_handle_lock(), and with the joiner's look */
    bsti_store_release(&handle->state, state);
}

/*
 * Leaves RUNNING. Returns false if it was left before, which then was by the
 * task's end.
 */
static bool leave_running(struct bst_task *handle, enum bsti_handle_state to)
{
    uint32_t pauses = 0;
    uint32_t state = BSTI_HANDLE_RUNNING;

    /* acq_rel: publishes the joiner, or what was done before the task was
     * detached, and sees the result of an ended task */
    while (!bsti_cas_strong_acq_rel(&handle->state, &state, (uint32_t)to)) {
        if (!(state & BSTI_HANDLE_LOCKED))
            return false;
        relax(&pauses);
        state = BSTI_HANDLE_RUNNING;
    }
    return true;
}

static void handle_free(struct bst_task *handle)
{
    bsti_block_free(handle->exec, bsti_worker_current(), handle,
                    sizeof *handle);
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
static bool publish_to_joiner(struct bst_task *handle)
{
    struct bsti_exec *exec = handle->exec;
    struct bsti_waiter *joiner = handle->joiner;
    uint64_t seq = handle->joiner_seq;
    enum bsti_claim claim = bsti_waiter_claim(joiner, seq);
    bool is_ours = claim == BSTI_CLAIM_LOST && !handle->joined_by_task;

    if (claim == BSTI_CLAIM_LOST && is_claimed(joiner, seq)) {
        bsti_handle_unlock(handle, BSTI_HANDLE_JOINING);
        bsti_thread_yield();
        return false;
    }
    bsti_handle_unlock(handle, BSTI_HANDLE_DONE);
    if (is_ours)
        handle_free(handle);
    if (claim != BSTI_CLAIM_LOST)
        wake_joiner(exec, joiner, seq, claim);
    return true;
}

void bsti_handle_publish(struct bst_task *handle)
{
    uint32_t running = BSTI_HANDLE_RUNNING;

    /* acq_rel: publishes the result to bst_join(). Once it has succeeded, the
     * handle belongs to whoever joins or detaches. */
    if (BSTI_LIKELY(bsti_cas_strong_acq_rel(&handle->state, &running,
                                            (uint32_t)BSTI_HANDLE_DONE)))
        return;
    for (;;) {
        uint32_t state = bsti_handle_lock(handle);

        if (state == BSTI_HANDLE_JOINING) {
            if (publish_to_joiner(handle))
                return;
            continue;
        }
        bsti_handle_unlock(handle, BSTI_HANDLE_DONE);
        if (state == BSTI_HANDLE_DETACHED)
            handle_free(handle);
        return;
    }
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

static void set_joiner(struct bst_task *handle, struct bsti_waiter *waiter,
                       uint64_t seq, bool by_task)
{
    handle->joiner = waiter;
    handle->joiner_seq = seq;
    handle->joined_by_task = by_task;
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
    bool joined = true;

    set_joiner(handle, &proc->waiter, seq, self != NULL);
    if (!leave_running(handle, BSTI_HANDLE_JOINING)) {
        bsti_wait_unused(&proc->waiter, seq);
        return true;
    }
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

    set_joiner(handle, waiter, seq, true);
    if (!leave_running(handle, BSTI_HANDLE_JOINING)) {
        bsti_wait_unused(waiter, seq);
        return;
    }
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
    set_joiner(handle, &waiter, seq, false);
    if (!leave_running(handle, BSTI_HANDLE_JOINING)) {
        bsti_wait_unused(&waiter, seq);
        return;
    }
    while (!bsti_waiter_is_ready(&waiter))
        bsti_futex_wait(&waiter.thread, BSTI_WAITER_BLOCKED, BST_INFINITE);
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
        joiner = handle->joiner;
        seq = handle->joiner_seq;
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
    task->awaited = true;
    set_joiner(handle, &self->proc.waiter, seq, true);
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
    return task->pid;
}

void bst_detach(struct bst_task *handle)
{
    if (!leave_running(handle, BSTI_HANDLE_DETACHED))
        handle_free(handle);
}

void bst_cancel(struct bst_task *handle)
{
    uint32_t state = bsti_handle_lock(handle);
    struct bsti_task *task = handle->task;

    /* Its end is published under the lock, or by a step that the lock makes
     * fail; its block is freed after that. */
    if (state != BSTI_HANDLE_DONE && task) {
        /* It is held by a queue, a thread or its wait, so the signal alone
         * never makes it ready. */
        (void)bsti_proc_signal(&task->proc, BSTI_SIGNAL_KILL);
        if (bsti_proc_cancel_wait(&task->proc, BST_DEAD))
            bsti_exec_ready(task->exec, &task->proc);
    }
    bsti_handle_unlock(handle, state);
}

bst_status bst_join(struct bst_task *handle, void **result)
{
    bst_status status;

    /* acquire: pairs with bsti_handle_publish() */
    if (bsti_load_acquire(&handle->state) != BSTI_HANDLE_DONE) {
        struct bsti_worker *worker = bsti_worker_current();
        struct bsti_proc *proc = worker ? bsti_worker_proc(worker) : NULL;
        struct bsti_task *job = worker ? NULL : bsti_job_current();

        if (job)
            join_as_job(handle, job);
        else if (!proc)
            join_as_thread(handle);
        else if (!join_as_proc(handle, proc))
            return BST_NOMEM;
    }
    status = handle->status;
    if (status == BST_OK && result)
        *result = handle->result;
    handle_free(handle);
    return status;
}

bst_status bst_run(struct bst_executor *executor, void *(*fn)(void *arg),
                   void *arg, void **result)
{
    struct bst_task *task = bst_spawn(executor, fn, arg, NULL);
    bst_status status = task ? bst_join(task, result) : BST_NOMEM;

    if (task && status == BST_NOMEM)
        bst_detach(task);
    return status;
}
