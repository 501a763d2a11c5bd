#ifndef BSTC_LSP_CLIENT_H
#define BSTC_LSP_CLIENT_H

/*
 * What a client can do, as its `initialize` request says.
 *
 * Threads: one.
 */

#include "lsp/wire.h"

struct bstc_client {
    enum bstc_units encoding; /* the one of its list that costs least */
    bool knows_related;       /* diagnostics with further places */
    bool knows_links;         /* codes with a page about them */
    bool knows_tags;          /* diagnostics that dim what they mark */
    bool knows_versions;      /* diagnostics with the version they are of */
    bool knows_tree;          /* symbols within symbols */
    bool knows_changes;       /* edits with versions */
    bool knows_actions;       /* actions instead of commands */
    bool watches;             /* can be asked to watch files */
};

/** Reads the parameters of `initialize`. */
void bstc_client_read(struct bstc_client *client, const cJSON *params);

/** Makes the answer to it. */
cJSON *bstc_client_answer(const struct bstc_client *client);

/** Makes the parameters of the request to watch all .bst files. */
cJSON *bstc_client_watch(void);

#endif
