/*
 * Stress: several threads submit jobs to one pool after the other. The pools
 * have few threads and end idle ones soon, and the submitters pause now and
 * then, so that threads fall asleep, are woken, retire and are started again
 * all the time. Three ways take turns:
 *
 *   flood   as many jobs as possible; some submit another one, some sleep
 *   meet    rounds of up to `max` jobs, each of which waits for all others of
 *           its round; then nothing comes until all are done
 *   brief   pools that are stopped as soon as they have got a few jobs
 *
 * Checks: each job runs once, never more than `max` at a time; as many jobs as
 * there may be threads do run at once; nothing is left waiting, neither before
 * the stop nor after.
 */

#define _POSIX_C_SOURCE 200809L

#include <time.h>

#include "exec/blocking.h"
#include "plat/clock.h"

#include "stress.h"

#define TURNS 6
#define MAX 12u
#define PATIENCE BST_S(50)

struct item {
    struct bsti_job job;
    struct shared *shared;
    uint64_t rand;
    uint64_t meets;     /* meet: how many must have come */
    struct item *child; /* flood: submitted by this one; or NULL */
    _Atomic uint32_t runs;
};

struct shared {
    struct bsti_blocking *pool;
    uint32_t max;
    uint32_t threads;   /* that submit */
    uint64_t seed;      /* of this pool */
    uint64_t each;      /* flood: items of a submitter, with children */
    uint64_t rounds;    /* meet */
    struct item *items; /* flood */
    struct item meeting[MAX];
    _Atomic uint32_t running;
    _Atomic uint64_t come; /* meet */
    _Atomic uint64_t done;
    _Atomic uint32_t met;
};

struct submitter {
    struct shared *shared;
    uint32_t index;
    uint64_t rand;
};

static void pause_us(uint64_t us)
{
    struct timespec span = {0, (long)us * 1000};

    (void)nanosleep(&span, NULL);
}

static void wait_until(_Atomic uint64_t *counter, uint64_t number)
{
    bst_time end = bsti_clock_now() + PATIENCE;

    for (uint32_t i = 1; bsti_load_acquire(counter) < number; i++) {
        stress_check(i % 1024 != 0 || bsti_clock_now() < end);
        bsti_thread_yield();
    }
}

static void begin_item(struct item *item)
{
    struct shared *shared = item->shared;

    stress_check(bsti_fetch_add_acq_rel(&item->runs, 1u) == 0);
    stress_check(bsti_fetch_add_acq_rel(&shared->running, 1u) < shared->max);
}

/* After this the item may be used again. */
static void end_item(struct item *item)
{
    struct shared *shared = item->shared;

    bsti_fetch_sub_acq_rel(&shared->running, 1u);
    bsti_fetch_add_acq_rel(&shared->done, 1u);
}

static void prepare(struct item *item, struct shared *shared, uint64_t rand,
                    void (*fn)(void *arg))
{
    item->job.fn = fn;
    item->job.arg = item;
    item->shared = shared;
    item->rand = rand;
    item->child = NULL;
    bsti_store_relaxed(&item->runs, 0u);
}

/* ---- flood --------------------------------------------------------------- */

static void flood_item(void *arg)
{
    struct item *item = arg;
    uint64_t dice = bsti_rand_below(&item->rand, 100);

    begin_item(item);
    if (item->child != NULL) {
        bsti_blocking_submit(item->shared->pool, &item->child->job);
    }
    if (dice == 0) {
        pause_us(bsti_rand_below(&item->rand, 300));
    } else if (dice < 10) {
        bsti_thread_yield();
    }
    end_item(item);
}

static void flood(void *arg)
{
    struct submitter *self = arg;
    struct shared *shared = self->shared;
    struct item *items = shared->items + shared->each * self->index;

    stress_meet(&shared->met, shared->threads);
    for (uint64_t i = 0; i < shared->each;) {
        struct item *item = &items[i++];
        uint64_t dice = bsti_rand_below(&self->rand, 4000);

        prepare(item, shared, bsti_rand_next(&self->rand), flood_item);
        if (dice < 1000 && i < shared->each) {
            item->child = &items[i++];
            prepare(item->child, shared, bsti_rand_next(&self->rand),
                    flood_item);
        }
        bsti_blocking_submit(shared->pool, &item->job);
        if (dice % 400 == 1) {
            pause_us(bsti_rand_below(&self->rand, 500));
        }
    }
}

/* ---- meet ---------------------------------------------------------------- */

static void meet_item(void *arg)
{
    struct item *item = arg;

    begin_item(item);
    bsti_fetch_add_acq_rel(&item->shared->come, 1u);
    wait_until(&item->shared->come, item->meets);
    end_item(item);
}

static void meet(void *arg)
{
    struct submitter *self = arg;
    struct shared *shared = self->shared;
    uint64_t total = 0;

    stress_meet(&shared->met, shared->threads);
    for (uint64_t round = 0; round < shared->rounds; round++) {
        uint64_t dice = bsti_rand_mix(shared->seed, round);
        uint32_t jobs = 1 + (uint32_t)bsti_rand_below(&dice, shared->max);

        if (dice % 256 == 0) {
            /* About as long as it takes until idle threads retire. */
            pause_us(45000 + bsti_rand_below(&self->rand, 20000));
        } else if (dice % 8 == 0) {
            pause_us(bsti_rand_below(&self->rand, 100));
        }
        total += jobs;
        for (uint32_t i = self->index; i < jobs; i += shared->threads) {
            struct item *item = &shared->meeting[i];

            prepare(item, shared, 0, meet_item);
            item->meets = total;
            bsti_blocking_submit(shared->pool, &item->job);
        }
        wait_until(&shared->done, total);
    }
}

/* ---- pools --------------------------------------------------------------- */

/* Every other pool takes samples so seldom that the predictor never comes to
 * help if a wake-up was lost. */
static void create_pool(struct stress *stress, struct shared *shared)
{
    struct bsti_blocking_options options = bsti_blocking_default();
    uint64_t most = 1 + bsti_rand_below(&stress->seed, MAX);

    options.max = 1 + (uint32_t)bsti_rand_below(&stress->seed, most);
    options.min = (uint32_t)bsti_rand_below(&stress->seed, 3);
    options.idle_timeout =
        bsti_rand_below(&stress->seed, 2) == 0 ? BST_MS(50) : BST_S(600);
    shared->max = options.max;
    shared->pool = bsti_blocking_create(&options);
    stress_check(shared->pool != NULL);
    bsti_store_relaxed(&shared->come, 0u);
    bsti_store_relaxed(&shared->done, 0u);
    bsti_store_relaxed(&shared->met, 0u);
}

static void stop_pool(struct shared *shared)
{
    struct bsti_blocking_stats stats;

    stress_check(bsti_blocking_stop(shared->pool, PATIENCE));
    bsti_blocking_stats(shared->pool, &stats);
    stress_check(stats.peak <= shared->max);
    stress_check(stats.threads == 0 && stats.queued == 0);
    stress_check(stats.done == stats.submitted);
    stress_check(stats.done == bsti_load_acquire(&shared->done));
    bsti_blocking_destroy(shared->pool);
}

static void run_pool(struct stress *stress, struct shared *shared,
                     void (*submit)(void *arg))
{
    struct submitter submitters[STRESS_THREADS_MAX];

    create_pool(stress, shared);
    shared->seed = bsti_rand_next(&stress->seed);
    for (uint32_t i = 0; i < stress->threads; i++) {
        submitters[i].shared = shared;
        submitters[i].index = i;
        submitters[i].rand = bsti_rand_mix(shared->seed, i);
    }
    stress_run(stress->threads, submit, submitters, sizeof(submitters[0]));
    if (submit == flood && shared->seed % 2 == 0) {
        wait_until(&shared->done, shared->each * stress->threads);
    }
    stop_pool(shared);
}

static void run_brief(struct stress *stress, struct shared *shared)
{
    uint32_t jobs;

    create_pool(stress, shared);
    jobs = (uint32_t)bsti_rand_below(&stress->seed, MAX);
    for (uint32_t i = 0; i < jobs; i++) {
        prepare(&shared->meeting[i], shared, 1, flood_item);
        bsti_blocking_submit(shared->pool, &shared->meeting[i].job);
    }
    if (bsti_rand_below(&stress->seed, 2) == 0) {
        wait_until(&shared->done, jobs);
    }
    stop_pool(shared);
    stress_check(bsti_load_acquire(&shared->done) == jobs);
}

int main(int argc, char **argv)
{
    static struct shared shared;
    struct stress stress =
        stress_begin(argc, argv, 4, BSTI_ASAN || BSTI_TSAN ? 20000 : 100000);

    shared.threads = stress.threads;
    shared.each = stress.rounds / stress.threads / TURNS + 1;
    shared.rounds = stress.rounds / 100 / TURNS + 1;
    shared.items = calloc(shared.each * stress.threads, sizeof(*shared.items));
    stress_check(shared.items != NULL);
    for (int turn = 0; turn < TURNS; turn++) {
        run_pool(&stress, &shared, flood);
        run_pool(&stress, &shared, meet);
        for (uint64_t i = 0; i < stress.rounds; i += 1000) {
            run_brief(&stress, &shared);
        }
    }
    free(shared.items);
    return 0;
}
