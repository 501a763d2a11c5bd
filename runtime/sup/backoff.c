/*
 * Back-off in integers: no floating point, so that a simulation with the same
 * seed gives the same delays everywhere.
 */

#include "sup/backoff.h"

#include "base/assert.h"
#include "base/rand.h"

/* a * b for a > 0, at most `cap`. */
static bst_time multiply(bst_time a, uint64_t b, bst_time cap)
{
    return b > (uint64_t)(cap / a) ? cap : a * (bst_time)b;
}

static bst_time exponential(const struct bst_restart *restart, uint64_t nth,
                            bst_time cap)
{
    uint32_t factor = restart->factor == 0 ? 2 : restart->factor;
    bst_time delay = restart->step;

    /* A factor of 1 never reaches the cap: the step is all there is. */
    for (uint64_t i = 0; i < nth && factor > 1 && delay < cap; i++) {
        delay = multiply(delay, factor, cap);
    }
    return delay;
}

/* Moves `delay` by up to `percent` up or down. */
static bst_time jittered(bst_time delay, uint32_t percent, uint64_t *rand)
{
    bst_time reach;
    uint64_t draw;

    percent = percent > 100 ? 100 : percent;
    /* In this order nothing overflows, and nothing is lost. */
    reach =
        delay / 100 * (bst_time)percent + delay % 100 * (bst_time)percent / 100;
    draw = bsti_rand_below(rand, 2 * (uint64_t)reach + 1);
    delay -= reach;
    return draw > (uint64_t)(BST_INFINITE - delay) ? BST_INFINITE
                                                   : delay + (bst_time)draw;
}

bst_time bsti_backoff_delay(const struct bst_restart *restart, uint64_t nth,
                            uint64_t *rand)
{
    bst_time cap = restart->cap == 0 ? BSTI_BACKOFF_CAP : restart->cap;
    bst_time delay = 0;

    bsti_assert(restart->step >= 0 && cap > 0);
    if (restart->step == 0) {
        return 0;
    }
    switch (restart->backoff) {
    case BST_BACKOFF_NONE:
        return 0;
    case BST_LINEAR:
        delay = nth == UINT64_MAX ? cap : multiply(restart->step, nth + 1, cap);
        break;
    case BST_EXPONENTIAL:
        delay = exponential(restart, nth, cap);
        break;
    }
    delay = delay < cap ? delay : cap;
    if (restart->jitter > 0) {
        delay = jittered(delay, restart->jitter, rand);
        delay = delay < cap ? delay : cap;
    }
    return delay;
}
