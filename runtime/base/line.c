/*
 * Putting a line together.
 */

#include "base/line.h"

#include <stdbool.h>
#include <string.h>

static const char digit[] = "0123456789abcdef";

void bsti_line_byte(struct bsti_line *line, char byte)
{
    if (line->used + 1 < line->size) {
        line->text[line->used++] = byte;
        line->text[line->used] = '\0';
    }
}

/* Every fault that is contained is put into words, so this is quick. */
void bsti_line_put(struct bsti_line *line, const char *text)
{
    size_t length = strlen(text);
    size_t room = line->size - line->used;

    if (room < 2) {
        return;
    }
    length = length < room ? length : room - 1;
    memcpy(line->text + line->used, text, length);
    line->used += length;
    line->text[line->used] = '\0';
}

/* Appends at least `width` digits. */
static void put_digits(struct bsti_line *line, uint64_t number, unsigned base,
                       unsigned width)
{
    char digits[24];
    size_t at = sizeof(digits) - 1;

    digits[at] = '\0';
    do {
        digits[--at] = digit[number % base];
        number /= base;
    } while (number > 0 || sizeof(digits) - 1 - at < width);
    bsti_line_put(line, &digits[at]);
}

void bsti_line_number(struct bsti_line *line, uint64_t number, unsigned base)
{
    put_digits(line, number, base, 1);
}

void bsti_line_hex(struct bsti_line *line, uint64_t number)
{
    bsti_line_put(line, "0x");
    put_digits(line, number, 16, 1);
}

static bool is_control(unsigned char byte)
{
    return byte < 0x20 || byte == 0x7f;
}

void bsti_line_plain(struct bsti_line *line, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;

        if (is_control(byte)) {
            bsti_line_put(line, "\\x");
            put_digits(line, byte, 16, 2);
        } else {
            bsti_line_byte(line, *text);
        }
    }
}

/*
 * Returns the length of the character that begins here, or 0 if none does:
 * overlong forms, surrogates and what lies above U+10FFFF are no characters.
 * The zero byte at the end is no continuation, so nothing behind it is read.
 */
static size_t character(const unsigned char *text)
{
    unsigned char first = text[0];
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    size_t length = first < 0x80   ? 1
                    : first < 0xc2 ? 0
                    : first < 0xe0 ? 2
                    : first < 0xf0 ? 3
                    : first < 0xf5 ? 4
                                   : 0;

    if (first == 0xe0) {
        low = 0xa0;
    } else if (first == 0xed) {
        high = 0x9f;
    } else if (first == 0xf0) {
        low = 0x90;
    } else if (first == 0xf4) {
        high = 0x8f;
    }
    for (size_t i = 1; i < length; i++) {
        if (text[i] < low || text[i] > high) {
            return 0;
        }
        low = 0x80;
        high = 0xbf;
    }
    return length;
}

static void json_ascii(struct bsti_line *line, unsigned char byte)
{
    switch (byte) {
    case '"':
    case '\\':
        bsti_line_byte(line, '\\');
        bsti_line_byte(line, (char)byte);
        return;
    case '\n':
        bsti_line_put(line, "\\n");
        return;
    case '\t':
        bsti_line_put(line, "\\t");
        return;
    default:
        break;
    }
    if (is_control(byte)) {
        bsti_line_put(line, "\\u00");
        put_digits(line, byte, 16, 2);
    } else {
        bsti_line_byte(line, (char)byte);
    }
}

void bsti_line_json(struct bsti_line *line, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;

    if (!text) {
        bsti_line_put(line, "null");
        return;
    }
    bsti_line_byte(line, '"');
    while (*at != '\0') {
        size_t length = character(at);

        if (length == 0) {
            bsti_line_put(line, "\\ufffd");
            at++;
        } else if (length == 1) {
            json_ascii(line, *at++);
        } else {
            while (length-- > 0) {
                bsti_line_byte(line, (char)*at++);
            }
        }
    }
    bsti_line_byte(line, '"');
}

void bsti_line_name(struct bsti_line *line, const char *name)
{
    bsti_line_put(line, ",\"");
    bsti_line_put(line, name);
    bsti_line_put(line, "\":");
}

void bsti_line_time(struct bsti_line *line, int64_t time)
{
    uint64_t us = time < 0 ? 0 : (uint64_t)time / 1000;
    uint64_t seconds = us / 1000000;
    /* Days are counted from 0000-03-01, so that a leap day ends a year, in
     * eras of 400 years, all of which are equally long. */
    uint64_t days = seconds / 86400 + 719468;
    uint64_t of_era = days % 146097;
    uint64_t year =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    uint64_t month = (5 * of_year + 2) / 153;

    year += days / 146097 * 400 + (month >= 10 ? 1 : 0);
    put_digits(line, year, 10, 4);
    bsti_line_byte(line, '-');
    put_digits(line, month < 10 ? month + 3 : month - 9, 10, 2);
    bsti_line_byte(line, '-');
    put_digits(line, of_year - (153 * month + 2) / 5 + 1, 10, 2);
    bsti_line_byte(line, 'T');
    put_digits(line, seconds / 3600 % 24, 10, 2);
    bsti_line_byte(line, ':');
    put_digits(line, seconds / 60 % 60, 10, 2);
    bsti_line_byte(line, ':');
    put_digits(line, seconds % 60, 10, 2);
    bsti_line_byte(line, '.');
    put_digits(line, us % 1000000, 10, 6);
    bsti_line_byte(line, 'Z');
}
