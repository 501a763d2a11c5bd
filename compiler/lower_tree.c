/*
 * Groups and supervisors of the model. A setting that a group does not have
 * itself comes from the nearest supervisor around it that has it, else it is
 * the default; where it came from is kept.
 */

#include "lower_tree.h"

#include "fields.h"
#include "text.h"

#include <string.h>

#define DEFAULT_MAILBOX 256
#define DEFAULT_STACK 65536
#define DEFAULT_SHUTDOWN 5000000000
#define DEFAULT_TRIES 5
#define DEFAULT_WINDOW 10000000000

static struct bstc_origin origin(const struct bstc_program *program,
                                 enum bstc_from from,
                                 const struct bstc_ast_setting *setting)
{
    struct bstc_origin result = {from, {"", 0}};

    if (setting)
        result.place = bstc_program_place(program, setting->span);
    return result;
}

static const char *prefixed(const struct bstc_program *program,
                            const struct bstc_ast_name *name)
{
    const char *prefix = bstc_program_prefix(program, name->span);

    if (!*prefix)
        return name->text;
    return bstc_join(&program->context->arena, prefix, name->text, NULL);
}

/* ---- values -------------------------------------------------------------- */

static int64_t value_in(const struct bstc_settings *settings,
                        enum bstc_setting setting)
{
    switch (setting) {
    case BSTC_SETTING_MAILBOX:
        return settings->mailbox;
    case BSTC_SETTING_REDUNDANCY:
        return settings->redundancy;
    case BSTC_SETTING_MAX:
        return settings->max;
    case BSTC_SETTING_DISPATCH:
        return settings->dispatch;
    case BSTC_SETTING_STACK:
        return settings->stack;
    case BSTC_SETTING_SHUTDOWN:
        return settings->shutdown;
    default:
        return settings->lifetime;
    }
}

/* The value in `settings`, which are those of `own`, of a supervisor, or
 * NULL. */
static struct bstc_value value_of(const struct bstc_program *program,
                                  const struct bstc_settings *settings,
                                  const struct bstc_settings *own,
                                  enum bstc_setting setting, int64_t fallback)
{
    struct bstc_value value;

    if (!settings) {
        value.value = fallback;
        value.origin = origin(program, BSTC_FROM_DEFAULT, NULL);
        return value;
    }
    value.value = value_in(settings, setting);
    value.origin =
        origin(program, settings == own ? BSTC_FROM_HERE : BSTC_FROM_SUPERVISOR,
               settings->written[setting]);
    return value;
}

static struct bstc_value resolve(const struct bstc_program *program,
                                 const struct bstc_sym_group *group,
                                 enum bstc_setting setting, int64_t fallback)
{
    return value_of(program, bstc_scope_nearest(program, group, setting),
                    &group->settings, setting, fallback);
}

/* ---- restarts ------------------------------------------------------------ */

static void take_backoff(struct bstc_restart *to,
                         const struct bstc_restart *from)
{
    to->backoff = from->backoff;
    to->step = from->step;
    to->cap = from->cap;
    to->factor = from->factor;
    to->jitter = from->jitter;
}

/* What stands in the block itself, on top of what is inherited. */
static struct bstc_restart restart_of(const struct bstc_program *program,
                                      const struct bstc_settings *settings,
                                      struct bstc_restart inherited)
{
    const struct bstc_ast_setting *restart =
        settings->written[BSTC_SETTING_RESTART];
    const struct bstc_ast_setting *backoff =
        settings->written[BSTC_SETTING_BACKOFF];

    if (restart) {
        inherited = settings->restart;
        inherited.origin = origin(program, BSTC_FROM_HERE, restart);
    } else if (backoff) {
        take_backoff(&inherited, &settings->restart);
        inherited.origin = origin(program, BSTC_FROM_HERE, backoff);
    } else if (inherited.origin.from == BSTC_FROM_HERE) {
        inherited.origin.from = BSTC_FROM_SUPERVISOR;
    }
    return inherited;
}

/* Parents come before their children in the program. */
static struct bstc_restart *
supervisor_restarts(const struct bstc_program *program)
{
    static const struct bstc_restart standard = {
        .mode = BSTC_RESTART_LIMITED,
        .tries = DEFAULT_TRIES,
        .in = DEFAULT_WINDOW,
        .then = BSTC_ESCALATE,
        .origin = {BSTC_FROM_DEFAULT, {"", 0}},
    };
    struct bstc_restart *restarts = bstc_arena_array(
        &program->context->arena, program->nsupervisors, sizeof *restarts);

    for (uint32_t i = 0; i < program->nsupervisors; i++) {
        const struct bstc_sym_supervisor *symbol = &program->supervisors[i];

        restarts[i] = restart_of(
            program, &symbol->settings,
            symbol->parent == BSTC_NONE ? standard : restarts[symbol->parent]);
    }
    return restarts;
}

/* ---- hooks --------------------------------------------------------------- */

static int hook_index(const char *word)
{
    int at = 0;

    while (strcmp(bstc_hook_words[at], word) != 0)
        at++;
    return at;
}

/* `functions` holds those that an earlier hook has named. */
static void lower_hooks(const struct bstc_program *program,
                        struct bstc_map *functions,
                        const struct bstc_ast_hook *ast, const char *stem,
                        struct bstc_hook *hooks)
{
    struct bstc_arena *arena = &program->context->arena;

    for (; ast; ast = ast->next) {
        struct bstc_hook *hook = &hooks[hook_index(ast->event.text)];

        hook->doc = ast->doc ? ast->doc->text : NULL;
        hook->place = bstc_program_place(program, ast->span);
        if (ast->impl.kind == BSTC_AST_IMPL_INLINE) {
            struct bstc_raw *raw = BSTC_NEW(arena, struct bstc_raw);

            bstc_lower_raw(program, &ast->impl.raw, raw);
            hook->body = raw;
            hook->function = bstc_join(arena, stem, "_", ast->event.text, NULL);
            continue;
        }
        hook->function = ast->impl.function.text;
        hook->repeats = bstc_map_add(functions, bstc_map_name(hook->function),
                                     1) != BSTC_MAP_NONE;
    }
}

/* ---- groups and supervisors ---------------------------------------------- */

/* The bound of a dynamic group stands behind `dynamic` or among the settings;
 * all other groups begin with their members. */
static void lower_size(const struct bstc_program *program,
                       const struct bstc_sym_group *symbol,
                       struct bstc_group *group)
{
    const struct bstc_ast_group *ast = symbol->ast;

    group->redundancy = resolve(program, symbol, BSTC_SETTING_REDUNDANCY,
                                ast->is_dynamic ? 0 : 1);
    group->max = resolve(program, symbol, BSTC_SETTING_MAX, 0);
    if (ast->dynamic_word.text) {
        group->max.value = (int64_t)ast->dynamic_max;
        group->max.origin.from = BSTC_FROM_HERE;
        group->max.origin.place = bstc_program_place(program, ast->max_span);
    }
}

/* What happens to a message too many is a part of `mailbox`. */
static void lower_overflow(const struct bstc_program *program,
                           const struct bstc_sym_group *symbol,
                           struct bstc_group *group)
{
    const struct bstc_settings *settings =
        bstc_scope_nearest(program, symbol, BSTC_SETTING_MAILBOX);

    if (settings) {
        group->overflow = settings->overflow;
        group->block = settings->block;
    }
}

/* Returns NULL if the actor takes no arguments. */
static const char **lower_args(const struct bstc_program *program,
                               const struct bstc_sym_group *symbol)
{
    const struct bstc_ast_setting *written =
        symbol->settings.written[BSTC_SETTING_ARGS];
    const struct bstc_ast_field *field =
        program->actors[symbol->actor].ast->args;
    const struct bstc_ast_value *value;
    const char **args;
    uint32_t count = 0;

    if (!field || !written)
        return NULL;
    args = bstc_arena_array(&program->context->arena, written->nargs,
                            sizeof *args);
    for (value = written->args; value; value = value->next) {
        args[count++] = bstc_field_value(program, field, value);
        field = field->next;
    }
    return args;
}

static void lower_group(const struct bstc_program *program,
                        struct bstc_map *functions,
                        const struct bstc_sym_group *symbol,
                        struct bstc_group *group)
{
    static const struct bstc_restart shared = {
        .mode = BSTC_RESTART_SHARED,
        .origin = {BSTC_FROM_DEFAULT, {"", 0}},
    };
    const struct bstc_ast_group *ast = symbol->ast;

    group->name = ast->name.text;
    group->symbol = prefixed(program, &ast->name);
    group->doc = ast->doc ? ast->doc->text : NULL;
    group->actor = symbol->actor;
    group->place = bstc_program_place(program, symbol->span);
    lower_size(program, symbol, group);
    if (!ast->is_dynamic)
        group->args = lower_args(program, symbol);
    group->mailbox =
        resolve(program, symbol, BSTC_SETTING_MAILBOX, DEFAULT_MAILBOX);
    lower_overflow(program, symbol, group);
    group->dispatch =
        resolve(program, symbol, BSTC_SETTING_DISPATCH, BSTC_ROUND_ROBIN);
    group->lifetime =
        resolve(program, symbol, BSTC_SETTING_LIFETIME, BSTC_PERMANENT);
    group->shutdown =
        resolve(program, symbol, BSTC_SETTING_SHUTDOWN, DEFAULT_SHUTDOWN);
    group->stack = resolve(program, symbol, BSTC_SETTING_STACK, DEFAULT_STACK);
    group->restart = restart_of(program, &symbol->settings, shared);
    group->is_significant =
        symbol->settings.written[BSTC_SETTING_SIGNIFICANT] != NULL;
    lower_hooks(
        program, functions, ast->hooks,
        bstc_join(&program->context->arena, group->symbol, "_group", NULL),
        group->hooks);
}

struct walk {
    const struct bstc_program *program;
    struct bstc_model *model;
    const struct bstc_restart *restarts;
    struct bstc_map *functions; /* of hooks */
};

/* What a supervisor is as a child of another one. Its own `lifetime` is for
 * what is below it. */
static void lower_as_child(const struct bstc_program *program,
                           const struct bstc_sym_supervisor *symbol,
                           struct bstc_supervisor *supervisor)
{
    supervisor->lifetime = value_of(
        program,
        bstc_scope_around(program, symbol->parent, BSTC_SETTING_LIFETIME), NULL,
        BSTC_SETTING_LIFETIME, BSTC_PERMANENT);
    supervisor->is_significant =
        symbol->settings.written[BSTC_SETTING_SIGNIFICANT] != NULL;
}

/* Emits the nested supervisors first; their depth is limited by the checks.
 * Returns the index in the model. */
static uint32_t lower_supervisor(const struct walk *w, uint32_t index)
{
    const struct bstc_sym_supervisor *symbol = &w->program->supervisors[index];
    const struct bstc_ast_supervisor *ast = symbol->ast;
    struct bstc_supervisor *supervisor;
    struct bstc_child *children = bstc_arena_array(
        &w->program->context->arena, symbol->nchildren + 1, sizeof *children);

    for (uint32_t i = 0; i < symbol->nchildren; i++) {
        children[i] = symbol->children[i];
        if (children[i].supervisor != BSTC_NONE)
            children[i].supervisor =
                lower_supervisor(w, children[i].supervisor);
    }
    supervisor = &w->model->supervisors[w->model->nsupervisors];
    supervisor->name = ast->name.text;
    supervisor->symbol = prefixed(w->program, &ast->name);
    supervisor->doc = ast->doc ? ast->doc->text : NULL;
    supervisor->strategy = symbol->strategy;
    supervisor->restart = w->restarts[index];
    supervisor->children = children;
    supervisor->nchildren = symbol->nchildren;
    lower_as_child(w->program, symbol, supervisor);
    supervisor->auto_shutdown = symbol->settings.auto_shutdown;
    lower_hooks(w->program, w->functions, ast->hooks,
                bstc_join(&w->program->context->arena, supervisor->symbol,
                          "_supervisor", NULL),
                supervisor->hooks);
    supervisor->place = bstc_program_place(w->program, ast->name.span);
    return w->model->nsupervisors++;
}

void bstc_lower_tree(const struct bstc_program *program,
                     struct bstc_model *model)
{
    struct bstc_arena *arena = &program->context->arena;
    struct bstc_map functions;
    struct walk walk = {program, model, supervisor_restarts(program),
                        &functions};

    bstc_map_init(&functions, arena);
    model->ngroups = program->ngroups;
    model->groups =
        bstc_arena_array(arena, program->ngroups + 1, sizeof *model->groups);
    for (uint32_t i = 0; i < program->ngroups; i++)
        lower_group(program, &functions, &program->groups[i],
                    &model->groups[i]);
    model->supervisors = bstc_arena_array(arena, program->nsupervisors + 1,
                                          sizeof *model->supervisors);
    lower_supervisor(&walk, program->root);
}
