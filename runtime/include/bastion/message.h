#ifndef BST_MESSAGE_H
#define BST_MESSAGE_H

/*
 * Sending messages, untyped.
 *
 * Programs call the typed functions that bastionc generates, such as
 * counter_tell_add(); these are one line each and end here.
 *
 * Delivery is at most once and first in, first out for each pair of sender
 * and receiver. Nothing is lost silently: the result says whether a message
 * was taken, and bst_system_stats() accounts for every one.
 */

#include <stdbool.h>

#include <bastion/topology.h>

BST_BEGIN_DECLS

/** A message as a handler table sees it. Borrowed until the handler returns. */
struct bst_msg {
    uint32_t kind;
    uint32_t size;    /* of the body in bytes */
    const void *body; /* NULL for a message without fields */
    bst_ref sender;   /* all zero: a foreign thread or the runtime */
};

/** As `within`: the deadline that the .bst declares for this ask. */
#define BST_DECLARED ((bst_time)-1)

/**
 * Puts a copy of `body` into the mailbox of `to`. A group picks one member.
 * What the fields of `body` point to stays the caller's; messages that own it
 * are sent by bst_tell_owned().
 *
 * Thread: any.
 * Returns BST_OK when the message was taken, or thrown away by a mailbox that
 * is declared to do so. A mailbox that blocks suspends the sending handler, or
 * blocks the thread, for as long as it is declared to; in `on stop`, in a
 * cleanup, in a cast and to oneself it does not.
 * Errors: BST_FULL, BST_DEAD, BST_STOPPING (asked to stop while it waited for
 * a place), BST_NOMEM, BST_INVALID (more than 16 MiB).
 */
BST_API bst_status bst_tell(bst_ref to, uint32_t kind, const void *body,
                            size_t size);

/**
 * Sends the question `kind` and waits for its answer.
 *
 * Inside a handler the process is suspended and its worker goes on with other
 * processes; on a foreign thread the call blocks. `within` is relative, or
 * BST_DECLARED. No thread-local value, errno included, is valid across it.
 *
 * In front of a mailbox that blocks it waits for a place first; that may take
 * `within` as well.
 *
 * `answer` is written only when the result is BST_OK; NULL: it is thrown away.
 * Errors: BST_FULL, BST_DEAD, BST_STOPPING, BST_TIMEOUT, BST_FAILED, BST_NO_ANSWER,
 * BST_REFUSED (no handler), BST_NOMEM, BST_INVALID (an undeclared deadline,
 * in a handler one above the declared one, an ask of oneself, an ask in a
 * cleanup, an ask from a handler of another system).
 */
BST_API bst_status bst_ask(bst_ref to, uint32_t kind, const void *body,
                           size_t size, void *answer, size_t answer_size,
                           bst_time within);

/**
 * As bst_ask() within BST_DECLARED; the sizes of `body` and `answer` are those
 * of the program's tables. NULL as `answer`: it is thrown away.
 */
BST_API bst_status bst_ask_declared(bst_ref to, uint32_t kind, const void *body,
                                    void *answer);

/**
 * Sends one copy to every live member of a group; through a reference to a
 * single process it delivers to that one.
 *
 * Returns BST_FULL if any member refused it (the others have it), BST_DEAD if
 * nobody could receive it; BST_NOMEM and BST_INVALID as bst_tell().
 */
BST_API bst_status bst_cast(bst_ref to, uint32_t kind, const void *body,
                            size_t size);

/** Returns whether `ref` names a whole group. */
BST_API bool bst_ref_is_group(bst_ref ref);

/** Returns whether two references name the same process or group. */
static inline bool bst_ref_equal(bst_ref a, bst_ref b)
{
    return a.target == b.target && a.stamp == b.stamp;
}

/** Returns the reference of a group of a running system. */
BST_API bst_ref bst_group_ref(struct bst_system *system,
                              const struct bst_group *group);

BST_END_DECLS

#endif
