/*
 * Skeletons of the functions that the user writes, but for those that a light
 * scan of C files finds. A static function counts as well: a second one of
 * its name would not compile.
 */

#include "emit.h"

#include <string.h>

#include "arena.h"
#include "c_scan.h"
#include "intern.h"

/* ---- the functions that a C text defines --------------------------------- */

static void note_name(void *names, const char *name, size_t length)
{
    bstc_intern(names, name, length);
}

/* ---- skeletons ----------------------------------------------------------- */

static bool is_defined(const struct bstc_intern *names, const char *name)
{
    return bstc_intern_find(names, name, strlen(name)) != NULL;
}

static void emit_stub(struct bstc_out *out, const struct bstc_model *model,
                      const struct bstc_actor *actor,
                      const struct bstc_handler *handler)
{
    bstc_out_text(out, "\n/* ");
    bstc_out_in_comment(out, actor->name);
    bstc_out_format(out, ": %s */\n", handler->label);
    bstc_emit_signature(out, model, actor, handler, "", "\n{\n");
    bstc_out_text(out, "    (void)self;\n");
    if (handler->event == BSTC_ON_ANY || bstc_handler_has_body(model, handler))
        bstc_out_text(out, "    (void)m;\n");
    if (bstc_handler_has_answer(model, handler))
        bstc_out_text(out, "    (void)answer; /* to be filled in */\n");
    bstc_out_text(out, "    return BST_OK;\n}\n");
}

static void emit_hook_stubs(struct bstc_out *out,
                            const struct bstc_intern *defined,
                            const char *owner, const struct bstc_hook *hooks)
{
    for (int i = 0; i < BSTC_HOOKS; i++) {
        const struct bstc_hook *hook = &hooks[i];

        if (!hook->function || hook->body || hook->repeats ||
            is_defined(defined, hook->function))
            continue;
        bstc_out_text(out, "\n/* ");
        bstc_out_in_comment(out, owner);
        bstc_out_format(out, ": on %s */\n", bstc_hook_words[i]);
        bstc_emit_hook_signature(out, hook->function, (enum bstc_hook_event)i,
                                 "", "\n{\n");
        if (i == BSTC_FAILURE)
            bstc_out_text(out, "    (void)failure;\n"
                               "    return BST_DECIDE_DEFAULT;\n}\n");
        else
            bstc_out_text(out, "    (void)event;\n    return BST_OK;\n}\n");
    }
}

static void emit_missing(struct bstc_out *out, const struct bstc_model *model,
                         const struct bstc_intern *defined)
{
    for (uint32_t i = 0; i < model->nactors; i++) {
        const struct bstc_actor *actor = &model->actors[i];

        for (uint32_t k = 0; k < actor->nhandlers; k++) {
            const struct bstc_handler *handler = &actor->handlers[k];

            if (!handler->body && !handler->repeats &&
                !is_defined(defined, handler->function))
                emit_stub(out, model, actor, handler);
        }
    }
    for (uint32_t i = 0; i < model->ngroups; i++)
        emit_hook_stubs(out, defined, model->groups[i].name,
                        model->groups[i].hooks);
    for (uint32_t i = 0; i < model->nsupervisors; i++)
        emit_hook_stubs(out, defined, model->supervisors[i].name,
                        model->supervisors[i].hooks);
}

void bstc_emit_stubs(struct bstc_out *out, const struct bstc_model *model,
                     const struct bstc_defined *files, size_t nfiles,
                     bool has_main)
{
    struct bstc_intern defined;

    bstc_intern_init(&defined, out->arena);
    for (size_t i = 0; i < nfiles; i++)
        bstc_c_functions(files[i].text, files[i].length, note_name, &defined);
    if (nfiles == 0) {
        bstc_out_format(out, "/* %s.c - the handlers of ", model->unit);
        bstc_out_in_comment(out, model->source);
        bstc_out_format(out, ". */\n#include \"%s.bst.h\"\n", model->unit);
    }
    emit_missing(out, model, &defined);
    if (!has_main && !is_defined(&defined, "main"))
        bstc_emit_main_function(out, model);
}
