/*
 * Completion: offer.c says what kind of thing can stand at the place, and
 * here are the candidates of each kind.
 */

#include <string.h>

#include "fields.h"
#include "lsp/offer.h"
#include "lsp/features.h"
#include "lsp/values.h"
#include "lsp/wire.h"
#include "lsp/words.h"

/* Kinds of the protocol. */
enum kind {
    KIND_FUNCTION = 3,
    KIND_VARIABLE = 6,
    KIND_CLASS = 7,
    KIND_MODULE = 9,
    KIND_PROPERTY = 10,
    KIND_KEYWORD = 14,
    KIND_ENUM_MEMBER = 20,
    KIND_STRUCT = 22,
    KIND_EVENT = 23,
    KIND_TYPE = 25
};

/* With more candidates, only their comments are sent along. */
enum { MOST_DESCRIBED = 200 };

struct completer {
    const struct bstc_view *view;
    const struct bstc_place_context *place;
    const struct bstc_atoms *atoms;
    cJSON *items;
    bool describes; /* few enough candidates to describe them all */
};

static void add(const struct completer *c, const char *label, enum kind kind,
                const char *detail, const char *doc)
{
    const struct bstc_view *view = c->view;
    cJSON *item = cJSON_CreateObject();
    struct bstc_lsp_range range = bstc_lsp_range(
        view->source, c->place->start, c->place->end, view->space->encoding);

    bstc_json_add_exact(item, "label", label);
    cJSON_AddNumberToObject(item, "kind", (int)kind);
    if (detail && *detail)
        bstc_json_add_exact(item, "detail", detail);
    if (doc)
        cJSON_AddItemToObject(item, "documentation",
                              bstc_wire_make_markdown(doc));
    cJSON_AddItemToObject(item, "textEdit", bstc_wire_make_edit(range, label));
    cJSON_AddItemToArray(c->items, item);
}

static void add_keyword(const struct completer *c, int token)
{
    const struct bstc_word *word;

    for (uint32_t i = 0; (word = bstc_word_at(i)) != NULL; i++) {
        if (word->kind == BSTC_WORD_KEYWORD && word->token == token)
            add(c, word->text, KIND_KEYWORD, NULL, word->doc);
    }
}

static void add_keywords(const struct completer *c, const int *tokens)
{
    for (; *tokens != BSTC_TOKEN_EOF; tokens++)
        add_keyword(c, *tokens);
}

static void add_words(const struct completer *c, enum bstc_word_kind kind)
{
    const struct bstc_word *word;

    for (uint32_t i = 0; (word = bstc_word_at(i)) != NULL; i++) {
        if (word->kind == kind)
            add(c, word->text, KIND_EVENT, NULL, word->doc);
    }
}

/* ---- what was declared --------------------------------------------------- */

static void add_symbol(const struct completer *c,
                       const struct bstc_symbol *symbol, enum kind kind)
{
    add(c, symbol->name, kind, bstc_symbol_word(symbol->kind),
        c->describes ? bstc_lsp_describe(c->view, symbol)
                     : bstc_symbol_doc(symbol));
}

static void add_symbols(const struct completer *c, enum bstc_symbol_kind which,
                        enum kind kind)
{
    const struct bstc_index *index = c->view->index;

    for (uint32_t i = 0; i < index->nsymbols; i++) {
        const struct bstc_symbol *symbol = &index->symbols[i];

        if (symbol->kind == which && bstc_symbol_is_declared(symbol))
            add_symbol(c, symbol, kind);
    }
}

static bool is_group_of_its_actor(const struct bstc_index *index,
                                  const char *actor)
{
    const struct bstc_program *program = index->program;

    for (uint32_t i = 0; i < program->ngroups; i++) {
        if (program->groups[i].ast->name.text == actor)
            return true;
    }
    return false;
}

/* Groups, also those that have the name of their actor. */
static void add_groups(const struct completer *c)
{
    const struct bstc_index *index = c->view->index;

    add_symbols(c, BSTC_SYMBOL_GROUP, KIND_VARIABLE);
    for (uint32_t i = 0; i < index->nsymbols; i++) {
        const struct bstc_symbol *symbol = &index->symbols[i];

        if (symbol->kind == BSTC_SYMBOL_ACTOR &&
            bstc_symbol_is_declared(symbol) &&
            is_group_of_its_actor(index, symbol->name))
            add_symbol(c, symbol, KIND_VARIABLE);
    }
}

static void add_targets(const struct completer *c)
{
    add_symbols(c, BSTC_SYMBOL_GROUP, KIND_VARIABLE);
    add_symbols(c, BSTC_SYMBOL_ACTOR, KIND_CLASS);
    if (c->place->actor) {
        add(c, "self", KIND_KEYWORD, NULL,
            "The process that runs the handler.");
        add(c, "sender", KIND_KEYWORD, NULL,
            "Whoever sent the message that is being handled.");
    }
}

static bool is_question(const struct completer *c, const char *message)
{
    const struct bstc_symbol *symbol =
        bstc_index_find(c->view->index, BSTC_SYMBOL_MESSAGE, message);

    return symbol && symbol->message && symbol->message->answer.text;
}

/* What the target handles; of a `sender`, whatever there is. */
static void add_understood(const struct completer *c)
{
    const struct bstc_place_context *place = c->place;
    const char *who = place->who;
    const struct bstc_ast_actor *actor;

    if (strcmp(who, "self") == 0 && place->actor)
        who = place->actor;
    actor = bstc_index_target(c->view->index, who);
    if (!actor) {
        add_symbols(c, BSTC_SYMBOL_MESSAGE, KIND_STRUCT);
        return;
    }
    for (const struct bstc_ast_handler *h = actor->handlers; h; h = h->next) {
        const char *name = h->message.text;
        const struct bstc_symbol *symbol;

        if (!name || (place->casts && !h->broadcast) ||
            (place->asks && !is_question(c, name)))
            continue;
        symbol = bstc_index_find(c->view->index, BSTC_SYMBOL_MESSAGE, name);
        if (symbol && bstc_symbol_is_declared(symbol))
            add_symbol(c, symbol, KIND_STRUCT);
    }
}

/* `counter_add`, after the actor and the message. */
static void add_functions(const struct completer *c)
{
    const struct bstc_place_context *place = c->place;
    const struct bstc_atom *head = place->first;
    const char *stem = NULL;

    while (head && head->kind != BSTC_TOKEN_ON)
        head = bstc_atoms_next(c->atoms, head);
    if (head)
        head = bstc_atoms_next(c->atoms, head);
    if (head && head->kind == BSTC_TOKEN_HASH)
        head = bstc_atoms_next(c->atoms, head);
    if (head)
        stem = head->text;
    if (place->actor && stem)
        add(c, bstc_arena_format(c->view->arena, "%s_%s", place->actor, stem),
            KIND_FUNCTION, "function in C", NULL);
}

/* ---- settings ------------------------------------------------------------ */

static void add_settings(const struct completer *c, enum bstc_block block)
{
    unsigned where = bstc_block_where(block);

    for (int i = 0; i < BSTC_SETTING_COUNT; i++) {
        const struct bstc_setting_info *info =
            bstc_setting_info((enum bstc_setting)i);

        if (info->where & where)
            add(c, info->name, KIND_PROPERTY, info->args,
                bstc_word_setting_doc(info, c->view->arena));
    }
}

static void add_value(void *arg, const char *word, size_t length)
{
    const struct completer *c = arg;

    add(c, bstc_arena_copy(c->view->arena, word, length), KIND_ENUM_MEMBER,
        c->place->first->text, NULL);
}

static void add_values(struct completer *c)
{
    const struct bstc_atom *atom = c->place->first;
    const struct bstc_setting_info *setting =
        bstc_word_setting(atom->text, bstc_block_where(atom->block));
    const char **words = bstc_arena_array(
        c->view->arena, (size_t)(c->place->last - atom) + 1, sizeof *words);
    size_t count = 0;

    while (atom != c->place->last && (atom = bstc_atoms_next(c->atoms, atom)))
        words[count++] = atom->text;
    if (setting)
        bstc_values_next(setting, words, count, add_value, c);
}

/* ---- by place ------------------------------------------------------------ */

static void add_types(const struct completer *c)
{
    static const int words[] = {BSTC_TOKEN_REF, BSTC_TOKEN_STRUCT,
                                BSTC_TOKEN_UNION, BSTC_TOKEN_ENUM,
                                BSTC_TOKEN_EOF};
    static const int keeps[] = {BSTC_TOKEN_KEEP, BSTC_TOKEN_PERSIST,
                                BSTC_TOKEN_EOF};
    const struct bstc_type *type;

    for (uint32_t i = 0; (type = bstc_type_at(i)) != NULL; i++) {
        if (type->class != BSTC_TYPE_OWNED ||
            c->place->block == BSTC_BLOCK_MESSAGE)
            add(c, type->name, KIND_TYPE, type->c, NULL);
    }
    add_keywords(c, words);
    if (c->place->block == BSTC_BLOCK_STATE && !c->place->first)
        add_keywords(c, keeps);
}

static void add_statements(const struct completer *c)
{
    static const int in_file[] = {
        BSTC_TOKEN_USE,        BSTC_TOKEN_IMPORT,  BSTC_TOKEN_MESSAGE,
        BSTC_TOKEN_ACTOR,      BSTC_TOKEN_OUTSIDE, BSTC_TOKEN_C,
        BSTC_TOKEN_SUPERVISOR, BSTC_TOKEN_CLUSTER, BSTC_TOKEN_EOF};
    static const int in_actor[] = {
        BSTC_TOKEN_STATE, BSTC_TOKEN_ARGS,     BSTC_TOKEN_ON,  BSTC_TOKEN_EVERY,
        BSTC_TOKEN_IDLE,  BSTC_TOKEN_BLOCKING, BSTC_TOKEN_RUN, BSTC_TOKEN_EOF};
    static const int in_supervisor[] = {
        BSTC_TOKEN_CHILDREN, BSTC_TOKEN_SUPERVISOR, BSTC_TOKEN_LISTEN,
        BSTC_TOKEN_STREAM,   BSTC_TOKEN_ON,         BSTC_TOKEN_EOF};
    static const int in_group[] = {BSTC_TOKEN_ON, BSTC_TOKEN_EOF};
    static const int in_cluster[] = {BSTC_TOKEN_NODE, BSTC_TOKEN_EOF};
    static const int nothing[] = {BSTC_TOKEN_EOF};
    static const int *const words[] = {[BSTC_BLOCK_FILE] = in_file,
                                       [BSTC_BLOCK_MESSAGE] = nothing,
                                       [BSTC_BLOCK_ACTOR] = in_actor,
                                       [BSTC_BLOCK_STATE] = nothing,
                                       [BSTC_BLOCK_ARGS] = nothing,
                                       [BSTC_BLOCK_SUPERVISOR] = in_supervisor,
                                       [BSTC_BLOCK_GROUP] = in_group,
                                       [BSTC_BLOCK_STREAM] = in_group,
                                       [BSTC_BLOCK_CLUSTER] = in_cluster,
                                       [BSTC_BLOCK_UNKNOWN] = nothing};

    add_keywords(c, words[c->place->block]);
    add_settings(c, c->place->block);
}

static void add_uses(const struct completer *c)
{
    static const int words[] = {BSTC_TOKEN_SENDS, BSTC_TOKEN_ASKS,
                                BSTC_TOKEN_SPAWNS, BSTC_TOKEN_EOF};

    if (c->place->asks)
        add_keyword(c, BSTC_TOKEN_WITHIN);
    add_keywords(c, words);
    if (c->place->first->kind == BSTC_TOKEN_OUTSIDE)
        return;
    add(c, "=>", KIND_KEYWORD, NULL, "Handles: a function, or C in braces.");
    add(c, "=!>", KIND_KEYWORD, NULL, "Answers a question.");
}

static void add_strategies(const struct completer *c)
{
    add(c, "one-for-one", KIND_ENUM_MEMBER, NULL,
        "Restarts the child that has failed.");
    add(c, "one-for-all", KIND_ENUM_MEMBER, NULL, "Restarts all children.");
    add(c, "rest-for-one", KIND_ENUM_MEMBER, NULL,
        "Restarts the child that has failed, and those that started after "
        "it.");
}

static void add_group_words(const struct completer *c)
{
    static const int words[] = {BSTC_TOKEN_AS, BSTC_TOKEN_DYNAMIC,
                                BSTC_TOKEN_AT, BSTC_TOKEN_EOF};

    add_keywords(c, words);
}

static void offer(struct completer *c)
{
    switch (c->place->offer) {
    case BSTC_OFFER_NOTHING:
        break;
    case BSTC_OFFER_STATEMENT:
        add_statements(c);
        break;
    case BSTC_OFFER_TYPE:
        add_types(c);
        break;
    case BSTC_OFFER_ACTOR:
        add_symbols(c, BSTC_SYMBOL_ACTOR, KIND_CLASS);
        break;
    case BSTC_OFFER_GROUP:
        add_groups(c);
        break;
    case BSTC_OFFER_EVENT:
        add_words(c, BSTC_WORD_EVENT);
        add_symbols(c, BSTC_SYMBOL_MESSAGE, KIND_STRUCT);
        break;
    case BSTC_OFFER_MESSAGE:
        add_symbols(c, BSTC_SYMBOL_MESSAGE, KIND_STRUCT);
        break;
    case BSTC_OFFER_HOOK:
        add_words(c, BSTC_WORD_HOOK);
        break;
    case BSTC_OFFER_TARGET:
        add_targets(c);
        break;
    case BSTC_OFFER_UNDERSTOOD:
        add_understood(c);
        break;
    case BSTC_OFFER_FUNCTION:
        add_functions(c);
        break;
    case BSTC_OFFER_STRATEGY:
        add_strategies(c);
        break;
    case BSTC_OFFER_NODE:
        add_symbols(c, BSTC_SYMBOL_NODE, KIND_MODULE);
        break;
    case BSTC_OFFER_GROUP_WORD:
        add_group_words(c);
        break;
    case BSTC_OFFER_USE:
        add_uses(c);
        break;
    case BSTC_OFFER_ON:
        add_keyword(c, BSTC_TOKEN_ON);
        break;
    case BSTC_OFFER_MAX:
        add(c, "max", KIND_KEYWORD, NULL,
            "The most children of a dynamic group.");
        break;
    case BSTC_OFFER_VALUE:
        add_values(c);
        break;
    }
}

cJSON *bstc_lsp_complete(struct bstc_request *request)
{
    const struct bstc_view *view = &request->view;
    cJSON *list = cJSON_CreateObject();
    struct bstc_place_context place;
    struct bstc_context scratch;
    struct bstc_atoms atoms;
    struct completer c = {.view = view, .place = &place, .atoms = &atoms};

    bstc_context_init(&scratch);
    bstc_atoms_init(&atoms, &scratch, view->source);
    bstc_place_context_init(&place, &atoms, view->offset);
    cJSON_AddFalseToObject(list, "isIncomplete");
    c.items = cJSON_AddArrayToObject(list, "items");
    c.describes = view->index->nsymbols <= MOST_DESCRIBED;
    offer(&c);
    bstc_context_fini(&scratch);
    return list;
}
