/* Builders of handlers and of what they may send. */

#include "ast_build.h"
#include "ast_list.h"

#define NEW(b, type) BSTC_NEW(&(b)->context->arena, type)

struct bstc_ast_use *bstc_append_use(struct bstc_ast_use *last,
                                     struct bstc_ast_use *node)
{
    BSTC_RING_APPEND(last, node);
}

struct bstc_ast_target *bstc_append_target(struct bstc_ast_target *last,
                                           struct bstc_ast_target *node)
{
    BSTC_RING_APPEND(last, node);
}

struct bstc_ast_handler *bstc_build_on(struct bstc_builder *b,
                                       const struct bstc_token *on,
                                       const struct bstc_token *hash,
                                       const struct bstc_token *name)
{
    struct bstc_ast_handler *handler = NEW(b, struct bstc_ast_handler);

    handler->kind = BSTC_AST_HANDLER_ON;
    handler->broadcast = hash != NULL;
    handler->any = name->kind == BSTC_TOKEN_UNDERSCORE;
    handler->message.text = handler->any ? NULL : name->text;
    handler->message.span = name->span;
    handler->head = bstc_span_join(on->span, name->span);
    handler->span = on->span;
    handler->doc = on->doc;
    return handler;
}

struct bstc_ast_handler *bstc_build_timer(struct bstc_builder *b,
                                          const struct bstc_token *word,
                                          const struct bstc_token *period)
{
    struct bstc_ast_handler *handler = NEW(b, struct bstc_ast_handler);

    handler->kind = word->kind == BSTC_TOKEN_EVERY  ? BSTC_AST_HANDLER_EVERY
                    : word->kind == BSTC_TOKEN_IDLE ? BSTC_AST_HANDLER_IDLE
                                                    : BSTC_AST_HANDLER_RUN;
    handler->head = word->span;
    if (period) {
        handler->period = period->duration;
        handler->period_span = period->span;
        handler->head = bstc_span_join(word->span, period->span);
    }
    handler->span = word->span;
    handler->doc = word->doc;
    return handler;
}

struct bstc_ast_handler *bstc_build_blocking(struct bstc_ast_handler *handler,
                                             const struct bstc_token *word)
{
    handler->blocking = true;
    handler->blocking_span = word->span;
    handler->span = word->span;
    handler->doc = word->doc ? word->doc : handler->doc;
    return handler;
}

struct bstc_ast_handler *bstc_build_emits(struct bstc_ast_handler *handler,
                                          const struct bstc_token *message)
{
    handler->emits.text = message->text;
    handler->emits.span = message->span;
    return handler;
}

struct bstc_part *bstc_build_handler(struct bstc_builder *b,
                                     struct bstc_ast_handler *handler,
                                     struct bstc_ast_use *uses,
                                     const struct bstc_ast_impl *impl)
{
    struct bstc_part *part = NEW(b, struct bstc_part);

    part->kind = BSTC_PART_HANDLER;
    part->handler = handler;
    handler->uses = BSTC_RING_OPEN(uses);
    handler->impl = *impl;
    handler->span = bstc_span_join(handler->span, b->last);
    return part;
}

struct bstc_ast_impl *bstc_build_impl(struct bstc_builder *b,
                                      const struct bstc_token *arrow,
                                      const struct bstc_token *what)
{
    struct bstc_ast_impl *impl = NEW(b, struct bstc_ast_impl);

    if (!arrow)
        return impl;
    impl->answers = arrow->kind == BSTC_TOKEN_ASKARROW;
    impl->arrow = arrow->span;
    if (what->kind == BSTC_TOKEN_RAW) {
        impl->kind = BSTC_AST_IMPL_INLINE;
        impl->raw.text = b->file->source->text + what->span.start;
        impl->raw.length = what->span.end - what->span.start;
        impl->raw.span = what->span;
    } else {
        impl->kind = BSTC_AST_IMPL_FUNCTION;
        impl->function.text = what->text;
        impl->function.span = what->span;
    }
    return impl;
}

struct bstc_ast_use *bstc_build_use(struct bstc_builder *b,
                                    const struct bstc_token *word,
                                    struct bstc_ast_target *targets,
                                    const struct bstc_ast_value *within)
{
    struct bstc_ast_use *use = NEW(b, struct bstc_ast_use);

    use->kind =
        word->kind == BSTC_TOKEN_ASKS ? BSTC_AST_USE_ASKS : BSTC_AST_USE_SENDS;
    use->span = bstc_span_join(word->span, targets->span);
    use->targets = BSTC_RING_OPEN(targets);
    if (within) {
        use->has_within = true;
        use->within = within->duration;
        use->within_span = within->span;
        use->span = bstc_span_join(use->span, within->span);
    }
    return use;
}

struct bstc_ast_use *bstc_build_spawns(struct bstc_builder *b,
                                       const struct bstc_token *word,
                                       struct bstc_ast_ident *names)
{
    struct bstc_ast_use *use = NEW(b, struct bstc_ast_use);
    struct bstc_ast_target **tail = &use->targets;

    use->kind = BSTC_AST_USE_SPAWNS;
    use->span = bstc_span_join(word->span, names->name.span);
    for (names = BSTC_RING_OPEN(names); names; names = names->next) {
        struct bstc_ast_target *target = NEW(b, struct bstc_ast_target);

        target->who = names->name;
        target->span = names->name.span;
        *tail = target;
        tail = &target->next;
    }
    return use;
}

struct bstc_ast_target *bstc_build_target(struct bstc_builder *b,
                                          const struct bstc_token *hash,
                                          const struct bstc_token *who,
                                          const struct bstc_token *what)
{
    struct bstc_ast_target *target = NEW(b, struct bstc_ast_target);

    target->broadcast = hash != NULL;
    target->who.text = who->text;
    target->who.span = who->span;
    target->what.text = what->text;
    target->what.span = what->span;
    target->span = bstc_span_join(hash ? hash->span : who->span, what->span);
    return target;
}
