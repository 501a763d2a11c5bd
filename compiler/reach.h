#ifndef BSTC_REACH_H
#define BSTC_REACH_H

/*
 * What runs when a program runs: which messages are sent at all, which groups
 * are reached, and which handlers something makes run.
 *
 * Threads: as the topology.
 */

#include "waits.h"

struct bstc_reach {
    const struct bstc_topo *topo;
    const struct bstc_waits *waits; /* for the numbers of handlers */
    struct bstc_digraph graph;      /* of handlers, and what they make run */
    bool *is_reached;               /* of each handler */
    bool *is_sent;                  /* of each message: somebody declares it */
    bool *is_type; /* of each message: a part of something else */
    const struct bstc_sym_handler **handled_by; /* of each message, or NULL */
    bool *has_group;   /* of each group: something reaches it */
    bool *has_any;     /* of each actor: something reaches all its groups */
    bool *has_untyped; /* of each actor: something untyped can arrive */
    bool *is_source;   /* of each actor: it begins a stream */
    uint32_t *stack;   /* scratch of bstc_reach_from() */
};

/**
 * Finds out what is reached. Handlers of messages that nobody sends, and of
 * actors that no group runs or reaches, count as reached.
 */
void bstc_reach_init(struct bstc_reach *reach, const struct bstc_waits *waits);

/** Marks a handler, and all that it makes run, as reached. */
void bstc_reach_from(struct bstc_reach *reach, uint32_t node);

/** Returns whether something reaches the group, or it runs by itself. */
bool bstc_reach_has_group(const struct bstc_reach *reach, uint32_t group);

#endif
