/*
 * The order of children under rest-for-one (W0405).
 *
 * Such a supervisor restarts what started after a failed child, so whoever
 * depends on another must start after it. A dependency is a declared send, ask
 * or stream, lifted to the children of the supervisor in which both ends meet;
 * replies to `sender` do not count, and neither does what holds both ways. Any
 * reference of an actor's type may be to one of several groups: that is no
 * dependency on one of them, but it may be the other way of one.
 *
 * An actor with many groups that sends to many would make a square of pairs.
 * So children depend on hubs, one for each pair of a supervisor and an actor
 * that has groups below it, and hubs on children; whatever lies in one
 * strongly connected part holds both ways.
 */

#include "check.h"
#include "order.h"

/* A hub that depends on a child, or a stage of a stream that does. */
struct link {
    uint32_t edge;
    uint32_t supervisor;
    uint32_t from; /* hub, from 0; of a stream: a child */
    uint32_t to;   /* child */
};

struct hub {
    uint32_t supervisor;
    uint32_t actor;
    uint32_t lowest; /* first group that holds in one direction only */
};

struct check {
    const struct bstc_topo *topo;
    struct bstc_arena *arena;
    struct bstc_digraph graph; /* of children, then hubs */
    struct link *links;
    uint32_t nlinks, link_capacity;
    struct hub *hubs;
    uint32_t nhubs, hub_capacity;
    struct bstc_map hub_names; /* (supervisor, actor) -> hub */
    struct bstc_map vague;     /* (actor, actor): may send to any group of it */
    struct bstc_misplaced *worst; /* of each supervisor */
};

/* ---- children ------------------------------------------------------------ */

/* A child is a group, or a supervisor behind all groups. */
static uint32_t ngroups(const struct check *c)
{
    return c->topo->program->ngroups;
}

static uint32_t nchildren(const struct check *c)
{
    return ngroups(c) + c->topo->program->nsupervisors;
}

static uint32_t first_in(const struct check *c, uint32_t child)
{
    return child < ngroups(c) ? child
                              : c->topo->first_below[child - ngroups(c)];
}

static uint32_t end_of(const struct check *c, uint32_t child)
{
    return child < ngroups(c) ? child + 1
                              : c->topo->end_below[child - ngroups(c)];
}

/* Returns the first place in the groups of an actor at or behind `group`. */
static uint32_t place_from(const struct bstc_topo *topo, uint32_t actor,
                           uint32_t group)
{
    uint32_t low = topo->first_group[actor];
    uint32_t high = topo->first_group[actor + 1];

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (topo->groups[middle] < group)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Returns whether the actor has a group below the supervisor, but not in this
 * child of it. */
static bool is_beside(const struct check *c, uint32_t actor,
                      uint32_t supervisor, uint32_t child)
{
    const struct bstc_topo *topo = c->topo;
    uint32_t below = place_from(topo, actor, topo->end_below[supervisor]) -
                     place_from(topo, actor, topo->first_below[supervisor]);
    uint32_t inside = place_from(topo, actor, end_of(c, child)) -
                      place_from(topo, actor, first_in(c, child));

    return below > inside;
}

/* ---- links --------------------------------------------------------------- */

static uint32_t hub_of(struct check *c, uint32_t supervisor, uint32_t actor)
{
    uint32_t index =
        bstc_map_add(&c->hub_names, bstc_map_pair(supervisor, actor), c->nhubs);

    if (index != BSTC_MAP_NONE)
        return index;
    if (c->nhubs == c->hub_capacity) {
        c->hub_capacity = c->nhubs ? c->nhubs * 2 : 32;
        c->hubs = bstc_arena_grow(c->arena, c->hubs,
                                  (size_t)c->nhubs * sizeof *c->hubs,
                                  (size_t)c->hub_capacity * sizeof *c->hubs);
    }
    c->hubs[c->nhubs] = (struct hub){supervisor, actor, BSTC_NONE};
    return c->nhubs++;
}

static void add_link(struct check *c, struct link link)
{
    if (c->nlinks == c->link_capacity) {
        c->link_capacity = c->nlinks ? c->nlinks * 2 : 64;
        c->links = bstc_arena_grow(c->arena, c->links,
                                   (size_t)c->nlinks * sizeof *c->links,
                                   (size_t)c->link_capacity * sizeof *c->links);
    }
    c->links[c->nlinks++] = link;
}

static bool is_rest_for_one(const struct check *c, uint32_t supervisor)
{
    return c->topo->program->supervisors[supervisor].strategy ==
           BSTC_REST_FOR_ONE;
}

static void add_stream(struct check *c, uint32_t index)
{
    const struct bstc_edge *edge = &c->topo->edges[index];
    struct bstc_meeting meeting =
        bstc_topo_meet(c->topo, edge->from_group, edge->to_group);
    const struct bstc_child *children;
    struct link link = {.edge = index, .supervisor = meeting.supervisor};

    if (meeting.supervisor == BSTC_NONE || meeting.a == meeting.b ||
        !is_rest_for_one(c, meeting.supervisor))
        return;
    children = c->topo->program->supervisors[meeting.supervisor].children;
    link.from = bstc_order_child(c->topo, children[meeting.a]);
    link.to = bstc_order_child(c->topo, children[meeting.b]);
    add_link(c, link);
}

static bool is_vague(const struct check *c, const struct bstc_edge *edge)
{
    return edge->target == BSTC_TO_ACTOR &&
           bstc_topo_receiver(c->topo, edge, BSTC_NONE, 1) != BSTC_NONE;
}

static bool is_dependency(const struct check *c, const struct bstc_edge *edge)
{
    return edge->kind != BSTC_EDGE_SPAWN && edge->target != BSTC_TO_SENDER &&
           edge->target != BSTC_TO_SELF && !is_vague(c, edge) &&
           bstc_topo_has_group(c->topo, edge->from_actor) &&
           bstc_map_find(&c->vague,
                         bstc_map_pair(edge->to_actor, edge->from_actor)) ==
               BSTC_MAP_NONE;
}

/* A dependency matters to each supervisor around the receiver that has other
 * groups of the sender's actor below it. */
static void add_use(struct check *c, uint32_t index)
{
    const struct bstc_topo *topo = c->topo;
    const struct bstc_edge *edge = &topo->edges[index];
    uint32_t child = bstc_topo_receiver(topo, edge, BSTC_NONE, 0);
    uint32_t at;

    if (child == BSTC_NONE || !is_dependency(c, edge))
        return;
    at = topo->program->groups[child].supervisor;
    while (at != BSTC_NONE) {
        if (is_rest_for_one(c, at) && is_beside(c, edge->from_actor, at, child))
            add_link(c, (struct link){index, at,
                                      hub_of(c, at, edge->from_actor), child});
        child = ngroups(c) + at;
        at = topo->program->supervisors[at].parent;
    }
}

/* Calls of bstc_topo_receiver() above need no sender: there is none to name
 * for a group, and `self` has been left out. */
static void add_links(struct check *c)
{
    const struct bstc_topo *topo = c->topo;

    for (uint32_t i = 0; i < topo->first_outside; i++) {
        const struct bstc_edge *edge = &topo->edges[i];

        if (is_vague(c, edge))
            bstc_map_add(&c->vague,
                         bstc_map_pair(edge->from_actor, edge->to_actor), 1);
    }
    for (uint32_t i = 0; i < topo->first_outside; i++)
        add_use(c, i);
    for (uint32_t i = topo->first_stream; i < topo->nedges; i++)
        add_stream(c, i);
}

/* ---- the graph ----------------------------------------------------------- */

/* Returns the child of the supervisor that holds the group. */
static uint32_t child_around(const struct check *c, uint32_t supervisor,
                             uint32_t group)
{
    uint32_t child = group;
    uint32_t at = c->topo->program->groups[group].supervisor;

    for (; at != supervisor; at = c->topo->program->supervisors[at].parent)
        child = ngroups(c) + at;
    return child;
}

static void add_hub(struct check *c, uint32_t index)
{
    const struct hub *hub = &c->hubs[index];
    uint32_t end = c->topo->end_below[hub->supervisor];
    uint32_t at =
        place_from(c->topo, hub->actor, c->topo->first_below[hub->supervisor]);

    for (;
         at < c->topo->first_group[hub->actor + 1] && c->topo->groups[at] < end;
         at++)
        bstc_digraph_add(&c->graph,
                         child_around(c, hub->supervisor, c->topo->groups[at]),
                         nchildren(c) + index, c->topo->groups[at]);
}

static void build(struct check *c)
{
    bstc_digraph_init(&c->graph, c->arena, nchildren(c) + c->nhubs);
    for (uint32_t i = 0; i < c->nhubs; i++)
        add_hub(c, i);
    for (uint32_t i = 0; i < c->nlinks; i++) {
        const struct link *link = &c->links[i];
        bool is_stream = c->topo->edges[link->edge].kind == BSTC_EDGE_STREAM;

        bstc_digraph_add(&c->graph,
                         is_stream ? link->from : nchildren(c) + link->from,
                         link->to, BSTC_NO_TAG);
    }
    bstc_digraph_parts(&c->graph);
    for (uint32_t i = 0; i < c->graph.narcs; i++) {
        const struct bstc_arc *arc = &c->graph.arcs[i];
        struct hub *hub;

        if (arc->tag == BSTC_NO_TAG || bstc_digraph_is_inner(&c->graph, i))
            continue;
        hub = &c->hubs[arc->to - nchildren(c)];
        if (hub->lowest == BSTC_NONE || arc->tag < hub->lowest)
            hub->lowest = arc->tag;
    }
}

/* ---- what is misplaced --------------------------------------------------- */

/* Returns the first child that depends on the end of the link, and on which
 * that does not depend; BSTC_NONE if there is none. */
static uint32_t first_dependant(const struct check *c, const struct link *link)
{
    const uint32_t *parts = c->graph.parts;
    const struct hub *hub;
    uint32_t group;

    if (c->topo->edges[link->edge].kind == BSTC_EDGE_STREAM)
        return parts[link->from] == parts[link->to] ? BSTC_NONE : link->from;
    hub = &c->hubs[link->from];
    group = hub->lowest;
    if (parts[nchildren(c) + link->from] != parts[link->to])
        group = c->topo->groups[place_from(
            c->topo, hub->actor, c->topo->first_below[hub->supervisor])];
    return group == BSTC_NONE ? BSTC_NONE
                              : child_around(c, hub->supervisor, group);
}

static void judge(struct check *c, const struct link *link)
{
    uint32_t dependant = first_dependant(c, link);
    struct bstc_misplaced found = {c->topo,
                                   &c->graph,
                                   link->supervisor,
                                   &c->topo->edges[link->edge],
                                   dependant,
                                   link->to,
                                   1};
    struct bstc_misplaced *worst = &c->worst[link->supervisor];

    if (dependant == BSTC_NONE ||
        first_in(c, dependant) >= first_in(c, link->to))
        return;
    if (worst->count == 0 ||
        bstc_span_is_before(found.edge->span, worst->edge->span)) {
        found.count = worst->count + 1;
        *worst = found;
    } else {
        worst->count++;
    }
}

void bstc_check_order(const struct bstc_topo *topo)
{
    const struct bstc_program *program = topo->program;
    struct check c = {.topo = topo, .arena = &program->context->arena};
    bool any = false;

    for (uint32_t i = 0; i < program->nsupervisors; i++)
        any = any || is_rest_for_one(&c, i);
    if (!any)
        return;
    bstc_map_init(&c.hub_names, c.arena);
    bstc_map_init(&c.vague, c.arena);
    add_links(&c);
    if (c.nlinks == 0)
        return;
    build(&c);
    c.worst = bstc_arena_array(c.arena, program->nsupervisors, sizeof *c.worst);
    for (uint32_t i = 0; i < c.nlinks; i++)
        judge(&c, &c.links[i]);
    for (uint32_t i = 0; i < program->nsupervisors; i++) {
        if (c.worst[i].count > 0)
            bstc_order_report(&c.worst[i]);
    }
}
