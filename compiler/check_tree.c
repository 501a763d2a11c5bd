/*
 * The shape of the supervision tree: one root, known strategies, and what a
 * group or supervisor cannot have yet.
 */

#include "check.h"

#include <string.h>

static void report_no_root(struct bstc_program *program)
{
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag =
        bstc_error(diags, "E0206", program->unit_span,
                   "there is no supervisor, so nothing would run");

    bstc_diag_help(diags, diag,
                   "the smallest program: `actor a { on start => { } } "
                   "supervisor root { children a; }`");
}

static void report_roots(struct bstc_program *program, uint32_t first,
                         uint32_t count)
{
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag = bstc_error(
        diags, "E0206", program->supervisors[first].ast->name.span,
        "there are %u supervisors at the top, and only one is the root",
        (unsigned)count);

    bstc_diag_label(diags, diag, "one of them");
    for (uint32_t i = first + 1; i < program->nsupervisors; i++) {
        const struct bstc_sym_supervisor *other = &program->supervisors[i];

        if (other->parent == BSTC_NONE)
            bstc_diag_also(diags, diag, other->ast->name.span, "another one");
    }
    bstc_diag_help(diags, diag, "put all but one into another supervisor");
}

static void check_root(struct bstc_program *program)
{
    uint32_t root = BSTC_NONE;
    uint32_t count = 0;

    for (uint32_t i = 0; i < program->nsupervisors; i++) {
        if (program->supervisors[i].parent != BSTC_NONE)
            continue;
        if (count++ == 0)
            root = i;
    }
    if (count == 0)
        report_no_root(program);
    else if (count > 1)
        report_roots(program, root, count);
    program->root = root;
}

static void check_strategy(struct bstc_program *program,
                           struct bstc_sym_supervisor *supervisor)
{
    static const char *const words[] = {"one-for-one", "one-for-all",
                                        "rest-for-one", NULL};
    const struct bstc_ast_name *name = &supervisor->ast->strategy;

    supervisor->strategy = BSTC_ONE_FOR_ONE;
    if (!name->text)
        return;
    for (int i = 0; words[i]; i++) {
        if (strcmp(words[i], name->text) == 0) {
            supervisor->strategy = (enum bstc_strategy)i;
            return;
        }
    }
    bstc_scope_unknown_word(program, "strategy", &name->span, name->text,
                            words);
}

static void check_group(struct bstc_program *program,
                        const struct bstc_sym_group *group)
{
    if (group->ast->at)
        bstc_unsupported(program, "group", "at", group->ast->at->name.span);
}

static void check_actor_settings(struct bstc_program *program)
{
    for (uint32_t i = 0; i < program->nactors; i++) {
        struct bstc_settings settings;

        bstc_settings_read(program, program->actors[i].ast->settings,
                           BSTC_IN_ACTOR, &settings);
    }
}

void bstc_check_tree(struct bstc_program *program)
{
    check_root(program);
    for (uint32_t i = 0; i < program->nsupervisors; i++)
        check_strategy(program, &program->supervisors[i]);
    for (uint32_t i = 0; i < program->ngroups; i++)
        check_group(program, &program->groups[i]);
    check_actor_settings(program);
}
