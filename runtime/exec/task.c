/*
 * Tasks: the executor without actors.
 *
 * A task is a block with a process in it, recycled as soon as it ends, and a
 * handle of its own, which lives until it is joined or detached. So a million
 * ended tasks that nobody has joined yet cost a million small handles.
 *
 * The handle's lock is held for the few instructions in which somebody
 * cancels the task, or the task takes itself out of the handle.
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
#include "plat/entropy.h"
#include "plat/futex.h"
#include "plat/log.h"
#include "proc/arena.h"
#include "sync/atomic.h"

enum handle_state { RUNNING, JOINING, DETACHED, DONE };

struct task;

struct bst_task {
    _Atomic uint32_t state; /* of enum handle_state */
    struct bsti_spin lock;  /* guards `task` */
    bst_status status;      /* how it ended */
    struct task *task;      /* NULL: it has ended */
    struct bsti_exec *exec;
    uint64_t pid;
    void *result;               /* of a task that returned */
    struct bsti_waiter *joiner; /* set before JOINING */
    uint64_t joiner_seq;
};

struct task {
    struct bsti_proc proc;
    struct bsti_exec *exec;
    struct bst_task *handle; /* NULL: detached before it began */
    void *(*fn)(void *arg);
    void *arg;
    struct bst_task_options options;
    uint64_t pid;
    bst_status status; /* of a panic */
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

/* Tells whoever joins, or drops the handle if nobody will. */
static void publish_end(struct bst_task *handle)
{
    struct bsti_exec *exec = handle->exec;
    struct bsti_waiter *joiner;
    enum bsti_claim claim;
    uint64_t seq;
    uint32_t before;

    /* acq_rel: publishes the result to bst_join(), and sees the joiner. */
    before = bsti_xchg_acq_rel(&handle->state, (uint32_t)DONE);
    if (before == RUNNING)
        return;
    if (before == DETACHED) {
        handle_free(handle);
        return;
    }
    joiner = handle->joiner;
    seq = handle->joiner_seq;
    claim = bsti_waiter_claim(joiner, seq);
    if (claim == BSTI_CLAIM_LOST) { /* the joiner itself was ended */
        handle_free(handle);
        return;
    }
    if (bsti_load_relaxed(&joiner->thread) != BSTI_WAITER_PROC)
        claim = BSTI_CLAIM_ARMED; /* a thread is woken by the finish */
    bsti_waiter_finish(joiner, seq, BST_OK, NULL);
    if (claim == BSTI_CLAIM_SUSPENDED)
        bsti_exec_ready(exec,
                        bsti_container_of(joiner, struct bsti_proc, waiter));
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

static void end(struct task *task, bst_status status, void *result)
{
    struct bst_task *handle = task->handle;
    struct bsti_exec *exec = task->exec;

    drop_wait(&task->proc);
    call_hook(task,
              status == BST_OK ? task->options.after_complete
                               : task->options.after_panic,
              status);
    bsti_arena_destroy(task->proc.arena);
    bsti_spin_lock(&handle->lock);
    handle->task = NULL;
    bsti_spin_unlock(&handle->lock);
    handle->status = status;
    handle->result = result;
    bsti_block_free(exec, bsti_worker_current(), task, sizeof *task);
    publish_end(handle);
    bsti_exec_count(exec, bsti_worker_current(), BSTI_COUNTER_TASKS_ENDED, 1);
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

    /* acq_rel: pairs with the exchange in publish_end(). */
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
                       uint64_t seq)
{
    uint32_t running = RUNNING;

    handle->joiner = waiter;
    handle->joiner_seq = seq;
    /* acq_rel: pairs with the exchange in publish_end(). */
    return bsti_cas_strong_acq_rel(&handle->state, &running, (uint32_t)JOINING);
}

/* Takes the result of a wait that nobody else will end. */
static void end_unused_wait(struct bsti_waiter *waiter, uint64_t seq)
{
    if (bsti_waiter_claim(waiter, seq) != BSTI_CLAIM_LOST)
        bsti_waiter_finish(waiter, seq, BST_OK, NULL);
}

static void join_as_proc(struct bst_task *handle, struct bsti_proc *proc)
{
    uint64_t seq = bsti_waiter_arm(&proc->waiter);
    void *gift;

    if (!begin_join(handle, &proc->waiter, seq))
        end_unused_wait(&proc->waiter, seq);
    else
        while (!bsti_suspend(proc, seq)) /* no stack: let others free one */
            bsti_thread_yield();
    bsti_waiter_take(&proc->waiter, &gift);
}

static void join_as_thread(struct bst_task *handle)
{
    struct bsti_waiter waiter;
    uint64_t seq;
    void *gift;

    bsti_store_relaxed(&waiter.word, (uint64_t)0);
    bsti_store_relaxed(&waiter.thread, (uint32_t)BSTI_WAITER_BLOCKED);
    seq = bsti_waiter_arm(&waiter);
    if (begin_join(handle, &waiter, seq))
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
        if (proc)
            join_as_proc(handle, proc);
        else
            join_as_thread(handle);
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

    return task ? bst_join(task, result) : BST_NOMEM;
}

/* ---- the executor -------------------------------------------------------- */

struct bst_executor *
bst_executor_create(const struct bst_executor_options *options)
{
    struct bsti_exec_options inner = {.pin = true, .seed = bsti_entropy()};
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

    /* In this order: a task is counted as spawned before it can end. */
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
    while (!bsti_suspend_for(proc, seq, duration, BST_OK))
        bsti_thread_yield(); /* no stack: let others free one */
    bsti_waiter_take(&proc->waiter, &gift);
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
    bsti_log(BST_LOG_WARN, "task %llu failed: %s",
             (unsigned long long)task->pid, text);
    task->status = BST_FAILED;
    bsti_abandon(&task->proc);
}
