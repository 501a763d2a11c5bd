/*
 * From the topology to nodes and links.
 *
 * Edges belong to actors; each group of an actor has them all. A target that
 * may be any group of an actor is a node of its own if there are several, so
 * that the picture grows with the source and not with its square.
 */

#include "graph.h"

#include <stdlib.h>
#include <string.h>

/* ---- numbers of nodes ---------------------------------------------------- */

uint32_t bstc_graph_group(uint32_t group)
{
    return group;
}

uint32_t bstc_graph_supervisor(const struct bstc_topo *topo,
                               uint32_t supervisor)
{
    return topo->program->ngroups + supervisor;
}

static uint32_t any_of(const struct bstc_topo *topo, uint32_t actor)
{
    return topo->program->ngroups + topo->program->nsupervisors + actor;
}

static uint32_t outside_of(const struct bstc_topo *topo)
{
    return any_of(topo, topo->program->nactors);
}

/* ---- marks --------------------------------------------------------------- */

/* A piece of the source of which a diagnostic speaks. */
struct spot {
    struct bstc_span span;
    const struct bstc_diag *diag;
};

struct spots {
    struct spot *items; /* by file and start */
    size_t count;
};

static int compare_spots(const void *a, const void *b)
{
    const struct spot *x = a;
    const struct spot *y = b;

    if (x->span.file != y->span.file)
        return x->span.file < y->span.file ? -1 : 1;
    if (x->span.start != y->span.start)
        return x->span.start < y->span.start ? -1 : 1;
    return x->diag->sequence < y->diag->sequence ? -1 : 1;
}

static void collect_spots(struct spots *spots, const struct bstc_diags *diags)
{
    spots->items = bstc_arena_array(
        diags->arena, (size_t)diags->count * (1 + BSTC_DIAG_MAX_ALSO) + 1,
        sizeof *spots->items);
    spots->count = 0;
    for (uint32_t i = 0; i < diags->count; i++) {
        const struct bstc_diag *diag = diags->items[i];

        spots->items[spots->count++] = (struct spot){diag->primary.span, diag};
        for (uint32_t k = 0; k < diag->nalso; k++)
            spots->items[spots->count++] =
                (struct spot){diag->also[k].span, diag};
    }
    qsort(spots->items, spots->count, sizeof *spots->items, compare_spots);
}

static void add_mark(struct bstc_mark *mark, const struct bstc_diag *diag)
{
    if (!mark->diag ||
        (mark->diag->severity == BSTC_WARNING && diag->severity == BSTC_ERROR))
        mark->diag = diag;
}

/* Marks with what begins inside `span`, or is around its start. */
static void mark_span(const struct spots *spots, struct bstc_span span,
                      struct bstc_mark *mark)
{
    size_t low = 0;
    size_t high = spots->count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct bstc_span *at = &spots->items[middle].span;

        if (at->file < span.file ||
            (at->file == span.file && at->start < span.start))
            low = middle + 1;
        else
            high = middle;
    }
    if (low > 0 && spots->items[low - 1].span.file == span.file &&
        spots->items[low - 1].span.end > span.start)
        add_mark(mark, spots->items[low - 1].diag);
    for (; low < spots->count && spots->items[low].span.file == span.file &&
           spots->items[low].span.start < span.end;
         low++)
        add_mark(mark, spots->items[low].diag);
}

static void mark_settings(const struct spots *spots,
                          const struct bstc_ast_setting *setting,
                          struct bstc_mark *mark)
{
    for (; setting; setting = setting->next)
        mark_span(spots, setting->span, mark);
}

/* What is said of an actor is said of all its groups. */
static void mark_actor(struct bstc_graph *graph, const struct spots *spots,
                       uint32_t index)
{
    const struct bstc_topo *topo = graph->topo;
    const struct bstc_sym_actor *actor = &topo->program->actors[index];
    struct bstc_mark mark = {NULL};

    mark_span(spots, actor->ast->name.span, &mark);
    for (uint32_t i = 0; i < actor->nhandlers; i++)
        mark_span(spots, actor->handlers[i].ast->head, &mark);
    if (!mark.diag)
        return;
    add_mark(&graph->nodes[any_of(topo, index)].mark, mark.diag);
    for (uint32_t i = topo->first_group[index];
         i < topo->first_group[index + 1]; i++)
        add_mark(&graph->nodes[topo->groups[i]].mark, mark.diag);
}

static void mark_all(struct bstc_graph *graph)
{
    const struct bstc_program *program = graph->topo->program;
    struct spots spots;

    collect_spots(&spots, &program->context->diags);
    for (uint32_t i = 0; i < program->ngroups; i++)
        mark_span(&spots, program->groups[i].span, &graph->nodes[i].mark);
    for (uint32_t i = 0; i < program->nsupervisors; i++) {
        struct bstc_mark *mark =
            &graph->nodes[bstc_graph_supervisor(graph->topo, i)].mark;

        mark_span(&spots, program->supervisors[i].ast->name.span, mark);
        mark_settings(&spots, program->supervisors[i].ast->settings, mark);
    }
    for (uint32_t i = 0; i < program->nactors; i++)
        mark_actor(graph, &spots, i);
    for (uint32_t i = 0; i < graph->nlinks; i++) {
        struct bstc_graph_link *link = &graph->links[i];

        for (uint32_t k = 0; k < link->nedges; k++)
            mark_span(&spots, graph->topo->edges[link->edges[k]].span,
                      &link->mark);
    }
}

/* ---- links --------------------------------------------------------------- */

/* An edge between two nodes, before those of a kind are put together. */
struct step {
    uint32_t from;
    uint32_t to;
    uint32_t edge;
    uint32_t next; /* of the same link, or BSTC_NONE */
};

struct linker {
    struct bstc_graph *graph;
    struct bstc_arena *arena;
    struct bstc_map known[BSTC_EDGE_STREAM + 1]; /* (from, to) -> link */
    struct step *steps;
    uint32_t nsteps, step_capacity;
    uint32_t link_capacity;
    uint32_t *first; /* of each link: its first step, and its last one */
    uint32_t *last;
};

static void *room_for(struct linker *l, void *items, uint32_t count,
                      uint32_t capacity, size_t size)
{
    return bstc_arena_grow(l->arena, items, count * size, capacity * size);
}

static uint32_t add_link(struct linker *l, enum bstc_edge_kind kind,
                         uint32_t from, uint32_t to)
{
    struct bstc_graph *graph = l->graph;
    uint32_t count = graph->nlinks;

    if (count == l->link_capacity) {
        uint32_t capacity = count ? count * 2 : 64;

        l->link_capacity = capacity;
        graph->links =
            room_for(l, graph->links, count, capacity, sizeof *graph->links);
        l->first = room_for(l, l->first, count, capacity, sizeof *l->first);
        l->last = room_for(l, l->last, count, capacity, sizeof *l->last);
    }
    graph->links[count] =
        (struct bstc_graph_link){.kind = kind, .from = from, .to = to};
    l->first[count] = BSTC_NONE;
    graph->nodes[from].is_shown = true;
    graph->nodes[to].is_shown = true;
    return graph->nlinks++;
}

static void add_step(struct linker *l, uint32_t edge, uint32_t from,
                     uint32_t to)
{
    enum bstc_edge_kind kind = l->graph->topo->edges[edge].kind;
    uint32_t link = bstc_map_add(&l->known[kind], bstc_map_pair(from, to),
                                 l->graph->nlinks);

    if (link == BSTC_MAP_NONE)
        link = add_link(l, kind, from, to);
    if (l->nsteps == l->step_capacity) {
        l->step_capacity = l->nsteps ? l->nsteps * 2 : 64;
        l->steps = room_for(l, l->steps, l->nsteps, l->step_capacity,
                            sizeof *l->steps);
    }
    l->steps[l->nsteps] = (struct step){from, to, edge, BSTC_NONE};
    if (l->first[link] == BSTC_NONE)
        l->first[link] = l->nsteps;
    else
        l->steps[l->last[link]].next = l->nsteps;
    l->last[link] = l->nsteps++;
    l->graph->links[link].nedges++;
}

/* Where an edge that leaves `from` leads to. */
static uint32_t end_of(const struct bstc_topo *topo,
                       const struct bstc_edge *edge, uint32_t from)
{
    uint32_t first = bstc_topo_receiver(topo, edge, from, 0);

    if (first == BSTC_NONE)
        return BSTC_NONE;
    return bstc_topo_receiver(topo, edge, from, 1) == BSTC_NONE
               ? bstc_graph_group(first)
               : any_of(topo, edge->to_actor);
}

static void link_edge(struct linker *l, uint32_t edge, uint32_t from)
{
    const struct bstc_topo *topo = l->graph->topo;
    uint32_t to = end_of(topo, &topo->edges[edge], from);

    if (to != BSTC_NONE)
        add_step(l, edge,
                 from == BSTC_NONE ? outside_of(topo) : bstc_graph_group(from),
                 to);
}

static void link_messages(struct linker *l)
{
    const struct bstc_topo *topo = l->graph->topo;

    for (uint32_t i = 0; i < topo->program->ngroups; i++) {
        uint32_t actor = topo->program->groups[i].actor;

        if (actor == BSTC_NONE)
            continue;
        for (uint32_t e = topo->first_edge[actor];
             e < topo->first_edge[actor + 1]; e++)
            link_edge(l, e, i);
    }
    for (uint32_t e = topo->first_outside; e < topo->first_stream; e++)
        link_edge(l, e, BSTC_NONE);
}

static void link_streams(struct linker *l)
{
    const struct bstc_topo *topo = l->graph->topo;

    for (uint32_t e = topo->first_stream; e < topo->nedges; e++)
        add_step(l, e, bstc_graph_group(topo->edges[e].from_group),
                 bstc_graph_group(topo->edges[e].to_group));
}

/* The groups behind a node that stands for any of them. */
static void link_any(struct linker *l)
{
    const struct bstc_topo *topo = l->graph->topo;

    for (uint32_t a = 0; a < topo->program->nactors; a++) {
        if (!l->graph->nodes[any_of(topo, a)].is_shown)
            continue;
        for (uint32_t i = topo->first_group[a]; i < topo->first_group[a + 1];
             i++)
            add_link(l, BSTC_EDGE_TELL, any_of(topo, a), topo->groups[i]);
    }
}

static void link_tree(struct linker *l)
{
    const struct bstc_topo *topo = l->graph->topo;

    for (uint32_t i = 0; i < topo->program->nsupervisors; i++) {
        const struct bstc_sym_supervisor *s = &topo->program->supervisors[i];

        for (uint32_t k = 0; k < s->nchildren; k++) {
            uint32_t to =
                s->children[k].group != BSTC_NONE
                    ? bstc_graph_group(s->children[k].group)
                    : bstc_graph_supervisor(topo, s->children[k].supervisor);
            uint32_t link =
                add_link(l, BSTC_EDGE_TELL, bstc_graph_supervisor(topo, i), to);

            l->graph->links[link].is_tree = true;
        }
    }
}

/* Copies the steps of each link behind each other. */
static void take_edges(struct linker *l)
{
    uint32_t *edges =
        bstc_arena_array(l->arena, (size_t)l->nsteps + 1, sizeof *edges);

    for (uint32_t i = 0; i < l->graph->nlinks; i++) {
        l->graph->links[i].edges = edges;
        for (uint32_t s = l->first[i]; s != BSTC_NONE; s = l->steps[s].next)
            *edges++ = l->steps[s].edge;
    }
}

/* ---- the whole ----------------------------------------------------------- */

static void make_nodes(struct bstc_graph *graph, struct bstc_arena *arena)
{
    const struct bstc_program *program = graph->topo->program;
    uint32_t at = 0;

    graph->nnodes = outside_of(graph->topo) + 1;
    graph->nodes = bstc_arena_array(arena, graph->nnodes, sizeof *graph->nodes);
    for (uint32_t i = 0; i < program->ngroups; i++)
        graph->nodes[at++] = (struct bstc_graph_node){
            .kind = BSTC_NODE_GROUP,
            .index = i,
            .is_shown = graph->view != BSTC_VIEW_STREAMS};
    for (uint32_t i = 0; i < program->nsupervisors; i++)
        graph->nodes[at++] =
            (struct bstc_graph_node){.kind = BSTC_NODE_SUPERVISOR,
                                     .index = i,
                                     .is_shown = graph->view == BSTC_VIEW_TREE};
    for (uint32_t i = 0; i < program->nactors; i++)
        graph->nodes[at++] =
            (struct bstc_graph_node){.kind = BSTC_NODE_ANY, .index = i};
    graph->nodes[at] = (struct bstc_graph_node){.kind = BSTC_NODE_OUTSIDE};
}

void bstc_graph_init(struct bstc_graph *graph, const struct bstc_topo *topo,
                     enum bstc_graph_view view)
{
    struct linker l = {.graph = graph, .arena = &topo->program->context->arena};

    *graph = (struct bstc_graph){.topo = topo, .view = view};
    make_nodes(graph, l.arena);
    for (int i = 0; i <= BSTC_EDGE_STREAM; i++)
        bstc_map_init(&l.known[i], l.arena);
    if (view == BSTC_VIEW_TREE)
        link_tree(&l);
    if (view == BSTC_VIEW_ALL || view == BSTC_VIEW_MESSAGES)
        link_messages(&l);
    if (view == BSTC_VIEW_ALL || view == BSTC_VIEW_STREAMS)
        link_streams(&l);
    link_any(&l);
    take_edges(&l);
    mark_all(graph);
}
