#ifndef BST_SUP_STRATEGY_H
#define BST_SUP_STRATEGY_H

/*
 * The decisions of a supervisor, as pure functions.
 */

#include <stdbool.h>
#include <stdint.h>

#include <bastion/callbacks.h>

#include "actor/actor.h"

/** Returns whether a child of this lifetime is restarted after such an end. */
bool bsti_strategy_restarts(enum bst_lifetime lifetime, enum bsti_exit how);

/** Returns whether an end is a failure. */
bool bsti_strategy_is_failure(enum bsti_exit how);

/**
 * Returns the first of the children that are stopped and started again when
 * the child `failed` has to be restarted; they reach to the last one. For
 * one-for-one it is `failed` alone, and nobody else is touched.
 */
uint32_t bsti_strategy_first(enum bst_strategy strategy, uint32_t failed);

/** Returns whether others are restarted together with the failed child. */
bool bsti_strategy_is_group(enum bst_strategy strategy);

/** Returns the strategy that a restart follows, given the user's decision. */
enum bst_strategy bsti_strategy_decided(enum bst_strategy strategy,
                                        enum bst_decision decision);

/** What a supervisor does about a child that has ended. */
enum bsti_verdict {
    BSTI_VERDICT_RESTART,
    BSTI_VERDICT_REMOVE,   /* this child is given up */
    BSTI_VERDICT_ESCALATE, /* the supervisor gives up */
    BSTI_VERDICT_STOP      /* the system stops */
};

/**
 * Returns what is to be done about an end before the budget is looked at: what
 * the user has decided, else what the lifetime of the child says.
 */
enum bsti_verdict bsti_strategy_decide(enum bst_decision decision,
                                       enum bst_lifetime lifetime,
                                       enum bsti_exit how);

/**
 * Judges a restart that is due.
 *
 * `within_window` is what the supervisor's window said (with a window), and
 * `restarts` how often this child was restarted before (without one).
 */
enum bsti_verdict bsti_strategy_judge(const struct bst_restart *restart,
                                      bool within_window, uint64_t restarts);

/**
 * Returns how long a child must have been up for its back-off to begin anew:
 * the window or twice the last delay, whichever is longer; 10 s without one.
 */
bst_time bsti_strategy_quiet_time(const struct bst_restart *restart,
                                  bst_time last_delay);

#endif
