#ifndef BST_SUP_FORT_H
#define BST_SUP_FORT_H

/*
 * `--fort`: a guardian process under which a program comes back when it dies
 * as a whole.
 *
 * A program that ends with a status of the runtime's own has decided that: 0
 * to 4, and with these the guardian ends, too. One that was ended by a signal
 * which the guardian has not passed on, or with another status, is started
 * again, by the restart rule of its root supervisor; and so is one that did
 * not start, if it was up before.
 */

#include <stdbool.h>

#include <bastion/system.h>

#include "sup/window.h"

/** What the guardian knows of the program. */
struct bsti_fort {
    const struct bst_restart *restart;
    struct bsti_window window;
    uint64_t restarts;
    uint64_t failures; /* in a row */
    bst_time since;    /* it was started */
    bst_time last_delay;
    uint64_t rand; /* for jitter */
};

enum bsti_fort_verdict { BSTI_FORT_RESTART, BSTI_FORT_PASS, BSTI_FORT_GIVE_UP };

/** Returns 0, or -ENOMEM. */
BST_MUST_USE int bsti_fort_init(struct bsti_fort *fort,
                                const struct bst_restart *restart,
                                uint64_t seed, bst_time now);
void bsti_fort_fini(struct bsti_fort *fort);

/**
 * Judges the end of the program at `now`: with a status, or by a signal.
 * `*delay` is how long to wait for its next start. Pure.
 */
enum bsti_fort_verdict bsti_fort_judge(struct bsti_fort *fort, bool by_signal,
                                       int number, bst_time now,
                                       bst_time *delay);

/**
 * Becomes the guardian, who never comes back from this; in the copy, which has
 * to run `app`, it returns 0. Else it is an exit status.
 */
int bsti_fort_enter(const struct bst_app *app,
                    const struct bst_options *options);

#endif
