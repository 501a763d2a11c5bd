/*
 * How many workers there are, and on which CPUs, as the machine changes.
 *
 * The affinity mask and the quota of the control group are read at the start,
 * by the thread that makes the executor, and later by the monitor, which has
 * inherited that thread's mask and is never bound itself. When fewer CPUs may
 * be used some workers retire: they hand over what they have, and then serve
 * nothing but the processes that are suspended on their thread. When there are
 * more again they come back.
 *
 * A worker keeps its memory and its victims whatever its CPU; bsti_seat_assign
 * sees to it that its node stays the same if that is possible.
 */

#include <bastion/system.h>

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "exec/worker.h"
#include "plat/clock.h"
#include "sync/atomic.h"

enum { MAX_WORKERS = 1024 };

static const bst_time reread = BST_S(5);

/* Counts calls of bst_repin(), for all executors. */
static _Atomic uint32_t repins;

void bst_repin(void)
{
    /* release: what was changed before is seen; pairs with the acquire in
     * bsti_seating_check() */
    bsti_fetch_add_release(&repins, 1u);
}

/* ---- reading ------------------------------------------------------------- */

static void read_mask(const struct bsti_machine *machine,
                      struct bsti_cpu_mask *mask)
{
    memset(mask, 0, sizeof *mask);
    if (machine->mask)
        machine->mask(machine->arg, mask);
    else if (!machine->synthetic && machine->flat == 0)
        (void)bsti_thread_affinity(NULL, mask); /* without it nothing changes */
}

static uint32_t read_quota(const struct bsti_machine *machine)
{
    if (machine->quota)
        return machine->quota(machine->arg);
    return machine->synthetic || machine->flat > 0 ? 0 : bsti_topo_quota();
}

static int load_topo(const struct bsti_machine *machine,
                     const struct bsti_cpu_mask *mask, struct bsti_topo *topo)
{
    int error = machine->flat > 0 ? bsti_topo_flat(topo, machine->flat)
                                  : bsti_topo_load(topo, machine->synthetic);

    if (error == 0 && machine->mask)
        bsti_topo_restrict(topo, mask);
    return error;
}

static uint32_t wanted(const struct bsti_topo *topo, uint32_t quota)
{
    uint32_t n = BSTI_MIN(topo->ncpus, (uint32_t)MAX_WORKERS);

    return quota > 0 ? BSTI_MIN(n, quota) : n;
}

/* ---- life ---------------------------------------------------------------- */

int bsti_seating_init(struct bsti_exec *exec,
                      const struct bsti_exec_options *options)
{
    struct bsti_seating *seating = &exec->seating;
    struct bsti_topo *topo = &exec->topo;

    if (options->machine)
        seating->machine = *options->machine;
    read_mask(&seating->machine, &seating->mask);
    seating->quota = read_quota(&seating->machine);
    seating->fixed = options->threads > 0;
    seating->pin = options->pin;
    seating->read_at = bsti_clock_now();
    seating->asked = bsti_load_acquire(&repins);
    if (load_topo(&seating->machine, &seating->mask, topo) != 0)
        return -EINVAL;
    exec->nworkers = seating->fixed
                         ? BSTI_MIN(options->threads, (uint32_t)MAX_WORKERS)
                         : wanted(topo, seating->quota);
    seating->seats = bsti_alloc(sizeof *seating->seats * exec->nworkers);
    if (!seating->seats) {
        bsti_topo_fini(topo);
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < exec->nworkers; i++) {
        const struct bsti_topo_cpu *cpu = &topo->cpus[bsti_seat_of(topo, i)];

        seating->seats[i] = (struct bsti_seat){.home = cpu->os_index,
                                               .os_node = cpu->os_node,
                                               .cpu = cpu->os_index,
                                               .on = true};
        /* Two workers bound to one CPU would only get in each other's way. */
        if (exec->nworkers > topo->ncpus)
            seating->seats[i].cpu = BSTI_SEAT_NONE;
    }
    bsti_store_relaxed(&seating->on, exec->nworkers);
    return 0;
}

void bsti_seating_fini(struct bsti_exec *exec)
{
    bsti_free(exec->seating.seats);
    bsti_topo_fini(&exec->topo);
}

/* ---- changes ------------------------------------------------------------- */

/* The CPUs that a worker should be bound to. */
static struct bsti_cpu_mask mask_for(const struct bsti_seating *seating,
                                     const struct bsti_seat *seat)
{
    struct bsti_cpu_mask mask = {{0}};

    if (!seat->on || seat->cpu == BSTI_SEAT_NONE)
        return seating->mask;
    bsti_cpu_mask_add(&mask, seat->cpu);
    return mask;
}

/* Binds the workers anew that are not where they should be. */
static void keep_bound(struct bsti_exec *exec)
{
    struct bsti_seating *seating = &exec->seating;

    for (uint32_t i = 0; i < exec->nworkers && seating->pin; i++) {
        struct bsti_worker *worker = bsti_exec_worker(exec, i);
        struct bsti_cpu_mask mask = mask_for(seating, &seating->seats[i]);
        struct bsti_cpu_mask now;

        if (bsti_thread_affinity(&worker->thread, &now) == 0 &&
            memcmp(&now, &mask, sizeof mask) != 0)
            (void)bsti_thread_bind(&worker->thread, &mask);
    }
}

/* Lets a worker retire, or come back. */
static void set_on(struct bsti_worker *worker, bool on)
{
    if (bsti_worker_is_retired(worker) == !on)
        return;
    /* relaxed: the worker looks at each turn from its next sample on, and
     * when it is woken; the parker orders the latter */
    bsti_store_relaxed(&worker->retired, on ? 0u : 1u);
    bsti_store_relaxed(&worker->until_sample, 1u);
    bsti_parker_unpark(&worker->parker);
}

static void apply(struct bsti_exec *exec)
{
    uint32_t on = 0;

    for (uint32_t i = 0; i < exec->nworkers; i++) {
        set_on(bsti_exec_worker(exec, i), exec->seating.seats[i].on);
        on += exec->seating.seats[i].on;
    }
    bsti_store_relaxed(&exec->seating.on, on);
    keep_bound(exec);
    /* Somebody has to look at what those who retire may have overlooked. */
    bsti_exec_wake_one(exec);
}

void bsti_seating_check(struct bsti_exec *exec, bst_time now)
{
    struct bsti_seating *seating = &exec->seating;
    bst_time every =
        seating->machine.reread > 0 ? seating->machine.reread : reread;
    uint32_t asked = bsti_load_acquire(&repins);
    struct bsti_cpu_mask mask;
    struct bsti_topo topo;
    uint32_t quota;

    if (asked == seating->asked && now - seating->read_at < every)
        return;
    seating->asked = asked;
    seating->read_at = now;
    read_mask(&seating->machine, &mask);
    quota = read_quota(&seating->machine);
    if (quota == seating->quota &&
        memcmp(&mask, &seating->mask, sizeof mask) == 0) {
        keep_bound(exec);
        return;
    }
    /* What fails now, for want of memory, is tried again next time. */
    if (load_topo(&seating->machine, &mask, &topo) != 0)
        return;
    if (bsti_seat_assign(&topo,
                         seating->fixed ? exec->nworkers : wanted(&topo, quota),
                         seating->seats, exec->nworkers) == 0) {
        seating->mask = mask;
        seating->quota = quota;
        apply(exec);
    }
    bsti_topo_fini(&topo);
}
