/*
 * A second opinion about supervision.
 *
 * It knows nothing of how supervisors work. It hears what they do, in their
 * order, remembers of each child when it started and how it ended, and derives
 * from the tables what must be true once a supervisor is at rest:
 *
 *   - a permanent child runs or is about to, however it ended; a transient one
 *     unless it ended in order; a temporary one runs once at most;
 *   - under one-for-all everybody who runs has started after the last failure,
 *     under rest-for-one everybody behind who failed;
 *   - a one-for-one supervisor lives if and only if its budget held.
 *
 * Where the user decides about failures, the tables do not say what is right.
 *
 * And at once: an incarnation begins only when the one before has ended, its
 * number is higher, and what ends has begun.
 */

#include <string.h>

#include "base/alloc.h"
#include "sup/simulate.h"

/* What is known of a child. */
struct entry {
    const struct bsti_child *child; /* NULL: a free place */
    bool up;
    bool asked;         /* its last end was one that it was asked for */
    bool declined;      /* its last start was declined */
    bool over;          /* of a supervisor: its budget is exceeded */
    enum bsti_exit how; /* it ended */
    uint64_t number;
    uint64_t started; /* clock of the last start */
    uint64_t failed;  /* clock of the last end that asks for a restart; or 0 */
    uint64_t runs;    /* starts since its supervisor began */
    /* Of a supervisor: when its children ended so, the oldest overwritten. */
    bst_time *ends;
    uint32_t nends; /* places */
    uint64_t ended; /* ends so far in its life */
};

struct bsti_shadow {
    struct entry *entries; /* a hash table, at most half full */
    uint32_t size;         /* a power of two */
    uint32_t used;
    uint64_t clock; /* counts events */
};

enum { FIRST_SIZE = 64 };

/* ---- the table ----------------------------------------------------------- */

struct bsti_shadow *bsti_shadow_create(void)
{
    struct bsti_shadow *shadow = bsti_alloc(sizeof *shadow);

    if (!shadow)
        return NULL;
    shadow->size = FIRST_SIZE;
    shadow->entries = bsti_alloc(sizeof *shadow->entries * FIRST_SIZE);
    if (!shadow->entries) {
        bsti_free(shadow);
        return NULL;
    }
    return shadow;
}

void bsti_shadow_destroy(struct bsti_shadow *shadow)
{
    for (uint32_t i = 0; i < shadow->size; i++)
        bsti_free(shadow->entries[i].ends);
    bsti_free(shadow->entries);
    bsti_free(shadow);
}

/* The order in the table means nothing, so addresses may decide it. */
static struct entry *place_of(struct entry *entries, uint32_t size,
                              const struct bsti_child *child)
{
    uint32_t at = (uint32_t)((uintptr_t)child / 64 * 2654435761u);

    while (entries[at & (size - 1)].child &&
           entries[at & (size - 1)].child != child)
        at++;
    return &entries[at & (size - 1)];
}

static bool grow(struct bsti_shadow *shadow)
{
    uint32_t size = 2 * shadow->size;
    struct entry *entries = bsti_alloc(sizeof *entries * size);

    if (!entries)
        return false;
    for (uint32_t i = 0; i < shadow->size; i++)
        if (shadow->entries[i].child)
            *place_of(entries, size, shadow->entries[i].child) =
                shadow->entries[i];
    bsti_free(shadow->entries);
    shadow->entries = entries;
    shadow->size = size;
    return true;
}

/* Returns what is known of a child; NULL: there is no memory to know it. */
static struct entry *entry_of(struct bsti_shadow *shadow,
                              const struct bsti_child *child)
{
    struct entry *entry = place_of(shadow->entries, shadow->size, child);

    if (entry->child)
        return entry;
    if (2 * (shadow->used + 1) > shadow->size) {
        if (!grow(shadow))
            return NULL;
        entry = place_of(shadow->entries, shadow->size, child);
    }
    shadow->used++;
    entry->child = child;
    return entry;
}

/* ---- budgets ------------------------------------------------------------- */

/* Whether each restartable end of a child of `sup` counts by itself. */
static bool counts_each(const struct bsti_sup *sup)
{
    return !bsti_call_decides(sup) && !sup->is_lenient &&
           sup->strategy == BST_ONE_FOR_ONE &&
           sup->restart->mode == BST_RESTART_LIMITED && sup->restart->in > 0 &&
           sup->restart->then == BST_ESCALATE;
}

/* Notes an end that uses up the budget of `sup`. */
static void spend(struct bsti_simulation *sim, struct bsti_sup *sup)
{
    struct entry *entry = entry_of(sim->shadow, &sup->child);
    uint32_t tries = sup->restart->tries;
    bst_time now = bsti_sup_now(sup);
    bst_time before;

    if (!entry || !counts_each(sup))
        return;
    if (!entry->ends) {
        entry->nends = tries + 1;
        entry->ends = bsti_alloc(sizeof *entry->ends * entry->nends);
        if (!entry->ends)
            return;
    }
    /* The end that lies `tries` before this one. */
    entry->ends[entry->ended % entry->nends] = now;
    entry->ended++;
    if (entry->ended <= tries)
        return;
    before = entry->ends[(entry->ended - 1 - tries) % entry->nends];
    if (now - before <= sup->restart->in)
        entry->over = true;
}

/* ---- events -------------------------------------------------------------- */

static bool restarts(enum bst_lifetime lifetime, enum bsti_exit how)
{
    if (lifetime == BST_TEMPORARY || how == BSTI_EXIT_DECLINED)
        return false;
    if (lifetime == BST_PERMANENT)
        return true;
    return how == BSTI_EXIT_FAILED || how == BSTI_EXIT_KILLED ||
           how == BSTI_EXIT_START_FAILED;
}

static void forget_children(struct bsti_simulation *sim, struct bsti_sup *sup)
{
    for (BSTI_EACH_CHILD(child, sup)) {
        struct entry *entry = entry_of(sim->shadow, child);

        if (!entry)
            continue;
        entry->runs = 0;
        entry->failed = 0;
        entry->declined = false;
        entry->asked = false;
    }
}

/* Whether it is below something that was added while the system ran. */
static bool is_added(struct bsti_child *child)
{
    struct bsti_sup *sup = bsti_child_sup(child);

    for (; sup; child = &sup->child, sup = sup->parent)
        if (bsti_sup_span(sup, child->index)->is_added)
            return true;
    return false;
}

static void note_start(struct bsti_simulation *sim, struct entry *entry,
                       const struct bsti_trace *event)
{
    if (entry->up)
        bsti_simulation_break(sim, "incarnations do not overlap",
                              "%s#%llu begins and #%llu has not ended",
                              event->path, (unsigned long long)event->number,
                              (unsigned long long)entry->number);
    /* What was added, removed and added again is somebody else. */
    if (event->number == 1 && is_added(event->child))
        entry->number = 0;
    if (event->number <= entry->number)
        bsti_simulation_break(sim, "incarnations are numbered",
                              "%s#%llu begins after #%llu", event->path,
                              (unsigned long long)event->number,
                              (unsigned long long)entry->number);
    entry->up = true;
    entry->declined = false;
    entry->over = false;
    entry->ended = 0;
    entry->number = event->number;
    entry->started = sim->shadow->clock;
    entry->runs++;
    if (event->sup)
        forget_children(sim, event->sup);
}

static void note_sup_end(struct bsti_simulation *sim, struct entry *entry,
                         struct bsti_sup *sup)
{
    if (counts_each(sup) && entry->ends && sup->gave_up != entry->over)
        bsti_simulation_break(
            sim, "a supervisor gives up when its budget is exceeded",
            entry->over ? "%s does not" : "%s does before", sup->path);
}

/* Whether the end of `child` now is no matter of restarts: its supervisor comes
 * to its end, or will because the child does not come up at first; or a request
 * has asked for the start. */
static bool is_past_restarts(const struct bsti_sup *sup,
                             const struct bsti_child *child)
{
    switch ((enum bsti_op)sup->op) {
    case BSTI_OP_BOOT:
    case BSTI_OP_SERVE:
        return child->state == BSTI_CHILD_STARTING &&
               child->type != BSTI_NOTE_MEMBER && sup->cursor == child->index;
    case BSTI_OP_STOP:
        return sup->after == BSTI_AFTER_END;
    case BSTI_OP_KILL:
        return true;
    case BSTI_OP_NONE:
    case BSTI_OP_DELAY:
    case BSTI_OP_RESTART:
        break;
    }
    return !sup->alive;
}

/* Whether an end that it was not asked for asks for a restart. */
static bool concerns(const struct bsti_sup *parent, struct bsti_child *child,
                     enum bsti_exit how)
{
    return parent && !is_past_restarts(parent, child) &&
           restarts(bsti_child_lifetime(child), how);
}

/* Members of dynamic groups come and go without a word, but their failures
 * count. */
static void note_member(struct bsti_simulation *sim,
                        const struct bsti_trace *event)
{
    struct bsti_sup *parent = bsti_child_sup(event->child);

    if (event->type != BSTI_TRACE_START && event->type != BSTI_TRACE_DECLINED &&
        event->child->state != BSTI_CHILD_STOPPING &&
        concerns(parent, event->child, event->how))
        spend(sim, parent);
}

static void note_end(struct bsti_simulation *sim, struct entry *entry,
                     const struct bsti_trace *event)
{
    struct bsti_child *child = event->child;
    struct bsti_sup *parent =
        event->sup ? event->sup->parent : bsti_child_sup(child);
    bool before = event->type != BSTI_TRACE_DOWN;

    /* One that is killed on its way up has not begun. */
    if (!entry->up && !before && event->how != BSTI_EXIT_KILLED &&
        event->how != BSTI_EXIT_SHUTDOWN)
        bsti_simulation_break(sim, "what ends has begun",
                              "%s#%llu ends twice or has not begun",
                              event->path, (unsigned long long)event->number);
    entry->up = false;
    entry->asked = child->state == BSTI_CHILD_STOPPING;
    entry->declined = event->type == BSTI_TRACE_DECLINED;
    entry->how = entry->declined ? BSTI_EXIT_DECLINED : event->how;
    if (event->sup)
        note_sup_end(sim, entry, event->sup);
    if (entry->asked || !concerns(parent, child, entry->how))
        return;
    entry->failed = sim->shadow->clock;
    spend(sim, parent);
}

void bsti_shadow_note(struct bsti_simulation *sim,
                      const struct bsti_trace *event)
{
    struct entry *entry;

    if (event->child->type == BSTI_NOTE_MEMBER) {
        note_member(sim, event);
        return;
    }
    sim->shadow->clock++;
    entry = entry_of(sim->shadow, event->child);
    if (!entry)
        return;
    if (event->type == BSTI_TRACE_START)
        note_start(sim, entry, event);
    else
        note_end(sim, entry, event);
}

/* ---- at rest ------------------------------------------------------------- */

static bool runs(const struct bsti_child *child)
{
    return child->state == BSTI_CHILD_UP ||
           child->state == BSTI_CHILD_STARTING ||
           child->state == BSTI_CHILD_WAITING;
}

static void check_child(struct bsti_simulation *sim, struct bsti_child *child,
                        const struct entry *entry)
{
    enum bst_lifetime lifetime = bsti_child_lifetime(child);
    char path[256];

    if (child->state == BSTI_CHILD_ORPHANED ||
        (child->flags & (BSTI_CHILD_IS_REMOVED | BSTI_CHILD_IS_HELD)) ||
        bsti_child_crowd(child))
        return;
    bsti_child_path(child, path, sizeof path);
    if (!runs(child) && !entry->asked && !entry->declined &&
        restarts(lifetime, entry->how))
        bsti_simulation_break(sim, "live incarnations are what is declared",
                              "%s does not run and is to be restarted", path);
    if (lifetime == BST_TEMPORARY && entry->runs > 1)
        bsti_simulation_break(sim, "live incarnations are what is declared",
                              "%s is temporary and was restarted", path);
}

/* Whoever runs under a group strategy has started after the failures that
 * concern it. */
static void check_group(struct bsti_simulation *sim, struct bsti_sup *sup)
{
    uint64_t last = 0; /* of the failures that concern a child */
    char path[256];

    if (sup->strategy == BST_ONE_FOR_ALL)
        for (BSTI_EACH_CHILD(child, sup)) {
            struct entry *entry = entry_of(sim->shadow, child);

            if (entry && entry->failed > last)
                last = entry->failed;
        }
    for (BSTI_EACH_CHILD(child, sup)) {
        struct entry *entry = entry_of(sim->shadow, child);

        if (!entry || bsti_child_crowd(child))
            continue;
        if (child->state == BSTI_CHILD_UP && entry->started < last)
            bsti_simulation_break(sim, "a strategy restarts everybody it names",
                                  "%s was not restarted with its group",
                                  bsti_child_path(child, path, sizeof path));
        if (sup->strategy == BST_REST_FOR_ONE && entry->failed > last)
            last = entry->failed;
    }
}

void bsti_shadow_check(struct bsti_simulation *sim, struct bsti_sup *sup)
{
    struct entry *own = entry_of(sim->shadow, &sup->child);

    if (bsti_call_decides(sup))
        return;
    for (BSTI_EACH_CHILD(child, sup)) {
        struct entry *entry = entry_of(sim->shadow, child);

        if (entry)
            check_child(sim, child, entry);
    }
    if (sup->strategy != BST_ONE_FOR_ONE)
        check_group(sim, sup);
    if (own && own->over)
        bsti_simulation_break(
            sim, "a supervisor gives up when its budget is exceeded",
            "%s goes on", sup->path);
}
