/*
 * Significant children: whose end by itself may end the supervisor around
 * them. Both sides have to say so, and what is always restarted never ends.
 */

#include "check.h"

/* A group or a supervisor, as a child. */
struct child {
    const struct bstc_ast_setting *word;      /* `significant` */
    const struct bstc_settings *lifetime;     /* where it is set, or NULL */
    const struct bstc_sym_supervisor *parent; /* NULL: the root */
};

/* Reports the two where the first of them stands. */
static void report_both(struct bstc_program *program,
                        const struct bstc_ast_setting *a,
                        const struct bstc_ast_setting *b, const char *text)
{
    struct bstc_diags *diags = &program->context->diags;
    bool swap = b->span.start < a->span.start;
    struct bstc_diag *diag =
        bstc_error(diags, "E0504", swap ? b->span : a->span, "%s", text);

    bstc_diag_also(diags, diag, swap ? a->span : b->span, "contradicts this");
}

static void check_lifetime(struct bstc_program *program,
                           const struct child *child)
{
    static const char text[] = "a significant child cannot be permanent";
    struct bstc_diags *diags = &program->context->diags;
    const struct bstc_settings *settings = child->lifetime;
    struct bstc_diag *diag;

    if (!settings) {
        diag = bstc_error(diags, "E0504", child->word->span, "%s", text);
        bstc_diag_note(diags, diag, "`lifetime permanent` is the default");
        bstc_diag_help(diags, diag, "write `lifetime transient;` as well");
    } else if (settings->is_valid[BSTC_SETTING_LIFETIME] &&
               settings->lifetime == BSTC_PERMANENT) {
        report_both(program, child->word,
                    settings->written[BSTC_SETTING_LIFETIME], text);
    }
}

static void check_parent(struct bstc_program *program,
                         const struct child *child)
{
    static const char text[] =
        "nothing is significant to a supervisor that does not shut down";
    const struct bstc_settings *settings = &child->parent->settings;
    const struct bstc_ast_setting *written =
        settings->written[BSTC_SETTING_AUTO_SHUTDOWN];
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag;

    if (!written) {
        diag = bstc_error(diags, "E0504", child->word->span, "%s", text);
        bstc_diag_also(diags, diag, child->parent->ast->name.span,
                       "it has no `auto_shutdown`");
        bstc_diag_help(diags, diag,
                       "write `auto_shutdown any;` or `auto_shutdown all;` in "
                       "the supervisor");
    } else if (settings->is_valid[BSTC_SETTING_AUTO_SHUTDOWN] &&
               settings->auto_shutdown == BSTC_AUTO_NEVER) {
        report_both(program, child->word, written, text);
    }
}

static void check_child(struct bstc_program *program, const struct child *child)
{
    if (!child->parent) {
        bstc_error(&program->context->diags, "E0504", child->word->span,
                   "the root is nobody's child, so nothing depends on its end");
        return;
    }
    check_lifetime(program, child);
    check_parent(program, child);
}

static void check_group(struct bstc_program *program,
                        const struct bstc_sym_group *group)
{
    struct child child = {
        .word = group->settings.written[BSTC_SETTING_SIGNIFICANT],
        .lifetime = bstc_scope_nearest(program, group, BSTC_SETTING_LIFETIME),
        .parent = &program->supervisors[group->supervisor]};

    if (child.word)
        check_child(program, &child);
}

static void check_supervisor(struct bstc_program *program,
                             const struct bstc_sym_supervisor *supervisor)
{
    struct child child = {
        .word = supervisor->settings.written[BSTC_SETTING_SIGNIFICANT],
        /* What it sets itself is for what is below it. */
        .lifetime = bstc_scope_around(program, supervisor->parent,
                                      BSTC_SETTING_LIFETIME)};

    if (supervisor->parent != BSTC_NONE)
        child.parent = &program->supervisors[supervisor->parent];
    if (child.word)
        check_child(program, &child);
}

void bstc_check_significant(struct bstc_program *program)
{
    for (uint32_t i = 0; i < program->nsupervisors; i++)
        check_supervisor(program, &program->supervisors[i]);
    for (uint32_t i = 0; i < program->ngroups; i++)
        check_group(program, &program->groups[i]);
}
