/* Taking messages out of a buffer that grows at one end. */

#include "lsp/frame.h"

#include <string.h>
#include <strings.h>

#include "arena.h"

static const char length_name[] = "content-length:";

enum { NAME_LENGTH = sizeof length_name - 1 };

void bstc_frames_init(struct bstc_frames *frames)
{
    *frames = (struct bstc_frames){.bytes = NULL};
}

void bstc_frames_fini(struct bstc_frames *frames)
{
    bstc_heap_give(frames->bytes);
    frames->bytes = NULL;
}

/* Moves what is left to the beginning, of a larger buffer if need be. */
static void make_room(struct bstc_frames *frames, size_t size)
{
    size_t left = frames->end - frames->start;
    size_t capacity = frames->capacity ? frames->capacity : 4096;
    char *bytes;

    if (frames->capacity - frames->end >= size)
        return;
    if (frames->capacity - left >= size && frames->start >= left) {
        memcpy(frames->bytes, frames->bytes + frames->start, left);
    } else {
        while (capacity - left < size)
            capacity *= 2;
        bytes = bstc_heap_take(capacity);
        if (left)
            memcpy(bytes, frames->bytes + frames->start, left);
        bstc_heap_give(frames->bytes);
        frames->bytes = bytes;
        frames->capacity = capacity;
    }
    frames->start = 0;
    frames->end = left;
}

void bstc_frames_push(struct bstc_frames *frames, const char *bytes,
                      size_t size)
{
    size_t skipped = frames->skip < size ? (size_t)frames->skip : size;

    frames->skip -= skipped;
    if (size == skipped)
        return;
    make_room(frames, size - skipped);
    memcpy(frames->bytes + frames->end, bytes + skipped, size - skipped);
    frames->end += size - skipped;
}

/* ---- headers ------------------------------------------------------------- */

/* Reads the digits of a length; false for anything else. */
static bool read_length(const char *from, const char *end, uint64_t *length)
{
    uint64_t value = 0;
    int digits = 0;

    while (from < end && (*from == ' ' || *from == '\t'))
        from++;
    while (end > from && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    for (; from < end && *from >= '0' && *from <= '9'; from++, digits++)
        value = value * 10 + (uint64_t)(*from - '0');
    *length = value;
    return digits > 0 && digits < 19 && from == end;
}

/* Reads one line of a header; sets `*length` if it is the one that matters.
 * Returns false if it makes the header useless. */
static bool read_field(const char *line, const char *end, uint64_t *length,
                       bool *has_length)
{
    if (end - line < NAME_LENGTH ||
        strncasecmp(line, length_name, NAME_LENGTH) != 0)
        return memchr(line, ':', (size_t)(end - line)) != NULL;
    if (*has_length)
        return false;
    *has_length = true;
    return read_length(line + NAME_LENGTH, end, length);
}

/* Reads the header at the start of what is left. Returns its size with the
 * empty line, or 0 while that is missing. */
static size_t read_header(const struct bstc_frames *frames, uint64_t *length,
                          bool *is_good)
{
    size_t left = frames->end - frames->start;
    const char *begin = frames->bytes + frames->start;
    const char *limit =
        begin + (left < BSTC_FRAME_HEADER ? left : BSTC_FRAME_HEADER);
    const char *line = begin;
    const char *end;
    bool has_length = false;

    *is_good = true;
    while ((end = memchr(line, '\n', (size_t)(limit - line))) != NULL) {
        const char *last = end > line && end[-1] == '\r' ? end - 1 : end;

        if (last == line) {
            *is_good = *is_good && has_length;
            return (size_t)(end + 1 - begin);
        }
        if (!read_field(line, last, length, &has_length))
            *is_good = false;
        line = end + 1;
    }
    return 0;
}

/* Drops what comes before the next header; returns whether there is one. */
static bool find_header(struct bstc_frames *frames)
{
    while (frames->end - frames->start >= NAME_LENGTH) {
        if (strncasecmp(frames->bytes + frames->start, length_name,
                        NAME_LENGTH) == 0) {
            frames->is_lost = false;
            return true;
        }
        frames->start++;
    }
    return false;
}

static enum bstc_frame lose(struct bstc_frames *frames, size_t dropped)
{
    frames->start += dropped;
    frames->is_lost = true;
    return BSTC_FRAME_BAD_HEADER;
}

enum bstc_frame bstc_frames_next(struct bstc_frames *frames, char **message,
                                 size_t *size)
{
    size_t left = frames->end - frames->start;
    uint64_t length = 0;
    bool is_good;
    size_t header;

    if (left == 0 || (frames->is_lost && !find_header(frames)))
        return BSTC_FRAME_NONE;
    left = frames->end - frames->start;
    header = read_header(frames, &length, &is_good);
    if (header == 0)
        return left < BSTC_FRAME_HEADER ? BSTC_FRAME_NONE : lose(frames, 1);
    if (!is_good)
        return lose(frames, header);
    if (length > BSTC_FRAME_LIMIT) {
        uint64_t here = left - header < length ? left - header : length;

        frames->start += header + (size_t)here;
        frames->skip = length - here;
        return BSTC_FRAME_TOO_LARGE;
    }
    if (left - header < length)
        return BSTC_FRAME_NONE;
    *message = frames->bytes + frames->start + header;
    *size = (size_t)length;
    frames->start += header + (size_t)length;
    return BSTC_FRAME_MESSAGE;
}
