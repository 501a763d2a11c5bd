#ifndef BST_EXEC_SEAT_H
#define BST_EXEC_SEAT_H

/*
 * Who sits where: pure decisions about workers and the CPUs of a machine.
 *
 * Worker `i` begins on CPU `i` of the topology, and again from the first if
 * there are more workers than CPUs. Later the CPUs that may be used change;
 * then workers keep their CPU if they can, and their node if not.
 */

#include <stdbool.h>
#include <stdint.h>

#include <bastion/attr.h>

#include "plat/topo.h"

/** A CPU that nobody is bound to. */
#define BSTI_SEAT_NONE UINT32_MAX

struct bsti_seat {
    uint32_t home; /* constant: the CPU it began on, by the system's number */
    uint32_t os_node; /* constant: the NUMA node of its memory */
    uint32_t cpu;     /* where it is bound, or BSTI_SEAT_NONE: anywhere */
    bool on;          /* it works; else it has retired */
};

/** Returns the CPU, as an index into the topology, that worker `i` begins on. */
static inline uint32_t bsti_seat_of(const struct bsti_topo *topo, uint32_t i)
{
    return i % topo->ncpus;
}

/**
 * Fills `victims` with the other workers in the order in which worker `index`
 * should try to steal from them: hardware threads of its core first, then
 * along the caches, then the node, then the nodes by their distance. Ties go
 * to the next index, so that not all thieves fall on the same victim. The
 * workers from `nworkers` to `most`, who stand in for others, come last.
 *
 * There are `most` - 1 of them; `index` itself is below `most`.
 */
void bsti_seat_victims(const struct bsti_topo *topo, uint32_t nworkers,
                       uint32_t most, uint32_t index, uint32_t *victims);

/**
 * Decides who of `n` workers goes on, and where, when the CPUs of `topo` may
 * be used and `wanted` workers should work.
 *
 *   - Who is on a CPU that is still allowed stays, lowest index first.
 *   - Who is missing is taken from the others, lowest index first: to its
 *     first CPU, or one of its node, or any that is free.
 *   - With more workers than CPUs nobody is bound.
 *
 * Returns 0, or -ENOMEM; then nothing has changed.
 */
BST_MUST_USE int bsti_seat_assign(const struct bsti_topo *topo, uint32_t wanted,
                                  struct bsti_seat *seats, uint32_t n);

#endif
