/*
 * The bound of memory in X.bst.c, as a constant expression: a structure that
 * is never made, as large as all that may be needed, and an assertion on its
 * size. All of it is made of bytes, so that nothing is padded. The sizes of
 * the user's own types are known here only.
 */

#include "emit.h"

#include <string.h>

#include "memory.h"

static bool has_fields(const struct bstc_model *model,
                       const struct bstc_handler *handler)
{
    return handler->message != BSTC_NONE &&
           model->messages[handler->message].nfields > 0;
}

static bool accepts_fields(const struct bstc_model *model,
                           const struct bstc_actor *actor)
{
    for (uint32_t i = 0; i < actor->nhandlers; i++) {
        if (has_fields(model, &actor->handlers[i]))
            return true;
    }
    return false;
}

static void emit_union(struct bstc_out *out, const struct bstc_model *model,
                       const struct bstc_actor *actor)
{
    if (!accepts_fields(model, actor))
        return;
    bstc_out_format(out, "\nunion %s_accepts {\n", actor->tag);
    for (uint32_t i = 0; i < actor->nhandlers; i++) {
        const struct bstc_handler *handler = &actor->handlers[i];
        const struct bstc_message *message;

        if (!has_fields(model, handler))
            continue;
        message = &model->messages[handler->message];
        bstc_out_format(out, "    struct %s %s;\n", message->tag,
                        message->name);
    }
    bstc_out_text(out, "};\n");
}

/* `char WHAT[COUNT][BYTES];`, on two lines if it must. */
static void emit_bytes(struct bstc_out *out, const char *what, uint64_t count,
                       const char *bytes)
{
    size_t width = sizeof "        char " - 1 + strlen(what);
    const char *number =
        bstc_arena_format(out->arena, "%llu", (unsigned long long)count);

    bstc_out_format(out, "        char %s[%s]", what, number);
    if (width + strlen(number) + strlen(bytes) + sizeof "[][];" - 1 > 80) {
        bstc_out_text(out, "\n");
        for (size_t i = 0; i < width; i++)
            bstc_out_text(out, " ");
    }
    bstc_out_format(out, "[%s];\n", bytes);
}

/* From the first field that is kept to the end of the last one. */
static void emit_kept(struct bstc_out *out, const struct bstc_actor *actor,
                      uint64_t members)
{
    const char *first;
    const char *last;

    if (actor->nkeep == 0)
        return;
    first = actor->fields[actor->nfields - actor->nkeep].name;
    last = actor->fields[actor->nfields - 1].name;
    if (actor->nkeep > 1)
        emit_bytes(out, "kept", members,
                   bstc_arena_format(
                       out->arena,
                       "offsetof(struct %s, %s) - offsetof(struct %s, %s)",
                       actor->tag, last, actor->tag, first));
    emit_bytes(out, "last", members,
               bstc_arena_format(out->arena, "sizeof(((struct %s *)NULL)->%s)",
                                 actor->tag, last));
}

static void emit_actor(struct bstc_out *out, const struct bstc_model *model,
                       const struct bstc_actor *actor,
                       const struct bstc_need *need)
{
    const char *state =
        bstc_actor_has_struct(actor)
            ? bstc_arena_format(out->arena, "%d + sizeof(struct %s)",
                                BSTC_BYTES_PER_PROCESS, actor->tag)
            : bstc_arena_format(out->arena, "%d", BSTC_BYTES_PER_PROCESS);
    const char *place =
        accepts_fields(model, actor)
            ? bstc_arena_format(out->arena, "%d + sizeof(union %s_accepts)",
                                BSTC_BYTES_PER_MESSAGE, actor->tag)
            : bstc_arena_format(out->arena, "%d", BSTC_BYTES_PER_MESSAGE);

    bstc_out_text(out, "    struct {\n");
    emit_bytes(out, "members", need->members, state);
    emit_kept(out, actor, need->members);
    emit_bytes(out, "places", need->places, place);
    if (need->stacks > 0)
        bstc_out_format(out, "        char stacks[%llu];\n",
                        (unsigned long long)need->stacks);
    bstc_out_format(out, "    } %s;\n", actor->tag);
}

static void emit_assertion(struct bstc_out *out, const struct bstc_model *model)
{
    const char *items[2];

    items[0] =
        bstc_arena_format(out->arena, "sizeof(struct %s_memory) <= %llu",
                          model->unit, (unsigned long long)model->memory);
    items[1] = "\"more may be needed than `memory` allows\"";
    bstc_out_list(out, "_Static_assert(", items, 2, ");\n");
}

void bstc_emit_memory(struct bstc_out *out, const struct bstc_model *model)
{
    if (model->memory == 0)
        return;
    bstc_out_section(out, "memory", "");
    for (uint32_t i = 0; i < model->nactors; i++) {
        if (model->needs[i].members > 0)
            emit_union(out, model, &model->actors[i]);
    }
    bstc_emit_place(out, &model->memory_place, "memory",
                    bstc_memory_text(out->arena, model->memory));
    bstc_out_format(out, "struct %s_memory {\n", model->unit);
    for (uint32_t i = 0; i < model->nactors; i++) {
        if (model->needs[i].members > 0)
            emit_actor(out, model, &model->actors[i], &model->needs[i]);
    }
    bstc_out_text(out, "};\n");
    emit_assertion(out, model);
}
