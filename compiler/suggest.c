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

static const char *name_at(const struct bstc_program *program,
                           enum bstc_kind kind, uint32_t index)
{
    switch (kind) {
    case BSTC_A_MESSAGE:
        return program->messages[index].ast->name.text;
    case BSTC_AN_ACTOR:
        return program->actors[index].ast->name.text;
    case BSTC_A_NODE:
        return program->cluster.nodes[index]->name.text;
    case BSTC_A_GROUP:
        break;
    }
    return program->groups[index].ast->name.text;
}

static const char *nearest(struct bstc_program *program, enum bstc_kind kind,
                           const char *name)
{
    uint32_t count = count_of(program, kind);
    const char **names =
        bstc_arena_array(&program->context->arena, count + 1, sizeof *names);

    for (uint32_t i = 0; i < count; i++)
        names[i] = name_at(program, kind, i);
    return bstc_nearest(name, names, count);
}

/* A near name of the same kind can be put in place; of another kind it can
 * only be pointed at. */
static void suggest(struct bstc_program *program, struct bstc_diag *diag,
                    enum bstc_kind kind, const struct bstc_ast_name *name)
{
    static const enum bstc_kind kinds[] = {BSTC_A_MESSAGE, BSTC_AN_ACTOR,
                                           BSTC_A_GROUP, BSTC_A_NODE};
    struct bstc_diags *diags = &program->context->diags;
    const char *near = nearest(program, kind, name->text);

    if (near) {
        bstc_diag_fix(diags, diag, name->span, near,
                      "%s %s with a similar name exists", with_article(kind),
                      kind_text(kind));
        return;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        near = nearest(program, kinds[i], name->text);
        if (near) {
            bstc_diag_help(diags, diag, "there is %s %s `%s`",
                           with_article(kinds[i]), kind_text(kinds[i]), near);
            return;
        }
    }
}

struct bstc_diag *bstc_scope_unknown(struct bstc_program *program,
                                     enum bstc_kind kind,
                                     const struct bstc_ast_name *name)
{
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag =
        bstc_error(diags, "E0201", name->span, "there is no %s `%s`",
                   kind_text(kind), name->text);

    if (diags->errors <= MAX_SUGGESTIONS)
        suggest(program, diag, kind, name);
    return diag;
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
