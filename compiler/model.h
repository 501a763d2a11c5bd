#ifndef BSTC_MODEL_H
#define BSTC_MODEL_H

/*
 * The checked topology: what lower.c hands to the emitters.
 *
 * The model is flat: items refer to each other by index into the arrays of
 * `struct bstc_model`, in the order in which they are emitted. It holds no
 * syntax, every default is resolved, and each item keeps one place for
 * comments and for the `where` members of the tables.
 *
 * Invariants:
 *   - Every name in it is valid in C and unique where C needs it to be.
 *   - Every index is within its array; BSTC_NONE stands for "none".
 *   - Strings are NUL-terminated and belong to the arena of the compilation.
 *
 * Threads: one compilation belongs to one thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BSTC_NONE UINT32_MAX

/** A duration without a limit, in nanoseconds. */
#define BSTC_INFINITE INT64_MAX
/** As `shutdown`: the child is killed at once. */
#define BSTC_SHUTDOWN_KILL ((int64_t)-1)

/** Where an item was declared. */
struct bstc_place {
    const char *file; /* as seen from the folder of the root file */
    uint32_t line;    /* from 1 */
};

/** C text that the user wrote inside a .bst file. */
struct bstc_raw {
    const char *text;   /* not NUL-terminated; braces included */
    size_t length;      /* of `text` in bytes */
    const char *indent; /* blanks that bring it back to its column */
    const char *path;   /* for #line: the file as a debugger finds it */
    uint32_t line;      /* of its first byte */
};

/** What a field of a message owns. */
enum bstc_owns {
    BSTC_OWNS_NOTHING,
    BSTC_OWNS_TEXT,
    BSTC_OWNS_BYTES,
    BSTC_OWNS_FD
};

/** What of a field means the same in every run of a program. */
enum bstc_compares {
    BSTC_COMPARES_NOT, /* addresses, and what only C knows */
    BSTC_COMPARES_INT, /* integers, bool and enums */
    BSTC_COMPARES_TEXT,
    BSTC_COMPARES_BYTES,
    BSTC_COMPARES_REF
};

/** A field of a message or of a state. */
struct bstc_field {
    const char *name;
    const char *type;  /* in C: "uint32_t", "struct wc_map *" */
    const char *spell; /* as in the .bst, for the layout hash */
    const char *array; /* number of elements as C text, or NULL */
    const char *init;  /* C expression, or NULL: zero */
    const char *doc;   /* lines of its doc comment, or NULL */
    enum bstc_owns owns;
    enum bstc_compares compares;
    struct bstc_place place;
};

/** A message; its kind is its index. */
struct bstc_message {
    const char *name; /* in the .bst */
    const char *tag;  /* of the C struct: the prefix and the name */
    const char *doc;
    struct bstc_field *fields;
    uint32_t nfields; /* 0: vanishes from C signatures */
    bool owns;        /* some field owns something */
    uint32_t answer;  /* message, or BSTC_NONE: not a question */
    uint64_t hash;    /* of name and layout */
    struct bstc_place place;
};

enum bstc_how { BSTC_TELL, BSTC_CAST, BSTC_ASK, BSTC_SPAWN };

/** What stands left of the dot of a use. */
enum bstc_target { BSTC_TO_GROUP, BSTC_TO_SELF, BSTC_TO_SENDER, BSTC_TO_ACTOR };

/** One declared send, ask or spawn. */
struct bstc_use {
    enum bstc_how how;
    enum bstc_target target;
    uint32_t group;   /* for BSTC_TO_GROUP, else BSTC_NONE */
    uint32_t message; /* BSTC_NONE: of a spawn */
    int64_t within;   /* deadline of an ask in nanoseconds, else 0 */
};

/** What makes a handler run. */
enum bstc_event {
    BSTC_ON_MESSAGE,
    BSTC_ON_START,
    BSTC_ON_STOP,
    BSTC_ON_RESTART,
    BSTC_ON_ANY, /* `on _` */
    BSTC_ON_TIMER,
    BSTC_ON_DOWN,   /* `on down` */
    BSTC_ON_DEMAND, /* `on demand` */
    BSTC_ON_RUN     /* `run` */
};

/** One handler of an actor. */
struct bstc_handler {
    enum bstc_event event;
    uint32_t message;     /* for BSTC_ON_MESSAGE, else BSTC_NONE */
    uint32_t timer;       /* for BSTC_ON_TIMER, else BSTC_NONE */
    bool broadcast;       /* `on #m`: casts are accepted too */
    bool blocking;        /* runs on the blocking pool */
    const char *label;    /* as written: "on #reset", "every 50ms" */
    const char *stem;     /* part of generated names: "reset", "every_50ms" */
    const char *function; /* of the user, or static when `body` is set */
    bool repeats;         /* an earlier handler has the same function */
    const struct bstc_raw *body;
    const char *doc;
    struct bstc_use *uses;
    uint32_t nuses;
    struct bstc_place place;
};

enum bstc_timer_type { BSTC_EVERY, BSTC_IDLE };

struct bstc_timer {
    enum bstc_timer_type type;
    int64_t period; /* nanoseconds, > 0 */
};

/** An actor: its state, what it handles, whom it may send to. */
struct bstc_actor {
    const char *name; /* in the .bst */
    const char *tag;  /* in C: the prefix and the name */
    const char *doc;
    struct bstc_field *fields; /* of the state: first the reset ones */
    uint32_t nfields;
    uint32_t nkeep;          /* the last `nkeep` fields survive a restart */
    struct bstc_field *args; /* what each child is given */
    uint32_t nargs;
    bool to_self;      /* has a use of `self` */
    bool is_used;      /* has a group */
    uint32_t *targets; /* groups it sends to, in order of first use */
    uint32_t ntargets;
    uint32_t *replies; /* messages it sends to `sender` */
    uint32_t nreplies;
    struct bstc_handler *handlers;
    uint32_t nhandlers;
    struct bstc_timer *timers;
    uint32_t ntimers;
    struct bstc_place place;
};

/** Where the value of a setting comes from. */
enum bstc_from { BSTC_FROM_DEFAULT, BSTC_FROM_HERE, BSTC_FROM_SUPERVISOR };

struct bstc_origin {
    enum bstc_from from;
    struct bstc_place place; /* unless it is the default */
};

enum bstc_restart_mode {
    BSTC_RESTART_SHARED,
    BSTC_RESTART_LIMITED,
    BSTC_RESTART_ALWAYS,
    BSTC_RESTART_NEVER
};

enum bstc_backoff { BSTC_BACKOFF_NONE, BSTC_LINEAR, BSTC_EXPONENTIAL };

enum bstc_then { BSTC_ESCALATE, BSTC_REMOVE };

/** A restart budget and its delays; times in nanoseconds. */
struct bstc_restart {
    enum bstc_restart_mode mode;
    uint32_t tries;
    int64_t in; /* 0: per child, for its life */
    enum bstc_then then;
    enum bstc_backoff backoff;
    int64_t step;
    int64_t cap;     /* 0: the default, one hour */
    uint32_t factor; /* 0: the default, 2 */
    uint32_t jitter; /* percent */
    struct bstc_origin origin;
};

enum bstc_faults { BSTC_FAULTS_CONTAIN, BSTC_FAULTS_STRICT, BSTC_FAULTS_OFF };
enum bstc_lifetime { BSTC_PERMANENT, BSTC_TRANSIENT, BSTC_TEMPORARY };

enum bstc_auto_shutdown { BSTC_AUTO_NEVER, BSTC_AUTO_ANY, BSTC_AUTO_ALL };

enum bstc_dispatch { BSTC_ROUND_ROBIN };

enum bstc_overflow {
    BSTC_REJECT,
    BSTC_DROP_OLDEST,
    BSTC_DROP_NEWEST,
    BSTC_BLOCK
};

/** A value of a setting and where it comes from. */
struct bstc_value {
    int64_t value;
    struct bstc_origin origin;
};

/** What a group or a supervisor may have a function of the user for. */
enum bstc_hook_event {
    BSTC_BEFORE_START,
    BSTC_AFTER_START,
    BSTC_BEFORE_RESTART,
    BSTC_AFTER_RESTART,
    BSTC_AFTER_STOP,
    BSTC_FAILURE,
    BSTC_HOOKS
};

/** Such a function. */
struct bstc_hook {
    const char *function; /* of the user, or static when `body` is set; NULL:
                           * there is none */
    bool repeats;         /* an earlier hook has the same function */
    const struct bstc_raw *body;
    const char *doc;
    struct bstc_place place;
};

/** A group of children. */
struct bstc_group {
    const char *name;   /* in the .bst, and of the member of `self->to` */
    const char *symbol; /* in C: the prefix and the name */
    const char *doc;
    uint32_t actor;
    struct bstc_value redundancy; /* 0: of a dynamic group */
    struct bstc_value max;        /* most children of one, else 0 */
    const char **args; /* of a static group: C constants, as many as the actor
                        * takes; else NULL */
    bool is_spawned;   /* a handler spawns into it */
    bool is_spawned_outside;
    struct bstc_value mailbox;
    enum bstc_overflow overflow; /* comes with `mailbox` */
    int64_t block;               /* BSTC_BLOCK: how long; 0: the default, 5 s */
    struct bstc_value dispatch;  /* enum bstc_dispatch */
    struct bstc_value lifetime;  /* enum bstc_lifetime */
    struct bstc_value shutdown;  /* nanoseconds */
    struct bstc_value stack;     /* bytes */
    struct bstc_restart restart;
    bool is_significant;
    struct bstc_hook hooks[BSTC_HOOKS];
    struct bstc_place place;
};

enum bstc_strategy { BSTC_ONE_FOR_ONE, BSTC_ONE_FOR_ALL, BSTC_REST_FOR_ONE };

/** A child of a supervisor: exactly one of the two is not BSTC_NONE. */
struct bstc_child {
    uint32_t group;
    uint32_t supervisor;
};

/** A supervisor; nested ones come before the one that holds them. */
struct bstc_supervisor {
    const char *name;
    const char *symbol; /* in C: the prefix and the name */
    const char *doc;
    enum bstc_strategy strategy;
    struct bstc_restart restart;
    struct bstc_child *children; /* in start order */
    uint32_t nchildren;
    struct bstc_value lifetime; /* enum bstc_lifetime; as a child itself */
    bool is_significant;        /* as a child itself */
    enum bstc_auto_shutdown auto_shutdown;
    struct bstc_hook hooks[BSTC_HOOKS];
    struct bstc_place place;
};

/** What all processes of an actor may need at most, beside what C knows. */
struct bstc_need {
    uint64_t members; /* 0: there is no group */
    uint64_t places;  /* in their mailboxes together */
    uint64_t stacks;  /* bytes of all of them together */
};

/** A whole program. */
struct bstc_model {
    const char *unit;      /* name of the root file without its ending */
    const char *source;    /* name of the root file */
    const char **includes; /* with their quotes or angle brackets */
    uint32_t nincludes;
    struct bstc_raw *raws; /* `c { }` items, braces included */
    uint32_t nraws;
    struct bstc_message *messages;
    uint32_t nmessages;
    uint32_t *layout; /* messages in an order in which C accepts them */
    struct bstc_actor *actors;
    uint32_t nactors;
    struct bstc_group *groups; /* depth first, in start order */
    uint32_t ngroups;
    struct bstc_supervisor *supervisors; /* the root is the last one */
    uint32_t nsupervisors;
    struct bstc_use *outside;
    uint32_t noutside;
    enum bstc_faults faults;
    uint64_t memory; /* bytes that it must fit in; 0: no bound is set */
    struct bstc_place memory_place;
    struct bstc_need *needs; /* of each actor, if there is a bound */
};

/** The word for a hook: "before_start". Ends with NULL for BSTC_HOOKS. */
extern const char *const bstc_hook_words[BSTC_HOOKS + 1];

/** Returns whether some of the hooks have a function. */
bool bstc_hooks_any(const struct bstc_hook *hooks);

/** Fills the layout hash of every message from its name and fields. */
void bstc_model_hash(struct bstc_model *model);

/** Returns the root supervisor. */
const struct bstc_supervisor *bstc_model_root(const struct bstc_model *model);

/**
 * Returns whether every index and invariant of `model` holds; otherwise
 * `*why` names the first that does not.
 */
bool bstc_model_is_valid(const struct bstc_model *model, const char **why);

#endif
