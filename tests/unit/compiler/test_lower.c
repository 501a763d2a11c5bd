/*
 * Lowering: defaults and where they come from, orders, hashes.
 */

#include "semantic.h"

static const struct bstc_group *group(const struct bstc_model *model,
                                      const char *name)
{
    for (uint32_t i = 0; i < model->ngroups; i++) {
        if (strcmp(model->groups[i].name, name) == 0)
            return &model->groups[i];
    }
    fail_msg("no group %s", name);
    return NULL;
}

static const struct bstc_supervisor *supervisor(const struct bstc_model *model,
                                                const char *name)
{
    for (uint32_t i = 0; i < model->nsupervisors; i++) {
        if (strcmp(model->supervisors[i].name, name) == 0)
            return &model->supervisors[i];
    }
    fail_msg("no supervisor %s", name);
    return NULL;
}

static const char tree[] =
    "actor a { on start => f; }\n"
    "supervisor root {\n"
    "  mailbox 9; shutdown 3s;\n"
    "  restart 2 in 5s backoff linear 1s;\n"
    "  supervisor mid {\n"
    "    mailbox 8; backoff exponential 2ms factor 3 to 1s jitter 5%;\n"
    "    supervisor low { lifetime temporary; children a as x { mailbox 7; } "
    "}\n"
    "    children a as y;\n"
    "  }\n"
    "  children a as z { restart 4; }\n"
    "}\n";

static void setting_nearest_wins(void **state)
{
    struct semantic s;
    struct bstc_model *model = semantic_model(&s, tree);

    (void)state;
    assert_int_equal(group(model, "x")->mailbox.value, 7);
    assert_int_equal(group(model, "x")->mailbox.origin.from, BSTC_FROM_HERE);
    assert_int_equal(group(model, "x")->mailbox.origin.place.line, 7);
    assert_int_equal(group(model, "y")->mailbox.value, 8);
    assert_int_equal(group(model, "y")->mailbox.origin.from,
                     BSTC_FROM_SUPERVISOR);
    assert_int_equal(group(model, "y")->mailbox.origin.place.line, 6);
    assert_int_equal(group(model, "z")->mailbox.value, 9);
    assert_int_equal(group(model, "x")->lifetime.value, BSTC_TEMPORARY);
    assert_int_equal(group(model, "y")->lifetime.value, BSTC_PERMANENT);
    assert_int_equal(group(model, "y")->lifetime.origin.from,
                     BSTC_FROM_DEFAULT);
    assert_int_equal(group(model, "x")->shutdown.value, 3000000000);
    assert_int_equal(group(model, "x")->stack.value, 65536);
    semantic_fini(&s);
}

static void restart_goes_to_supervisors_not_to_groups(void **state)
{
    struct semantic s;
    struct bstc_model *model = semantic_model(&s, tree);
    const struct bstc_restart *low = &supervisor(model, "low")->restart;

    (void)state;
    assert_int_equal(group(model, "x")->restart.mode, BSTC_RESTART_SHARED);
    assert_int_equal(low->mode, BSTC_RESTART_LIMITED);
    assert_int_equal(low->tries, 2);
    assert_int_equal(low->in, 5000000000);
    assert_int_equal(low->backoff, BSTC_EXPONENTIAL);
    assert_int_equal(low->factor, 3);
    assert_int_equal(low->jitter, 5);
    assert_int_equal(low->origin.from, BSTC_FROM_SUPERVISOR);
    assert_int_equal(supervisor(model, "root")->restart.backoff, BSTC_LINEAR);
    assert_int_equal(group(model, "z")->restart.tries, 4);
    assert_int_equal(group(model, "z")->restart.in, 0);
    assert_int_equal(group(model, "z")->restart.then, BSTC_REMOVE);
    semantic_fini(&s);
}

static void b10_restart_default(void **state)
{
    struct semantic s;
    struct bstc_model *model = semantic_model(
        &s, "actor a { on start => f; } supervisor root { children a; }");
    const struct bstc_restart *restart = &bstc_model_root(model)->restart;

    (void)state;
    assert_int_equal(restart->tries, 5);
    assert_int_equal(restart->in, 10000000000);
    assert_int_equal(restart->then, BSTC_ESCALATE);
    assert_int_equal(restart->backoff, BSTC_BACKOFF_NONE);
    assert_int_equal(restart->origin.from, BSTC_FROM_DEFAULT);
    semantic_fini(&s);
}

static void restart_end_depends_on_window(void **state)
{
    static const struct {
        const char *text;
        enum bstc_then then;
    } cases[] = {
        {"3", BSTC_REMOVE},
        {"3 in 1s", BSTC_ESCALATE},
        {"3 in 1s then remove", BSTC_REMOVE},
        {"3 then escalate", BSTC_ESCALATE},
        {"0", BSTC_ESCALATE},
        {"0 then remove", BSTC_REMOVE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct semantic s;
        struct bstc_model *model;
        char text[200];

        snprintf(text, sizeof text,
                 "actor a { on start => f; }"
                 "supervisor root { children a { restart %s; } }",
                 cases[i].text);
        model = semantic_model(&s, text);
        assert_int_equal(model->groups[0].restart.then, cases[i].then);
        semantic_fini(&s);
    }
}

static void tree_children_come_first(void **state)
{
    struct semantic s;
    struct bstc_model *model = semantic_model(&s, tree);

    (void)state;
    assert_string_equal(model->supervisors[0].name, "low");
    assert_string_equal(model->supervisors[1].name, "mid");
    assert_string_equal(bstc_model_root(model)->name, "root");
    assert_int_equal(supervisor(model, "mid")->children[0].supervisor, 0);
    assert_int_equal(supervisor(model, "mid")->children[1].group, 1);
    semantic_fini(&s);
}

static void state_reset_comes_before_keep(void **state)
{
    struct semantic s;
    struct bstc_model *model = semantic_model(
        &s, "actor a { state { keep u8 a; u8 b = 3; keep u8 c; u8 d; }"
            " on start => f; } supervisor r { children a; }");
    const struct bstc_actor *actor = &model->actors[0];

    (void)state;
    assert_int_equal(actor->nfields, 4);
    assert_int_equal(actor->nkeep, 2);
    assert_string_equal(actor->fields[0].name, "b");
    assert_string_equal(actor->fields[0].init, "3");
    assert_string_equal(actor->fields[1].name, "d");
    assert_string_equal(actor->fields[2].name, "a");
    assert_string_equal(actor->fields[3].name, "c");
    semantic_fini(&s);
}

static void uses_equal_ones_are_one(void **state)
{
    struct semantic s;
    struct bstc_model *model = semantic_model(
        &s, "message m; message q =!> m;"
            "actor a { on #m sends a1.m, a1.m, #a1.m, self.m, a2.m, a1.q"
            " asks a1.q within 1s => f; on q sends sender.m =!> g; }"
            "supervisor r { children a as a1 { redundancy 2; }"
            " children a as a2 { redundancy 2; } }");
    const struct bstc_actor *actor = &model->actors[0];

    (void)state;
    assert_int_equal(actor->handlers[0].nuses, 6);
    assert_int_equal(actor->handlers[0].uses[5].within, 1000000000);
    assert_int_equal(actor->ntargets, 2);
    assert_true(actor->to_self);
    assert_int_equal(actor->nreplies, 1);
    semantic_fini(&s);
}

static void layout_follows_values(void **state)
{
    struct semantic s;
    struct bstc_model *model = semantic_model(
        &s, "message a { struct c x; struct a *self_; }"
            "message b { u8 x; } message c { struct b y; }"
            "actor w { on a => f; } supervisor r { children w; }");

    (void)state;
    assert_int_equal(model->layout[0], 1);
    assert_int_equal(model->layout[1], 2);
    assert_int_equal(model->layout[2], 0);
    assert_string_equal(model->messages[0].name, "a");
    semantic_fini(&s);
}

static uint64_t hash_of(const char *message)
{
    struct semantic s;
    struct bstc_model *model;
    char text[400];
    uint64_t hash;

    snprintf(text, sizeof text,
             "%s actor w { on start => f; } supervisor r { children w; }",
             message);
    model = semantic_model(&s, text);
    hash = model->messages[0].hash;
    semantic_fini(&s);
    return hash;
}

static void hash_covers_name_and_layout(void **state)
{
    static const char *const different[] = {
        "message m;",
        "message n;",
        "message m { u8 a; }",
        "message m { u8 b; }",
        "message m { i8 a; }",
        "message m { u8 a[2]; }",
        "message m { u8 a[3]; }",
        "message m { u8 *a; }",
        "message m { u8 a; u8 b; }",
        "message m { u8 ab; u8 c; }",
        "message m { u8 a; u8 bc; }",
        "message m { struct a b; }",
        "message m { ref w b; }",
    };
    enum { COUNT = sizeof different / sizeof *different };
    uint64_t hashes[COUNT];

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        hashes[i] = hash_of(different[i]);
        for (size_t k = 0; k < i; k++)
            assert_true(hashes[k] != hashes[i]);
    }
    assert_true(hash_of("message m{u8  a  ;}") ==
                hash_of("/// doc\nmessage m { u8 a; /* b */ }"));
    /* FNV-1a of "m" and its NUL, for ever. */
    assert_true(hash_of("message m;") == 0x08a97a07b5507e88u);
}

static void timers_are_numbered_in_order(void **state)
{
    struct semantic s;
    struct bstc_model *model = semantic_model(
        &s, "actor a { every 2s => f; on start => g; idle 1s => f; }"
            "supervisor r { children a; }");
    const struct bstc_actor *actor = &model->actors[0];

    (void)state;
    assert_int_equal(actor->ntimers, 2);
    assert_int_equal(actor->timers[0].type, BSTC_EVERY);
    assert_int_equal(actor->timers[1].type, BSTC_IDLE);
    assert_int_equal(actor->handlers[2].timer, 1);
    assert_true(actor->handlers[2].repeats);
    assert_string_equal(actor->handlers[0].label, "every 2s");
    semantic_fini(&s);
}

static void dynamic_groups_have_a_bound_and_no_members(void **state)
{
    struct semantic s;
    struct bstc_model *model = semantic_model(
        &s, "message m; actor a { on m spawns d, e, d sends d.m => f; }"
            "outside spawns e; supervisor r {\n"
            "children a as s; children a as d dynamic max 5;\n"
            "children a as e dynamic { max 9; } }");

    (void)state;
    assert_int_equal(group(model, "s")->redundancy.value, 1);
    assert_int_equal(group(model, "s")->max.value, 0);
    assert_int_equal(group(model, "d")->redundancy.value, 0);
    assert_int_equal(group(model, "d")->max.value, 5);
    assert_int_equal(group(model, "d")->max.origin.place.line, 2);
    assert_int_equal(group(model, "e")->max.value, 9);
    assert_int_equal(group(model, "e")->max.origin.from, BSTC_FROM_HERE);
    assert_int_equal(group(model, "e")->max.origin.place.line, 3);
    assert_false(group(model, "s")->is_spawned);
    assert_true(group(model, "d")->is_spawned);
    assert_true(group(model, "e")->is_spawned);
    assert_false(group(model, "d")->is_spawned_outside);
    assert_true(group(model, "e")->is_spawned_outside);
    /* What is spawned twice is one use, and only what is sent is a target. */
    assert_int_equal(model->actors[0].handlers[0].nuses, 3);
    assert_int_equal(model->actors[0].ntargets, 1);
    semantic_fini(&s);
}

static void arguments_become_constants(void **state)
{
    struct semantic s;
    struct bstc_model *model = semantic_model(
        &s, "actor a { args { u8 n; f32 x; i64 t; u32 c; } on start => f; }"
            "actor b { args { } on start => g; }"
            "supervisor r { children a as s { args 7 2 3us LIMIT; }"
            " children a as d dynamic max 5; children b; }");

    (void)state;
    assert_int_equal(model->actors[0].nargs, 4);
    assert_string_equal(model->actors[0].args[1].type, "float");
    assert_string_equal(group(model, "s")->args[0], "7");
    assert_string_equal(group(model, "s")->args[1], "2.0f");
    assert_string_equal(group(model, "s")->args[2], "3000");
    assert_string_equal(group(model, "s")->args[3], "LIMIT");
    assert_null(group(model, "d")->args);
    assert_int_equal(model->actors[1].nargs, 0);
    assert_null(group(model, "b")->args);
    semantic_fini(&s);
}

static void actor_without_group_is_unused(void **state)
{
    struct semantic s;
    struct bstc_model *model = semantic_model(
        &s, "actor a { on start => f; } actor b { on start => g; }"
            "supervisor r { children b; }");

    (void)state;
    assert_false(model->actors[0].is_used);
    assert_true(model->actors[1].is_used);
    semantic_fini(&s);
}

static void model_broken_is_not_valid(void **state)
{
    struct semantic s;
    struct bstc_model *model = semantic_model(&s, tree);
    const char *why;

    (void)state;
    model->groups[0].actor = 9;
    assert_false(bstc_model_is_valid(model, &why));
    assert_non_null(why);
    model->groups[0].actor = 0;
    model->supervisors[1].children[0].supervisor = 2;
    assert_false(bstc_model_is_valid(model, &why));
    model->supervisors[1].children[0].supervisor = 0;
    assert_true(bstc_model_is_valid(model, &why));
    model->groups[0].redundancy.value = 0;
    assert_false(bstc_model_is_valid(model, &why));
    model->groups[0].max.value = 1;
    assert_true(bstc_model_is_valid(model, &why));
    model->groups[0].redundancy.value = 1;
    assert_false(bstc_model_is_valid(model, &why));
    model->groups[0].max.value = 0;
    model->actors[0].nargs = 1;
    assert_false(bstc_model_is_valid(model, &why));
    model->nsupervisors = 0;
    assert_false(bstc_model_is_valid(model, &why));
    semantic_fini(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setting_nearest_wins),
        cmocka_unit_test(restart_goes_to_supervisors_not_to_groups),
        cmocka_unit_test(b10_restart_default),
        cmocka_unit_test(restart_end_depends_on_window),
        cmocka_unit_test(tree_children_come_first),
        cmocka_unit_test(state_reset_comes_before_keep),
        cmocka_unit_test(uses_equal_ones_are_one),
        cmocka_unit_test(layout_follows_values),
        cmocka_unit_test(hash_covers_name_and_layout),
        cmocka_unit_test(timers_are_numbered_in_order),
        cmocka_unit_test(dynamic_groups_have_a_bound_and_no_members),
        cmocka_unit_test(arguments_become_constants),
        cmocka_unit_test(actor_without_group_is_unused),
        cmocka_unit_test(model_broken_is_not_valid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
