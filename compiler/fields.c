/*
 * Types of fields: from the words of a .bst to the words of C.
 */

#include "fields.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

static const struct bstc_type types[] = {
    {"bool", "bool", BSTC_TYPE_BOOL, 1},
    {"u8", "uint8_t", BSTC_TYPE_UNSIGNED, 8},
    {"u16", "uint16_t", BSTC_TYPE_UNSIGNED, 16},
    {"u32", "uint32_t", BSTC_TYPE_UNSIGNED, 32},
    {"u64", "uint64_t", BSTC_TYPE_UNSIGNED, 64},
    {"i8", "int8_t", BSTC_TYPE_SIGNED, 8},
    {"i16", "int16_t", BSTC_TYPE_SIGNED, 16},
    {"i32", "int32_t", BSTC_TYPE_SIGNED, 32},
    {"i64", "int64_t", BSTC_TYPE_SIGNED, 64},
    {"f32", "float", BSTC_TYPE_FLOAT, 32},
    {"f64", "double", BSTC_TYPE_FLOAT, 64},
    {"text", "char *", BSTC_TYPE_OWNED, 0},
    {"bytes", "struct bst_bytes", BSTC_TYPE_OWNED, 0},
    {"fd", "int", BSTC_TYPE_OWNED, 0},
};

static const struct bstc_type other = {"", "", BSTC_TYPE_OTHER, 0};

const struct bstc_type *bstc_type_find(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    }
    return NULL;
}

const struct bstc_type *bstc_type_at(uint32_t index)
{
    return index < sizeof types / sizeof *types ? &types[index] : NULL;
}

const struct bstc_type *bstc_field_type(const struct bstc_ast_field *field)
{
    const struct bstc_type *type = NULL;

    if (field->type.kind == BSTC_AST_TYPE_NAME && !field->type.pointer &&
        field->type.name.text)
        type = bstc_type_find(field->type.name.text);
    return type ? type : &other;
}

enum bstc_owns bstc_field_owns(const struct bstc_ast_field *field)
{
    const struct bstc_type *type = bstc_field_type(field);

    if (type->class != BSTC_TYPE_OWNED)
        return BSTC_OWNS_NOTHING;
    if (type->name[0] == 't')
        return BSTC_OWNS_TEXT;
    return type->name[0] == 'b' ? BSTC_OWNS_BYTES : BSTC_OWNS_FD;
}

/* What a pointer points to, a structure of C and the number of a descriptor
 * may differ; a fraction depends on how the compiler rounds. */
enum bstc_compares bstc_field_compares(const struct bstc_ast_field *field)
{
    if (field->type.pointer)
        return BSTC_COMPARES_NOT;
    if (field->type.kind == BSTC_AST_TYPE_REF)
        return BSTC_COMPARES_REF;
    if (field->type.kind == BSTC_AST_TYPE_ENUM)
        return BSTC_COMPARES_INT;
    switch (bstc_field_type(field)->class) {
    case BSTC_TYPE_BOOL:
    case BSTC_TYPE_UNSIGNED:
    case BSTC_TYPE_SIGNED:
        return BSTC_COMPARES_INT;
    case BSTC_TYPE_OWNED:
        break;
    case BSTC_TYPE_FLOAT:
    case BSTC_TYPE_OTHER:
        return BSTC_COMPARES_NOT;
    }
    if (bstc_field_owns(field) == BSTC_OWNS_FD)
        return BSTC_COMPARES_NOT;
    return bstc_field_owns(field) == BSTC_OWNS_TEXT ? BSTC_COMPARES_TEXT
                                                    : BSTC_COMPARES_BYTES;
}

bool bstc_message_owns(const struct bstc_ast_message *message)
{
    for (const struct bstc_ast_field *f = message->fields; f; f = f->next) {
        if (bstc_field_owns(f) != BSTC_OWNS_NOTHING)
            return true;
    }
    return false;
}

/* The tag of a structure: a message is named by its generated structure, all
 * else is a structure that the user's headers declare. */
static const char *tag_of(const struct bstc_program *program, const char *name,
                          const struct bstc_ast_name **declared)
{
    uint32_t index = bstc_scope_find(program, BSTC_A_MESSAGE, name);

    *declared = NULL;
    if (index != BSTC_NONE)
        *declared = &program->messages[index].ast->name;
    index = bstc_scope_find(program, BSTC_AN_ACTOR, name);
    if (index != BSTC_NONE)
        *declared = &program->actors[index].ast->name;
    return *declared ? bstc_program_prefix(program, (*declared)->span) : "";
}

const char *bstc_field_c_type(const struct bstc_program *program,
                              const struct bstc_ast_field *field)
{
    struct bstc_arena *arena = &program->context->arena;
    const struct bstc_ast_type *type = &field->type;
    const char *name = type->name.text;
    const struct bstc_ast_name *declared;
    const struct bstc_type *known = bstc_type_find(name);
    const char *star = type->pointer ? " *" : "";

    switch (type->kind) {
    case BSTC_AST_TYPE_NAME:
        if (known)
            name = known->c;
        return *star ? bstc_join(arena, name, star, NULL) : name;
    case BSTC_AST_TYPE_STRUCT:
        return bstc_join(arena, "struct ", tag_of(program, name, &declared),
                         name, star, NULL);
    case BSTC_AST_TYPE_UNION:
        return bstc_join(arena, "union ", name, star, NULL);
    case BSTC_AST_TYPE_ENUM:
        return bstc_join(arena, "enum ", name, star, NULL);
    case BSTC_AST_TYPE_REF:
        break;
    }
    return bstc_join(arena, "struct ", tag_of(program, name, &declared), name,
                     "_ref", star, NULL);
}

const char *bstc_field_spelling(const struct bstc_program *program,
                                const struct bstc_ast_field *field)
{
    static const char *const words[] = {"", "struct ", "union ", "enum ",
                                        "ref "};

    if (field->type.kind == BSTC_AST_TYPE_NAME && !field->type.pointer)
        return field->type.name.text;
    return bstc_join(&program->context->arena, words[field->type.kind],
                     field->type.name.text, field->type.pointer ? " *" : "",
                     NULL);
}

/* ---- initial values ------------------------------------------------------ */

static const char *number_init(struct bstc_arena *arena,
                               const struct bstc_type *type,
                               const struct bstc_ast_value *value)
{
    uint64_t number = value->number;

    if (type->class == BSTC_TYPE_BOOL)
        return number ? "true" : "false";
    if (type->class == BSTC_TYPE_FLOAT)
        return bstc_arena_format(arena, "%s%" PRIu64 ".0%s",
                                 value->negative ? "-" : "", number,
                                 type->bits == 32 ? "f" : "");
    if (value->negative && number == (uint64_t)INT64_MAX + 1)
        return "INT64_MIN";
    return bstc_arena_format(arena, "%s%" PRIu64 "%s",
                             value->negative && number > 0 ? "-" : "", number,
                             number > INT64_MAX ? "u" : "");
}

/* 17 digits give back any double, 9 any float. */
static const char *real_init(struct bstc_arena *arena,
                             const struct bstc_type *type, double real)
{
    const char *text = type->bits == 32
                           ? bstc_arena_format(arena, "%.9g", real)
                           : bstc_arena_format(arena, "%.17g", real);

    return bstc_join(arena, text, strpbrk(text, ".e") ? "" : ".0",
                     type->bits == 32 ? "f" : "", NULL);
}

const char *bstc_field_value(const struct bstc_program *program,
                             const struct bstc_ast_field *field,
                             const struct bstc_ast_value *value)
{
    struct bstc_arena *arena = &program->context->arena;
    const struct bstc_type *type = bstc_field_type(field);

    if (!value)
        return NULL;
    switch (value->kind) {
    case BSTC_AST_VALUE_INT:
    case BSTC_AST_VALUE_SIZE:
        if (field->type.pointer)
            return "NULL";
        return number_init(arena, type, value);
    case BSTC_AST_VALUE_DURATION:
        return bstc_arena_format(arena, "%" PRId64, value->duration);
    case BSTC_AST_VALUE_FLOAT:
        return real_init(arena, type, value->real);
    default:
        return value->text;
    }
}

/* ---- order --------------------------------------------------------------- */

/* The message that a field holds by value, or BSTC_NONE. */
static uint32_t held_by(const struct bstc_program *program,
                        const struct bstc_ast_field *field)
{
    if (field->type.kind != BSTC_AST_TYPE_STRUCT || field->type.pointer)
        return BSTC_NONE;
    return bstc_scope_find(program, BSTC_A_MESSAGE, field->type.name.text);
}

enum { UNSEEN, OPEN, DONE };

struct visit {
    uint32_t message;
    const struct bstc_ast_field *field; /* next one to look at */
};

/* Writes the messages on the stack from `held` on, which holds itself by way
 * of the others, and `held` once more. */
static uint32_t take_cycle(const struct visit *stack, uint32_t depth,
                           uint32_t held, uint32_t *order)
{
    uint32_t first = depth - 1;

    while (stack[first].message != held)
        first--;
    for (uint32_t i = first; i < depth; i++)
        order[i - first] = stack[i].message;
    order[depth - first] = held;
    return held;
}

/* A walk in depth with its own stack, because a chain of messages may be as
 * long as the file. */
static uint32_t order_from(const struct bstc_program *program, uint32_t start,
                           struct visit *stack, char *state, uint32_t *order,
                           uint32_t *count)
{
    uint32_t depth = 0;

    stack[depth].message = start;
    stack[depth++].field = program->messages[start].ast->fields;
    state[start] = OPEN;
    while (depth > 0) {
        struct visit *top = &stack[depth - 1];
        uint32_t held;

        if (!top->field) {
            state[top->message] = DONE;
            order[(*count)++] = top->message;
            depth--;
            continue;
        }
        held = held_by(program, top->field);
        top->field = top->field->next;
        if (held == BSTC_NONE || state[held] == DONE)
            continue;
        if (state[held] == OPEN)
            return take_cycle(stack, depth, held, order);
        state[held] = OPEN;
        stack[depth].message = held;
        stack[depth++].field = program->messages[held].ast->fields;
    }
    return BSTC_NONE;
}

uint32_t bstc_fields_order(const struct bstc_program *program, uint32_t *order)
{
    struct bstc_arena *arena = &program->context->arena;
    uint32_t room = program->nmessages + 1;
    struct visit *stack = bstc_arena_array(arena, room, sizeof *stack);
    char *state = bstc_arena_array(arena, room, sizeof *state);
    uint32_t count = 0;

    for (uint32_t i = 0; i < program->nmessages; i++) {
        uint32_t cycle;

        if (state[i] != UNSEEN)
            continue;
        cycle = order_from(program, i, stack, state, order, &count);
        if (cycle != BSTC_NONE)
            return cycle;
    }
    return BSTC_NONE;
}
