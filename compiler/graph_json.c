/*
 * A graph as JSON:
 *
 *     {"program", "view",
 *      "nodes": [{"id", "kind", "name", "actor", "low", "high", "strategy",
 *                 "supervisor", "file", "line", "doc", "diagnostic"}],
 *      "links": [{"from", "to", "kind", "diagnostic",
 *                 "messages": [{"message", "handler", "within_ns",
 *                               "file", "line"}]}]}
 *
 * What a node or a link does not have is left out.
 */

#include "graph.h"

#include "json.h"

static void add_place(cJSON *object, const struct bstc_program *program,
                      struct bstc_span span)
{
    struct bstc_place place = bstc_program_place(program, span);

    bstc_json_add_shown(object, "file", place.file);
    cJSON_AddNumberToObject(object, "line", place.line);
}

static void add_mark(cJSON *object, const struct bstc_mark *mark)
{
    cJSON *diag;

    if (!mark->diag)
        return;
    diag = cJSON_AddObjectToObject(object, "diagnostic");
    cJSON_AddStringToObject(diag, "severity",
                            mark->diag->severity == BSTC_ERROR ? "error"
                                                               : "warning");
    cJSON_AddStringToObject(diag, "code", mark->diag->code);
    bstc_json_add_shown(diag, "message", mark->diag->message);
}

static void add_group(cJSON *object, const struct bstc_graph *graph,
                      uint32_t index)
{
    const struct bstc_program *program = graph->topo->program;
    const struct bstc_sym_group *group = &program->groups[index];

    cJSON_AddStringToObject(object, "name", group->ast->name.text);
    cJSON_AddStringToObject(object, "actor", group->ast->actor.text);
    cJSON_AddNumberToObject(object, "low", (double)graph->topo->low[index]);
    cJSON_AddNumberToObject(object, "high", (double)graph->topo->high[index]);
    add_place(object, program, group->span);
    if (group->ast->doc)
        bstc_json_add_exact(object, "doc", group->ast->doc->text);
}

static void add_supervisor(cJSON *object, const struct bstc_graph *graph,
                           uint32_t index)
{
    const struct bstc_program *program = graph->topo->program;
    const struct bstc_sym_supervisor *s = &program->supervisors[index];

    cJSON_AddStringToObject(object, "name", s->ast->name.text);
    cJSON_AddStringToObject(object, "strategy",
                            bstc_strategy_text(s->strategy));
    add_place(object, program, s->ast->name.span);
    if (s->ast->doc)
        bstc_json_add_exact(object, "doc", s->ast->doc->text);
}

static cJSON *node_json(const struct bstc_graph *graph, uint32_t node)
{
    static const char *const kinds[] = {
        [BSTC_NODE_GROUP] = "group",
        [BSTC_NODE_SUPERVISOR] = "supervisor",
        [BSTC_NODE_ANY] = "any",
        [BSTC_NODE_OUTSIDE] = "outside",
    };
    const struct bstc_program *program = graph->topo->program;
    const struct bstc_graph_node *n = &graph->nodes[node];
    uint32_t holder = bstc_graph_holder(graph, node);
    cJSON *object = cJSON_CreateObject();

    cJSON_AddStringToObject(object, "id", bstc_graph_id(graph, node));
    cJSON_AddStringToObject(object, "kind", kinds[n->kind]);
    if (n->kind == BSTC_NODE_GROUP)
        add_group(object, graph, n->index);
    else if (n->kind == BSTC_NODE_SUPERVISOR)
        add_supervisor(object, graph, n->index);
    else if (n->kind == BSTC_NODE_ANY)
        cJSON_AddStringToObject(object, "actor",
                                program->actors[n->index].ast->name.text);
    if (holder != BSTC_NONE)
        cJSON_AddStringToObject(
            object, "supervisor",
            bstc_graph_id(graph, bstc_graph_supervisor(graph->topo, holder)));
    add_mark(object, &n->mark);
    return object;
}

static cJSON *edge_json(const struct bstc_graph *graph,
                        const struct bstc_edge *edge)
{
    const struct bstc_program *program = graph->topo->program;
    cJSON *object = cJSON_CreateObject();

    if (edge->message != BSTC_NONE)
        cJSON_AddStringToObject(
            object, "message", program->messages[edge->message].ast->name.text);
    if (edge->handler)
        cJSON_AddStringToObject(object, "handler", edge->handler->label);
    if (edge->within)
        cJSON_AddNumberToObject(object, "within_ns", (double)edge->within);
    add_place(object, program, edge->span);
    return object;
}

static cJSON *link_json(const struct bstc_graph *graph,
                        const struct bstc_graph_link *link)
{
    cJSON *object = cJSON_CreateObject();
    bool is_any = graph->nodes[link->from].kind == BSTC_NODE_ANY;
    cJSON *messages;

    cJSON_AddStringToObject(object, "from", bstc_graph_id(graph, link->from));
    cJSON_AddStringToObject(object, "to", bstc_graph_id(graph, link->to));
    cJSON_AddStringToObject(object, "kind",
                            link->is_tree ? "child"
                            : is_any      ? "any"
                                          : bstc_edge_text(link->kind));
    if (link->nedges > 0) {
        messages = cJSON_AddArrayToObject(object, "messages");
        for (uint32_t i = 0; i < link->nedges; i++)
            cJSON_AddItemToArray(
                messages,
                edge_json(graph, &graph->topo->edges[link->edges[i]]));
    }
    add_mark(object, &link->mark);
    return object;
}

void bstc_graph_json(struct bstc_out *out, const struct bstc_graph *graph)
{
    static const char *const views[] = {
        [BSTC_VIEW_ALL] = "all",
        [BSTC_VIEW_TREE] = "tree",
        [BSTC_VIEW_MESSAGES] = "messages",
        [BSTC_VIEW_STREAMS] = "streams",
    };
    cJSON *root = cJSON_CreateObject();
    cJSON *nodes;
    cJSON *links;
    char *text;

    bstc_json_add_shown(root, "program", graph->topo->program->unit);
    cJSON_AddStringToObject(root, "view", views[graph->view]);
    nodes = cJSON_AddArrayToObject(root, "nodes");
    for (uint32_t i = 0; i < graph->nnodes; i++) {
        const struct bstc_graph_node *n = &graph->nodes[i];

        /* Supervisors are frames where they are no nodes. */
        if (n->is_shown || n->kind == BSTC_NODE_SUPERVISOR)
            cJSON_AddItemToArray(nodes, node_json(graph, i));
    }
    links = cJSON_AddArrayToObject(root, "links");
    for (uint32_t i = 0; i < graph->nlinks; i++)
        cJSON_AddItemToArray(links, link_json(graph, &graph->links[i]));
    text = cJSON_PrintUnformatted(root);
    bstc_out_format(out, "%s\n", text);
    cJSON_free(text);
    cJSON_Delete(root);
}
