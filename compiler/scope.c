/*
 * Declares what the files hold. The first of two equal names stays; the
 * second is reported and takes no further part.
 */

#include "scope.h"

#include <string.h>

#include "names.h"

void bstc_program_init(struct bstc_program *program,
                       struct bstc_context *context)
{
    memset(program, 0, sizeof *program);
    program->context = context;
    program->prefix = "";
    program->root = BSTC_NONE;
    program->unit_span = bstc_span_nowhere();
    bstc_map_init(&program->message_names, &context->arena);
    bstc_map_init(&program->actor_names, &context->arena);
    bstc_map_init(&program->group_names, &context->arena);
    bstc_map_init(&program->supervisor_names, &context->arena);
    bstc_map_init(&program->node_names, &context->arena);
    bstc_map_init(&program->handlers, &context->arena);
    for (int i = 0; i < BSTC_KIND_COUNT; i++)
        bstc_map_init(&program->unknown_names[i], &context->arena);
}

/* ---- lookups ------------------------------------------------------------- */

bool bstc_is_builtin(const char *name)
{
    static const char *const builtin[] = {"start", "stop", "restart", "down",
                                          "demand"};

    for (size_t i = 0; i < sizeof builtin / sizeof *builtin; i++) {
        if (strcmp(name, builtin[i]) == 0)
            return true;
    }
    return false;
}

uint32_t bstc_scope_find(const struct bstc_program *program,
                         enum bstc_kind kind, const char *name)
{
    if (!name)
        return BSTC_NONE;
    switch (kind) {
    case BSTC_A_MESSAGE:
        return bstc_map_find(&program->message_names, bstc_map_name(name));
    case BSTC_AN_ACTOR:
        return bstc_map_find(&program->actor_names, bstc_map_name(name));
    case BSTC_A_NODE:
        return bstc_map_find(&program->node_names, bstc_map_name(name));
    case BSTC_A_GROUP:
        break;
    }
    return bstc_map_find(&program->group_names, bstc_map_name(name));
}

const struct bstc_sym_handler *
bstc_scope_handler(const struct bstc_program *program, uint32_t actor,
                   uint32_t message)
{
    uint32_t index;

    if (actor == BSTC_NONE || message == BSTC_NONE)
        return NULL;
    index = bstc_map_find(&program->handlers, bstc_map_pair(actor, message));
    return index == BSTC_NONE ? NULL : &program->actors[actor].handlers[index];
}

const struct bstc_settings *
bstc_scope_nearest(const struct bstc_program *program,
                   const struct bstc_sym_group *group,
                   enum bstc_setting setting)
{
    if (group->settings.written[setting])
        return &group->settings;
    return bstc_scope_around(program, group->supervisor, setting);
}

const struct bstc_settings *
bstc_scope_around(const struct bstc_program *program, uint32_t at,
                  enum bstc_setting setting)
{
    uint32_t holder =
        at != BSTC_NONE ? program->supervisors[at].holders[setting] : BSTC_NONE;

    return holder != BSTC_NONE ? &program->supervisors[holder].settings : NULL;
}

const char *bstc_program_prefix(const struct bstc_program *program,
                                struct bstc_span span)
{
    if (span.file < program->nfiles && program->files[span.file].prefix)
        return program->files[span.file].prefix;
    return program->prefix;
}

struct bstc_place bstc_program_place(const struct bstc_program *program,
                                     struct bstc_span span)
{
    const struct bstc_source *source =
        bstc_sources_at(&program->context->sources, span.file);
    struct bstc_place place = {"", 0};

    if (source && span.file < program->nfiles) {
        place.file = program->files[span.file].name;
        place.line = bstc_source_position(source, span.start).line;
    }
    return place;
}

/* ---- growing arrays ------------------------------------------------------ */

static void *with_room(struct bstc_program *program, void *items,
                       uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;

    uint32_t old = *capacity;

    *capacity = old ? old * 2 : 32;
    return bstc_arena_grow(&program->context->arena, items, old * size,
                           *capacity * size);
}

/* ---- duplicates ---------------------------------------------------------- */

static void report_duplicate(struct bstc_program *program, const char *what,
                             const struct bstc_ast_name *second,
                             const struct bstc_ast_name *first,
                             const char *first_what)
{
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag =
        bstc_error(diags, "E0202", second->span, "%s `%s` is defined twice",
                   what, second->text);

    bstc_diag_label(diags, diag, "again here");
    bstc_diag_also(diags, diag, first->span, "%s of this name first",
                   first_what);
    if (strcmp(what, "group") == 0)
        bstc_diag_help(diags, diag,
                       "a group stands in one supervisor; `as` gives this one "
                       "a name of its own");
    if (strcmp(what, first_what) != 0)
        bstc_diag_note(diags, diag,
                       "a message and an actor both become a C struct");
}

/* Returns whether `name` is new among its kind. One name for a message and an
 * actor is a mistake too, but both are declared, so that nothing else is
 * said about uses of them. */
static bool is_new_struct(struct bstc_program *program, bool is_message,
                          const struct bstc_ast_name *name)
{
    const char *what = is_message ? "message" : "actor";
    uint32_t message = bstc_scope_find(program, BSTC_A_MESSAGE, name->text);
    uint32_t actor = bstc_scope_find(program, BSTC_AN_ACTOR, name->text);

    if (message != BSTC_NONE)
        report_duplicate(program, what, name,
                         &program->messages[message].ast->name, "message");
    else if (actor != BSTC_NONE)
        report_duplicate(program, what, name, &program->actors[actor].ast->name,
                         "actor");
    return is_message ? message == BSTC_NONE : actor == BSTC_NONE;
}

/* ---- items --------------------------------------------------------------- */

static void declare_message(struct bstc_program *program,
                            const struct bstc_ast_message *ast)
{
    uint32_t index = program->nmessages;

    if (!ast->name.text)
        return;
    if (bstc_is_builtin(ast->name.text)) {
        bstc_error(&program->context->diags, "E0202", ast->name.span,
                   "`%s` is a message of the language itself", ast->name.text);
        return;
    }
    if (!is_new_struct(program, true, &ast->name))
        return;
    program->messages =
        with_room(program, program->messages, index, &program->message_capacity,
                  sizeof *program->messages);
    program->messages[index].ast = ast;
    program->messages[index].answer = BSTC_NONE;
    program->nmessages++;
    bstc_map_add(&program->message_names, bstc_map_name(ast->name.text), index);
}

static void declare_actor(struct bstc_program *program,
                          const struct bstc_ast_actor *ast)
{
    uint32_t index = program->nactors;

    if (!ast->name.text || !is_new_struct(program, false, &ast->name))
        return;
    program->actors =
        with_room(program, program->actors, index, &program->actor_capacity,
                  sizeof *program->actors);
    memset(&program->actors[index], 0, sizeof *program->actors);
    program->actors[index].ast = ast;
    program->nactors++;
    bstc_map_add(&program->actor_names, bstc_map_name(ast->name.text), index);
}

static bool is_reserved_group(struct bstc_program *program,
                              const struct bstc_ast_name *name)
{
    if (strcmp(name->text, "self") != 0 && strcmp(name->text, "sender") != 0)
        return false;
    bstc_error(&program->context->diags, "E0202", name->span,
               "no group can be called `%s`: the word has a meaning in `sends`",
               name->text);
    return true;
}

/* Returns the index of the new group, or BSTC_NONE. */
static uint32_t declare_group(struct bstc_program *program, uint32_t supervisor,
                              const struct bstc_ast_member *member)
{
    const struct bstc_ast_group *ast = member->group;
    uint32_t index = program->ngroups;
    struct bstc_sym_group *group;
    uint32_t first;

    if (!ast->name.text || is_reserved_group(program, &ast->name))
        return BSTC_NONE;
    first = bstc_map_add(&program->group_names, bstc_map_name(ast->name.text),
                         index);
    if (first != BSTC_MAP_NONE) {
        report_duplicate(program, "group", &ast->name,
                         &program->groups[first].ast->name, "group");
        return BSTC_NONE;
    }
    program->groups =
        with_room(program, program->groups, index, &program->group_capacity,
                  sizeof *program->groups);
    group = &program->groups[index];
    memset(group, 0, sizeof *group);
    group->ast = ast;
    group->span = member->span;
    group->supervisor = supervisor;
    group->actor = BSTC_NONE;
    program->ngroups++;
    bstc_settings_read(program, ast->settings, BSTC_IN_GROUP, &group->settings);
    return index;
}

static uint32_t declare_supervisor(struct bstc_program *program,
                                   const struct bstc_ast_supervisor *ast,
                                   uint32_t parent, uint32_t depth);

static void declare_stream(struct bstc_program *program, uint32_t supervisor,
                           const struct bstc_ast_member *member)
{
    struct bstc_sym_stream *stream;

    bstc_unsupported(program, "item", "stream", member->span);
    program->streams =
        with_room(program, program->streams, program->nstreams,
                  &program->stream_capacity, sizeof *program->streams);
    stream = &program->streams[program->nstreams++];
    memset(stream, 0, sizeof *stream);
    stream->ast = member->stream;
    stream->span = member->span;
    stream->supervisor = supervisor;
    bstc_settings_read(program, member->stream->settings, BSTC_IN_STREAM,
                       &stream->settings);
}

static void declare_listen(struct bstc_program *program,
                           const struct bstc_ast_member *member)
{
    bstc_unsupported(program, "item", "listen", member->span);
    program->listens =
        with_room(program, program->listens, program->nlistens,
                  &program->listen_capacity, sizeof *program->listens);
    program->listens[program->nlistens].ast = member->listen;
    program->listens[program->nlistens++].group = BSTC_NONE;
}

static uint32_t count_members(const struct bstc_ast_supervisor *ast)
{
    uint32_t count = 0;

    for (const struct bstc_ast_member *m = ast->members; m; m = m->next)
        count++;
    return count;
}

/* The children array is filled while nested declarations may move the array
 * of supervisors, so it is kept apart until the end. */
static void declare_members(struct bstc_program *program,
                            const struct bstc_ast_supervisor *ast,
                            uint32_t index, uint32_t depth)
{
    struct bstc_child *children = bstc_arena_array(
        &program->context->arena, count_members(ast), sizeof *children);
    uint32_t count = 0;

    for (const struct bstc_ast_member *m = ast->members; m; m = m->next) {
        struct bstc_child child = {BSTC_NONE, BSTC_NONE};

        if (m->kind == BSTC_AST_MEMBER_SUPERVISOR)
            child.supervisor =
                declare_supervisor(program, m->supervisor, index, depth + 1);
        else if (m->kind == BSTC_AST_MEMBER_GROUP)
            child.group = declare_group(program, index, m);
        else if (m->kind == BSTC_AST_MEMBER_STREAM)
            declare_stream(program, index, m);
        else
            declare_listen(program, m);
        if (child.group != BSTC_NONE || child.supervisor != BSTC_NONE)
            children[count++] = child;
    }
    program->supervisors[index].children = children;
    program->supervisors[index].nchildren = count;
}

/* Parents are declared before their children, so theirs are known. */
static void find_holders(struct bstc_program *program, uint32_t index)
{
    struct bstc_sym_supervisor *supervisor = &program->supervisors[index];

    for (int i = 0; i < BSTC_SETTING_COUNT; i++) {
        if (supervisor->settings.written[i])
            supervisor->holders[i] = index;
        else if (supervisor->parent != BSTC_NONE)
            supervisor->holders[i] =
                program->supervisors[supervisor->parent].holders[i];
        else
            supervisor->holders[i] = BSTC_NONE;
    }
}

/* Returns the index of the new supervisor, or BSTC_NONE. */
static uint32_t declare_supervisor(struct bstc_program *program,
                                   const struct bstc_ast_supervisor *ast,
                                   uint32_t parent, uint32_t depth)
{
    uint32_t index = program->nsupervisors;
    struct bstc_sym_supervisor *supervisor;

    if (depth > BSTC_MAX_DEPTH) {
        bstc_error(&program->context->diags, "E0103", ast->name.span,
                   "supervisors are nested deeper than %d", BSTC_MAX_DEPTH);
        return BSTC_NONE;
    }
    program->supervisors =
        with_room(program, program->supervisors, index,
                  &program->supervisor_capacity, sizeof *program->supervisors);
    supervisor = &program->supervisors[index];
    memset(supervisor, 0, sizeof *supervisor);
    supervisor->ast = ast;
    supervisor->parent = parent;
    program->nsupervisors++;
    if (ast->name.text) {
        uint32_t first = bstc_map_add(&program->supervisor_names,
                                      bstc_map_name(ast->name.text), index);

        if (first != BSTC_MAP_NONE)
            report_duplicate(program, "supervisor", &ast->name,
                             &program->supervisors[first].ast->name,
                             "supervisor");
    }
    bstc_settings_read(program, ast->settings, BSTC_IN_SUPERVISOR,
                       &supervisor->settings);
    find_holders(program, index);
    declare_members(program, ast, index, depth);
    return index;
}

static void declare_nodes(struct bstc_program *program)
{
    struct bstc_sym_cluster *cluster = &program->cluster;
    uint32_t room = 1;

    for (const struct bstc_ast_node *n = cluster->ast->nodes; n; n = n->next)
        room++;
    cluster->nodes = bstc_arena_array(&program->context->arena, room,
                                      sizeof *cluster->nodes);
    for (const struct bstc_ast_node *n = cluster->ast->nodes; n; n = n->next) {
        uint32_t first;

        if (!n->name.text)
            continue;
        first = bstc_map_add(&program->node_names, bstc_map_name(n->name.text),
                             cluster->nnodes);
        if (first == BSTC_MAP_NONE)
            cluster->nodes[cluster->nnodes++] = n;
        else
            report_duplicate(program, "node", &n->name,
                             &cluster->nodes[first]->name, "node");
    }
}

static void declare_cluster(struct bstc_program *program,
                            const struct bstc_ast_item *item)
{
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag;

    bstc_unsupported(program, "item", "cluster", item->span);
    if (program->cluster.ast) {
        diag = bstc_error(diags, "E0202", item->cluster->name.span,
                          "a program has one cluster, and this is another");
        bstc_diag_also(diags, diag, program->cluster.ast->name.span,
                       "the first one");
        return;
    }
    program->cluster.ast = item->cluster;
    bstc_settings_read(program, item->cluster->settings, BSTC_IN_CLUSTER,
                       &program->cluster.settings);
    declare_nodes(program);
}

static void declare_item(struct bstc_program *program,
                         const struct bstc_ast_item *item,
                         struct bstc_settings *settings)
{
    switch (item->kind) {
    case BSTC_AST_ITEM_MESSAGE:
        declare_message(program, item->message);
        break;
    case BSTC_AST_ITEM_ACTOR:
        declare_actor(program, item->actor);
        break;
    case BSTC_AST_ITEM_SUPERVISOR:
        declare_supervisor(program, item->supervisor, BSTC_NONE, 1);
        break;
    case BSTC_AST_ITEM_CLUSTER:
        declare_cluster(program, item);
        break;
    case BSTC_AST_ITEM_SETTING:
        bstc_setting_read(program, item->setting, BSTC_IN_FILE, settings);
        break;
    case BSTC_AST_ITEM_USE:
    case BSTC_AST_ITEM_IMPORT:
    case BSTC_AST_ITEM_C:
    case BSTC_AST_ITEM_OUTSIDE:
        break;
    }
}

void bstc_scope_declare(struct bstc_program *program)
{
    for (uint32_t i = 0; i < program->norder; i++) {
        struct bstc_program_file *file = &program->files[program->order[i]];
        struct bstc_settings settings = {0};

        for (struct bstc_ast_item *item = file->ast->items; item;
             item = item->next)
            declare_item(program, item, &settings);
        /* The root file comes last and has the last word. */
        if (settings.is_valid[BSTC_SETTING_FAULTS])
            program->faults = settings.faults;
        if (settings.is_valid[BSTC_SETTING_MEMORY]) {
            program->memory = settings.memory;
            program->memory_setting = settings.written[BSTC_SETTING_MEMORY];
        }
        file->prefix = program->prefix;
        if (settings.is_valid[BSTC_SETTING_PREFIX] &&
            bstc_name_member(settings.prefix) != BSTC_NAME_RESERVED)
            file->prefix = settings.prefix;
    }
}
