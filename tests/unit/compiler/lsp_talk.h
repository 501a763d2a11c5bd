#ifndef BST_TESTS_LSP_TALK_H
#define BST_TESTS_LSP_TALK_H

/*
 * A conversation with the language server, from bytes to bytes: the tests put
 * messages into `sent`, run the server, and look at what it has answered.
 *
 * It is included after front.h.
 */

#include <cjson/cJSON.h>

#include "lsp/lsp.h"

struct talk {
    struct bstc_options options;
    struct bstc_lsp *lsp;
    char *received; /* bytes of the server */
    size_t size;
    cJSON *answers; /* messages of the server, in their order */
};

static inline void talk_take(void *arg, const char *bytes, size_t size)
{
    struct talk *talk = arg;

    talk->received = realloc(talk->received, talk->size + size + 1);
    assert_non_null(talk->received);
    memcpy(talk->received + talk->size, bytes, size);
    talk->size += size;
    talk->received[talk->size] = '\0';
}

static inline void talk_begin(struct talk *talk)
{
    memset(talk, 0, sizeof *talk);
    talk->options.prefix = "";
    talk->lsp = bstc_lsp_create(&talk->options, talk_take, talk);
    talk->answers = cJSON_CreateArray();
}

static inline void talk_end(struct talk *talk)
{
    bstc_lsp_destroy(talk->lsp);
    cJSON_Delete(talk->answers);
    free(talk->received);
}

/* Appends what was received to the answers; each must be a whole message. */
static inline void talk_read(struct talk *talk)
{
    const char *at = talk->received;
    const char *end = at + talk->size;

    while (at < end) {
        char *body;
        unsigned long length;
        cJSON *message;

        assert_memory_equal(at, "Content-Length: ", 16);
        length = strtoul(at + 16, &body, 10);
        assert_memory_equal(body, "\r\n\r\n", 4);
        assert_true((size_t)(end - body) >= length + 4);
        message = cJSON_ParseWithLength(body + 4, length);
        assert_non_null(message);
        cJSON_AddItemToArray(talk->answers, message);
        at = body + 4 + length;
    }
    talk->size = 0;
}

/* Lets the server do all that there is to do. */
static inline void talk_run(struct talk *talk)
{
    while (bstc_lsp_step(talk->lsp))
        continue;
    talk_read(talk);
}

/* Sends one message without running the server. */
static inline void talk_send(struct talk *talk, const char *text)
{
    char header[64];

    snprintf(header, sizeof header, "Content-Length: %zu\r\n\r\n",
             strlen(text));
    bstc_lsp_feed(talk->lsp, header, strlen(header));
    bstc_lsp_feed(talk->lsp, text, strlen(text));
}

/* Begins a conversation with a client that knows everything. */
static inline void talk_greet(struct talk *talk)
{
    talk_begin(talk);
    talk_send(talk, "{\"id\":0,\"method\":\"initialize\",\"params\":{"
                    "\"capabilities\":{\"textDocument\":{"
                    "\"publishDiagnostics\":{\"relatedInformation\":true,"
                    "\"versionSupport\":true,\"tagSupport\":{}},"
                    "\"codeAction\":{\"codeActionLiteralSupport\":{}}}}}}");
    talk_send(talk, "{\"method\":\"initialized\",\"params\":{}}");
    talk_run(talk);
}

/* Takes the first answer that is left, as text without blanks. */
static inline const char *talk_next(struct talk *talk, char *text, size_t room)
{
    cJSON *message = cJSON_DetachItemFromArray(talk->answers, 0);

    *text = '\0';
    if (message)
        assert_true(cJSON_PrintPreallocated(message, text, (int)room, false));
    cJSON_Delete(message);
    return text;
}

/* Checks that the next answer holds a text, or that there is none for "". */
static inline void talk_expect(struct talk *talk, const char *wanted)
{
    static char text[1 << 16];

    talk_next(talk, text, sizeof text);
    if (*wanted ? !strstr(text, wanted) : *text)
        fail_msg("wanted: %s\ngot: %s", wanted, text);
}

/* Opens a document under the address `buf:NAME`; `text` is JSON. */
static inline void talk_open(struct talk *talk, const char *name,
                             const char *text)
{
    char *message = malloc(strlen(text) + 256);

    assert_non_null(message);
    sprintf(message,
            "{\"method\":\"textDocument/didOpen\",\"params\":{"
            "\"textDocument\":{\"uri\":\"%s\",\"version\":1,\"text\":\"%s\"}}}",
            name, text);
    talk_send(talk, message);
    free(message);
}

/* Sends a request about a place in a document; `more` goes into the
 * parameters and begins with a comma. */
static inline void talk_ask(struct talk *talk, int id, const char *method,
                            const char *name, int line, int character,
                            const char *more)
{
    char message[2048];

    snprintf(message, sizeof message,
             "{\"id\":%d,\"method\":\"textDocument/%s\",\"params\":{"
             "\"textDocument\":{\"uri\":\"%s\"},"
             "\"position\":{\"line\":%d,\"character\":%d}%s}}",
             id, method, name, line, character, more);
    talk_send(talk, message);
}

#endif
