/*
 * The numbers of a plan, and where settings come from.
 */

#include "plan.h"

#include <string.h>

#include "budget.h"
#include "fields.h"
#include "memory.h"
#include "tree_walk.h"
#include "waits.h"

/* ---- settings ------------------------------------------------------------ */

const char *bstc_setting_text(const struct bstc_program *program,
                              const struct bstc_ast_setting *setting)
{
    struct bstc_arena *arena = &program->context->arena;
    const struct bstc_source *source =
        bstc_sources_at(&program->context->sources, setting->name.span.file);
    size_t room = setting->span.end - setting->name.span.end;
    char *text = bstc_arena_alloc(arena, room + setting->nargs + 1);
    size_t used = 0;

    for (const struct bstc_ast_value *arg = setting->args; arg;
         arg = arg->next) {
        size_t length = arg->span.end - arg->span.start;

        if (used)
            text[used++] = ' ';
        memcpy(text + used, source->text + arg->span.start, length);
        used += length;
    }
    text[used] = '\0';
    return text;
}

static void found(const struct bstc_plan *plan, struct bstc_holds *holds,
                  const struct bstc_ast_setting *setting, enum bstc_from from)
{
    holds->value = bstc_setting_text(plan->look->program, setting);
    holds->from = from;
    holds->place = bstc_program_place(plan->look->program, setting->span);
}

/* A default that is a value, and not the word for "nothing". */
static bool take_default(struct bstc_holds *holds, enum bstc_setting setting)
{
    const char *fallback = bstc_setting_info(setting)->fallback;

    holds->value = fallback;
    holds->from = BSTC_FROM_DEFAULT;
    holds->place = (struct bstc_place){"", 0};
    return strcmp(fallback, "none") != 0 && strcmp(fallback, "no") != 0;
}

/* What stands in a supervisor for what is below it. Its `restart` is for
 * supervisors only. */
static bool is_inherited(enum bstc_setting setting)
{
    return setting != BSTC_SETTING_RESTART && setting != BSTC_SETTING_BACKOFF &&
           setting != BSTC_SETTING_SIGNIFICANT &&
           bstc_setting_info(setting)->where & BSTC_IN_SUPERVISOR;
}

bool bstc_plan_of_group(const struct bstc_plan *plan, uint32_t group,
                        enum bstc_setting setting, struct bstc_holds *holds)
{
    const struct bstc_program *program = plan->look->program;
    const struct bstc_sym_group *symbol = &program->groups[group];
    const struct bstc_settings *around;

    holds->name = bstc_setting_info(setting)->name;
    if (symbol->settings.written[setting]) {
        found(plan, holds, symbol->settings.written[setting], BSTC_FROM_HERE);
        return true;
    }
    if (!is_inherited(setting))
        return false;
    around = bstc_scope_around(program, symbol->supervisor, setting);
    if (around) {
        found(plan, holds, around->written[setting], BSTC_FROM_SUPERVISOR);
        return true;
    }
    return bstc_setting_info(setting)->where & BSTC_IN_GROUP &&
           take_default(holds, setting);
}

bool bstc_plan_of_supervisor(const struct bstc_plan *plan, uint32_t supervisor,
                             enum bstc_setting setting,
                             struct bstc_holds *holds)
{
    const struct bstc_program *program = plan->look->program;
    const struct bstc_sym_supervisor *symbol =
        &program->supervisors[supervisor];
    const struct bstc_settings *around;

    holds->name = bstc_setting_info(setting)->name;
    if (symbol->settings.written[setting]) {
        found(plan, holds, symbol->settings.written[setting], BSTC_FROM_HERE);
        return true;
    }
    if (setting != BSTC_SETTING_RESTART)
        return false;
    around = bstc_scope_around(program, symbol->parent, setting);
    if (around) {
        found(plan, holds, around->written[setting], BSTC_FROM_SUPERVISOR);
        return true;
    }
    return take_default(holds, setting);
}

/* ---- restarts ------------------------------------------------------------ */

/* How often a child starts, at most, before a budget and those around it are
 * used up. */
static uint64_t starts_of(const struct bstc_restart *restart, uint64_t above)
{
    switch (restart->mode) {
    case BSTC_RESTART_SHARED:
        return above;
    case BSTC_RESTART_ALWAYS:
        return BSTC_UNBOUNDED;
    case BSTC_RESTART_NEVER:
        return 1;
    case BSTC_RESTART_LIMITED:
        break;
    }
    if (restart->then == BSTC_REMOVE)
        return (uint64_t)restart->tries + 1;
    return bstc_multiply(above, (uint64_t)restart->tries + 1);
}

static void count_restarts(struct bstc_plan *plan)
{
    const struct bstc_look *look = plan->look;
    uint64_t starts[BSTC_MAX_DEPTH + 1];
    struct bstc_tree_walk walk;

    plan->of_group = bstc_arena_array(&look->program->context->arena,
                                      (size_t)look->program->ngroups + 1,
                                      sizeof *plan->of_group);
    bstc_tree_walk_init(&walk, look->program);
    while (bstc_tree_walk_next(&walk)) {
        const struct bstc_group *group;
        uint64_t all;

        if (walk.step == BSTC_STEP_ENTER)
            starts[walk.depth] =
                starts_of(&bstc_look_supervisor(look, walk.index)->restart,
                          walk.depth ? starts[walk.depth - 1] : 1);
        if (walk.step != BSTC_STEP_GROUP)
            continue;
        group = &look->model.groups[walk.index];
        all = group->lifetime.value == BSTC_TEMPORARY
                  ? 1
                  : starts_of(&group->restart, starts[walk.depth - 1]);
        plan->of_group[walk.index] = all == BSTC_UNBOUNDED ? all : all - 1;
        if (plan->of_group[walk.index] > plan->restarts)
            plan->restarts = plan->of_group[walk.index];
    }
}

/* ---- asks ---------------------------------------------------------------- */

/* Handlers by the number of their part, by counting. */
static uint32_t *by_part(const struct bstc_digraph *graph)
{
    uint32_t *order = bstc_arena_array(graph->arena, (size_t)graph->nnodes + 1,
                                       sizeof *order);
    uint32_t *first = bstc_arena_array(graph->arena, (size_t)graph->nparts + 2,
                                       sizeof *first);

    for (uint32_t i = 0; i < graph->nnodes; i++)
        first[graph->parts[i] + 1]++;
    for (uint32_t i = 1; i <= graph->nparts; i++)
        first[i] += first[i - 1];
    for (uint32_t i = 0; i < graph->nnodes; i++)
        order[first[graph->parts[i]]++] = i;
    return order;
}

/* The most asks that wait for one another. */
static uint32_t find_depth(const struct bstc_topo *topo)
{
    struct bstc_waits waits;
    struct bstc_digraph *graph = &waits.graph;
    uint32_t *depths;
    uint32_t *order;
    uint32_t deepest = 0;

    bstc_waits_init(&waits, topo);
    depths = bstc_arena_array(graph->arena, (size_t)graph->nparts + 1,
                              sizeof *depths);
    order = by_part(graph);
    for (uint32_t i = 0; i < graph->nnodes; i++) {
        uint32_t part = graph->parts[order[i]];

        for (uint32_t a = graph->heads[order[i]]; a != BSTC_NO_EDGE;
             a = graph->arcs[a].next) {
            bool is_ask = topo->edges[graph->arcs[a].tag].kind == BSTC_EDGE_ASK;
            uint32_t below = depths[graph->parts[graph->arcs[a].to]];

            if (bstc_digraph_is_inner(graph, a))
                return BSTC_NONE;
            if (below + (is_ask ? 1 : 0) > depths[part])
                depths[part] = below + (is_ask ? 1 : 0);
        }
        deepest = depths[part] > deepest ? depths[part] : deepest;
    }
    return deepest;
}

/* ---- the whole ----------------------------------------------------------- */

static bool has_open(const struct bstc_ast_field *field)
{
    for (; field; field = field->next) {
        if (field->array == BSTC_AST_ARRAY_NAME ||
            (!field->type.pointer &&
             bstc_field_type(field)->class == BSTC_TYPE_OTHER))
            return true;
    }
    return false;
}

static bool memory_is_open(const struct bstc_program *program)
{
    for (uint32_t i = 0; i < program->nmessages; i++) {
        if (has_open(program->messages[i].ast->fields))
            return true;
    }
    for (uint32_t i = 0; i < program->nactors; i++) {
        if (has_open(program->actors[i].ast->state))
            return true;
    }
    return false;
}

void bstc_plan_init(struct bstc_plan *plan, const struct bstc_look *look)
{
    const struct bstc_program *program = look->program;
    struct bstc_sizes sizes;

    *plan = (struct bstc_plan){.look = look};
    for (uint32_t i = 0; i < program->ngroups; i++) {
        plan->low = bstc_add(plan->low, look->topo.low[i]);
        plan->high = bstc_add(plan->high, look->topo.high[i]);
    }
    bstc_memory_sizes(&sizes, &look->topo);
    plan->memory = bstc_memory_of_all(&sizes);
    plan->memory_is_open = memory_is_open(program);
    count_restarts(plan);
    plan->ask_depth = find_depth(&look->topo);
    plan->warnings = program->context->diags.warnings;
}
