#ifndef BSTC_SENDERS_H
#define BSTC_SENDERS_H

/*
 * Who may be the sender of a message: a table over all uses of a program.
 *
 * The answer to a question that is told comes back as a message, so whoever
 * answers counts as a sender of it.
 */

#include "scope.h"

/** One declared use that brings a message to an actor. */
struct bstc_sender {
    uint32_t actor;
    uint32_t next; /* further sender to the same place, or BSTC_NONE */
};

struct bstc_senders {
    struct bstc_map heads; /* (receiver, message) -> first entry */
    struct bstc_sender *items;
    uint32_t count;
};

/** Fills the table from a resolved program. */
void bstc_senders_init(struct bstc_senders *senders,
                       const struct bstc_program *program);

/**
 * Returns the first of those who send `message` to the actor `receiver`, as
 * an index of `items`, or BSTC_NONE. Each actor is there once.
 */
uint32_t bstc_senders_first(const struct bstc_senders *senders,
                            uint32_t receiver, uint32_t message);

#endif
