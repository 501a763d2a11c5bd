/*
 * The graph of who waits for whom (E0601): how a circle is shown, that it is
 * the shortest one, and that large graphs take no longer than they must.
 */

#include "semantic.h"

/* Appends one actor of a chain: `aFROM` sends to the group `gTO`. */
static size_t add_actor(char *text, size_t at, int from, int to)
{
    return at + (size_t)sprintf(text + at,
                                "actor a%d { on m sends g%d.m => f%d; }\n",
                                from, to, from);
}

/* Returns a program of `count` actors in a circle, each in its own group. */
static char *circle_of(int count)
{
    size_t at = 0;
    char *text = malloc((size_t)count * 100 + 200);

    assert_non_null(text);
    at += (size_t)sprintf(text, "message m;\n");
    for (int i = 0; i < count; i++)
        at = add_actor(text, at, i, (i + 1) % count);
    at += (size_t)sprintf(text + at,
                          "supervisor r { mailbox 4 overflow block;\n");
    for (int i = 0; i < count; i++)
        at += (size_t)sprintf(text + at, "children a%d as g%d;\n", i, i);
    sprintf(text + at, "}\noutside sends g0.m;\n");
    return text;
}

static void hops_stand_one_on_a_line(void **state)
{
    struct semantic s;
    char *text = circle_of(5);
    const char *shown;

    (void)state;
    semantic_init(&s, text);
    semantic_check(&s);
    assert_int_equal(s.front.context.diags.errors, 1);
    shown = front_diags(&s.front, BSTC_FORMAT_TEXT);
    assert_non_null(strstr(shown, "1. `g0` waits for `g1`\n"));
    assert_non_null(strstr(shown, "2. `g1` waits for `g2`\n"));
    assert_non_null(strstr(shown, "3. `g2` waits for `g3`\n"));
    assert_non_null(strstr(shown, "4. `g3` waits for `g4`\n"));
    assert_non_null(strstr(shown, "5. `g4` waits for `g0` (t.bst:6)\n"));
    semantic_fini(&s);
    free(text);
}

static void long_circle_is_cut(void **state)
{
    struct semantic s;
    char *text = circle_of(100);
    const char *shown;

    (void)state;
    semantic_init(&s, text);
    semantic_check(&s);
    assert_int_equal(s.front.context.diags.errors, 1);
    shown = front_diags(&s.front, BSTC_FORMAT_TEXT);
    assert_non_null(strstr(shown, "7. `g6` waits for `g7` (t.bst:8)\n"));
    assert_null(strstr(shown, "8. "));
    assert_non_null(strstr(shown, "and 93 more until `g0` again\n"));
    semantic_fini(&s);
    free(text);
}

/* All are in one part; the way back from `b` to `a` goes through `c`, not the
 * long way through `d` and `e`. */
static void shortest_circle_is_shown(void **state)
{
    struct semantic s;
    const char *shown;

    (void)state;
    semantic_init(&s, "message m;"
                      "actor a { on m sends b.m => fa; }\n"
                      "actor b { on m sends d.m, c.m => fb; }\n"
                      "actor c { on m sends a.m => fc; }\n"
                      "actor d { on m sends e.m => fd; }\n"
                      "actor e { on m sends a.m => fe; }\n"
                      "supervisor r { mailbox 4 overflow block;"
                      " children a; children b; children c; children d;"
                      " children e; }\n");
    semantic_check(&s);
    assert_int_equal(s.front.context.diags.errors, 1);
    shown = front_diags(&s.front, BSTC_FORMAT_TEXT);
    assert_non_null(strstr(shown, "2. `b` waits for `c`"));
    assert_non_null(strstr(shown, "3. `c` waits for `a`"));
    assert_null(strstr(shown, "4. "));
    semantic_fini(&s);
}

static void parts_are_told_apart(void **state)
{
    struct semantic s;
    const char *shown;

    (void)state;
    semantic_init(&s, "message m;"
                      "actor a { on m sends b.m => fa; }\n"
                      "actor b { on m sends a.m, c.m => fb; }\n"
                      "actor c { on m sends d.m => fc; }\n"
                      "actor d { on m sends c.m => fd; }\n"
                      "supervisor r { mailbox 4 overflow block;"
                      " children a; children b; children c; children d; }\n");
    semantic_check(&s);
    assert_int_equal(s.front.context.diags.errors, 2);
    shown = front_diags(&s.front, BSTC_FORMAT_TEXT);
    assert_non_null(strstr(shown, "2. `b` waits for `a`"));
    assert_non_null(strstr(shown, "2. `d` waits for `c`"));
    assert_null(strstr(shown, "`b` waits for `c`"));
    semantic_fini(&s);
}

static void circle_can_be_allowed(void **state)
{
    struct semantic s;
    char *text = circle_of(2);
    struct bstc_model *model;

    (void)state;
    semantic_init(&s, text);
    bstc_diags_set_level(&s.front.context.diags, "E0601", BSTC_LEVEL_WARNING);
    model = bstc_analyse(&s.program);
    assert_non_null(model);
    assert_int_equal(s.front.context.diags.warnings, 1);
    assert_int_equal(model->groups[0].overflow, BSTC_BLOCK);
    semantic_fini(&s);
    free(text);
}

/* A walk that recursed, or searched from every actor anew, would not do. */
static void large_circle_is_found(void **state)
{
    struct semantic s;
    char *text = circle_of(30000);

    (void)state;
    semantic_init(&s, text);
    semantic_check(&s);
    assert_int_equal(s.front.context.diags.errors, 1);
    semantic_fini(&s);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hops_stand_one_on_a_line),
        cmocka_unit_test(long_circle_is_cut),
        cmocka_unit_test(shortest_circle_is_shown),
        cmocka_unit_test(parts_are_told_apart),
        cmocka_unit_test(circle_can_be_allowed),
        cmocka_unit_test(large_circle_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
