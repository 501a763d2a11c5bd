/*
 * Formatting: small texts and what they become, and three laws for every
 * .bst file of the repository and for its tokens laid out at random:
 *   - nothing but blanks changes (and hyphens of strategies);
 *   - what is formatted stays as it is;
 *   - a refused text is one with a syntax error.
 */

#include "front.h"
#include "fmt.h"

#include <ftw.h>

/* Formats a text; NULL if it is refused. The caller frees the result. */
static char *format(const char *text, size_t size, size_t *length)
{
    struct bstc_out out;
    struct front f;
    char *result = NULL;
    enum bstc_format_result got;

    front_init_bytes(&f, text, size);
    bstc_out_init(&out, &f.context.arena);
    got = bstc_format(&f.context, f.source, &out);
    assert_int_not_equal(got, BSTC_FORMAT_BROKEN);
    if (got == BSTC_FORMAT_DONE) {
        *length = out.length;
        result = malloc(out.length + 1);
        assert_non_null(result);
        memcpy(result, bstc_out_join(&out), out.length + 1);
    } else {
        assert_true(f.context.diags.errors > 0);
    }
    front_fini(&f);
    return result;
}

static void becomes(const char *text, const char *wanted)
{
    size_t length;
    size_t again_length;
    char *got = format(text, strlen(text), &length);
    char *again;

    assert_non_null(got);
    assert_string_equal(got, wanted);
    again = format(got, length, &again_length);
    assert_string_equal(again, got);
    free(again);
    free(got);
}

/* ---- single rules -------------------------------------------------------- */

static void statements_have_lines_of_their_own(void **state)
{
    (void)state;
    becomes("", "");
    becomes("message a ;message b{u8 x ;}",
            "message a;\nmessage b { u8 x; }\n");
    becomes("actor a{\nstate{}on start=>f;every 5s=>g;}",
            "actor a {\n    state {}\n    on start => f;\n"
            "    every 5s => g;\n}\n");
}

static void blanks_between_tokens_are_regular(void **state)
{
    (void)state;
    becomes("use  <a.h> ; import\"b.bst\";", "use <a.h>;\nimport \"b.bst\";\n");
    becomes("message m { u32*p ; u8 b [ 4KiB ] ; i8 n=- 1 ; }",
            "message m { u32 *p; u8 b[4KiB]; i8 n = -1; }\n");
    becomes("actor a { on start sends # b . c ,d.e asks f.g within 1s=>h ; }",
            "actor a { on start sends #b.c, d.e asks f.g within 1s => h; }\n");
    becomes("supervisor s:one_for_all{\nresize 1..2 when mailbox>3;}",
            "supervisor s : one-for-all {\n    resize 1..2 when mailbox > 3;\n"
            "}\n");
}

static void one_blank_line_is_kept(void **state)
{
    (void)state;
    becomes("\n\n\nmessage a;\n\n\n\nmessage b;\nmessage c;\n\n\n",
            "message a;\n\nmessage b;\nmessage c;\n");
    becomes("actor a {\n\n\non x;\n\n\non y;\n\n}\nmessage x;",
            "actor a {\n    on x;\n\n    on y;\n}\n\nmessage x;\n");
}

static void comments_stay_where_they_are(void **state)
{
    (void)state;
    becomes("// one   \n/* two */ message a; // three\n\n// four\n",
            "// one\n/* two */ message a;  // three\n\n// four\n");
    becomes("message a { // x\n// y\nu8 b; /* z */ u8 c; }",
            "message a {  // x\n    // y\n    u8 b;  /* z */\n    u8 c;\n}\n");
    becomes("actor a { on /*1*/ b /*2*/ => /*3*/ c /*4*/ ; }",
            "actor a { on /*1*/ b /*2*/ => /*3*/ c /*4*/; }\n");
    becomes("actor a {\n on b // why\n => c;\n}",
            "actor a {\n    on b  // why\n        => c;\n}\n");
    becomes("actor a {\n  /* one\n     two */\n  on b;\n}",
            "actor a {\n    /* one\n       two */\n    on b;\n}\n");
    becomes("actor a {\n    on b;   // one\n            // two\n  // three\n}",
            "actor a {\n    on b;  // one\n           // two\n    // three\n"
            "}\n");
}

static void neighbours_are_aligned(void **state)
{
    (void)state;
    becomes("message a { u8 x; } // 1\nmessage abc { u8 x; }// 2\n",
            "message a   { u8 x; }  // 1\nmessage abc { u8 x; }  // 2\n");
    becomes("actor a {\non b =!> c;\non #def => g;\n}",
            "actor a {\n    on b   =!> c;\n    on #def => g;\n}\n");
    becomes("actor a {\non b sends c.d => e;\non fgh sends c.dd => i;\n}",
            "actor a {\n    on b   sends c.d  => e;\n"
            "    on fgh sends c.dd => i;\n}\n");
    /* One long neighbour does not push the others away. */
    becomes("actor a {\non b => c;\n"
            "on a_very_long_name_of_a_message => d;\non e => f;\n}",
            "actor a {\n    on b => c;\n"
            "    on a_very_long_name_of_a_message => d;\n    on e => f;\n}\n");
}

static void long_statements_are_broken(void **state)
{
    (void)state;
    becomes("actor a { on start sends one_group.one_message, "
            "another_group.another_message asks a_third_group.a_question "
            "within 10s => a_start; }",
            "actor a {\n    on start\n"
            "        sends one_group.one_message, "
            "another_group.another_message\n"
            "        asks a_third_group.a_question within 10s\n"
            "        => a_start;\n}\n");
    becomes("outside sends aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbb, "
            "cccccccccccccccccccccccccccccc.ddddddddddddddddddd, e.f;",
            "outside\n    sends aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
            "bbbbbbbbbbbbbbbbb,\n          cccccccccccccccccccccccccccccc."
            "ddddddddddddddddddd, e.f;\n");
}

static void raw_c_moves_as_a_whole(void **state)
{
    (void)state;
    becomes("actor a {\n  on b => {\n    f();\n  }\n}",
            "actor a {\n    on b => {\n      f();\n    }\n}\n");
    becomes("actor a {\n\ton b => {\n\t\tf();\n\t}\n}",
            "actor a {\n    on b => {\n    \tf();\n    }\n}\n");
    /* What does not hang together stays, and so does a spliced string. */
    becomes("actor a {\n  on b => {\n f();\n  }\n}",
            "actor a {\n    on b => {\n f();\n  }\n}\n");
    becomes("actor a {\n  on b => {\n    f(\"x\\\n    y\");\n  }\n}",
            "actor a {\n    on b => {\n    f(\"x\\\n    y\");\n  }\n}\n");
    becomes("c{int x;}c {\n  int y;\n}message a;",
            "c {int x;}\nc {\n  int y;\n}\n\nmessage a;\n");
}

static void line_ends_and_mark_are_kept(void **state)
{
    (void)state;
    becomes("message a ;\r\nmessage b ;\nactor c{\r\non d=>{\n}\n}",
            "message a;\r\nmessage b;\r\nactor c {\r\n    on d => {\r\n"
            "    }\r\n}\r\n");
    becomes("message a ;\nmessage b ;\r\n", "message a;\nmessage b;\n");
    becomes("\xef\xbb\xbfmessage a ;", "\xef\xbb\xbfmessage a;\n");
}

static void only_syntax_is_refused(void **state)
{
    static const char *const refused[] = {
        "message", "actor a { on b => ",    "message a { u8 b; ",
        "}",       "message a \x01;",       "c { \"",
        "/* x",    "message a\nmessage b;",
    };
    size_t length;

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_null(format(refused[i], strlen(refused[i]), &length));
    becomes("message int ;", "message int;\n");
    becomes("supervisor s{children nobody ;}",
            "supervisor s { children nobody; }\n");
    becomes("supervisor s { restart 5 in 10 s ; mailbox 4KB; }",
            "supervisor s { restart 5 in 10 s; mailbox 4KB; }\n");
}

/* ---- laws ---------------------------------------------------------------- */

static bool is_blank(char c)
{
    return strchr(" \t\v\f\r\n", c) && c;
}

/* Copies a text without blanks, and with `-` for `_`. */
static size_t strip(const char *text, size_t length, char *stripped)
{
    size_t used = 0;

    for (size_t i = 0; i < length; i++) {
        if (!is_blank(text[i]))
            stripped[used++] = text[i];
        if (used && stripped[used - 1] == '_')
            stripped[used - 1] = '-';
    }
    return used;
}

/* Checks the laws for a text; returns whether it was formatted. */
static bool obeys(const char *text, size_t size)
{
    size_t length;
    size_t again_length;
    char *got = format(text, size, &length);
    char *again;
    char *a;
    char *b;

    if (!got)
        return false;
    again = format(got, length, &again_length);
    assert_non_null(again);
    if (again_length != length || memcmp(got, again, length) != 0)
        fail_msg("not stable:\n%s\n---\n%s", got, again);
    a = malloc(size + 1);
    b = malloc(length + 1);
    size = strip(text, size, a);
    assert_int_equal(strip(got, length, b), size);
    assert_memory_equal(a, b, size);
    free(a);
    free(b);
    free(again);
    free(got);
    return true;
}

static uint64_t random_state = 20261120;

static uint32_t next_random(uint32_t below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % below;
}

static const char *random_blank(bool is_needed)
{
    static const char *const blanks[] = {
        " ",         "\n",        "  ",      "\n\n",       "\t",
        "\r\n",      "\n    ",    "\n\n\n",  "\r",         "",
        " /* x */ ", "/*\n y */", " // z\n", "\n// w\n  ", "  // q\n\n",
    };
    uint32_t count = sizeof blanks / sizeof *blanks;
    const char *blank;

    do
        blank = blanks[next_random(next_random(4) ? 10 : count)];
    while (is_needed && !*blank);
    return blank;
}

/* Writes the tokens of a text with other blanks between them; what had
 * comments between stays. Returns the size, at most `room`. */
static size_t lay_out(const char *text, size_t size, char *other, size_t room)
{
    struct bstc_lexer *lexer;
    struct bstc_token token;
    struct front f;
    size_t used = 0;
    size_t at = 0;

    front_init_bytes(&f, text, size);
    lexer = BSTC_NEW(&f.context.arena, struct bstc_lexer);
    bstc_lexer_init(lexer, &f.context, f.source);
    do {
        size_t gap = at;
        const char *blank;

        bstc_lexer_next(lexer, &token);
        while (gap < token.span.start && is_blank(text[gap]))
            gap++;
        blank = gap == token.span.start ? random_blank(gap > at) : "";
        gap = *blank ? gap : at;
        if (used + strlen(blank) + token.span.end - gap >= room)
            break;
        memcpy(other + used, blank, strlen(blank));
        used += strlen(blank);
        memcpy(other + used, text + gap, token.span.end - gap);
        used += token.span.end - gap;
        at = token.span.end;
    } while (token.kind != BSTC_TOKEN_EOF);
    if (token.kind != BSTC_TOKEN_EOF)
        used = 0;
    front_fini(&f);
    return used;
}

static unsigned formatted;
static unsigned refused;
static unsigned relaid;

static int check_file(const char *path, const struct stat *status, int type,
                      struct FTW *walk)
{
    static char text[1 << 16];
    static char other[1 << 17];
    size_t size;
    FILE *file;

    (void)status;
    if (type == FTW_D && (strcmp(path, "./build") == 0 ||
                          strcmp(path + walk->base, ".git") == 0))
        return FTW_SKIP_SUBTREE;
    if (type != FTW_F || strlen(path) < 4 ||
        strcmp(path + strlen(path) - 4, ".bst") != 0)
        return FTW_CONTINUE;
    file = fopen(path, "rb");
    assert_non_null(file);
    size = fread(text, 1, sizeof text, file);
    fclose(file);
    assert_true(size < sizeof text);
    if (!obeys(text, size)) {
        refused++;
        return FTW_CONTINUE;
    }
    formatted++;
    for (int i = 0; i < FRONT_ROUNDS(32); i++) {
        size_t length = lay_out(text, size, other, sizeof other);

        relaid += obeys(other, length);
    }
    return FTW_CONTINUE;
}

static void every_file_obeys_the_laws(void **state)
{
    (void)state;
    assert_int_equal(nftw(".", check_file, 16, FTW_PHYS | FTW_ACTIONRETVAL), 0);
    print_message("%u formatted, %u refused, %u laid out at random\n",
                  formatted, refused, relaid);
    assert_true(formatted > 80);
    assert_true(refused < formatted);
    assert_true(relaid > formatted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_have_lines_of_their_own),
        cmocka_unit_test(blanks_between_tokens_are_regular),
        cmocka_unit_test(one_blank_line_is_kept),
        cmocka_unit_test(comments_stay_where_they_are),
        cmocka_unit_test(neighbours_are_aligned),
        cmocka_unit_test(long_statements_are_broken),
        cmocka_unit_test(raw_c_moves_as_a_whole),
        cmocka_unit_test(line_ends_and_mark_are_kept),
        cmocka_unit_test(only_syntax_is_refused),
        cmocka_unit_test(every_file_obeys_the_laws),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
