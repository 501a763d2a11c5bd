/*
 * What a handler has declared: its deadlines, and in debug builds what it may
 * send at all.
 */

#include "actor/uses.h"
#include "plat/log.h"

const struct bst_handler *bsti_handler_of(const struct bst_actor *spec,
                                          uint32_t kind)
{
    for (uint32_t i = 0; i < spec->nhandlers; i++)
        if (spec->handlers[i].kind == kind)
            return &spec->handlers[i];
    return NULL;
}

/* Returns the group that `to` names or belongs to. */
static const struct bst_group *group_spec(bst_ref to)
{
    struct bsti_group *group = bsti_ref_group(to);

    if (!group && to.target != 0)
        group = ((struct bsti_actor *)(to.target & ~(uintptr_t)BSTI_REF_TAGS))
                    ->group;
    return group ? group->spec : NULL;
}

/* The use that fits best: one that names the group before one that does not. */
static const struct bst_use *find(const struct bst_use *uses, uint32_t n,
                                  bst_ref to, uint32_t kind, unsigned how)
{
    const struct bst_group *group = group_spec(to);
    const struct bst_use *any = NULL;

    for (uint32_t i = 0; i < n; i++) {
        if (uses[i].kind != kind || !(uses[i].how & how))
            continue;
        if (uses[i].group && uses[i].group == group)
            return &uses[i];
        if (!uses[i].group && !any)
            any = &uses[i];
    }
    return any;
}

static const struct bst_use *find_in_actor(const struct bsti_actor *actor,
                                           bst_ref to, uint32_t kind,
                                           unsigned how)
{
    const struct bst_handler *handler =
        bsti_handler_of(bsti_actor_spec(actor), actor->kind);

    return handler ? find(handler->uses, handler->nuses, to, kind, how) : NULL;
}

bst_time bsti_uses_deadline(struct bst_system *system,
                            const struct bsti_actor *actor, bst_ref to,
                            uint32_t kind)
{
    const struct bst_use *use;

    if (actor)
        use = find_in_actor(actor, to, kind, BST_USE_ASK);
    else
        use = find(system->app->outside, system->app->noutside, to, kind,
                   BST_USE_ASK);
    return use ? use->within : 0;
}

#if BST_DEBUG

void bsti_uses_check_spawn(struct bsti_actor *actor,
                           const struct bst_group *group)
{
    const struct bst_actor *spec = bsti_actor_spec(actor);
    const struct bst_handler *handler = bsti_handler_of(spec, actor->kind);

    if (!handler)
        return;
    for (uint32_t i = 0; i < handler->nuses; i++)
        if ((handler->uses[i].how & BST_USE_SPAWN) &&
            (!handler->uses[i].group || handler->uses[i].group == group))
            return;
    bst_panic(bsti_actor_state(actor),
              "handler `%s` of `%s` spawned `%s`, not declared at %s",
              handler->name, spec->name, group->name, handler->where);
}

/* The handler that sends what it has not declared, or NULL. */
static const struct bst_handler *undeclared(const struct bsti_actor *actor,
                                            bst_ref to, uint32_t kind,
                                            enum bst_use_how how)
{
    const struct bst_actor *spec = bsti_actor_spec(actor);
    const struct bst_app *app = actor->group->system->app;
    const struct bst_handler *handler;

    if (spec->nhandlers == 0 || kind < BST_KIND_USER ||
        kind - BST_KIND_USER >= app->nmessages)
        return NULL;
    handler = bsti_handler_of(spec, actor->kind);
    if (!handler || find(handler->uses, handler->nuses, to, kind, how))
        return NULL;
    return handler;
}

bool bsti_uses_allow(const struct bsti_actor *actor, bst_ref to, uint32_t kind,
                     enum bst_use_how how)
{
    return undeclared(actor, to, kind, how) == NULL;
}

void bsti_uses_check(struct bsti_actor *actor, bst_ref to, uint32_t kind,
                     enum bst_use_how how)
{
    const struct bst_handler *handler = undeclared(actor, to, kind, how);
    const struct bst_app *app = actor->group->system->app;
    const struct bst_group *group = group_spec(to);

    if (!handler)
        return;
    bst_panic(bsti_actor_state(actor),
              "handler `%s` of `%s` sent `%s.%s`, not declared at %s",
              handler->name, bsti_actor_spec(actor)->name,
              group ? group->name : "?",
              app->messages[kind - BST_KIND_USER].name, handler->where);
}

#endif
