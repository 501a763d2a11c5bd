/* compiler/lsp/position.c: positions of editors and offsets of bytes. */

#include "front.h"

#include "lsp/position.h"

static const char mixed[] = "ab\r\n\xc3\xbc\xf0\x9f\x98\x80x\rend";

static void expect(struct front *f, enum bstc_units units, uint32_t line,
                   uint32_t character, uint32_t offset)
{
    struct bstc_lsp_position at = {line, character};
    struct bstc_lsp_position back;

    assert_int_equal(bstc_lsp_offset(f->source, at, units), offset);
    back = bstc_lsp_position(f->source, offset, units);
    assert_int_equal(back.line, line);
    assert_int_equal(back.character, character);
}

static void position_in_ascii_is_the_byte(void **state)
{
    struct front f;

    (void)state;
    front_init(&f, "ab\r\ncd\n\nef");
    for (int units = BSTC_UTF16; units <= BSTC_UTF32; units++) {
        expect(&f, (enum bstc_units)units, 0, 0, 0);
        expect(&f, (enum bstc_units)units, 0, 2, 2);
        expect(&f, (enum bstc_units)units, 1, 1, 5);
        expect(&f, (enum bstc_units)units, 2, 0, 7);
        expect(&f, (enum bstc_units)units, 3, 2, 10);
    }
    front_fini(&f);
}

static void position_behind_wide_characters_counts_units(void **state)
{
    struct front f;

    (void)state;
    front_init(&f, mixed);
    expect(&f, BSTC_UTF8, 1, 2, 6);
    expect(&f, BSTC_UTF16, 1, 1, 6);
    expect(&f, BSTC_UTF32, 1, 1, 6);
    expect(&f, BSTC_UTF8, 1, 6, 10);
    expect(&f, BSTC_UTF16, 1, 3, 10);
    expect(&f, BSTC_UTF32, 1, 2, 10);
    expect(&f, BSTC_UTF16, 2, 3, 15);
    front_fini(&f);
}

static uint32_t offset_of(struct front *f, uint32_t line, uint32_t character)
{
    struct bstc_lsp_position at = {line, character};

    return bstc_lsp_offset(f->source, at, BSTC_UTF16);
}

static void position_that_is_nowhere_becomes_the_nearest(void **state)
{
    struct front f;

    (void)state;
    front_init(&f, mixed);
    assert_int_equal(offset_of(&f, 0, 99), 2);
    assert_int_equal(offset_of(&f, 1, 2), 6);
    assert_int_equal(offset_of(&f, 1, UINT32_MAX), 11);
    assert_int_equal(bstc_lsp_position(f.source, 8, BSTC_UTF16).character, 1);
    assert_int_equal(offset_of(&f, 3, 0), 15);
    assert_int_equal(offset_of(&f, UINT32_MAX, UINT32_MAX), 15);
    front_fini(&f);
}

static void position_counts_bad_bytes_one_by_one(void **state)
{
    struct front f;

    (void)state;
    front_init(&f, "\xff\xfe"
                   "a");
    expect(&f, BSTC_UTF16, 0, 2, 2);
    expect(&f, BSTC_UTF32, 0, 3, 3);
    front_fini(&f);
    assert_int_equal(bstc_lsp_length("\xf0\x9f\x98\x80\xff", 5, BSTC_UTF16), 3);
}

static void position_in_an_empty_text_is_its_start(void **state)
{
    struct front f;

    (void)state;
    front_init(&f, "");
    expect(&f, BSTC_UTF16, 0, 0, 0);
    assert_int_equal(offset_of(&f, 0, 5), 0);
    front_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(position_in_ascii_is_the_byte),
        cmocka_unit_test(position_behind_wide_characters_counts_units),
        cmocka_unit_test(position_that_is_nowhere_becomes_the_nearest),
        cmocka_unit_test(position_counts_bad_bytes_one_by_one),
        cmocka_unit_test(position_in_an_empty_text_is_its_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
