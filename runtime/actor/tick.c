/*
 * `every` and `idle`: timers that live as long as an incarnation.
 *
 * A tick is a message whose node is part of the timer, so that firing needs
 * no memory and at most one tick of a timer is queued. It carries the number
 * of the incarnation: one that is still in the mailbox when the actor is
 * restarted is discarded.
 */

#include "actor/actor.h"
#include "base/duration.h"
#include "base/assert.h"
#include "sync/atomic.h"

static struct bsti_tick *ticks(struct bsti_actor *actor)
{
    return (void *)((char *)actor + actor->group->ticks_offset);
}

static void send(struct bsti_tick *tick)
{
    struct bsti_actor *actor = tick->actor;

    /* acq_rel: pairs with the release in bsti_tick_taken(); the mailbox has
     * let go of the node. */
    if (bsti_xchg_acq_rel(&tick->queued, 1u)) {
        tick->missed++;
        return;
    }
    tick->node.stamp = bsti_load_relaxed(&actor->proc.incarnation);
    bsti_post_node(bsti_worker_current(), actor, &tick->node);
}

void bsti_tick_taken(struct bsti_node *node)
{
    struct bsti_tick *tick = bsti_container_of(node, struct bsti_tick, node);

    bsti_store_release(&tick->queued, 0u);
}

static void fire_every(struct bsti_alarm *alarm, bst_time now)
{
    struct bsti_tick *tick = bsti_container_of(alarm, struct bsti_tick, alarm);
    bst_time period = bsti_actor_spec(tick->actor)->timers[tick->index].period;
    bst_time passed = now - tick->start;

    send(tick);
    tick->missed += (uint64_t)((now - alarm->timer.due) / period);
    bsti_alarm_rearm(alarm, tick->start + (passed / period + 1) * period);
}

static void fire_idle(struct bsti_alarm *alarm, bst_time now)
{
    (void)now;
    send(bsti_container_of(alarm, struct bsti_tick, alarm));
}

void bsti_ticks_init(struct bsti_actor *actor)
{
    const struct bst_actor *spec = bsti_actor_spec(actor);

    for (uint32_t i = 0; i < spec->ntimers; i++) {
        struct bsti_tick *tick = &ticks(actor)[i];

        bsti_alarm_init(&tick->alarm, spec->timers[i].type == BST_EVERY
                                          ? fire_every
                                          : fire_idle);
        tick->actor = actor;
        tick->index = i;
        tick->node.kind = BST_KIND_TIMER + i;
        tick->node.flags = BSTI_NODE_TICK | BSTI_NODE_INCARNATION;
    }
}

void bsti_ticks_start(struct bsti_actor *actor)
{
    const struct bst_actor *spec = bsti_actor_spec(actor);
    bst_time now;

    if (spec->ntimers == 0)
        return;
    now = bsti_exec_now(actor->group->system->exec);
    for (uint32_t i = 0; i < spec->ntimers; i++) {
        struct bsti_tick *tick = &ticks(actor)[i];

        tick->start = now;
        bsti_alarm_arm(&tick->alarm,
                       bsti_time_after(now, spec->timers[i].period));
    }
}

void bsti_ticks_stop(struct bsti_actor *actor)
{
    const struct bst_actor *spec = bsti_actor_spec(actor);

    for (uint32_t i = 0; i < spec->ntimers; i++)
        bsti_alarm_cancel(&ticks(actor)[i].alarm);
}

void bsti_ticks_active(struct bsti_actor *actor)
{
    const struct bst_actor *spec = bsti_actor_spec(actor);
    bst_time now = bsti_exec_now(actor->group->system->exec);

    for (uint32_t i = 0; i < spec->ntimers; i++) {
        struct bsti_tick *tick = &ticks(actor)[i];

        if (spec->timers[i].type != BST_IDLE)
            continue;
        bsti_alarm_cancel(&tick->alarm);
        /* acquire: pairs with the exchange in send(), which may have been the
         * monitor's. One that waits came while a handler ran: it is void. */
        if (bsti_load_acquire(&tick->queued))
            tick->node.stamp = BSTI_TICK_VOID;
        tick->start = bsti_time_after(now, spec->timers[i].period);
        bsti_alarm_arm(&tick->alarm, tick->start);
    }
}

void bsti_tick_skip(struct bsti_actor *actor, struct bsti_node *node)
{
    struct bsti_tick *tick = bsti_container_of(node, struct bsti_tick, node);

    bsti_exec_count(actor->group->system->exec, bsti_worker_current(),
                    BSTI_COUNT_DROPPED, 1);
    /* The alarm may have come again and found this node still queued. */
    bsti_alarm_cancel(&tick->alarm);
    bsti_alarm_arm(&tick->alarm, tick->start);
}
