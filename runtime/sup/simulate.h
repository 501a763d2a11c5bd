#ifndef BST_SUP_SIMULATE_H
#define BST_SUP_SIMULATE_H

/*
 * A simulated system: what happens in it is noted, made worse, and checked.
 *
 *   simulate.c  events, their hash, the last ones; failures from the seed
 *   shadow.c    what the supervisors' rules say about what they have done
 *   audit.c     what must be true of the whole system when nothing happens
 *
 * Thread: the host of the simulation, also while a worker has its turn.
 */

#include <stdbool.h>
#include <stdint.h>

#include <bastion/system.h>

#include "actor/actor.h"
#include "sup/sup.h"

struct bsti_shadow;

enum {
    BSTI_SIM_EVENTS = 200, /* that are shown when an invariant breaks */
    BSTI_SIM_BROKEN = 4    /* exit status */
};

#define BSTI_SIM_NO_INDEX UINT32_MAX

enum bsti_event_type {
    BSTI_SIM_HANDLED,  /* a handler begins */
    BSTI_SIM_RETURNED, /* something else than BST_OK */
    BSTI_SIM_INJECTED, /* a failure */
    BSTI_SIM_TREE      /* one of enum bsti_trace_type, in `kind` */
};

struct bsti_sim_event {
    bst_time at;
    enum bsti_event_type type;
    uint32_t kind;
    uint64_t number; /* incarnation */
    uint64_t value;  /* payload, status or end */
    uint32_t index;  /* of a member; BSTI_SIM_NO_INDEX */
    char who[60];    /* path, perhaps cut */
};

struct bsti_simulation {
    struct bsti_system *system;
    uint64_t seed;
    uint64_t rand; /* for failures */
    uint32_t faults;
    bst_time time;     /* that was asked for; 0: the default */
    bst_time limit;    /* when it is stopped */
    bool calm;         /* turns are not cut short */
    bool up;           /* failures are injected from now on */
    bool stopped;      /* the limit was reached, or nothing can happen */
    bst_time patience; /* when a system that is stopped has to be down */
    uint64_t hash;
    uint64_t nevents;
    struct bsti_sim_event events[BSTI_SIM_EVENTS]; /* a ring */
    struct bsti_shadow *shadow;
    bsti_trace_fn *trace; /* of whoever started the system */
    void *trace_arg;
    int64_t balance; /* of allocations, before the system */
    bool alone;      /* no other system disturbs it */
    uint32_t idle;   /* times that nothing was ready */
};

/** Makes a system a simulated one, before anything else is made. Returns 0 or
 * -1 (no memory). */
int bsti_simulation_begin(struct bsti_system *system,
                          const struct bst_options *options, int64_t balance);

/** The executor is there. */
void bsti_simulation_attach(struct bsti_system *system);

/** How long a thread may wait for the system, before it has to look again. */
bst_time bsti_simulation_left(const struct bsti_system *system);

/** The wait has ended; `hopeless` if nothing will ever happen. Stops a system
 * whose time is over. */
void bsti_simulation_waited(struct bsti_system *system, bool hopeless);

/** The last checks: everything but this, and its system, has been freed. */
void bsti_simulation_end(struct bsti_simulation *sim);

/** What the simulated system was, in one line on stderr. */
void bsti_simulation_tell(const struct bsti_simulation *sim);

/** Prints the seed, what is broken and the last events, and exits with 4. */
_Noreturn void bsti_simulation_break(struct bsti_simulation *sim,
                                     const char *invariant, const char *format,
                                     ...) BST_PRINTF(3, 4);

static inline struct bsti_simulation *
bsti_simulation_of(struct bst_system *system)
{
    return bsti_container_of(system, struct bsti_system, base)->simulation;
}

/* ---- shadow.c ------------------------------------------------------------ */

struct bsti_shadow *bsti_shadow_create(void);
void bsti_shadow_destroy(struct bsti_shadow *shadow);

/** Compares an event with what was before. */
void bsti_shadow_note(struct bsti_simulation *sim,
                      const struct bsti_trace *event);

/** Whether the supervisor has done what its strategy says; it is at rest. */
void bsti_shadow_check(struct bsti_simulation *sim, struct bsti_sup *sup);

/* ---- audit.c ------------------------------------------------------------- */

/** Checks everything while no worker has anything to do. */
void bsti_audit(struct bsti_simulation *sim);

#endif
