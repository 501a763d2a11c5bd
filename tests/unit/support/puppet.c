/*
 * Puppets: the actors of a rig, and the things they are told to do.
 */

#define _GNU_SOURCE

#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#include "actor/actor.h"
#include "plat/thread.h"
#include "sync/atomic.h"
#include "unit/support/rig.h"

/* ---- the actor ----------------------------------------------------------- */

static void init(void *state, const struct bst_birth *birth)
{
    struct puppet *self = state;
    struct bsti_actor *actor = bsti_actor_of(self);

    self->rig = rig_of(birth->system);
    self->part = &self->rig->parts[actor->group->spec->index];
    self->args = birth->args;
}

/* Another one may be starting at the same time. */
static bool take_bad_start(struct rig_part *part)
{
    uint32_t left = bsti_load_relaxed(&part->bad_starts);

    while (left > 0)
        if (bsti_cas_strong_relaxed(&part->bad_starts, &left, left - 1))
            return true;
    return false;
}

static bst_status on_start(struct puppet *self)
{
    struct rig_part *part = self->part;

    if (part->declines)
        return BST_STOP;
    if (take_bad_start(part))
        return BST_FAIL;
    return part->on_start ? part->on_start(self, part->arg, NULL) : BST_OK;
}

static bst_status on_stop(struct puppet *self)
{
    struct rig_part *part = self->part;
    char place[16] = "";

    if (part->group.redundancy != 1)
        snprintf(place, sizeof place, "/%u", bst_index(self));
    if (bst_stopping(self))
        rig_note(self->rig, "stop %s%s#%llu", part->group.name, place,
                 (unsigned long long)bst_incarnation(self) + 1);
    if (part->slow_stop > 0)
        bst_sleep(self, part->slow_stop);
    return part->on_stop ? part->on_stop(self, part->arg, NULL) : BST_OK;
}

static bst_status handle(void *state, const struct bst_msg *in, void *answer)
{
    struct puppet *self = state;
    const struct rig_order *order = in->body;
    const unsigned char *bytes = in->body;

    switch (in->kind) {
    case BST_KIND_START:
        return on_start(self);
    case BST_KIND_STOP:
        return on_stop(self);
    case RIG_DO:
        return order->fn(self, order->arg, NULL);
    case RIG_ASK:
        return order->fn(self, order->arg, answer);
    case RIG_ANSWER:
        rig_note(
            self->rig, "answer %llu",
            (unsigned long long)((const struct rig_answer *)in->body)->value);
        return BST_OK;
    case RIG_BLOB:
        for (uint32_t i = 0; i < in->size; i++)
            self->count += bytes[i];
        return BST_OK;
    default:
        return bst_unhandled(self, in);
    }
}

static const struct bst_use uses[] = {
    {.kind = RIG_DO, .how = BST_USE_TELL | BST_USE_CAST},
    {.kind = RIG_ASK, .how = BST_USE_ASK, .within = BST_S(20)},
    {.kind = RIG_ASK, .how = BST_USE_TELL},
    {.kind = RIG_ANSWER, .how = BST_USE_TELL},
    {.kind = RIG_PLAIN, .how = BST_USE_TELL},
    {.kind = RIG_PLAIN, .how = BST_USE_ASK, .within = BST_S(20)},
    {.kind = RIG_BLOB, .how = BST_USE_TELL | BST_USE_CAST},
    {.how = BST_USE_SPAWN},
};

#define PUPPET_HANDLER(kind_, name_)                                           \
    {                                                                          \
        .kind = (kind_), .name = (name_), .where = "puppet.bst:1",             \
        .uses = uses, .nuses = sizeof uses / sizeof uses[0]                    \
    }

/* The last one is left out for a puppet without `on stop`, and the first one
 * as well for one that is passive. */
static const struct bst_handler handlers[] = {
    PUPPET_HANDLER(BST_KIND_START, "on start"),
    PUPPET_HANDLER(RIG_DO, "on do"),
    PUPPET_HANDLER(RIG_ASK, "on ask"),
    PUPPET_HANDLER(RIG_ANSWER, "on answer"),
    PUPPET_HANDLER(RIG_BLOB, "on blob"),
    PUPPET_HANDLER(BST_KIND_STOP, "on stop"),
};

enum { HANDLERS = sizeof handlers / sizeof handlers[0] };

const struct bst_actor rig_puppet = {
    .name = "puppet",
    .state_size = sizeof(struct puppet),
    .keep_offset = offsetof(struct puppet, kept),
    .keep_size = sizeof(uint64_t),
    .init = init,
    .handle = handle,
    .handlers = handlers,
    .nhandlers = HANDLERS,
};

const struct bst_actor rig_puppet_unstopped = {
    .name = "puppet",
    .state_size = sizeof(struct puppet),
    .keep_offset = offsetof(struct puppet, kept),
    .keep_size = sizeof(uint64_t),
    .init = init,
    .handle = handle,
    .handlers = handlers,
    .nhandlers = HANDLERS - 1,
};

const struct bst_actor rig_puppet_passive = {
    .name = "puppet",
    .state_size = sizeof(struct puppet),
    .keep_offset = offsetof(struct puppet, kept),
    .keep_size = sizeof(uint64_t),
    .init = init,
    .handle = handle,
    .handlers = handlers + 1,
    .nhandlers = HANDLERS - 2,
};

const struct bst_actor rig_puppet_short = {
    .name = "puppet",
    .state_size = sizeof(struct puppet),
    .init = init,
    .handle = handle,
    .handlers = handlers,
    .nhandlers = HANDLERS,
};

/* ---- things to do -------------------------------------------------------- */

bst_status rig_crash(struct puppet *self, void *arg, struct rig_answer *answer)
{
    (void)self;
    (void)arg;
    (void)answer;
    return BST_FAIL;
}

bst_status rig_panic(struct puppet *self, void *arg, struct rig_answer *answer)
{
    (void)answer;
    bst_panic(self, "%s", arg ? (const char *)arg : "panic");
}

bst_status rig_normal(struct puppet *self, void *arg, struct rig_answer *answer)
{
    (void)self;
    (void)arg;
    (void)answer;
    return BST_STOP;
}

bst_status rig_count(struct puppet *self, void *arg, struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    self->count++;
    return BST_OK;
}

bst_status rig_count_kept(struct puppet *self, void *arg,
                          struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    self->kept++;
    return BST_OK;
}

bst_status rig_say(struct puppet *self, void *arg, struct rig_answer *answer)
{
    (void)answer;
    rig_note(self->rig, "%s", (const char *)arg);
    return BST_OK;
}

bst_status rig_get(struct puppet *self, void *arg, struct rig_answer *answer)
{
    (void)arg;
    answer->value = self->count;
    return BST_OK;
}

bst_status rig_get_kept(struct puppet *self, void *arg,
                        struct rig_answer *answer)
{
    (void)arg;
    answer->value = self->kept;
    return BST_OK;
}

bst_status rig_sleep(struct puppet *self, void *arg, struct rig_answer *answer)
{
    (void)answer;
    rig_note(self->rig, "asleep");
    bst_sleep(self, *(const bst_time *)arg);
    return BST_OK;
}

bst_status rig_hold(struct puppet *self, void *arg, struct rig_answer *answer)
{
    struct rig_gate *gate = arg;
    sigset_t all;
    sigset_t before;

    (void)answer;
    /* So that it cannot be forced to end. */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    bsti_fetch_add_acq_rel(&gate->entered, 1u);
    while (!bsti_load_acquire(&gate->open)) {
        if (rig_is_simulated())
            bst_sleep(self, BST_US(20));
        else
            bsti_thread_yield();
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return BST_OK;
}

void rig_gate_wait(struct rig_gate *gate, uint32_t entered)
{
    while (bsti_load_acquire(&gate->entered) < entered)
        rig_pass();
}

void rig_gate_open(struct rig_gate *gate)
{
    bsti_store_release(&gate->open, 1u);
}
