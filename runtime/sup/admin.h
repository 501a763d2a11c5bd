#ifndef BST_SUP_ADMIN_H
#define BST_SUP_ADMIN_H

/*
 * Requests to a supervisor.
 *
 * A request is a note of its own, made by whoever asks and freed by the
 * supervisor that has answered it. The answer ends the wait of the caller, as
 * that of a question does: with a status, or with a node that holds more.
 */

#include <bastion/supervisor.h>

#include "sup/sup.h"

enum bsti_request_type {
    /* These are signals, and no requests. */
    BSTI_REQUEST_KILL,
    BSTI_REQUEST_STOP,

    /* These are done at once, whatever the supervisor is busy with. */
    BSTI_REQUEST_SUP_ALIVE,
    BSTI_REQUEST_ALIVE,
    BSTI_REQUEST_FIND,

    /* These are served between two operations, in turn. */
    BSTI_REQUEST_ADD,
    BSTI_REQUEST_TERMINATE,
    BSTI_REQUEST_RESTART,
    BSTI_REQUEST_DELETE,
    BSTI_REQUEST_COUNT,
    BSTI_REQUEST_LIST
};

/** As `member` of a request: all members of the group. */
#define BSTI_ALL_MEMBERS UINT32_MAX

struct bsti_request {
    struct bsti_note note;
    enum bsti_request_type type;
    struct bsti_request *next; /* that waits for the same supervisor */
    struct bsti_waiter *waiter;
    uint64_t seq;
    const struct bst_child *table; /* of an ADD */
    uint32_t member;               /* in the group `name` */
    bst_status status;             /* with which it will be answered */
    struct bst_child copy;         /* what `table` points to */
    char name[];                   /* of a child */
};

#endif
