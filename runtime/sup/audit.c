/*
 * What must be true of a simulated system whenever nothing is ready.
 *
 * All of it is read while the host has the only thread, so nothing moves.
 */

#include "actor/dynamic.h"
#include "exec/sim.h"
#include "sup/simulate.h"
#include "sync/atomic.h"

enum {
    OFTEN = 256, /* so many audits are made at once, ... */
    SELDOM = 64  /* ... and then one in so many, as a tree may be large */
};

/* What is found on the way through the tree. */
struct audit {
    struct bsti_simulation *sim;
    uint64_t queued; /* messages in mailboxes */
    bool unclear;    /* some mailbox holds what cannot be counted here */
};

/* ---- mailboxes ----------------------------------------------------------- */

/* Adds the messages of a mailbox that nobody touches. */
static void count_messages(struct audit *audit, struct bsti_actor *actor)
{
    struct bsti_mpscq *mailbox = &actor->proc.mailbox;
    struct bsti_mpscq_node *link = bsti_mpscq_first(mailbox);

    if (actor->group->drops_oldest || actor->group->overflow_offset)
        audit->unclear = true;
    for (; link; link = bsti_mpscq_after(mailbox, link))
        audit->queued++;
}

/* ---- children ------------------------------------------------------------ */

static void check_ticks(struct bsti_simulation *sim, struct bsti_actor *actor)
{
    const struct bst_actor *spec = bsti_actor_spec(actor);
    const struct bsti_tick *ticks =
        (void *)((char *)actor + actor->group->ticks_offset);
    char path[256];

    if (bsti_actor_phase(actor) != BSTI_PHASE_DOWN)
        return;
    for (uint32_t i = 0; i < spec->ntimers; i++) {
        if (!ticks[i].alarm.worker ||
            !bsti_timer_is_armed(&ticks[i].alarm.timer))
            continue;
        bsti_actor_path(actor, path, sizeof path);
        bsti_simulation_break(sim, "what is down has no timers",
                              "timer %u of %s is armed", i, path);
    }
}

static void check_actor(struct audit *audit, struct bsti_actor *actor)
{
    check_ticks(audit->sim, actor);
    count_messages(audit, actor);
}

static void check_members(struct audit *audit, struct bsti_crowd *crowd)
{
    struct bsti_dynamic *dynamic = crowd->group->dynamic;
    struct bsti_actor *actor;
    uint32_t place = 0;

    while ((actor = bsti_dynamic_used(dynamic, &place)) != NULL)
        check_actor(audit, actor);
}

static bool is_at_rest(struct bsti_sup *sup)
{
    return sup->alive && sup->announced && sup->op == BSTI_OP_NONE &&
           !bsti_load_relaxed(&sup->pending.next) &&
           !bsti_load_relaxed(&sup->retries.next);
}

static void check_sup(struct audit *audit, struct bsti_sup *sup)
{
    for (uint32_t i = 0; i < sup->nchildren; i++) {
        struct bsti_child *child = bsti_sup_from(sup, i);

        if (!child)
            break;
        if (child->index < i || bsti_child_sup(child) != sup)
            bsti_simulation_break(audit->sim, "every child has one supervisor",
                                  "child %u of %s does not know it", i,
                                  sup->path);
        i = child->index;
        if (bsti_child_inner(child))
            check_sup(audit, bsti_child_inner(child));
        else if (bsti_child_crowd(child))
            check_members(audit, bsti_child_crowd(child));
        else
            check_actor(audit, bsti_child_actor(child));
    }
    if (is_at_rest(sup))
        bsti_shadow_check(audit->sim, sup);
}

/* ---- the account --------------------------------------------------------- */

static void check_account(const struct audit *audit)
{
    struct bst_stats stats;

    bst_system_stats(&audit->sim->system->base, &stats);
    if (audit->unclear || stats.queued == audit->queued)
        return;
    bsti_simulation_break(
        audit->sim, "every message is accounted for",
        "sent %llu, handled %llu, failed %llu, dead %llu, dropped %llu, and "
        "%llu in mailboxes",
        (unsigned long long)stats.sent, (unsigned long long)stats.handled,
        (unsigned long long)stats.failed, (unsigned long long)stats.dead,
        (unsigned long long)stats.dropped, (unsigned long long)audit->queued);
}

void bsti_audit(struct bsti_simulation *sim)
{
    struct audit audit = {.sim = sim};

    if (bsti_sim_has_forgotten(sim->system->base.exec))
        bsti_simulation_break(sim, "nothing ready waits while workers sleep",
                              "something was put into a queue, and nobody was "
                              "woken");
    if (++sim->idle > OFTEN && sim->idle % SELDOM != 0)
        return;
    check_sup(&audit, sim->system->root);
    check_account(&audit);
}
