#ifndef BSTC_PROMELA_H
#define BSTC_PROMELA_H

/*
 * A program as a model for SPIN: who may wait for whom, for ever.
 *
 * Threads: as the context.
 */

#include "emit_out.h"
#include "look.h"

/** As many members there may be: SPIN runs 255 processes, and two of them are
 * the start and the outside. */
enum { BSTC_MODEL_PROCESSES = 253 };

/** Sizes that are cut, so that there are few states. */
struct bstc_model_limits {
    uint32_t mailbox; /* places of a mailbox, at most */
};

/** Groups cut down to few members, which are numbered in start order. */
struct bstc_instances {
    uint32_t *first; /* of each group: the number of its first member */
    uint32_t *count; /* its members in the model: at most two */
    uint32_t total;
};

/** Numbers the members. */
void bstc_instances_init(struct bstc_instances *instances,
                         const struct bstc_look *look);

/** Prints the model. */
void bstc_promela(struct bstc_out *out, const struct bstc_look *look,
                  const struct bstc_model_limits *limits);

/* ---- between the two parts of it ----------------------------------------- */

struct bstc_promela_maker {
    struct bstc_out *out;
    const struct bstc_look *look;
    const struct bstc_model_limits *limits;
    struct bstc_instances instances;
    bool has_push; /* some mailbox forgets its oldest message */
    bool has_wait; /* some mailbox, or a stream, has its senders wait */
};

/** Prints the process of a group. */
void bstc_promela_group(const struct bstc_promela_maker *m, uint32_t group);

/** Prints the process that stands for all that is outside. */
void bstc_promela_outside(const struct bstc_promela_maker *m);

/** Returns the variable that counts how often the group may still fail, or
 * NULL if it may not. */
const char *bstc_promela_budget(const struct bstc_promela_maker *m,
                                uint32_t group);

/** Returns the places of a group's mailbox in the model. */
uint32_t bstc_promela_room(const struct bstc_promela_maker *m, uint32_t group);

#endif
