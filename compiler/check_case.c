/*
 * Names that differ by the case of their letters only (W0208).
 *
 * The language tells them apart, and so does C. A file system, a linker or a
 * reader may not.
 */

#include "check.h"

#include <string.h>

/* Lowers ASCII letters, whatever the locale is. */
static const char *lowered(struct bstc_program *program, const char *name)
{
    struct bstc_context *context = program->context;
    size_t length = strlen(name);
    char *text = bstc_arena_copy(&context->arena, name, length);

    for (char *at = text; *at; at++) {
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    }
    return bstc_intern(&context->names, text, length);
}

static void warn(struct bstc_program *program, const struct bstc_ast_name *name,
                 const struct bstc_ast_name *other)
{
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag = bstc_warning(diags, "W0208", name->span,
                                          "`%s` and `%s` differ only by case",
                                          name->text, other->text);

    bstc_diag_also(diags, diag, other->span, "the other one");
}

/* Names that were met, by their small letters. */
struct seen {
    struct bstc_map map;
    const struct bstc_ast_name **names;
    uint32_t count;
};

static void look_at(struct bstc_program *program, struct seen *seen,
                    const struct bstc_ast_name *name)
{
    uint32_t other = bstc_map_add(
        &seen->map, bstc_map_name(lowered(program, name->text)), seen->count);

    if (other == BSTC_MAP_NONE)
        seen->names[seen->count++] = name;
    else if (strcmp(seen->names[other]->text, name->text) != 0)
        warn(program, name, seen->names[other]);
}

static void begin(struct bstc_program *program, struct seen *seen,
                  uint32_t count)
{
    struct bstc_arena *arena = &program->context->arena;

    bstc_map_init(&seen->map, arena);
    seen->names = bstc_arena_array(arena, count + 1, sizeof *seen->names);
    seen->count = 0;
}

void bstc_check_case(struct bstc_program *program)
{
    struct seen seen;

    begin(program, &seen, program->nmessages);
    for (uint32_t i = 0; i < program->nmessages; i++)
        look_at(program, &seen, &program->messages[i].ast->name);
    begin(program, &seen, program->nactors);
    for (uint32_t i = 0; i < program->nactors; i++)
        look_at(program, &seen, &program->actors[i].ast->name);
}
