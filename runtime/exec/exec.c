/*
 * Creating and destroying an executor; its counters and pools of blocks.
 */

#include "exec/exec.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "exec/blocking.h"
#include "exec/contain.h"
#include "exec/load.h"
#include "exec/worker.h"
#include "plat/clock.h"
#include "plat/futex.h"
#include "plat/numa.h"
#include "sync/atomic.h"

enum { SPARES = 16 /* for workers that are stuck */ };

bst_time bsti_exec_now(struct bsti_exec *exec)
{
    (void)exec;
    return bsti_clock_now();
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
    bsti_wheel_init(&worker->wheel, bsti_clock_now());
    bsti_store_relaxed(&worker->next_alarm, BST_INFINITE);
    bsti_bias_init(&worker->bias);
    bsti_list_init(&worker->waits);
    worker->sample_interval = 1;
    bsti_load_reset(worker, bsti_clock_now());
    bsti_store_relaxed(&worker->probe_at, bsti_clock_now() + BST_MS(1));
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
    bsti_free(exec);
}

static void stop_workers(struct bsti_exec *exec)
{
    bsti_store_seq_cst(&exec->stopping, 1u);
    for (uint32_t i = 0; i < exec->most; i++) {
        struct bsti_worker *worker = bsti_exec_worker(exec, i);

        if (worker)
            bsti_parker_unpark(&worker->parker);
    }
}

/* Ends the first `n` workers again: not everything could be started. */
static void join_first(struct bsti_exec *exec, uint32_t n)
{
    stop_workers(exec);
    while (n-- > 0)
        bsti_thread_join(&bsti_exec_worker(exec, n)->thread);
}

static int start_threads(struct bsti_exec *exec)
{
    for (uint32_t i = 0; i < exec->nworkers; i++) {
        struct bsti_worker *worker = bsti_exec_worker(exec, i);

        if (bsti_thread_start(&worker->thread, "bastion", bsti_worker_main,
                              worker) == 0)
            continue;
        join_first(exec, i);
        return -EAGAIN;
    }
    if (bsti_monitor_start(exec) != 0) {
        join_first(exec, exec->nworkers);
        return -EAGAIN;
    }
    return 0;
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

struct bsti_exec *bsti_exec_create(const struct bsti_exec_options *options)
{
    struct bsti_exec *exec = bsti_alloc_aligned(BSTI_CACHE_LINE, sizeof *exec);

    if (!exec)
        return NULL;
    if (bsti_seating_init(exec, options) != 0) {
        bsti_free(exec);
        return NULL;
    }
    bsti_stack_pool_init(&exec->stacks);
    bsti_spin_init(&exec->idle_lock);
    bsti_spin_init(&exec->blocking_lock);
    exec->blocking_options = options->blocking;
    exec->faults = options->faults;
    exec->next_slot = !options->no_next_slot;
    exec->steal_one = options->steal_one;
    exec->skip_contended = !options->no_contention_skip;
    exec->stack_quiet =
        options->stack_quiet > 0 ? options->stack_quiet : BST_S(1);
    exec->most = exec->nworkers + SPARES;
    if (exec->faults != BST_FAULTS_OFF && bsti_contain_begin() != 0) {
        exec_free(exec);
        return NULL;
    }
    if (create_workers(exec) != 0 || start_threads(exec) != 0) {
        bsti_exec_destroy(exec);
        return NULL;
    }
    return exec;
}

/* Waits for the end of a worker's thread, at most until `deadline`. */
static bool join_worker(struct bsti_worker *worker, bst_time deadline)
{
    while (!bsti_load_acquire(&worker->exited)) {
        bst_time left = BST_INFINITE;

        if (deadline != BST_INFINITE) {
            left = deadline - bsti_clock_now();
            if (left <= 0)
                return false;
        }
        bsti_futex_wait(&worker->exited, 0, left);
    }
    if (!worker->is_threadless)
        bsti_thread_join(&worker->thread);
    return true;
}

bool bsti_exec_quiesce(struct bsti_exec *exec, bst_time patience)
{
    bst_time deadline =
        patience == BST_INFINITE ? BST_INFINITE : bsti_clock_now() + patience;
    bool all = true;

    /* The monitor first: it could start one more worker. */
    bsti_monitor_stop(exec);
    stop_workers(exec);
    for (uint32_t i = 0; i < exec->most; i++) {
        struct bsti_worker *worker = bsti_exec_worker(exec, i);

        if (worker && !join_worker(worker, deadline))
            all = false;
    }
    return all;
}

void bsti_exec_destroy(struct bsti_exec *exec)
{
    enum bst_faults faults = exec->faults;

    exec_free(exec);
    if (faults != BST_FAULTS_OFF)
        bsti_contain_end();
}
