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
#include "plat/report.h"
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
    bool significant;
    enum bst_auto_shutdown auto_shutdown;
    uint32_t place; /* among the children of its parent */
    bool is_added;
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

/* A dynamic group becomes one child of `sup`. */
static int make_crowd(struct bsti_sup *sup, struct bsti_span *span,
                      struct bsti_group *group)
{
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
static int make_static(struct bsti_sup *sup, struct bsti_span *span,
                       struct bsti_group *group)
{
    span->group = group;
    group->keeper = sup;
    group->member_type = BSTI_NOTE_ACTOR;
    group->first = span->first;
    return 0;
}

/* The live group of a table: one has an index, or is made for it now. */
static struct bsti_group *live_group(struct bsti_system *system,
                                     const struct bst_group *spec,
                                     const char *path, bool is_added)
{
    struct bsti_group *group = &system->base.groups[spec->index];

    if (!is_added) {
        group->who = (uint64_t)spec->index << 32;
        return group;
    }
    group = bsti_alloc_aligned(BSTI_CACHE_LINE, sizeof *group);
    if (group)
        group->who = seed_of(system, path);
    return group;
}

/* Others look for it by its table from now on, once it is in the tree. */
static void list_group(struct bsti_system *system, struct bsti_group *group)
{
    struct bsti_group *first = bsti_load_relaxed(&system->base.added);

    /* release: pairs with bsti_group_find() */
    do
        group->next_added = first;
    while (!bsti_cas_strong_seq_cst(&system->base.added, &first, group));
}

static int make_members(struct bsti_sup *sup, struct bsti_span *span,
                        const struct bst_group *spec, const char *parent_path)
{
    struct bsti_system *system = sup->system;
    char *path = join_path(parent_path, spec->name);
    struct bsti_group *group =
        path ? live_group(system, spec, path, span->is_added) : NULL;
    int result;

    if (!group) {
        bsti_free(path);
        return -1;
    }
    span->count = spec->max > 0 ? 1 : spec->redundancy;
    result = spec->max > 0 ? make_crowd(sup, span, group)
                           : make_static(sup, span, group);
    /* The group has the path from here on, whatever becomes of it. */
    if (bsti_group_init(group, spec, &system->base, path) != 0)
        result = -1;
    if (span->is_added)
        list_group(system, group);
    return result;
}

/*
 * A group with a budget of its own is one child, which ends when its members
 * have; so it is as significant as they are.
 */
static struct plan plan_of(const struct bsti_sup *sup,
                           const struct bst_child *table)
{
    const struct bst_group *group = table->group;
    const struct bst_supervisor *inner = table->supervisor;

    if (group)
        return (struct plan){
            .name = group->name,
            .strategy = BST_ONE_FOR_ONE,
            .restart = &group->restart,
            .group = group,
            .deciding = deciding(group->callbacks, sup->deciding),
            .lifetime = group->significant ? group->lifetime : BST_PERMANENT,
            .significant = group->significant,
            .auto_shutdown =
                group->significant ? BST_AUTO_ALL : BST_AUTO_NEVER};
    return (struct plan){.name = inner->name,
                         .strategy = inner->strategy,
                         .restart = &inner->restart,
                         .table = inner,
                         .callbacks = inner->callbacks,
                         .deciding = deciding(inner->callbacks, NULL),
                         .lifetime = inner->lifetime,
                         .shutdown = inner->shutdown,
                         .significant = inner->significant,
                         .auto_shutdown = inner->auto_shutdown};
}

int bsti_tree_make(struct bsti_sup *sup, const struct bst_child *table,
                   bool is_added, struct bsti_span *span)
{
    const struct bst_group *group = table->group;
    struct plan plan;

    *span = (struct bsti_span){.first = sup->nchildren,
                               .count = 1,
                               .table = group ? (const void *)group
                                              : (const void *)table->supervisor,
                               .is_added = is_added};
    if (group && group->restart.mode == BST_RESTART_SHARED)
        return make_members(sup, span, group, sup->path);
    plan = plan_of(sup, table);
    plan.place = span->first;
    plan.is_added = is_added;
    return sup_create(sup->system, &plan, sup, &span->inner);
}

static int add_children(struct bsti_sup *sup,
                        const struct bst_supervisor *table, bool is_added)
{
    for (uint32_t i = 0; i < table->nchildren; i++) {
        struct bsti_span *span = &sup->spans[sup->nspans];
        int result = bsti_tree_make(sup, &table->children[i], is_added, span);

        sup->nspans++;
        sup->nchildren += span->count;
        span->is_added = false;
        if (result != 0)
            return -1;
    }
    return 0;
}

static int add_own_members(struct bsti_sup *sup, const struct bst_group *group,
                           const char *parent_path, bool is_added)
{
    struct bsti_span *span = &sup->spans[sup->nspans++];
    int result;

    *span = (struct bsti_span){.is_added = is_added, .table = group};
    result = make_members(sup, span, group, parent_path);
    sup->nchildren = span->count;
    span->is_added = false;
    return result;
}

bool bsti_tree_reserve(struct bsti_system *system, struct bsti_span **spans,
                       uint32_t count, uint32_t *room)
{
    uint32_t size = BSTI_MAX(2 * *room, count + 4);
    struct bsti_span *old = *spans;
    struct bsti_span *larger;

    if (count <= *room)
        return true;
    larger = bsti_alloc(sizeof *larger * size);
    if (!larger)
        return false;
    if (*room > 0)
        memcpy(larger, old, sizeof *larger * *room);
    bsti_spin_lock(&system->tree);
    *spans = larger;
    bsti_spin_unlock(&system->tree);
    *room = size;
    bsti_free(old);
    return true;
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
    sup->table = plan->table;
    sup->significant = plan->significant;
    sup->auto_shutdown = plan->auto_shutdown;
    sup->parent = parent;
    sup->child.type = BSTI_NOTE_SUP;
    sup->child.state = BSTI_CHILD_DOWN;
    sup->child.index = plan->place;
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
    sup->hush.path = sup->path;
    if (!sup->path ||
        !bsti_tree_reserve(system, &sup->spans, nspans, &sup->span_room))
        return -1;
    sup->rand = seed_of(system, sup->path);
    if (bsti_window_init(&sup->window, plan->restart->tries,
                         plan->restart->in) != 0)
        return -1;
    if (plan->table)
        return add_children(sup, plan->table, plan->is_added);
    return add_own_members(sup, plan->group, parent_path, plan->is_added);
}

static void child_fini(struct bsti_child *child)
{
    struct bsti_record *record = bsti_child_record(child);

    if (!record)
        return;
    bsti_report_destroy(record->fault.report);
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

static void sup_destroy(struct bsti_sup *sup);

static void span_fini(struct bsti_span *span)
{
    sup_destroy(span->inner);
    crowd_destroy(span->crowd);
    /* Of a group that was never made there are no members. */
    for (uint32_t m = 0; span->group && span->group->blocks && m < span->count;
         m++)
        child_fini(&bsti_group_member(span->group, m)->child);
}

static void sup_destroy(struct bsti_sup *sup)
{
    if (!sup)
        return;
    for (uint32_t i = 0; i < sup->nspans; i++)
        span_fini(&sup->spans[i]);
    for (uint32_t i = 0; i < sup->nparked; i++)
        span_fini(&sup->parked[i]);
    child_fini(&sup->child);
    bsti_window_fini(&sup->window);
    bsti_free(sup->spans);
    bsti_free(sup->parked);
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
                        .table = root,
                        .auto_shutdown = root->auto_shutdown};

    system->base.groups = bsti_alloc_aligned(
        BSTI_CACHE_LINE,
        sizeof *system->base.groups * (app->ngroups ? app->ngroups : 1));
    if (!system->base.groups)
        return -1;
    return sup_create(system, &plan, NULL, &system->root);
}

void bsti_tree_destroy(struct bsti_system *system)
{
    struct bsti_group *group;

    sup_destroy(system->root);
    while ((group = bsti_load_relaxed(&system->base.added))) {
        bsti_store_relaxed(&system->base.added, group->next_added);
        bsti_group_fini(group);
        bsti_free(group);
    }
    for (uint32_t i = 0; system->base.groups && i < system->base.app->ngroups;
         i++)
        bsti_group_fini(&system->base.groups[i]);
    bsti_free(system->base.groups);
}
