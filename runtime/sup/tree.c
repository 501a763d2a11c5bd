/*
 * From the tables to the live tree.
 *
 * The members of a group become children of the supervisor it is written in,
 * side by side, unless the group has a restart budget of its own: then an
 * implicit one-for-one supervisor stands between.
 */

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/rand.h"
#include "plat/log.h"
#include "sup/sup.h"
#include "sync/atomic.h"

static const bst_time default_shutdown = BST_S(5);

/* What a supervisor is made from: a table, or a group with a budget. */
struct plan {
    const char *name;
    enum bst_strategy strategy;
    const struct bst_restart *restart;
    const struct bst_supervisor *table; /* one of these two */
    const struct bst_group *group;
};

static int sup_create(struct bsti_system *system, const struct plan *plan,
                      const char *parent_path, struct bsti_sup **place);

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

static uint32_t children_of(const struct bst_supervisor *table)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < table->nchildren; i++) {
        const struct bst_group *group = table->children[i].group;

        n += group && group->restart.mode == BST_RESTART_SHARED
                 ? group->redundancy
                 : 1;
    }
    return n;
}

static void child_init(struct bsti_sup *sup, uint32_t index,
                       enum bst_lifetime lifetime, bst_time shutdown)
{
    struct bsti_child *child = &sup->children[index];

    child->note.type = BSTI_NOTE_CHILD;
    child->state = BSTI_CHILD_DOWN;
    child->lifetime = (uint8_t)lifetime;
    child->index = index;
    child->sup = sup;
    child->shutdown = shutdown;
}

/* The members of a group become children of `sup` from `index` on. */
static int add_members(struct bsti_sup *sup, uint32_t index,
                       const struct bst_group *spec, const char *parent_path)
{
    struct bsti_system *system = sup->system;
    struct bsti_group *group = &system->base.groups[spec->index];
    char *path = join_path(parent_path, spec->name);

    if (!path)
        return -1;
    if (bsti_group_init(group, spec, &system->base, path) != 0)
        return -1;
    for (uint32_t i = 0; i < group->count; i++) {
        struct bsti_actor *actor = bsti_group_member(group, i);

        child_init(sup, index + i, spec->lifetime,
                   spec->shutdown ? spec->shutdown : default_shutdown);
        sup->children[index + i].actor = actor;
        actor->keeper = &sup->children[index + i];
    }
    return 0;
}

static int add_supervisor(struct bsti_sup *sup, uint32_t index,
                          const struct plan *plan, enum bst_lifetime lifetime,
                          bst_time shutdown)
{
    struct bsti_child *child = &sup->children[index];

    child_init(sup, index, lifetime, shutdown ? shutdown : BST_INFINITE);
    if (sup_create(sup->system, plan, sup->path, &child->inner) != 0)
        return -1;
    child->inner->self = child;
    return 0;
}

static int add_children(struct bsti_sup *sup,
                        const struct bst_supervisor *table)
{
    uint32_t index = 0;

    for (uint32_t i = 0; i < table->nchildren; i++) {
        const struct bst_group *group = table->children[i].group;
        const struct bst_supervisor *inner = table->children[i].supervisor;
        struct plan plan;

        if (group && group->restart.mode == BST_RESTART_SHARED) {
            if (add_members(sup, index, group, sup->path) != 0)
                return -1;
            index += group->redundancy;
            continue;
        }
        if (group) {
            plan = (struct plan){.name = group->name,
                                 .strategy = BST_ONE_FOR_ONE,
                                 .restart = &group->restart,
                                 .group = group};
            if (add_supervisor(sup, index++, &plan, BST_PERMANENT, 0) != 0)
                return -1;
            continue;
        }
        plan = (struct plan){.name = inner->name,
                             .strategy = inner->strategy,
                             .restart = &inner->restart,
                             .table = inner};
        if (add_supervisor(sup, index++, &plan, inner->lifetime,
                           inner->shutdown) != 0)
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

static int sup_create(struct bsti_system *system, const struct plan *plan,
                      const char *parent_path, struct bsti_sup **place)
{
    struct bsti_sup *sup = bsti_alloc_aligned(BSTI_CACHE_LINE, sizeof *sup);

    if (!sup)
        return -1;
    *place = sup;
    bsti_proc_init(&sup->proc, &bsti_sup_class, 0, 0);
    bsti_mpscq_init(&sup->proc.mailbox, true);
    sup->system = system;
    sup->name = plan->name;
    sup->strategy = plan->strategy;
    sup->restart = plan->restart;
    sup->deadline_note.type = BSTI_NOTE_DEADLINE;
    bsti_alarm_init(&sup->deadline, on_deadline);
    sup->nchildren =
        plan->table ? children_of(plan->table) : plan->group->redundancy;
    sup->path = join_path(parent_path, plan->name);
    sup->children = bsti_alloc(sizeof *sup->children *
                               (sup->nchildren ? sup->nchildren : 1));
    if (!sup->path || !sup->children)
        return -1;
    sup->rand = seed_of(system, sup->path);
    if (bsti_window_init(&sup->window, plan->restart->tries,
                         plan->restart->in) != 0)
        return -1;
    if (plan->table)
        return add_children(sup, plan->table);
    return add_members(sup, 0, plan->group, parent_path);
}

static void sup_destroy(struct bsti_sup *sup)
{
    if (!sup)
        return;
    for (uint32_t i = 0; sup->children && i < sup->nchildren; i++) {
        bsti_free(sup->children[i].delay);
        sup_destroy(sup->children[i].inner);
    }
    bsti_window_fini(&sup->window);
    bsti_free(sup->children);
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
                        .table = root};

    system->base.groups = bsti_alloc_aligned(
        BSTI_CACHE_LINE,
        sizeof *system->base.groups * (app->ngroups ? app->ngroups : 1));
    if (!system->base.groups)
        return -1;
    return sup_create(system, &plan, "", &system->root);
}

void bsti_tree_destroy(struct bsti_system *system)
{
    for (uint32_t i = 0; system->base.groups && i < system->base.app->ngroups;
         i++)
        bsti_group_fini(&system->base.groups[i]);
    bsti_free(system->base.groups);
    sup_destroy(system->root);
}
