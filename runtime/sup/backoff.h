#ifndef BST_SUP_BACKOFF_H
#define BST_SUP_BACKOFF_H

/*
 * How long to wait before a restart. Pure.
 */

#include <stdint.h>

#include <bastion/topology.h>

/** The cap where a table has none. */
#define BSTI_BACKOFF_CAP BST_S(3600)

/**
 * Returns the delay before the restart after the `nth` consecutive failure,
 * counted from 0: step, 2 step, 3 step ... or step, factor step, factor^2
 * step ..., never above the cap. Jitter moves it by up to that percentage up
 * or down, evenly distributed, and draws from `*rand` only then.
 */
bst_time bsti_backoff_delay(const struct bst_restart *restart, uint64_t nth,
                            uint64_t *rand);

#endif
