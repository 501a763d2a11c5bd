#ifndef BSTC_ORDER_H
#define BSTC_ORDER_H

/*
 * The right order of a supervisor's children, and how it is shown (W0405).
 */

#include "topo.h"

/** A child that stands before one that it depends on. */
struct bstc_misplaced {
    const struct bstc_topo *topo;
    /* An arc leads from a child, perhaps over a hub, to what it depends on;
     * parts are numbered. Children are groups, then supervisors, then hubs. */
    const struct bstc_digraph *graph;
    uint32_t supervisor;
    const struct bstc_edge *edge;
    uint32_t dependant;
    uint32_t dependency;
    uint32_t count; /* of all such findings in this supervisor; 0: none */
};

/** Returns the node of a child. */
uint32_t bstc_order_child(const struct bstc_topo *topo,
                          struct bstc_child child);

/** Reports it, with the right order, as a fix where it can be one. */
void bstc_order_report(const struct bstc_misplaced *misplaced);

#endif
