#ifndef BST_EXEC_BLOCKING_H
#define BST_EXEC_BLOCKING_H

/*
 * A pool of threads for jobs that block: file and name look-ups, libraries
 * without an asynchronous face, long computations.
 *
 * Submitting is lock-free and never waits for the pool, whatever its threads
 * do. If a thread is idle it is woken; if none is and there are fewer than
 * `max`, one is started at once, by a thread of the pool and not by the
 * caller. exec/predict.h keeps spare threads and decides which may end.
 *
 * A pool that is never used has no thread at all. The first job starts the
 * manager, which starts and retires the others and takes samples while there
 * are more than `min`. Otherwise all sleep, and nothing uses any CPU.
 *
 * Threads are named "bastion-blk", have every signal blocked but faults, and
 * are not pinned.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bastion/attr.h>
#include <bastion/topology.h>

#include "sync/injector.h"

struct bsti_blocking;

/** A job. It is the submitter's until submitted, and the pool's from then. */
struct bsti_job {
    struct bsti_link link; /* of the pool while it waits */
    void (*fn)(void *arg); /* may take arbitrarily long, and free the job */
    void *arg;             /* for fn */
};

/** The bounds of `max`; `min` may be 0. */
#define BSTI_BLOCKING_MAX_LEAST 1u
#define BSTI_BLOCKING_MAX_MOST 10000u

#define BSTI_BLOCKING_STACK ((size_t)256 * 1024) /* the default */

struct bsti_blocking_options {
    uint32_t min;          /* threads that stay once they exist */
    uint32_t max;          /* threads at most; the manager does not count */
    bst_time idle_timeout; /* idle threads end after it; 50 ms to 600 s */
    size_t stack_bytes;    /* of each thread; four times that under ASan */

    /*
     * Runs a job on a thread of the pool, by calling job->fn(job->arg); NULL:
     * just that. It must return: whatever ends a job early has to end up here,
     * so that the thread lives on. It does not touch the job after `fn`.
     */
    void (*run)(struct bsti_job *job, void *arg);
    void *arg; /* for run */
};

/** What the pool looks like at one moment. */
struct bsti_blocking_stats {
    uint32_t threads;   /* that exist, without the manager */
    uint32_t busy;      /* of them: in a job */
    uint32_t peak;      /* the most threads that existed at once */
    uint64_t submitted; /* jobs, since the beginning */
    uint64_t queued;    /* jobs that wait */
    uint64_t done;      /* jobs whose function has returned */
};

/** Returns 2 to 512 threads, 1 s, 256 KiB, no hook. */
struct bsti_blocking_options bsti_blocking_default(void);

/**
 * Creates a pool; no thread yet. Values outside the bounds are moved to them.
 *
 * Ownership: the caller; it ends with stop and destroy.
 * Returns NULL without memory, or if no thread can have such a stack.
 */
BST_MUST_USE struct bsti_blocking *
bsti_blocking_create(const struct bsti_blocking_options *options);

/**
 * Gives a job to the pool, which runs it once. Jobs begin in the order in
 * which they were submitted. It cannot fail: if threads cannot be had, the
 * job waits for one that exists, or until one can be started.
 *
 * Thread: any, jobs included; but nobody outside once stop is called.
 */
void bsti_blocking_submit(struct bsti_blocking *pool, struct bsti_job *job);

/**
 * Tries again if not even the pool's manager could be started and jobs wait;
 * otherwise does next to nothing. The next submit does it too.
 *
 * Thread: any.
 */
void bsti_blocking_poke(struct bsti_blocking *pool);

/** Fills `stats`. Thread: any. */
void bsti_blocking_stats(struct bsti_blocking *pool,
                         struct bsti_blocking_stats *stats);

/**
 * Runs what is queued, also what these jobs submit, then ends all threads.
 * Waits for that at most `patience` ns (BST_INFINITE: no limit).
 *
 * Thread: one, not of the pool.
 * Returns whether all have ended. If not, they go on with the same aim, the
 * pool must not be destroyed, and stop may be called again.
 */
BST_MUST_USE bool bsti_blocking_stop(struct bsti_blocking *pool,
                                     bst_time patience);

/** Frees a stopped pool. NULL is allowed. */
void bsti_blocking_destroy(struct bsti_blocking *pool);

#endif
