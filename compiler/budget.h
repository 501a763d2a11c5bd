#ifndef BSTC_BUDGET_H
#define BSTC_BUDGET_H

/*
 * What budgets of restarts come to: pure arithmetic on numbers of the model.
 *
 * Threads: any.
 */

#include <stdint.h>

#include "model.h"

/**
 * Returns the shortest time, in ns, that `tries` restarts of one child take
 * that fails at once: the sum of the delays before them, jitter in its favour.
 * It ends at INT64_MAX.
 */
int64_t bstc_budget_least_time(const struct bstc_restart *restart,
                               uint32_t tries);

/** Returns the most restarts whose least time is below the window. */
uint32_t bstc_budget_most_tries(const struct bstc_restart *restart);

/** Returns a * b, at most UINT64_MAX. */
uint64_t bstc_multiply(uint64_t a, uint64_t b);

/** Returns a + b, at most UINT64_MAX. */
uint64_t bstc_add(uint64_t a, uint64_t b);

#endif
