#ifndef BST_TESTS_SUPPORT_RIG_H
#define BST_TESTS_SUPPORT_RIG_H

/*
 * A system to be tested: tables made by hand in a few calls, real workers,
 * and a record of everything that happens in its tree.
 *
 * The children are puppets: actors that do what a message tells them to, as a
 * function and its argument. A test builds a tree, starts it, orders puppets
 * about, and names the lines that must appear in the record, in order. It
 * never sleeps to let something happen: it waits for lines.
 *
 * The same test runs on threads and, under several seeds, simulated: see
 * RIG_TEST(). There, nothing happens but while the test waits, with a function
 * of this file, and time is virtual: an hour is over at once.
 *
 * Lines: "start a#1", "startfail a#2", "ignore a#1", "stop a#1" (its stop
 * handler begins because it was asked to stop), "down a#1 REASON", "start
 * top#1 (sup)", and whatever rig_note() adds. REASON is normal, shutdown,
 * crashed, killed, or startfail for a supervisor whose start failed.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bastion/bastion.h>

enum { RIG_PARTS = 24, RIG_SUPERVISORS = 12, RIG_CHILDREN = 24 };

/* The messages of every rig. */
enum {
    RIG_DO = BST_KIND_USER, /* struct rig_order; a tell */
    RIG_ASK,                /* struct rig_order; a question */
    RIG_ANSWER,             /* struct rig_answer; the answer to RIG_ASK */
    RIG_PLAIN,              /* no body; puppets do not handle it */
    RIG_BLOB,               /* bytes; puppets add them up */
    RIG_KINDS = 5
};

struct rig;
struct puppet;

struct rig_answer {
    uint64_t value;
};

/** What a puppet does; `answer` is NULL for RIG_DO. */
typedef bst_status rig_fn(struct puppet *self, void *arg,
                          struct rig_answer *answer);

struct rig_order {
    rig_fn *fn;
    void *arg;
};

/** A group of children, to be changed between rig_child() and rig_start(). */
struct rig_part {
    struct bst_group group;
    struct rig *rig;
    bool declines;               /* `on start` returns BST_STOP */
    bst_time slow_stop;          /* `on stop` sleeps that long */
    rig_fn *on_start;            /* called by `on start`; NULL: nothing */
    rig_fn *on_stop;             /* called by `on stop`; NULL: nothing */
    void *arg;                   /* of these two */
    _Atomic uint32_t bad_starts; /* the next starts that fail */
};

/** The state of a puppet. */
struct puppet {
    struct rig *rig;
    struct rig_part *part;
    uint64_t count; /* as all of this, lost at a restart */
    uint64_t kept;  /* survives it */
    const void *args;
};

struct rig {
    struct bst_app app; /* first: the tables of a system lead to its rig */
    struct rig *self;
    struct bst_options options;
    struct bst_system *system;
    struct rig_part parts[RIG_PARTS];
    uint32_t nparts;
    const struct bst_group *groups[RIG_PARTS];
    struct rig_sup {
        struct bst_supervisor table;
        struct bst_child children[RIG_CHILDREN];
    } sups[RIG_SUPERVISORS];
    uint32_t nsups;

    /* Called in the supervisor's turn for each of its lines, or NULL. */
    void (*on_line)(struct rig *rig, const char *line);

    pthread_mutex_t lock; /* guards the record */
    pthread_cond_t changed;
    char *text;             /* all lines so far */
    size_t length;          /* of text */
    size_t size;            /* of its memory */
    size_t expected;        /* what rig_expect() has been through */
    _Atomic uint32_t lines; /* in text */
};

/** A puppet with `on start` and `on stop`, one without `on stop`, and one
 * with neither. */
extern const struct bst_actor rig_puppet;
extern const struct bst_actor rig_puppet_unstopped;
extern const struct bst_actor rig_puppet_passive;

/**
 * A puppet without `keep` fields: its orders are small messages that take the
 * short way through a turn. With them every message takes the long way.
 */
extern const struct bst_actor rig_puppet_short;

/* ---- the table of tests -------------------------------------------------- */

/** A test, and what it runs with; made by the macros below. */
struct rig_test {
    void (*fn)(void **state);
    bool short_way; /* rig_child() makes &rig_puppet_short */
    bool simulated;
};

/** Runs a struct rig_test, a simulated one under RIG_SEEDS seeds (20; with a
 * sanitizer 5), from RIG_SEED on (1): variables of the environment. */
void rig_run(void **state);

/** Says which seed has failed. */
int rig_ran(void **state);

#define RIG_ENTRY(name, ...)                                                   \
    {                                                                          \
        name, rig_run, NULL, rig_ran, &(struct rig_test)                       \
        {                                                                      \
            __VA_ARGS__                                                        \
        }                                                                      \
    }

/** A test that runs on threads, one that is simulated, and one that is both;
 * the name of the simulated one ends with "_sim". */
#define RIG_THREADS(test) RIG_ENTRY(#test, test, false, false)
#define RIG_SIM(test) RIG_ENTRY(#test "_sim", test, false, true)
#define RIG_TEST(test) RIG_THREADS(test), RIG_SIM(test)

/** As RIG_TEST(), with both kinds of puppets. */
#define RIG_BOTH_WAYS(test)                                                    \
    RIG_TEST(test), RIG_ENTRY(#test "_short", test, true, false),              \
        RIG_ENTRY(#test "_short_sim", test, true, true)

/** Returns whether the test that runs is simulated. */
bool rig_is_simulated(void);

/** Lets others run for a moment, to wait for something in a loop. Simulated,
 * it is ten microseconds in every rig. */
void rig_pass(void);

/* Of rig_run.c, for rig.c: what runs, and which simulated rigs can be driven. */
const struct rig_test *rig_running(void);
uint64_t rig_seed(void);
void rig_is_up(struct rig *rig);
void rig_is_down(const struct rig *rig);

/* ---- building ------------------------------------------------------------ */

/** Makes an empty rig with three workers that are not pinned. */
void rig_init(struct rig *rig);

/**
 * Adds a supervisor that allows `tries` restarts `in` a window; the first one
 * is the root, whose parent is NULL.
 */
struct bst_supervisor *rig_sup(struct rig *rig, struct bst_supervisor *parent,
                               const char *name, enum bst_strategy strategy,
                               uint32_t tries, bst_time in);

/** Adds a group of one puppet. */
struct rig_part *rig_child(struct rig *rig, struct bst_supervisor *parent,
                           const char *name);

/**
 * As rig_init(), with a root "top" that restarts like that, and a child for
 * each of the letters, which are its name.
 */
struct bst_supervisor *rig_top(struct rig *rig, enum bst_strategy strategy,
                               struct bst_restart restart, const char *letters);

/* ---- running ------------------------------------------------------------- */

/** Starts the system, which must come up. */
void rig_start(struct rig *rig);

/** Starts the system and returns the error. */
bst_status rig_try_start(struct rig *rig);

/**
 * Waits for the end, checks that exactly `lines` are in the record that were
 * not expected before, and that the exit status is `status`; frees the rig.
 */
void rig_end(struct rig *rig, int status, const char *lines);

/** Asks for a stop and goes on as rig_end() with status 0. */
void rig_stop(struct rig *rig, const char *lines);

/** As rig_stop() for a test that does not care for the order of the stop. */
void rig_stop_quietly(struct rig *rig);

/** Frees a rig whose start failed. */
void rig_free(struct rig *rig);

/** Returns the time of its system. */
bst_time rig_now(const struct rig *rig);

/** Lets time pass; on threads the caller sleeps. */
void rig_wait(struct rig *rig, bst_time time);

/** Returns the rig that `system` belongs to. */
struct rig *rig_of(struct bst_system *system);

/* ---- the record ---------------------------------------------------------- */

/** Locks a mutex in a handler or callback that may be killed while it holds
 * it: until it is unlocked the thread takes no signal. One at a time. */
void rig_lock(pthread_mutex_t *mutex);
void rig_unlock(pthread_mutex_t *mutex);

/** Adds a line, made as by printf(). Thread: any. */
void rig_note(struct rig *rig, const char *format, ...) BST_PRINTF(2, 3);

/** Waits for as many lines as `lines` holds, which must be the same. */
void rig_expect(struct rig *rig, const char *lines);

/** As rig_expect(), but the lines may come in any order. */
void rig_expect_unordered(struct rig *rig, const char *lines);

/* ---- ordering puppets about ---------------------------------------------- */

/** Returns the reference of the group called `name`. */
bst_ref rig_group(struct rig *rig, const char *name);

/** Returns the reference of the first or the `index`th member of a group. */
bst_ref rig_ref(struct rig *rig, const char *name);
bst_ref rig_member(struct rig *rig, const char *name, uint32_t index);

/** Returns the part called `name`. */
struct rig_part *rig_part(struct rig *rig, const char *name);

/** Has the puppet `name` call fn(puppet, arg, NULL) in a message of its own. */
void rig_do(struct rig *rig, const char *name, rig_fn *fn, void *arg);

/** Asks the puppet to call `fn` and waits; the answer goes to `*value`. */
bst_status rig_ask(struct rig *rig, const char *name, rig_fn *fn, void *arg,
                   uint64_t *value);

/** Waits until every message is accounted for; gives the counts. */
void rig_settle(struct rig *rig, struct bst_stats *stats);

/** Kills the puppet's incarnation from outside. */
void rig_kill(struct rig *rig, const char *name);

/** As rig_do() with rig_say() and a text. */
void rig_tell_to_say(struct rig *rig, const char *name, const char *text);

/* Things to do. */
rig_fn rig_crash;      /* returns BST_FAIL */
rig_fn rig_panic;      /* bst_panic() with the text `arg`, or "panic" */
rig_fn rig_normal;     /* returns BST_STOP */
rig_fn rig_count;      /* count++ */
rig_fn rig_count_kept; /* kept++ */
rig_fn rig_say;        /* notes the text `arg` */
rig_fn rig_get;        /* answers with count */
rig_fn rig_get_kept;   /* answers with kept */
rig_fn rig_sleep;      /* notes "asleep", then bst_sleep(*(bst_time *)arg) */
rig_fn rig_hold;       /* computes until the struct rig_gate `arg` is opened */

/** Keeps a puppet inside a handler, without suspending it. Simulated, it does
 * suspend: time passes in no other way. */
struct rig_gate {
    _Atomic uint32_t entered; /* how many have come to it */
    _Atomic uint32_t open;
};

void rig_gate_wait(struct rig_gate *gate, uint32_t entered);
void rig_gate_open(struct rig_gate *gate);

#endif
