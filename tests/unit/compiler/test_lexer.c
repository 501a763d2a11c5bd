/*
 * grammar/bst.re and compiler/lexer.c: kinds, values and spans of tokens, and
 * what depends on the tokens before.
 */

#include "front.h"

/* Returns the names of all tokens but EOF, separated by blanks. */
static const char *kinds_of(struct front *f)
{
    struct bstc_lexer *lexer = BSTC_NEW(&f->context.arena, struct bstc_lexer);
    const char *list = "";
    struct bstc_token token;

    bstc_lexer_init(lexer, &f->context, f->source);
    for (;;) {
        bstc_lexer_next(lexer, &token);
        if (token.kind == BSTC_TOKEN_EOF)
            return list;
        list = bstc_arena_format(&f->context.arena, "%s%s%s", list,
                                 *list ? " " : "", bstc_token_name(token.kind));
    }
}

/* Checks kinds and diagnostics ("" for none; without the file's name). */
static void expect_lexed(const char *text, size_t size, const char *kinds,
                         const char *diags)
{
    struct front f;
    const char *got;

    front_init_bytes(&f, text, size);
    assert_string_equal(kinds_of(&f), kinds);
    got = front_diags(&f, BSTC_FORMAT_SHORT);
    if (*diags == '\0')
        assert_string_equal(got, "");
    else
        assert_string_equal(
            got, bstc_arena_format(&f.context.arena, "t.bst:%s\n", diags));
    front_fini(&f);
}

static void expect_kinds(const char *text, const char *kinds)
{
    expect_lexed(text, strlen(text), kinds, "");
}

static void expect_error(const char *text, const char *kinds, const char *diags)
{
    expect_lexed(text, strlen(text), kinds, diags);
}

static void every_word_has_its_kind(void **state)
{
    (void)state;
    expect_kinds("use message actor on sends asks supervisor children stream "
                 "cluster ref struct union enum",
                 "USE MESSAGE ACTOR ON SENDS ASKS SUPERVISOR CHILDREN STREAM "
                 "CLUSTER REF STRUCT UNION ENUM");
    expect_kinds("state keep persist args run dynamic listen spawns every "
                 "idle blocking within as at node outside import",
                 "STATE KEEP PERSIST ARGS RUN DYNAMIC LISTEN SPAWNS EVERY "
                 "IDLE BLOCKING WITHIN AS AT NODE OUTSIDE IMPORT");
    expect_kinds("users on_ _on Use x9 __ c cc", "ID ID ID ID ID ID ID ID");
}

static void every_sign_has_its_kind(void **state)
{
    (void)state;
    expect_kinds("{ } [ ] ; , . = * # - < > _ => =!> ~>",
                 "LBRACE RBRACE LBRACKET RBRACKET SEMI COMMA DOT EQ STAR "
                 "HASH MINUS LT GT UNDERSCORE ARROW ASKARROW TILDEARROW");
    expect_kinds("#a.b~>c=>d", "HASH ID DOT ID TILDEARROW ID ARROW ID");
    expect_kinds("a:b", "ID COLON STRATEGY");
}

static void every_keyword_is_found_by_its_text(void **state)
{
    int kind;

    (void)state;
    for (kind = BSTC_TOKEN_USE; kind < BSTC_TOKEN_COUNT; kind++) {
        const char *text = bstc_token_text(kind);
        size_t length = strlen(text) - 2;

        assert_int_equal(text[0], '`');
        assert_int_equal(bstc_token_keyword(text + 1, length), kind);
    }
    assert_int_equal(bstc_token_keyword("user", 4), BSTC_TOKEN_ID);
    assert_int_equal(bstc_token_keyword("us", 2), BSTC_TOKEN_ID);
    assert_true(bstc_token_is_reserved(BSTC_TOKEN_ENUM));
    assert_false(bstc_token_is_reserved(BSTC_TOKEN_STATE));
}

static void strategy_takes_hyphens_and_normalises(void **state)
{
    struct front f;
    struct bstc_lexer lexer;
    struct bstc_token token;

    (void)state;
    front_init(&f, ": rest_for-one : one-for-al");
    bstc_lexer_init(&lexer, &f.context, f.source);
    bstc_lexer_next(&lexer, &token);
    bstc_lexer_next(&lexer, &token);
    assert_int_equal(token.kind, BSTC_TOKEN_STRATEGY);
    assert_string_equal(token.text, "rest-for-one");
    assert_string_equal(front_text(&f, token.span), "rest_for-one");
    bstc_lexer_next(&lexer, &token);
    bstc_lexer_next(&lexer, &token);
    assert_string_equal(token.text, "one-for-al");
    front_fini(&f);
    expect_kinds("one-for-one", "ID MINUS ID MINUS ID");
}

static void raw_block_follows_an_arrow(void **state)
{
    (void)state;
    expect_kinds("=> { a { b } } ;", "ARROW RAW SEMI");
    expect_kinds("=!> /* x { */ // y {\n {}", "ASKARROW RAW");
    expect_kinds("=> { \"}\" '}' '\\'' \"\\\"}\" }", "ARROW RAW");
    expect_kinds("=> { /* } */ // }\n }", "ARROW RAW");
    expect_kinds("=> { // } \\\n }\n }", "ARROW RAW");
    expect_kinds("=> { n = 1'000'000; c = L'}'; }", "ARROW RAW");
    expect_kinds("=> { \"a\\\n}\" }", "ARROW RAW");
    expect_kinds("=> x { }", "ARROW ID LBRACE RBRACE");
    expect_kinds("= > { }", "EQ GT LBRACE RBRACE");
}

static void raw_block_has_the_span_of_its_braces(void **state)
{
    struct front f;
    struct bstc_lexer lexer;
    struct bstc_token token;

    (void)state;
    front_init(&f, "c\n  { int x; } ;");
    bstc_lexer_init(&lexer, &f.context, f.source);
    bstc_lexer_next(&lexer, &token);
    assert_int_equal(token.kind, BSTC_TOKEN_C);
    bstc_lexer_next(&lexer, &token);
    assert_int_equal(token.kind, BSTC_TOKEN_RAW);
    assert_string_equal(front_text(&f, token.span), "{ int x; }");
    assert_true(token.starts_line);
    front_fini(&f);
}

static void c_is_raw_only_where_an_item_begins(void **state)
{
    (void)state;
    expect_kinds("c { ) } c/**/{ }", "C RAW C RAW");
    expect_kinds("message a; c { ) }", "MESSAGE ID SEMI C RAW");
    expect_kinds("actor a { } c { ) }", "ACTOR ID LBRACE RBRACE C RAW");
    expect_kinds("use \"x\" c { ) }", "USE STRING C RAW");
    expect_kinds("message c { }", "MESSAGE ID LBRACE RBRACE");
    expect_kinds("actor c { }", "ACTOR ID LBRACE RBRACE");
    expect_kinds("supervisor c { }", "SUPERVISOR ID LBRACE RBRACE");
    expect_kinds("cluster c { }", "CLUSTER ID LBRACE RBRACE");
    expect_kinds("message q =!> c { }", "MESSAGE ID ASKARROW ID LBRACE RBRACE");
    expect_kinds("supervisor r { children c { } }",
                 "SUPERVISOR ID LBRACE CHILDREN ID LBRACE RBRACE RBRACE");
    expect_kinds("c c;", "ID ID SEMI");
}

static void angle_only_follows_use(void **state)
{
    (void)state;
    expect_kinds("use <a/b.h>;", "USE ANGLE SEMI");
    expect_kinds("resize < 4 >", "ID LT INT GT");
    expect_error("use <a.h\n;", "USE ANGLE SEMI",
                 "1:5: error: this `<` is not closed on its line [E0002]");
}

static void white_space_of_all_sorts_is_skipped(void **state)
{
    (void)state;
    expect_kinds("\xef\xbb\xbf"
                 "a\tb\r\nc\rd\v\fe",
                 "ID ID ID ID ID");
    expect_kinds("// only a comment", "");
    expect_kinds("a/* b\n */c/***/d//e", "ID ID ID");
    expect_kinds("", "");
}

static void line_starts_are_noted(void **state)
{
    static const bool expected[] = {true, false, true, true, true};
    struct front f;
    struct bstc_lexer lexer;
    struct bstc_token token;
    size_t i;

    (void)state;
    front_init(&f, "a b\nc /* \n */ d\r e");
    bstc_lexer_init(&lexer, &f.context, f.source);
    for (i = 0; i < sizeof expected; i++) {
        bstc_lexer_next(&lexer, &token);
        assert_int_equal(token.starts_line, expected[i]);
    }
    front_fini(&f);
}

static void doc_comment_belongs_to_the_next_token(void **state)
{
    struct front f;
    struct bstc_lexer lexer;
    struct bstc_token token;

    (void)state;
    front_init(&f, "/// one  \n  ///  two\r\n///\n// no\n a b //// no\nc");
    bstc_lexer_init(&lexer, &f.context, f.source);
    bstc_lexer_next(&lexer, &token);
    assert_non_null(token.doc);
    assert_string_equal(token.doc->text, "one\n two\n");
    bstc_lexer_next(&lexer, &token);
    assert_null(token.doc);
    bstc_lexer_next(&lexer, &token);
    assert_null(token.doc);
    front_fini(&f);
}

static void bad_characters_are_reported_once_each_run(void **state)
{
    (void)state;
    expect_error("a @ b", "ID ID",
                 "1:3: error: `@` has no meaning here "
                 "[E0002]");
    expect_error("a 'x", "ID ID",
                 "1:3: error: `'` has no meaning here "
                 "[E0002]");
    expect_error("a */ b", "ID ID",
                 "1:3: error: `*/` closes no comment "
                 "[E0002]");
    expect_error("/* a /* b */ c */ d", "ID ID",
                 "1:16: error: `*/` closes no comment [E0002]");
    expect_error("a @ b @ c; @ d", "ID ID ID SEMI ID",
                 "1:3: error: `@` has no meaning here [E0002]\n"
                 "t.bst:1:12: error: `@` has no meaning here [E0002]");
    expect_error("a .. b", "ID ID",
                 "1:3: error: `..` stands between two numbers [E0002]");
    expect_error("a\x07\x07\x07", "ID",
                 "1:2: error: control character U+0007 [E0002]");
    expect_error("na\xc3\xafve b", "ID ID",
                 "1:3: error: U+00EF has no meaning here [E0002]");
    expect_error("caf\xe9;", "ID SEMI",
                 "1:4: error: byte 0xE9 is not UTF-8 [E0002]");
    expect_error("a \xd0\xb0", "ID",
                 "1:3: error: U+0430 has no meaning here [E0002]");
    expect_error("a \xef\xbb\xbf b", "ID ID",
                 "1:3: error: a byte order mark stands at the start of a "
                 "file only [E0002]");
    expect_lexed("a\0\0b", 4, "ID", "1:2: error: NUL byte at offset 1 [E0002]");
}

static void hidden_text_in_comments_is_found(void **state)
{
    (void)state;
    expect_error("// \xe2\x80\xae x", "",
                 "1:4: error: U+202E makes text read in another order than "
                 "it runs [E0002]");
    expect_error("/* \xff */", "",
                 "1:4: warning: byte 0xFF is not UTF-8 [W0002]");
    expect_error("\"\xff\"", "STRING",
                 "1:2: error: byte 0xFF is not UTF-8 [E0002]");
    expect_lexed("// \0", 4, "", "1:4: error: NUL byte at offset 3 [E0002]");
    expect_kinds("// caf\xc3\xa9 \xe4\xb8\xad", "");
    /* What is worse stands behind the first byte of another encoding. */
    expect_lexed(
        "=> { \xff\xfe \0 \xe2\x80\xae }", 15, "ARROW RAW",
        "1:6: warning: byte 0xFF is not UTF-8 [W0002]\n"
        "t.bst:1:9: error: NUL byte at offset 8 [E0002]\n"
        "t.bst:1:11: error: U+202E makes text read in another order than "
        "it runs [E0002]");
}

static void what_is_no_text_is_refused_at_once(void **state)
{
    (void)state;
    expect_lexed("\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\3", 17, "",
                 "1:1: error: the file is not a text file [E0002]");
    expect_lexed("\xff\xfes\0e\0", 6, "",
                 "1:1: error: the file looks like UTF-16; .bst files are "
                 "UTF-8 [E0002]");
}

static void unterminated_text_is_reported_where_it_begins(void **state)
{
    (void)state;
    expect_error("a /* b", "ID",
                 "1:3: error: this comment is never closed [E0002]");
    expect_error("a \"b c\nd", "ID STRING ID",
                 "1:3: error: this string is not closed on its line [E0002]");
    expect_error("=> { { }", "ARROW RAW",
                 "1:4: error: this block of C is never closed [E0003]");
    expect_error("\"a\\", "STRING",
                 "1:1: error: this string is not closed on its line [E0002]");
}

static void strings_are_decoded(void **state)
{
    struct front f;
    struct bstc_lexer lexer;
    struct bstc_token token;

    (void)state;
    front_init(&f, "\"a\\n\\t\\\\\\\"\\0\\x41\\101\\u00e9\\?/*\"");
    bstc_lexer_init(&lexer, &f.context, f.source);
    bstc_lexer_next(&lexer, &token);
    assert_int_equal(token.kind, BSTC_TOKEN_STRING);
    assert_int_equal(token.length, 13);
    assert_memory_equal(token.text, "a\n\t\\\"\0AA\xc3\xa9?/*", 13);
    front_fini(&f);
}

static void bad_escapes_are_reported(void **state)
{
    (void)state;
    expect_error("\"a\\q\"", "STRING",
                 "1:3: error: unknown escape `\\q` [E0002]");
    expect_error("\"\\x\"", "STRING",
                 "1:2: error: `\\x` needs a hex digit [E0002]");
    expect_error("\"\\u12\"", "STRING",
                 "1:2: error: `\\u` needs four hex digits [E0002]");
    expect_error("\"\\xfff\"", "STRING",
                 "1:2: error: this escape does not fit in a byte [E0101]");
    expect_error("\"\\ud800\"", "STRING",
                 "1:2: error: this escape is not a character [E0101]");
}

static void long_names_are_refused(void **state)
{
    char text[400];

    (void)state;
    memset(text, 'a', 255);
    text[255] = '\0';
    expect_kinds(text, "ID");
    memset(text, 'a', 256);
    text[256] = '\0';
    expect_error(text, "ID",
                 "1:1: error: this name is longer than 255 bytes [E0002]");
}

static void deep_nesting_ends_the_file(void **state)
{
    struct front f;
    struct bstc_lexer lexer;
    struct bstc_token token;
    char text[300];
    int count = 0;

    (void)state;
    memset(text, '{', 299);
    text[299] = '\0';
    front_init(&f, text);
    bstc_lexer_init(&lexer, &f.context, f.source);
    do {
        bstc_lexer_next(&lexer, &token);
        count += token.kind == BSTC_TOKEN_LBRACE;
    } while (token.kind != BSTC_TOKEN_EOF);
    assert_int_equal(count, BSTC_MAX_NESTING);
    assert_true(lexer.stopped);
    assert_string_equal(front_diags(&f, BSTC_FORMAT_SHORT),
                        "t.bst:1:257: error: braces are nested deeper than "
                        "256 [E0001]\n");
    front_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_has_its_kind),
        cmocka_unit_test(every_sign_has_its_kind),
        cmocka_unit_test(every_keyword_is_found_by_its_text),
        cmocka_unit_test(strategy_takes_hyphens_and_normalises),
        cmocka_unit_test(raw_block_follows_an_arrow),
        cmocka_unit_test(raw_block_has_the_span_of_its_braces),
        cmocka_unit_test(c_is_raw_only_where_an_item_begins),
        cmocka_unit_test(angle_only_follows_use),
        cmocka_unit_test(white_space_of_all_sorts_is_skipped),
        cmocka_unit_test(line_starts_are_noted),
        cmocka_unit_test(doc_comment_belongs_to_the_next_token),
        cmocka_unit_test(bad_characters_are_reported_once_each_run),
        cmocka_unit_test(hidden_text_in_comments_is_found),
        cmocka_unit_test(what_is_no_text_is_refused_at_once),
        cmocka_unit_test(unterminated_text_is_reported_where_it_begins),
        cmocka_unit_test(strings_are_decoded),
        cmocka_unit_test(bad_escapes_are_reported),
        cmocka_unit_test(long_names_are_refused),
        cmocka_unit_test(deep_nesting_ends_the_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
