/*
 * What `on start` waits for (E0404).
 *
 * Children start in the order in which they stand, each after the `on start`
 * of the one before has returned. So an ask in an `on start`, or in a handler
 * that it waits for, never gets an answer from a group that starts later. For
 * each handler the last group that it is certain to wait for is found; of
 * several groups that a target may be, the first one counts.
 */

#include "check.h"

struct boot {
    const struct bstc_waits *waits;
    uint32_t *last;  /* of each handler: group + 1; 0: waits for none */
    uint32_t *edges; /* by which edge */
};

/* The group that an ask certainly waits for, at the earliest. */
static uint32_t receiver_of(const struct bstc_topo *topo,
                            const struct bstc_edge *edge)
{
    if (edge->kind != BSTC_EDGE_ASK || edge->target == BSTC_TO_SELF)
        return BSTC_NONE;
    return bstc_topo_receiver(topo, edge, BSTC_NONE, 0);
}

/* Returns the last group that is waited for by way of the edge, plus one. */
static uint32_t value_of(const struct boot *b, const struct bstc_edge *edge)
{
    const struct bstc_topo *topo = b->waits->topo;
    const struct bstc_sym_handler *handler = bstc_waits_target(topo, edge);
    uint32_t group = receiver_of(topo, edge);
    uint32_t value = group == BSTC_NONE ? 0 : group + 1;
    uint32_t node;
    uint32_t from;

    if (!handler)
        return value;
    node = bstc_waits_node(b->waits, edge->to_actor, handler);
    from = bstc_waits_node(b->waits, edge->from_actor, edge->handler);
    /* Circles have a finding of their own. */
    if (b->waits->graph.parts[node] != b->waits->graph.parts[from] &&
        b->last[node] > value)
        value = b->last[node];
    return value;
}

static void visit(struct boot *b, uint32_t edge)
{
    const struct bstc_edge *e = &b->waits->topo->edges[edge];
    uint32_t node = bstc_waits_node(b->waits, e->from_actor, e->handler);
    uint32_t value;

    if (e->kind != BSTC_EDGE_ASK && e->kind != BSTC_EDGE_SPAWN)
        return;
    value = value_of(b, e);
    if (value > b->last[node]) {
        b->last[node] = value;
        b->edges[node] = edge;
    }
}

/* Visits handlers after those they wait for: by the numbers of their parts,
 * which are sorted by counting. Within a part no values are passed on. */
static void find_last(struct boot *b)
{
    const struct bstc_digraph *graph = &b->waits->graph;
    struct bstc_arena *arena = graph->arena;
    uint32_t *starts =
        bstc_arena_array(arena, (size_t)graph->nparts + 2, sizeof *starts);
    uint32_t *nodes =
        bstc_arena_array(arena, (size_t)graph->nnodes + 1, sizeof *nodes);

    for (uint32_t i = 0; i < graph->nnodes; i++)
        starts[graph->parts[i] + 1]++;
    for (uint32_t i = 1; i <= graph->nparts; i++)
        starts[i] += starts[i - 1];
    for (uint32_t i = 0; i < graph->nnodes; i++)
        nodes[starts[graph->parts[i]]++] = i;
    for (uint32_t i = 0; i < graph->nnodes; i++) {
        uint32_t at = graph->heads[nodes[i]];

        for (; at != BSTC_NO_EDGE; at = graph->arcs[at].next)
            visit(b, graph->arcs[at].tag);
    }
}

/* ---- reporting ----------------------------------------------------------- */

static const char *group_name(const struct boot *b, uint32_t group)
{
    return b->waits->topo->program->groups[group].ast->name.text;
}

/* Shows how the ask in `edge` comes to wait for the group `last`. */
static void show_way(const struct boot *b, struct bstc_diag *diag,
                     const struct bstc_edge *edge, uint32_t last)
{
    const struct bstc_topo *topo = b->waits->topo;
    struct bstc_diags *diags = &topo->program->context->diags;

    while (receiver_of(topo, edge) != last) {
        const struct bstc_sym_handler *handler = bstc_waits_target(topo, edge);

        edge = &topo->edges[b->edges[bstc_waits_node(b->waits, edge->to_actor,
                                                     handler)]];
        bstc_diag_also(diags, diag, edge->span, "`%s` of `%s` waits for this",
                       handler->label,
                       topo->program->actors[edge->from_actor].ast->name.text);
    }
}

static void report(const struct boot *b, const struct bstc_edge *edge,
                   uint32_t group, uint32_t last)
{
    const struct bstc_program *program = b->waits->topo->program;
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_span later = program->groups[last].ast->name.span;
    bool is_first = bstc_span_is_before(later, edge->span);
    struct bstc_diag *diag =
        bstc_error(diags, "E0404", is_first ? later : edge->span,
                   "`%s` waits in `on start` for `%s`, which starts later",
                   group_name(b, group), group_name(b, last));

    bstc_diag_label(diags, diag,
                    is_first ? "starts after `%s`" : "`%s` waits here",
                    group_name(b, group));
    if (is_first)
        bstc_diag_also(diags, diag, edge->span, "`%s` waits here",
                       group_name(b, group));
    else
        bstc_diag_also(diags, diag, later, "starts after `%s`",
                       group_name(b, group));
    show_way(b, diag, edge, last);
    bstc_diag_help(diags, diag,
                   "let `%s` stand before `%s`, or ask later, in the handler "
                   "of a message to `self`",
                   group_name(b, last), group_name(b, group));
}

/* The first group of an actor has most after it. Members of dynamic groups
 * start when they are spawned. */
static uint32_t first_static(const struct bstc_topo *topo, uint32_t actor)
{
    for (uint32_t i = topo->first_group[actor];
         i < topo->first_group[actor + 1]; i++) {
        if (!topo->program->groups[topo->groups[i]].ast->is_dynamic)
            return topo->groups[i];
    }
    return BSTC_NONE;
}

void bstc_check_boot(const struct bstc_waits *waits)
{
    const struct bstc_topo *topo = waits->topo;
    struct bstc_arena *arena = &topo->program->context->arena;
    struct boot b = {.waits = waits};

    if (waits->graph.narcs == 0)
        return;
    b.last =
        bstc_arena_array(arena, (size_t)waits->nhandlers + 1, sizeof *b.last);
    b.edges =
        bstc_arena_array(arena, (size_t)waits->nhandlers + 1, sizeof *b.edges);
    find_last(&b);
    for (uint32_t i = 0; i < topo->first_outside; i++) {
        const struct bstc_edge *edge = &topo->edges[i];
        uint32_t group;
        uint32_t last;

        if (edge->handler->event != BSTC_ON_START ||
            (edge->kind != BSTC_EDGE_ASK && edge->kind != BSTC_EDGE_SPAWN))
            continue;
        group = first_static(topo, edge->from_actor);
        last = value_of(&b, edge);
        if (group != BSTC_NONE && last > group + 1)
            report(&b, edge, group, last - 1);
    }
}
