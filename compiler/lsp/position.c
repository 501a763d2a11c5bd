/* Bytes to units and back, one line at a time. */

#include "lsp/position.h"

#include "utf8.h"

/* Returns the units of the character at `text`, and its bytes. */
static uint32_t units_at(const char *text, size_t length, enum bstc_units units,
                         size_t *size)
{
    uint32_t character = bstc_utf8_decode(text, length, size);

    if (units == BSTC_UTF8)
        return (uint32_t)*size;
    if (units == BSTC_UTF32 || character == BSTC_UTF8_INVALID)
        return 1;
    return character >= 0x10000 ? 2 : 1;
}

/* Counts the units of the characters that end at or before `end`. */
static uint32_t count_units(const char *text, size_t size, size_t end,
                            enum bstc_units units)
{
    uint32_t count = 0;
    size_t at = 0;

    while (at < end) {
        size_t step;
        uint32_t more = units_at(text + at, size - at, units, &step);

        if (at + step > end)
            break;
        count += more;
        at += step;
    }
    return count;
}

uint32_t bstc_lsp_length(const char *text, size_t size, enum bstc_units units)
{
    return count_units(text, size, size, units);
}

uint32_t bstc_lsp_offset(const struct bstc_source *source,
                         struct bstc_lsp_position position,
                         enum bstc_units units)
{
    uint32_t count = 0;
    const char *line;
    size_t length;
    size_t at = 0;

    if (position.line >= source->nlines)
        return source->size;
    line = bstc_source_line(source, position.line + 1, &length);
    if (!source->has_high_bytes) {
        at = position.character < length ? position.character : length;
        return (uint32_t)(line - source->text) + (uint32_t)at;
    }
    while (at < length && count < position.character) {
        size_t step;
        uint32_t more = units_at(line + at, length - at, units, &step);

        if (count + more > position.character)
            break;
        count += more;
        at += step;
    }
    return (uint32_t)(line - source->text) + (uint32_t)at;
}

struct bstc_lsp_position bstc_lsp_position(const struct bstc_source *source,
                                           uint32_t offset,
                                           enum bstc_units units)
{
    struct bstc_position at = bstc_source_position(source, offset);
    uint32_t character = at.column - 1;

    if (source->has_high_bytes) {
        size_t length;
        const char *line = bstc_source_line(source, at.line, &length);
        size_t used = character < length ? character : length;

        character = count_units(line, length, used, units) +
                    (uint32_t)(character - used);
    }
    return (struct bstc_lsp_position){at.line - 1, character};
}

struct bstc_lsp_range bstc_lsp_range(const struct bstc_source *source,
                                     uint32_t start, uint32_t end,
                                     enum bstc_units units)
{
    return (struct bstc_lsp_range){bstc_lsp_position(source, start, units),
                                   bstc_lsp_position(source, end, units)};
}
