/*
 * Senders that wait for a place in a mailbox with `overflow block`.
 *
 * Such a send waits for its receiver as an ask does, so both are edges of one
 * graph: who waits in a circle might wait for ever. The nodes are actors: all
 * groups of an actor run the same handlers, so a circle of groups is one of
 * actors and the other way round. Circles of asks alone are no matter of this
 * file.
 *
 * One circle is reported for each strongly connected part: its first send that
 * blocks, and the shortest way back from there.
 */

#include "check.h"
#include "senders.h"

struct edge {
    const struct bstc_sym_use *use;
    uint32_t from;
    uint32_t to;
    uint32_t next; /* further edge of `from`, or BSTC_NONE */
    bool blocks;   /* a send; otherwise an ask */
};

struct graph {
    struct bstc_program *program;
    struct bstc_senders senders;
    bool *has_group;   /* of each actor: it runs at all */
    bool *has_block;   /* of each actor: a group of it blocks its senders */
    bool *group_block; /* of each group */
    uint32_t *heads;   /* of each actor: its first edge */
    struct edge *edges;
    uint32_t count;
    uint32_t capacity;
    uint32_t *parts; /* of each actor: number of its part of the graph */
};

/* ---- what blocks --------------------------------------------------------- */

static void find_blocking(struct graph *g)
{
    const struct bstc_program *program = g->program;

    for (uint32_t i = 0; i < program->ngroups; i++) {
        const struct bstc_sym_group *group = &program->groups[i];
        const struct bstc_settings *settings =
            bstc_scope_nearest(program, group, BSTC_SETTING_MAILBOX);

        if (group->actor == BSTC_NONE)
            continue;
        g->has_group[group->actor] = true;
        if (!settings || !settings->is_valid[BSTC_SETTING_MAILBOX] ||
            settings->overflow != BSTC_BLOCK)
            continue;
        g->group_block[i] = true;
        g->has_block[group->actor] = true;
    }
}

/* A use that names a group reaches this one; any other use may reach all
 * groups of the actor. */
static bool can_block(const struct graph *g, const struct bstc_sym_use *use,
                      uint32_t to)
{
    if (use->how == BSTC_ASK)
        return false;
    return use->target == BSTC_TO_GROUP ? g->group_block[use->group]
                                        : g->has_block[to];
}

/* ---- what is wrong by itself --------------------------------------------- */

static const char *name_of(const struct graph *g, uint32_t actor)
{
    return g->program->actors[actor].ast->name.text;
}

static void help(struct graph *g, struct bstc_diag *diag)
{
    bstc_diag_help(&g->program->context->diags, diag,
                   "let the mailbox `reject`, `drop_oldest` or `drop_newest`");
}

static void report_to_itself(struct graph *g, const struct bstc_sym_use *use,
                             uint32_t actor)
{
    struct bstc_diags *diags = &g->program->context->diags;
    struct bstc_diag *diag = bstc_error(
        diags, "E0601", use->ast->span,
        "`%s` would wait for a place in its own mailbox", name_of(g, actor));

    if (use->target == BSTC_TO_SENDER)
        bstc_diag_label(diags, diag, "the sender may be a `%s` too",
                        name_of(g, actor));
    else if (use->target != BSTC_TO_SELF)
        bstc_diag_label(diags, diag, "this may be the sender itself");
    help(g, diag);
}

static void report_in_stop(struct graph *g, const struct bstc_sym_use *use,
                           uint32_t to)
{
    struct bstc_diags *diags = &g->program->context->diags;
    struct bstc_diag *diag =
        bstc_error(diags, "E0601", use->ast->span,
                   "`on stop` cannot wait for a place in a mailbox");

    bstc_diag_label(diags, diag, "the mailbox of `%s` blocks its senders",
                    name_of(g, to));
    help(g, diag);
}

/* ---- edges --------------------------------------------------------------- */

static void add_edge(struct graph *g, const struct bstc_sym_handler *handler,
                     const struct bstc_sym_use *use, uint32_t from, uint32_t to)
{
    bool blocks = can_block(g, use, to);
    struct edge *edge;

    if (!g->has_group[to] || (!blocks && use->how != BSTC_ASK))
        return;
    if (blocks && handler->event == BSTC_ON_STOP) {
        report_in_stop(g, use, to);
        return;
    }
    if (from == to) {
        if (blocks)
            report_to_itself(g, use, from);
        return;
    }
    if (g->count == g->capacity) {
        g->capacity = g->capacity ? g->capacity * 2 : 64;
        g->edges = bstc_arena_grow(&g->program->context->arena, g->edges,
                                   g->count * sizeof *g->edges,
                                   g->capacity * sizeof *g->edges);
    }
    edge = &g->edges[g->count];
    edge->use = use;
    edge->from = from;
    edge->to = to;
    edge->blocks = blocks;
    edge->next = g->heads[from];
    g->heads[from] = g->count++;
}

/* Whoever may have sent the message is reached by a reply to it; each actor
 * once, however often it sends. */
static void add_replies(struct graph *g, const struct bstc_sym_handler *handler,
                        const struct bstc_sym_use *use, uint32_t from)
{
    struct bstc_map seen;
    uint32_t at;

    if (handler->message == BSTC_NONE)
        return;
    bstc_map_init(&seen, &g->program->context->arena);
    at = bstc_senders_first(&g->senders, from, handler->message);
    for (; at != BSTC_NONE; at = g->senders.items[at].next) {
        uint32_t to = g->senders.items[at].actor;

        if (g->has_block[to] && bstc_map_add(&seen, to, 1) == BSTC_MAP_NONE)
            add_edge(g, handler, use, from, to);
    }
}

static void add_handler(struct graph *g, uint32_t from,
                        const struct bstc_sym_handler *handler)
{
    for (uint32_t i = 0; i < handler->nuses; i++) {
        const struct bstc_sym_use *use = &handler->uses[i];

        if (use->is_poisoned || use->how == BSTC_SPAWN)
            continue;
        if (use->target == BSTC_TO_SENDER)
            add_replies(g, handler, use, from);
        else
            add_edge(g, handler, use, from, use->actor);
    }
}

static void add_edges(struct graph *g)
{
    for (uint32_t i = 0; i < g->program->nactors; i++) {
        const struct bstc_sym_actor *actor = &g->program->actors[i];

        for (uint32_t k = 0; g->has_group[i] && k < actor->nhandlers; k++) {
            if (!actor->handlers[k].is_skipped)
                add_handler(g, i, &actor->handlers[k]);
        }
    }
}

/* ---- strongly connected parts -------------------------------------------- */

/* Tarjan's algorithm with a stack of its own, because a chain of actors may
 * be as long as the file. */
struct tarjan {
    struct graph *g;
    uint32_t *order; /* in which actors were reached, from 1; 0: not yet */
    uint32_t *low;   /* least order that is reached from here */
    uint32_t *at;    /* edge to look at next */
    uint32_t *path;  /* actors between the start and the present one */
    uint32_t *open;  /* actors whose part is not known yet */
    uint32_t npath, nopen, norder, nparts;
};

static void enter(struct tarjan *t, uint32_t actor)
{
    t->order[actor] = t->low[actor] = ++t->norder;
    t->at[actor] = t->g->heads[actor];
    t->path[t->npath++] = actor;
    t->open[t->nopen++] = actor;
}

static void leave(struct tarjan *t, uint32_t actor)
{
    uint32_t member;

    t->npath--;
    if (t->npath > 0) {
        uint32_t before = t->path[t->npath - 1];

        if (t->low[actor] < t->low[before])
            t->low[before] = t->low[actor];
    }
    if (t->low[actor] != t->order[actor])
        return;
    do {
        member = t->open[--t->nopen];
        t->g->parts[member] = t->nparts;
    } while (member != actor);
    t->nparts++;
}

static void walk(struct tarjan *t, uint32_t start)
{
    enter(t, start);
    while (t->npath > 0) {
        uint32_t actor = t->path[t->npath - 1];
        const struct edge *edge;

        if (t->at[actor] == BSTC_NONE) {
            leave(t, actor);
            continue;
        }
        edge = &t->g->edges[t->at[actor]];
        t->at[actor] = edge->next;
        if (t->order[edge->to] == 0)
            enter(t, edge->to);
        else if (t->g->parts[edge->to] == BSTC_NONE &&
                 t->order[edge->to] < t->low[actor])
            t->low[actor] = t->order[edge->to];
    }
}

/* Returns the number of parts. */
static uint32_t find_parts(struct graph *g)
{
    struct bstc_arena *arena = &g->program->context->arena;
    uint32_t room = g->program->nactors + 1;
    struct tarjan t = {.g = g};

    t.order = bstc_arena_array(arena, room, sizeof *t.order);
    t.low = bstc_arena_array(arena, room, sizeof *t.low);
    t.at = bstc_arena_array(arena, room, sizeof *t.at);
    t.path = bstc_arena_array(arena, room, sizeof *t.path);
    t.open = bstc_arena_array(arena, room, sizeof *t.open);
    for (uint32_t i = 0; i < g->program->nactors; i++) {
        if (t.order[i] == 0)
            walk(&t, i);
    }
    return t.nparts;
}

/* ---- circles ------------------------------------------------------------- */

/* Writes the edges of the shortest circle that begins with `first`; returns
 * how many they are. Both ends are in one part, so that there is a circle. */
static uint32_t find_circle(const struct graph *g, uint32_t first,
                            uint32_t *queue, uint32_t *came, uint32_t *circle)
{
    const struct edge *edges = g->edges;
    uint32_t goal = edges[first].from;
    uint32_t head = 0;
    uint32_t tail = 0;
    uint32_t count = 0;

    queue[tail++] = edges[first].to;
    came[edges[first].to] = first;
    while (came[goal] == BSTC_NONE) {
        uint32_t actor = queue[head++];

        for (uint32_t at = g->heads[actor]; at != BSTC_NONE;
             at = edges[at].next) {
            uint32_t to = edges[at].to;

            if (g->parts[to] != g->parts[goal] || came[to] != BSTC_NONE)
                continue;
            came[to] = at;
            queue[tail++] = to;
        }
    }
    for (uint32_t at = came[goal]; at != first; at = came[edges[at].from])
        count++;
    circle[0] = first;
    for (uint32_t at = came[goal], i = count; i > 0; i--) {
        circle[i] = at;
        at = came[edges[at].from];
    }
    return count + 1;
}

static bool is_before(struct bstc_span a, struct bstc_span b)
{
    return a.file != b.file ? a.file < b.file : a.start < b.start;
}

/* One hop on each line: beside the text while there is room for spans, and
 * in notes after that. */
static void report_hop(struct graph *g, struct bstc_diag *diag, uint32_t number,
                       const struct edge *edge)
{
    struct bstc_diags *diags = &g->program->context->diags;
    struct bstc_span span = edge->use->ast->span;
    const char *text = bstc_arena_format(
        &g->program->context->arena, "%u. `%s` waits for `%s`%s",
        (unsigned)number, name_of(g, edge->from), name_of(g, edge->to),
        edge->blocks ? "" : ", as it asks");
    struct bstc_place place;

    if (number == 1) {
        bstc_diag_label(diags, diag, "%s", text);
    } else if (number <= 1 + BSTC_DIAG_MAX_ALSO) {
        bstc_diag_also(diags, diag, span, "%s", text);
    } else {
        place = bstc_program_place(g->program, span);
        bstc_diag_note(diags, diag, "%s (%s:%u)", text, place.file,
                       (unsigned)place.line);
    }
}

static void report_circle(struct graph *g, const uint32_t *circle,
                          uint32_t count)
{
    enum { MAX_HOPS = 1 + BSTC_DIAG_MAX_ALSO + BSTC_DIAG_MAX_NOTES };
    struct bstc_diags *diags = &g->program->context->diags;
    struct bstc_diag *diag;
    uint32_t first = 0;
    uint32_t shown = count <= MAX_HOPS ? count : MAX_HOPS - 1;

    for (uint32_t i = 1; i < count; i++) {
        if (is_before(g->edges[circle[i]].use->ast->span,
                      g->edges[circle[first]].use->ast->span))
            first = i;
    }
    diag = bstc_error(diags, "E0601", g->edges[circle[first]].use->ast->span,
                      "these wait for each other when mailboxes are full");
    for (uint32_t i = 0; i < shown; i++)
        report_hop(g, diag, i + 1, &g->edges[circle[(first + i) % count]]);
    if (shown < count)
        bstc_diag_note(diags, diag, "and %u more until `%s` again",
                       (unsigned)(count - shown),
                       name_of(g, g->edges[circle[first]].from));
    bstc_diag_help(diags, diag,
                   "let one of these mailboxes `reject`, `drop_oldest` or "
                   "`drop_newest`");
}

static void report_circles(struct graph *g, uint32_t nparts)
{
    struct bstc_arena *arena = &g->program->context->arena;
    uint32_t room = g->program->nactors + 1;
    uint32_t *queue = bstc_arena_array(arena, room, sizeof *queue);
    uint32_t *came = bstc_arena_array(arena, room, sizeof *came);
    uint32_t *circle = bstc_arena_array(arena, room, sizeof *circle);
    uint32_t *firsts = bstc_arena_array(arena, nparts + 1, sizeof *firsts);

    for (uint32_t i = 0; i < nparts; i++)
        firsts[i] = BSTC_NONE;
    for (uint32_t i = 0; i < g->program->nactors; i++)
        came[i] = BSTC_NONE;
    for (uint32_t i = 0; i < g->count; i++) {
        const struct edge *edge = &g->edges[i];
        uint32_t *first = &firsts[g->parts[edge->from]];

        if (edge->blocks && g->parts[edge->from] == g->parts[edge->to] &&
            (*first == BSTC_NONE ||
             is_before(edge->use->ast->span, g->edges[*first].use->ast->span)))
            *first = i;
    }
    /* A part is searched once, and `came` of others is not touched. */
    for (uint32_t i = 0; i < nparts; i++) {
        if (firsts[i] != BSTC_NONE)
            report_circle(g, circle,
                          find_circle(g, firsts[i], queue, came, circle));
    }
}

void bstc_check_block(struct bstc_program *program)
{
    struct bstc_arena *arena = &program->context->arena;
    uint32_t actors = program->nactors + 1;
    struct graph g = {.program = program};
    bool any = false;

    g.has_group = bstc_arena_array(arena, actors, sizeof *g.has_group);
    g.has_block = bstc_arena_array(arena, actors, sizeof *g.has_block);
    g.group_block =
        bstc_arena_array(arena, program->ngroups + 1, sizeof *g.group_block);
    find_blocking(&g);
    for (uint32_t i = 0; i < program->nactors; i++)
        any = any || g.has_block[i];
    if (!any)
        return;
    bstc_senders_init(&g.senders, program);
    g.heads = bstc_arena_array(arena, actors, sizeof *g.heads);
    g.parts = bstc_arena_array(arena, actors, sizeof *g.parts);
    for (uint32_t i = 0; i < program->nactors; i++)
        g.heads[i] = g.parts[i] = BSTC_NONE;
    add_edges(&g);
    report_circles(&g, find_parts(&g));
}
