/*
 * The machine as hwloc sees it, boiled down to three numbers for each CPU and
 * a distance for each pair.
 *
 * Distance: how far up the tree of cores, caches and packages two CPUs first
 * meet; beyond one NUMA node, 64 plus the firmware's own measure.
 */

#include "plat/topo.h"

#include <errno.h>
#include <string.h>

#include <hwloc.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/attr.h"
#include "plat/numa.h"

#define REMOTE_BASE 64u    /* distances of one node stay below */
#define REMOTE_DEFAULT 20u /* the firmware's usual measure of a remote node */

/* Everything a load needs while it runs. */
struct load {
    hwloc_topology_t hwloc;
    hwloc_bitmap_t allowed; /* CPUs by their OS numbers */
    struct bsti_topo *topo;
    struct hwloc_distances_s *nodes; /* or NULL */
};

/* The NUMA node with CPU `os`, or NULL if there are none. */
static hwloc_obj_t node_of(hwloc_topology_t hwloc, unsigned os)
{
    hwloc_obj_t node = NULL;

    while ((node = hwloc_get_next_obj_by_type(hwloc, HWLOC_OBJ_NUMANODE,
                                              node)) != NULL) {
        if (hwloc_bitmap_isset(node->cpuset, os)) {
            return node;
        }
    }
    return NULL;
}

/* Fills the CPUs; `node` is hwloc's number for now. */
static void fill_cpus(struct load *load)
{
    struct bsti_topo *topo = load->topo;
    uint32_t n = 0;

    for (int i = hwloc_bitmap_first(load->allowed); i >= 0;
         i = hwloc_bitmap_next(load->allowed, i)) {
        unsigned os = (unsigned)i;
        hwloc_obj_t pu = hwloc_get_pu_obj_by_os_index(load->hwloc, os);
        hwloc_obj_t core =
            hwloc_get_ancestor_obj_by_type(load->hwloc, HWLOC_OBJ_CORE, pu);
        hwloc_obj_t node = node_of(load->hwloc, os);

        topo->cpus[n].os_index = os;
        topo->cpus[n].core = core != NULL ? core->logical_index : n;
        topo->cpus[n].node = node != NULL ? node->logical_index : 0;
        topo->cpus[n].os_node = node != NULL ? node->os_index : BSTI_NUMA_ANY;
        n++;
    }
    bsti_assert(n == topo->ncpus);
}

/* The distance of two NUMA nodes by hwloc's numbers. */
static uint32_t node_distance(const struct load *load, unsigned a, unsigned b)
{
    const struct hwloc_distances_s *d = load->nodes;
    unsigned ia = UINT32_MAX;
    unsigned ib = UINT32_MAX;

    for (unsigned i = 0; d != NULL && i < d->nbobjs; i++) {
        ia = d->objs[i]->logical_index == a ? i : ia;
        ib = d->objs[i]->logical_index == b ? i : ib;
    }
    if (ia == UINT32_MAX || ib == UINT32_MAX) {
        return REMOTE_DEFAULT;
    }
    return (uint32_t)BSTI_MIN(d->values[ia * d->nbobjs + ib],
                              (hwloc_uint64_t)UINT16_MAX - REMOTE_BASE);
}

static uint16_t distance_of(const struct load *load, uint32_t a, uint32_t b)
{
    const struct bsti_topo_cpu *x = &load->topo->cpus[a];
    const struct bsti_topo_cpu *y = &load->topo->cpus[b];
    hwloc_obj_t px = hwloc_get_pu_obj_by_os_index(load->hwloc, x->os_index);
    hwloc_obj_t py = hwloc_get_pu_obj_by_os_index(load->hwloc, y->os_index);
    hwloc_obj_t meet;

    if (a == b) {
        return 0;
    }
    if (x->node != y->node) {
        return (uint16_t)(REMOTE_BASE + node_distance(load, x->node, y->node));
    }
    meet = hwloc_get_common_ancestor_obj(load->hwloc, px, py);
    return (uint16_t)BSTI_MIN(px->depth - meet->depth, (int)REMOTE_BASE - 1);
}

static void fill_distances(struct load *load)
{
    uint32_t n = load->topo->ncpus;

    for (uint32_t a = 0; a < n; a++) {
        for (uint32_t b = 0; b < n; b++) {
            load->topo->distance[a * n + b] = distance_of(load, a, b);
        }
    }
}

/* Renumbers the nodes so that they are dense in order of first appearance. */
static void number_nodes(struct bsti_topo *topo)
{
    for (uint32_t i = 0; i < topo->ncpus; i++) {
        topo->cpus[i].node |= UINT32_C(1) << 31;
    }
    topo->nnodes = 0;
    for (uint32_t i = 0; i < topo->ncpus; i++) {
        uint32_t old = topo->cpus[i].node;

        for (uint32_t k = i; k < topo->ncpus && old >> 31 != 0; k++) {
            if (topo->cpus[k].node == old) {
                topo->cpus[k].node = topo->nnodes;
            }
        }
        topo->nnodes += old >> 31;
    }
}

/* Builds hwloc's view and the set of CPUs that may be used. */
static int open_machine(struct load *load, const char *synthetic)
{
    if (synthetic != NULL &&
        hwloc_topology_set_synthetic(load->hwloc, synthetic) != 0) {
        return -EINVAL;
    }
    if (hwloc_topology_load(load->hwloc) != 0) {
        return -EINVAL;
    }
    load->allowed =
        hwloc_bitmap_dup(hwloc_topology_get_allowed_cpuset(load->hwloc));
    if (load->allowed == NULL) {
        return -ENOMEM;
    }
    if (synthetic == NULL) {
        hwloc_bitmap_t bound = hwloc_bitmap_alloc();

        if (bound == NULL) {
            return -ENOMEM;
        }
        /* Where binding cannot be asked for, all allowed CPUs count. */
        if (hwloc_get_cpubind(load->hwloc, bound, HWLOC_CPUBIND_THREAD) == 0) {
            hwloc_bitmap_and(load->allowed, load->allowed, bound);
        }
        hwloc_bitmap_free(bound);
    }
    return hwloc_bitmap_weight(load->allowed) > 0 ? 0 : -EINVAL;
}

static int fill(struct load *load)
{
    struct bsti_topo *topo = load->topo;
    unsigned found = 1;

    topo->ncpus = (uint32_t)hwloc_bitmap_weight(load->allowed);
    topo->cpus = bsti_alloc(topo->ncpus * sizeof(*topo->cpus));
    topo->distance =
        bsti_alloc((size_t)topo->ncpus * topo->ncpus * sizeof(*topo->distance));
    if (topo->cpus == NULL || topo->distance == NULL) {
        return -ENOMEM;
    }
    if (hwloc_distances_get_by_type(
            load->hwloc, HWLOC_OBJ_NUMANODE, &found, &load->nodes,
            HWLOC_DISTANCES_KIND_MEANS_LATENCY, 0) != 0 ||
        found == 0) {
        load->nodes = NULL;
    }
    fill_cpus(load);
    fill_distances(load);
    number_nodes(topo);
    return 0;
}

int bsti_topo_load(struct bsti_topo *topo, const char *synthetic)
{
    struct load load = {NULL, NULL, topo, NULL};
    int error;

    memset(topo, 0, sizeof(*topo));
    if (hwloc_topology_init(&load.hwloc) != 0) {
        return -ENOMEM;
    }
    error = open_machine(&load, synthetic);
    if (error == 0) {
        error = fill(&load);
    }
    if (load.nodes != NULL) {
        hwloc_distances_release(load.hwloc, load.nodes);
    }
    hwloc_bitmap_free(load.allowed);
    hwloc_topology_destroy(load.hwloc);
    if (error != 0) {
        bsti_topo_fini(topo);
    }
    return error;
}

int bsti_topo_flat(struct bsti_topo *topo, uint32_t ncpus)
{
    *topo = (struct bsti_topo){.ncpus = ncpus, .nnodes = 1};
    topo->cpus = bsti_alloc(ncpus * sizeof(*topo->cpus));
    topo->distance =
        bsti_alloc((size_t)ncpus * ncpus * sizeof(*topo->distance));
    if (topo->cpus == NULL || topo->distance == NULL) {
        bsti_topo_fini(topo);
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < ncpus; i++) {
        topo->cpus[i] = (struct bsti_topo_cpu){.os_index = i, .core = i};
        for (uint32_t k = 0; k < ncpus; k++) {
            topo->distance[i * ncpus + k] = i != k;
        }
    }
    return 0;
}

void bsti_topo_restrict(struct bsti_topo *topo,
                        const struct bsti_cpu_mask *mask)
{
    uint32_t before = topo->ncpus;
    uint32_t left = 0;

    for (uint32_t i = 0; i < before; i++) {
        left += bsti_cpu_mask_has(mask, topo->cpus[i].os_index);
    }
    if (left == 0 || left == before) {
        return;
    }
    for (uint32_t i = 0, to = 0; i < before; i++) {
        if (!bsti_cpu_mask_has(mask, topo->cpus[i].os_index)) {
            continue;
        }
        /* Writing stays behind reading: rows and columns only move down. */
        for (uint32_t k = 0, column = 0; k < before; k++) {
            if (bsti_cpu_mask_has(mask, topo->cpus[k].os_index)) {
                topo->distance[to * left + column++] =
                    topo->distance[i * before + k];
            }
        }
        to++;
    }
    for (uint32_t i = 0, to = 0; i < before; i++) {
        if (bsti_cpu_mask_has(mask, topo->cpus[i].os_index)) {
            topo->cpus[to++] = topo->cpus[i];
        }
    }
    topo->ncpus = left;
    number_nodes(topo);
}

void bsti_topo_fini(struct bsti_topo *topo)
{
    bsti_free(topo->cpus);
    bsti_free(topo->distance);
    memset(topo, 0, sizeof(*topo));
}
