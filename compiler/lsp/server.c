/*
 * The queue of messages and the life cycle of a server.
 */

#include "lsp/server.h"

#include <stdio.h>
#include <string.h>

struct bstc_lsp *bstc_lsp_create(const struct bstc_options *options,
                                 bstc_lsp_write_fn *write, void *arg)
{
    struct bstc_lsp *lsp = bstc_heap_take(sizeof *lsp);

    bstc_json_init();
    *lsp = (struct bstc_lsp){.write = write, .arg = arg, .status = 1};
    lsp->tail = &lsp->queue;
    bstc_arena_init(&lsp->arena);
    bstc_frames_init(&lsp->frames);
    bstc_space_init(&lsp->space, options);
    return lsp;
}

static struct bstc_waiting *take_first(struct bstc_lsp *lsp)
{
    struct bstc_waiting *first = lsp->queue;

    if (first) {
        lsp->queue = first->next;
        lsp->waiting--;
        if (!lsp->queue)
            lsp->tail = &lsp->queue;
    }
    return first;
}

static void forget(struct bstc_waiting *entry)
{
    cJSON_Delete(entry->message);
    bstc_heap_give(entry);
}

void bstc_lsp_destroy(struct bstc_lsp *lsp)
{
    struct bstc_waiting *entry;

    while ((entry = take_first(lsp)) != NULL)
        forget(entry);
    bstc_published_fini(&lsp->published);
    bstc_space_fini(&lsp->space);
    bstc_frames_fini(&lsp->frames);
    bstc_arena_fini(&lsp->arena);
    bstc_heap_give(lsp);
}

/* ---- answers ------------------------------------------------------------- */

static void send(struct bstc_lsp *lsp, cJSON *message)
{
    char *text = cJSON_PrintUnformatted(message);
    size_t length = strlen(text);
    char header[48];
    int used =
        snprintf(header, sizeof header, "Content-Length: %zu\r\n\r\n", length);

    lsp->write(lsp->arg, header, (size_t)used);
    lsp->write(lsp->arg, text, length);
    cJSON_free(text);
    cJSON_Delete(message);
}

static cJSON *begin_message(void)
{
    cJSON *message = cJSON_CreateObject();

    cJSON_AddStringToObject(message, "jsonrpc", "2.0");
    return message;
}

static void add_id(cJSON *message, const cJSON *id)
{
    cJSON_AddItemToObject(message, "id",
                          id ? cJSON_Duplicate(id, true) : cJSON_CreateNull());
}

void bstc_server_fail(struct bstc_lsp *lsp, const cJSON *id,
                      enum bstc_failure code, const char *text)
{
    cJSON *message = begin_message();
    cJSON *error;

    add_id(message, id);
    error = cJSON_AddObjectToObject(message, "error");
    cJSON_AddNumberToObject(error, "code", (int)code);
    bstc_json_add_exact(error, "message", text);
    send(lsp, message);
}

void bstc_server_answer(struct bstc_lsp *lsp, const cJSON *id, cJSON *result)
{
    cJSON *message = begin_message();

    add_id(message, id);
    cJSON_AddItemToObject(message, "result",
                          result ? result : cJSON_CreateNull());
    send(lsp, message);
}

void bstc_server_notify(void *arg, const char *method, cJSON *params)
{
    cJSON *message = begin_message();

    cJSON_AddStringToObject(message, "method", method);
    cJSON_AddItemToObject(message, "params", params);
    send(arg, message);
}

void bstc_server_ask(struct bstc_lsp *lsp, const char *method, cJSON *params)
{
    cJSON *message = begin_message();

    cJSON_AddNumberToObject(message, "id", ++lsp->asked);
    cJSON_AddStringToObject(message, "method", method);
    cJSON_AddItemToObject(message, "params", params);
    send(lsp, message);
}

/* ---- the queue ----------------------------------------------------------- */

static const cJSON *id_of(const cJSON *message)
{
    return cJSON_GetObjectItemCaseSensitive(message, "id");
}

/* A request that waits no more has its answer already. */
static void cancel(struct bstc_lsp *lsp, const cJSON *message)
{
    const cJSON *id = id_of(bstc_wire_at(message, "params"));

    for (struct bstc_waiting *w = lsp->queue; w && id; w = w->next) {
        if (cJSON_Compare(id_of(w->message), id, true) &&
            bstc_wire_at(w->message, "method"))
            w->is_cancelled = true;
    }
}

static void enqueue(struct bstc_lsp *lsp, cJSON *message)
{
    const char *method = bstc_wire_text(message, "method");
    struct bstc_waiting *entry;

    if (method && strcmp(method, "$/cancelRequest") == 0) {
        cancel(lsp, message);
        cJSON_Delete(message);
        return;
    }
    entry = bstc_heap_take(sizeof *entry);
    *entry = (struct bstc_waiting){.message = message};
    *lsp->tail = entry;
    lsp->tail = &entry->next;
    lsp->waiting++;
}

static bool is_blank(const char *from, const char *end)
{
    while (from < end &&
           (*from == ' ' || *from == '\t' || *from == '\r' || *from == '\n'))
        from++;
    return from == end;
}

static void receive(struct bstc_lsp *lsp, char *text, size_t size)
{
    const char *end = NULL;
    cJSON *message;

    bstc_wire_defuse(text, size);
    message = cJSON_ParseWithLengthOpts(text, size, &end, false);
    if (message && is_blank(end, text + size)) {
        enqueue(lsp, message);
        return;
    }
    cJSON_Delete(message);
    bstc_server_fail(lsp, NULL, BSTC_PARSE_ERROR, "the message is not JSON");
}

void bstc_lsp_feed(struct bstc_lsp *lsp, const char *bytes, size_t size)
{
    size_t length;
    char *text;

    bstc_frames_push(&lsp->frames, bytes, size);
    for (;;) {
        switch (bstc_frames_next(&lsp->frames, &text, &length)) {
        case BSTC_FRAME_MESSAGE:
            receive(lsp, text, length);
            break;
        case BSTC_FRAME_BAD_HEADER:
            bstc_server_fail(lsp, NULL, BSTC_PARSE_ERROR,
                             "the header has no usable Content-Length");
            break;
        case BSTC_FRAME_TOO_LARGE:
            bstc_server_fail(lsp, NULL, BSTC_INVALID_REQUEST,
                             "the message is too large");
            break;
        case BSTC_FRAME_NONE:
            return;
        }
    }
}

/* ---- steps --------------------------------------------------------------- */

static void handle(struct bstc_lsp *lsp, const struct bstc_waiting *entry)
{
    const cJSON *message = entry->message;
    const char *method = bstc_wire_text(message, "method");
    const cJSON *id = id_of(message);

    if (id && !cJSON_IsNumber(id) && !cJSON_IsString(id))
        id = NULL;
    if (!method) {
        bool is_answer = id && (cJSON_HasObjectItem(message, "result") ||
                                cJSON_HasObjectItem(message, "error"));

        if (!is_answer)
            bstc_server_fail(lsp, id, BSTC_INVALID_REQUEST,
                             "the message has no method");
    } else if (!cJSON_HasObjectItem(message, "id")) {
        bstc_server_note(lsp, method, bstc_wire_at(message, "params"));
    } else if (!id) {
        bstc_server_fail(lsp, NULL, BSTC_INVALID_REQUEST,
                         "the id is neither a number nor a string");
    } else if (entry->is_cancelled) {
        bstc_server_fail(lsp, id, BSTC_CANCELLED, "cancelled by the client");
    } else {
        bstc_server_request(lsp, id, method, bstc_wire_at(message, "params"));
    }
}

bool bstc_lsp_step(struct bstc_lsp *lsp)
{
    struct bstc_waiting *entry;

    if (lsp->state == BSTC_SERVER_ENDED)
        return false;
    entry = take_first(lsp);
    if (entry) {
        handle(lsp, entry);
        forget(entry);
        return true;
    }
    if (!lsp->is_unpublished || lsp->state != BSTC_SERVER_RUNS)
        return false;
    bstc_publish(&lsp->space, &lsp->client, &lsp->published, bstc_server_notify,
                 lsp);
    lsp->is_unpublished = false;
    return true;
}

bool bstc_lsp_has_ended(const struct bstc_lsp *lsp)
{
    return lsp->state == BSTC_SERVER_ENDED;
}

int bstc_lsp_status(const struct bstc_lsp *lsp)
{
    return lsp->status;
}

int bstc_lsp_converse(const struct bstc_options *options, const char *bytes,
                      size_t size, bstc_lsp_write_fn *write, void *arg)
{
    struct bstc_lsp *lsp = bstc_lsp_create(options, write, arg);
    int status;

    bstc_lsp_feed(lsp, bytes, size);
    while (bstc_lsp_step(lsp))
        continue;
    status = bstc_lsp_status(lsp);
    bstc_lsp_destroy(lsp);
    return status;
}
