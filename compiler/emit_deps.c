/*
 * Depfiles for make and ninja, as `cc -MD` writes them.
 */

#include "emit.h"

#include <string.h>

/* make takes blanks and '#' with a backslash before them, and '$' doubled. */
static void emit_file(struct bstc_out *out, const char *name)
{
    for (const char *at = name; *at; at++) {
        if (strchr(" \t#", *at))
            bstc_out_bytes(out, "\\", 1);
        if (*at == '$')
            bstc_out_bytes(out, "$", 1);
        bstc_out_bytes(out, at, 1);
    }
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
        bstc_out_text(out, "\n");
        emit_file(out, deps->sources[i]);
        bstc_out_text(out, ":\n");
    }
}
