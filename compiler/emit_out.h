#ifndef BSTC_EMIT_OUT_H
#define BSTC_EMIT_OUT_H

/*
 * Text that is being generated: a growing buffer that knows its line.
 *
 * Everything that comes from the user reaches the output through one of the
 * functions below, so that no file name, doc comment or string can end a
 * comment or a literal early.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bstc_arena;

struct bstc_out_chunk;

struct bstc_out {
    struct bstc_arena *arena;     /* where the chunks live */
    struct bstc_out_chunk *first; /* in order */
    struct bstc_out_chunk *last;
    uint32_t line; /* of the next byte, from 1 */
    size_t length; /* bytes so far */
};

/** Starts an empty text. */
void bstc_out_init(struct bstc_out *out, struct bstc_arena *arena);

/** Appends bytes as they are. */
void bstc_out_bytes(struct bstc_out *out, const char *bytes, size_t length);

/** Appends a NUL-terminated string as it is. */
void bstc_out_text(struct bstc_out *out, const char *text);

/** Appends formatted text; knows %s, %u, %d, %lld and %llu. */
void bstc_out_format(struct bstc_out *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * Appends a C string literal with its quotes. Bytes outside a small safe set
 * are written as three octal digits, which no following digit can extend.
 */
void bstc_out_string(struct bstc_out *out, const char *text);

/** Appends text inside a comment: it cannot end the comment or the line. */
void bstc_out_in_comment(struct bstc_out *out, const char *text);

/** Appends a doc comment, one line of `doc` per line; nothing for NULL. */
void bstc_out_doc(struct bstc_out *out, const char *indent, const char *doc);

/** Appends a place such as "counter.bst:7" as a string literal. */
void bstc_out_where(struct bstc_out *out, const char *file, uint32_t line);

/** Returns a duration in nanoseconds as a C constant: BST_MS(100). */
const char *bstc_duration_c(struct bstc_arena *arena, int64_t ns);

/** Writes a duration as in a .bst, such as "50ms", and returns its length. */
size_t bstc_duration_text(char *buffer, size_t size, int64_t ns);

/**
 * Appends `head`, the items with commas between them, and `tail`. A line that
 * would be longer than 80 columns goes on below the first item, as
 * clang-format has it.
 */
void bstc_out_list(struct bstc_out *out, const char *head,
                   const char *const *items, uint32_t nitems, const char *tail);

/** Appends a section heading that fills the line. */
void bstc_out_section(struct bstc_out *out, const char *title,
                      const char *name);

/**
 * Writes the text to a file descriptor.
 * Returns 0 or an errno value.
 */
int bstc_out_write(const struct bstc_out *out, int fd);

/** Returns the whole text, NUL-terminated, in the arena. */
char *bstc_out_join(const struct bstc_out *out);

#endif
