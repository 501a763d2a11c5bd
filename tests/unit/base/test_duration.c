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

static void parse_reads_what_is_written_in_bst(void **state)
{
    static const struct {
        const char *text;
        bst_time ns; /* 0: it is none */
    } cases[] = {
        {"1ns", 1},
        {"250ms", BST_MS(250)},
        {"007us", BST_US(7)},
        {"60s", BST_S(60)},
        {"90min", BST_S(5400)},
        {"2h", BST_S(7200)},
        {"106751d", BST_S(86400) * 106751},
        {"9223372036854775807ns", INT64_MAX},
        {"", 0},
        {"s", 0},
        {"5", 0},
        {"0s", 0},
        {"5 s", 0},
        {"-5s", 0},
        {"5.5s", 0},
        {"5sec", 0},
        {"5S", 0},
        {"9223372036854775808ns", 0},
        {"106752d", 0},
        {"99999999999999999999s", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bst_time ns = 0;
        bool is =
            bsti_duration_parse(cases[i].text, strlen(cases[i].text), &ns);

        assert_int_equal(is, cases[i].ns != 0);
        assert_true(ns == cases[i].ns);
    }
}

UNIT_MAIN(cmocka_unit_test(format_values_read_well),
          cmocka_unit_test(parse_reads_what_is_written_in_bst),
          cmocka_unit_test(format_small_buffer_is_cut_and_terminated))
