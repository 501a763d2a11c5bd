/*
 * Fixes of diagnostics as quick fixes, and all of a document at once.
 */

#include <string.h>

#include "lsp/features.h"
#include "lsp/publish.h"
#include "lsp/wire.h"

enum { MOST_FIXES = 200 };

/* Adds an edit of one document. */
static cJSON *make_workspace_edit(const struct bstc_view *view, cJSON *edits)
{
    cJSON *edit = cJSON_CreateObject();

    cJSON_AddItemToObject(cJSON_AddObjectToObject(edit, "changes"),
                          view->doc->uri, edits);
    return edit;
}

static cJSON *make_edit(const struct bstc_view *view,
                        const struct bstc_diag *diag)
{
    return bstc_wire_make_edit(bstc_view_range(view, diag->fix),
                               diag->fix_text);
}

/* Whether the client wants actions of a kind; without a list, of all. */
static bool wants(const struct bstc_request *request, const char *kind)
{
    const cJSON *only =
        bstc_wire_at(bstc_wire_at(request->params, "context"), "only");
    const cJSON *item;

    if (!only)
        return true;
    cJSON_ArrayForEach(item, only)
    {
        const char *name = cJSON_GetStringValue(item);
        size_t length = name ? strlen(name) : 0;

        if (name && strncmp(kind, name, length) == 0 &&
            (kind[length] == '\0' || kind[length] == '.' || length == 0))
            return true;
    }
    return false;
}

/* What is written, too, if it fits into a line. */
static const char *title_of(const struct bstc_view *view,
                            const struct bstc_diag *diag)
{
    enum { LONGEST = 40 };

    if (!*diag->fix_text || strlen(diag->fix_text) > LONGEST ||
        strchr(diag->fix_text, '\n'))
        return diag->fix_help;
    return bstc_arena_format(view->arena, "%s: write `%s`", diag->fix_help,
                             diag->fix_text);
}

static void add_fix(const struct bstc_request *request, cJSON *list,
                    const struct bstc_diag *diag)
{
    const struct bstc_view *view = &request->view;
    cJSON *action = cJSON_CreateObject();
    cJSON *edits = cJSON_CreateArray();

    bstc_json_add_exact(action, "title", title_of(view, diag));
    cJSON_AddStringToObject(action, "kind", "quickfix");
    cJSON_AddTrueToObject(action, "isPreferred");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(action, "diagnostics"),
                         bstc_publish_one(view->space, view->unit,
                                          request->client, diag, view->arena));
    cJSON_AddItemToArray(edits, make_edit(view, diag));
    cJSON_AddItemToObject(action, "edit", make_workspace_edit(view, edits));
    cJSON_AddItemToArray(list, action);
}

static bool meets(struct bstc_span span, uint32_t start, uint32_t end)
{
    return span.start <= end && start <= span.end;
}

/* All fixes that do not meet each other; they are sorted by the place of the
 * diagnostic, which is not always that of its fix. */
static void add_all(const struct bstc_request *request, cJSON *list)
{
    const struct bstc_view *view = &request->view;
    const struct bstc_diags *diags = &view->unit->context.diags;
    struct bstc_span taken[MOST_FIXES];
    uint32_t count = 0;
    cJSON *edits = cJSON_CreateArray();
    cJSON *action;

    for (uint32_t i = 0; i < diags->count && count < MOST_FIXES; i++) {
        const struct bstc_diag *diag = diags->items[i];
        bool is_free = diag->has_fix && diag->fix.file == view->file;

        for (uint32_t k = 0; k < count && is_free; k++)
            is_free = !meets(taken[k], diag->fix.start, diag->fix.end);
        if (!is_free)
            continue;
        taken[count++] = diag->fix;
        cJSON_AddItemToArray(edits, make_edit(view, diag));
    }
    if (count == 0) {
        cJSON_Delete(edits);
        return;
    }
    action = cJSON_CreateObject();
    cJSON_AddStringToObject(action, "title", "Apply all fixes of bastionc");
    cJSON_AddStringToObject(action, "kind", "source.fixAll");
    cJSON_AddItemToObject(action, "edit", make_workspace_edit(view, edits));
    cJSON_AddItemToArray(list, action);
}

cJSON *bstc_lsp_actions(struct bstc_request *request)
{
    const struct bstc_view *view = &request->view;
    const struct bstc_diags *diags = &view->unit->context.diags;
    enum bstc_units units = view->space->encoding;
    struct bstc_lsp_range range;
    uint32_t start;
    uint32_t end;
    cJSON *list;

    if (!bstc_wire_range(bstc_wire_at(request->params, "range"), &range) ||
        !request->client->knows_actions)
        return NULL;
    start = bstc_lsp_offset(view->source, range.start, units);
    end = bstc_lsp_offset(view->source, range.end, units);
    list = cJSON_CreateArray();
    for (uint32_t i = 0; i < diags->count && wants(request, "quickfix"); i++) {
        const struct bstc_diag *diag = diags->items[i];

        if (diag->has_fix && diag->fix.file == view->file &&
            diag->primary.span.file == view->file &&
            meets(diag->primary.span, start, end))
            add_fix(request, list, diag);
    }
    if (wants(request, "source.fixAll"))
        add_all(request, list);
    return list;
}
