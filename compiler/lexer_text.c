/*
 * Strings and header names.
 *
 * A string is one line of C string syntax. Its value is decoded here; where
 * the spelling matters, as for `#include`, the span gives it back.
 */

#include "lexer.h"

#include <string.h>

static int hex_value(unsigned char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return -1;
}

/* Returns the closing quote, or the end of the line when there is none. */
static const unsigned char *find_quote(const struct bstc_lexer *lexer)
{
    const unsigned char *at = lexer->cursor;

    while (at < lexer->limit && *at != '"' && *at != '\n' && *at != '\r') {
        if (*at == '\\' && at + 1 < lexer->limit && at[1] != '\n' &&
            at[1] != '\r')
            at++;
        at++;
    }
    return at;
}

/* Appends a character as UTF-8. */
static size_t put_utf8(char *text, size_t used, uint32_t character)
{
    if (character < 0x80) {
        text[used++] = (char)character;
    } else if (character < 0x800) {
        text[used++] = (char)(0xc0 | character >> 6);
        text[used++] = (char)(0x80 | (character & 0x3f));
    } else if (character < 0x10000) {
        text[used++] = (char)(0xe0 | character >> 12);
        text[used++] = (char)(0x80 | (character >> 6 & 0x3f));
        text[used++] = (char)(0x80 | (character & 0x3f));
    } else {
        text[used++] = (char)(0xf0 | character >> 18);
        text[used++] = (char)(0x80 | (character >> 12 & 0x3f));
        text[used++] = (char)(0x80 | (character >> 6 & 0x3f));
        text[used++] = (char)(0x80 | (character & 0x3f));
    }
    return used;
}

static void report_escape(struct bstc_lexer *lexer, const unsigned char *from,
                          const unsigned char *to, const char *code,
                          const char *what)
{
    bstc_error(&lexer->context->diags, code, bstc_lex_span(lexer, from, to),
               "%s", what);
}

/* Decodes the digits of \x, \u and \U, which begin at `at`. */
static const unsigned char *read_hex(struct bstc_lexer *lexer,
                                     const unsigned char *at,
                                     const unsigned char *end, char *text,
                                     size_t *used)
{
    const unsigned char *escape = at - 2;
    unsigned char letter = at[-1];
    int wanted = letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
    uint32_t value = 0;
    int count = 0;

    while (at < end && hex_value(*at) >= 0 && (wanted == 0 || count < wanted)) {
        if (value < 0x1000000)
            value = value << 4 | (uint32_t)hex_value(*at);
        at++;
        count++;
    }
    if (count == 0 || (wanted && count < wanted))
        report_escape(lexer, escape, at, "E0002",
                      wanted == 8   ? "`\\U` needs eight hex digits"
                      : wanted == 4 ? "`\\u` needs four hex digits"
                                    : "`\\x` needs a hex digit");
    else if (wanted == 0 && value > 0xff)
        report_escape(lexer, escape, at, "E0101",
                      "this escape does not fit in a byte");
    else if (value > 0x10ffff || (wanted && value >= 0xd800 && value < 0xe000))
        report_escape(lexer, escape, at, "E0101",
                      "this escape is not a character");
    else if (wanted == 0)
        text[(*used)++] = (char)value;
    else
        *used = put_utf8(text, *used, value);
    return at;
}

static const unsigned char *read_octal(struct bstc_lexer *lexer,
                                       const unsigned char *at,
                                       const unsigned char *end, char *text,
                                       size_t *used)
{
    const unsigned char *escape = at - 1;
    unsigned value = 0;
    int count = 0;

    while (at < end && *at >= '0' && *at <= '7' && count < 3) {
        value = value * 8 + (unsigned)(*at++ - '0');
        count++;
    }
    if (value > 0xff)
        report_escape(lexer, escape, at, "E0101",
                      "this escape does not fit in a byte");
    else
        text[(*used)++] = (char)value;
    return at;
}

/* Decodes the escape behind the backslash at `at` - 1. */
static const unsigned char *read_escape(struct bstc_lexer *lexer,
                                        const unsigned char *at,
                                        const unsigned char *end, char *text,
                                        size_t *used)
{
    static const char letters[] = "abfnrtv\\\"'?";
    static const char values[] = "\a\b\f\n\r\t\v\\\"'?";
    const char *letter;

    if (at == end)
        return at;
    if (*at >= '0' && *at <= '7')
        return read_octal(lexer, at, end, text, used);
    if (*at == 'x' || *at == 'u' || *at == 'U')
        return read_hex(lexer, at + 1, end, text, used);
    letter = *at ? strchr(letters, *at) : NULL;
    if (letter) {
        text[(*used)++] = values[letter - letters];
    } else {
        struct bstc_diags *diags = &lexer->context->diags;
        struct bstc_diag *diag =
            bstc_error(diags, "E0002", bstc_lex_span(lexer, at - 1, at + 1),
                       "unknown escape `\\%c`", *at);

        bstc_diag_note(diags, diag,
                       "escapes are \\a \\b \\f \\n \\r \\t \\v \\\\ \\\" "
                       "\\' \\? \\0 \\x41 \\u00e9");
    }
    return at + 1;
}

void bstc_lex_string(struct bstc_lexer *lexer, struct bstc_token *token)
{
    struct bstc_diags *diags = &lexer->context->diags;
    const unsigned char *at = lexer->cursor;
    const unsigned char *end = find_quote(lexer);
    char *text =
        bstc_arena_alloc(&lexer->context->arena, (size_t)(end - at) + 1);
    size_t used = 0;

    bstc_lex_check(lexer, at, end, false);
    while (at < end) {
        if (*at == '\\')
            at = read_escape(lexer, at + 1, end, text, &used);
        else
            text[used++] = (char)*at++;
    }
    token->kind = BSTC_TOKEN_STRING;
    token->text = text;
    token->length = used;
    lexer->cursor = end;
    if (end < lexer->limit && *end == '"') {
        lexer->cursor++;
    } else {
        struct bstc_diag *diag =
            bstc_error(diags, "E0002",
                       bstc_lex_span(lexer, lexer->token, lexer->token + 1),
                       "this string is not closed on its line");

        bstc_diag_label(diags, diag, "begins here");
        /* What was meant to follow the string is inside it. */
        lexer->unclosed = true;
    }
}

void bstc_lex_angle(struct bstc_lexer *lexer, struct bstc_token *token)
{
    const unsigned char *end = lexer->cursor;

    token->kind = BSTC_TOKEN_LT;
    if (lexer->previous != BSTC_TOKEN_USE)
        return;
    while (end < lexer->limit && !strchr(">\r\n", *end))
        end++;
    if (end == lexer->limit || *end != '>') {
        bstc_error(&lexer->context->diags, "E0002",
                   bstc_lex_span(lexer, lexer->token, lexer->cursor),
                   "this `<` is not closed on its line");
        lexer->unclosed = true;
    }
    token->kind = BSTC_TOKEN_ANGLE;
    token->length = (size_t)(end - lexer->cursor);
    token->text = bstc_arena_copy(&lexer->context->arena,
                                  (const char *)lexer->cursor, token->length);
    lexer->cursor = end < lexer->limit && *end == '>' ? end + 1 : end;
}
