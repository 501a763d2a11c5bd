#ifndef BSTC_LSP_FRAME_H
#define BSTC_LSP_FRAME_H

/*
 * A stream of bytes to messages: a header with `Content-Length: N`, an empty
 * line, N bytes.
 *
 * The stream may come in pieces of any size and may be nonsense. After a
 * header without a usable length the reader looks for the next one; a
 * message that is too large is skipped without being kept. So the memory is
 * bounded by the largest message.
 *
 * Threads: one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Larger messages are refused. */
#define BSTC_FRAME_LIMIT ((uint64_t)128 << 20)

/** A header is not longer than this. */
#define BSTC_FRAME_HEADER 4096

enum bstc_frame {
    BSTC_FRAME_NONE, /* more bytes are needed */
    BSTC_FRAME_MESSAGE,
    BSTC_FRAME_BAD_HEADER,
    BSTC_FRAME_TOO_LARGE
};

struct bstc_frames {
    char *bytes;     /* received and not taken yet */
    size_t start;    /* of what is left */
    size_t end;      /* behind it */
    size_t capacity; /* of `bytes` */
    uint64_t skip;   /* bytes of a refused message that are still to come */
    bool is_lost;    /* looks for the next header */
};

/** Makes a reader that has received nothing. */
void bstc_frames_init(struct bstc_frames *frames);

/** Releases its memory. */
void bstc_frames_fini(struct bstc_frames *frames);

/** Appends what was received. */
void bstc_frames_push(struct bstc_frames *frames, const char *bytes,
                      size_t size);

/** Takes the next message, which may be changed and stays until the next
 * push. */
enum bstc_frame bstc_frames_next(struct bstc_frames *frames, char **message,
                                 size_t *size);

#endif
