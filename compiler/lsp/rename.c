/*
 * Renaming what a .bst declares.
 *
 * A new name is tried before it is given out: the edited texts are compiled
 * as if they had been saved, and a rename that would add an error is refused
 * with that error. So whatever the checks know of names holds here as well.
 */

#include <string.h>

#include "lsp/features.h"
#include "lsp/occur.h"
#include "lsp/wire.h"
#include "names.h"

#define MAX_NAME 255

static bool refuse(struct bstc_request *request, const char *why)
{
    request->refusal = why;
    return false;
}

/* Returns the symbol at the position, or NULL if it cannot be renamed. */
static const struct bstc_symbol *symbol_at(struct bstc_request *request,
                                           const struct bstc_mark **mark)
{
    const struct bstc_view *view = &request->view;
    const struct bstc_symbol *symbol;

    *mark = bstc_index_at(view->index, view->file, view->offset);
    if (!*mark) {
        refuse(request, "there is no name that could be changed");
        return NULL;
    }
    symbol = &view->index->symbols[(*mark)->symbol];
    if (symbol->kind == BSTC_SYMBOL_FUNCTION ||
        symbol->kind == BSTC_SYMBOL_FIELD)
        refuse(request, "functions and fields are used from C and cannot be "
                        "renamed here");
    else if (!bstc_symbol_is_declared(symbol))
        refuse(request, "the name is not declared");
    return request->refusal ? NULL : symbol;
}

cJSON *bstc_lsp_prepare_rename(struct bstc_request *request)
{
    const struct bstc_mark *mark;
    const struct bstc_symbol *symbol = symbol_at(request, &mark);
    cJSON *result;

    if (!symbol)
        return NULL;
    result = cJSON_CreateObject();
    cJSON_AddItemToObject(
        result, "range",
        bstc_wire_make_range(bstc_view_range(&request->view, mark->span)));
    cJSON_AddStringToObject(result, "placeholder", symbol->name);
    return result;
}

/* ---- whether a name will do ---------------------------------------------- */

/* Whether two kinds of names must differ: a group and an actor of one name
 * would change what `sends` means. */
static bool share_names(enum bstc_symbol_kind a, enum bstc_symbol_kind b)
{
    bool a_is_sent_to = a <= BSTC_SYMBOL_GROUP;
    bool b_is_sent_to = b <= BSTC_SYMBOL_GROUP;

    return a == b || (a_is_sent_to && b_is_sent_to);
}

static bool is_taken(struct bstc_request *request,
                     const struct bstc_index *index, enum bstc_symbol_kind kind,
                     const char *name)
{
    for (int other = 0; other < BSTC_SYMBOL_FUNCTION; other++) {
        enum bstc_symbol_kind theirs = (enum bstc_symbol_kind)other;
        const struct bstc_symbol *symbol = bstc_index_find(index, theirs, name);

        if (!symbol || !share_names(kind, theirs))
            continue;
        request->refusal =
            bstc_arena_format(request->view.arena, "there is %s `%s` already",
                              bstc_symbol_word(theirs), name);
        return true;
    }
    return false;
}

static bool is_good_name(struct bstc_request *request,
                         enum bstc_symbol_kind kind, const char *name)
{
    size_t length = strlen(name);

    if (length > MAX_NAME || !bstc_name_is_identifier(name))
        return refuse(request, "a name is letters, digits and `_`, does not "
                               "begin with a digit, and has at most 255 bytes");
    if (bstc_token_is_reserved(bstc_token_keyword(name, length)))
        return refuse(request, "a reserved word cannot be a name");
    if (kind == BSTC_SYMBOL_MESSAGE && bstc_is_builtin(name))
        return refuse(request, "that is a message of the language itself");
    if (strcmp(name, "self") == 0 || strcmp(name, "sender") == 0)
        return refuse(request, "the word has a meaning in `sends`");
    return true;
}

/* ---- trying it ----------------------------------------------------------- */

/* Puts the name into all places, last ones first, so that the others stay
 * where they are. */
static void edit_all(struct bstc_space *trial, const struct bstc_view *view,
                     const struct bstc_occurrences *found, const char *name)
{
    for (uint32_t i = found->count; i-- > 0;) {
        const struct bstc_occurrence *place = &found->items[i];
        const char *uri = bstc_occurrence_uri(view, place);
        struct bstc_document *doc = bstc_docs_find(&trial->docs, uri);

        if (!doc)
            doc = bstc_docs_open(
                &trial->docs, uri,
                place->unit->context.sources.items[place->span.file]->text);
        bstc_doc_replace(doc, place->span.start, place->span.end, name);
    }
}

static const struct bstc_diag *first_error(const struct bstc_unit *unit)
{
    const struct bstc_diags *diags = &unit->context.diags;

    for (uint32_t i = 0; i < diags->count; i++) {
        if (diags->items[i]->severity == BSTC_ERROR)
            return diags->items[i];
    }
    return NULL;
}

/* Returns what is wrong with a program after the change, or NULL. */
static const char *compare(const struct bstc_view *view,
                           const struct bstc_unit *after)
{
    const struct bstc_unit *before = view->space->units;
    const struct bstc_diag *error;

    while (before && strcmp(before->root, after->root) != 0)
        before = before->next;
    if (!before || after->context.diags.errors <= before->context.diags.errors)
        return NULL;
    error = first_error(after);
    return bstc_arena_format(view->arena, "that would be an error: %s (%s)",
                             error ? error->message : "too many",
                             error ? error->code : "E0001");
}

static bool is_harmless(struct bstc_request *request,
                        const struct bstc_occurrences *found, const char *name)
{
    const struct bstc_view *view = &request->view;
    struct bstc_space trial;

    bstc_space_init(&trial, view->space->options);
    trial.folders = view->space->folders;
    trial.is_stale = true;
    for (struct bstc_document *d = view->space->docs.first; d; d = d->next)
        bstc_docs_open(&trial.docs, d->uri, d->source->text);
    edit_all(&trial, view, found, name);
    bstc_space_refresh(&trial);
    for (struct bstc_unit *u = trial.units; u && !request->refusal; u = u->next)
        request->refusal = compare(view, u);
    bstc_space_fini(&trial);
    return request->refusal == NULL;
}

static bool will_do(struct bstc_request *request,
                    const struct bstc_symbol *symbol,
                    const struct bstc_occurrences *found, const char *name)
{
    if (!name)
        return refuse(request, "there is no new name");
    if (strcmp(name, symbol->name) == 0)
        return true;
    if (!is_good_name(request, symbol->kind, name))
        return false;
    for (uint32_t i = 0; i < found->count; i++) {
        struct bstc_unit *unit = found->items[i].unit;

        if (unit->is_broken)
            return refuse(request, "a file of the program has syntax errors");
        if (i > 0 && found->items[i - 1].unit == unit)
            continue;
        if (is_taken(request, bstc_unit_index(unit), symbol->kind, name))
            return false;
    }
    return is_harmless(request, found, name);
}

/* ---- the edit ------------------------------------------------------------ */

/* Adds the edits of one file, which begin with number `first`; returns the
 * number of the first one of the next file. */
static uint32_t add_file(const struct bstc_request *request, cJSON *changes,
                         const struct bstc_occurrences *found, uint32_t first,
                         const char *name)
{
    const struct bstc_view *view = &request->view;
    const char *uri = bstc_occurrence_uri(view, &found->items[first]);
    const struct bstc_document *doc = bstc_docs_find(&view->space->docs, uri);
    cJSON *edits = cJSON_CreateArray();
    uint32_t i = first;

    for (; i < found->count &&
           strcmp(found->items[i].real, found->items[first].real) == 0;
         i++)
        cJSON_AddItemToArray(
            edits, bstc_wire_make_edit(
                       bstc_occurrence_range(view, &found->items[i]), name));
    if (request->client->knows_changes) {
        cJSON *change = cJSON_CreateObject();
        cJSON *which = cJSON_AddObjectToObject(change, "textDocument");

        bstc_json_add_exact(which, "uri", uri);
        if (doc && doc->has_version)
            cJSON_AddNumberToObject(which, "version", doc->version);
        else
            cJSON_AddNullToObject(which, "version");
        cJSON_AddItemToObject(change, "edits", edits);
        cJSON_AddItemToArray(changes, change);
    } else {
        cJSON_AddItemToObject(changes, uri, edits);
    }
    return i;
}

cJSON *bstc_lsp_rename(struct bstc_request *request)
{
    const char *name = bstc_wire_text(request->params, "newName");
    const struct bstc_mark *mark;
    const struct bstc_symbol *symbol = symbol_at(request, &mark);
    struct bstc_occurrences found;
    cJSON *result;
    cJSON *changes;

    if (!symbol)
        return NULL;
    bstc_occurrences_init(&found, &request->view, true);
    if (!will_do(request, symbol, &found, name))
        return NULL;
    result = cJSON_CreateObject();
    changes = request->client->knows_changes
                  ? cJSON_AddArrayToObject(result, "documentChanges")
                  : cJSON_AddObjectToObject(result, "changes");
    for (uint32_t i = 0; i < found.count;)
        i = add_file(request, changes, &found, i, name);
    return result;
}
