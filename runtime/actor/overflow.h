#ifndef BST_ACTOR_OVERFLOW_H
#define BST_ACTOR_OVERFLOW_H

/*
 * Mailboxes that do more than refuse when they are full.
 *
 * The places of a mailbox are counted in the process (proc.h), and whoever
 * sends takes one there first. Only who does not get one comes here, so the
 * modes cost nothing while there is room:
 *
 *   drop_newest  throws the message away.
 *   block        puts the sender into a list behind a lock and tells the
 *                receiver by a signal. The receiver serves the list, oldest
 *                first, when half of its places are free: it pushes their
 *                messages and wakes them. While somebody waits the bound is
 *                0, so that nobody overtakes; it is exact all the same.
 *   drop_oldest  is a second kind of mailbox: a queue behind a lock, since
 *                its senders take messages out. Its bound is 0, so that all
 *                come here. A token in the mailbox says that there is
 *                something in the queue.
 *
 * Answers, ticks, signals and notes are outside of the bound and never wait.
 */

#include "actor/node.h"
#include "base/list.h"
#include "sync/spin.h"

struct bsti_actor;
struct bsti_worker;

/** One sender that waits for a place. Whoever waits owns it. */
struct bsti_sending {
    struct bsti_list link;       /* in the receiver's list; under its lock */
    struct bsti_actor *receiver; /* NULL: nobody is waited for */
    struct bsti_node *node;      /* to be pushed; NULL: a place is wanted */
    struct bsti_waiter *waiter;
    uint64_t seq;
    bool was_suspended;         /* the receiver must make it ready */
    bool has_place;             /* one was taken for it, and not used yet */
    _Atomic uint64_t stoppable; /* seq of a wait that a stop ends; else 0 */
};

/** The part of a block whose mailbox blocks or drops the oldest. */
struct bsti_overflow {
    struct bsti_spin lock;
    uint32_t bound; /* places; constant */

    /* block, under the lock */
    struct bsti_list waiting; /* struct bsti_sending, oldest first */

    /* drop_oldest, under the lock but for the last two */
    struct bsti_mpscq_node *oldest; /* linked by `next` */
    struct bsti_mpscq_node *newest;
    uint32_t queued;   /* of those that take a place */
    bool announced;    /* the token is in the mailbox */
    uint32_t in_a_row; /* taken since it came to the front; the holder */
    struct bsti_node token;
};

/** Prepares a block; does nothing for one whose mailbox is of another kind. */
void bsti_overflow_init(struct bsti_actor *actor);

/**
 * A message got no place. `node`, which is complete, moves. `may_wait`: the
 * sender can wait for a place here.
 *
 * Returns BST_OK if it was taken, also if something was thrown away.
 * Errors: BST_FULL, BST_DEAD, BST_STOPPING, BST_NOMEM.
 */
bst_status bsti_overflow(struct bsti_worker *worker, struct bsti_actor *actor,
                         struct bsti_node *node, bool may_wait);

/* ---- block (blocked.c) --------------------------------------------------- */

/** bsti_overflow() for a mailbox that blocks. Returns without counting. */
bst_status bsti_blocked_send(struct bsti_worker *worker,
                             struct bsti_actor *actor, struct bsti_node *node,
                             bool may_wait);

/**
 * Takes a place for a message that is still to be made, and waits for it, at
 * most `within` and as long as the mailbox says. The result is as above.
 */
bst_status bsti_blocked_place(struct bsti_worker *worker,
                              struct bsti_actor *actor, bst_time within);

/** Gives a place back that was not used. */
void bsti_place_return(struct bsti_actor *actor);

/** Serves those who wait. Thread: the holder of the process. */
void bsti_blocked_serve(struct bsti_actor *actor);

/** A stop request: a blocked send of `actor` comes back. Thread: any. */
void bsti_blocked_stop(struct bsti_actor *actor);

/**
 * Suspends a handler, or blocks it on the blocking pool, until the open wait
 * `seq` of its process has ended, which a stop request does with BST_STOPPING.
 * Without memory: BST_NOMEM. There, bsti_blocked_prepare() comes before the
 * wait is armed.
 */
void bsti_blocked_prepare(struct bsti_actor *actor);
void bsti_blocked_await(struct bsti_actor *actor, uint64_t seq);

/** The end of an incarnation that was thrown out of a blocked send. */
void bsti_blocked_drop(struct bsti_actor *actor);

/* ---- drop_oldest (overflow.c) -------------------------------------------- */

/** Appends a message. If there is no place for it, the oldest one goes. */
void bsti_oldest_append(struct bsti_worker *worker, struct bsti_actor *actor,
                        struct bsti_node *node);

/**
 * Takes the message that has waited for longest. NULL: there is none, or
 * others must come first; then the token leaves the mailbox. Thread: the
 * holder.
 */
struct bsti_node *bsti_oldest_take(struct bsti_actor *actor);

/** The token has left the mailbox. */
void bsti_oldest_token_taken(struct bsti_actor *actor);

#endif
