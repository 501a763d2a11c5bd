/*
 * From the tables to the live tree.
 *
 * The members of a group become children of the supervisor it is written in,
 * side by side, unless the group has a restart budget of its own: then an
 * implicit one-for-one supervisor stands between.
 */

#include <stdio.h>
#include <string.h>

#include "actor/dynamic.h"
#include "actor/apart.h"
#include "base/alloc.h"
#include "base/rand.h"
#include "plat/log.h"
#include "sup/sup.h"
#include "sync/atomic.h"

/* What a supervisor is made from: a table, or a group with a budget. */
struct plan {
    const char *name;
    enum bst_strategy strategy;
    const struct bst_restart *restart;
    const struct bst_supervisor *table; /* one of these two */
    const struct bst_group *group;
    const struct bst_callbacks *callbacks;
    const struct bst_callbacks *deciding;
    enum bst_lifetime lifetime;
    bst_time shutdown;
};

static int sup_create(struct bsti_system *system, const struct plan *plan,
                      struct bsti_sup *parent, struct bsti_sup **place);

/* Whoever decides about failures below: `own`, or else who does so above. */
static const struct bst_callbacks *deciding(const struct bst_callbacks *own,
                                            const struct bst_callbacks *above)
{
    return own && own->failure ? own : above;
}

static char *join_path(const char *parent, const char *name)
{
    size_t size = strlen(parent) + strlen(name) + 2;
    char *path = bsti_alloc(size);

    if (path)
        snprintf(path, size, "%s/%s", parent, name);
    return path;
}

/* Derives a seed from all of the path: siblings draw different jitter. */
static uint64_t seed_of(const struct bsti_system *system, const char *path)
{
    uint64_t seed = system->base.seed;

    for (; *path; path++)
        seed = bsti_rand_mix(seed, (unsigned char)*path);
    return seed;
}

/* The next of the children in a row; they begin where the last ones end. */
static struct bsti_span *add_span(struct bsti_sup *sup, uint32_t count)
{
    struct bsti_span *span = &sup->spans[sup->nspans++];

    span->first = sup->nchildren;
    span->count = count;
    sup->nchildren += count;
    return span;
}

/* A dynamic group becomes one child of `sup`. */
static int add_crowd(struct bsti_sup *sup, struct bsti_group *group)
{
    struct bsti_span *span = add_span(sup, 1);
    struct bsti_crowd *crowd = bsti_alloc(sizeof *crowd);

    if (!crowd)
        return -1;
    span->crowd = crowd;
    crowd->sup = sup;
    crowd->group = group;
    crowd->child.type = BSTI_NOTE_CROWD;
    crowd->child.state = BSTI_CHILD_DOWN;
    crowd->child.index = span->first;
    group->keeper = crowd;
    group->member_type = BSTI_NOTE_MEMBER;
    return 0;
}

/* The members of a group become children of `sup`. */
static int add_static(struct bsti_sup *sup, struct bsti_group *group,
                      uint32_t count)
{
    struct bsti_span *span = add_span(sup, count);

    span->group = group;
    group->keeper = sup;
    group->member_type = BSTI_NOTE_ACTOR;
    group->first = span->first;
    return 0;
}

static int add_members(struct bsti_sup *sup, const struct bst_group *spec,
                       const char *parent_path)
{
    struct bsti_system *system = sup->system;
    struct bsti_group *group = &system->base.groups[spec->index];
    char *path = join_path(parent_path, spec->name);

    if (!path)
        return -1;
    /* The group has the path from here on, whatever becomes of it. */
    if ((spec->max > 0 ? add_crowd(sup, group)
                       : add_static(sup, group, spec->redundancy)) != 0) {
        bsti_free(path);
        return -1;
    }
    return bsti_group_init(group, spec, &system->base, path);
}

static int add_supervisor(struct bsti_sup *sup, const struct plan *plan)
{
    return sup_create(sup->system, plan, sup, &add_span(sup, 1)->inner);
}

static int add_children(struct bsti_sup *sup,
                        const struct bst_supervisor *table)
{
    for (uint32_t i = 0; i < table->nchildren; i++) {
        const struct bst_group *group = table->children[i].group;
        const struct bst_supervisor *inner = table->children[i].supervisor;
        struct plan plan;

        if (group && group->restart.mode == BST_RESTART_SHARED) {
            if (add_members(sup, group, sup->path) != 0)
                return -1;
            continue;
        }
        if (group)
            plan = (struct plan){.name = group->name,
                                 .strategy = BST_ONE_FOR_ONE,
                                 .restart = &group->restart,
                                 .group = group,
                                 .deciding =
                                     deciding(group->callbacks, sup->deciding),
                                 .lifetime = BST_PERMANENT};
        else
            plan = (struct plan){.name = inner->name,
                                 .strategy = inner->strategy,
                                 .restart = &inner->restart,
                                 .table = inner,
                                 .callbacks = inner->callbacks,
                                 .deciding = deciding(inner->callbacks, NULL),
                                 .lifetime = inner->lifetime,
                                 .shutdown = inner->shutdown};
        if (add_supervisor(sup, &plan) != 0)
            return -1;
    }
    return 0;
}

static void on_deadline(struct bsti_alarm *alarm, bst_time now)
{
    struct bsti_sup *sup = bsti_container_of(alarm, struct bsti_sup, deadline);

    (void)now;
    /* acq_rel: pairs with the exchange in the supervisor's turn. */
    if (bsti_xchg_acq_rel(&sup->deadline_queued, 1u))
        return;
    if (bsti_mpscq_push(&sup->proc.mailbox, &sup->deadline_note.link))
        bsti_exec_ready(sup->system->base.exec, &sup->proc);
}

static void sup_init(struct bsti_sup *sup, struct bsti_system *system,
                     const struct plan *plan, struct bsti_sup *parent)
{
    bsti_proc_init(&sup->proc, &bsti_sup_class, 0, 0);
    bsti_mpscq_init(&sup->proc.mailbox, true);
    sup->system = system;
    sup->name = plan->name;
    sup->strategy = plan->strategy;
    sup->restart = plan->restart;
    sup->callbacks = plan->callbacks;
    sup->deciding = plan->deciding;
    sup->lifetime = plan->lifetime;
    sup->shutdown = plan->shutdown;
    sup->parent = parent;
    sup->child.type = BSTI_NOTE_SUP;
    sup->child.state = BSTI_CHILD_DOWN;
    /* Its span was added last. */
    sup->child.index = parent ? parent->nchildren - 1 : 0;
    sup->deadline_note.type = BSTI_NOTE_DEADLINE;
    bsti_alarm_init(&sup->deadline, on_deadline);
}

static int sup_create(struct bsti_system *system, const struct plan *plan,
                      struct bsti_sup *parent, struct bsti_sup **place)
{
    struct bsti_sup *sup = bsti_alloc_aligned(BSTI_CACHE_LINE, sizeof *sup);
    const char *parent_path = parent ? parent->path : "";
    uint32_t nspans = plan->table ? plan->table->nchildren : 1;

    if (!sup)
        return -1;
    *place = sup;
    sup_init(sup, system, plan, parent);
    sup->path = join_path(parent_path, plan->name);
    sup->spans = bsti_alloc(sizeof *sup->spans * (nspans ? nspans : 1));
    if (!sup->path || !sup->spans)
        return -1;
    sup->rand = seed_of(system, sup->path);
    if (bsti_window_init(&sup->window, plan->restart->tries,
                         plan->restart->in) != 0)
        return -1;
    if (plan->table)
        return add_children(sup, plan->table);
    return add_members(sup, plan->group, parent_path);
}

static void child_fini(struct bsti_child *child)
{
    struct bsti_record *record = bsti_child_record(child);

    if (!record)
        return;
    bsti_orphan_forget(record);
    bsti_free(record->delay);
    bsti_free(bsti_load_relaxed(&record->sending));
    bsti_free(record);
}

static void crowd_destroy(struct bsti_crowd *crowd)
{
    struct bsti_actor *actor;
    uint32_t place = 0;

    if (!crowd)
        return;
    while (crowd->group->dynamic && crowd->group->dynamic->live &&
           (actor = bsti_dynamic_used(crowd->group->dynamic, &place)))
        child_fini(&actor->child);
    bsti_free(crowd);
}

static void sup_destroy(struct bsti_sup *sup)
{
    if (!sup)
        return;
    for (uint32_t i = 0; i < sup->nspans; i++) {
        struct bsti_span *span = &sup->spans[i];

        sup_destroy(span->inner);
        crowd_destroy(span->crowd);
        /* Of a group that was never made there are no members. */
        for (uint32_t m = 0;
             span->group && span->group->blocks && m < span->count; m++)
            child_fini(&bsti_group_member(span->group, m)->child);
    }
    child_fini(&sup->child);
    bsti_window_fini(&sup->window);
    bsti_free(sup->spans);
    bsti_free(sup->path);
    bsti_free(sup);
}

int bsti_tree_create(struct bsti_system *system)
{
    const struct bst_app *app = system->base.app;
    const struct bst_supervisor *root = app->root;
    struct plan plan = {.name = root->name,
                        .strategy = root->strategy,
                        .restart = &root->restart,
                        .callbacks = root->callbacks,
                        .deciding = deciding(root->callbacks, NULL),
                        .table = root};

    system->base.groups = bsti_alloc_aligned(
        BSTI_CACHE_LINE,
        sizeof *system->base.groups * (app->ngroups ? app->ngroups : 1));
    if (!system->base.groups)
        return -1;
    return sup_create(system, &plan, NULL, &system->root);
}

void bsti_tree_destroy(struct bsti_system *system)
{
    sup_destroy(system->root);
    for (uint32_t i = 0; system->base.groups && i < system->base.app->ngroups;
         i++)
        bsti_group_fini(&system->base.groups[i]);
    bsti_free(system->base.groups);
}
