/*
 * Numbers: plain, with a unit, ranges, percentages, decimals.
 *
 * The scanner hands over everything that begins with a digit; what is wrong
 * with it is found here. After a mistake the token keeps the kind that was
 * meant and a harmless value.
 */

#include "lexer.h"

#include <stdlib.h>
#include <string.h>

/* What stands for a number that could not be understood. */
enum { HARMLESS = 1 };

enum { DECIMAL_LENGTH = 64 };

struct unit {
    const char *name;
    int kind;
    uint64_t scale;
};

static const struct unit units[] = {
    {"ns", BSTC_TOKEN_DURATION, 1},
    {"us", BSTC_TOKEN_DURATION, 1000},
    {"ms", BSTC_TOKEN_DURATION, 1000000},
    {"s", BSTC_TOKEN_DURATION, 1000000000},
    {"min", BSTC_TOKEN_DURATION, 60000000000},
    {"h", BSTC_TOKEN_DURATION, 3600000000000},
    {"d", BSTC_TOKEN_DURATION, 86400000000000},
    {"B", BSTC_TOKEN_SIZE, 1},
    {"KiB", BSTC_TOKEN_SIZE, (uint64_t)1 << 10},
    {"MiB", BSTC_TOKEN_SIZE, (uint64_t)1 << 20},
    {"GiB", BSTC_TOKEN_SIZE, (uint64_t)1 << 30},
    {"TiB", BSTC_TOKEN_SIZE, (uint64_t)1 << 40},
};

enum { UNIT_COUNT = sizeof units / sizeof units[0] };

/* Units of sizes that people write and that are ambiguous. */
static const char *const loose_units[][2] = {
    {"KB", "KiB"},  {"kB", "KiB"},  {"kb", "KiB"},  {"K", "KiB"},
    {"k", "KiB"},   {"MB", "MiB"},  {"mb", "MiB"},  {"M", "MiB"},
    {"GB", "GiB"},  {"gb", "GiB"},  {"G", "GiB"},   {"TB", "TiB"},
    {"KIB", "KiB"}, {"kib", "KiB"}, {"mib", "MiB"}, {"gib", "GiB"},
    {"b", "B"},
};

/* A piece of the text of a number. */
struct piece {
    const unsigned char *start;
    const unsigned char *end;
};

static bool is_digit(unsigned char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           byte == '_';
}

static struct bstc_span span_of(const struct bstc_lexer *lexer,
                                struct piece piece)
{
    return bstc_lex_span(lexer, piece.start, piece.end);
}

static bool equals(struct piece piece, const char *text)
{
    size_t length = (size_t)(piece.end - piece.start);

    return strlen(text) == length && memcmp(piece.start, text, length) == 0;
}

static const struct unit *find_unit(struct piece piece)
{
    size_t i;

    for (i = 0; i < UNIT_COUNT; i++) {
        if (equals(piece, units[i].name))
            return &units[i];
    }
    return NULL;
}

static const struct unit *find_loose_unit(struct piece piece)
{
    size_t i;

    for (i = 0; i < sizeof loose_units / sizeof loose_units[0]; i++) {
        if (equals(piece, loose_units[i][0])) {
            const unsigned char *name =
                (const unsigned char *)loose_units[i][1];

            return find_unit(
                (struct piece){name, name + strlen(loose_units[i][1])});
        }
    }
    return NULL;
}

static void report_malformed(struct bstc_lexer *lexer, struct piece piece,
                             const char *what)
{
    bstc_error(&lexer->context->diags, "E0002", span_of(lexer, piece), "%s",
               what);
}

static int digit_value(unsigned char byte)
{
    if (is_digit(byte))
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return 16;
}

/*
 * Reads the digits of `piece`, decimal or after 0x, with underscores between
 * them. Reports what is wrong and then yields a harmless number.
 */
static uint64_t read_integer(struct bstc_lexer *lexer, struct piece piece)
{
    const unsigned char *at = piece.start;
    bool is_hex = at[0] == '0' && (at[1] | 0x20) == 'x' && at + 1 < piece.end;
    uint64_t base = is_hex ? 16 : 10;
    uint64_t number = 0;
    bool overflow = false;

    if (is_hex)
        at += 2;
    if (at == piece.end) {
        report_malformed(lexer, piece, "`0x` without digits");
        return HARMLESS;
    }
    if (!is_hex && *at == '0' && at + 1 < piece.end) {
        report_malformed(lexer, piece, "a number has no leading zeros");
        return HARMLESS;
    }
    if (*at == '_' || piece.end[-1] == '_') {
        report_malformed(lexer, piece, "`_` stands between digits only");
        return HARMLESS;
    }
    for (; at < piece.end; at++) {
        uint64_t digit = (uint64_t)digit_value(*at);

        if (*at == '_')
            continue;
        if (digit >= base) {
            report_malformed(lexer, piece, "letters inside a number");
            return HARMLESS;
        }
        overflow |= number > (UINT64_MAX - digit) / base;
        number = number * base + digit;
    }
    if (overflow) {
        struct bstc_diags *diags = &lexer->context->diags;
        struct bstc_diag *diag =
            bstc_error(diags, "E0101", span_of(lexer, piece),
                       "this number does not fit in 64 bits");

        bstc_diag_note(diags, diag, "the greatest is %llu",
                       (unsigned long long)UINT64_MAX);
        return HARMLESS;
    }
    return number;
}

static struct piece whole_token(const struct bstc_lexer *lexer)
{
    return (struct piece){lexer->token, lexer->cursor};
}

/* Multiplies a number by its unit, both spelled correctly. */
static void apply_unit(struct bstc_lexer *lexer, struct bstc_token *token,
                       uint64_t number, const struct unit *unit)
{
    bool fits = number <= (uint64_t)INT64_MAX / unit->scale;

    token->kind = unit->kind;
    if (!fits)
        bstc_error(&lexer->context->diags, "E0101",
                   span_of(lexer, whole_token(lexer)),
                   unit->kind == BSTC_TOKEN_DURATION
                       ? "this duration is longer than 292 years"
                       : "this size does not fit in 63 bits");
    number = fits ? number * unit->scale : HARMLESS;
    if (unit->kind == BSTC_TOKEN_DURATION)
        token->duration = (int64_t)number;
    else
        token->number = number;
}

/* Suggests the unit that was meant, in a message about `name`. */
static void report_unit(struct bstc_lexer *lexer, struct piece name)
{
    struct bstc_diags *diags = &lexer->context->diags;
    const char *names[UNIT_COUNT];
    char text[DECIMAL_LENGTH];
    size_t length = (size_t)(name.end - name.start);
    struct bstc_diag *diag;
    const char *nearest;
    size_t i;

    if (length >= sizeof text)
        length = sizeof text - 1;
    memcpy(text, name.start, length);
    text[length] = '\0';
    for (i = 0; i < UNIT_COUNT; i++)
        names[i] = units[i].name;
    diag = bstc_error(diags, "E0102", span_of(lexer, name),
                      "`%s` is not a unit", text);
    nearest = bstc_nearest(text, names, UNIT_COUNT);
    if (strcmp(text, "m") == 0 || strcmp(text, "minutes") == 0)
        nearest = "min";
    else if (strcmp(text, "sec") == 0 || strcmp(text, "seconds") == 0)
        nearest = "s";
    if (nearest)
        bstc_diag_help(diags, diag, "did you mean `%s`?", nearest);
    bstc_diag_note(diags, diag,
                   "durations: ns us ms s min h d; sizes: B KiB MiB GiB TiB");
}

static void report_loose_unit(struct bstc_lexer *lexer, struct piece name,
                              const struct unit *unit)
{
    struct bstc_diags *diags = &lexer->context->diags;
    struct bstc_diag *diag = bstc_error(
        diags, "E0105", span_of(lexer, name), "`%.*s` can mean two sizes",
        (int)(name.end - name.start), (const char *)name.start);

    bstc_diag_fix(diags, diag, span_of(lexer, name), unit->name, "write `%s`",
                  unit->name);
}

/* Completes a number whose digits are followed by letters. */
static void read_with_unit(struct bstc_lexer *lexer, struct bstc_token *token,
                           struct piece digits, struct piece name)
{
    uint64_t number = read_integer(lexer, digits);
    const struct unit *unit = find_unit(name);

    if (!unit) {
        unit = find_loose_unit(name);
        if (unit)
            report_loose_unit(lexer, name, unit);
    }
    if (unit) {
        apply_unit(lexer, token, number, unit);
        return;
    }
    report_unit(lexer, name);
    token->kind = BSTC_TOKEN_DURATION;
    token->duration = HARMLESS;
}

/*
 * Takes a unit that stands behind blanks into the number: `5 s`. No setting
 * has a word after a number that is spelled like a unit.
 */
static bool take_spaced_unit(struct bstc_lexer *lexer, struct bstc_token *token,
                             struct piece digits)
{
    struct bstc_diags *diags = &lexer->context->diags;
    struct piece name = {lexer->cursor, NULL};
    const struct unit *unit;
    struct bstc_diag *diag;
    char text[DECIMAL_LENGTH];

    while (*name.start == ' ' || *name.start == '\t')
        name.start++;
    name.end = name.start;
    while (is_letter(*name.end) || is_digit(*name.end))
        name.end++;
    unit = find_unit(name);
    if (!unit)
        unit = find_loose_unit(name);
    if (!unit || name.start == lexer->cursor ||
        digits.end - digits.start > DECIMAL_LENGTH / 2)
        return false;
    memcpy(text, digits.start, (size_t)(digits.end - digits.start));
    strcpy(text + (digits.end - digits.start), unit->name);
    lexer->cursor = name.end;
    diag = bstc_error(diags, "E0106", span_of(lexer, whole_token(lexer)),
                      "a unit stands right behind its number");
    bstc_diag_fix(diags, diag, span_of(lexer, whole_token(lexer)), text,
                  "remove the space");
    apply_unit(lexer, token, read_integer(lexer, digits), unit);
    return true;
}

/* Completes a number with a point or an exponent. */
static void read_decimal(struct bstc_lexer *lexer, struct bstc_token *token)
{
    struct piece piece = whole_token(lexer);
    char text[DECIMAL_LENGTH];
    size_t length = 0;
    const unsigned char *at;
    char *end;

    token->kind = BSTC_TOKEN_FLOAT;
    token->real = HARMLESS;
    for (at = piece.start; at < piece.end; at++) {
        if (*at == '_')
            continue;
        if (length == sizeof text - 1) {
            report_malformed(lexer, piece, "this number is too long");
            return;
        }
        text[length++] = (char)*at;
    }
    text[length] = '\0';
    token->real = strtod(text, &end);
    if (*end == '\0') {
        if (token->real > 1.7976931348623157e308) {
            bstc_error(&lexer->context->diags, "E0101", span_of(lexer, piece),
                       "this number does not fit in 64 bits");
            token->real = HARMLESS;
        }
        return;
    }
    token->real = HARMLESS;
    if (*end == '.')
        report_malformed(lexer, piece, "a number has one decimal point");
    else if (*end == 'e' || *end == 'E')
        report_malformed(lexer, piece, "this exponent has no digits");
    else {
        bstc_error(&lexer->context->diags, "E0102", span_of(lexer, piece),
                   "a number with a unit has no decimal point");
        token->kind = BSTC_TOKEN_DURATION;
        token->duration = HARMLESS;
    }
}

void bstc_lex_number(struct bstc_lexer *lexer, struct bstc_token *token)
{
    struct piece token_text = whole_token(lexer);
    struct piece digits = token_text;
    struct piece unit = token_text;

    if (memchr(digits.start, '.', (size_t)(digits.end - digits.start)) ||
        digits.end[-1] == '+') {
        read_decimal(lexer, token);
        return;
    }
    unit.start = digits.start;
    if (!(unit.start[0] == '0' && (unit.start[1] | 0x20) == 'x')) {
        while (unit.start < unit.end &&
               (is_digit(*unit.start) || *unit.start == '_'))
            unit.start++;
        digits.end = unit.start;
    } else {
        unit.start = unit.end;
    }
    if (unit.start < unit.end && (*unit.start | 0x20) == 'e' &&
        (unit.start + 1 == unit.end || is_digit(unit.start[1]) ||
         unit.start[1] == '-' || unit.start[1] == '+')) {
        read_decimal(lexer, token);
        return;
    }
    if (unit.start < unit.end) {
        read_with_unit(lexer, token, digits, unit);
        return;
    }
    token->kind = BSTC_TOKEN_INT;
    if (take_spaced_unit(lexer, token, digits))
        return;
    token->number = read_integer(lexer, digits);
}

void bstc_lex_range(struct bstc_lexer *lexer, struct bstc_token *token)
{
    struct piece low = whole_token(lexer);
    struct piece high = low;

    while (*high.start != '.')
        high.start++;
    low.end = high.start;
    high.start += 2;
    token->kind = BSTC_TOKEN_RANGE;
    token->low = HARMLESS;
    token->high = HARMLESS;
    if (high.start == high.end) {
        report_malformed(lexer, whole_token(lexer),
                         "a range needs a number on both sides: `4..32`");
        return;
    }
    token->low = read_integer(lexer, low);
    token->high = read_integer(lexer, high);
}

void bstc_lex_percent(struct bstc_lexer *lexer, struct bstc_token *token)
{
    struct piece digits = whole_token(lexer);

    digits.end--;
    token->kind = BSTC_TOKEN_PERCENT;
    token->number = HARMLESS;
    if (memchr(digits.start, '.', (size_t)(digits.end - digits.start)))
        report_malformed(lexer, whole_token(lexer),
                         "a percentage is a whole number");
    else
        token->number = read_integer(lexer, digits);
}
