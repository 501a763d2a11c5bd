/*
 * Asks that wait for each other (E0401, W0403).
 *
 * Nodes are groups: while a member waits for an answer it serves nothing. A
 * circle in which some group can have one member only is certain to stop as
 * soon as it is closed; with larger groups it needs all members at once. One
 * circle is reported for each strongly connected part.
 */

#include "check.h"
#include "circle.h"

struct asks {
    const struct bstc_topo *topo;
    struct bstc_digraph graph;
    uint32_t *single; /* of each part: a way to a group of one, or none */
    uint32_t *any;    /* of each part: the first ask of it */
    struct bstc_hop *hops;
};

/* ---- an actor and itself ------------------------------------------------- */

static void report_self(const struct bstc_topo *topo,
                        const struct bstc_edge *edge)
{
    struct bstc_diags *diags = &topo->program->context->diags;
    struct bstc_diag *diag =
        bstc_error(diags, "E0401", edge->span,
                   "`%s` asks itself: no answer can ever arrive",
                   topo->program->actors[edge->from_actor].ast->name.text);

    bstc_diag_label(diags, diag, "it waits here and cannot answer");
    bstc_diag_help(diags, diag,
                   "tell it instead: `sends self.%s`; the answer then arrives "
                   "as a message",
                   edge->use->ast->what.text);
}

/* ---- circles ------------------------------------------------------------- */

/* Returns whether there is an ask at all between two groups. */
static bool add_asks(struct asks *a)
{
    const struct bstc_topo *topo = a->topo;
    bool any = false;

    for (uint32_t i = 0; i < topo->first_outside; i++) {
        if (topo->edges[i].kind != BSTC_EDGE_ASK)
            continue;
        if (topo->edges[i].target == BSTC_TO_SELF) {
            report_self(topo, &topo->edges[i]);
            continue;
        }
        if (!any)
            bstc_topo_digraph(topo, &a->graph);
        any = true;
        bstc_topo_arc(topo, &a->graph, i);
    }
    return any;
}

/* An arc without a tag that leaves a group leads to what its actor does. */
static void note_arcs(struct asks *a)
{
    const struct bstc_digraph *graph = &a->graph;

    for (uint32_t i = 0; i < graph->nparts; i++)
        a->single[i] = a->any[i] = BSTC_NO_EDGE;
    for (uint32_t i = 0; i < graph->narcs; i++) {
        uint32_t from = graph->arcs[i].from;
        uint32_t part = graph->parts[from];
        bool is_ask = graph->arcs[i].tag != BSTC_NO_TAG;

        if (!bstc_digraph_is_inner(graph, i))
            continue;
        if (is_ask && a->any[part] == BSTC_NO_EDGE)
            a->any[part] = i;
        if (!is_ask && from < a->topo->program->ngroups &&
            a->single[part] == BSTC_NO_EDGE &&
            bstc_topo_is_single(a->topo, from))
            a->single[part] = i;
    }
}

static void report_part(struct asks *a, uint32_t part)
{
    static const struct bstc_circle cycle = {
        "E0401", true,
        "these asks wait for each other: no answer can ever arrive"};
    static const struct bstc_circle starvation = {
        "W0403", false, "these asks can take all members of their groups"};
    struct bstc_diags *diags = &a->topo->program->context->diags;
    const struct bstc_program *program = a->topo->program;
    bool is_certain = a->single[part] != BSTC_NO_EDGE;
    const struct bstc_ast_target *ast;
    struct bstc_diag *diag;
    uint32_t answer;

    if (a->any[part] == BSTC_NO_EDGE)
        return;
    diag = bstc_circle_report(a->topo, &a->graph,
                              is_certain ? a->single[part] : a->any[part],
                              a->hops, is_certain ? &cycle : &starvation);
    ast = a->hops[0].edge->use->ast;
    answer = program->messages[a->hops[0].edge->message].answer;
    if (!is_certain)
        bstc_diag_note(diags, diag,
                       "when all wait, nobody is left who could answer");
    if (answer != BSTC_NONE)
        bstc_diag_help(diags, diag,
                       "tell one of them instead (`sends %s.%s`); the answer "
                       "then arrives as a message `%s`",
                       ast->who.text, ast->what.text,
                       program->messages[answer].ast->name.text);
}

void bstc_check_asks(const struct bstc_topo *topo)
{
    struct bstc_arena *arena = &topo->program->context->arena;
    struct asks a = {.topo = topo};

    if (!add_asks(&a))
        return;
    bstc_digraph_parts(&a.graph);
    a.single =
        bstc_arena_array(arena, (size_t)a.graph.nparts + 1, sizeof *a.single);
    a.any = bstc_arena_array(arena, (size_t)a.graph.nparts + 1, sizeof *a.any);
    a.hops = bstc_arena_array(arena, (size_t)topo->program->ngroups + 1,
                              sizeof *a.hops);
    note_arcs(&a);
    for (uint32_t i = 0; i < a.graph.nparts; i++)
        report_part(&a, i);
}
