/*
 * The typed functions that start children of dynamic groups, and what such a
 * child is given.
 *
 * A function exists for who declares it: one for handlers that say `spawns`,
 * one for `outside spawns`. An actor without arguments has no structure of
 * them, so its functions have one parameter less.
 */

#include "emit.h"

#include "arena.h"
#include "text.h"

static void emit_signature(struct bstc_out *out, const struct bstc_model *model,
                           const struct bstc_group *group, bool outside,
                           const char *after)
{
    const struct bstc_actor *actor = &model->actors[group->actor];
    struct bstc_arena *arena = out->arena;
    const char *items[3];
    uint32_t count = 0;

    items[count++] = outside ? "struct bst_system *system" : "void *self";
    if (actor->nargs > 0)
        items[count++] =
            bstc_join(arena, "const struct ", actor->tag, "_args *args", NULL);
    items[count++] = bstc_join(arena, "struct ", actor->tag, "_ref *ref", NULL);
    bstc_out_list(out,
                  bstc_join(arena, "bst_status ", group->symbol, "_spawn",
                            outside ? "_outside(" : "(", NULL),
                  items, count, bstc_join(arena, ")", after, NULL));
}

void bstc_emit_spawn_prototypes(struct bstc_out *out,
                                const struct bstc_model *model)
{
    bool any = false;

    for (uint32_t i = 0; i < model->ngroups; i++)
        any = any || model->groups[i].is_spawned;
    if (!any)
        return;
    bstc_out_section(out, "spawning, from the handlers that declare it", "");
    for (uint32_t i = 0; i < model->ngroups; i++) {
        const struct bstc_group *group = &model->groups[i];

        if (!group->is_spawned)
            continue;
        bstc_out_format(out,
                        "/* Starts a child of `%s` and waits until it is up; "
                        "`ref` may be NULL. */\n",
                        group->name);
        emit_signature(out, model, group, false, ";\n");
    }
}

void bstc_emit_spawn_outside(struct bstc_out *out,
                             const struct bstc_model *model)
{
    const char *before = "\n";

    for (uint32_t i = 0; i < model->ngroups; i++) {
        if (!model->groups[i].is_spawned_outside)
            continue;
        bstc_out_text(out, before);
        emit_signature(out, model, &model->groups[i], true, ";\n");
        before = "";
    }
}

static void emit_function(struct bstc_out *out, const struct bstc_model *model,
                          const struct bstc_group *group, bool outside)
{
    const char *items[4];

    items[0] = outside ? "system" : "self";
    items[1] = bstc_join(out->arena, "&", group->symbol, "_group", NULL);
    items[2] = model->actors[group->actor].nargs > 0 ? "args" : "NULL";
    items[3] = "ref ? &ref->ref : NULL";
    bstc_out_text(out, "\n");
    emit_signature(out, model, group, outside, "\n{\n");
    bstc_out_list(out,
                  outside ? "    return bst_system_spawn("
                          : "    return bst_group_spawn(",
                  items, 4, ");\n");
    bstc_out_text(out, "}\n");
}

void bstc_emit_spawns(struct bstc_out *out, const struct bstc_model *model)
{
    for (uint32_t i = 0; i < model->ngroups; i++) {
        if (model->groups[i].is_spawned)
            emit_function(out, model, &model->groups[i], false);
        if (model->groups[i].is_spawned_outside)
            emit_function(out, model, &model->groups[i], true);
    }
}

void bstc_emit_group_args(struct bstc_out *out, const struct bstc_model *model,
                          const struct bstc_group *group)
{
    const struct bstc_actor *actor = &model->actors[group->actor];

    bstc_out_format(out, "static const struct %s_args %s_args = {\n",
                    actor->tag, group->symbol);
    for (uint32_t i = 0; i < actor->nargs; i++)
        bstc_out_format(out, "    .%s = %s,\n", actor->args[i].name,
                        group->args[i]);
    bstc_out_text(out, "};\n\n");
}
