#ifndef BST_EXEC_TASK_H
#define BST_EXEC_TASK_H

/*
 * The inside of tasks, shared by task.c, task_calls.c, join.c and
 * jobs.c.
 *
 * A task is a block with a process in it, recycled as soon as it ends, and a
 * handle of its own, which lives until it is joined or detached. So a million
 * ended tasks that nobody has joined yet cost a million small handles. The
 * block's process is made once: from then on it is at rest between two tasks.
 *
 * The handle's state is one word with a lock bit in it. Whoever holds the bit
 * may change the state by a store; everybody else changes it by a
 * compare-and-swap that expects the bit to be clear. It is held for the few
 * instructions in which somebody cancels or joins the task or it ends; until
 * its end is published, the block is there.
 *
 * RUNNING becomes JOINING, DETACHED or DONE. The last two are final: the handle
 * is freed by the ended task or by the joiner, and whoever has made it so no
 * longer touches it.
 */

#include <bastion/task.h>

#include "exec/blocking.h"
#include "exec/worker.h"

struct bst_executor {
    struct bsti_exec *exec;
};

enum bsti_handle_state {
    BSTI_HANDLE_RUNNING,
    BSTI_HANDLE_JOINING,
    BSTI_HANDLE_DETACHED,
    BSTI_HANDLE_DONE,
    BSTI_HANDLE_LOCKED = 4 /* the bit */
};

struct bsti_task;

struct bst_task {
    _Atomic uint32_t state; /* of enum bsti_handle_state */
    bst_status status;      /* how it ended, once it is DONE */
    union {
        struct bsti_task *task; /* until it is DONE */
        void *result;           /* from then on */
    };
    struct bsti_exec *exec;
    uint64_t pid;
};

/* What most tasks do not have. */
struct bsti_task_extras {
    void *state;
    void (*before_start)(const struct bst_task_info *info);
    void (*after_complete)(const struct bst_task_info *info);
    void (*after_panic)(const struct bst_task_info *info);
};

enum bsti_task_phase {
    BSTI_TASK_NEW,     /* it may be in its first hook */
    BSTI_TASK_RUNNING, /* it is in its function */
    BSTI_TASK_ENDED    /* its result stands; it may be in its last hook */
};

union bsti_task_code {
    void *(*fn)(void *arg);
    bool (*step)(void *arg); /* of bst_spawn_steps() */
};

/* Small enough to be set by one store. */
struct bsti_task_marks {
    bool joined_by_task; /* which notes the handle in its `joining` */
    bool sealed;         /* under the handle's lock: it can't be cancelled */
    bool job;            /* it runs on the blocking pool */
    bool awaited;        /* its spawner waits for its start */
    bool born;           /* its process was made, for good */
    uint8_t phase;       /* of enum bsti_task_phase */
    uint8_t status;      /* bst_status of a panic or the end */
    uint8_t spawned;     /* tasks, since it last let others run */
};

struct bsti_task {
    struct bsti_proc proc; /* of a job: only its signals and its waiter */
    struct bst_task *handle;
    struct bst_task *joining; /* whose end it is suspended for, or NULL */
    union bsti_task_code code;
    union {
        void *arg;
        void *result; /* once it has ended */
    };
    struct bsti_task_extras *extras; /* NULL: no hooks and no state */
    struct bsti_waiter *joiner;      /* of JOINING; with its wait's number */
    uint64_t joiner_seq;
    struct bsti_task_marks is;
};

/* A task on the blocking pool. */
struct bsti_job_task {
    struct bsti_task task;
    struct bsti_job job;
};

/* ---- task.c -------------------------------------------------------------- */

/** Returns the task of a process, or NULL if it is something else. */
struct bsti_task *bsti_task_of(struct bsti_proc *proc);

/** Returns the executor to use where `executor` may be NULL. */
struct bsti_exec *bsti_task_exec(struct bst_executor *executor,
                                 struct bsti_worker *worker);

/**
 * Makes what belongs to a task that nobody runs yet, and counts it. `task` is
 * the caller's block, `own` a worker of `exec` or NULL. Returns its handle, or NULL when there is no memory.
 */
struct bst_task *bsti_task_init(struct bsti_task *task, struct bsti_exec *exec,
                                struct bsti_worker *own,
                                const struct bst_task_options *options);

/** Calls the task's hooks and its function; ends it. */
void bsti_task_call(struct bsti_task *task);

/** Reports a failure of the task that runs, and notes it. */
void bsti_task_note_failure(struct bsti_task *task, const char *text);

/** Goes on after a panic or a kill in bsti_task_call(), or in here. */
void bsti_task_abandoned(struct bsti_task *task);

/* ---- join.c -------------------------------------------------------------- */

/** Takes the lock, when somebody else has it. */
uint32_t bsti_handle_lock_slow(struct bst_task *handle);

/** Takes the lock and returns the state, without the bit. */
static inline uint32_t bsti_handle_lock(struct bst_task *handle)
{
    /* relaxed: the compare-and-swap checks it */
    uint32_t state = bsti_load_relaxed(&handle->state);

    /* acquire: pairs with whoever unlocked it, or changed it without */
    if (BSTI_LIKELY(!(state & BSTI_HANDLE_LOCKED) &&
                    bsti_cas_strong_acquire(&handle->state, &state,
                                            state | BSTI_HANDLE_LOCKED)))
        return state;
    return bsti_handle_lock_slow(handle);
}

/** Gives the lock back with a new state. */
static inline void bsti_handle_unlock(struct bst_task *handle, uint32_t state)
{
    /* release: pairs with bsti_handle_lock(), and with the joiner's look */
    bsti_store_release(&handle->state, state);
}

/** Gives the lock back with the result. */
static inline void bsti_handle_done(struct bst_task *handle, bst_status status,
                                    void *result)
{
    handle->status = status;
    handle->result = result;
    bsti_handle_unlock(handle, BSTI_HANDLE_DONE);
}

/** As bsti_handle_publish(), with the lock, whose state was `state`. */
void bsti_handle_publish_slow(struct bst_task *handle, uint32_t state,
                              bst_status status, void *result);

/**
 * Tells whoever joins or detached the task that it has ended; then the handle
 * is gone.
 */
static inline void bsti_handle_publish(struct bst_task *handle,
                                       bst_status status, void *result)
{
    uint32_t state = bsti_handle_lock(handle);

    /* From now on it belongs to whoever will join or detach it. */
    if (BSTI_LIKELY(state == BSTI_HANDLE_RUNNING))
        bsti_handle_done(handle, status, result);
    else
        bsti_handle_publish_slow(handle, state, status, result);
}

/** Wakes the spawner that waits for the start of this task. */
void bsti_handle_started(struct bst_task *handle);

/** Nobody comes back from this join: its handle is dropped. */
void bsti_handle_leave(struct bst_task *handle);

/** Takes the result of a wait that nobody else will end. */
void bsti_wait_unused(struct bsti_waiter *waiter, uint64_t seq);

/**
 * Makes a new task ready behind all others of this worker, and waits until it
 * starts; then all that were ready before have had their turn, or are with
 * other workers. Thread: the current one of `self`, a task.
 */
void bsti_join_start(struct bsti_task *self, struct bsti_worker *worker,
                     struct bsti_task *task);

/* ---- jobs.c -------------------------------------------------------------- */

/** Returns the executor whose blocking pool this thread belongs to, or NULL. */
struct bsti_exec *bsti_job_exec(void);

/** Returns the task that runs on this thread of the blocking pool, or NULL. */
struct bsti_task *bsti_job_current(void);

/** Throws away the frames of the job; bsti_task_abandoned() takes over. */
_Noreturn void bsti_job_abandon(struct bsti_task *task);

/** Ends the job if it was cancelled. */
void bsti_job_heed(struct bsti_task *task);

/** Begins a wait of a job and returns its number. */
uint64_t bsti_job_arm(struct bsti_task *task);

/**
 * Blocks the job's thread until the wait has ended, or `duration` has passed.
 * A cancelled job does not come back.
 */
void bsti_job_wait(struct bsti_task *task, uint64_t seq, bst_time duration);

#endif
