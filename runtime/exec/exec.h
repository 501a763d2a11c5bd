#ifndef BST_EXEC_EXEC_H
#define BST_EXEC_EXEC_H

/*
 * The executor: pinned workers that run processes in turns.
 *
 * This header is what the layers above use; worker.h is the inside.
 *
 * Threads: any, unless a function says otherwise. Calls that concern "the
 * current process" need a worker's thread.
 */

#include <stddef.h>

#include <bastion/topology.h>

#include "proc/proc.h"

struct bsti_cpu_mask;
struct bsti_exec;
struct bsti_sim_options;
struct bsti_worker;

/* Of the pool for what blocks its thread; see exec/blocking.h. */
struct bsti_exec_blocking {
    uint32_t min; /* threads; 0: the default */
    uint32_t max;
    size_t stack_bytes; /* at least; 0: the default */
};

struct bsti_exec_options {
    uint32_t threads; /* 0: one for each allowed CPU, within the quota */
    bool pin;         /* bind each worker to its CPU */
    struct bsti_exec_blocking blocking;
    enum bst_faults faults; /* what happens at a CPU fault */

    /* Each turns one rule off, to measure what it is worth. */
    bool no_next_slot;
    bool steal_one;
    bool no_contention_skip;

    const struct bsti_sim_options *sim; /* NULL: real threads and time */
    const struct bsti_machine *machine; /* NULL: this one, as it is */
    bst_time stack_quiet; /* without use until a stack's memory goes; 0: 1 s */
};

/**
 * Another view of the machine, for tests. It must stay valid as long as the
 * executor; its functions are called by the executor's creator and, later, by
 * one thread of the executor.
 */
struct bsti_machine {
    uint32_t flat;         /* CPUs, all alike; 0: see the next */
    const char *synthetic; /* for bsti_topo_load(); NULL: the real one */
    /* The CPUs that may be used; NULL: the affinity mask of the thread. */
    void (*mask)(void *arg, struct bsti_cpu_mask *mask);
    /* NULL: bsti_topo_quota(), or none on a synthetic machine. */
    uint32_t (*quota)(void *arg);
    void *arg;
    bst_time reread; /* how often mask and quota are read; 0: 5 s */
};

/* ---- life ---------------------------------------------------------------- */

/** Creates the workers and starts their threads. NULL: out of resources. */
struct bsti_exec *bsti_exec_create(const struct bsti_exec_options *options);

/**
 * Lets the workers finish what is ready and ends their threads.
 *
 * Nobody may make anything ready any more. Returns false if a worker is still
 * inside a handler after `patience`: then nothing can be freed.
 */
bool bsti_exec_quiesce(struct bsti_exec *exec, bst_time patience);

/** Frees a quiescent executor, blocks and stacks included. */
void bsti_exec_destroy(struct bsti_exec *exec);

/** Returns the number of workers. */
uint32_t bsti_exec_workers(const struct bsti_exec *exec);

/** Returns how many of them have not retired; see bst_repin(). */
uint32_t bsti_exec_workers_on(struct bsti_exec *exec);

/** Returns the executor's time: monotonic. */
bst_time bsti_exec_now(struct bsti_exec *exec);

/** As bsti_exec_now() for a handler, whom time does not stand still for. */
bst_time bsti_exec_look(struct bsti_exec *exec);

/** Keeps the thread of the calling worker busy for `duration`. */
void bsti_exec_sleep(struct bsti_exec *exec, bst_time duration);

/**
 * Waits while `*word` is `value`, at most `within`; it may also return without
 * any reason. Whoever changes the word wakes its futex. In a simulation time
 * passes here.
 *
 * Thread: one that is no worker; of a simulated executor, its creator's.
 * Returns false if nothing will ever change it, as only a simulator knows.
 */
bool bsti_exec_wait(struct bsti_exec *exec, _Atomic uint32_t *word,
                    uint32_t value, bst_time within);

/* ---- the blocking pool --------------------------------------------------- */

/**
 * Returns the executor's blocking pool, which is made when it is first asked
 * for; NULL: no memory. Its jobs know the executor (see exec/task.h).
 */
struct bsti_blocking *bsti_exec_blocking(struct bsti_exec *exec);

/**
 * Ends the pool after what is queued, if there is one; from now on
 * bst_spawn_blocking() fails. It comes before bsti_exec_quiesce(). As
 * bsti_blocking_stop(), it may be called again if it has returned false.
 */
bool bsti_exec_stop_blocking(struct bsti_exec *exec, bst_time patience);

/* ---- running ------------------------------------------------------------- */

/** Makes a process ready. The caller holds it and gives it away. */
void bsti_exec_ready(struct bsti_exec *exec, struct bsti_proc *proc);

/** As bsti_exec_ready(), for the current worker of that executor. */
void bsti_worker_ready(struct bsti_worker *worker, struct bsti_proc *proc);

/** As bsti_exec_ready(), behind everything that is queued here. */
void bsti_exec_requeue(struct bsti_exec *exec, struct bsti_proc *proc);

/** Returns the worker of this thread, or NULL on a foreign thread. */
struct bsti_worker *bsti_worker_current(void);

/** Returns the process this worker is running, or NULL. */
struct bsti_proc *bsti_worker_proc(const struct bsti_worker *worker);

/** Returns the executor of a worker. */
struct bsti_exec *bsti_worker_exec(const struct bsti_worker *worker);

/** Returns the worker's place, from 0. */
uint32_t bsti_worker_index(const struct bsti_worker *worker);

/* ---- suspending ---------------------------------------------------------- */

/*
 * All three are called by the current process in the middle of its turn. They
 * return on the thread they were called on, unless another handler has kept
 * that one for long (rescue.c); or never: a killed process's frames are thrown
 * away and its class's `abandoned` takes over.
 */

/**
 * Waits until the wait `seq` of the process's waiter is ready.
 * Returns false, at once, if there is no memory for another stack; the wait
 * is then still open.
 */
bool bsti_suspend(struct bsti_proc *proc, uint64_t seq);

/**
 * As bsti_suspend(); ends the wait with the status `late` when `within` has
 * passed. BST_INFINITE: never.
 */
bool bsti_suspend_for(struct bsti_proc *proc, uint64_t seq, bst_time within,
                      uint32_t late);

/** Goes to the back of the queue. Returns false as bsti_suspend(). */
bool bsti_yield(struct bsti_proc *proc);

/** Throws away the frames of the current turn; `abandoned` takes over. */
_Noreturn void bsti_abandon(struct bsti_proc *proc);

/* ---- counters ------------------------------------------------------------ */

/*
 * The first ones are written by the layer above and read by the samples of
 * load.h, the last ones are the executor's own, the others that layer's.
 */
enum {
    BSTI_COUNTER_SENT,
    BSTI_COUNTER_HANDLED,
    BSTI_COUNTER_TASKS = 12,
    BSTI_COUNTER_TASKS_ENDED,
    BSTI_COUNTERS
};

/** Adds to a counter; on a worker without an atomic read-modify-write. */
void bsti_exec_count(struct bsti_exec *exec, struct bsti_worker *worker,
                     unsigned counter, uint64_t n);

/** Sums a counter over all threads. */
uint64_t bsti_exec_counter(struct bsti_exec *exec, unsigned counter);

#endif
