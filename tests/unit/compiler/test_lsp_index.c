/* compiler/lsp/index.c and lookup.c: what names stand for. */

#include "semantic.h"

#include "lsp/index.h"

/* Makes the index of one file, whatever mistakes it has. */
static void begin(struct semantic *s, struct bstc_index *index,
                  const char *text)
{
    semantic_init(s, text);
    bstc_index_init(index, &s->program);
}

/* Returns the mark of the `n`th place, from 0, of a word. */
static const struct bstc_mark *mark_of(const struct semantic *s,
                                       const struct bstc_index *index,
                                       const char *word, int n)
{
    const char *text = s->front.source->text;
    const char *at = strstr(text, word);

    while (n-- > 0)
        at = strstr(at + 1, word);
    return bstc_index_starting(index, 0, (uint32_t)(at - text));
}

static void expect_kind(const struct semantic *s,
                        const struct bstc_index *index, const char *word, int n,
                        enum bstc_symbol_kind kind)
{
    const struct bstc_mark *mark = mark_of(s, index, word, n);

    if (!mark || index->symbols[mark->symbol].kind != kind)
        fail_msg("%s, place %d: %s instead of %s", word, n,
                 mark ? bstc_symbol_word(index->symbols[mark->symbol].kind)
                      : "nothing",
                 bstc_symbol_word(kind));
}

static void every_name_has_its_kind(void **state)
{
    struct semantic s;
    struct bstc_index index;

    (void)state;
    begin(&s, &index,
          "message q =!> r { ref w who; }\n"
          "message r;\n"
          "actor w { args { u8 id; } state { u8 sum; } on q =!> w_q; }\n"
          "actor v { on start sends g.r asks w.q within 1s spawns g => v_s; }\n"
          "cluster cc { node nn \"a:1\"; }\n"
          "supervisor top { children w as g at nn { on failure => dec; }\n"
          "  supervisor sub { children v; stream v ~> g; } }\n"
          "outside sends v.r;\n");
    expect_kind(&s, &index, "q =!>", 0, BSTC_SYMBOL_MESSAGE);
    expect_kind(&s, &index, "w who", 0, BSTC_SYMBOL_ACTOR);
    expect_kind(&s, &index, "who", 0, BSTC_SYMBOL_FIELD);
    expect_kind(&s, &index, "id", 0, BSTC_SYMBOL_FIELD);
    expect_kind(&s, &index, "sum", 0, BSTC_SYMBOL_FIELD);
    expect_kind(&s, &index, "q =!>", 1, BSTC_SYMBOL_MESSAGE);
    expect_kind(&s, &index, "w_q", 0, BSTC_SYMBOL_FUNCTION);
    expect_kind(&s, &index, "g.r", 0, BSTC_SYMBOL_GROUP);
    expect_kind(&s, &index, "w.q", 0, BSTC_SYMBOL_ACTOR);
    expect_kind(&s, &index, "g =>", 0, BSTC_SYMBOL_GROUP);
    expect_kind(&s, &index, "cc", 0, BSTC_SYMBOL_CLUSTER);
    expect_kind(&s, &index, "nn", 0, BSTC_SYMBOL_NODE);
    expect_kind(&s, &index, "nn", 1, BSTC_SYMBOL_NODE);
    expect_kind(&s, &index, "top", 0, BSTC_SYMBOL_SUPERVISOR);
    expect_kind(&s, &index, "sub", 0, BSTC_SYMBOL_SUPERVISOR);
    expect_kind(&s, &index, "dec", 0, BSTC_SYMBOL_FUNCTION);
    expect_kind(&s, &index, "v ~>", 0, BSTC_SYMBOL_ACTOR);
    expect_kind(&s, &index, "v.r", 0, BSTC_SYMBOL_ACTOR);
    semantic_fini(&s);
}

static void a_group_without_a_name_is_its_actor(void **state)
{
    struct semantic s;
    struct bstc_index index;

    (void)state;
    begin(&s, &index,
          "actor a { on start sends a.m, b.m => f; }\nmessage m;\n"
          "supervisor r { children a; children a as b; }\n");
    assert_int_equal(mark_of(&s, &index, "a.m", 0)->symbol,
                     mark_of(&s, &index, "a {", 0)->symbol);
    assert_int_equal(mark_of(&s, &index, "a;", 0)->symbol,
                     mark_of(&s, &index, "a {", 0)->symbol);
    assert_int_not_equal(mark_of(&s, &index, "b.m", 0)->symbol,
                         mark_of(&s, &index, "a {", 0)->symbol);
    assert_string_equal(bstc_index_target(&index, "b")->name.text, "a");
    assert_string_equal(bstc_index_target(&index, "a")->name.text, "a");
    assert_null(bstc_index_target(&index, "m"));
    assert_null(bstc_index_target(&index, "nobody"));
    semantic_fini(&s);
}

static void a_name_that_nobody_declares_is_a_symbol(void **state)
{
    struct semantic s;
    struct bstc_index index;
    const struct bstc_symbol *symbol;

    (void)state;
    begin(&s, &index,
          "actor a { on x sends self.x, sender.y => f; }\nmessage y;");
    symbol = bstc_index_find(&index, BSTC_SYMBOL_MESSAGE, "x");
    assert_non_null(symbol);
    assert_false(bstc_symbol_is_declared(symbol));
    assert_int_equal(mark_of(&s, &index, "x", 0)->symbol,
                     mark_of(&s, &index, "x", 1)->symbol);
    assert_null(mark_of(&s, &index, "self", 0));
    assert_null(mark_of(&s, &index, "sender", 0));
    assert_null(bstc_index_find(&index, BSTC_SYMBOL_ACTOR, "x"));
    assert_null(bstc_index_find(&index, BSTC_SYMBOL_ACTOR, "never seen"));
    semantic_fini(&s);
}

static void the_first_of_two_declarations_counts(void **state)
{
    struct semantic s;
    struct bstc_index index;
    const struct bstc_symbol *symbol;

    (void)state;
    begin(&s, &index, "/// One.\nmessage m { u8 a; }\nmessage m;");
    symbol = bstc_index_find(&index, BSTC_SYMBOL_MESSAGE, "m");
    assert_int_equal(symbol->name_span.start, 17);
    assert_string_equal(bstc_symbol_doc(symbol), "One.");
    assert_true(mark_of(&s, &index, "m;", 0)->declares);
    semantic_fini(&s);
}

static void a_mark_is_found_from_both_ends(void **state)
{
    struct semantic s;
    struct bstc_index index;

    (void)state;
    begin(&s, &index, "message abc;\nactor x { }\n");
    assert_null(bstc_index_at(&index, 0, 7));
    assert_non_null(bstc_index_at(&index, 0, 8));
    assert_non_null(bstc_index_at(&index, 0, 11));
    assert_null(bstc_index_at(&index, 0, 12));
    assert_null(bstc_index_at(&index, 0, 0));
    assert_null(bstc_index_at(&index, 0, 9999));
    assert_null(bstc_index_at(&index, 1, 8));
    assert_null(bstc_index_starting(&index, 0, 9));
    semantic_fini(&s);
}

static void a_broken_file_has_an_index_of_the_rest(void **state)
{
    struct semantic s;
    struct bstc_index index;

    (void)state;
    begin(&s, &index,
          "message m;\nactor a { on m sends b. => f; on start => g; }\n"
          "actor b { on m => h; }\nsupervisor r { children a; children ;");
    assert_non_null(bstc_index_find(&index, BSTC_SYMBOL_MESSAGE, "m"));
    assert_non_null(bstc_index_target(&index, "b"));
    assert_non_null(bstc_index_target(&index, "a"));
    assert_true(s.front.context.diags.errors > 0);
    semantic_fini(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_has_its_kind),
        cmocka_unit_test(a_group_without_a_name_is_its_actor),
        cmocka_unit_test(a_name_that_nobody_declares_is_a_symbol),
        cmocka_unit_test(the_first_of_two_declarations_counts),
        cmocka_unit_test(a_mark_is_found_from_both_ends),
        cmocka_unit_test(a_broken_file_has_an_index_of_the_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
