/*
 * The checks: details that the annotated files of tests/diag do not show, and
 * that nothing they are given makes them crash.
 */

#include "semantic.h"

/* Checks `text` and returns its findings, one per line. */
static const char *findings(struct semantic *s, const char *text)
{
    semantic_init(s, text);
    semantic_check(s);
    return front_diags(&s->front, BSTC_FORMAT_SHORT);
}

#define TREE " supervisor root { children w; }"

static void assert_fix(const char *text, const char *code, const char *fix)
{
    struct semantic s;

    findings(&s, text);
    for (uint32_t i = 0; i < s.front.context.diags.count; i++) {
        const struct bstc_diag *diag = s.front.context.diags.items[i];

        if (strcmp(diag->code, code) == 0) {
            if (fix) {
                assert_true(diag->has_fix);
                assert_string_equal(diag->fix_text, fix);
            } else {
                assert_false(diag->has_fix);
            }
            semantic_fini(&s);
            return;
        }
    }
    fail_msg("no %s for %s", code, text);
}

static void fix_is_offered(void **state)
{
    (void)state;
    assert_fix("message add; actor w { on ad => f; }" TREE, "E0201", "add");
    assert_fix("message add; actor w { on xyz => f; }" TREE, "E0201", NULL);
    assert_fix("actor worker { on start => f; } supervisor r "
               "{ children workr; }",
               "E0201", "worker");
    assert_fix("message add; message sub; actor w { on add => f;"
               " on start sends self.sub => g; }" TREE,
               "E0301", NULL);
    assert_fix("message add; message adds; actor w { on adds => f;"
               " on start sends self.add => g; }" TREE,
               "E0301", "adds");
    assert_fix("message add; actor w { on add => f;"
               " on start sends #self.add => g; }" TREE,
               "E0301", "#");
    assert_fix("message q =!> a; message a; actor w { on q => f; }" TREE,
               "E0302", "=!>");
    assert_fix("message a; actor w { on a =!> f; }" TREE, "E0302", "=>");
    assert_fix("message stat; actor w { on stat => f; }" TREE, "E0107",
               "prefix app_;\n");
    assert_fix("prefix x_; message m { u8 int; } actor w { on m => f; }" TREE,
               "E0104", NULL);
    assert_fix("actor w { on start => f; } supervisor r { mailbx 5; }", "E0204",
               "mailbox");
    assert_fix("actor w { on start => f; } supervisor r : rest-for-on { }",
               "E0201", "rest-for-one");
}

/* One mistake, one finding: what follows from it is not reported. */
static void poison_keeps_silent(void **state)
{
    static const char *const texts[] = {
        "message a; actor w { on start sends nobody.a, nobody.b => f; }" TREE,
        "actor w { on m => f; on start sends self.m => g; }" TREE,
        "message q =!> nothing; actor w { on q =!> f;"
        " on start sends self.q asks self.q within 1s => g; }" TREE,
        "actor w { on start => f; } message w;" TREE,
        "actor w { on start => f; } supervisor r { children x as y;"
        " children w; } outside sends y.m;",
        "prefix bst_; actor w { on start => f; }" TREE,
    };
    static const uint32_t errors[] = {2, 1, 1, 1, 2, 1};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct semantic s;
        const char *all = findings(&s, texts[i]);

        if (s.front.context.diags.errors != errors[i])
            fail_msg("%s gives\n%s", texts[i], all);
        semantic_fini(&s);
    }
}

static void order_of_declarations_never_matters(void **state)
{
    static const char *const parts[] = {
        "message q =!> a { u8 n; } ",
        "message a { struct b inner; } ",
        "message b { u8 n; } ",
        "actor w { on q =!> w_q; } ",
        "actor c { on start sends ws.q => c_start; on a => c_a; } ",
        "supervisor root { children c; children w as ws; } ",
    };
    enum { COUNT = sizeof parts / sizeof *parts };

    (void)state;
    for (unsigned turn = 0; turn < COUNT; turn++) {
        struct semantic s;
        char text[1000] = "";

        for (unsigned i = 0; i < COUNT; i++)
            strcat(text, parts[(i + turn) % COUNT]);
        semantic_model(&s, text);
        semantic_fini(&s);
    }
}

static void nesting_is_limited(void **state)
{
    enum { DEPTH = 400 };
    static char text[DEPTH * 24 + 100];
    struct semantic s;
    size_t at = 0;

    (void)state;
    for (int i = 0; i < DEPTH; i++)
        at += (size_t)sprintf(text + at, "supervisor s%d {", i);
    for (int i = 0; i < DEPTH; i++)
        at += (size_t)sprintf(text + at, "}");
    assert_non_null(strstr(findings(&s, text), "deeper"));
    semantic_fini(&s);
}

static void many_errors_take_linear_time(void **state)
{
    enum { COUNT = 20000 };
    char *text = malloc(COUNT * 64);
    struct semantic s;
    size_t at = 0;

    (void)state;
    assert_non_null(text);
    for (int i = 0; i < COUNT; i++)
        at += (size_t)sprintf(text + at, "actor a%d { on b%d => f%d; }\n", i, i,
                              i);
    findings(&s, text);
    assert_int_equal(s.front.context.diags.errors, COUNT + 1);
    semantic_fini(&s);
    free(text);
}

/* ---- mutations ----------------------------------------------------------- */

static const char everything[] =
    "use \"x.h\"; prefix p_; memory 1MiB;\n"
    "c { static int helper(void) { return 0; } }\n"
    "message add { i64 n; u8 a[4]; struct s t; ref w who; }\n"
    "message get =!> total { text x; }\n"
    "message total { i64 value; }\n"
    "message reset;\n"
    "actor w {\n"
    "  state { u32 a = 5; keep f64 b = 0.5; struct s *c = 0; persist u8 d; }\n"
    "  args { u8 x; }\n"
    "  stash 5;\n"
    "  on add sends self.reset, sender.reset, #ws.reset => w_add;\n"
    "  on get sends ws.add asks ws.get within 1s =!> w_get;\n"
    "  on #reset => { self->a = 0; }\n"
    "  on total => w_total; on _ => w_any; on down => w_down;\n"
    "  every 5ms sends ws.add => w_tick; idle 1min => w_idle;\n"
    "  blocking on start ~> add spawns dyn => w_start;\n"
    "}\n"
    "cluster cl { node n \"a:1\"; gossip 1s; }\n"
    "outside sends ws.add, #ws.reset asks ws.get within 1s spawns dyn;\n"
    "supervisor root : rest-for-one {\n"
    "  restart 3 in 5s backoff exponential 1ms factor 2 to 1s jitter 5% then "
    "remove;\n"
    "  mailbox 5 keep overflow block 2s; shutdown 5s; stack 64KiB;\n"
    "  supervisor low : one-for-all { children w as lows { args 7; } }\n"
    "  children w as ws { redundancy 4; dispatch round_robin; args 0x10;\n"
    "    resize 1..8 when mailbox > 3 grow 5% shrink 5%; lifetime transient; "
    "}\n"
    "  children w as dyn dynamic max 10 at n { on failure => d; }\n"
    "  stream ws ~> lows { buffer 5; } listen \"tcp:1\" => ws;\n"
    "  on before_start => hook;\n"
    "}\n";

static uint64_t next_random(uint64_t *random)
{
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    return *random >> 33;
}

/* Cuts out, doubles and swaps pieces of the text, at words and anywhere. */
static void mutate(char *text, size_t size, uint64_t *random)
{
    size_t length = strlen(text);
    size_t at = next_random(random) % length;
    size_t from = next_random(random) % length;
    size_t span = 1 + next_random(random) % 12;

    if (from + span > length)
        span = length - from;
    switch (next_random(random) % 4) {
    case 0:
        memmove(text + from, text + from + span, length - from - span + 1);
        break;
    case 1:
        if (length + span + 1 < size) {
            char piece[16];

            memcpy(piece, text + from, span);
            memmove(text + at + span, text + at, length - at + 1);
            memcpy(text + at, piece, span);
        }
        break;
    case 2:
        text[at] = text[from];
        break;
    default:
        text[at] = "{}();,.#=!>~ \n_0a\"/"[next_random(random) % 19];
        break;
    }
}

static void mutated_input_never_crashes(void **state)
{
    uint64_t random = 20;
    int lowered = 0;

    (void)state;
    for (int i = 0; i < FRONT_ROUNDS(4000); i++) {
        struct semantic s;
        char text[4000];
        uint64_t changes = 1 + next_random(&random) % 4;

        strcpy(text, everything);
        for (uint64_t k = 0; k < changes; k++)
            mutate(text, sizeof text, &random);
        semantic_init(&s, text);
        semantic_check(&s);
        if (s.front.context.diags.errors == 0) {
            struct bstc_model *model = bstc_lower(&s.program);
            const char *why;

            assert_true(bstc_model_is_valid(model, &why));
            lowered++;
        }
        semantic_fini(&s);
    }
    assert_int_equal(lowered, 0); /* the text uses what is not supported */
}

static const char supported[] =
    "message add { i64 n; u8 a[4]; ref w who; }\n"
    "message get =!> total { u8 x; }\n"
    "message total { i64 value; }\n"
    "message reset;\n"
    "actor w {\n"
    "  state { u32 a = 5; keep f64 b = 0.5; }\n"
    "  args { u8 x; f32 y; }\n"
    "  on add spawns ds sends self.reset, sender.reset, #ws.reset => w_add;\n"
    "  on get asks ws.get within 1s =!> w_get;\n"
    "  on #reset => { self->a = 0; }\n"
    "  on total => w_total; on _ => w_any;\n"
    "  every 5ms sends ws.add => w_tick; idle 1min => w_idle;\n"
    "}\n"
    "outside sends ws.add, #ws.reset asks ws.get within 1s spawns ds;\n"
    "supervisor root : rest-for-one {\n"
    "  restart 3 in 5s backoff exponential 1ms factor 2 to 1s then remove;\n"
    "  supervisor low : one-for-all { children w as lows { args 7 0.5; } }\n"
    "  children w as ws { redundancy 4; lifetime transient; args 1 2; }\n"
    "  children w as ds dynamic max 10 { lifetime temporary;"
    " mailbox 4 overflow drop_newest; }\n"
    "}\n";

/* What passes all checks can be lowered and printed. */
static void mutated_program_is_printed(void **state)
{
    uint64_t random = 21;
    int printed = 0;

    (void)state;
    for (int i = 0; i < FRONT_ROUNDS(4000); i++) {
        struct semantic s;
        char text[4000];
        struct bstc_model *model;

        strcpy(text, supported);
        mutate(text, sizeof text, &random);
        semantic_init(&s, text);
        model = bstc_analyse(&s.program);
        assert_true((model != NULL) == (s.front.context.diags.errors == 0));
        if (model) {
            struct bstc_emit_options options = {false, true};
            struct bstc_out out;
            const char *why;

            assert_true(bstc_model_is_valid(model, &why));
            bstc_out_init(&out, &s.front.context.arena);
            bstc_emit_header(&out, model);
            bstc_emit_source(&out, model, &options);
            bstc_emit_stubs(&out, model, NULL, 0, false);
            assert_true(out.length > 1000);
            printed++;
        }
        semantic_fini(&s);
    }
    assert_true(printed > FRONT_ROUNDS(4000) / 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fix_is_offered),
        cmocka_unit_test(poison_keeps_silent),
        cmocka_unit_test(order_of_declarations_never_matters),
        cmocka_unit_test(nesting_is_limited),
        cmocka_unit_test(many_errors_take_linear_time),
        cmocka_unit_test(mutated_input_never_crashes),
        cmocka_unit_test(mutated_program_is_printed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
