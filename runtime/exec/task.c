/*
 * Tasks: the executor without actors.
 *
 * A task is a block with a process in it, recycled as soon as it ends, and a
 * handle of its own, which lives until it is joined or detached. So a million
 * ended tasks that nobody has joined yet cost a million small handles.
 *
 * The handle's lock is held for the few instructions in which somebody
 * cancels the task, the task takes itself out of the handle, or its end and
 * its joiner meet. The state leaves RUNNING without the lock, and JOINING only
 * under it. DETACHED and DONE are final: the handle is freed by the ended task
 * or by the joiner, and whoever has made it so no longer touches it.
 */

#include <bastion/task.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "exec/block.h"
#include "exec/exec.h"
#include "exec/worker.h"
#include "plat/futex.h"
#include "plat/log.h"
#include "plat/thread.h"
#include "proc/arena.h"
#include "sync/atomic.h"

enum handle_state { RUNNING, JOINING, DETACHED, DONE };

struct task;

struct bst_task {
    _Atomic uint32_t state; /* of enum handle_state */
    struct bsti_spin lock;  /* guards `task`, and JOINING */
    bst_status status;      /* how it ended */
    struct task *task;      /* NULL: it has ended */
    struct bsti_exec *exec;
    uint64_t pid;
    void *result;               /* of a task that returned */
    struct bsti_waiter *joiner; /* set before JOINING */
    uint64_t joiner_seq;
    bool joined_by_task; /* which notes the handle in its `joining` */
};

struct task {
    struct bsti_proc proc;
    struct bsti_exec *exec;
    struct bst_task *handle;
    struct bst_task *joining; /* whose end it is suspended for, or NULL */
    void *(*fn)(void *arg);
    void *arg;
    struct bst_task_options options;
    uint64_t pid;
    bst_status status; /* of a panic */
    bool ended;        /* its result stands; it is in its last hook */
};

struct bst_executor {
    struct bsti_exec *exec;
};

static const struct bsti_proc_class task_class;

static struct task *task_of(struct bsti_proc *proc)
{
    return bsti_container_of(proc, struct task, proc);
}

/* Returns the process that runs on this thread, or NULL. */
static struct bsti_proc *current_proc(void)
{
    struct bsti_worker *worker = bsti_worker_current();

    return worker ? bsti_worker_proc(worker) : NULL;
}

static struct task *current_task(void)
{
    struct bsti_proc *proc = current_proc();

    return proc && proc->cls == &task_class ? task_of(proc) : NULL;
}

/* ---- the life of a task -------------------------------------------------- */

static void call_hook(struct task *task,
                      void (*hook)(const struct bst_task_info *info),
                      bst_status status)
{
    struct bst_task_info info = {
        .pid = task->pid, .state = task->options.state, .status = status};

    if (hook)
        hook(&info);
}

static void handle_free(struct bst_task *handle)
{
    bsti_block_free(handle->exec, bsti_worker_current(), handle,
                    sizeof *handle);
}

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

/*
 * Publishes the end of a task that is not RUNNING. Returns false if it may
 * have become so again, since the joiner could not suspend.
 *
 * A lost claim means that the joiner is being killed. A task then looks after
 * the handle, in leave_join(). An actor does not know of handles, but its
 * block is type-stable and its waiter's sequence never restarts, so the claim
 * is lost however late it comes, and the handle is freed here. (If the actor
 * is killed after the claim is won, the handle stays until its executor ends.)
 */
static bool publish_to_joiner(struct bst_task *handle)
{
    struct bsti_exec *exec = handle->exec;
    struct bsti_waiter *joiner = NULL;
    uint64_t seq = 0;
    enum bsti_claim claim = BSTI_CLAIM_LOST;
    bool is_ours = true;

    bsti_spin_lock(&handle->lock);
    /* acquire: pairs with begin_join() */
    switch (bsti_load_acquire(&handle->state)) {
    case RUNNING:
        bsti_spin_unlock(&handle->lock);
        return false;
    case JOINING:
        joiner = handle->joiner;
        seq = handle->joiner_seq;
        claim = bsti_waiter_claim(joiner, seq);
        /* relaxed: only tells whether to come again. Whoever claims is at it
         * for a few instructions, and may be the joiner that gives up. */
        if (claim == BSTI_CLAIM_LOST &&
            bsti_load_relaxed(&joiner->word) ==
                bsti_wait_word(seq, BSTI_WAIT_CLAIMED)) {
            bsti_spin_unlock(&handle->lock);
            bsti_thread_yield();
            return false;
        }
        is_ours = claim == BSTI_CLAIM_LOST && !handle->joined_by_task;
        /* release: publishes the result */
        bsti_store_release(&handle->state, (uint32_t)DONE);
        break;
    default: /* DETACHED */
        break;
    }
    bsti_spin_unlock(&handle->lock);
    if (is_ours)
        handle_free(handle);
    if (claim != BSTI_CLAIM_LOST)
        wake_joiner(exec, joiner, seq, claim);
    return true;
}

/* Tells whoever joins, or drops the handle if nobody will. */
static void publish_end(struct bst_task *handle)
{
    uint32_t running = RUNNING;

    /* acq_rel: publishes the result to bst_join(). Once it has succeeded, the
     * handle belongs to whoever joins or detaches. */
    while (!bsti_cas_strong_acq_rel(&handle->state, &running, (uint32_t)DONE)) {
        if (publish_to_joiner(handle))
            return;
        running = RUNNING;
    }
}

/* A wait that was cut short: whoever is ending it must be through with it. */
static void drop_wait(struct bsti_proc *proc)
{
    void *gift;

    if (bsti_wait_phase(bsti_load_acquire(&proc->waiter.word)) ==
        BSTI_WAIT_IDLE)
        return;
    bsti_proc_cancel_wait(proc, BST_DEAD);
    bsti_waiter_take(&proc->waiter, &gift);
}

/* Nobody comes back from this join: its handle is dropped. */
static void leave_join(struct bst_task *handle)
{
    bool done;

    bsti_spin_lock(&handle->lock);
    done = bsti_load_relaxed(&handle->state) == DONE;
    if (!done) /* it is JOINING, which nobody else can change now */
        bsti_store_relaxed(&handle->state, (uint32_t)DETACHED);
    bsti_spin_unlock(&handle->lock);
    if (done)
        handle_free(handle);
}

/* The rest, once the last hook has been called. */
static void finish(struct task *task)
{
    struct bst_task *handle = task->handle;
    struct bsti_exec *exec = task->exec;

    bsti_arena_destroy(task->proc.arena);
    bsti_block_free(exec, bsti_worker_current(), task, sizeof *task);
    publish_end(handle);
    bsti_fence_seq_cst(); /* pairs with has_tasks() */
    bsti_exec_count(exec, bsti_worker_current(), BSTI_COUNTER_TASKS_ENDED, 1);
}

static void end(struct task *task, bst_status status, void *result)
{
    struct bst_task *handle = task->handle;

    drop_wait(&task->proc);
    if (task->joining)
        leave_join(task->joining);
    task->joining = NULL;
    bsti_spin_lock(&handle->lock);
    handle->task = NULL;
    bsti_spin_unlock(&handle->lock);
    /* Nobody can cancel it any more. A cancel that came too late is dropped,
     * so that a hook is not thrown away for it. */
    (void)bsti_proc_take_signals(&task->proc, BSTI_SIGNAL_KILL);
    handle->status = status;
    handle->result = result;
    task->ended = true;
    call_hook(task,
              status == BST_OK ? task->options.after_complete
                               : task->options.after_panic,
              status);
    finish(task);
}

static void turn(struct bsti_proc *proc)
{
    struct task *task = task_of(proc);
    void *result;

    if (bsti_proc_signals(proc) & BSTI_SIGNAL_KILL) {
        end(task, BST_DEAD, NULL);
        return;
    }
    call_hook(task, task->options.before_start, BST_OK);
    result = task->fn(task->arg);
    end(task, BST_OK, result);
}

static void abandoned(struct bsti_proc *proc)
{
    struct task *task = task_of(proc);

    if (task->ended) { /* its last hook has panicked */
        finish(task);
        return;
    }
    end(task, task->status == BST_OK ? BST_DEAD : task->status, NULL);
}

static const struct bsti_proc_class task_class = {
    .name = "task",
    .turn = turn,
    .abandoned = abandoned,
};

/* ---- spawning and joining ------------------------------------------------ */

static struct bsti_exec *exec_for(struct bst_executor *executor)
{
    struct bsti_worker *worker = bsti_worker_current();

    if (executor)
        return executor->exec;
    bsti_check(worker, "bst_spawn without an executor, outside of a task");
    return bsti_worker_exec(worker);
}

/* Unique without a counter that all workers share. */
static uint64_t next_pid(struct bsti_exec *exec, struct bsti_worker *worker)
{
    if (worker && worker->exec == exec)
        return ++worker->pids << 16 | (worker->index + 1);
    return (bsti_fetch_add_relaxed(&exec->foreign_pids, (uint64_t)1) + 1) << 16;
}

struct bst_task *bst_spawn(struct bst_executor *executor,
                           void *(*fn)(void *arg), void *arg,
                           const struct bst_task_options *options)
{
    struct bsti_exec *exec = exec_for(executor);
    struct bsti_worker *worker = bsti_worker_current();
    struct bst_task *handle = bsti_block_alloc(exec, worker, sizeof *handle);
    struct task *task;

    if (!handle)
        return NULL;
    task = bsti_block_alloc(exec, worker, sizeof *task);
    if (!task) {
        bsti_block_free(exec, worker, handle, sizeof *handle);
        return NULL;
    }
    if (options)
        task->options = *options;
    else
        memset(&task->options, 0, sizeof task->options);
    bsti_proc_init(&task->proc, &task_class, 0,
                   bsti_stack_class(task->options.stack_bytes));
    task->exec = exec;
    task->handle = handle;
    task->joining = NULL;
    task->ended = false;
    task->fn = fn;
    task->arg = arg;
    task->pid = next_pid(exec, worker);
    task->status = BST_OK;
    bsti_store_relaxed(&handle->state, (uint32_t)RUNNING);
    bsti_spin_init(&handle->lock);
    handle->task = task;
    handle->exec = exec;
    handle->pid = task->pid;
    bsti_exec_count(exec, worker, BSTI_COUNTER_TASKS, 1);
    bsti_exec_ready(exec, &task->proc);
    return handle;
}

uint64_t bst_task_pid(const struct bst_task *task)
{
    return task->pid;
}

void bst_detach(struct bst_task *handle)
{
    uint32_t running = RUNNING;

    /* acq_rel: pairs with publish_end(). */
    if (!bsti_cas_strong_acq_rel(&handle->state, &running, (uint32_t)DETACHED))
        handle_free(handle);
}

void bst_cancel(struct bst_task *handle)
{
    struct task *task;

    bsti_spin_lock(&handle->lock);
    task = handle->task;
    if (task) {
        /* It is held by a queue, a worker or its wait, so the signal alone
         * never makes it ready. */
        (void)bsti_proc_signal(&task->proc, BSTI_SIGNAL_KILL);
        if (bsti_proc_cancel_wait(&task->proc, BST_DEAD))
            bsti_exec_ready(task->exec, &task->proc);
    }
    bsti_spin_unlock(&handle->lock);
}

static void wait_as_thread(struct bsti_waiter *waiter)
{
    while (!bsti_waiter_is_ready(waiter))
        bsti_futex_wait(&waiter->thread, BSTI_WAITER_BLOCKED, BST_INFINITE);
}

/* Registers the waiter. Returns false if the task has ended already. */
static bool begin_join(struct bst_task *handle, struct bsti_waiter *waiter,
                       uint64_t seq, bool by_task)
{
    uint32_t running = RUNNING;

    handle->joiner = waiter;
    handle->joiner_seq = seq;
    handle->joined_by_task = by_task;
    /* acq_rel: pairs with publish_end() and publish_to_joiner(). */
    return bsti_cas_strong_acq_rel(&handle->state, &running, (uint32_t)JOINING);
}

/* Takes the result of a wait that nobody else will end. */
static void end_unused_wait(struct bsti_waiter *waiter, uint64_t seq)
{
    if (bsti_waiter_claim(waiter, seq) != BSTI_CLAIM_LOST)
        bsti_waiter_finish(waiter, seq, BST_OK, NULL);
}

/*
 * There was no stack to suspend with: goes back to RUNNING. Returns false if
 * the task has ended.
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
        bsti_spin_lock(&handle->lock);
        bsti_assert(bsti_load_relaxed(&handle->state) == JOINING);
        bsti_store_release(&handle->state, (uint32_t)RUNNING);
        bsti_spin_unlock(&handle->lock);
        bsti_waiter_finish(&proc->waiter, seq, BST_OK, NULL);
    }
    if (bsti_waiter_take(&proc->waiter, &gift) == BST_DEAD)
        bsti_abandon(proc);
    return undone;
}

/* Returns false, with the handle as before, if there is no stack to wait. */
static bool join_as_proc(struct bst_task *handle, struct bsti_proc *proc)
{
    struct task *self = proc->cls == &task_class ? task_of(proc) : NULL;
    uint64_t seq = bsti_waiter_arm(&proc->waiter);
    bool joined = true;
    void *gift;

    if (!begin_join(handle, &proc->waiter, seq, self != NULL)) {
        end_unused_wait(&proc->waiter, seq);
        bsti_waiter_take(&proc->waiter, &gift);
        return true;
    }
    if (self)
        self->joining = handle;
    if (bsti_suspend(proc, seq))
        bsti_waiter_take(&proc->waiter, &gift);
    else
        joined = !undo_join(handle, proc, seq);
    if (self)
        self->joining = NULL;
    return joined;
}

static void join_as_thread(struct bst_task *handle)
{
    struct bsti_waiter waiter;
    uint64_t seq;
    void *gift;

    bsti_store_relaxed(&waiter.word, (uint64_t)0);
    bsti_store_relaxed(&waiter.thread, (uint32_t)BSTI_WAITER_BLOCKED);
    seq = bsti_waiter_arm(&waiter);
    if (begin_join(handle, &waiter, seq, false))
        wait_as_thread(&waiter);
    else
        end_unused_wait(&waiter, seq);
    bsti_waiter_take(&waiter, &gift);
}

bst_status bst_join(struct bst_task *handle, void **result)
{
    struct bsti_proc *proc = current_proc();
    bst_status status;

    if (bsti_load_acquire(&handle->state) != DONE) {
        if (!proc)
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

/* ---- the executor -------------------------------------------------------- */

struct bst_executor *
bst_executor_create(const struct bst_executor_options *options)
{
    struct bsti_exec_options inner = {.pin = true};
    struct bst_executor *executor = bsti_alloc(sizeof *executor);

    if (!executor)
        return NULL;
    if (options) {
        inner.threads = options->threads;
        inner.pin = !options->no_pin;
    }
    executor->exec = bsti_exec_create(&inner);
    if (!executor->exec) {
        bsti_free(executor);
        return NULL;
    }
    return executor;
}

static bool has_tasks(struct bsti_exec *exec)
{
    uint64_t ended = bsti_exec_counter(exec, BSTI_COUNTER_TASKS_ENDED);

    /* A task is counted as spawned before it can end, perhaps by another
     * thread. So whoever has seen its end, and then passes this fence and the
     * one in finish(), sees that it was spawned. */
    bsti_fence_seq_cst();
    return bsti_exec_counter(exec, BSTI_COUNTER_TASKS) != ended;
}

void bst_executor_destroy(struct bst_executor *executor)
{
    struct bsti_exec *exec = executor->exec;

    while (has_tasks(exec))
        bsti_futex_wait(&exec->tasks_changed, 0, BST_MS(1));
    bsti_exec_quiesce(exec, BST_INFINITE);
    bsti_exec_destroy(exec);
    bsti_free(executor);
}

/* ---- inside a task ------------------------------------------------------- */

uint64_t bst_task_self(void)
{
    struct task *task = current_task();

    return task ? task->pid : 0;
}

void *bst_task_state(void)
{
    struct task *task = current_task();

    return task ? task->options.state : NULL;
}

void bst_task_yield(void)
{
    struct bsti_proc *proc = current_proc();

    bsti_check(proc, "bst_task_yield outside of a task");
    (void)bsti_yield(proc);
}

/* What a suspended process need not do: its worker does it. */
static void end_if_killed(struct bsti_proc *proc)
{
    if (bsti_proc_signals(proc) & BSTI_SIGNAL_KILL)
        bsti_abandon(proc);
}

void bst_task_sleep(bst_time duration)
{
    struct bsti_proc *proc = current_proc();
    uint64_t seq;
    void *gift;

    bsti_check(proc, "bst_task_sleep outside of a task");
    if (duration <= 0) {
        bst_task_yield();
        return;
    }
    seq = bsti_waiter_arm(&proc->waiter);
    if (bsti_suspend_for(proc, seq, duration, BST_OK)) {
        bsti_waiter_take(&proc->waiter, &gift);
        return;
    }
    end_unused_wait(&proc->waiter, seq);
    bsti_waiter_take(&proc->waiter, &gift);
    end_if_killed(proc);
    bsti_thread_sleep(duration); /* no stack: others have to wait, too */
    end_if_killed(proc);
}

void bst_task_panic(const char *format, ...)
{
    struct task *task = current_task();
    va_list args;
    char text[256];

    bsti_check(task, "bst_task_panic outside of a task");
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    bsti_log(BST_LOG_WARN, "%s %llu failed: %s",
             task->ended ? "the last hook of task" : "task",
             (unsigned long long)task->pid, text);
    task->status = BST_FAILED;
    bsti_abandon(&task->proc);
}
