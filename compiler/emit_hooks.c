/*
 * Functions of the user in groups and supervisors: prototypes, what stands
 * inside the .bst, and the tables of callbacks.
 */

#include "emit.h"

#include <string.h>

#include "arena.h"
#include "text.h"

/* Whose hooks they are: a group, or a supervisor. */
struct owner {
    const char *what; /* "children", "supervisor" */
    const char *name;
    const char *stem; /* of generated names: "tally_group" */
    const struct bstc_hook *hooks;
    const struct bstc_place *place;
};

/* Supervisors come after the groups, as in the tables. */
static struct owner owner_of(struct bstc_arena *arena,
                             const struct bstc_model *model, uint32_t index)
{
    struct owner owner;

    if (index < model->ngroups) {
        const struct bstc_group *group = &model->groups[index];

        owner.what = "children";
        owner.name = group->name;
        owner.stem = bstc_join(arena, group->symbol, "_group", NULL);
        owner.hooks = group->hooks;
        owner.place = &group->place;
    } else {
        const struct bstc_supervisor *supervisor =
            &model->supervisors[index - model->ngroups];

        owner.what = "supervisor";
        owner.name = supervisor->name;
        owner.stem = bstc_join(arena, supervisor->symbol, "_supervisor", NULL);
        owner.hooks = supervisor->hooks;
        owner.place = &supervisor->place;
    }
    return owner;
}

void bstc_emit_hook_signature(struct bstc_out *out, const char *function,
                              enum bstc_hook_event event, const char *before,
                              const char *after)
{
    struct bstc_arena *arena = out->arena;
    bool decides = event == BSTC_FAILURE;
    const char *type = decides ? "enum bst_decision" : "bst_status";
    const char *item = decides ? "const struct bst_failure *failure"
                               : "const struct bst_event *event";
    const char *rest = bstc_join(arena, function, "(", item, ")", NULL);
    bool fits = strlen(before) + strlen(type) + 1 + strlen(rest) <= 80;

    bstc_out_format(out, "%s%s%s%s%s", before, type, fits ? " " : "\n", rest,
                    after);
}

/* ---- X.bst.h ------------------------------------------------------------- */

static void emit_prototypes(struct bstc_out *out, const struct owner *owner,
                            bool *begun)
{
    for (int i = 0; i < BSTC_HOOKS; i++) {
        const struct bstc_hook *hook = &owner->hooks[i];

        if (!hook->function || hook->body || hook->repeats)
            continue;
        if (!*begun)
            bstc_out_section(out, "called back: see <bastion/callbacks.h>", "");
        *begun = true;
        bstc_out_format(out, "\n/* %s ", owner->what);
        bstc_out_in_comment(out, owner->name);
        bstc_out_format(out, ": on %s */\n", bstc_hook_words[i]);
        bstc_out_doc(out, "", hook->doc);
        bstc_emit_hook_signature(out, hook->function, (enum bstc_hook_event)i,
                                 "", ";\n");
    }
}

void bstc_emit_hook_prototypes(struct bstc_out *out,
                               const struct bstc_model *model)
{
    bool begun = false;

    for (uint32_t i = 0; i < model->ngroups + model->nsupervisors; i++) {
        struct owner owner = owner_of(out->arena, model, i);

        emit_prototypes(out, &owner, &begun);
    }
}

/* ---- X.bst.c ------------------------------------------------------------- */

static void emit_inline(struct bstc_out *out, const struct bstc_model *model,
                        const struct bstc_hook *hook,
                        enum bstc_hook_event event,
                        const struct bstc_emit_options *options)
{
    bool decides = event == BSTC_FAILURE;

    bstc_out_text(out, "\n");
    bstc_emit_hook_signature(out, hook->function, event, "static ", "\n{\n");
    bstc_out_format(out, "    (void)%s;\n", decides ? "failure" : "event");
    bstc_emit_body(out, model, hook->body, options);
    bstc_out_format(out, "    return %s;\n}\n",
                    decides ? "BST_DECIDE_DEFAULT" : "BST_OK");
}

static void emit_table(struct bstc_out *out, const struct owner *owner)
{
    bstc_emit_place(out, owner->place, owner->what, owner->name);
    bstc_out_format(out, "static const struct bst_callbacks %s_callbacks = {\n",
                    owner->stem);
    for (int i = 0; i < BSTC_HOOKS; i++) {
        if (owner->hooks[i].function)
            bstc_out_format(out, "    .%s = %s,\n", bstc_hook_words[i],
                            owner->hooks[i].function);
    }
    bstc_out_text(out, "};\n");
}

void bstc_emit_hooks(struct bstc_out *out, const struct bstc_model *model,
                     const struct bstc_emit_options *options)
{
    bool begun = false;

    for (uint32_t i = 0; i < model->ngroups + model->nsupervisors; i++) {
        struct owner owner = owner_of(out->arena, model, i);

        if (!bstc_hooks_any(owner.hooks))
            continue;
        if (!begun)
            bstc_out_section(out, "called back", "");
        begun = true;
        for (int k = 0; k < BSTC_HOOKS; k++) {
            if (owner.hooks[k].body)
                emit_inline(out, model, &owner.hooks[k],
                            (enum bstc_hook_event)k, options);
        }
        emit_table(out, &owner);
    }
}
