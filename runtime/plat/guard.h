#ifndef BST_PLAT_GUARD_H
#define BST_PLAT_GUARD_H

/*
 * An OS process that watches over a copy of itself.
 *
 * The copy is made by fork(), so the process must have one thread by then. It
 * is asked to stop when its guardian dies. The guardian takes signals one by
 * one; what is meant for the program it passes on.
 */

#include <stdbool.h>

#include <bastion/attr.h>
#include <bastion/topology.h>

/** What the guardian is told next. */
struct bsti_guard_event {
    enum {
        BSTI_GUARD_TIMEOUT,
        BSTI_GUARD_SIGNAL, /* a request to stop, or another for the program */
        BSTI_GUARD_EXITED, /* the copy, with a status */
        BSTI_GUARD_KILLED  /* the copy, by a signal */
    } type;
    int number;      /* of the signal, or the status */
    bool is_stop;    /* a signal that asks for the end */
    bool is_told;    /* the system has sent that signal to the copy, too */
    bool has_dumped; /* the copy has left its memory in a file */
};

/** Whether the process has one thread. */
bool bsti_guard_is_possible(void);

/** Takes signals from now on, instead of what they did. */
void bsti_guard_begin(void);

/**
 * Makes a copy. Returns true in it, with signals as they were before the
 * guardian began. In the guardian *pid is its number, or a negative errno.
 */
BST_MUST_USE bool bsti_guard_fork(int *pid);

/** Waits for what comes next, for so long at most. */
struct bsti_guard_event bsti_guard_wait(int pid, bst_time timeout);

/** Sends a signal to the copy. */
void bsti_guard_send(int pid, int signo);

/** Returns the name of a signal, such as "SIGKILL". */
const char *bsti_guard_signal_name(int signo);

/** Ends the guardian with a status, or by a signal as the copy has ended. What
 * the program has registered for its exit is the copy's to do. */
BST_NORETURN void bsti_guard_exit(int status);
BST_NORETURN void bsti_guard_die(int signo);

#endif
