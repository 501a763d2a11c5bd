/*
 * The outline of a document: messages with fields, actors with state and
 * handlers, supervisors with what they start.
 *
 * A client that knows no symbols within symbols gets a flat list, in which
 * each one names what it stands in.
 */

#include <string.h>

#include "fields.h"
#include "lsp/features.h"
#include "lsp/walk.h"
#include "lsp/wire.h"

/* Kinds of the protocol. */
enum {
    KIND_MODULE = 2,
    KIND_NAMESPACE = 3,
    KIND_CLASS = 5,
    KIND_METHOD = 6,
    KIND_FIELD = 8,
    KIND_OBJECT = 19,
    KIND_STRUCT = 23
};

/* Where symbols are added. */
struct outline {
    const struct bstc_request *request;
    cJSON *list;           /* of the level */
    const char *container; /* of the level, or NULL */
};

/* Adds a symbol and returns the level within it. */
static struct outline add(const struct outline *o, const char *name, int kind,
                          struct bstc_span span, struct bstc_span name_span,
                          const char *detail)
{
    const struct bstc_view *view = &o->request->view;
    struct outline within = {o->request, o->list, name};
    cJSON *node = cJSON_CreateObject();

    bstc_json_add_exact(node, "name", name);
    cJSON_AddNumberToObject(node, "kind", kind);
    if (o->request->client->knows_tree) {
        if (detail)
            bstc_json_add_exact(node, "detail", detail);
        span = bstc_span_join(span, name_span);
        cJSON_AddItemToObject(
            node, "range", bstc_wire_make_range(bstc_view_range(view, span)));
        cJSON_AddItemToObject(
            node, "selectionRange",
            bstc_wire_make_range(bstc_view_range(view, name_span)));
        within.list = cJSON_AddArrayToObject(node, "children");
    } else {
        cJSON_AddItemToObject(node, "location", bstc_view_location(view, span));
        if (o->container)
            bstc_json_add_exact(node, "containerName", o->container);
    }
    cJSON_AddItemToArray(o->list, node);
    return within;
}

static void add_fields(const struct outline *o,
                       const struct bstc_ast_field *field)
{
    for (; field; field = field->next) {
        if (field->name.text)
            add(o, field->name.text, KIND_FIELD, field->span, field->name.span,
                bstc_field_spelling(o->request->view.index->program, field));
    }
}

static void add_handlers(const struct outline *o,
                         const struct bstc_ast_handler *handler)
{
    const struct bstc_view *view = &o->request->view;

    for (; handler; handler = handler->next) {
        const char *label = bstc_arena_copy(
            view->arena, view->source->text + handler->head.start,
            handler->head.end - handler->head.start);

        add(o, label, KIND_METHOD, handler->span, handler->head,
            handler->impl.function.text);
    }
}

static struct outline add_supervisor(const struct outline *o,
                                     const struct bstc_ast_supervisor *ast,
                                     struct bstc_span span)
{
    if (!ast->name.text)
        return *o;
    return add(o, ast->name.text, KIND_NAMESPACE, span, ast->name.span,
               ast->strategy.text);
}

static void add_tree(const struct outline *o, const struct bstc_ast_item *item)
{
    struct outline levels[BSTC_MAX_DEPTH + 2];
    const struct bstc_ast_member *m;
    struct bstc_walk walk;

    levels[0] = add_supervisor(o, item->supervisor, item->span);
    bstc_walk_init(&walk, item->supervisor);
    while ((m = bstc_walk_next(&walk)) != NULL) {
        const struct outline *level = &levels[walk.level];

        if (m->kind == BSTC_AST_MEMBER_SUPERVISOR)
            levels[walk.level + 1] =
                add_supervisor(level, m->supervisor, m->span);
        else if (m->kind == BSTC_AST_MEMBER_GROUP && m->group->name.text)
            add(level, m->group->name.text, KIND_OBJECT, m->span,
                m->group->name.span, m->group->actor.text);
    }
}

static void add_cluster(const struct outline *o,
                        const struct bstc_ast_item *item)
{
    struct outline within = add(o, item->cluster->name.text, KIND_MODULE,
                                item->span, item->cluster->name.span, NULL);

    for (const struct bstc_ast_node *n = item->cluster->nodes; n; n = n->next) {
        if (n->name.text)
            add(&within, n->name.text, KIND_OBJECT, n->span, n->name.span,
                NULL);
    }
}

static void add_item(const struct outline *o, const struct bstc_ast_item *item)
{
    struct outline within;

    if (item->kind == BSTC_AST_ITEM_MESSAGE && item->message->name.text) {
        within = add(o, item->message->name.text, KIND_STRUCT, item->span,
                     item->message->name.span, item->message->answer.text);
        add_fields(&within, item->message->fields);
    } else if (item->kind == BSTC_AST_ITEM_ACTOR && item->actor->name.text) {
        within = add(o, item->actor->name.text, KIND_CLASS, item->span,
                     item->actor->name.span, NULL);
        add_fields(&within, item->actor->state);
        add_fields(&within, item->actor->args);
        add_handlers(&within, item->actor->handlers);
    } else if (item->kind == BSTC_AST_ITEM_SUPERVISOR) {
        add_tree(o, item);
    } else if (item->kind == BSTC_AST_ITEM_CLUSTER &&
               item->cluster->name.text) {
        add_cluster(o, item);
    }
}

cJSON *bstc_lsp_symbols(struct bstc_request *request)
{
    const struct bstc_view *view = &request->view;
    struct outline outline = {request, cJSON_CreateArray(), NULL};
    const struct bstc_ast_item *item =
        view->index->program->files[view->file].ast->items;

    for (; item; item = item->next)
        add_item(&outline, item);
    return outline.list;
}
