/*
 * Messages that are too large to be sent (E0111).
 *
 * What the C compiler alone knows the size of counts as one byte, so the sum
 * is a lower bound, and what is reported is surely too large.
 */

#include "check.h"
#include "fields.h"

/* The largest body that the runtime sends; the tests compare it with
 * BSTI_NODE_MAX_SIZE. */
#define MESSAGE_MAX 16777215u

/* Sums stop here, so that they cannot overflow. */
#define MUCH ((uint64_t)1 << 40)

static uint64_t at_most_much(uint64_t bytes)
{
    return bytes < MUCH ? bytes : MUCH;
}

/* Bytes of one element of a field, at least. */
static uint64_t element_size(const struct bstc_program *program,
                             const struct bstc_ast_field *field,
                             const uint64_t *sizes)
{
    const struct bstc_type *type;
    uint32_t message;

    if (field->type.pointer)
        return 1;
    if (field->type.kind == BSTC_AST_TYPE_STRUCT) {
        message =
            bstc_scope_find(program, BSTC_A_MESSAGE, field->type.name.text);
        return message == BSTC_NONE ? 1 : sizes[message];
    }
    if (field->type.kind != BSTC_AST_TYPE_NAME)
        return 1;
    type = bstc_type_find(field->type.name.text);
    return type && type->bits >= 8 ? type->bits / 8 : 1;
}

static uint64_t field_size(const struct bstc_program *program,
                           const struct bstc_ast_field *field,
                           const uint64_t *sizes)
{
    uint64_t size = element_size(program, field, sizes);

    if (!field->type.name.text)
        return 0;
    if (field->array == BSTC_AST_ARRAY_NUMBER &&
        field->array_count <= BSTC_MAX_ARRAY)
        size = field->array_count < MUCH / (size ? size : 1)
                   ? size * field->array_count
                   : MUCH;
    return at_most_much(size);
}

static void report(struct bstc_program *program,
                   const struct bstc_ast_message *message,
                   const struct bstc_ast_field *largest)
{
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag =
        bstc_error(diags, "E0111", message->name.span,
                   "`%s` is larger than %u bytes and cannot be sent",
                   message->name.text, MESSAGE_MAX);

    bstc_diag_also(diags, diag, largest->span, "this takes most of it");
    bstc_diag_help(diags, diag,
                   "a field of type `bytes` is moved, not copied, and may be "
                   "larger");
}

static uint64_t check(struct bstc_program *program,
                      const struct bstc_ast_message *message,
                      const uint64_t *sizes)
{
    const struct bstc_ast_field *largest = NULL;
    uint64_t most = 0;
    uint64_t sum = 0;

    for (const struct bstc_ast_field *f = message->fields; f; f = f->next) {
        uint64_t size = field_size(program, f, sizes);

        if (size > most) {
            most = size;
            largest = f;
        }
        sum = at_most_much(sum + size);
    }
    if (sum <= MESSAGE_MAX)
        return sum;
    report(program, message, largest);
    return 1; /* whoever holds it is not to be reported for the same */
}

void bstc_check_sizes(struct bstc_program *program)
{
    struct bstc_arena *arena = &program->context->arena;
    uint32_t room = program->nmessages + 1;
    uint32_t *order = bstc_arena_array(arena, room, sizeof *order);
    uint64_t *sizes = bstc_arena_array(arena, room, sizeof *sizes);

    if (bstc_fields_order(program, order) != BSTC_NONE)
        return; /* a circle has been reported */
    for (uint32_t i = 0; i < program->nmessages; i++)
        sizes[order[i]] =
            check(program, program->messages[order[i]].ast, sizes);
}
