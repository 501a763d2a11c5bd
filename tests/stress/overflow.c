/*
 * Foreign threads and actors send to children with small mailboxes, of each
 * kind, that fail now and then, and are stopped and killed while they wait.
 * No message is lost or counted twice, no bound is exceeded, the messages of
 * one sender stay in order, and nobody waits for ever.
 *
 *     overflow THREADS ROUNDS SEED
 */

#define _GNU_SOURCE
#include "stress/tree.h"

#include "actor/actor.h"

enum { SINKS = 2, SENDERS = 8, PLACES = 3, KINDS_OF_SINKS = 4 };

/* What WORK carries: who sent it, and its number among that sender's. */
struct work {
    uint32_t sender;
    uint32_t number;
};

/* GO tells an actor to send so many. */
enum { GO = QUESTION };

static struct bst_system *system_;
static struct stress stress;
static const struct bst_group sinks[KINDS_OF_SINKS];

struct sink {
    uint32_t last[STRESS_THREADS_MAX];
};

/* Whether more messages wait than there are places. */
static void check_bound(void *self)
{
    struct bsti_actor *actor = bsti_actor_of(self);
    const struct bsti_proc *proc = &actor->proc;
    uint32_t used;

    if (actor->group->spec->overflow == BST_OVERFLOW_DROP_OLDEST) {
        struct bsti_overflow *overflow = bsti_overflow_of(actor);

        bsti_spin_lock(&overflow->lock);
        used = overflow->queued;
        bsti_spin_unlock(&overflow->lock);
        stress_check(used <= PLACES);
        return;
    }
    /* Who is refused takes a place for a moment: many at once may. */
    used = bsti_load_relaxed(&proc->pushed) - bsti_load_relaxed(&proc->taken);
    stress_check(used <= PLACES + STRESS_THREADS_MAX);
}

static bst_status on_work(struct sink *self, const struct work *work)
{
    uint64_t chance = bst_random(self) % 200;

    check_bound(self);
    if (work->sender < STRESS_THREADS_MAX) {
        stress_check(work->number > self->last[work->sender]);
        self->last[work->sender] = work->number;
    }
    if (chance == 0)
        bst_panic(self, "chance");
    if (chance == 1)
        return BST_FAIL;
    if (chance == 2)
        return BST_STOP;
    if (chance == 3)
        bst_yield(self);
    if (chance == 4)
        bst_sleep(self, BST_US(100));
    return BST_OK;
}

static bst_ref any_sink(uint64_t chance)
{
    return bst_group_ref(system_, &sinks[chance % KINDS_OF_SINKS]);
}

/* Sends as many as it is told; the mailbox says whether it waits. */
static bst_status on_go(void *self, uint64_t left)
{
    while (left-- > 0) {
        struct work work = {.sender = UINT32_MAX};
        uint64_t chance = bst_random(self);
        bst_status status = BST_OK;

        if (chance % 16 == 0)
            (void)bst_cast(any_sink(chance / 16), WORK, &work, sizeof work);
        else
            status = bst_tell(any_sink(chance / 16), WORK, &work, sizeof work);
        /* BST_DEAD: it is killed, between entering the list and waiting. */
        if (status == BST_STOPPING || status == BST_DEAD)
            return BST_OK;
        stress_check(status == BST_OK || status == BST_FULL);
    }
    return BST_OK;
}

static bst_status handle_sink(void *self, const struct bst_msg *in,
                              void *answer)
{
    (void)answer;
    return in->kind == WORK ? on_work(self, in->body) : bst_unhandled(self, in);
}

static bst_status handle_sender(void *self, const struct bst_msg *in,
                                void *answer)
{
    (void)answer;
    return in->kind == GO ? on_go(self, *(const uint64_t *)in->body)
                          : bst_unhandled(self, in);
}

static const struct bst_actor sink =
    TREE_ACTOR("sink", handle_sink, struct sink);
static const struct bst_actor sender =
    TREE_ACTOR("sender", handle_sender, struct sink);

#define SINK_GROUP(name_, index_, overflow_)                                   \
    {                                                                          \
        .name = (name_), .actor = &sink, .index = (index_),                    \
        .redundancy = SINKS, .mailbox = PLACES, .overflow = (overflow_),       \
        .block = BST_MS(2)                                                     \
    }

static const struct bst_group sinks[KINDS_OF_SINKS] = {
    SINK_GROUP("rejects", 0, BST_OVERFLOW_REJECT),
    SINK_GROUP("drops_oldest", 1, BST_OVERFLOW_DROP_OLDEST),
    SINK_GROUP("drops_newest", 2, BST_OVERFLOW_DROP_NEWEST),
    SINK_GROUP("blocks", 3, BST_OVERFLOW_BLOCK),
};
static const struct bst_group senders = {.name = "senders",
                                         .actor = &sender,
                                         .index = KINDS_OF_SINKS,
                                         .redundancy = SENDERS,
                                         .mailbox = 1000};
static const struct bst_child children[] = {
    {.group = &sinks[0]}, {.group = &sinks[1]}, {.group = &sinks[2]},
    {.group = &sinks[3]}, {.group = &senders},
};
static const struct bst_supervisor root = {
    .name = "root",
    .restart = {.mode = BST_RESTART_ALWAYS},
    .children = children,
    .nchildren = BSTI_ARRAY_LEN(children)};
static const struct bst_group *const groups[] = {
    &sinks[0], &sinks[1], &sinks[2], &sinks[3], &senders};
static const struct bst_app app = TREE_APP(&root, groups);

struct thread {
    uint64_t rand;
    uint32_t name;
};

static struct bsti_actor *some_sender(uint64_t chance)
{
    return bsti_group_member(&system_->groups[senders.index],
                             (uint32_t)(chance % SENDERS));
}

/* Sends to one sink of each kind, and troubles the actors that send. */
static void send(void *arg)
{
    struct thread *self = arg;
    uint32_t number = 0;

    for (uint64_t i = 0; i < stress.rounds; i++) {
        uint64_t chance = bsti_rand_next(&self->rand);
        struct work work = {.sender = self->name, .number = ++number};
        bst_ref to = bsti_ref_child(
            bsti_group_member(&system_->groups[chance % KINDS_OF_SINKS],
                              (uint32_t)(chance / 8 % SINKS)));
        bst_status status = bst_tell(to, WORK, &work, sizeof work);
        uint64_t burst = 20;

        stress_check(status == BST_OK || status == BST_FULL);
        if (chance / 64 % 8 == 0)
            (void)bst_tell(bst_group_ref(system_, &senders), GO, &burst,
                           sizeof burst);
        if (chance / 512 % 64 == 0)
            bsti_actor_kill(some_sender(chance / 4096));
        if (chance / 512 % 64 == 1)
            bsti_actor_stop(some_sender(chance / 4096));
    }
}

int main(int argc, char **argv)
{
    struct thread threads[STRESS_THREADS_MAX];
    struct bst_stats stats;

    stress = stress_begin(argc, argv, 4, 30000);
    system_ = tree_start(&app, stress.threads, stress.seed);
    for (uint32_t i = 0; i < stress.threads; i++) {
        threads[i].rand = bsti_rand_mix(stress.seed, i);
        threads[i].name = i;
    }
    stress_run(stress.threads, send, threads, sizeof threads[0]);
    tree_settle(system_, &stats);
    stress_check(stats.dropped > 0);
    stress_check(stats.refused > 0);
    tree_end(system_);
    return 0;
}
