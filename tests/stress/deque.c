/*
 * Stress: every thread owns a run queue, pushes numbered items into it, pops
 * its own, steals from the others, and lets a full queue overflow.
 *
 * Checks: every item is taken exactly once, by whomever.
 */

#include "sync/deque.h"

#include "stress.h"

struct shared {
    struct bsti_deque *deques;
    _Atomic uint8_t *taken; /* by item number */
    _Atomic uint64_t left;  /* items not taken yet */
    _Atomic uint32_t met;
    uint32_t threads;
    uint64_t rounds;
};

struct worker {
    struct shared *shared;
    uint32_t me;
    uint64_t rand;
    uint64_t stolen;
    uint64_t contended;
    uint64_t overflowed;
};

static void take(struct worker *w, void *item)
{
    uint64_t number = (uint64_t)(uintptr_t)item - 1;

    stress_check(number < w->shared->threads * w->shared->rounds);
    stress_check(bsti_xchg_relaxed(&w->shared->taken[number], 1) == 0);
    bsti_fetch_sub_relaxed(&w->shared->left, 1u);
}

static void put(struct worker *w, uint64_t number)
{
    struct bsti_deque *own = &w->shared->deques[w->me];
    void *item = (void *)(uintptr_t)(number + 1);

    if (!bsti_deque_push(own, item)) {
        void *out[BSTI_DEQUE_SIZE];
        uint32_t max = 1 + (uint32_t)bsti_rand_below(&w->rand, 600);
        uint32_t n = bsti_deque_take_half(own, out, max);

        for (uint32_t i = 0; i < n; i++) {
            take(w, out[i]);
        }
        w->overflowed += n;
        /* Thieves only make more room. */
        stress_check(bsti_deque_push(own, item));
    }
}

static void steal(struct worker *w)
{
    struct shared *s = w->shared;
    uint32_t victim = (uint32_t)bsti_rand_below(&w->rand, s->threads);
    bool contended = false;

    if (victim == w->me) {
        return;
    }
    w->stolen += bsti_deque_try_steal(
        &s->deques[victim], &s->deques[w->me],
        1 + (uint32_t)bsti_rand_below(&w->rand, 600), &contended);
    w->contended += contended;
}

static void work(void *arg)
{
    struct worker *w = arg;
    struct shared *s = w->shared;
    uint64_t number = w->me * s->rounds;
    uint64_t end = number + s->rounds;

    stress_meet(&s->met, s->threads);
    while (number < end || bsti_load_relaxed(&s->left) > 0) {
        uint64_t burst = 1 + bsti_rand_below(&w->rand, 64);
        void *item;

        /* Now and then enough to overflow. */
        if (bsti_rand_below(&w->rand, 50) == 0) {
            burst += 2000;
        }
        for (; burst > 0 && number < end; burst--) {
            put(w, number++);
        }
        for (uint64_t pops = bsti_rand_below(&w->rand, 128); pops > 0; pops--) {
            item = bsti_deque_pop(&s->deques[w->me]);
            if (item == NULL) {
                steal(w);
                break;
            }
            take(w, item);
        }
        if (bsti_rand_below(&w->rand, 4) == 0) {
            steal(w);
        }
        stress_check(bsti_deque_is_valid(&s->deques[w->me]));
    }
    stress_check(bsti_deque_pop(&s->deques[w->me]) == NULL);
}

int main(int argc, char **argv)
{
    static struct shared shared;
    static struct worker workers[STRESS_THREADS_MAX];
    static struct bsti_deque deques[STRESS_THREADS_MAX];
    struct stress stress =
        stress_begin(argc, argv, 4, BSTI_ASAN || BSTI_TSAN ? 100000 : 500000);
    uint64_t stolen = 0;
    uint64_t contended = 0;
    uint64_t overflowed = 0;

    shared.deques = deques;
    shared.threads = stress.threads;
    shared.rounds = stress.rounds;
    shared.taken = calloc(stress.threads * stress.rounds, 1);
    stress_check(shared.taken != NULL);
    bsti_store_relaxed(&shared.left, stress.threads * stress.rounds);
    for (uint32_t i = 0; i < stress.threads; i++) {
        bsti_deque_init(&deques[i]);
        workers[i].shared = &shared;
        workers[i].me = i;
        workers[i].rand = bsti_rand_mix(stress.seed, i);
    }
    stress_run(stress.threads, work, workers, sizeof(workers[0]));
    for (uint64_t i = 0; i < stress.threads * stress.rounds; i++) {
        stress_check(bsti_load_relaxed(&shared.taken[i]) == 1);
    }
    for (uint32_t i = 0; i < stress.threads; i++) {
        stolen += workers[i].stolen;
        contended += workers[i].contended;
        overflowed += workers[i].overflowed;
    }
    free((void *)(uintptr_t)shared.taken);
    printf("%llu stolen, %llu contended, %llu overflowed\n",
           (unsigned long long)stolen, (unsigned long long)contended,
           (unsigned long long)overflowed);
    return 0;
}
