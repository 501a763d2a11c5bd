/*
 * A dynamic group as a child of its supervisor.
 *
 * Members come and go without it, as long as its door is open; their failures
 * are judged one by one, as those of other children. To stop, the door is
 * closed, and whoever is a member then is watched and asked: all at once, and
 * within one deadline. When the last one has ended the group has.
 *
 * A restart of a group of children takes a dynamic one with it: its members
 * come back, in their blocks and with their arguments, unless they were
 * temporary. When the supervisor itself ends they are forgotten.
 */

#include "actor/dynamic.h"
#include "base/assert.h"
#include "sup/sup.h"
#include "sync/atomic.h"

static struct bsti_dynamic *dynamic_of(const struct bsti_crowd *crowd)
{
    return crowd->group->dynamic;
}

/* ---- stopping ------------------------------------------------------------ */

/* Looks at one that was a member when the door was closed. */
static void stop_member(struct bsti_crowd *crowd, struct bsti_actor *actor,
                        bool kill)
{
    struct bsti_child *child = &actor->child;

    switch ((enum bsti_child_state)child->state) {
    case BSTI_CHILD_UP:
    case BSTI_CHILD_STARTING:
        /* acq_rel: pairs with the same in cancel() of retire.c */
        if (bsti_fetch_or_acq_rel(&child->events, (uint8_t)BSTI_EVENT_WATCHED) &
            BSTI_EVENT_GONE)
            return;
        child->state = BSTI_CHILD_STOPPING;
        crowd->outstanding++;
        if (kill)
            bsti_actor_kill(actor);
        else
            bsti_actor_stop(actor);
        return;
    case BSTI_CHILD_STOPPING:
        if (kill)
            bsti_actor_kill(actor);
        return;
    case BSTI_CHILD_FAILED:
        bsti_child_tell_failure(crowd->sup, child, "stopping");
        child->state = BSTI_CHILD_DOWN;
        return;
    case BSTI_CHILD_WAITING:
        bsti_child_cancel_delay(child);
        child->state = BSTI_CHILD_DOWN;
        return;
    case BSTI_CHILD_DOWN:
    case BSTI_CHILD_ENDED:
    case BSTI_CHILD_ORPHANED:
        return;
    }
}

void bsti_crowd_stop(struct bsti_crowd *crowd, bool kill)
{
    bool first = crowd->outstanding == 0;
    struct bsti_actor *actor;
    uint32_t place = 0;

    bsti_dynamic_shut(dynamic_of(crowd), BSTI_DOOR_STOPPING);
    while ((actor = bsti_dynamic_next(dynamic_of(crowd), &place)))
        stop_member(crowd, actor, kill);
    if (first && crowd->outstanding == 0)
        bsti_child_notify(&crowd->child, BSTI_EVENT_EXITED);
}

void bsti_crowd_strike(struct bsti_crowd *crowd)
{
    struct bsti_actor *actor;
    uint32_t place = 0;

    while ((actor = bsti_dynamic_next(dynamic_of(crowd), &place)))
        bsti_actor_kill(actor);
}

bool bsti_crowd_has_others(struct bsti_crowd *crowd,
                           const struct bsti_child *member)
{
    struct bsti_actor *actor;
    uint32_t place = 0;

    while ((actor = bsti_dynamic_next(dynamic_of(crowd), &place)))
        if (&actor->child != member)
            return true;
    return false;
}

/* Whether one that is down comes back when its group is started again. */
static bool comes_back(struct bsti_child *child)
{
    enum bst_lifetime lifetime = bsti_child_lifetime(child);
    enum bsti_exit how = bsti_child_exit(child);

    /* Whoever spawned it was told that it did not come up. */
    if (bsti_load_acquire(&child->events) & BSTI_EVENT_SPAWNING)
        return false;
    return bsti_strategy_restarts(lifetime, how) ||
           (lifetime != BST_TEMPORARY && how == BSTI_EXIT_SHUTDOWN);
}

static void left(struct bsti_crowd *crowd)
{
    if (--crowd->outstanding == 0)
        bsti_child_notify(&crowd->child, BSTI_EVENT_EXITED);
}

void bsti_crowd_left(struct bsti_sup *sup, struct bsti_child *member)
{
    member->state = BSTI_CHILD_DOWN;
    if (!comes_back(member))
        bsti_child_close(member);
    else if (sup->op == BSTI_OP_STOP && sup->after == BSTI_AFTER_RESTART)
        bsti_call_settle(member, true);
    left(bsti_child_crowd(bsti_child_unit(member)));
}

bool bsti_crowd_tear(struct bsti_crowd *crowd)
{
    struct bsti_actor *actor;
    uint32_t place = 0;
    bool torn = false;

    while ((actor = bsti_dynamic_next(dynamic_of(crowd), &place)))
        if (actor->child.state == BSTI_CHILD_STOPPING)
            torn |= bsti_op_tear(&actor->child);
    return torn;
}

void bsti_crowd_orphan(struct bsti_crowd *crowd)
{
    struct bsti_actor *actor;
    uint32_t place = 0;

    while ((actor = bsti_dynamic_next(dynamic_of(crowd), &place)))
        if (actor->child.state == BSTI_CHILD_STOPPING)
            bsti_op_orphan(&actor->child);
    crowd->outstanding = 0;
    crowd->child.state = BSTI_CHILD_DOWN;
}

/* ---- starting ------------------------------------------------------------ */

static void start_member(struct bsti_actor *actor)
{
    struct bsti_child *child = &actor->child;

    if (child->state != BSTI_CHILD_DOWN && child->state != BSTI_CHILD_WAITING)
        return;
    bsti_child_cancel_delay(child);
    if (!comes_back(child)) {
        bsti_child_close(child);
        return;
    }
    bsti_fetch_and_acq_rel(&child->events, (uint8_t)~BSTI_EVENT_WATCHED);
    bsti_child_start(child);
}

void bsti_crowd_start(struct bsti_crowd *crowd)
{
    struct bsti_actor *actor;
    uint32_t place = 0;

    while ((actor = bsti_dynamic_next(dynamic_of(crowd), &place)))
        start_member(actor);
    bsti_dynamic_open(dynamic_of(crowd));
    bsti_child_notify(&crowd->child, BSTI_EVENT_STARTED);
}

/* ---- forgetting ---------------------------------------------------------- */

void bsti_crowd_close(struct bsti_crowd *crowd)
{
    struct bsti_actor *actor;
    uint32_t place = 0;

    bsti_dynamic_shut(dynamic_of(crowd), BSTI_DOOR_CLOSED);
    while ((actor = bsti_dynamic_next(dynamic_of(crowd), &place))) {
        struct bsti_child *child = &actor->child;

        /* One that is on its way out frees itself. */
        if (bsti_load_acquire(&child->events) & BSTI_EVENT_GONE)
            continue;
        bsti_child_cancel_delay(child);
        bsti_child_close(child);
    }
}
