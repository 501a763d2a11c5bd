/*
 * Resolves names: answers, the actors of groups, handlers, and what handlers
 * may send to whom.
 */

#include "scope.h"

#include <string.h>

#include "emit_out.h"
#include "text.h"

/* ---- messages ------------------------------------------------------------ */

static void resolve_message(struct bstc_program *program,
                            struct bstc_sym_message *message)
{
    const struct bstc_ast_name *answer = &message->ast->answer;
    struct bstc_diags *diags = &program->context->diags;
    uint32_t index;

    if (!answer->text)
        return;
    index = bstc_scope_find(program, BSTC_A_MESSAGE, answer->text);
    if (index == BSTC_NONE)
        bstc_scope_unknown(program, BSTC_A_MESSAGE, answer);
    else if (program->messages[index].ast->answer.text)
        bstc_error(diags, "E0302", answer->span,
                   "the answer `%s` is a question itself", answer->text);
    message->answer = index;
}

/* ---- uses ---------------------------------------------------------------- */

static uint32_t count_targets(const struct bstc_ast_use *uses)
{
    uint32_t count = 0;

    for (; uses; uses = uses->next) {
        for (const struct bstc_ast_target *t = uses->targets; t; t = t->next)
            count++;
    }
    return count;
}

/* Left of the dot: `self`, `sender`, a group, or else an actor. */
static void resolve_who(struct bstc_program *program, struct bstc_sym_use *use,
                        uint32_t self)
{
    const struct bstc_ast_name *who = &use->ast->who;
    bool is_self = strcmp(who->text, "self") == 0;

    use->group = BSTC_NONE;
    use->actor = BSTC_NONE;
    if (is_self || strcmp(who->text, "sender") == 0) {
        use->target = is_self ? BSTC_TO_SELF : BSTC_TO_SENDER;
        use->actor = is_self ? self : BSTC_NONE;
        if (self == BSTC_NONE) {
            bstc_error(&program->context->diags, "E0201", who->span,
                       "`%s` means nothing in `outside`", who->text);
            use->is_poisoned = true;
        }
        return;
    }
    use->group = bstc_scope_find(program, BSTC_A_GROUP, who->text);
    if (use->group != BSTC_NONE) {
        use->target = BSTC_TO_GROUP;
        use->actor = program->groups[use->group].actor;
        use->is_poisoned = use->actor == BSTC_NONE;
        return;
    }
    use->target = BSTC_TO_ACTOR;
    use->actor = bstc_scope_find(program, BSTC_AN_ACTOR, who->text);
    if (use->actor == BSTC_NONE) {
        bstc_scope_unknown(program, BSTC_A_GROUP, who);
        use->is_poisoned = true;
    }
}

static void resolve_what(struct bstc_program *program, struct bstc_sym_use *use)
{
    const struct bstc_ast_name *what = &use->ast->what;

    use->message = bstc_scope_find(program, BSTC_A_MESSAGE, what->text);
    if (use->message != BSTC_NONE)
        return;
    if (bstc_is_builtin(what->text))
        bstc_error(&program->context->diags, "E0301", what->span,
                   "`%s` comes from the runtime and cannot be sent",
                   what->text);
    else
        bstc_scope_unknown(program, BSTC_A_MESSAGE, what);
    use->is_poisoned = true;
}

/* What is spawned into can be named by the group alone: an actor may have
 * several. */
static void resolve_spawned(struct bstc_program *program,
                            struct bstc_sym_use *use)
{
    const struct bstc_ast_name *who = &use->ast->who;

    use->target = BSTC_TO_GROUP;
    use->actor = BSTC_NONE;
    use->message = BSTC_NONE;
    use->group = bstc_scope_find(program, BSTC_A_GROUP, who->text);
    if (use->group == BSTC_NONE) {
        bstc_scope_unknown(program, BSTC_A_GROUP, who);
        use->is_poisoned = true;
    }
}

static enum bstc_how how_of(const struct bstc_ast_use *clause,
                            const struct bstc_ast_target *target)
{
    if (clause->kind == BSTC_AST_USE_ASKS)
        return BSTC_ASK;
    if (clause->kind == BSTC_AST_USE_SPAWNS)
        return BSTC_SPAWN;
    return target->broadcast ? BSTC_CAST : BSTC_TELL;
}

/* Appends the targets of the clauses to `out`, which has room for them. */
static uint32_t resolve_uses(struct bstc_program *program,
                             const struct bstc_ast_use *clauses, uint32_t self,
                             struct bstc_sym_use *out)
{
    uint32_t count = 0;

    for (const struct bstc_ast_use *c = clauses; c; c = c->next) {
        bool spawns = c->kind == BSTC_AST_USE_SPAWNS;

        for (const struct bstc_ast_target *t = c->targets; t; t = t->next) {
            struct bstc_sym_use *use = &out[count];

            if (!t->who.text || (!t->what.text && !spawns))
                continue;
            use->ast = t;
            use->clause = c;
            use->how = how_of(c, t);
            if (spawns) {
                resolve_spawned(program, use);
            } else {
                resolve_who(program, use, self);
                resolve_what(program, use);
            }
            count++;
        }
    }
    return count;
}

static void resolve_outside(struct bstc_program *program)
{
    uint32_t room = 0;

    for (uint32_t i = 0; i < program->norder; i++) {
        const struct bstc_ast_file *file =
            program->files[program->order[i]].ast;

        for (const struct bstc_ast_item *t = file->items; t; t = t->next) {
            if (t->kind == BSTC_AST_ITEM_OUTSIDE)
                room += count_targets(t->uses);
        }
    }
    program->outside = bstc_arena_array(&program->context->arena, room + 1,
                                        sizeof *program->outside);
    for (uint32_t i = 0; i < program->norder; i++) {
        const struct bstc_ast_file *file =
            program->files[program->order[i]].ast;

        for (const struct bstc_ast_item *t = file->items; t; t = t->next) {
            if (t->kind == BSTC_AST_ITEM_OUTSIDE)
                program->noutside +=
                    resolve_uses(program, t->uses, BSTC_NONE,
                                 program->outside + program->noutside);
        }
    }
}

/* ---- handlers ------------------------------------------------------------ */

/* Labels name a handler in tables and comments, stems in C identifiers. */
static void name_handler(struct bstc_program *program,
                         struct bstc_sym_handler *handler)
{
    struct bstc_arena *arena = &program->context->arena;
    const struct bstc_ast_handler *ast = handler->ast;
    char duration[32];

    if (handler->event == BSTC_ON_TIMER) {
        bool every = ast->kind == BSTC_AST_HANDLER_EVERY;

        bstc_duration_text(duration, sizeof duration, ast->period);
        handler->label =
            bstc_join(arena, every ? "every" : "idle", " ", duration, NULL);
        handler->stem =
            bstc_join(arena, every ? "every" : "idle", "_", duration, NULL);
    } else if (handler->event == BSTC_ON_ANY) {
        handler->label = "on _";
        handler->stem = "anything";
    } else if (handler->event == BSTC_ON_RUN) {
        handler->label = handler->stem = "run";
    } else {
        handler->label = bstc_join(arena, "on ", ast->broadcast ? "#" : "",
                                   ast->message.text, NULL);
        handler->stem = ast->message.text;
    }
}

static void report_twice(struct bstc_program *program,
                         const struct bstc_sym_handler *second,
                         const struct bstc_sym_handler *first)
{
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag =
        bstc_error(diags, "E0202", second->ast->head,
                   "`%s` stands twice in this actor", second->label);

    bstc_diag_label(diags, diag, "again here");
    bstc_diag_also(diags, diag, first->ast->head, "first handled here");
}

static enum bstc_event event_of(struct bstc_program *program,
                                struct bstc_sym_handler *handler)
{
    const struct bstc_ast_handler *ast = handler->ast;
    const char *name = ast->message.text;

    if (ast->kind == BSTC_AST_HANDLER_RUN) {
        bstc_unsupported(program, "actor", "run", ast->head);
        return BSTC_ON_RUN;
    }
    if (ast->kind != BSTC_AST_HANDLER_ON)
        return BSTC_ON_TIMER;
    if (ast->any)
        return BSTC_ON_ANY;
    if (!bstc_is_builtin(name))
        return BSTC_ON_MESSAGE;
    if (ast->broadcast)
        bstc_error(&program->context->diags, "E0301", ast->head,
                   "`%s` comes from the runtime and is no broadcast", name);
    if (strcmp(name, "start") == 0)
        return BSTC_ON_START;
    if (strcmp(name, "stop") == 0)
        return BSTC_ON_STOP;
    if (strcmp(name, "restart") == 0)
        return BSTC_ON_RESTART;
    bstc_unsupported(program, "handler", name, ast->head);
    return strcmp(name, "down") == 0 ? BSTC_ON_DOWN : BSTC_ON_DEMAND;
}

static void resolve_event(struct bstc_program *program, uint32_t actor,
                          struct bstc_sym_handler *handler)
{
    handler->event = event_of(program, handler);
    handler->message = BSTC_NONE;
    handler->timer = BSTC_NONE;
    if (handler->event == BSTC_ON_TIMER) {
        handler->timer = program->actors[actor].ntimers++;
    } else if (handler->event == BSTC_ON_MESSAGE) {
        const struct bstc_ast_name *name = &handler->ast->message;

        handler->message = bstc_scope_find(program, BSTC_A_MESSAGE, name->text);
        if (handler->message == BSTC_NONE) {
            bstc_scope_unknown(program, BSTC_A_MESSAGE, name);
            handler->is_skipped = true;
            program->actors[actor].has_unknown = true;
        }
    }
}

static bool lacks_name(const struct bstc_ast_handler *ast)
{
    return ast->kind == BSTC_AST_HANDLER_ON && !ast->any && !ast->message.text;
}

static void resolve_parts(struct bstc_program *program,
                          struct bstc_sym_handler *handler)
{
    const struct bstc_ast_handler *ast = handler->ast;

    if (ast->blocking && handler->event != BSTC_ON_MESSAGE)
        bstc_unsupported(program, "handler", "blocking", ast->blocking_span);
    handler->emits = BSTC_NONE;
    if (!ast->emits.text)
        return;
    bstc_unsupported(program, "handler", "emits", ast->emits.span);
    handler->emits = bstc_scope_find(program, BSTC_A_MESSAGE, ast->emits.text);
    if (handler->emits == BSTC_NONE)
        bstc_scope_unknown(program, BSTC_A_MESSAGE, &ast->emits);
}

/* Text that no other handler of the actor has: there may be messages called
 * `run` or `anything`. */
static const char *key_of(const struct bstc_sym_handler *handler)
{
    if (handler->event == BSTC_ON_RUN)
        return "run =>";
    return handler->event == BSTC_ON_TIMER || handler->event == BSTC_ON_ANY
               ? handler->label
               : handler->stem;
}

/* The first of two equal handlers stays. */
static void declare_handler(struct bstc_program *program, uint32_t actor,
                            struct bstc_map *labels, uint32_t index)
{
    struct bstc_sym_handler *handlers = program->actors[actor].handlers;
    struct bstc_sym_handler *handler = &handlers[index];
    uint32_t first;

    if (handler->is_skipped)
        return;
    first = bstc_map_add(labels,
                         bstc_map_name(bstc_intern_text(
                             &program->context->names, key_of(handler))),
                         index);
    if (first != BSTC_MAP_NONE) {
        report_twice(program, handler, &handlers[first]);
        handler->is_skipped = true;
    } else if (handler->event == BSTC_ON_START) {
        program->actors[actor].start = handler;
    } else if (handler->event == BSTC_ON_DEMAND) {
        program->actors[actor].demand = handler;
    } else if (handler->event == BSTC_ON_MESSAGE) {
        bstc_map_add(&program->handlers, bstc_map_pair(actor, handler->message),
                     index);
    }
}

static void resolve_handler(struct bstc_program *program, uint32_t actor,
                            const struct bstc_ast_handler *ast,
                            struct bstc_map *labels)
{
    struct bstc_sym_actor *symbol = &program->actors[actor];
    struct bstc_sym_handler *handler = &symbol->handlers[symbol->nhandlers];

    handler->ast = ast;
    resolve_event(program, actor, handler);
    name_handler(program, handler);
    resolve_parts(program, handler);
    handler->uses =
        bstc_arena_array(&program->context->arena, count_targets(ast->uses) + 1,
                         sizeof *handler->uses);
    handler->nuses = resolve_uses(program, ast->uses, actor, handler->uses);
    declare_handler(program, actor, labels, symbol->nhandlers);
    symbol->nhandlers++;
}

static void resolve_actor(struct bstc_program *program, uint32_t index)
{
    struct bstc_sym_actor *actor = &program->actors[index];
    struct bstc_arena *arena = &program->context->arena;
    struct bstc_map labels;
    uint32_t room = 0;

    bstc_map_init(&labels, arena);
    for (const struct bstc_ast_handler *h = actor->ast->handlers; h;
         h = h->next)
        room++;
    actor->handlers =
        bstc_arena_array(arena, room + 1, sizeof *actor->handlers);
    for (const struct bstc_ast_handler *h = actor->ast->handlers; h;
         h = h->next) {
        actor->has_run = actor->has_run || h->kind == BSTC_AST_HANDLER_RUN;
        if (!lacks_name(h))
            resolve_handler(program, index, h, &labels);
    }
}

/* ---- the whole ----------------------------------------------------------- */

static void resolve_group(struct bstc_program *program,
                          struct bstc_sym_group *group)
{
    const struct bstc_ast_group *ast = group->ast;

    if (!ast->actor.text)
        return;
    group->actor = bstc_scope_find(program, BSTC_AN_ACTOR, ast->actor.text);
    if (group->actor == BSTC_NONE)
        bstc_scope_unknown(program, BSTC_AN_ACTOR, &ast->actor);
}

void bstc_scope_resolve(struct bstc_program *program)
{
    for (uint32_t i = 0; i < program->nmessages; i++)
        resolve_message(program, &program->messages[i]);
    for (uint32_t i = 0; i < program->ngroups; i++)
        resolve_group(program, &program->groups[i]);
    for (uint32_t i = 0; i < program->nactors; i++)
        resolve_actor(program, i);
    resolve_outside(program);
    bstc_scope_resolve_places(program);
}
