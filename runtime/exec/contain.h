#ifndef BST_EXEC_CONTAIN_H
#define BST_EXEC_CONTAIN_H

/*
 * A CPU fault in a user's function ends that process alone.
 *
 * The class of a process says whose fault it is and notes it (see proc.h); its
 * frames are then thrown away as by bsti_abandon(). On a thread of the
 * blocking pool there is no worker: whoever calls a user's function there
 * says before what a fault in it means.
 */

#include <stdint.h>

#include <bastion/attr.h>

struct bsti_blame;
struct bsti_exec;
struct bsti_frames;
struct bsti_proc;

/** What a fault means on a thread of the pool. */
struct bsti_refuge {
    /** Says whose fault it is; async-signal-safe. */
    void (*blame)(void *arg, struct bsti_blame *blame);
    /** Notes the fault and leaves the frames; does not return. */
    void (*failed)(void *arg, const char *text);
    /** Leaves the frames, because `proc` was killed; does not return. */
    void (*ended)(void *arg);
    /** `proc` was torn off (see oust.h) and is a remnant from now on;
     * async-signal-safe. */
    void (*torn)(void *arg);
    void *arg;
    struct bsti_exec *exec; /* whose rule for faults counts */
    struct bsti_proc *proc; /* that can be killed; NULL: it is not forced */
    /* __builtin_frame_address(0) of the function that calls the user's, or
     * has others of the runtime call it. */
    void *frame;
};

/** Has faults of this thread go there; NULL: they end the OS process. */
void bsti_refuge_set(struct bsti_refuge *refuge);

/** Returns that of this thread. */
struct bsti_refuge *bsti_refuge_here(void);

/** Notes the frames of the user's function that runs on this thread and has
 * called the runtime, and of those that have called it. */
void bsti_contain_trace(struct bsti_frames *frames);

/** Contains faults from now on, until as many releases. Returns 0, or a
 * negative errno value. */
BST_MUST_USE int bsti_contain_begin(void);
void bsti_contain_end(void);

#endif
