#ifndef BSTC_LSP_FEATURES_H
#define BSTC_LSP_FEATURES_H

/*
 * The requests about documents. Each function gets a view of the document, at
 * the position if the request has one, and returns the result; NULL is null.
 *
 * Threads: one.
 */

#include "lsp/client.h"
#include "lsp/space.h"

struct bstc_request {
    struct bstc_view view;
    const struct bstc_client *client;
    const cJSON *params;
    const char *refusal; /* set: the request fails, for this reason */
};

cJSON *bstc_lsp_hover(struct bstc_request *request);
cJSON *bstc_lsp_definition(struct bstc_request *request);
cJSON *bstc_lsp_references(struct bstc_request *request);
cJSON *bstc_lsp_highlight(struct bstc_request *request);
cJSON *bstc_lsp_complete(struct bstc_request *request);
cJSON *bstc_lsp_prepare_rename(struct bstc_request *request);
cJSON *bstc_lsp_rename(struct bstc_request *request);
cJSON *bstc_lsp_format(struct bstc_request *request);
cJSON *bstc_lsp_symbols(struct bstc_request *request);
cJSON *bstc_lsp_folds(struct bstc_request *request);
cJSON *bstc_lsp_tokens(struct bstc_request *request);
cJSON *bstc_lsp_actions(struct bstc_request *request);

/** Returns what people see of a symbol: its declaration, its comment and who
 * uses it, as Markdown. */
const char *bstc_lsp_describe(const struct bstc_view *view,
                              const struct bstc_symbol *symbol);

#endif
