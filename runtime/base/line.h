#ifndef BST_BASE_LINE_H
#define BST_BASE_LINE_H

/*
 * A line of text that is put together in memory of the caller's.
 *
 * What does not fit is left out. Everything here is async-signal-safe and
 * needs no stdio, so that a report can also be written where the heap or a
 * lock of stdio is what is broken.
 *
 * Thread: a line belongs to whoever fills it.
 */

#include <stddef.h>
#include <stdint.h>

/** Starts out with `text` and `size` set and all else zero. */
struct bsti_line {
    char *text; /* always ends in a zero byte once something was put */
    size_t size;
    size_t used;
};

/** Appends text as it is. */
void bsti_line_put(struct bsti_line *line, const char *text);

/** Appends one byte as it is. */
void bsti_line_byte(struct bsti_line *line, char byte);

/** Appends a number, with base 10 or 16 and no prefix. */
void bsti_line_number(struct bsti_line *line, uint64_t number, unsigned base);

/** Appends "0x" and a number in base 16. */
void bsti_line_hex(struct bsti_line *line, uint64_t number);

/** Appends text, its control bytes as \xNN. */
void bsti_line_plain(struct bsti_line *line, const char *text);

/**
 * Appends text as a JSON string with its quotes; NULL is `null`. Each byte
 * that belongs to no valid UTF-8 becomes U+FFFD, so the line can be read by
 * any reader whatever the text was.
 */
void bsti_line_json(struct bsti_line *line, const char *text);

/** Appends `,"NAME":` for a name that needs no escapes. */
void bsti_line_name(struct bsti_line *line, const char *name);

/** Appends a time, in nanoseconds since 1970, as 2026-11-20T15:39:25.123456Z.
 */
void bsti_line_time(struct bsti_line *line, int64_t time);

#endif
