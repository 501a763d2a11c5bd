/*
 * What is said about names that nobody declared.
 */

#include "scope.h"

/* Suggestions compare a name with all others; beyond this many errors nobody
 * reads them any more, and a broken file should not take seconds. */
#define MAX_SUGGESTIONS 100

static const char *kind_text(enum bstc_kind kind)
{
    switch (kind) {
    case BSTC_A_MESSAGE:
        return "message";
    case BSTC_AN_ACTOR:
        return "actor";
    case BSTC_A_NODE:
        return "node";
    case BSTC_A_GROUP:
        break;
    }
    return "group";
}

static const char *with_article(enum bstc_kind kind)
{
    return kind == BSTC_AN_ACTOR ? "an" : "a";
}

static uint32_t count_of(const struct bstc_program *program,
                         enum bstc_kind kind)
{
    switch (kind) {
    case BSTC_A_MESSAGE:
        return program->nmessages;
    case BSTC_AN_ACTOR:
        return program->nactors;
    case BSTC_A_NODE:
        return program->cluster.nnodes;
    case BSTC_A_GROUP:
        break;
    }
    return program->ngroups;
}

static const struct bstc_ast_name *name_at(const struct bstc_program *program,
                                           enum bstc_kind kind, uint32_t index)
{
    switch (kind) {
    case BSTC_A_MESSAGE:
        return &program->messages[index].ast->name;
    case BSTC_AN_ACTOR:
        return &program->actors[index].ast->name;
    case BSTC_A_NODE:
        return &program->cluster.nodes[index]->name;
    case BSTC_A_GROUP:
        break;
    }
    return &program->groups[index].ast->name;
}

/* `children b` names an actor and, in the same place, a group `b`: that one is
 * no suggestion. */
static const char *nearest(struct bstc_program *program, enum bstc_kind kind,
                           const struct bstc_ast_name *name)
{
    uint32_t count = count_of(program, kind);
    const char **names =
        bstc_arena_array(&program->context->arena, count + 1, sizeof *names);
    uint32_t kept = 0;

    for (uint32_t i = 0; i < count; i++) {
        const struct bstc_ast_name *other = name_at(program, kind, i);

        if (other->span.file != name->span.file ||
            other->span.start != name->span.start)
            names[kept++] = other->text;
    }
    return bstc_nearest(name->text, names, kept);
}

/* A near name of the same kind can be put in place; of another kind it can
 * only be pointed at. */
static void suggest(struct bstc_program *program, struct bstc_diag *diag,
                    enum bstc_kind kind, const struct bstc_ast_name *name)
{
    static const enum bstc_kind kinds[] = {BSTC_A_MESSAGE, BSTC_AN_ACTOR,
                                           BSTC_A_GROUP, BSTC_A_NODE};
    struct bstc_diags *diags = &program->context->diags;
    const char *near = nearest(program, kind, name);

    if (near) {
        bstc_diag_fix(diags, diag, name->span, near,
                      "%s %s with a similar name exists", with_article(kind),
                      kind_text(kind));
        return;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        near = nearest(program, kinds[i], name);
        if (near) {
            bstc_diag_help(diags, diag, "there is %s %s `%s`",
                           with_article(kinds[i]), kind_text(kinds[i]), near);
            return;
        }
    }
}

static bool is_before(struct bstc_span a, struct bstc_span b)
{
    return a.file == b.file && a.start < b.start;
}

/* The same name once more: the report is of the place that comes first in the
 * file, and shows some of the others. */
static void repeat(struct bstc_diags *diags, struct bstc_diag *diag,
                   struct bstc_span span)
{
    struct bstc_span other = span;

    if (is_before(span, diag->primary.span)) {
        other = diag->primary.span;
        diag->primary.span = span;
        if (diag->has_fix)
            diag->fix = span;
    }
    bstc_diag_also(diags, diag, other, "and here");
}

/* Returns the report of this name, or NULL if there is none yet. */
static struct bstc_diag *reported(struct bstc_program *program,
                                  enum bstc_kind kind, const char *name)
{
    uint32_t found =
        bstc_map_find(&program->unknown_names[kind], bstc_map_name(name));

    if (program->context->diags.tells_all || found == BSTC_MAP_NONE)
        return NULL;
    return program->unknown[found];
}

static void remember(struct bstc_program *program, enum bstc_kind kind,
                     const char *name, struct bstc_diag *diag)
{
    uint32_t count = program->nunknown;

    if (bstc_map_add(&program->unknown_names[kind], bstc_map_name(name),
                     count) != BSTC_MAP_NONE)
        return;
    if (count == program->unknown_capacity) {
        uint32_t capacity = count ? count * 2 : 16;

        program->unknown =
            bstc_arena_grow(&program->context->arena, program->unknown,
                            count * sizeof *program->unknown,
                            capacity * sizeof *program->unknown);
        program->unknown_capacity = capacity;
    }
    program->unknown[program->nunknown++] = diag;
}

void bstc_scope_unknown(struct bstc_program *program, enum bstc_kind kind,
                        const struct bstc_ast_name *name)
{
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag = reported(program, kind, name->text);

    if (diag) {
        repeat(diags, diag, name->span);
        return;
    }
    diag = bstc_error(diags, "E0201", name->span, "there is no %s `%s`",
                      kind_text(kind), name->text);
    remember(program, kind, name->text, diag);
    if (diags->errors <= MAX_SUGGESTIONS)
        suggest(program, diag, kind, name);
}

void bstc_scope_unknown_word(struct bstc_program *program, const char *what,
                             const struct bstc_span *span, const char *word,
                             const char *const *words)
{
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag =
        bstc_error(diags, "E0201", *span, "unknown %s `%s`", what, word);
    const char *list = "";
    const char *near;
    uint32_t count = 0;

    for (; words[count]; count++) {
        list = bstc_arena_format(&program->context->arena, "%s%s`%s`", list,
                                 count > 0 ? ", " : "", words[count]);
    }
    near = bstc_nearest(word, words, count);
    if (near)
        bstc_diag_fix(diags, diag, *span, near, "did you mean `%s`?", near);
    bstc_diag_note(diags, diag, "%s is one of %s", what, list);
}
