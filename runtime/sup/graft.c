/*
 * Children that are added while the system runs, and removed again.
 *
 * References and senders may look at a block at any time, so what is removed
 * is not freed: it is parked with its supervisor, and used again when the same
 * table is added there the next time, by another tenant. So adding and removing
 * takes no more memory than was in use at once.
 *
 * The places of children rise from one to the next, and one that is removed
 * leaves a gap: nobody else moves.
 */

#include <string.h>

#include "actor/dynamic.h"
#include "base/assert.h"
#include "exec/blocking.h"
#include "sup/sup.h"
#include "sync/atomic.h"

/* The highest place a child may have. */
#define MOST_PLACES (UINT32_MAX - 1)

const char *bsti_span_name(const struct bsti_span *span)
{
    if (span->inner)
        return span->inner->name;
    return span->crowd ? span->crowd->group->spec->name
                       : span->group->spec->name;
}

/* ---- places -------------------------------------------------------------- */

static void set_first(struct bsti_span *span, uint32_t first)
{
    span->first = first;
    if (span->inner) {
        span->inner->child.index = first;
    } else if (span->crowd) {
        span->crowd->child.index = first;
    } else {
        span->group->first = first;
        for (uint32_t i = 0; i < span->count; i++)
            bsti_group_member(span->group, i)->child.index = first + i;
    }
}

/* Closes the gaps. No operation is on, so nobody remembers a place but a group
 * that waits. */
static void close_gaps(struct bsti_sup *sup)
{
    struct bsti_child *first = bsti_sup_from(sup, sup->first);
    uint32_t place = 0;

    for (uint32_t i = 0; i < sup->nspans; i++) {
        set_first(&sup->spans[i], place);
        place += sup->spans[i].count;
    }
    sup->nchildren = place;
    sup->first = first ? first->index : place;
}

static uint32_t count_of(const struct bst_child *table)
{
    const struct bst_group *group = table->group;

    return group && group->restart.mode == BST_RESTART_SHARED && group->max == 0
               ? group->redundancy
               : 1;
}

/* ---- in and out of the tree ---------------------------------------------- */

/* Says whether groups can be found by their tables. */
static void set_in_tree(struct bsti_span *span, bool is_in_tree)
{
    struct bsti_group *group = span->crowd ? span->crowd->group : span->group;

    for (uint32_t i = 0; span->inner && i < span->inner->nspans; i++)
        set_in_tree(&span->inner->spans[i], is_in_tree);
    /* release: pairs with bsti_group_find() */
    if (group)
        bsti_store_release(&group->is_in_tree, (uint8_t)is_in_tree);
}

static void renew(struct bsti_span *span)
{
    if (span->inner)
        bsti_child_renew(&span->inner->child);
    else if (span->crowd)
        bsti_child_renew(&span->crowd->child);
    else
        for (uint32_t i = 0; i < span->count; i++)
            bsti_child_renew(&bsti_group_member(span->group, i)->child);
}

/* Appends a span to the children. There is room. */
static void append(struct bsti_sup *sup, const struct bsti_span *span)
{
    sup->nchildren += span->count;
    sup->nadded++;
    bsti_spin_lock(&sup->system->tree);
    sup->spans[sup->nspans++] = *span;
    bsti_spin_unlock(&sup->system->tree);
    set_in_tree(&sup->spans[sup->nspans - 1], true);
}

/* Takes a parked span back. Returns false if there is none of this table. */
static bool unpark(struct bsti_sup *sup, const struct bst_child *table)
{
    const void *key = table->group ? (const void *)table->group
                                   : (const void *)table->supervisor;
    struct bsti_span span;
    uint32_t i = 0;

    while (i < sup->nparked && sup->parked[i].table != key)
        i++;
    if (i == sup->nparked)
        return false;
    span = sup->parked[i];
    sup->parked[i] = sup->parked[--sup->nparked];
    set_first(&span, sup->nchildren);
    renew(&span);
    append(sup, &span);
    return true;
}

/* Makes room here and among the parked, so that a removal cannot fail. */
static bool make_room(struct bsti_sup *sup)
{
    return bsti_tree_reserve(sup->system, &sup->spans, sup->nspans + 1,
                             &sup->span_room) &&
           bsti_tree_reserve(sup->system, &sup->parked,
                             sup->nparked + sup->nadded + 1, &sup->parked_room);
}

/* The pool of the system was made for the tables that it started with. */
static bst_status prepare_blocking(struct bsti_system *system,
                                   const struct bsti_group *group)
{
    struct bsti_blocking *pool;

    if (group->spec->stack_bytes >
        BSTI_MAX(system->blocking_stack, BSTI_BLOCKING_STACK))
        return BST_INVALID;
    pool = bsti_exec_blocking(system->base.exec);
    if (!pool)
        return BST_NOMEM;
    bsti_spin_lock(&system->tree);
    if (!system->base.blocking)
        system->base.blocking = pool;
    bsti_spin_unlock(&system->tree);
    return BST_OK;
}

/* What a system does for its groups before it starts. */
static bst_status prepare(struct bsti_system *system, struct bsti_span *span)
{
    struct bsti_group *group = span->crowd ? span->crowd->group : span->group;
    bst_status status = BST_OK;

    for (uint32_t i = 0; span->inner && i < span->inner->nspans; i++) {
        status = prepare(system, &span->inner->spans[i]);
        if (status != BST_OK)
            return status;
    }
    if (group && group->has_blocking)
        status = prepare_blocking(system, group);
    if (group && group->dynamic && status == BST_OK &&
        bsti_dynamic_prepare(group, bsti_exec_workers(system->base.exec)) != 0)
        status = BST_NOMEM;
    return status;
}

bst_status bsti_graft(struct bsti_sup *sup, const struct bst_child *table)
{
    uint32_t count = count_of(table);
    struct bsti_span span;
    bst_status status = BST_NOMEM;

    if (sup->nchildren > MOST_PLACES - count)
        close_gaps(sup);
    if (sup->nchildren > MOST_PLACES - count || !make_room(sup))
        return BST_NOMEM;
    if (unpark(sup, table))
        return BST_OK;
    if (bsti_tree_make(sup, table, true, &span) == 0)
        status = prepare(sup->system, &span);
    if (status == BST_OK) {
        append(sup, &span);
        return BST_OK;
    }
    /* Others may look at its groups: it stays until the system ends. */
    span.table = NULL;
    sup->parked[sup->nparked++] = span;
    return status;
}

/* Moves a span to the parked ones, where nobody can find it. */
static void park(struct bsti_sup *sup, uint32_t number, bool is_usable)
{
    struct bsti_span *span = &sup->spans[number];

    set_in_tree(span, false);
    if (!is_usable)
        span->table = NULL;
    bsti_spin_lock(&sup->system->tree);
    sup->parked[sup->nparked++] = *span;
    sup->nspans--;
    memmove(span, span + 1, (sup->nspans - number) * sizeof *span);
    bsti_spin_unlock(&sup->system->tree);
    sup->nadded--;
}

/* Closes a child for good. Returns false if it is left behind and runs. */
static bool dismiss(struct bsti_child *child)
{
    struct bsti_sup *inner = bsti_child_inner(child);

    bsti_child_cancel_delay(child);
    bsti_child_close(child);
    child->flags |= BSTI_CHILD_IS_REMOVED;
    return child->state != BSTI_CHILD_ORPHANED &&
           (!inner || bsti_load_relaxed(&inner->orphans) == 0);
}

void bsti_prune(struct bsti_sup *sup, struct bsti_span *span)
{
    bool is_usable = true;

    bsti_assert(span->is_added);
    for (uint32_t i = 0; i < span->count; i++)
        is_usable &= dismiss(bsti_sup_child(sup, span->first + i));
    park(sup, (uint32_t)(span - sup->spans), is_usable);
}

void bsti_prune_all(struct bsti_sup *sup)
{
    for (uint32_t i = sup->nspans; i > 0 && sup->nadded > 0; i--)
        if (sup->spans[i - 1].is_added)
            bsti_prune(sup, &sup->spans[i - 1]);
    sup->is_untidy = false;
}

static bool is_forgotten(const struct bsti_sup *sup,
                         const struct bsti_span *span)
{
    for (uint32_t i = 0; i < span->count; i++)
        if (bsti_child_is_listed(bsti_sup_child(sup, span->first + i)))
            return false;
    return true;
}

void bsti_prune_forgotten(struct bsti_sup *sup)
{
    sup->is_untidy = false;
    for (uint32_t i = sup->nspans; i > 0 && sup->nadded > 0; i--)
        if (sup->spans[i - 1].is_added && is_forgotten(sup, &sup->spans[i - 1]))
            bsti_prune(sup, &sup->spans[i - 1]);
}
