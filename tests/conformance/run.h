#ifndef BST_TESTS_CONFORMANCE_RUN_H
#define BST_TESTS_CONFORMANCE_RUN_H

/*
 * One scenario in a system of its own.
 *
 *   scn.c      the file
 *   tree.c     from the file to tables, as generated code has them
 *   given.c    or tables of generated code, which the file is compared with
 *   role.c     what all children do, and an actor that does it
 *   trace.c    what the runtime tells, as lines
 *   stimuli.c  from stimuli to public calls
 *   clock.c    when a stimulus has settled, on threads and in a simulation
 *   compare.c  the trace and the one that is expected
 *   jobs.c     all files of a command line
 *
 * Threads: the one that runs the scenario, and the workers of its system.
 */

#include <pthread.h>
#include <stdatomic.h>

#include <bastion/bastion.h>

#include "scn.h"

struct bsti_trace;
struct run;

enum role_kind {
    ROLE_CRASH = BST_KIND_USER,
    ROLE_LEAVE, /* struct role_leave */
    ROLE_HANG,  /* bst_time */
    ROLE_ASK,
    ROLE_ANSWER,
    ROLE_KINDS = 5
};

struct role_leave {
    const char *reason;
};

struct role;

/** What the arguments of a child point to: nobody knows its role earlier. */
struct part {
    struct role *role;
};

/** A child of the scenario: its tables, and what its incarnations share. */
struct role {
    struct run *run;
    struct scn_node node;
    struct bst_group group; /* unless its table is a given one */
    struct part part;
    struct part *args;  /* &part; what `group` points to */
    const char *parent; /* the name of its supervisor, ... */
    bool in_a_row;      /* ... which starts its children one by one */
    const char *added;  /* the stimulus that added it; NULL: the file */
    struct role *next;
    _Atomic(const char *) reason; /* with which it ends by itself */
    _Atomic uint32_t hanging;     /* its handler is told to hang */
    _Atomic uint32_t given;       /* messages to it ... */
    _Atomic uint32_t done;        /* ... and those it has come to the end of */
    /* Under the lock. */
    bst_ref ref;     /* of the last incarnation; all zero: there was none */
    bst_ref meant;   /* the one when stimuli were given together */
    uint64_t before; /* incarnations of others of its name */
};

/** A name, whoever bears it. */
struct count {
    const char *name;
    struct role *last;   /* that has begun; NULL: a supervisor */
    uint64_t starts;     /* incarnations so far */
    uint32_t bad_starts; /* the next ones that fail */
    bool up;             /* of a supervisor */
    bool is_supervisor;
    struct count *next;
};

/** How time passes. */
struct clock {
    const char *name;
    void (*prepare)(struct bst_options *options);
    /** The system has started. */
    void (*begin)(struct run *run);
    /** Waits until a stimulus has settled. */
    void (*settle)(struct run *run);
    void (*wait)(struct run *run, bst_time duration);
    bst_time (*now)(struct run *run);
    bool hangs_thread; /* a handler that hangs keeps its thread */
};

extern const struct clock clock_smp;
extern const struct clock clock_sim;

struct run {
    const struct clock *clock;
    struct scn scn;
    struct bst_app app;
    /* Of children that are added, with and without `on stop`. */
    const struct bst_actor *actor;
    const struct bst_actor *actor_unstopped;
    struct bst_system *system; /* NULL: the start failed */
    struct role *roles;        /* the newest first */
    struct bst_supervisor *root;
    const struct bst_group **groups;
    struct piece *pieces; /* memory that lives as long as the run */

    pthread_mutex_t lock; /* guards what follows */
    bool is_muted;
    bool together; /* stimuli are for those that ran before all of them */
    char *lines;
    size_t length;
    struct count *counts;
    char failure[160]; /* why the root could not start */
};

/* ---- tree.c -------------------------------------------------------------- */

/** Returns zeroed memory that lives as long as the run. */
void *run_alloc(struct run *run, size_t size);
char *run_strdup(struct run *run, const char *text);

/** Makes the tables of the tree. */
void run_build(struct run *run);

/** Makes the role of a child; its table is `&role->group`. */
struct role *run_add_role(struct run *run, const struct scn_node *node,
                          const char *parent);

/* ---- given.c ------------------------------------------------------------- */

/**
 * Takes the tables of a program instead. Its messages are `role_messages`, its
 * tree is that of the file, and the arguments of each child are a pointer to
 * a struct part of its own. Returns false after a message on stderr.
 */
bool run_take(struct run *run, const struct bst_app *app);

/* ---- jobs.c -------------------------------------------------------------- */

/**
 * Does what a command line says, and returns the exit status. `app` is taken
 * for the trees of all files; NULL: each has tables of its own.
 */
int run_main(const struct bst_app *app, int argc, char **argv);

/* ---- role.c -------------------------------------------------------------- */

extern const struct bst_actor role_actor;
extern const struct bst_actor role_actor_unstopped; /* no `on stop` */
extern const struct bst_message role_messages[ROLE_KINDS];

/** What handlers do; `self` is theirs. */
bst_status role_start(struct role *role, void *self);
bst_status role_stop(struct role *role, void *self);
bst_status role_crash(struct role *role);
bst_status role_leave(struct role *role, const char *reason);
bst_status role_hang(struct role *role, void *self, bst_time duration);
bst_status role_answer(struct role *role);

/** Says something to a child that runs; does nothing to one that does not. */
void role_tell(struct run *run, const char *name, uint32_t kind,
               const void *body, size_t size);

/**
 * Returns the reference of its last incarnation, as the scenarios mean: what
 * is told to one that has ended is not for the next. All zero: there was none.
 */
bst_ref role_ref(struct role *role);

/** Begins and ends stimuli that are given together. */
void role_begin_together(struct run *run);
void role_end_together(struct run *run);

/* ---- trace.c ------------------------------------------------------------- */

/** Adds a line, made as by printf(). Thread: any. */
void trace_line(struct run *run, const char *format, ...) BST_PRINTF(2, 3);

/** The next starts of that name fail. */
void trace_fail_next(struct run *run, const char *name, uint32_t times);

/** Returns whether this start of that name is to fail. */
bool trace_is_bad_start(struct run *run, const char *name);

/** Returns whether a name is that of a supervisor. */
bool trace_is_supervisor(struct run *run, const char *name);

/** Of a handler: "NAME#n" is the incarnation that runs it. */
void trace_stop(struct role *role, uint64_t number);

/** Of the runtime; `arg` is the run. */
void trace_event(void *arg, const struct bsti_trace *event);

/* ---- stimuli.c ----------------------------------------------------------- */

/** Runs the scenario to its end and fills `lines`. */
void run_scenario(struct run *run);

/* ---- compare.c ----------------------------------------------------------- */

/** Returns whether the trace is the expected one. */
bool compare_traces(const struct run *run);

/** Prints how they differ. */
void compare_print(const struct run *run);

#endif
