/* Percent-encoding and back. */

#include "lsp/uri.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

const char *bstc_uri_path(struct bstc_arena *arena, const char *uri)
{
    const char *from = uri + 7;
    char *path;
    char *to;

    if (strncasecmp(uri, "file://", 7) != 0)
        return NULL;
    if (strncasecmp(from, "localhost/", 10) == 0)
        from += 9;
    if (*from != '/')
        return NULL;
    path = bstc_arena_copy(arena, from, strlen(from));
    for (to = path; *from && *from != '?' && *from != '#'; to++) {
        int high = *from == '%' ? hex_value(from[1]) : -1;
        int low = high >= 0 ? hex_value(from[2]) : -1;

        *to = *from++;
        if (low < 0)
            continue;
        if (high == 0 && low == 0)
            return NULL;
        *to = (char)(high * 16 + low);
        from += 2;
    }
    *to = '\0';
    return path;
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || (c && strchr("-._~/", c));
}

const char *bstc_uri_of_path(struct bstc_arena *arena, const char *path)
{
    static const char digits[] = "0123456789ABCDEF";
    char *uri = bstc_arena_alloc(arena, strlen(path) * 3 + 8);
    char *to = uri + 7;

    memcpy(uri, "file://", 7);
    for (; *path; path++) {
        unsigned char byte = (unsigned char)*path;

        if (is_plain(*path)) {
            *to++ = *path;
        } else {
            *to++ = '%';
            *to++ = digits[byte >> 4];
            *to++ = digits[byte & 15];
        }
    }
    return uri;
}
