/* Two passes over the trees: the first declares, the second marks. */

#include "lsp/index.h"

#include <stdlib.h>
#include <string.h>

#include "lsp/walk.h"

/* ---- growing ------------------------------------------------------------- */

static uint32_t add_symbol(struct bstc_index *x, enum bstc_symbol_kind kind,
                           const char *name)
{
    struct bstc_symbol *symbol;

    if (x->nsymbols == x->symbol_capacity) {
        uint32_t more = x->symbol_capacity ? x->symbol_capacity * 2 : 64;

        x->symbols = bstc_arena_grow(x->arena, x->symbols,
                                     x->nsymbols * sizeof *x->symbols,
                                     more * sizeof *x->symbols);
        x->symbol_capacity = more;
    }
    symbol = &x->symbols[x->nsymbols];
    symbol->kind = kind;
    symbol->name = name;
    symbol->name_span = bstc_span_nowhere();
    symbol->span = bstc_span_nowhere();
    return x->nsymbols++;
}

/* Returns the symbol of a name, a new one if there is none yet. */
static uint32_t symbol_of(struct bstc_index *x, enum bstc_symbol_kind kind,
                          const char *name)
{
    uint32_t known = bstc_map_find(&x->names[kind], bstc_map_name(name));

    if (known != BSTC_MAP_NONE)
        return known;
    known = add_symbol(x, kind, name);
    bstc_map_add(&x->names[kind], bstc_map_name(name), known);
    return known;
}

static void add_mark(struct bstc_index *x, struct bstc_span span,
                     uint32_t symbol, bool declares)
{
    if (x->nmarks == x->mark_capacity) {
        uint32_t more = x->mark_capacity ? x->mark_capacity * 2 : 256;

        x->marks =
            bstc_arena_grow(x->arena, x->marks, x->nmarks * sizeof *x->marks,
                            more * sizeof *x->marks);
        x->mark_capacity = more;
    }
    x->marks[x->nmarks++] = (struct bstc_mark){span, symbol, declares};
}

static void mark(struct bstc_index *x, enum bstc_symbol_kind kind,
                 const struct bstc_ast_name *name)
{
    if (name->text)
        add_mark(x, name->span, symbol_of(x, kind, name->text), false);
}

/* ---- declarations -------------------------------------------------------- */

/* Returns the symbol that `name` declares, or NULL for an absent name. The
 * first declaration is the one that the symbol knows. */
static struct bstc_symbol *declare(struct bstc_index *x,
                                   enum bstc_symbol_kind kind,
                                   const struct bstc_ast_name *name,
                                   struct bstc_span span,
                                   const struct bstc_doc *doc)
{
    struct bstc_symbol *symbol;
    uint32_t at;

    if (!name->text)
        return NULL;
    at = kind == BSTC_SYMBOL_FIELD ? add_symbol(x, kind, name->text)
                                   : symbol_of(x, kind, name->text);
    add_mark(x, name->span, at, true);
    symbol = &x->symbols[at];
    if (bstc_symbol_is_declared(symbol))
        return NULL;
    symbol->name_span = name->span;
    symbol->span = span;
    symbol->doc = doc;
    return symbol;
}

static void declare_fields(struct bstc_index *x,
                           const struct bstc_ast_field *field,
                           const struct bstc_ast_actor *owner)
{
    for (; field; field = field->next) {
        struct bstc_symbol *symbol = declare(x, BSTC_SYMBOL_FIELD, &field->name,
                                             field->span, field->doc);

        if (symbol) {
            symbol->field = field;
            symbol->owner = owner;
        }
    }
}

/* A group without `as` shares the symbol of its actor. */
static void declare_group(struct bstc_index *x,
                          const struct bstc_ast_member *member)
{
    const struct bstc_ast_group *group = member->group;
    struct bstc_symbol *symbol;

    if (!group->name.text || group->name.span.start == group->actor.span.start)
        return;
    symbol =
        declare(x, BSTC_SYMBOL_GROUP, &group->name, member->span, group->doc);
    if (symbol)
        symbol->group = group;
}

static void declare_supervisor(struct bstc_index *x,
                               const struct bstc_ast_supervisor *ast,
                               struct bstc_span span)
{
    struct bstc_symbol *symbol =
        declare(x, BSTC_SYMBOL_SUPERVISOR, &ast->name, span, ast->doc);

    if (symbol)
        symbol->supervisor = ast;
}

static void declare_tree(struct bstc_index *x, const struct bstc_ast_item *item)
{
    const struct bstc_ast_member *m;
    struct bstc_walk walk;

    declare_supervisor(x, item->supervisor, item->span);
    bstc_walk_init(&walk, item->supervisor);
    while ((m = bstc_walk_next(&walk)) != NULL) {
        if (m->kind == BSTC_AST_MEMBER_SUPERVISOR)
            declare_supervisor(x, m->supervisor, m->span);
        else if (m->kind == BSTC_AST_MEMBER_GROUP)
            declare_group(x, m);
    }
}

static void declare_cluster(struct bstc_index *x,
                            const struct bstc_ast_cluster *ast,
                            struct bstc_span span)
{
    declare(x, BSTC_SYMBOL_CLUSTER, &ast->name, span, ast->doc);
    for (const struct bstc_ast_node *n = ast->nodes; n; n = n->next)
        declare(x, BSTC_SYMBOL_NODE, &n->name, n->span, n->doc);
}

static void declare_item(struct bstc_index *x, const struct bstc_ast_item *item)
{
    struct bstc_symbol *symbol;

    switch (item->kind) {
    case BSTC_AST_ITEM_MESSAGE:
        symbol = declare(x, BSTC_SYMBOL_MESSAGE, &item->message->name,
                         item->span, item->message->doc);
        if (symbol)
            symbol->message = item->message;
        declare_fields(x, item->message->fields, NULL);
        break;
    case BSTC_AST_ITEM_ACTOR:
        symbol = declare(x, BSTC_SYMBOL_ACTOR, &item->actor->name, item->span,
                         item->actor->doc);
        if (symbol)
            symbol->actor = item->actor;
        declare_fields(x, item->actor->state, item->actor);
        declare_fields(x, item->actor->args, item->actor);
        break;
    case BSTC_AST_ITEM_SUPERVISOR:
        declare_tree(x, item);
        break;
    case BSTC_AST_ITEM_CLUSTER:
        declare_cluster(x, item->cluster, item->span);
        break;
    case BSTC_AST_ITEM_USE:
    case BSTC_AST_ITEM_IMPORT:
    case BSTC_AST_ITEM_C:
    case BSTC_AST_ITEM_OUTSIDE:
    case BSTC_AST_ITEM_SETTING:
        break;
    }
}

/* ---- references ---------------------------------------------------------- */

/* A name that means a group, or else an actor. `children a` without `as`
 * makes a group as well, but one that has the symbol of the actor. */
static void mark_target(struct bstc_index *x, const struct bstc_ast_name *name)
{
    if (!name->text || strcmp(name->text, "self") == 0 ||
        strcmp(name->text, "sender") == 0)
        return;
    if (bstc_map_find(&x->names[BSTC_SYMBOL_GROUP],
                      bstc_map_name(name->text)) != BSTC_MAP_NONE)
        mark(x, BSTC_SYMBOL_GROUP, name);
    else
        mark(x, BSTC_SYMBOL_ACTOR, name);
}

static void mark_uses(struct bstc_index *x, const struct bstc_ast_use *use)
{
    for (; use; use = use->next) {
        for (const struct bstc_ast_target *t = use->targets; t; t = t->next) {
            mark_target(x, &t->who);
            mark(x, BSTC_SYMBOL_MESSAGE, &t->what);
        }
    }
}

static void mark_function(struct bstc_index *x,
                          const struct bstc_ast_impl *impl,
                          const struct bstc_ast_actor *owner,
                          const struct bstc_ast_handler *handler)
{
    struct bstc_symbol *symbol;

    if (impl->kind != BSTC_AST_IMPL_FUNCTION || !impl->function.text)
        return;
    mark(x, BSTC_SYMBOL_FUNCTION, &impl->function);
    symbol = &x->symbols[x->marks[x->nmarks - 1].symbol];
    if (!symbol->impl) {
        symbol->impl = impl;
        symbol->owner = owner;
        symbol->handler = handler;
        symbol->span = impl->function.span;
    }
}

static void mark_fields(struct bstc_index *x,
                        const struct bstc_ast_field *field)
{
    for (; field; field = field->next) {
        if (field->type.kind == BSTC_AST_TYPE_REF)
            mark(x, BSTC_SYMBOL_ACTOR, &field->type.name);
    }
}

static void mark_hooks(struct bstc_index *x, const struct bstc_ast_hook *hook)
{
    for (; hook; hook = hook->next)
        mark_function(x, &hook->impl, NULL, NULL);
}

static void mark_actor(struct bstc_index *x, const struct bstc_ast_actor *actor)
{
    mark_fields(x, actor->state);
    mark_fields(x, actor->args);
    for (const struct bstc_ast_handler *h = actor->handlers; h; h = h->next) {
        if (h->message.text && !bstc_is_builtin(h->message.text))
            mark(x, BSTC_SYMBOL_MESSAGE, &h->message);
        mark(x, BSTC_SYMBOL_MESSAGE, &h->emits);
        mark_uses(x, h->uses);
        mark_function(x, &h->impl, actor, h);
    }
}

static void mark_member(struct bstc_index *x, const struct bstc_ast_member *m)
{
    switch (m->kind) {
    case BSTC_AST_MEMBER_SUPERVISOR:
        mark_hooks(x, m->supervisor->hooks);
        break;
    case BSTC_AST_MEMBER_GROUP:
        mark(x, BSTC_SYMBOL_ACTOR, &m->group->actor);
        for (const struct bstc_ast_ident *n = m->group->at; n; n = n->next)
            mark(x, BSTC_SYMBOL_NODE, &n->name);
        mark_hooks(x, m->group->hooks);
        break;
    case BSTC_AST_MEMBER_LISTEN:
        mark_target(x, &m->listen->target);
        mark_hooks(x, m->listen->hooks);
        break;
    case BSTC_AST_MEMBER_STREAM:
        for (const struct bstc_ast_ident *n = m->stream->stages; n; n = n->next)
            mark_target(x, &n->name);
        mark_hooks(x, m->stream->hooks);
        break;
    }
}

static void mark_tree(struct bstc_index *x,
                      const struct bstc_ast_supervisor *ast)
{
    const struct bstc_ast_member *m;
    struct bstc_walk walk;

    mark_hooks(x, ast->hooks);
    bstc_walk_init(&walk, ast);
    while ((m = bstc_walk_next(&walk)) != NULL)
        mark_member(x, m);
}

static void mark_item(struct bstc_index *x, const struct bstc_ast_item *item)
{
    switch (item->kind) {
    case BSTC_AST_ITEM_MESSAGE:
        mark(x, BSTC_SYMBOL_MESSAGE, &item->message->answer);
        mark_fields(x, item->message->fields);
        break;
    case BSTC_AST_ITEM_ACTOR:
        mark_actor(x, item->actor);
        break;
    case BSTC_AST_ITEM_SUPERVISOR:
        mark_tree(x, item->supervisor);
        break;
    case BSTC_AST_ITEM_OUTSIDE:
        mark_uses(x, item->uses);
        break;
    case BSTC_AST_ITEM_USE:
    case BSTC_AST_ITEM_IMPORT:
    case BSTC_AST_ITEM_C:
    case BSTC_AST_ITEM_CLUSTER:
    case BSTC_AST_ITEM_SETTING:
        break;
    }
}

/* ---- the whole ----------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const struct bstc_span *x = &((const struct bstc_mark *)a)->span;
    const struct bstc_span *y = &((const struct bstc_mark *)b)->span;

    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return 0;
}

static void each_item(struct bstc_index *x,
                      void (*visit)(struct bstc_index *,
                                    const struct bstc_ast_item *))
{
    for (uint32_t i = 0; i < x->program->norder; i++) {
        const struct bstc_ast_file *file =
            x->program->files[x->program->order[i]].ast;

        for (const struct bstc_ast_item *t = file->items; t; t = t->next)
            visit(x, t);
    }
}

void bstc_index_init(struct bstc_index *index, struct bstc_program *program)
{
    *index = (struct bstc_index){.program = program,
                                 .arena = &program->context->arena};
    for (int i = 0; i < BSTC_SYMBOL_KINDS; i++)
        bstc_map_init(&index->names[i], index->arena);
    each_item(index, declare_item);
    each_item(index, mark_item);
    if (index->nmarks > 0)
        qsort(index->marks, index->nmarks, sizeof *index->marks, compare);
}
