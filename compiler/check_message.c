/*
 * Whether everything that is sent is understood by whoever gets it.
 *
 * A use is judged against the actor behind its target. `sender` stands for
 * every actor that may have sent the message being handled.
 */

#include "check.h"
#include "senders.h"

/* ---- what a target accepts ----------------------------------------------- */

static const char *accepted(struct bstc_program *program, uint32_t actor)
{
    const struct bstc_sym_actor *symbol = &program->actors[actor];
    const char *list = "";
    uint32_t count = 0;

    for (uint32_t i = 0; i < symbol->nhandlers; i++) {
        const struct bstc_sym_handler *handler = &symbol->handlers[i];

        if (handler->event != BSTC_ON_MESSAGE || handler->is_skipped)
            continue;
        if (++count > 8)
            return bstc_arena_format(&program->context->arena, "%s, ...", list);
        list = bstc_arena_format(
            &program->context->arena, "%s%s%s%s", list, count > 1 ? ", " : "",
            handler->ast->broadcast ? "#" : "", handler->stem);
    }
    return count > 0 ? list : "no message";
}

/* The nearest message that the actor handles, for a fix-it. */
static const char *nearest_handled(struct bstc_program *program, uint32_t actor,
                                   const char *name)
{
    const struct bstc_sym_actor *symbol = &program->actors[actor];
    const char **names = bstc_arena_array(&program->context->arena,
                                          symbol->nhandlers + 1, sizeof *names);
    uint32_t count = 0;

    for (uint32_t i = 0; i < symbol->nhandlers; i++) {
        if (symbol->handlers[i].event == BSTC_ON_MESSAGE &&
            !symbol->handlers[i].is_skipped)
            names[count++] = symbol->handlers[i].stem;
    }
    return bstc_nearest(name, names, count);
}

static void report_not_understood(struct bstc_program *program,
                                  const struct bstc_sym_use *use)
{
    struct bstc_diags *diags = &program->context->diags;
    const struct bstc_ast_name *actor = &program->actors[use->actor].ast->name;
    const struct bstc_ast_name *what = &use->ast->what;
    const char *near = nearest_handled(program, use->actor, what->text);
    struct bstc_diag *diag =
        bstc_error(diags, "E0301", use->ast->span,
                   "`%s` does not understand `%s`", actor->text, what->text);

    bstc_diag_label(diags, diag,
                    use->how == BSTC_ASK ? "asked here" : "sent here");
    if (use->target == BSTC_TO_GROUP)
        bstc_diag_also(diags, diag, actor->span,
                       "`%s` is a group of `%s`, which handles %s",
                       use->ast->who.text, actor->text,
                       accepted(program, use->actor));
    else
        bstc_diag_also(diags, diag, actor->span, "`%s` handles %s", actor->text,
                       accepted(program, use->actor));
    if (near)
        bstc_diag_fix(diags, diag, what->span, near,
                      "a message with a similar name exists");
    else
        bstc_diag_help(diags, diag, "handle it in `%s`: `on %s %s ...`",
                       actor->text, what->text,
                       program->messages[use->message].ast->answer.text ? "=!>"
                                                                        : "=>");
}

static void report_no_broadcast(struct bstc_program *program,
                                const struct bstc_sym_use *use,
                                const struct bstc_sym_handler *handler)
{
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_span at = handler->ast->message.span;
    struct bstc_diag *diag = bstc_error(
        diags, "E0301", use->ast->span,
        "`%s` takes `%s` from a single sender, not as a broadcast",
        program->actors[use->actor].ast->name.text, use->ast->what.text);

    bstc_diag_label(diags, diag, "cast here");
    bstc_diag_also(diags, diag, handler->ast->head, "handled here");
    at.end = at.start;
    bstc_diag_fix(diags, diag, at, "#", "let the handler take broadcasts too");
}

static void check_accepted(struct bstc_program *program,
                           const struct bstc_sym_use *use)
{
    const struct bstc_sym_handler *handler =
        bstc_scope_handler(program, use->actor, use->message);

    /* The `on` of an unknown message may be the one that is missed. */
    if (!handler && program->actors[use->actor].has_unknown)
        return;
    if (!handler)
        report_not_understood(program, use);
    else if (use->how == BSTC_CAST && !handler->ast->broadcast)
        report_no_broadcast(program, use, handler);
}

/* ---- senders ------------------------------------------------------------- */

static void report_sender(struct bstc_program *program,
                          const struct bstc_sym_use *use, uint32_t actor,
                          uint32_t handled)
{
    struct bstc_diags *diags = &program->context->diags;
    const struct bstc_ast_name *name = &program->actors[actor].ast->name;
    struct bstc_diag *diag = bstc_error(diags, "E0301", use->ast->span,
                                        "`%s` does not understand `%s`",
                                        name->text, use->ast->what.text);

    bstc_diag_label(diags, diag, "sent here");
    bstc_diag_also(diags, diag, name->span,
                   "this actor sends `%s`, so it may be the sender",
                   program->messages[handled].ast->name.text);
}

/* `sends sender.m`: every actor that may have sent the message being handled
 * has to understand `m`. */
static void check_sender(struct bstc_program *program,
                         const struct bstc_senders *senders, uint32_t receiver,
                         const struct bstc_sym_handler *handler,
                         const struct bstc_sym_use *use)
{
    uint32_t at;

    if (handler->event != BSTC_ON_MESSAGE && handler->event != BSTC_ON_ANY) {
        bstc_error(&program->context->diags, "E0301", use->ast->span,
                   "`%s` has no sender", handler->label);
        return;
    }
    if (use->how != BSTC_TELL) {
        bstc_error(&program->context->diags, "E0301", use->ast->span,
                   "the sender can only be told something");
        return;
    }
    if (handler->message == BSTC_NONE)
        return;
    at = bstc_senders_first(senders, receiver, handler->message);
    for (; at != BSTC_NONE; at = senders->items[at].next) {
        uint32_t actor = senders->items[at].actor;

        if (!bstc_scope_handler(program, actor, use->message) &&
            !program->actors[actor].has_unknown) {
            report_sender(program, use, actor, handler->message);
            return;
        }
    }
}

/* ---- questions ----------------------------------------------------------- */

static void report_plain(struct bstc_program *program,
                         const struct bstc_sym_use *use)
{
    struct bstc_diags *diags = &program->context->diags;
    const struct bstc_ast_name *name =
        &program->messages[use->message].ast->name;
    struct bstc_diag *diag =
        bstc_error(diags, "E0302", use->ast->span,
                   "`%s` is not a question and cannot be asked", name->text);

    bstc_diag_also(diags, diag, name->span, "declared without an answer");
}

static void check_ask(struct bstc_program *program,
                      const struct bstc_sym_use *use)
{
    struct bstc_diags *diags = &program->context->diags;

    if (!program->messages[use->message].ast->answer.text)
        report_plain(program, use);
    else if (use->ast->broadcast)
        bstc_error(diags, "E0302", use->ast->span,
                   "a question is asked of one, not of all: tell it instead");
    if (!use->clause->has_within) {
        struct bstc_diag *diag =
            bstc_error(diags, "E0407", use->clause->span,
                       "`asks` without `within` might wait for ever");

        bstc_diag_help(diags, diag, "say how long, such as `within 1s`");
    } else if (use->clause->within <= 0) {
        bstc_error(diags, "E0103", use->clause->within_span,
                   "a deadline must be above zero");
    }
}

/* The answer to a question that is told comes back as a message. */
static void check_told_question(struct bstc_program *program, uint32_t actor,
                                const struct bstc_sym_use *use)
{
    struct bstc_diags *diags = &program->context->diags;
    uint32_t answer = program->messages[use->message].answer;
    const struct bstc_ast_name *name;
    struct bstc_diag *diag;

    if (answer == BSTC_NONE || bstc_scope_handler(program, actor, answer) ||
        program->actors[actor].has_unknown)
        return;
    name = &program->messages[answer].ast->name;
    diag = bstc_error(diags, "E0302", use->ast->span,
                      "`%s` tells the question `%s`, but has no `on %s`",
                      program->actors[actor].ast->name.text,
                      use->ast->what.text, name->text);
    bstc_diag_label(diags, diag, "the answer to this comes as a message");
    bstc_diag_also(diags, diag, program->actors[actor].ast->name.span,
                   "does not handle `%s`", name->text);
    bstc_diag_help(diags, diag,
                   "handle it with `on %s => ...`, or ask: "
                   "`asks %s.%s within 1s`",
                   name->text, use->ast->who.text, use->ast->what.text);
}

static void check_arrow(struct bstc_program *program,
                        const struct bstc_sym_actor *actor,
                        const struct bstc_sym_handler *handler)
{
    struct bstc_diags *diags = &program->context->diags;
    const struct bstc_ast_impl *impl = &handler->ast->impl;
    const struct bstc_ast_message *message;
    struct bstc_diag *diag;

    if (impl->kind == BSTC_AST_IMPL_NONE) {
        if (!actor->has_run || handler->event != BSTC_ON_MESSAGE)
            bstc_error(diags, "E0001", handler->ast->head,
                       "`%s` lacks a handler: `=> function;` or `=> { ... }`",
                       handler->label);
        return;
    }
    if (handler->event != BSTC_ON_MESSAGE) {
        if (impl->answers) {
            diag = bstc_error(diags, "E0302", impl->arrow,
                              "`%s` is not a question", handler->label);
            bstc_diag_fix(diags, diag, impl->arrow, "=>",
                          "there is nothing to answer");
        }
        return;
    }
    message = program->messages[handler->message].ast;
    if (impl->answers && !message->answer.text) {
        diag = bstc_error(diags, "E0302", impl->arrow, "`%s` is not a question",
                          message->name.text);
        bstc_diag_also(diags, diag, message->name.span,
                       "declared without an answer");
        bstc_diag_fix(diags, diag, impl->arrow, "=>",
                      "a plain message is handled");
    } else if (!impl->answers && message->answer.text) {
        diag = bstc_error(diags, "E0302", impl->arrow,
                          "`%s` is a question and needs an answer",
                          message->name.text);
        bstc_diag_also(diags, diag, message->answer.span, "answered by this");
        bstc_diag_fix(diags, diag, impl->arrow, "=!>",
                      "a question is answered");
    }
}

/* ---- the whole ----------------------------------------------------------- */

static void check_period(struct bstc_program *program,
                         const struct bstc_sym_handler *handler)
{
    if (handler->event == BSTC_ON_TIMER && handler->ast->period <= 0)
        bstc_error(&program->context->diags, "E0103", handler->ast->period_span,
                   "a period must be above zero");
}

static void check_use(struct bstc_program *program,
                      const struct bstc_senders *senders, uint32_t actor,
                      const struct bstc_sym_handler *handler,
                      const struct bstc_sym_use *use)
{
    if (use->is_poisoned || use->how == BSTC_SPAWN)
        return;
    if (use->target == BSTC_TO_SENDER)
        check_sender(program, senders, actor, handler, use);
    else
        check_accepted(program, use);
    if (use->how == BSTC_ASK)
        check_ask(program, use);
    else
        check_told_question(program, actor, use);
}

static void check_outside(struct bstc_program *program)
{
    for (uint32_t i = 0; i < program->noutside; i++) {
        const struct bstc_sym_use *use = &program->outside[i];

        if (use->is_poisoned || use->how == BSTC_SPAWN)
            continue;
        check_accepted(program, use);
        if (use->how == BSTC_ASK)
            check_ask(program, use);
    }
}

void bstc_check_messages(struct bstc_program *program)
{
    struct bstc_senders senders;

    bstc_senders_init(&senders, program);
    for (uint32_t i = 0; i < program->nactors; i++) {
        const struct bstc_sym_actor *actor = &program->actors[i];

        for (uint32_t k = 0; k < actor->nhandlers; k++) {
            const struct bstc_sym_handler *handler = &actor->handlers[k];

            if (!handler->is_skipped)
                check_arrow(program, actor, handler);
            check_period(program, handler);
            for (uint32_t u = 0; u < handler->nuses; u++)
                check_use(program, &senders, i, handler, &handler->uses[u]);
        }
    }
    check_outside(program);
}
