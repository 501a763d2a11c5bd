/*
 * exec: workers that run processes in turns, without any actor.
 */

#include "exec/block.h"
#include "unit/exec/job.h"

#include "base/alloc.h"
#include "plat/stack.h"

static struct bsti_exec *create(uint32_t threads)
{
    struct bsti_exec_options options = {.threads = threads};
    struct bsti_exec *exec = bsti_exec_create(&options);

    assert_non_null(exec);
    assert_true(threads == 0 || bsti_exec_workers(exec) == threads);
    return exec;
}

/* ---- running ------------------------------------------------------------- */

static void create_and_destroy_leaves_nothing(void **state)
{
    int64_t before = bsti_alloc_balance();

    (void)state;
    for (uint32_t threads = 0; threads < 6; threads++)
        destroy(create(threads));
    assert_int_equal(bsti_alloc_balance(), before);
}

static void create_without_memory_leaves_nothing(void **state)
{
    struct bsti_exec_options options = {.threads = 2};
    int64_t before = bsti_alloc_balance();
    struct bsti_exec *exec = NULL;

    (void)state;
    for (uint64_t nth = 1; !exec; nth++) {
        bsti_alloc_fail_at(nth);
        exec = bsti_exec_create(&options);
        bsti_alloc_fail_at(0);
        if (!exec)
            assert_int_equal(bsti_alloc_balance(), before);
        assert_true(nth < 1000);
    }
    destroy(exec);
    assert_int_equal(bsti_alloc_balance(), before);
}

/* Of a spare, as it happens when all workers are stuck and memory is short. */
static void worker_without_memory_gives_its_stack_back(void **state)
{
    struct bsti_exec_options options = {.threads = 1,
                                        .stack_quiet = BST_S(3600)};
    struct bsti_exec *exec = bsti_exec_create(&options);
    struct bsti_worker *spare = NULL;

    (void)state;
    assert_non_null(exec);
    assert_int_equal(bsti_stack_pool_used(&exec->stacks), 0);
    for (uint64_t nth = 1; !spare; nth++) {
        bsti_alloc_fail_at(nth);
        spare = bsti_worker_create(exec, 1);
        bsti_alloc_fail_at(0);
        /* The first two failures are those of the worker and its victims. */
        if (!spare)
            assert_int_equal(bsti_stack_pool_used(&exec->stacks), nth > 1);
        assert_true(nth < 1000);
    }
    assert_int_equal(bsti_stack_pool_used(&exec->stacks), 0);
    spare->is_threadless = true;
    bsti_store_release(&spare->exited, 1u);
    bsti_store_release(&exec->workers[1], spare);
    destroy(exec);
}

static void ready_runs_each_poke_once(void **state)
{
    enum { JOBS = 40, POKES = 50 };
    static struct job jobs[JOBS];
    struct bsti_exec *exec;

    (void)state;
    for (uint32_t threads = 1; threads < 5; threads++) {
        exec = create(threads);
        for (int i = 0; i < JOBS; i++)
            job_init(&jobs[i], exec, NULL, 0);
        for (int k = 0; k < POKES; k++)
            for (int i = 0; i < JOBS; i++)
                poke(&jobs[i]);
        for (int i = 0; i < JOBS; i++)
            wait_for(&jobs[i].turns, POKES);
        destroy(exec);
        for (int i = 0; i < JOBS; i++)
            assert_int_equal(jobs[i].turns, POKES);
    }
}

/* What is ready when the end is asked for is run all the same. */
static void quiesce_finishes_what_is_ready(void **state)
{
    enum { JOBS = 3000 };
    static struct job jobs[JOBS];
    struct bsti_exec *exec = create(2);

    (void)state;
    for (int i = 0; i < JOBS; i++)
        job_init(&jobs[i], exec, NULL, 0);
    for (int i = 0; i < JOBS; i++)
        poke(&jobs[i]);
    destroy(exec);
    for (int i = 0; i < JOBS; i++)
        assert_int_equal(jobs[i].turns, 1);
}

/* One worker wakes more processes than its queue holds. */
enum { MANY = 5000 };
static struct job many[MANY];

static void poke_many(struct job *self)
{
    (void)self;
    for (int i = 0; i < MANY; i++)
        poke(&many[i]);
}

static void ready_beyond_the_deque_overflows_to_the_injector(void **state)
{
    static struct job first;

    (void)state;
    for (uint32_t threads = 1; threads < 4; threads++) {
        struct bsti_exec *exec = create(threads);

        for (int i = 0; i < MANY; i++)
            job_init(&many[i], exec, NULL, 0);
        job_init(&first, exec, poke_many, 0);
        poke(&first);
        for (int i = 0; i < MANY; i++)
            wait_for(&many[i].turns, 1);
        destroy(exec);
    }
}

/* ---- suspending ---------------------------------------------------------- */

static void wait_once(struct job *self)
{
    void *gift;

    bsti_store_release((_Atomic uint64_t *)self->arg,
                       bsti_waiter_arm(&self->proc.waiter));
    assert_true(bsti_suspend(&self->proc, bsti_wait_seq(bsti_load_relaxed(
                                              &self->proc.waiter.word))));
    assert_int_equal(bsti_waiter_take(&self->proc.waiter, &gift), 42);
    assert_ptr_equal(gift, self);
}

static void suspend_until_somebody_claims_the_wait(void **state)
{
    struct bsti_exec *exec = create(1);
    _Atomic uint64_t seq = 0;
    static struct job sleeper;
    static struct job other;

    (void)state;
    job_init(&sleeper, exec, wait_once, 0);
    job_init(&other, exec, NULL, 0);
    sleeper.arg = &seq;
    for (uint32_t round = 1; round < 50; round++) {
        enum bsti_claim claim;
        uint64_t number;

        bsti_store_release(&seq, (uint64_t)0);
        poke(&sleeper);
        while (bsti_load_acquire(&seq) == 0)
            bsti_thread_yield();
        number = bsti_load_acquire(&seq);
        /* The only worker serves others meanwhile. */
        if (round % 2 == 0) {
            poke(&other);
            wait_for(&other.turns, round / 2);
        }
        claim = bsti_waiter_claim(&sleeper.proc.waiter, number);
        assert_true(claim != BSTI_CLAIM_LOST);
        bsti_waiter_finish(&sleeper.proc.waiter, number, 42, &sleeper);
        if (claim == BSTI_CLAIM_SUSPENDED)
            bsti_exec_ready(exec, &sleeper.proc);
        wait_for(&sleeper.turns, round);
    }
    destroy(exec);
}

static void yield_100(struct job *self)
{
    struct bsti_worker *before = bsti_worker_current();

    for (int i = 0; i < 100; i++) {
        assert_true(bsti_yield(&self->proc));
        /* A process that holds a stack stays where it is. */
        assert_ptr_equal(bsti_worker_current(), before);
        assert_ptr_equal(bsti_worker_proc(before), &self->proc);
    }
}

static void yield_lets_others_run_and_comes_back(void **state)
{
    enum { JOBS = 8 };
    static struct job jobs[JOBS];
    struct bsti_exec *exec = create(2);

    (void)state;
    for (int i = 0; i < JOBS; i++)
        job_init(&jobs[i], exec, yield_100, 0);
    for (int i = 0; i < JOBS; i++)
        poke(&jobs[i]);
    for (int i = 0; i < JOBS; i++)
        wait_for(&jobs[i].turns, 1);
    destroy(exec);
}

static void abandon(struct job *self)
{
    if (bsti_load_relaxed(&self->pokes) % 2 == 0)
        bsti_yield(&self->proc);
    bsti_abandon(&self->proc);
}

enum { YIELDS = 50, MOST_TURNS = 20000 };
static struct job yielder, busy, helper;

static void yield_often(struct job *self)
{
    for (int i = 0; i < YIELDS; i++)
        assert_true(bsti_yield(&self->proc));
}

/* Is in the queue at all times, and has something in the next-slot between two
 * turns. */
static void wake_helper(struct job *self)
{
    poke(&helper);
    if (bsti_load_relaxed(&yielder.turns) == 0 &&
        bsti_load_relaxed(&self->turns) < MOST_TURNS)
        poke(self);
}

/* They end their turns in time, one of them begun in an odd turn of the worker
 * and one in an even. */
static void resumed_ones_and_the_queue_take_turns(void **state)
{
    (void)state;
    for (int shift = 0; shift < 2; shift++) {
        struct bsti_exec *exec = create(1);
        static struct job first;

        job_init(&first, exec, NULL, 0);
        if (shift == 1)
            poke(&first);
        wait_for(&first.turns, (uint32_t)shift);
        job_init(&yielder, exec, yield_often, 0);
        job_init(&busy, exec, wake_helper, 0);
        job_init(&helper, exec, NULL, 0);
        poke(&yielder);
        poke(&busy);
        wait_for(&yielder.turns, 1);
        print_message("%u turns of the other\n",
                      bsti_load_relaxed(&busy.turns));
        assert_true(bsti_load_relaxed(&busy.turns) < MOST_TURNS);
        destroy(exec);
    }
}

static void abandon_throws_the_frames_away(void **state)
{
    struct bsti_exec *exec = create(2);
    static struct job job;

    (void)state;
    job_init(&job, exec, abandon, 0);
    for (int i = 0; i < 200; i++)
        poke(&job);
    wait_for(&job.abandoned, 200);
    destroy(exec);
    assert_int_equal(job.turns, 0);
}

static void kill_of_a_suspended_process_abandons_it(void **state)
{
    struct bsti_exec *exec = create(2);
    _Atomic uint64_t seq = 0;
    static struct job job;

    (void)state;
    job_init(&job, exec, wait_once, 0);
    job.arg = &seq;
    for (uint32_t round = 1; round < 100; round++) {
        bsti_store_release(&seq, (uint64_t)0);
        poke(&job);
        while (bsti_load_acquire(&seq) == 0)
            bsti_thread_yield();
        assert_false(bsti_proc_signal(&job.proc, BSTI_SIGNAL_KILL));
        if (bsti_proc_cancel_wait(&job.proc, 1))
            bsti_exec_ready(exec, &job.proc);
        wait_for(&job.abandoned, round);
    }
    destroy(exec);
}

/* Uses more stack than the smallest class has. */
static void dig(struct job *self)
{
    volatile char deep[150 * 1024];

    for (size_t i = 0; i < sizeof deep; i += 1024)
        deep[i] = (char)i;
    assert_true(bsti_yield(&self->proc));
    assert_int_equal(deep[1024], 0);
}

static void stack_class_is_what_the_process_wants(void **state)
{
    enum { JOBS = 6 };
    static struct job jobs[JOBS];
    struct bsti_exec *exec = create(2);

    (void)state;
    for (int i = 0; i < JOBS; i++)
        job_init(&jobs[i], exec, i % 2 ? dig : yield_100,
                 i % 2 ? bsti_stack_class(256 * 1024) : 0);
    for (int k = 0; k < 10; k++)
        for (int i = 0; i < JOBS; i++)
            poke(&jobs[i]);
    for (int i = 0; i < JOBS; i++)
        wait_for(&jobs[i].turns, 10);
    destroy(exec);
}

/* ---- alarms -------------------------------------------------------------- */

static void on_alarm(struct bsti_alarm *alarm, bst_time now)
{
    struct job *job = bsti_container_of(alarm, struct job, alarm);

    if (now < job->due)
        abort();
    poke(job);
}

static void arm_once(struct job *self)
{
    if (bsti_load_relaxed(&self->turns) > 0)
        return;
    bsti_alarm_init(&self->alarm, on_alarm);
    self->due = bsti_exec_now(self->exec) + BST_MS(3);
    bsti_alarm_arm(&self->alarm, self->due);
}

static void alarm_fires_while_all_workers_sleep(void **state)
{
    enum { JOBS = 10 };
    static struct job jobs[JOBS];
    struct bsti_exec *exec = create(3);

    (void)state;
    for (int i = 0; i < JOBS; i++) {
        job_init(&jobs[i], exec, arm_once, 0);
        poke(&jobs[i]);
    }
    for (int i = 0; i < JOBS; i++)
        wait_for(&jobs[i].turns, 2);
    destroy(exec);
}

static void arm_and_cancel(struct job *self)
{
    if (bsti_load_relaxed(&self->turns) % 2 == 0) {
        bsti_alarm_init(&self->alarm, on_alarm);
        bsti_alarm_arm(&self->alarm, bsti_exec_now(self->exec) + BST_S(3600));
    } else {
        bsti_alarm_cancel(&self->alarm);
        bsti_alarm_cancel(&self->alarm);
    }
}

static void alarm_cancelled_from_any_worker_never_fires(void **state)
{
    struct bsti_exec *exec = create(3);
    static struct job job;

    (void)state;
    job_init(&job, exec, arm_and_cancel, 0);
    for (uint32_t i = 1; i <= 200; i++) {
        poke(&job);
        wait_for(&job.turns, i);
    }
    destroy(exec);
    assert_int_equal(job.turns, 200);
}

/* ---- counters and blocks ------------------------------------------------- */

static void count_and_alloc(struct job *self)
{
    static const size_t sizes[] = {1, 64, 65, 500, 4096, 4097, 100000};
    struct bsti_worker *worker = bsti_worker_current();

    bsti_exec_count(self->exec, worker, 3, 2);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        void *block = bsti_block_alloc(self->exec, worker, sizes[i]);

        memset(block, 7, sizes[i]);
        bsti_block_free(self->exec, worker, block, sizes[i]);
    }
}

static void counters_sum_workers_and_foreign_threads(void **state)
{
    struct bsti_exec *exec = create(3);
    static struct job jobs[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        job_init(&jobs[i], exec, count_and_alloc, 0);
    for (uint32_t k = 1; k <= 25; k++)
        for (int i = 0; i < 4; i++)
            poke(&jobs[i]);
    for (int i = 0; i < 4; i++)
        wait_for(&jobs[i].turns, 25);
    bsti_exec_count(exec, NULL, 3, 5);
    assert_int_equal(bsti_exec_counter(exec, 3), 205);
    assert_int_equal(bsti_exec_counter(exec, 2), 0);
    destroy(exec);
}

static void blocks_may_be_freed_by_a_foreign_thread(void **state)
{
    struct bsti_exec *exec = create(1);
    void *blocks[200];

    (void)state;
    for (size_t i = 0; i < 200; i++) {
        blocks[i] = bsti_block_alloc(exec, NULL, 1 + i * 30);
        assert_int_equal((uintptr_t)blocks[i] % 16, 0);
        memset(blocks[i], 1, 1 + i * 30);
    }
    for (size_t i = 0; i < 200; i++)
        bsti_block_free(exec, NULL, blocks[i], 1 + i * 30);
    destroy(exec);
}

UNIT_MAIN(cmocka_unit_test(create_and_destroy_leaves_nothing),
          cmocka_unit_test(create_without_memory_leaves_nothing),
          cmocka_unit_test(worker_without_memory_gives_its_stack_back),
          cmocka_unit_test(ready_runs_each_poke_once),
          cmocka_unit_test(quiesce_finishes_what_is_ready),
          cmocka_unit_test(ready_beyond_the_deque_overflows_to_the_injector),
          cmocka_unit_test(suspend_until_somebody_claims_the_wait),
          cmocka_unit_test(yield_lets_others_run_and_comes_back),
          cmocka_unit_test(resumed_ones_and_the_queue_take_turns),
          cmocka_unit_test(abandon_throws_the_frames_away),
          cmocka_unit_test(kill_of_a_suspended_process_abandons_it),
          cmocka_unit_test(stack_class_is_what_the_process_wants),
          cmocka_unit_test(alarm_fires_while_all_workers_sleep),
          cmocka_unit_test(alarm_cancelled_from_any_worker_never_fires),
          cmocka_unit_test(counters_sum_workers_and_foreign_threads),
          cmocka_unit_test(blocks_may_be_freed_by_a_foreign_thread))
