/*
 * The life of an incarnation: what its supervisor asks for, and its beginning.
 * Its end is in end.c.
 *
 * Signals are set by any thread; the process heeds them between two messages.
 */

#include <string.h>

#include "actor/actor.h"
#include "actor/apart.h"
#include "actor/dynamic.h"
#include "base/assert.h"
#include "base/rand.h"
#include "exec/oust.h"
#include "sync/atomic.h"

static void count(struct bsti_actor *actor, enum bsti_count counter)
{
    bsti_count(actor->group->system, bsti_worker_current(), counter);
}

/* ---- asked from outside -------------------------------------------------- */

static void signal_actor(struct bsti_actor *actor, uint32_t bits)
{
    if (bsti_proc_signal(&actor->proc, bits))
        bsti_exec_ready(actor->group->system->exec, &actor->proc);
}

void bsti_actor_stop(struct bsti_actor *actor)
{
    signal_actor(actor, BSTI_SIGNAL_STOP);
    if (actor->group->has_blocking)
        bsti_force_interrupt(actor->group->system->exec, &actor->proc);
    bsti_blocked_stop(actor);
}

void bsti_actor_kill(struct bsti_actor *actor)
{
    signal_actor(actor, BSTI_SIGNAL_KILL);
    if (bsti_proc_cancel_wait(&actor->proc, BST_DEAD))
        bsti_exec_ready(actor->group->system->exec, &actor->proc);
    else
        bsti_force(actor->group->system->exec, &actor->proc,
                   actor->group->has_blocking);
}

void bsti_actor_start(struct bsti_actor *actor)
{
    /* What was meant for the incarnation before, and came too late. */
    bsti_proc_take_signals(&actor->proc, BSTI_SIGNAL_KILL | BSTI_SIGNAL_STOP |
                                             BSTI_SIGNAL_TEAR);
    if (bsti_load_relaxed(&actor->proc.gate) & 1) {
        /* It was closed and nobody holds it: it opens in its own turn. */
        signal_actor(actor, BSTI_SIGNAL_START);
        return;
    }
    bsti_assert(bsti_actor_phase(actor) == BSTI_PHASE_DOWN);
    bsti_actor_set_phase(actor, BSTI_PHASE_STARTING);
    bsti_exec_ready(actor->group->system->exec, &actor->proc);
}

void bsti_actor_close(struct bsti_actor *actor)
{
    uint64_t gate = bsti_load_relaxed(&actor->proc.gate);

    /* relaxed: a sender that misses it loses the race and is found by the
     * turn below, which discards what is in the mailbox. */
    bsti_store_relaxed(&actor->proc.gate, gate | 1);
    if (actor->group->dynamic)
        bsti_dynamic_close(actor);
    bsti_exec_ready(actor->group->system->exec, &actor->proc);
}

/*
 * A turn that empties the mailbox of the last tenant may still go on: it sees
 * a process that is down, whoever the tenant is, and that is all it needs.
 */
void bsti_actor_renew(struct bsti_actor *actor)
{
    uint64_t stamp = bsti_load_relaxed(&actor->proc.incarnation) + 1;

    bsti_store_relaxed(&actor->proc.incarnation, stamp);
    bsti_store_relaxed(&actor->proc.gate, stamp << 1 | 1);
    bsti_child_forget(&actor->child);
}

/* ---- the life of an incarnation ------------------------------------------ */

const void *bsti_actor_args(struct bsti_actor *actor)
{
    return actor->group->dynamic ? bsti_dynamic_args(actor)
                                 : actor->group->spec->args;
}

static void init_state(struct bsti_actor *actor)
{
    const struct bst_actor *spec = bsti_actor_spec(actor);
    char *state = bsti_actor_state(actor);
    struct bst_birth birth = {.system = actor->group->system,
                              .incarnation = bsti_actor_number(actor) - 1,
                              .self = bsti_ref_child(actor),
                              .args = bsti_actor_args(actor)};

    if (birth.incarnation == 0 || spec->keep_size == 0) {
        memset(state, 0, spec->state_size);
    } else {
        size_t behind = spec->keep_offset + spec->keep_size;

        memset(state, 0, spec->keep_offset);
        memset(state + behind, 0, spec->state_size - behind);
    }
    if (spec->init)
        spec->init(state, &birth);
}

/* What is called before the first message. */
static bst_status call_starters(struct bsti_actor *actor)
{
    struct bsti_group *group = actor->group;
    bool again = actor->child.flags & BSTI_CHILD_AGAIN;
    const struct bst_handler *handler = group->on_start;
    bst_status status = BST_OK;

    if (group->on_restart && bsti_actor_number(actor) > 1)
        handler = group->on_restart;
    if (BSTI_UNLIKELY(group->callbacks))
        status = bsti_actor_call_back(actor, again ? BSTI_CALL_AFTER_RESTART
                                                   : BSTI_CALL_BEFORE_START);
    if (status == BST_OK && handler)
        status = bsti_actor_call_builtin(actor, handler->kind);
    if (status == BST_OK && BSTI_UNLIKELY(group->callbacks) && !again)
        status = bsti_actor_call_back(actor, BSTI_CALL_AFTER_START);
    return status;
}

bool bsti_actor_begin(struct bsti_actor *actor)
{
    struct bsti_group *group = actor->group;
    struct bst_system *system = group->system;
    bst_status status;

    actor->flags = 0;
    actor->node = NULL;
    actor->rand = 0;
    bsti_store_relaxed(&actor->proc.gate,
                       bsti_load_relaxed(&actor->proc.gate) & ~(uint64_t)1);
    bsti_actor_next_stamp(actor);
    count(actor, BSTI_COUNT_STARTS);
    if (bsti_actor_number(actor) > 1)
        count(actor, BSTI_COUNT_RESTARTS);
    init_state(actor);
    status = call_starters(actor);
    if (status == BST_STOP) {
        bsti_actor_end(actor, BSTI_EXIT_DECLINED, BST_OK);
        return false;
    }
    if (status != BST_OK) {
        bsti_actor_end(actor, BSTI_EXIT_START_FAILED, status);
        return false;
    }
    bsti_actor_set_up(actor);
    bsti_ticks_start(actor);
    if (!group->dynamic || !bsti_dynamic_started(actor))
        system->hooks->started(actor);
    return true;
}

bool bsti_actor_heed_signals(struct bsti_actor *actor)
{
    uint32_t signals = bsti_proc_signals(&actor->proc);

    if (signals & BSTI_SIGNAL_TORN) {
        bsti_actor_torn(actor);
        return false;
    }
    if (signals & BSTI_SIGNAL_BLOCKED)
        bsti_blocked_serve(actor);
    if (signals == BSTI_SIGNAL_BLOCKED)
        return true;
    signals = bsti_proc_take_signals(
        &actor->proc, BSTI_SIGNAL_KILL | BSTI_SIGNAL_STOP | BSTI_SIGNAL_START);
    if (bsti_actor_phase(actor) == BSTI_PHASE_DOWN) {
        if (!(signals & BSTI_SIGNAL_START))
            return true;
        /* Those that came after the start are for the one that begins. */
        bsti_proc_signal(&actor->proc, signals & ~(uint32_t)BSTI_SIGNAL_START);
        bsti_actor_set_phase(actor, BSTI_PHASE_STARTING);
        return bsti_actor_begin(actor);
    }
    if (signals & BSTI_SIGNAL_KILL) {
        bsti_actor_end(actor, BSTI_EXIT_KILLED, BST_DEAD);
        return false;
    }
    if (signals & BSTI_SIGNAL_STOP) {
        actor->flags |= BSTI_STOP_ASKED;
        bsti_actor_end(actor, BSTI_EXIT_SHUTDOWN, BST_OK);
        return false;
    }
    return true;
}
