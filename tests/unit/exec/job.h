#ifndef BST_TESTS_EXEC_JOB_H
#define BST_TESTS_EXEC_JOB_H

/*
 * The simplest process: it runs a function once for each time it was poked.
 */

#include "exec/exec.h"

#include "exec/timer.h"
#include "plat/thread.h"
#include "sync/atomic.h"
#include "unit/unit.h"

/* A process that calls a function in each turn, as often as it was poked. */
struct job {
    struct bsti_proc proc;
    struct bsti_exec *exec;
    void (*fn)(struct job *self);
    void *arg;
    struct bsti_alarm alarm;
    bst_time due;
    uint64_t seq;
    _Atomic uint32_t pokes;
    _Atomic uint32_t turns;
    _Atomic uint32_t abandoned;
};

/* Ends the turn: idle, unless somebody has poked it meanwhile. */
static inline void job_end_turn(struct job *job)
{
    for (;;) {
        bsti_proc_take_signals(&job->proc, BSTI_SIGNAL_START);
        if (bsti_load_acquire(&job->pokes) > 0) {
            bsti_exec_requeue(job->exec, &job->proc);
            return;
        }
        if (!bsti_mpscq_try_idle(&job->proc.mailbox))
            continue;
        if (!bsti_proc_reclaim(&job->proc))
            return;
    }
}

static inline void job_turn(struct bsti_proc *proc)
{
    struct job *job = bsti_container_of(proc, struct job, proc);

    if (bsti_load_acquire(&job->pokes) > 0) {
        bsti_fetch_sub_relaxed(&job->pokes, 1u);
        if (job->fn)
            job->fn(job);
        bsti_fetch_add_acq_rel(&job->turns, 1u);
    }
    job_end_turn(job);
}

static inline void job_abandoned(struct bsti_proc *proc)
{
    struct job *job = bsti_container_of(proc, struct job, proc);
    void *gift;

    /* Whoever cancelled the wait may still be writing its result. */
    if (bsti_wait_phase(bsti_load_acquire(&job->proc.waiter.word)) !=
        BSTI_WAIT_IDLE)
        bsti_waiter_take(&job->proc.waiter, &gift);
    bsti_proc_take_signals(proc, BSTI_SIGNAL_KILL);
    bsti_fetch_add_acq_rel(&job->abandoned, 1u);
    job_end_turn(job);
}

static const struct bsti_proc_class job_class = {
    .name = "job", .turn = job_turn, .abandoned = job_abandoned};

static inline void job_init(struct job *job, struct bsti_exec *exec,
                            void (*fn)(struct job *self), size_t stack)
{
    memset(job, 0, sizeof *job);
    bsti_proc_init(&job->proc, &job_class, 0, (unsigned)stack);
    assert_true(bsti_mpscq_try_idle(&job->proc.mailbox));
    job->exec = exec;
    job->fn = fn;
}

/* Has it run one more turn. Thread: any. */
static inline void poke(struct job *job)
{
    bsti_fetch_add_acq_rel(&job->pokes, 1u);
    if (bsti_proc_signal(&job->proc, BSTI_SIGNAL_START))
        bsti_exec_ready(job->exec, &job->proc);
}

static inline void wait_for(_Atomic uint32_t *count, uint32_t value)
{
    while (bsti_load_acquire(count) < value)
        bsti_thread_yield();
}

static inline void destroy(struct bsti_exec *exec)
{
    assert_true(bsti_exec_quiesce(exec, BST_INFINITE));
    bsti_exec_destroy(exec);
}

#endif
