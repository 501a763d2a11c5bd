#ifndef BSTC_LSP_SERVER_H
#define BSTC_LSP_SERVER_H

/*
 * The inside of a server: server.c holds the queue and talks to the client,
 * dispatch.c knows what each method means.
 *
 * Threads: one.
 */

#include "lsp/client.h"
#include "lsp/frame.h"
#include "lsp/lsp.h"
#include "lsp/publish.h"
#include "lsp/space.h"

/** Codes of failed requests, of JSON-RPC and of the protocol. */
enum bstc_failure {
    BSTC_PARSE_ERROR = -32700,
    BSTC_INVALID_REQUEST = -32600,
    BSTC_METHOD_NOT_FOUND = -32601,
    BSTC_INVALID_PARAMS = -32602,
    BSTC_NOT_INITIALIZED = -32002,
    BSTC_REQUEST_FAILED = -32803,
    BSTC_CANCELLED = -32800
};

enum bstc_server_state {
    BSTC_SERVER_NEW, /* waits for `initialize` */
    BSTC_SERVER_RUNS,
    BSTC_SERVER_STOPS, /* `shutdown` was answered */
    BSTC_SERVER_ENDED
};

/** A message that waits for its turn. */
struct bstc_waiting {
    cJSON *message;
    bool is_cancelled;
    struct bstc_waiting *next;
};

struct bstc_lsp {
    bstc_lsp_write_fn *write;
    void *arg;
    struct bstc_arena arena; /* lives as long as the server */
    struct bstc_frames frames;
    struct bstc_waiting *queue;
    struct bstc_waiting **tail;
    size_t waiting; /* messages in the queue */
    enum bstc_server_state state;
    int status;
    int asked; /* id of the last request to the client */
    struct bstc_client client;
    struct bstc_space space;
    struct bstc_published *published;
    bool is_unpublished; /* diagnostics are due */
};

/** Handles a request; exactly one answer is sent. */
void bstc_server_request(struct bstc_lsp *lsp, const cJSON *id,
                         const char *method, const cJSON *params);

/** Handles a notification. */
void bstc_server_note(struct bstc_lsp *lsp, const char *method,
                      const cJSON *params);

/** Answers a request; takes over `result`, of which NULL is null. */
void bstc_server_answer(struct bstc_lsp *lsp, const cJSON *id, cJSON *result);

/** Answers that a request has failed; `id` may be NULL. */
void bstc_server_fail(struct bstc_lsp *lsp, const cJSON *id,
                      enum bstc_failure code, const char *text);

/** Sends a notification from the server `lsp`; takes over `params`. */
void bstc_server_notify(void *lsp, const char *method, cJSON *params);

/** Sends a request to the client, whose answer does not matter. */
void bstc_server_ask(struct bstc_lsp *lsp, const char *method, cJSON *params);

#endif
