/*
 * Names that would be generated twice.
 *
 * Every identifier of X.bst.h and X.bst.c is entered here with the place it
 * comes from, in the two name spaces of C that matter: tags and ordinary
 * identifiers. C promises to tell apart 63 bytes of a name and no more, so
 * that only these are compared.
 */

#include "check.h"
#include "fields.h"
#include "text.h"

#include <string.h>

#define SIGNIFICANT_BYTES 63

/* What stands behind a name. */
struct entry {
    const char *name;
    struct bstc_span span;
    uint64_t signature; /* of a function of the user; equal ones may share */
    uint32_t next;      /* entry with the same hash, or BSTC_MAP_NONE */
};

struct names {
    struct bstc_program *program;
    struct bstc_map map;      /* hash of the significant bytes -> entry */
    struct bstc_map reported; /* places that have been reported */
    struct entry *entries;
    uint32_t count;
    uint32_t capacity;
};

/* No two generated names may be equal. */
#define NO_SIGNATURE 0

static void init(struct names *names, struct bstc_program *program)
{
    struct bstc_arena *arena = &program->context->arena;

    memset(names, 0, sizeof *names);
    names->program = program;
    bstc_map_init(&names->map, arena);
    bstc_map_init(&names->reported, arena);
}

static void report(struct names *names, const struct entry *a,
                   const struct entry *b)
{
    struct bstc_diags *diags = &names->program->context->diags;
    struct bstc_diag *diag;
    bool swap = a->span.file == b->span.file && b->span.start < a->span.start;
    const struct entry *first = swap ? b : a;
    const struct entry *second = swap ? a : b;

    if (bstc_map_add(&names->reported,
                     bstc_map_pair(first->span.file, first->span.start),
                     0) != BSTC_MAP_NONE)
        return;
    if (first->span.file == second->span.file &&
        first->span.start == second->span.start) {
        diag =
            bstc_error(diags, "E0108", first->span,
                       "this name is too long: C names made of it are equal");
        bstc_diag_note(diags, diag, "C compares the first %d bytes of a name",
                       SIGNIFICANT_BYTES);
        return;
    }
    if (strcmp(a->name, b->name) == 0)
        diag = bstc_error(diags, "E0108", first->span,
                          "two things would be called `%s` in C", a->name);
    else
        diag = bstc_error(diags, "E0108", first->span,
                          "`%s` differs too late from another C name",
                          first->name);
    bstc_diag_label(diags, diag, "this one");
    bstc_diag_also(diags, diag, second->span, "and this one");
    if (strcmp(a->name, b->name) != 0)
        bstc_diag_note(diags, diag, "C compares the first %d bytes of a name",
                       SIGNIFICANT_BYTES);
}

/* FNV-1a over the bytes that C looks at. */
static uint64_t hash_of(const char *name)
{
    uint64_t hash = 14695981039346656037u;

    for (size_t i = 0; i < SIGNIFICANT_BYTES && name[i]; i++)
        hash = (hash ^ (unsigned char)name[i]) * 1099511628211u;
    return hash;
}

/* Returns the entry that C takes for `name`, or NULL; `at` begins the list of
 * those with its hash, and `*last` becomes its end. */
static const struct entry *find(const struct names *names, const char *name,
                                uint32_t at, uint32_t *last)
{
    for (; at != BSTC_MAP_NONE; at = names->entries[at].next) {
        if (strncmp(names->entries[at].name, name, SIGNIFICANT_BYTES) == 0)
            return &names->entries[at];
        *last = at;
    }
    return NULL;
}

static void make_room(struct names *names)
{
    uint32_t old = names->capacity;

    if (names->count < old)
        return;
    names->capacity = old ? old * 2 : 256;
    names->entries = bstc_arena_grow(
        &names->program->context->arena, names->entries,
        old * sizeof *names->entries, names->capacity * sizeof *names->entries);
}

static void add(struct names *names, const char *name, struct bstc_span span,
                uint64_t signature)
{
    struct entry entry = {name, span, signature, BSTC_MAP_NONE};
    uint32_t first = bstc_map_add(&names->map, hash_of(name), names->count);
    uint32_t last = BSTC_MAP_NONE;
    const struct entry *other = find(names, name, first, &last);

    if (other) {
        if (signature == NO_SIGNATURE || other->signature != signature ||
            strcmp(other->name, name) != 0)
            report(names, other, &entry);
        return;
    }
    make_room(names);
    if (last != BSTC_MAP_NONE)
        names->entries[last].next = names->count;
    names->entries[names->count++] = entry;
}

static void add_joined(struct names *names, const char *a, const char *b,
                       const char *c, struct bstc_span span)
{
    add(names, bstc_join(&names->program->context->arena, a, b, c, NULL), span,
        NO_SIGNATURE);
}

static const char *with_prefix(struct names *names,
                               const struct bstc_ast_name *name)
{
    const char *prefix = bstc_program_prefix(names->program, name->span);

    if (!*prefix)
        return name->text;
    return bstc_join(&names->program->context->arena, prefix, name->text, NULL);
}

/* ---- the names of each thing --------------------------------------------- */

/* Equal for handlers whose C functions have the same parameters: those of one
 * actor with the same message, or those without one. */
static uint64_t signature_of(const struct bstc_program *program, uint32_t actor,
                             const struct bstc_sym_handler *handler)
{
    const struct bstc_sym_message *message;
    bool plain;

    if (handler->event == BSTC_ON_ANY)
        return bstc_map_pair(actor + 1, UINT32_MAX);
    if (handler->event == BSTC_ON_DOWN)
        return bstc_map_pair(actor + 1, UINT32_MAX - 1);
    if (handler->event != BSTC_ON_MESSAGE)
        return bstc_map_pair(actor + 1, 0);
    message = &program->messages[handler->message];
    plain = !message->ast->fields &&
            (message->answer == BSTC_NONE ||
             !program->messages[message->answer].ast->fields);
    return bstc_map_pair(actor + 1, plain ? 0 : handler->message + 1);
}

static void add_handler(struct names *names, uint32_t index, const char *tag,
                        const struct bstc_sym_handler *handler)
{
    const struct bstc_program *program = names->program;
    const struct bstc_ast_impl *impl = &handler->ast->impl;

    if (impl->kind == BSTC_AST_IMPL_FUNCTION && impl->function.text)
        add(names, impl->function.text, impl->function.span,
            signature_of(program, index, handler));
    else if (impl->kind == BSTC_AST_IMPL_INLINE)
        add_joined(names, tag, "_on_", handler->stem, handler->ast->head);
    if (handler->nuses > 0)
        add_joined(names, tag,
                   bstc_join(&names->program->context->arena, "_",
                             handler->stem, NULL),
                   "_uses", handler->ast->head);
    if (handler->event != BSTC_ON_MESSAGE)
        return;
    add_joined(names, tag, "_tell_", handler->stem, handler->ast->head);
    if (program->messages[handler->message].ast->answer.text) {
        const char *ask = bstc_join(&names->program->context->arena, tag,
                                    "_ask_", handler->stem, NULL);

        add(names, ask, handler->ast->head, NO_SIGNATURE);
        add_joined(names, ask, "_within", "", handler->ast->head);
    }
    if (handler->ast->broadcast)
        add_joined(names, tag, "_cast_", handler->stem, handler->ast->head);
}

static void add_replies(struct names *names, const char *tag,
                        const struct bstc_sym_actor *actor)
{
    struct bstc_map seen;

    bstc_map_init(&seen, &names->program->context->arena);
    for (uint32_t i = 0; i < actor->nhandlers; i++) {
        const struct bstc_sym_handler *handler = &actor->handlers[i];

        for (uint32_t k = 0; k < handler->nuses; k++) {
            const struct bstc_sym_use *use = &handler->uses[k];

            if (use->target == BSTC_TO_SENDER && use->message != BSTC_NONE &&
                bstc_map_add(&seen, use->message, 1) == BSTC_MAP_NONE)
                add_joined(names, tag, "_reply_", use->ast->what.text,
                           use->ast->span);
        }
    }
}

static void add_actor(struct names *tags, struct names *names, uint32_t index)
{
    static const char *const endings[] = {"_is_group", "_init",     "_handle",
                                          "_actor",    "_handlers", "_timers"};
    const struct bstc_sym_actor *actor = &names->program->actors[index];
    const struct bstc_ast_name *name = &actor->ast->name;
    const char *tag = with_prefix(names, name);

    if (bstc_scope_find(names->program, BSTC_A_MESSAGE, name->text) ==
        BSTC_NONE)
        add(tags, tag, name->span, NO_SIGNATURE);
    add_joined(tags, tag, "_ref", "", name->span);
    if (actor->ast->args)
        add_joined(tags, tag, "_args", "", name->span);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        add_joined(names, tag, endings[i], "", name->span);
    for (uint32_t i = 0; i < actor->nhandlers; i++) {
        if (!actor->handlers[i].is_skipped)
            add_handler(names, index, tag, &actor->handlers[i]);
    }
    add_replies(names, tag, actor);
}

/* The functions that take what a message owns, and the tables of its fields. */
static void add_takes(struct names *names,
                      const struct bstc_ast_message *message)
{
    const char *tag = with_prefix(names, &message->name);
    bool compares = false;

    if (bstc_message_owns(message))
        add_joined(names, tag, "_owned", "", message->name.span);
    for (const struct bstc_ast_field *f = message->fields; f; f = f->next)
        compares |= bstc_field_compares(f) != BSTC_COMPARES_NOT;
    if (compares)
        add_joined(names, tag, "_fields", "", message->name.span);
    for (const struct bstc_ast_field *f = message->fields; f; f = f->next) {
        if (bstc_field_owns(f) != BSTC_OWNS_NOTHING && f->name.text)
            add_joined(names, tag, "_take_", f->name.text, f->name.span);
    }
}

static void add_messages(struct names *tags, struct names *names)
{
    const struct bstc_program *program = names->program;

    for (uint32_t i = 0; i < program->nmessages; i++) {
        const struct bstc_ast_name *name = &program->messages[i].ast->name;

        if (program->messages[i].ast->fields)
            add(tags, with_prefix(names, name), name->span, NO_SIGNATURE);
        add_joined(names, "KIND_", name->text, "", name->span);
        add_takes(names, program->messages[i].ast);
    }
}

/* Equal for hooks whose C functions have the same parameters; no actor has
 * these numbers. */
static uint64_t signature_of_hook(const struct bstc_ast_hook *hook)
{
    bool decides = strcmp(hook->event.text, bstc_hook_words[BSTC_FAILURE]) == 0;

    return bstc_map_pair(0, decides ? 2 : 1);
}

/* `stem` is that of a group or of a supervisor: "tally_group". */
static void add_hooks(struct names *names, const char *stem,
                      const struct bstc_ast_hook *hooks, struct bstc_span span)
{
    if (hooks)
        add_joined(names, stem, "_callbacks", "", span);
    for (; hooks; hooks = hooks->next) {
        const struct bstc_ast_impl *impl = &hooks->impl;

        if (!hooks->event.text)
            continue;
        if (impl->kind == BSTC_AST_IMPL_FUNCTION && impl->function.text)
            add(names, impl->function.text, impl->function.span,
                signature_of_hook(hooks));
        else if (impl->kind == BSTC_AST_IMPL_INLINE)
            add_joined(names, stem, "_", hooks->event.text, hooks->span);
    }
}

static void add_tree(struct names *names)
{
    const struct bstc_program *program = names->program;

    for (uint32_t i = 0; i < program->ngroups; i++) {
        const struct bstc_ast_name *name = &program->groups[i].ast->name;
        const char *symbol = with_prefix(names, name);

        add_joined(names, symbol, "_ref", "", name->span);
        add_joined(names, symbol, "_group", "", name->span);
        add_hooks(names,
                  bstc_join(&program->context->arena, symbol, "_group", NULL),
                  program->groups[i].ast->hooks, name->span);
        if (program->groups[i].ast->is_dynamic) {
            add_joined(names, symbol, "_spawn", "", name->span);
            add_joined(names, symbol, "_spawn_outside", "", name->span);
        } else if (program->groups[i].settings.written[BSTC_SETTING_ARGS]) {
            add_joined(names, symbol, "_args", "", name->span);
        }
    }
    for (uint32_t i = 0; i < program->nsupervisors; i++) {
        const struct bstc_ast_name *name = &program->supervisors[i].ast->name;
        const char *symbol;

        if (!name->text || bstc_map_find(&program->supervisor_names,
                                         bstc_map_name(name->text)) != i)
            continue; /* a duplicate, which has been reported */
        symbol = with_prefix(names, name);
        add_joined(names, symbol, "_supervisor", "", name->span);
        add_hooks(
            names,
            bstc_join(&program->context->arena, symbol, "_supervisor", NULL),
            program->supervisors[i].ast->hooks, name->span);
        add_joined(names, symbol, "_children", "", name->span);
    }
}

static void add_unit(struct names *names)
{
    static const char *const endings[] = {"_app", "_messages", "_groups",
                                          "_outside_uses"};
    const struct bstc_program *program = names->program;

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        add_joined(names, program->unit, endings[i], "", program->unit_span);
}

/* The types of the bound on memory. */
static void add_memory(struct names *tags)
{
    const struct bstc_program *program = tags->program;

    if (program->memory == 0)
        return;
    add_joined(tags, program->unit, "_memory", "", program->unit_span);
    for (uint32_t i = 0; i < program->nactors; i++) {
        const struct bstc_ast_name *name = &program->actors[i].ast->name;

        add_joined(tags, with_prefix(tags, name), "_accepts", "", name->span);
    }
}

void bstc_check_collisions(struct bstc_program *program)
{
    struct names tags;
    struct names names;

    init(&tags, program);
    init(&names, program);
    add_unit(&names);
    add_memory(&tags);
    add_messages(&tags, &names);
    add_tree(&names);
    for (uint32_t i = 0; i < program->nactors; i++)
        add_actor(&tags, &names, i);
}
