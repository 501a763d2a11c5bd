#ifndef BSTC_WAITS_H
#define BSTC_WAITS_H

/*
 * Which handlers wait for which: a digraph whose nodes are handlers. Who asks
 * waits until the handler of the question has returned, and who spawns until
 * the `on start` of the child has.
 *
 * Threads: as the topology.
 */

#include "topo.h"

struct bstc_waits {
    const struct bstc_topo *topo;
    uint32_t *first;    /* of each actor: the node of its first handler */
    uint32_t nhandlers; /* of all actors together */
    struct bstc_digraph graph; /* the tag of an arc is its edge */
};

/** Fills the graph and numbers its parts. */
void bstc_waits_init(struct bstc_waits *waits, const struct bstc_topo *topo);

/** Returns the node of a handler. */
uint32_t bstc_waits_node(const struct bstc_waits *waits, uint32_t actor,
                         const struct bstc_sym_handler *handler);

/**
 * Returns the handler that an edge makes run at its receiver, or NULL: that of
 * the message, or the `on start` of what is spawned.
 */
const struct bstc_sym_handler *bstc_waits_target(const struct bstc_topo *topo,
                                                 const struct bstc_edge *edge);

#endif
