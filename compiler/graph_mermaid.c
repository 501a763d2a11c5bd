/*
 * A graph for Mermaid: supervisors are subgraphs, asks are thick, casts
 * dashed; what was reported is red, or orange for a warning.
 *
 * Labels are identifiers, numbers and fixed words; what is no identifier of
 * ours does not come here.
 */

#include "graph.h"

#include <string.h>

#include "tree_walk.h"

static void put_indent(struct bstc_out *out, uint32_t depth)
{
    for (uint32_t i = 0; i < depth; i++)
        bstc_out_text(out, "    ");
}

/* A label in quotes; lines are separated by a tag. */
static void put_label(struct bstc_out *out, const char *text)
{
    bstc_out_text(out, "\"");
    for (; *text; text++) {
        if (*text == '\n')
            bstc_out_text(out, "<br/>");
        else if (*text == '#')
            bstc_out_text(out, "#35;");
        else
            bstc_out_bytes(out, text, 1);
    }
    bstc_out_text(out, "\"");
}

static void put_node(struct bstc_out *out, const struct bstc_graph *graph,
                     uint32_t node, uint32_t depth)
{
    static const char *const shapes[][2] = {
        [BSTC_NODE_GROUP] = {"[", "]"},
        [BSTC_NODE_SUPERVISOR] = {"[[", "]]"},
        [BSTC_NODE_ANY] = {"([", "])"},
        [BSTC_NODE_OUTSIDE] = {"((", "))"},
    };
    const struct bstc_graph_node *n = &graph->nodes[node];

    put_indent(out, depth);
    bstc_out_format(out, "%s%s", bstc_graph_id(graph, node),
                    shapes[n->kind][0]);
    put_label(out, bstc_graph_title(graph, node));
    bstc_out_format(out, "%s\n", shapes[n->kind][1]);
}

static void put_subgraphs(struct bstc_out *out, const struct bstc_graph *graph)
{
    struct bstc_tree_walk walk;

    bstc_tree_walk_init(&walk, graph->topo->program);
    while (bstc_tree_walk_next(&walk)) {
        uint32_t node = walk.step == BSTC_STEP_GROUP
                            ? bstc_graph_group(walk.index)
                            : bstc_graph_supervisor(graph->topo, walk.index);

        switch (walk.step) {
        case BSTC_STEP_ENTER:
            put_indent(out, walk.depth + 1);
            bstc_out_format(out, "subgraph %s[", bstc_graph_id(graph, node));
            put_label(out, bstc_graph_title(graph, node));
            bstc_out_text(out, "]\n");
            break;
        case BSTC_STEP_GROUP:
            if (graph->nodes[node].is_shown)
                put_node(out, graph, node, walk.depth + 1);
            break;
        case BSTC_STEP_LEAVE:
            put_indent(out, walk.depth + 1);
            bstc_out_text(out, "end\n");
            break;
        }
    }
}

static const char *arrow_of(const struct bstc_graph *graph,
                            const struct bstc_graph_link *link)
{
    if (!link->is_tree && graph->nodes[link->from].kind == BSTC_NODE_ANY)
        return "-.-";
    switch (link->kind) {
    case BSTC_EDGE_ASK:
        return "==>";
    case BSTC_EDGE_CAST:
        return "-.->";
    case BSTC_EDGE_SPAWN:
        return "--o";
    case BSTC_EDGE_TELL:
    case BSTC_EDGE_STREAM:
        break;
    }
    return "-->";
}

static void put_link(struct bstc_out *out, const struct bstc_graph *graph,
                     const struct bstc_graph_link *link)
{
    const char *label = bstc_graph_label(graph, link);

    bstc_out_format(out, "    %s %s", bstc_graph_id(graph, link->from),
                    arrow_of(graph, link));
    if (*label) {
        bstc_out_text(out, "|");
        put_label(out, label);
        bstc_out_text(out, "|");
    }
    bstc_out_format(out, " %s\n", bstc_graph_id(graph, link->to));
}

static const char *color_of(const struct bstc_mark *mark)
{
    return mark->diag->severity == BSTC_ERROR ? "red" : "darkorange";
}

static void put_marks(struct bstc_out *out, const struct bstc_graph *graph)
{
    for (uint32_t i = 0; i < graph->nnodes; i++) {
        const struct bstc_graph_node *n = &graph->nodes[i];
        bool is_frame = n->kind == BSTC_NODE_SUPERVISOR;

        if (n->mark.diag && (n->is_shown || is_frame))
            bstc_out_format(out, "    style %s stroke:%s\n",
                            bstc_graph_id(graph, i), color_of(&n->mark));
    }
    for (uint32_t i = 0; i < graph->nlinks; i++) {
        const struct bstc_mark *mark = &graph->links[i].mark;

        if (mark->diag)
            bstc_out_format(out, "    linkStyle %u stroke:%s,color:%s\n", i,
                            color_of(mark), color_of(mark));
    }
}

void bstc_graph_mermaid(struct bstc_out *out, const struct bstc_graph *graph)
{
    bstc_out_format(out, "flowchart %s\n",
                    graph->view == BSTC_VIEW_TREE ? "TB" : "LR");
    if (graph->view != BSTC_VIEW_TREE)
        put_subgraphs(out, graph);
    for (uint32_t i = 0; i < graph->nnodes; i++) {
        bool is_framed = graph->view != BSTC_VIEW_TREE &&
                         (graph->nodes[i].kind == BSTC_NODE_GROUP ||
                          graph->nodes[i].kind == BSTC_NODE_SUPERVISOR);

        if (graph->nodes[i].is_shown && !is_framed)
            put_node(out, graph, i, 1);
    }
    for (uint32_t i = 0; i < graph->nlinks; i++)
        put_link(out, graph, &graph->links[i]);
    put_marks(out, graph);
}
