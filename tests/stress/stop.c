/*
 * Systems that are stopped at random instants while foreign threads send to
 * them, ask them and their children fail: the stop always ends, in order, and
 * everybody who waits for an answer is told.
 *
 *     stop THREADS ROUNDS SEED
 */

#define _GNU_SOURCE
#include "stress/tree.h"

static struct bst_system *system_;
static struct stress stress;
static _Atomic uint32_t over;

static const struct bst_group workers;

struct state {
    uint64_t seen;
};

static bst_status handle(void *self, const struct bst_msg *in, void *answer)
{
    uint64_t chance = bst_random(self) % 16;
    uint64_t question = 1;

    switch (in->kind) {
    case BST_KIND_START:
    case BST_KIND_STOP:
        if (chance == 0)
            bst_sleep(self, BST_US(50));
        return BST_OK;
    case WORK:
        if (chance == 0)
            bst_panic(self, "chance");
        if (chance == 1)
            bst_stop_system(self);
        if (chance == 2)
            bst_sleep(self, BST_S(1000));
        if (chance < 6)
            (void)bst_ask(bst_group_ref(bst_system_of(self), &workers),
                          QUESTION, &question, sizeof question, &question,
                          sizeof question, BST_S(50));
        return BST_OK;
    case QUESTION:
        if (chance == 0)
            return BST_FAIL;
        *(uint64_t *)answer = tree_answer(*(const uint64_t *)in->body);
        return BST_OK;
    default:
        return bst_unhandled(self, in);
    }
}

static const struct bst_handler handlers[] = {
    TREE_HANDLER(BST_KIND_START, "on start"),
    TREE_HANDLER(BST_KIND_STOP, "on stop"),
    TREE_HANDLER(WORK, "on work"),
    TREE_HANDLER(QUESTION, "on question"),
};

static const struct bst_actor worker = {.name = "worker",
                                        .state_size = sizeof(struct state),
                                        .handle = handle,
                                        .handlers = handlers,
                                        .nhandlers = BSTI_ARRAY_LEN(handlers)};

static const struct bst_group workers = {.name = "workers",
                                         .actor = &worker,
                                         .index = 0,
                                         .redundancy = 6,
                                         .mailbox = 32,
                                         .shutdown = BST_US(500)};
static const struct bst_group killed = {.name = "killed",
                                        .actor = &worker,
                                        .index = 1,
                                        .redundancy = 2,
                                        .shutdown = BST_SHUTDOWN_KILL};

static const struct bst_child inner_children[] = {{.group = &workers}};
static const struct bst_supervisor inner = {
    .name = "inner",
    .strategy = BST_REST_FOR_ONE,
    .restart = {.mode = BST_RESTART_ALWAYS},
    .children = inner_children,
    .nchildren = BSTI_ARRAY_LEN(inner_children)};
static const struct bst_child children[] = {{.supervisor = &inner},
                                            {.group = &killed}};
static const struct bst_supervisor root = {
    .name = "root",
    .restart = {.mode = BST_RESTART_ALWAYS},
    .children = children,
    .nchildren = BSTI_ARRAY_LEN(children)};
static const struct bst_group *const groups[] = {&workers, &killed};
static const struct bst_app app = TREE_APP(&root, groups);

/* Sends and asks until the round is over; a late ask is told BST_DEAD. */
static void disturb(void *arg)
{
    uint64_t *rand = arg;

    while (!bsti_load_acquire(&over)) {
        uint64_t body = bsti_rand_next(rand);
        bst_ref to = bst_group_ref(system_, groups[body & 1]);
        uint64_t found = 0;
        bst_status status;

        if (body & 2) {
            status = bst_tell(to, WORK, &body, sizeof body);
            stress_check(status == BST_OK || status == BST_FULL ||
                         status == BST_DEAD);
        } else {
            status = bst_ask(to, QUESTION, &body, sizeof body, &found,
                             sizeof found, BST_S(50));
            stress_check(status == BST_OK || status == BST_FULL ||
                         status == BST_DEAD || status == BST_FAILED);
            stress_check(status != BST_OK || found == tree_answer(body));
        }
        if (status == BST_FULL || status == BST_DEAD)
            bsti_thread_yield();
    }
}

/* Stops the system after a while; it may have stopped itself. */
static void stop_soon(void *arg)
{
    uint64_t *rand = arg;

    tree_nap(bsti_rand_below(rand, 1500000));
    bst_system_stop(system_);
    tree_nap(bsti_rand_below(rand, 300000));
    bsti_store_release(&over, 1u);
}

struct role {
    void (*fn)(void *arg);
    uint64_t rand;
};

static void play(void *arg)
{
    struct role *role = arg;

    role->fn(&role->rand);
}

/* A system of its own that is stopped at some time. */
static void b26_stop_under_load_always_ends(uint64_t seed)
{
    struct role roles[STRESS_THREADS_MAX];

    for (uint32_t i = 0; i < stress.threads; i++) {
        roles[i].fn = i == 0 ? stop_soon : disturb;
        roles[i].rand = bsti_rand_mix(seed, i);
    }
    bsti_store_release(&over, 0u);
    system_ = tree_start(&app, 1 + (uint32_t)(seed % stress.threads), seed);
    stress_run(stress.threads, play, roles, sizeof roles[0]);
    stress_check(bst_system_wait(system_) == 0);
    stress_check(bsti_alloc_balance() == 0);
}

int main(int argc, char **argv)
{
    stress = stress_begin(argc, argv, 4, 150);
    for (uint64_t round = 0; round < stress.rounds; round++)
        b26_stop_under_load_always_ends(bsti_rand_mix(stress.seed, round));
    return 0;
}
