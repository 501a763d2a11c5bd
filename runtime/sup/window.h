#ifndef BST_SUP_WINDOW_H
#define BST_SUP_WINDOW_H

/*
 * A restart budget: at most `tries` restarts within any span of `in`.
 *
 * It keeps the stamps of the last restarts, up to tries + 1 of them, in a ring
 * that grows as far as it is needed. Without a span (in == 0) the
 * budget is for life and only a count is kept. Pure but for its memory.
 *
 * Thread: the owner.
 */

#include <stdbool.h>
#include <stdint.h>

#include <bastion/attr.h>
#include <bastion/topology.h>

struct bsti_window {
    uint64_t tries;   /* restarts allowed */
    bst_time in;      /* span; 0: for life */
    bst_time *stamps; /* ring, oldest at `first` */
    uint64_t size;    /* places in the ring */
    uint64_t first;   /* place of the oldest stamp */
    uint64_t count;   /* stamps that may still count; for life: all restarts */
};

/**
 * Makes an empty window.
 *
 * Returns 0 or -ENOMEM.
 */
BST_MUST_USE int bsti_window_init(struct bsti_window *window, uint32_t tries,
                                  bst_time in);

/** Frees the ring. */
void bsti_window_fini(struct bsti_window *window);

/**
 * Counts a restart at `now`, which is not before the last one. A stamp that is
 * exactly `in` old still counts.
 *
 * Returns false if the budget is exceeded by it. It also does when the ring
 * cannot grow for lack of memory: then a restart would not succeed either.
 */
BST_MUST_USE bool bsti_window_add(struct bsti_window *window, bst_time now);

/** Forgets all restarts. */
void bsti_window_clear(struct bsti_window *window);

#endif
