/*
 * Names that cannot appear in C as they are written (rule: unchanged, or not
 * at all). Names of messages and actors become tags behind the prefix of
 * their file, so a prefix helps them; other names have to change.
 */

#include "check.h"
#include "names.h"
#include "text.h"

#include <string.h>

static const char *why(enum bstc_taken taken)
{
    switch (taken) {
    case BSTC_NAME_KEYWORD:
        return "is a keyword of C or C++";
    case BSTC_NAME_RESERVED:
        return "is reserved";
    case BSTC_NAME_MACRO:
        return "is a macro of the C library";
    case BSTC_NAME_TAG:
        return "is a structure of the C library";
    case BSTC_NAME_LIBRARY:
    case BSTC_NAME_FREE:
        break;
    }
    return "belongs to the C library";
}

static const char *code(enum bstc_taken taken)
{
    return taken == BSTC_NAME_KEYWORD || taken == BSTC_NAME_RESERVED ? "E0104"
                                                                     : "E0107";
}

static struct bstc_diag *report(struct bstc_program *program,
                                const struct bstc_ast_name *name,
                                enum bstc_taken taken)
{
    return bstc_error(&program->context->diags, code(taken), name->span,
                      "the name `%s` %s", name->text, why(taken));
}

static void check_member(struct bstc_program *program,
                         const struct bstc_ast_name *name)
{
    enum bstc_taken taken;

    if (!name->text)
        return;
    taken = bstc_name_member(name->text);
    if (taken != BSTC_NAME_FREE) {
        struct bstc_diag *diag = report(program, name, taken);

        bstc_diag_help(&program->context->diags, diag, "choose another name");
    }
}

/* The function that calls all handlers of an actor has these parameters. */
static bool is_parameter(const char *name)
{
    return strcmp(name, "state") == 0 || strcmp(name, "in") == 0 ||
           strcmp(name, "answer") == 0;
}

static void check_function(struct bstc_program *program,
                           const struct bstc_ast_name *name)
{
    enum bstc_taken taken;

    if (!name->text)
        return;
    if (is_parameter(name->text)) {
        bstc_error(&program->context->diags, "E0108", name->span,
                   "`%s` is the name of a parameter in the generated C",
                   name->text);
        return;
    }
    taken = bstc_name_function(name->text);
    if (taken != BSTC_NAME_FREE) {
        struct bstc_diag *diag = report(program, name, taken);

        bstc_diag_help(&program->context->diags, diag,
                       "call the function differently");
    }
}

/* The fix-it stands at the top of the file, behind a byte order mark. */
static void fix_with_prefix(struct bstc_program *program,
                            struct bstc_diag *diag, struct bstc_span span)
{
    const struct bstc_source *source =
        bstc_sources_at(&program->context->sources, span.file);
    struct bstc_span top = {span.file, 0, 0};

    if (*bstc_program_prefix(program, span) || !source) {
        bstc_diag_help(&program->context->diags, diag, "choose another name");
        return;
    }
    if (source->size >= 3 && memcmp(source->text, "\xEF\xBB\xBF", 3) == 0)
        top.start = top.end = 3;
    bstc_diag_fix(&program->context->diags, diag, top, "prefix app_;\n",
                  "a prefix keeps generated names apart from others");
}

static void check_tag(struct bstc_program *program,
                      const struct bstc_ast_name *name)
{
    const char *prefix;
    const char *tag;
    enum bstc_taken taken;

    if (!name->text)
        return;
    prefix = bstc_program_prefix(program, name->span);
    tag = *prefix
              ? bstc_join(&program->context->arena, prefix, name->text, NULL)
              : name->text;
    taken = bstc_name_tag(tag);
    if (taken != BSTC_NAME_FREE)
        fix_with_prefix(program, report(program, name, taken), name->span);
}

static void check_fields(struct bstc_program *program,
                         const struct bstc_ast_field *fields)
{
    for (; fields; fields = fields->next)
        check_member(program, &fields->name);
}

static void check_hooks(struct bstc_program *program,
                        const struct bstc_ast_hook *hooks)
{
    for (; hooks; hooks = hooks->next) {
        if (hooks->impl.kind == BSTC_AST_IMPL_FUNCTION)
            check_function(program, &hooks->impl.function);
    }
}

static void check_actor(struct bstc_program *program,
                        const struct bstc_ast_actor *actor)
{
    check_tag(program, &actor->name);
    check_fields(program, actor->state);
    check_fields(program, actor->args);
    for (const struct bstc_ast_handler *h = actor->handlers; h; h = h->next) {
        if (h->impl.kind == BSTC_AST_IMPL_FUNCTION)
            check_function(program, &h->impl.function);
    }
}

/* The name of the root file begins the name of the application. */
static void check_unit(struct bstc_program *program)
{
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag;

    if (bstc_name_is_identifier(program->unit) &&
        bstc_name_member(program->unit) != BSTC_NAME_RESERVED)
        return;
    diag = bstc_error(diags, "E0104", program->unit_span,
                      "the file name `%s.bst` begins no C name", program->unit);
    bstc_diag_note(diags, diag, "it becomes part of names such as `%s_app`",
                   program->unit);
    bstc_diag_help(diags, diag,
                   "use letters, digits and `_`, and no digit first");
}

/* A prefix that is no C name, or one of ours. */
static void check_prefixes(struct bstc_program *program)
{
    for (uint32_t i = 0; i < program->norder; i++) {
        const struct bstc_ast_item *item =
            program->files[program->order[i]].ast->items;

        for (; item; item = item->next) {
            const struct bstc_ast_value *value;
            struct bstc_ast_name name;

            if (item->kind != BSTC_AST_ITEM_SETTING ||
                !item->setting->name.text ||
                strcmp(item->setting->name.text, "prefix") != 0)
                continue;
            value = item->setting->args;
            if (!value || value->kind != BSTC_AST_VALUE_NAME)
                continue;
            name.text = value->text;
            name.span = value->span;
            if (bstc_name_member(name.text) == BSTC_NAME_RESERVED)
                report(program, &name, BSTC_NAME_RESERVED);
        }
    }
}

/* What #include accepts between its quotes or brackets. */
static bool is_header_name(const struct bstc_ast_include *include)
{
    char end = include->system ? '>' : '"';

    for (size_t i = 0; i < include->length; i++) {
        unsigned char byte = (unsigned char)include->text[i];

        if (byte < ' ' || include->text[i] == end || byte == '\\')
            return false;
    }
    return include->length > 0;
}

static void check_includes(struct bstc_program *program)
{
    for (uint32_t i = 0; i < program->norder; i++) {
        const struct bstc_ast_item *item =
            program->files[program->order[i]].ast->items;

        for (; item; item = item->next) {
            if (item->kind == BSTC_AST_ITEM_USE &&
                !is_header_name(item->include))
                bstc_error(&program->context->diags, "E0103",
                           item->include->span,
                           "this is not the name of a header");
        }
    }
}

void bstc_check_names(struct bstc_program *program)
{
    check_unit(program);
    check_includes(program);
    check_prefixes(program);
    for (uint32_t i = 0; i < program->nmessages; i++) {
        check_tag(program, &program->messages[i].ast->name);
        check_fields(program, program->messages[i].ast->fields);
    }
    for (uint32_t i = 0; i < program->nactors; i++)
        check_actor(program, program->actors[i].ast);
    for (uint32_t i = 0; i < program->ngroups; i++) {
        const struct bstc_ast_group *group = program->groups[i].ast;

        if (group->name.text != group->actor.text)
            check_member(program, &group->name);
        check_hooks(program, group->hooks);
    }
    for (uint32_t i = 0; i < program->nsupervisors; i++) {
        check_member(program, &program->supervisors[i].ast->name);
        check_hooks(program, program->supervisors[i].ast->hooks);
    }
}
