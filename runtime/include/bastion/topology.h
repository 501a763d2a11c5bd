#ifndef BST_TOPOLOGY_H
#define BST_TOPOLOGY_H

/*
 * The tables that bastionc emits and the runtime brings to life.
 *
 * This is the only contract between the compiler and the runtime. All of it
 * is constant data: it is written once by the compiler (or by hand), never
 * changed while a system runs, and may be shared by several systems.
 *
 * A change of any structure here raises BST_TOPOLOGY_ABI in the same commit.
 */

#include <stddef.h>
#include <stdint.h>

#include <bastion/attr.h>
#include <bastion/status.h>

#define BST_TOPOLOGY_ABI 6

/** A span of time or an instant of the monotonic clock, in nanoseconds. */
typedef int64_t bst_time;

#define BST_NS(n) ((bst_time)(n))
#define BST_US(n) ((bst_time)(n)*1000)
#define BST_MS(n) ((bst_time)(n)*1000000)
#define BST_S(n) ((bst_time)(n)*1000000000)
/** No limit, where a limit in time is expected. */
#define BST_INFINITE INT64_MAX
/** As `shutdown`: the child is killed at once, its `on stop` does not run. */
#define BST_SHUTDOWN_KILL ((bst_time)-1)

struct bst_system;
struct bst_msg;
struct bst_group;
struct bst_supervisor;
struct bst_callbacks; /* of <bastion/callbacks.h> */

/**
 * An untyped reference to a process or to a group of processes.
 *
 * Two words, copied and compared freely, valid for as long as the system
 * lives: a restart does not change it, and once its target has ended for good
 * every send through it yields BST_DEAD. All zero means nobody.
 */
typedef struct bst_ref {
    uintptr_t target; /* block or live group, and a tag in the low bits */
    uint64_t stamp;   /* which tenant or incarnation of it is meant */
} bst_ref;

/* ---- messages ------------------------------------------------------------ */

/* Kinds below BST_KIND_USER are built in; a program's own are dense above. */
enum bst_kind {
    BST_KIND_NONE = 0,
    BST_KIND_START,
    BST_KIND_STOP,
    BST_KIND_RESTART,
    BST_KIND_DOWN,
    BST_KIND_DEMAND,
    BST_KIND_USER = 16
};

/** Kind of the message that the timer with index `i` of an actor delivers. */
#define BST_KIND_TIMER 0x80000000u

enum bst_owned_type { BST_OWNED_END, BST_TEXT, BST_BYTES, BST_FD };

/** Fields of a message that own memory or a descriptor. */
struct bst_owned {
    enum bst_owned_type type; /* BST_OWNED_END ends a table */
    size_t offset;            /* of the first one in the C struct */
    size_t count;             /* more than 1 for an array */
};

enum bst_field_type {
    BST_FIELD_END,
    BST_FIELD_INT, /* integers, bool and enums */
    BST_FIELD_TEXT,
    BST_FIELD_BYTES,
    BST_FIELD_REF
};

/** A field of a message whose value means the same in every run. */
struct bst_field {
    enum bst_field_type type; /* BST_FIELD_END ends a table */
    size_t offset;            /* in the C struct */
    size_t size;              /* of one element */
    size_t count;             /* more than 1 for an array */
};

/** Describes one message of a program; its kind is its index + BST_KIND_USER. */
struct bst_message {
    const char *name;
    size_t size;     /* of the C struct; 0 for a message without fields */
    uint64_t hash;   /* of name and layout: equal means interchangeable */
    uint32_t answer; /* kind of its answer; BST_KIND_NONE: not a question */
    const struct bst_owned *owned;  /* NULL: it owns nothing */
    const struct bst_field *fields; /* NULL: nothing to compare in a run */
};

/* ---- actors -------------------------------------------------------------- */

enum bst_use_how {
    BST_USE_TELL = 1,
    BST_USE_CAST = 2,
    BST_USE_ASK = 4,
    BST_USE_SPAWN = 8
};

/** One declared use: "this handler sends, asks or spawns that". */
struct bst_use {
    uint32_t kind;                 /* BST_KIND_NONE: of BST_USE_SPAWN */
    unsigned how;                  /* of enum bst_use_how */
    const struct bst_group *group; /* NULL: self, sender or any reference */
    bst_time within;               /* deadline of an ask */
};

/** One handler of an actor, as far as the runtime needs to know it. */
struct bst_handler {
    uint32_t kind;     /* BST_KIND_TIMER + i for the timers */
    const char *name;  /* as written: "on ball", "every 50ms" */
    const char *where; /* "pingpong.bst:7" */
    const struct bst_use *uses;
    uint32_t nuses;
    uint32_t blocking; /* 1: it runs on a thread of the blocking pool */
};

enum bst_timer_type { BST_EVERY, BST_IDLE };

/** A timer that every incarnation of an actor has. */
struct bst_timer {
    enum bst_timer_type type;
    bst_time period; /* > 0 */
};

/** What `init` is told about the incarnation that begins. */
struct bst_birth {
    struct bst_system *system;
    uint64_t incarnation; /* 0 for the first one of this child */
    bst_ref self;         /* reference to this child */
    const void *args;     /* of this child, as long as it exists; or NULL */
};

/**
 * Describes an actor.
 *
 * The state is zeroed before `init`, but for the `keep` range when
 * `incarnation` is not 0.
 */
struct bst_actor {
    const char *name;
    size_t state_size; /* 0: no state; `self` still names the process */
    size_t keep_offset;
    size_t keep_size; /* 0: nothing survives a restart */
    void (*init)(void *state, const struct bst_birth *birth); /* or NULL */
    bst_status (*handle)(void *state, const struct bst_msg *in, void *answer);
    const struct bst_handler *handlers;
    uint32_t nhandlers;
    const struct bst_timer *timers;
    uint32_t ntimers;
    uint32_t args_align; /* 0 if and only if `args_size` is 0 */
    size_t args_size;    /* of what each child gets; 0: nothing */
};

/* ---- supervision --------------------------------------------------------- */

enum bst_strategy { BST_ONE_FOR_ONE, BST_ONE_FOR_ALL, BST_REST_FOR_ONE };

enum bst_restart_mode {
    BST_RESTART_SHARED,  /* groups only: members count in the supervisor */
    BST_RESTART_LIMITED, /* `tries` restarts `in` a window */
    BST_RESTART_ALWAYS,
    BST_RESTART_NEVER
};

enum bst_backoff { BST_BACKOFF_NONE, BST_LINEAR, BST_EXPONENTIAL };

enum bst_then { BST_ESCALATE, BST_REMOVE };

/** A restart budget and the delays between restarts. */
struct bst_restart {
    enum bst_restart_mode mode;
    uint32_t tries;
    bst_time in; /* sliding window; 0: per child, for its whole life */
    enum bst_then then;
    enum bst_backoff backoff;
    bst_time step;   /* first delay */
    bst_time cap;    /* longest delay; 0: one hour */
    uint32_t factor; /* of an exponential back-off; 0: 2 */
    uint32_t jitter; /* percent */
};

enum bst_lifetime { BST_PERMANENT, BST_TRANSIENT, BST_TEMPORARY };

enum bst_dispatch { BST_ROUND_ROBIN };

/** What happens to a message for which a mailbox has no place. */
enum bst_overflow {
    BST_OVERFLOW_REJECT,      /* its sender gets BST_FULL */
    BST_OVERFLOW_DROP_OLDEST, /* it takes the place of the oldest one */
    BST_OVERFLOW_DROP_NEWEST, /* it is thrown away */
    BST_OVERFLOW_BLOCK        /* its sender waits */
};

/**
 * A group of children, processes of one actor.
 *
 * A static group has `redundancy` of them. A dynamic one has a `max` and none
 * at the start: bst_group_spawn() adds them.
 */
struct bst_group {
    const char *name;
    const char *where; /* "pingpong.bst:21" */
    const struct bst_actor *actor;
    uint32_t index;      /* place in bst_app.groups */
    uint32_t redundancy; /* >= 1; 0: a dynamic group */
    uint32_t mailbox;    /* bound; 0: the default, 256 */
    enum bst_dispatch dispatch;
    enum bst_lifetime lifetime;
    struct bst_restart restart; /* not SHARED: an implicit supervisor */
    bst_time shutdown;          /* 0: the default, 5 s */
    size_t stack_bytes;         /* 0: the default, 64 KiB */
    uint32_t max;               /* most children of a dynamic group, else 0 */
    const void *args;           /* of each child of a static group, or NULL */
    enum bst_overflow overflow; /* of the mailbox */
    bst_time block;             /* how long a sender waits; 0: 5 s */
    uint32_t significant;       /* 1: its end counts for `auto_shutdown` */
    const struct bst_callbacks *callbacks; /* or NULL */
};

/** A child of a supervisor: exactly one of the two is set. */
struct bst_child {
    const struct bst_group *group;
    const struct bst_supervisor *supervisor;
};

/** Whether a supervisor ends when significant children end by themselves. */
enum bst_auto_shutdown { BST_AUTO_NEVER, BST_AUTO_ANY, BST_AUTO_ALL };

/** A supervisor and its children, in the order in which they start. */
struct bst_supervisor {
    const char *name;
    const char *where;
    enum bst_strategy strategy;
    struct bst_restart restart;
    const struct bst_child *children;
    uint32_t nchildren;
    enum bst_lifetime lifetime; /* as a child of another supervisor */
    bst_time shutdown;          /* 0: the default, no limit */
    uint32_t significant;       /* as a child of another supervisor */
    enum bst_auto_shutdown auto_shutdown;
    const struct bst_callbacks *callbacks; /* or NULL */
};

/** What happens at a CPU fault in a handler. */
enum bst_faults {
    BST_FAULTS_CONTAIN, /* it is that process's failure alone */
    BST_FAULTS_STRICT,  /* but for wild addresses, which end the OS process */
    BST_FAULTS_OFF      /* it ends the OS process */
};

/** A whole program. */
struct bst_app {
    uint32_t abi; /* BST_TOPOLOGY_ABI */
    const char *name;
    const struct bst_supervisor *root;
    const struct bst_group *const *groups; /* all of the tree, by index */
    uint32_t ngroups;
    const struct bst_message *messages; /* by kind - BST_KIND_USER */
    uint32_t nmessages;
    const struct bst_use *outside; /* what main and foreign threads may do */
    uint32_t noutside;
    enum bst_faults faults;
};

#endif
