/* compiler/lexer_number.c: numbers with and without units. */

#include "front.h"

/* Lexes one token and says what came: "INT 42", and the diagnostics. */
static void expect_number(const char *text, int kind, int64_t value,
                          const char *diags)
{
    struct front f;
    struct bstc_lexer lexer;
    struct bstc_token token;

    front_init(&f, text);
    bstc_lexer_init(&lexer, &f.context, f.source);
    bstc_lexer_next(&lexer, &token);
    assert_string_equal(bstc_token_name(token.kind), bstc_token_name(kind));
    if (kind == BSTC_TOKEN_DURATION)
        assert_int_equal(token.duration, value);
    else
        assert_int_equal(token.number, (uint64_t)value);
    if (*diags)
        assert_string_equal(
            front_diags(&f, BSTC_FORMAT_SHORT),
            bstc_arena_format(&f.context.arena, "t.bst:%s\n", diags));
    else
        assert_string_equal(front_diags(&f, BSTC_FORMAT_SHORT), "");
    bstc_lexer_next(&lexer, &token);
    assert_int_equal(token.kind, BSTC_TOKEN_EOF);
    front_fini(&f);
}

static void integers_have_their_value(void **state)
{
    (void)state;
    expect_number("0", BSTC_TOKEN_INT, 0, "");
    expect_number("42", BSTC_TOKEN_INT, 42, "");
    expect_number("1_000_000", BSTC_TOKEN_INT, 1000000, "");
    expect_number("0xff", BSTC_TOKEN_INT, 255, "");
    expect_number("0XfF_00", BSTC_TOKEN_INT, 0xff00, "");
    expect_number("0xd", BSTC_TOKEN_INT, 13, "");
    expect_number("18446744073709551615", BSTC_TOKEN_INT, -1, "");
    expect_number("0xffffffffffffffff", BSTC_TOKEN_INT, -1, "");
}

static void integers_that_do_not_fit_are_reported(void **state)
{
    static const char message[] =
        "1:1: error: this number does not fit in 64 bits [E0101]";

    (void)state;
    expect_number("18446744073709551616", BSTC_TOKEN_INT, 1, message);
    expect_number("0x10000000000000000", BSTC_TOKEN_INT, 1, message);
    expect_number("99999999999999999999999999", BSTC_TOKEN_INT, 1, message);
}

static void malformed_integers_are_reported(void **state)
{
    (void)state;
    expect_number("0x", BSTC_TOKEN_INT, 1,
                  "1:1: error: `0x` without digits [E0002]");
    expect_number("0xg", BSTC_TOKEN_INT, 1,
                  "1:1: error: letters inside a number [E0002]");
    expect_number("09", BSTC_TOKEN_INT, 1,
                  "1:1: error: a number has no leading zeros [E0002]");
    expect_number("1_", BSTC_TOKEN_INT, 1,
                  "1:1: error: `_` stands between digits only [E0002]");
}

static void units_are_applied(void **state)
{
    (void)state;
    expect_number("7ns", BSTC_TOKEN_DURATION, 7, "");
    expect_number("500us", BSTC_TOKEN_DURATION, 500000, "");
    expect_number("500ms", BSTC_TOKEN_DURATION, 500000000, "");
    expect_number("1s", BSTC_TOKEN_DURATION, 1000000000, "");
    expect_number("2min", BSTC_TOKEN_DURATION, 120000000000, "");
    expect_number("1h", BSTC_TOKEN_DURATION, 3600000000000, "");
    expect_number("1d", BSTC_TOKEN_DURATION, 86400000000000, "");
    expect_number("0s", BSTC_TOKEN_DURATION, 0, "");
    expect_number("1_0s", BSTC_TOKEN_DURATION, 10000000000, "");
    expect_number("512B", BSTC_TOKEN_SIZE, 512, "");
    expect_number("64KiB", BSTC_TOKEN_SIZE, 65536, "");
    expect_number("1MiB", BSTC_TOKEN_SIZE, 1048576, "");
    expect_number("2GiB", BSTC_TOKEN_SIZE, (int64_t)2 << 30, "");
    expect_number("50%", BSTC_TOKEN_PERCENT, 50, "");
}

static void durations_end_at_292_years(void **state)
{
    (void)state;
    expect_number("9223372036854775807ns", BSTC_TOKEN_DURATION, INT64_MAX, "");
    expect_number("9223372036854775808ns", BSTC_TOKEN_DURATION, 1,
                  "1:1: error: this duration is longer than 292 years "
                  "[E0101]");
    expect_number("106751d", BSTC_TOKEN_DURATION, 106751 * 86400000000000, "");
    expect_number("106752d", BSTC_TOKEN_DURATION, 1,
                  "1:1: error: this duration is longer than 292 years "
                  "[E0101]");
    expect_number("8388608TiB", BSTC_TOKEN_SIZE, 1,
                  "1:1: error: this size does not fit in 63 bits [E0101]");
}

static void unknown_units_are_reported(void **state)
{
    (void)state;
    expect_number("5sec", BSTC_TOKEN_DURATION, 1,
                  "1:2: error: `sec` is not a unit [E0102]");
    expect_number("5m", BSTC_TOKEN_DURATION, 1,
                  "1:2: error: `m` is not a unit [E0102]");
    expect_number("12abc", BSTC_TOKEN_DURATION, 1,
                  "1:3: error: `abc` is not a unit [E0102]");
    expect_number("1.5s", BSTC_TOKEN_DURATION, 1,
                  "1:1: error: a number with a unit has no decimal point "
                  "[E0102]");
}

static void ambiguous_sizes_are_reported(void **state)
{
    (void)state;
    expect_number("64KB", BSTC_TOKEN_SIZE, 65536,
                  "1:3: error: `KB` can mean two sizes [E0105]");
    expect_number("2M", BSTC_TOKEN_SIZE, 2097152,
                  "1:2: error: `M` can mean two sizes [E0105]");
}

static void spaced_units_are_reported(void **state)
{
    static const char message[] =
        "1:1: error: a unit stands right behind its number [E0106]";

    (void)state;
    expect_number("5 s", BSTC_TOKEN_DURATION, 5000000000, message);
    expect_number("5 \t ms", BSTC_TOKEN_DURATION, 5000000, message);
    expect_number("4 KiB", BSTC_TOKEN_SIZE, 4096, message);
    expect_number("4 KB", BSTC_TOKEN_SIZE, 4096, message);
}

static void numbers_before_names_stay_numbers(void **state)
{
    struct front f;
    struct bstc_lexer lexer;
    struct bstc_token token;

    (void)state;
    front_init(&f, "5 in 4 sx 3\ns");
    bstc_lexer_init(&lexer, &f.context, f.source);
    bstc_lexer_next(&lexer, &token);
    assert_int_equal(token.kind, BSTC_TOKEN_INT);
    bstc_lexer_next(&lexer, &token);
    bstc_lexer_next(&lexer, &token);
    assert_int_equal(token.kind, BSTC_TOKEN_INT);
    bstc_lexer_next(&lexer, &token);
    bstc_lexer_next(&lexer, &token);
    assert_int_equal(token.kind, BSTC_TOKEN_INT);
    assert_int_equal(f.context.diags.errors, 0);
    front_fini(&f);
}

/* Lexes a range and checks its ends. */
static void expect_range(const char *text, uint64_t low, uint64_t high,
                         uint32_t errors)
{
    struct front f;
    struct bstc_lexer lexer;
    struct bstc_token token;

    front_init(&f, text);
    bstc_lexer_init(&lexer, &f.context, f.source);
    bstc_lexer_next(&lexer, &token);
    assert_int_equal(token.kind, BSTC_TOKEN_RANGE);
    assert_int_equal(token.low, low);
    assert_int_equal(token.high, high);
    assert_int_equal(f.context.diags.errors, errors);
    bstc_lexer_next(&lexer, &token);
    assert_int_equal(token.kind, BSTC_TOKEN_EOF);
    front_fini(&f);
}

static void ranges_have_two_ends(void **state)
{
    (void)state;
    expect_range("4..32", 4, 32, 0);
    expect_range("1_0..0x20", 10, 32, 0);
    expect_range("9..1", 9, 1, 0);
    expect_range("4..", 1, 1, 1);
    expect_range("4..x", 4, 1, 1);
    expect_range("4x..5", 1, 5, 1);
}

static void decimals_have_their_value(void **state)
{
    static const struct {
        const char *text;
        double value;
        uint32_t errors;
    } cases[] = {
        {"1.5", 1.5, 0},       {"0.25", 0.25, 0},  {"1e3", 1000, 0},
        {"1.5e-3", 0.0015, 0}, {"1_0.5", 10.5, 0}, {"2E+2", 200, 0},
        {"1e999", 1, 1},       {"1e", 1, 1},       {"1.2.3", 1, 1},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct front f;
        struct bstc_lexer lexer;
        struct bstc_token token;

        front_init(&f, cases[i].text);
        bstc_lexer_init(&lexer, &f.context, f.source);
        bstc_lexer_next(&lexer, &token);
        assert_int_equal(token.kind, BSTC_TOKEN_FLOAT);
        assert_true(token.real == cases[i].value);
        assert_int_equal(f.context.diags.errors, cases[i].errors);
        bstc_lexer_next(&lexer, &token);
        assert_int_equal(token.kind, BSTC_TOKEN_EOF);
        front_fini(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_have_their_value),
        cmocka_unit_test(integers_that_do_not_fit_are_reported),
        cmocka_unit_test(malformed_integers_are_reported),
        cmocka_unit_test(units_are_applied),
        cmocka_unit_test(durations_end_at_292_years),
        cmocka_unit_test(unknown_units_are_reported),
        cmocka_unit_test(ambiguous_sizes_are_reported),
        cmocka_unit_test(spaced_units_are_reported),
        cmocka_unit_test(numbers_before_names_stay_numbers),
        cmocka_unit_test(ranges_have_two_ends),
        cmocka_unit_test(decimals_have_their_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
