#ifndef BST_EXEC_WORKER_H
#define BST_EXEC_WORKER_H

/*
 * The inside of the executor, shared by its files.
 *
 * A worker is a thread with a scheduler loop. The loop has no stack of its
 * own: it lives on whatever pooled stack the worker runs on, and a handler is
 * an ordinary call from it. When a handler suspends, the stack leaves with
 * the process and the worker goes on with a fresh copy of the loop on another
 * one; when it resumes, the loop's stack goes back to the cache, and the
 * handler later returns into the old copy. So all of the loop's state is in
 * the worker, none in its frames.
 */

#include "base/list.h"
#include "exec/exec.h"
#include "exec/seam.h"
#include "exec/seat.h"
#include "exec/slot.h"
#include "exec/wheel.h"
#include "plat/stack.h"
#include "plat/thread.h"
#include "plat/topo.h"
#include "sync/atomic.h"
#include "sync/bias.h"
#include "sync/deque.h"
#include "sync/inbox.h"
#include "sync/injector.h"
#include "sync/magazine.h"
#include "sync/parker.h"
#include "sync/spin.h"

enum {
    BSTI_BLOCK_CLASSES = 7, /* 64 B to 4 KiB */
    BSTI_BLOCK_SHIFT = 6,   /* of the smallest */
    BSTI_POOL_HANDLES = 7,  /* behind the classes: those of tasks */
    BSTI_POOL_TASKS = 8,    /* tasks that are no jobs, and nothing else */
    BSTI_POOLS = 9,
    BSTI_HANDLE_BYTES = 32,
    BSTI_TASK_BYTES = 192,
    BSTI_INJECTOR_INTERVAL = 61, /* turns between looks at the injector */
    BSTI_NEXT_IN_A_ROW = 64,     /* next-slot turns while others wait */
    BSTI_SPARE_STACKS = 16       /* kept by a worker */
};

/** In place of a place. */
#define BSTI_PLACE_UNKNOWN UINT32_MAX

/** What the workers of one NUMA node share. */
struct bsti_place {
    struct bsti_injector *injector;
    struct bsti_depot *depots; /* one of each class */
    unsigned ndepots;          /* that are made */
    uint32_t os_node;          /* for bsti_numa_prefer() */
    void *memory;              /* of both; NULL: they are the executor's */
};

struct bsti_worker {
    /* Its own thread only. */
    struct bsti_exec *exec;
    uint32_t index;
    struct bsti_proc *proc;   /* being run */
    struct bsti_proc *start;  /* to be run first by a fresh loop */
    struct bsti_bias bias;    /* of the next four; see rescue.c */
    struct bsti_link *resume; /* hold a stack, or are urgent: FIFO */
    struct bsti_link *resume_last;
    struct bsti_list waits;  /* timed waits that no wheel knows yet */
    _Atomic uint32_t urgent; /* of `resume`, without a stack; all may read */
    bool resumed;            /* the last of its queues served was `resume` */
    bool in_alarms;          /* timers are firing */
    uint32_t next_in_a_row;
    uint32_t sample_interval;
    uint32_t sample_turns; /* since the last sample; see load.h */
    bst_time sample_begin;
    uint64_t sample_handled;       /* the counter when it began */
    uint64_t sample_sent;          /* the counter when it began */
    uint64_t sample_refused;       /* messages that a mailbox refused */
    uint64_t sample_remote;        /* tells to processes of other workers */
    struct bsti_worker *talked_to; /* the worker of the last one of these */
    struct bsti_worker *retreat_to;
    bst_time no_steal_until;                  /* after a retreat */
    bst_time retreat_pause;                   /* the last; 0: none */
    bst_time retreat_ended;                   /* its end */
    uint64_t pids;                            /* tasks spawned here */
    void (*post)(struct bsti_worker *worker); /* after a switch */
    struct bsti_proc *_Atomic post_proc;      /* the monitor looks at it, too */
    uint64_t post_seq;
    struct bsti_stack *post_stack;
    struct bsti_stack *stack;      /* that the loop runs on */
    struct bsti_stack *dead_stack; /* of a process being dismantled */
    struct bsti_stack *spare;      /* cached, of the smallest class */
    uint32_t spares;
    struct bsti_stack thread_stack;
    bst_time spares_until;          /* when they go back to the pool */
    struct bsti_injector *injector; /* of its place */
    struct bsti_magazine magazines[BSTI_POOLS];
    unsigned nmagazines;                      /* that are made */
    _Atomic uint64_t counters[BSTI_COUNTERS]; /* read by anybody */

    /* Others, too. */
    BSTI_ALIGNED(BSTI_CACHE_LINE) _Atomic uint32_t tick; /* turns; wraps */
    struct bsti_proc *_Atomic shown;   /* `proc` if it can be described */
    struct bsti_proc *_Atomic remnant; /* offered to its thread; see oust.h */
    _Atomic uint32_t until_sample;     /* turns; the monitor may shorten it */
    _Atomic uint32_t samples;          /* taken so far; wraps */
    _Atomic uint32_t hurry;            /* 1: the turn has taken long enough */
    struct bsti_slot slot;             /* the next-slot */
    BSTI_ALIGNED(BSTI_CACHE_LINE) _Atomic uint32_t share; /* bsti_share */
    _Atomic bst_time probe_at; /* when to share cheap work for a try */
    _Atomic bst_time probe_gap;
    BSTI_ALIGNED(BSTI_CACHE_LINE) struct bsti_deque deque;
    BSTI_ALIGNED(BSTI_CACHE_LINE) struct bsti_inbox inbox;
    _Atomic uint32_t parked;  /* 1: wants to be woken for its inbox */
    _Atomic uint32_t retired; /* 1: serves its suspended processes alone */
    bool idle;                /* in the idle list; under idle_lock */
    struct bsti_worker *idle_next;
    struct bsti_parker parker;
    BSTI_ALIGNED(BSTI_CACHE_LINE) struct bsti_spin wheel_lock;
    struct bsti_wheel wheel;
    _Atomic bst_time next_alarm; /* none is due before; under the lock */

    /* Constant. */
    struct bsti_thread thread;
    uint32_t cpu;            /* to bind itself to at first, or none */
    uint32_t place;          /* of the NUMA node of its seat */
    bool is_spare;           /* stands in for workers that are stuck */
    bool is_threadless;      /* a spare whose thread could not be started */
    uint32_t *victims;       /* other workers, nearest first */
    _Atomic uint32_t exited; /* the loop has ended; a futex */
};

/* What the monitor remembers of a worker. */
struct bsti_watch {
    uint32_t tick;    /* when it was last seen to change */
    uint32_t samples; /* at the last look */
    bst_time since;   /* that was at */
    bst_time cpu;     /* CPU time of its thread when it was first late; or 0 */
    bst_time half;    /* when half of the patience was over; or 0 */
    bst_time starved; /* without a CPU until then */
    bool named;       /* its handler was reported */
    bool stuck;       /* at the last look */
    bool computes;    /* if so; else it may wait in a system call */
};

struct bsti_monitor {
    struct bsti_thread thread;
    bool started;
    bool prepared;            /* barriers were asked for */
    bool can_steal;           /* from a next-slot; see plat/barrier.h */
    _Atomic uint32_t asleep;  /* futex: 1 until somebody has work */
    _Atomic uint32_t ended;   /* futex: 1 at the end of the executor */
    struct bsti_watch *watch; /* by worker */
    _Atomic uint32_t spares;  /* spare workers that are wanted now */
    uint32_t quiet;           /* checks in a row that found nobody at work */
    bst_time marked_at;       /* stacks were last looked through */
    bool trimming;            /* there may be stale ones left */
    uint32_t host_turn;       /* who is asked first to help a stuck worker */

    /* See oust.c. */
    _Atomic bst_time force_until; /* handlers are forced; 0: nobody's */
    bst_time force_seen;          /* that it was at the last look */
    uint32_t force_step;          /* looks since it changed */
};

/* How the CPUs are shared out; the monitor's, see repin.c. */
struct bsti_seating {
    struct bsti_machine machine; /* how the machine is seen */
    bool fixed;                  /* the number of workers was asked for */
    bool pin;                    /* workers are bound to their CPUs */
    struct bsti_seat *seats;     /* by worker */
    struct bsti_cpu_mask mask;   /* when it was last read */
    uint32_t quota;              /* likewise */
    bst_time read_at;            /* likewise */
    uint32_t asked;              /* bst_repin() was heard so often */
    _Atomic uint32_t on;         /* workers that have not retired */
};

struct bsti_exec {
    const struct bsti_seam *seam;
    struct bsti_sim *sim; /* of bsti_seam_sim; else NULL */
    /* The first `nworkers` are there from the start; spares may follow, up to
     * `most`, and are published by the store to their place. */
    struct bsti_worker *_Atomic *workers;
    uint32_t nworkers;
    uint32_t most;
    struct bsti_monitor monitor;
    struct bsti_seating seating;
    bool next_slot;      /* off only to measure what it is worth */
    bool steal_one;      /* one process at a time instead of half */
    bool skip_contended; /* go home when a victim is contended */
    enum bst_faults faults;
    struct bsti_topo topo;
    struct bsti_stack_pool stacks;
    bst_time stack_quiet; /* without use until a stack's memory goes */
    /* Of the first place; see place.c. */
    struct bsti_depot depots[BSTI_POOLS];
    struct bsti_injector injector;
    struct bsti_place *places; /* one for each NUMA node */
    uint32_t nplaces;
    uint32_t *place_of_cpu; /* by the system's number */
    uint32_t ncpus_known;
    _Atomic uint32_t place_turn; /* for threads on CPUs it does not know */
    _Atomic uint64_t foreign[BSTI_COUNTERS]; /* counters of other threads */
    _Atomic uint64_t foreign_pids;  /* tasks spawned by other threads */
    _Atomic uint32_t tasks_changed; /* a futex that only ever times out */

    /* See jobs.c. */
    struct bsti_blocking *_Atomic blocking; /* NULL: not needed yet */
    struct bsti_exec_blocking blocking_options;
    struct bsti_spin blocking_lock;  /* of whoever makes it */
    _Atomic uint32_t blocking_users; /* twice those who submit; 1: closed */

    BSTI_ALIGNED(BSTI_CACHE_LINE) struct bsti_spin idle_lock;
    struct bsti_worker *idle; /* parked workers, last in first out */
    _Atomic uint32_t idle_count;
    _Atomic uint32_t searching; /* workers looking for work to steal */
    _Atomic bst_time retreated; /* when the last retreat began */
    _Atomic uint32_t stopping;
};

/** The worker of this thread; see bsti_worker_here(). */
extern _Thread_local struct bsti_worker *bsti_this_worker;

/**
 * As bsti_worker_current(), without a call. Only for functions that cannot
 * suspend: a compiler may keep the address of a thread-local across a switch.
 */
static inline struct bsti_worker *bsti_worker_here(void)
{
    return bsti_this_worker;
}

/**
 * Returns the worker that runs `proc`: where its turn has begun, or, after a
 * suspension, where it was resumed. Thread: the one that runs it.
 */
static inline struct bsti_worker *bsti_worker_of(struct bsti_proc *proc)
{
    /* relaxed: this thread wrote it */
    return bsti_load_relaxed(&proc->home);
}

/** Returns worker `i`, or NULL if there is none yet. */
static inline struct bsti_worker *bsti_exec_worker(struct bsti_exec *exec,
                                                   uint32_t i)
{
    /* acquire: pairs with the release that publishes a spare worker */
    return bsti_load_acquire(&exec->workers[i]);
}

/** Creates worker `index` without starting it. NULL: no memory. */
struct bsti_worker *bsti_worker_create(struct bsti_exec *exec, uint32_t index);

/** Makes a place for each NUMA node of the topology; frees them. */
int bsti_places_init(struct bsti_exec *exec);
void bsti_places_fini(struct bsti_exec *exec);

/** Returns the place for a thread that is not a worker of `exec`. */
struct bsti_place *bsti_place_foreign(struct bsti_exec *exec);

/** Loads the topology, and decides about the number of workers. */
int bsti_seating_init(struct bsti_exec *exec,
                      const struct bsti_exec_options *options);
void bsti_seating_fini(struct bsti_exec *exec);

/** Lets workers retire or come back as the machine has changed, if it is time
 * to look or bst_repin() was called. Thread: the monitor. */
void bsti_seating_check(struct bsti_exec *exec, bst_time now);

/** Whether a worker should only serve processes that are suspended on it. */
static inline bool bsti_worker_is_retired(const struct bsti_worker *worker)
{
    /* relaxed: who comes late finds it at the next look */
    return bsti_load_relaxed(&worker->retired) != 0;
}

/** Gives what needs no stack of this worker to the others. Thread: its own. */
void bsti_worker_hand_over(struct bsti_worker *worker);

/** Gives the cached stacks back to the pool. Thread: the worker's. */
void bsti_worker_give_spares(struct bsti_worker *worker);

/** Takes a process from outside, now and then also from another place. */
struct bsti_link *bsti_worker_from_outside(struct bsti_worker *worker,
                                           uint32_t tick);

/**
 * Moves what is suspended on `worker`, and ready, to `host`; and has its time
 * limits fire. Without a host it only returns whether there is something.
 * Thread: the monitor, when the worker has been stuck for long.
 */
bool bsti_rescue(struct bsti_worker *worker, struct bsti_worker *host,
                 bst_time now);

/**
 * Gives what timers have woken, and needs no stack, to the others.
 * Thread: the monitor, when the worker is late.
 */
void bsti_release_urgent(struct bsti_worker *worker);

/**
 * Takes the processes without a stack out of `resume`, oldest first. Returns
 * how many. Thread: any that is inside of the worker's bias.
 */
size_t bsti_worker_take_urgent(struct bsti_worker *worker,
                               struct bsti_link **first,
                               struct bsti_link **last);

/** The same for its own thread; puts them into the injector. */
void bsti_worker_offer_urgent(struct bsti_worker *worker);

/** Puts the timed waits of a worker into its wheel. Thread: any that has the
 * worker's wheel locked and is inside of its bias. */
void bsti_timed_waits_admit(struct bsti_worker *worker, bst_time now);

/** Starts the monitor; ends it. See monitor.c. */
int bsti_monitor_start(struct bsti_exec *exec);
void bsti_monitor_stop(struct bsti_exec *exec);

/** Makes sure that the monitor looks. Thread: any. */
void bsti_monitor_wake(struct bsti_exec *exec);

/** Fires the alarms of a worker that does not. Thread: the monitor. */
void bsti_alarms_expire_for(struct bsti_worker *worker, bst_time now);

/** Tells the workers to come to their end. */
void bsti_exec_stop_workers(struct bsti_exec *exec);

/** The scheduler loop: entry of every fresh stack; `arg` is the worker. */
void bsti_worker_loop(void *arg);

/** Main function of a worker's thread. */
void bsti_worker_main(void *arg);

/**
 * The two parts of it around the loop. Between them the thread switches to the
 * worker's stack. `end` gives back what only the worker's thread may.
 */
void bsti_worker_begin(struct bsti_worker *worker);
void bsti_worker_end(struct bsti_worker *worker);

/** Notes that this worker sends to `receiver`, or was refused there. */
static inline void bsti_worker_told(struct bsti_worker *worker,
                                    struct bsti_proc *receiver)
{
    /* relaxed: a hint for the samples */
    struct bsti_worker *home = bsti_load_relaxed(&receiver->home);

    if (BSTI_UNLIKELY(home != worker) && home) {
        worker->sample_remote++;
        worker->talked_to = home;
    }
}

/** Takes a block of the smallest class, or returns NULL. Thread: its own. */
static inline void *bsti_worker_take_small(struct bsti_worker *worker)
{
    return bsti_magazine_alloc(&worker->magazines[0], &worker->exec->depots[0]);
}

/** Gives a block of the smallest class back. Thread: its own. */
static inline void bsti_worker_give_small(struct bsti_worker *worker,
                                          void *block)
{
    bsti_magazine_free(&worker->magazines[0], &worker->exec->depots[0], block);
}

/** Puts a ready process behind the others of this worker. */
void bsti_worker_enqueue(struct bsti_worker *worker, struct bsti_proc *proc);

/**
 * Gives a ready process to the worker that this one retreats to. Returns false
 * if it is kept after all, because the executor ends.
 */
bool bsti_worker_give_away(struct bsti_worker *worker, struct bsti_proc *proc);

/** Takes the oldest process of this worker's own queues, or NULL. */
struct bsti_proc *bsti_worker_dequeue(struct bsti_worker *worker);

/** As bsti_exec_count(), for a worker's own thread. */
static inline void bsti_worker_count(struct bsti_worker *worker,
                                     unsigned counter)
{
    _Atomic uint64_t *place = &worker->counters[counter];

    /* Only this thread writes it, so a load and a store are enough. */
    bsti_store_relaxed(place, bsti_load_relaxed(place) + 1);
}

/** Returns a counter of a worker. Thread: its own. */
static inline uint64_t bsti_worker_counter(struct bsti_worker *worker,
                                           unsigned counter)
{
    return bsti_load_relaxed(&worker->counters[counter]);
}

/** Finds work elsewhere, or parks until there is some; NULL: stopping. */
struct bsti_proc *bsti_worker_find(struct bsti_worker *worker);

/** Wakes one parked worker if there is one and nobody searches already. */
void bsti_exec_wake_one(struct bsti_exec *exec);

/** Wakes `worker` if it is parked. */
void bsti_worker_wake(struct bsti_worker *worker);

#endif
