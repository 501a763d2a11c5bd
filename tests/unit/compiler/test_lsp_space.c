/* compiler/lsp: documents, the files that they import, and their programs. */

#include "front.h"

#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lsp/server.h"
#include "lsp_talk.h"

/* A folder with files, and a server that knows it. */
struct room {
    struct talk talk;
    char folder[64];
};

static void put(const struct room *room, const char *name, const char *text)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", room->folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void make_folder(const struct room *room, const char *name)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s", room->folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static const char *uri_of(const struct room *room, const char *name)
{
    static char uri[256];

    snprintf(uri, sizeof uri, "file://%s/%s", room->folder, name);
    return uri;
}

static void open_file(struct room *room, const char *name, const char *text)
{
    talk_open(&room->talk, uri_of(room, name), text);
}

static void close_file(struct room *room, const char *name)
{
    char message[512];

    snprintf(message, sizeof message,
             "{\"method\":\"textDocument/didClose\",\"params\":{"
             "\"textDocument\":{\"uri\":\"%s\"}}}",
             uri_of(room, name));
    talk_send(&room->talk, message);
}

static void change_file(struct room *room, const char *name, const char *text)
{
    char message[1024];

    snprintf(message, sizeof message,
             "{\"method\":\"textDocument/didChange\",\"params\":{"
             "\"textDocument\":{\"uri\":\"%s\",\"version\":2},"
             "\"contentChanges\":[{\"text\":\"%s\"}]}}",
             uri_of(room, name), text);
    talk_send(&room->talk, message);
}

static int begin(void **state)
{
    struct room *room = calloc(1, sizeof *room);
    char message[512];

    if (!room)
        return -1;
    snprintf(room->folder, sizeof room->folder, "/tmp/bst-lsp-XXXXXX");
    if (!mkdtemp(room->folder))
        return -1;
    talk_begin(&room->talk);
    snprintf(message, sizeof message,
             "{\"id\":0,\"method\":\"initialize\",\"params\":{"
             "\"rootUri\":\"%s\",\"capabilities\":{}}}",
             uri_of(room, ""));
    talk_send(&room->talk, message);
    talk_run(&room->talk);
    talk_expect(&room->talk, "capabilities");
    *state = room;
    return 0;
}

static int end(void **state)
{
    struct room *room = *state;
    char command[128];
    int status;

    talk_end(&room->talk);
    snprintf(command, sizeof command, "rm -rf '%s'", room->folder);
    status = system(command);
    free(room);
    return status;
}

/* Takes the first diagnostics of a file out of the answers and checks that
 * there are so many, with this code among them. */
static void expect(struct room *room, const char *name, int count,
                   const char *code)
{
    const char *uri = uri_of(room, name);
    cJSON *message = room->talk.answers->child;
    const cJSON *list;
    char *text;

    while (message && strcmp(cJSON_GetObjectItem(
                                 cJSON_GetObjectItem(message, "params"), "uri")
                                 ->valuestring,
                             uri) != 0)
        message = message->next;
    if (!message)
        fail_msg("nothing was said about %s", name);
    cJSON_DetachItemViaPointer(room->talk.answers, message);
    list = cJSON_GetObjectItem(cJSON_GetObjectItem(message, "params"),
                               "diagnostics");
    text = cJSON_PrintUnformatted(list);
    if (cJSON_GetArraySize(list) != count || !strstr(text, code))
        fail_msg("wanted %d of %s with %s, got %s", count, name, code, text);
    cJSON_free(text);
    cJSON_Delete(message);
}

static void expect_no_more(struct room *room)
{
    assert_int_equal(cJSON_GetArraySize(room->talk.answers), 0);
}

#define ACTOR "actor a { on m => a_m; every 1s sends self.m => a_tick; }\n"
#define ROOT "supervisor r { children a; }\n"

/* As JSON, and as a file. */
#define IMPORTS_JSON(file) "import \\\"" file "\\\"; " ACTOR_JSON ROOT_JSON
#define ACTOR_JSON "actor a { on m => a_m; every 1s sends self.m => a_tick; } "
#define ROOT_JSON "supervisor r { children a; }"
#define IMPORTS(file) "import \"" file "\";\n" ACTOR ROOT

static void a_library_belongs_to_a_file_that_is_not_open(void **state)
{
    struct room *room = *state;

    put(room, "root.bst", IMPORTS("sub/lib.bst"));
    make_folder(room, "sub");
    put(room, "sub/lib.bst", "message m;\n");
    put(room, "other.bst", "nonsense");
    open_file(room, "sub/lib.bst", "message m;");
    talk_run(&room->talk);
    expect(room, "sub/lib.bst", 0, "");
    expect_no_more(room);
    change_file(room, "sub/lib.bst", "message n;");
    talk_run(&room->talk);
    expect(room, "sub/lib.bst", 0, "");
    expect(room, "root.bst", 1, "no message `m`\\nroot.bst:2: and here");
    expect_no_more(room);
    close_file(room, "sub/lib.bst");
    talk_run(&room->talk);
    expect(room, "root.bst", 0, "");
    expect_no_more(room);
}

static void a_file_of_two_programs_has_each_mistake_once(void **state)
{
    struct room *room = *state;

    put(room, "one.bst", IMPORTS("lib.bst"));
    put(room, "two.bst", IMPORTS("lib.bst"));
    open_file(room, "lib.bst", "message m; message while;");
    talk_run(&room->talk);
    expect(room, "lib.bst", 1, "E0104");
    expect_no_more(room);
}

static void a_file_that_only_the_editor_has_is_imported(void **state)
{
    struct room *room = *state;

    open_file(room, "root.bst", IMPORTS_JSON("new.bst"));
    talk_run(&room->talk);
    expect(room, "root.bst", 1, "E0207");
    open_file(room, "new.bst", "message m;");
    talk_run(&room->talk);
    expect(room, "root.bst", 0, "");
    expect(room, "new.bst", 0, "");
    close_file(room, "new.bst");
    talk_run(&room->talk);
    expect(room, "root.bst", 1, "E0207");
    expect_no_more(room);
}

static void an_import_that_is_typed_changes_the_program(void **state)
{
    struct room *room = *state;

    open_file(room, "lib.bst", "message m;");
    open_file(room, "root.bst", ACTOR_JSON ROOT_JSON);
    talk_run(&room->talk);
    expect(room, "lib.bst", 1, "E0206");
    expect(room, "root.bst", 1, "E0201");
    change_file(room, "root.bst", IMPORTS_JSON("lib.bst"));
    talk_run(&room->talk);
    expect(room, "lib.bst", 0, "");
    expect(room, "root.bst", 0, "");
    change_file(room, "root.bst",
                "// import \\\"lib.bst\\\";\\n" ACTOR_JSON ROOT_JSON);
    talk_run(&room->talk);
    expect(room, "root.bst", 1, "E0201");
    expect(room, "lib.bst", 1, "E0206");
    expect_no_more(room);
}

static void a_cycle_of_imports_is_a_mistake(void **state)
{
    struct room *room = *state;

    put(room, "a.bst", "import \"b.bst\";\n");
    put(room, "b.bst", "import \"a.bst\";\n");
    open_file(room, "a.bst", "import \\\"b.bst\\\";");
    talk_run(&room->talk);
    expect(room, "a.bst", 0, "");
    expect(room, "b.bst", 1, "E0207");
    expect_no_more(room);
}

static void a_link_is_the_file_that_it_leads_to(void **state)
{
    struct room *room = *state;
    char from[128];
    char to[128];

    put(room, "lib.bst", "message n;\n");
    snprintf(to, sizeof to, "%s/lib.bst", room->folder);
    snprintf(from, sizeof from, "%s/link.bst", room->folder);
    assert_int_equal(symlink(to, from), 0);
    open_file(room, "lib.bst", "message m;");
    open_file(room, "root.bst", IMPORTS_JSON("link.bst"));
    talk_run(&room->talk);
    expect(room, "lib.bst", 0, "");
    expect(room, "root.bst", 0, "");
    expect_no_more(room);
}

static void what_changes_on_disk_counts_when_it_is_told(void **state)
{
    struct room *room = *state;

    put(room, "lib.bst", "message n;\n");
    open_file(room, "root.bst", IMPORTS_JSON("lib.bst"));
    talk_run(&room->talk);
    expect(room, "root.bst", 1, "E0201");
    put(room, "lib.bst", "message m;\n");
    talk_send(&room->talk, "{\"method\":\"workspace/didChangeWatchedFiles\","
                           "\"params\":{\"changes\":[]}}");
    talk_run(&room->talk);
    expect(room, "root.bst", 0, "");
    put(room, "lib.bst", "message n;\n");
    talk_send(&room->talk, "{\"method\":\"textDocument/didSave\"}");
    talk_run(&room->talk);
    expect(room, "root.bst", 1, "E0201");
    expect_no_more(room);
}

/* It is no program of its own, but what stands in it counts. */
static void a_c_file_that_is_open_is_looked_into(void **state)
{
    struct room *room = *state;
    char wanted[512];

    put(room, "a.c", "int x;\n");
    open_file(room, "a.bst", "message m; " ACTOR_JSON ROOT_JSON);
    open_file(room, "a.c", "\\n\\nbst_status a_tick(struct a *self) { }");
    talk_run(&room->talk);
    expect(room, "a.bst", 0, "");
    expect_no_more(room);
    talk_ask(&room->talk, 1, "definition", uri_of(room, "a.bst"), 0, 60, "");
    talk_ask(&room->talk, 2, "hover", uri_of(room, "a.c"), 2, 12, "");
    talk_run(&room->talk);
    snprintf(wanted, sizeof wanted, "%s\",\"range\":{\"start\":{\"line\":2",
             uri_of(room, "a.c"));
    talk_expect(&room->talk, wanted);
    talk_expect(&room->talk, "\"id\":2,\"result\":null");
}

/* A rename reaches every program that imports the file. */
static void a_rename_edits_all_programs_that_are_open(void **state)
{
    struct room *room = *state;
    char text[4096];

    put(room, "lib.bst", "message m;\n");
    open_file(room, "one.bst", IMPORTS_JSON("lib.bst"));
    open_file(room, "two.bst", IMPORTS_JSON("lib.bst"));
    open_file(room, "lib.bst", "message m;");
    talk_run(&room->talk);
    while (cJSON_GetArraySize(room->talk.answers) > 0)
        talk_next(&room->talk, text, sizeof text);
    talk_ask(&room->talk, 1, "rename", uri_of(room, "lib.bst"), 0, 8,
             ",\"newName\":\"news\"");
    talk_run(&room->talk);
    talk_next(&room->talk, text, sizeof text);
    assert_non_null(strstr(text, "/lib.bst\":[{"));
    assert_non_null(strstr(text, "/one.bst\":[{"));
    assert_non_null(strstr(text, "/two.bst\":[{"));
}

static void many_edits_take_no_more_memory_than_a_few(void **state)
{
    struct room *room = *state;
    size_t before = 0;

    open_file(room, "a.bst", "message m;");
    for (int i = 0; i < FRONT_ROUNDS(2000); i++) {
        change_file(room, "a.bst",
                    i % 2 ? "message m; message n" : ACTOR_JSON ROOT_JSON);
        talk_ask(&room->talk, i, "hover", uri_of(room, "a.bst"), 0, 8, "");
        talk_run(&room->talk);
        while (cJSON_GetArraySize(room->talk.answers) > 0)
            talk_next(&room->talk, (char[65536]){0}, 65536);
        if (i == 20)
            before = mallinfo2().uordblks;
    }
    assert_true(mallinfo2().uordblks < before + 200000);
}

/* What nothing reaches is dimmed, and a fix stands below its message. */
static void a_diagnostic_has_all_its_parts(void **state)
{
    struct bstc_client client = {.knows_tags = true, .knows_related = true};
    struct bstc_unit unit = {.root = "a.bst"};
    struct bstc_space space = {.encoding = BSTC_UTF16};
    struct bstc_span span = {0, 8, 9};
    struct bstc_diags *diags = &unit.context.diags;
    struct bstc_diag *diag;
    cJSON *node;
    char *text;

    (void)state;
    bstc_context_init(&unit.context);
    bstc_sources_add(&unit.context.sources, "/a.bst", "message m;", 10);
    unit.reals = (const char *[]){"/a.bst"};
    diag = bstc_warning(diags, "W0304", span, "`m` is \x1b[31m never \xff");
    bstc_diag_label(diags, diag, "this one");
    bstc_diag_also(diags, diag, (struct bstc_span){0, 0, 7}, "there");
    bstc_diag_note(diags, diag, "a note");
    bstc_diag_help(diags, diag, "a help");
    bstc_diag_fix(diags, diag, span, "n", "a fix");
    node = bstc_publish_one(&space, &unit, &client, diag, &unit.context.arena);
    text = cJSON_PrintUnformatted(node);
    assert_string_equal(
        text,
        "{\"range\":{\"start\":{\"line\":0,\"character\":8},"
        "\"end\":{\"line\":0,\"character\":9}},\"severity\":2,"
        "\"code\":\"W0304\",\"source\":\"bastionc\",\"message\":"
        "\"`m` is \\u001b[31m never \xef\xbf\xbd\\nthis one\\nnote: a note"
        "\\nhelp: a help\\nhelp: a fix\",\"tags\":[1],"
        "\"relatedInformation\":[{\"location\":{\"uri\":\"file:///a.bst\","
        "\"range\":{\"start\":{\"line\":0,\"character\":0},"
        "\"end\":{\"line\":0,\"character\":7}}},\"message\":\"there\"}]}");
    cJSON_free(text);
    cJSON_Delete(node);
    bstc_context_fini(&unit.context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_library_belongs_to_a_file_that_is_not_open, begin, end),
        cmocka_unit_test_setup_teardown(
            a_file_of_two_programs_has_each_mistake_once, begin, end),
        cmocka_unit_test_setup_teardown(
            a_file_that_only_the_editor_has_is_imported, begin, end),
        cmocka_unit_test_setup_teardown(
            an_import_that_is_typed_changes_the_program, begin, end),
        cmocka_unit_test_setup_teardown(a_cycle_of_imports_is_a_mistake, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_link_is_the_file_that_it_leads_to,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            what_changes_on_disk_counts_when_it_is_told, begin, end),
        cmocka_unit_test_setup_teardown(a_c_file_that_is_open_is_looked_into,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            a_rename_edits_all_programs_that_are_open, begin, end),
        cmocka_unit_test_setup_teardown(
            many_edits_take_no_more_memory_than_a_few, begin, end),
        cmocka_unit_test(a_diagnostic_has_all_its_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
