#ifndef BSTC_CIRCLE_H
#define BSTC_CIRCLE_H

/*
 * How a circle of groups that wait for each other is shown: one hop on each
 * line, numbered, the first of them where the file mentions one first.
 */

#include "topo.h"

struct bstc_circle {
    const char *code;
    bool is_error; /* else a warning */
    const char *message;
};

/**
 * Reports the shortest circle that begins with an inner arc; `hops` has room
 * as bstc_topo_circle() says. Returns the diagnostic, for a help; the hop
 * that is shown first is `hops[0]` afterwards.
 */
struct bstc_diag *bstc_circle_report(const struct bstc_topo *topo,
                                     struct bstc_digraph *graph, uint32_t first,
                                     struct bstc_hop *hops,
                                     const struct bstc_circle *what);

#endif
