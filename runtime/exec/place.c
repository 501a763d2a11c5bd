/*
 * Places: what the workers of one NUMA node share.
 *
 * The first place lies in the executor itself, so a machine with one node
 * takes no detour. Threads that are no workers use the place of the node they
 * run on; on a CPU that the executor does not know, each place in turn.
 */

#include <errno.h>

#include "base/alloc.h"
#include "exec/worker.h"
#include "plat/numa.h"
#include "plat/thread.h"
#include "sync/atomic.h"

/* Of a place that does not lie in the executor. */
struct memory {
    struct bsti_injector injector;
    struct bsti_depot depots[BSTI_POOLS];
};

static uint32_t os_node_of(const struct bsti_topo *topo, uint32_t node)
{
    for (uint32_t i = 0; i < topo->ncpus; i++)
        if (topo->cpus[i].node == node)
            return topo->cpus[i].os_node;
    return BSTI_NUMA_ANY;
}

static size_t pool_bytes(unsigned pool)
{
    switch (pool) {
    case BSTI_POOL_HANDLES:
        return BSTI_HANDLE_BYTES;
    case BSTI_POOL_TASKS:
        return BSTI_TASK_BYTES;
    default:
        return (size_t)1 << (pool + BSTI_BLOCK_SHIFT);
    }
}

static int init_place(struct bsti_exec *exec, struct bsti_place *place,
                      uint32_t node)
{
    struct memory *memory;

    place->os_node = os_node_of(&exec->topo, node);
    place->injector = &exec->injector;
    place->depots = exec->depots;
    if (node > 0) {
        memory = bsti_alloc_aligned(BSTI_CACHE_LINE, sizeof *memory);
        if (!memory)
            return -ENOMEM;
        place->injector = &memory->injector;
        place->depots = memory->depots;
        place->memory = memory;
    }
    bsti_injector_init(place->injector);
    while (place->ndepots < BSTI_POOLS) {
        unsigned i = place->ndepots;
        struct bsti_depot *depot = &place->depots[i];

        if (bsti_depot_init(depot, pool_bytes(i), 0) != 0)
            return -ENOMEM;
        place->ndepots++;
        if (exec->topo.nnodes > 1)
            bsti_depot_place(depot, place->os_node);
        if (node > 0)
            bsti_depot_join(&exec->places[node - 1].depots[i], depot);
    }
    return 0;
}

/* Makes the table from CPUs to places. */
static int init_table(struct bsti_exec *exec)
{
    const struct bsti_topo *topo = &exec->topo;

    exec->ncpus_known = topo->cpus[topo->ncpus - 1].os_index + 1;
    exec->place_of_cpu =
        bsti_alloc(exec->ncpus_known * sizeof *exec->place_of_cpu);
    if (!exec->place_of_cpu)
        return -ENOMEM;
    for (uint32_t i = 0; i < exec->ncpus_known; i++)
        exec->place_of_cpu[i] = BSTI_PLACE_UNKNOWN;
    for (uint32_t i = 0; i < topo->ncpus; i++)
        exec->place_of_cpu[topo->cpus[i].os_index] = topo->cpus[i].node;
    return 0;
}

static int spread_stacks(struct bsti_exec *exec)
{
    uint32_t *os_nodes = bsti_alloc(exec->nplaces * sizeof *os_nodes);
    int error;

    if (!os_nodes)
        return -ENOMEM;
    for (uint32_t i = 0; i < exec->nplaces; i++)
        os_nodes[i] = exec->places[i].os_node;
    error = bsti_stack_pool_spread(&exec->stacks, os_nodes, exec->nplaces);
    bsti_free(os_nodes);
    return error;
}

int bsti_places_init(struct bsti_exec *exec)
{
    exec->places = bsti_alloc(sizeof *exec->places * exec->topo.nnodes);
    if (!exec->places)
        return -ENOMEM;
    while (exec->nplaces < exec->topo.nnodes) {
        uint32_t node = exec->nplaces++;

        if (init_place(exec, &exec->places[node], node) != 0)
            return -ENOMEM;
    }
    if (exec->nplaces == 1)
        return 0;
    return init_table(exec) != 0 ? -ENOMEM : spread_stacks(exec);
}

void bsti_places_fini(struct bsti_exec *exec)
{
    for (uint32_t i = 0; i < exec->nplaces; i++) {
        struct bsti_place *place = &exec->places[i];

        for (unsigned k = 0; k < place->ndepots; k++)
            bsti_depot_fini(&place->depots[k]);
        bsti_free(place->memory);
    }
    bsti_free(exec->places);
    bsti_free(exec->place_of_cpu);
}

struct bsti_place *bsti_place_foreign(struct bsti_exec *exec)
{
    uint32_t place = BSTI_PLACE_UNKNOWN;
    uint32_t cpu;

    if (exec->nplaces == 1)
        return exec->places;
    cpu = bsti_thread_cpu();
    if (cpu < exec->ncpus_known)
        place = exec->place_of_cpu[cpu];
    if (place == BSTI_PLACE_UNKNOWN)
        place = bsti_fetch_add_relaxed(&exec->place_turn, 1u) % exec->nplaces;
    return &exec->places[place];
}
