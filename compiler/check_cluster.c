/*
 * What crosses from node to node: messages that mean something on one node
 * only (E0801), and asks that give up before a silent node is suspected
 * (W0802).
 *
 * A group without `at` is on every node, and whoever sends to it means the
 * one on its own node. So an edge crosses if its receiver has a place, and
 * sender and receiver are not both on one and the same node alone. Where both
 * ends have many groups, each kind of sender is compared once.
 */

#include "check.h"

#include "emit_out.h"
#include "fields.h"

#define DEFAULT_SUSPECT 1000000000

/* Where the groups of one actor are, or one group is. */
enum place {
    NOWHERE,    /* no group */
    EVERYWHERE, /* a group without `at`, or groups on several nodes */
    ON_ONE      /* all on one node */
};

struct where {
    enum place place;
    uint32_t node; /* ON_ONE */
};

struct cluster {
    const struct bstc_topo *topo;
    struct where *groups; /* of each group */
    struct where *actors; /* of each actor: all its groups together */
    bool *is_placed;      /* of each actor: a group of it has an `at` */
    bool *is_local;       /* of each actor: a group of it has none */
    bool *is_reported;    /* of each message */
    bool *is_unsafe;      /* of each message */
    const struct bstc_ast_field **why; /* of each unsafe message */
};

/* ---- places -------------------------------------------------------------- */

static struct where where_is(const struct bstc_sym_group *group)
{
    struct where where = {EVERYWHERE, 0};

    for (uint32_t i = 0; i < group->nnodes; i++) {
        if (group->nodes[i] == BSTC_NONE ||
            (i > 0 && group->nodes[i] != where.node))
            return (struct where){EVERYWHERE, 0};
        where = (struct where){ON_ONE, group->nodes[i]};
    }
    return where;
}

static struct where merge(struct where a, struct where b)
{
    if (a.place == NOWHERE)
        return b;
    if (a.place == ON_ONE && b.place == ON_ONE && a.node == b.node)
        return a;
    return (struct where){EVERYWHERE, 0};
}

static void find_places(struct cluster *c)
{
    const struct bstc_program *program = c->topo->program;

    for (uint32_t i = 0; i < program->ngroups; i++) {
        const struct bstc_sym_group *group = &program->groups[i];

        c->groups[i] = where_is(group);
        if (group->actor == BSTC_NONE)
            continue;
        c->actors[group->actor] = merge(c->actors[group->actor], c->groups[i]);
        if (group->nnodes > 0)
            c->is_placed[group->actor] = true;
        else
            c->is_local[group->actor] = true;
    }
}

static bool crosses(const struct cluster *c, const struct bstc_edge *edge)
{
    struct where from;
    struct where to;

    if (edge->kind == BSTC_EDGE_SPAWN || edge->target == BSTC_TO_SELF ||
        edge->to_actor == BSTC_NONE || edge->from_actor == BSTC_NONE ||
        c->topo->program->cluster.nnodes < 2)
        return false;
    if (edge->to_group != BSTC_NONE) {
        if (c->topo->program->groups[edge->to_group].nnodes == 0)
            return false;
        to = c->groups[edge->to_group];
    } else {
        if (!c->is_placed[edge->to_actor])
            return false;
        to = c->actors[edge->to_actor];
    }
    from = edge->from_group != BSTC_NONE ? c->groups[edge->from_group]
                                         : c->actors[edge->from_actor];
    if (from.place == NOWHERE)
        return false;
    return !(from.place == ON_ONE && to.place == ON_ONE &&
             from.node == to.node);
}

/* ---- what a message holds ------------------------------------------------ */

/* Only the types of the language look the same on the wire everywhere. */
static bool is_safe(const struct cluster *c, const struct bstc_ast_field *field)
{
    const struct bstc_program *program = c->topo->program;
    uint32_t index;

    if (field->type.pointer || bstc_field_owns(field) == BSTC_OWNS_FD)
        return false;
    switch (field->type.kind) {
    case BSTC_AST_TYPE_NAME:
        return bstc_field_type(field)->class != BSTC_TYPE_OTHER;
    case BSTC_AST_TYPE_STRUCT:
        index = bstc_scope_find(program, BSTC_A_MESSAGE, field->type.name.text);
        return index != BSTC_NONE && !c->is_unsafe[index];
    case BSTC_AST_TYPE_REF:
        index = bstc_scope_find(program, BSTC_AN_ACTOR, field->type.name.text);
        return index == BSTC_NONE || !c->is_local[index];
    case BSTC_AST_TYPE_ENUM:
        return true;
    case BSTC_AST_TYPE_UNION:
        break;
    }
    return false;
}

/* What a message holds by value comes before it in the order. */
static void judge_messages(struct cluster *c)
{
    const struct bstc_program *program = c->topo->program;
    uint32_t *order =
        bstc_arena_array(&program->context->arena,
                         (size_t)program->nmessages + 1, sizeof *order);

    if (bstc_fields_order(program, order) != BSTC_NONE)
        return;
    for (uint32_t i = 0; i < program->nmessages; i++) {
        const struct bstc_ast_field *field =
            program->messages[order[i]].ast->fields;

        while (field && (!field->type.name.text || is_safe(c, field)))
            field = field->next;
        c->is_unsafe[order[i]] = field != NULL;
        c->why[order[i]] = field;
    }
}

static const char *reason(const struct cluster *c,
                          const struct bstc_ast_field *field)
{
    const struct bstc_program *program = c->topo->program;

    if (field->type.pointer)
        return "a pointer means nothing on another node";
    if (bstc_field_owns(field) == BSTC_OWNS_FD)
        return "a descriptor means nothing on another node";
    if (field->type.kind == BSTC_AST_TYPE_REF)
        return bstc_arena_format(&program->context->arena,
                                 "a group of `%s` has no `at`, so it is known "
                                 "on its node only",
                                 field->type.name.text);
    if (field->type.kind == BSTC_AST_TYPE_STRUCT &&
        bstc_scope_find(program, BSTC_A_MESSAGE, field->type.name.text) !=
            BSTC_NONE)
        return bstc_arena_format(&program->context->arena,
                                 "`%s` holds what cannot cross either",
                                 field->type.name.text);
    return "only C knows how this is laid out";
}

/* ---- findings ------------------------------------------------------------ */

static void check_message(struct cluster *c, const struct bstc_edge *edge,
                          uint32_t message)
{
    const struct bstc_program *program = c->topo->program;
    struct bstc_diags *diags = &program->context->diags;
    const struct bstc_ast_field *field;
    struct bstc_diag *diag;
    bool is_first;

    if (message == BSTC_NONE || !c->is_unsafe[message] ||
        c->is_reported[message])
        return;
    c->is_reported[message] = true;
    field = c->why[message];
    is_first = bstc_span_is_before(field->span, edge->span);
    diag = bstc_error(diags, "E0801", is_first ? field->span : edge->span,
                      "`%s` crosses nodes and cannot carry `%s`",
                      program->messages[message].ast->name.text,
                      field->name.text ? field->name.text : "this");
    bstc_diag_label(diags, diag, "%s",
                    is_first ? reason(c, field) : "crosses nodes here");
    bstc_diag_also(diags, diag, is_first ? edge->span : field->span, "%s",
                   is_first ? "crosses nodes here" : reason(c, field));
}

static void check_deadline(const struct cluster *c,
                           const struct bstc_edge *edge)
{
    const struct bstc_sym_cluster *cluster = &c->topo->program->cluster;
    struct bstc_diags *diags = &c->topo->program->context->diags;
    const struct bstc_ast_setting *written =
        cluster->settings.written[BSTC_SETTING_SUSPECT];
    int64_t suspect = cluster->settings.is_valid[BSTC_SETTING_SUSPECT]
                          ? cluster->settings.suspect
                          : DEFAULT_SUSPECT;
    struct bstc_span other = written ? written->span : cluster->ast->name.span;
    struct bstc_span within = edge->use->clause->within_span;
    bool is_first = bstc_span_is_before(other, within);
    struct bstc_diag *diag;
    char text[32];

    if (edge->within == 0 || edge->within >= suspect)
        return;
    bstc_duration_text(text, sizeof text, suspect);
    diag = bstc_warning(diags, "W0802", is_first ? other : within,
                        "an ask across nodes gives up before a node is "
                        "suspected");
    bstc_diag_label(diags, diag,
                    is_first ? "a silent node counts as alive for %s"
                             : "shorter than `suspect %s`",
                    text);
    bstc_diag_also(diags, diag, is_first ? within : other,
                   is_first ? "shorter than `suspect %s`"
                            : "a silent node counts as alive for %s",
                   text);
    bstc_diag_help(diags, diag, "wait at least %s", text);
}

static void check_edge(struct cluster *c, const struct bstc_edge *edge)
{
    const struct bstc_program *program = c->topo->program;

    if (!crosses(c, edge))
        return;
    if (edge->message != BSTC_NONE) {
        check_message(c, edge, edge->message);
        check_message(c, edge, program->messages[edge->message].answer);
    }
    if (edge->kind == BSTC_EDGE_ASK)
        check_deadline(c, edge);
}

/* Follows what flows through a stream, as far as its stages fit. */
static void check_stream(struct cluster *c, uint32_t *index)
{
    const struct bstc_program *program = c->topo->program;
    const struct bstc_sym_stream *stream = c->topo->edges[*index].stream;
    const struct bstc_sym_handler *at = NULL;

    for (; *index < c->topo->nedges && c->topo->edges[*index].stream == stream;
         (*index)++) {
        const struct bstc_edge *edge = &c->topo->edges[*index];

        if (edge->from_actor == BSTC_NONE)
            continue;
        at = edge->from_group == stream->stages[0] && !at
                 ? program->actors[edge->from_actor].demand
             : at ? bstc_scope_handler(program, edge->from_actor, at->emits)
                  : NULL;
        if (at && crosses(c, edge))
            check_message(c, edge, at->emits);
    }
}

void bstc_check_cluster(const struct bstc_topo *topo)
{
    const struct bstc_program *program = topo->program;
    struct bstc_arena *arena = &program->context->arena;
    size_t actors = (size_t)program->nactors + 1;
    size_t messages = (size_t)program->nmessages + 1;
    struct cluster c = {.topo = topo};

    if (!program->cluster.ast)
        return;
    c.groups =
        bstc_arena_array(arena, (size_t)program->ngroups + 1, sizeof *c.groups);
    c.actors = bstc_arena_array(arena, actors, sizeof *c.actors);
    c.is_placed = bstc_arena_array(arena, actors, sizeof(bool));
    c.is_local = bstc_arena_array(arena, actors, sizeof(bool));
    c.is_reported = bstc_arena_array(arena, messages, sizeof(bool));
    c.is_unsafe = bstc_arena_array(arena, messages, sizeof(bool));
    c.why = bstc_arena_array(arena, messages, sizeof *c.why);
    find_places(&c);
    judge_messages(&c);
    for (uint32_t i = 0; i < topo->first_outside; i++)
        check_edge(&c, &topo->edges[i]);
    for (uint32_t i = topo->first_stream; i < topo->nedges;)
        check_stream(&c, &i);
}
