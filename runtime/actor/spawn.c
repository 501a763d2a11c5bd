/*
 * Spawning: a block, a tenant, and, if it has a start handler, its start.
 *
 * Nobody else knows a block that is free, but a turn may still run on it that
 * discards a message which came too late. That turn looks at the phase, the
 * signals and the stamps of messages, and none of them concerns it here: a
 * free block has no flags, and what belongs to the next tenant comes with a
 * message or a signal that was sent after all below.
 */

#include <string.h>

#include "actor/actor.h"
#include "actor/dynamic.h"
#include "actor/foreign.h"
#include "actor/uses.h"
#include "base/assert.h"
#include "plat/log.h"
#include "sync/atomic.h"

/* A spawn on its way. */
struct order {
    struct bsti_group *group;
    struct bsti_worker *worker;
    const void *args;
    struct bsti_parent parent; /* who waits, if it starts itself */
    struct bsti_actor *actor;  /* the child */
    uint64_t gate;             /* of the child when it is open */
};

static struct bsti_parent *parent_of(struct bsti_actor *actor)
{
    return (void *)((char *)actor + actor->group->dynamic->parent_offset);
}

/* ---- a new tenant -------------------------------------------------------- */

/* A block that was never used becomes a process which is idle. */
static BSTI_NOINLINE void first_use(struct bsti_group *group,
                                    struct bsti_actor *actor)
{
    uint32_t number = bsti_depot_number(&group->dynamic->depot, actor);

    bsti_member_init(group, actor, number);
    bsti_mpscq_init(&actor->proc.mailbox, true);
}

/* What is the same for all children; the gate stays closed. */
static inline void move_in(struct order *order, struct bsti_actor *actor)
{
    struct bsti_group *group = order->group;
    size_t args_size = group->spec->actor->args_size;
    uint64_t stamp;

    if (bsti_load_relaxed(&actor->proc.gate) == 0)
        first_use(group, actor);
    stamp = bsti_load_relaxed(&actor->proc.incarnation) + 1;
    order->gate = stamp << 1;
    bsti_store_relaxed(&actor->proc.incarnation, stamp);
    bsti_store_relaxed(&actor->proc.gate, order->gate | 1);
    if (BSTI_UNLIKELY(bsti_load_relaxed(&actor->proc.signals)))
        bsti_proc_take_signals(&actor->proc, UINT8_MAX & ~BSTI_SIGNAL_BLOCKED);
    bsti_child_forget(&actor->child);
    actor->child.flags = 0;
    actor->child.state = BSTI_CHILD_UP;
    bsti_store_relaxed(&actor->child.events, (uint8_t)0);
    bsti_assert(args_size == 0 || order->args);
    if (args_size > 0)
        memcpy(bsti_dynamic_args(actor), order->args, args_size);
    order->actor = actor;
}

/* As bsti_actor_init_state(), for a state of which nothing is kept. */
static inline void init_state(const struct order *order,
                              struct bsti_actor *actor)
{
    const struct bst_actor *spec = order->group->spec->actor;
    void *state = bsti_actor_state(actor);

    if (spec->state_size > 0)
        memset(state, 0, spec->state_size);
    if (spec->init) {
        struct bst_birth birth = {
            .system = order->group->system,
            .incarnation = 0,
            .self = {(uintptr_t)actor | BSTI_REF_CHILD, order->gate},
            .args = bsti_dynamic_args(actor)};

        spec->init(state, &birth);
    }
}

/* It has nothing to do before its first message: it is up. */
static inline void set_up(struct order *order, struct bsti_actor *actor)
{
    actor->rand = 0;
    bsti_actor_next_stamp(actor);
    init_state(order, actor);
    bsti_actor_set_up(actor);
    bsti_count(order->group->system, order->worker, BSTI_COUNT_STARTS);
    /* release: pairs with whoever finds it through the group and then sends
     * to it, or stops it; others have it from its parent. */
    bsti_store_release(&actor->proc.gate, order->gate);
    bsti_dynamic_set_live(actor, true);
}

/* It begins in its own turn. A stop that comes from now on is heeded after
 * that, as the signal to start is there already. */
static void prepare(struct order *order, struct bsti_actor *actor)
{
    *parent_of(actor) = order->parent;
    bsti_store_relaxed(&actor->child.events, (uint8_t)BSTI_EVENT_SPAWNING);
    bsti_fetch_or_seq_cst(&actor->proc.signals, (uint8_t)BSTI_SIGNAL_START);
    bsti_dynamic_set_live(actor, true);
}

/* Makes the child, or says why not. */
static inline bst_status make(struct order *order)
{
    struct bsti_actor *actor;
    struct bsti_dynamic *dynamic = order->group->dynamic;
    struct bsti_nursery *nursery = bsti_dynamic_go_in(dynamic, order->worker);
    uint32_t door = bsti_dynamic_door(dynamic);
    bst_status status = BST_OK;

    if (BSTI_UNLIKELY(door & BSTI_DOOR_SHUT)) {
        status = door & BSTI_DOOR_CLOSED ? BST_DEAD : BST_STOPPING;
    } else if (BSTI_UNLIKELY(
                   !bsti_dynamic_take_place(dynamic, nursery, door))) {
        status = door & BSTI_DOOR_EMPTIED ? BST_FULL : BST_TIMEOUT;
    } else {
        actor = bsti_magazine_alloc(nursery ? &nursery->blocks : NULL,
                                    &dynamic->depot);
        if (BSTI_LIKELY(actor)) {
            move_in(order, actor);
            if (dynamic->starts_itself)
                prepare(order, actor);
            else
                set_up(order, actor);
        } else {
            bsti_dynamic_give_place(dynamic, nursery, door);
            status = BST_NOMEM;
        }
    }
    bsti_dynamic_go_out(dynamic, nursery);
    return status;
}

/* Makes the child; while it is not known whether there is a place for it, the
 * group is made tight first. */
static inline bst_status spawn(struct order *order)
{
    bst_status status;

    while (BSTI_UNLIKELY((status = make(order)) == BST_TIMEOUT))
        bsti_dynamic_tighten(order->group->dynamic);
    return status;
}

/* As spawn(), for one that then begins by itself. */
static bst_status spawn_to_start(struct order *order)
{
    bst_status status = spawn(order);

    if (status == BST_OK && bsti_mpscq_wake(&order->actor->proc.mailbox))
        bsti_exec_ready(order->group->system->exec, &order->actor->proc);
    return status;
}

/* ---- waiting for it ------------------------------------------------------ */

/* Ends a wait that nobody else will end. */
static void call_off(const struct bsti_parent *parent, bst_status status)
{
    if (bsti_waiter_claim(parent->waiter, parent->seq) != BSTI_CLAIM_LOST)
        bsti_waiter_finish(parent->waiter, parent->seq, status, NULL);
}

static bst_status take_result(struct bsti_waiter *waiter)
{
    void *gift;

    return (bst_status)bsti_waiter_take(waiter, &gift);
}

static bst_status spawn_as_process(struct bsti_actor *self, struct order *order)
{
    struct bsti_parent *parent = &order->parent;
    bst_status status;

    parent->waiter = &self->proc.waiter;
    parent->seq = bsti_waiter_arm(parent->waiter);
    status = spawn_to_start(order);
    if (status != BST_OK)
        call_off(parent, status);
    else
        bsti_actor_await(self, parent->seq);
    return take_result(&self->proc.waiter);
}

static bst_status spawn_as_thread(struct order *order)
{
    struct bst_system *system = order->group->system;
    struct bsti_foreign *foreign = bsti_foreign_acquire(system);
    struct bsti_parent *parent = &order->parent;
    bst_status status;

    if (!foreign)
        return BST_NOMEM;
    parent->waiter = &foreign->waiter;
    parent->seq = bsti_waiter_arm(parent->waiter);
    status = spawn_to_start(order);
    if (status != BST_OK)
        call_off(parent, status);
    else
        bsti_thread_wait(system, parent->waiter, parent->seq, BST_INFINITE,
                         BST_TIMEOUT);
    status = take_result(parent->waiter);
    bsti_foreign_release(system, foreign);
    return status;
}

/* ---- the calls ----------------------------------------------------------- */

/* Returns the dynamic group of that system, or NULL. */
static inline struct bsti_group *find(struct bst_system *system,
                                      const struct bst_group *spec)
{
    struct bsti_group *group;

    if (!spec)
        return NULL;
    bsti_probe_small(spec, sizeof *spec);
    group = bsti_group_find(system, spec);
    return group && group->dynamic ? group : NULL;
}

/* Looks at what is given to a spawn, which is copied while nobody waits. */
static inline void probe(const struct bst_group *spec, const void *args,
                         bst_ref *ref)
{
    if (args)
        bsti_probe_small(args, spec->actor->args_size);
    if (ref)
        bsti_probe_out_small(ref, sizeof *ref);
}

static inline bst_status finish(const struct order *order, bst_status status,
                                bst_ref *ref)
{
    if (status == BST_OK && ref)
        *ref = (bst_ref){(uintptr_t)order->actor | BSTI_REF_CHILD, order->gate};
    return status;
}

bst_status bst_group_spawn(void *self, const struct bst_group *spec,
                           const void *args, bst_ref *ref)
{
    struct bsti_actor *actor = bsti_actor_of(self);
    struct order order; /* as little of it is set as is needed */
    bst_status status;

    order.worker = bsti_worker_current();
    if (BSTI_UNLIKELY(bsti_actor_current(order.worker) != actor) &&
        !bsti_must_be_current(actor, "bst_group_spawn"))
        return BST_DEAD;
    order.group = find(actor->group->system, spec);
    order.args = args;
    if (!order.group || (!args && spec->actor->args_size > 0) ||
        bsti_actor_phase(actor) >= BSTI_PHASE_ENDING)
        return BST_INVALID;
    probe(spec, args, ref);
    bsti_uses_check_spawn(actor, spec);
    if (BSTI_LIKELY(!order.group->dynamic->starts_itself))
        status = spawn(&order);
    else if (order.worker)
        status = spawn_as_process(actor, &order);
    else
        status = spawn_as_thread(&order);
    return finish(&order, status, ref);
}

bst_status bst_system_spawn(struct bst_system *system,
                            const struct bst_group *spec, const void *args,
                            bst_ref *ref)
{
    struct order order = {.args = args};
    bst_status status;

    bsti_probe_word(system);
    order.group = find(system, spec);
    if (!order.group || (!args && spec->actor->args_size > 0) ||
        bsti_worker_current())
        return BST_INVALID;
    probe(spec, args, ref);
    if (!bsti_foreign_enter(system))
        return BST_DEAD;
    if (order.group->dynamic->starts_itself)
        status = spawn_as_thread(&order);
    else
        status = spawn(&order);
    bsti_foreign_leave(system);
    return finish(&order, status, ref);
}

/* ---- its start ----------------------------------------------------------- */

bool bsti_dynamic_started(struct bsti_actor *actor)
{
    struct bsti_parent parent;
    uint32_t events;

    if (!(bsti_load_relaxed(&actor->child.events) & BSTI_EVENT_SPAWNING))
        return false;
    parent = *parent_of(actor);
    /* acq_rel: as the notes of other children; the supervisor may have set
     * WATCHED meanwhile, which stays. */
    events = bsti_fetch_and_acq_rel(&actor->child.events,
                                    (uint8_t)~BSTI_EVENT_SPAWNING);
    bsti_assert(events & BSTI_EVENT_SPAWNING);
    (void)events;
    bsti_answer(actor->group->system, parent.waiter, parent.seq, BST_OK, NULL);
    return true;
}

bst_status bsti_dynamic_refused(struct bsti_actor *actor,
                                struct bsti_parent *parent)
{
    enum bsti_exit how = (enum bsti_exit)actor->exit;
    const struct bsti_fault *fault = bsti_actor_last_fault(actor);
    char path[256];

    *parent = *parent_of(actor);
    if (how == BSTI_EXIT_DECLINED)
        return BST_REFUSED;
    if (how != BSTI_EXIT_START_FAILED)
        return BST_STOPPING;
    bsti_actor_path(actor, path, sizeof path);
    bsti_log(BST_LOG_WARN, "%s failed to start: %s%s%s", path,
             bst_status_name((bst_status)actor->status),
             fault && fault->text[0] ? ": " : "", fault ? fault->text : "");
    return BST_FAILED;
}
