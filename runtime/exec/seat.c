/*
 * Orders of victims and assignments of CPUs.
 */

#include "exec/seat.h"

#include <errno.h>
#include <stddef.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/attr.h"

void bsti_seat_victims(const struct bsti_topo *topo, uint32_t nworkers,
                       uint32_t most, uint32_t index, uint32_t *victims)
{
    const uint16_t *row =
        topo->distance + (size_t)bsti_seat_of(topo, index) * topo->ncpus;
    uint32_t count = 0;

    for (uint32_t k = 1; k <= nworkers; k++) {
        uint32_t other = (index + k) % nworkers;
        uint32_t place = count;

        if (other == index)
            continue;
        count++;
        while (place > 0 && row[bsti_seat_of(topo, victims[place - 1])] >
                                row[bsti_seat_of(topo, other)]) {
            victims[place] = victims[place - 1];
            place--;
        }
        victims[place] = other;
    }
    for (uint32_t spare = nworkers; spare < most; spare++)
        if (spare != index)
            victims[count++] = spare;
}

/* ---- assignment ---------------------------------------------------------- */

/* The place of a CPU in the topology, or BSTI_SEAT_NONE. */
static uint32_t find_cpu(const struct bsti_topo *topo, uint32_t os_index)
{
    for (uint32_t i = 0; i < topo->ncpus; i++)
        if (topo->cpus[i].os_index == os_index)
            return i;
    return BSTI_SEAT_NONE;
}

/* Lets the first `wanted` workers stay that can; returns how many. */
static uint32_t let_stay(const struct bsti_topo *topo, uint32_t wanted,
                         struct bsti_seat *seats, uint32_t n, bool *taken)
{
    uint32_t stay = 0;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t cpu = find_cpu(topo, seats[i].cpu);

        seats[i].on = seats[i].on && stay < wanted && cpu != BSTI_SEAT_NONE &&
                      !taken[cpu];
        if (seats[i].on) {
            taken[cpu] = true;
            stay++;
        } else {
            seats[i].cpu = BSTI_SEAT_NONE;
        }
    }
    return stay;
}

/* The free CPU that suits a worker best; there is one. */
static uint32_t best_free(const struct bsti_topo *topo,
                          const struct bsti_seat *seat, const bool *taken)
{
    uint32_t best = BSTI_SEAT_NONE;
    bool near = false;

    for (uint32_t i = 0; i < topo->ncpus; i++) {
        bool is_near = topo->cpus[i].os_node == seat->os_node;

        if (taken[i])
            continue;
        if (topo->cpus[i].os_index == seat->home)
            return i;
        if (best == BSTI_SEAT_NONE || (is_near && !near)) {
            best = i;
            near = is_near;
        }
    }
    return best;
}

/* Seats one more worker: one whose first CPU is free, or else the first. */
static void seat_one(const struct bsti_topo *topo, struct bsti_seat *seats,
                     uint32_t n, bool *taken)
{
    struct bsti_seat *chosen = NULL;
    uint32_t cpu;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t home = find_cpu(topo, seats[i].home);

        if (seats[i].on)
            continue;
        if (!chosen)
            chosen = &seats[i];
        if (home != BSTI_SEAT_NONE && !taken[home]) {
            chosen = &seats[i];
            break;
        }
    }
    bsti_assert(chosen); /* the caller has counted those without a seat */
    cpu = best_free(topo, chosen, taken);
    taken[cpu] = true;
    chosen->cpu = topo->cpus[cpu].os_index;
    chosen->on = true;
}

int bsti_seat_assign(const struct bsti_topo *topo, uint32_t wanted,
                     struct bsti_seat *seats, uint32_t n)
{
    bool *taken;

    bsti_assert(wanted >= 1);
    wanted = BSTI_MIN(wanted, n);
    if (wanted > topo->ncpus) {
        for (uint32_t i = 0; i < n; i++) {
            seats[i].on = i < wanted;
            seats[i].cpu = BSTI_SEAT_NONE;
        }
        return 0;
    }
    taken = bsti_alloc(topo->ncpus * sizeof *taken);
    if (!taken)
        return -ENOMEM;
    for (uint32_t on = let_stay(topo, wanted, seats, n, taken); on < wanted;
         on++)
        seat_one(topo, seats, n, taken);
    bsti_free(taken);
    return 0;
}
