/*
 * base/duration: durations as people write them.
 */

#include "base/duration.h"

#include "unit/unit.h"

static void format_values_read_well(void **state)
{
    static const struct {
        bst_time ns;
        const char *text;
    } cases[] = {
        {0, "0s"},
        {1, "1ns"},
        {999, "999ns"},
        {1000, "1us"},
        {1500, "1.5us"},
        {BST_US(250), "250us"},
        {BST_MS(1), "1ms"},
        {BST_MS(250), "250ms"},
        {1234567, "1.234ms"},
        {BST_MS(1) + 1, "1ms"},
        {1050000, "1.05ms"},
        {BST_S(1), "1s"},
        {BST_MS(1500), "1.5s"},
        {1999999999, "1.999s"},
        {BST_S(59), "59s"},
        {BST_S(60), "1min"},
        {BST_S(90), "90s"},
        {BST_S(300), "5min"},
        {BST_S(3600), "1h"},
        {BST_S(5400), "90min"},
        {BST_S(86400), "1d"},
        {BST_S(90000), "25h"},
        {BST_S(365 * 86400), "365d"},
        {BST_INFINITE, "infinite"},
        {BST_INFINITE - 1, "9223372036.854s"},
        {-BST_MS(1500), "-1.5s"},
        {INT64_MIN, "-9223372036.854s"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[BSTI_DURATION_SIZE];
        size_t length = bsti_duration_format(text, sizeof(text), cases[i].ns);

        assert_string_equal(text, cases[i].text);
        assert_int_equal(length, strlen(cases[i].text));
    }
}

static void format_small_buffer_is_cut_and_terminated(void **state)
{
    char text[8] = "#######";

    (void)state;
    assert_int_equal(bsti_duration_format(text, 4, BST_MS(250)), 5);
    assert_string_equal(text, "250");
    assert_int_equal(text[4], '#');
    assert_int_equal(bsti_duration_format(text, 1, BST_MS(250)), 5);
    assert_string_equal(text, "");
    assert_int_equal(bsti_duration_format(NULL, 0, BST_MS(250)), 5);
}

UNIT_MAIN(cmocka_unit_test(format_values_read_well),
          cmocka_unit_test(format_small_buffer_is_cut_and_terminated))
