/*
 * The end of the line for broken invariants.
 *
 * The text is put together in a fixed buffer without stdio, because the heap
 * or a stdio lock may be what is broken.
 */

#include "base/assert.h"

#include <stdlib.h>
#include <unistd.h>

#include "sync/atomic.h"

#define LINE_SIZE 512

static void write_stderr(const char *text, size_t length)
{
    while (length > 0) {
        ssize_t n = write(STDERR_FILENO, text, length);

        if (n <= 0) {
            return;
        }
        text += n;
        length -= (size_t)n;
    }
}

/* NULL stands for write_stderr. */
static bsti_fatal_writer_fn *_Atomic current_writer;

void bsti_fatal_set_writer(bsti_fatal_writer_fn *writer)
{
    /* relaxed: a function pointer publishes nothing else */
    bsti_store_relaxed(&current_writer, writer);
}

/* Appends as much of `text` as fits, leaving one byte for the newline. */
static size_t append(char *line, size_t used, const char *text)
{
    while (*text != '\0' && used < LINE_SIZE - 1) {
        line[used++] = *text++;
    }
    return used;
}

static size_t append_number(char *line, size_t used, int number)
{
    char digits[16];
    size_t at = sizeof(digits);
    unsigned rest = number < 0 ? 0u : (unsigned)number;

    digits[--at] = '\0';
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    return append(line, used, &digits[at]);
}

BST_NORETURN void bsti_fatal(const char *file, int line, const char *text)
{
    /* relaxed: see bsti_fatal_set_writer() */
    bsti_fatal_writer_fn *writer = bsti_load_relaxed(&current_writer);
    char message[LINE_SIZE];
    size_t used = 0;

    used = append(message, used, "bastion: ");
    used = append(message, used, file);
    used = append(message, used, ":");
    used = append_number(message, used, line);
    used = append(message, used, ": ");
    used = append(message, used, text);
    message[used++] = '\n';
    if (writer != NULL) {
        writer(message, used);
    } else {
        write_stderr(message, used);
    }
    abort();
}
