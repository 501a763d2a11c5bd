#ifndef BSTC_GRAPH_H
#define BSTC_GRAPH_H

/*
 * A program as a picture: groups and supervisors are nodes, what is declared
 * between them are links.
 *
 * The graph is built once and printed in several forms. All orders are those
 * of the source, so that a small change of the program is a small change of
 * the picture. Programs with mistakes have one too, as far as their names are
 * known; what was reported is marked.
 *
 * Threads: as the context.
 */

#include "cli/options.h"
#include "emit_out.h"
#include "topo.h"

/** What the diagnostics say of a node or a link. */
struct bstc_mark {
    const struct bstc_diag *diag; /* the gravest one, or NULL */
};

enum bstc_node_kind {
    BSTC_NODE_GROUP,
    BSTC_NODE_SUPERVISOR,
    BSTC_NODE_ANY, /* whichever group of an actor */
    BSTC_NODE_OUTSIDE
};

struct bstc_graph_node {
    enum bstc_node_kind kind;
    uint32_t index; /* of the group, supervisor or actor */
    bool is_shown;
    struct bstc_mark mark;
};

/** Edges of one kind between the same nodes. */
struct bstc_graph_link {
    enum bstc_edge_kind kind;
    bool is_tree; /* a supervisor and its child: no edge */
    uint32_t from;
    uint32_t to;
    const uint32_t *edges; /* numbers in the topology, in order */
    uint32_t nedges;
    struct bstc_mark mark;
};

struct bstc_graph {
    const struct bstc_topo *topo;
    enum bstc_graph_view view;
    struct bstc_graph_node *nodes; /* groups, supervisors, actors, outside */
    uint32_t nnodes;
    struct bstc_graph_link *links;
    uint32_t nlinks;
};

/** Builds the graph of a resolved program, which may have mistakes. */
void bstc_graph_init(struct bstc_graph *graph, const struct bstc_topo *topo,
                     enum bstc_graph_view view);

/** Returns the number of the node of a group or a supervisor. */
uint32_t bstc_graph_group(uint32_t group);
uint32_t bstc_graph_supervisor(const struct bstc_topo *topo,
                               uint32_t supervisor);

/** Returns the name by which outputs refer to a node, unique among all. */
const char *bstc_graph_id(const struct bstc_graph *graph, uint32_t node);

/** Returns what is written into a node; lines end with LF. */
const char *bstc_graph_title(const struct bstc_graph *graph, uint32_t node);

/** Returns what is written at a link: its messages, as far as there is room
 * for them. */
const char *bstc_graph_label(const struct bstc_graph *graph,
                             const struct bstc_graph_link *link);

/** Returns "8", or "4..32" for a group that changes its size. */
const char *bstc_graph_members(const struct bstc_topo *topo, uint32_t group);

/** Returns the name of the strategy: "one-for-one". */
const char *bstc_strategy_text(enum bstc_strategy strategy);

/** Returns the word for a kind of edges: "ask". */
const char *bstc_edge_text(enum bstc_edge_kind kind);

/** Returns the supervisor that holds what a node stands for, or BSTC_NONE. */
uint32_t bstc_graph_holder(const struct bstc_graph *graph, uint32_t node);

/** Prints the graph for Graphviz. */
void bstc_graph_dot(struct bstc_out *out, const struct bstc_graph *graph);

/** Prints it for Mermaid. */
void bstc_graph_mermaid(struct bstc_out *out, const struct bstc_graph *graph);

/** Prints it as JSON on one line. */
void bstc_graph_json(struct bstc_out *out, const struct bstc_graph *graph);

#endif
