/*
 * Foreign threads and actors send to children that fail all the time: every
 * message is handled, failed or dead, exactly once, and none is lost. Small
 * messages and larger ones, whose ways differ, are mixed.
 *
 *     tell THREADS ROUNDS SEED
 */

#define _GNU_SOURCE
#include "stress/tree.h"

enum { SINKS = 6, FAIL_ONE_IN = 50, WORDS = 8 };

static _Atomic uint64_t begun; /* handlers that were entered */
static struct bst_system *system_;
static struct stress stress;

static const struct bst_group sinks;

struct sink {
    uint64_t seen;
};

/*
 * Tells a number. Half of the bodies are too large for the short way of small
 * messages; each word of a body is the number.
 */
static bst_status tell(bst_ref to, uint64_t number, uint64_t random)
{
    uint64_t body[WORDS];
    uint64_t words = 1 + random % WORDS;

    for (uint64_t i = 0; i < words; i++)
        body[i] = number;
    return bst_tell(to, WORK, body, (size_t)words * sizeof body[0]);
}

/* Passes the number on until it is used up, and fails now and then. */
static bst_status on_work(void *self, const struct bst_msg *in)
{
    uint64_t left = *(const uint64_t *)in->body;
    uint64_t random = bst_random(self);
    uint64_t chance = random % FAIL_ONE_IN;

    bsti_fetch_add_relaxed(&begun, (uint64_t)1);
    for (uint32_t i = 0; i < in->size / sizeof left; i++)
        stress_check(((const uint64_t *)in->body)[i] == left);
    ((struct sink *)self)->seen++;
    if (chance == 0)
        bst_panic(self, "chance");
    if (chance == 1)
        return BST_FAIL;
    if (chance == 2)
        return BST_STOP;
    if (chance == 3)
        bst_yield(self);
    if (left > 0)
        (void)tell(bst_group_ref(bst_system_of(self), &sinks), left - 1,
                   random >> 32);
    return BST_OK;
}

static bst_status handle(void *self, const struct bst_msg *in, void *answer)
{
    (void)answer;
    return in->kind == WORK ? on_work(self, in) : bst_unhandled(self, in);
}

static const struct bst_actor sink = TREE_ACTOR("sink", handle, struct sink);

static const struct bst_group sinks = {.name = "sinks",
                                       .actor = &sink,
                                       .index = 0,
                                       .redundancy = SINKS,
                                       .mailbox = 64};

static const struct bst_child children[] = {{.group = &sinks}};
static const struct bst_supervisor root = {
    .name = "root",
    .restart = {.mode = BST_RESTART_ALWAYS},
    .children = children,
    .nchildren = BSTI_ARRAY_LEN(children)};
static const struct bst_group *const groups[] = {&sinks};
static const struct bst_app app = TREE_APP(&root, groups);

struct sender {
    uint64_t rand;
    uint64_t taken;   /* tells that were taken */
    uint64_t refused; /* BST_FULL */
};

static void send(void *arg)
{
    struct sender *self = arg;
    bst_ref to = bst_group_ref(system_, &sinks);

    for (uint64_t i = 0; i < stress.rounds; i++) {
        uint64_t hops = bsti_rand_below(&self->rand, 4);
        bst_status status = tell(to, hops, bsti_rand_next(&self->rand) >> 32);

        if (status == BST_OK) {
            self->taken++;
            continue;
        }
        stress_check(status == BST_FULL);
        self->refused++;
        bsti_thread_yield();
    }
}

/* The children are never closed: nothing dies, and each message that was taken
 * is begun once. */
static void b94_each_message_ends_once(void)
{
    struct sender senders[STRESS_THREADS_MAX] = {{0}};
    struct bst_stats stats;
    uint64_t taken = 0;

    for (uint32_t i = 0; i < stress.threads; i++)
        senders[i].rand = bsti_rand_mix(stress.seed, i);
    stress_run(stress.threads, send, senders, sizeof senders[0]);
    tree_settle(system_, &stats);
    for (uint32_t i = 0; i < stress.threads; i++)
        taken += senders[i].taken;
    stress_check(stats.sent >= taken);
    stress_check(stats.dead == 0);
    stress_check(bsti_load_relaxed(&begun) == stats.sent);
    stress_check(stats.processes == SINKS);
}

int main(int argc, char **argv)
{
    stress = stress_begin(argc, argv, 4, 20000);
    system_ = tree_start(&app, stress.threads, stress.seed);
    b94_each_message_ends_once();
    tree_end(system_);
    return 0;
}
