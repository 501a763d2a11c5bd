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
#define LINE_COLUMNS 80

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

static void out_number(struct bstc_out *out, unsigned long long number)
{
    char text[24];
    char *at = text + sizeof text;

    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    bstc_out_bytes(out, at, (size_t)(text + sizeof text - at));
}

static void out_signed(struct bstc_out *out, long long number)
{
    if (number < 0)
        bstc_out_bytes(out, "-", 1);
    out_number(out, number < 0 ? 0 - (unsigned long long)number
                               : (unsigned long long)number);
}

/* Prints one conversion and returns what follows it. The emitters use few of
 * them, and the general printf() took most of the time of a compilation. */
static const char *out_conversion(struct bstc_out *out, const char *format,
                                  va_list *args)
{
    if (*format == 's') {
        bstc_out_text(out, va_arg(*args, const char *));
        return format + 1;
    }
    if (*format == 'u') {
        out_number(out, va_arg(*args, unsigned));
        return format + 1;
    }
    if (*format == 'd') {
        out_signed(out, va_arg(*args, int));
        return format + 1;
    }
    if (strncmp(format, "lld", 3) == 0) {
        out_signed(out, va_arg(*args, long long));
        return format + 3;
    }
    if (strncmp(format, "llu", 3) == 0) {
        out_number(out, va_arg(*args, unsigned long long));
        return format + 3;
    }
    bstc_out_bytes(out, "%", 1);
    return format;
}

void bstc_out_format(struct bstc_out *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    while (*format) {
        size_t plain = strcspn(format, "%");

        bstc_out_bytes(out, format, plain);
        format += plain;
        if (*format == '%')
            format = out_conversion(out, format + 1, &args);
    }
    va_end(args);
}

/* Bytes that stand for themselves in any C string literal. '?' is not among
 * them, because two of them may begin a trigraph. */
static bool is_safe(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') ||
           (byte != '\0' && strchr(" !#$%&'()*+,-./:;<=>@[]^_`{|}~", byte));
}

static void out_escaped(struct bstc_out *out, const char *text)
{
    const char *plain = text;
    const char *at = text;

    for (; *at; at++) {
        char octal[5];

        if (is_safe((unsigned char)*at))
            continue;
        snprintf(octal, sizeof octal, "\\%03o", (unsigned)(unsigned char)*at);
        bstc_out_bytes(out, plain, (size_t)(at - plain));
        bstc_out_bytes(out, octal, 4);
        plain = at + 1;
    }
    bstc_out_bytes(out, plain, (size_t)(at - plain));
}

void bstc_out_string(struct bstc_out *out, const char *text)
{
    bstc_out_bytes(out, "\"", 1);
    out_escaped(out, text);
    bstc_out_bytes(out, "\"", 1);
}

void bstc_out_where(struct bstc_out *out, const char *file, uint32_t line)
{
    bstc_out_bytes(out, "\"", 1);
    out_escaped(out, file);
    bstc_out_format(out, ":%u\"", (unsigned)line);
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

const char *bstc_duration_c(struct bstc_arena *arena, int64_t ns)
{
    if (ns == INT64_MAX)
        return "BST_INFINITE";
    if (ns % 1000000000 == 0)
        return bstc_arena_format(arena, "BST_S(%lld)",
                                 (long long)(ns / 1000000000));
    if (ns % 1000000 == 0)
        return bstc_arena_format(arena, "BST_MS(%lld)",
                                 (long long)(ns / 1000000));
    if (ns % 1000 == 0)
        return bstc_arena_format(arena, "BST_US(%lld)", (long long)(ns / 1000));
    return bstc_arena_format(arena, "BST_NS(%lld)", (long long)ns);
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

void bstc_out_list(struct bstc_out *out, const char *head,
                   const char *const *items, uint32_t nitems, const char *tail)
{
    const char *line = strrchr(head, '\n');
    size_t indent = strlen(line ? line + 1 : head);
    size_t column = indent;

    bstc_out_text(out, head);
    for (uint32_t i = 0; i < nitems; i++) {
        size_t length = strlen(items[i]);
        size_t after = i + 1 < nitems ? 1 : strcspn(tail, "\n");

        if (i > 0 && column + 2 + length + after > LINE_COLUMNS) {
            bstc_out_text(out, ",\n");
            for (column = 0; column < indent; column++)
                bstc_out_bytes(out, " ", 1);
        } else if (i > 0) {
            bstc_out_text(out, ", ");
            column += 2;
        }
        bstc_out_bytes(out, items[i], length);
        column += length;
    }
    bstc_out_text(out, tail);
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
