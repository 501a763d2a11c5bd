/*
 * The host's side of a simulation: who takes the next turn, and what time it
 * is.
 *
 * Each worker has its own loop on its own stack, as with threads. Between two
 * turns, and instead of sleeping, it switches to the host, which chooses a
 * worker and switches to it. A worker that would sleep can be chosen once its
 * parker has a token or its time has come, so a wake-up that is lost in the
 * real executor is lost here, too: then bsti_sim_has_forgotten() finds work
 * that nobody looks for.
 */

#include "exec/sim.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/duration.h"
#include "base/rand.h"
#include "exec/sim_watch.h"
#include "exec/timer.h"
#include "exec/worker.h"
#include "plat/fault.h"
#include "plat/switch.h"

enum {
    MOST_WORKERS = 4, /* where no number is asked for */
    TURN_NS = 2000,   /* most turns take less */
    LOOK_NS = 100,    /* at the clock, by a handler */
    LONG_TURN_NS = 100000,
    LONG_TURNS = 16,    /* one in so many is long */
    MANY_LOOKS = 64,    /* of workers that find nothing, at one moment */
    STALLS = 512,       /* one turn in so many ends in a stall */
    STALL_NS = 20000000 /* at most */
};

/* Simulated clocks begin here, so that 0 is never a time. */
static const bst_time epoch = BST_S(1);

struct seat {
    bool parked;
    bool away;  /* it has switched to the host in the middle of its loop */
    bool ended; /* its loop has */
    bst_time wake_at; /* while parked */
    bst_time stalled; /* until then it gets no turn */
};

struct bsti_sim {
    struct bsti_exec *exec;
    uint64_t rand;
    bst_time now;
    bool stalls;
    bool started;
    bool watched;
    uint64_t turns;
    uint32_t looks;     /* workers that have run while no time passed */
    struct seat *seats; /* by worker */
    void (*on_idle)(void *arg);
    void *idle_arg;
    struct bsti_sim_watch watch;
};

/* Simulations of this thread: one alternate stack serves all of them. */
static _Thread_local unsigned hosted;

bool bsti_exec_is_sim(const struct bsti_exec *exec)
{
    return exec->sim != NULL;
}

uint64_t bsti_sim_turns(const struct bsti_exec *exec)
{
    return exec->sim->turns;
}

void bsti_sim_on_idle(struct bsti_exec *exec, void (*fn)(void *arg), void *arg)
{
    exec->sim->on_idle = fn;
    exec->sim->idle_arg = arg;
}

static bst_time draw(struct bsti_sim *sim, uint64_t below)
{
    return (bst_time)bsti_rand_below(&sim->rand, below);
}

/* ---- the workers' side --------------------------------------------------- */

static struct seat *seat_of(struct bsti_worker *worker)
{
    return &worker->exec->sim->seats[worker->index];
}

/* Switches to the host; comes back when the worker has been chosen. */
static void go_away(struct bsti_worker *worker)
{
    struct seat *seat = seat_of(worker);

    seat->away = true;
    bsti_switch(worker->stack, &worker->thread_stack);
    seat->away = false;
}

static void turn(struct bsti_worker *worker)
{
    struct bsti_sim *sim = worker->exec->sim;

    sim->now += draw(sim, LONG_TURNS) == 0 ? draw(sim, LONG_TURN_NS)
                                           : draw(sim, TURN_NS);
    if (sim->stalls && draw(sim, STALLS) == 0)
        seat_of(worker)->stalled = sim->now + draw(sim, STALL_NS);
    go_away(worker);
}

static void park(struct bsti_worker *worker, bst_time within)
{
    struct seat *seat = seat_of(worker);

    seat->wake_at = bsti_time_after(worker->exec->sim->now, within);
    seat->parked = true;
    go_away(worker);
    seat->parked = false;
    (void)bsti_parker_park(&worker->parker, 0); /* takes the token */
}

/* ---- the host's side ----------------------------------------------------- */

static bst_time now(struct bsti_exec *exec)
{
    return exec->sim->now;
}

/* When the worker can take a turn, if nothing happens before. */
static bst_time ready_at(const struct bsti_sim *sim, uint32_t index)
{
    const struct seat *seat = &sim->seats[index];
    struct bsti_worker *worker = bsti_exec_worker(sim->exec, index);
    bst_time at = sim->now;

    if (seat->ended)
        return BST_INFINITE;
    if (seat->parked && !bsti_parker_has_token(&worker->parker))
        at = seat->wake_at;
    return BSTI_MAX(at, seat->stalled);
}

/*
 * A turn takes time, a look around does not. Workers that see work which only
 * one that is stalled can take wake each other until it comes back, and it
 * would not if they held up the clock.
 */
static void let_time_pass(struct bsti_sim *sim, bst_time before)
{
    if (sim->now != before) {
        sim->looks = 0;
    } else if (++sim->looks == MANY_LOOKS) {
        sim->looks = 0;
        sim->now += TURN_NS;
    }
}

/* Lets the worker run until it goes away or comes to its end. */
static void enter(struct bsti_sim *sim, uint32_t index)
{
    struct bsti_worker *worker = bsti_exec_worker(sim->exec, index);
    struct seat *seat = &sim->seats[index];
    bst_time before = sim->now;

    bsti_sim_watch_enter(&sim->watch, worker);
    bsti_this_worker = worker;
    bsti_switch(&worker->thread_stack, worker->stack);
    bsti_this_worker = NULL;
    bsti_sim_watch_leave(&sim->watch);
    sim->turns++;
    let_time_pass(sim, before);
    if (seat->away)
        return;
    bsti_this_worker = worker;
    bsti_worker_end(worker);
    seat->ended = true;
    bsti_store_release(&worker->exited, 1u);
}

/*
 * Lets one of those take a turn that can. Returns false if nobody can before
 * `*next`, which is BST_INFINITE if nobody ever will.
 */
static bool step(struct bsti_sim *sim, bst_time *next)
{
    uint32_t chosen = 0;
    uint32_t found = 0;

    *next = BST_INFINITE;
    for (uint32_t i = 0; i < sim->exec->nworkers; i++) {
        bst_time at = ready_at(sim, i);

        *next = BSTI_MIN(*next, at);
        /* Each of those found so far is chosen with the same probability. */
        if (at <= sim->now && draw(sim, ++found) == 0)
            chosen = i;
    }
    if (found == 0)
        return false;
    enter(sim, chosen);
    return true;
}

static void tell_idle(struct bsti_sim *sim)
{
    for (uint32_t i = 0; i < sim->exec->nworkers; i++)
        if (!sim->seats[i].parked && !sim->seats[i].ended)
            return;
    if (sim->on_idle)
        sim->on_idle(sim->idle_arg);
}

static bool wait(struct bsti_exec *exec, _Atomic uint32_t *word, uint32_t value,
                 bst_time within)
{
    struct bsti_sim *sim = exec->sim;
    bst_time due = bsti_time_after(sim->now, within);
    bst_time next;

    bsti_check(!bsti_worker_current(),
               "a process waits for its own simulation");
    /* acquire: pairs with whoever changes the word */
    while (bsti_load_acquire(word) == value && sim->now < due) {
        if (step(sim, &next))
            continue;
        tell_idle(sim);
        if (next == BST_INFINITE && due == BST_INFINITE)
            return false;
        sim->now = BSTI_MIN(next, due);
    }
    return true;
}

static int start(struct bsti_exec *exec)
{
    if (bsti_sim_watch_start(&exec->sim->watch) != 0)
        return -EAGAIN;
    exec->sim->watched = true;
    if (hosted++ == 0)
        bsti_fault_thread_begin();
    for (uint32_t i = 0; i < exec->nworkers; i++)
        bsti_worker_begin(bsti_exec_worker(exec, i));
    bsti_this_worker = NULL;
    exec->sim->started = true;
    return 0;
}

static void stop_watch(struct bsti_sim *sim)
{
    if (sim->watched)
        bsti_sim_watch_stop(&sim->watch);
    sim->watched = false;
}

static bool join(struct bsti_exec *exec, bst_time deadline)
{
    struct bsti_sim *sim = exec->sim;
    uint32_t ended = 0;

    (void)deadline; /* No turn lasts for ever here. */
    while (ended < exec->nworkers) {
        ended = 0;
        for (uint32_t i = 0; i < exec->nworkers; i++) {
            if (!sim->seats[i].ended)
                enter(sim, i);
            ended += sim->seats[i].ended;
        }
    }
    stop_watch(sim); /* which looks at the workers */
    return true;
}

static void sleep_here(struct bsti_exec *exec, bst_time duration)
{
    exec->sim->now = bsti_time_after(exec->sim->now, duration);
}

/* A handler that computes until a certain time comes to its end. */
static void asked(struct bsti_exec *exec)
{
    exec->sim->now += LOOK_NS;
}

const struct bsti_seam bsti_seam_sim = {
    .now = now,
    .start = start,
    .join = join,
    .wait = wait,
    .park = park,
    .sleep = sleep_here,
    .asked = asked,
    .turn = turn,
};

/* ---- what lies in queues ------------------------------------------------- */

bool bsti_sim_has_forgotten(struct bsti_exec *exec)
{
    if (bsti_injector_length(&exec->injector) > 0)
        return true;
    for (uint32_t i = 0; i < exec->nworkers; i++) {
        struct bsti_worker *worker = bsti_exec_worker(exec, i);

        if (!bsti_inbox_is_empty(&worker->inbox) || worker->resume ||
            bsti_deque_size(&worker->deque) > 0 ||
            !bsti_slot_is_empty(&worker->slot))
            return true;
    }
    return false;
}

bst_status bsti_sim_pass(struct bsti_proc *proc, bst_time duration)
{
    uint64_t seq = bsti_waiter_arm(&proc->waiter);
    void *gift;

    if (!bsti_suspend_for(proc, seq, duration, BST_OK)) {
        (void)bsti_proc_cancel_wait(proc, BST_NOMEM);
        (void)bsti_waiter_take(&proc->waiter, &gift);
        return BST_NOMEM;
    }
    (void)bsti_waiter_take(&proc->waiter, &gift);
    return BST_OK;
}

/* ---- life ---------------------------------------------------------------- */

void bsti_sim_prepare(struct bsti_exec_options *options)
{
    static const struct bsti_machine machine = {.flat = MOST_WORKERS};
    uint64_t rand = bsti_rand_mix(options->sim->seed, MOST_WORKERS);

    options->machine = &machine;
    options->pin = false;
    if (options->threads == 0)
        options->threads = 1 + (uint32_t)bsti_rand_below(&rand, MOST_WORKERS);
}

struct bsti_sim *bsti_sim_create(struct bsti_exec *exec,
                                 const struct bsti_sim_options *options)
{
    struct bsti_sim *sim = bsti_alloc(sizeof *sim);

    if (!sim)
        return NULL;
    sim->seats = bsti_alloc(sizeof *sim->seats * exec->nworkers);
    if (!sim->seats) {
        bsti_free(sim);
        return NULL;
    }
    sim->exec = exec;
    sim->rand = options->seed;
    sim->now = epoch;
    sim->stalls = options->stalls;
    return sim;
}

void bsti_sim_destroy(struct bsti_sim *sim)
{
    if (!sim)
        return;
    stop_watch(sim);
    if (sim->started && --hosted == 0)
        bsti_fault_thread_end();
    bsti_free(sim->seats);
    bsti_free(sim);
}
