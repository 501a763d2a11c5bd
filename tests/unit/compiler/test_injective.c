/*
 * Two things never share a name in C (C-77): random programs whose names are
 * made of few letters and of pieces of generated names either are refused, or
 * define every name once, in the 63 bytes that C compares.
 */

#include "semantic.h"

enum { PROGRAMS = 10000 };

static uint64_t seed = 77;

static uint32_t below(uint32_t n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % n;
}

static const char *random_name(struct bstc_arena *arena)
{
    static const char *const pieces[] = {
        "a",      "b",     "a_b",     "_tell",  "_ask",    "_on",
        "_group", "_ref",  "_args",   "_app",   "_actor",  "KIND_a",
        "_init",  "_uses", "_spawn",  "_take",  "_within", "_cast",
        "_reply", "_x",    "_fields", "_owned", "_handle", "_children",
    };
    static const char *const firsts[] = {"a", "b", "KIND_a", "ab", "a_b"};
    enum { NPIECES = sizeof pieces / sizeof *pieces };

    return bstc_arena_format(arena, "%s%s%s", firsts[below(5)],
                             below(2) ? "" : pieces[below(NPIECES)],
                             below(3) ? "" : pieces[below(NPIECES)]);
}

/* Names come twice on purpose: what is declared is also sent. */
static const char *random_program(struct bstc_arena *arena)
{
    const char *m = random_name(arena);
    const char *n = random_name(arena);
    const char *actor = random_name(arena);
    const char *other = random_name(arena);
    const char *group = random_name(arena);

    return bstc_arena_format(
        arena,
        "message %s { text %s; u8 x; } message %s =!> z; message z { u8 x; }\n"
        "actor %s { args { u8 x; } state { u8 %s; } on #%s => %s;\n"
        "  on %s =!> %s; every 1s spawns %s sends self.%s => %s; }\n"
        "actor %s { on start sends %s.%s asks %s.%s within 1s => { }\n"
        "  on after => %s; } message after;\n"
        "outside spawns %s;\n"
        "supervisor %s { children %s as %s dynamic max 2; children %s;\n"
        "  supervisor %s { children %s as %s { args 1; } } }\n",
        m, random_name(arena), n, actor, random_name(arena), m,
        random_name(arena), n, random_name(arena), group, m, random_name(arena),
        other, group, m, group, n, random_name(arena), group,
        random_name(arena), actor, group, other, random_name(arena), actor,
        random_name(arena));
}

/* Notes the identifier that ends before `end`. */
static void note(struct bstc_arena *arena, struct bstc_intern *names,
                 struct bstc_map *seen, const char *line, const char *end,
                 const char *program)
{
    const char *begin = end;
    size_t length;
    const char *name;

    while (begin > line && (begin[-1] == '_' || (begin[-1] | 32) >= 'a' ||
                            (begin[-1] >= '0' && begin[-1] <= '9')))
        begin--;
    length = (size_t)(end - begin);
    if (length > 63)
        length = 63;
    name = bstc_intern(names, begin, length);
    if (length > 0 &&
        bstc_map_add(seen, bstc_map_name(name), 1) != BSTC_MAP_NONE)
        fail_msg("%s is defined twice in:\n%s",
                 bstc_arena_copy(arena, begin, length), program);
}

/* Goes through generated C, in which definitions begin at the first column:
 * tables, functions whose `{` is at the first column, enumerators. */
static uint32_t note_definitions(struct bstc_arena *arena, const char *text,
                                 const char *program)
{
    struct bstc_intern names;
    struct bstc_map seen;

    bstc_intern_init(&names, arena);
    bstc_map_init(&seen, arena);
    for (const char *line = text; *line;) {
        const char *end = strchr(line, '\n');
        const char *stop = strpbrk(line, "({;");

        if (strncmp(line, "    KIND_", 9) == 0) {
            note(arena, &names, &seen, line + 4,
                 line + 4 + strcspn(line + 4, " =,\n"), program);
        } else if (strchr("#/ }{\n", *line) || !stop) {
            /* the inside of something */
        } else if (*stop == '(') {
            const char *body = strpbrk(stop, "{;");

            if (body && *body == '{' && body[-1] == '\n')
                note(arena, &names, &seen, line, stop, program);
        } else if (*stop == '{' && stop - line > 3 && stop[-2] == '=') {
            size_t length = strcspn(line, "[=");

            while (line[length - 1] == ' ')
                length--;
            note(arena, &names, &seen, line, line + length, program);
        }
        line = end + 1;
    }
    return names.count;
}

static void names_are_defined_once(void **state)
{
    uint32_t accepted = 0;
    uint32_t collided = 0;
    uint32_t most = 0;

    (void)state;
    for (int i = 0; i < FRONT_ROUNDS(PROGRAMS); i++) {
        const struct bstc_emit_options options = {.with_main = false};
        const struct bstc_model *model;
        struct bstc_arena arena;
        struct semantic s;
        struct bstc_out out;
        const char *program;

        bstc_arena_init(&arena);
        program = random_program(&arena);
        semantic_init(&s, program);
        model = bstc_analyse(&s.program);
        if (model) {
            uint32_t count;

            bstc_out_init(&out, &arena);
            bstc_emit_source(&out, model, &options);
            count = note_definitions(&arena, bstc_out_join(&out), program);
            most = count > most ? count : most;
            accepted++;
        }
        for (uint32_t k = 0; k < s.front.context.diags.count; k++)
            collided +=
                strcmp(s.front.context.diags.items[k]->code, "E0108") == 0;
        semantic_fini(&s);
        bstc_arena_fini(&arena);
    }
    print_message("%u accepted, %u collisions, %u names\n", accepted, collided,
                  most);
    assert_true(accepted > FRONT_ROUNDS(PROGRAMS) / 20);
    assert_true(collided > FRONT_ROUNDS(PROGRAMS) / 20);
    assert_true(most > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_defined_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
