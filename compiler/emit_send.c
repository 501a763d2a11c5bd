/*
 * The typed functions that send: one for each message that an actor handles,
 * and one for each message with which it answers its sender.
 *
 * A message without fields is no parameter, so its functions have one less.
 */

#include "emit.h"

#include "arena.h"
#include "text.h"

/* ---- signatures, shared by header and source ----------------------------- */

/* Prints "bst_status NAME(FIRST, const struct M *m, struct A *answer,
 * bst_time within)" and `after`; what does not apply is NULL or false. */
static void emit_signature(struct bstc_out *out, const char *name,
                           const char *first,
                           const struct bstc_message *message,
                           const struct bstc_message *answer, bool within,
                           const char *after)
{
    struct bstc_arena *arena = out->arena;
    const char *items[4];
    uint32_t count = 0;

    items[count++] = first;
    if (message->nfields > 0)
        items[count++] =
            bstc_join(arena, message->owns ? "struct " : "const struct ",
                      message->tag, " *m", NULL);
    if (answer && answer->nfields > 0)
        items[count++] =
            bstc_join(arena, "struct ", answer->tag, " *answer", NULL);
    if (within)
        items[count++] = "bst_time within";
    bstc_out_list(out, bstc_join(arena, "bst_status ", name, "(", NULL), items,
                  count, bstc_join(arena, ")", after, NULL));
}

static void emit_send_signature(struct bstc_out *out,
                                const struct bstc_actor *actor,
                                const char *verb,
                                const struct bstc_message *message,
                                const char *to, const char *after)
{
    struct bstc_arena *arena = out->arena;

    emit_signature(
        out, bstc_join(arena, actor->tag, "_", verb, "_", message->name, NULL),
        bstc_join(arena, "struct ", actor->tag, "_ref ", to, NULL), message,
        NULL, false, after);
}

static void emit_ask_signature(struct bstc_out *out,
                               const struct bstc_actor *actor,
                               const struct bstc_message *message,
                               const struct bstc_message *answer, bool within,
                               const char *after)
{
    struct bstc_arena *arena = out->arena;

    emit_signature(out,
                   bstc_join(arena, actor->tag, "_ask_", message->name,
                             within ? "_within" : "", NULL),
                   bstc_join(arena, "struct ", actor->tag, "_ref to", NULL),
                   message, answer, within, after);
}

static void emit_reply_signature(struct bstc_out *out,
                                 const struct bstc_actor *actor,
                                 const struct bstc_message *message,
                                 const char *after)
{
    struct bstc_arena *arena = out->arena;

    emit_signature(out,
                   bstc_join(arena, actor->tag, "_reply_", message->name, NULL),
                   bstc_join(arena, "struct ", actor->tag, " *self", NULL),
                   message, NULL, false, after);
}

/* ---- prototypes ---------------------------------------------------------- */

static void emit_ask_prototypes(struct bstc_out *out,
                                const struct bstc_model *model,
                                const struct bstc_actor *actor,
                                const struct bstc_message *message)
{
    const struct bstc_message *answer = &model->messages[message->answer];

    bstc_out_format(out, "/* Waits for the %s as long as the .bst says. */\n",
                    answer->name);
    emit_ask_signature(out, actor, message, answer, false, ";\n");
    emit_ask_signature(out, actor, message, answer, true, ";\n");
}

static void emit_prototypes_of(struct bstc_out *out,
                               const struct bstc_model *model,
                               const struct bstc_actor *actor,
                               const struct bstc_handler *handler)
{
    const struct bstc_message *message = &model->messages[handler->message];

    if (message->answer != BSTC_NONE)
        bstc_out_format(out, "/* The %s comes back as a message. */\n",
                        model->messages[message->answer].name);
    emit_send_signature(out, actor, "tell", message, "to", ";\n");
    if (message->answer != BSTC_NONE)
        emit_ask_prototypes(out, model, actor, message);
    if (handler->broadcast) {
        bstc_out_text(out, "/* To all members of the group. */\n");
        emit_send_signature(out, actor, "cast", message, "group", ";\n");
    }
}

void bstc_emit_send_prototypes(struct bstc_out *out,
                               const struct bstc_model *model,
                               const struct bstc_actor *actor)
{
    bstc_out_section(out, "sending to ", actor->name);
    for (uint32_t i = 0; i < actor->nhandlers; i++) {
        if (actor->handlers[i].event == BSTC_ON_MESSAGE)
            emit_prototypes_of(out, model, actor, &actor->handlers[i]);
    }
    bstc_out_format(out, "bool %s_is_group(struct %s_ref ref);\n", actor->tag,
                    actor->tag);
}

void bstc_emit_reply_prototypes(struct bstc_out *out,
                                const struct bstc_model *model,
                                const struct bstc_actor *actor)
{
    for (uint32_t i = 0; i < actor->nreplies; i++) {
        bstc_out_text(out, "\n/* To whoever sent the message being handled. "
                           "*/\n");
        emit_reply_signature(out, actor, &model->messages[actor->replies[i]],
                             ";\n");
    }
}

/* ---- definitions --------------------------------------------------------- */

/* Prints "return NAME(FIRST, KIND_M, m, sizeof *m, ...);" and the end of the
 * function. */
static void emit_call(struct bstc_out *out, const char *name, const char *first,
                      const struct bstc_message *message,
                      const char *const *more, uint32_t nmore)
{
    struct bstc_arena *arena = out->arena;
    const char *ending = message->owns ? "_owned(" : "(";
    const char *items[8];
    uint32_t count = 0;

    items[count++] = first;
    items[count++] = bstc_join(arena, "KIND_", message->name, NULL);
    items[count++] = message->nfields > 0 ? "m" : "NULL";
    items[count++] = message->nfields > 0 ? "sizeof *m" : "0";
    if (message->owns)
        items[count++] = bstc_join(arena, message->tag, "_owned", NULL);
    for (uint32_t i = 0; i < nmore; i++)
        items[count++] = more[i];
    bstc_out_list(out, bstc_join(arena, "    return ", name, ending, NULL),
                  items, count, ");\n");
    bstc_out_text(out, "}\n");
}

static void emit_send(struct bstc_out *out, const struct bstc_actor *actor,
                      const char *verb, const struct bstc_message *message,
                      const char *to)
{
    bstc_out_text(out, "\n");
    emit_send_signature(out, actor, verb, message, to, "\n{\n");
    emit_call(out, bstc_join(out->arena, "bst_", verb, NULL),
              bstc_join(out->arena, to, ".ref", NULL), message, NULL, 0);
}

static void emit_ask(struct bstc_out *out, const struct bstc_actor *actor,
                     const struct bstc_message *message,
                     const struct bstc_message *answer, bool within)
{
    const char *more[3];
    const char *items[4];

    more[0] = answer->nfields > 0 ? "answer" : "NULL";
    more[1] = answer->nfields > 0 ? "sizeof *answer" : "0";
    more[2] = within ? "within" : "BST_DECLARED";
    bstc_out_text(out, "\n");
    emit_ask_signature(out, actor, message, answer, within, "\n{\n");
    if (within || message->owns) {
        emit_call(out, "bst_ask", "to.ref", message, more, 3);
        return;
    }
    /* The sizes are left to the tables, so that it is a jump, not a call: a
     * return that follows a suspension is dear. */
    items[0] = "to.ref";
    items[1] = bstc_join(out->arena, "KIND_", message->name, NULL);
    items[2] = message->nfields > 0 ? "m" : "NULL";
    items[3] = more[0];
    bstc_out_list(out, "    return bst_ask_declared(", items, 4, ");\n}\n");
}

static void emit_senders_of(struct bstc_out *out,
                            const struct bstc_model *model,
                            const struct bstc_actor *actor,
                            const struct bstc_handler *handler)
{
    const struct bstc_message *message = &model->messages[handler->message];

    emit_send(out, actor, "tell", message, "to");
    if (message->answer != BSTC_NONE) {
        const struct bstc_message *answer = &model->messages[message->answer];

        emit_ask(out, actor, message, answer, false);
        emit_ask(out, actor, message, answer, true);
    }
    if (handler->broadcast)
        emit_send(out, actor, "cast", message, "group");
}

static void emit_is_group(struct bstc_out *out, const struct bstc_actor *actor)
{
    bstc_out_format(out, "\nbool %s_is_group(struct %s_ref ref)\n{\n",
                    actor->tag, actor->tag);
    bstc_out_text(out, "    return bst_ref_is_group(ref.ref);\n}\n");
}

static void emit_reply(struct bstc_out *out, const struct bstc_actor *actor,
                       const struct bstc_message *message)
{
    bstc_out_text(out, "\n");
    emit_reply_signature(out, actor, message, "\n{\n");
    emit_call(out, "bst_reply", "self", message, NULL, 0);
}

void bstc_emit_senders(struct bstc_out *out, const struct bstc_model *model)
{
    if (model->nactors == 0)
        return;
    bstc_out_section(out, "sending", "");
    for (uint32_t i = 0; i < model->nactors; i++) {
        const struct bstc_actor *actor = &model->actors[i];

        for (uint32_t k = 0; k < actor->nhandlers; k++) {
            if (actor->handlers[k].event == BSTC_ON_MESSAGE)
                emit_senders_of(out, model, actor, &actor->handlers[k]);
        }
        emit_is_group(out, actor);
        for (uint32_t k = 0; k < actor->nreplies; k++)
            emit_reply(out, actor, &model->messages[actor->replies[k]]);
    }
}
