/*
 * Joining texts in two passes: measure, then copy.
 */

#include "text.h"

#include <string.h>

#define MAX_PARTS 8

char *bstc_join(struct bstc_arena *arena, const char *first, ...)
{
    const char *parts[MAX_PARTS];
    size_t lengths[MAX_PARTS];
    size_t total = 0;
    size_t count = 0;
    const char *part = first;
    va_list args;
    char *text;
    char *at;

    va_start(args, first);
    while (part && count < MAX_PARTS) {
        parts[count] = part;
        lengths[count] = strlen(part);
        total += lengths[count++];
        part = va_arg(args, const char *);
    }
    va_end(args);
    text = bstc_arena_alloc(arena, total + 1);
    at = text;
    for (size_t i = 0; i < count; i++) {
        memcpy(at, parts[i], lengths[i]);
        at += lengths[i];
    }
    return text;
}
