#ifndef BST_TASK_H
#define BST_TASK_H

/*
 * The executor without actors: lightprocs that run a function and end.
 *
 * A task is a process like an actor's: it is scheduled and stolen the same
 * way, may wait in the middle of its function, and fails alone. What it
 * returns goes to whoever joins it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bastion/attr.h>
#include <bastion/status.h>
#include <bastion/topology.h>

BST_BEGIN_DECLS

struct bst_executor;
struct bst_task; /* a handle: joined, or detached, exactly once */

/**
 * How to run an executor. What is 0 is left to the environment (BASTION_THREADS
 * and the others that `--help-env` of any program lists), and then to the
 * defaults.
 */
struct bst_executor_options {
    uint32_t threads; /* workers; 0: as many as mask and quota of CPUs allow */
    int no_pin;       /* 1: do not bind workers; see bst_repin() */

    /* Threads for bst_spawn_blocking() that stay once started, and at most. */
    uint32_t blocking_min; /* 0: 2 */
    uint32_t blocking_max; /* 0: 512 */

    /* Each turns one rule off, to measure what it is worth. */
    int no_next_slot;
    int steal_one;
    int no_contention_skip;
};

/** What an executor has done, and what its blocking pool looks like now. */
struct bst_executor_stats {
    uint64_t spawned; /* tasks of all kinds */
    uint64_t ended;
    uint64_t blocking_queued;  /* blocking tasks that wait for a thread */
    uint32_t threads;          /* workers */
    uint32_t blocking_threads; /* that exist */
    uint32_t blocking_peak;    /* the most that existed at once */
};

/** What a task is told about itself in its hooks. */
struct bst_task_info {
    uint64_t pid;
    void *state;       /* of bst_task_options */
    bst_status status; /* BST_OK while it runs */
};

/** How to run a task. All zero: the defaults. */
struct bst_task_options {
    void *state; /* handed to the hooks and to bst_task_state() */

    /*
     * Called in this order, on the task's thread; each may be NULL. Exactly
     * one of the last two is called, once: `after_panic` also for a cancelled
     * task.
     *
     * A hook must not wait: no join, sleep, yield or ask. A panic in
     * before_start fails the task; in the last two it is reported and
     * ignored. The result stands by then: a cancel no longer changes it.
     */
    void (*before_start)(const struct bst_task_info *info);
    void (*after_complete)(const struct bst_task_info *info);
    void (*after_panic)(const struct bst_task_info *info);
    size_t stack_bytes; /* 0: 64 KiB. A blocking task always has 256 KiB */
};

/**
 * Starts an executor. `options` may be NULL.
 * Returns NULL when it is out of resources, or when a variable of the
 * environment has a bad value, which is logged.
 */
BST_API BST_MUST_USE struct bst_executor *
bst_executor_create(const struct bst_executor_options *options);

/**
 * Waits until all tasks have ended, and frees the executor.
 *
 * Thread: a foreign one only, never a task or an actor. Handles that were not
 * joined stay valid only for bst_detach() before this call.
 */
BST_API void bst_executor_destroy(struct bst_executor *executor);

/** Fills `stats`. Thread: any. */
BST_API void bst_executor_stats(struct bst_executor *executor,
                                struct bst_executor_stats *stats);

/**
 * Runs `fn(arg)` as a task. `executor` may be NULL inside a task: its own; and
 * in an actor's handler: that of its system.
 * `options` may be NULL. Thread: any. A task that spawns many lets others run
 * now and then, as bst_task_yield() does.
 * Returns a handle, or NULL when there is no memory.
 */
BST_API BST_MUST_USE struct bst_task *
bst_spawn(struct bst_executor *executor, void *(*fn)(void *arg), void *arg,
          const struct bst_task_options *options);

/**
 * As bst_spawn(), for a task that comes back instead of waiting: `step(arg)` is
 * called once in each of its turns, until it returns false. In between it has
 * no stack, and any worker may take the next turn, so this is the cheapest way
 * to let others run. What it returns to whoever joins it is `arg`. A cancel
 * ends it between two steps.
 */
BST_API BST_MUST_USE struct bst_task *
bst_spawn_steps(struct bst_executor *executor, bool (*step)(void *arg),
                void *arg, const struct bst_task_options *options);

/**
 * As bst_spawn(), for a function that blocks its thread: it runs on a thread
 * of the executor's blocking pool, which has as many as are needed, within
 * BASTION_BLOCKING_MIN and BASTION_BLOCKING_MAX. Submitting never waits; what
 * finds no thread is begun in the order in which it came.
 *
 * Inside it all calls work; a wait blocks its thread. A cancel ends it before
 * it starts or where it waits by a call of this header.
 *
 * Also returns NULL in a system that is ending.
 */
BST_API BST_MUST_USE struct bst_task *
bst_spawn_blocking(struct bst_executor *executor, void *(*fn)(void *arg),
                   void *arg, const struct bst_task_options *options);

/**
 * Waits for the task's end; ends the handle. Inside a task only that task
 * waits, a foreign thread blocks. A task that is cancelled while it joins
 * another detaches that one.
 *
 * `*result`, unless NULL, is written only for BST_OK.
 * Errors: BST_FAILED (it panicked), BST_DEAD (it was cancelled), BST_INVALID (NULL), BST_NOMEM (no
 * memory for a stack to wait with: the task runs on and the handle stays),
 * BST_INVALID (in a callback of a supervisor, which cannot wait: likewise).
 */
BST_API bst_status bst_join(struct bst_task *task, void **result);

/** Lets the task run on its own; ends the handle. NULL is allowed. */
BST_API void bst_detach(struct bst_task *task);

/**
 * Asks for the task's end: before it starts, where it waits, or where it next
 * waits. Code that runs is not interrupted. The handle stays.
 *
 * Thread: any; but not at the same time as the bst_join() or bst_detach() of
 * this handle, which end it.
 */
BST_API void bst_cancel(struct bst_task *task);

/**
 * Spawns and joins. Thread: a foreign one, or a task.
 *
 * Errors: those of bst_join(). After BST_NOMEM the task may still run, on its
 * own.
 */
BST_API bst_status bst_run(struct bst_executor *executor,
                           void *(*fn)(void *arg), void *arg, void **result);

/** Returns the number of the task; unique in its executor. */
BST_API uint64_t bst_task_pid(const struct bst_task *task);

/* ---- inside a task ------------------------------------------------------- */

/** Returns the number of the current task, 0 outside of one. */
BST_API uint64_t bst_task_self(void);

/** Returns `state` of the current task's options, NULL outside of one. */
BST_API void *bst_task_state(void);

/** Lets others run; the task goes on afterwards. */
BST_API void bst_task_yield(void);

/**
 * Waits for at least `duration`. Without memory for a stack to wait with it
 * blocks the worker's thread instead.
 */
BST_API void bst_task_sleep(bst_time duration);

/** Ends the current task as a failure; does not return. */
BST_NORETURN BST_API void bst_task_panic(const char *format, ...)
    BST_PRINTF(1, 2);

BST_END_DECLS

#endif
