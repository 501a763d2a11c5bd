/*
 * base/line: texts that are put together without stdio.
 */

#define _POSIX_C_SOURCE 200809L

#include "base/line.h"

#include <inttypes.h>
#include <time.h>

#include "base/attr.h"
#include "base/rand.h"

#include "unit/unit.h"

static void line_cuts_what_does_not_fit(void **state)
{
    char room[8];
    struct bsti_line line = {.text = room, .size = sizeof room};

    (void)state;
    bsti_line_put(&line, "12345");
    bsti_line_put(&line, "6789");
    assert_string_equal(room, "1234567");
    assert_int_equal(line.used, 7);
}

static void line_writes_numbers(void **state)
{
    char room[200];
    struct bsti_line line = {.text = room, .size = sizeof room};

    (void)state;
    bsti_line_number(&line, 0, 10);
    bsti_line_byte(&line, ' ');
    bsti_line_number(&line, UINT64_MAX, 10);
    bsti_line_byte(&line, ' ');
    bsti_line_number(&line, 0xbeef, 16);
    bsti_line_byte(&line, ' ');
    bsti_line_hex(&line, 0);
    assert_string_equal(room, "0 18446744073709551615 beef 0x0");
}

static void line_shows_control_bytes(void **state)
{
    char room[200];
    struct bsti_line line = {.text = room, .size = sizeof room};

    (void)state;
    bsti_line_plain(&line, "a\nb\x1b[31m\x7f\xc3\xa4");
    assert_string_equal(room, "a\\x0ab\\x1b[31m\\x7f\xc3\xa4");
}

/* What JSON makes of a text. */
static const struct {
    const char *text;
    const char *json;
} strings[] = {
    {"", "\"\""},
    {"plain", "\"plain\""},
    {"\"\\/", "\"\\\"\\\\/\""},
    {"\n\t\r\x01\x1f\x7f", "\"\\n\\t\\u000d\\u0001\\u001f\\u007f\""},
    /* two, three and four bytes; the first and the last of each length */
    {"\xc2\x80\xdf\xbf", "\"\xc2\x80\xdf\xbf\""},
    {"\xe0\xa0\x80\xef\xbf\xbf", "\"\xe0\xa0\x80\xef\xbf\xbf\""},
    {"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
     "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""},
    /* a lone continuation, and bytes that begin nothing */
    {"a\x80z", "\"a\\ufffdz\""},
    {"\xc0\xaf", "\"\\ufffd\\ufffd\""},
    {"\xc1\xbf", "\"\\ufffd\\ufffd\""},
    {"\xf5\x80\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
    {"\xff\xfe", "\"\\ufffd\\ufffd\""},
    /* overlong, a surrogate, and above U+10FFFF */
    {"\xe0\x9f\xbf", "\"\\ufffd\\ufffd\\ufffd\""},
    {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
    {"\xf0\x8f\xbf\xbf", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
    {"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
    /* cut in the middle */
    {"\xe2\x82", "\"\\ufffd\\ufffd\""},
    {"\xe2\x82z", "\"\\ufffd\\ufffdz\""},
    {"\xf0\x9f\x98", "\"\\ufffd\\ufffd\\ufffd\""},
};

static void line_escapes_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < BSTI_ARRAY_LEN(strings); i++) {
        char room[200];
        struct bsti_line line = {.text = room, .size = sizeof room};

        bsti_line_json(&line, strings[i].text);
        assert_string_equal(room, strings[i].json);
    }
}

static void line_writes_null(void **state)
{
    char room[20];
    struct bsti_line line = {.text = room, .size = sizeof room};

    (void)state;
    bsti_line_json(&line, NULL);
    assert_string_equal(room, "null");
}

/* Any bytes become text without quotes or control bytes inside. */
static void line_escapes_any_bytes(void **state)
{
    uint64_t rand = 17;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        char text[33] = {0};
        char room[33 * 6 + 3];
        struct bsti_line line = {.text = room, .size = sizeof room};

        for (int i = 0; i < 32; i++) {
            text[i] = (char)(1 + bsti_rand_below(&rand, 255));
        }
        bsti_line_json(&line, text);
        assert_int_equal(room[0], '"');
        assert_int_equal(room[line.used - 1], '"');
        for (size_t i = 1; i < line.used - 1; i++) {
            assert_true((unsigned char)room[i] >= 0x20);
            if (room[i] == '\\') {
                i++;
            } else {
                assert_int_not_equal(room[i], '"');
            }
        }
    }
}

static void line_writes_times_as_the_library_does(void **state)
{
    uint64_t rand = 4;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        int64_t seconds =
            (int64_t)bsti_rand_below(&rand, UINT64_C(7258118400)); /* 2200 */
        uint32_t us = (uint32_t)bsti_rand_below(&rand, 1000000);
        time_t when = (time_t)seconds;
        struct tm tm;
        char expected[64];
        char room[40];
        struct bsti_line line = {.text = room, .size = sizeof room};
        size_t length;

        assert_non_null(gmtime_r(&when, &tm));
        length = strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S", &tm);
        snprintf(expected + length, sizeof expected - length, ".%06" PRIu32 "Z",
                 us);
        bsti_line_time(&line, seconds * 1000000000 + us * INT64_C(1000));
        assert_string_equal(room, expected);
    }
}

UNIT_MAIN(cmocka_unit_test(line_cuts_what_does_not_fit),
          cmocka_unit_test(line_writes_numbers),
          cmocka_unit_test(line_shows_control_bytes),
          cmocka_unit_test(line_escapes_json),
          cmocka_unit_test(line_writes_null),
          cmocka_unit_test(line_escapes_any_bytes),
          cmocka_unit_test(line_writes_times_as_the_library_does))
