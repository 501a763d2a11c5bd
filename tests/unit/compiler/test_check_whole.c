/*
 * The checks of the topology as a whole: what annotations cannot show, such as
 * fixes and levels, and that large programs take no longer than they must.
 */

#include "semantic.h"

#include <time.h>

/* ---- a program of many pieces -------------------------------------------- */

struct text {
    char *bytes;
    size_t length, room;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *t,
                                                      const char *format, ...)
{
    va_list args;

    if (t->room - t->length < 256) {
        t->room = t->room * 2 + 4096;
        t->bytes = realloc(t->bytes, t->room);
        assert_non_null(t->bytes);
    }
    va_start(args, format);
    t->length += (size_t)vsnprintf(t->bytes + t->length, 256, format, args);
    va_end(args);
}

static uint32_t count_of(const struct semantic *s, const char *code)
{
    const struct bstc_diags *diags = &s->front.context.diags;
    uint32_t count = 0;

    for (uint32_t i = 0; i < diags->count; i++)
        count += strcmp(diags->items[i]->code, code) == 0;
    return count;
}

static const struct bstc_diag *find(const struct semantic *s, const char *code)
{
    const struct bstc_diags *diags = &s->front.context.diags;

    for (uint32_t i = 0; i < diags->count; i++) {
        if (strcmp(diags->items[i]->code, code) == 0)
            return diags->items[i];
    }
    fail_msg("no %s", code);
    return NULL;
}

/* Seconds of this thread. */
static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Checks what `write` writes for `n` and for four times as many; returns how
 * many findings of `code` the smaller one has. A square would take sixteen
 * times as long, and stay far behind the limit. */
static uint32_t is_linear(void (*write)(struct text *, int), int n,
                          const char *code)
{
    double spent[2];
    uint32_t counts[2];

    for (int i = 0; i < 2; i++) {
        struct text t = {NULL, 0, 0};
        struct semantic s;
        double start;

        write(&t, i == 0 ? n : 4 * n);
        semantic_init(&s, t.bytes);
        start = now();
        semantic_check(&s);
        spent[i] = now() - start;
        counts[i] = count_of(&s, code);
        semantic_fini(&s);
        free(t.bytes);
    }
    if (spent[1] > 10 * spent[0] + 0.05)
        fail_msg("%f s, then %f s", spent[0], spent[1]);
    return counts[0];
}

/* ---- fixes --------------------------------------------------------------- */

#define DEPENDS                                                                \
    "message m; actor a { every 1s sends b.m, c.m => fa; }\n"                  \
    "actor b { on m sends c.m => fb; } actor c { on m => fc; }\n"

/* Applies the fix of the only W0405 and checks the result. */
static void assert_order(const char *text, const char *expected)
{
    struct semantic s;
    struct semantic fixed;
    const struct bstc_diag *diag;
    struct text t = {NULL, 0, 0};

    semantic_init(&s, text);
    semantic_check(&s);
    assert_int_equal(count_of(&s, "W0405"), 1);
    diag = find(&s, "W0405");
    if (!expected) {
        assert_false(diag->has_fix);
        assert_int_equal(diag->nhelps, 1);
        semantic_fini(&s);
        return;
    }
    assert_true(diag->has_fix);
    assert_string_equal(diag->fix_text, expected);
    put(&t, "%.*s", (int)diag->fix.start, text);
    put(&t, "%s", diag->fix_text);
    put(&t, "%s", text + diag->fix.end);
    semantic_init(&fixed, t.bytes);
    semantic_check(&fixed);
    assert_int_equal(count_of(&fixed, "W0405"), 0);
    assert_int_equal(fixed.front.context.diags.errors, 0);
    semantic_fini(&fixed);
    semantic_fini(&s);
    free(t.bytes);
}

static void right_order_is_a_fix(void **state)
{
    (void)state;
    assert_order(DEPENDS "supervisor r : rest-for-one {\n"
                         "    children a;\n    children b { redundancy 2; }\n"
                         "    restart 3 in 1s;\n    children c;\n}\n",
                 "children c;\n    children b { redundancy 2; }\n"
                 "    restart 3 in 1s;\n    children a;");
    /* What stands right already is left alone. */
    assert_order(DEPENDS "actor d { on start => fd; }"
                         "supervisor r : rest-for-one { children d; children c;"
                         " children a; children b; children d as e; }",
                 "children b; children a;");
    /* A nested supervisor moves as a whole. */
    assert_order(DEPENDS "supervisor r : rest-for-one {"
                         " supervisor s { children a; children b; }"
                         " children c; }",
                 "children c; supervisor s { children a; children b; }");
    /* Nobody knows what a comment belongs to. */
    assert_order(DEPENDS "supervisor r : rest-for-one { children a; // first\n"
                         "children b; children c; }",
                 NULL);
}

/* ---- levels -------------------------------------------------------------- */

static void levels_are_heeded(void **state)
{
    static const char text[] =
        "message q =!> m; message m; message unused;"
        "actor a { every 1s asks b.q within 1s => fa; }"
        "actor b { on q asks c.q, d.q within 2s =!> fb; }"
        "actor c { on q asks b.q within 1s =!> fc; }"
        "actor d { on q =!> fd; }"
        "supervisor r { children a; supervisor s { children b; children c;"
        " children d; } }";
    struct semantic s;

    (void)state;
    semantic_init(&s, text);
    semantic_check(&s);
    assert_int_equal(count_of(&s, "W0406"), 0);
    assert_int_equal(find(&s, "E0401")->severity, BSTC_ERROR);
    assert_int_equal(find(&s, "W0402")->severity, BSTC_WARNING);
    assert_int_equal(find(&s, "W0304")->severity, BSTC_WARNING);
    semantic_fini(&s);

    semantic_init(&s, text);
    s.front.context.diags.extra_warnings = true;
    bstc_diags_set_level(&s.front.context.diags, "E0401", BSTC_LEVEL_WARNING);
    bstc_diags_set_level(&s.front.context.diags, "W0402", BSTC_LEVEL_ERROR);
    bstc_diags_set_level(&s.front.context.diags, "W0304", BSTC_LEVEL_OFF);
    semantic_check(&s);
    assert_int_equal(find(&s, "E0401")->severity, BSTC_WARNING);
    assert_int_equal(find(&s, "W0402")->severity, BSTC_ERROR);
    assert_int_equal(find(&s, "W0406")->severity, BSTC_WARNING);
    assert_int_equal(count_of(&s, "W0304"), 0);
    semantic_fini(&s);

    /* A code that is named is on, in small letters, too. */
    semantic_init(&s, text);
    bstc_diags_set_level(&s.front.context.diags, "w0406", BSTC_LEVEL_ERROR);
    semantic_check(&s);
    assert_int_equal(find(&s, "W0406")->severity, BSTC_ERROR);
    semantic_fini(&s);
}

/* One mistake in a name, and no word about what it leaves unreached. */
static void mistakes_come_first(void **state)
{
    struct semantic s;

    (void)state;
    semantic_init(&s, "message m; message n; actor a { on m => f;"
                      " on start sends self.mm => g; }"
                      "supervisor r { children a; }");
    semantic_check(&s);
    assert_int_equal(s.front.context.diags.count, 1);
    semantic_fini(&s);
}

/* ---- large programs ------------------------------------------------------ */

/* Each asks the next one, and the last one the first. */
static void write_ring(struct text *t, int n)
{
    put(t, "message q =!> m; message m;\n");
    for (int i = 0; i < n; i++)
        put(t, "actor a%d { on q asks g%d.q within 1s =!> f%d; }\n", i,
            (i + 1) % n, i);
    put(t, "supervisor r {\n");
    for (int i = 0; i < n; i++)
        put(t, "children a%d as g%d;\n", i, i);
    put(t, "}\noutside sends g0.q;\n");
}

/* Many groups of one actor, which sends to many groups of another one. */
static void write_square(struct text *t, int n)
{
    put(t, "message m; message q =!> m; message unused;\nactor a {\n");
    put(t, "on start sends b.m asks b.q within 1s => fa;\n");
    for (int i = 0; i < n; i++)
        put(t, "every %dus sends h%d.m => t%d;\n", i + 1, i, i);
    put(t, "on m => ga; }\nactor b { on m sends sender.m, a.m => fb;"
           " on q =!> gb; }\nsupervisor r : rest-for-one {\n");
    for (int i = 0; i < n; i++)
        put(t, "children a as g%d;\nchildren b as h%d;\n", i, i);
    put(t, "}\n");
}

/* Each child of rest-for-one depends on the one after it. */
static void write_order(struct text *t, int n)
{
    put(t, "message m;\n");
    for (int i = 0; i < n; i++)
        put(t, "actor a%d { every 1s sends g%d.m => f%d; on m => h%d; }\n", i,
            i + 1 < n ? i + 1 : i, i, i);
    put(t, "supervisor r : rest-for-one {\n");
    for (int i = 0; i < n; i++)
        put(t, "supervisor s%d : rest-for-one { children a%d as g%d; }\n", i, i,
            i);
    put(t, "}\n");
}

/* Every group waits at its start for the last one. */
static void write_boot(struct text *t, int n)
{
    put(t, "message q =!> m; message m;\n");
    for (int i = 0; i < n; i++)
        put(t,
            "actor a%d { on start asks g%d.q within 1s => f%d;"
            " on q asks g%d.q within %dns =!> h%d; }\n",
            i, n, i, i + 1, 4 * n - i, i);
    put(t, "actor last { on q =!> g; }\nsupervisor r {\n");
    for (int i = 0; i < n; i++)
        put(t, "children a%d as g%d;\n", i, i);
    put(t, "children last as g%d;\n}\noutside sends g0.q;\n", n);
}

/* Nothing is reached, and everything in one way only. */
static void write_unreached(struct text *t, int n)
{
    put(t, "message m;\nmessage n;\n");
    for (int i = 0; i < n; i++)
        put(t, "actor a%d { on m sends g%d.m => f%d; on stop => h%d; }\n", i,
            (i + 1) % n, i, i);
    put(t, "supervisor r {\n");
    for (int i = 0; i < n; i++)
        put(t, "children a%d as g%d;\n", i, i);
    put(t, "}\n");
}

/* A stream through all groups, there and back again. */
static void write_stream(struct text *t, int n)
{
    put(t, "message m;\nactor first { on demand ~> m => f; }\n"
           "actor inner { on m ~> m => g; }\nsupervisor r {\n"
           "children first;\n");
    for (int i = 0; i < n; i++)
        put(t, "children inner as g%d;\n", i);
    put(t, "stream first");
    for (int i = 0; i < n; i++)
        put(t, " ~> g%d", i);
    put(t, " ~> g0;\n}\n");
}

static void work_is_linear(void **state)
{
    (void)state;
    assert_int_equal(is_linear(write_ring, 3000, "E0401"), 1);
    assert_int_equal(is_linear(write_square, 1500, "W0304"), 1);
    assert_int_equal(is_linear(write_order, 2000, "W0405"), 1);
    assert_true(is_linear(write_boot, 2000, "E0404") > 1000);
    assert_int_equal(is_linear(write_unreached, 3000, "W0303"), 1);
    assert_int_equal(is_linear(write_stream, 3000, "E0601"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_order_is_a_fix),
        cmocka_unit_test(levels_are_heeded),
        cmocka_unit_test(mistakes_come_first),
        cmocka_unit_test(work_is_linear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
