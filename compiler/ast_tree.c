/* Builders of supervision trees and clusters. */

#include "ast_build.h"
#include "ast_list.h"

#define NEW(b, type) BSTC_NEW(&(b)->context->arena, type)

static struct bstc_ast_name name_of(const struct bstc_token *token)
{
    return (struct bstc_ast_name){token->text, token->span};
}

/* From the first byte of a token to the last one that was shifted. */
static struct bstc_span span_from(const struct bstc_builder *b,
                                  struct bstc_span first)
{
    return bstc_span_join(first, b->last);
}

static struct bstc_ast_member *new_member(struct bstc_builder *b,
                                          enum bstc_ast_member_kind kind,
                                          struct bstc_span first)
{
    struct bstc_ast_member *member = NEW(b, struct bstc_ast_member);

    member->kind = kind;
    member->span = span_from(b, first);
    return member;
}

/* NOLINTBEGIN(clang-analyzer-core.NullDereference): the grammar makes parts
 * of those kinds alone for which its rule gives a slot. */
void bstc_distribute(struct bstc_part *last, struct bstc_slots to)
{
    struct bstc_part *part = BSTC_RING_OPEN(last);

    for (; part; part = part->next) {
        switch (part->kind) {
        case BSTC_PART_SETTING:
            *to.settings = part->setting;
            to.settings = &part->setting->next;
            break;
        case BSTC_PART_HOOK:
            *to.hooks = part->hook;
            to.hooks = &part->hook->next;
            break;
        case BSTC_PART_MEMBER:
            *to.members = part->member;
            to.members = &part->member->next;
            break;
        case BSTC_PART_HANDLER:
            *to.handlers = part->handler;
            to.handlers = &part->handler->next;
            break;
        case BSTC_PART_NODE:
            *to.nodes = part->node;
            to.nodes = &part->node->next;
            break;
        case BSTC_PART_STATE:
        case BSTC_PART_ARGS:
            break; /* taken by bstc_build_actor() before */
        }
    }
}
/* NOLINTEND(clang-analyzer-core.NullDereference) */

struct bstc_part *bstc_build_member(struct bstc_builder *b,
                                    struct bstc_ast_member *member)
{
    struct bstc_part *part = NEW(b, struct bstc_part);

    part->kind = BSTC_PART_MEMBER;
    part->member = member;
    return part;
}

struct bstc_ast_member *bstc_build_supervisor(
    struct bstc_builder *b, const struct bstc_token *supervisor,
    const struct bstc_token *name, const struct bstc_ast_name *strategy,
    struct bstc_part *parts)
{
    struct bstc_ast_member *member =
        new_member(b, BSTC_AST_MEMBER_SUPERVISOR, supervisor->span);
    struct bstc_ast_supervisor *node = NEW(b, struct bstc_ast_supervisor);

    member->supervisor = node;
    node->name = name_of(name);
    if (strategy)
        node->strategy = *strategy;
    node->doc = supervisor->doc;
    bstc_distribute(parts, (struct bstc_slots){.settings = &node->settings,
                                               .hooks = &node->hooks,
                                               .members = &node->members});
    return member;
}

struct bstc_ast_group *bstc_build_extras(struct bstc_builder *b,
                                         const struct bstc_token *dynamic,
                                         const struct bstc_token *word,
                                         const struct bstc_token *max,
                                         struct bstc_ast_ident *at)
{
    struct bstc_ast_group *group = NEW(b, struct bstc_ast_group);

    if (dynamic) {
        group->is_dynamic = true;
        group->dynamic_span = dynamic->span;
    }
    if (word) {
        group->dynamic_word = name_of(word);
        group->dynamic_max = max->number;
        group->max_span = max->span;
    }
    group->at = BSTC_RING_OPEN(at);
    return group;
}

struct bstc_ast_member *bstc_build_group(struct bstc_builder *b,
                                         const struct bstc_token *children,
                                         const struct bstc_token *actor,
                                         const struct bstc_ast_name *alias,
                                         struct bstc_ast_group *extras,
                                         struct bstc_part *parts)
{
    struct bstc_ast_member *member =
        new_member(b, BSTC_AST_MEMBER_GROUP, children->span);

    member->group = extras;
    extras->actor = name_of(actor);
    extras->name = alias ? *alias : extras->actor;
    extras->doc = children->doc;
    bstc_distribute(parts, (struct bstc_slots){.settings = &extras->settings,
                                               .hooks = &extras->hooks});
    return member;
}

struct bstc_ast_member *bstc_build_listen(struct bstc_builder *b,
                                          const struct bstc_token *listen,
                                          const struct bstc_token *address,
                                          const struct bstc_token *target,
                                          struct bstc_part *parts)
{
    struct bstc_ast_member *member =
        new_member(b, BSTC_AST_MEMBER_LISTEN, listen->span);

    member->listen = NEW(b, struct bstc_ast_listen);
    member->listen->address = bstc_build_value(b, NULL, address);
    member->listen->target = name_of(target);
    member->listen->doc = listen->doc;
    bstc_distribute(parts,
                    (struct bstc_slots){.settings = &member->listen->settings,
                                        .hooks = &member->listen->hooks});
    return member;
}

struct bstc_ast_member *bstc_build_stream(struct bstc_builder *b,
                                          const struct bstc_token *stream,
                                          struct bstc_ast_ident *stages,
                                          struct bstc_part *parts)
{
    struct bstc_ast_member *member =
        new_member(b, BSTC_AST_MEMBER_STREAM, stream->span);

    member->stream = NEW(b, struct bstc_ast_stream);
    member->stream->stages = BSTC_RING_OPEN(stages);
    member->stream->doc = stream->doc;
    bstc_distribute(parts,
                    (struct bstc_slots){.settings = &member->stream->settings,
                                        .hooks = &member->stream->hooks});
    return member;
}

struct bstc_part *bstc_build_hook(struct bstc_builder *b,
                                  const struct bstc_token *on,
                                  const struct bstc_token *event,
                                  const struct bstc_ast_impl *impl)
{
    struct bstc_part *part = NEW(b, struct bstc_part);

    part->kind = BSTC_PART_HOOK;
    part->hook = NEW(b, struct bstc_ast_hook);
    part->hook->event = name_of(event);
    part->hook->impl = *impl;
    part->hook->span = span_from(b, on->span);
    part->hook->doc = on->doc;
    return part;
}

struct bstc_part *bstc_build_node(struct bstc_builder *b,
                                  const struct bstc_token *node,
                                  const struct bstc_token *name,
                                  const struct bstc_token *address)
{
    struct bstc_part *part = NEW(b, struct bstc_part);

    part->kind = BSTC_PART_NODE;
    part->node = NEW(b, struct bstc_ast_node);
    part->node->name = name_of(name);
    part->node->address = bstc_build_value(b, NULL, address);
    part->node->span = span_from(b, node->span);
    part->node->doc = node->doc;
    return part;
}

struct bstc_ast_item *bstc_build_supervisor_item(struct bstc_builder *b,
                                                 struct bstc_ast_member *member)
{
    struct bstc_ast_item *item = NEW(b, struct bstc_ast_item);

    item->kind = BSTC_AST_ITEM_SUPERVISOR;
    item->supervisor = member->supervisor;
    item->span = member->span;
    return item;
}

struct bstc_ast_item *bstc_build_cluster(struct bstc_builder *b,
                                         const struct bstc_token *cluster,
                                         const struct bstc_token *name,
                                         struct bstc_part *parts)
{
    struct bstc_ast_item *item = NEW(b, struct bstc_ast_item);

    item->kind = BSTC_AST_ITEM_CLUSTER;
    item->span = span_from(b, cluster->span);
    item->cluster = NEW(b, struct bstc_ast_cluster);
    item->cluster->name = name_of(name);
    item->cluster->doc = cluster->doc;
    bstc_distribute(parts,
                    (struct bstc_slots){.settings = &item->cluster->settings,
                                        .nodes = &item->cluster->nodes});
    return item;
}
