/*
 * Running tests, on threads and simulated, and time in them; see rig.h.
 */

#define _GNU_SOURCE
#include "unit/support/rig.h"

#include <time.h>

#include <bastion/sim.h>

#include "base/attr.h"
#include "plat/thread.h"
#include "unit/unit.h"

/* ---- the table of tests -------------------------------------------------- */

enum { SEEDS = BSTI_TSAN || BSTI_ASAN ? 5 : 20, RIGS = 16 };

static struct rig_test running; /* what runs_test has begun */
static uint64_t seed;           /* of it; 0: it has ended */

/* The simulated rigs that are up; the thread of the tests drives them. */
static struct rig *up[RIGS];
static uint32_t nup;

const struct rig_test *rig_running(void)
{
    return &running;
}

uint64_t rig_seed(void)
{
    return seed;
}

bool rig_is_simulated(void)
{
    return running.simulated;
}

static uint64_t variable(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 10) : otherwise;
}

void rig_run(void **state)
{
    uint64_t first = variable("RIG_SEED", 1);
    uint64_t seeds = variable("RIG_SEEDS", SEEDS);

    running = *(const struct rig_test *)*state;
    if (!running.simulated) {
        running.fn(state);
        return;
    }
    for (seed = first; seed < first + seeds; seed++) {
        nup = 0; /* Some that have failed, or ended by themselves, are left. */
        running.fn(state);
    }
    seed = 0;
}

int rig_ran(void **state)
{
    (void)state;
    if (seed != 0)
        print_error("with RIG_SEED=%llu\n", (unsigned long long)seed);
    seed = 0;
    running = (struct rig_test){0};
    return 0;
}

/* ---- time ---------------------------------------------------------------- */

void rig_is_up(struct rig *rig)
{
    if (!running.simulated)
        return;
    assert_true(nup < RIGS);
    up[nup++] = rig;
}

void rig_is_down(const struct rig *rig)
{
    for (uint32_t i = 0; i < nup; i++)
        if (up[i] == rig)
            up[i] = up[--nup];
}

void rig_pass(void)
{
    if (!running.simulated) {
        bsti_thread_yield();
        return;
    }
    for (uint32_t i = 0; i < nup; i++)
        assert_int_equal(bst_sim_run(up[i]->system, BST_US(10)), BST_OK);
}

bst_time rig_now(const struct rig *rig)
{
    return bst_sim_now(rig->system);
}

void rig_wait(struct rig *rig, bst_time time)
{
    const struct timespec pause = {(time_t)(time / BST_S(1)),
                                   (long)(time % BST_S(1))};

    if (running.simulated)
        assert_int_equal(bst_sim_run(rig->system, time), BST_OK);
    else
        nanosleep(&pause, NULL);
}
