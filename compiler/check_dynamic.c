/*
 * Dynamic groups, what is spawned into them, and the arguments of children.
 *
 * A dynamic group has a bound and nothing that says with how many children it
 * begins; the arguments of its children come from whoever spawns them. The
 * children of a static group have them from the group's `args`.
 */

#include "check.h"
#include "fields.h"

#include <string.h>

#define MAX_CHILDREN 16777216

/* ---- the bound ----------------------------------------------------------- */

static void report_max_twice(struct bstc_program *program,
                             const struct bstc_ast_group *group,
                             const struct bstc_ast_setting *max)
{
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag =
        bstc_error(diags, "E0205", max->name.span, "`max` is set twice");

    bstc_diag_label(diags, diag, "again here");
    bstc_diag_also(diags, diag, group->dynamic_word.span, "first set here");
}

static void check_max(struct bstc_program *program,
                      const struct bstc_sym_group *group)
{
    static const char *const words[] = {"max", NULL};
    const struct bstc_ast_group *ast = group->ast;
    const struct bstc_ast_setting *max =
        group->settings.written[BSTC_SETTING_MAX];
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag;

    if (!ast->dynamic_word.text) {
        if (max)
            return;
        diag =
            bstc_error(diags, "E0103", ast->dynamic_span,
                       "the dynamic group `%s` has no `max`", ast->name.text);
        bstc_diag_help(diags, diag,
                       "say how many children it may have: "
                       "`dynamic max 1000`");
    } else if (strcmp(ast->dynamic_word.text, "max") != 0) {
        bstc_scope_unknown_word(program, "word after `dynamic`",
                                &ast->dynamic_word.span, ast->dynamic_word.text,
                                words);
    } else if (ast->dynamic_max < 1 || ast->dynamic_max > MAX_CHILDREN) {
        bstc_error(diags, "E0103", ast->max_span, "`max` must be from 1 to %d",
                   MAX_CHILDREN);
    } else if (max) {
        report_max_twice(program, ast, max);
    }
}

static void check_contradiction(struct bstc_program *program,
                                const struct bstc_sym_group *group,
                                enum bstc_setting setting, const char *text)
{
    const struct bstc_ast_setting *written = group->settings.written[setting];
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag;

    if (!written)
        return;
    diag = bstc_error(diags, "E0504", written->span, "%s", text);
    bstc_diag_also(diags, diag, group->ast->dynamic_span, "contradicts this");
}

static void check_dynamic(struct bstc_program *program,
                          const struct bstc_sym_group *group)
{
    check_max(program, group);
    check_contradiction(program, group, BSTC_SETTING_REDUNDANCY,
                        "a dynamic group begins without children");
    check_contradiction(program, group, BSTC_SETTING_RESIZE,
                        "a dynamic group grows by what is spawned alone");
    check_contradiction(program, group, BSTC_SETTING_ARGS,
                        "whoever spawns a child gives it its arguments");
}

static void check_static(struct bstc_program *program,
                         const struct bstc_sym_group *group)
{
    const struct bstc_ast_setting *max =
        group->settings.written[BSTC_SETTING_MAX];
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag;

    if (!max)
        return;
    diag = bstc_error(diags, "E0504", max->span,
                      "only a dynamic group has a `max`");
    bstc_diag_also(diags, diag, group->ast->name.span, "this one is static");
    bstc_diag_help(diags, diag,
                   "write `redundancy` for the number of its children, or "
                   "`dynamic` before its settings");
}

/* ---- arguments of static groups ------------------------------------------ */

/* An array, a structure and a reference have no constant that could stand
 * here. */
static void check_argument(struct bstc_program *program,
                           const struct bstc_ast_field *field,
                           const struct bstc_ast_value *value)
{
    const struct bstc_ast_type *type = &field->type;
    bool is_scalar = type->kind == BSTC_AST_TYPE_NAME ||
                     type->kind == BSTC_AST_TYPE_ENUM || type->pointer;

    if (!field->name.text || !type->name.text)
        return;
    if (is_scalar && field->array == BSTC_AST_ARRAY_NONE)
        bstc_check_value(program, field, value);
    else
        bstc_error(&program->context->diags, "E0103", value->span,
                   "`%s` can be given by a spawn only", field->name.text);
}

static uint32_t count_fields(const struct bstc_ast_field *fields)
{
    uint32_t count = 0;

    for (; fields; fields = fields->next)
        count++;
    return count;
}

static void report_count(struct bstc_program *program,
                         const struct bstc_sym_group *group,
                         const struct bstc_ast_actor *actor)
{
    const struct bstc_ast_setting *written =
        group->settings.written[BSTC_SETTING_ARGS];
    struct bstc_diags *diags = &program->context->diags;
    uint32_t count = count_fields(actor->args);
    struct bstc_diag *diag = bstc_error(
        diags, "E0103", written ? written->span : group->ast->name.span,
        "`%s` takes %u argument%s, %u given", actor->name.text, (unsigned)count,
        count == 1 ? "" : "s", written ? (unsigned)written->nargs : 0);

    bstc_diag_also(diags, diag,
                   actor->has_args ? actor->args_span : actor->name.span,
                   "declared here");
    if (!written)
        bstc_diag_help(diags, diag,
                       "give them in the group, as in `args 1 2;`, or make it "
                       "`dynamic`");
}

static void check_args(struct bstc_program *program,
                       const struct bstc_sym_group *group)
{
    const struct bstc_ast_setting *written =
        group->settings.written[BSTC_SETTING_ARGS];
    const struct bstc_ast_value *value = written ? written->args : NULL;
    const struct bstc_ast_actor *actor;

    if (group->actor == BSTC_NONE)
        return;
    actor = program->actors[group->actor].ast;
    if (count_fields(actor->args) != (written ? written->nargs : 0)) {
        report_count(program, group, actor);
        return;
    }
    for (const struct bstc_ast_field *f = actor->args; f && value;
         f = f->next) {
        check_argument(program, f, value);
        value = value->next;
    }
}

/* ---- spawning ------------------------------------------------------------ */

static void check_spawn(struct bstc_program *program,
                        const struct bstc_sym_use *use)
{
    struct bstc_diags *diags = &program->context->diags;
    const struct bstc_ast_group *group;
    struct bstc_diag *diag;

    if (use->is_poisoned || use->how != BSTC_SPAWN)
        return;
    group = program->groups[use->group].ast;
    if (group->is_dynamic)
        return;
    diag = bstc_error(diags, "E0301", use->ast->span,
                      "`%s` is not dynamic, so nothing can be spawned into it",
                      group->name.text);
    bstc_diag_label(diags, diag, "spawned here");
    bstc_diag_also(diags, diag, group->name.span, "a static group");
    bstc_diag_help(diags, diag,
                   "declare it as `children %s as %s dynamic "
                   "max 1000`",
                   group->actor.text ? group->actor.text : "...",
                   group->name.text);
}

/* ---- the whole ----------------------------------------------------------- */

void bstc_check_dynamic(struct bstc_program *program)
{
    for (uint32_t i = 0; i < program->ngroups; i++) {
        const struct bstc_sym_group *group = &program->groups[i];

        if (group->ast->is_dynamic) {
            check_dynamic(program, group);
        } else {
            check_static(program, group);
            check_args(program, group);
        }
    }
    for (uint32_t i = 0; i < program->nactors; i++) {
        const struct bstc_sym_actor *actor = &program->actors[i];

        for (uint32_t k = 0; k < actor->nhandlers; k++) {
            for (uint32_t u = 0; u < actor->handlers[k].nuses; u++)
                check_spawn(program, &actor->handlers[k].uses[u]);
        }
    }
    for (uint32_t i = 0; i < program->noutside; i++)
        check_spawn(program, &program->outside[i]);
}
