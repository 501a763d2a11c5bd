/*
 * Delays grow until they reach the cap and stay there, so that a sum has few
 * terms of its own, or those of an arithmetic series, and then equal ones.
 */

#include "budget.h"

#define DEFAULT_CAP (INT64_C(3600) * 1000000000)

uint64_t bstc_multiply(uint64_t a, uint64_t b)
{
    return a > 0 && b > UINT64_MAX / a ? UINT64_MAX : a * b;
}

uint64_t bstc_add(uint64_t a, uint64_t b)
{
    return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

/* step + 2 step + ... for the first `n` delays, of which none is above the
 * cap, and the cap for the rest. */
static uint64_t linear(uint64_t step, uint64_t cap, uint64_t tries)
{
    uint64_t growing = cap / step < tries ? cap / step : tries;
    uint64_t sum = growing % 2 == 0 ? bstc_multiply(growing / 2, growing + 1)
                                    : bstc_multiply((growing + 1) / 2, growing);

    return bstc_add(bstc_multiply(sum, step),
                    bstc_multiply(tries - growing, cap));
}

/* A factor of 2 or more reaches any cap within 64 steps. */
static uint64_t exponential(uint64_t step, uint64_t cap, uint64_t factor,
                            uint64_t tries)
{
    uint64_t sum = 0;
    uint64_t delay = step < cap ? step : cap;

    while (tries > 0 && delay < cap && factor > 1) {
        sum = bstc_add(sum, delay);
        delay = bstc_multiply(delay, factor);
        delay = delay < cap ? delay : cap;
        tries--;
    }
    return bstc_add(sum, bstc_multiply(delay, tries));
}

int64_t bstc_budget_least_time(const struct bstc_restart *restart,
                               uint32_t tries)
{
    uint64_t cap = (uint64_t)(restart->cap > 0 ? restart->cap : DEFAULT_CAP);
    uint64_t step = (uint64_t)restart->step;
    uint64_t sum = 0;

    if (restart->step <= 0)
        return 0;
    if (restart->backoff == BSTC_LINEAR)
        sum = linear(step, cap, tries);
    else if (restart->backoff == BSTC_EXPONENTIAL)
        sum = exponential(step, cap, restart->factor ? restart->factor : 2,
                          tries);
    if (sum > INT64_MAX)
        sum = INT64_MAX;
    return (int64_t)(sum / 100 * (100 - restart->jitter) +
                     sum % 100 * (100 - restart->jitter) / 100);
}

uint32_t bstc_budget_most_tries(const struct bstc_restart *restart)
{
    uint32_t low = 0;
    uint32_t high = restart->tries;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2 + 1;

        if (bstc_budget_least_time(restart, middle) < restart->in)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}
