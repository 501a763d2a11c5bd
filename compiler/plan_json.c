/*
 * A plan as JSON:
 *
 *     {"program",
 *      "supervisors": [{"name", "parent", "strategy", "file", "line",
 *                       "settings": [...], "children": [name]}],
 *      "groups": [{"name", "actor", "supervisor", "file", "line", "dynamic",
 *                  "low", "high", "nodes": [name], "memory_bytes",
 *                  "restarts", "settings": [...]}],
 *      "streams": [{"stages": [name], "settings": [...]}],
 *      "start_order": [name],
 *      "processes": {"low", "high"}, "memory_bytes", "memory_is_open",
 *      "restarts", "ask_depth", "warnings"}
 *
 * A setting is {"name", "value", "origin": "here|supervisor|default", "file",
 * "line"}. What has no bound is null.
 */

#include "plan.h"

#include "graph.h"
#include "json.h"
#include "memory.h"

static void add_place(cJSON *object, struct bstc_place place)
{
    bstc_json_add_shown(object, "file", place.file);
    cJSON_AddNumberToObject(object, "line", place.line);
}

static void add_number(cJSON *object, const char *name, uint64_t number)
{
    if (number == BSTC_UNBOUNDED)
        cJSON_AddNullToObject(object, name);
    else
        cJSON_AddNumberToObject(object, name, (double)number);
}

static void add_name(cJSON *array, const char *name)
{
    cJSON_AddItemToArray(array, cJSON_CreateString(name));
}

static void add_holds(cJSON *settings, const struct bstc_holds *holds)
{
    static const char *const origins[] = {
        [BSTC_FROM_DEFAULT] = "default",
        [BSTC_FROM_HERE] = "here",
        [BSTC_FROM_SUPERVISOR] = "supervisor",
    };
    cJSON *object = cJSON_CreateObject();

    cJSON_AddStringToObject(object, "name", holds->name);
    bstc_json_add_shown(object, "value", holds->value);
    cJSON_AddStringToObject(object, "origin", origins[holds->from]);
    if (holds->from != BSTC_FROM_DEFAULT)
        add_place(object, holds->place);
    cJSON_AddItemToArray(settings, object);
}

static cJSON *supervisor_json(const struct bstc_plan *plan, uint32_t index)
{
    const struct bstc_program *program = plan->look->program;
    const struct bstc_sym_supervisor *s = &program->supervisors[index];
    cJSON *object = cJSON_CreateObject();
    cJSON *settings;
    cJSON *children;

    cJSON_AddStringToObject(object, "name", s->ast->name.text);
    if (s->parent == BSTC_NONE)
        cJSON_AddNullToObject(object, "parent");
    else
        cJSON_AddStringToObject(object, "parent",
                                program->supervisors[s->parent].ast->name.text);
    cJSON_AddStringToObject(object, "strategy",
                            bstc_strategy_text(s->strategy));
    add_place(object, bstc_program_place(program, s->ast->name.span));
    settings = cJSON_AddArrayToObject(object, "settings");
    for (int i = 0; i < BSTC_SETTING_COUNT; i++) {
        struct bstc_holds holds;

        if (bstc_plan_of_supervisor(plan, index, (enum bstc_setting)i, &holds))
            add_holds(settings, &holds);
    }
    children = cJSON_AddArrayToObject(object, "children");
    for (uint32_t i = 0; i < s->nchildren; i++) {
        const struct bstc_child *child = &s->children[i];

        add_name(children,
                 child->group != BSTC_NONE
                     ? program->groups[child->group].ast->name.text
                     : program->supervisors[child->supervisor].ast->name.text);
    }
    return object;
}

static cJSON *group_json(const struct bstc_plan *plan,
                         const struct bstc_sizes *sizes, uint32_t index)
{
    const struct bstc_program *program = plan->look->program;
    const struct bstc_topo *topo = &plan->look->topo;
    const struct bstc_sym_group *g = &program->groups[index];
    cJSON *object = cJSON_CreateObject();
    cJSON *list;

    cJSON_AddStringToObject(object, "name", g->ast->name.text);
    cJSON_AddStringToObject(object, "actor", g->ast->actor.text);
    cJSON_AddStringToObject(object, "supervisor",
                            program->supervisors[g->supervisor].ast->name.text);
    add_place(object, bstc_program_place(program, g->span));
    cJSON_AddBoolToObject(object, "dynamic", g->ast->is_dynamic);
    add_number(object, "low", topo->low[index]);
    add_number(object, "high", topo->high[index]);
    list = cJSON_AddArrayToObject(object, "nodes");
    for (uint32_t i = 0; i < g->nnodes; i++)
        add_name(list, program->cluster.nodes[g->nodes[i]]->name.text);
    add_number(object, "memory_bytes", bstc_memory_of_group(sizes, index));
    add_number(object, "restarts", plan->of_group[index]);
    list = cJSON_AddArrayToObject(object, "settings");
    for (int i = 0; i < BSTC_SETTING_COUNT; i++) {
        struct bstc_holds holds;

        if (bstc_plan_of_group(plan, index, (enum bstc_setting)i, &holds))
            add_holds(list, &holds);
    }
    return object;
}

static cJSON *stream_json(const struct bstc_plan *plan,
                          const struct bstc_sym_stream *stream)
{
    const struct bstc_program *program = plan->look->program;
    cJSON *object = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(object, "stages");

    for (uint32_t i = 0; i < stream->nstages; i++)
        add_name(list, program->groups[stream->stages[i]].ast->name.text);
    list = cJSON_AddArrayToObject(object, "settings");
    for (int i = 0; i < BSTC_SETTING_COUNT; i++) {
        const struct bstc_ast_setting *setting = stream->settings.written[i];
        struct bstc_holds holds;

        if (!setting)
            continue;
        holds = (struct bstc_holds){
            bstc_setting_info((enum bstc_setting)i)->name,
            bstc_setting_text(program, setting), BSTC_FROM_HERE,
            bstc_program_place(program, setting->span)};
        add_holds(list, &holds);
    }
    return object;
}

static void add_bounds(cJSON *root, const struct bstc_plan *plan)
{
    cJSON *processes = cJSON_AddObjectToObject(root, "processes");

    add_number(processes, "low", plan->low);
    add_number(processes, "high", plan->high);
    add_number(root, "memory_bytes", plan->memory);
    cJSON_AddBoolToObject(root, "memory_is_open", plan->memory_is_open);
    add_number(root, "restarts", plan->restarts);
    add_number(root, "ask_depth",
               plan->ask_depth == BSTC_NONE ? BSTC_UNBOUNDED : plan->ask_depth);
    cJSON_AddNumberToObject(root, "warnings", plan->warnings);
}

void bstc_plan_json(struct bstc_out *out, const struct bstc_plan *plan)
{
    const struct bstc_program *program = plan->look->program;
    cJSON *root = cJSON_CreateObject();
    struct bstc_sizes sizes;
    cJSON *list;
    char *text;

    bstc_memory_sizes(&sizes, &plan->look->topo);
    bstc_json_add_shown(root, "program", program->unit);
    list = cJSON_AddArrayToObject(root, "supervisors");
    for (uint32_t i = 0; i < program->nsupervisors; i++)
        cJSON_AddItemToArray(list, supervisor_json(plan, i));
    list = cJSON_AddArrayToObject(root, "groups");
    for (uint32_t i = 0; i < program->ngroups; i++)
        cJSON_AddItemToArray(list, group_json(plan, &sizes, i));
    list = cJSON_AddArrayToObject(root, "streams");
    for (uint32_t i = 0; i < program->nstreams; i++)
        cJSON_AddItemToArray(list, stream_json(plan, &program->streams[i]));
    list = cJSON_AddArrayToObject(root, "start_order");
    for (uint32_t i = 0; i < program->ngroups; i++) {
        if (!program->groups[i].ast->is_dynamic)
            add_name(list, program->groups[i].ast->name.text);
    }
    add_bounds(root, plan);
    text = cJSON_PrintUnformatted(root);
    bstc_out_text(out, text);
    bstc_out_text(out, "\n");
    cJSON_free(text);
    cJSON_Delete(root);
}
