/*
 * The operations of a supervisor: start in order, stop in reverse, kill.
 *
 * Each is a walk over the children with a cursor. A step that is done at once
 * is followed by the next one in the same turn; one that takes time is
 * continued by the note that the child sends when it is done.
 */

#include <stdio.h>

#include "actor/apart.h"
#include "base/assert.h"
#include "base/duration.h"
#include "plat/log.h"
#include "sup/plant.h"
#include "sup/sup.h"
#include "sync/atomic.h"

/* With a killed child before it is left behind; and then, until it has ended
 * without its handler. */
static const bst_time patience = BST_S(1);
static const bst_time tearing = BST_MS(250);

/* How far a child that does not stop has come: values of `overdue`. */
enum { IN_TIME, KILLED, TORN };

/* ---- deadlines ----------------------------------------------------------- */

void bsti_op_cancel_deadline(struct bsti_sup *sup)
{
    bsti_alarm_cancel(&sup->deadline);
    sup->deadline_due = 0;
}

static void arm_deadline(struct bsti_sup *sup, bst_time within)
{
    bsti_op_cancel_deadline(sup);
    if (within == BST_INFINITE)
        return;
    sup->deadline_due = bsti_time_after(bsti_sup_now(sup), within);
    bsti_alarm_arm(&sup->deadline, sup->deadline_due);
}

/* How long to wait for a child that was killed. */
static bst_time patience_with(struct bsti_child *child)
{
    /* A supervisor that is killed has its own patience with its own. */
    return bsti_child_inner(child) ? BST_INFINITE : patience;
}

/* Says that a handler is left behind. */
static void report_orphan(struct bsti_child *child)
{
    char path[256];

    bsti_fetch_add_relaxed(&bsti_child_sup(child)->system->base.orphans, 1u);
    bsti_log(BST_LOG_ERROR,
             "%s#%llu does not end: its handler still runs and is left behind",
             bsti_child_path(child, path, sizeof path),
             (unsigned long long)bsti_child_number(child));
}

bool bsti_op_tear(struct bsti_child *child)
{
    if (bsti_child_crowd(child))
        return bsti_crowd_tear(bsti_child_crowd(child));
    return bsti_child_actor(child) && bsti_actor_tear(bsti_child_actor(child));
}

void bsti_op_untear(struct bsti_child *child)
{
    struct bsti_actor *actor = bsti_child_actor(child);

    if (actor && !bsti_actor_untear(actor))
        report_orphan(child);
}

void bsti_op_orphan(struct bsti_child *child)
{
    if (bsti_child_crowd(child)) {
        bsti_crowd_orphan(bsti_child_crowd(child));
        return;
    }
    /* If it was torn off after all its end is about to be told. */
    if (!bsti_actor_untear(bsti_child_actor(child)))
        child->flags |= BSTI_CHILD_IS_TORN;
    child->state = BSTI_CHILD_ORPHANED;
    child->flags &= (uint8_t)~BSTI_CHILD_WAS_KILLED;
    for (struct bsti_sup *sup = bsti_child_sup(child); sup; sup = sup->parent)
        bsti_fetch_add_relaxed(&sup->orphans, 1u);
    report_orphan(child);
}

/* Whether a kill of all waits for this one; a supervisor among them has its
 * own patience with its own. */
static bool is_outstanding(struct bsti_child *child)
{
    return child->state == BSTI_CHILD_STOPPING && !bsti_child_inner(child);
}

static void kill_overdue(struct bsti_sup *sup)
{
    bool torn = false;

    if (sup->overdue == KILLED)
        for (BSTI_EACH_CHILD(child, sup))
            if (is_outstanding(child))
                torn |= bsti_op_tear(child);
    if (torn) {
        sup->overdue = TORN;
        arm_deadline(sup, tearing);
        return;
    }
    for (BSTI_EACH_CHILD(child, sup)) {
        if (!is_outstanding(child))
            continue;
        bsti_op_orphan(child);
        sup->outstanding--;
    }
    if (sup->outstanding == 0)
        bsti_sup_finish(sup);
}

void bsti_op_deadline(struct bsti_sup *sup)
{
    struct bsti_child *child;

    if (sup->op == BSTI_OP_KILL) {
        kill_overdue(sup);
        return;
    }
    if (sup->op != BSTI_OP_STOP)
        return;
    child = bsti_sup_child(sup, sup->cursor);
    if (sup->overdue == IN_TIME) {
        char path[256];

        sup->overdue = KILLED;
        bsti_log(BST_LOG_WARN, "%s#%llu does not stop in time and is killed",
                 bsti_child_path(child, path, sizeof path),
                 (unsigned long long)bsti_child_number(child));
        bsti_child_kill(child);
        arm_deadline(sup, patience_with(child));
        return;
    }
    if (sup->overdue == KILLED && bsti_op_tear(child)) {
        sup->overdue = TORN;
        arm_deadline(sup, tearing);
        return;
    }
    bsti_op_orphan(child);
    bsti_op_stopped(sup);
}

/* ---- starting ------------------------------------------------------------ */

static bool takes_part(const struct bsti_sup *sup, struct bsti_child *child)
{
    if (child == sup->excluded)
        return false;
    switch ((enum bsti_child_state)child->state) {
    case BSTI_CHILD_DOWN:
    case BSTI_CHILD_WAITING:
        return true;
    case BSTI_CHILD_ENDED:
        /* Those that ended by themselves take part in a group restart; the
         * temporary and the removed ones are forgotten. */
        return sup->op == BSTI_OP_BOOT || bsti_child_is_listed(child);
    default:
        return false;
    }
}

/* Only an orphan that ended behind the cursor is still down. */
static void start_late(struct bsti_sup *sup)
{
    for (BSTI_EACH_CHILD(child, sup))
        if (child->state == BSTI_CHILD_DOWN)
            bsti_child_start(child);
}

static void start_done(struct bsti_sup *sup)
{
    if (sup->op == BSTI_OP_SERVE) {
        sup->op = BSTI_OP_NONE;
        bsti_serve_started(sup);
    } else {
        sup->op = BSTI_OP_NONE;
        sup->excluded = NULL;
        if (!sup->announced && !bsti_sup_announce(sup))
            return;
        start_late(sup);
    }
    bsti_restart_pending(sup);
}

static void start_next(struct bsti_sup *sup)
{
    struct bsti_child *child;

    while ((child = bsti_sup_from(sup, sup->cursor)) &&
           child->index < sup->end) {
        sup->cursor = child->index;
        if (takes_part(sup, child)) {
            bsti_child_cancel_delay(child);
            bsti_child_start(child);
            return;
        }
        sup->cursor++;
    }
    start_done(sup);
}

void bsti_op_start(struct bsti_sup *sup, enum bsti_op op, uint32_t first)
{
    sup->op = (uint8_t)op;
    sup->first = first;
    sup->cursor = first;
    sup->end = UINT32_MAX;
    bsti_restart_forget(sup);
    start_next(sup);
}

void bsti_op_start_some(struct bsti_sup *sup, uint32_t first, uint32_t end)
{
    sup->op = BSTI_OP_SERVE;
    sup->first = first;
    sup->cursor = first;
    sup->end = end;
    start_next(sup);
}

void bsti_op_started(struct bsti_sup *sup)
{
    bsti_assert(sup->op == BSTI_OP_BOOT || sup->op == BSTI_OP_RESTART ||
                sup->op == BSTI_OP_SERVE);
    sup->cursor++;
    start_next(sup);
}

/* ---- stopping ------------------------------------------------------------ */

/* Returns whether the child has to be waited for. */
static bool stop_one(struct bsti_sup *sup, struct bsti_child *child)
{
    switch ((enum bsti_child_state)child->state) {
    case BSTI_CHILD_UP:
    case BSTI_CHILD_STARTING:
        sup->overdue =
            bsti_child_shutdown(child) == BST_SHUTDOWN_KILL ? KILLED : IN_TIME;
        bsti_child_stop(child);
        arm_deadline(sup, sup->overdue ? patience_with(child)
                                       : bsti_child_shutdown(child));
        return true;
    case BSTI_CHILD_STOPPING:
        return true;
    case BSTI_CHILD_FAILED:
        bsti_child_tell_failure(sup, child, "stopping");
        child->state = BSTI_CHILD_DOWN;
        return false;
    case BSTI_CHILD_WAITING:
        sup->is_lenient |= sup->after == BSTI_AFTER_SERVE;
        bsti_child_cancel_delay(child);
        child->state = BSTI_CHILD_DOWN;
        bsti_call_settle(child,
                         sup->after == BSTI_AFTER_RESTART &&
                             bsti_child_lifetime(child) != BST_TEMPORARY);
        return false;
    case BSTI_CHILD_DOWN:
    case BSTI_CHILD_ENDED:
    case BSTI_CHILD_ORPHANED:
        break;
    }
    return false;
}

static void stop_done(struct bsti_sup *sup)
{
    struct bsti_child *culprit = sup->culprit;

    bsti_op_cancel_deadline(sup);
    if (sup->after == BSTI_AFTER_END) {
        bsti_sup_finish(sup);
        return;
    }
    if (sup->after == BSTI_AFTER_SERVE) {
        sup->op = BSTI_OP_NONE;
        bsti_serve_stopped(sup);
        bsti_restart_pending(sup);
        return;
    }
    for (struct bsti_child *child = bsti_sup_from(sup, sup->first); child;
         child = bsti_sup_from(sup, child->index + 1))
        if (bsti_child_lifetime(child) == BST_TEMPORARY)
            bsti_child_close(child);
    if (sup->group_delay > 0 && bsti_child_delay(culprit, sup->group_delay)) {
        sup->op = BSTI_OP_DELAY;
        culprit->state = BSTI_CHILD_WAITING;
        /* One before the group may have ended meanwhile. */
        bsti_restart_pending(sup);
        return;
    }
    bsti_op_start(sup, BSTI_OP_RESTART, sup->first);
}

/* `cursor` is one above the child to be looked at next. */
static void stop_next(struct bsti_sup *sup)
{
    struct bsti_child *child;

    if (sup->rewind) {
        sup->rewind = 0;
        sup->cursor = UINT32_MAX;
    }
    while ((child = bsti_sup_before(sup, sup->cursor)) &&
           child->index >= sup->first) {
        sup->cursor = child->index;
        if (stop_one(sup, child))
            return;
    }
    stop_done(sup);
}

void bsti_op_stop(struct bsti_sup *sup, uint32_t first, enum bsti_after after)
{
    if (sup->op == BSTI_OP_STOP) {
        /* One that is going on grows. What lies behind its cursor is down,
         * but for that of a request, which has stopped only some. */
        sup->rewind |= sup->after == BSTI_AFTER_SERVE;
        sup->after = BSTI_MAX(sup->after, (uint8_t)after);
        sup->first = BSTI_MIN(sup->first, first);
        return;
    }
    sup->op = BSTI_OP_STOP;
    sup->after = (uint8_t)after;
    sup->first = first;
    sup->cursor = UINT32_MAX;
    if (bsti_is_planted(BSTI_PLANT_SHORT_REST) &&
        sup->strategy == BST_REST_FOR_ONE && first + 1 < sup->nchildren)
        sup->cursor = bsti_sup_before(sup, UINT32_MAX)->index;
    stop_next(sup);
}

void bsti_op_stop_some(struct bsti_sup *sup, uint32_t first, uint32_t end)
{
    sup->op = BSTI_OP_STOP;
    sup->after = BSTI_AFTER_SERVE;
    sup->first = first;
    sup->end = end;
    sup->cursor = end;
    stop_next(sup);
}

void bsti_op_stopped(struct bsti_sup *sup)
{
    bsti_assert(sup->op == BSTI_OP_STOP);
    stop_next(sup);
}

void bsti_op_end(struct bsti_sup *sup, enum bsti_exit how)
{
    if (sup->op == BSTI_OP_KILL ||
        (sup->op == BSTI_OP_STOP && sup->after == BSTI_AFTER_END))
        return;
    sup->ending = (uint8_t)how;
    /* relaxed: the children that end from now on are asked to by messages. */
    if (!sup->parent)
        bsti_store_relaxed(&sup->system->ending, 1u);
    bsti_op_stop(sup, 0, BSTI_AFTER_END);
}

/* ---- killing ------------------------------------------------------------- */

void bsti_op_kill(struct bsti_sup *sup)
{
    if (sup->op == BSTI_OP_KILL)
        return;
    sup->op = BSTI_OP_KILL;
    sup->ending = BSTI_EXIT_KILLED;
    sup->overdue = KILLED;
    sup->outstanding = 0;
    snprintf(sup->fault, sizeof sup->fault, "%s was killed", sup->path);
    /* It is dead from here on, and then its children are, in order. */
    bsti_sup_trace(sup, BSTI_TRACE_DOWN);
    for (BSTI_EACH_CHILD(child, sup)) {
        bsti_child_cancel_delay(child);
        switch ((enum bsti_child_state)child->state) {
        case BSTI_CHILD_UP:
        case BSTI_CHILD_STARTING:
        case BSTI_CHILD_STOPPING:
            child->flags |= BSTI_CHILD_WAS_KILLED;
            bsti_child_kill(child);
            sup->outstanding++;
            break;
        case BSTI_CHILD_FAILED:
            bsti_child_tell_failure(sup, child, "killed");
            child->state = BSTI_CHILD_DOWN;
            break;
        case BSTI_CHILD_WAITING:
            child->state = BSTI_CHILD_DOWN;
            break;
        case BSTI_CHILD_DOWN:
        case BSTI_CHILD_ENDED:
        case BSTI_CHILD_ORPHANED:
            break;
        }
    }
    if (sup->outstanding == 0) {
        bsti_sup_finish(sup);
        return;
    }
    arm_deadline(sup, patience);
}
