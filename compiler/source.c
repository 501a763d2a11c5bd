/*
 * Reading files and finding lines.
 *
 * Files are opened without blocking and only then examined, so that a fifo
 * or a device is refused instead of waited for. Standard input may be a pipe
 * and is read until it ends.
 */

#define _GNU_SOURCE

#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_STEP = 64 * 1024 };

void bstc_sources_init(struct bstc_sources *set, struct bstc_arena *arena)
{
    *set = (struct bstc_sources){.arena = arena};
}

static bool has_high_bytes(const char *text, size_t size)
{
    uint64_t all = 0;
    size_t at = 0;

    for (; at + sizeof all <= size; at += sizeof all) {
        uint64_t eight;

        memcpy(&eight, text + at, sizeof eight);
        all |= eight;
    }
    for (; at < size; at++)
        all |= (unsigned char)text[at];
    return (all & 0x8080808080808080u) != 0;
}

/* Returns where the line after the one at `at` begins, or NULL if that is the
 * last. Most files have LF alone, and memchr() is fast. */
static const char *next_line(const char *at, const char *end, bool has_cr)
{
    const char *line_feed;

    if (!has_cr) {
        line_feed = memchr(at, '\n', (size_t)(end - at));
        return line_feed ? line_feed + 1 : NULL;
    }
    for (; at < end; at++) {
        if (*at == '\n' || (*at == '\r' && at[1] != '\n'))
            return at + 1;
    }
    return NULL;
}

/* Fills the table of line starts and notes whether all bytes are ASCII. */
static void index_lines(struct bstc_arena *arena, struct bstc_source *source)
{
    const char *text = source->text;
    const char *end = text + source->size;
    bool has_cr = memchr(text, '\r', source->size) != NULL;
    uint32_t count = 1;
    uint32_t *lines;
    const char *at;

    source->has_high_bytes = has_high_bytes(text, source->size);
    for (at = text; (at = next_line(at, end, has_cr)) != NULL;)
        count++;
    lines = bstc_arena_array(arena, count, sizeof *lines);
    count = 1;
    for (at = text; (at = next_line(at, end, has_cr)) != NULL;)
        lines[count++] = (uint32_t)(at - text);
    source->lines = lines;
    source->nlines = count;
}

struct bstc_source *bstc_sources_adopt(struct bstc_sources *set,
                                       const char *name, const char *text,
                                       size_t size)
{
    struct bstc_source *source = BSTC_NEW(set->arena, struct bstc_source);

    source->path = bstc_arena_copy(set->arena, name, strlen(name));
    source->name = source->path;
    source->text = text;
    source->size = (uint32_t)size;
    source->index = set->count;
    index_lines(set->arena, source);
    if (set->count == set->capacity) {
        uint32_t capacity = set->capacity ? set->capacity * 2 : 8;

        set->items = bstc_arena_grow(set->arena, set->items,
                                     set->count * sizeof(set->items[0]),
                                     capacity * sizeof(set->items[0]));
        set->capacity = capacity;
    }
    set->items[set->count++] = source;
    return source;
}

struct bstc_source *bstc_sources_add(struct bstc_sources *set, const char *name,
                                     const char *text, size_t size)
{
    return bstc_sources_adopt(set, name,
                              bstc_arena_copy(set->arena, text, size), size);
}

static const char *error_text(struct bstc_arena *arena, int error)
{
    const char *text = strerror(error);

    return bstc_arena_copy(arena, text, strlen(text));
}

static const char too_large[] = "the file is larger than 1 GiB";

/*
 * Reads `fd` to its end. `expected` is a guess of the size; the file may grow
 * or shrink while it is read, and what was read is what counts.
 */
static const char *read_all(struct bstc_arena *arena, int fd, size_t expected,
                            const char **text, size_t *size)
{
    size_t capacity = expected + 1;
    char *buffer;
    size_t used = 0;

    if (capacity < READ_STEP)
        capacity = READ_STEP;
    buffer = bstc_arena_alloc(arena, capacity + 1);
    for (;;) {
        ssize_t got;

        if (used > BSTC_SOURCE_LIMIT)
            return too_large;
        if (used == capacity) {
            buffer = bstc_arena_grow(arena, buffer, used, capacity * 2 + 1);
            capacity *= 2;
        }
        got = read(fd, buffer + used, capacity - used);
        if (got == 0)
            break;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_text(arena, errno);
        used += (size_t)got;
    }
    buffer[used] = '\0';
    *text = buffer;
    *size = used;
    return NULL;
}

/* Says why a file of this type and size is not read, or returns NULL. */
static const char *refuse(const struct stat *status, bool is_stdin)
{
    if (S_ISDIR(status->st_mode))
        return "it is a directory";
    if (!is_stdin && !S_ISREG(status->st_mode))
        return "it is not a regular file";
    if (S_ISREG(status->st_mode) &&
        (uint64_t)status->st_size > BSTC_SOURCE_LIMIT)
        return too_large;
    return NULL;
}

static struct bstc_source *find_same(const struct bstc_sources *set,
                                     const struct stat *status)
{
    uint32_t i;

    for (i = 0; i < set->count; i++) {
        struct bstc_source *source = set->items[i];

        if (source->inode && source->inode == (uint64_t)status->st_ino &&
            source->device == (uint64_t)status->st_dev)
            return source;
    }
    return NULL;
}

/* Reads an open descriptor into the set. */
static const char *load(struct bstc_sources *set, int fd, const char *name,
                        bool is_stdin, struct bstc_source **out)
{
    struct stat status;
    const char *why;
    const char *text = "";
    size_t size = 0;

    if (fstat(fd, &status) != 0)
        return error_text(set->arena, errno);
    why = refuse(&status, is_stdin);
    if (why)
        return why;
    if (S_ISREG(status.st_mode)) {
        *out = find_same(set, &status);
        if (*out)
            return NULL;
    }
    why = read_all(set->arena, fd,
                   S_ISREG(status.st_mode) ? (size_t)status.st_size : 0, &text,
                   &size);
    if (why)
        return why;
    *out = bstc_sources_adopt(set, name, text, size);
    if (S_ISREG(status.st_mode)) {
        (*out)->device = (uint64_t)status.st_dev;
        (*out)->inode = (uint64_t)status.st_ino;
    }
    return NULL;
}

static struct bstc_source *find_path(const struct bstc_sources *set,
                                     const char *path)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (strcmp(set->items[i]->path, path) == 0)
            return set->items[i];
    }
    return NULL;
}

static const char *overlaid(const struct bstc_sources *set, const char *path,
                            size_t *size)
{
    if (!set->overlay)
        return NULL;
    return set->overlay->find(set->overlay, path, size);
}

/* Takes a text instead of the file. Where the file exists as well, it gives
 * the text its identity. */
static const char *load_overlaid(struct bstc_sources *set, const char *path,
                                 const char *text, size_t size,
                                 struct bstc_source **out)
{
    struct stat status;
    bool is_file = stat(path, &status) == 0 && S_ISREG(status.st_mode);

    if (size > BSTC_SOURCE_LIMIT)
        return too_large;
    *out = is_file ? find_same(set, &status) : find_path(set, path);
    if (*out)
        return NULL;
    *out = bstc_sources_add(set, path, text, size);
    if (is_file) {
        (*out)->device = (uint64_t)status.st_dev;
        (*out)->inode = (uint64_t)status.st_ino;
    }
    return NULL;
}

bool bstc_sources_exists(const struct bstc_sources *set, const char *path)
{
    struct stat status;
    size_t size;

    return overlaid(set, path, &size) || stat(path, &status) == 0;
}

static bool has_control(const char *path)
{
    while ((unsigned char)*path >= ' ' && *path != 0x7f)
        path++;
    return *path != '\0';
}

const char *bstc_sources_open(struct bstc_sources *set, const char *path,
                              struct bstc_source **out)
{
    const char *text;
    const char *why;
    size_t size;
    int fd;

    /* It could end a line of a depfile, and begin a rule there. */
    if (has_control(path))
        return "its name holds a control character";
    if (strcmp(path, "-") == 0)
        return load(set, STDIN_FILENO, "<stdin>", true, out);
    text = overlaid(set, path, &size);
    if (text)
        return load_overlaid(set, path, text, size, out);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return error_text(set->arena, errno);
    why = load(set, fd, path, false, out);
    close(fd);
    return why;
}

const struct bstc_source *bstc_sources_at(const struct bstc_sources *set,
                                          uint32_t index)
{
    return index < set->count ? set->items[index] : NULL;
}

/* Returns the number, from 0, of the line that holds `offset`. */
static uint32_t line_of(const struct bstc_source *source, uint32_t offset)
{
    uint32_t low = 0;
    uint32_t high = source->nlines;

    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;

        if (source->lines[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct bstc_position bstc_source_position(const struct bstc_source *source,
                                          uint32_t offset)
{
    uint32_t line;

    if (offset > source->size)
        offset = source->size;
    line = line_of(source, offset);
    return (struct bstc_position){line + 1, offset - source->lines[line] + 1};
}

const char *bstc_source_line(const struct bstc_source *source, uint32_t line,
                             size_t *length)
{
    uint32_t start;
    uint32_t end;

    if (line < 1)
        line = 1;
    if (line > source->nlines)
        line = source->nlines;
    start = source->lines[line - 1];
    end = line < source->nlines ? source->lines[line] : source->size;
    if (end > start && source->text[end - 1] == '\n')
        end--;
    if (end > start && source->text[end - 1] == '\r')
        end--;
    *length = end - start;
    return source->text + start;
}

struct bstc_span bstc_span_join(struct bstc_span a, struct bstc_span b)
{
    if (b.start < a.start)
        a.start = b.start;
    if (b.end > a.end)
        a.end = b.end;
    return a;
}

bool bstc_span_is_before(struct bstc_span a, struct bstc_span b)
{
    return a.file != b.file ? a.file < b.file : a.start < b.start;
}

struct bstc_span bstc_span_nowhere(void)
{
    return (struct bstc_span){BSTC_NO_FILE, 0, 0};
}
