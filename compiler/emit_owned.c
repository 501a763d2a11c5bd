/*
 * What messages own: a table for the runtime, and for each such field a
 * function that moves it out of a message in its handler.
 */

#include "emit.h"

#include "arena.h"
#include "text.h"

static const struct {
    const char *constant; /* of enum bst_owned_type */
    const char *c;        /* the type, with a blank unless it ends in a star */
    const char *call;
} kinds[] = {
    [BSTC_OWNS_TEXT] = {"BST_TEXT", "char *", "bst_take_text"},
    [BSTC_OWNS_BYTES] = {"BST_BYTES", "struct bst_bytes ", "bst_take_bytes"},
    [BSTC_OWNS_FD] = {"BST_FD", "int ", "bst_take_fd"},
};

/* ---- taking -------------------------------------------------------------- */

static void emit_signature(struct bstc_out *out,
                           const struct bstc_message *message,
                           const struct bstc_field *field, const char *after)
{
    struct bstc_arena *arena = out->arena;
    const char *items[3];
    uint32_t count = 0;

    items[count++] = "void *self";
    items[count++] =
        bstc_join(arena, "const struct ", message->tag, " *m", NULL);
    if (field->array)
        items[count++] = "size_t index";
    bstc_out_list(out,
                  bstc_join(arena, kinds[field->owns].c, message->tag, "_take_",
                            field->name, "(", NULL),
                  items, count, bstc_join(arena, ")", after, NULL));
}

void bstc_emit_take_prototypes(struct bstc_out *out,
                               const struct bstc_message *message)
{
    if (!message->owns)
        return;
    bstc_out_format(out,
                    "/* In a handler of %s: moves a field to the caller, "
                    "who frees it. */\n",
                    message->name);
    for (uint32_t i = 0; i < message->nfields; i++) {
        if (message->fields[i].owns != BSTC_OWNS_NOTHING)
            emit_signature(out, message, &message->fields[i], ";\n");
    }
}

static void emit_take(struct bstc_out *out, const struct bstc_message *message,
                      const struct bstc_field *field)
{
    const char *items[3];

    bstc_out_text(out, "\n");
    emit_signature(out, message, field, "\n{\n");
    items[0] = "self";
    items[1] = "m";
    items[2] = bstc_join(out->arena, "&m->", field->name,
                         field->array ? "[index]" : "", NULL);
    bstc_out_list(out,
                  bstc_join(out->arena, "    return ", kinds[field->owns].call,
                            "(", NULL),
                  items, 3, ");\n");
    bstc_out_text(out, "}\n");
}

/* ---- tables -------------------------------------------------------------- */

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
    emit_member(out, "type", kinds[field->owns].constant);
    emit_member(out, "offset",
                bstc_join(arena, "offsetof(struct ", message->tag, ", ",
                          field->name, ")", NULL));
    emit_member(out, "count", field->array ? field->array : "1");
    bstc_out_text(out, "    },\n");
}

static void emit_table(struct bstc_out *out, const struct bstc_message *message)
{
    bstc_out_format(out, "\nstatic const struct bst_owned %s_owned[] = {\n",
                    message->tag);
    for (uint32_t i = 0; i < message->nfields; i++) {
        if (message->fields[i].owns != BSTC_OWNS_NOTHING)
            emit_row(out, message, &message->fields[i]);
    }
    bstc_out_text(out, "    {.type = BST_OWNED_END},\n};\n");
}

void bstc_emit_owned(struct bstc_out *out, const struct bstc_model *model)
{
    bool begun = false;

    for (uint32_t i = 0; i < model->nmessages; i++) {
        const struct bstc_message *message = &model->messages[i];

        if (!message->owns)
            continue;
        if (!begun)
            bstc_out_section(out, "what messages own", "");
        begun = true;
        emit_table(out, message);
        for (uint32_t k = 0; k < message->nfields; k++) {
            if (message->fields[k].owns != BSTC_OWNS_NOTHING)
                emit_take(out, message, &message->fields[k]);
        }
    }
}
