#ifndef BST_SUP_SEARCH_H
#define BST_SUP_SEARCH_H

/*
 * `--sim-search`: the same program with many seeds.
 */

#include <stdint.h>

#include <bastion/system.h>

/**
 * Simulates `app` with `n` seeds, options->seed and those behind it, each in a
 * process of its own, as many at once as there are CPUs. Stops at the first
 * one that breaks something, and shows what it wrote to stderr.
 *
 * Returns the exit status: 0, or 4 if one broke an invariant, was ended by a
 * signal, or, without injected failures, did not end in order.
 */
int bsti_search(const struct bst_app *app, const struct bst_options *options,
                uint64_t n);

#endif
