/*
 * Fields of messages and states: types, array sizes, initial values.
 */

#include "check.h"
#include "fields.h"

#include <string.h>

#include "names.h"

/* ---- types --------------------------------------------------------------- */

static void check_named_type(struct bstc_program *program,
                             const struct bstc_ast_type *type)
{
    struct bstc_diags *diags = &program->context->diags;
    const char *word = type->name.text;
    struct bstc_diag *diag;

    if (bstc_type_find(word) || type->pointer)
        return;
    if (bstc_name_member(word) == BSTC_NAME_KEYWORD && !strstr(word, "_t")) {
        /* For a type of C the parser has said it already, with a fix-it. */
        bstc_error(diags, "E0110", type->span, "`%s` is not a type", word);
    } else if (bstc_scope_find(program, BSTC_A_MESSAGE, word) != BSTC_NONE) {
        diag = bstc_error(diags, "E0110", type->span,
                          "`%s` is a message, not a type", word);
        bstc_diag_help(diags, diag, "hold its fields as `struct %s`", word);
    } else if (bstc_scope_find(program, BSTC_AN_ACTOR, word) != BSTC_NONE) {
        diag = bstc_error(diags, "E0110", type->span,
                          "`%s` is an actor, not a type", word);
        bstc_diag_help(diags, diag, "hold a reference as `ref %s`", word);
    }
}

static void check_struct(struct bstc_program *program,
                         const struct bstc_ast_type *type)
{
    struct bstc_diags *diags = &program->context->diags;
    const char *word = type->name.text;
    uint32_t message = bstc_scope_find(program, BSTC_A_MESSAGE, word);
    struct bstc_diag *diag;

    if (type->pointer)
        return;
    if (message != BSTC_NONE && !program->messages[message].ast->fields) {
        bstc_error(diags, "E0110", type->span,
                   "`%s` has no fields, so there is no struct of it", word);
    } else if (message != BSTC_NONE &&
               bstc_message_owns(program->messages[message].ast)) {
        diag =
            bstc_error(diags, "E0110", type->span,
                       "`%s` owns its fields and cannot be part of this", word);
        bstc_diag_help(diags, diag,
                       "only the sender's own structure is moved by a send");
    } else if (bstc_scope_find(program, BSTC_AN_ACTOR, word) != BSTC_NONE) {
        diag = bstc_error(diags, "E0110", type->span,
                          "the state of `%s` cannot be part of this", word);
        bstc_diag_help(diags, diag, "hold a reference as `ref %s`", word);
    }
}

/* What a block of fields belongs to. */
enum place { OF_MESSAGE, OF_STATE, OF_ARGS };

/* Messages move what they own; states and arguments are copied and reset. */
static void check_owned(struct bstc_program *program,
                        const struct bstc_ast_type *type, enum place place)
{
    struct bstc_diags *diags = &program->context->diags;
    const struct bstc_type *known = bstc_type_find(type->name.text);
    struct bstc_diag *diag;

    if (!known || known->class != BSTC_TYPE_OWNED)
        return;
    if (type->pointer) {
        bstc_error(diags, "E0110", type->span, "`%s` has no pointer",
                   known->name);
    } else if (place == OF_ARGS) {
        bstc_unsupported(program, "args", known->name, type->span);
    } else if (place == OF_STATE) {
        diag = bstc_error(diags, "E0110", type->span,
                          "`%s` is a type of fields of messages", known->name);
        bstc_diag_help(diags, diag, "a state holds what was taken as `%s`",
                       known->name[0] == 't'   ? "char *"
                       : known->name[0] == 'b' ? "struct bst_bytes"
                                               : "i32");
    }
}

static void check_type(struct bstc_program *program,
                       const struct bstc_ast_type *type, enum place place)
{
    if (!type->name.text)
        return;
    if (type->kind == BSTC_AST_TYPE_NAME) {
        check_named_type(program, type);
        check_owned(program, type, place);
    } else if (type->kind == BSTC_AST_TYPE_STRUCT) {
        check_struct(program, type);
    } else if (type->kind == BSTC_AST_TYPE_REF &&
               bstc_scope_find(program, BSTC_AN_ACTOR, type->name.text) ==
                   BSTC_NONE) {
        bstc_scope_unknown(program, BSTC_AN_ACTOR, &type->name);
    }
}

static void check_array(struct bstc_program *program,
                        const struct bstc_ast_field *field)
{
    if (field->array != BSTC_AST_ARRAY_NUMBER)
        return;
    if (field->array_count < 1 || field->array_count > BSTC_MAX_ARRAY)
        bstc_error(&program->context->diags, "E0103", field->array_span,
                   "an array has from 1 to %llu elements",
                   (unsigned long long)BSTC_MAX_ARRAY);
}

/* ---- initial values ------------------------------------------------------ */

static const char *sort_of(const struct bstc_ast_value *value)
{
    switch (value->kind) {
    case BSTC_AST_VALUE_INT:
        return "a number";
    case BSTC_AST_VALUE_SIZE:
        return "a size";
    case BSTC_AST_VALUE_DURATION:
        return "a duration";
    case BSTC_AST_VALUE_PERCENT:
        return "a percentage";
    case BSTC_AST_VALUE_RANGE:
        return "a range";
    case BSTC_AST_VALUE_FLOAT:
        return "a fraction";
    case BSTC_AST_VALUE_STRING:
        return "a string";
    case BSTC_AST_VALUE_NAME:
        return "a name";
    case BSTC_AST_VALUE_GREATER:
    case BSTC_AST_VALUE_LESS:
        break;
    }
    return "a sign";
}

static void wrong_value(struct bstc_program *program,
                        const struct bstc_ast_field *field,
                        const struct bstc_ast_value *value)
{
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag =
        bstc_error(diags, "E0103", value->span,
                   "`%s` cannot begin with this value", field->name.text);

    bstc_diag_note(diags, diag, "its type is `%s`, and this is %s",
                   bstc_field_spelling(program, field), sort_of(value));
}

static bool number_fits(const struct bstc_type *type,
                        const struct bstc_ast_value *value)
{
    uint64_t number = value->number;
    uint64_t limit;

    if (type->class == BSTC_TYPE_FLOAT || type->class == BSTC_TYPE_OTHER)
        return true;
    if (type->class == BSTC_TYPE_SIGNED) {
        limit = (uint64_t)1 << (type->bits - 1);
        return number < limit || (value->negative && number == limit);
    }
    if (value->negative && number > 0)
        return false;
    return type->bits == 64 || number < (uint64_t)1 << type->bits;
}

static void check_number(struct bstc_program *program,
                         const struct bstc_ast_field *field,
                         const struct bstc_ast_value *value)
{
    const struct bstc_type *type = bstc_field_type(field);

    if (field->type.pointer ? value->number != 0 : !number_fits(type, value))
        bstc_error(&program->context->diags, "E0103", value->span,
                   "this value does not fit into `%s`",
                   field->type.pointer ? "a pointer" : type->name);
}

void bstc_check_value(struct bstc_program *program,
                      const struct bstc_ast_field *field,
                      const struct bstc_ast_value *value)
{
    const struct bstc_type *type = bstc_field_type(field);

    switch (value->kind) {
    case BSTC_AST_VALUE_INT:
    case BSTC_AST_VALUE_SIZE:
        if (field->type.kind == BSTC_AST_TYPE_NAME ||
            field->type.kind == BSTC_AST_TYPE_ENUM || field->type.pointer)
            check_number(program, field, value);
        else
            wrong_value(program, field, value);
        break;
    case BSTC_AST_VALUE_DURATION:
        if (type->bits != 64 || type->class == BSTC_TYPE_FLOAT)
            wrong_value(program, field, value);
        break;
    case BSTC_AST_VALUE_FLOAT:
        if (type->class != BSTC_TYPE_FLOAT)
            wrong_value(program, field, value);
        break;
    case BSTC_AST_VALUE_NAME:
        break; /* a constant that the C compiler knows */
    default:
        wrong_value(program, field, value);
        break;
    }
}

/* ---- lists of fields ----------------------------------------------------- */

static void check_name_once(struct bstc_program *program,
                            struct bstc_map *names,
                            const struct bstc_ast_field **fields,
                            const struct bstc_ast_field *field, uint32_t index)
{
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag;
    uint32_t first;

    fields[index] = field;
    if (!field->name.text)
        return;
    first = bstc_map_add(names, bstc_map_name(field->name.text), index);
    if (first == BSTC_MAP_NONE)
        return;
    diag = bstc_error(diags, "E0202", field->name.span,
                      "field `%s` is defined twice", field->name.text);
    bstc_diag_label(diags, diag, "again here");
    bstc_diag_also(diags, diag, fields[first]->name.span,
                   "field of this name first");
}

static void check_list(struct bstc_program *program,
                       const struct bstc_ast_field *list, enum place place)
{
    const struct bstc_ast_field **fields;
    struct bstc_map names;
    uint32_t count = 0;

    for (const struct bstc_ast_field *f = list; f; f = f->next)
        count++;
    fields =
        bstc_arena_array(&program->context->arena, count + 1, sizeof *fields);
    bstc_map_init(&names, &program->context->arena);
    count = 0;
    for (const struct bstc_ast_field *f = list; f; f = f->next) {
        check_name_once(program, &names, fields, f, count++);
        check_type(program, &f->type, place);
        check_array(program, f);
    }
}

/* The fields of a message or of arguments, which come from elsewhere. */
static void check_given(struct bstc_program *program,
                        const struct bstc_ast_field *list, enum place place)
{
    check_list(program, list, place);
    for (const struct bstc_ast_field *f = list; f; f = f->next) {
        if (f->init)
            bstc_error(&program->context->diags, "E0103", f->init->span,
                       "only fields of a state have an initial value");
    }
}

static void check_state(struct bstc_program *program,
                        const struct bstc_ast_actor *actor)
{
    struct bstc_diags *diags = &program->context->diags;

    check_list(program, actor->state, OF_STATE);
    for (const struct bstc_ast_field *f = actor->state; f; f = f->next) {
        if (f->keep == BSTC_AST_KEEP_PERSIST)
            bstc_unsupported(program, "actor", "persist", f->keep_span);
        if (f->name.text && strcmp(f->name.text, "to") == 0)
            bstc_error(diags, "E0202", f->name.span,
                       "`to` is the field that holds the targets");
        if (f->name.text && actor->args && strcmp(f->name.text, "args") == 0)
            bstc_error(diags, "E0202", f->name.span,
                       "`args` is the field that points to the arguments");
        if (!f->init || !f->name.text || !f->type.name.text)
            continue;
        if (f->array != BSTC_AST_ARRAY_NONE)
            bstc_error(diags, "E0103", f->init->span,
                       "an array begins with zeros and has no initial value");
        else
            bstc_check_value(program, f, f->init);
    }
    check_given(program, actor->args, OF_ARGS);
}

/* Lists what holds what, beginning with the message that comes first in the
 * file; a long circle is cut. */
static void report_cycle(struct bstc_program *program, const uint32_t *cycle,
                         uint32_t length)
{
    enum { SHOWN = 8 };
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_arena *arena = &program->context->arena;
    const struct bstc_ast_name *name;
    struct bstc_diag *diag;
    const char *path = "";
    uint32_t first = 0;

    for (uint32_t i = 1; i < length; i++) {
        if (cycle[i] < cycle[first])
            first = i;
    }
    for (uint32_t i = 0; i < length && i < SHOWN; i++)
        path = bstc_arena_format(
            arena, "%s`%s` -> ", path,
            program->messages[cycle[(first + i) % length]].ast->name.text);
    name = &program->messages[cycle[first]].ast->name;
    diag = bstc_error(diags, "E0109", name->span, "`%s` holds itself by value",
                      name->text);
    bstc_diag_note(diags, diag, "%s%s`%s`", path,
                   length > SHOWN ? "... -> " : "", name->text);
    bstc_diag_help(diags, diag,
                   "send an array, `bytes`, or one message for each element");
}

void bstc_check_fields(struct bstc_program *program)
{
    uint32_t *order = bstc_arena_array(&program->context->arena,
                                       program->nmessages + 1, sizeof *order);
    uint32_t length = 1;

    for (uint32_t i = 0; i < program->nmessages; i++)
        check_given(program, program->messages[i].ast->fields, OF_MESSAGE);
    for (uint32_t i = 0; i < program->nactors; i++)
        check_state(program, program->actors[i].ast);
    if (bstc_fields_order(program, order) == BSTC_NONE)
        return;
    while (order[length] != order[0])
        length++;
    report_cycle(program, order, length);
}
