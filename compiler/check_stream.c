/*
 * Stages of streams (E0602): the first one makes items on demand, each inner
 * one takes what the one before it emits and emits in turn, and the last one
 * only takes. The items are followed from the first stage on; at the first
 * stage that does not fit the rest is not looked at.
 */

#include "check.h"

struct streams {
    const struct bstc_topo *topo;
    bool *goes_on; /* of each actor: a stage of it is not a last one */
};

/* One stage of a stream. */
struct stage {
    const struct bstc_ast_name *name;
    uint32_t actor;
};

static const struct bstc_ast_name *actor_name(const struct streams *s,
                                              uint32_t actor)
{
    return &s->topo->program->actors[actor].ast->name;
}

static struct bstc_diags *diags_of(const struct streams *s)
{
    return &s->topo->program->context->diags;
}

/* Reports at the stage or at what it is about, whichever comes first. */
static struct bstc_diag *report(const struct streams *s,
                                const struct stage *stage, const char *label,
                                struct bstc_span other, const char *other_label,
                                const char *message)
{
    bool is_first = bstc_span_is_before(other, stage->name->span);
    struct bstc_diag *diag =
        bstc_error(diags_of(s), "E0602", is_first ? other : stage->name->span,
                   "%s", message);

    bstc_diag_label(diags_of(s), diag, "%s", is_first ? other_label : label);
    bstc_diag_also(diags_of(s), diag, is_first ? stage->name->span : other,
                   "%s", is_first ? label : other_label);
    return diag;
}

static void report_source(const struct streams *s, const struct stage *stage)
{
    struct bstc_arena *arena = &s->topo->program->context->arena;
    struct bstc_diag *diag = report(
        s, stage, "the first stage", actor_name(s, stage->actor)->span,
        "it has no `on demand`",
        bstc_arena_format(arena, "`%s` begins a stream, but makes nothing",
                          stage->name->text));

    bstc_diag_help(diags_of(s), diag,
                   "let it make items: `on demand ~> ITEM => ...`");
}

static void report_meeting(const struct streams *s, const struct stage *before,
                           const struct bstc_sym_handler *emitter,
                           const struct stage *stage)
{
    struct bstc_arena *arena = &s->topo->program->context->arena;
    const char *item = emitter->ast->emits.text;

    report(
        s, stage, bstc_arena_format(arena, "it does not handle `%s`", item),
        emitter->ast->emits.span,
        bstc_arena_format(arena, "`%s` emits `%s`", before->name->text, item),
        bstc_arena_format(arena, "`%s` takes no `%s` from `%s`",
                          stage->name->text, item, before->name->text));
}

static void report_dead_end(const struct streams *s, const struct stage *stage,
                            const struct bstc_sym_handler *handler)
{
    struct bstc_arena *arena = &s->topo->program->context->arena;
    struct bstc_diag *diag = report(
        s, stage, "more stages follow", handler->ast->head, "no `~>` here",
        bstc_arena_format(arena, "`%s` gives nothing to the stage after it",
                          stage->name->text));

    bstc_diag_help(diags_of(s), diag,
                   "let the handler emit: `%s ~> ITEM => ...`", handler->label);
}

static void report_end(const struct streams *s, const struct stage *stage,
                       const struct bstc_sym_handler *handler)
{
    struct bstc_arena *arena = &s->topo->program->context->arena;

    report(s, stage, "the last stage", handler->ast->emits.span, "emitted here",
           bstc_arena_format(arena, "nobody takes what `%s` emits",
                             stage->name->text));
}

static void check_stream(const struct streams *s,
                         const struct bstc_sym_stream *stream)
{
    const struct bstc_program *program = s->topo->program;
    const struct bstc_ast_ident *ident = stream->ast->stages;
    const struct bstc_sym_handler *handler = NULL;
    struct stage before = {NULL, BSTC_NONE};

    for (uint32_t i = 0; i < stream->nstages; i++, ident = ident->next) {
        uint32_t group = stream->stages[i];
        struct stage stage = {&ident->name, BSTC_NONE};
        const struct bstc_sym_handler *next;

        if (group == BSTC_NONE || program->groups[group].actor == BSTC_NONE)
            return;
        stage.actor = program->groups[group].actor;
        next = i == 0
                   ? program->actors[stage.actor].demand
                   : bstc_scope_handler(program, stage.actor, handler->emits);
        if (!next) {
            if (i == 0)
                report_source(s, &stage);
            else
                report_meeting(s, &before, handler, &stage);
            return;
        }
        if (i + 1 < stream->nstages && next->emits == BSTC_NONE) {
            report_dead_end(s, &stage, next);
            return;
        }
        if (i + 1 == stream->nstages && next->emits != BSTC_NONE &&
            !s->goes_on[stage.actor])
            report_end(s, &stage, next);
        handler = next;
        before = stage;
    }
}

/* A `~>` of an actor whose groups are in no stream; nothing is demanded of it
 * either, and that is said elsewhere (W0303). */
static void check_outside(const struct streams *s, const bool *is_stage)
{
    const struct bstc_program *program = s->topo->program;

    for (uint32_t i = 0; i < program->nactors; i++) {
        const struct bstc_sym_actor *actor = &program->actors[i];

        for (uint32_t k = 0; !is_stage[i] && k < actor->nhandlers; k++) {
            const struct bstc_sym_handler *handler = &actor->handlers[k];
            struct bstc_diag *diag;

            if (handler->emits == BSTC_NONE || handler->is_skipped ||
                handler->event == BSTC_ON_DEMAND)
                continue;
            diag = bstc_error(diags_of(s), "E0602", handler->ast->emits.span,
                              "`%s` emits `%s`, but is in no stream",
                              actor->ast->name.text, handler->ast->emits.text);
            bstc_diag_help(diags_of(s), diag,
                           "declare the stream: `stream %s ~> ...;`",
                           actor->ast->name.text);
        }
    }
}

void bstc_check_streams(const struct bstc_topo *topo)
{
    const struct bstc_program *program = topo->program;
    struct bstc_arena *arena = &program->context->arena;
    size_t room = (size_t)program->nactors + 1;
    struct streams s = {topo, bstc_arena_array(arena, room, sizeof(bool))};
    bool *is_stage = bstc_arena_array(arena, room, sizeof *is_stage);

    for (uint32_t i = 0; i < program->nstreams; i++) {
        const struct bstc_sym_stream *stream = &program->streams[i];

        for (uint32_t k = 0; k < stream->nstages; k++) {
            uint32_t group = stream->stages[k];
            uint32_t actor =
                group == BSTC_NONE ? BSTC_NONE : program->groups[group].actor;

            if (actor == BSTC_NONE)
                continue;
            is_stage[actor] = true;
            s.goes_on[actor] |= k + 1 < stream->nstages;
        }
    }
    for (uint32_t i = 0; i < program->nstreams; i++)
        check_stream(&s, &program->streams[i]);
    check_outside(&s, is_stage);
}
