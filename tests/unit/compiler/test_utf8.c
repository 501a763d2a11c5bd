/* compiler/utf8.c: well-formed sequences only, and their widths. */

#include "front.h"
#include "utf8.h"

static void expect_decoded(const char *text, size_t length, uint32_t character,
                           size_t size)
{
    size_t got = 99;

    assert_int_equal(bstc_utf8_decode(text, length, &got), character);
    assert_int_equal(got, size);
}

static void decode_well_formed_yields_character(void **state)
{
    (void)state;
    expect_decoded("a", 1, 'a', 1);
    expect_decoded("\xc2\x80", 2, 0x80, 2);
    expect_decoded("\xdf\xbf", 2, 0x7ff, 2);
    expect_decoded("\xe0\xa0\x80", 3, 0x800, 3);
    expect_decoded("\xef\xbf\xbf", 3, 0xffff, 3);
    expect_decoded("\xf0\x90\x80\x80", 4, 0x10000, 4);
    expect_decoded("\xf4\x8f\xbf\xbf", 4, 0x10ffff, 4);
}

static void decode_malformed_yields_one_bad_byte(void **state)
{
    static const char *const texts[] = {
        "\x80",
        "\xbf",
        "\xc0\xaf",
        "\xc1\xbf",
        "\xe0\x80\x80",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf0\x80\x80\x80",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "\xc3(",
        "\xe2\x82(",
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
        expect_decoded(texts[i], strlen(texts[i]), BSTC_UTF8_INVALID, 1);
    expect_decoded("\xe2\x82\xac", 2, BSTC_UTF8_INVALID, 1);
    expect_decoded("\xf0\x9f\x98\x80", 3, BSTC_UTF8_INVALID, 1);
}

static void width_of_wide_and_combining_is_right(void **state)
{
    (void)state;
    assert_int_equal(bstc_utf8_width('a'), 1);
    assert_int_equal(bstc_utf8_width(0xe9), 1);
    assert_int_equal(bstc_utf8_width(0x301), 0);
    assert_int_equal(bstc_utf8_width(0x4e2d), 2);
    assert_int_equal(bstc_utf8_width(0x1f600), 2);
    assert_int_equal(bstc_utf8_width(0x200d), 0);
}

static void expect_escape(uint32_t character, unsigned char byte,
                          const char *expected)
{
    char escape[BSTC_UTF8_ESCAPE] = "";

    assert_int_equal(bstc_utf8_escape(character, byte, escape),
                     strlen(expected));
    assert_string_equal(escape, expected);
}

static void escape_shows_what_is_unsafe(void **state)
{
    (void)state;
    expect_escape(0x1b, 0x1b, "\\x1b");
    expect_escape(BSTC_UTF8_INVALID, 0xff, "\\xff");
    expect_escape(0x9b, 0xc2, "\\u009b");
    expect_escape(0x202e, 0xe2, "\\u202e");
    expect_escape('a', 'a', "");
    expect_escape(0x1f600, 0xf0, "");
}

static void unsafe_characters_are_known(void **state)
{
    (void)state;
    assert_true(bstc_utf8_is_unsafe(0x1b));
    assert_true(bstc_utf8_is_unsafe(0x85));
    assert_true(bstc_utf8_is_unsafe(0x202e));
    assert_true(bstc_utf8_is_bidi(0x2066));
    assert_false(bstc_utf8_is_bidi(0x2065));
    assert_false(bstc_utf8_is_unsafe(0xe9));
    assert_false(bstc_utf8_is_unsafe('a'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode_well_formed_yields_character),
        cmocka_unit_test(decode_malformed_yields_one_bad_byte),
        cmocka_unit_test(width_of_wide_and_combining_is_right),
        cmocka_unit_test(escape_shows_what_is_unsafe),
        cmocka_unit_test(unsafe_characters_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
