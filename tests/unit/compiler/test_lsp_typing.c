/* compiler/lsp: a file that is typed letter by letter, and one that is
 * changed at random, with every request after each change. */

#include "front.h"

#include "lsp/server.h"
#include "lsp_talk.h"

static const char program[] =
    "/// Adds.\n"
    "message add { i64 n; u8 raw[16]; ref counter who; }\n"
    "message get =!> total;\n"
    "message total { i64 value; }\n"
    "message reset;\n"
    "/* \xc3\xbc */ actor counter {\n"
    "    state { i64 sum = -0x7f; keep u32 n; }\n"
    "    on add sends sender.total => counter_add;\n"
    "    on get =!> counter_get;\n"
    "    on #reset => { if (self->sum) { self->sum = 0; } }\n"
    "    idle 1min => { return BST_STOP; }\n"
    "}\n"
    "actor driver {\n"
    "    args { u32 id; }\n"
    "    on start sends tally.add, #tally.reset asks tally.get within 1s\n"
    "        => driver_start;\n"
    "    on total => { (void)m; }\n"
    "}\n"
    "c { static int x = '}'; }\n"
    "outside sends tally.add;\n"
    "supervisor root : rest-for-one {\n"
    "    restart 5 in 10s backoff exponential 10ms to 1s then escalate;\n"
    "    children counter as tally { redundancy 4; mailbox 64 keep; }\n"
    "    supervisor low { children driver { args 7; on after_stop => f; } }\n"
    "}\n";

/* Sends an edit of the document "t" at an offset of `text`. */
static void edit(struct talk *talk, const char *text, uint32_t start,
                 uint32_t end, const char *by)
{
    struct front f;
    struct bstc_lsp_range range;
    cJSON *message = cJSON_CreateObject();
    cJSON *params = cJSON_AddObjectToObject(message, "params");
    cJSON *change = cJSON_CreateObject();
    char *json;

    front_init(&f, text);
    range = bstc_lsp_range(f.source, start, end, BSTC_UTF16);
    front_fini(&f);
    cJSON_AddStringToObject(message, "method", "textDocument/didChange");
    cJSON_AddStringToObject(cJSON_AddObjectToObject(params, "textDocument"),
                            "uri", "t");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(params, "contentChanges"),
                         change);
    cJSON_AddItemToObject(change, "range", bstc_wire_make_range(range));
    cJSON_AddStringToObject(change, "text", by);
    json = cJSON_PrintUnformatted(message);
    talk_send(talk, json);
    cJSON_free(json);
    cJSON_Delete(message);
}

/* Asks everything about the place at `offset`; each request is answered, and
 * nothing but the request to rename can fail. */
static void ask_all(struct talk *talk, const char *text, uint32_t offset)
{
    static const char *const methods[] = {
        "hover",      "definition",     "references",
        "completion", "documentSymbol", "documentHighlight",
        "formatting", "foldingRange",   "semanticTokens/full",
        "codeAction", "prepareRename",  "rename"};
    enum { COUNT = sizeof methods / sizeof *methods };
    struct bstc_lsp_position at;
    struct front f;
    int answers = 0;

    front_init(&f, text);
    at = bstc_lsp_position(f.source, offset, BSTC_UTF16);
    front_fini(&f);
    for (int i = 0; i < COUNT; i++)
        talk_ask(talk, i, methods[i], "t", (int)at.line, (int)at.character,
                 ",\"newName\":\"fresh\",\"range\":{\"start\":{\"line\":0,"
                 "\"character\":0},\"end\":{\"line\":99,\"character\":0}}");
    talk_run(talk);
    while (cJSON_GetArraySize(talk->answers) > 0) {
        cJSON *answer = cJSON_DetachItemFromArray(talk->answers, 0);
        const cJSON *id = cJSON_GetObjectItem(answer, "id");

        if (id) {
            assert_int_equal(id->valueint, answers);
            assert_true(cJSON_HasObjectItem(answer, "result") ||
                        strstr(methods[answers], "ename"));
            answers++;
        }
        cJSON_Delete(answer);
    }
    assert_int_equal(answers, COUNT);
}

static void a_file_can_be_typed_letter_by_letter(void **state)
{
    struct talk talk;
    char text[sizeof program] = "";

    (void)state;
    talk_greet(&talk);
    talk_expect(&talk, "serverInfo");
    talk_open(&talk, "t", "");
    for (uint32_t at = 0; program[at];) {
        char letter[3] = {program[at], 0, 0};
        uint32_t size = 1;

        if ((unsigned char)program[at] >= 0x80)
            letter[size++] = program[at + 1];
        edit(&talk, text, at, at, letter);
        memcpy(text + at, letter, size);
        at += size;
        ask_all(&talk, text, at);
    }
    assert_string_equal(
        bstc_docs_find(&talk.lsp->space.docs, "t")->source->text, program);
    assert_int_equal(talk.lsp->space.units->context.diags.errors, 0);
    talk_end(&talk);
}

/* Takes out, puts in and doubles pieces of the program. */
static void a_file_can_be_changed_at_random(void **state)
{
    static const char *const pieces[] = {"",   "{",    "}", ";",   " on ",
                                         "\"", "/*",   ".", "#",   "=>",
                                         "\n", "c { ", "a", "*/ ", "sends "};
    struct talk talk;
    char text[sizeof program + 16] = "";
    uint64_t seed = 4711;

    (void)state;
    talk_greet(&talk);
    talk_expect(&talk, "serverInfo");
    talk_open(&talk, "t", "");
    for (int round = 0; round < FRONT_ROUNDS(400); round++) {
        char next[sizeof text];
        uint32_t start;
        uint32_t end;
        const char *piece;

        seed = seed * 6364136223846793005u + 1442695040888963407u;
        start = (uint32_t)(seed >> 33) % (uint32_t)(sizeof program - 1);
        end = start + (uint32_t)(seed >> 25) % 5;
        if (end > sizeof program - 1)
            end = sizeof program - 1;
        piece = pieces[(size_t)(seed >> 45) % (sizeof pieces / sizeof *pieces)];
        snprintf(next, sizeof next, "%.*s%s%s", (int)start, program, piece,
                 program + end);
        edit(&talk, text, 0, (uint32_t)strlen(text), next);
        memcpy(text, next, sizeof text);
        ask_all(&talk, text, start);
    }
    talk_end(&talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_can_be_typed_letter_by_letter),
        cmocka_unit_test(a_file_can_be_changed_at_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
