/*
 * Depfiles for make and ninja, as `cc -MD` writes them.
 */

#include "emit.h"

#include <string.h>

/* What separates names, or begins a comment. No name with a `;` comes here, as
 * make has no way to quote that. */
#define QUOTED " \t#:|"

/* Prints a file name so that make takes it for one name and nothing else. A
 * backslash quotes what follows, and itself where it stands before that. */
static void emit_file(struct bstc_out *out, const char *name)
{
    for (const char *at = name; *at; at++) {
        size_t slashes = strspn(at, "\\");

        if (slashes && at[slashes] && strchr(QUOTED, at[slashes])) {
            for (size_t i = 0; i < 2 * slashes; i++)
                bstc_out_bytes(out, "\\", 1);
            at += slashes;
        }
        if (strchr(QUOTED, *at))
            bstc_out_bytes(out, "\\", 1);
        if (*at == '$')
            bstc_out_bytes(out, "$", 1);
        bstc_out_bytes(out, at, 1);
    }
}

/* As a target, `x=y` would set a variable, and `x%` would be a pattern. */
static bool can_be_target(const char *name)
{
    return !strpbrk(name, "=%|:*?[\\");
}

void bstc_emit_deps(struct bstc_out *out, const struct bstc_deps *deps)
{
    for (size_t i = 0; i < deps->ntargets; i++) {
        bstc_out_text(out, i > 0 ? " " : "");
        if (deps->raw_target)
            bstc_out_text(out, deps->targets[i]);
        else
            emit_file(out, deps->targets[i]);
    }
    bstc_out_text(out, ":");
    for (size_t i = 0; i < deps->nsources; i++) {
        bstc_out_text(out, i > 0 ? " \\\n " : " ");
        emit_file(out, deps->sources[i]);
    }
    bstc_out_text(out, "\n");
    for (size_t i = 1; deps->phony && i < deps->nsources; i++) {
        if (!can_be_target(deps->sources[i]))
            continue;
        bstc_out_text(out, "\n");
        emit_file(out, deps->sources[i]);
        bstc_out_text(out, ":\n");
    }
}
