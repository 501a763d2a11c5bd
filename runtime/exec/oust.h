#ifndef BST_EXEC_OUST_H
#define BST_EXEC_OUST_H

/*
 * Forcing a process out of a handler that does not return.
 *
 * Whoever kills a process says so here. The thread that runs it gets a signal,
 * at once and from then on every millisecond from the monitor, until the
 * handler has been left. One that hangs in a system call or waits for a lock
 * cannot be left; then the process can be torn off its thread: the thread goes
 * on as something else, a *remnant*, and the process is free to end elsewhere.
 */

#include <stdbool.h>

#include <bastion/attr.h>
#include <bastion/topology.h>

#include "proc/proc.h"

struct bsti_exec;

/**
 * Has the handler left in which `proc`, which has its kill signal, may be.
 * `pooled`: it may be on a thread of the blocking pool. Thread: any.
 */
void bsti_force(struct bsti_exec *exec, struct bsti_proc *proc, bool pooled);

/**
 * Has system calls return EINTR that a handler of `proc`, which has its stop
 * signal, makes on the blocking pool. Thread: any.
 */
void bsti_force_interrupt(struct bsti_exec *exec, struct bsti_proc *proc);

/** Where a remnant is offered to a thread. */
typedef struct bsti_proc *_Atomic bsti_remnant_place;

/**
 * Offers `remnant`, a process that has a kill signal, to the thread that runs
 * `proc`: if it hangs outside of the runtime, it becomes the remnant's. Then
 * `proc` is ready, has BSTI_SIGNAL_TORN, and its memory moves to the remnant,
 * which bsti_proc_remnant() gives. The remnant's class is told of the end of
 * its frames as any other; on the blocking pool the refuge is.
 *
 * Returns where it lies until then, or NULL: it is not needed, the process is
 * in no handler. Thread: one at a time for each process.
 */
bsti_remnant_place *bsti_force_tear(struct bsti_exec *exec,
                                    struct bsti_proc *proc,
                                    struct bsti_proc *remnant, bool pooled);

/** Takes the offer back. Returns false if it was accepted. Thread: as above. */
bool bsti_force_withdraw(bsti_remnant_place *place, struct bsti_proc *remnant);

/** Returns the remnant of a process that was torn off. Thread: the holder. */
static inline struct bsti_proc *bsti_proc_remnant(struct bsti_proc *proc)
{
    return (struct bsti_proc *)proc->waiter.gift;
}

/** Whether a thread may touch anything of the runtime's. */
enum bsti_bar {
    BSTI_BAR_NONE,
    BSTI_BAR_REMNANT, /* it runs what is left of a handler */
    BSTI_BAR_FORKED   /* it is the copy, in a child, of one that was in one */
};

extern _Thread_local enum bsti_bar bsti_this_bar;

/** That of the calling thread. */
enum bsti_bar bsti_thread_bar(void);

/** As bsti_thread_bar(), without a call. Only for functions that cannot
 * suspend; see bsti_worker_here(). */
static inline bool bsti_is_barred(void)
{
    return BSTI_UNLIKELY(bsti_this_bar != BSTI_BAR_NONE);
}

/** Signals whoever needs it once more. Returns whether somebody did. Thread:
 * the monitor. */
bool bsti_force_look(struct bsti_exec *exec, bst_time now);

/** Has handlers of this OS process forced from now on, until as many ends.
 * Returns 0 or a negative errno value. */
BST_MUST_USE int bsti_force_begin(void);
void bsti_force_end(void);

#endif
