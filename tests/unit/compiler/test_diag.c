/* compiler/diag.c: collecting, levels, order, near misses. */

#include "front.h"

static struct bstc_span at(uint32_t start, uint32_t end)
{
    return (struct bstc_span){0, start, end};
}

static void diags_are_sorted_by_position(void **state)
{
    struct front f;
    struct bstc_diags *diags = &f.context.diags;

    (void)state;
    front_init(&f, "abcdef\nghi");
    bstc_error(diags, "E0003", at(7, 8), "third");
    bstc_warning(diags, "W0002", at(2, 3), "second");
    bstc_error(diags, "E0001", at(0, 1), "first");
    bstc_error(diags, "E0004", at(7, 8), "fourth");
    bstc_error(diags, "E0000", bstc_span_nowhere(), "nowhere");
    assert_string_equal(front_diags(&f, BSTC_FORMAT_SHORT),
                        "bastionc: error: nowhere [E0000]\n"
                        "t.bst:1:1: error: first [E0001]\n"
                        "t.bst:1:3: warning: second [W0002]\n"
                        "t.bst:2:1: error: third [E0003]\n"
                        "t.bst:2:1: error: fourth [E0004]\n");
    front_fini(&f);
}

static void equal_diags_are_kept_once(void **state)
{
    struct front f;
    struct bstc_diags *diags = &f.context.diags;

    (void)state;
    front_init(&f, "abc");
    bstc_error(diags, "E0001", at(0, 1), "same");
    bstc_error(diags, "E0001", at(0, 1), "same");
    bstc_error(diags, "E0001", at(0, 1), "other");
    bstc_error(diags, "E0001", at(0, 2), "same");
    bstc_diags_sort(diags);
    assert_int_equal(diags->count, 3);
    assert_int_equal(diags->errors, 3);
    front_fini(&f);
}

static void levels_decide_about_warnings(void **state)
{
    struct front f;
    struct bstc_diags *diags = &f.context.diags;
    struct bstc_diag *diag;

    (void)state;
    front_init(&f, "abc");
    bstc_diags_set_level(diags, "W0001", BSTC_LEVEL_OFF);
    bstc_diags_set_level(diags, "W0002", BSTC_LEVEL_ERROR);
    bstc_diags_set_level(diags, "E0601", BSTC_LEVEL_WARNING);
    diag = bstc_warning(diags, "W0001", at(0, 1), "off");
    bstc_diag_label(diags, diag, "a label of an ignored one");
    assert_int_equal(diags->count, 0);
    bstc_warning(diags, "W0002", at(0, 1), "an error now");
    assert_int_equal(diags->errors, 1);
    bstc_error(diags, "E0601", at(0, 1), "a warning now");
    assert_int_equal(diags->warnings, 1);
    bstc_extra_warning(diags, "W0406", at(0, 1), "off by default");
    assert_int_equal(diags->warnings, 1);
    diags->extra_warnings = true;
    bstc_extra_warning(diags, "W0406", at(0, 1), "on");
    assert_int_equal(diags->warnings, 2);
    diags->warnings_are_errors = true;
    bstc_warning(diags, "W0003", at(0, 1), "an error now");
    assert_int_equal(diags->errors, 2);
    diags->warnings_off = true;
    bstc_warning(diags, "W0003", at(0, 1), "nothing");
    assert_int_equal(diags->errors, 2);
    assert_int_equal(diags->warnings, 2);
    front_fini(&f);
}

static void the_last_level_of_a_code_wins(void **state)
{
    struct front f;
    struct bstc_diags *diags = &f.context.diags;

    (void)state;
    front_init(&f, "abc");
    bstc_diags_set_level(diags, "W0001", BSTC_LEVEL_OFF);
    bstc_diags_set_level(diags, "W0001", BSTC_LEVEL_ERROR);
    bstc_warning(diags, "W0001", at(0, 1), "an error");
    assert_int_equal(diags->errors, 1);
    front_fini(&f);
}

static void too_many_diags_are_counted_only(void **state)
{
    struct front f;
    struct bstc_diags *diags = &f.context.diags;
    uint32_t i;

    (void)state;
    front_init(&f, "abc");
    for (i = 0; i < 100000; i++) {
        struct bstc_diag *diag =
            bstc_error(diags, "E0001", at(0, 1), "number %u", i);

        bstc_diag_also(diags, diag, at(1, 2), "another %u", i);
    }
    assert_int_equal(diags->count, BSTC_DIAG_MAX_KEPT);
    assert_int_equal(diags->errors, 100000);
    front_fini(&f);
}

static void labels_beyond_the_limit_are_left_out(void **state)
{
    struct front f;
    struct bstc_diags *diags = &f.context.diags;
    struct bstc_diag *diag;
    int i;

    (void)state;
    front_init(&f, "abc");
    diag = bstc_error(diags, "E0001", at(0, 1), "one");
    for (i = 0; i < 10; i++) {
        bstc_diag_also(diags, diag, at(1, 2), "label %d", i);
        bstc_diag_note(diags, diag, "note %d", i);
        bstc_diag_help(diags, diag, "help %d", i);
    }
    assert_int_equal(diag->nalso, BSTC_DIAG_MAX_ALSO);
    assert_int_equal(diag->nnotes, BSTC_DIAG_MAX_NOTES);
    assert_int_equal(diag->nhelps, BSTC_DIAG_MAX_NOTES);
    assert_string_equal(diag->also[2].text, "label 2");
    front_fini(&f);
}

static void distance_counts_single_mistakes(void **state)
{
    (void)state;
    assert_int_equal(bstc_distance("actor", "actor", 3), 0);
    assert_int_equal(bstc_distance("actor", "actr", 3), 1);
    assert_int_equal(bstc_distance("actor", "acttor", 3), 1);
    assert_int_equal(bstc_distance("actor", "axtor", 3), 1);
    assert_int_equal(bstc_distance("actor", "atcor", 3), 1);
    assert_int_equal(bstc_distance("", "abc", 9), 3);
    assert_int_equal(bstc_distance("kitten", "sitting", 9), 3);
    assert_int_equal(bstc_distance("abc", "xyz", 1), 2);
}

static void distance_of_long_words_is_limited(void **state)
{
    char a[200];
    char b[200];

    (void)state;
    memset(a, 'a', sizeof a - 1);
    memset(b, 'a', sizeof b - 1);
    a[sizeof a - 1] = b[sizeof b - 1] = '\0';
    assert_int_equal(bstc_distance(a, b, 2), 0);
    b[5] = 'b';
    assert_int_equal(bstc_distance(a, b, 2), 3);
}

static void nearest_takes_the_best_within_reach(void **state)
{
    static const char *const words[] = {"logger", "lodger", "counter", "on"};

    (void)state;
    assert_string_equal(bstc_nearest("loger", words, 4), "logger");
    assert_string_equal(bstc_nearest("lodge", words, 4), "lodger");
    assert_string_equal(bstc_nearest("conuter", words, 4), "counter");
    assert_null(bstc_nearest("printer", words, 4));
    assert_string_equal(bstc_nearest("onn", words, 4), "on");
    assert_null(bstc_nearest("x", words, 4));
    assert_null(bstc_nearest("x", words, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(diags_are_sorted_by_position),
        cmocka_unit_test(equal_diags_are_kept_once),
        cmocka_unit_test(levels_decide_about_warnings),
        cmocka_unit_test(the_last_level_of_a_code_wins),
        cmocka_unit_test(too_many_diags_are_counted_only),
        cmocka_unit_test(labels_beyond_the_limit_are_left_out),
        cmocka_unit_test(distance_counts_single_mistakes),
        cmocka_unit_test(distance_of_long_words_is_limited),
        cmocka_unit_test(nearest_takes_the_best_within_reach),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
