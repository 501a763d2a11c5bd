/*
 * A graph for Graphviz: supervisors are clusters, asks are bold, casts
 * dashed, spawns dotted; what was reported is red, or orange for a warning.
 */

#include "graph.h"

#include <string.h>

#include "tree_walk.h"

#define INDENT 4

/* A string of DOT, in which backslashes and entities mean something. */
static void put_string(struct bstc_out *out, const char *text)
{
    bstc_out_text(out, "\"");
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '\n')
            bstc_out_text(out, "\\n");
        else if (c == '&')
            bstc_out_text(out, "&amp;");
        else if (c == '"' || c == '\\')
            bstc_out_format(out, c == '"' ? "\\\"" : "\\\\");
        else if (c < 0x20 || c == 0x7f)
            bstc_out_text(out, " ");
        else
            bstc_out_bytes(out, text, 1);
    }
    bstc_out_text(out, "\"");
}

static void put_attribute(struct bstc_out *out, const char *before,
                          const char *name, const char *text)
{
    bstc_out_format(out, "%s%s=", before, name);
    put_string(out, text);
}

static const char *color_of(const struct bstc_mark *mark)
{
    return mark->diag->severity == BSTC_ERROR ? "red" : "darkorange";
}

/* Colours what was reported, and says what. */
static void put_mark(struct bstc_out *out, const struct bstc_mark *mark)
{
    if (!mark->diag)
        return;
    bstc_out_format(out, ", color=%s, fontcolor=%s", color_of(mark),
                    color_of(mark));
    put_attribute(out, ", ", "tooltip", mark->diag->message);
}

static void put_indent(struct bstc_out *out, uint32_t depth)
{
    for (uint32_t i = 0; i < depth * INDENT; i++)
        bstc_out_text(out, " ");
}

static const struct bstc_doc *doc_of(const struct bstc_graph *graph,
                                     uint32_t node)
{
    const struct bstc_program *program = graph->topo->program;
    const struct bstc_graph_node *n = &graph->nodes[node];
    const struct bstc_doc *doc = NULL;

    if (n->kind == BSTC_NODE_GROUP) {
        const struct bstc_sym_group *group = &program->groups[n->index];

        doc = group->ast->doc;
        if (!doc && group->actor != BSTC_NONE)
            doc = program->actors[group->actor].ast->doc;
    } else if (n->kind == BSTC_NODE_SUPERVISOR) {
        doc = program->supervisors[n->index].ast->doc;
    }
    return doc;
}

static void put_node(struct bstc_out *out, const struct bstc_graph *graph,
                     uint32_t node, uint32_t depth)
{
    static const char *const shapes[] = {
        [BSTC_NODE_GROUP] = "box",
        [BSTC_NODE_SUPERVISOR] = "folder",
        [BSTC_NODE_ANY] = "ellipse",
        [BSTC_NODE_OUTSIDE] = "plaintext",
    };
    const struct bstc_graph_node *n = &graph->nodes[node];
    const struct bstc_doc *doc = doc_of(graph, node);

    put_indent(out, depth);
    bstc_out_text(out, bstc_graph_id(graph, node));
    put_attribute(out, " [", "label", bstc_graph_title(graph, node));
    bstc_out_format(out, ", shape=%s", shapes[n->kind]);
    put_mark(out, &n->mark);
    if (doc && !n->mark.diag)
        put_attribute(out, ", ", "tooltip", doc->text);
    bstc_out_text(out, "];\n");
}

static void open_cluster(struct bstc_out *out, const struct bstc_graph *graph,
                         uint32_t supervisor, uint32_t depth)
{
    uint32_t node = bstc_graph_supervisor(graph->topo, supervisor);
    const struct bstc_mark *mark = &graph->nodes[node].mark;

    put_indent(out, depth);
    bstc_out_format(out, "subgraph cluster_%s {\n", bstc_graph_id(graph, node));
    put_indent(out, depth + 1);
    put_attribute(out, "", "label", bstc_graph_title(graph, node));
    bstc_out_text(out, ";\n");
    put_indent(out, depth + 1);
    bstc_out_format(out, "color=%s;\n", mark->diag ? color_of(mark) : "gray");
    if (mark->diag) {
        put_indent(out, depth + 1);
        put_attribute(out, "", "tooltip", mark->diag->message);
        bstc_out_text(out, ";\n");
    }
}

static void put_clusters(struct bstc_out *out, const struct bstc_graph *graph)
{
    struct bstc_tree_walk walk;

    bstc_tree_walk_init(&walk, graph->topo->program);
    while (bstc_tree_walk_next(&walk)) {
        switch (walk.step) {
        case BSTC_STEP_ENTER:
            open_cluster(out, graph, walk.index, walk.depth + 1);
            break;
        case BSTC_STEP_GROUP:
            if (graph->nodes[bstc_graph_group(walk.index)].is_shown)
                put_node(out, graph, bstc_graph_group(walk.index),
                         walk.depth + 1);
            break;
        case BSTC_STEP_LEAVE:
            put_indent(out, walk.depth + 1);
            bstc_out_text(out, "}\n");
            break;
        }
    }
}

static const char *style_of(const struct bstc_graph *graph,
                            const struct bstc_graph_link *link)
{
    if (link->is_tree)
        return "solid";
    if (graph->nodes[link->from].kind == BSTC_NODE_ANY)
        return "dotted";
    switch (link->kind) {
    case BSTC_EDGE_ASK:
        return "bold";
    case BSTC_EDGE_CAST:
        return "dashed";
    case BSTC_EDGE_SPAWN:
        return "dotted";
    case BSTC_EDGE_TELL:
    case BSTC_EDGE_STREAM:
        break;
    }
    return "solid";
}

static void put_link(struct bstc_out *out, const struct bstc_graph *graph,
                     const struct bstc_graph_link *link)
{
    const char *label = bstc_graph_label(graph, link);

    bstc_out_format(out, "    %s -> %s [style=%s",
                    bstc_graph_id(graph, link->from),
                    bstc_graph_id(graph, link->to), style_of(graph, link));
    if (*label)
        put_attribute(out, ", ", "label", label);
    if (link->kind == BSTC_EDGE_STREAM)
        bstc_out_text(out, ", arrowhead=vee, penwidth=2");
    put_mark(out, &link->mark);
    bstc_out_text(out, "];\n");
}

void bstc_graph_dot(struct bstc_out *out, const struct bstc_graph *graph)
{
    bstc_out_text(out, "digraph ");
    put_string(out, graph->topo->program->unit);
    bstc_out_format(out,
                    " {\n    rankdir=%s;\n"
                    "    node [fontname=\"Helvetica\"];\n"
                    "    edge [fontname=\"Helvetica\", fontsize=10];\n",
                    graph->view == BSTC_VIEW_TREE ? "TB" : "LR");
    if (graph->view != BSTC_VIEW_TREE)
        put_clusters(out, graph);
    for (uint32_t i = 0; i < graph->nnodes; i++) {
        bool is_framed = graph->view != BSTC_VIEW_TREE &&
                         (graph->nodes[i].kind == BSTC_NODE_GROUP ||
                          graph->nodes[i].kind == BSTC_NODE_SUPERVISOR);

        if (graph->nodes[i].is_shown && !is_framed)
            put_node(out, graph, i, 1);
    }
    for (uint32_t i = 0; i < graph->nlinks; i++)
        put_link(out, graph, &graph->links[i]);
    bstc_out_text(out, "}\n");
}
