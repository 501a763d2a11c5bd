#ifndef BST_SYSTEM_H
#define BST_SYSTEM_H

/*
 * A running topology: workers, processes and the supervision tree.
 *
 * There is no global system: several may live in one OS process.
 */

#include <bastion/message.h>

BST_BEGIN_DECLS

enum bst_log_level {
    BST_LOG_NONE,
    BST_LOG_ERROR,
    BST_LOG_WARN,
    BST_LOG_INFO,
    BST_LOG_DEBUG
};

/** How to run a system. Start from BST_OPTIONS_DEFAULT. */
struct bst_options {
    uint32_t threads;       /* workers; 0: one for each allowed CPU */
    int pin;                /* 1: pin workers to CPUs, 0: do not, -1: default */
    enum bst_log_level log; /* what is written to stderr */
    uint64_t seed;          /* of bst_random(), when seeded */
    int seeded;             /* 0: take a seed from the system */
    int argc;               /* the program's own arguments */
    char **argv;            /* borrowed while the system lives */
    int handle_signals;     /* 1: SIGINT and SIGTERM stop this system */

    uint32_t blocking_min; /* threads for `blocking` handlers; 0: 2 */
    uint32_t blocking_max; /* 0: 512 */

    /* 1 turns one rule of the executor off, to measure what it is worth. */
    int no_next_slot;
    int steal_one;
    int no_contention_skip;

    /* 1: no threads and no clock, but a simulation in which `seed` decides
     * everything; see <bastion/sim.h>. The next two are for it alone. */
    int sim;
    uint32_t sim_faults; /* handlers out of a million that fail */
    bst_time sim_time;   /* after which it is stopped; 0: one minute */

    int log_json; /* 1: each line that is logged is a JSON object */

    /* 1: bst_run_app() runs `app` in a copy of the program, and starts it again
     * there when it dies, by the restart rule of the root supervisor. What
     * follows in the program happens in the copy alone. The program must have
     * no other thread yet. */
    int fort;
};

#define BST_OPTIONS_DEFAULT                                                    \
    {                                                                          \
        0, -1, BST_LOG_WARN, 0, 0, 0, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0    \
    }

/** Exact counts; see bst_system_stats(). */
struct bst_stats {
    uint64_t sent;      /* taken by a mailbox */
    uint64_t handled;   /* handled without a failure */
    uint64_t failed;    /* its handler failed */
    uint64_t dead;      /* nobody was there any more */
    uint64_t dropped;   /* thrown away by a mailbox policy */
    uint64_t queued;    /* waiting, or being handled */
    uint64_t refused;   /* not taken, such as BST_FULL; not in `sent` */
    uint64_t restarts;  /* incarnations after the first */
    uint64_t processes; /* incarnations that live now */
};

/**
 * Starts a system and waits until its tree is up.
 *
 * Ownership: `app` and what it points to must outlive the system; `options`
 * (NULL: the defaults) is copied.
 * Returns NULL when a start failed; the reason was logged and `*error`, unless
 * `error` is NULL, is BST_FAILED, BST_NOMEM or BST_INVALID (a faulty table).
 */
BST_API BST_MUST_USE struct bst_system *
bst_system_start(const struct bst_app *app, const struct bst_options *options,
                 bst_status *error);

/** Asks the system to stop in order; returns at once. Thread: any. */
BST_API void bst_system_stop(struct bst_system *system);

/**
 * Waits until the system has ended, and frees it. From then on its references
 * are dangling. Calls of other threads that have begun are waited for; new
 * ones must not begin.
 *
 * Thread: any that is not part of the system; once.
 * Returns the exit status: 0 after an ordered stop, 3 if the root gave up or
 * was killed.
 */
BST_API int bst_system_wait(struct bst_system *system);

/**
 * As bst_group_spawn(), from main() or another thread that is not part of the
 * system; the call blocks until the child is up.
 *
 * Thread: any foreign one.
 */
BST_API bst_status bst_system_spawn(struct bst_system *system,
                                    const struct bst_group *group,
                                    const void *args, bst_ref *ref);

/**
 * Has every system and executor of this program read the affinity mask and the
 * CPU quota of the control group again, which otherwise happens every five
 * seconds while they work. Returns at once; they do it within milliseconds, or
 * when they wake up. Workers are bound to their CPUs again. If there are fewer
 * CPUs than before some workers retire once they have come to the end of what
 * they do: no message is lost, and handlers that are suspended on their thread
 * go on there. If there are more again they come back, up to the number that
 * was started. A number of threads that was asked for stays as it is.
 *
 * What counts is the mask that the thread that started the system had, as
 * changed from outside since then (a cpuset, or `taskset -a -p`); binding one
 * thread of the program changes nothing. What cannot be read or bound stays as
 * it was.
 *
 * Thread: any, also a handler.
 */
BST_API void bst_repin(void);

/** Reads the counters; exact once the system has settled. Thread: any. */
BST_API void bst_system_stats(struct bst_system *system,
                              struct bst_stats *stats);

/** Starts `app`, waits for its end, and returns the exit status (0, 1, 3). */
BST_API int bst_run_app(const struct bst_app *app,
                        const struct bst_options *options);

/**
 * The main() of a program: reads flags and environment, runs `app`, and
 * returns the exit status: 0 ordered stop, 1 the start failed, 2 a bad flag or
 * environment variable, 3 the root supervisor gave up.
 */
BST_API int bst_main(const struct bst_app *app, int argc, char **argv);

BST_END_DECLS

#endif
