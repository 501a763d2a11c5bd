/*
 * Creating and destroying an executor; its counters and pools of blocks.
 */

#include "exec/exec.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/duration.h"
#include "exec/blocking.h"
#include "exec/contain.h"
#include "exec/load.h"
#include "exec/oust.h"
#include "exec/sim.h"
#include "exec/worker.h"
#include "plat/clock.h"
#include "plat/futex.h"
#include "plat/numa.h"
#include "sync/atomic.h"

enum { SPARES = 16 /* for workers that are stuck */ };

bst_time bsti_exec_now(struct bsti_exec *exec)
{
    return exec->seam->now(exec);
}

bst_time bsti_exec_look(struct bsti_exec *exec)
{
    if (exec->seam->asked)
        exec->seam->asked(exec);
    return exec->seam->now(exec);
}

void bsti_exec_sleep(struct bsti_exec *exec, bst_time duration)
{
    exec->seam->sleep(exec, duration);
}

uint32_t bsti_exec_workers(const struct bsti_exec *exec)
{
    return exec->nworkers;
}

uint32_t bsti_exec_workers_on(struct bsti_exec *exec)
{
    return bsti_load_relaxed(&exec->seating.on);
}

/* ---- counters ------------------------------------------------------------ */

void bsti_exec_count(struct bsti_exec *exec, struct bsti_worker *worker,
                     unsigned counter, uint64_t n)
{
    if (worker && worker->exec == exec) {
        _Atomic uint64_t *place = &worker->counters[counter];

        /* Only this thread writes it, so a load and a store are enough. */
        bsti_store_relaxed(place, bsti_load_relaxed(place) + n);
        return;
    }
    bsti_fetch_add_relaxed(&exec->foreign[counter], n);
}

uint64_t bsti_exec_counter(struct bsti_exec *exec, unsigned counter)
{
    /* acquire, twice: pairs with those who count with a release */
    uint64_t sum = bsti_load_acquire(&exec->foreign[counter]);

    for (uint32_t i = 0; i < exec->most; i++) {
        struct bsti_worker *worker = bsti_exec_worker(exec, i);

        if (worker)
            sum += bsti_load_acquire(&worker->counters[counter]);
    }
    return sum;
}

/* ---- life ---------------------------------------------------------------- */

static void worker_free(struct bsti_worker *worker)
{
    if (!worker)
        return;
    for (unsigned i = 0; i < worker->nmagazines; i++)
        bsti_magazine_fini(&worker->magazines[i], &worker->exec->depots[i]);
    bsti_free(worker->victims);
    if (worker->exec->nplaces > 1)
        bsti_numa_forget(worker, sizeof *worker);
    bsti_free(worker);
}

/* Gives a worker a seat, the memory that goes with it, and its victims. */
static int settle(struct bsti_worker *worker)
{
    struct bsti_exec *exec = worker->exec;
    uint32_t cpu = bsti_seat_of(&exec->topo, worker->index);
    struct bsti_place *place;

    worker->cpu = BSTI_SEAT_NONE;
    if (!worker->is_spare && exec->seating.pin)
        worker->cpu = exec->seating.seats[worker->index].cpu;
    worker->place = exec->topo.cpus[cpu].node;
    place = &exec->places[worker->place];
    worker->injector = place->injector;
    if (exec->nplaces > 1)
        bsti_numa_prefer(worker, sizeof *worker, place->os_node);
    worker->stack = bsti_stack_acquire_on(&exec->stacks, 0, worker->place);
    worker->victims = bsti_alloc(sizeof *worker->victims * exec->most);
    if (!worker->stack || !worker->victims)
        return -ENOMEM;
    bsti_seat_victims(&exec->topo, exec->nworkers, exec->most, worker->index,
                      worker->victims);
    while (worker->nmagazines < BSTI_POOLS) {
        unsigned i = worker->nmagazines;

        if (bsti_magazine_init(&worker->magazines[i], &place->depots[i]) != 0)
            return -ENOMEM;
        worker->nmagazines++;
    }
    return 0;
}

struct bsti_worker *bsti_worker_create(struct bsti_exec *exec, uint32_t index)
{
    struct bsti_worker *worker =
        bsti_alloc_aligned(BSTI_CACHE_LINE, sizeof *worker);

    if (!worker)
        return NULL;
    worker->exec = exec;
    worker->index = index;
    worker->is_spare = index >= exec->nworkers;
    bsti_deque_init(&worker->deque);
    bsti_inbox_init(&worker->inbox);
    bsti_parker_init(&worker->parker);
    bsti_slot_init(&worker->slot);
    bsti_spin_init(&worker->wheel_lock);
    bsti_wheel_init(&worker->wheel, bsti_exec_now(exec));
    bsti_store_relaxed(&worker->next_alarm, BST_INFINITE);
    bsti_bias_init(&worker->bias);
    bsti_list_init(&worker->waits);
    worker->sample_interval = 1;
    bsti_load_reset(worker, bsti_exec_now(exec));
    bsti_store_relaxed(&worker->probe_at, bsti_exec_now(exec) + BST_MS(1));
    if (settle(worker) == 0)
        return worker;
    if (worker->stack)
        bsti_stack_release(&exec->stacks, worker->stack);
    worker_free(worker);
    return NULL;
}

static void exec_free(struct bsti_exec *exec)
{
    /* relaxed: nobody else is there any more */
    bsti_blocking_destroy(bsti_load_relaxed(&exec->blocking));
    if (exec->workers)
        for (uint32_t i = 0; i < exec->most; i++)
            worker_free(bsti_exec_worker(exec, i));
    bsti_free(exec->workers);
    bsti_places_fini(exec);
    bsti_free(exec->monitor.watch);
    bsti_stack_pool_fini(&exec->stacks);
    bsti_seating_fini(exec);
    bsti_sim_destroy(exec->sim);
    bsti_free(exec);
}

void bsti_exec_stop_workers(struct bsti_exec *exec)
{
    bsti_store_seq_cst(&exec->stopping, 1u);
    for (uint32_t i = 0; i < exec->most; i++) {
        struct bsti_worker *worker = bsti_exec_worker(exec, i);

        if (worker)
            bsti_parker_unpark(&worker->parker);
    }
}

static int create_workers(struct bsti_exec *exec)
{
    if (bsti_places_init(exec) != 0)
        return -ENOMEM;
    exec->workers = bsti_alloc(sizeof *exec->workers * exec->most);
    if (!exec->workers)
        return -ENOMEM;
    for (uint32_t i = 0; i < exec->nworkers; i++) {
        struct bsti_worker *worker = bsti_worker_create(exec, i);

        if (!worker)
            return -ENOMEM;
        bsti_store_release(&exec->workers[i], worker);
    }
    return 0;
}

/* Returns false if there is no memory. */
static bool begin_simulation(struct bsti_exec *exec,
                             const struct bsti_sim_options *options)
{
    if (!options)
        return true;
    exec->sim = bsti_sim_create(exec, options);
    exec->seam = &bsti_seam_sim;
    return exec->sim != NULL;
}

struct bsti_exec *bsti_exec_create(const struct bsti_exec_options *given)
{
    struct bsti_exec *exec = bsti_alloc_aligned(BSTI_CACHE_LINE, sizeof *exec);

    struct bsti_exec_options options = *given;

    if (!exec)
        return NULL;
    exec->seam = &bsti_seam_threads;
    if (options.sim)
        bsti_sim_prepare(&options);
    if (bsti_seating_init(exec, &options) != 0) {
        bsti_free(exec);
        return NULL;
    }
    bsti_stack_pool_init(&exec->stacks);
    bsti_spin_init(&exec->idle_lock);
    bsti_spin_init(&exec->blocking_lock);
    exec->blocking_options = options.blocking;
    exec->faults = options.faults;
    exec->next_slot = !options.no_next_slot;
    exec->steal_one = options.steal_one;
    exec->skip_contended = !options.no_contention_skip;
    exec->stack_quiet =
        options.stack_quiet > 0 ? options.stack_quiet : BST_S(1);
    exec->most = exec->nworkers + SPARES;
    if (bsti_force_begin() != 0) {
        exec_free(exec);
        return NULL;
    }
    if (exec->faults != BST_FAULTS_OFF && bsti_contain_begin() != 0) {
        bsti_force_end();
        exec_free(exec);
        return NULL;
    }
    if (!begin_simulation(exec, options.sim) || create_workers(exec) != 0 ||
        exec->seam->start(exec) != 0) {
        bsti_exec_destroy(exec);
        return NULL;
    }
    return exec;
}

bool bsti_exec_quiesce(struct bsti_exec *exec, bst_time patience)
{
    bst_time deadline = bsti_time_after(bsti_exec_now(exec), patience);

    /* The monitor first: it could start one more worker. */
    bsti_monitor_stop(exec);
    bsti_exec_stop_workers(exec);
    return exec->seam->join(exec, deadline);
}

bool bsti_exec_wait(struct bsti_exec *exec, _Atomic uint32_t *word,
                    uint32_t value, bst_time within)
{
    return exec->seam->wait(exec, word, value, within);
}

void bsti_exec_destroy(struct bsti_exec *exec)
{
    enum bst_faults faults = exec->faults;

    exec_free(exec);
    if (faults != BST_FAULTS_OFF)
        bsti_contain_end();
    bsti_force_end();
}
