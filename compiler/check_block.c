/*
 * Senders that wait for a place in a mailbox with `overflow block` (E0601).
 *
 * Such a send waits for its receiver as an ask does, and a stage of a stream
 * for the next one, so all are edges of one graph: who waits in a circle
 * might wait for ever. Circles of asks alone are no matter of this file.
 *
 * One circle is reported for each strongly connected part: that of its first
 * send that blocks, or of its first piece of a stream.
 */

#include "check.h"
#include "circle.h"

struct graph {
    const struct bstc_topo *topo;
    struct bstc_digraph digraph;
    bool *has_block;   /* of each actor: a group of it blocks its senders */
    bool *group_block; /* of each group */
    uint32_t *firsts;  /* of each part: the arc to begin with */
};

/* ---- what blocks --------------------------------------------------------- */

/* Returns whether anything does. */
static bool find_blocking(struct graph *g)
{
    const struct bstc_program *program = g->topo->program;
    bool any = false;

    for (uint32_t i = 0; i < program->ngroups; i++) {
        const struct bstc_sym_group *group = &program->groups[i];
        const struct bstc_settings *settings =
            bstc_scope_nearest(program, group, BSTC_SETTING_MAILBOX);

        if (group->actor == BSTC_NONE || !settings ||
            !settings->is_valid[BSTC_SETTING_MAILBOX] ||
            settings->overflow != BSTC_BLOCK)
            continue;
        g->group_block[i] = true;
        g->has_block[group->actor] = true;
        any = true;
    }
    return any;
}

/* An edge that names a group reaches this one; any other edge may reach all
 * groups of the actor. */
static bool can_block(const struct graph *g, const struct bstc_edge *edge)
{
    if (edge->kind != BSTC_EDGE_TELL && edge->kind != BSTC_EDGE_CAST)
        return false;
    return edge->target == BSTC_TO_GROUP ? g->group_block[edge->to_group]
                                         : g->has_block[edge->to_actor];
}

/* ---- what is wrong by itself --------------------------------------------- */

static const char *actor_name(const struct graph *g, uint32_t actor)
{
    return g->topo->program->actors[actor].ast->name.text;
}

static void help(const struct graph *g, struct bstc_diag *diag)
{
    bstc_diag_help(&g->topo->program->context->diags, diag,
                   "let the mailbox `reject`, `drop_oldest` or `drop_newest`");
}

static void report_to_itself(const struct graph *g,
                             const struct bstc_edge *edge)
{
    struct bstc_diags *diags = &g->topo->program->context->diags;
    const char *name = actor_name(g, edge->from_actor);
    struct bstc_diag *diag =
        bstc_error(diags, "E0601", edge->span,
                   "`%s` would wait for a place in its own mailbox", name);

    if (edge->target == BSTC_TO_SENDER)
        bstc_diag_label(diags, diag, "the sender may be a `%s` too", name);
    else if (edge->target != BSTC_TO_SELF)
        bstc_diag_label(diags, diag, "this may be the sender itself");
    help(g, diag);
}

static void report_in_stop(const struct graph *g, const struct bstc_edge *edge)
{
    struct bstc_diags *diags = &g->topo->program->context->diags;
    struct bstc_diag *diag =
        bstc_error(diags, "E0601", edge->span,
                   "`on stop` cannot wait for a place in a mailbox");

    bstc_diag_label(diags, diag, "the mailbox of `%s` blocks its senders",
                    actor_name(g, edge->to_actor));
    help(g, diag);
}

/* ---- edges --------------------------------------------------------------- */

static void add_edge(struct graph *g, uint32_t index)
{
    const struct bstc_edge *edge = &g->topo->edges[index];
    bool blocks = can_block(g, edge);

    if (edge->kind != BSTC_EDGE_STREAM &&
        !bstc_topo_has_group(g->topo, edge->from_actor))
        return;
    if (blocks && edge->handler->event == BSTC_ON_STOP)
        report_in_stop(g, edge);
    else if (blocks && edge->from_actor == edge->to_actor)
        report_to_itself(g, edge);
    else if (blocks || edge->kind == BSTC_EDGE_ASK ||
             edge->kind == BSTC_EDGE_STREAM)
        bstc_topo_arc(g->topo, &g->digraph, index);
}

static void add_edges(struct graph *g)
{
    const struct bstc_topo *topo = g->topo;

    for (uint32_t i = 0; i < topo->first_outside; i++)
        add_edge(g, i);
    for (uint32_t i = topo->first_stream; i < topo->nedges; i++)
        add_edge(g, i);
}

/* ---- circles ------------------------------------------------------------- */

static const struct bstc_edge *edge_of(const struct graph *g, uint32_t arc)
{
    return &g->topo->edges[g->digraph.arcs[arc].tag];
}

static void find_firsts(struct graph *g)
{
    const struct bstc_digraph *digraph = &g->digraph;

    for (uint32_t i = 0; i < digraph->nparts; i++)
        g->firsts[i] = BSTC_NO_EDGE;
    for (uint32_t i = 0; i < digraph->narcs; i++) {
        uint32_t *first = &g->firsts[digraph->parts[digraph->arcs[i].from]];

        if (digraph->arcs[i].tag == BSTC_NO_TAG ||
            edge_of(g, i)->kind == BSTC_EDGE_ASK ||
            !bstc_digraph_is_inner(digraph, i))
            continue;
        if (*first == BSTC_NO_EDGE ||
            bstc_span_is_before(edge_of(g, i)->span, edge_of(g, *first)->span))
            *first = i;
    }
}

static void report_circles(struct graph *g)
{
    static const struct bstc_circle circle = {
        "E0601", true, "these wait for each other when mailboxes are full"};
    struct bstc_context *context = g->topo->program->context;
    struct bstc_hop *hops = bstc_arena_array(
        &context->arena, (size_t)g->topo->program->ngroups + 1, sizeof *hops);

    for (uint32_t i = 0; i < g->digraph.nparts; i++) {
        struct bstc_diag *diag;

        if (g->firsts[i] == BSTC_NO_EDGE)
            continue;
        diag = bstc_circle_report(g->topo, &g->digraph, g->firsts[i], hops,
                                  &circle);
        bstc_diag_help(&context->diags, diag,
                       "let one of these mailboxes `reject`, `drop_oldest` or "
                       "`drop_newest`");
    }
}

void bstc_check_block(const struct bstc_topo *topo)
{
    struct bstc_arena *arena = &topo->program->context->arena;
    struct graph g = {.topo = topo};

    g.has_block = bstc_arena_array(arena, (size_t)topo->program->nactors + 1,
                                   sizeof *g.has_block);
    g.group_block = bstc_arena_array(arena, (size_t)topo->program->ngroups + 1,
                                     sizeof *g.group_block);
    if (!find_blocking(&g) && topo->first_stream == topo->nedges)
        return;
    bstc_topo_digraph(topo, &g.digraph);
    add_edges(&g);
    bstc_digraph_parts(&g.digraph);
    g.firsts =
        bstc_arena_array(arena, (size_t)g.digraph.nparts + 1, sizeof *g.firsts);
    find_firsts(&g);
    report_circles(&g);
}
