/*
 * The blocking pool of an executor, and tasks that run on it.
 *
 * Such a task is never in a run queue. Of its process only two parts are used:
 * the signals, so that it can be cancelled, and the waiter, with which its
 * thread blocks where another task would suspend. A panic jumps back to where
 * the task was called: the frames in between are the task's own, on a stack
 * that belongs to the thread.
 *
 * A system may end while tasks that its actors have spawned still run. So who
 * submits says so before, and the end of the pool waits for those that it did
 * not turn away.
 */

#include <setjmp.h>

#include "base/assert.h"
#include "exec/block.h"
#include "exec/blocking.h"
#include "exec/contain.h"
#include "exec/exec.h"
#include "exec/oust.h"
#include "exec/sim.h"
#include "exec/task.h"
#include "plat/clock.h"
#include "plat/futex.h"
#include "plat/probe.h"
#include "plat/thread.h"
#include "sync/atomic.h"

/* What runs on this thread of a pool. */
struct stage {
    struct bsti_exec *exec;
    struct bsti_task *task; /* NULL: something else than a task */
    jmp_buf panicked;
};

static _Thread_local struct stage *current_stage;

static BSTI_NOINLINE struct stage *stage(void)
{
    return current_stage;
}

struct bsti_exec *bsti_job_exec(void)
{
    struct stage *here = stage();

    return here ? here->exec : NULL;
}

struct bsti_task *bsti_job_current(void)
{
    struct stage *here = stage();

    return here ? here->task : NULL;
}

/* ---- the pool ------------------------------------------------------------ */

/* Runs a job of any kind. */
static void run_job(struct bsti_job *job, void *arg)
{
    struct stage here = {.exec = arg};

    current_stage = &here;
    job->fn(job->arg);
    current_stage = NULL;
}

static struct bsti_blocking *create_pool(struct bsti_exec *exec)
{
    struct bsti_blocking_options options = bsti_blocking_default();
    const struct bsti_exec_blocking *wanted = &exec->blocking_options;

    if (wanted->max > 0)
        options.max = wanted->max;
    if (wanted->min > 0)
        options.min = wanted->min;
    options.stack_bytes = BSTI_MAX(options.stack_bytes, wanted->stack_bytes);
    options.run = run_job;
    options.arg = exec;
    return bsti_blocking_create(&options);
}

struct bsti_blocking *bsti_exec_blocking(struct bsti_exec *exec)
{
    /* acquire: pairs with the release below */
    struct bsti_blocking *pool = bsti_load_acquire(&exec->blocking);

    if (pool)
        return pool;
    bsti_spin_lock(&exec->blocking_lock);
    /* relaxed: written under the lock */
    pool = bsti_load_relaxed(&exec->blocking);
    if (!pool) {
        pool = create_pool(exec);
        bsti_store_release(&exec->blocking, pool);
    }
    bsti_spin_unlock(&exec->blocking_lock);
    return pool;
}

enum { CLOSED = 1, USER = 2 }; /* of `blocking_users` */

/* Returns false if the pool is about to end. */
static bool pool_enter(struct bsti_exec *exec)
{
    /* acq_rel: with the close, decides who comes first */
    if (!(bsti_fetch_add_acq_rel(&exec->blocking_users, (uint32_t)USER) &
          CLOSED))
        return true;
    bsti_fetch_sub_release(&exec->blocking_users, (uint32_t)USER);
    return false;
}

static void pool_leave(struct bsti_exec *exec)
{
    /* release: pairs with the acquire in bsti_exec_stop_blocking() */
    bsti_fetch_sub_release(&exec->blocking_users, (uint32_t)USER);
}

bool bsti_exec_stop_blocking(struct bsti_exec *exec, bst_time patience)
{
    struct bsti_blocking *pool;

    bsti_fetch_or_acq_rel(&exec->blocking_users, (uint32_t)CLOSED);
    /* acquire: pairs with pool_leave(). They never wait in between. */
    while (bsti_load_acquire(&exec->blocking_users) != CLOSED)
        bsti_thread_yield();
    pool = bsti_load_acquire(&exec->blocking);
    return !pool || bsti_blocking_stop(pool, patience);
}

/* ---- tasks on it --------------------------------------------------------- */

static void no_turn(struct bsti_proc *proc)
{
    (void)proc;
    bsti_check(false, "a task of the blocking pool is in a run queue");
}

static const struct bsti_proc_class job_class = {
    .name = "blocking task",
    .turn = no_turn,
    .abandoned = no_turn,
};

static void blame(void *arg, struct bsti_blame *blame)
{
    (void)arg;
    blame->path = "a blocking task";
}

static void failed(void *arg, const char *text)
{
    bsti_task_note_failure(arg, text);
    bsti_job_abandon(arg);
}

/* Comes back from each panic, which may be one more in its last hook. */
static void run_task(void *arg)
{
    struct bsti_task *task = arg;
    struct stage *here = stage();

    struct bsti_refuge refuge = {.blame = blame,
                                 .failed = failed,
                                 .arg = task,
                                 .exec = here->exec,
                                 .frame = __builtin_frame_address(0)};

    here->task = task;
    bsti_refuge_set(&refuge);
    if (setjmp(here->panicked) == 0)
        bsti_task_call(task);
    else
        bsti_task_abandoned(task);
    bsti_refuge_set(NULL);
    here->task = NULL;
}

void bsti_job_abandon(struct bsti_task *task)
{
    struct stage *here = stage();

    bsti_check(here && here->task == task,
               "a task panics on a thread that does not run it");
    longjmp(here->panicked, 1);
}

static struct bsti_job_task *create(struct bsti_exec *exec,
                                    struct bsti_worker *own,
                                    const struct bst_task_options *options)
{
    struct bsti_job_task *made = bsti_block_alloc(exec, own, sizeof *made);

    if (!made)
        return NULL;
    bsti_proc_init(&made->task.proc, &job_class, 0, 0);
    if (!bsti_task_init(&made->task, exec, own, options)) {
        bsti_block_free(exec, own, made, sizeof *made);
        return NULL;
    }
    made->task.is.job = true;
    made->job.fn = run_task;
    made->job.arg = &made->task;
    return made;
}

struct bst_task *bst_spawn_blocking(struct bst_executor *executor,
                                    void *(*fn)(void *arg), void *arg,
                                    const struct bst_task_options *options)
{
    struct bsti_worker *worker = bsti_worker_current();
    struct bsti_exec *exec;
    struct bsti_blocking *pool;
    struct bsti_job_task *made;
    struct bst_task *handle = NULL;

    bsti_probe_code((bsti_probe_fn *)fn);
    if (options)
        bsti_probe_small(options, sizeof *options);
    if (bsti_is_barred())
        return NULL;
    exec = bsti_task_exec(executor, worker);
    /* There are no threads that it could block. */
    if (exec && bsti_exec_is_sim(exec))
        return bst_spawn(executor, fn, arg, options);
    if (!pool_enter(exec))
        return NULL;
    pool = bsti_exec_blocking(exec);
    made = pool ? create(exec, bsti_own_worker(exec, worker), options) : NULL;
    if (made) {
        handle = made->task.handle;
        made->task.code.fn = fn;
        made->task.arg = arg;
        bsti_blocking_submit(pool, &made->job);
    }
    pool_leave(exec);
    return handle;
}

/* ---- waiting ------------------------------------------------------------- */

static bool is_killed(struct bsti_task *task)
{
    return (bsti_proc_signals(&task->proc) & BSTI_SIGNAL_KILL) != 0;
}

void bsti_job_heed(struct bsti_task *task)
{
    if (is_killed(task))
        bsti_job_abandon(task);
}

uint64_t bsti_job_arm(struct bsti_task *task)
{
    struct bsti_waiter *waiter = &task->proc.waiter;

    /* relaxed: published by the arming */
    bsti_store_relaxed(&waiter->thread, (uint32_t)BSTI_WAITER_BLOCKED);
    return bsti_waiter_arm(waiter);
}

void bsti_job_wait(struct bsti_task *task, uint64_t seq, bst_time duration)
{
    struct bsti_waiter *waiter = &task->proc.waiter;
    bst_time until = BST_INFINITE;
    void *gift;

    if (duration < BST_INFINITE - bsti_clock_now())
        until = bsti_clock_now() + duration;
    /* Pairs with bst_cancel(), which sets the signal and then looks at the
     * wait, both in the one order of all threads. */
    bsti_fence_seq_cst();
    if (is_killed(task))
        (void)bsti_proc_cancel_wait(&task->proc, BST_DEAD);
    while (!bsti_waiter_is_ready(waiter)) {
        bst_time left =
            until == BST_INFINITE ? until : until - bsti_clock_now();

        if (left <= 0) {
            if (bsti_waiter_claim(waiter, seq) != BSTI_CLAIM_LOST)
                bsti_waiter_finish(waiter, seq, BST_OK, NULL);
            break;
        }
        bsti_futex_wait(&waiter->thread, BSTI_WAITER_BLOCKED, left);
    }
    if (bsti_waiter_take(waiter, &gift) == BST_DEAD)
        bsti_job_abandon(task);
}
