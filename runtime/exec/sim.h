#ifndef BST_EXEC_SIM_H
#define BST_EXEC_SIM_H

/*
 * The simulated executor: workers without threads, time without a clock.
 *
 * It has the workers, queues, load samples and wheels of the real one, but one
 * thread, the host, on which they take turns. A seed decides who is next and
 * how long a turn takes; when nobody has anything to do, time jumps to the
 * next alarm. So a run is a function of the program and the seed.
 *
 * The host is the thread that made the executor. Time passes while it waits in
 * bsti_exec_wait(), and only then. No other thread may use the executor.
 */

#include <stdbool.h>
#include <stdint.h>

#include <bastion/topology.h>

#include "exec/exec.h"

struct bsti_sim_options {
    uint64_t seed;
    bool stalls; /* workers lose their CPU for some milliseconds now and then */
};

/** Returns whether the executor is simulated. */
bool bsti_exec_is_sim(const struct bsti_exec *exec);

/** Returns the number of turns so far. Thread: the host. */
uint64_t bsti_sim_turns(const struct bsti_exec *exec);

/**
 * Calls fn(arg) whenever all workers are parked, before time jumps; it must
 * not change anything.
 */
void bsti_sim_on_idle(struct bsti_exec *exec, void (*fn)(void *arg), void *arg);

/** Returns whether a parked worker has something in its queues, or all of them
 * have missed something. Thread: the host, when all are parked. */
bool bsti_sim_has_forgotten(struct bsti_exec *exec);

/**
 * Has other processes run for `duration`. Thread: a process, in its turn.
 * Returns BST_OK, or BST_NOMEM if there is no stack to wait on.
 */
bst_status bsti_sim_pass(struct bsti_proc *proc, bst_time duration);

/** Makes and frees the simulation of an executor. NULL: no memory. */
struct bsti_sim *bsti_sim_create(struct bsti_exec *exec,
                                 const struct bsti_sim_options *options);
void bsti_sim_destroy(struct bsti_sim *sim);

/** What the executor of a simulation is made of, as far as it is not given. */
void bsti_sim_prepare(struct bsti_exec_options *options);

#endif
