/*
 * Stress: one owner fills and empties its next-slot without a locked
 * instruction; the other threads steal from it as the monitor does.
 *
 * Checks: each process that was put in is taken exactly once, by the owner or
 * by a thief.
 */

#include "exec/slot.h"

#include "plat/barrier.h"
#include "stress.h"

struct shared {
    struct bsti_slot slot;
    _Atomic uint32_t *taken; /* by process */
    _Atomic uint32_t met;
    _Atomic uint32_t ended; /* 1: the owner has come to its end */
    uint32_t threads;
    uint64_t rounds;
};

struct worker {
    struct shared *shared;
    uint32_t me;
    uint64_t rand;
    uint64_t stolen;
};

/* A process is only an address here; that of the place where it is counted. */
static struct bsti_proc *process(struct shared *s, uint64_t round)
{
    return (struct bsti_proc *)(uintptr_t)&s->taken[round];
}

static void take(struct bsti_proc *proc)
{
    _Atomic uint32_t *place = (_Atomic uint32_t *)(uintptr_t)proc;

    stress_check(bsti_fetch_add_relaxed(place, 1u) == 0);
}

static void own(struct worker *w)
{
    struct shared *s = w->shared;
    struct bsti_proc *proc;

    for (uint64_t round = 0; round < s->rounds; round++) {
        bsti_slot_put(&s->slot, process(s, round));
        for (uint64_t i = bsti_rand_below(&w->rand, 40); i > 0; i--)
            bsti_cpu_relax();
        proc = bsti_slot_take(&s->slot);
        stress_check(!proc || proc == process(s, round));
        if (proc)
            take(proc);
    }
    /* release: pairs with the acquire in steal() */
    bsti_store_release(&s->ended, 1u);
}

static void steal(struct worker *w)
{
    struct shared *s = w->shared;

    while (!bsti_load_acquire(&s->ended)) {
        struct bsti_proc *proc = bsti_slot_steal(&s->slot);

        if (proc) {
            take(proc);
            w->stolen++;
        }
        for (uint64_t i = bsti_rand_below(&w->rand, 200); i > 0; i--)
            bsti_cpu_relax();
    }
}

static void work(void *arg)
{
    struct worker *w = arg;

    stress_meet(&w->shared->met, w->shared->threads);
    if (w->me == 0)
        own(w);
    else
        steal(w);
}

int main(int argc, char **argv)
{
    static struct shared shared;
    static struct worker workers[STRESS_THREADS_MAX];
    struct stress stress =
        stress_begin(argc, argv, 3, BSTI_ASAN || BSTI_TSAN ? 30000 : 1000000);
    uint64_t stolen = 0;

    if (!bsti_barrier_prepare()) {
        printf("no barriers on all threads here: nothing is stolen\n");
        return 0;
    }
    bsti_slot_init(&shared.slot);
    shared.threads = stress.threads;
    shared.rounds = stress.rounds;
    shared.taken = calloc(stress.rounds, sizeof *shared.taken);
    stress_check(shared.taken != NULL);
    for (uint32_t i = 0; i < stress.threads; i++) {
        workers[i].shared = &shared;
        workers[i].me = i;
        workers[i].rand = bsti_rand_mix(stress.seed, i);
    }
    stress_run(stress.threads, work, workers, sizeof(workers[0]));
    for (uint64_t round = 0; round < stress.rounds; round++)
        stress_check(bsti_load_relaxed(&shared.taken[round]) == 1);
    for (uint32_t i = 0; i < stress.threads; i++)
        stolen += workers[i].stolen;
    printf("%llu of them stolen\n", (unsigned long long)stolen);
    free(shared.taken);
    return 0;
}
