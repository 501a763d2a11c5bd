/*
 * Collects the edges of a resolved program, and the shape of its tree.
 *
 * Edges are counted before they are written, so that those of an actor lie
 * side by side. A reply to `sender` becomes one edge for each actor that may
 * be the sender and understands it; the first one that does not has been
 * reported, and the rest of the list is not looked at, which bounds the work
 * by the number of handlers.
 */

#include "topo.h"

#include "senders.h"

struct builder {
    struct bstc_topo *topo;
    const struct bstc_program *program;
    struct bstc_senders senders;
    uint32_t capacity;
};

/* ---- edges --------------------------------------------------------------- */

static struct bstc_edge *new_edge(struct builder *b)
{
    struct bstc_topo *topo = b->topo;
    struct bstc_edge *edge;

    if (topo->nedges == b->capacity) {
        b->capacity = b->capacity ? b->capacity * 2 : 64;
        topo->edges =
            bstc_arena_grow(&b->program->context->arena, topo->edges,
                            (size_t)topo->nedges * sizeof *topo->edges,
                            (size_t)b->capacity * sizeof *topo->edges);
    }
    edge = &topo->edges[topo->nedges++];
    *edge = (struct bstc_edge){
        .from_actor = BSTC_NONE,
        .from_group = BSTC_NONE,
        .to_group = BSTC_NONE,
        .to_actor = BSTC_NONE,
        .message = BSTC_NONE,
    };
    return edge;
}

static enum bstc_edge_kind kind_of(const struct bstc_sym_use *use)
{
    switch (use->how) {
    case BSTC_TELL:
        return BSTC_EDGE_TELL;
    case BSTC_CAST:
        return BSTC_EDGE_CAST;
    case BSTC_ASK:
        return BSTC_EDGE_ASK;
    case BSTC_SPAWN:
        break;
    }
    return BSTC_EDGE_SPAWN;
}

static void add_use(struct builder *b, uint32_t from,
                    const struct bstc_sym_handler *handler,
                    const struct bstc_sym_use *use, uint32_t to)
{
    struct bstc_edge *edge = new_edge(b);

    edge->kind = kind_of(use);
    edge->target = use->target;
    edge->from_actor = from;
    edge->to_actor = to;
    if (use->target == BSTC_TO_GROUP) {
        edge->to_group = use->group;
        edge->to_actor = b->program->groups[use->group].actor;
    }
    edge->message = use->message;
    edge->handler = handler;
    edge->use = use;
    edge->span = use->ast->span;
    if (edge->kind == BSTC_EDGE_ASK && use->clause->has_within)
        edge->within = use->clause->within;
}

static void add_replies(struct builder *b, uint32_t from,
                        const struct bstc_sym_handler *handler,
                        const struct bstc_sym_use *use)
{
    uint32_t at;

    if (handler->message == BSTC_NONE)
        return;
    at = bstc_senders_first(&b->senders, from, handler->message);
    for (; at != BSTC_NONE; at = b->senders.items[at].next) {
        uint32_t to = b->senders.items[at].actor;

        if (!bstc_scope_handler(b->program, to, use->message))
            return;
        add_use(b, from, handler, use, to);
    }
}

/* A reply that is named twice in one handler is one. */
static void add_handler(struct builder *b, uint32_t from,
                        const struct bstc_sym_handler *handler)
{
    struct bstc_map replies;

    bstc_map_init(&replies, &b->program->context->arena);
    for (uint32_t i = 0; i < handler->nuses; i++) {
        const struct bstc_sym_use *use = &handler->uses[i];

        if (use->is_poisoned)
            continue;
        if (use->target != BSTC_TO_SENDER)
            add_use(b, from, handler, use, use->actor);
        else if (bstc_map_add(&replies, use->message, 1) == BSTC_MAP_NONE)
            add_replies(b, from, handler, use);
    }
}

static void add_stream(struct builder *b, const struct bstc_sym_stream *stream)
{
    const struct bstc_ast_ident *stage = stream->ast->stages;

    for (uint32_t i = 0; i + 1 < stream->nstages; i++, stage = stage->next) {
        struct bstc_edge *edge;

        if (stream->stages[i] == BSTC_NONE ||
            stream->stages[i + 1] == BSTC_NONE)
            continue;
        edge = new_edge(b);
        edge->kind = BSTC_EDGE_STREAM;
        edge->target = BSTC_TO_GROUP;
        edge->from_group = stream->stages[i];
        edge->from_actor = b->program->groups[edge->from_group].actor;
        edge->to_group = stream->stages[i + 1];
        edge->to_actor = b->program->groups[edge->to_group].actor;
        edge->stream = stream;
        edge->span = stage->name.span;
        edge->span.end = stage->next->name.span.end;
    }
}

static void add_edges(struct builder *b)
{
    const struct bstc_program *program = b->program;
    struct bstc_topo *topo = b->topo;

    topo->first_edge =
        bstc_arena_array(&program->context->arena, (size_t)program->nactors + 1,
                         sizeof *topo->first_edge);
    for (uint32_t i = 0; i < program->nactors; i++) {
        const struct bstc_sym_actor *actor = &program->actors[i];

        topo->first_edge[i] = topo->nedges;
        for (uint32_t k = 0; k < actor->nhandlers; k++) {
            if (!actor->handlers[k].is_skipped)
                add_handler(b, i, &actor->handlers[k]);
        }
    }
    topo->first_edge[program->nactors] = topo->nedges;
    topo->first_outside = topo->nedges;
    for (uint32_t i = 0; i < program->noutside; i++) {
        if (!program->outside[i].is_poisoned)
            add_use(b, BSTC_NONE, NULL, &program->outside[i],
                    program->outside[i].actor);
    }
    topo->first_stream = topo->nedges;
    for (uint32_t i = 0; i < program->nstreams; i++)
        add_stream(b, &program->streams[i]);
}

uint32_t bstc_topo_receiver(const struct bstc_topo *topo,
                            const struct bstc_edge *edge, uint32_t from,
                            uint32_t n)
{
    uint32_t at;

    if (edge->target == BSTC_TO_SELF)
        return n == 0 ? from : BSTC_NONE;
    if (edge->to_group != BSTC_NONE)
        return n == 0 ? edge->to_group : BSTC_NONE;
    if (edge->to_actor == BSTC_NONE)
        return BSTC_NONE;
    at = topo->first_group[edge->to_actor] + n;
    return at < topo->first_group[edge->to_actor + 1] ? topo->groups[at]
                                                      : BSTC_NONE;
}

/* ---- groups -------------------------------------------------------------- */

/* Sorts the groups by their actors, by counting. */
static void sort_groups(struct bstc_topo *topo)
{
    const struct bstc_program *program = topo->program;
    struct bstc_arena *arena = &program->context->arena;
    size_t room = (size_t)program->nactors + 2;
    uint32_t *first = bstc_arena_array(arena, room, sizeof *first);

    topo->groups = bstc_arena_array(arena, (size_t)program->ngroups + 1,
                                    sizeof *topo->groups);
    for (uint32_t i = 0; i < program->ngroups; i++) {
        if (program->groups[i].actor != BSTC_NONE)
            first[program->groups[i].actor + 2]++;
    }
    for (uint32_t i = 2; i < room; i++)
        first[i] += first[i - 1];
    for (uint32_t i = 0; i < program->ngroups; i++) {
        if (program->groups[i].actor != BSTC_NONE)
            topo->groups[first[program->groups[i].actor + 1]++] = i;
    }
    topo->first_group = first;
}

static void size_group(struct bstc_topo *topo, uint32_t index)
{
    const struct bstc_sym_group *group = &topo->program->groups[index];
    const struct bstc_settings *settings = &group->settings;
    uint64_t low = 1;
    uint64_t high;

    if (group->ast->is_dynamic) {
        topo->low[index] = 0;
        topo->high[index] = settings->is_valid[BSTC_SETTING_MAX]
                                ? (uint64_t)settings->max
                                : group->ast->dynamic_max;
        return;
    }
    if (settings->is_valid[BSTC_SETTING_REDUNDANCY])
        low = (uint64_t)settings->redundancy;
    else if (settings->is_valid[BSTC_SETTING_RESIZE])
        low = settings->resize_low;
    high = low;
    if (settings->is_valid[BSTC_SETTING_RESIZE] && settings->resize_high > high)
        high = settings->resize_high;
    topo->low[index] = low;
    topo->high[index] = high;
}

bool bstc_topo_is_single(const struct bstc_topo *topo, uint32_t group)
{
    return topo->high[group] <= 1;
}

bool bstc_topo_has_group(const struct bstc_topo *topo, uint32_t actor)
{
    return topo->first_group[actor] < topo->first_group[actor + 1];
}

/* ---- the tree ------------------------------------------------------------ */

static void place_children(struct bstc_topo *topo, uint32_t index)
{
    const struct bstc_sym_supervisor *supervisor =
        &topo->program->supervisors[index];

    if (supervisor->parent != BSTC_NONE)
        topo->depth[index] = topo->depth[supervisor->parent] + 1;
    for (uint32_t i = 0; i < supervisor->nchildren; i++) {
        const struct bstc_child *child = &supervisor->children[i];

        if (child->group != BSTC_NONE)
            topo->group_place[child->group] = i;
        else
            topo->supervisor_place[child->supervisor] = i;
    }
}

static void widen(struct bstc_topo *topo, uint32_t index, uint32_t first,
                  uint32_t end)
{
    if (first == end)
        return;
    if (topo->first_below[index] == topo->end_below[index])
        topo->first_below[index] = first;
    topo->end_below[index] = end;
}

/* Groups are declared depth first, so that those below a supervisor are side
 * by side; supervisors are declared before what they hold. */
static void build_tree(struct bstc_topo *topo)
{
    const struct bstc_program *program = topo->program;
    struct bstc_arena *arena = &program->context->arena;
    size_t room = (size_t)program->nsupervisors + 1;

    topo->first_below = bstc_arena_array(arena, room, sizeof(uint32_t));
    topo->end_below = bstc_arena_array(arena, room, sizeof(uint32_t));
    topo->depth = bstc_arena_array(arena, room, sizeof(uint32_t));
    topo->supervisor_place = bstc_arena_array(arena, room, sizeof(uint32_t));
    topo->group_place =
        bstc_arena_array(arena, (size_t)program->ngroups + 1, sizeof(uint32_t));
    for (uint32_t i = 0; i < program->nsupervisors; i++)
        place_children(topo, i);
    for (uint32_t i = program->nsupervisors; i-- > 0;) {
        const struct bstc_sym_supervisor *supervisor = &program->supervisors[i];

        for (uint32_t k = 0; k < supervisor->nchildren; k++) {
            uint32_t group = supervisor->children[k].group;
            uint32_t below = supervisor->children[k].supervisor;

            if (group != BSTC_NONE)
                widen(topo, i, group, group + 1);
            else
                widen(topo, i, topo->first_below[below],
                      topo->end_below[below]);
        }
    }
}

/* A way up: the supervisor that was reached, and by which child of it. */
struct climb {
    uint32_t supervisor;
    uint32_t place;
};

static void climb(const struct bstc_topo *topo, struct climb *at)
{
    at->place = topo->supervisor_place[at->supervisor];
    at->supervisor = topo->program->supervisors[at->supervisor].parent;
}

struct bstc_meeting bstc_topo_meet(const struct bstc_topo *topo, uint32_t a,
                                   uint32_t b)
{
    const struct bstc_program *program = topo->program;
    struct climb x = {program->groups[a].supervisor, topo->group_place[a]};
    struct climb y = {program->groups[b].supervisor, topo->group_place[b]};

    while (x.supervisor != y.supervisor && x.supervisor != BSTC_NONE &&
           y.supervisor != BSTC_NONE) {
        if (topo->depth[x.supervisor] >= topo->depth[y.supervisor])
            climb(topo, &x);
        else
            climb(topo, &y);
    }
    if (x.supervisor != y.supervisor)
        x.supervisor = BSTC_NONE;
    return (struct bstc_meeting){x.supervisor, x.place, y.place};
}

/* ---- the whole ----------------------------------------------------------- */

void bstc_topo_init(struct bstc_topo *topo, const struct bstc_program *program)
{
    struct bstc_arena *arena = &program->context->arena;
    size_t room = (size_t)program->ngroups + 1;
    struct builder b = {.topo = topo, .program = program};

    *topo = (struct bstc_topo){.program = program};
    bstc_senders_init(&b.senders, program);
    add_edges(&b);
    sort_groups(topo);
    topo->low = bstc_arena_array(arena, room, sizeof *topo->low);
    topo->high = bstc_arena_array(arena, room, sizeof *topo->high);
    for (uint32_t i = 0; i < program->ngroups; i++)
        size_group(topo, i);
    build_tree(topo);
}
