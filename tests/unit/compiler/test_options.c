/*
 * The command line, as far as tests/cli does not try it with files.
 */

#include "front.h"

#include <unistd.h>

#include "cli/options.h"

struct line {
    struct bstc_arena arena;
    struct bstc_options options;
};

/* Reads words up to NULL as a command line; mistakes are not shown. */
static enum bstc_action read_words(struct line *line, const char *first, ...)
{
    static char program[] = "bastionc";
    static char words[16][80];
    char *argv[18] = {program};
    int argc = 1;
    va_list args;
    const char *word = first;
    enum bstc_action action;
    int saved = dup(2);

    va_start(args, first);
    while (word && argc < 17) {
        snprintf(words[argc - 1], sizeof words[0], "%s", word);
        argv[argc] = words[argc - 1];
        argc++;
        word = va_arg(args, const char *);
    }
    va_end(args);
    bstc_arena_init(&line->arena);
    fflush(stderr);
    assert_non_null(freopen("/dev/null", "w", stderr));
    action = bstc_options_read(&line->options, &line->arena, argc, argv);
    fflush(stderr);
    dup2(saved, 2);
    close(saved);
    return action;
}

static void compile_is_the_default(void **state)
{
    struct line line;

    (void)state;
    assert_int_equal(read_words(&line, "a.bst", "b.bst", NULL), BSTC_RUN);
    assert_int_equal(line.options.verb, BSTC_VERB_COMPILE);
    assert_int_equal(line.options.inputs.count, 2);
    assert_string_equal(line.options.inputs.items[1], "b.bst");
    assert_string_equal(line.options.prefix, "");
    bstc_arena_fini(&line.arena);
}

static void verb_may_follow_flags(void **state)
{
    struct line line;

    (void)state;
    assert_int_equal(read_words(&line, "-v", "check", "x/y.bst", NULL),
                     BSTC_RUN);
    assert_int_equal(line.options.verb, BSTC_VERB_CHECK);
    assert_true(line.options.verbose);
    bstc_arena_fini(&line.arena);
}

static void flag_value_in_each_form(void **state)
{
    struct line line;

    (void)state;
    assert_int_equal(read_words(&line, "-o", "d", "-Ii", "-I", "j",
                                "--prefix=p_", "--emit", "c,h",
                                "-fmax-errors=7", "a.bst", NULL),
                     BSTC_RUN);
    assert_string_equal(line.options.output, "d");
    assert_int_equal(line.options.include_dirs.count, 2);
    assert_string_equal(line.options.include_dirs.items[0], "i");
    assert_string_equal(line.options.include_dirs.items[1], "j");
    assert_string_equal(line.options.prefix, "p_");
    assert_int_equal(line.options.emit, BSTC_WANT_C | BSTC_WANT_H);
    assert_int_equal(line.options.max_errors, 7);
    bstc_arena_fini(&line.arena);
}

static void dash_o_dash_is_a_value(void **state)
{
    struct line line;

    (void)state;
    assert_int_equal(read_words(&line, "-o", "-", "a.bst", NULL), BSTC_RUN);
    assert_string_equal(line.options.output, "-");
    assert_int_equal(line.options.inputs.count, 1);
    bstc_arena_fini(&line.arena);
}

static void words_after_two_dashes_are_files(void **state)
{
    struct line line;

    (void)state;
    assert_int_equal(read_words(&line, "check", "--", "-x.bst", NULL),
                     BSTC_RUN);
    assert_string_equal(line.options.inputs.items[0], "-x.bst");
    bstc_arena_fini(&line.arena);
}

static void longest_flag_wins(void **state)
{
    struct line line;

    (void)state;
    assert_int_equal(read_words(&line, "-Werror", "-Werror=W0303", "-Wno-W0304",
                                "-MD", "-MP", "-MFd", "-MT", "t", "a.bst",
                                NULL),
                     BSTC_RUN);
    assert_true(line.options.warnings_are_errors);
    assert_int_equal(line.options.nlevels, 2);
    assert_string_equal(line.options.levels[0].code, "W0303");
    assert_int_equal(line.options.levels[0].level, BSTC_LEVEL_ERROR);
    assert_int_equal(line.options.levels[1].level, BSTC_LEVEL_OFF);
    assert_true(line.options.deps && line.options.deps_phony);
    assert_string_equal(line.options.deps_file, "d");
    assert_string_equal(line.options.deps_targets.items[0], "t");
    bstc_arena_fini(&line.arena);
}

static void allow_takes_some_codes_only(void **state)
{
    struct line line;

    (void)state;
    assert_int_equal(read_words(&line, "--allow=E0407", "a.bst", NULL),
                     BSTC_RUN);
    assert_int_equal(line.options.levels[0].level, BSTC_LEVEL_WARNING);
    bstc_arena_fini(&line.arena);
    assert_int_equal(read_words(&line, "--allow=E0201", "a.bst", NULL),
                     BSTC_MISUSED);
    bstc_arena_fini(&line.arena);
}

static void misuse_is_found(void **state)
{
    static const char *const lines[][3] = {
        {NULL, NULL, NULL},
        {"a.txt", NULL, NULL},
        {"frobnicate", "a.bst", NULL},
        {"--unknown", "a.bst", NULL},
        {"-Z", "a.bst", NULL},
        {"-MDx", "a.bst", NULL},
        {"a.bst", "--prefix=", NULL},
        {"a.bst", "--prefix=a b", NULL},
        {"a.bst", "--prefix=bst_", NULL},
        {"a.bst", "--prefix=1", NULL},
        {"a.bst", "--emit=", NULL},
        {"a.bst", "--emit=,", NULL},
        {"a.bst", "-I", NULL},
        {"new", NULL, NULL},
        {"new", "a", "b"},
        {"new", "--main", "b"},
        {"check", "-o", "x"},
        {"-fmax-errors=", "a.bst", NULL},
        {"-fmax-errors=9999999", "a.bst", NULL},
        {"-fmax-errors=-1", "a.bst", NULL},
        {"-Wno-W303", "a.bst", NULL},
        {"--allow=W0303", "a.bst", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct line line;

        if (read_words(&line, lines[i][0], lines[i][1], lines[i][2], NULL) !=
            BSTC_MISUSED)
            fail_msg("line %zu was taken", i);
        bstc_arena_fini(&line.arena);
    }
}

static void rows_are_complete(void **state)
{
    const struct bstc_option_row *row;
    uint32_t count = 0;

    (void)state;
    for (; (row = bstc_option_row(count)) != NULL; count++) {
        assert_true(*row->spelling && *row->help);
        assert_int_equal(row->is_verb, row->spelling[0] != '-');
    }
    assert_true(count > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compile_is_the_default),
        cmocka_unit_test(verb_may_follow_flags),
        cmocka_unit_test(flag_value_in_each_form),
        cmocka_unit_test(dash_o_dash_is_a_value),
        cmocka_unit_test(words_after_two_dashes_are_files),
        cmocka_unit_test(longest_flag_wins),
        cmocka_unit_test(allow_takes_some_codes_only),
        cmocka_unit_test(misuse_is_found),
        cmocka_unit_test(rows_are_complete),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
