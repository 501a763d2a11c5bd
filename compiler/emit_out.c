/*
 * The text buffer of the emitters: a list of chunks in the arena, so that
 * appending never copies what is already there.
 */

#include "emit_out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"

#define CHUNK_BYTES 16384

struct bstc_out_chunk {
    struct bstc_out_chunk *next;
    size_t used;
    char bytes[CHUNK_BYTES];
};

void bstc_out_init(struct bstc_out *out, struct bstc_arena *arena)
{
    memset(out, 0, sizeof *out);
    out->arena = arena;
    out->line = 1;
}

static struct bstc_out_chunk *new_chunk(struct bstc_out *out)
{
    struct bstc_out_chunk *chunk = bstc_arena_alloc(out->arena, sizeof *chunk);

    chunk->next = NULL;
    chunk->used = 0;
    if (out->last)
        out->last->next = chunk;
    else
        out->first = chunk;
    out->last = chunk;
    return chunk;
}

static void count_lines(struct bstc_out *out, const char *bytes, size_t length)
{
    const char *end = bytes + length;
    const char *at = bytes;

    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        out->line++;
        at++;
    }
}

void bstc_out_bytes(struct bstc_out *out, const char *bytes, size_t length)
{
    count_lines(out, bytes, length);
    out->length += length;
    while (length > 0) {
        struct bstc_out_chunk *chunk = out->last;

        if (!chunk || chunk->used == CHUNK_BYTES)
            chunk = new_chunk(out);
        size_t room = CHUNK_BYTES - chunk->used;
        size_t part = length < room ? length : room;

        memcpy(chunk->bytes + chunk->used, bytes, part);
        chunk->used += part;
        bytes += part;
        length -= part;
    }
}

void bstc_out_text(struct bstc_out *out, const char *text)
{
    bstc_out_bytes(out, text, strlen(text));
}

void bstc_out_format(struct bstc_out *out, const char *format, ...)
{
    char small[512];
    va_list args;

    va_start(args, format);
    int length = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (length < 0)
        return;
    if ((size_t)length < sizeof small) {
        bstc_out_bytes(out, small, (size_t)length);
        return;
    }

    char *large = bstc_arena_alloc(out->arena, (size_t)length + 1);

    va_start(args, format);
    vsnprintf(large, (size_t)length + 1, format, args);
    va_end(args);
    bstc_out_bytes(out, large, (size_t)length);
}

/* Bytes that stand for themselves in any C string literal. '?' is not among
 * them, because two of them may begin a trigraph. */
static bool is_safe(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') ||
           (byte != '\0' && strchr(" !#$%&'()*+,-./:;<=>@[]^_`{|}~", byte));
}

void bstc_out_string(struct bstc_out *out, const char *text)
{
    bstc_out_bytes(out, "\"", 1);
    for (const char *at = text; *at; at++) {
        unsigned char byte = (unsigned char)*at;

        if (is_safe(byte)) {
            bstc_out_bytes(out, at, 1);
        } else {
            char octal[5];

            snprintf(octal, sizeof octal, "\\%03o", (unsigned)byte);
            bstc_out_bytes(out, octal, 4);
        }
    }
    bstc_out_bytes(out, "\"", 1);
}

/* A blank between '*' and '/' in either order keeps the comment whole and the
 * C compiler quiet; a blank after '?' breaks up trigraphs. */
static void comment_bytes(struct bstc_out *out, const char *text, size_t length)
{
    char before = ' ';

    for (size_t i = 0; i < length; i++) {
        char byte = text[i];
        bool closes = before == '*' && byte == '/';
        bool opens = before == '/' && byte == '*';
        bool trigraph = before == '?' && byte == '?';

        if (closes || opens || trigraph)
            bstc_out_bytes(out, " ", 1);
        if ((unsigned char)byte < ' ' && byte != '\t')
            byte = ' ';
        bstc_out_bytes(out, &byte, 1);
        before = byte;
    }
    if (before == '*' || before == '/' || before == '\\')
        bstc_out_bytes(out, " ", 1);
}

void bstc_out_in_comment(struct bstc_out *out, const char *text)
{
    comment_bytes(out, text, strlen(text));
}

void bstc_out_doc(struct bstc_out *out, const char *indent, const char *doc)
{
    if (!doc || !*doc)
        return;

    const char *end = doc + strlen(doc);

    while (end > doc && (end[-1] == '\n' || end[-1] == ' '))
        end--;
    if (!memchr(doc, '\n', (size_t)(end - doc))) {
        bstc_out_format(out, "%s/** ", indent);
        comment_bytes(out, doc, (size_t)(end - doc));
        bstc_out_text(out, " */\n");
        return;
    }
    bstc_out_format(out, "%s/**\n", indent);
    for (const char *at = doc; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));

        if (!stop)
            stop = end;
        bstc_out_format(out, "%s *%s", indent, stop > at ? " " : "");
        comment_bytes(out, at, (size_t)(stop - at));
        bstc_out_text(out, "\n");
        at = stop + 1;
    }
    bstc_out_format(out, "%s */\n", indent);
}

void bstc_out_duration(struct bstc_out *out, int64_t ns)
{
    if (ns == INT64_MAX)
        bstc_out_text(out, "BST_INFINITE");
    else if (ns % 1000000000 == 0)
        bstc_out_format(out, "BST_S(%lld)", (long long)(ns / 1000000000));
    else if (ns % 1000000 == 0)
        bstc_out_format(out, "BST_MS(%lld)", (long long)(ns / 1000000));
    else if (ns % 1000 == 0)
        bstc_out_format(out, "BST_US(%lld)", (long long)(ns / 1000));
    else
        bstc_out_format(out, "BST_NS(%lld)", (long long)ns);
}

size_t bstc_duration_text(char *buffer, size_t size, int64_t ns)
{
    static const struct {
        const char *unit;
        int64_t ns;
    } units[] = {
        {"d", 86400000000000},
        {"h", 3600000000000},
        {"min", 60000000000},
        {"s", 1000000000},
        {"ms", 1000000},
        {"us", 1000},
        {"ns", 1},
    };
    size_t i = 0;

    while (ns % units[i].ns != 0)
        i++;
    int length = snprintf(buffer, size, "%lld%s", (long long)(ns / units[i].ns),
                          units[i].unit);

    return length < 0 ? 0 : (size_t)length;
}

void bstc_out_section(struct bstc_out *out, const char *title, const char *name)
{
    size_t used = sizeof "/* ---- " - 1 + strlen(title) + strlen(name) + 1;

    bstc_out_format(out, "\n/* ---- %s%s ", title, name);
    while (used++ < 76)
        bstc_out_bytes(out, "-", 1);
    bstc_out_text(out, " */\n");
}

static int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t done = write(fd, bytes, length);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return errno;
        bytes += done;
        length -= (size_t)done;
    }
    return 0;
}

int bstc_out_write(const struct bstc_out *out, int fd)
{
    const struct bstc_out_chunk *chunk;

    for (chunk = out->first; chunk; chunk = chunk->next) {
        int error = write_all(fd, chunk->bytes, chunk->used);

        if (error)
            return error;
    }
    return 0;
}

char *bstc_out_join(const struct bstc_out *out)
{
    char *text = bstc_arena_alloc(out->arena, out->length + 1);
    size_t at = 0;

    for (const struct bstc_out_chunk *c = out->first; c; c = c->next) {
        memcpy(text + at, c->bytes, c->used);
        at += c->used;
    }
    text[at] = '\0';
    return text;
}
