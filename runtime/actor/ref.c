/*
 * References: a block and a stamp.
 *
 * The block of a child carries its tenant and whether it is closed in one
 * word, the gate: tenant << 1 | closed. A child reference holds tenant << 1,
 * so one comparison says both that it is the same child and that it is open.
 * An incarnation reference holds the number of one start.
 *
 * A reference to a group names the live group itself. Members are 64-aligned
 * and so are groups, which leaves the low bits for the tag.
 */

#include "actor/actor.h"
#include "actor/dynamic.h"
#include "base/assert.h"
#include "sync/atomic.h"

bst_ref bsti_ref_incarnation(const struct bsti_actor *actor)
{
    return (bst_ref){(uintptr_t)actor | BSTI_REF_INCARNATION,
                     bsti_load_relaxed(&actor->proc.incarnation)};
}

static struct bsti_actor *actor_in(bst_ref ref)
{
    return (struct bsti_actor *)(ref.target & ~(uintptr_t)BSTI_REF_TAGS);
}

struct bst_system *bsti_ref_system(bst_ref ref)
{
    struct bsti_group *group = bsti_ref_group(ref);

    if (ref.target == 0)
        return NULL;
    return group ? group->system : actor_in(ref)->group->system;
}

bool bst_ref_is_group(bst_ref ref)
{
    return bsti_ref_group(ref) != NULL;
}

/* As bsti_ref_member() for one whose block is known. */
static bst_status take_member(struct bsti_actor *actor,
                              struct bsti_target *target)
{
    uint64_t gate = bsti_load_relaxed(&actor->proc.gate);

    target->actor = actor;
    target->stamp = gate;
    target->incarnation = false;
    return gate & 1 ? BST_DEAD : BST_OK;
}

bst_status bsti_ref_member(struct bsti_group *group, uint32_t index,
                           struct bsti_target *target)
{
    return take_member(bsti_group_member(group, index), target);
}

bst_status bsti_ref_next(struct bsti_group *group, uint32_t *place,
                         struct bsti_target *target)
{
    if (!group->dynamic) {
        while (*place < group->count)
            if (bsti_ref_member(group, (*place)++, target) == BST_OK)
                return BST_OK;
        return BST_DEAD;
    }
    for (;;) {
        struct bsti_actor *actor = bsti_dynamic_next(group->dynamic, place);

        if (!actor)
            return BST_DEAD;
        if (take_member(actor, target) == BST_OK)
            return BST_OK;
    }
}

/* The next one that lives, behind the one that was given last. */
static bst_status pick_live(struct bsti_group *group,
                            struct bsti_target *target)
{
    uint32_t place = bsti_load_relaxed(&group->turn);
    bst_status status = bsti_ref_next(group, &place, target);

    if (status != BST_OK) {
        place = 0;
        status = bsti_ref_next(group, &place, target);
    }
    bsti_store_relaxed(&group->turn, place);
    return status;
}

/* Round robin over the members that have not ended for good. */
static bst_status pick(struct bsti_group *group, struct bsti_target *target)
{
    uint32_t first = 0;

    if (group->dynamic)
        return pick_live(group, target);
    if (group->count > 1)
        first = bsti_fetch_add_relaxed(&group->turn, 1u);
    for (uint32_t i = 0; i < group->count; i++)
        if (bsti_ref_member(group, (first + i) % group->count, target) ==
            BST_OK)
            return BST_OK;
    return BST_DEAD;
}

bst_status bsti_ref_resolve(bst_ref ref, struct bsti_target *target)
{
    if (ref.target == 0)
        return BST_DEAD;
    if ((ref.target & BSTI_REF_TAGS) == BSTI_REF_GROUP)
        return pick(bsti_ref_group(ref), target);
    target->actor = actor_in(ref);
    target->stamp = ref.stamp;
    target->incarnation = (ref.target & BSTI_REF_TAGS) == BSTI_REF_INCARNATION;
    return bsti_stamp_is_current(target->actor, target->stamp,
                                 target->incarnation)
               ? BST_OK
               : BST_DEAD;
}

bst_ref bst_group_ref(struct bst_system *system, const struct bst_group *group)
{
    const struct bsti_group *live;

    bsti_probe_word(system);
    bsti_probe_small(group, sizeof *group);
    live = bsti_group_find(system, group);
    bsti_check(live != NULL, "bst_group_ref: not a group of this system");
    return (bst_ref){(uintptr_t)live | BSTI_REF_GROUP, 0};
}

bst_ref bst_self(void *self)
{
    return bsti_ref_child(bsti_actor_of(self));
}

bst_ref bst_self_incarnation(void *self)
{
    return bsti_ref_incarnation(bsti_actor_of(self));
}
