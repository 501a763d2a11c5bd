/*
 * The log: format, make harmless, write once.
 */

#define _POSIX_C_SOURCE 200809L

#include "plat/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sync/atomic.h"

#define TEXT_MAX 1000
/* Every byte may become four, and there are a prefix and a newline. */
#define LINE_SIZE (TEXT_MAX * 4 + 32)

static _Atomic int wanted = BST_LOG_WARN;

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

/* Copies `text`, control bytes as \xNN; returns the length. */
static size_t escape(char *line, const char *text, size_t length)
{
    static const char hex[] = "0123456789abcdef";
    size_t used = 0;

    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];

        if (byte >= 0x20 && byte != 0x7f) {
            line[used++] = text[i];
            continue;
        }
        line[used++] = '\\';
        line[used++] = 'x';
        line[used++] = hex[byte >> 4];
        line[used++] = hex[byte & 15];
    }
    return used;
}

void bsti_log(int level, const char *format, ...)
{
    static const char prefix[] = "bastion: ";
    int saved = errno;
    char text[TEXT_MAX + 1];
    char line[LINE_SIZE];
    size_t used = sizeof(prefix) - 1;
    size_t length;
    va_list args;
    int wrote;

    if (level > bsti_log_level() || level <= BST_LOG_NONE) {
        return;
    }
    va_start(args, format);
    wrote = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    length = wrote < 0 ? 0 : (size_t)wrote;
    if (length > TEXT_MAX) {
        length = TEXT_MAX;
        memcpy(text + TEXT_MAX - 3, "...", 3);
    }
    memcpy(line, prefix, used);
    used += escape(line + used, text, length);
    line[used++] = '\n';
    while (write(STDERR_FILENO, line, used) < 0 && errno == EINTR) {
    }
    errno = saved;
}
