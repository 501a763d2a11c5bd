/*
 * A storm of failures, some of them found by the processor, in a nested tree
 * with all three strategies, budgets that escalate, back-off, failing starts
 * and ends by BST_STOP, under load: at the end every child answers, and every
 * message is accounted for.
 *
 *     restart THREADS ROUNDS SEED
 */

#define _GNU_SOURCE
#include "stress/tree.h"

#include "actor/actor.h"

static struct bst_system *system_;
static struct stress stress;
static _Atomic uint32_t storm; /* 1: fail now and then */

struct state {
    uint64_t seen;
};

/* ---- the actors ---------------------------------------------------------- */

static volatile uintptr_t null_address;

/* A sanitizer would find it before the processor does. */
BSTI_NO_SANITIZE BSTI_NOINLINE
    __attribute__((no_sanitize("undefined"))) static void
    hit_null(void)
{
    *(volatile char *)null_address = 1;
}

static bst_status fail_by_chance(void *self, uint64_t one_in)
{
    uint64_t chance = bst_random(self) % one_in;

    if (!bsti_load_relaxed(&storm))
        return BST_OK;
    if (chance == 0)
        bst_panic(self, "chance");
    if (chance == 1)
        return BST_FAIL;
    if (chance == 2)
        return BST_STOP;
    if (chance == 3 || chance == 4)
        bst_sleep(self, BST_US(20));
    if (chance == 4 || chance == 5)
        hit_null();
    if (chance == 6)
        bst_tell(bst_self(self), WORK, (void *)null_address, 8);
    return BST_OK;
}

static bool is_permanent(void *self)
{
    return bsti_actor_of(self)->group->spec->lifetime == BST_PERMANENT;
}

static bst_status handle(void *self, const struct bst_msg *in, void *answer)
{
    ((struct state *)self)->seen++;
    switch (in->kind) {
    case BST_KIND_START: {
        bst_status status = fail_by_chance(self, 40);

        /* A permanent child that declines would never come back. */
        return status == BST_STOP && is_permanent(self) ? BST_FAIL : status;
    }
    case BST_KIND_STOP:
        return fail_by_chance(self, 20);
    case WORK:
        return fail_by_chance(self, 10);
    case QUESTION:
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

static const struct bst_actor victim = {.name = "victim",
                                        .state_size = sizeof(struct state),
                                        .handle = handle,
                                        .handlers = handlers,
                                        .nhandlers = BSTI_ARRAY_LEN(handlers)};

/* ---- the tree ------------------------------------------------------------ */

enum { GROUPS = 8 };

#define GROUP(i, members, life)                                                \
    {                                                                          \
        .name = "g" #i, .actor = &victim, .index = (i),                        \
        .redundancy = (members), .lifetime = (life)                            \
    }

/* Those that are not permanent end, and come back with their supervisor. */
static const struct bst_group table[GROUPS] = {
    GROUP(0, 3, BST_PERMANENT),
    GROUP(1, 1, BST_PERMANENT),
    GROUP(2, 2, BST_TRANSIENT),
    GROUP(3, 1, BST_PERMANENT),
    GROUP(4, 3, BST_TRANSIENT),
    GROUP(5, 1, BST_PERMANENT),
    GROUP(6, 2, BST_TEMPORARY),
    {.name = "g7",
     .actor = &victim,
     .index = 7,
     .redundancy = 3,
     .restart = {.mode = BST_RESTART_LIMITED, .tries = 4, .in = BST_S(1)}}};

enum { PERMANENT_MEMBERS = 3 + 1 + 1 + 1 + 3, MEMBERS = 16 };

static const struct bst_group *const groups[GROUPS] = {
    &table[0], &table[1], &table[2], &table[3],
    &table[4], &table[5], &table[6], &table[7]};

/* Its budget is soon used up, so it escalates all the time. */
static const struct bst_child deep_children[] = {{.group = &table[5]},
                                                 {.group = &table[6]}};
static const struct bst_supervisor deep = {
    .name = "deep",
    .strategy = BST_ONE_FOR_ALL,
    .restart = {.mode = BST_RESTART_LIMITED, .tries = 3, .in = BST_S(1)},
    .children = deep_children,
    .nchildren = BSTI_ARRAY_LEN(deep_children)};

static const struct bst_child all_children[] = {{.group = &table[1]},
                                                {.group = &table[2]}};
static const struct bst_supervisor all = {
    .name = "all",
    .strategy = BST_ONE_FOR_ALL,
    .restart = {.mode = BST_RESTART_ALWAYS,
                .backoff = BST_LINEAR,
                .step = BST_US(50),
                .cap = BST_US(300)},
    .children = all_children,
    .nchildren = BSTI_ARRAY_LEN(all_children)};

static const struct bst_child rest_children[] = {
    {.group = &table[3]}, {.supervisor = &deep}, {.group = &table[4]}};
static const struct bst_supervisor rest = {
    .name = "rest",
    .strategy = BST_REST_FOR_ONE,
    .restart = {.mode = BST_RESTART_ALWAYS},
    .children = rest_children,
    .nchildren = BSTI_ARRAY_LEN(rest_children)};

static const struct bst_child children[] = {{.group = &table[0]},
                                            {.supervisor = &all},
                                            {.supervisor = &rest},
                                            {.group = &table[7]}};
static const struct bst_supervisor root = {
    .name = "root",
    .restart = {.mode = BST_RESTART_ALWAYS},
    .children = children,
    .nchildren = BSTI_ARRAY_LEN(children)};

static const struct bst_app app = TREE_APP(&root, groups);

/* ---- the load ------------------------------------------------------------ */

static void send(void *arg)
{
    uint64_t rand = *(uint64_t *)arg;

    for (uint64_t i = 0; i < stress.rounds; i++) {
        uint64_t body = bsti_rand_next(&rand);
        bst_ref to = bst_group_ref(system_, groups[body % GROUPS]);
        bst_status status;

        if (body >> 32 & 7)
            status = bst_tell(to, WORK, &body, sizeof body);
        else
            status = bst_cast(to, WORK, &body, sizeof body);
        stress_check(status == BST_OK || status == BST_FULL ||
                     (status == BST_DEAD &&
                      groups[body % GROUPS]->lifetime != BST_PERMANENT));
        if (status == BST_FULL)
            tree_nap(100000);
    }
}

/* A mailbox may still be full of work from the storm. */
static bst_status ask(bst_ref to, uint64_t question, uint64_t *found)
{
    for (;;) {
        bst_status status = bst_ask(to, QUESTION, &question, sizeof question,
                                    found, sizeof *found, BST_S(30));

        if (status != BST_FULL)
            return status;
        tree_nap(100000);
    }
}

/* Every group is back and answers, unless it may have ended. */
static void check_alive(void)
{
    for (uint32_t i = 0; i < GROUPS; i++) {
        bst_ref to = bst_group_ref(system_, groups[i]);
        uint64_t found = 0;

        for (uint32_t k = 0; k < groups[i]->redundancy; k++) {
            bst_status status = ask(to, i, &found);

            if (status == BST_DEAD && groups[i]->lifetime != BST_PERMANENT)
                continue;
            stress_check(status == BST_OK);
            stress_check(found == tree_answer(i));
        }
    }
}

int main(int argc, char **argv)
{
    uint64_t rands[STRESS_THREADS_MAX];
    struct bst_stats stats;

    stress = stress_begin(argc, argv, 4, 5000);
    system_ = tree_start(&app, stress.threads, stress.seed);
    for (uint32_t i = 0; i < stress.threads; i++)
        rands[i] = bsti_rand_mix(stress.seed, i);
    bsti_store_relaxed(&storm, 1u);
    stress_run(stress.threads, send, rands, sizeof rands[0]);
    bsti_store_relaxed(&storm, 0u);
    check_alive();
    tree_settle(system_, &stats);
    stress_check(stats.processes >= PERMANENT_MEMBERS &&
                 stats.processes <= MEMBERS);
    stress_check(stats.restarts > 0);
    tree_end(system_);
    return 0;
}
