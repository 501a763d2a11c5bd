/*
 * Escapes, tabs, wide characters and long lines.
 */

#include "diag_excerpt.h"

#include <string.h>

#include "utf8.h"

enum { TAB_WIDTH = 4, EXCERPT_BEFORE = 60, EXCERPT_AFTER = 120 };

/* Prints one character or its escape and returns the columns it takes. */
static unsigned put_character(FILE *out, const char *text, size_t size,
                              uint32_t character)
{
    char escape[BSTC_UTF8_ESCAPE];
    size_t length = bstc_utf8_escape(character, (unsigned char)*text, escape);

    if (length == 0) {
        if (out)
            fwrite(text, 1, size, out);
        return bstc_utf8_width(character);
    }
    if (out)
        fputs(escape, out);
    return (unsigned)length;
}

unsigned bstc_show_text(FILE *out, const char *text, size_t length,
                        unsigned column)
{
    size_t at = 0;

    while (at < length) {
        size_t size;
        uint32_t character = bstc_utf8_decode(text + at, length - at, &size);

        if (character == '\t') {
            do {
                if (out)
                    fputc(' ', out);
            } while (++column % TAB_WIDTH);
        } else {
            column += put_character(out, text + at, size, character);
        }
        at += size;
    }
    return column;
}

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

struct bstc_excerpt bstc_excerpt_of(const char *text, size_t length,
                                    size_t around)
{
    struct bstc_excerpt cut = {text, length, 0, false};
    size_t from = 0;
    size_t to = length;

    if (around > length)
        around = length;
    if (length <= EXCERPT_BEFORE + EXCERPT_AFTER)
        return cut;
    if (around > EXCERPT_BEFORE)
        from = around - EXCERPT_BEFORE;
    if (length - around > EXCERPT_AFTER)
        to = around + EXCERPT_AFTER;
    while (from > 0 && from < length && is_continuation(text[from]))
        from--;
    while (to < length && is_continuation(text[to]))
        to++;
    cut.text = text + from;
    cut.length = to - from;
    cut.cut = from;
    cut.cut_end = to < length;
    return cut;
}

unsigned bstc_excerpt_column(const struct bstc_excerpt *cut, size_t at)
{
    unsigned column = cut->cut ? 3 : 0;

    at = at > cut->cut ? at - cut->cut : 0;
    if (at > cut->length)
        at = cut->length;
    return bstc_show_text(NULL, cut->text, at, column);
}
