/*
 * Names and labels of a graph. They hold identifiers and numbers only, but
 * for doc comments, which each output escapes in its own way.
 */

#include "graph.h"

#include <string.h>

#include "text.h"

/* A label does not become longer than that, in bytes. */
#define LABEL_LENGTH 48

const char *bstc_strategy_text(enum bstc_strategy strategy)
{
    switch (strategy) {
    case BSTC_ONE_FOR_ALL:
        return "one-for-all";
    case BSTC_REST_FOR_ONE:
        return "rest-for-one";
    case BSTC_ONE_FOR_ONE:
        break;
    }
    return "one-for-one";
}

const char *bstc_edge_text(enum bstc_edge_kind kind)
{
    static const char *const words[] = {"tell", "cast", "ask", "spawn",
                                        "stream"};

    return words[kind];
}

uint32_t bstc_graph_holder(const struct bstc_graph *graph, uint32_t node)
{
    const struct bstc_program *program = graph->topo->program;
    const struct bstc_graph_node *n = &graph->nodes[node];

    if (n->kind == BSTC_NODE_GROUP)
        return program->groups[n->index].supervisor;
    if (n->kind == BSTC_NODE_SUPERVISOR)
        return program->supervisors[n->index].parent;
    return BSTC_NONE;
}

/* Groups and supervisors may have the same name. */
const char *bstc_graph_id(const struct bstc_graph *graph, uint32_t node)
{
    const struct bstc_program *program = graph->topo->program;
    struct bstc_arena *arena = &program->context->arena;
    const struct bstc_graph_node *n = &graph->nodes[node];

    switch (n->kind) {
    case BSTC_NODE_GROUP:
        return bstc_join(arena, "group_",
                         program->groups[n->index].ast->name.text, NULL);
    case BSTC_NODE_SUPERVISOR:
        return bstc_join(arena, "supervisor_",
                         program->supervisors[n->index].ast->name.text, NULL);
    case BSTC_NODE_ANY:
        return bstc_join(arena, "any_",
                         program->actors[n->index].ast->name.text, NULL);
    case BSTC_NODE_OUTSIDE:
        break;
    }
    return "outside";
}

const char *bstc_graph_members(const struct bstc_topo *topo, uint32_t group)
{
    struct bstc_arena *arena = &topo->program->context->arena;
    unsigned long long low = topo->low[group];
    unsigned long long high = topo->high[group];

    return low == high ? bstc_arena_format(arena, "%llu", low)
                       : bstc_arena_format(arena, "%llu..%llu", low, high);
}

static const char *group_title(const struct bstc_graph *graph, uint32_t index)
{
    const struct bstc_program *program = graph->topo->program;
    const struct bstc_sym_group *group = &program->groups[index];
    const char *name = group->ast->name.text;
    const char *actor = group->ast->actor.text;
    const char *members = bstc_graph_members(graph->topo, index);

    if (strcmp(members, "1") == 0 && strcmp(name, actor) == 0)
        return name;
    return bstc_join(&program->context->arena, name, "\n", actor, " \xc3\x97",
                     members, NULL);
}

const char *bstc_graph_title(const struct bstc_graph *graph, uint32_t node)
{
    const struct bstc_program *program = graph->topo->program;
    struct bstc_arena *arena = &program->context->arena;
    const struct bstc_graph_node *n = &graph->nodes[node];

    switch (n->kind) {
    case BSTC_NODE_GROUP:
        return group_title(graph, n->index);
    case BSTC_NODE_SUPERVISOR:
        return bstc_join(
            arena, program->supervisors[n->index].ast->name.text, "\n",
            bstc_strategy_text(program->supervisors[n->index].strategy), NULL);
    case BSTC_NODE_ANY:
        return bstc_join(arena, "any ",
                         program->actors[n->index].ast->name.text, NULL);
    case BSTC_NODE_OUTSIDE:
        break;
    }
    return "outside";
}

/* What flows out of an actor: the message behind its `~>`. */
static const char *flow_label(const struct bstc_program *program,
                              uint32_t actor)
{
    const struct bstc_sym_actor *from;

    if (actor == BSTC_NONE)
        return "";
    from = &program->actors[actor];
    for (uint32_t i = 0; i < from->nhandlers; i++) {
        uint32_t message = from->handlers[i].emits;

        if (message != BSTC_NONE)
            return bstc_join(&program->context->arena, "~> ",
                             program->messages[message].ast->name.text, NULL);
    }
    return "";
}

/* What one edge adds to a label. */
static const char *edge_label(const struct bstc_topo *topo,
                              const struct bstc_edge *edge)
{
    const struct bstc_program *program = topo->program;
    const char *message = edge->message == BSTC_NONE
                              ? ""
                              : program->messages[edge->message].ast->name.text;
    char within[32];

    switch (edge->kind) {
    case BSTC_EDGE_SPAWN:
        return "spawns";
    case BSTC_EDGE_STREAM:
        return flow_label(program, edge->from_actor);
    case BSTC_EDGE_CAST:
        return bstc_join(&program->context->arena, "#", message, NULL);
    case BSTC_EDGE_ASK:
        if (!edge->within)
            return message;
        bstc_duration_text(within, sizeof within, edge->within);
        return bstc_join(&program->context->arena, message, " within ", within,
                         NULL);
    case BSTC_EDGE_TELL:
        break;
    }
    return message;
}

const char *bstc_graph_label(const struct bstc_graph *graph,
                             const struct bstc_graph_link *link)
{
    const struct bstc_topo *topo = graph->topo;
    struct bstc_arena *arena = &topo->program->context->arena;
    struct bstc_map seen;
    char label[LABEL_LENGTH + 1] = "";
    size_t used = 0;
    unsigned left_out = 0;

    bstc_map_init(&seen, arena);
    for (uint32_t i = 0; i < link->nedges; i++) {
        const struct bstc_edge *edge = &topo->edges[link->edges[i]];
        const char *text;
        size_t length;

        text = bstc_intern_text(&topo->program->context->names,
                                edge_label(topo, edge));
        if (bstc_map_add(&seen, bstc_map_name(text), 1) != BSTC_MAP_NONE)
            continue;
        length = strlen(text);
        if (left_out || used + (used ? 2 : 0) + length > LABEL_LENGTH) {
            left_out++;
            continue;
        }
        if (used) {
            memcpy(label + used, ", ", 2);
            used += 2;
        }
        memcpy(label + used, text, length + 1);
        used += length;
    }
    if (!left_out)
        return bstc_arena_copy(arena, label, used);
    return used ? bstc_arena_format(arena, "%s and %u more", label, left_out)
                : bstc_arena_format(arena, "%u message%s", left_out,
                                    left_out == 1 ? "" : "s");
}
