#ifndef BSTC_OUTPUT_H
#define BSTC_OUTPUT_H

/*
 * Writing files all at once.
 *
 * Every output is first written to a temporary file in its folder; only when
 * all are complete are they renamed. So a reader sees the old file or the new
 * one, and after a mistake nothing has changed.
 */

#include <stdbool.h>

#include "arena.h"
#include "emit_out.h"

struct bstc_output {
    const char *path;
    const char *temporary; /* set while it exists */
    bool keeps_mode;       /* of the file that it replaces */
    struct bstc_out text;
};

struct bstc_outputs {
    struct bstc_arena *arena;
    struct bstc_output *items;
    uint32_t count;
    uint32_t capacity;
};

/** Makes an empty set. */
void bstc_outputs_init(struct bstc_outputs *outputs, struct bstc_arena *arena);

/** Adds a file and returns its text, to be filled; valid until the next. */
struct bstc_out *bstc_outputs_add(struct bstc_outputs *outputs,
                                  const char *path);

/** Adds a finished text for a file that exists, whose mode is kept. */
void bstc_outputs_add_replacement(struct bstc_outputs *outputs,
                                  const char *path,
                                  const struct bstc_out *text);

/**
 * Writes all files. Returns NULL, or a sentence that says what went wrong;
 * then no file has been changed.
 */
const char *bstc_outputs_write(struct bstc_outputs *outputs);

#endif
