#ifndef BST_EXEC_BLOCKING_POOL_H
#define BST_EXEC_BLOCKING_POOL_H

/*
 * The inside of the blocking pool, shared by its two files.
 */

#include <pthread.h>

#include "base/attr.h"
#include "exec/blocking.h"
#include "exec/predict.h"
#include "plat/thread.h"
#include "sync/atomic.h"
#include "sync/inbox.h"
#include "sync/parker.h"
#include "sync/spin.h"

struct bsti_proc;

/** All threads of the pool, also the manager. */
#define BSTI_BLOCKING_NAME "bastion-blk"
/** Pause after a thread could not be started. */
#define BSTI_BLOCKING_RETRY BST_MS(20)

/** The manager is started by whoever needs it first. */
enum bsti_manager_state {
    BSTI_MANAGER_NONE,
    BSTI_MANAGER_STARTING,
    BSTI_MANAGER_RUNNING
};

/** A place for a thread. */
struct bsti_blocking_slot {
    struct bsti_parker parker;
    _Atomic uint32_t below; /* idle stack: number of the next one, or 0 */
    struct bsti_blocking *pool;
    struct bsti_blocking_slot *next;   /* free list */
    pthread_t handle;                  /* set by the thread itself */
    bool retire;                       /* it was woken to end */
    _Atomic int id;                    /* the kernel's; set likewise */
    struct bsti_proc *_Atomic shown;   /* whose handler it runs, or NULL */
    struct bsti_proc *_Atomic remnant; /* offered to it; see oust.h */
} BSTI_ALIGNED(BSTI_CACHE_LINE);

struct bsti_blocking {
    /* Constant. */
    uint32_t min;
    uint32_t max;
    bst_time window; /* between two samples */
    void (*run)(struct bsti_job *job, void *arg);
    void *run_arg;
    pthread_attr_t attr;
    struct bsti_blocking_slot *slots; /* max + 1 */

    /* Any thread. */
    BSTI_ALIGNED(BSTI_CACHE_LINE) struct bsti_inbox inbox;
    _Atomic uint64_t submitted;
    BSTI_ALIGNED(BSTI_CACHE_LINE) _Atomic uint64_t idle; /* tag, number */
    _Atomic uint32_t waking;   /* a woken thread has not looked for jobs yet */
    _Atomic uint32_t threads;  /* that exist or are to be started; <= max */
    _Atomic uint32_t to_start; /* of them: to be started by the manager */
    _Atomic uint32_t manager_state;
    _Atomic uint32_t stopping;
    _Atomic uint32_t ended; /* the manager is about to end; a futex */
    _Atomic uint32_t short_logged;
    struct bsti_parker manager_parker;

    /* Under the lock. */
    BSTI_ALIGNED(BSTI_CACHE_LINE) struct bsti_spin lock;
    struct bsti_link *first; /* jobs that left the inbox, oldest first */
    uint64_t taken;          /* jobs that a thread has begun */
    uint64_t done;
    uint32_t live; /* threads that take jobs or are idle */
    uint32_t peak;
    uint32_t busy;
    uint32_t busy_peak;              /* since the last sample */
    _Atomic uint32_t fresh;          /* slots that were never used begin here */
    struct bsti_blocking_slot *free; /* slots that were */
    /* The thread that ended and that nobody has joined yet. */
    struct bsti_blocking_slot *last_end;

    /* The manager. */
    struct bsti_thread manager;
    struct bsti_predict predict;
    bool sampling;
    bst_time sampled; /* when the last sample was taken */
    bst_time retry;   /* no thread is started before */
    uint64_t submitted_before;
    uint64_t done_before;
};

/* ---- blocking.c ---------------------------------------------------------- */

/**
 * Takes the oldest job, or NULL; `finished`: the caller has ended one. Whether
 * others wait goes to `*more`.
 */
struct bsti_job *bsti_blocking_take(struct bsti_blocking *pool, bool finished,
                                    bool *more);

/** Returns whether a job waits. */
bool bsti_blocking_has_job(struct bsti_blocking *pool);

/** Returns whether the pool is to end. */
bool bsti_blocking_is_stopping(struct bsti_blocking *pool);

/**
 * Puts the calling thread on the idle stack; then it looks for jobs once more
 * and parks.
 */
void bsti_blocking_idle_push(struct bsti_blocking *pool,
                             struct bsti_blocking_slot *slot);

/** Takes the thread that went idle last, or NULL. The caller wakes it. */
struct bsti_blocking_slot *bsti_blocking_idle_pop(struct bsti_blocking *pool);

/** Wakes one idle thread; false: there is none. */
bool bsti_blocking_wake_one(struct bsti_blocking *pool);

/** Makes room for one more thread, if the bound allows it. */
bool bsti_blocking_reserve(struct bsti_blocking *pool);

/** Gives that room back, and looks whether a job has missed it. */
void bsti_blocking_unreserve(struct bsti_blocking *pool);

/** Sees to it that a thread looks for jobs; called after one was pushed. */
void bsti_blocking_summon(struct bsti_blocking *pool);

/**
 * Does that for the jobs that a thread saw besides the one it took, unless
 * another thread comes anyway. Thread: one that was just woken or started.
 */
void bsti_blocking_pass_on(struct bsti_blocking *pool);

/** Logs once per pool that a thread could not be started. */
void bsti_blocking_log_shortage(struct bsti_blocking *pool, int error);

/** Returns how many places were ever used. Thread: any. */
uint32_t bsti_blocking_slots(struct bsti_blocking *pool);

/** Returns the place of this thread; NULL: it is none of a pool. */
struct bsti_blocking_slot *bsti_blocking_here(void);

/* ---- blocking_threads.c -------------------------------------------------- */

/** Main function of the manager; `arg` is the pool. */
void bsti_blocking_manager(void *arg);

#endif
