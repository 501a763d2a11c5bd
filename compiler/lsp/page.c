/*
 * The page is looked for beside the program: where it is installed, and where
 * it stands in a source tree in which the program was built.
 */

#define _GNU_SOURCE

#include "lsp/page.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "lsp/uri.h"

static const char *find_page(struct bstc_arena *arena)
{
    static const char *const places[] = {
        "../share/doc/bastion/DIAGNOSTICS.md",
        "../grammar/DIAGNOSTICS.md",
        "../../grammar/DIAGNOSTICS.md",
    };
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    char *slash;

    if (length <= 0)
        return NULL;
    program[length] = '\0';
    slash = strrchr(program, '/');
    if (!slash)
        return NULL;
    *slash = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const char *path =
            bstc_arena_format(arena, "%s/%s", program, places[i]);

        if (access(path, R_OK) == 0)
            return path;
    }
    return NULL;
}

const char *bstc_page_of(const char *code, struct bstc_arena *arena)
{
    const char *path = find_page(arena);
    char *anchor = bstc_arena_copy(arena, code, strlen(code));

    if (!path)
        return NULL;
    for (char *c = anchor; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return bstc_arena_format(arena, "%s#%s", bstc_uri_of_path(arena, path),
                             anchor);
}
