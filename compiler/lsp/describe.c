/*
 * What people see of a symbol: its declaration as it stands in the file, its
 * doc comment, and who is connected with it.
 */

#include <string.h>

#include "emit_out.h"
#include "fields.h"
#include "lsp/features.h"

enum { LONGEST_SHOWN = 600, MOST_NAMED = 8 };

struct describer {
    const struct bstc_view *view;
    struct bstc_out out;
};

/* Copies a piece of a file into a block of code. What is long is cut at the
 * end of a line. */
static void put_code(struct describer *d, struct bstc_span span)
{
    const struct bstc_source *source =
        bstc_sources_at(&d->view->unit->context.sources, span.file);
    const char *text = source->text + span.start;
    size_t length = span.end - span.start;
    bool is_cut = length > LONGEST_SHOWN;

    if (is_cut) {
        length = LONGEST_SHOWN;
        while (length > 0 && text[length - 1] != '\n')
            length--;
    }
    bstc_out_text(&d->out, "```bst\n");
    bstc_out_bytes(&d->out, text, length);
    bstc_out_text(&d->out, is_cut ? "...\n```\n" : "\n```\n");
}

static void put_doc(struct describer *d, const struct bstc_doc *doc)
{
    if (doc && doc->text)
        bstc_out_format(&d->out, "\n%s\n", doc->text);
}

/* Writes names behind a heading, as many as are worth reading. */
struct names {
    struct describer *d;
    const char *heading;
    uint32_t count;
};

static void put_name(struct names *names, const char *sign, const char *name)
{
    struct bstc_out *out = &names->d->out;

    if (names->count == 0)
        bstc_out_format(out, "\n%s ", names->heading);
    if (names->count < MOST_NAMED)
        bstc_out_format(out, "%s`%s%s`", names->count ? ", " : "", sign, name);
    else if (names->count == MOST_NAMED)
        bstc_out_text(out, " and more");
    names->count++;
}

static void end_names(struct names *names)
{
    if (names->count > 0)
        bstc_out_text(&names->d->out, "\n");
}

/* ---- messages ------------------------------------------------------------ */

static bool sends(const struct bstc_ast_actor *actor, const char *message)
{
    for (const struct bstc_ast_handler *h = actor->handlers; h; h = h->next) {
        for (const struct bstc_ast_use *u = h->uses; u; u = u->next) {
            for (const struct bstc_ast_target *t = u->targets; t; t = t->next) {
                if (t->what.text == message)
                    return true;
            }
        }
    }
    return false;
}

static bool handles(const struct bstc_ast_actor *actor, const char *message)
{
    for (const struct bstc_ast_handler *h = actor->handlers; h; h = h->next) {
        if (h->message.text == message)
            return true;
    }
    return false;
}

static void
put_actors(struct describer *d, const char *heading, const char *message,
           bool (*test)(const struct bstc_ast_actor *, const char *))
{
    const struct bstc_index *index = d->view->index;
    struct names names = {d, heading, 0};

    for (uint32_t i = 0; i < index->nsymbols; i++) {
        const struct bstc_symbol *symbol = &index->symbols[i];

        if (symbol->kind == BSTC_SYMBOL_ACTOR && symbol->actor &&
            test(symbol->actor, message))
            put_name(&names, "", symbol->name);
    }
    end_names(&names);
}

static void put_message(struct describer *d, const struct bstc_symbol *symbol)
{
    put_code(d, symbol->span);
    put_doc(d, symbol->doc);
    put_actors(d, "Handled by", symbol->name, handles);
    put_actors(d, "Sent by", symbol->name, sends);
}

/* ---- actors and trees ---------------------------------------------------- */

static void put_handled(struct describer *d, const struct bstc_ast_actor *actor)
{
    struct names names = {d, "Handles", 0};

    for (const struct bstc_ast_handler *h = actor->handlers; h; h = h->next) {
        if (h->message.text)
            put_name(&names, h->broadcast ? "#" : "", h->message.text);
    }
    end_names(&names);
}

static void put_groups(struct describer *d, const char *actor)
{
    const struct bstc_index *index = d->view->index;
    struct names names = {d, "In the groups", 0};

    for (uint32_t i = 0; i < index->nsymbols; i++) {
        const struct bstc_symbol *symbol = &index->symbols[i];

        if (symbol->kind == BSTC_SYMBOL_GROUP && symbol->group &&
            symbol->group->actor.text == actor)
            put_name(&names, "", symbol->name);
    }
    end_names(&names);
}

static void put_actor(struct describer *d, const struct bstc_symbol *symbol)
{
    bstc_out_format(&d->out, "```bst\nactor %s\n```\n", symbol->name);
    put_doc(d, symbol->doc);
    if (symbol->actor)
        put_handled(d, symbol->actor);
    put_groups(d, symbol->name);
}

static void put_group(struct describer *d, const struct bstc_symbol *symbol)
{
    const struct bstc_symbol *actor;

    put_code(d, symbol->span);
    put_doc(d, symbol->doc);
    if (!symbol->group->actor.text)
        return;
    actor = bstc_index_find(d->view->index, BSTC_SYMBOL_ACTOR,
                            symbol->group->actor.text);
    if (actor && actor->actor)
        put_handled(d, actor->actor);
}

static void put_supervisor(struct describer *d,
                           const struct bstc_symbol *symbol)
{
    const struct bstc_ast_supervisor *ast = symbol->supervisor;
    struct names names = {d, "Starts, in this order,", 0};

    bstc_out_format(&d->out, "```bst\nsupervisor %s : %s\n```\n", symbol->name,
                    ast->strategy.text ? ast->strategy.text : "one-for-one");
    put_doc(d, symbol->doc);
    for (const struct bstc_ast_member *m = ast->members; m; m = m->next) {
        if (m->kind == BSTC_AST_MEMBER_GROUP && m->group->name.text)
            put_name(&names, "", m->group->name.text);
        else if (m->kind == BSTC_AST_MEMBER_SUPERVISOR &&
                 m->supervisor->name.text)
            put_name(&names, "", m->supervisor->name.text);
    }
    end_names(&names);
}

/* ---- functions and fields ------------------------------------------------ */

static bool has_fields(const struct describer *d, const char *message)
{
    const struct bstc_symbol *symbol =
        bstc_index_find(d->view->index, BSTC_SYMBOL_MESSAGE, message);

    return symbol && symbol->message && symbol->message->fields;
}

static const char *answer_to(const struct describer *d, const char *message)
{
    const struct bstc_symbol *symbol =
        bstc_index_find(d->view->index, BSTC_SYMBOL_MESSAGE, message);

    return symbol && symbol->message ? symbol->message->answer.text : NULL;
}

/* The prototype of a handler. */
static void put_prototype(struct describer *d, const struct bstc_symbol *symbol)
{
    const struct bstc_ast_handler *handler = symbol->handler;
    const char *prefix =
        bstc_program_prefix(d->view->index->program, symbol->span);
    const char *message = handler->message.text;
    const char *answer = NULL;

    bstc_out_format(&d->out, "```c\nbst_status %s(struct %s%s *self",
                    symbol->name, prefix, symbol->owner->name.text);
    if (handler->any)
        bstc_out_text(&d->out, ", const struct bst_msg *m");
    else if (message && has_fields(d, message))
        bstc_out_format(&d->out, ", const struct %s%s *m", prefix, message);
    if (message && handler->impl.answers)
        answer = answer_to(d, message);
    if (answer && has_fields(d, answer))
        bstc_out_format(&d->out, ", struct %s%s *answer", prefix, answer);
    bstc_out_text(&d->out, ")\n```\n");
}

static void put_function(struct describer *d, const struct bstc_symbol *symbol)
{
    if (symbol->handler && symbol->owner && symbol->owner->name.text) {
        put_prototype(d, symbol);
        put_doc(d, symbol->handler->doc);
    } else {
        bstc_out_format(&d->out, "```c\n%s(...)\n```\n", symbol->name);
    }
}

static void put_field(struct describer *d, const struct bstc_symbol *symbol)
{
    const struct bstc_ast_field *field = symbol->field;
    const char *type = bstc_field_c_type(d->view->index->program, field);

    put_code(d, symbol->span);
    if (type)
        bstc_out_format(&d->out, "\nIn C: `%s`\n", type);
    put_doc(d, symbol->doc);
}

const char *bstc_lsp_describe(const struct bstc_view *view,
                              const struct bstc_symbol *symbol)
{
    struct describer d = {.view = view};

    if (symbol->kind != BSTC_SYMBOL_FUNCTION &&
        !bstc_symbol_is_declared(symbol))
        return bstc_arena_format(view->arena, "%s `%s`, not declared",
                                 bstc_symbol_word(symbol->kind), symbol->name);
    bstc_out_init(&d.out, view->arena);
    switch (symbol->kind) {
    case BSTC_SYMBOL_MESSAGE:
        put_message(&d, symbol);
        break;
    case BSTC_SYMBOL_ACTOR:
        put_actor(&d, symbol);
        break;
    case BSTC_SYMBOL_GROUP:
        put_group(&d, symbol);
        break;
    case BSTC_SYMBOL_SUPERVISOR:
        put_supervisor(&d, symbol);
        break;
    case BSTC_SYMBOL_FUNCTION:
        put_function(&d, symbol);
        break;
    case BSTC_SYMBOL_FIELD:
        put_field(&d, symbol);
        break;
    case BSTC_SYMBOL_CLUSTER:
    case BSTC_SYMBOL_NODE:
    case BSTC_SYMBOL_KINDS:
        put_code(&d, symbol->span);
        break;
    }
    return bstc_out_join(&d.out);
}
