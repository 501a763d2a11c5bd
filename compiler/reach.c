/* What runs when a program runs; see the header. */

#include "reach.h"

/* ---- what is sent -------------------------------------------------------- */

static void note_fields(struct bstc_reach *r,
                        const struct bstc_ast_field *field)
{
    for (; field; field = field->next) {
        uint32_t message;

        if (field->type.kind != BSTC_AST_TYPE_STRUCT)
            continue;
        message = bstc_scope_find(r->topo->program, BSTC_A_MESSAGE,
                                  field->type.name.text);
        if (message != BSTC_NONE)
            r->is_type[message] = true;
    }
}

static void note_messages(struct bstc_reach *r)
{
    const struct bstc_program *program = r->topo->program;

    for (uint32_t i = 0; i < program->nmessages; i++) {
        if (program->messages[i].answer != BSTC_NONE)
            r->is_sent[program->messages[i].answer] = true;
        note_fields(r, program->messages[i].ast->fields);
    }
    for (uint32_t i = 0; i < r->topo->nedges; i++) {
        if (r->topo->edges[i].message != BSTC_NONE)
            r->is_sent[r->topo->edges[i].message] = true;
    }
}

static void note_handlers(struct bstc_reach *r)
{
    const struct bstc_program *program = r->topo->program;

    for (uint32_t i = 0; i < program->nactors; i++) {
        const struct bstc_sym_actor *actor = &program->actors[i];

        note_fields(r, actor->ast->state);
        note_fields(r, actor->ast->args);
        for (uint32_t k = 0; k < actor->nhandlers; k++) {
            const struct bstc_sym_handler *handler = &actor->handlers[k];

            if (handler->emits != BSTC_NONE)
                r->is_sent[handler->emits] = true;
            if (handler->message != BSTC_NONE && !handler->is_skipped &&
                !r->handled_by[handler->message])
                r->handled_by[handler->message] = handler;
        }
    }
}

/* Whoever holds the name of a distributor sends what its members handle. */
static void note_distributor(struct bstc_reach *r, uint32_t actor)
{
    const struct bstc_sym_actor *symbol = &r->topo->program->actors[actor];

    for (uint32_t i = 0; i < symbol->nhandlers; i++) {
        if (symbol->handlers[i].message != BSTC_NONE)
            r->is_sent[symbol->handlers[i].message] = true;
    }
}

/* ---- who is reached ------------------------------------------------------ */

static bool is_alone(const struct bstc_topo *topo, uint32_t actor)
{
    return topo->first_group[actor + 1] - topo->first_group[actor] == 1;
}

/* What an actor sends to its only group, or to any of its own, comes from
 * nowhere else. */
static void note_edge(struct bstc_reach *r, const struct bstc_edge *edge)
{
    bool is_own =
        edge->from_actor == edge->to_actor && edge->kind != BSTC_EDGE_STREAM;

    if (edge->target == BSTC_TO_SELF || edge->to_actor == BSTC_NONE)
        return;
    if (edge->from_actor == BSTC_NONE)
        r->has_untyped[edge->to_actor] = true;
    if (edge->to_group == BSTC_NONE) {
        r->has_any[edge->to_actor] |= !is_own;
        return;
    }
    if (r->topo->program->groups[edge->to_group].ast->is_dynamic) {
        r->has_group[edge->to_group] |= edge->kind == BSTC_EDGE_SPAWN;
        return;
    }
    if (!is_own || !is_alone(r->topo, edge->to_actor))
        r->has_group[edge->to_group] = true;
    if (edge->from_group != BSTC_NONE)
        r->has_group[edge->from_group] = true;
}

static void note_groups(struct bstc_reach *r)
{
    const struct bstc_program *program = r->topo->program;

    for (uint32_t i = 0; i < program->ngroups; i++) {
        const struct bstc_sym_group *group = &program->groups[i];

        if (group->actor == BSTC_NONE)
            continue;
        if (group->settings.written[BSTC_SETTING_DISTRIBUTOR]) {
            r->has_group[i] = true;
            r->has_untyped[group->actor] = true;
            note_distributor(r, group->actor);
        }
        if (group->nnodes > 0)
            r->has_untyped[group->actor] = true;
    }
    for (uint32_t i = 0; i < program->nlistens; i++) {
        if (program->listens[i].group != BSTC_NONE)
            r->has_group[program->listens[i].group] = true;
    }
    for (uint32_t i = 0; i < r->topo->nedges; i++)
        note_edge(r, &r->topo->edges[i]);
}

static bool runs_by_itself(const struct bstc_sym_handler *handler)
{
    return handler->event == BSTC_ON_START || handler->event == BSTC_ON_STOP ||
           handler->event == BSTC_ON_TIMER || handler->event == BSTC_ON_RUN;
}

/* Actors that run by themselves need nobody. */
static void note_active(struct bstc_reach *r)
{
    const struct bstc_program *program = r->topo->program;

    for (uint32_t i = 0; i < program->nactors; i++) {
        for (uint32_t k = 0; k < program->actors[i].nhandlers; k++)
            r->has_any[i] |= runs_by_itself(&program->actors[i].handlers[k]);
    }
}

bool bstc_reach_has_group(const struct bstc_reach *r, uint32_t group)
{
    const struct bstc_sym_group *symbol = &r->topo->program->groups[group];

    return r->has_group[group] ||
           (!symbol->ast->is_dynamic && r->has_any[symbol->actor]);
}

/* ---- arcs ---------------------------------------------------------------- */

static void add_arc(struct bstc_reach *r, uint32_t from_actor,
                    const struct bstc_sym_handler *from, uint32_t to_actor,
                    const struct bstc_sym_handler *to)
{
    if (from && to)
        bstc_digraph_add(&r->graph, bstc_waits_node(r->waits, from_actor, from),
                         bstc_waits_node(r->waits, to_actor, to), 0);
}

/* A question that is told brings back its answer. */
static void add_edges(struct bstc_reach *r)
{
    const struct bstc_program *program = r->topo->program;

    for (uint32_t i = 0; i < r->topo->first_outside; i++) {
        const struct bstc_edge *edge = &r->topo->edges[i];

        add_arc(r, edge->from_actor, edge->handler, edge->to_actor,
                bstc_waits_target(r->topo, edge));
        if (edge->message != BSTC_NONE && edge->kind != BSTC_EDGE_ASK)
            add_arc(
                r, edge->from_actor, edge->handler, edge->from_actor,
                bstc_scope_handler(program, edge->from_actor,
                                   program->messages[edge->message].answer));
    }
}

/* What is demanded of the first stage goes from stage to stage. */
static void add_stream(struct bstc_reach *r,
                       const struct bstc_sym_stream *stream)
{
    const struct bstc_program *program = r->topo->program;
    const struct bstc_sym_handler *at = NULL;
    uint32_t actor = BSTC_NONE;

    for (uint32_t i = 0; i < stream->nstages; i++) {
        const struct bstc_sym_handler *next;
        uint32_t group = stream->stages[i];
        uint32_t to =
            group == BSTC_NONE ? BSTC_NONE : program->groups[group].actor;

        if (to == BSTC_NONE)
            return;
        if (i == 0) {
            next = program->actors[to].demand;
            r->is_source[to] = true;
        } else {
            next = bstc_scope_handler(program, to, at->emits);
            add_arc(r, actor, at, to, next);
        }
        if (!next)
            return;
        at = next;
        actor = to;
    }
}

/* ---- what is reached ----------------------------------------------------- */

static void push(struct bstc_reach *r, uint32_t node, uint32_t *depth)
{
    if (r->is_reached[node])
        return;
    r->is_reached[node] = true;
    r->stack[(*depth)++] = node;
}

void bstc_reach_from(struct bstc_reach *r, uint32_t node)
{
    uint32_t depth = 0;

    push(r, node, &depth);
    while (depth > 0) {
        uint32_t at = r->graph.heads[r->stack[--depth]];

        for (; at != BSTC_NO_EDGE; at = r->graph.arcs[at].next)
            push(r, r->graph.arcs[at].to, &depth);
    }
}

static bool is_restarted(const struct bstc_reach *r, uint32_t actor)
{
    const struct bstc_topo *topo = r->topo;

    for (uint32_t i = topo->first_group[actor];
         i < topo->first_group[actor + 1]; i++) {
        const struct bstc_settings *settings = bstc_scope_nearest(
            topo->program, &topo->program->groups[topo->groups[i]],
            BSTC_SETTING_LIFETIME);

        if (!settings || settings->lifetime != BSTC_TEMPORARY)
            return true;
    }
    return false;
}

/* Whom it could watch comes from a declared target, from a sender, or from a
 * field; what C does with them is not known here. */
static bool knows_somebody(const struct bstc_reach *r, uint32_t actor)
{
    const struct bstc_sym_actor *symbol = &r->topo->program->actors[actor];

    for (uint32_t i = 0; i < symbol->nhandlers; i++) {
        const struct bstc_sym_handler *handler = &symbol->handlers[i];

        if (handler->event == BSTC_ON_MESSAGE || handler->event == BSTC_ON_ANY)
            return true;
        for (uint32_t k = 0; k < handler->nuses; k++) {
            if (handler->uses[k].target != BSTC_TO_SELF)
                return true;
        }
    }
    for (const struct bstc_ast_field *f = symbol->ast->args; f; f = f->next) {
        if (f->type.kind == BSTC_AST_TYPE_REF)
            return true;
    }
    return false;
}

static bool is_root(const struct bstc_reach *r, uint32_t actor,
                    const struct bstc_sym_handler *handler)
{
    switch (handler->event) {
    case BSTC_ON_MESSAGE:
        return handler->message == BSTC_NONE || !r->is_sent[handler->message];
    case BSTC_ON_RESTART:
        return is_restarted(r, actor);
    case BSTC_ON_ANY:
        return r->has_untyped[actor];
    case BSTC_ON_DOWN:
        return knows_somebody(r, actor);
    case BSTC_ON_DEMAND:
        return r->is_source[actor];
    case BSTC_ON_START:
    case BSTC_ON_STOP:
    case BSTC_ON_TIMER:
    case BSTC_ON_RUN:
        break;
    }
    return true;
}

/* Returns whether some group runs the actor and is reached. */
static bool has_reached_group(const struct bstc_reach *r, uint32_t actor)
{
    for (uint32_t i = r->topo->first_group[actor];
         i < r->topo->first_group[actor + 1]; i++) {
        if (bstc_reach_has_group(r, r->topo->groups[i]))
            return true;
    }
    return false;
}

static bool has_distributor(const struct bstc_reach *r, uint32_t actor)
{
    for (uint32_t i = r->topo->first_group[actor];
         i < r->topo->first_group[actor + 1]; i++) {
        if (r->topo->program->groups[r->topo->groups[i]]
                .settings.written[BSTC_SETTING_DISTRIBUTOR])
            return true;
    }
    return false;
}

static void reach_actor(struct bstc_reach *r, uint32_t actor)
{
    const struct bstc_sym_actor *symbol = &r->topo->program->actors[actor];
    bool all = !has_reached_group(r, actor);
    bool messages = has_distributor(r, actor);

    for (uint32_t i = 0; i < symbol->nhandlers; i++) {
        const struct bstc_sym_handler *handler = &symbol->handlers[i];

        if (all || (messages && handler->event == BSTC_ON_MESSAGE) ||
            is_root(r, actor, handler))
            bstc_reach_from(r, r->waits->first[actor] + i);
    }
}

static void reach_outside(struct bstc_reach *r)
{
    const struct bstc_topo *topo = r->topo;

    for (uint32_t i = topo->first_outside; i < topo->first_stream; i++) {
        const struct bstc_sym_handler *to =
            bstc_waits_target(topo, &topo->edges[i]);

        if (to)
            bstc_reach_from(
                r, bstc_waits_node(r->waits, topo->edges[i].to_actor, to));
    }
}

static void allocate(struct bstc_reach *r)
{
    const struct bstc_program *program = r->topo->program;
    struct bstc_arena *arena = &program->context->arena;
    size_t messages = (size_t)program->nmessages + 1;
    size_t actors = (size_t)program->nactors + 1;
    size_t handlers = (size_t)r->waits->nhandlers + 1;

    bstc_digraph_init(&r->graph, arena, r->waits->nhandlers);
    r->is_reached = bstc_arena_array(arena, handlers, sizeof(bool));
    r->stack = bstc_arena_array(arena, handlers, sizeof *r->stack);
    r->is_sent = bstc_arena_array(arena, messages, sizeof(bool));
    r->is_type = bstc_arena_array(arena, messages, sizeof(bool));
    r->handled_by = bstc_arena_array(arena, messages, sizeof *r->handled_by);
    r->has_group =
        bstc_arena_array(arena, (size_t)program->ngroups + 1, sizeof(bool));
    r->has_any = bstc_arena_array(arena, actors, sizeof(bool));
    r->has_untyped = bstc_arena_array(arena, actors, sizeof(bool));
    r->is_source = bstc_arena_array(arena, actors, sizeof(bool));
}

void bstc_reach_init(struct bstc_reach *reach, const struct bstc_waits *waits)
{
    const struct bstc_program *program = waits->topo->program;

    *reach = (struct bstc_reach){.topo = waits->topo, .waits = waits};
    allocate(reach);
    note_messages(reach);
    note_handlers(reach);
    note_groups(reach);
    note_active(reach);
    add_edges(reach);
    for (uint32_t i = 0; i < program->nstreams; i++)
        add_stream(reach, &program->streams[i]);
    bstc_digraph_parts(&reach->graph);
    for (uint32_t i = 0; i < program->nactors; i++)
        reach_actor(reach, i);
    reach_outside(reach);
}
