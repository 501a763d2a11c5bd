/*
 * Which fields of messages mean the same in every run: a table for whoever
 * compares runs. Addresses and descriptors are not in it, nor what only the C
 * compiler knows the shape of.
 */

#include "emit.h"

#include "arena.h"
#include "text.h"

static const char *type_text(enum bstc_compares compares)
{
    switch (compares) {
    case BSTC_COMPARES_TEXT:
        return "BST_FIELD_TEXT";
    case BSTC_COMPARES_BYTES:
        return "BST_FIELD_BYTES";
    case BSTC_COMPARES_REF:
        return "BST_FIELD_REF";
    case BSTC_COMPARES_INT:
    case BSTC_COMPARES_NOT:
        break;
    }
    return "BST_FIELD_INT";
}

bool bstc_message_compares(const struct bstc_message *message)
{
    for (uint32_t i = 0; i < message->nfields; i++) {
        if (message->fields[i].compares != BSTC_COMPARES_NOT)
            return true;
    }
    return false;
}

static void emit_member(struct bstc_out *out, const char *name,
                        const char *value)
{
    bstc_out_format(out, "        .%s = %s,\n", name, value);
}

static void emit_row(struct bstc_out *out, const struct bstc_message *message,
                     const struct bstc_field *field)
{
    struct bstc_arena *arena = out->arena;

    bstc_out_text(out, "    {\n");
    emit_member(out, "type", type_text(field->compares));
    emit_member(out, "offset",
                bstc_join(arena, "offsetof(struct ", message->tag, ", ",
                          field->name, ")", NULL));
    /* Of the member itself: how large an enum is, only C knows. */
    emit_member(out, "size",
                bstc_join(arena, "sizeof(((struct ", message->tag, " *)NULL)->",
                          field->name, field->array ? "[0])" : ")", NULL));
    emit_member(out, "count", field->array ? field->array : "1");
    bstc_out_text(out, "    },\n");
}

static void emit_table(struct bstc_out *out, const struct bstc_message *message)
{
    bstc_out_format(out, "\nstatic const struct bst_field %s_fields[] = {\n",
                    message->tag);
    for (uint32_t i = 0; i < message->nfields; i++) {
        if (message->fields[i].compares != BSTC_COMPARES_NOT)
            emit_row(out, message, &message->fields[i]);
    }
    bstc_out_text(out, "    {.type = BST_FIELD_END},\n};\n");
}

void bstc_emit_fields(struct bstc_out *out, const struct bstc_model *model)
{
    bool begun = false;

    for (uint32_t i = 0; i < model->nmessages; i++) {
        if (!bstc_message_compares(&model->messages[i]))
            continue;
        if (!begun)
            bstc_out_section(out, "what of messages is the same in every run",
                             "");
        begun = true;
        emit_table(out, &model->messages[i]);
    }
}
