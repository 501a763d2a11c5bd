/*
 * Stress: a waiter is armed, committed and taken again and again by its owner,
 * while the other threads try to end its waits: some that very wait, as an
 * answer does, some whichever is open, as a kill does.
 *
 * Checks: each wait is ended once; the owner gets the gift and the status of
 * whoever has ended it; who claims a suspended wait, and nobody else, wakes
 * the owner, which never waits for ever.
 */

#include "proc/wait.h"

#include "stress.h"

struct shared {
    struct bsti_waiter waiter;
    _Atomic uint64_t open;  /* number of the newest wait */
    _Atomic uint64_t woken; /* waits that their claimer had to wake */
    _Atomic uint32_t met;
    _Atomic uint32_t ended;
    uint32_t threads;
    uint64_t rounds;
};

struct worker {
    struct shared *shared;
    uint32_t me;
    uint64_t rand;
    uint64_t won;
};

/* The gift of thread `me`, which the owner can tell from others. */
static struct worker *gift_of(struct worker *w)
{
    return w;
}

static void own(struct worker *w)
{
    struct shared *s = w->shared;
    uint64_t woken = 0;

    for (uint64_t round = 0; round < s->rounds; round++) {
        uint64_t seq = bsti_waiter_arm(&s->waiter);
        void *gift;
        uint32_t status;

        /* release: pairs with the acquire in end_waits() */
        bsti_store_release(&s->open, seq);
        for (uint64_t i = bsti_rand_below(&w->rand, 30); i > 0; i--)
            bsti_cpu_relax();
        if (bsti_waiter_commit(&s->waiter, seq)) {
            /* acquire: pairs with the release of whoever wakes */
            while (bsti_load_acquire(&s->woken) == woken)
                bsti_thread_yield();
            woken++;
        }
        status = bsti_waiter_take(&s->waiter, &gift);
        stress_check(gift && status == ((struct worker *)gift)->me);
        stress_check(bsti_load_acquire(&s->woken) == woken);
    }
    bsti_store_release(&s->ended, 1u);
}

static void end_waits(struct worker *w)
{
    struct shared *s = w->shared;

    while (!bsti_load_acquire(&s->ended)) {
        uint64_t seq = bsti_load_acquire(&s->open);
        enum bsti_claim claim = w->me % 2
                                    ? bsti_waiter_claim(&s->waiter, seq)
                                    : bsti_waiter_claim_any(&s->waiter, &seq);

        if (claim != BSTI_CLAIM_LOST) {
            w->won++;
            bsti_waiter_finish(&s->waiter, seq, w->me, gift_of(w));
            if (claim == BSTI_CLAIM_SUSPENDED)
                bsti_fetch_add_acq_rel(&s->woken, (uint64_t)1);
        }
        for (uint64_t i = bsti_rand_below(&w->rand, 30); i > 0; i--)
            bsti_cpu_relax();
        if (bsti_rand_below(&w->rand, 64) == 0)
            bsti_thread_yield();
    }
}

static void work(void *arg)
{
    struct worker *w = arg;

    stress_meet(&w->shared->met, w->shared->threads);
    if (w->me == 0)
        own(w);
    else
        end_waits(w);
}

int main(int argc, char **argv)
{
    static struct shared shared;
    static struct worker workers[STRESS_THREADS_MAX];
    struct stress stress =
        stress_begin(argc, argv, 3, BSTI_ASAN || BSTI_TSAN ? 20000 : 200000);
    uint64_t won = 0;

    if (stress.threads < 2) {
        fprintf(stderr, "threads: at least 2\n");
        return 2;
    }
    shared.threads = stress.threads;
    shared.rounds = stress.rounds;
    for (uint32_t i = 0; i < stress.threads; i++) {
        workers[i].shared = &shared;
        workers[i].me = i;
        workers[i].rand = bsti_rand_mix(stress.seed, i);
    }
    stress_run(stress.threads, work, workers, sizeof(workers[0]));
    for (uint32_t i = 0; i < stress.threads; i++)
        won += workers[i].won;
    stress_check(won == stress.rounds);
    printf("%llu waits ended, %llu by a wake-up\n", (unsigned long long)won,
           (unsigned long long)bsti_load_relaxed(&shared.woken));
    return 0;
}
