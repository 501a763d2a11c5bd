/* The graph of waiting handlers; see the header. */

#include "waits.h"

const struct bstc_sym_handler *bstc_waits_target(const struct bstc_topo *topo,
                                                 const struct bstc_edge *edge)
{
    if (edge->to_actor == BSTC_NONE)
        return NULL;
    if (edge->kind == BSTC_EDGE_SPAWN)
        return topo->program->actors[edge->to_actor].start;
    return bstc_scope_handler(topo->program, edge->to_actor, edge->message);
}

uint32_t bstc_waits_node(const struct bstc_waits *waits, uint32_t actor,
                         const struct bstc_sym_handler *handler)
{
    return waits->first[actor] +
           (uint32_t)(handler - waits->topo->program->actors[actor].handlers);
}

void bstc_waits_init(struct bstc_waits *waits, const struct bstc_topo *topo)
{
    const struct bstc_program *program = topo->program;
    struct bstc_arena *arena = &program->context->arena;

    *waits = (struct bstc_waits){.topo = topo};
    waits->first = bstc_arena_array(arena, (size_t)program->nactors + 1,
                                    sizeof *waits->first);
    for (uint32_t i = 0; i < program->nactors; i++) {
        waits->first[i] = waits->nhandlers;
        waits->nhandlers += program->actors[i].nhandlers;
    }
    waits->first[program->nactors] = waits->nhandlers;
    bstc_digraph_init(&waits->graph, arena, waits->nhandlers);
    for (uint32_t i = 0; i < topo->first_outside; i++) {
        const struct bstc_edge *edge = &topo->edges[i];
        const struct bstc_sym_handler *to;

        if (edge->kind != BSTC_EDGE_ASK && edge->kind != BSTC_EDGE_SPAWN)
            continue;
        to = bstc_waits_target(topo, edge);
        if (to)
            bstc_digraph_add(
                &waits->graph,
                bstc_waits_node(waits, edge->from_actor, edge->handler),
                bstc_waits_node(waits, edge->to_actor, to), i);
    }
    bstc_digraph_parts(&waits->graph);
}
