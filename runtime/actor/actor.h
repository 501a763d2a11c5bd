#ifndef BST_ACTOR_ACTOR_H
#define BST_ACTOR_ACTOR_H

/*
 * The actor layer's view of a process, a group and a system.
 *
 * A block holds, in this order: struct bsti_actor, the user's state, the copy
 * of its keep fields, its timers. `self` in a handler points at the state, so
 * the process is at a fixed negative offset from it.
 *
 * An incarnation is begun by the supervisor (bsti_actor_start) and ends by
 * itself, in one place (end.c), which tells the supervisor through the hooks
 * of the system. In between, the process is held as described in proc.h.
 */

#include <bastion/callbacks.h>
#include <bastion/context.h>
#include <bastion/message.h>
#include <bastion/system.h>

#include "actor/child.h"
#include "actor/node.h"
#include "actor/overflow.h"
#include "actor/ration.h"
#include "base/attr.h"
#include "exec/exec.h"
#include "exec/timer.h"
#include "exec/worker.h"
#include "plat/probe.h"
#include "proc/proc.h"
#include "sync/spin.h"

struct bsti_actor;
struct bsti_blocking;
struct bsti_dynamic;
struct bsti_group;
struct bsti_hold;
struct bsti_offload;
struct bsti_trap;

enum bsti_phase {
    BSTI_PHASE_DOWN,     /* no incarnation */
    BSTI_PHASE_STARTING, /* before and in `on start` */
    BSTI_PHASE_UP,
    BSTI_PHASE_UP_MOVED, /* the same, with a state outside of its block */
    BSTI_PHASE_STOPPING, /* in `on stop` */
    BSTI_PHASE_ENDING,   /* cleanups: nothing may suspend from here on */
    BSTI_PHASE_CALLING   /* in a callback of its start */
};

/* How an incarnation ended. */
enum bsti_exit {
    BSTI_EXIT_NORMAL,   /* a handler returned BST_STOP */
    BSTI_EXIT_SHUTDOWN, /* it was asked to stop */
    BSTI_EXIT_FAILED,
    BSTI_EXIT_KILLED,
    BSTI_EXIT_DECLINED,    /* `on start` returned BST_STOP */
    BSTI_EXIT_START_FAILED /* `on start` failed */
};

/* What is true of the handler that runs. */
enum bsti_handling {
    BSTI_HANDLING = 1,  /* it has not come to its end */
    BSTI_UNHANDLED = 2, /* there is no case for its message */
    BSTI_DOOMED = 4     /* it fails whatever it returns: a simulation */
};

/* What is true of the incarnation. */
enum bsti_actor_flag {
    BSTI_STOP_ASKED = 1,  /* a stop request was seen */
    BSTI_FAULT_NOTED = 2, /* the fault in the record is that of this failure */
    BSTI_OFFLOADED = 4,   /* its handler is on the blocking pool */
    BSTI_RETIRING = 8,    /* its block is free once its mailbox is empty */
    BSTI_END_TOLD = 16    /* the callback of its end was called */
};

/* Callbacks, in the order of struct bst_callbacks. */
enum bsti_call {
    BSTI_CALL_BEFORE_START,
    BSTI_CALL_AFTER_START,
    BSTI_CALL_BEFORE_RESTART,
    BSTI_CALL_AFTER_RESTART,
    BSTI_CALL_AFTER_STOP,
    BSTI_CALLS
};

/* What an actor handles while it calls one back: none of the public kinds. */
enum { BSTI_KIND_CALL = 8 };

_Static_assert((int)BSTI_KIND_CALL > (int)BST_KIND_DEMAND &&
                   (int)BSTI_KIND_CALL + (int)BSTI_CALLS <= (int)BST_KIND_USER,
               "the kinds of callbacks lie between the others");

/** A timer of an actor; its tick travels in a node of its own. */
struct bsti_tick {
    struct bsti_alarm alarm;
    struct bsti_actor *actor;
    struct bsti_node node;
    _Atomic uint32_t queued; /* the node is in the mailbox */
    uint32_t index;          /* of the timer in the actor's table */
    bst_time start;  /* when the incarnation's timers began; `idle`: due time */
    uint64_t missed; /* ticks that fell on a queued one */
};

struct bsti_actor {
    struct bsti_proc proc;

    /* Constant. */
    struct bsti_group *group;

    /* Its supervisor. */
    struct bsti_child child;

    /* Whoever holds the process. */
    _Atomic uint8_t phase;  /* of enum bsti_phase */
    uint8_t handling;       /* of enum bsti_handling */
    uint8_t flags;          /* of enum bsti_actor_flag */
    uint8_t exit : 3;       /* of enum bsti_exit */
    uint8_t status : 5;     /* why it failed: of enum bst_status */
    uint32_t kind;          /* being handled */
    struct bsti_node *node; /* being handled; still in the mailbox */
    union {
        struct bsti_node *answer;     /* being written */
        struct bsti_offload *offload; /* of a handler on the blocking pool */
    };
    uint64_t rand; /* state of bst_random(); 0: not seeded yet */
};

/** Short ways through a turn that a small message may take: bits. */
enum bsti_way {
    BSTI_WAY_LONG = 0,
    BSTI_WAY_PLAIN = 1,   /* told: handling it is a call and nothing else */
    BSTI_WAY_QUESTION = 2 /* asked: so it is, with a small answer */
};

/** A live group; the members of a static one lie side by side. */
struct bsti_group {
    const struct bst_group *spec;
    struct bst_system *system;
    char *path;                   /* "/root/workers" */
    struct bsti_dynamic *dynamic; /* NULL: a static group */
    void *keeper;                 /* the supervisor of the members */
    uint8_t member_type;          /* of the notes of the members */
    uint32_t first;          /* place of the first one among its children */
    char *blocks;            /* first member */
    size_t stride;           /* bytes from one member to the next */
    uint32_t count;          /* members */
    struct bsti_actor *only; /* the one member; NULL: there are several */
    size_t state_offset;     /* in a block */
    size_t shadow_offset;    /* copy of the keep fields */
    size_t ticks_offset;
    size_t overflow_offset; /* 0: refuses, or drops the newest */
    const struct bst_handler *on_start;
    const struct bst_handler *on_restart;
    const struct bst_handler *on_stop;
    const struct bst_callbacks *callbacks; /* or NULL */
    uint8_t *ways;                         /* by message; of enum bsti_way */
    uint32_t nways;        /* messages in the program; 0: all go the long way */
    bool has_blocking;     /* some handler is `blocking` */
    bool has_idle;         /* some timer is an `idle` */
    bool drops_oldest;     /* all messages go through bsti_oldest_append() */
    struct bsti_hush hush; /* failures that were not shown */
    uint64_t who; /* what sets its random numbers apart from other groups' */
    struct bsti_group *next_added; /* in the list of the system */
    _Atomic uint8_t is_in_tree;    /* of one in that list */
    BSTI_ALIGNED(BSTI_CACHE_LINE) _Atomic uint32_t turn; /* round robin */
    _Atomic uint64_t *reported; /* kinds whose message was reported: bits */
};

/** What the layer above is told; it must not block. */
struct bsti_hooks {
    void (*started)(struct bsti_actor *actor);
    void (*exited)(struct bsti_actor *actor); /* it holds the process now */
    void (*stop)(struct bst_system *system);
};

/** Who looks on when handlers are called: a simulation. */
struct bsti_observer {
    /** Anything but BST_OK fails the handler before it is called. */
    bst_status (*before)(struct bsti_actor *actor,
                         const struct bst_msg *message);
    /** Returns the status that counts. Not called if the handler is left. */
    bst_status (*after)(struct bsti_actor *actor, bst_status status);
};

struct bsti_foreign; /* a foreign thread that waits; see foreign.h */

/** The part of a system that this layer knows. */
struct bst_system {
    const struct bst_app *app;
    struct bsti_exec *exec;
    struct bsti_blocking *blocking;   /* NULL: no handler is `blocking` */
    struct bsti_group *groups;        /* by index */
    struct bsti_group *_Atomic added; /* made since; only grows */
    const struct bsti_hooks *hooks;
    const struct bsti_observer *observer; /* NULL: nobody looks on */
    uint64_t seed;
    int argc;
    char **argv;
    _Atomic uint32_t orphans;       /* handlers that were left behind */
    _Atomic uint32_t foreign_users; /* foreign threads inside a call */
    struct bsti_spin foreign_lock;
    struct bsti_foreign *foreign_free; /* under the lock */
    struct bsti_foreign *foreign_all;  /* under the lock */
    struct bsti_ration ration;         /* of reports of failures */
    struct bsti_hold *poisoned;        /* under the lock; see lock.c */
};

/* Counters of the executor, as this layer uses them. */
enum bsti_count {
    BSTI_COUNT_SENT,
    BSTI_COUNT_HANDLED,
    BSTI_COUNT_FAILED,
    BSTI_COUNT_DEAD,
    BSTI_COUNT_DROPPED,
    BSTI_COUNT_REFUSED,
    BSTI_COUNT_RESTARTS,
    BSTI_COUNT_UNHANDLED,
    BSTI_COUNT_STARTS, /* incarnations */
    BSTI_COUNT_ENDS,
    BSTI_COUNT_PAYLOADS, /* made from the pools of messages */
    BSTI_COUNT_PAYLOADS_FREED
};

_Static_assert((int)BSTI_COUNT_SENT == (int)BSTI_COUNTER_SENT &&
                   (int)BSTI_COUNT_HANDLED == (int)BSTI_COUNTER_HANDLED &&
                   (int)BSTI_COUNT_PAYLOADS_FREED < (int)BSTI_COUNTER_TASKS,
               "every counter has a place in the worker");

/* ---- finding each other -------------------------------------------------- */

enum { BSTI_STATE_OFFSET = (sizeof(struct bsti_actor) + 15) & ~15u };

extern const struct bsti_proc_class bsti_actor_class;
extern const struct bsti_proc_class bsti_moved_class;

/** Returns the actor whose handler was given `self`, which was moved. */
struct bsti_actor *bsti_actor_of_moved(void *self);

/**
 * Returns the actor whose handler was given `self`, which is looked at as any
 * pointer of a user's: a bad one is the handler's failure.
 */
static inline struct bsti_actor *bsti_actor_of(void *self)
{
    uintptr_t at = (uintptr_t)self - BSTI_STATE_OFFSET;
    uintptr_t cls =
        bsti_probe_word((void *)(at + offsetof(struct bsti_actor, proc.cls)));

    return BSTI_LIKELY(cls != (uintptr_t)&bsti_moved_class)
               ? (struct bsti_actor *)at
               : bsti_actor_of_moved(self);
}

/**
 * What lies before a state in place of its actor, if an orphan has that one's
 * (orphan.c). The class of `proc` is bsti_moved_class.
 */
struct bsti_moved {
    struct bsti_proc proc;
    struct bsti_actor *actor;
};

_Static_assert(sizeof(struct bsti_moved) <= BSTI_STATE_OFFSET,
               "the state lies behind it as behind an actor");

/** Returns the state in the actor's block: its own, unless that was moved. */
static inline void *bsti_actor_own_state(struct bsti_actor *actor)
{
    return (char *)actor + BSTI_STATE_OFFSET;
}

static inline void *bsti_actor_state(struct bsti_actor *actor)
{
    struct bsti_record *record = bsti_child_record(&actor->child);

    if (BSTI_UNLIKELY(record && record->moved))
        return (char *)record->moved + BSTI_STATE_OFFSET;
    return bsti_actor_own_state(actor);
}

static inline struct bsti_actor *bsti_actor_of_proc(struct bsti_proc *proc)
{
    return bsti_container_of(proc, struct bsti_actor, proc);
}

static inline struct bsti_actor *bsti_group_member(struct bsti_group *group,
                                                   uint32_t index)
{
    return (void *)(group->blocks + (size_t)index * group->stride);
}

/** Returns the place of a member in its group. */
static inline uint32_t bsti_actor_index(const struct bsti_actor *actor)
{
    const struct bsti_group *group = actor->group;

    /* By its place in memory: among other children it may move. */
    return group->dynamic
               ? actor->child.index
               : (uint32_t)((size_t)((const char *)actor - group->blocks) /
                            group->stride);
}

/**
 * Returns the number of the incarnation, or of the last one, from 1; 0: none
 * has begun. The stamps of a tenant are its own, and then by turns that of a
 * start and that of an end.
 */
static inline uint64_t bsti_actor_number(const struct bsti_actor *actor)
{
    uint64_t tenant = bsti_load_relaxed(&actor->proc.gate) >> 1;

    return (bsti_load_relaxed(&actor->proc.incarnation) - tenant + 1) / 2;
}

/** Returns the phase; only its holder can rely on it. Thread: any. */
static inline enum bsti_phase bsti_actor_phase(const struct bsti_actor *actor)
{
    /* relaxed: a turn on a block that is free may meet the next tenant being
     * made; what it does not know of that one does not concern it. */
    return (enum bsti_phase)bsti_load_relaxed(&actor->phase);
}

static inline void bsti_actor_set_phase(struct bsti_actor *actor,
                                        enum bsti_phase phase)
{
    bsti_store_relaxed(&actor->phase, (uint8_t)phase);
}

/** Whether it has begun and handles messages. Thread: the holder. */
static inline bool bsti_actor_is_up(const struct bsti_actor *actor)
{
    enum bsti_phase phase = bsti_actor_phase(actor);

    return phase == BSTI_PHASE_UP || phase == BSTI_PHASE_UP_MOVED;
}

/** It has begun. Only with its own state it takes the short way of turn.c. */
static inline void bsti_actor_set_up(struct bsti_actor *actor)
{
    bsti_actor_set_phase(actor,
                         bsti_actor_state(actor) == bsti_actor_own_state(actor)
                             ? BSTI_PHASE_UP
                             : BSTI_PHASE_UP_MOVED);
}

/** Gives out the next stamp of a block. Thread: the holder. */
static inline void bsti_actor_next_stamp(struct bsti_actor *actor)
{
    uint64_t last = bsti_load_relaxed(&actor->proc.incarnation);

    bsti_store_relaxed(&actor->proc.incarnation, last + 1);
}

/** Notes why the incarnation fails; what is no status at all is BST_FAIL. */
static inline void bsti_actor_set_status(struct bsti_actor *actor,
                                         bst_status status)
{
    if ((unsigned)status > (unsigned)BST_BAD_COMBINATION)
        status = BST_FAIL;
    actor->status = (unsigned)status & 31;
}

/** Returns the last failure of the child, or NULL. Thread: the holder. */
static inline const struct bsti_fault *
bsti_actor_last_fault(struct bsti_actor *actor)
{
    struct bsti_record *record = bsti_child_record(&actor->child);

    return record && record->fault.status != BST_OK ? &record->fault : NULL;
}

/** Returns the part of its block that overflow.h describes, if there is one. */
static inline struct bsti_overflow *
bsti_overflow_of(const struct bsti_actor *actor)
{
    return (void *)((uintptr_t)actor + actor->group->overflow_offset);
}

static inline const struct bst_actor *
bsti_actor_spec(const struct bsti_actor *actor)
{
    return actor->group->spec->actor;
}

/** As bsti_actor_current(), on a thread of the blocking pool. */
struct bsti_actor *bsti_offload_current(void);

/** Returns the actor whose handler runs on this thread, or NULL. */
static inline struct bsti_actor *bsti_actor_current(struct bsti_worker *worker)
{
    struct bsti_proc *proc;

    if (BSTI_UNLIKELY(!worker))
        return bsti_offload_current();
    proc = worker->proc;
    return proc && proc->cls == &bsti_actor_class ? bsti_actor_of_proc(proc)
                                                  : NULL;
}

/** Returns the handler for `kind`, or NULL. */
const struct bst_handler *bsti_handler_of(const struct bst_actor *spec,
                                          uint32_t kind);

/** Writes the path of a member and returns its length, as snprintf does. */
size_t bsti_actor_path(const struct bsti_actor *actor, char *buffer,
                       size_t size);

/* ---- references (ref.c) -------------------------------------------------- */

enum {
    BSTI_REF_CHILD,
    BSTI_REF_INCARNATION,
    BSTI_REF_GROUP,
    BSTI_REF_TAGS = 3
};

static inline bst_ref bsti_ref_child(const struct bsti_actor *actor)
{
    uint64_t gate = bsti_load_relaxed(&actor->proc.gate);

    return (bst_ref){(uintptr_t)actor | BSTI_REF_CHILD, gate & ~(uint64_t)1};
}

bst_ref bsti_ref_incarnation(const struct bsti_actor *actor);

/** Where a message goes: a block, and what its node must carry. */
struct bsti_target {
    struct bsti_actor *actor;
    uint64_t stamp;
    bool incarnation;
};

/**
 * Finds the receiver of a message to `ref`; a group picks one.
 * Errors: BST_DEAD.
 */
bst_status bsti_ref_resolve(bst_ref ref, struct bsti_target *target);

/** As bsti_ref_resolve() for the member `index` of a group. */
bst_status bsti_ref_member(struct bsti_group *group, uint32_t index,
                           struct bsti_target *target);

/**
 * Gives the next open member of a group from `*place` on, which moves behind
 * it; 0 at first. Errors: BST_DEAD, there is none any more.
 */
bst_status bsti_ref_next(struct bsti_group *group, uint32_t *place,
                         struct bsti_target *target);

/** Returns the system a reference leads to; NULL for that to nobody. */
struct bst_system *bsti_ref_system(bst_ref ref);

/** Returns the live group a reference names, or NULL. */
static inline struct bsti_group *bsti_ref_group(bst_ref ref)
{
    if ((ref.target & BSTI_REF_TAGS) != BSTI_REF_GROUP)
        return NULL;
    return (struct bsti_group *)(ref.target & ~(uintptr_t)BSTI_REF_TAGS);
}

/** Returns whether a node that carries this stamp is for this incarnation. */
static inline bool bsti_stamp_is_current(const struct bsti_actor *actor,
                                         uint64_t stamp, bool incarnation)
{
    uint64_t gate = bsti_load_relaxed(&actor->proc.gate);

    if (BSTI_LIKELY(!incarnation))
        return gate == stamp;
    return !(gate & 1) && bsti_load_relaxed(&actor->proc.incarnation) == stamp;
}

/* ---- sending (tell.c, ask.c) --------------------------------------------- */

/** A message on its way into a mailbox. */
struct bsti_outgoing {
    uint32_t kind;
    const void *body;
    size_t size;
    const struct bst_owned *owned; /* fields that move; then `body` is
                                    * the sender's own, to be written */
    bst_ref sender;
    struct bsti_waiter *waiter; /* of an ask; else NULL */
    uint64_t wait_seq;
    bool unbounded; /* answers and the like are never refused as BST_FULL */
    bool placed;    /* it has a place already */
    bool hurried;   /* part of a cast: it does not wait for a place */
};

/** Copies a message into the mailbox of `target`. */
bst_status bsti_post(struct bsti_worker *worker,
                     const struct bsti_target *target,
                     const struct bsti_outgoing *message);

/** As bst_tell() and bst_cast(), checked against the declaration of `how`. */
bst_status bsti_tell(bst_ref to, struct bsti_outgoing *message,
                     enum bst_use_how how);

/** As bst_ask(). */
bst_status bsti_ask(bst_ref to, struct bsti_outgoing *message, void *answer,
                    size_t answer_size, bst_time within);

/** Pushes a node that is already made; it never fails. */
void bsti_post_node(struct bsti_worker *worker, struct bsti_actor *actor,
                    struct bsti_node *node);

/** Adds one to a counter of the system. */
void bsti_count(struct bst_system *system, struct bsti_worker *worker,
                enum bsti_count counter);

/**
 * Ends the wait of an asker: with `node`, its answer, or with a status alone.
 * `node` moves; it is counted as dead if it comes too late.
 */
void bsti_answer(struct bst_system *system, struct bsti_waiter *waiter,
                 uint64_t seq, bst_status status, struct bsti_node *node);

/** Suspends a handler until the open wait `seq` has ended. */
void bsti_actor_await(struct bsti_actor *actor, uint64_t seq);

/* ---- an incarnation (life.c, turn.c, end.c, tick.c) ------------------------------ */

/**
 * Begins an incarnation; opens the child again if it was closed. Thread: the
 * supervisor, which holds the process, unless it was closed, and gives it
 * away. The result comes through the hooks.
 */
void bsti_actor_start(struct bsti_actor *actor);

/** Does so, in its turn. Returns false if it ended in its start handler. */
bool bsti_actor_begin(struct bsti_actor *actor);

/**
 * Does what the signals ask for. Thread: the holder, between two messages.
 * Returns false if the process must not be touched any more.
 */
bool bsti_actor_heed_signals(struct bsti_actor *actor);

/** Asks it to end at the next message boundary. Thread: any. */
void bsti_actor_stop(struct bsti_actor *actor);

/** Ends it, also out of a wait or a handler that does not return (see
 * exec/oust.h). Thread: any. */
void bsti_actor_kill(struct bsti_actor *actor);

/** Ended for good: refuses and empties. Thread: the holder; gives it away. */
void bsti_actor_close(struct bsti_actor *actor);

/**
 * Gives the block of a child that is closed to another tenant, which is closed
 * until it is started. Thread: its supervisor.
 */
void bsti_actor_renew(struct bsti_actor *actor);

/** Returns whether messages are taken. */
static inline bool bsti_actor_is_open(const struct bsti_actor *actor)
{
    return !(bsti_load_relaxed(&actor->proc.gate) & 1);
}

/** Ends the incarnation; the caller must not touch the actor afterwards. */
void bsti_actor_end(struct bsti_actor *actor, enum bsti_exit how,
                    bst_status status);

/** Continues bsti_actor_end(); and after a cleanup has failed, or was forced
 * to end. */
void bsti_actor_end_continue(struct bsti_actor *actor);
void bsti_actor_end_again(struct bsti_actor *actor);

/**
 * Ends the OS process if this thread does not run a handler of `actor`.
 * Returns false if it once did, and must not touch anything any more.
 */
bool bsti_must_be_current(struct bsti_actor *actor, const char *call);

/** Ends the current handler, or cleanup, as a failure with BST_NOMEM. */
_Noreturn void bsti_actor_fail_without_memory(struct bsti_actor *actor);

/** Ends the current handler, or cleanup, as a failure that is told so; `trap`:
 * the CPU fault that it was, or NULL. */
_Noreturn void bsti_actor_fail_with(struct bsti_actor *actor, const char *text,
                                    const struct bsti_trap *trap);

/** Says whose fault it is; async-signal-safe. */
void bsti_actor_blame(struct bsti_actor *actor, struct bsti_blame *blame);

/** Throws a cleanup's frames away; why the process ended stays as it is. */
_Noreturn void bsti_actor_fail_in_cleanup(struct bsti_actor *actor,
                                          const char *text,
                                          const struct bsti_trap *trap);

/** Records why the current handler failed. NULL: there is no memory. */
struct bsti_fault *bsti_actor_fault(struct bsti_actor *actor,
                                    bst_status status);

/** Takes the node being handled out of the mailbox and recycles it. */
void bsti_actor_take_out(struct bsti_actor *actor);

/** Returns the handler or callback that runs, or has failed; or NULL. */
const struct bst_handler *bsti_handler_running(const struct bsti_actor *actor);

/** Calls a handler that has no message of its own: start, restart, stop. */
bst_status bsti_actor_call_builtin(struct bsti_actor *actor, uint32_t kind);

/** Arms the timers of a new incarnation; stops them at its end. */
void bsti_ticks_start(struct bsti_actor *actor);
void bsti_ticks_stop(struct bsti_actor *actor);

/** Puts off the `idle` timers: a message has been handled. */
void bsti_ticks_active(struct bsti_actor *actor);

/** Prepares the timers of a block. */
void bsti_ticks_init(struct bsti_actor *actor);

/** The stamp of a tick that is void: no incarnation has it. */
#define BSTI_TICK_VOID ((uint64_t)0)

/** Passes over a void tick. Thread: the holder, in an incarnation that is up. */
void bsti_tick_skip(struct bsti_actor *actor, struct bsti_node *node);

/** Called when the tick that `node` carries has left the mailbox. */
void bsti_tick_taken(struct bsti_node *node);

/** Returns what the actor was given when it was made; NULL: nothing. */
const void *bsti_actor_args(struct bsti_actor *actor);

/* ---- callbacks (callback.c) ---------------------------------------------- */

typedef bst_status bsti_callback(const struct bst_event *event);

/** The name of a callback: "before_start". */
const char *bsti_call_name(enum bsti_call call);

/**
 * Returns the function for `*call`, or NULL. Where another callback stands in
 * for one that is not set, `*call` becomes that one.
 */
bsti_callback *bsti_call_find(const struct bst_callbacks *callbacks,
                              enum bsti_call *call);

enum { BSTI_PATH_SIZE = 256 };

/**
 * Says what has happened to an actor. `path` is memory for its path; `ended`:
 * the incarnation, or the one before, has ended. Thread: the holder.
 */
void bsti_actor_event(struct bsti_actor *actor, bool ended, char *path,
                      struct bst_event *event);

/**
 * Calls back at the start of an incarnation, which may fail by that as by its
 * handler. Thread: the holder, in its turn.
 */
bst_status bsti_actor_call_back(struct bsti_actor *actor, enum bsti_call call);

/** Calls after_stop for a member that its supervisor does not hear of. */
void bsti_actor_call_stopped(struct bsti_actor *actor);

/* ---- groups (group.c) ---------------------------------------------------- */

/** Makes a block a process that nobody has begun; nobody else knows it. */
void bsti_member_init(struct bsti_group *group, struct bsti_actor *actor,
                      uint32_t index);

/**
 * Returns the live group that `spec` describes: the one of the program's own
 * tree, or else one that was added and is in the tree; NULL: there is none.
 */
struct bsti_group *bsti_group_find(struct bst_system *system,
                                   const struct bst_group *spec);

/** Makes the blocks of a group. `path` moves. Returns 0 or -1 (no memory). */
int bsti_group_init(struct bsti_group *group, const struct bst_group *spec,
                    struct bst_system *system, char *path);
void bsti_group_fini(struct bsti_group *group);

#endif
