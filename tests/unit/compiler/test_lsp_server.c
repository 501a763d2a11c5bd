/* compiler/lsp: the life of a server, messages that make no sense, edits. */

#include "front.h"

#include <unistd.h>

#include "lsp/server.h"
#include "lsp_talk.h"

/* ---- life cycle ---------------------------------------------------------- */

static void requests_before_initialize_are_refused(void **state)
{
    struct talk talk;

    (void)state;
    talk_begin(&talk);
    talk_send(&talk, "{\"id\":1,\"method\":\"textDocument/hover\"}");
    talk_send(&talk, "{\"id\":2,\"method\":\"shutdown\"}");
    talk_open(&talk, "a", "nonsense");
    talk_run(&talk);
    talk_expect(&talk, "\"id\":1,\"error\":{\"code\":-32002");
    talk_expect(&talk, "\"id\":2,\"error\":{\"code\":-32002");
    talk_expect(&talk, "");
    talk_send(&talk, "{\"id\":3,\"method\":\"initialize\",\"params\":{}}");
    talk_send(&talk, "{\"id\":\"x\",\"method\":\"initialize\",\"params\":{}}");
    talk_run(&talk);
    talk_expect(&talk, "\"id\":3,\"result\":{\"capabilities\"");
    talk_expect(&talk, "\"id\":\"x\",\"error\":{\"code\":-32600");
    talk_expect(&talk, "");
    talk_end(&talk);
}

static void after_shutdown_only_exit_counts(void **state)
{
    struct talk talk;

    (void)state;
    talk_greet(&talk);
    talk_expect(&talk, "serverInfo");
    assert_int_equal(bstc_lsp_status(talk.lsp), 1);
    talk_send(&talk, "{\"id\":1,\"method\":\"shutdown\"}");
    talk_send(&talk, "{\"id\":2,\"method\":\"shutdown\"}");
    talk_open(&talk, "a", "nonsense");
    talk_run(&talk);
    talk_expect(&talk, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}");
    talk_expect(&talk, "\"id\":2,\"error\":{\"code\":-32600");
    talk_expect(&talk, "");
    assert_false(bstc_lsp_has_ended(talk.lsp));
    talk_send(&talk, "{\"method\":\"exit\"}");
    talk_send(&talk, "{\"id\":3,\"method\":\"shutdown\"}");
    talk_run(&talk);
    talk_expect(&talk, "");
    assert_true(bstc_lsp_has_ended(talk.lsp));
    assert_int_equal(bstc_lsp_status(talk.lsp), 0);
    talk_end(&talk);
}

static void exit_without_shutdown_is_a_failure(void **state)
{
    struct talk talk;

    (void)state;
    talk_greet(&talk);
    talk_send(&talk, "{\"method\":\"exit\"}");
    talk_run(&talk);
    assert_true(bstc_lsp_has_ended(talk.lsp));
    assert_int_equal(bstc_lsp_status(talk.lsp), 1);
    talk_end(&talk);
}

static void the_cheapest_encoding_is_agreed_upon(void **state)
{
    static const char *const cases[][2] = {
        {"[\"utf-16\",\"utf-8\"]", "\"positionEncoding\":\"utf-8\""},
        {"[\"utf-32\"]", "\"positionEncoding\":\"utf-32\""},
        {"[\"utf-32\",\"utf-16\"]", "\"positionEncoding\":\"utf-16\""},
        {"[\"ebcdic\"]", "\"positionEncoding\":\"utf-16\""},
        {"[]", "\"positionEncoding\":\"utf-16\""},
        {"7", "\"positionEncoding\":\"utf-16\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct talk talk;
        char message[256];

        talk_begin(&talk);
        snprintf(message, sizeof message,
                 "{\"id\":1,\"method\":\"initialize\",\"params\":{"
                 "\"capabilities\":{\"general\":{\"positionEncodings\":%s}}}}",
                 cases[i][0]);
        talk_send(&talk, message);
        talk_run(&talk);
        talk_expect(&talk, cases[i][1]);
        talk_end(&talk);
    }
}

static void a_client_is_asked_to_watch_files(void **state)
{
    struct talk talk;

    (void)state;
    talk_begin(&talk);
    talk_send(&talk, "{\"id\":1,\"method\":\"initialize\",\"params\":{"
                     "\"capabilities\":{\"workspace\":{"
                     "\"didChangeWatchedFiles\":{"
                     "\"dynamicRegistration\":true}}}}}");
    talk_send(&talk, "{\"method\":\"initialized\"}");
    talk_run(&talk);
    talk_expect(&talk, "capabilities");
    talk_expect(&talk, "client/registerCapability");
    talk_send(&talk, "{\"id\":1,\"result\":null}");
    talk_run(&talk);
    talk_expect(&talk, "");
    talk_end(&talk);
}

/* ---- nonsense ------------------------------------------------------------ */

static void nonsense_is_answered_with_errors(void **state)
{
    struct talk talk;

    (void)state;
    talk_greet(&talk);
    talk_expect(&talk, "serverInfo");
    talk_send(&talk, "{\"id\":1,");
    talk_send(&talk, "{} {}");
    talk_send(&talk, "");
    talk_send(&talk, "[]");
    talk_send(&talk, "17");
    talk_send(&talk, "{\"id\":4}");
    talk_send(&talk, "{\"id\":5,\"method\":7}");
    talk_send(&talk, "{\"id\":{},\"method\":\"shutdown\"}");
    talk_send(&talk, "{\"id\":6,\"method\":\"no/such\"}");
    talk_send(&talk, "{\"id\":7,\"method\":\"$/no\"}");
    talk_send(&talk, "{\"method\":\"no/such\"}");
    talk_send(&talk, "{\"method\":\"$/no\"}");
    talk_send(&talk, "{\"id\":8,\"result\":17}");
    bstc_lsp_feed(talk.lsp, "Content-Length: no\r\n\r\n", 22);
    talk_run(&talk);
    /* What cannot be read is answered at once, the rest in its turn. */
    for (int i = 0; i < 4; i++)
        talk_expect(&talk, "\"id\":null,\"error\":{\"code\":-32700");
    talk_expect(&talk, "\"id\":null,\"error\":{\"code\":-32600");
    talk_expect(&talk, "\"id\":null,\"error\":{\"code\":-32600");
    talk_expect(&talk, "\"id\":4,\"error\":{\"code\":-32600");
    talk_expect(&talk, "\"id\":5,\"error\":{\"code\":-32600");
    talk_expect(&talk, "\"id\":null,\"error\":{\"code\":-32600");
    talk_expect(&talk, "\"id\":6,\"error\":{\"code\":-32601");
    talk_expect(&talk, "\"id\":7,\"error\":{\"code\":-32601");
    talk_expect(&talk, "");
    talk_end(&talk);
}

static void deep_json_is_refused(void **state)
{
    enum { DEPTH = 1000000 };
    struct talk talk;
    char *text = malloc(2 * DEPTH + 1);

    (void)state;
    assert_non_null(text);
    memset(text, '[', DEPTH);
    memset(text + DEPTH, ']', DEPTH);
    text[2 * DEPTH] = '\0';
    talk_greet(&talk);
    talk_expect(&talk, "serverInfo");
    talk_send(&talk, text);
    talk_run(&talk);
    talk_expect(&talk, "\"id\":null,\"error\":{\"code\":-32700");
    talk_end(&talk);
    free(text);
}

static void parameters_that_lack_something_are_refused(void **state)
{
    struct talk talk;

    (void)state;
    talk_greet(&talk);
    talk_expect(&talk, "serverInfo");
    talk_open(&talk, "a", "message m;");
    talk_run(&talk);
    talk_expect(&talk, "E0206");
    talk_send(&talk, "{\"id\":1,\"method\":\"textDocument/hover\"}");
    talk_send(&talk, "{\"id\":2,\"method\":\"textDocument/hover\","
                     "\"params\":{\"textDocument\":{\"uri\":\"a\"}}}");
    talk_ask(&talk, 3, "hover", "b", 0, 0, "");
    talk_ask(&talk, 4, "rename", "a", 0, 8, "");
    talk_ask(&talk, 5, "codeAction", "a", 0, 8, "");
    talk_ask(&talk, 6, "hover", "a", -7, -9, "");
    talk_ask(&talk, 7, "hover", "a", 2147483647, 2147483647, "");
    talk_run(&talk);
    talk_expect(&talk, "\"id\":1,\"error\":{\"code\":-32602");
    talk_expect(&talk, "\"id\":2,\"error\":{\"code\":-32602");
    talk_expect(&talk, "\"id\":3,\"error\":{\"code\":-32602");
    talk_expect(&talk, "\"id\":4,\"error\":{\"code\":-32803");
    talk_expect(&talk, "\"id\":5,\"result\":null");
    talk_expect(&talk, "declares what can be sent");
    talk_expect(&talk, "\"id\":7,\"result\":null");
    talk_end(&talk);
}

/* ---- cancelling, and what comes when ------------------------------------- */

static void a_request_that_waits_is_cancelled(void **state)
{
    struct talk talk;

    (void)state;
    talk_greet(&talk);
    talk_expect(&talk, "serverInfo");
    talk_open(&talk, "a", "message m;");
    talk_ask(&talk, 1, "hover", "a", 0, 8, "");
    talk_ask(&talk, 2, "hover", "a", 0, 8, "");
    talk_send(&talk, "{\"id\":\"2\",\"method\":\"shutdown\"}");
    talk_send(&talk, "{\"method\":\"$/cancelRequest\",\"params\":{\"id\":2}}");
    talk_send(&talk, "{\"method\":\"$/cancelRequest\",\"params\":{\"id\":9}}");
    talk_send(&talk, "{\"method\":\"$/cancelRequest\"}");
    talk_run(&talk);
    talk_expect(&talk, "\"id\":1,\"result\":{\"contents\"");
    talk_expect(&talk, "\"id\":2,\"error\":{\"code\":-32800");
    talk_expect(&talk, "\"id\":\"2\",\"result\":null");
    talk_expect(&talk, "");
    talk_end(&talk);
}

static void changes_in_a_row_are_compiled_once(void **state)
{
    struct talk talk;

    (void)state;
    talk_greet(&talk);
    talk_expect(&talk, "serverInfo");
    talk_open(&talk, "a", "mess");
    for (int i = 2; i < 20; i++) {
        char message[256];

        snprintf(message, sizeof message,
                 "{\"method\":\"textDocument/didChange\",\"params\":{"
                 "\"textDocument\":{\"uri\":\"a\",\"version\":%d},"
                 "\"contentChanges\":[{\"text\":\"message m%d;\"}]}}",
                 i, i);
        talk_send(&talk, message);
    }
    talk_run(&talk);
    talk_expect(&talk, "\"version\":19");
    talk_expect(&talk, "");
    talk_end(&talk);
}

/* ---- edits --------------------------------------------------------------- */

/* A random edit of a text of letters, wide characters and line ends, made by
 * the server and by hand. */
static void random_edits_keep_both_texts_equal(void **state)
{
    static const char *const pieces[] = {
        "a",   "bc", "\\n", "\\r\\n", "\\r", "\xc3\xbc", "\xf0\x9f\x98\x80",
        "// ", "",   ";"};
    static const char *const bytes[] = {
        "a",   "bc", "\n", "\r\n", "\r", "\xc3\xbc", "\xf0\x9f\x98\x80",
        "// ", "",   ";"};
    struct talk talk;
    char text[1 << 14] = "";
    uint64_t seed = 12345;

    (void)state;
    talk_greet(&talk);
    talk_open(&talk, "a", "");
    for (int round = 0; round < FRONT_ROUNDS(400); round++) {
        struct front f;
        char message[512];
        char rest[1 << 14];
        uint32_t from;
        uint32_t to;
        size_t pick;
        struct bstc_lsp_range range;

        front_init(&f, text);
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        from = (uint32_t)(seed >> 33) % (f.source->size + 1);
        to = from + (uint32_t)(seed >> 20) % 4;
        to = to > f.source->size ? f.source->size : to;
        pick = (size_t)(seed >> 40) % (sizeof pieces / sizeof *pieces);
        range = bstc_lsp_range(f.source, from, to, BSTC_UTF16);
        from = bstc_lsp_offset(f.source, range.start, BSTC_UTF16);
        to = bstc_lsp_offset(f.source, range.end, BSTC_UTF16);
        front_fini(&f);
        snprintf(message, sizeof message,
                 "{\"method\":\"textDocument/didChange\",\"params\":{"
                 "\"textDocument\":{\"uri\":\"a\",\"version\":%d},"
                 "\"contentChanges\":[{\"range\":{\"start\":{\"line\":%u,"
                 "\"character\":%u},\"end\":{\"line\":%u,\"character\":%u}},"
                 "\"text\":\"%s\"}]}}",
                 round, range.start.line, range.start.character, range.end.line,
                 range.end.character, pieces[pick]);
        talk_send(&talk, message);
        snprintf(rest, sizeof rest, "%s", text + to);
        snprintf(text + from, sizeof text - from, "%s%s", bytes[pick], rest);
        talk_run(&talk);
        assert_string_equal(
            bstc_docs_find(&talk.lsp->space.docs, "a")->source->text, text);
    }
    talk_end(&talk);
}

static void a_change_that_makes_no_sense_is_ignored(void **state)
{
    struct talk talk;

    (void)state;
    talk_greet(&talk);
    talk_open(&talk, "a", "message m;");
    talk_send(&talk, "{\"method\":\"textDocument/didChange\",\"params\":{"
                     "\"textDocument\":{\"uri\":\"a\"},\"contentChanges\":["
                     "{\"range\":{\"start\":{\"line\":0,\"character\":9},"
                     "\"end\":{\"line\":0,\"character\":8}},\"text\":\"x\"},"
                     "{\"range\":7,\"text\":\"y\"},{\"text\":\"z\"}]}}");
    talk_send(&talk, "{\"method\":\"textDocument/didChange\",\"params\":{"
                     "\"textDocument\":{\"uri\":\"b\"},"
                     "\"contentChanges\":[{\"text\":\"x\"}]}}");
    talk_send(&talk, "{\"method\":\"textDocument/didChange\"}");
    talk_send(&talk, "{\"method\":\"textDocument/didClose\"}");
    talk_send(&talk, "{\"method\":\"textDocument/didOpen\",\"params\":[]}");
    talk_run(&talk);
    assert_string_equal(
        bstc_docs_find(&talk.lsp->space.docs, "a")->source->text,
        "message mx;");
    talk_end(&talk);
}

static void a_nul_in_a_text_keeps_what_follows(void **state)
{
    struct talk talk;

    (void)state;
    talk_greet(&talk);
    talk_expect(&talk, "serverInfo");
    talk_open(&talk, "a", "message m;\\u0000\\\\u0000 actor");
    talk_run(&talk);
    assert_string_equal(
        bstc_docs_find(&talk.lsp->space.docs, "a")->source->text,
        "message m;\x01\\u0000 actor");
    talk_expect(&talk, "E0002");
    talk_end(&talk);
}

static void a_conversation_can_be_had_at_once(void **state)
{
    static const char *const messages[] = {
        "{\"id\":1,\"method\":\"initialize\",\"params\":{}}",
        ("{\"method\":\"textDocument/didOpen\",\"params\":{"
         "\"textDocument\":{\"uri\":\"a\",\"text\":\"\"}}}"),
        "{\"id\":2,\"method\":\"shutdown\"}",
        "{\"method\":\"exit\"}",
    };
    struct talk talk;
    char bytes[1024] = "garbage\r\n\r\n";

    (void)state;
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        sprintf(bytes + strlen(bytes), "Content-Length: %zu\r\n\r\n%s",
                strlen(messages[i]), messages[i]);
    talk_begin(&talk);
    assert_int_equal(bstc_lsp_converse(&talk.options, bytes, strlen(bytes),
                                       talk_take, &talk),
                     0);
    talk_read(&talk);
    talk_expect(&talk, "-32700");
    talk_expect(&talk, "\"id\":1,\"result\":{\"capabilities");
    talk_expect(&talk, "\"id\":2,\"result\":null");
    talk_expect(&talk, "");
    talk_end(&talk);
}

/* ---- the end of the input ------------------------------------------------ */

static void a_pipe_that_ends_ends_the_server(void **state)
{
    static const char half[] = "Content-Length: 99\r\n\r\n{";
    static const char good[] =
        "Content-Length: 49\r\n\r\n"
        "{\"id\":1,\"method\":\"initialize\",\"params\":{}       }"
        "Content-Length: 28\r\n\r\n{\"id\":2,\"method\":\"shutdown\"}"
        "Content-Length: 17\r\n\r\n{\"method\":\"exit\"}";
    struct bstc_options options = {.prefix = ""};
    char answer[4096];
    int in[2];
    int out[2];
    ssize_t got;

    (void)state;
    assert_int_equal(pipe(in) | pipe(out), 0);
    assert_int_equal(write(in[1], half, sizeof half - 1), sizeof half - 1);
    close(in[1]);
    assert_int_equal(bstc_lsp_serve(&options, in[0], out[1]), 1);
    close(in[0]);
    assert_int_equal(pipe(in), 0);
    assert_int_equal(write(in[1], good, sizeof good - 1), sizeof good - 1);
    assert_int_equal(bstc_lsp_serve(&options, in[0], out[1]), 0);
    got = read(out[0], answer, sizeof answer - 1);
    assert_true(got > 0);
    answer[got] = '\0';
    assert_non_null(strstr(answer, "\"id\":2,\"result\":null"));
    /* A client that no longer reads ends it as well. */
    close(out[0]);
    assert_int_equal(write(in[1], good, sizeof good - 1), sizeof good - 1);
    assert_int_equal(bstc_lsp_serve(&options, in[0], out[1]), 1);
    close(in[0]);
    close(in[1]);
    close(out[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_before_initialize_are_refused),
        cmocka_unit_test(after_shutdown_only_exit_counts),
        cmocka_unit_test(exit_without_shutdown_is_a_failure),
        cmocka_unit_test(the_cheapest_encoding_is_agreed_upon),
        cmocka_unit_test(a_client_is_asked_to_watch_files),
        cmocka_unit_test(nonsense_is_answered_with_errors),
        cmocka_unit_test(deep_json_is_refused),
        cmocka_unit_test(parameters_that_lack_something_are_refused),
        cmocka_unit_test(a_request_that_waits_is_cancelled),
        cmocka_unit_test(changes_in_a_row_are_compiled_once),
        cmocka_unit_test(random_edits_keep_both_texts_equal),
        cmocka_unit_test(a_change_that_makes_no_sense_is_ignored),
        cmocka_unit_test(a_nul_in_a_text_keeps_what_follows),
        cmocka_unit_test(a_conversation_can_be_had_at_once),
        cmocka_unit_test(a_pipe_that_ends_ends_the_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
