/*
 * Children that come and go while their group is stopped and started again:
 * workers and foreign threads spawn, tell and ask, children end, fail or spawn
 * others. There are never more than the group allows, every message is
 * accounted for, nobody waits for ever, and no block is lost.
 *
 *     spawn THREADS ROUNDS SEED
 */

#define _GNU_SOURCE
#include "stress/tree.h"

enum { MAX = 40, LARGE = 3000 };

static struct bst_system *system_;
static struct stress stress;
static _Atomic uint32_t over;
static _Atomic int32_t alive;

static const struct bst_group quick;
static const struct bst_group slow;

struct state {
    const uint64_t *args;
    uint64_t counted;
};

static void init(void *state, const struct bst_birth *birth)
{
    struct state *self = state;

    self->args = birth->args;
}

static void uncount(void *arg)
{
    _Atomic int32_t *count = arg;

    stress_check(bsti_fetch_sub_relaxed(count, 1) > 0);
}

/* Counts a child from its start handler on. */
static bst_status start(void *self)
{
    int32_t before = bsti_fetch_add_relaxed(&alive, 1);

    bst_defer(self, uncount, &alive);
    stress_check(before < MAX);
    switch (bst_random(self) % 16) {
    case 0:
        return BST_FAIL;
    case 1:
        return BST_STOP;
    case 2:
        bst_sleep(self, BST_US(20));
        break;
    default:
        break;
    }
    return BST_OK;
}

static void check_spawn(bst_status status)
{
    stress_check(status == BST_OK || status == BST_FULL || status == BST_DEAD ||
                 status == BST_STOPPING || status == BST_FAILED ||
                 status == BST_REFUSED);
}

/* Spawns one, and gives it something to do. */
static void spawn_one(void *self, uint64_t chance)
{
    const struct bst_group *group = chance & 1 ? &slow : &quick;
    bst_ref ref = {0, 0};
    bst_status status;

    chance >>= 1;
    status = self ? bst_group_spawn(self, group, &chance, &ref)
                  : bst_system_spawn(system_, group, &chance, &ref);
    check_spawn(status);
    if (status != BST_OK)
        return;
    for (uint64_t i = chance % 4; i > 0; i--) {
        status = bst_tell(ref, WORK, &chance, sizeof chance);
        stress_check(status == BST_OK || status == BST_FULL ||
                     status == BST_DEAD);
        chance >>= 2;
    }
}

static bst_status handle(void *state, const struct bst_msg *in, void *answer)
{
    struct state *self = state;
    uint64_t chance;

    switch (in->kind) {
    case BST_KIND_START:
        return start(self);
    case WORK:
        chance = bst_random(self);
        if (chance % 64 == 0)
            spawn_one(self, chance >> 6);
        switch (*(const uint64_t *)in->body % 8) {
        case 0:
            return BST_FAIL;
        case 1:
            bst_sleep(self, BST_US(10));
            return BST_OK;
        case 2:
            return BST_OK;
        default:
            return BST_STOP;
        }
    case QUESTION:
        *(uint64_t *)answer = tree_answer(*(const uint64_t *)in->body);
        return *self->args % 2 ? BST_OK : BST_FAIL;
    default:
        return bst_unhandled(self, in);
    }
}

static bst_status drive(void *self, const struct bst_msg *in, void *answer)
{
    (void)answer;
    if (in->kind != WORK)
        return bst_unhandled(self, in);
    for (int i = 0; i < 20; i++)
        spawn_one(self, bst_random(self));
    /* The group of children is restarted with this one. */
    return bst_random(self) % 32 == 0 ? BST_FAIL : BST_OK;
}

static const struct bst_handler handlers[] = {
    TREE_HANDLER(BST_KIND_START, "on start"),
    TREE_HANDLER(WORK, "on work"),
    TREE_HANDLER(QUESTION, "on question"),
};

#define CHILD_ACTOR(name_, first_, n_)                                         \
    {                                                                          \
        .name = (name_), .state_size = sizeof(struct state), .init = init,     \
        .handle = handle, .handlers = handlers + (first_), .nhandlers = (n_),  \
        .args_size = sizeof(uint64_t), .args_align = _Alignof(uint64_t)        \
    }

static const struct bst_actor quick_actor = CHILD_ACTOR("quick", 1, 2);
static const struct bst_actor slow_actor = CHILD_ACTOR("slow", 0, 3);
static const struct bst_actor driver_actor =
    TREE_ACTOR("driver", drive, struct state);

static const struct bst_group quick = {.name = "quick",
                                       .actor = &quick_actor,
                                       .index = 0,
                                       .max = LARGE,
                                       .lifetime = BST_TEMPORARY,
                                       .shutdown = BST_MS(20)};
static const struct bst_group slow = {.name = "slow",
                                      .actor = &slow_actor,
                                      .index = 1,
                                      .max = MAX,
                                      .lifetime = BST_TRANSIENT,
                                      .shutdown = BST_MS(20)};
static const struct bst_group drivers = {.name = "drivers",
                                         .actor = &driver_actor,
                                         .index = 2,
                                         .redundancy = 2,
                                         .mailbox = 8};

static const struct bst_child inner_children[] = {
    {.group = &drivers}, {.group = &quick}, {.group = &slow}};
static const struct bst_supervisor inner = {
    .name = "inner",
    .strategy = BST_ONE_FOR_ALL,
    .restart = {.mode = BST_RESTART_LIMITED, .tries = 3, .in = BST_MS(1)},
    .children = inner_children,
    .nchildren = BSTI_ARRAY_LEN(inner_children)};
static const struct bst_child children[] = {{.supervisor = &inner}};
static const struct bst_supervisor root = {
    .name = "root",
    .restart = {.mode = BST_RESTART_ALWAYS},
    .children = children,
    .nchildren = BSTI_ARRAY_LEN(children)};
static const struct bst_group *const groups[] = {&quick, &slow, &drivers};
static const struct bst_app app = TREE_APP(&root, groups);

/* Spawns from outside, and uses the groups by their names. */
static void disturb(void *arg)
{
    uint64_t *rand = arg;

    while (!bsti_load_acquire(&over)) {
        uint64_t chance = bsti_rand_next(rand);
        bst_ref to = bst_group_ref(system_, groups[chance % 3]);
        uint64_t found = 0;

        chance >>= 8;
        switch (chance % 4) {
        case 0:
            spawn_one(NULL, chance >> 2);
            break;
        case 1:
            (void)bst_tell(to, WORK, &chance, sizeof chance);
            break;
        case 2:
            if (bst_ask(to, QUESTION, &chance, sizeof chance, &found,
                        sizeof found, BST_S(50)) == BST_OK)
                stress_check(found == tree_answer(chance));
            break;
        default:
            if (chance % 64 == 3)
                (void)bst_cast(to, WORK, &chance, sizeof chance);
            bsti_thread_yield();
            break;
        }
    }
}

static void stop_soon(void *arg)
{
    uint64_t *rand = arg;

    tree_nap(bsti_rand_below(rand, 6000000));
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

int main(int argc, char **argv)
{
    struct role roles[STRESS_THREADS_MAX];

    stress = stress_begin(argc, argv, 4, 60);
    for (uint64_t round = 0; round < stress.rounds; round++) {
        uint64_t seed = bsti_rand_mix(stress.seed, round);

        for (uint32_t i = 0; i < stress.threads; i++) {
            roles[i].fn = i == 0 ? stop_soon : disturb;
            roles[i].rand = bsti_rand_mix(seed, i);
        }
        bsti_store_release(&over, 0u);
        system_ = tree_start(&app, 1 + (uint32_t)(seed % stress.threads), seed);
        stress_run(stress.threads, play, roles, sizeof roles[0]);
        stress_check(bst_system_wait(system_) == 0);
        stress_check(bsti_load_relaxed(&alive) == 0);
        stress_check(bsti_alloc_balance() == 0);
    }
    return 0;
}
