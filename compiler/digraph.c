/*
 * Tarjan's algorithm with a stack of its own, and a breadth-first search
 * inside of one part.
 */

#include "digraph.h"

#include <stdbool.h>

void bstc_digraph_init(struct bstc_digraph *graph, struct bstc_arena *arena,
                       uint32_t nnodes)
{
    size_t room = (size_t)nnodes + 1;

    *graph = (struct bstc_digraph){.arena = arena, .nnodes = nnodes};
    graph->heads = bstc_arena_array(arena, room, sizeof *graph->heads);
    graph->tails = bstc_arena_array(arena, room, sizeof *graph->tails);
    for (uint32_t i = 0; i < nnodes; i++)
        graph->heads[i] = graph->tails[i] = BSTC_NO_EDGE;
}

uint32_t bstc_digraph_add(struct bstc_digraph *graph, uint32_t from,
                          uint32_t to, uint32_t tag)
{
    uint32_t index = graph->narcs;

    if (index == graph->capacity) {
        graph->capacity = index ? index * 2 : 64;
        graph->arcs = bstc_arena_grow(
            graph->arena, graph->arcs, (size_t)index * sizeof *graph->arcs,
            (size_t)graph->capacity * sizeof *graph->arcs);
    }
    graph->arcs[index] = (struct bstc_arc){from, to, BSTC_NO_EDGE, tag};
    if (graph->heads[from] == BSTC_NO_EDGE)
        graph->heads[from] = index;
    else
        graph->arcs[graph->tails[from]].next = index;
    graph->tails[from] = index;
    graph->narcs++;
    return index;
}

/* ---- strongly connected parts -------------------------------------------- */

struct tarjan {
    struct bstc_digraph *graph;
    uint32_t *order; /* in which nodes were reached, from 1; 0: not yet */
    uint32_t *low;   /* least order that is reached from here */
    uint32_t *at;    /* arc to look at next */
    uint32_t *path;  /* nodes between the start and the present one */
    uint32_t *open;  /* nodes whose part is not known yet */
    uint32_t npath, nopen, norder;
};

static void enter(struct tarjan *t, uint32_t node)
{
    t->order[node] = t->low[node] = ++t->norder;
    t->at[node] = t->graph->heads[node];
    t->path[t->npath++] = node;
    t->open[t->nopen++] = node;
}

static void leave(struct tarjan *t, uint32_t node)
{
    uint32_t member;

    t->npath--;
    if (t->npath > 0) {
        uint32_t before = t->path[t->npath - 1];

        if (t->low[node] < t->low[before])
            t->low[before] = t->low[node];
    }
    if (t->low[node] != t->order[node])
        return;
    do {
        member = t->open[--t->nopen];
        t->graph->parts[member] = t->graph->nparts;
    } while (member != node);
    t->graph->nparts++;
}

static void walk(struct tarjan *t, uint32_t start)
{
    enter(t, start);
    while (t->npath > 0) {
        uint32_t node = t->path[t->npath - 1];
        const struct bstc_arc *arc;

        if (t->at[node] == BSTC_NO_EDGE) {
            leave(t, node);
            continue;
        }
        arc = &t->graph->arcs[t->at[node]];
        t->at[node] = arc->next;
        if (t->order[arc->to] == 0)
            enter(t, arc->to);
        else if (t->graph->parts[arc->to] == BSTC_NO_EDGE &&
                 t->order[arc->to] < t->low[node])
            t->low[node] = t->order[arc->to];
    }
}

void bstc_digraph_parts(struct bstc_digraph *graph)
{
    size_t room = (size_t)graph->nnodes + 1;
    struct tarjan t = {.graph = graph};

    graph->parts = bstc_arena_array(graph->arena, room, sizeof *graph->parts);
    graph->nparts = 0;
    for (uint32_t i = 0; i < graph->nnodes; i++)
        graph->parts[i] = BSTC_NO_EDGE;
    t.order = bstc_arena_array(graph->arena, room, sizeof *t.order);
    t.low = bstc_arena_array(graph->arena, room, sizeof *t.low);
    t.at = bstc_arena_array(graph->arena, room, sizeof *t.at);
    t.path = bstc_arena_array(graph->arena, room, sizeof *t.path);
    t.open = bstc_arena_array(graph->arena, room, sizeof *t.open);
    for (uint32_t i = 0; i < graph->nnodes; i++) {
        if (t.order[i] == 0)
            walk(&t, i);
    }
}

/* ---- circles ------------------------------------------------------------- */

static void make_scratch(struct bstc_digraph *graph)
{
    size_t room = (size_t)graph->nnodes + 1;

    if (graph->came)
        return;
    graph->circle = bstc_arena_array(graph->arena, room, sizeof *graph->circle);
    graph->came = bstc_arena_array(graph->arena, room, sizeof *graph->came);
    graph->queue = bstc_arena_array(graph->arena, room, sizeof *graph->queue);
    for (uint32_t i = 0; i < graph->nnodes; i++)
        graph->came[i] = BSTC_NO_EDGE;
}

/* Searches for the goal inside of its part; returns how many nodes the queue
 * holds, whose entries of `came` are to be cleared. */
static uint32_t search(struct bstc_digraph *graph, uint32_t first)
{
    uint32_t goal = graph->arcs[first].from;
    uint32_t head = 0;
    uint32_t tail = 0;

    graph->queue[tail++] = graph->arcs[first].to;
    graph->came[graph->arcs[first].to] = first;
    while (graph->came[goal] == BSTC_NO_EDGE) {
        uint32_t at = graph->heads[graph->queue[head++]];

        for (; at != BSTC_NO_EDGE; at = graph->arcs[at].next) {
            uint32_t to = graph->arcs[at].to;

            if (graph->parts[to] != graph->parts[goal] ||
                graph->came[to] != BSTC_NO_EDGE)
                continue;
            graph->came[to] = at;
            graph->queue[tail++] = to;
        }
    }
    return tail;
}

uint32_t bstc_digraph_circle(struct bstc_digraph *graph, uint32_t first)
{
    uint32_t goal = graph->arcs[first].from;
    uint32_t count = 1;
    uint32_t reached;

    make_scratch(graph);
    reached = search(graph, first);
    for (uint32_t at = graph->came[goal]; at != first;
         at = graph->came[graph->arcs[at].from])
        count++;
    graph->circle[0] = first;
    for (uint32_t at = graph->came[goal], i = count - 1; i > 0; i--) {
        graph->circle[i] = at;
        at = graph->came[graph->arcs[at].from];
    }
    while (reached > 0)
        graph->came[graph->queue[--reached]] = BSTC_NO_EDGE;
    return count;
}
