/*
 * The log: format, make harmless, write once.
 */

#define _POSIX_C_SOURCE 200809L

#include "plat/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/attr.h"
#include "sync/atomic.h"

#define TEXT_MAX 1000
/* Every byte may become six, and a pipe takes 4096 as a whole. */
#define TEXT_MAX_JSON 640
/* Every byte may become four, and there are a prefix and a newline. */
#define LINE_SIZE (TEXT_MAX * 4 + 96)

static _Atomic int wanted = BST_LOG_WARN;
static _Atomic int form; /* 1: JSON */

static const char *const levels[] = {"none", "error", "warn", "info", "debug"};

void bsti_log_set_level(int level)
{
    /* relaxed: it orders nothing */
    bsti_store_relaxed(&wanted, level);
}

int bsti_log_level(void)
{
    /* relaxed: it orders nothing */
    return bsti_load_relaxed(&wanted);
}

/* The last words of an assertion, which has put its line together. */
static void write_fatal(const char *text, size_t length)
{
    static const char prefix[] = "bastion: ";
    char words[600];
    char room[LINE_SIZE];
    struct bsti_line line = {.text = room, .size = sizeof(room) - 1};
    size_t begin = length > sizeof(prefix) ? sizeof(prefix) - 1 : 0;
    size_t end = length > begin ? length - 1 : begin; /* the newline */

    end = BSTI_MIN(end, begin + sizeof(words) - 1);
    memcpy(words, text + begin, end - begin);
    words[end - begin] = '\0';
    bsti_log_json_begin(&line, bsti_log_time(), BST_LOG_ERROR, "assert");
    bsti_line_name(&line, "text");
    bsti_line_json(&line, words);
    bsti_line_byte(&line, '}');
    bsti_log_write(&line);
}

void bsti_log_set_json(bool json)
{
    /* relaxed: it orders nothing */
    if (bsti_xchg_relaxed(&form, (int)json) != (int)json) {
        bsti_fatal_set_writer(json ? write_fatal : NULL);
    }
}

bool bsti_log_is_json(void)
{
    /* relaxed: it orders nothing */
    return bsti_load_relaxed(&form) != 0;
}

int64_t bsti_log_time(void)
{
    struct timespec now = {0, 0};

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void bsti_log_json_begin(struct bsti_line *line, int64_t time, int level,
                         const char *event)
{
    bsti_line_put(line, "{\"time\":\"");
    bsti_line_time(line, time);
    bsti_line_put(line, "\",\"level\":\"");
    bsti_line_put(line, levels[level]);
    bsti_line_put(line, "\",\"event\":\"");
    bsti_line_put(line, event);
    bsti_line_byte(line, '"');
}

void bsti_log_write(struct bsti_line *line)
{
    int saved = errno;
    size_t left = line->used + 1;
    const char *rest = line->text;

    line->text[line->used] = '\n';
    while (left > 0) {
        ssize_t n = write(STDERR_FILENO, rest, left);

        if (n < 0 && errno != EINTR) {
            break;
        }
        rest += n < 0 ? 0 : n;
        left -= n < 0 ? 0 : (size_t)n;
    }
    errno = saved;
}

void bsti_log(int level, const char *format, ...)
{
    int saved = errno;
    char text[TEXT_MAX + 1];
    char room[LINE_SIZE];
    struct bsti_line line = {.text = room, .size = sizeof(room) - 1};
    bool json = bsti_log_is_json();
    int most = json ? TEXT_MAX_JSON : TEXT_MAX;
    va_list args;
    int wrote;

    if (level > bsti_log_level() || level <= BST_LOG_NONE) {
        return;
    }
    va_start(args, format);
    wrote = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (wrote < 0) {
        text[0] = '\0';
    } else if (wrote > most) {
        memcpy(text + most - 3, "...", 4);
    }
    if (json) {
        bsti_log_json_begin(&line, bsti_log_time(), level, "log");
        bsti_line_name(&line, "text");
        bsti_line_json(&line, text);
        bsti_line_byte(&line, '}');
    } else {
        bsti_line_put(&line, "bastion: ");
        bsti_line_plain(&line, text);
    }
    bsti_log_write(&line);
    errno = saved;
}
