/* grammar/bst.y and compiler/ast*.c: the shape and the spans of the tree. */

#include "front.h"
#include "ast_print.h"

static struct bstc_ast_file *parse(struct front *f, const char *text)
{
    struct bstc_ast_file *file;

    front_init(f, text);
    file = bstc_parse(&f->context, f->source);
    assert_string_equal(front_diags(f, BSTC_FORMAT_SHORT), "");
    return file;
}

/* Parses a text without faults and compares the printed tree. */
static void expect_tree(const char *text, const char *expected)
{
    struct front f;
    struct bstc_ast_file *file = parse(&f, text);
    char *buffer = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&buffer, &size);

    bstc_ast_print(file, &f.context.sources, out);
    fclose(out);
    assert_string_equal(buffer, expected);
    free(buffer);
    front_fini(&f);
}

static void empty_file_has_no_items(void **state)
{
    (void)state;
    expect_tree("", "");
    expect_tree("\xef\xbb\xbf// nothing\n", "");
}

static void items_keep_their_order(void **state)
{
    (void)state;
    expect_tree("use \"a.h\";\n"
                "use <b.h>;\n"
                "import \"c.bst\";\n"
                "c { int d; }\n"
                "memory 8MiB;\n"
                "message e;\n",
                "use 1:1-1:11 \"a.h\"\n"
                "use 2:1-2:11 system \"b.h\"\n"
                "import 3:1-3:16 \"c.bst\"\n"
                "c 4:1-4:13 {10 bytes}\n"
                "setting 5:1-5:12 memory 8388608B\n"
                "message 6:1-6:11 e\n");
}

static void fields_of_all_types(void **state)
{
    (void)state;
    expect_tree("message m {\n"
                " u32 a; text *b; struct s c; struct s *d; union u e;\n"
                " enum n g; ref counter h; u8 i[4KiB]; u8 j[MAX]; i32 k[3];\n"
                " i64 l = -1; f64 o = -1.5; bool q = true; text r = \"x\";\n"
                " u32 message; u32 on; text *sends; struct s use; my_type t;\n"
                "}\n",
                "message 1:1-6:2 m\n"
                "  field 2:2-2:7 u32 a\n"
                "  field 2:9-2:16 text * b\n"
                "  field 2:18-2:28 struct s c\n"
                "  field 2:30-2:41 struct s * d\n"
                "  field 2:43-2:52 union u e\n"
                "  field 3:2-3:10 enum n g\n"
                "  field 3:12-3:25 ref counter h\n"
                "  field 3:27-3:37 u8 i[4096]\n"
                "  field 3:39-3:48 u8 j[MAX]\n"
                "  field 3:50-3:58 i32 k[3]\n"
                "  field 4:2-4:12 i64 l = -1\n"
                "  field 4:14-4:26 f64 o = -1.5\n"
                "  field 4:28-4:41 bool q = true\n"
                "  field 4:43-4:55 text r = \"x\"\n"
                "  field 5:2-5:13 u32 message\n"
                "  field 5:15-5:21 u32 on\n"
                "  field 5:23-5:34 text * sends\n"
                "  field 5:36-5:48 struct s use\n"
                "  field 5:50-5:59 my_type t\n");
}

static void contextual_words_are_names_elsewhere(void **state)
{
    (void)state;
    expect_tree("message state { state keep; u32 every; run idle; }\n"
                "actor run { state { keep keep u32; idle keep; }\n"
                " on idle => every; nothing; run => args; }\n"
                "supervisor node { children run as outside at at, as; }\n",
                "message 1:1-1:51 state\n"
                "  field 1:17-1:27 state keep\n"
                "  field 1:29-1:38 u32 every\n"
                "  field 1:40-1:48 run idle\n"
                "actor 2:1-3:43 run\n"
                "  setting 3:20-3:27 nothing\n"
                "  state 2:21-2:34 keep keep u32\n"
                "  state 2:36-2:45 idle keep\n"
                "  on 3:2-3:19 idle => every\n"
                "  run 3:29-3:41 => args\n"
                "supervisor 4:1-4:55 node\n"
                "  children 4:19-4:53 run as outside at at, as\n");
}

static void handlers_of_all_sorts(void **state)
{
    (void)state;
    expect_tree(
        "actor a {\n"
        " on start sends b.m, #c.n asks d.q within 1s spawns e, g => f;\n"
        " blocking on #m =!> f;\n"
        " on _ => { ; }\n"
        " every 50ms => tick;\n"
        " idle 1min sends self.m => f;\n"
        " on demand ~> line => next;\n"
        " on m;\n"
        " run asks b.q within 5ms asks b.r => loop;\n"
        "}\n",
        "actor 1:1-10:2 a\n"
        "  on 2:2-2:63 start => f\n"
        "    sends 2:11-2:26 b.m #c.n\n"
        "    asks 2:27-2:45 d.q within 1000000000ns\n"
        "    spawns 2:46-2:57 e g\n"
        "  on 3:2-3:23 blocking #m =!> f\n"
        "  on 4:2-4:15 _ => {5 bytes}\n"
        "  every 5:2-5:21 50000000ns => tick\n"
        "  idle 6:2-6:30 60000000000ns => f\n"
        "    sends 6:12-6:24 self.m\n"
        "  on 7:2-7:28 demand ~> line => next\n"
        "  on 8:2-8:7 m\n"
        "  run 9:2-9:43 => loop\n"
        "    asks 9:6-9:25 b.q within 5000000ns\n"
        "    asks 9:26-9:34 b.r\n");
}

static void settings_hold_typed_values(void **state)
{
    struct front f;
    struct bstc_ast_file *file =
        parse(&f, "all 1 -2 0x10 4KiB 5ms 50% 4..32 1.5 -0.5 \"s\\n\" n > <;");
    static const enum bstc_ast_value_kind kinds[] = {
        BSTC_AST_VALUE_INT,    BSTC_AST_VALUE_INT,      BSTC_AST_VALUE_INT,
        BSTC_AST_VALUE_SIZE,   BSTC_AST_VALUE_DURATION, BSTC_AST_VALUE_PERCENT,
        BSTC_AST_VALUE_RANGE,  BSTC_AST_VALUE_FLOAT,    BSTC_AST_VALUE_FLOAT,
        BSTC_AST_VALUE_STRING, BSTC_AST_VALUE_NAME,     BSTC_AST_VALUE_GREATER,
        BSTC_AST_VALUE_LESS,
    };
    static const char *const texts[] = {
        "1",   "-2",   "0x10",     "4KiB", "5ms", "50%", "4..32",
        "1.5", "-0.5", "\"s\\n\"", "n",    ">",   "<",
    };
    const struct bstc_ast_setting *setting = file->items->setting;
    const struct bstc_ast_value *arg = setting->args;
    size_t i;

    (void)state;
    assert_int_equal(setting->nargs, 13);
    assert_string_equal(front_text(&f, setting->name.span), "all");
    for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        assert_non_null(arg);
        assert_int_equal(arg->kind, kinds[i]);
        assert_string_equal(front_text(&f, arg->span), texts[i]);
        if (i == 1)
            assert_true(arg->negative && arg->number == 2);
        if (i == 4)
            assert_int_equal(arg->duration, 5000000);
        if (i == 6)
            assert_true(arg->low == 4 && arg->high == 32);
        if (i == 8)
            assert_true(arg->real == -0.5);
        if (i == 9)
            assert_memory_equal(arg->text, "s\n", arg->length);
        arg = arg->next;
    }
    assert_null(arg);
    front_fini(&f);
}

static void handler_parts_have_spans(void **state)
{
    struct front f;
    struct bstc_ast_file *file =
        parse(&f, "actor a { blocking on #m sends #b.c asks d.e within 1s "
                  "=!> fn; every 5s => { x; } }");
    const struct bstc_ast_handler *on = file->items->actor->handlers;
    const struct bstc_ast_handler *every = on->next;
    const struct bstc_ast_use *sends = on->uses;
    const struct bstc_ast_use *asks = sends->next;

    (void)state;
    assert_string_equal(front_text(&f, on->blocking_span), "blocking");
    assert_string_equal(front_text(&f, on->head), "on #m");
    assert_string_equal(front_text(&f, on->message.span), "m");
    assert_string_equal(front_text(&f, sends->span), "sends #b.c");
    assert_string_equal(front_text(&f, sends->targets->span), "#b.c");
    assert_string_equal(front_text(&f, sends->targets->who.span), "b");
    assert_string_equal(front_text(&f, sends->targets->what.span), "c");
    assert_true(sends->targets->broadcast);
    assert_string_equal(front_text(&f, asks->span), "asks d.e within 1s");
    assert_string_equal(front_text(&f, asks->within_span), "1s");
    assert_true(asks->has_within);
    assert_int_equal(asks->within, 1000000000);
    assert_string_equal(front_text(&f, on->impl.arrow), "=!>");
    assert_string_equal(front_text(&f, on->impl.function.span), "fn");
    assert_true(on->impl.answers);
    assert_string_equal(front_text(&f, every->head), "every 5s");
    assert_string_equal(front_text(&f, every->period_span), "5s");
    assert_string_equal(front_text(&f, every->impl.raw.span), "{ x; }");
    assert_memory_equal(every->impl.raw.text, "{ x; }", every->impl.raw.length);
    assert_string_equal(front_text(&f, every->span), "every 5s => { x; }");
    front_fini(&f);
}

static void state_and_args_have_spans(void **state)
{
    struct front f;
    struct bstc_ast_file *file =
        parse(&f, "actor a { state { keep u32 n[4] = 7; persist struct s *p; } "
                  "args { fd sock; } stash 5; }");
    const struct bstc_ast_actor *actor = file->items->actor;
    const struct bstc_ast_field *n = actor->state;

    (void)state;
    assert_true(actor->has_state && actor->has_args);
    assert_string_equal(front_text(&f, actor->state_span), "state");
    assert_string_equal(front_text(&f, n->span), "keep u32 n[4] = 7");
    assert_string_equal(front_text(&f, n->keep_span), "keep");
    assert_string_equal(front_text(&f, n->array_span), "4");
    assert_int_equal(n->keep, BSTC_AST_KEEP_RESTART);
    assert_int_equal(n->next->keep, BSTC_AST_KEEP_PERSIST);
    assert_string_equal(front_text(&f, n->next->type.span), "struct s *");
    assert_string_equal(front_text(&f, actor->args->type.name.span), "fd");
    assert_string_equal(front_text(&f, actor->settings->span), "stash 5");
    front_fini(&f);
}

static void trees_nest_and_keep_start_order(void **state)
{
    (void)state;
    expect_tree(
        "supervisor root : rest_for_one {\n"
        " restart 5 in 10s;\n"
        " children a;\n"
        " supervisor inner { on after_start => hook; children b as c; }\n"
        " children d as e dynamic max 10000 at n1, n2 { mailbox 4; }\n"
        " listen \"tcp:*:80\" => e { stack 64KiB; on failure => g; }\n"
        " stream a ~> c ~> e { buffer 256; }\n"
        " stream a ~> c;\n"
        " children f dynamic { max 5; args 1 x; } children g dynamic at n1;\n"
        "}\n",
        "supervisor 1:1-10:2 root : rest-for-one\n"
        "  setting 2:2-2:18 restart 5 in 10000000000ns\n"
        "  children 3:2-3:13 a\n"
        "  supervisor 4:2-4:63 inner\n"
        "    hook 4:21-4:44 after_start => hook\n"
        "    children 4:45-4:61 b as c\n"
        "  children 5:2-5:60 d as e dynamic max 10000 at n1, n2\n"
        "    setting 5:48-5:57 mailbox 4\n"
        "  listen 6:2-6:58 \"tcp:*:80\" => e\n"
        "    setting 6:27-6:38 stack 65536B\n"
        "    hook 6:40-6:56 failure => g\n"
        "  stream 7:2-7:36 a ~> c ~> e\n"
        "    setting 7:23-7:33 buffer 256\n"
        "  stream 8:2-8:16 a ~> c\n"
        "  children 9:2-9:41 f dynamic\n"
        "    setting 9:23-9:28 max 5\n"
        "    setting 9:30-9:38 args 1 x\n"
        "  children 9:42-9:67 g dynamic at n1\n");
}

static void clusters_and_outside(void **state)
{
    (void)state;
    expect_tree("cluster wc { node front \"10.0.0.1:7400\"; gossip 200ms "
                "fanout 3; }\n"
                "outside sends a.b asks c.d within 1s spawns e;\n",
                "cluster 1:1-1:66 wc\n"
                "  node 1:14-1:41 front \"10.0.0.1:7400\"\n"
                "  setting 1:42-1:63 gossip 200000000ns fanout 3\n"
                "outside 2:1-2:47\n"
                "  sends 2:9-2:18 a.b\n"
                "  asks 2:19-2:37 c.d within 1000000000ns\n"
                "  spawns 2:38-2:46 e\n");
}

static void doc_comments_are_attached(void **state)
{
    (void)state;
    expect_tree("/// A message.\n"
                "/// Two lines.\n"
                "message m { /// first\n u32 a; /// second\n u32 b; }\n"
                "/// actor\nactor a { state { /// kept\n keep u32 n; }\n"
                "/// handler\n blocking on m => f; }\n"
                "/// tree\nsupervisor r { /// group\n children a; }\n",
                "message 3:1-5:10 m doc=\"A message.\\nTwo lines.\"\n"
                "  field 4:2-4:7 u32 a doc=\"first\"\n"
                "  field 5:2-5:7 u32 b doc=\"second\"\n"
                "actor 7:1-10:23 a doc=\"actor\"\n"
                "  state 8:2-8:12 keep u32 n doc=\"kept\"\n"
                "  on 10:2-10:21 blocking m => f doc=\"handler\"\n"
                "supervisor 12:1-13:15 r doc=\"tree\"\n"
                "  children 13:2-13:13 a doc=\"group\"\n");
}

static void deep_nesting_parses_and_prints(void **state)
{
    enum { DEPTH = 256 };
    static char text[DEPTH * 32];
    struct front f;
    struct bstc_ast_file *file;
    const struct bstc_ast_supervisor *supervisor;
    size_t used = 0;
    FILE *out;
    int i;

    (void)state;
    for (i = 0; i < DEPTH; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "supervisor s%d : one-for-one {", i);
    for (i = 0; i < DEPTH; i++)
        text[used++] = '}';
    text[used] = '\0';
    file = parse(&f, text);
    supervisor = file->items->supervisor;
    for (i = 1; i < DEPTH; i++) {
        assert_non_null(supervisor->members);
        supervisor = supervisor->members->supervisor;
    }
    assert_string_equal(supervisor->name.text, "s255");
    out = fopen("/dev/null", "w");
    assert_non_null(out);
    bstc_ast_print(file, &f.context.sources, out);
    fclose(out);
    front_fini(&f);
}

static void tokens_are_printed_one_a_line(void **state)
{
    struct front f;
    char *buffer = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&buffer, &size);

    (void)state;
    front_init(&f, "mailbox 4KiB 5ms 4..32\n 1.5 \"ab\" x 7 : one_for_all;");
    bstc_tokens_print(&f.context, f.source, out);
    fclose(out);
    assert_string_equal(buffer, "1:1 ID mailbox\n"
                                "1:9 SIZE 4096\n"
                                "1:14 DURATION 5000000ns\n"
                                "1:18 RANGE 4..32\n"
                                "2:2 FLOAT 1.5\n"
                                "2:6 STRING 2 bytes\n"
                                "2:11 ID x\n"
                                "2:13 INT 7\n"
                                "2:15 COLON\n"
                                "2:17 STRATEGY one-for-all\n"
                                "2:28 SEMI\n"
                                "2:29 EOF\n");
    free(buffer);
    front_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_file_has_no_items),
        cmocka_unit_test(items_keep_their_order),
        cmocka_unit_test(fields_of_all_types),
        cmocka_unit_test(contextual_words_are_names_elsewhere),
        cmocka_unit_test(handlers_of_all_sorts),
        cmocka_unit_test(settings_hold_typed_values),
        cmocka_unit_test(handler_parts_have_spans),
        cmocka_unit_test(state_and_args_have_spans),
        cmocka_unit_test(trees_nest_and_keep_start_order),
        cmocka_unit_test(clusters_and_outside),
        cmocka_unit_test(doc_comments_are_attached),
        cmocka_unit_test(deep_nesting_parses_and_prints),
        cmocka_unit_test(tokens_are_printed_one_a_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
