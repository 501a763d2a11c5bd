/*
 * exec/sim: workers that take turns on one thread, in virtual time.
 */

#include "exec/sim.h"

#include "unit/exec/job.h"

#include "base/alloc.h"
#include "base/rand.h"
#include "exec/worker.h"
#include "plat/clock.h"

enum { JOBS = 8, ROUNDS = 50 };

static struct bsti_exec *simulate(uint64_t seed, uint32_t threads, bool stalls)
{
    struct bsti_sim_options sim = {.seed = seed, .stalls = stalls};
    struct bsti_exec_options options = {.threads = threads, .sim = &sim};
    struct bsti_exec *exec = bsti_exec_create(&options);

    assert_non_null(exec);
    assert_true(bsti_exec_is_sim(exec));
    return exec;
}

/* Lets time pass; nothing that is waited for happens. */
static void pass(struct bsti_exec *exec, bst_time duration)
{
    _Atomic uint32_t never = 0;
    bst_time until = bsti_exec_now(exec) + duration;

    while (bsti_exec_now(exec) < until)
        (void)bsti_exec_wait(exec, &never, 0, until - bsti_exec_now(exec));
}

/* ---- time ---------------------------------------------------------------- */

static void nothing_happens_between_waits(void **state)
{
    struct bsti_exec *exec = simulate(1, 2, false);
    static struct job job;

    (void)state;
    job_init(&job, exec, NULL, 0);
    poke(&job);
    assert_int_equal(job.turns, 0);
    assert_true(bsti_exec_now(exec) == bsti_exec_now(exec));
    pass(exec, BST_MS(1));
    assert_int_equal(job.turns, 1);
    destroy(exec);
}

static void time_jumps_over_what_is_empty(void **state)
{
    struct bsti_exec *exec = simulate(1, 4, false);
    bst_time real = bsti_clock_now();
    bst_time begin = bsti_exec_now(exec);

    (void)state;
    pass(exec, BST_S(365) * 86400);
    assert_true(bsti_exec_now(exec) - begin == BST_S(365) * 86400);
    assert_true(bsti_clock_now() - real < BST_S(60));
    destroy(exec);
}

static void sleeper(struct job *self)
{
    bst_time begin = bsti_exec_now(self->exec);

    assert_int_equal(bsti_sim_pass(&self->proc, BST_S(100)), BST_OK);
    self->due = bsti_exec_now(self->exec) - begin;
}

static void a_process_that_waits_is_woken_in_time(void **state)
{
    struct bsti_exec *exec = simulate(3, 2, false);
    static struct job job;

    (void)state;
    job_init(&job, exec, sleeper, 0);
    poke(&job);
    pass(exec, BST_S(99));
    assert_int_equal(job.turns, 0);
    pass(exec, BST_S(2));
    assert_int_equal(job.turns, 1);
    assert_true(job.due >= BST_S(100));
    assert_true(job.due < BST_S(100) + BST_MS(1));
    destroy(exec);
}

static void a_handler_that_looks_at_the_clock_sees_it_go(void **state)
{
    struct bsti_exec *exec = simulate(1, 1, false);
    bst_time begin = bsti_exec_look(exec);

    (void)state;
    while (bsti_exec_look(exec) < begin + BST_US(100))
        ;
    bsti_exec_sleep(exec, BST_S(5));
    assert_true(bsti_exec_now(exec) >= begin + BST_S(5));
    destroy(exec);
}

/* ---- waiting ------------------------------------------------------------- */

static _Atomic uint32_t rung;

static void ring(struct job *self)
{
    (void)self;
    bsti_fetch_add_relaxed(&rung, 1u);
}

static void a_wait_ends_when_its_word_changes(void **state)
{
    struct bsti_exec *exec = simulate(1, 2, false);
    static struct job job;

    (void)state;
    rung = 0;
    job_init(&job, exec, ring, 0);
    poke(&job);
    while (rung == 0)
        assert_true(bsti_exec_wait(exec, &rung, 0, BST_INFINITE));
    destroy(exec);
}

static void a_wait_for_nothing_says_so(void **state)
{
    struct bsti_exec *exec = simulate(1, 2, false);
    _Atomic uint32_t never = 0;

    (void)state;
    assert_false(bsti_exec_wait(exec, &never, 0, BST_INFINITE));
    assert_true(bsti_exec_wait(exec, &never, 0, BST_S(1)));
    destroy(exec);
}

/* One that is always ready keeps nobody from his deadline. */
static void again(struct job *self)
{
    poke(self);
}

static void a_wait_ends_in_time_though_somebody_is_busy(void **state)
{
    struct bsti_exec *exec = simulate(1, 2, false);
    _Atomic uint32_t never = 0;
    bst_time begin = bsti_exec_now(exec);
    static struct job job;

    (void)state;
    job_init(&job, exec, again, 0);
    poke(&job);
    assert_true(bsti_exec_wait(exec, &never, 0, BST_MS(1)));
    assert_true(bsti_exec_now(exec) - begin >= BST_MS(1));
    assert_true(bsti_exec_now(exec) - begin < BST_MS(2));
    job.fn = NULL;
    pass(exec, BST_MS(1));
    destroy(exec);
}

/* ---- order --------------------------------------------------------------- */

struct story {
    uint64_t hash;
    uint32_t switches; /* times that another job ran than before */
    const struct job *last;
    struct job jobs[JOBS];
};

static void tell(struct job *self)
{
    struct story *story = self->arg;
    uint64_t who = (uint64_t)(self - story->jobs);

    story->hash = bsti_rand_mix(story->hash, who);
    story->hash =
        bsti_rand_mix(story->hash, (uint64_t)bsti_exec_now(self->exec));
    story->hash =
        bsti_rand_mix(story->hash, bsti_worker_index(bsti_worker_current()));
    story->switches += story->last != self;
    story->last = self;
    if (self->turns < ROUNDS)
        poke(&story->jobs[(who + 3) % JOBS]);
    if (self->turns % 7 == 0)
        (void)bsti_sim_pass(&self->proc, BST_US(10));
}

static uint64_t run_story(uint64_t seed, bool stalls)
{
    static struct story story;
    struct bsti_exec *exec = simulate(seed, 0, stalls);

    memset(&story, 0, sizeof story);
    for (int i = 0; i < JOBS; i++) {
        job_init(&story.jobs[i], exec, tell, 0);
        story.jobs[i].arg = &story;
    }
    for (int i = 0; i < JOBS; i++)
        poke(&story.jobs[i]);
    pass(exec, BST_S(10));
    assert_true(story.switches > JOBS);
    for (int i = 0; i < JOBS; i++)
        assert_true(story.jobs[i].turns > 0);
    story.hash = bsti_rand_mix(story.hash, bsti_sim_turns(exec));
    destroy(exec);
    return story.hash;
}

static void the_seed_decides_everything(void **state)
{
    uint64_t others = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        uint64_t hash = run_story(seed, seed % 2);

        assert_true(hash == run_story(seed, seed % 2));
        others += hash != run_story(seed + 1000, seed % 2);
    }
    assert_int_equal(others, 40);
}

static void the_number_of_workers_comes_from_the_seed(void **state)
{
    unsigned seen = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct bsti_exec *exec = simulate(seed, 0, false);

        seen |= 1u << bsti_exec_workers(exec);
        destroy(exec);
    }
    assert_int_equal(seen, 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4);
}

/* Much that comes from outside is taken in large parts by a busy worker. */
static void a_crowd_from_outside_does_not_wait_one_by_one(void **state)
{
    enum { CROWD = 400 };
    static struct job crowd[CROWD];
    static struct job busy;
    struct bsti_exec *exec = simulate(1, 1, false);
    uint32_t late = 0;

    (void)state;
    job_init(&busy, exec, again, 0);
    poke(&busy);
    pass(exec, BST_MS(1));
    busy.turns = 0;
    for (int i = 0; i < CROWD; i++) {
        job_init(&crowd[i], exec, NULL, 0);
        poke(&crowd[i]);
    }
    while (busy.turns < 50 * BSTI_INJECTOR_INTERVAL)
        pass(exec, BST_US(10));
    for (int i = 0; i < CROWD; i++)
        late += crowd[i].turns == 0;
    assert_int_equal(late, 0);
    busy.fn = NULL;
    pass(exec, BST_MS(1));
    destroy(exec);
}

/* ---- what is forgotten --------------------------------------------------- */

static unsigned idle_seen;
static unsigned forgotten_seen;

static void look_around(void *arg)
{
    idle_seen++;
    forgotten_seen += bsti_sim_has_forgotten(arg);
}

static void work_that_nobody_is_woken_for_is_noticed(void **state)
{
    struct bsti_exec *exec = simulate(1, 2, false);
    static struct job job;

    (void)state;
    idle_seen = 0;
    forgotten_seen = 0;
    bsti_sim_on_idle(exec, look_around, exec);
    pass(exec, BST_S(1));
    assert_true(idle_seen > 0);
    assert_int_equal(forgotten_seen, 0);
    /* As bsti_exec_ready(), without the wake-up. */
    job_init(&job, exec, NULL, 0);
    job.pokes = 1;
    assert_true(bsti_proc_signal(&job.proc, BSTI_SIGNAL_START));
    bsti_injector_push(&exec->injector, &job.proc.link);
    pass(exec, BST_S(1));
    assert_true(forgotten_seen > 0);
    assert_int_equal(job.turns, 0);
    bsti_exec_wake_one(exec);
    pass(exec, BST_S(1));
    assert_int_equal(job.turns, 1);
    destroy(exec);
}

static void create_without_memory_leaves_nothing(void **state)
{
    struct bsti_sim_options sim = {.seed = 1};
    struct bsti_exec_options options = {.threads = 2, .sim = &sim};
    int64_t before = bsti_alloc_balance();
    struct bsti_exec *exec = NULL;

    (void)state;
    for (uint64_t nth = 1; !exec; nth++) {
        (void)bsti_alloc_fail_at(nth);
        exec = bsti_exec_create(&options);
        (void)bsti_alloc_fail_at(0);
        if (!exec)
            assert_int_equal(bsti_alloc_balance(), before);
        assert_true(nth < 1000);
    }
    destroy(exec);
    assert_int_equal(bsti_alloc_balance(), before);
}

UNIT_MAIN(cmocka_unit_test(nothing_happens_between_waits),
          cmocka_unit_test(time_jumps_over_what_is_empty),
          cmocka_unit_test(a_process_that_waits_is_woken_in_time),
          cmocka_unit_test(a_handler_that_looks_at_the_clock_sees_it_go),
          cmocka_unit_test(a_wait_ends_when_its_word_changes),
          cmocka_unit_test(a_wait_for_nothing_says_so),
          cmocka_unit_test(a_wait_ends_in_time_though_somebody_is_busy),
          cmocka_unit_test(a_crowd_from_outside_does_not_wait_one_by_one),
          cmocka_unit_test(the_seed_decides_everything),
          cmocka_unit_test(the_number_of_workers_comes_from_the_seed),
          cmocka_unit_test(work_that_nobody_is_woken_for_is_noticed),
          cmocka_unit_test(create_without_memory_leaves_nothing))
