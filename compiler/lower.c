/*
 * Lowering: settles every default, puts things into the order of the output
 * and leaves the syntax behind.
 *
 * The program holds no errors here, so nothing is reported and no index is
 * BSTC_NONE where one is needed.
 */

#include "lower.h"

#include "fields.h"
#include "lower_tree.h"
#include "memory.h"
#include "text.h"

struct lower {
    const struct bstc_program *program;
    struct bstc_arena *arena;
    struct bstc_model *model;
};

static const char *doc_text(const struct bstc_doc *doc)
{
    return doc ? doc->text : NULL;
}

static const char *prefixed(const struct lower *l,
                            const struct bstc_ast_name *name)
{
    const char *prefix = bstc_program_prefix(l->program, name->span);

    if (!*prefix)
        return name->text;
    return bstc_join(l->arena, prefix, name->text, NULL);
}

/* ---- raw C --------------------------------------------------------------- */

/* Blanks as wide as what stands before the text on its line; tabs stay tabs,
 * so that columns in C diagnostics are those of the .bst. */
static const char *indent_of(struct bstc_arena *arena,
                             const struct bstc_source *source,
                             struct bstc_position position)
{
    size_t length;
    const char *line = bstc_source_line(source, position.line, &length);
    size_t width = position.column - 1;
    char *indent = bstc_arena_alloc(arena, width + 1);

    for (size_t i = 0; i < width; i++)
        indent[i] = i < length && line[i] == '\t' ? '\t' : ' ';
    return indent;
}

void bstc_lower_raw(const struct bstc_program *program,
                    const struct bstc_ast_raw *ast, struct bstc_raw *raw)
{
    const struct bstc_source *source =
        bstc_sources_at(&program->context->sources, ast->span.file);
    struct bstc_position position =
        bstc_source_position(source, ast->span.start);

    raw->text = ast->text;
    raw->length = ast->length;
    raw->indent = indent_of(&program->context->arena, source, position);
    raw->path = program->files[ast->span.file].path;
    raw->line = position.line;
}

/* ---- files --------------------------------------------------------------- */

static void add_include(const struct lower *l, struct bstc_map *seen,
                        const struct bstc_ast_include *include)
{
    const char *text =
        bstc_arena_format(l->arena, "%c%s%c", include->system ? '<' : '"',
                          include->text, include->system ? '>' : '"');
    const char *name = bstc_intern_text(&l->program->context->names, text);

    if (bstc_map_add(seen, bstc_map_name(name), 1) == BSTC_MAP_NONE)
        l->model->includes[l->model->nincludes++] = name;
}

static void count_items(const struct lower *l, uint32_t *includes,
                        uint32_t *raws)
{
    *includes = *raws = 0;
    for (uint32_t i = 0; i < l->program->norder; i++) {
        const struct bstc_ast_item *item =
            l->program->files[l->program->order[i]].ast->items;

        for (; item; item = item->next) {
            *includes += item->kind == BSTC_AST_ITEM_USE;
            *raws += item->kind == BSTC_AST_ITEM_C;
        }
    }
}

static void lower_files(const struct lower *l)
{
    struct bstc_map seen;
    uint32_t includes;
    uint32_t raws;

    count_items(l, &includes, &raws);
    bstc_map_init(&seen, l->arena);
    l->model->includes =
        bstc_arena_array(l->arena, includes + 1, sizeof *l->model->includes);
    l->model->raws =
        bstc_arena_array(l->arena, raws + 1, sizeof *l->model->raws);
    for (uint32_t i = 0; i < l->program->norder; i++) {
        const struct bstc_ast_item *item =
            l->program->files[l->program->order[i]].ast->items;

        for (; item; item = item->next) {
            if (item->kind == BSTC_AST_ITEM_USE)
                add_include(l, &seen, item->include);
            else if (item->kind == BSTC_AST_ITEM_C)
                bstc_lower_raw(l->program, item->raw,
                               &l->model->raws[l->model->nraws++]);
        }
    }
}

/* ---- fields and messages ------------------------------------------------- */

static void lower_field(const struct lower *l, const struct bstc_ast_field *ast,
                        struct bstc_field *field)
{
    field->name = ast->name.text;
    field->type = bstc_field_c_type(l->program, ast);
    field->spell = bstc_field_spelling(l->program, ast);
    if (ast->array == BSTC_AST_ARRAY_NUMBER)
        field->array = bstc_arena_format(l->arena, "%llu",
                                         (unsigned long long)ast->array_count);
    else if (ast->array == BSTC_AST_ARRAY_NAME)
        field->array = ast->array_name.text;
    field->init = bstc_field_value(l->program, ast, ast->init);
    field->doc = doc_text(ast->doc);
    field->owns = bstc_field_owns(ast);
    field->compares = bstc_field_compares(ast);
    field->place = bstc_program_place(l->program, ast->span);
}

static uint32_t count_fields(const struct bstc_ast_field *fields)
{
    uint32_t count = 0;

    for (; fields; fields = fields->next)
        count++;
    return count;
}

static void lower_message(const struct lower *l,
                          const struct bstc_sym_message *symbol,
                          struct bstc_message *message)
{
    const struct bstc_ast_message *ast = symbol->ast;

    message->name = ast->name.text;
    message->tag = prefixed(l, &ast->name);
    message->doc = doc_text(ast->doc);
    message->answer = symbol->answer;
    message->owns = bstc_message_owns(ast);
    message->place = bstc_program_place(l->program, ast->name.span);
    message->fields = bstc_arena_array(l->arena, count_fields(ast->fields) + 1,
                                       sizeof *message->fields);
    for (const struct bstc_ast_field *f = ast->fields; f; f = f->next)
        lower_field(l, f, &message->fields[message->nfields++]);
}

static void lower_messages(const struct lower *l)
{
    const struct bstc_program *program = l->program;

    l->model->nmessages = program->nmessages;
    l->model->messages = bstc_arena_array(l->arena, program->nmessages + 1,
                                          sizeof *l->model->messages);
    l->model->layout = bstc_arena_array(l->arena, program->nmessages + 1,
                                        sizeof *l->model->layout);
    for (uint32_t i = 0; i < program->nmessages; i++)
        lower_message(l, &program->messages[i], &l->model->messages[i]);
    bstc_fields_order(program, l->model->layout);
    bstc_model_hash(l->model);
}

/* ---- uses ---------------------------------------------------------------- */

/* Uses that say the same are one; `out` has room for all of them. */
static uint32_t lower_uses(const struct lower *l,
                           const struct bstc_sym_use *uses, uint32_t nuses,
                           struct bstc_use *out)
{
    struct bstc_map seen;
    uint32_t count = 0;

    bstc_map_init(&seen, l->arena);
    for (uint32_t i = 0; i < nuses; i++) {
        const struct bstc_sym_use *use = &uses[i];
        uint32_t who = use->target == BSTC_TO_GROUP
                           ? use->group
                           : UINT32_MAX - (uint32_t)use->target;
        uint64_t key =
            bstc_map_pair(who, use->message << 2 | (uint32_t)use->how);

        if (use->target == BSTC_TO_ACTOR)
            key ^= (uint64_t)(use->actor + 1) << 40;
        if (bstc_map_add(&seen, key, i) != BSTC_MAP_NONE)
            continue;
        out[count].how = use->how;
        out[count].target = use->target;
        out[count].group = use->group;
        out[count].message = use->message;
        if (use->how == BSTC_ASK)
            out[count].within =
                use->clause->has_within ? use->clause->within : BSTC_INFINITE;
        count++;
    }
    return count;
}

/* ---- actors -------------------------------------------------------------- */

static void lower_state(const struct lower *l, const struct bstc_ast_actor *ast,
                        struct bstc_actor *actor)
{
    actor->fields = bstc_arena_array(l->arena, count_fields(ast->state) + 1,
                                     sizeof *actor->fields);
    for (const struct bstc_ast_field *f = ast->state; f; f = f->next) {
        if (f->keep == BSTC_AST_KEEP_NONE)
            lower_field(l, f, &actor->fields[actor->nfields++]);
    }
    for (const struct bstc_ast_field *f = ast->state; f; f = f->next) {
        if (f->keep != BSTC_AST_KEEP_NONE) {
            lower_field(l, f, &actor->fields[actor->nfields++]);
            actor->nkeep++;
        }
    }
}

static void lower_args(const struct lower *l, const struct bstc_ast_actor *ast,
                       struct bstc_actor *actor)
{
    actor->args = bstc_arena_array(l->arena, count_fields(ast->args) + 1,
                                   sizeof *actor->args);
    for (const struct bstc_ast_field *f = ast->args; f; f = f->next)
        lower_field(l, f, &actor->args[actor->nargs++]);
}

static void lower_function(const struct lower *l, struct bstc_map *functions,
                           const struct bstc_actor *actor,
                           const struct bstc_ast_impl *impl,
                           struct bstc_handler *handler)
{
    if (impl->kind == BSTC_AST_IMPL_INLINE) {
        struct bstc_raw *raw = BSTC_NEW(l->arena, struct bstc_raw);

        bstc_lower_raw(l->program, &impl->raw, raw);
        handler->body = raw;
        handler->function =
            bstc_join(l->arena, actor->tag, "_on_", handler->stem, NULL);
        return;
    }
    handler->function = impl->function.text;
    handler->repeats = bstc_map_add(functions, bstc_map_name(handler->function),
                                    1) != BSTC_MAP_NONE;
}

static void lower_timer(struct bstc_actor *actor,
                        const struct bstc_sym_handler *symbol)
{
    struct bstc_timer *timer = &actor->timers[symbol->timer];

    timer->type =
        symbol->ast->kind == BSTC_AST_HANDLER_EVERY ? BSTC_EVERY : BSTC_IDLE;
    timer->period = symbol->ast->period;
    if (symbol->timer >= actor->ntimers)
        actor->ntimers = symbol->timer + 1;
}

static void lower_handler(const struct lower *l, struct bstc_map *functions,
                          struct bstc_actor *actor,
                          const struct bstc_sym_handler *symbol)
{
    struct bstc_handler *handler = &actor->handlers[actor->nhandlers++];

    handler->event = symbol->event;
    handler->message = symbol->message;
    handler->timer = symbol->timer;
    handler->broadcast = symbol->ast->broadcast;
    handler->blocking = symbol->ast->blocking;
    handler->label = symbol->label;
    handler->stem = symbol->stem;
    handler->doc = doc_text(symbol->ast->doc);
    handler->place = bstc_program_place(l->program, symbol->ast->span);
    handler->uses =
        bstc_arena_array(l->arena, symbol->nuses + 1, sizeof *handler->uses);
    handler->nuses = lower_uses(l, symbol->uses, symbol->nuses, handler->uses);
    lower_function(l, functions, actor, &symbol->ast->impl, handler);
    if (symbol->event == BSTC_ON_TIMER)
        lower_timer(actor, symbol);
}

/* Whom the actor may send to becomes `self->to`, what it may answer with
 * becomes its reply functions; each in the order of first mention. */
static void lower_targets(const struct lower *l, struct bstc_actor *actor)
{
    struct bstc_map targets;
    struct bstc_map replies;

    bstc_map_init(&targets, l->arena);
    bstc_map_init(&replies, l->arena);
    for (uint32_t i = 0; i < actor->nhandlers; i++) {
        const struct bstc_handler *handler = &actor->handlers[i];

        for (uint32_t k = 0; k < handler->nuses; k++) {
            const struct bstc_use *use = &handler->uses[k];

            if (use->target == BSTC_TO_SELF)
                actor->to_self = true;
            else if (use->target == BSTC_TO_GROUP && use->how != BSTC_SPAWN &&
                     bstc_map_add(&targets, use->group, 1) == BSTC_MAP_NONE)
                actor->targets[actor->ntargets++] = use->group;
            else if (use->target == BSTC_TO_SENDER &&
                     bstc_map_add(&replies, use->message, 1) == BSTC_MAP_NONE)
                actor->replies[actor->nreplies++] = use->message;
        }
    }
}

static void lower_actor(const struct lower *l,
                        const struct bstc_sym_actor *symbol,
                        struct bstc_actor *actor)
{
    const struct bstc_ast_actor *ast = symbol->ast;
    struct bstc_map functions;
    uint32_t nuses = 0;

    actor->name = ast->name.text;
    actor->tag = prefixed(l, &ast->name);
    actor->doc = doc_text(ast->doc);
    actor->place = bstc_program_place(l->program, ast->name.span);
    lower_state(l, ast, actor);
    lower_args(l, ast, actor);
    actor->handlers = bstc_arena_array(l->arena, symbol->nhandlers + 1,
                                       sizeof *actor->handlers);
    actor->timers =
        bstc_arena_array(l->arena, symbol->ntimers + 1, sizeof *actor->timers);
    bstc_map_init(&functions, l->arena);
    for (uint32_t i = 0; i < symbol->nhandlers; i++) {
        nuses += symbol->handlers[i].nuses;
        lower_handler(l, &functions, actor, &symbol->handlers[i]);
    }
    actor->targets =
        bstc_arena_array(l->arena, nuses + 1, sizeof *actor->targets);
    actor->replies =
        bstc_arena_array(l->arena, nuses + 1, sizeof *actor->replies);
    lower_targets(l, actor);
}

static void lower_actors(const struct lower *l)
{
    const struct bstc_program *program = l->program;

    l->model->nactors = program->nactors;
    l->model->actors = bstc_arena_array(l->arena, program->nactors + 1,
                                        sizeof *l->model->actors);
    for (uint32_t i = 0; i < program->nactors; i++)
        lower_actor(l, &program->actors[i], &l->model->actors[i]);
    for (uint32_t i = 0; i < program->ngroups; i++)
        l->model->actors[program->groups[i].actor].is_used = true;
}

/* ---- spawns -------------------------------------------------------------- */

/* A function that spawns exists for who has declared it. */
static void mark_spawned(struct bstc_model *model)
{
    for (uint32_t i = 0; i < model->nactors; i++) {
        const struct bstc_actor *actor = &model->actors[i];

        for (uint32_t k = 0; k < actor->nhandlers; k++) {
            const struct bstc_handler *handler = &actor->handlers[k];

            for (uint32_t u = 0; u < handler->nuses; u++) {
                if (handler->uses[u].how == BSTC_SPAWN)
                    model->groups[handler->uses[u].group].is_spawned = true;
            }
        }
    }
    for (uint32_t i = 0; i < model->noutside; i++) {
        if (model->outside[i].how == BSTC_SPAWN)
            model->groups[model->outside[i].group].is_spawned_outside = true;
    }
}

/* ---- memory -------------------------------------------------------------- */

/* A bound that is exceeded with the user's leave binds nobody. */
static void lower_memory(const struct bstc_program *program,
                         struct bstc_model *model)
{
    struct bstc_topo topo;

    if (program->memory == 0 ||
        bstc_diags_is_allowed(&program->context->diags, "E0603"))
        return;
    bstc_topo_init(&topo, program);
    model->memory = (uint64_t)program->memory;
    model->memory_place =
        bstc_program_place(program, program->memory_setting->span);
    model->needs = bstc_memory_needs(&topo);
}

/* ---- the whole ----------------------------------------------------------- */

struct bstc_model *bstc_lower(const struct bstc_program *program)
{
    struct bstc_arena *arena = &program->context->arena;
    struct bstc_model *model = BSTC_NEW(arena, struct bstc_model);
    struct lower l = {program, arena, model};

    model->unit = program->unit;
    model->source = bstc_join(arena, program->unit, ".bst", NULL);
    lower_files(&l);
    lower_messages(&l);
    lower_actors(&l);
    bstc_lower_tree(program, model);
    model->outside =
        bstc_arena_array(arena, program->noutside + 1, sizeof *model->outside);
    model->noutside =
        lower_uses(&l, program->outside, program->noutside, model->outside);
    model->faults = program->faults;
    lower_memory(program, model);
    mark_spawned(model);
    return model;
}
