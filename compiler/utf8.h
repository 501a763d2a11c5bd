#ifndef BSTC_UTF8_H
#define BSTC_UTF8_H

/*
 * UTF-8: decoding, and how wide characters are on a terminal.
 *
 * Nothing here depends on the locale.
 *
 * Threads: any.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What bstc_utf8_decode() yields for a byte that starts no character. */
#define BSTC_UTF8_INVALID UINT32_MAX

/**
 * Decodes the character at `text`, of which `length` > 0 bytes may be read.
 *
 * Returns it and its number of bytes in `*size`. Overlong forms, surrogates
 * and values above U+10FFFF are invalid; then `*size` is 1.
 */
uint32_t bstc_utf8_decode(const char *text, size_t length, size_t *size);

/** Returns the columns of a printable character: 0, 1 or 2. */
unsigned bstc_utf8_width(uint32_t character);

/** Returns true for characters that reorder the text around them. */
bool bstc_utf8_is_bidi(uint32_t character);

/** Returns true if a terminal must not be sent this character: controls,
 * bidirectional marks, line separators. */
bool bstc_utf8_is_unsafe(uint32_t character);

enum { BSTC_UTF8_ESCAPE = 16 };

/**
 * Writes how `character` is shown if it must not be sent to a terminal, such
 * as `\x1b`, and returns the length; returns 0 if it may be sent. For
 * BSTC_UTF8_INVALID the escape shows `byte`.
 */
size_t bstc_utf8_escape(uint32_t character, unsigned char byte,
                        char escape[BSTC_UTF8_ESCAPE]);

#endif
