/*
 * Characters that do not belong, and what was probably meant.
 */

#include "lexer.h"

#include "utf8.h"

/* Characters that look like one of ours, by what they are taken for. */
static const char *look_alike(uint32_t character)
{
    static const struct {
        uint32_t character;
        const char *meant;
    } table[] = {
        {0x00a0, "a space"}, {0x00d7, "x"},       {0x037e, ";"},
        {0x0391, "A"},       {0x0392, "B"},       {0x0395, "E"},
        {0x039f, "O"},       {0x03bf, "o"},       {0x03bd, "v"},
        {0x0405, "S"},       {0x0406, "I"},       {0x0408, "J"},
        {0x0410, "A"},       {0x0412, "B"},       {0x0415, "E"},
        {0x041a, "K"},       {0x041c, "M"},       {0x041d, "H"},
        {0x041e, "O"},       {0x0420, "P"},       {0x0421, "C"},
        {0x0422, "T"},       {0x0425, "X"},       {0x0430, "a"},
        {0x0435, "e"},       {0x043e, "o"},       {0x0440, "p"},
        {0x0441, "c"},       {0x0443, "y"},       {0x0445, "x"},
        {0x0455, "s"},       {0x0456, "i"},       {0x0458, "j"},
        {0x2010, "-"},       {0x2011, "-"},       {0x2012, "-"},
        {0x2013, "-"},       {0x2014, "-"},       {0x2018, "\""},
        {0x2019, "\""},      {0x201c, "\""},      {0x201d, "\""},
        {0x2026, ".."},      {0x2192, "=>"},      {0x21d2, "=>"},
        {0x2212, "-"},       {0x3000, "a space"}, {0xff1b, ";"},
        {0xff5b, "{"},       {0xff5d, "}"},
    };
    size_t i;

    for (i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].character == character)
            return table[i].meant;
    }
    return NULL;
}

/* Says what is wrong with a character of more than one byte, or a byte that
 * begins none. */
static void report_high(struct bstc_lexer *lexer, struct bstc_span span,
                        uint32_t character)
{
    struct bstc_diags *diags = &lexer->context->diags;
    const char *meant = look_alike(character);
    struct bstc_diag *diag;

    if (character == BSTC_UTF8_INVALID) {
        bstc_error(diags, "E0002", span, "byte 0x%02X is not UTF-8",
                   (unsigned)*lexer->token);
    } else if (character == 0xfeff) {
        bstc_error(diags, "E0002", span,
                   "a byte order mark stands at the start of a file only");
    } else if (bstc_utf8_is_bidi(character)) {
        bstc_error(diags, "E0002", span,
                   "U+%04X makes text read in another order than it runs",
                   (unsigned)character);
    } else {
        diag = bstc_error(diags, "E0002", span, "U+%04X has no meaning here",
                          (unsigned)character);
        if (meant && strcmp(meant, "a space") == 0)
            bstc_diag_fix(diags, diag, span, " ", "this only looks like %s",
                          meant);
        else if (meant)
            bstc_diag_fix(diags, diag, span, meant, "this only looks like `%s`",
                          meant);
        else
            bstc_diag_note(diags, diag,
                           "names are made of A-Z, a-z, 0-9 and _");
    }
}

/* The end of a comment outside of one. */
static void report_stray_end(struct bstc_lexer *lexer, struct bstc_span span)
{
    struct bstc_diags *diags = &lexer->context->diags;
    struct bstc_diag *diag =
        bstc_error(diags, "E0002", span, "`*/` closes no comment");

    if (lexer->nested) {
        bstc_diag_also(diags, diag,
                       bstc_lex_span(lexer, lexer->nested, lexer->nested + 2),
                       "this is inside a comment and opens none");
        bstc_diag_note(diags, diag, "comments do not nest");
        lexer->nested = NULL;
    }
}

/* Says what is wrong with an ASCII character. */
static void report_ascii(struct bstc_lexer *lexer, struct bstc_span span)
{
    struct bstc_diags *diags = &lexer->context->diags;
    unsigned char byte = *lexer->token;
    struct bstc_diag *diag;

    if (byte == 0)
        bstc_error(diags, "E0002", span, "NUL byte at offset %u",
                   (unsigned)span.start);
    else if (bstc_lex_is_control(byte) || byte == '\033')
        bstc_error(diags, "E0002", span, "control character U+%04X",
                   (unsigned)byte);
    else if (byte == '*')
        report_stray_end(lexer, span);
    else if (byte == '.') {
        diag =
            bstc_error(diags, "E0002", span, "`..` stands between two numbers");
        bstc_diag_help(diags, diag,
                       "a range is written without spaces: `4..32`");
    } else if (byte == '\'') {
        diag = bstc_error(diags, "E0002", span, "`'` has no meaning here");
        bstc_diag_help(diags, diag, "text stands in double quotes");
    } else
        bstc_error(diags, "E0002", span, "`%c` has no meaning here", byte);
}

static bool is_bad_run(unsigned char byte)
{
    return byte >= 0x80 || (bstc_lex_is_control(byte) && byte != 0);
}

void bstc_lex_bad(struct bstc_lexer *lexer)
{
    const unsigned char *at = lexer->token;
    const unsigned char *end = lexer->cursor;
    bool in_word = at > lexer->start && bstc_lex_is_word(at[-1]);

    lexer->skipped_bad = true;
    if (*at >= 0x80) {
        size_t size;
        uint32_t character = bstc_utf8_decode(
            (const char *)at, (size_t)(lexer->limit - at), &size);

        if (!lexer->reported)
            report_high(lexer, bstc_lex_span(lexer, at, at + size), character);
        end = at + size;
    } else if (!lexer->reported) {
        report_ascii(lexer, bstc_lex_span(lexer, at, end));
    }
    lexer->reported = true;
    /* One mistake, one report: the rest of the same mess is skipped. */
    while (end < lexer->limit &&
           ((*at == 0 && *end == 0) || (is_bad_run(*at) && is_bad_run(*end)) ||
            (in_word && (*at >= 0x80 || bstc_lex_is_control(*at)) &&
             bstc_lex_is_word(*end))))
        end++;
    lexer->cursor = end;
}
