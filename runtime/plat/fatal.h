#ifndef BST_PLAT_FATAL_H
#define BST_PLAT_FATAL_H

/*
 * The report of a fault that ends the OS process.
 *
 * It is written in the signal handler, so it has modules and places in them
 * instead of functions and lines; addr2line finds these.
 *
 * Everything here is async-signal-safe.
 */

struct bsti_trap;

/** Has the calling thread be the only one that reports; a second one waits for
 * the end of the OS process, a second at most. More calls of it do nothing. */
void bsti_fatal_one(void);

/** Writes what is known, after the reports of failures that still wait. The
 * registers are those of the fault. */
void bsti_fatal_report(struct bsti_trap *trap);

#endif
