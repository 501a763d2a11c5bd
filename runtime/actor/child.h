#ifndef BST_ACTOR_CHILD_H
#define BST_ACTOR_CHILD_H

/*
 * What a supervisor keeps with each of its children.
 *
 * It lies in the child itself, an actor or a supervisor, so that a child that
 * never fails costs no memory elsewhere. What only one needs that has failed
 * or was restarted is in a record of its own, made when it is first needed.
 *
 * Threads: `events` is set by whoever holds the child and taken by its
 * supervisor; the record is made by either; all else is the supervisor's.
 */

#include <stdint.h>

#include <bastion/topology.h>

#include "sync/atomic.h"
#include "sync/mpscq.h"

struct bsti_delay;
struct bsti_moved;
struct bsti_orphan;
struct bsti_report;
struct bsti_sending;

enum { BSTI_FAULT_TEXT = 192 };

/** Whether people are told of a failure. */
enum bsti_telling {
    BSTI_TELLING_NEW,     /* not decided yet */
    BSTI_TELLING_SHOWN,   /* it will be */
    BSTI_TELLING_COUNTED, /* it was not, and is counted as such */
    BSTI_TELLING_TOLD     /* it was */
};

/** The failure of an incarnation, in words. */
struct bsti_fault {
    bst_status status;                 /* BST_OK: it has not failed yet */
    uint8_t telling;                   /* of enum bsti_telling */
    struct bsti_report *report;        /* being made; NULL: none */
    const struct bst_handler *handler; /* that failed; NULL: unknown */
    char text[BSTI_FAULT_TEXT];        /* of bst_panic(); may be empty */
};

/** What is remembered of a child that has failed or was restarted. */
struct bsti_record {
    struct bsti_fault fault; /* the last one; by whoever holds the child */

    /* Its supervisor. */
    uint64_t restarts; /* for a budget without a window */
    uint64_t failures; /* in a row, for the back-off */
    bst_time up_since; /* 0: unknown, it had not failed before */
    bst_time last_delay;
    struct bsti_delay *delay;   /* NULL: none was needed yet */
    struct bsti_orphan *orphan; /* on offer to a thread; see orphan.c */

    /* Made by the holder when it first waits for a place in a mailbox. */
    struct bsti_sending *_Atomic sending;

    struct bsti_moved
        *moved; /* its state; NULL: it lies in its block. Holder */
};

enum bsti_child_state {
    BSTI_CHILD_DOWN,     /* held here, not running */
    BSTI_CHILD_STARTING, /* until its start handler returns */
    BSTI_CHILD_UP,
    BSTI_CHILD_STOPPING, /* asked to stop, or killed */
    BSTI_CHILD_FAILED,   /* has ended, not looked at yet: see `pending` */
    BSTI_CHILD_WAITING,  /* in back-off */
    BSTI_CHILD_ENDED,    /* for good as long as its supervisor lives: closed */
    BSTI_CHILD_ORPHANED  /* was to end and did not; its thread is lost */
};

enum bsti_child_event {
    BSTI_EVENT_STARTED = 1, /* these two come with a note */
    BSTI_EVENT_EXITED = 2,
    BSTI_EVENT_NOTES = 3,

    /* Of dynamic groups; see dynamic.h. */
    BSTI_EVENT_SPAWNING = 4, /* whoever spawned it waits for its start */
    BSTI_EVENT_WATCHED = 8,  /* its supervisor waits for its end */
    BSTI_EVENT_GONE = 16     /* it has ended without a word */
};

/* Of `flags`, beside those of the supervisor. Its holder reads the first one
 * when it begins. */
enum bsti_child_call {
    BSTI_CHILD_AGAIN = 128, /* before_restart was called after its last end */
    BSTI_CHILD_OWES = 64    /* it has ended, and no callback was called yet */
};

/** The part of a child that belongs to its supervisor. */
struct bsti_child {
    struct bsti_mpscq_node link; /* in the mailbox of the supervisor */
    uint8_t type;                /* of its note: what it is part of */
    _Atomic uint8_t events;      /* not taken yet; child to supervisor */
    uint8_t state;               /* of enum bsti_child_state */
    uint8_t flags;
    uint32_t index; /* among its siblings */
    struct bsti_record *_Atomic record;
};

/** Returns the record of a child, or NULL. Thread: the holder, or its
 * supervisor. */
static inline struct bsti_record *bsti_child_record(struct bsti_child *child)
{
    /* acquire: pairs with bsti_child_remember(), of the holder */
    return bsti_load_acquire(&child->record);
}

/**
 * Returns the record of a child, which is made if there is none. NULL: there
 * is no memory. Thread: as above.
 */
struct bsti_record *bsti_child_remember(struct bsti_child *child);

/** The failures of the last tenant are not those of the next. */
static inline void bsti_child_forget(struct bsti_child *child)
{
    struct bsti_record *record = bsti_child_record(child);

    if (!record)
        return;
    record->fault.status = BST_OK;
    record->restarts = 0;
    record->failures = 0;
    record->up_since = 0;
}

#endif
