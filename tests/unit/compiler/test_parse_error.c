/*
 * compiler/parse.c and parse_error.c: what is said about faulty texts, that
 * it is said once, and that the rest of the file is still understood.
 */

#include "front.h"

static void missing_semicolon_is_put_in(void **state)
{
    (void)state;
    front_expect("message a { u32 x }", "1:18: error: expected `;` [E0001]");
    front_expect("use \"a.h\"\nmessage b;",
                 "1:10: error: expected `;` [E0001]");
    front_expect("actor a {\n on b => c\n on d => e\n}",
                 "2:11: error: expected `;` [E0001]\n"
                 "3:11: error: expected `;` [E0001]");
    front_expect("message m {\n u32 a\n u32 b\n u32 c;\n}",
                 "2:7: error: expected `;` [E0001]\n"
                 "3:7: error: expected `;` [E0001]");
    front_expect("supervisor r {\n restart 5\n mailbox 6;\n children c\n}",
                 "2:11: error: expected `;` [E0001]\n"
                 "4:12: error: expected `;` [E0001]");
}

static void settings_may_go_over_several_lines(void **state)
{
    (void)state;
    front_expect("supervisor r {\n restart 5\n   in 10s\n   backoff;\n}", "");
}

static void missing_brace_is_put_in(void **state)
{
    (void)state;
    front_expect("actor a {\n on b => c;\nmessage d;\nactor e { }",
                 "3:1: error: expected `}` before `message` [E0001]");
    front_expect("actor a {\n state {\n  u32 x;\nactor e { }\nmessage f;",
                 "4:1: error: expected `}` before `actor` [E0001]");
    front_expect("supervisor s {\n children a {\n  mailbox 4;\n\n"
                 " children b;\n}",
                 "5:2: error: expected `}` before `children` [E0001]");
}

static void missing_open_brace_is_put_in(void **state)
{
    (void)state;
    front_expect("actor a\n    on b => c;\n    on d => e;\n}\nmessage f;",
                 "1:8: error: expected `{` [E0001]");
    front_expect("supervisor s {\n children a mailbox 4; }\n children b;\n}",
                 "2:12: error: expected `{` [E0001]");
    front_expect("supervisor s {\n children a\n children b;\n}",
                 "2:12: error: expected `;` [E0001]");
}

static void missing_arrow_is_put_in(void **state)
{
    (void)state;
    front_expect("actor a {\n on b { return '}'; }\n on c => d;\n}",
                 "2:7: error: expected `=>` before `{` [E0001]");
}

static void wrong_bracket_is_taken_for_the_right_one(void **state)
{
    (void)state;
    front_expect("message m { u8 a[4}; u8 b; }\nmessage n;",
                 "1:19: error: expected `]`, found `}` [E0001]");
}

static void what_follows_a_closed_block_is_reported_once(void **state)
{
    (void)state;
    front_expect("supervisor s {\n children a { mailbox 4; } }\n children b;\n"
                 " children c;\n}\nmessage m {",
                 "3:2: error: `children` stands in a supervisor only [E0001]\n"
                 "6:11: error: this `{` is never closed [E0001]");
    front_expect("actor a { state { } }\n on b => c;\n on d => e;\n}",
                 "2:2: error: `on` stands in an actor or supervisor [E0001]");
}

static void unclosed_block_is_reported_at_its_brace(void **state)
{
    (void)state;
    front_expect("supervisor s {\n children a {",
                 "2:13: error: this `{` is never closed [E0001]");
    front_expect("message m {\n u32 x;",
                 "1:11: error: this `{` is never closed [E0001]");
    front_expect("message m { u32",
                 "1:11: error: this `{` is never closed [E0001]");
    front_expect("message m", "1:10: error: expected `{`, `;` or `=!>`, "
                              "found end of file [E0001]");
}

static void stray_brace_is_reported_once(void **state)
{
    (void)state;
    front_expect("message a;\n}\nmessage b;",
                 "2:1: error: this `}` closes no block [E0001]");
    front_expect("actor a { } }",
                 "1:13: error: this `}` closes no block [E0001]");
}

static void misspelt_words_are_guessed(void **state)
{
    (void)state;
    front_expect("actr a { on b => c; x { } }",
                 "1:1: error: unknown word `actr` [E0001]");
    front_expect("actor a { onn b => c; on d => e; }",
                 "1:11: error: unknown word `onn` [E0001]");
    front_expect("supervisor r { childen a { mailbox 4; } children b; }",
                 "1:16: error: unknown word `childen` [E0001]");
    front_expect("actor a { on b snds c.d => e; on f asks g.h withn 1s => i; }",
                 "1:16: error: unknown word `snds` [E0001]\n"
                 "1:45: error: unknown word `withn` [E0001]");
    front_expect("supervisor r { children a ass b; }",
                 "1:27: error: unknown word `ass` [E0001]");
}

static void misplaced_statements_are_named(void **state)
{
    (void)state;
    front_expect("supervisor r { every 5s => x; children a; }",
                 "1:16: error: `every` stands in an actor only [E0001]");
    front_expect("actor a { children b; on c => d; }",
                 "1:11: error: `children` stands in a supervisor only [E0001]");
    front_expect("actor a { message b; on c => d; }",
                 "1:11: error: `message` stands outside of all blocks "
                 "[E0001]");
    front_expect("state { u32 x; }",
                 "1:1: error: `state` stands in an actor only [E0001]");
    front_expect("actor a { outside sends b.c; }",
                 "1:11: error: `outside` stands outside of all blocks "
                 "[E0001]");
    front_expect("childs x; = 7; message a;",
                 "1:11: error: unexpected `=` [E0001]");
}

static void reserved_words_are_no_names(void **state)
{
    (void)state;
    front_expect("supervisor r { children supervisor { } children on; }",
                 "1:25: error: `supervisor` is a reserved word and cannot be "
                 "a name [E0001]\n"
                 "1:49: error: `on` is a reserved word and cannot be a name "
                 "[E0001]");
    front_expect("message actor { u32 x; }",
                 "1:9: error: `actor` is a reserved word and cannot be a name "
                 "[E0001]");
}

static void duration_without_unit_is_understood(void **state)
{
    (void)state;
    front_expect("actor a { every 5 => b; on c asks d.e within 7 => f; }",
                 "1:17: error: a duration needs a unit [E0102]\n"
                 "1:46: error: a duration needs a unit [E0102]");
}

static void expected_sets_are_exact(void **state)
{
    (void)state;
    front_expect("message a b;",
                 "1:11: error: expected `{`, `;` or `=!>`, found `b` [E0001]");
    front_expect("actor a { on b =>",
                 "1:9: error: this `{` is never closed [E0001]");
    front_expect("actor a { on b => 7; }",
                 "1:19: error: expected a name or a block of C, found `7` "
                 "[E0001]");
    front_expect("actor a { on b sends c.; }",
                 "1:24: error: expected a name, found `;` [E0001]");
    front_expect("actor a { on b sends c; }",
                 "1:23: error: expected `.`, found `;` [E0001]");
    front_expect("supervisor r one-for-one { }",
                 "1:14: error: expected `{` or `:`, found `one` [E0001]");
    front_expect("message m { u32 x[; }",
                 "1:19: error: expected a name, a number or a size, found `;` "
                 "[E0001]");
    front_expect("supervisor r { children a dynamic max; }",
                 "1:38: error: expected a number or a size, found `;` "
                 "[E0001]");
}

static void long_expected_sets_stand_in_the_label(void **state)
{
    struct front f;
    const char *text;

    (void)state;
    front_init(&f, "actor a { on b everything.y => c; }");
    bstc_parse(&f.context, f.source);
    text = front_diags(&f, BSTC_FORMAT_TEXT);
    assert_non_null(strstr(text, "error[E0001]: unexpected `everything`\n"));
    assert_non_null(strstr(text, "^ expected `;`, `=>`, `=!>`, `~>`, `sends`, "
                                 "`asks` or `spawns`\n"));
    front_fini(&f);
}

static void expected_set_after_a_target_has_the_comma(void **state)
{
    struct front f;
    const char *text;

    (void)state;
    front_init(&f, "actor a { on b sends c.d ] }");
    bstc_parse(&f.context, f.source);
    text = front_diags(&f, BSTC_FORMAT_TEXT);
    assert_non_null(strstr(text, "expected `;`, `,`, `=>`, `=!>`, `sends`, "
                                 "`asks` or `spawns`"));
    front_fini(&f);
}

static void several_faults_are_found_in_one_run(void **state)
{
    (void)state;
    front_expect("message a { u32 7; u32 b; i32 = 3; }\n"
                 "actor x {\n"
                 "    on a => ;\n"
                 "    on b => f;\n"
                 "    mailbox = 7;\n"
                 "    on c sends #.d => g;\n"
                 "}\n"
                 "supervisor r {\n"
                 "    children 5;\n"
                 "    children x;\n"
                 "    stream a ~> ;\n"
                 "}\n",
                 "1:17: error: unexpected `7` [E0001]\n"
                 "1:31: error: unexpected `=` [E0001]\n"
                 "3:13: error: expected a name or a block of C, found `;` "
                 "[E0001]\n"
                 "5:13: error: expected a value or `;`, found `=` "
                 "[E0001]\n"
                 "6:17: error: expected a name, found `.` [E0001]\n"
                 "9:14: error: expected a name, found `5` [E0001]\n"
                 "11:17: error: expected a name, found `;` [E0001]");
}

static void items_after_a_fault_are_kept(void **state)
{
    struct front f;
    const struct bstc_ast_file *file;
    const struct bstc_ast_item *item;
    const char *names = "";

    (void)state;
    front_init(&f, "message a;\n"
                   "message ???\n"
                   "message b;\n"
                   "actor c { on 5; on x => y; }\n"
                   "actr d { on 5 => { } }\n"
                   "message e;\n");
    file = bstc_parse(&f.context, f.source);
    for (item = file->items; item; item = item->next)
        names = bstc_arena_format(&f.context.arena, "%s %s", names,
                                  item->kind == BSTC_AST_ITEM_ACTOR
                                      ? item->actor->name.text
                                      : item->message->name.text);
    assert_string_equal(names, " a b c e");
    front_fini(&f);
}

static void scanner_faults_cause_no_second_report(void **state)
{
    (void)state;
    front_expect("use \"abc\nmessage a;",
                 "1:5: error: this string is not closed on its line [E0002]");
    front_expect("message \xc3\xa9t\xc3\xa9 { u32 x; }\nmessage b;",
                 "1:9: error: U+00E9 has no meaning here [E0002]");
    front_expect("memory 5 @;", "1:10: error: `@` has no meaning here [E0002]");
    front_expect("actor a { on b => { c",
                 "1:19: error: this block of C is never closed [E0003]");
    front_expect("actor a { /* on b",
                 "1:11: error: this comment is never closed [E0002]");
}

static void types_of_c_get_their_word(void **state)
{
    (void)state;
    front_expect("message m { unsigned int a; const char *b; int c; u32 d; }",
                 "1:13: error: `unsigned int` is not a type of .bst [E0110]\n"
                 "1:29: error: `const char *` is not a type of .bst [E0110]\n"
                 "1:44: error: `int` is not a type of .bst [E0110]");
    front_expect("actor a { state { char *a; void *b; const char *c;\n"
                 " uint32_t d; my type e; } }",
                 "1:37: error: `const char *` is not a type of .bst [E0110]\n"
                 "2:2: error: `uint32_t` is not a type of .bst [E0110]\n"
                 "2:14: error: `my type` is not a type of .bst [E0110]");
}

static void types_of_c_are_fixed(void **state)
{
    static const struct {
        const char *type;
        const char *fix;
    } cases[] = {
        {"unsigned int", "u32"}, {"unsigned", "u32"},
        {"long long", "i64"},    {"unsigned long", "u64"},
        {"unsigned char", "u8"}, {"short", "i16"},
        {"signed char", "i8"},   {"float", "f32"},
        {"double", "f64"},       {"_Bool", "bool"},
        {"int64_t", "i64"},      {"const char *", "text"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct front f;
        char text[64];

        snprintf(text, sizeof text, "message m { %s x; }", cases[i].type);
        front_init(&f, text);
        bstc_parse(&f.context, f.source);
        assert_int_equal(f.context.diags.count, 1);
        assert_true(f.context.diags.items[0]->has_fix);
        assert_string_equal(f.context.diags.items[0]->fix_text, cases[i].fix);
        assert_string_equal(front_text(&f, f.context.diags.items[0]->fix),
                            cases[i].type);
        front_fini(&f);
    }
}

static void second_state_block_is_reported(void **state)
{
    (void)state;
    front_expect("actor a { state { u32 x; } state { u32 y; } }",
                 "1:28: error: an actor has one `state` block [E0202]");
}

static void deep_nesting_is_reported_once(void **state)
{
    enum { DEPTH = 100000 };
    static char text[DEPTH * 13 + 1];
    int i;

    (void)state;
    for (i = 0; i < DEPTH; i++)
        memcpy(text + i * 13, "supervisor s{", 13);
    front_expect(text, "1:3341: error: braces are nested deeper than 256 "
                       "[E0001]");
}

static void many_faults_take_linear_time(void **state)
{
    enum { FAULTS = 300000 };
    static char text[FAULTS * 4 + 1];
    struct front f;
    int i;

    (void)state;
    for (i = 0; i < FAULTS; i++)
        memcpy(text + i * 4, "= ;\n", 4);
    front_init(&f, text);
    bstc_parse(&f.context, f.source);
    assert_int_equal(f.context.diags.errors, FAULTS);
    assert_int_equal(f.context.diags.count, BSTC_DIAG_MAX_KEPT);
    front_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_semicolon_is_put_in),
        cmocka_unit_test(settings_may_go_over_several_lines),
        cmocka_unit_test(missing_brace_is_put_in),
        cmocka_unit_test(missing_open_brace_is_put_in),
        cmocka_unit_test(missing_arrow_is_put_in),
        cmocka_unit_test(wrong_bracket_is_taken_for_the_right_one),
        cmocka_unit_test(what_follows_a_closed_block_is_reported_once),
        cmocka_unit_test(unclosed_block_is_reported_at_its_brace),
        cmocka_unit_test(stray_brace_is_reported_once),
        cmocka_unit_test(misspelt_words_are_guessed),
        cmocka_unit_test(misplaced_statements_are_named),
        cmocka_unit_test(reserved_words_are_no_names),
        cmocka_unit_test(duration_without_unit_is_understood),
        cmocka_unit_test(expected_sets_are_exact),
        cmocka_unit_test(long_expected_sets_stand_in_the_label),
        cmocka_unit_test(expected_set_after_a_target_has_the_comma),
        cmocka_unit_test(several_faults_are_found_in_one_run),
        cmocka_unit_test(items_after_a_fault_are_kept),
        cmocka_unit_test(scanner_faults_cause_no_second_report),
        cmocka_unit_test(types_of_c_get_their_word),
        cmocka_unit_test(types_of_c_are_fixed),
        cmocka_unit_test(second_state_block_is_reported),
        cmocka_unit_test(deep_nesting_is_reported_once),
        cmocka_unit_test(many_faults_take_linear_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
