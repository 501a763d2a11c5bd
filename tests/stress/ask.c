/*
 * Questions with deadlines around the answer time, crashing askers, crashing
 * answerers, and foreign threads that ask as well: an answer is the answer to
 * its question, and nobody writes to another one's stack (rule 5). Small
 * questions and answers are mixed with larger ones, whose ways differ.
 *
 *     ask THREADS ROUNDS SEED
 */

#define _GNU_SOURCE
#include "stress/tree.h"

enum { ASKERS = 6, ANSWERERS = 3, SPAN_US = 60, WORDS = 4 };

static struct bst_system *system_;
static struct stress stress;
static _Atomic uint64_t ends[12]; /* by bst_status */

static const struct bst_group answerers;

struct state {
    uint64_t asked;
};

/* ---- answering ----------------------------------------------------------- */

static bst_status on_question(void *self, const struct bst_msg *in,
                              void *answer)
{
    uint64_t question = *(const uint64_t *)in->body;
    uint64_t chance = bst_random(self) % 64;

    if (chance == 0)
        bst_panic(self, "chance");
    if (chance == 1)
        return BST_FAIL;
    if (chance == 2)
        return BST_STOP;
    if (chance < 32)
        bst_sleep(self, BST_US((bst_time)(bst_random(self) % SPAN_US)));
    for (size_t i = 0; i < WORDS; i++)
        if (i == 0 || in->kind == LARGE_QUESTION)
            ((uint64_t *)answer)[i] = tree_answer(question) + i;
    return BST_OK;
}

static bst_status handle_question(void *self, const struct bst_msg *in,
                                  void *answer)
{
    return in->kind == QUESTION || in->kind == LARGE_QUESTION
               ? on_question(self, in, answer)
               : bst_unhandled(self, in);
}

/* ---- asking -------------------------------------------------------------- */

/*
 * Asks once; what comes back must fit. The question and the answer are each
 * small or not.
 */
static void ask(uint64_t random)
{
    uint64_t question[WORDS] = {random};
    struct large_answer found = {{0}};
    bool is_large = random >> 60 & 1;
    size_t words = is_large ? WORDS : 1;
    bst_status status =
        bst_ask(bst_group_ref(system_, &answerers),
                is_large ? LARGE_QUESTION : QUESTION, question,
                random >> 61 & 1 ? sizeof question : sizeof question[0], &found,
                words * sizeof found.word[0],
                BST_US(1 + (bst_time)(random % SPAN_US) * 2));

    bsti_fetch_add_relaxed(&ends[status], (uint64_t)1);
    for (size_t i = 0; i < WORDS; i++)
        stress_check(
            found.word[i] ==
            (status == BST_OK && i < words ? tree_answer(random) + i : 0));
    stress_check(status == BST_OK || status == BST_TIMEOUT ||
                 status == BST_FAILED || status == BST_NO_ANSWER ||
                 status == BST_FULL);
}

static bst_status on_work(void *self, const struct bst_msg *in)
{
    uint64_t count = *(const uint64_t *)in->body;

    while (count-- > 0) {
        uint64_t random = bst_random(self);

        ask(random);
        ((struct state *)self)->asked++;
        if (random % 97 == 0)
            bst_panic(self, "chance");
    }
    return BST_OK;
}

static bst_status handle_work(void *self, const struct bst_msg *in,
                              void *answer)
{
    (void)answer;
    return in->kind == WORK ? on_work(self, in) : bst_unhandled(self, in);
}

static const struct bst_actor answerer =
    TREE_ACTOR("answerer", handle_question, struct state);
static const struct bst_actor asker =
    TREE_ACTOR("asker", handle_work, struct state);

static const struct bst_group answerers = {.name = "answerers",
                                           .actor = &answerer,
                                           .index = 0,
                                           .redundancy = ANSWERERS,
                                           .mailbox = 16};
static const struct bst_group askers = {.name = "askers",
                                        .actor = &asker,
                                        .index = 1,
                                        .redundancy = ASKERS,
                                        .mailbox = 1024};

static const struct bst_child children[] = {{.group = &answerers},
                                            {.group = &askers}};
static const struct bst_supervisor root = {
    .name = "root",
    .restart = {.mode = BST_RESTART_ALWAYS},
    .children = children,
    .nchildren = BSTI_ARRAY_LEN(children)};
static const struct bst_group *const groups[] = {&answerers, &askers};
static const struct bst_app app = TREE_APP(&root, groups);

static void foreign(void *arg)
{
    uint64_t rand = *(uint64_t *)arg;
    uint64_t batch = 5;

    for (uint64_t i = 0; i < stress.rounds; i++) {
        ask(bsti_rand_next(&rand));
        if (i % 5 == 0)
            (void)bst_tell(bst_group_ref(system_, &askers), WORK, &batch,
                           sizeof batch);
    }
}

int main(int argc, char **argv)
{
    uint64_t rands[STRESS_THREADS_MAX];
    struct bst_stats stats;

    stress = stress_begin(argc, argv, 4, 2000);
    system_ = tree_start(&app, stress.threads, stress.seed);
    for (uint32_t i = 0; i < stress.threads; i++)
        rands[i] = bsti_rand_mix(stress.seed, i);
    stress_run(stress.threads, foreign, rands, sizeof rands[0]);
    tree_settle(system_, &stats);
    for (unsigned i = 0; i < BSTI_ARRAY_LEN(ends); i++)
        if (bsti_load_relaxed(&ends[i]) > 0)
            printf("%s %llu\n", bst_status_name((bst_status)i),
                   (unsigned long long)bsti_load_relaxed(&ends[i]));
    stress_check(bsti_load_relaxed(&ends[BST_OK]) > 0);
    tree_end(system_);
    return 0;
}
