/*
 * What a task calls: who it is, letting others run, sleeping, failing.
 */

#include <bastion/task.h>

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/assert.h"
#include "exec/exec.h"
#include "exec/oust.h"
#include "exec/task.h"
#include "plat/log.h"
#include "plat/probe.h"
#include "plat/thread.h"

/* The task that runs on this thread, or NULL. */
static struct bsti_task *current_task(void)
{
    struct bsti_worker *worker = bsti_worker_current();
    struct bsti_proc *proc = worker ? worker->proc : NULL;

    if (worker)
        return proc ? bsti_task_of(proc) : NULL;
    return bsti_job_current();
}

uint64_t bst_task_self(void)
{
    struct bsti_task *task = current_task();

    return task ? task->handle->pid : 0;
}

void *bst_task_state(void)
{
    struct bsti_task *task = current_task();

    return task && task->extras ? task->extras->state : NULL;
}

/* The process that runs on this thread; NULL: it is a job, or barred. */
static struct bsti_proc *current_proc(const char *call)
{
    struct bsti_worker *worker = bsti_worker_current();
    struct bsti_proc *proc = worker ? worker->proc : NULL;

    if (bsti_is_barred())
        return NULL;
    if (!proc && (worker || !bsti_job_current())) {
        bsti_log(BST_LOG_ERROR, "%s is called outside of a task", call);
        bsti_check(false, "a call that only a task may make");
    }
    return proc;
}

static void yield_job(void)
{
    bsti_thread_yield();
    bsti_job_heed(bsti_job_current());
}

void bst_task_yield(void)
{
    struct bsti_proc *proc = current_proc("bst_task_yield");

    if (!proc && bsti_is_barred())
        return;
    if (!proc)
        yield_job();
    else if (!proc->cls->stays)
        (void)bsti_yield(proc);
}

/* What a suspended process need not do: its worker does it. */
static void end_if_killed(struct bsti_proc *proc)
{
    if (bsti_proc_signals(proc) & BSTI_SIGNAL_KILL)
        bsti_abandon(proc);
}

static void sleep_in_proc(struct bsti_proc *proc, bst_time duration)
{
    uint64_t seq;
    void *gift;

    if (proc->cls->stays) {
        bsti_thread_sleep(duration);
        return;
    }
    seq = bsti_waiter_arm(&proc->waiter);
    if (bsti_suspend_for(proc, seq, duration, BST_OK)) {
        bsti_waiter_take(&proc->waiter, &gift);
        return;
    }
    bsti_wait_unused(&proc->waiter, seq);
    end_if_killed(proc);
    /* No stack: others have to wait, too. */
    bsti_exec_sleep(bsti_worker_of(proc)->exec, duration);
    end_if_killed(proc);
}

void bst_task_sleep(bst_time duration)
{
    struct bsti_proc *proc = current_proc("bst_task_sleep");
    struct bsti_task *job;

    if (duration <= 0) {
        bst_task_yield();
    } else if (proc) {
        sleep_in_proc(proc, duration);
    } else if (!bsti_is_barred()) {
        job = bsti_job_current();
        bsti_job_wait(job, bsti_job_arm(job), duration);
    }
}

void bsti_task_note_failure(struct bsti_task *task, const char *text)
{
    bsti_log(BST_LOG_WARN, "%s %llu failed: %s",
             task->is.phase == BSTI_TASK_ENDED ? "the last hook of task"
                                               : "task",
             (unsigned long long)task->handle->pid, text);
    if (task->is.phase != BSTI_TASK_ENDED)
        task->is.status = BST_FAILED;
}

void bst_task_panic(const char *format, ...)
{
    struct bsti_task *task = current_task();
    va_list args;
    char text[256];

    bsti_probe_text(format);
    if (bsti_is_barred())
        _exit(1); /* tasks are never torn off: it was forked */
    bsti_check(task, "bst_task_panic outside of a task");
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    bsti_task_note_failure(task, text);
    if (task->is.job)
        bsti_job_abandon(task);
    bsti_abandon(&task->proc);
}
