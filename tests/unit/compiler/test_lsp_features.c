/* compiler/lsp: what hover, definition, rename and the outline say about all
 * the things that the other tests of the server do not meet. */

#include "front.h"

#include <sys/stat.h>
#include <unistd.h>

#include "lsp/wire.h"
#include "lsp_talk.h"

/* A document "t" and the places of words in it. */
struct page {
    struct talk talk;
    const char *text;
};

static const char *const everything =
    "use \"shop.h\";\n"
    "message ask =!> ok { u8 a; }\n"
    "message ok { u32 code; }\n"
    "message m0; message m1; message m2; message m3; message m4;\n"
    "message m5; message m6; message m7; message m8;\n"
    "/// Does a lot.\n"
    "actor all {\n"
    "    state { keep struct map *table; u8 sketch[4KiB]; }\n"
    "    on m0 => f; on m1 => f; on m2 => f; on m3 => f; on m4 => f;\n"
    "    on m5 => f; on m6 => f; on m7 => f; on #m8 => f;\n"
    "    on ask =!> all_ask;\n"
    "    on _ => all_else;\n"
    "    on start sends nobody.m0, all.lost => all_start;\n"
    "}\n"
    "cluster c1 { node n1 \"a:1\"; }\n"
    "c { static int helper(int x) { return x; } }\n"
    "/// The top.\n"
    "supervisor top : one-for-all {\n"
    "    supervisor inner { children all as group at n1; }\n"
    "    children all { on failure => decide; on after_stop => helper; }\n"
    "}\n";

/* The text as JSON; there is nothing but quotes and line ends to escape. */
static void open_page(struct page *page, const char *text)
{
    char *json = calloc(2, strlen(text) + 1);
    char *to = json;

    assert_non_null(json);
    for (const char *from = text; *from; from++) {
        if (*from == '"' || *from == '\n')
            *to++ = '\\';
        *to++ = *from == '\n' ? 'n' : *from;
    }
    page->text = text;
    talk_open(&page->talk, "t", json);
    talk_run(&page->talk);
    free(json);
    while (cJSON_GetArraySize(page->talk.answers) > 0)
        talk_next(&page->talk, (char[1 << 17]){0}, 1 << 17);
}

static void begin(struct page *page)
{
    talk_greet(&page->talk);
    open_page(page, everything);
}

/* Asks about the place `offset` bytes behind the first one of a word. */
static void ask(struct page *page, const char *method, const char *word,
                int offset, const char *more)
{
    const char *at = strstr(page->text, word) + offset;
    int line = 0;
    int character = 0;

    for (const char *from = page->text; from < at; from++) {
        character = *from == '\n' ? 0 : character + 1;
        line += *from == '\n';
    }
    talk_ask(&page->talk, 1, method, "t", line, character, more);
    talk_run(&page->talk);
}

static void expect_hover(struct page *page, const char *word, int offset,
                         const char *wanted)
{
    ask(page, "hover", word, offset, "");
    talk_expect(&page->talk, wanted);
}

static void hover_tells_of_everything(void **state)
{
    struct page page;

    (void)state;
    begin(&page);
    expect_hover(&page, "top :", 0,
                 "supervisor top : one-for-all\\n```\\n\\nThe"
                 " top.\\n\\nStarts, in this order, `inner`,"
                 " `all`");
    expect_hover(&page, "inner", 0, "supervisor inner : one-for-one");
    expect_hover(&page, "c1", 0, "cluster c1 { node");
    expect_hover(&page, "n1 \"", 0, "node n1 ");
    expect_hover(&page, "table", 0, "In C: `struct map *`");
    expect_hover(&page, "sketch", 0, "In C: `uint8_t`");
    expect_hover(&page, "lost", 0, "message `lost`, not declared");
    expect_hover(&page, "nobody", 0, "actor `nobody`, not declared");
    expect_hover(&page, "all_ask", 0,
                 "bst_status all_ask(struct all *self, const struct ask *m, "
                 "struct ok *answer)");
    expect_hover(&page, "all_else", 0,
                 "all_else(struct all *self, const struct bst_msg *m)");
    expect_hover(&page, "all_start", 0, "all_start(struct all *self)");
    expect_hover(&page, "decide", 0, "decide(...)");
    expect_hover(&page, "actor all", 7, "Does a lot.");
    expect_hover(&page, "actor all", 7, "`m7` and more");
    expect_hover(&page, "actor all", 7, "In the groups `group`");
    expect_hover(&page, "group at", 0, "children all as group at n1;");
    expect_hover(&page, "failure", 0, "Decides what happens");
    expect_hover(&page, "one-for-all", 0, "null");
    talk_end(&page.talk);
}

static void a_long_declaration_is_cut(void **state)
{
    struct page page;
    char text[2000] = "message long {\n";

    (void)state;
    for (int i = 0; i < 60; i++)
        sprintf(text + strlen(text), "    u8 field%d;\n", i);
    strcat(text, "}\n");
    talk_greet(&page.talk);
    open_page(&page, text);
    expect_hover(&page, "long", 0, "u8 field3;\\n");
    expect_hover(&page, "long", 0, ";\\n...\\n```");
    talk_end(&page.talk);
}

static void definition_looks_into_raw_c(void **state)
{
    struct page page;

    (void)state;
    begin(&page);
    ask(&page, "definition", "helper;", 0, "");
    talk_expect(&page.talk, "{\"uri\":\"t\",\"range\":{\"start\":{\"line\":15,"
                            "\"character\":15}");
    ask(&page, "definition", "all_ask", 0, "");
    talk_expect(&page.talk, "\"result\":null");
    ask(&page, "definition", "lost", 0, "");
    talk_expect(&page.talk, "\"result\":null");
    ask(&page, "definition", "actor", 0, "");
    talk_expect(&page.talk, "\"result\":null");
    ask(&page, "definition", "shop.h", 0, "");
    talk_expect(&page.talk, "\"result\":null");
    talk_end(&page.talk);
}

/* Files beside the document, and in folders of -I. */
static void definition_finds_files(void **state)
{
    static const char *const dirs[] = {"/nowhere", "inc"};
    char folder[] = "/tmp/bst-lsp-XXXXXX";
    char uri[128];
    char message[512];
    struct talk talk;

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(mkdir("inc", 0700), 0);
    fclose(fopen("inc/shop.h", "w"));
    fclose(fopen("beside.h", "w"));
    talk_greet(&talk);
    talk_expect(&talk, "serverInfo");
    talk.options.include_dirs.items = (const char **)(uintptr_t)dirs;
    talk.options.include_dirs.count = 2;
    snprintf(uri, sizeof uri, "file://%s/a.bst", folder);
    talk_open(&talk, uri,
              "use \\\"shop.h\\\"; use \\\"beside.h\\\"; use <stdio.h>;");
    talk_run(&talk);
    talk_expect(&talk, "E0206");
    snprintf(message, sizeof message, "%s/inc/shop.h\"", folder);
    talk_ask(&talk, 1, "definition", uri, 0, 8, "");
    talk_run(&talk);
    talk_expect(&talk, message);
    snprintf(message, sizeof message, "%s/beside.h\"", folder);
    talk_ask(&talk, 1, "definition", uri, 0, 22, "");
    talk_run(&talk);
    talk_expect(&talk, message);
    talk_ask(&talk, 1, "definition", uri, 0, 38, "");
    talk_run(&talk);
    talk_expect(&talk, "\"result\":null");
    talk_end(&talk);
    unlink("inc/shop.h");
    unlink("beside.h");
    rmdir("inc");
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void the_outline_is_flat_for_old_clients(void **state)
{
    struct page page;

    (void)state;
    begin(&page);
    ask(&page, "documentSymbol", "use", 0, "");
    talk_expect(&page.talk,
                "{\"name\":\"n1\",\"kind\":19,\"location\":{\"uri\":\"t\","
                "\"range\":{\"start\":{\"line\":14,\"character\":13},\"end\":{"
                "\"line\":14,\"character\":27}}},\"containerName\":\"c1\"}");
    talk_end(&page.talk);
}

static void a_rename_that_makes_no_sense_is_refused(void **state)
{
    struct page page;

    (void)state;
    begin(&page);
    ask(&page, "rename", "actor", 0, ",\"newName\":\"x\"");
    talk_expect(&page.talk, "there is no name that could be changed");
    ask(&page, "rename", "lost", 0, ",\"newName\":\"x\"");
    talk_expect(&page.talk, "the name is not declared");
    ask(&page, "rename", "table", 0, ",\"newName\":\"x\"");
    talk_expect(&page.talk, "used from C");
    ask(&page, "rename", "group", 0, "");
    talk_expect(&page.talk, "there is no new name");
    ask(&page, "rename", "group", 0, ",\"newName\":\"self\"");
    talk_expect(&page.talk, "has a meaning in");
    ask(&page, "rename", "n1 \"", 0, ",\"newName\":\"c1\"");
    talk_expect(&page.talk, "\"result\":{\"changes\":{\"t\":[{");
    ask(&page, "rename", "group", 0, ",\"newName\":\"group\"");
    talk_expect(&page.talk, "\"result\":{\"changes\"");
    talk_end(&page.talk);
    talk_greet(&page.talk);
    open_page(&page, "message m; actor a { on m => ; }");
    ask(&page, "rename", "m;", 0, ",\"newName\":\"x\"");
    talk_expect(&page.talk, "syntax errors");
    talk_end(&page.talk);
}

/* ---- names of C ---------------------------------------------------------- */

/* Applies the edits of the last answer to the page and returns the text. */
static char *apply_edits(struct page *page)
{
    cJSON *message = cJSON_DetachItemFromArray(page->talk.answers, 0);
    const cJSON *result = cJSON_GetObjectItem(message, "result");
    const cJSON *edits =
        cJSON_GetObjectItem(cJSON_GetObjectItem(result, "changes"), "t");
    char *text = calloc(2, strlen(page->text) + 1);

    assert_non_null(text);
    if (!edits)
        fail_msg("%s", cJSON_PrintUnformatted(message));
    strcpy(text, page->text);
    for (int i = cJSON_GetArraySize(edits); i-- > 0;) {
        const cJSON *edit = cJSON_GetArrayItem(edits, i);
        struct bstc_lsp_range range;
        struct front f;
        char *tail;
        uint32_t start;

        assert_true(
            bstc_wire_range(cJSON_GetObjectItem(edit, "range"), &range));
        front_init(&f, text);
        start = bstc_lsp_offset(f.source, range.start, BSTC_UTF16);
        tail = bstc_arena_format(
            &f.context.arena, "%s%s",
            cJSON_GetObjectItem(edit, "newText")->valuestring,
            text + bstc_lsp_offset(f.source, range.end, BSTC_UTF16));
        strcpy(text + start, tail);
        front_fini(&f);
    }
    cJSON_Delete(message);
    return text;
}

static void expect_rename(const char *before, const char *word,
                          const char *name, const char *after)
{
    struct page page;
    char more[64];
    char *text;

    talk_greet(&page.talk);
    open_page(&page, before);
    snprintf(more, sizeof more, ",\"newName\":\"%s\"", name);
    ask(&page, "rename", word, 0, more);
    text = apply_edits(&page);
    assert_string_equal(text, after);
    free(text);
    talk_end(&page.talk);
}

/* What only looks like a name that is made of another stays as it is. */
static void a_rename_reaches_into_the_c_of_the_files(void **state)
{
    static const char *const before =
        "prefix p_;\n"
        "message ask =!> ok { u8 a; }\n"
        "message ok;\n"
        "message own { text s; }\n"
        "actor act {\n"
        "    on ask =!> { /* ask */ (void)\"ask\"; ask_it(); x.ask; }\n"
        "    on own => { struct p_ask m1; p_own_take_s(self, m); ask; }\n"
        "    on start sends grp.ask, grp.own asks grp.ask within 1s => {\n"
        "        struct p_act_ref r = self->to.grp; struct  p_act *a;\n"
        "        p_act_tell_ask(r, 0); p_act_ask_ask_within(r, 0, 1);\n"
        "        p_grp_ref(0); p_grp_x; act_y; x_tell_ask; x.grp; p_act_z;\n"
        "        p_act_is_group(r); p_act_ask_ask_more; to.grps;\n"
        "    }\n"
        "}\n"
        "c { int p_act_tell_ask; }\n"
        "supervisor r { children act as grp; }\n";

    (void)state;
    expect_rename(before, "ask =!>", "put",
                  "prefix p_;\n"
                  "message put =!> ok { u8 a; }\n"
                  "message ok;\n"
                  "message own { text s; }\n"
                  "actor act {\n"
                  "    on put =!> { /* ask */ (void)\"ask\"; ask_it(); x.ask; "
                  "}\n"
                  "    on own => { struct p_put m1; p_own_take_s(self, m); "
                  "ask; }\n"
                  "    on start sends grp.put, grp.own asks grp.put within 1s "
                  "=> {\n"
                  "        struct p_act_ref r = self->to.grp; struct  p_act "
                  "*a;\n"
                  "        p_act_tell_put(r, 0); p_act_ask_put_within(r, 0, "
                  "1);\n"
                  "        p_grp_ref(0); p_grp_x; act_y; x_tell_ask; x.grp; "
                  "p_act_z;\n"
                  "        p_act_is_group(r); p_act_ask_ask_more; to.grps;\n"
                  "    }\n"
                  "}\n"
                  "c { int p_act_tell_put; }\n"
                  "supervisor r { children act as grp; }\n");
    expect_rename(before, "act {", "doer",
                  "prefix p_;\n"
                  "message ask =!> ok { u8 a; }\n"
                  "message ok;\n"
                  "message own { text s; }\n"
                  "actor doer {\n"
                  "    on ask =!> { /* ask */ (void)\"ask\"; ask_it(); x.ask; "
                  "}\n"
                  "    on own => { struct p_ask m1; p_own_take_s(self, m); "
                  "ask; }\n"
                  "    on start sends grp.ask, grp.own asks grp.ask within 1s "
                  "=> {\n"
                  "        struct p_doer_ref r = self->to.grp; struct  p_doer "
                  "*a;\n"
                  "        p_doer_tell_ask(r, 0); p_doer_ask_ask_within(r, 0, "
                  "1);\n"
                  "        p_grp_ref(0); p_grp_x; act_y; x_tell_ask; x.grp; "
                  "p_act_z;\n"
                  "        p_doer_is_group(r); p_doer_ask_ask_more; to.grps;\n"
                  "    }\n"
                  "}\n"
                  "c { int p_doer_tell_ask; }\n"
                  "supervisor r { children doer as grp; }\n");
    expect_rename(before, "grp.ask,", "pool",
                  "prefix p_;\n"
                  "message ask =!> ok { u8 a; }\n"
                  "message ok;\n"
                  "message own { text s; }\n"
                  "actor act {\n"
                  "    on ask =!> { /* ask */ (void)\"ask\"; ask_it(); x.ask; "
                  "}\n"
                  "    on own => { struct p_ask m1; p_own_take_s(self, m); "
                  "ask; }\n"
                  "    on start sends pool.ask, pool.own asks pool.ask within "
                  "1s => {\n"
                  "        struct p_act_ref r = self->to.pool; struct  p_act "
                  "*a;\n"
                  "        p_act_tell_ask(r, 0); p_act_ask_ask_within(r, 0, "
                  "1);\n"
                  "        p_pool_ref(0); p_grp_x; act_y; x_tell_ask; x.grp; "
                  "p_act_z;\n"
                  "        p_act_is_group(r); p_act_ask_ask_more; to.grps;\n"
                  "    }\n"
                  "}\n"
                  "c { int p_act_tell_ask; }\n"
                  "supervisor r { children act as pool; }\n");
    expect_rename(before, "own {", "mine",
                  "prefix p_;\n"
                  "message ask =!> ok { u8 a; }\n"
                  "message ok;\n"
                  "message mine { text s; }\n"
                  "actor act {\n"
                  "    on ask =!> { /* ask */ (void)\"ask\"; ask_it(); x.ask; "
                  "}\n"
                  "    on mine => { struct p_ask m1; p_mine_take_s(self, m); "
                  "ask; }\n"
                  "    on start sends grp.ask, grp.mine asks grp.ask within 1s "
                  "=> {\n"
                  "        struct p_act_ref r = self->to.grp; struct  p_act "
                  "*a;\n"
                  "        p_act_tell_ask(r, 0); p_act_ask_ask_within(r, 0, "
                  "1);\n"
                  "        p_grp_ref(0); p_grp_x; act_y; x_tell_ask; x.grp; "
                  "p_act_z;\n"
                  "        p_act_is_group(r); p_act_ask_ask_more; to.grps;\n"
                  "    }\n"
                  "}\n"
                  "c { int p_act_tell_ask; }\n"
                  "supervisor r { children act as grp; }\n");
}

static void actions_come_in_the_kinds_that_are_wanted(void **state)
{
    static const char range[] =
        ",\"range\":{\"start\":{\"line\":0,\"character\":0},"
        "\"end\":{\"line\":9,\"character\":0}},\"context\":{\"only\":[\"%s\"]}";
    struct page page;
    char more[256];

    (void)state;
    talk_greet(&page.talk);
    open_page(&page, "message m;\nactor a { on n => f; on start => g; }\n"
                     "supervisor r { children a; }\n");
    snprintf(more, sizeof more, range, "refactor");
    ask(&page, "codeAction", "m", 0, more);
    talk_expect(&page.talk, "\"result\":[]");
    snprintf(more, sizeof more, range, "quickfix.more");
    ask(&page, "codeAction", "m", 0, more);
    talk_expect(&page.talk, "\"result\":[]");
    snprintf(more, sizeof more, range, "");
    ask(&page, "codeAction", "m", 0, more);
    talk_expect(&page.talk, "\"result\":[");
    talk_end(&page.talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hover_tells_of_everything),
        cmocka_unit_test(a_long_declaration_is_cut),
        cmocka_unit_test(definition_looks_into_raw_c),
        cmocka_unit_test(definition_finds_files),
        cmocka_unit_test(the_outline_is_flat_for_old_clients),
        cmocka_unit_test(a_rename_that_makes_no_sense_is_refused),
        cmocka_unit_test(a_rename_reaches_into_the_c_of_the_files),
        cmocka_unit_test(actions_come_in_the_kinds_that_are_wanted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
