#ifndef BST_CALLBACKS_H
#define BST_CALLBACKS_H

/*
 * Functions of the user that are called when children and supervisors start
 * and end, and one that decides what a failure leads to.
 *
 * The callbacks of a group are called for each of its members, those of a
 * supervisor for the supervisor itself. Each incarnation has one at either
 * end:
 *
 *   it begins     before_start, or after_restart if before_restart was called
 *                 when the one before had ended
 *   it is up      after_start, unless it began with after_restart
 *   it has ended  before_restart if it is to be started again, else after_stop
 *
 * A before_restart that is not set is an after_stop, and an after_restart that
 * is not set is a before_start. For a member, before_start and after_restart
 * come before its `on start` or `on restart`, and after_start before its first
 * message. Between before_restart and after_restart lies the back-off. One
 * that is never started again after before_restart, because its supervisor
 * ends meanwhile, hears no more.
 *
 * A callback returns BST_OK, or why it failed; a fault in it is contained. It
 * must not suspend: an ask, a spawn and a join are BST_INVALID, and a tell
 * does not wait for a place. It may send, through references that come from
 * `event->system`.
 *
 * Thread: those at a member's start run in its own turn, all others in the
 * turn of the supervisor, which serves nobody else meanwhile.
 */

#include <bastion/topology.h>

/** How an incarnation has ended. */
enum bst_exit {
    BST_EXIT_NONE,     /* there was none, or it has not ended */
    BST_EXIT_NORMAL,   /* a handler returned BST_STOP */
    BST_EXIT_SHUTDOWN, /* it was asked to stop; or a supervisor gave up */
    BST_EXIT_FAILED,
    BST_EXIT_KILLED,
    BST_EXIT_DECLINED,    /* its start returned BST_STOP */
    BST_EXIT_START_FAILED /* its start failed */
};

/**
 * What has happened to whom. What it points to is valid until the callback
 * returns.
 */
struct bst_event {
    struct bst_system *system;
    const char *path;     /* "/root/workers/3" */
    bst_ref who;          /* all zero: a supervisor */
    uint32_t index;       /* place in its group; 0 for a supervisor */
    uint64_t incarnation; /* 0 for the first one */

    /* Of the incarnation that has ended; for after_restart, of the last. */
    enum bst_exit exit;
    bst_status status;   /* why it failed; BST_OK: it did not */
    uint32_t kind;       /* it was handling; BST_KIND_NONE: nothing */
    const char *message; /* the name of that: "add", "start"; or NULL */
    const char *handler; /* "on add", "every 50ms", "before_start"; or NULL */
    const char *fault;   /* what bst_panic() or the processor said, or "" */
};

/** A child has failed. */
struct bst_failure {
    struct bst_event child;
    const char *supervisor; /* path of the one that has to act */
    uint64_t restarts;      /* how often it has restarted this child before */
};

/** What is to be done about a failure. */
enum bst_decision {
    BST_DECIDE_DEFAULT,       /* what would be done without the question */
    BST_DECIDE_RESTART,       /* this child alone */
    BST_DECIDE_RESTART_GROUP, /* all children of the supervisor */
    BST_DECIDE_REMOVE,        /* it is not started again */
    BST_DECIDE_ESCALATE,      /* the supervisor gives up */
    BST_DECIDE_STOP_SYSTEM    /* everything stops in order */
};

/** Each may be NULL. */
struct bst_callbacks {
    bst_status (*before_start)(const struct bst_event *event);
    bst_status (*after_start)(const struct bst_event *event);
    bst_status (*before_restart)(const struct bst_event *event);
    bst_status (*after_restart)(const struct bst_event *event);
    bst_status (*after_stop)(const struct bst_event *event);

    /**
     * Decides about a child of the group or supervisor; a group's own comes
     * before that of its supervisor. It is asked when a child that was up, or
     * that was being restarted, has failed, and when a supervisor below has
     * given up. It is to depend on what it is given alone. A restart still
     * counts in the budget, which has the last word.
     */
    enum bst_decision (*failure)(const struct bst_failure *failure);
};

#endif
