#ifndef BST_TESTS_STRESS_TREE_H
#define BST_TESTS_STRESS_TREE_H

/*
 * What the stress programs of whole systems share: messages, tables with the
 * parts that never change, and the final account of all messages.
 */

#include <time.h>

#include <bastion/bastion.h>

#include "base/alloc.h"
#include "stress/stress.h"

/*
 * WORK carries a number; QUESTION carries one and gets one back. So does
 * LARGE_QUESTION, but that its answer takes the long way.
 */
enum {
    WORK = BST_KIND_USER,
    QUESTION,
    ANSWER,
    LARGE_QUESTION,
    LARGE_ANSWER,
    KINDS = 5
};

struct large_answer {
    uint64_t word[4];
};

static const struct bst_message tree_messages[KINDS] = {
    {.name = "work", .size = sizeof(uint64_t), .hash = 1},
    {.name = "question", .size = sizeof(uint64_t), .hash = 2, .answer = ANSWER},
    {.name = "answer", .size = sizeof(uint64_t), .hash = 3},
    {.name = "large_question",
     .size = sizeof(uint64_t),
     .hash = 4,
     .answer = LARGE_ANSWER},
    {.name = "large_answer", .size = sizeof(struct large_answer), .hash = 5},
};

static const struct bst_use tree_uses[] = {
    {.kind = WORK, .how = BST_USE_TELL | BST_USE_CAST},
    {.kind = QUESTION, .how = BST_USE_TELL},
    {.kind = QUESTION, .how = BST_USE_ASK, .within = BST_S(60)},
    {.how = BST_USE_SPAWN},
    {.kind = LARGE_QUESTION, .how = BST_USE_ASK, .within = BST_S(60)},
};

#define TREE_HANDLER(kind_, name_)                                             \
    {                                                                          \
        .kind = (kind_), .name = (name_), .where = "stress",                   \
        .uses = tree_uses, .nuses = BSTI_ARRAY_LEN(tree_uses)                  \
    }

static const struct bst_handler tree_handlers[] = {
    TREE_HANDLER(WORK, "on work"),
    TREE_HANDLER(QUESTION, "on question"),
    TREE_HANDLER(ANSWER, "on answer"),
    TREE_HANDLER(LARGE_QUESTION, "on large question"),
};

/* An actor of which only the handler differs. */
#define TREE_ACTOR(name_, handle_, state_)                                     \
    {                                                                          \
        .name = (name_), .state_size = sizeof(state_), .handle = (handle_),    \
        .handlers = tree_handlers, .nhandlers = BSTI_ARRAY_LEN(tree_handlers)  \
    }

#define TREE_APP(root_, groups_)                                               \
    {                                                                          \
        .abi = BST_TOPOLOGY_ABI, .name = "stress", .root = (root_),            \
        .groups = (groups_), .ngroups = BSTI_ARRAY_LEN(groups_),               \
        .messages = tree_messages, .nmessages = KINDS                          \
    }

/* A question and its answer belong together. */
static inline uint64_t tree_answer(uint64_t question)
{
    return question * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

static inline void tree_nap(uint64_t ns)
{
    struct timespec pause = {.tv_nsec = (long)ns};

    nanosleep(&pause, NULL);
}

/* Starts `app` quietly; `threads` workers that are not pinned. */
static inline struct bst_system *tree_start(const struct bst_app *app,
                                            uint32_t threads, uint64_t seed)
{
    struct bst_options options = BST_OPTIONS_DEFAULT;
    struct bst_system *system;

    options.threads = threads;
    options.pin = 0;
    options.log = BST_LOG_NONE;
    options.seed = seed;
    options.seeded = 1;
    system = bst_system_start(app, &options, NULL);
    stress_check(system != NULL);
    return system;
}

/* Waits until nothing moves any more and every message is accounted for. */
static inline void tree_settle(struct bst_system *system,
                               struct bst_stats *stats)
{
    for (int i = 0; i < 30000; i++) {
        bst_system_stats(system, stats);
        if (stats->queued == 0)
            break;
        tree_nap(1000000);
    }
    printf("sent %llu handled %llu failed %llu dead %llu dropped %llu "
           "refused %llu restarts %llu\n",
           (unsigned long long)stats->sent, (unsigned long long)stats->handled,
           (unsigned long long)stats->failed, (unsigned long long)stats->dead,
           (unsigned long long)stats->dropped,
           (unsigned long long)stats->refused,
           (unsigned long long)stats->restarts);
    stress_check(stats->sent ==
                 stats->handled + stats->failed + stats->dead + stats->dropped);
}

/* Stops `system`, waits for its end, and looks for leaks. */
static inline void tree_end(struct bst_system *system)
{
    bst_system_stop(system);
    stress_check(bst_system_wait(system) == 0);
    stress_check(bsti_alloc_balance() == 0);
}

#endif
