/*
 * Circles of groups, found in a digraph whose nodes are groups, what actors
 * do, and the address of any group of an actor.
 */

#include "topo.h"

uint32_t bstc_topo_doer(const struct bstc_topo *topo, uint32_t actor)
{
    return topo->program->ngroups + actor;
}

uint32_t bstc_topo_any(const struct bstc_topo *topo, uint32_t actor)
{
    return topo->program->ngroups + topo->program->nactors + actor;
}

void bstc_topo_digraph(const struct bstc_topo *topo, struct bstc_digraph *graph)
{
    const struct bstc_program *program = topo->program;

    bstc_digraph_init(graph, &program->context->arena,
                      program->ngroups + 2 * program->nactors);
    for (uint32_t i = 0; i < program->ngroups; i++) {
        uint32_t actor = program->groups[i].actor;

        if (actor == BSTC_NONE)
            continue;
        bstc_digraph_add(graph, i, bstc_topo_doer(topo, actor), BSTC_NO_TAG);
        bstc_digraph_add(graph, bstc_topo_any(topo, actor), i, BSTC_NO_TAG);
    }
}

uint32_t bstc_topo_arc(const struct bstc_topo *topo, struct bstc_digraph *graph,
                       uint32_t edge)
{
    const struct bstc_edge *e = &topo->edges[edge];
    uint32_t from;
    uint32_t to;

    if (e->target == BSTC_TO_SELF)
        return BSTC_NO_EDGE;
    if (e->from_group != BSTC_NONE)
        from = e->from_group;
    else if (e->from_actor != BSTC_NONE)
        from = bstc_topo_doer(topo, e->from_actor);
    else
        return BSTC_NO_EDGE;
    if (e->to_group != BSTC_NONE)
        to = e->to_group;
    else if (e->to_actor != BSTC_NONE)
        to = bstc_topo_any(topo, e->to_actor);
    else
        return BSTC_NO_EDGE;
    return bstc_digraph_add(graph, from, to, edge);
}

/* An arc with a tag leaves a group, or what an actor does, to which the arc
 * before it leads from a group; and likewise at its other end. */
uint32_t bstc_topo_circle(const struct bstc_topo *topo,
                          struct bstc_digraph *graph, uint32_t first,
                          struct bstc_hop *hops)
{
    uint32_t ngroups = topo->program->ngroups;
    uint32_t count = bstc_digraph_circle(graph, first);
    uint32_t nhops = 0;

    for (uint32_t i = 0; i < count; i++) {
        const struct bstc_arc *arc = &graph->arcs[graph->circle[i]];
        const struct bstc_arc *before =
            &graph->arcs[graph->circle[(i + count - 1) % count]];
        const struct bstc_arc *after =
            &graph->arcs[graph->circle[(i + 1) % count]];

        if (arc->tag == BSTC_NO_TAG)
            continue;
        hops[nhops].edge = &topo->edges[arc->tag];
        hops[nhops].from = arc->from < ngroups ? arc->from : before->from;
        hops[nhops].to = arc->to < ngroups ? arc->to : after->to;
        nhops++;
    }
    return nhops;
}
