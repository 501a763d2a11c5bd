/*
 * What the methods mean: a table of requests, and one of notifications.
 */

#include <string.h>

#include "lsp/features.h"
#include "lsp/server.h"
#include "lsp/uri.h"

/* ---- life cycle ---------------------------------------------------------- */

static void add_folder(struct bstc_lsp *lsp, struct bstc_texts *folders,
                       const char *uri)
{
    const char *path = uri ? bstc_uri_path(&lsp->arena, uri) : NULL;

    if (path)
        folders->items[folders->count++] = bstc_real_path(&lsp->arena, path);
}

static void read_folders(struct bstc_lsp *lsp, const cJSON *params)
{
    const cJSON *list = bstc_wire_at(params, "workspaceFolders");
    struct bstc_texts *folders = &lsp->space.folders;
    const cJSON *item;

    folders->items =
        bstc_arena_array(&lsp->arena, (size_t)cJSON_GetArraySize(list) + 1,
                         sizeof *folders->items);
    cJSON_ArrayForEach(item, list)
        add_folder(lsp, folders, bstc_wire_text(item, "uri"));
    if (folders->count == 0)
        add_folder(lsp, folders, bstc_wire_text(params, "rootUri"));
}

static void initialize(struct bstc_lsp *lsp, const cJSON *id,
                       const cJSON *params)
{
    bstc_client_read(&lsp->client, params);
    lsp->space.encoding = lsp->client.encoding;
    read_folders(lsp, params);
    lsp->state = BSTC_SERVER_RUNS;
    bstc_server_answer(lsp, id, bstc_client_answer(&lsp->client));
}

static void shut_down(struct bstc_lsp *lsp, const cJSON *id)
{
    lsp->state = BSTC_SERVER_STOPS;
    lsp->status = 0;
    bstc_server_answer(lsp, id, NULL);
}

/* ---- requests ------------------------------------------------------------ */

static const struct method {
    const char *name;
    cJSON *(*answer)(struct bstc_request *request);
    bool has_position;
} methods[] = {
    {"textDocument/hover", bstc_lsp_hover, true},
    {"textDocument/definition", bstc_lsp_definition, true},
    {"textDocument/references", bstc_lsp_references, true},
    {"textDocument/documentHighlight", bstc_lsp_highlight, true},
    {"textDocument/completion", bstc_lsp_complete, true},
    {"textDocument/prepareRename", bstc_lsp_prepare_rename, true},
    {"textDocument/rename", bstc_lsp_rename, true},
    {"textDocument/formatting", bstc_lsp_format, false},
    {"textDocument/documentSymbol", bstc_lsp_symbols, false},
    {"textDocument/foldingRange", bstc_lsp_folds, false},
    {"textDocument/semanticTokens/full", bstc_lsp_tokens, false},
    {"textDocument/codeAction", bstc_lsp_actions, false},
};

static const struct method *find_method(const char *name)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(methods[i].name, name) == 0)
            return &methods[i];
    }
    return NULL;
}

static struct bstc_document *document_of(const struct bstc_lsp *lsp,
                                         const cJSON *params)
{
    const char *uri =
        bstc_wire_text(bstc_wire_at(params, "textDocument"), "uri");

    return uri ? bstc_docs_find(&lsp->space.docs, uri) : NULL;
}

/* Answers a request about a document with the arena of the request. */
static void answer_in(struct bstc_lsp *lsp, struct bstc_arena *arena,
                      const cJSON *id, const struct method *method,
                      const cJSON *params)
{
    struct bstc_request request = {.client = &lsp->client, .params = params};
    struct bstc_document *doc = document_of(lsp, params);
    struct bstc_lsp_position at = {0, 0};
    cJSON *result;

    if (!doc) {
        bstc_server_fail(lsp, id, BSTC_INVALID_PARAMS,
                         "the document is not open");
        return;
    }
    if (method->has_position &&
        !bstc_wire_position(bstc_wire_at(params, "position"), &at)) {
        bstc_server_fail(lsp, id, BSTC_INVALID_PARAMS, "there is no position");
        return;
    }
    if (!bstc_view_init(&request.view, &lsp->space, doc, arena)) {
        bstc_server_answer(lsp, id, NULL);
        return;
    }
    request.view.offset =
        bstc_lsp_offset(request.view.source, at, lsp->space.encoding);
    result = method->answer(&request);
    if (request.refusal)
        bstc_server_fail(lsp, id, BSTC_REQUEST_FAILED, request.refusal);
    else
        bstc_server_answer(lsp, id, result);
}

static void answer(struct bstc_lsp *lsp, const cJSON *id,
                   const struct method *method, const cJSON *params)
{
    struct bstc_arena arena;

    bstc_arena_init(&arena);
    answer_in(lsp, &arena, id, method, params);
    bstc_arena_fini(&arena);
}

void bstc_server_request(struct bstc_lsp *lsp, const cJSON *id,
                         const char *method, const cJSON *params)
{
    bool is_first = strcmp(method, "initialize") == 0;
    const struct method *known;

    if (lsp->state == BSTC_SERVER_STOPS) {
        bstc_server_fail(lsp, id, BSTC_INVALID_REQUEST,
                         "the server is shut down");
    } else if (lsp->state == BSTC_SERVER_NEW && !is_first) {
        bstc_server_fail(lsp, id, BSTC_NOT_INITIALIZED,
                         "the first request must be `initialize`");
    } else if (is_first && lsp->state != BSTC_SERVER_NEW) {
        bstc_server_fail(lsp, id, BSTC_INVALID_REQUEST,
                         "`initialize` came before");
    } else if (is_first) {
        initialize(lsp, id, params);
    } else if (strcmp(method, "shutdown") == 0) {
        shut_down(lsp, id);
    } else if ((known = find_method(method)) != NULL) {
        answer(lsp, id, known, params);
    } else {
        bstc_server_fail(lsp, id, BSTC_METHOD_NOT_FOUND,
                         "the method is not known");
    }
}

/* ---- notifications ------------------------------------------------------- */

static void set_version(struct bstc_document *doc, const cJSON *node)
{
    const cJSON *version = bstc_wire_at(node, "version");

    doc->has_version = cJSON_IsNumber(version);
    doc->version = doc->has_version ? version->valuedouble : 0;
}

static void did_open(struct bstc_lsp *lsp, const cJSON *params)
{
    const cJSON *item = bstc_wire_at(params, "textDocument");
    const char *uri = bstc_wire_text(item, "uri");
    const char *text = bstc_wire_text(item, "text");

    if (!uri || !text)
        return;
    set_version(bstc_docs_open(&lsp->space.docs, uri, text), item);
    bstc_space_reordered(&lsp->space);
}

static void did_change(struct bstc_lsp *lsp, const cJSON *params)
{
    struct bstc_document *doc = document_of(lsp, params);

    if (!doc)
        return;
    bstc_doc_edit(doc, bstc_wire_at(params, "contentChanges"),
                  lsp->space.encoding);
    set_version(doc, bstc_wire_at(params, "textDocument"));
    bstc_space_changed(&lsp->space, doc);
}

static void did_close(struct bstc_lsp *lsp, const cJSON *params)
{
    struct bstc_document *doc = document_of(lsp, params);

    if (doc)
        bstc_docs_close(&lsp->space.docs, doc);
    bstc_space_reordered(&lsp->space);
}

/* What was saved, or has changed, may be imported by anything. */
static void files_changed(struct bstc_lsp *lsp, const cJSON *params)
{
    (void)params;
    bstc_space_reordered(&lsp->space);
}

static void initialized(struct bstc_lsp *lsp, const cJSON *params)
{
    (void)params;
    if (lsp->client.watches)
        bstc_server_ask(lsp, "client/registerCapability", bstc_client_watch());
}

static const struct {
    const char *name;
    void (*take)(struct bstc_lsp *lsp, const cJSON *params);
} notes[] = {
    {"initialized", initialized},
    {"textDocument/didOpen", did_open},
    {"textDocument/didChange", did_change},
    {"textDocument/didClose", did_close},
    {"textDocument/didSave", files_changed},
    {"workspace/didChangeWatchedFiles", files_changed},
};

void bstc_server_note(struct bstc_lsp *lsp, const char *method,
                      const cJSON *params)
{
    if (strcmp(method, "exit") == 0) {
        lsp->state = BSTC_SERVER_ENDED;
        return;
    }
    if (lsp->state != BSTC_SERVER_RUNS)
        return;
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
        if (strcmp(notes[i].name, method) != 0)
            continue;
        notes[i].take(lsp, params);
        lsp->is_unpublished = true;
        return;
    }
}
