#ifndef BST_PLAT_TOPO_H
#define BST_PLAT_TOPO_H

/*
 * The machine: which CPUs this process may use and how near they are to each
 * other. Read with hwloc; a plain value afterwards.
 *
 * Thread: the owner of the value. Loading takes milliseconds.
 */

#include <stdint.h>

#include <bastion/attr.h>

#include "plat/thread.h"

/** One CPU (hardware thread) that may be used. */
struct bsti_topo_cpu {
    uint32_t os_index; /* its number for bsti_thread_pin() */
    uint32_t core;     /* equal for hardware threads of one core */
    uint32_t node;     /* NUMA node, dense from 0 */
    uint32_t os_node;  /* its number for bsti_numa_prefer() */
};

struct bsti_topo {
    uint32_t ncpus;             /* >= 1 after a successful load */
    uint32_t nnodes;            /* >= 1 after a successful load */
    struct bsti_topo_cpu *cpus; /* ascending by os_index */
    uint16_t *distance;         /* [a * ncpus + b]: smaller is nearer, 0 self */
};

/**
 * Reads the topology: the CPUs allowed by the affinity mask of the calling
 * thread and by the container. With `synthetic`, hwloc's description of an
 * imaginary machine such as "node:2 core:4 pu:2", that machine is used whole.
 *
 * Ownership: the caller; it ends with bsti_topo_fini().
 * Returns 0, -ENOMEM, or -EINVAL when hwloc cannot say.
 */
BST_MUST_USE int bsti_topo_load(struct bsti_topo *topo, const char *synthetic);

/**
 * Makes the topology of an imaginary machine with `ncpus` CPUs that are all
 * alike, without asking hwloc, which takes milliseconds to begin.
 *
 * Ownership: as above. Returns 0 or -ENOMEM.
 */
BST_MUST_USE int bsti_topo_flat(struct bsti_topo *topo, uint32_t ncpus);

/**
 * Takes away the CPUs that are not in `mask`. If none is left, nothing is
 * taken away. Nodes stay dense, distances what they were.
 */
void bsti_topo_restrict(struct bsti_topo *topo,
                        const struct bsti_cpu_mask *mask);

/** Frees what a load allocated. */
void bsti_topo_fini(struct bsti_topo *topo);

/**
 * Returns the CPU quota of this process's control group (version 2 or 1) in
 * CPUs, rounded up; 0: there is none.
 */
uint32_t bsti_topo_quota(void);

/**
 * The same, with the file system looked at below `root` instead of "/" so
 * that tests can show it any machine.
 */
uint32_t bsti_topo_quota_at(const char *root);

#endif
