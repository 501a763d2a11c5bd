#ifndef BST_SUP_SUP_H
#define BST_SUP_SUP_H

/*
 * Live supervisors: the inside of this layer.
 *
 * A supervisor is a process like others: it runs in turns, its mailbox holds
 * notes from its children and its own timers, and all of its state is touched
 * by its own turn alone. It never waits in the middle of a turn: what takes
 * time is an operation, a small state machine that goes on with the next note.
 *
 * A child that has no incarnation is held by its supervisor, or, once it is
 * closed, by nobody. See proc.h.
 *
 *   supervisor.c  the turn: notes and signals in, operations on
 *   operate.c     the operations: start in order, stop in reverse, kill
 *   restart.c     what an end leads to: restart, back-off, remove, escalate
 *   callbacks.c   functions of the user, in the supervisor's turn
 *   child.c       one child, whether an actor or a supervisor
 *   crowd.c       a dynamic group as a child, and its members
 *   notice.c      reports of how children have ended
 *   flaw.c        what is wrong with a table
 *   tree.c        from the tables to the live tree
 *   graft.c       children that come and go while the tree lives
 *   admin.c       requests from outside: finding a supervisor, waiting
 *   serve.c       requests in the supervisor's turn
 *   system.c      the system around the root
 */

#include <bastion/callbacks.h>

#include "actor/actor.h"
#include "exec/timer.h"
#include "proc/proc.h"
#include "sup/flaw.h"
#include "sup/strategy.h"
#include "sup/window.h"

struct bsti_simulation;
struct bsti_request;
struct bsti_sup;
struct bsti_system;

enum bsti_note_type {
    BSTI_NOTE_ACTOR,    /* events of a child that is an actor */
    BSTI_NOTE_SUP,      /* events of a child that is a supervisor */
    BSTI_NOTE_CROWD,    /* events of a child that is a dynamic group */
    BSTI_NOTE_MEMBER,   /* events of a member of a dynamic group */
    BSTI_NOTE_DELAY,    /* the back-off of a child is over */
    BSTI_NOTE_DEADLINE, /* the current operation takes too long */
    BSTI_NOTE_REQUEST   /* somebody asks for something; see admin.h */
};

/**
 * Something in a supervisor's mailbox; part of a longer-lived object. Each
 * begins like this, a struct bsti_child as well.
 */
struct bsti_note {
    struct bsti_mpscq_node link;
    uint8_t type; /* of enum bsti_note_type */
};

_Static_assert(offsetof(struct bsti_note, link) ==
                       offsetof(struct bsti_child, link) &&
                   offsetof(struct bsti_note, type) ==
                       offsetof(struct bsti_child, type),
               "a child begins like a note");

enum bsti_child_flag {
    BSTI_CHILD_IS_PENDING = 1, /* in the list of `pending` */
    BSTI_CHILD_IS_REMOVED = 2, /* stays out until its supervisor begins anew */
    BSTI_CHILD_WAS_KILLED = 4, /* with its supervisor: see bsti_op_kill() */
    BSTI_CHILD_IS_HELD = 8,    /* down until a request starts it */
    BSTI_CHILD_IS_TORN = 16    /* an orphan of which only the thread is lost */
};

/**
 * A dynamic group, which is one child of its supervisor whatever the number of
 * its members: it starts empty, and its members are stopped all at once.
 */
struct bsti_crowd {
    struct bsti_child child;
    struct bsti_sup *sup;
    struct bsti_group *group;
    uint32_t outstanding; /* members that were asked to stop and have not */
};

/** Children in a row: the members of a group, or one other child. */
struct bsti_span {
    uint32_t first;
    uint32_t count;
    struct bsti_group *group; /* one of these is set */
    struct bsti_sup *inner;
    struct bsti_crowd *crowd;
    const void *table; /* it was made from: a bst_group or bst_supervisor */
    bool is_added;     /* while the system ran: forgotten with its supervisor */
};

/** The back-off of a child; made when it first needs one. */
struct bsti_delay {
    struct bsti_note note;
    struct bsti_alarm alarm;
    struct bsti_child *child;
    bst_time due;            /* 0: no back-off is on */
    _Atomic uint32_t queued; /* the note is in the mailbox */
};

/* What a supervisor is busy with. */
enum bsti_op {
    BSTI_OP_NONE,    /* not started, ended, or serving its children */
    BSTI_OP_BOOT,    /* starting all; `cursor` is being started */
    BSTI_OP_STOP,    /* stopping `cursor`, down to `first`; then see `after` */
    BSTI_OP_DELAY,   /* a group waits for the back-off of `culprit` */
    BSTI_OP_RESTART, /* starting a group from `first`; as BOOT */
    BSTI_OP_SERVE,   /* starting what a request named, as BOOT */
    BSTI_OP_KILL     /* all are killed; `outstanding` have not ended yet */
};

enum bsti_after { BSTI_AFTER_SERVE, BSTI_AFTER_RESTART, BSTI_AFTER_END };

enum { BSTI_FAULT_LINE = 512 };

struct bsti_sup {
    struct bsti_proc proc;
    struct bsti_system *system;
    const char *name;
    char *path;
    enum bst_strategy strategy;
    const struct bst_restart *restart;
    const struct bst_callbacks *callbacks; /* for itself; or NULL */
    const struct bst_callbacks *deciding;  /* about its children; or NULL */
    struct bsti_user_call *user;           /* that runs; NULL: none does */
    struct bsti_window window;             /* when `restart` has one */
    struct bsti_sup *parent;               /* NULL: the root */
    struct bsti_child child;               /* as a child of `parent` */
    enum bst_lifetime lifetime;
    bst_time shutdown;
    enum bst_auto_shutdown auto_shutdown;
    bool significant;
    const struct bst_supervisor *table; /* NULL: a group with a budget */

    /* Its children, in order. Their places rise, with gaps where some were
     * removed; the memory changes under the lock of the tree. */
    struct bsti_span *spans;
    uint32_t nspans;
    uint32_t nchildren;       /* one more than the last place */
    uint32_t span_room;       /* in `spans` */
    struct bsti_span *parked; /* were removed; wait to be added again */
    uint32_t nparked;
    uint32_t parked_room;
    uint32_t nadded;          /* spans that were added */
    bool is_untidy;           /* some of those may have to go */
    _Atomic uint32_t orphans; /* left behind, here or below */

    uint8_t alive;              /* between start and end */
    uint8_t announced;          /* its parent knows that it is up */
    uint8_t op;                 /* of enum bsti_op */
    uint8_t after;              /* of enum bsti_after */
    uint8_t ending;             /* why it ends: enum bsti_exit */
    uint8_t gave_up;            /* its restart budget was exceeded */
    uint8_t overdue;            /* what was done to the child being stopped */
    uint8_t rewind;             /* the stop begins again at the last child */
    uint8_t is_lenient;         /* a failure was never judged: see serve.c */
    uint8_t is_checked;         /* its table has no flaw */
    uint8_t is_new;             /* the next start is the first of a tenant */
    uint32_t cursor;            /* child the operation is at */
    uint32_t first;             /* first child of the operation */
    uint32_t end;               /* one above the last child of a start */
    uint32_t outstanding;       /* of a kill */
    struct bsti_child *culprit; /* whose failure led to a group restart */
    bst_time group_delay;       /* before the group starts again */
    /* Children to be looked at, oldest first: that have ended while an
     * operation went on; and that have failed to start again, which come
     * behind them and behind all requests. */
    struct bsti_mpscq_node pending;
    struct bsti_mpscq_node *pending_last;
    struct bsti_mpscq_node retries;
    struct bsti_mpscq_node *retries_last;
    struct bsti_note deadline_note;
    struct bsti_alarm deadline;
    bst_time deadline_due; /* 0: none */
    _Atomic uint32_t deadline_queued;
    uint64_t starts;
    uint64_t rand;               /* for jitter */
    struct bsti_hush hush;       /* ends of it that were not shown */
    char fault[BSTI_FAULT_LINE]; /* the failure that exceeded the budget */
    const char *reason;          /* why its start failed, in a word; or NULL */
    const char *failed_child;    /* that made it fail; or NULL */

    struct bsti_request *request;  /* being served; NULL: none */
    struct bsti_request *requests; /* that wait, oldest first */
    struct bsti_request *last_request;
    enum bsti_op resume;         /* what it was busy with before: NONE, DELAY */
    uint32_t resume_first;       /* `first` of that */
    struct bsti_child *excluded; /* takes no part in the group restart */
};

/** What happens in the tree, in order of each supervisor; for tests. */
struct bsti_trace {
    enum bsti_trace_type {
        BSTI_TRACE_START,
        BSTI_TRACE_START_FAILED,
        BSTI_TRACE_DECLINED,
        BSTI_TRACE_DOWN
    } type;
    const char *path;
    struct bsti_child *child;
    struct bsti_sup *sup; /* the supervisor itself; NULL: an actor */
    bool supervisor;
    uint64_t number;    /* incarnation, from 1 */
    enum bsti_exit how; /* of START_FAILED and DOWN */
    bst_status status;
    const char *reason; /* why a supervisor could not start: a word; or NULL */
    const char *failed; /* which of its children could not; or NULL */
};

typedef void bsti_trace_fn(void *arg, const struct bsti_trace *event);

struct bsti_system {
    struct bst_system base; /* first: a bst_system is a bsti_system */
    struct bsti_sup *root;
    _Atomic uint32_t event; /* futex: counts what the waiter wants to know */
    _Atomic uint32_t state; /* of enum bsti_system_state */
    _Atomic uint32_t stop_signals;
    _Atomic uint32_t ending; /* 1: the root ends; nobody starts again */
    struct bsti_spin tree;   /* guards the shape of the tree */
    size_t blocking_stack;   /* of the threads of the blocking pool; or 0 */
    bool catches_signals;
    bsti_trace_fn *trace;
    void *trace_arg;
    uint32_t begun; /* systems of this OS process so far, with this one */
    struct bsti_simulation *simulation; /* NULL: it is none */
    bool speaks;                        /* tells on stderr what was simulated */
};

enum bsti_system_state {
    BSTI_SYSTEM_STARTING,
    BSTI_SYSTEM_UP,
    BSTI_SYSTEM_START_FAILED,
    BSTI_SYSTEM_ENDED
};

/** Returns the time of the supervisor's system. */
static inline bst_time bsti_sup_now(const struct bsti_sup *sup)
{
    return bsti_exec_now(sup->system->base.exec);
}

/* ---- tree.c -------------------------------------------------------------- */

/** Makes the tree of system->base.app. Returns 0 or -1 (no memory). */
int bsti_tree_create(struct bsti_system *system);
void bsti_tree_destroy(struct bsti_system *system);

/**
 * Makes what a table describes, to stand behind the last child of `sup`; the
 * groups of one that is added while the system runs are live groups of their
 * own. Returns 0 or -1 (no memory): then it is there in part.
 */
int bsti_tree_make(struct bsti_sup *sup, const struct bst_child *table,
                   bool is_added, struct bsti_span *span);

/** Makes room for one more span. Returns false without memory. */
bool bsti_tree_reserve(struct bsti_system *system, struct bsti_span **spans,
                       uint32_t count, uint32_t *room);

/* ---- graft.c ------------------------------------------------------------- */

/** Returns the name of the children in a span. */
const char *bsti_span_name(const struct bsti_span *span);

/**
 * Adds children that nobody has started yet; they are the last span.
 *
 * Errors: BST_NOMEM; BST_INVALID: its `blocking` handlers want a larger stack
 * than the threads of the pool have.
 */
bst_status bsti_graft(struct bsti_sup *sup, const struct bst_child *table);

/**
 * Removes children that were added and that do not run. What can be used
 * again waits for another bsti_graft() of the same table.
 */
void bsti_prune(struct bsti_sup *sup, struct bsti_span *span);

/** Removes all that were added. */
void bsti_prune_all(struct bsti_sup *sup);

/** Removes those that were added and are not listed any more. */
void bsti_prune_forgotten(struct bsti_sup *sup);

/* ---- child.c ------------------------------------------------------------- */

/** Returns the child with the place `index`, which must be there. */
struct bsti_child *bsti_sup_child(const struct bsti_sup *sup, uint32_t index);

/** Returns the first child whose place is not below `index`, or NULL. */
struct bsti_child *bsti_sup_from(const struct bsti_sup *sup, uint32_t index);

/** Returns the last child whose place is below `index`, or NULL. */
struct bsti_child *bsti_sup_before(const struct bsti_sup *sup, uint32_t index);

/** Returns the span that the child with the place `index` is in. */
struct bsti_span *bsti_sup_span(const struct bsti_sup *sup, uint32_t index);

/** Goes through all children of a supervisor, in order. */
#define BSTI_EACH_CHILD(child, sup)                                            \
    struct bsti_child *child = bsti_sup_from((sup), 0);                        \
    child;                                                                     \
    child = bsti_sup_from((sup), child->index + 1)

/** Returns the actor that the child is, or NULL. */
static inline struct bsti_actor *bsti_child_actor(struct bsti_child *child)
{
    return child->type == BSTI_NOTE_ACTOR || child->type == BSTI_NOTE_MEMBER
               ? bsti_container_of(child, struct bsti_actor, child)
               : NULL;
}

/** Returns the supervisor that the child is, or NULL. */
static inline struct bsti_sup *bsti_child_inner(struct bsti_child *child)
{
    return child->type == BSTI_NOTE_SUP
               ? bsti_container_of(child, struct bsti_sup, child)
               : NULL;
}

/** Returns the dynamic group that the child is, or NULL. */
static inline struct bsti_crowd *bsti_child_crowd(struct bsti_child *child)
{
    return child->type == BSTI_NOTE_CROWD
               ? bsti_container_of(child, struct bsti_crowd, child)
               : NULL;
}

/** Returns the child that has a place among its siblings: this one, or the
 * dynamic group that it is a member of. */
struct bsti_child *bsti_child_unit(struct bsti_child *child);

/** Returns the supervisor whose child it is. */
struct bsti_sup *bsti_child_sup(struct bsti_child *child);

enum bst_lifetime bsti_child_lifetime(struct bsti_child *child);

/** Returns whether the end of the child counts for an auto-shutdown. */
bool bsti_child_is_significant(struct bsti_child *child);

/** Returns whether its supervisor knows it: not one that is removed, nor a
 * temporary one that has ended. */
bool bsti_child_is_listed(struct bsti_child *child);

/** Returns the name in its table, without the path. */
const char *bsti_child_name(struct bsti_child *child);

/** Returns BST_SHUTDOWN_KILL, BST_INFINITE, or a time > 0. */
bst_time bsti_child_shutdown(struct bsti_child *child);

/** Begins an incarnation of a child that is down or closed. */
void bsti_child_start(struct bsti_child *child);

/** Asks a child to stop, or kills it if that is how it ends. */
void bsti_child_stop(struct bsti_child *child);
void bsti_child_kill(struct bsti_child *child);

/** Makes a child that is closed another one: the next start is its first. */
void bsti_child_renew(struct bsti_child *child);

/**
 * Refuses messages from now on and empties the mailboxes. A supervisor does
 * that with its children in its own turn, as it may still hear of orphans.
 */
void bsti_child_close(struct bsti_child *child);

/** Tells the supervisor. Thread: whoever holds the child. */
void bsti_child_notify(struct bsti_child *child, enum bsti_child_event event);

/** Returns how the child's incarnation ended. */
enum bsti_exit bsti_child_exit(struct bsti_child *child);

/** Writes "/root/workers/3" and returns `buffer`. */
const char *bsti_child_path(struct bsti_child *child, char *buffer,
                            size_t size);

/** Returns the number of the child's incarnation, from 1. */
uint64_t bsti_child_number(struct bsti_child *child);

/* ---- notice.c ------------------------------------------------------------ */

/** Describes the child's failure in one line. */
void bsti_child_fault(struct bsti_child *child, char *line, size_t size);

/**
 * Reports how the child has ended, and what its supervisor makes of that,
 * within the ration. A failure that was reported is not again.
 */
void bsti_child_tell(struct bsti_sup *sup, struct bsti_child *child,
                     const char *decision);

/** As bsti_child_tell(), if it has failed: nobody will look at it again. */
void bsti_child_tell_failure(struct bsti_sup *sup, struct bsti_child *child,
                             const char *decision);

/* ---- child.c ------------------------------------------------------------- */

/** Tells the trace, if somebody listens. */
void bsti_child_trace(struct bsti_child *child, enum bsti_trace_type type);
void bsti_sup_trace(struct bsti_sup *sup, enum bsti_trace_type type);

/** Arms the back-off. Returns false if there is no memory: start at once. */
bool bsti_child_delay(struct bsti_child *child, bst_time delay);
void bsti_child_cancel_delay(struct bsti_child *child);

/* ---- callbacks.c --------------------------------------------------------- */

/** Returns the callbacks of a child, or NULL. */
static inline const struct bst_callbacks *
bsti_child_callbacks(struct bsti_child *child)
{
    struct bsti_actor *actor = bsti_child_actor(child);
    struct bsti_sup *inner = bsti_child_inner(child);

    if (actor)
        return actor->group->callbacks;
    return inner ? inner->callbacks : NULL;
}

/** Calls before_restart or after_stop for an end that is owed a callback. */
void bsti_call_ended(struct bsti_child *child, bool again);

/** The child has ended: whoever decides what follows settles it. */
static inline void bsti_call_owe(struct bsti_child *child)
{
    struct bsti_actor *actor = bsti_child_actor(child);

    if (BSTI_UNLIKELY(bsti_child_callbacks(child)) &&
        !(actor && (actor->flags & BSTI_END_TOLD)))
        child->flags |= BSTI_CHILD_OWES;
}

/**
 * Tells of an end, once. Thread: the turn of the supervisor, which holds the
 * child.
 */
static inline void bsti_call_settle(struct bsti_child *child, bool again)
{
    if (BSTI_UNLIKELY(child->flags & BSTI_CHILD_OWES))
        bsti_call_ended(child, again);
}

/**
 * Calls back at the start of a supervisor, in its turn. Anything but BST_OK is
 * the result of the start; its fault is noted.
 */
bst_status bsti_call_begin(struct bsti_sup *sup);
bst_status bsti_call_up(struct bsti_sup *sup);

/** Asks the user about a child that has failed. */
enum bst_decision bsti_call_decide(struct bsti_sup *sup,
                                   struct bsti_child *child);

/** Returns whether the user decides about some child of the supervisor. */
bool bsti_call_decides(const struct bsti_sup *sup);

/** Notes a fault in a function of the user. */
_Noreturn void bsti_call_faulted(struct bsti_sup *sup, const char *text);

/* ---- crowd.c ------------------------------------------------------------- */

/** Lets members come. Those that a group restart has stopped come back. */
void bsti_crowd_start(struct bsti_crowd *crowd);

/** Asks all members to stop, or kills them, those that do not stop as well. */
void bsti_crowd_stop(struct bsti_crowd *crowd, bool kill);

/** Kills all members, each of which is a failure of its own. Thread: any. */
void bsti_crowd_strike(struct bsti_crowd *crowd);

/** Returns whether there is another member than this one. */
bool bsti_crowd_has_others(struct bsti_crowd *crowd,
                           const struct bsti_child *member);

/** Removes all members, which have ended. */
void bsti_crowd_close(struct bsti_crowd *crowd);

/** Gives up the members that do not end. */
void bsti_crowd_orphan(struct bsti_crowd *crowd);

/** As bsti_op_tear() for those that have not ended. */
bool bsti_crowd_tear(struct bsti_crowd *crowd);

/** A member that was asked to stop has ended. */
void bsti_crowd_left(struct bsti_sup *sup, struct bsti_child *member);

/* ---- operate.c ----------------------------------------------------------- */

/** Starts the children from `first` on, one after the other. */
void bsti_op_start(struct bsti_sup *sup, enum bsti_op op, uint32_t first);

/** Starts those of the children [first, end) that are down. */
void bsti_op_start_some(struct bsti_sup *sup, uint32_t first, uint32_t end);

/** Goes on with the start: the child at the cursor is up or does not count. */
void bsti_op_started(struct bsti_sup *sup);

/** Stops the children from the last down to `first`. */
void bsti_op_stop(struct bsti_sup *sup, uint32_t first, enum bsti_after after);

/** Stops the children [first, end) for a request. */
void bsti_op_stop_some(struct bsti_sup *sup, uint32_t first, uint32_t end);

/** Goes on with the stop: the child at the cursor has ended. */
void bsti_op_stopped(struct bsti_sup *sup);

/** Kills all children at once; then the supervisor ends. */
void bsti_op_kill(struct bsti_sup *sup);

/** The child being stopped, or those being killed, take too long. */
void bsti_op_deadline(struct bsti_sup *sup);

/** Leaves a child behind that does not end. */
void bsti_op_orphan(struct bsti_child *child);

/** Tries to have a killed child end without its handler, which hangs. Returns
 * false if that cannot be tried. At its end the offer is taken back. */
bool bsti_op_tear(struct bsti_child *child);
void bsti_op_untear(struct bsti_child *child);

/** Ends the wait for them. */
void bsti_op_cancel_deadline(struct bsti_sup *sup);

/** Ends the supervisor with this reason after stopping all children. */
void bsti_op_end(struct bsti_sup *sup, enum bsti_exit how);

/* ---- restart.c ----------------------------------------------------------- */

/** A child that was up or starting has ended. */
void bsti_restart_ended(struct bsti_sup *sup, struct bsti_child *child);

/** Looks at the children that ended while an operation went on. */
void bsti_restart_pending(struct bsti_sup *sup);

/** Looks at the first of those that have failed to start again, once nothing
 * else is to be done. Returns false if there is none. */
bool bsti_restart_retry(struct bsti_sup *sup);

/** Forgets those of them that a stop has dealt with: they may start again. */
void bsti_restart_forget(struct bsti_sup *sup);

/** The back-off of `child` is over. */
void bsti_restart_delayed(struct bsti_sup *sup, struct bsti_child *child);

/* ---- serve.c ------------------------------------------------------------- */

/** Takes a request in: what overtakes is done now, the rest waits. */
void bsti_serve_note(struct bsti_sup *sup, struct bsti_note *note);

/** Serves what waits, as long as no operation is on. */
void bsti_serve(struct bsti_sup *sup);

/** All that a request wanted to start is up or has declined. */
void bsti_serve_started(struct bsti_sup *sup);

/** The child at the cursor, which a request wanted to start, did not. */
void bsti_serve_failed(struct bsti_sup *sup, struct bsti_child *child);

/** All that a request wanted to stop has ended. */
void bsti_serve_stopped(struct bsti_sup *sup);

/** Returns whether a group that waits for its back-off waits for a request. */
bool bsti_serve_holds(const struct bsti_sup *sup);

/** The supervisor ends: nobody waits for it any longer. */
void bsti_serve_flush(struct bsti_sup *sup);

/* ---- supervisor.c -------------------------------------------------------- */

extern const struct bsti_proc_class bsti_sup_class;

/** As for an actor: begin, end in order, end at once. */
void bsti_sup_start(struct bsti_sup *sup);
void bsti_sup_stop(struct bsti_sup *sup);
void bsti_sup_kill(struct bsti_sup *sup);

/** Closes the children of one that has ended, until the next start. */
void bsti_sup_close(struct bsti_sup *sup);

/** Tells its parent, or the system, that all children are up. Returns false if
 * a callback failed: then the supervisor ends. */
bool bsti_sup_announce(struct bsti_sup *sup);

/** The last step of its life. */
void bsti_sup_finish(struct bsti_sup *sup);

/* ---- system.c ------------------------------------------------------------ */

extern const struct bsti_hooks bsti_system_hooks;

void bsti_system_root_up(struct bsti_system *system);
void bsti_system_root_ended(struct bsti_system *system);

/** Has a simulated system tell what was simulated when it ends. */
void bsti_system_speak(struct bst_system *system);

/** As bst_system_start(), with somebody who is told what happens. */
struct bst_system *bsti_system_start_traced(const struct bst_app *app,
                                            const struct bst_options *options,
                                            bsti_trace_fn *trace, void *arg,
                                            bst_status *error);

#endif
