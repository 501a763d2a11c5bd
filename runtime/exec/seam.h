#ifndef BST_EXEC_SEAM_H
#define BST_EXEC_SEAM_H

/*
 * What an executor takes from the machine, in one table: time, threads, sleep.
 *
 * There are two: `bsti_seam_threads`, a thread for each worker and the clock
 * of the system, and `bsti_seam_sim`, one thread and virtual time (sim.h). An
 * executor gets its table when it is made. None of the functions is on the way
 * of a message: a worker asks for the time when it samples its load or has
 * nothing to do.
 */

#include <stdbool.h>
#include <stdint.h>

#include <bastion/topology.h>

struct bsti_exec;
struct bsti_worker;

struct bsti_seam {
    /** Returns the time, which never goes back. Thread: any. */
    bst_time (*now)(struct bsti_exec *exec);

    /** Lets the workers begin. Returns 0 or a negative errno value. */
    int (*start)(struct bsti_exec *exec);

    /**
     * Lets the workers, which were told to stop, come to their end. Returns
     * whether all have before `deadline`.
     */
    bool (*join)(struct bsti_exec *exec, bst_time deadline);

    /**
     * Waits while `*word` is `value`, at most `within`; or for no reason.
     * Returns false if nothing will ever change it, as only a simulator knows.
     * Thread: one that is no worker.
     */
    bool (*wait)(struct bsti_exec *exec, _Atomic uint32_t *word, uint32_t value,
                 bst_time within);

    /** Sleeps until the worker is woken, at most `within`. */
    void (*park)(struct bsti_worker *worker, bst_time within);

    /** Keeps the thread of the calling worker busy for `duration`. */
    void (*sleep)(struct bsti_exec *exec, bst_time duration);

    /** A process asks for the time; NULL: that takes none. */
    void (*asked)(struct bsti_exec *exec);

    /** A worker has ended a turn. NULL: goes on with the next one. */
    void (*turn)(struct bsti_worker *worker);
};

extern const struct bsti_seam bsti_seam_threads;
extern const struct bsti_seam bsti_seam_sim;

#endif
