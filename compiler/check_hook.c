/*
 * Functions of the user in groups and supervisors: known events, each once,
 * and each with something to call.
 */

#include "check.h"

#include <string.h>

static bool is_known(const char *event)
{
    for (int i = 0; i < BSTC_HOOKS; i++) {
        if (strcmp(bstc_hook_words[i], event) == 0)
            return true;
    }
    return false;
}

static void check_impl(struct bstc_program *program,
                       const struct bstc_ast_hook *hook)
{
    struct bstc_diags *diags = &program->context->diags;
    const struct bstc_ast_impl *impl = &hook->impl;
    struct bstc_diag *diag;

    if (impl->kind == BSTC_AST_IMPL_NONE) {
        bstc_error(diags, "E0001", hook->span,
                   "`on %s` lacks a function: `=> function;` or `=> { ... }`",
                   hook->event.text);
    } else if (impl->answers) {
        diag = bstc_error(diags, "E0302", impl->arrow,
                          "`on %s` is not a question", hook->event.text);
        bstc_diag_fix(diags, diag, impl->arrow, "=>",
                      "there is nothing to answer");
    }
}

static void check_twice(struct bstc_program *program,
                        const struct bstc_ast_hook *first,
                        const struct bstc_ast_hook *hook)
{
    struct bstc_diags *diags = &program->context->diags;
    struct bstc_diag *diag;

    while (first != hook &&
           (!first->event.text || strcmp(first->event.text, hook->event.text)))
        first = first->next;
    if (first == hook)
        return;
    diag = bstc_error(diags, "E0202", hook->event.span,
                      "`on %s` stands here twice", hook->event.text);
    bstc_diag_label(diags, diag, "again here");
    bstc_diag_also(diags, diag, first->event.span, "first here");
}

static void check_hooks(struct bstc_program *program,
                        const struct bstc_ast_hook *first)
{
    for (const struct bstc_ast_hook *hook = first; hook; hook = hook->next) {
        if (!hook->event.text)
            continue;
        if (!is_known(hook->event.text)) {
            bstc_scope_unknown_word(program, "hook", &hook->event.span,
                                    hook->event.text, bstc_hook_words);
            continue;
        }
        check_twice(program, first, hook);
        check_impl(program, hook);
    }
}

void bstc_check_hooks(struct bstc_program *program)
{
    for (uint32_t i = 0; i < program->nsupervisors; i++)
        check_hooks(program, program->supervisors[i].ast->hooks);
    for (uint32_t i = 0; i < program->ngroups; i++)
        check_hooks(program, program->groups[i].ast->hooks);
}
