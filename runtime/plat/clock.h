#ifndef BST_PLAT_CLOCK_H
#define BST_PLAT_CLOCK_H

/*
 * The monotonic clock.
 */

#include <bastion/topology.h>

/**
 * Returns nanoseconds since some instant before the process began; it never
 * goes back. About 20 ns.
 *
 * Thread: any; async-signal-safe.
 */
bst_time bsti_clock_now(void);

#endif
