/*
 * Stress: threads allocate blocks, pass them to each other through shared
 * places, and free what they get; some have no magazine, and magazines come
 * and go. There are two depots, as of two NUMA nodes, and half of the threads
 * belong to each.
 *
 * Checks: no block is handed out twice, none changes while it is in use, and
 * the pool does not grow beyond what is in use at once.
 */

#include "sync/magazine.h"

#include "stress.h"

#define PLACES 512
#define WORDS 8
#define DEPOTS 2

struct shared {
    struct bsti_depot depots[DEPOTS];
    void *_Atomic places[PLACES];
    _Atomic uint32_t met;
    uint32_t threads;
    uint64_t rounds;
};

struct worker {
    struct shared *shared;
    uint32_t me;
    uint64_t rand;
};

static void fill(uint64_t *block, uint64_t seed)
{
    for (size_t i = 0; i < WORDS; i++) {
        block[i] = seed + i;
    }
}

static void check(const uint64_t *block)
{
    for (size_t i = 1; i < WORDS; i++) {
        stress_check(block[i] == block[0] + i);
    }
}

static void work(void *arg)
{
    struct worker *w = arg;
    struct shared *s = w->shared;
    struct bsti_depot *depot = &s->depots[w->me % DEPOTS];
    struct bsti_magazine own;
    struct bsti_magazine *magazine = w->me % 4 == 3 ? NULL : &own;

    stress_check(bsti_magazine_init(&own, depot) == 0);
    stress_meet(&s->met, s->threads);
    for (uint64_t round = 0; round < s->rounds; round++) {
        uint32_t place = (uint32_t)bsti_rand_below(&w->rand, PLACES);
        uint64_t *block = NULL;

        if (bsti_rand_below(&w->rand, 2) == 0) {
            block = bsti_magazine_alloc(magazine, depot);
            stress_check(block != NULL);
            fill(block, bsti_rand_next(&w->rand));
        }
        /* acq_rel: hands a block over and takes another one */
        block = bsti_xchg_acq_rel(&s->places[place], block);
        if (block != NULL) {
            check(block);
            fill(block, 0);
            block[3] = 99;
            bsti_magazine_free(magazine, depot, block);
        }
        if (magazine != NULL && round % 5000 == 4999) {
            bsti_magazine_fini(&own, depot);
            stress_check(bsti_magazine_init(&own, depot) == 0);
        }
    }
    bsti_magazine_fini(&own, depot);
}

int main(int argc, char **argv)
{
    static struct shared shared;
    static struct worker workers[STRESS_THREADS_MAX];
    struct stress stress =
        stress_begin(argc, argv, 4, BSTI_ASAN || BSTI_TSAN ? 100000 : 500000);
    /* Each depot keeps some batches from the other. */
    uint64_t most = PLACES + stress.threads * 2 * (BSTI_BATCH_SIZE + 1) +
                    DEPOTS * 9 * BSTI_BATCH_SIZE;
    uint64_t blocks = 0;

    shared.threads = stress.threads;
    shared.rounds = stress.rounds;
    for (uint32_t i = 0; i < DEPOTS; i++) {
        stress_check(bsti_depot_init(&shared.depots[i],
                                     WORDS * sizeof(uint64_t), 0) == 0);
        if (i > 0) {
            bsti_depot_join(&shared.depots[i - 1], &shared.depots[i]);
        }
    }
    for (uint32_t i = 0; i < stress.threads; i++) {
        workers[i].shared = &shared;
        workers[i].me = i;
        workers[i].rand = bsti_rand_mix(stress.seed, i);
    }
    stress_run(stress.threads, work, workers, sizeof(workers[0]));
    for (uint32_t i = 0; i < PLACES; i++) {
        uint64_t *block = bsti_load_relaxed(&shared.places[i]);

        if (block != NULL) {
            check(block);
            bsti_magazine_free(NULL, &shared.depots[i % DEPOTS], block);
        }
    }
    for (uint32_t i = 0; i < DEPOTS; i++) {
        blocks += shared.depots[i].blocks;
    }
    printf("%llu blocks made\n", (unsigned long long)blocks);
    /* Slabs double, so up to as much again may be untouched. */
    stress_check(blocks <= 2 * most + 128 * DEPOTS);
    for (uint32_t i = 0; i < DEPOTS; i++) {
        bsti_depot_fini(&shared.depots[i]);
    }
    return 0;
}
