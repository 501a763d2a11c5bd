#ifndef BSTC_LSP_POSITION_H
#define BSTC_LSP_POSITION_H

/*
 * Positions as editors count them: lines from 0, and characters from 0 in
 * units that client and server have agreed upon.
 *
 * Anything may come from a client: a line behind the end is the end, a
 * character behind the end of its line is the end of the line, and one in
 * the middle of an encoded character is its start. What is no UTF-8 counts
 * as one character per byte.
 *
 * Threads: any.
 */

#include <stdint.h>

#include "source.h"

enum bstc_units { BSTC_UTF16, BSTC_UTF8, BSTC_UTF32 };

struct bstc_lsp_position {
    uint32_t line;
    uint32_t character;
};

struct bstc_lsp_range {
    struct bstc_lsp_position start;
    struct bstc_lsp_position end;
};

/** Returns the byte offset of a position. */
uint32_t bstc_lsp_offset(const struct bstc_source *source,
                         struct bstc_lsp_position position,
                         enum bstc_units units);

/** Returns the position of a byte offset. */
struct bstc_lsp_position bstc_lsp_position(const struct bstc_source *source,
                                           uint32_t offset,
                                           enum bstc_units units);

/** Returns the range of the bytes [start, end). */
struct bstc_lsp_range bstc_lsp_range(const struct bstc_source *source,
                                     uint32_t start, uint32_t end,
                                     enum bstc_units units);

/** Returns the length of a text in units. */
uint32_t bstc_lsp_length(const char *text, size_t size, enum bstc_units units);

#endif
