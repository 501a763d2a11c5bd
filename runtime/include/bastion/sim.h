#ifndef BST_SIM_H
#define BST_SIM_H

/*
 * Simulation of a system: one thread, virtual time, and a seed that decides
 * everything.
 *
 * A system that is started with `sim` in its options has no threads of its
 * own. Time passes only while the thread that has started it waits for it: in
 * bst_system_start() and bst_system_wait(), in a question that it asks, and in
 * bst_sim_run(). In between nothing happens, so a test can look at everything
 * at leisure. No other thread may call the system.
 *
 * The same seed gives the same events, in the same order, at the same virtual
 * times, whatever the machine, the compiler and its options are. That holds
 * for programs whose handlers take time and chance from bst_now(), bst_sleep(),
 * timers and bst_random() alone.
 *
 * While it runs the runtime checks invariants of its own. If one is broken the
 * program prints the seed and the last events, and exits with status 4.
 */

#include <bastion/system.h>

BST_BEGIN_DECLS

/**
 * Lets `duration` of virtual time pass, in nanoseconds; 0: nothing happens.
 *
 * Thread: the one that has started the system.
 * Returns BST_OK, or BST_INVALID if the system is not simulated.
 */
BST_API bst_status bst_sim_run(struct bst_system *system, bst_time duration);

/** Returns the system's time, virtual or real. Thread: any that may call it. */
BST_API bst_time bst_sim_now(struct bst_system *system);

/** Returns the hash of all events so far; 0 if it is not simulated. */
BST_API uint64_t bst_sim_hash(struct bst_system *system);

BST_END_DECLS

#endif
