#ifndef BST_PLAT_SIGNALS_H
#define BST_PLAT_SIGNALS_H

/*
 * Stop requests from the operating system: SIGINT and SIGTERM.
 *
 * Signal handlers belong to the OS process, so only one owner can have them.
 */

#include <bastion/attr.h>

/**
 * Has `on_stop` called for each SIGINT and SIGTERM; `count` is 1 for the
 * first of either, then 2, and so on. SIGPIPE is ignored from now on.
 *
 * `on_stop` runs in a signal handler and must be async-signal-safe; errno is
 * kept for it.
 *
 * Thread: any, one at a time with bsti_signals_release().
 * Returns 0, -EBUSY if they are caught already, or a negative errno value.
 */
BST_MUST_USE int bsti_signals_catch(void (*on_stop)(int signo, unsigned count));

/**
 * Says that the process `pid` passes signals on that it gets. Who sends one to
 * a group of processes means both of them: a signal of the guardian's and one
 * of another sender count as one.
 */
void bsti_signals_set_guardian(int pid);

/** Puts the handlers back that were there before. Harmless if none are. */
void bsti_signals_release(void);

#endif
