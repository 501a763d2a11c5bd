/* UTF-8 by the table of well-formed byte sequences of the Unicode standard. */

#include "utf8.h"

#include <stdio.h>

#include <utf8proc.h>

uint32_t bstc_utf8_decode(const char *text, size_t length, size_t *size)
{
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned char lead = bytes[0];
    size_t count = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t least = count == 2 ? 0x80 : count == 3 ? 0x800 : 0x10000;
    uint32_t character;
    size_t i;

    *size = 1;
    if (count == 1)
        return lead;
    if (lead < 0xc2 || lead > 0xf4 || count > length)
        return BSTC_UTF8_INVALID;
    character = lead & (0x7fu >> count);
    for (i = 1; i < count; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return BSTC_UTF8_INVALID;
        character = character << 6 | (bytes[i] & 0x3fu);
    }
    if (character < least || character > 0x10ffff ||
        (character >= 0xd800 && character <= 0xdfff))
        return BSTC_UTF8_INVALID;
    *size = count;
    return character;
}

unsigned bstc_utf8_width(uint32_t character)
{
    int width = utf8proc_charwidth((utf8proc_int32_t)character);

    return width > 0 ? (unsigned)width : 0;
}

bool bstc_utf8_is_bidi(uint32_t character)
{
    return character == 0x061c || character == 0x200e || character == 0x200f ||
           (character >= 0x202a && character <= 0x202e) ||
           (character >= 0x2066 && character <= 0x2069);
}

bool bstc_utf8_is_unsafe(uint32_t character)
{
    return character < 0x20 || (character >= 0x7f && character < 0xa0) ||
           character == 0x2028 || character == 0x2029 || character == 0xfeff ||
           bstc_utf8_is_bidi(character);
}

size_t bstc_utf8_escape(uint32_t character, unsigned char byte,
                        char escape[BSTC_UTF8_ESCAPE])
{
    int length;

    if (character == BSTC_UTF8_INVALID)
        length = snprintf(escape, BSTC_UTF8_ESCAPE, "\\x%02x", byte);
    else if (character < 0x20 || character == 0x7f)
        length =
            snprintf(escape, BSTC_UTF8_ESCAPE, "\\x%02x", (unsigned)character);
    else if (bstc_utf8_is_unsafe(character))
        length =
            snprintf(escape, BSTC_UTF8_ESCAPE, "\\u%04x", (unsigned)character);
    else
        return 0;
    return (size_t)length;
}
