/*
 * One child of a supervisor, whether it is an actor or a supervisor.
 */

#include <stdio.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/duration.h"
#include "sup/sup.h"
#include "sync/atomic.h"

static const bst_time default_shutdown = BST_S(5);

/* ---- who it is ----------------------------------------------------------- */

/* The number of the last span that begins at `index` or before; or 0. */
static uint32_t span_at(const struct bsti_sup *sup, uint32_t index)
{
    uint32_t low = 0;
    uint32_t high = sup->nspans;

    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;

        if (sup->spans[middle].first <= index)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static struct bsti_child *child_in(const struct bsti_span *span, uint32_t index)
{
    if (span->inner)
        return &span->inner->child;
    if (span->crowd)
        return &span->crowd->child;
    return &bsti_group_member(span->group, index - span->first)->child;
}

struct bsti_span *bsti_sup_span(const struct bsti_sup *sup, uint32_t index)
{
    return &sup->spans[span_at(sup, index)];
}

struct bsti_child *bsti_sup_child(const struct bsti_sup *sup, uint32_t index)
{
    const struct bsti_span *span = bsti_sup_span(sup, index);

    bsti_assert(index - span->first < span->count);
    return child_in(span, index);
}

struct bsti_child *bsti_sup_from(const struct bsti_sup *sup, uint32_t index)
{
    uint32_t number = span_at(sup, index);
    const struct bsti_span *span = &sup->spans[number];

    if (number < sup->nspans && index >= span->first + span->count) {
        number++;
        span++;
    }
    if (number >= sup->nspans)
        return NULL;
    return child_in(span, BSTI_MAX(index, span->first));
}

struct bsti_child *bsti_sup_before(const struct bsti_sup *sup, uint32_t index)
{
    const struct bsti_span *span;

    if (sup->nspans == 0 || index <= sup->spans[0].first)
        return NULL;
    span = bsti_sup_span(sup, index - 1);
    return child_in(span, BSTI_MIN(index, span->first + span->count) - 1);
}

struct bsti_child *bsti_child_unit(struct bsti_child *child)
{
    struct bsti_actor *actor = bsti_child_actor(child);
    struct bsti_crowd *crowd;

    if (child->type != BSTI_NOTE_MEMBER)
        return child;
    crowd = actor->group->keeper;
    return &crowd->child;
}

struct bsti_sup *bsti_child_sup(struct bsti_child *child)
{
    struct bsti_child *unit = bsti_child_unit(child);

    switch ((enum bsti_note_type)unit->type) {
    case BSTI_NOTE_SUP:
        return bsti_child_inner(unit)->parent;
    case BSTI_NOTE_CROWD:
        return bsti_child_crowd(unit)->sup;
    default:
        return bsti_child_actor(unit)->group->keeper;
    }
}

/* The group that the child is, or is a member of; NULL: a supervisor. */
static const struct bst_group *spec_of(struct bsti_child *child)
{
    struct bsti_actor *actor = bsti_child_actor(child);
    struct bsti_crowd *crowd = bsti_child_crowd(child);

    if (actor)
        return actor->group->spec;
    return crowd ? crowd->group->spec : NULL;
}

enum bst_lifetime bsti_child_lifetime(struct bsti_child *child)
{
    const struct bst_group *spec = spec_of(child);

    /* A dynamic group itself is always there. */
    if (bsti_child_crowd(child))
        return BST_PERMANENT;
    return spec ? spec->lifetime : bsti_child_inner(child)->lifetime;
}

bool bsti_child_is_significant(struct bsti_child *child)
{
    const struct bst_group *spec = spec_of(child);

    return spec ? spec->significant : bsti_child_inner(child)->significant;
}

bool bsti_child_is_listed(struct bsti_child *child)
{
    if (child->flags & BSTI_CHILD_IS_REMOVED)
        return false;
    return bsti_child_lifetime(child) != BST_TEMPORARY ||
           (child->state != BSTI_CHILD_DOWN &&
            child->state != BSTI_CHILD_ENDED &&
            child->state != BSTI_CHILD_ORPHANED);
}

const char *bsti_child_name(struct bsti_child *child)
{
    const struct bst_group *spec = spec_of(child);

    return spec ? spec->name : bsti_child_inner(child)->name;
}

bst_time bsti_child_shutdown(struct bsti_child *child)
{
    const struct bst_group *spec = spec_of(child);
    bst_time shutdown =
        spec ? spec->shutdown : bsti_child_inner(child)->shutdown;

    if (shutdown)
        return shutdown;
    return spec ? default_shutdown : BST_INFINITE;
}

/* ---- its life ------------------------------------------------------------ */

void bsti_child_start(struct bsti_child *child)
{
    bsti_call_settle(child, true);
    child->state = BSTI_CHILD_STARTING;
    child->flags &= (uint8_t)~BSTI_CHILD_IS_HELD;
    if (bsti_child_crowd(child))
        bsti_crowd_start(bsti_child_crowd(child));
    else if (bsti_child_actor(child))
        bsti_actor_start(bsti_child_actor(child));
    else
        bsti_sup_start(bsti_child_inner(child));
}

void bsti_child_stop(struct bsti_child *child)
{
    child->state = BSTI_CHILD_STOPPING;
    if (bsti_child_shutdown(child) == BST_SHUTDOWN_KILL)
        bsti_child_kill(child);
    else if (bsti_child_crowd(child))
        bsti_crowd_stop(bsti_child_crowd(child), false);
    else if (bsti_child_actor(child))
        bsti_actor_stop(bsti_child_actor(child));
    else
        bsti_sup_stop(bsti_child_inner(child));
}

void bsti_child_kill(struct bsti_child *child)
{
    child->state = BSTI_CHILD_STOPPING;
    if (bsti_child_crowd(child))
        bsti_crowd_stop(bsti_child_crowd(child), true);
    else if (bsti_child_actor(child))
        bsti_actor_kill(bsti_child_actor(child));
    else
        bsti_sup_kill(bsti_child_inner(child));
}

void bsti_child_renew(struct bsti_child *child)
{
    if (child->state == BSTI_CHILD_ORPHANED)
        return;
    child->state = BSTI_CHILD_DOWN;
    child->flags = 0;
    if (bsti_child_actor(child))
        bsti_actor_renew(bsti_child_actor(child));
    else if (bsti_child_inner(child))
        bsti_child_inner(child)->is_new = 1;
}

void bsti_child_close(struct bsti_child *child)
{
    if (child->state == BSTI_CHILD_ENDED || child->state == BSTI_CHILD_ORPHANED)
        return;
    bsti_call_settle(child, false);
    child->state = BSTI_CHILD_ENDED;
    bsti_child_sup(child)->is_untidy = true;
    /* One that was renewed and has not been started since is closed. */
    if (child->type == BSTI_NOTE_ACTOR &&
        !bsti_actor_is_open(bsti_child_actor(child)))
        return;
    if (bsti_child_crowd(child))
        bsti_crowd_close(bsti_child_crowd(child));
    else if (bsti_child_actor(child))
        bsti_actor_close(bsti_child_actor(child));
    else
        bsti_sup_close(bsti_child_inner(child));
}

void bsti_child_notify(struct bsti_child *child, enum bsti_child_event event)
{
    struct bsti_sup *sup = bsti_child_sup(child);

    /* acq_rel: pairs with the exchange in the supervisor's turn. Whoever sets
     * the first event owns the note, which has left the mailbox by then. */
    if (bsti_fetch_or_acq_rel(&child->events, (uint8_t)event) &
        BSTI_EVENT_NOTES)
        return;
    if (bsti_mpscq_push(&sup->proc.mailbox, &child->link))
        bsti_exec_ready(sup->system->base.exec, &sup->proc);
}

/* ---- what is said of it -------------------------------------------------- */

enum bsti_exit bsti_child_exit(struct bsti_child *child)
{
    struct bsti_actor *actor = bsti_child_actor(child);

    if (bsti_child_crowd(child))
        return BSTI_EXIT_SHUTDOWN;
    return (enum bsti_exit)(actor ? actor->exit
                                  : bsti_child_inner(child)->ending);
}

const char *bsti_child_path(struct bsti_child *child, char *buffer, size_t size)
{
    struct bsti_actor *actor = bsti_child_actor(child);

    if (actor)
        bsti_actor_path(actor, buffer, size);
    else if (bsti_child_crowd(child))
        snprintf(buffer, size, "%s", bsti_child_crowd(child)->group->path);
    else
        snprintf(buffer, size, "%s", bsti_child_inner(child)->path);
    return buffer;
}

uint64_t bsti_child_number(struct bsti_child *child)
{
    struct bsti_actor *actor = bsti_child_actor(child);

    if (bsti_child_crowd(child))
        return bsti_child_crowd(child)->sup->starts;
    return actor ? bsti_actor_number(actor) : bsti_child_inner(child)->starts;
}

/* ---- tracing ------------------------------------------------------------- */

void bsti_sup_trace(struct bsti_sup *sup, enum bsti_trace_type type)
{
    struct bsti_system *system = sup->system;
    struct bsti_trace event = {.type = type,
                               .path = sup->path,
                               .child = &sup->child,
                               .sup = sup,
                               .supervisor = true,
                               .number = sup->starts,
                               .how = (enum bsti_exit)sup->ending};

    if (type == BSTI_TRACE_DOWN && sup->ending == BSTI_EXIT_START_FAILED) {
        event.reason = sup->reason ? sup->reason : "failed_to_start_child";
        event.failed = sup->failed_child;
    }

    if (system->trace)
        system->trace(system->trace_arg, &event);
}

void bsti_child_trace(struct bsti_child *child, enum bsti_trace_type type)
{
    struct bsti_system *system = bsti_child_sup(child)->system;
    struct bsti_actor *actor = bsti_child_actor(child);
    struct bsti_trace event = {.type = type, .child = child};
    char path[256];

    /* A supervisor speaks for itself. */
    if (!system->trace || !actor)
        return;
    event.path = bsti_child_path(child, path, sizeof path);
    event.number = bsti_child_number(child);
    /* One that has started may run already: its end is its own to write. */
    if (type != BSTI_TRACE_START) {
        event.how = bsti_child_exit(child);
        event.status = (bst_status)actor->status;
    }
    system->trace(system->trace_arg, &event);
}

/* ---- back-off ------------------------------------------------------------ */

static void delay_over(struct bsti_alarm *alarm, bst_time now)
{
    struct bsti_delay *delay =
        bsti_container_of(alarm, struct bsti_delay, alarm);
    struct bsti_sup *sup = bsti_child_sup(delay->child);

    (void)now;
    /* acq_rel: pairs with the exchange in the supervisor's turn. */
    if (bsti_xchg_acq_rel(&delay->queued, 1u))
        return;
    if (bsti_mpscq_push(&sup->proc.mailbox, &delay->note.link))
        bsti_exec_ready(sup->system->base.exec, &sup->proc);
}

/* Returns the back-off of a child, made when it first needs one; or NULL. */
static struct bsti_delay *delay_of(struct bsti_child *child)
{
    struct bsti_record *record = bsti_child_remember(child);
    struct bsti_delay *delay;

    if (!record || record->delay)
        return record ? record->delay : NULL;
    delay = bsti_alloc(sizeof *delay);
    if (!delay)
        return NULL;
    delay->note.type = BSTI_NOTE_DELAY;
    delay->child = child;
    bsti_alarm_init(&delay->alarm, delay_over);
    record->delay = delay;
    return delay;
}

bool bsti_child_delay(struct bsti_child *child, bst_time within)
{
    struct bsti_delay *delay = delay_of(child);

    if (!delay)
        return false;
    delay->due = bsti_time_after(bsti_sup_now(bsti_child_sup(child)), within);
    bsti_alarm_arm(&delay->alarm, delay->due);
    return true;
}

void bsti_child_cancel_delay(struct bsti_child *child)
{
    struct bsti_record *record = bsti_child_record(child);

    if (!record || !record->delay)
        return;
    bsti_alarm_cancel(&record->delay->alarm);
    record->delay->due = 0;
}
