/*
 * Deadlines within deadlines (W0402): a handler that serves an ask, and asks
 * itself with a deadline that is not shorter, is given up by its asker before
 * its own answer comes. Pairs along a path are compared, each ask with the
 * tightest one that makes its handler run.
 */

#include "check.h"

#include "emit_out.h"

/* Asks that wait in a circle have a finding of their own. */
static bool is_in_circle(const struct bstc_waits *waits,
                         const struct bstc_edge *edge, uint32_t to)
{
    const uint32_t *parts = waits->graph.parts;

    if (edge->from_actor == BSTC_NONE)
        return false;
    return parts[bstc_waits_node(waits, edge->from_actor, edge->handler)] ==
           parts[to];
}

/* Returns the tightest ask of each handler, as an edge or BSTC_NONE. */
static uint32_t *find_tightest(const struct bstc_waits *waits)
{
    const struct bstc_topo *topo = waits->topo;
    uint32_t *tightest =
        bstc_arena_array(&topo->program->context->arena,
                         (size_t)waits->nhandlers + 1, sizeof *tightest);

    for (uint32_t i = 0; i < waits->nhandlers; i++)
        tightest[i] = BSTC_NONE;
    for (uint32_t i = 0; i < topo->first_stream; i++) {
        const struct bstc_edge *edge = &topo->edges[i];
        const struct bstc_sym_handler *handler;
        uint32_t node;

        if (edge->kind != BSTC_EDGE_ASK || edge->within == 0)
            continue;
        handler = bstc_waits_target(topo, edge);
        if (!handler)
            continue;
        node = bstc_waits_node(waits, edge->to_actor, handler);
        if (!is_in_circle(waits, edge, node) &&
            (tightest[node] == BSTC_NONE ||
             edge->within < topo->edges[tightest[node]].within))
            tightest[node] = i;
    }
    return tightest;
}

static void report(const struct bstc_topo *topo, const struct bstc_edge *outer,
                   const struct bstc_edge *inner)
{
    struct bstc_diags *diags = &topo->program->context->diags;
    struct bstc_span outside = outer->use->clause->within_span;
    struct bstc_span inside = inner->use->clause->within_span;
    bool is_first = bstc_span_is_before(inside, outside);
    struct bstc_diag *diag;
    char text[32];

    diag = bstc_warning(diags, "W0402", is_first ? inside : outside,
                        "asking `%s` may take as long as the ask it serves",
                        inner->use->ast->what.text);
    bstc_duration_text(text, sizeof text, inner->within);
    if (is_first) {
        bstc_diag_label(diags, diag, "`%s` waits for `%s` up to %s",
                        inner->handler->label, inner->use->ast->what.text,
                        text);
        bstc_diag_also(diags, diag, outside,
                       "whoever asks `%s` gives up first, or as soon",
                       outer->use->ast->what.text);
    } else {
        bstc_diag_label(diags, diag, "whoever asks `%s` here gives up first",
                        outer->use->ast->what.text);
        bstc_diag_also(diags, diag, inside,
                       "`%s` waits for `%s` up to %s, or as long",
                       inner->handler->label, inner->use->ast->what.text, text);
    }
    bstc_duration_text(text, sizeof text, outer->within);
    bstc_diag_help(diags, diag, "give the inner ask less than %s", text);
}

void bstc_check_deadlines(const struct bstc_waits *waits)
{
    const struct bstc_topo *topo = waits->topo;
    const uint32_t *tightest = NULL;

    for (uint32_t i = 0; i < topo->first_outside; i++) {
        const struct bstc_edge *inner = &topo->edges[i];
        uint32_t outer;

        if (inner->kind != BSTC_EDGE_ASK || inner->within == 0)
            continue;
        if (!tightest)
            tightest = find_tightest(waits);
        outer =
            tightest[bstc_waits_node(waits, inner->from_actor, inner->handler)];
        if (outer != BSTC_NONE && inner->within >= topo->edges[outer].within)
            report(topo, &topo->edges[outer], inner);
    }
}
