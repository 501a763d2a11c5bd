/* UTF-8 by the table of well-formed byte sequences of the Unicode standard. */

#include "utf8.h"

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

struct range {
    uint32_t first;
    uint32_t last;
};

static bool is_in(uint32_t character, const struct range *ranges, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (character >= ranges[i].first && character <= ranges[i].last)
            return true;
    }
    return false;
}

unsigned bstc_utf8_width(uint32_t character)
{
    static const struct range zero[] = {
        {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x064b, 0x065f},
        {0x0900, 0x0902}, {0x093c, 0x093c}, {0x0e31, 0x0e31}, {0x0e34, 0x0e3a},
        {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x20d0, 0x20ff},
        {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff},
    };
    static const struct range wide[] = {
        {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},
        {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
        {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
        {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
    };

    if (character < 0x300)
        return 1;
    if (is_in(character, zero, sizeof zero / sizeof zero[0]))
        return 0;
    return is_in(character, wide, sizeof wide / sizeof wide[0]) ? 2 : 1;
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
