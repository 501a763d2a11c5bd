#ifndef BSTC_SOURCE_H
#define BSTC_SOURCE_H

/*
 * Source files of a compilation, and positions in them.
 *
 * A file is read once into one buffer that ends with a NUL byte, so a file
 * that changes meanwhile does no harm. Positions are byte offsets; lines and
 * columns are found from a table of line starts when a diagnostic needs them.
 * Lines end with LF, CR LF or a lone CR.
 *
 * Threads: as the arena.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

/** Larger files are refused. */
#define BSTC_SOURCE_LIMIT ((size_t)1 << 30)

/** `file` of a span that stands in no file, such as a bad flag. */
#define BSTC_NO_FILE UINT32_MAX

/** Bytes [start, end) of file number `file`. */
struct bstc_span {
    uint32_t file;  /* index into bstc_sources.items, or BSTC_NO_FILE */
    uint32_t start; /* offset of the first byte */
    uint32_t end;   /* offset past the last byte */
};

/** A place as people count it, both from 1; columns count bytes. */
struct bstc_position {
    uint32_t line;
    uint32_t column;
};

struct bstc_source {
    const char *path;      /* as it was opened */
    const char *name;      /* as diagnostics and `#line` show it */
    const char *text;      /* `size` bytes and a NUL */
    uint32_t size;         /* in bytes */
    uint32_t index;        /* its number in the set */
    const uint32_t *lines; /* offset of the start of each line */
    uint32_t nlines;       /* at least 1 */
    bool has_high_bytes;   /* some byte is not ASCII */
    uint64_t device;       /* with `inode`, tells one file under two names */
    uint64_t inode;        /* 0 when the text came from memory or a pipe */
};

/** Texts that stand in for files, such as the unsaved buffers of an editor. */
struct bstc_overlay {
    /** Returns the text that stands for the file `path`, and its size; or
     * NULL: the file itself is read. The text is copied. */
    const char *(*find)(const struct bstc_overlay *overlay, const char *path,
                        size_t *size);
};

/** All files of a compilation, in the order in which they were opened. */
struct bstc_sources {
    struct bstc_arena *arena;
    const struct bstc_overlay *overlay; /* looked at before files; or NULL */
    struct bstc_source **items;
    uint32_t count;
    uint32_t capacity;
};

/** Makes an empty set in `arena`. */
void bstc_sources_init(struct bstc_sources *set, struct bstc_arena *arena);

/**
 * Reads the file `path`, or standard input for "-", and adds it to the set.
 *
 * Returns NULL and the file in `*out`, or one sentence without a final full
 * stop that says what is wrong: missing, a directory, not a regular file, no
 * permission, too large. A file that is in the set already under the same
 * device and inode is returned again and not read twice.
 */
const char *bstc_sources_open(struct bstc_sources *set, const char *path,
                              struct bstc_source **out);

/** Returns whether there is a file, or a text that stands in for it. */
bool bstc_sources_exists(const struct bstc_sources *set, const char *path);

/** Adds a text from memory under a name; the bytes are copied. */
struct bstc_source *bstc_sources_add(struct bstc_sources *set, const char *name,
                                     const char *text, size_t size);

/** The same without a copy: `text` ends with a NUL and stays as it is. */
struct bstc_source *bstc_sources_adopt(struct bstc_sources *set,
                                       const char *name, const char *text,
                                       size_t size);

/** Returns file number `index`, or NULL for BSTC_NO_FILE. */
const struct bstc_source *bstc_sources_at(const struct bstc_sources *set,
                                          uint32_t index);

/** Returns line and column of an offset; an offset past the end counts as
 * the end. */
struct bstc_position bstc_source_position(const struct bstc_source *source,
                                          uint32_t offset);

/** Returns line `line` (from 1) without its line end, and its length. */
const char *bstc_source_line(const struct bstc_source *source, uint32_t line,
                             size_t *length);

/** Returns the smallest span that covers `a` and `b`, both of one file. */
struct bstc_span bstc_span_join(struct bstc_span a, struct bstc_span b);

/** Returns whether `a` begins before `b`; files count in order of reading. */
bool bstc_span_is_before(struct bstc_span a, struct bstc_span b);

/** A span that stands nowhere. */
struct bstc_span bstc_span_nowhere(void);

#endif
