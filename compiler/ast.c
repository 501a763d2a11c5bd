/*
 * Builders of items, settings and values. Those of fields are in
 * ast_field.c, those of handlers in ast_handler.c, those of supervision
 * trees in ast_tree.c.
 */

#include "ast.h"

#include <string.h>

#include "ast_build.h"
#include "ast_list.h"

#define NEW(b, type) BSTC_NEW(&(b)->context->arena, type)

/* ---- lists --------------------------------------------------------------- */

struct bstc_ast_value *bstc_append_value(struct bstc_ast_value *last,
                                         struct bstc_ast_value *node)
{
    BSTC_RING_APPEND(last, node);
}

struct bstc_part *bstc_append_part(struct bstc_part *last,
                                   struct bstc_part *node)
{
    BSTC_RING_APPEND(last, node);
}

struct bstc_ast_ident *bstc_append_ident(struct bstc_builder *b,
                                         struct bstc_ast_ident *last,
                                         const struct bstc_token *name)
{
    struct bstc_ast_ident *node = NEW(b, struct bstc_ast_ident);

    node->name.text = name->text;
    node->name.span = name->span;
    BSTC_RING_APPEND(last, node);
}

/* ---- helpers ------------------------------------------------------------- */

static struct bstc_ast_name name_of(const struct bstc_token *token)
{
    return (struct bstc_ast_name){token->text, token->span};
}

/* From the first byte of a token to the last one that was shifted. */
static struct bstc_span span_from(const struct bstc_builder *b,
                                  struct bstc_span first)
{
    return bstc_span_join(first, b->last);
}

static struct bstc_ast_item *new_item(struct bstc_builder *b,
                                      enum bstc_ast_item_kind kind,
                                      struct bstc_span first)
{
    struct bstc_ast_item *item = NEW(b, struct bstc_ast_item);

    item->kind = kind;
    item->span = span_from(b, first);
    return item;
}

/* ---- items --------------------------------------------------------------- */

void bstc_build_item(struct bstc_builder *b, struct bstc_ast_item *item)
{
    if (!item)
        return;
    *b->tail = item;
    b->tail = &item->next;
}

struct bstc_ast_item *bstc_build_include(struct bstc_builder *b,
                                         const struct bstc_token *use,
                                         const struct bstc_token *name)
{
    struct bstc_ast_item *item = new_item(b, BSTC_AST_ITEM_USE, use->span);

    item->include = NEW(b, struct bstc_ast_include);
    item->include->text = name->text;
    item->include->length = name->length;
    item->include->system = name->kind == BSTC_TOKEN_ANGLE;
    item->include->span = name->span;
    return item;
}

struct bstc_ast_item *bstc_build_import(struct bstc_builder *b,
                                        const struct bstc_token *import,
                                        const struct bstc_token *name)
{
    struct bstc_ast_item *item =
        new_item(b, BSTC_AST_ITEM_IMPORT, import->span);

    item->import = NEW(b, struct bstc_ast_import);
    item->import->text = name->text;
    item->import->length = name->length;
    item->import->span = name->span;
    return item;
}

struct bstc_ast_item *bstc_build_raw_item(struct bstc_builder *b,
                                          const struct bstc_token *c,
                                          const struct bstc_token *raw)
{
    struct bstc_ast_item *item = new_item(b, BSTC_AST_ITEM_C, c->span);

    item->raw = NEW(b, struct bstc_ast_raw);
    item->raw->text = b->file->source->text + raw->span.start;
    item->raw->length = raw->span.end - raw->span.start;
    item->raw->span = raw->span;
    return item;
}

struct bstc_ast_item *bstc_build_message(struct bstc_builder *b,
                                         const struct bstc_token *message,
                                         const struct bstc_token *name,
                                         const struct bstc_ast_name *answer,
                                         struct bstc_ast_field *fields)
{
    struct bstc_ast_item *item =
        new_item(b, BSTC_AST_ITEM_MESSAGE, message->span);

    item->message = NEW(b, struct bstc_ast_message);
    item->message->name = name_of(name);
    if (answer)
        item->message->answer = *answer;
    item->message->fields = BSTC_RING_OPEN(fields);
    item->message->doc = message->doc;
    bstc_check_types(b, item->message->fields, true);
    return item;
}

/* Appends the fields of a `state` or `args` block to those of earlier ones,
 * of which there should be none. */
static void add_fields(struct bstc_builder *b, struct bstc_part *part,
                       struct bstc_ast_field **list, bool *has,
                       struct bstc_span *span)
{
    struct bstc_diags *diags = &b->context->diags;

    if (*has) {
        struct bstc_diag *diag = bstc_error(
            diags, "E0202", part->span, "an actor has one `%s` block",
            part->kind == BSTC_PART_STATE ? "state" : "args");

        bstc_diag_label(diags, diag, "a second one");
        bstc_diag_also(diags, diag, *span, "the first one is here");
    } else {
        *span = part->span;
    }
    *has = true;
    while (*list)
        list = &(*list)->next;
    *list = BSTC_RING_OPEN(part->fields);
    bstc_check_types(b, *list, false);
}

struct bstc_ast_item *bstc_build_actor(struct bstc_builder *b,
                                       const struct bstc_token *actor,
                                       const struct bstc_token *name,
                                       struct bstc_part *parts)
{
    struct bstc_ast_item *item = new_item(b, BSTC_AST_ITEM_ACTOR, actor->span);
    struct bstc_ast_actor *node = NEW(b, struct bstc_ast_actor);
    struct bstc_part *part = parts ? parts->next : NULL;

    item->actor = node;
    node->name = name_of(name);
    node->doc = actor->doc;
    while (part) {
        if (part->kind == BSTC_PART_STATE)
            add_fields(b, part, &node->state, &node->has_state,
                       &node->state_span);
        else if (part->kind == BSTC_PART_ARGS)
            add_fields(b, part, &node->args, &node->has_args, &node->args_span);
        part = part == parts ? NULL : part->next;
    }
    bstc_distribute(parts, (struct bstc_slots){.settings = &node->settings,
                                               .handlers = &node->handlers});
    return item;
}

struct bstc_ast_item *bstc_build_outside(struct bstc_builder *b,
                                         const struct bstc_token *outside,
                                         struct bstc_ast_use *uses)
{
    struct bstc_ast_item *item =
        new_item(b, BSTC_AST_ITEM_OUTSIDE, outside->span);

    item->uses = BSTC_RING_OPEN(uses);
    return item;
}

struct bstc_ast_item *bstc_build_setting_item(struct bstc_builder *b,
                                              struct bstc_part *part)
{
    struct bstc_ast_item *item = NEW(b, struct bstc_ast_item);

    item->kind = BSTC_AST_ITEM_SETTING;
    item->setting = part->setting;
    item->span = part->setting->span;
    return item;
}

/* ---- settings and values ------------------------------------------------- */

/*
 * A forgotten `;` makes the next setting an argument of this one. A word that
 * begins a line in the column of the setting's own name gives it away.
 */
static bool begins_setting(const struct bstc_builder *b,
                           const struct bstc_token *name,
                           const struct bstc_ast_value *arg)
{
    const struct bstc_source *source = b->file->source;

    if (arg->kind != BSTC_AST_VALUE_NAME || !arg->starts_line)
        return false;
    return bstc_source_position(source, arg->span.start).column ==
           bstc_source_position(source, name->span.start).column;
}

struct bstc_part *bstc_build_setting(struct bstc_builder *b,
                                     const struct bstc_token *name,
                                     struct bstc_ast_value *args)
{
    struct bstc_part *part = NEW(b, struct bstc_part);
    struct bstc_ast_setting *setting = NEW(b, struct bstc_ast_setting);
    struct bstc_ast_value **arg = &setting->args;

    part->kind = BSTC_PART_SETTING;
    part->setting = setting;
    setting->name = name_of(name);
    setting->span = name->span;
    setting->doc = name->doc;
    setting->args = BSTC_RING_OPEN(args);
    for (; *arg; arg = &(*arg)->next) {
        if (begins_setting(b, name, *arg)) {
            bstc_report_missing_semicolon(b, setting->span);
            *arg = NULL;
            break;
        }
        setting->span = bstc_span_join(setting->span, (*arg)->span);
        setting->nargs++;
    }
    return part;
}

static enum bstc_ast_value_kind value_kind(int token_kind)
{
    switch (token_kind) {
    case BSTC_TOKEN_INT:
        return BSTC_AST_VALUE_INT;
    case BSTC_TOKEN_SIZE:
        return BSTC_AST_VALUE_SIZE;
    case BSTC_TOKEN_DURATION:
        return BSTC_AST_VALUE_DURATION;
    case BSTC_TOKEN_PERCENT:
        return BSTC_AST_VALUE_PERCENT;
    case BSTC_TOKEN_RANGE:
        return BSTC_AST_VALUE_RANGE;
    case BSTC_TOKEN_FLOAT:
        return BSTC_AST_VALUE_FLOAT;
    case BSTC_TOKEN_STRING:
        return BSTC_AST_VALUE_STRING;
    case BSTC_TOKEN_GT:
        return BSTC_AST_VALUE_GREATER;
    case BSTC_TOKEN_LT:
        return BSTC_AST_VALUE_LESS;
    default:
        return BSTC_AST_VALUE_NAME;
    }
}

struct bstc_ast_value *bstc_build_value(struct bstc_builder *b,
                                        const struct bstc_token *minus,
                                        const struct bstc_token *token)
{
    struct bstc_ast_value *value = NEW(b, struct bstc_ast_value);

    value->kind = value_kind(token->kind);
    value->span =
        minus ? bstc_span_join(minus->span, token->span) : token->span;
    value->starts_line = minus ? minus->starts_line : token->starts_line;
    value->negative = minus && value->kind == BSTC_AST_VALUE_INT;
    switch (value->kind) {
    case BSTC_AST_VALUE_DURATION:
        value->duration = token->duration;
        break;
    case BSTC_AST_VALUE_FLOAT:
        value->real = minus ? -token->real : token->real;
        break;
    case BSTC_AST_VALUE_RANGE:
        value->low = token->low;
        value->high = token->high;
        break;
    case BSTC_AST_VALUE_STRING:
        value->text = token->text;
        value->length = token->length;
        break;
    case BSTC_AST_VALUE_NAME:
        value->text = token->text;
        value->length = strlen(token->text);
        break;
    default:
        value->number = token->number;
    }
    return value;
}

struct bstc_ast_name *bstc_build_name(struct bstc_builder *b,
                                      const struct bstc_token *token)
{
    struct bstc_ast_name *name = NEW(b, struct bstc_ast_name);

    *name = name_of(token);
    return name;
}
