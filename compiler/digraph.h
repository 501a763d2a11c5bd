#ifndef BSTC_DIGRAPH_H
#define BSTC_DIGRAPH_H

/*
 * A directed graph of numbered nodes, and what checks ask of one: its
 * strongly connected parts, and the shortest circle through an edge.
 *
 * It knows nothing of topologies; an edge carries one number of its owner.
 * Everything is linear in nodes and edges, and nothing recurses, because a
 * chain of groups may be as long as the file.
 *
 * Threads: as the arena.
 */

#include <stdint.h>

#include "arena.h"

#define BSTC_NO_EDGE UINT32_MAX

struct bstc_arc {
    uint32_t from;
    uint32_t to;
    uint32_t next; /* further arc of `from`, in order of adding */
    uint32_t tag;  /* of whoever added it */
};

struct bstc_digraph {
    struct bstc_arena *arena;
    uint32_t nnodes;
    uint32_t *heads; /* of each node: its first arc, or BSTC_NO_EDGE */
    uint32_t *tails; /* its last one */
    struct bstc_arc *arcs;
    uint32_t narcs, capacity;
    uint32_t *parts; /* of each node, after bstc_digraph_parts() */
    uint32_t nparts;
    uint32_t *circle; /* what bstc_digraph_circle() has found */
    uint32_t *came;   /* scratch of it */
    uint32_t *queue;  /* likewise */
};

/** Makes a graph of `nnodes` nodes and no arcs. */
void bstc_digraph_init(struct bstc_digraph *graph, struct bstc_arena *arena,
                       uint32_t nnodes);

/** Adds an arc and returns its number. */
uint32_t bstc_digraph_add(struct bstc_digraph *graph, uint32_t from,
                          uint32_t to, uint32_t tag);

/**
 * Numbers the strongly connected parts: `parts[a] == parts[b]` if each of the
 * nodes can be reached from the other. A part has a lower number than those
 * from which it can be reached, so that numbers are a topological order.
 */
void bstc_digraph_parts(struct bstc_digraph *graph);

/** Returns whether an arc lies within one part, and so on a circle. */
static inline int bstc_digraph_is_inner(const struct bstc_digraph *graph,
                                        uint32_t arc)
{
    return graph->parts[graph->arcs[arc].from] ==
           graph->parts[graph->arcs[arc].to];
}

/**
 * Writes the arcs of the shortest circle that begins with `first`, which must
 * be an inner one, to `graph->circle`, and returns how many they are. It
 * costs what the part of `first` has of nodes and arcs.
 */
uint32_t bstc_digraph_circle(struct bstc_digraph *graph, uint32_t first);

#endif
