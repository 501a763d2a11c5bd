/*
 * Hops stand beside the text while there is room for spans, and in notes
 * after that; of a long circle the end is left out.
 */

#include "circle.h"

/* Hops that are shown: spans, and notes. */
enum { MAX_HOPS = 1 + BSTC_DIAG_MAX_ALSO + BSTC_DIAG_MAX_NOTES };

static const char *name_of(const struct bstc_topo *topo, uint32_t group)
{
    return topo->program->groups[group].ast->name.text;
}

static const char *why(const struct bstc_edge *edge, bool is_mixed)
{
    if (edge->kind == BSTC_EDGE_STREAM)
        return ", downstream";
    return edge->kind == BSTC_EDGE_ASK && is_mixed ? ", as it asks" : "";
}

static void show_hop(const struct bstc_topo *topo, struct bstc_diag *diag,
                     uint32_t number, const struct bstc_hop *hop, bool is_mixed)
{
    struct bstc_context *context = topo->program->context;
    const char *text =
        bstc_arena_format(&context->arena, "%u. `%s` waits for `%s`%s",
                          (unsigned)number, name_of(topo, hop->from),
                          name_of(topo, hop->to), why(hop->edge, is_mixed));
    struct bstc_place place;

    if (number == 1) {
        bstc_diag_label(&context->diags, diag, "%s", text);
    } else if (number <= 1 + BSTC_DIAG_MAX_ALSO) {
        bstc_diag_also(&context->diags, diag, hop->edge->span, "%s", text);
    } else {
        place = bstc_program_place(topo->program, hop->edge->span);
        bstc_diag_note(&context->diags, diag, "%s (%s:%u)", text, place.file,
                       (unsigned)place.line);
    }
}

/* Turns the circle so that it begins where the file mentions it first. */
static void turn(struct bstc_arena *arena, struct bstc_hop *hops,
                 uint32_t count)
{
    struct bstc_hop *copy;
    uint32_t first = 0;

    for (uint32_t i = 1; i < count; i++) {
        if (bstc_span_is_before(hops[i].edge->span, hops[first].edge->span))
            first = i;
    }
    if (first == 0)
        return;
    copy = bstc_arena_array(arena, count, sizeof *copy);
    for (uint32_t i = 0; i < count; i++)
        copy[i] = hops[(first + i) % count];
    for (uint32_t i = 0; i < count; i++)
        hops[i] = copy[i];
}

struct bstc_diag *bstc_circle_report(const struct bstc_topo *topo,
                                     struct bstc_digraph *graph, uint32_t first,
                                     struct bstc_hop *hops,
                                     const struct bstc_circle *what)
{
    struct bstc_context *context = topo->program->context;
    uint32_t count = bstc_topo_circle(topo, graph, first, hops);
    uint32_t shown = count <= MAX_HOPS ? count : MAX_HOPS - 1;
    bool is_mixed = false;
    struct bstc_diag *diag;

    turn(&context->arena, hops, count);
    for (uint32_t i = 0; i < count; i++)
        is_mixed = is_mixed || hops[i].edge->kind != BSTC_EDGE_ASK;
    if (what->is_error)
        diag = bstc_error(&context->diags, what->code, hops[0].edge->span, "%s",
                          what->message);
    else
        diag = bstc_warning(&context->diags, what->code, hops[0].edge->span,
                            "%s", what->message);
    for (uint32_t i = 0; i < shown; i++)
        show_hop(topo, diag, i + 1, &hops[i], is_mixed);
    if (shown < count)
        bstc_diag_note(&context->diags, diag, "and %u more until `%s` again",
                       (unsigned)(count - shown), name_of(topo, hops[0].from));
    return diag;
}
