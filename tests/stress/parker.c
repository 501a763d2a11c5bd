/*
 * Stress: threads pass tokens around a ring of parkers, with waits that time
 * out in between and unparks by a stranger now and then.
 *
 * Checks: no wake-up is lost (the program would not end), and what a thread
 * wrote before an unpark is seen after the park.
 */

#include "sync/parker.h"

#include "stress.h"

struct place {
    struct bsti_parker parker;
    _Atomic uint64_t posted; /* tokens passed to this place */
    uint64_t data;           /* written by the poster, before it posts */
};

struct shared {
    struct place places[STRESS_THREADS_MAX];
    _Atomic uint32_t met;
    uint32_t threads;
    uint64_t rounds;
};

struct worker {
    struct shared *shared;
    uint32_t me;
    uint64_t rand;
    uint64_t timeouts;
    uint64_t woke;
};

static void post(struct worker *w, uint64_t round)
{
    struct place *next = &w->shared->places[(w->me + 1) % w->shared->threads];

    next->data = round * 3 + 1;
    /* release: pairs with the acquire in await(); a token that is left from
     * the round before may be taken before the unpark below */
    bsti_store_release(&next->posted, round + 1);
    w->woke += bsti_parker_unpark(&next->parker);
}

static void await(struct worker *w, uint64_t round)
{
    struct place *own = &w->shared->places[w->me];

    for (;;) {
        bst_time timeout = bsti_rand_below(&w->rand, 4) == 0
                               ? (bst_time)bsti_rand_below(&w->rand, 30000)
                               : BST_INFINITE;
        bool token = bsti_parker_park(&own->parker, timeout);

        stress_check(token || timeout != BST_INFINITE);
        w->timeouts += !token;
        /* acquire: pairs with the release in post() */
        if (token && bsti_load_acquire(&own->posted) > round) {
            stress_check(own->data == round * 3 + 1);
            return;
        }
    }
}

static void work(void *arg)
{
    struct worker *w = arg;
    struct shared *s = w->shared;

    stress_meet(&s->met, s->threads);
    for (uint64_t round = 0; round < s->rounds; round++) {
        if (w->me == 0) {
            post(w, round);
            await(w, round);
        } else {
            await(w, round);
            post(w, round);
        }
        if (bsti_rand_below(&w->rand, 16) == 0) {
            /* A token that means nothing to anybody. */
            uint32_t any = (uint32_t)bsti_rand_below(&w->rand, s->threads);

            w->woke += bsti_parker_unpark(&s->places[any].parker);
        }
    }
}

int main(int argc, char **argv)
{
    static struct shared shared;
    static struct worker workers[STRESS_THREADS_MAX];
    struct stress stress =
        stress_begin(argc, argv, 4, BSTI_ASAN || BSTI_TSAN ? 2000 : 8000);
    uint64_t timeouts = 0;
    uint64_t woke = 0;

    shared.threads = stress.threads;
    shared.rounds = stress.rounds;
    for (uint32_t i = 0; i < stress.threads; i++) {
        bsti_parker_init(&shared.places[i].parker);
        workers[i].shared = &shared;
        workers[i].me = i;
        workers[i].rand = bsti_rand_mix(stress.seed, i);
    }
    stress_run(stress.threads, work, workers, sizeof(workers[0]));
    for (uint32_t i = 0; i < stress.threads; i++) {
        timeouts += workers[i].timeouts;
        woke += workers[i].woke;
    }
    printf("%llu sleepers woken, %llu time-outs\n", (unsigned long long)woke,
           (unsigned long long)timeouts);
    return 0;
}
