/*
 * The text buffer of the emitters, stubs and depfiles.
 */

#include "semantic.h"

struct text {
    struct bstc_arena arena;
    struct bstc_out out;
};

static int setup(void **state)
{
    static struct text text;

    bstc_arena_init(&text.arena);
    bstc_out_init(&text.out, &text.arena);
    *state = &text;
    return 0;
}

static int teardown(void **state)
{
    struct text *text = *state;

    bstc_arena_fini(&text->arena);
    return 0;
}

static const char *joined(struct text *text)
{
    return bstc_out_join(&text->out);
}

static void out_counts_lines_over_chunks(void **state)
{
    struct text *text = *state;
    const char *all;

    for (int i = 0; i < 10000; i++)
        bstc_out_format(&text->out, "%d%s", i, i % 2 ? "\n" : " ");
    assert_int_equal(text->out.line, 5001);
    all = joined(text);
    assert_int_equal(strlen(all), text->out.length);
    assert_memory_equal(all, "0 1\n2 3\n", 8);
    assert_string_equal(all + text->out.length - 10, "9998 9999\n");
}

static void out_format_conversions(void **state)
{
    struct text *text = *state;

    bstc_out_format(&text->out, "%s|%u|%d|%lld|%llu|%d", "x", UINT32_MAX, -7,
                    (long long)INT64_MIN, (unsigned long long)UINT64_MAX, 0);
    assert_string_equal(
        joined(text),
        "x|4294967295|-7|-9223372036854775808|18446744073709551615|0");
}

static void out_string_escapes_what_is_not_safe(void **state)
{
    struct text *text = *state;

    bstc_out_string(&text->out, "a\"b\\c\n\x01"
                                "7?\?/\xc3\xa9%s");
    assert_string_equal(joined(text),
                        "\"a\\042b\\134c\\012\\0017\\077\\077/\\303\\251%s\"");
}

static void out_where_escapes_the_file(void **state)
{
    struct text *text = *state;

    bstc_out_where(&text->out, "a\"b.bst", 12);
    assert_string_equal(joined(text), "\"a\\042b.bst:12\"");
}

static void out_comment_cannot_be_ended(void **state)
{
    struct text *text = *state;
    static const char nasty[] = "*/ /* **/ // \n ?\?/ \x1b *";

    bstc_out_in_comment(&text->out, nasty);
    assert_null(strstr(joined(text), "*/"));
    assert_null(strstr(joined(text), "/*"));
    assert_null(strstr(joined(text), "?\?"));
    assert_null(strchr(joined(text), '\n'));
    assert_null(strchr(joined(text), '\x1b'));
    assert_int_equal(joined(text)[text->out.length - 1], ' ');
}

static void out_doc_forms(void **state)
{
    struct text *text = *state;

    bstc_out_doc(&text->out, "  ", NULL);
    bstc_out_doc(&text->out, "  ", "");
    assert_int_equal(text->out.length, 0);
    bstc_out_doc(&text->out, "  ", "one\n");
    bstc_out_doc(&text->out, "", "two\n\nlines\n");
    assert_string_equal(joined(text),
                        "  /** one */\n/**\n * two\n *\n * lines\n */\n");
}

static void out_list_breaks_long_lines(void **state)
{
    static const char *const items[] = {
        "struct counter_ref to", "const struct add *message",
        "struct total *answer", "bst_time within"};
    struct text *text = *state;

    bstc_out_list(&text->out, "\nbst_status f(", items, 4, ")\n{\n");
    assert_string_equal(
        joined(text),
        "\nbst_status f(struct counter_ref to, const struct add *message,\n"
        "             struct total *answer, bst_time within)\n{\n");
}

static void duration_takes_the_largest_unit(void **state)
{
    static const struct {
        int64_t ns;
        const char *c, *bst;
    } cases[] = {
        {1, "BST_NS(1)", "1ns"},
        {1500, "BST_NS(1500)", "1500ns"},
        {2000, "BST_US(2)", "2us"},
        {50000000, "BST_MS(50)", "50ms"},
        {1500000000, "BST_MS(1500)", "1500ms"},
        {60000000000, "BST_S(60)", "1min"},
        {90000000000, "BST_S(90)", "90s"},
        {7200000000000, "BST_S(7200)", "2h"},
        {86400000000000, "BST_S(86400)", "1d"},
        {INT64_MAX, "BST_INFINITE", "9223372036854775807ns"},
    };
    struct text *text = *state;
    char buffer[32];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(bstc_duration_c(&text->arena, cases[i].ns),
                            cases[i].c);
        bstc_duration_text(buffer, sizeof buffer, cases[i].ns);
        assert_string_equal(buffer, cases[i].bst);
    }
}

static void deps_quote_and_phony(void **state)
{
    static const char *const targets[] = {"o/x.bst.c", "a b#$.h"};
    static const char *const sources[] = {"x.bst", "y z.bst"};
    struct bstc_deps deps = {.targets = targets,
                             .ntargets = 2,
                             .sources = sources,
                             .nsources = 2,
                             .phony = true};
    struct text *text = *state;

    bstc_emit_deps(&text->out, &deps);
    assert_string_equal(joined(text),
                        "o/x.bst.c a\\ b\\#$$.h: x.bst \\\n y\\ z.bst\n"
                        "\ny\\ z.bst:\n");
}

static void deps_given_target_is_raw(void **state)
{
    static const char *const targets[] = {"$(X) y"};
    static const char *const sources[] = {"x.bst"};
    struct bstc_deps deps = {.targets = targets,
                             .ntargets = 1,
                             .sources = sources,
                             .nsources = 1,
                             .raw_target = true};
    struct text *text = *state;

    bstc_emit_deps(&text->out, &deps);
    assert_string_equal(joined(text), "$(X) y: x.bst\n");
}

static const char two[] = "message m; actor a { on m => f; on start => g; }\n"
                          "supervisor root { children a; }\n";

static size_t stubs_with(const char *c, char *text, size_t size)
{
    struct semantic s;
    struct bstc_model *model = semantic_model(&s, two);
    struct bstc_defined file = {c, strlen(c)};
    struct bstc_out out;
    size_t length;

    bstc_out_init(&out, &s.front.context.arena);
    bstc_emit_stubs(&out, model, &file, 1, true);
    length = out.length;
    snprintf(text, size, "%s", bstc_out_join(&out));
    semantic_fini(&s);
    return length;
}

static void stubs_find_definitions(void **state)
{
    static const char *const both[] = {
        "int f(void) {} int g(void) {}",
        "int f /* x */ (int (*p)(int)) // y\n {} int g()\n{ \"}\" }",
        "#define X {\nint f(a) {'}'}\nint g() {}",
        "  # if 1 \\\n {{{\nint f() { if (g()) {} } int g() { }",
        "static int x[] = {1, 2}; int f(){} struct s { int y; }; int g(){}",
    };
    static const char *const none[] = {
        "",
        "int f(void); int g(void);",
        "/* int f() {} */ // int g() {}\n",
        "const char *s = \"f() {\"; char c = '\"'; /* g() {} */",
        "void other(void) { f() ; { g(); } }",
        "int f(",
        "int f() ",
        "\"",
        "/*",
        "#",
    };
    char text[2000];

    (void)state;
    for (size_t i = 0; i < sizeof both / sizeof *both; i++)
        assert_int_equal(stubs_with(both[i], text, sizeof text), 0);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        stubs_with(none[i], text, sizeof text);
        assert_non_null(strstr(text, " f(struct a *self)"));
        assert_non_null(strstr(text, " g(struct a *self)"));
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(out_counts_lines_over_chunks),
        TEST(out_format_conversions),
        TEST(out_string_escapes_what_is_not_safe),
        TEST(out_where_escapes_the_file),
        TEST(out_comment_cannot_be_ended),
        TEST(out_doc_forms),
        TEST(out_list_breaks_long_lines),
        TEST(duration_takes_the_largest_unit),
        TEST(deps_quote_and_phony),
        TEST(deps_given_target_is_raw),
        TEST(stubs_find_definitions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
