/*
 * A plan for people: a tree, with a line for each group and one below it for
 * those who send to it, and the bounds in the last lines.
 */

#include "plan.h"

#include <string.h>

#include "graph.h"
#include "memory.h"
#include "text.h"
#include "tree_walk.h"

/* As many are named in a line. */
enum { NAMED = 6 };

#define BETWEEN " \xc2\xb7 "   /* a dot */
#define TIMES "\xc3\x97"       /* a cross */
#define AT_MOST "\xe2\x89\xa4" /* less or equal */

/* An edge in the list of those that lead to one place. */
struct arrival {
    uint32_t edge;
    uint32_t next; /* or BSTC_NONE */
};

struct printer {
    struct bstc_out *out;
    const struct bstc_plan *plan;
    const struct bstc_program *program;
    const struct bstc_topo *topo;
    struct arrival *arrivals;
    uint32_t narrivals;
    uint32_t *of_group; /* first and last arrival at each group */
    uint32_t *of_group_last;
    uint32_t *of_actor; /* at any group of each actor */
    uint32_t *of_actor_last;
    bool is_last[BSTC_MAX_DEPTH + 1]; /* what is above ends at its level */
};

/* ---- who sends to whom --------------------------------------------------- */

static void arrive(struct printer *p, uint32_t *heads, uint32_t *tails,
                   uint32_t at, uint32_t edge)
{
    uint32_t index = p->narrivals++;

    p->arrivals[index] = (struct arrival){edge, BSTC_NONE};
    if (heads[at] == BSTC_NONE)
        heads[at] = index;
    else
        p->arrivals[tails[at]].next = index;
    tails[at] = index;
}

static uint32_t *none(struct bstc_arena *arena, uint32_t count)
{
    uint32_t *list = bstc_arena_array(arena, (size_t)count + 1, sizeof *list);

    for (uint32_t i = 0; i < count; i++)
        list[i] = BSTC_NONE;
    return list;
}

static void collect_arrivals(struct printer *p)
{
    struct bstc_arena *arena = &p->program->context->arena;

    p->arrivals = bstc_arena_array(arena, (size_t)p->topo->nedges + 1,
                                   sizeof *p->arrivals);
    p->of_group = none(arena, p->program->ngroups);
    p->of_group_last = none(arena, p->program->ngroups);
    p->of_actor = none(arena, p->program->nactors);
    p->of_actor_last = none(arena, p->program->nactors);
    for (uint32_t i = 0; i < p->topo->first_stream; i++) {
        const struct bstc_edge *edge = &p->topo->edges[i];

        if (edge->target == BSTC_TO_SELF)
            continue;
        if (edge->to_group != BSTC_NONE)
            arrive(p, p->of_group, p->of_group_last, edge->to_group, i);
        else if (edge->to_actor != BSTC_NONE)
            arrive(p, p->of_actor, p->of_actor_last, edge->to_actor, i);
    }
}

/* "client.start", "client.every(50ms)", "outside" */
static void put_sender(const struct printer *p, const struct bstc_edge *edge)
{
    const char *label;
    char within[32];

    if (edge->from_actor == BSTC_NONE) {
        bstc_out_text(p->out, "outside");
    } else {
        label = edge->handler->label;
        bstc_out_format(p->out, "%s.",
                        p->program->actors[edge->from_actor].ast->name.text);
        if (strncmp(label, "on ", 3) == 0)
            bstc_out_text(p->out, label + 3 + (label[3] == '#'));
        else if (strchr(label, ' '))
            bstc_out_format(p->out, "%s(%s)",
                            edge->handler->ast->kind == BSTC_AST_HANDLER_EVERY
                                ? "every"
                                : "idle",
                            strchr(label, ' ') + 1);
        else
            bstc_out_text(p->out, label);
    }
    if (edge->kind == BSTC_EDGE_ASK && edge->within) {
        bstc_duration_text(within, sizeof within, edge->within);
        bstc_out_format(p->out, " within %s", within);
    }
}

/* A handler is named once, whatever number of messages it sends. */
static bool is_same(const struct printer *p, uint32_t a, uint32_t b)
{
    const struct bstc_edge *x = &p->topo->edges[a];
    const struct bstc_edge *y = &p->topo->edges[b];

    return x->handler == y->handler && x->from_actor == y->from_actor &&
           x->within == y->within;
}

/* Puts those of one kind; returns whether there was one. */
static bool put_kind(const struct printer *p, const char *word,
                     enum bstc_edge_kind kind, const uint32_t heads[2],
                     bool has_more)
{
    uint32_t previous = BSTC_NONE;
    unsigned count = 0;

    for (int i = 0; i < 2; i++) {
        for (uint32_t at = heads[i]; at != BSTC_NONE;
             at = p->arrivals[at].next) {
            uint32_t edge = p->arrivals[at].edge;

            if (p->topo->edges[edge].kind != kind ||
                (previous != BSTC_NONE && is_same(p, previous, edge)))
                continue;
            previous = edge;
            if (count++ >= NAMED)
                continue;
            bstc_out_format(p->out, "%s%s",
                            count > 1  ? ", "
                            : has_more ? BETWEEN
                                       : "",
                            count > 1 ? "" : word);
            put_sender(p, &p->topo->edges[edge]);
        }
    }
    if (count > NAMED)
        bstc_out_format(p->out, " and %u more", count - NAMED);
    return count > 0 || has_more;
}

/* ---- lines --------------------------------------------------------------- */

/* The bars of what is around, and a branch, or a bar for what is below. */
static void put_branch(const struct printer *p, uint32_t depth, bool is_first)
{
    for (uint32_t i = 1; i < depth; i++)
        bstc_out_text(p->out, p->is_last[i] ? "   " : "\xe2\x94\x82  ");
    if (depth == 0)
        return;
    if (is_first)
        bstc_out_text(p->out, p->is_last[depth] ? "\xe2\x94\x94\xe2\x94\x80 "
                                                : "\xe2\x94\x9c\xe2\x94\x80 ");
    else
        bstc_out_text(p->out, p->is_last[depth] ? "     " : "\xe2\x94\x82    ");
}

static void put_holds(const struct printer *p, const struct bstc_holds *holds)
{
    bstc_out_format(p->out, "  %s%s", holds->name, *holds->value ? " " : "");
    bstc_out_text(p->out, holds->value);
    if (holds->from == BSTC_FROM_DEFAULT)
        bstc_out_text(p->out, " (default)");
    else
        bstc_out_format(p->out, " (%s:%u)", holds->place.file,
                        holds->place.line);
}

/* All that is not a default; the size of a mailbox in any case. */
static void put_group_settings(const struct printer *p, uint32_t group)
{
    for (int i = 0; i < BSTC_SETTING_COUNT; i++) {
        enum bstc_setting setting = (enum bstc_setting)i;
        struct bstc_holds holds;

        if (setting != BSTC_SETTING_REDUNDANCY &&
            bstc_plan_of_group(p->plan, group, setting, &holds) &&
            (holds.from != BSTC_FROM_DEFAULT ||
             setting == BSTC_SETTING_MAILBOX))
            put_holds(p, &holds);
    }
}

static void put_group(const struct printer *p, uint32_t group, uint32_t depth)
{
    const struct bstc_sym_group *symbol = &p->program->groups[group];
    uint32_t heads[2] = {p->of_group[group], p->of_actor[symbol->actor]};
    bool has_more;

    put_branch(p, depth, true);
    bstc_out_format(p->out, "%s  %s %s%s", symbol->ast->name.text,
                    symbol->ast->actor.text, TIMES,
                    bstc_graph_members(p->topo, group));
    for (uint32_t i = 0; i < symbol->nnodes; i++)
        bstc_out_format(p->out, "%s%s", i ? ", " : "  at ",
                        p->program->cluster.nodes[symbol->nodes[i]]->name.text);
    put_group_settings(p, group);
    bstc_out_text(p->out, "\n");
    if (heads[0] == BSTC_NONE && heads[1] == BSTC_NONE)
        return;
    put_branch(p, depth, false);
    has_more = put_kind(p, "asked by ", BSTC_EDGE_ASK, heads, false);
    has_more = put_kind(p, "told by ", BSTC_EDGE_TELL, heads, has_more);
    has_more = put_kind(p, "cast to by ", BSTC_EDGE_CAST, heads, has_more);
    put_kind(p, "spawned by ", BSTC_EDGE_SPAWN, heads, has_more);
    bstc_out_text(p->out, "\n");
}

static void put_supervisor(const struct printer *p, uint32_t supervisor,
                           uint32_t depth)
{
    const struct bstc_sym_supervisor *symbol =
        &p->program->supervisors[supervisor];

    put_branch(p, depth, true);
    bstc_out_format(p->out, "%s  %s", symbol->ast->name.text,
                    bstc_strategy_text(symbol->strategy));
    for (int i = 0; i < BSTC_SETTING_COUNT; i++) {
        struct bstc_holds holds;

        if (bstc_plan_of_supervisor(p->plan, supervisor, (enum bstc_setting)i,
                                    &holds))
            put_holds(p, &holds);
    }
    bstc_out_text(p->out, "\n");
}

static void put_tree(struct printer *p)
{
    struct bstc_tree_walk walk;

    bstc_tree_walk_init(&walk, p->program);
    while (bstc_tree_walk_next(&walk)) {
        p->is_last[walk.depth] = walk.is_last;
        if (walk.step == BSTC_STEP_ENTER)
            put_supervisor(p, walk.index, walk.depth);
        else if (walk.step == BSTC_STEP_GROUP)
            put_group(p, walk.index, walk.depth);
    }
}

static void put_streams(const struct printer *p)
{
    for (uint32_t i = 0; i < p->program->nstreams; i++) {
        const struct bstc_sym_stream *stream = &p->program->streams[i];

        bstc_out_text(p->out, "stream");
        for (uint32_t k = 0; k < stream->nstages; k++)
            bstc_out_format(
                p->out, "%s %s", k ? " ~>" : "",
                p->program->groups[stream->stages[k]].ast->name.text);
        for (int k = 0; k < BSTC_SETTING_COUNT; k++) {
            const struct bstc_ast_setting *setting =
                stream->settings.written[k];
            struct bstc_holds holds;

            if (!setting)
                continue;
            holds = (struct bstc_holds){
                bstc_setting_info((enum bstc_setting)k)->name,
                bstc_setting_text(p->program, setting), BSTC_FROM_HERE,
                bstc_program_place(p->program, setting->span)};
            put_holds(p, &holds);
        }
        bstc_out_text(p->out, "\n");
    }
}

/* What holds where nothing is said. */
static void put_defaults(const struct printer *p)
{
    static const enum bstc_setting shown[] = {
        BSTC_SETTING_DISPATCH, BSTC_SETTING_STACK, BSTC_SETTING_SHUTDOWN,
        BSTC_SETTING_LIFETIME};

    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const struct bstc_setting_info *info = bstc_setting_info(shown[i]);

        bstc_out_format(p->out, "%s%s %s", i ? BETWEEN : "else ", info->name,
                        info->fallback);
    }
    bstc_out_text(p->out, "\n");
}

static void put_order(const struct printer *p)
{
    const char *before = "start order: ";

    for (uint32_t i = 0; i < p->program->ngroups; i++) {
        if (p->program->groups[i].ast->is_dynamic)
            continue;
        bstc_out_format(p->out, "%s%s", before,
                        p->program->groups[i].ast->name.text);
        before = ", ";
    }
    bstc_out_text(p->out, "\n");
}

static void put_bounds(const struct printer *p)
{
    const struct bstc_plan *plan = p->plan;
    struct bstc_arena *arena = &p->program->context->arena;

    bstc_out_format(p->out, "processes %llu", (unsigned long long)plan->low);
    if (plan->high != plan->low)
        bstc_out_format(p->out, "..%llu", (unsigned long long)plan->high);
    bstc_out_format(p->out, BETWEEN "memory " AT_MOST " %s%s",
                    bstc_memory_text(arena, plan->memory),
                    plan->memory_is_open ? " and what C types need" : "");
    if (plan->restarts == BSTC_UNBOUNDED)
        bstc_out_text(p->out, BETWEEN "restarts before root stops: no bound");
    else
        bstc_out_format(p->out,
                        BETWEEN "restarts before root stops " AT_MOST " %llu",
                        (unsigned long long)plan->restarts);
    if (plan->ask_depth == BSTC_NONE)
        bstc_out_text(p->out, BETWEEN "asks wait for each other");
    else
        bstc_out_format(p->out, BETWEEN "ask depth %u", plan->ask_depth);
    bstc_out_format(p->out, BETWEEN "%u warning%s\n", plan->warnings,
                    plan->warnings == 1 ? "" : "s");
}

void bstc_plan_text(struct bstc_out *out, const struct bstc_plan *plan)
{
    struct printer p = {.out = out,
                        .plan = plan,
                        .program = plan->look->program,
                        .topo = &plan->look->topo};

    collect_arrivals(&p);
    put_tree(&p);
    put_streams(&p);
    put_defaults(&p);
    put_order(&p);
    put_bounds(&p);
}
