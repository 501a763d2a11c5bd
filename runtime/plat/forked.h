#ifndef BST_PLAT_FORKED_H
#define BST_PLAT_FORKED_H

/*
 * Functions that run in a copy of this OS process.
 *
 * The process must have one thread when they start. What a copy writes to
 * stdout is thrown away, what it writes to stderr is kept for its starter.
 */

#include <bastion/attr.h>

struct bsti_forked {
    int id;     /* of the process; 0: none */
    int output; /* what it has written to stderr; -1: nothing is kept */
};

struct bsti_forked_end {
    int status; /* of its exit */
    int signal; /* that has ended it; 0: none */
};

/** Calls fn(arg) in a copy, which exits with what that returns. Returns 0 or a
 * negative errno value. */
BST_MUST_USE int bsti_forked_start(struct bsti_forked *forked,
                                   int (*fn)(void *arg), void *arg);

/** Waits for the end of one of them. Returns its id, or a negative errno value.
 */
int bsti_forked_wait(struct bsti_forked_end *end);

/** Ends it at once, if it runs. */
void bsti_forked_kill(const struct bsti_forked *forked);

/** Copies what it has written to stderr. */
void bsti_forked_show(const struct bsti_forked *forked);

/** Forgets one that has ended. */
void bsti_forked_end(struct bsti_forked *forked);

/** Returns how many of them can run at once. */
unsigned bsti_forked_parallel(void);

#endif
