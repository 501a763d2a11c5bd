/*
 * The typed functions that send: one for each message that an actor handles,
 * and one for each message with which it answers its sender.
 *
 * A message without fields is no parameter, so its functions have one less.
 */

#include "emit.h"

/* ---- signatures, shared by header and source ----------------------------- */

static void emit_body_parameter(struct bstc_out *out,
                                const struct bstc_message *message)
{
    if (message->nfields > 0)
        bstc_out_format(out, ", const struct %s *m", message->tag);
}

static void emit_send_signature(struct bstc_out *out,
                                const struct bstc_actor *actor,
                                const char *verb,
                                const struct bstc_message *message,
                                const char *to)
{
    bstc_out_format(out, "bst_status %s_%s_%s(struct %s_ref %s", actor->tag,
                    verb, message->name, actor->tag, to);
    emit_body_parameter(out, message);
    bstc_out_text(out, ")");
}

static void emit_ask_signature(struct bstc_out *out,
                               const struct bstc_actor *actor,
                               const struct bstc_message *message,
                               const struct bstc_message *answer, bool within)
{
    bstc_out_format(out, "bst_status %s_ask_%s%s(struct %s_ref to", actor->tag,
                    message->name, within ? "_within" : "", actor->tag);
    emit_body_parameter(out, message);
    if (answer->nfields > 0)
        bstc_out_format(out, ", struct %s *answer", answer->tag);
    if (within)
        bstc_out_text(out, ", bst_time within");
    bstc_out_text(out, ")");
}

static void emit_reply_signature(struct bstc_out *out,
                                 const struct bstc_actor *actor,
                                 const struct bstc_message *message)
{
    bstc_out_format(out, "bst_status %s_reply_%s(struct %s *self", actor->tag,
                    message->name, actor->tag);
    emit_body_parameter(out, message);
    bstc_out_text(out, ")");
}

/* ---- prototypes ---------------------------------------------------------- */

static void emit_ask_prototypes(struct bstc_out *out,
                                const struct bstc_model *model,
                                const struct bstc_actor *actor,
                                const struct bstc_message *message)
{
    const struct bstc_message *answer = &model->messages[message->answer];

    emit_ask_signature(out, actor, message, answer, false);
    bstc_out_text(out, "; /* waits as long as declared */\n");
    emit_ask_signature(out, actor, message, answer, true);
    bstc_out_text(out, ";\n");
}

static void emit_prototypes_of(struct bstc_out *out,
                               const struct bstc_model *model,
                               const struct bstc_actor *actor,
                               const struct bstc_handler *handler)
{
    const struct bstc_message *message = &model->messages[handler->message];
    bool asks = message->answer != BSTC_NONE;

    emit_send_signature(out, actor, "tell", message, "to");
    if (asks) {
        bstc_out_format(out, "; /* the %s comes back as a message */\n",
                        model->messages[message->answer].name);
        emit_ask_prototypes(out, model, actor, message);
    } else {
        bstc_out_text(out, ";\n");
    }
    if (handler->broadcast) {
        emit_send_signature(out, actor, "cast", message, "group");
        bstc_out_text(out, "; /* to all members */\n");
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
        emit_reply_signature(out, actor, &model->messages[actor->replies[i]]);
        bstc_out_text(out, "; /* to the sender */\n");
    }
}

/* ---- definitions --------------------------------------------------------- */

static const char *body_arguments(const struct bstc_message *message)
{
    return message->nfields > 0 ? "m, sizeof *m" : "NULL, 0";
}

static void emit_send(struct bstc_out *out, const struct bstc_actor *actor,
                      const char *verb, const struct bstc_message *message,
                      const char *to)
{
    bstc_out_text(out, "\n");
    emit_send_signature(out, actor, verb, message, to);
    bstc_out_text(out, "\n{\n");
    bstc_out_format(out, "    return bst_%s(%s.ref, KIND_%s, %s);\n", verb, to,
                    message->name, body_arguments(message));
    bstc_out_text(out, "}\n");
}

static void emit_ask(struct bstc_out *out, const struct bstc_actor *actor,
                     const struct bstc_message *message,
                     const struct bstc_message *answer, bool within)
{
    bstc_out_text(out, "\n");
    emit_ask_signature(out, actor, message, answer, within);
    bstc_out_text(out, "\n{\n");
    bstc_out_format(out, "    return bst_ask(to.ref, KIND_%s, %s, %s, %s);\n",
                    message->name, body_arguments(message),
                    answer->nfields > 0 ? "answer, sizeof *answer" : "NULL, 0",
                    within ? "within" : "BST_DECLARED");
    bstc_out_text(out, "}\n");
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
    emit_reply_signature(out, actor, message);
    bstc_out_format(out, "\n{\n    return bst_reply(self, KIND_%s, %s);\n}\n",
                    message->name, body_arguments(message));
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
