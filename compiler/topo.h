#ifndef BSTC_TOPO_H
#define BSTC_TOPO_H

/*
 * The topology of a resolved program, as a graph: which groups there are, how
 * large they may become, and who tells, asks, casts to, spawns and streams to
 * whom. It is pure: it reports nothing and changes nothing, and it keeps out
 * what was reported already (poisoned uses, unknown actors, skipped
 * handlers). Streams and clusters are in it although they have no back end.
 *
 * Nodes are groups, numbered as in the program and in the model, which is
 * depth first and the order of starting. All groups of an actor run the same
 * handlers, so edges belong to actors, and a target may be all groups of an
 * actor at once: that keeps the whole linear in the size of the source, where
 * pairs of groups would be a square. To walk over what leaves one group:
 *
 *     actor = program->groups[group].actor;
 *     for (e = topo.first_edge[actor]; e < topo.first_edge[actor + 1]; e++)
 *         for (n = 0; (to = bstc_topo_receiver(&topo, &topo.edges[e], group,
 *                                              n)) != BSTC_NONE; n++)
 *             ...
 *
 * and the streams of the program beside that. With a digraph (digraph.h) over
 * bstc_topo_nodes() nodes, questions about circles stay linear, too.
 *
 * Threads: as the context.
 */

#include "digraph.h"
#include "scope.h"

enum bstc_edge_kind {
    BSTC_EDGE_TELL,
    BSTC_EDGE_CAST,
    BSTC_EDGE_ASK,
    BSTC_EDGE_SPAWN,
    BSTC_EDGE_STREAM
};

/** One declared relation; the handlers of an actor have theirs in order. */
struct bstc_edge {
    enum bstc_edge_kind kind;
    enum bstc_target target; /* BSTC_TO_SENDER: once for each possible one */
    uint32_t from_actor;     /* BSTC_NONE: from outside */
    uint32_t from_group;     /* of a stream; else BSTC_NONE */
    uint32_t to_group; /* BSTC_NONE: all groups of `to_actor`, or itself */
    uint32_t to_actor;
    uint32_t message;                       /* BSTC_NONE: a spawn, a stream */
    const struct bstc_sym_handler *handler; /* NULL: outside, a stream */
    const struct bstc_sym_use *use;         /* NULL: a stream */
    const struct bstc_sym_stream *stream;   /* of a stream, else NULL */
    struct bstc_span span;
    int64_t within; /* of an ask, in ns; 0: none is written */
};

struct bstc_topo {
    const struct bstc_program *program;

    struct bstc_edge *edges;
    uint32_t nedges;
    uint32_t *first_edge;   /* of each actor; ends at that of the next one */
    uint32_t first_outside; /* then those from outside, up to first_stream */
    uint32_t first_stream;  /* then those of streams, to the end */

    uint32_t *groups;      /* ordered by actor, then by number */
    uint32_t *first_group; /* of each actor, an index of `groups` */

    uint64_t *low;  /* of each group: members when it starts */
    uint64_t *high; /* at most */

    /* Of each supervisor; all below it are `first_below` <= group < end. */
    uint32_t *first_below;
    uint32_t *end_below;
    uint32_t *depth; /* 0: at the top */

    /* Positions among the children of whoever holds it. */
    uint32_t *group_place;
    uint32_t *supervisor_place;
};

/** Fills the topology of a resolved program. */
void bstc_topo_init(struct bstc_topo *topo, const struct bstc_program *program);

/**
 * Returns the receiver number `n` of an edge that leaves the group `from`, or
 * BSTC_NONE if there are no more. From outside, `from` is BSTC_NONE.
 */
uint32_t bstc_topo_receiver(const struct bstc_topo *topo,
                            const struct bstc_edge *edge, uint32_t from,
                            uint32_t n);

/** Returns whether the group can never have more than one member. */
bool bstc_topo_is_single(const struct bstc_topo *topo, uint32_t group);

/** Returns whether some group runs the actor. */
bool bstc_topo_has_group(const struct bstc_topo *topo, uint32_t actor);

/* ---- the tree ------------------------------------------------------------ */

/** Where the ways up from two groups meet. */
struct bstc_meeting {
    uint32_t supervisor; /* BSTC_NONE: they do not */
    uint32_t a;          /* position of what holds the first group, or is it,
                          * among the children of `supervisor` */
    uint32_t b;          /* likewise */
};

/** Returns where two groups meet; equal ones meet in one child. */
struct bstc_meeting bstc_topo_meet(const struct bstc_topo *topo, uint32_t a,
                                   uint32_t b);

/* ---- circles ------------------------------------------------------------- */

/*
 * A digraph for questions about circles has a node for each group, one for
 * what each actor does, and one for the address of any group of an actor:
 *
 *     group -> what its actor does -> group, or any of an actor -> group
 *
 * Each circle of it is one of groups, and the other way round.
 */

/** Makes a digraph with those nodes and the arcs between groups and actors. */
void bstc_topo_digraph(const struct bstc_topo *topo,
                       struct bstc_digraph *graph);

/**
 * Adds the edge number `edge`, which becomes the tag of its arc; returns the
 * arc, or BSTC_NO_EDGE for an edge from outside or to the sender itself.
 */
uint32_t bstc_topo_arc(const struct bstc_topo *topo, struct bstc_digraph *graph,
                       uint32_t edge);

/** Tag of the arcs that stand for no edge. */
#define BSTC_NO_TAG UINT32_MAX

/** One step of a circle: the edge, and the groups at its ends. */
struct bstc_hop {
    const struct bstc_edge *edge;
    uint32_t from;
    uint32_t to;
};

/**
 * Writes the shortest circle of groups that begins with the arc `first`, as
 * hops, and returns how many they are; `hops` has room for as many as there
 * are groups. What the arc stands for is the first hop, unless
 * it stands for none.
 */
uint32_t bstc_topo_circle(const struct bstc_topo *topo,
                          struct bstc_digraph *graph, uint32_t first,
                          struct bstc_hop *hops);

/** The node of what an actor does, and that of any group of an actor. */
uint32_t bstc_topo_doer(const struct bstc_topo *topo, uint32_t actor);
uint32_t bstc_topo_any(const struct bstc_topo *topo, uint32_t actor);

#endif
