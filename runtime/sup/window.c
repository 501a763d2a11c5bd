/*
 * A sliding window of restarts.
 *
 * Stamps that are too old are forgotten when the next one comes, so the ring
 * never holds more than may still count, and a budget of a million restarts
 * takes memory only if they happen.
 */

#include "sup/window.h"

#include <errno.h>
#include <stddef.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/attr.h"

#define FIRST_SIZE 16u

int bsti_window_init(struct bsti_window *window, uint32_t tries, bst_time in)
{
    window->tries = tries;
    window->in = in;
    window->stamps = NULL;
    window->size = 0;
    bsti_window_clear(window);
    if (in == 0) {
        return 0;
    }
    window->size = BSTI_MIN((uint64_t)tries + 1, (uint64_t)FIRST_SIZE);
    window->stamps = bsti_alloc(window->size * sizeof(bst_time));
    return window->stamps == NULL ? -ENOMEM : 0;
}

void bsti_window_fini(struct bsti_window *window)
{
    bsti_free(window->stamps);
    window->stamps = NULL;
    window->size = 0;
}

void bsti_window_clear(struct bsti_window *window)
{
    window->first = 0;
    window->count = 0;
}

/* Doubles the ring, up to tries + 1 places. False: no memory. */
static bool grow(struct bsti_window *window)
{
    uint64_t size = BSTI_MIN(2 * window->size, window->tries + 1);
    bst_time *stamps = bsti_alloc(size * sizeof(bst_time));

    if (stamps == NULL) {
        return false;
    }
    for (uint64_t i = 0; i < window->count; i++) {
        stamps[i] = window->stamps[(window->first + i) % window->size];
    }
    bsti_free(window->stamps);
    window->stamps = stamps;
    window->size = size;
    window->first = 0;
    return true;
}

/* Forgets the oldest stamp. */
static void forget(struct bsti_window *window)
{
    bsti_assert(window->size > 0);
    window->first = (window->first + 1) % window->size;
    window->count--;
}

bool bsti_window_add(struct bsti_window *window, bst_time now)
{
    if (window->in == 0) {
        window->count += window->count <= window->tries;
        return window->count <= window->tries;
    }
    while (window->count > 0 &&
           now - window->stamps[window->first] > window->in) {
        forget(window);
    }
    /* An exceeded window that goes on being used keeps its newest stamps. */
    if (window->count > window->tries) {
        forget(window);
    }
    /* Without memory for more of them the oldest is not counted: a program
     * that is short of memory does not fall over its own bookkeeping. */
    if (window->count == window->size && !grow(window)) {
        forget(window);
    }
    bsti_assert(window->size > 0);
    window->stamps[(window->first + window->count) % window->size] = now;
    window->count++;
    bsti_assert(window->count <= window->tries + 1);
    return window->count <= window->tries;
}
