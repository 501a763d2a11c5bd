/* compiler/diag_text.c: what people see, byte for byte. */

#include "front.h"

static struct bstc_span at(uint32_t start, uint32_t end)
{
    return (struct bstc_span){0, start, end};
}

/* Span of the first occurrence of `part` in the text. */
static struct bstc_span of(const struct front *f, const char *part)
{
    const char *found = strstr(f->source->text, part);
    uint32_t start;

    assert_non_null(found);
    start = (uint32_t)(found - f->source->text);
    return at(start, start + (uint32_t)strlen(part));
}

static void all_parts_stand_where_they_should(void **state)
{
    struct front f;
    struct bstc_diags *diags = &f.context.diags;
    struct bstc_diag *diag;

    (void)state;
    front_init(&f, "\n\n\n\n\n\nactor counter {\n\n\n\n\n\n\n\n"
                   "    on start sends tally.sub asks tally.get => run;\n");
    diag = bstc_error(diags, "E0301", of(&f, "tally.sub"),
                      "`counter` does not understand `sub`");
    bstc_diag_label(diags, diag, "sent here");
    bstc_diag_also(diags, diag, of(&f, "counter"),
                   "`tally` is a group of `counter`");
    bstc_diag_fix(diags, diag, of(&f, "sub"), "add",
                  "a message with a similar name exists");
    assert_string_equal(
        front_diags(&f, BSTC_FORMAT_TEXT),
        "error[E0301]: `counter` does not understand `sub`\n"
        "  --> t.bst:15:20\n"
        "   |\n"
        "15 |     on start sends tally.sub asks tally.get => run;\n"
        "   |                    ^^^^^^^^^ sent here\n"
        "   |\n"
        " 7 | actor counter {\n"
        "   |       ------- `tally` is a group of `counter`\n"
        "   |\n"
        "help: a message with a similar name exists\n"
        "   |\n"
        "15 |     on start sends tally.add asks tally.get => run;\n"
        "   |                          ~~~\n"
        "\n"
        "t.bst: 1 error\n");
    front_fini(&f);
}

static void later_lines_follow_without_a_gap(void **state)
{
    struct front f;
    struct bstc_diags *diags = &f.context.diags;
    struct bstc_diag *diag;

    (void)state;
    front_init(&f, "one two\n\nthree\n");
    diag = bstc_warning(diags, "W0501", of(&f, "one"), "two marks");
    bstc_diag_label(diags, diag, "1.");
    bstc_diag_also(diags, diag, of(&f, "two"), "2.");
    bstc_diag_also(diags, diag, of(&f, "three"), "3.");
    bstc_diag_note(diags, diag, "noted");
    bstc_diag_help(diags, diag, "helped");
    assert_string_equal(front_diags(&f, BSTC_FORMAT_TEXT),
                        "warning[W0501]: two marks\n"
                        " --> t.bst:1:1\n"
                        "  |\n"
                        "1 | one two\n"
                        "  | ^^^ 1.\n"
                        "  |     --- 2.\n"
                        "3 | three\n"
                        "  | ----- 3.\n"
                        "  = note: noted\n"
                        "  = help: helped\n"
                        "\n"
                        "t.bst: 1 warning\n");
    front_fini(&f);
}

static void columns_account_for_tabs_and_wide_text(void **state)
{
    struct front f;

    (void)state;
    front_init(&f, "\tx\xe4\xb8\xad"
                   "e\xcc\x81"
                   "\ty;");
    bstc_error(&f.context.diags, "E0001", of(&f, "y"), "here");
    assert_string_equal(front_diags(&f, BSTC_FORMAT_TEXT),
                        "error[E0001]: here\n"
                        " --> t.bst:1:10\n"
                        "  |\n"
                        "1 |     x\xe4\xb8\xad"
                        "e\xcc\x81"
                        "    y;\n"
                        "  |             ^\n"
                        "\n"
                        "t.bst: 1 error\n");
    front_fini(&f);
}

static void control_bytes_are_escaped(void **state)
{
    struct front f;

    (void)state;
    front_init(&f, "a\x1b[31m \xff \xe2\x80\xae b");
    bstc_error(&f.context.diags, "E0001", of(&f, "b"), "bad \x1b text");
    assert_string_equal(front_diags(&f, BSTC_FORMAT_TEXT),
                        "error[E0001]: bad \\x1b text\n"
                        " --> t.bst:1:14\n"
                        "  |\n"
                        "1 | a\\x1b[31m \\xff \\u202e b\n"
                        "  |                       ^\n"
                        "\n"
                        "t.bst: 1 error\n");
    front_fini(&f);
}

static void long_lines_are_cut_around_the_mark(void **state)
{
    static char text[100001];
    struct front f;
    const char *out;
    const char *line;
    size_t length;

    (void)state;
    memset(text, 'x', sizeof text - 1);
    memcpy(text + 50000, " HERE ", 6);
    front_init(&f, text);
    bstc_error(&f.context.diags, "E0001", of(&f, "HERE"), "long");
    out = front_diags(&f, BSTC_FORMAT_TEXT);
    assert_true(strlen(out) < 600);
    line = strstr(out, "1 | ...");
    assert_non_null(line);
    length = (size_t)(strstr(line, "HERE") - line);
    line = strchr(line, '\n') + 1;
    assert_int_equal(strcspn(line, "^"), length);
    assert_int_equal(strspn(line + length, "^"), 4);
    front_fini(&f);
}

static void places_at_the_edges_are_valid(void **state)
{
    struct front f;
    struct bstc_diags *diags = &f.context.diags;
    struct bstc_diag *diag;

    (void)state;
    front_init(&f, "ab\ncd");
    bstc_error(diags, "E0001", at(5, 5), "at the end");
    bstc_error(diags, "E0001", at(1, 5), "over a line end");
    diag = bstc_error(diags, "E0001", at(2, 2), "at a line end");
    bstc_diag_fix(diags, diag, at(2, 2), ";", "insert it");
    assert_string_equal(front_diags(&f, BSTC_FORMAT_TEXT),
                        "error[E0001]: over a line end\n"
                        " --> t.bst:1:2\n"
                        "  |\n"
                        "1 | ab\n"
                        "  |  ^\n"
                        "\n"
                        "error[E0001]: at a line end\n"
                        " --> t.bst:1:3\n"
                        "  |\n"
                        "1 | ab\n"
                        "  |   ^\n"
                        "  |\n"
                        "help: insert it\n"
                        "  |\n"
                        "1 | ab;\n"
                        "  |   ~\n"
                        "\n"
                        "error[E0001]: at the end\n"
                        " --> t.bst:2:3\n"
                        "  |\n"
                        "2 | cd\n"
                        "  |   ^\n"
                        "\n"
                        "t.bst: 3 errors\n");
    front_fini(&f);
}

static void errors_beyond_the_limit_are_counted(void **state)
{
    struct front f;
    struct bstc_diag_style style = {.color = BSTC_COLOR_NEVER,
                                    .subject = "t.bst"};
    char *buffer = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&buffer, &size);
    const char *where;
    int shown = 0;
    uint32_t i;

    (void)state;
    front_init(&f, "abcdefghijklmnopqrstuvwxyz0123456789");
    for (i = 0; i < 30; i++)
        bstc_error(&f.context.diags, "E0001", at(i, i + 1), "bad");
    bstc_warning(&f.context.diags, "W0001", at(35, 36), "odd");
    bstc_diags_print(&f.context.diags, out, &style);
    fclose(out);
    for (where = buffer; (where = strstr(where, "error[")); where++)
        shown++;
    assert_int_equal(shown, 20);
    assert_non_null(strstr(buffer, "warning[W0001]"));
    assert_non_null(strstr(buffer, "\nt.bst: 30 errors, 1 warning; the first "
                                   "20 errors are shown\n"));
    free(buffer);
    front_fini(&f);
}

static void color_is_used_only_when_wanted(void **state)
{
    struct front f;
    struct bstc_diag_style style = {.color = BSTC_COLOR_ALWAYS};
    char *buffer = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&buffer, &size);

    (void)state;
    front_init(&f, "abc");
    bstc_error(&f.context.diags, "E0001", at(0, 1), "bad");
    bstc_diags_print(&f.context.diags, out, &style);
    fflush(out);
    assert_non_null(strstr(buffer, "\033[1;31merror[E0001]"));
    rewind(out);
    style.color = BSTC_COLOR_AUTO;
    bstc_diags_print(&f.context.diags, out, &style);
    fclose(out);
    assert_null(strstr(buffer, "\033[1;31merror[E0001]: bad"));
    assert_memory_equal(buffer, "error[E0001]: bad\n", 18);
    free(buffer);
    front_fini(&f);
}

static void other_files_are_named(void **state)
{
    struct front f;
    struct bstc_diags *diags = &f.context.diags;
    struct bstc_source *second;
    struct bstc_diag *diag;

    (void)state;
    front_init(&f, "one\n");
    second = bstc_sources_add(&f.context.sources, "o\nther.bst", "two\n", 4);
    diag = bstc_error(diags, "E0202", at(0, 3), "twice");
    bstc_diag_also(diags, diag, (struct bstc_span){second->index, 0, 3},
                   "first here");
    assert_string_equal(front_diags(&f, BSTC_FORMAT_TEXT),
                        "error[E0202]: twice\n"
                        " --> t.bst:1:1\n"
                        "  |\n"
                        "1 | one\n"
                        "  | ^^^\n"
                        " ::: o\\x0ather.bst:1:1\n"
                        "1 | two\n"
                        "  | --- first here\n"
                        "\n"
                        "t.bst: 1 error\n");
    front_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_parts_stand_where_they_should),
        cmocka_unit_test(later_lines_follow_without_a_gap),
        cmocka_unit_test(columns_account_for_tabs_and_wide_text),
        cmocka_unit_test(control_bytes_are_escaped),
        cmocka_unit_test(long_lines_are_cut_around_the_mark),
        cmocka_unit_test(places_at_the_edges_are_valid),
        cmocka_unit_test(errors_beyond_the_limit_are_counted),
        cmocka_unit_test(color_is_used_only_when_wanted),
        cmocka_unit_test(other_files_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
