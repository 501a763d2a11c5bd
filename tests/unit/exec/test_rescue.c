/*
 * exec/rescue: suspended processes whose worker is kept by another handler.
 *
 * Each test has one job suspend on a worker and another one keep that worker
 * until the first has gone on, which it can do nowhere but elsewhere.
 */

#include "exec/worker.h"
#include "unit/exec/job.h"

#include "base/alloc.h"
#include "plat/barrier.h"
#include "plat/clock.h"

static struct bsti_exec *exec;
static struct job keeper;
static _Atomic uint32_t released;
static struct bsti_worker *_Atomic kept; /* by the keeper */
static bool keeper_sleeps;

static void begin(uint32_t threads)
{
    struct bsti_exec_options options = {.threads = threads};

    if (!bsti_barrier_prepare())
        skip();
    exec = bsti_exec_create(&options);
    assert_non_null(exec);
    bsti_store_relaxed(&released, 0u);
    bsti_store_relaxed(&kept, NULL);
    keeper_sleeps = false;
}

static void end(void)
{
    bsti_store_release(&released, 1u);
    wait_for(&keeper.turns, 1);
    destroy(exec);
    assert_int_equal(bsti_alloc_balance(), 0);
}

static void keep(struct job *self)
{
    (void)self;
    bsti_store_release(&kept, bsti_worker_current());
    while (!bsti_load_acquire(&released)) {
        if (keeper_sleeps)
            bsti_thread_sleep(BST_MS(1));
        else
            bsti_cpu_relax();
    }
}

/* Puts the keeper into the next-slot of the worker that this job is about to
 * leave. */
static void keep_this_worker(void)
{
    job_init(&keeper, exec, keep, 0);
    poke(&keeper);
}

static void assert_moved(void)
{
    struct bsti_worker *worker = bsti_load_acquire(&kept);

    assert_non_null(worker);
    assert_ptr_not_equal(bsti_worker_current(), worker);
    bsti_store_release(&released, 1u);
}

/* ---- ways to wait -------------------------------------------------------- */

static void wait_with_limit(struct job *self)
{
    bst_time from = bsti_clock_now();
    uint64_t seq;
    void *gift;

    keep_this_worker();
    seq = bsti_waiter_arm(&self->proc.waiter);
    assert_true(bsti_suspend_for(&self->proc, seq, BST_MS(30), 5));
    assert_int_equal(bsti_waiter_take(&self->proc.waiter, &gift), 5);
    assert_true(bsti_clock_now() - from >= BST_MS(30));
    print_message("went on after %lld ms\n",
                  (long long)((bsti_clock_now() - from) / BST_MS(1)));
    assert_moved();
    /* It is at home there now. */
    seq = bsti_waiter_arm(&self->proc.waiter);
    assert_true(bsti_suspend_for(&self->proc, seq, BST_MS(1), 6));
    assert_int_equal(bsti_waiter_take(&self->proc.waiter, &gift), 6);
}

static void yield(struct job *self)
{
    keep_this_worker();
    assert_true(bsti_yield(&self->proc));
    assert_moved();
}

static void wait_for_answer(struct job *self)
{
    uint64_t seq = bsti_waiter_arm(&self->proc.waiter);
    void *gift;

    keep_this_worker();
    bsti_store_release((_Atomic uint64_t *)self->arg, seq);
    assert_true(bsti_suspend(&self->proc, seq));
    assert_int_equal(bsti_waiter_take(&self->proc.waiter, &gift), 42);
    assert_moved();
}

static void run_one(uint32_t threads, void (*fn)(struct job *self))
{
    static struct job job;

    begin(threads);
    job_init(&job, exec, fn, 0);
    poke(&job);
    wait_for(&job.turns, 1);
    end();
}

static void time_limit_on_a_stuck_worker_fires(void **state)
{
    (void)state;
    run_one(2, wait_with_limit);
}

static void yielded_process_of_a_stuck_worker_moves(void **state)
{
    (void)state;
    run_one(2, yield);
}

static void process_of_the_only_worker_moves_to_a_spare(void **state)
{
    (void)state;
    run_one(1, wait_with_limit);
    run_one(1, yield);
}

static void worker_in_a_system_call_is_stuck_as_well(void **state)
{
    static struct job job;

    (void)state;
    begin(2);
    keeper_sleeps = true;
    job_init(&job, exec, wait_with_limit, 0);
    poke(&job);
    wait_for(&job.turns, 1);
    end();
}

/* ---- woken from outside -------------------------------------------------- */

/* Starts `job` and returns its wait once its worker is kept. */
static uint64_t suspend_one(struct job *job, _Atomic uint64_t *seq)
{
    bsti_store_relaxed(seq, UINT64_C(0));
    job_init(job, exec, wait_for_answer, 0);
    job->arg = seq;
    poke(job);
    while (!bsti_load_acquire(&kept))
        bsti_thread_yield();
    return bsti_load_acquire(seq);
}

static void answered_process_of_a_stuck_worker_moves(void **state)
{
    static _Atomic uint64_t seq;
    static struct job job;
    enum bsti_claim claim;
    uint64_t number;

    (void)state;
    begin(2);
    number = suspend_one(&job, &seq);
    claim = bsti_waiter_claim(&job.proc.waiter, number);
    assert_int_equal(claim, BSTI_CLAIM_SUSPENDED);
    bsti_waiter_finish(&job.proc.waiter, number, 42, NULL);
    bsti_exec_ready(exec, &job.proc);
    wait_for(&job.turns, 1);
    end();
}

static void killed_process_of_a_stuck_worker_is_dismantled_elsewhere(void **st)
{
    static _Atomic uint64_t seq;
    static struct job job;

    (void)st;
    begin(2);
    (void)suspend_one(&job, &seq);
    assert_false(bsti_proc_signal(&job.proc, BSTI_SIGNAL_KILL));
    assert_true(bsti_proc_cancel_wait(&job.proc, BST_DEAD));
    bsti_exec_ready(exec, &job.proc);
    wait_for(&job.abandoned, 1);
    end();
}

/* ---- at the wrong moment ------------------------------------------------- */

static struct job *_Atomic behind; /* must not go on meanwhile */

/* Keeps the worker inside of its bias for longer than it takes to be rescued,
 * and then outside of it. */
static void keep_inside(struct job *self)
{
    struct bsti_worker *worker = bsti_worker_current();
    bst_time until = bsti_clock_now() + BST_MS(250);

    bsti_bias_enter(&worker->bias);
    bsti_store_release(&kept, worker);
    while (bsti_clock_now() < until) {
        struct job *job = bsti_load_acquire(&behind);

        assert_true(!job || bsti_load_acquire(&job->turns) == 0);
        bsti_cpu_relax();
    }
    bsti_bias_leave(&worker->bias);
    keep(self);
}

static void wait_behind_a_bias(struct job *self)
{
    uint64_t seq;
    void *gift;

    job_init(&keeper, exec, keep_inside, 0);
    poke(&keeper);
    seq = bsti_waiter_arm(&self->proc.waiter);
    bsti_store_release((_Atomic uint64_t *)self->arg, seq);
    /* The limit is in no wheel yet when the keeper begins. */
    assert_true(bsti_suspend_for(&self->proc, seq, BST_S(60), 5));
    assert_int_equal(bsti_waiter_take(&self->proc.waiter, &gift), 42);
}

/* Its time limit cannot be told from a wheel's as long as the worker may be
 * changing the list in which it stands. */
static void nobody_moves_while_the_worker_is_inside(void **state)
{
    static _Atomic uint64_t seq;
    static struct job job;
    uint64_t number;

    (void)state;
    begin(2);
    bsti_store_relaxed(&seq, UINT64_C(0));
    bsti_store_relaxed(&behind, NULL);
    job_init(&job, exec, wait_behind_a_bias, 0);
    job.arg = &seq;
    poke(&job);
    while (!bsti_load_acquire(&kept))
        bsti_thread_yield();
    bsti_store_release(&behind, &job);
    number = bsti_load_acquire(&seq);
    assert_int_equal(bsti_waiter_claim(&job.proc.waiter, number),
                     BSTI_CLAIM_SUSPENDED);
    bsti_waiter_finish(&job.proc.waiter, number, 42, NULL);
    bsti_exec_ready(exec, &job.proc);
    wait_for(&job.turns, 1);
    end();
}

/* ---- woken by timers ----------------------------------------------------- */

enum { TIMERS = 8 };
static struct job urgent[TIMERS];
static _Atomic uint32_t were_urgent;

static void wake(struct bsti_alarm *alarm, bst_time now)
{
    (void)now;
    poke(bsti_container_of(alarm, struct job, alarm));
}

/* Blocks in system calls, so that nobody is rescued before a second is over:
 * the others have to be fetched earlier. */
static void wait_for_urgent(struct job *self)
{
    struct bsti_worker *worker = bsti_worker_current();
    bst_time from = bsti_clock_now();

    (void)self;
    bsti_store_relaxed(&were_urgent, bsti_load_relaxed(&worker->urgent));
    for (int i = 0; i < TIMERS; i++)
        while (bsti_load_acquire(&urgent[i].turns) == 0)
            bsti_thread_sleep(BST_MS(20));
    print_message("%u urgent ones ran after %lld ms\n",
                  bsti_load_relaxed(&were_urgent),
                  (long long)((bsti_clock_now() - from) / BST_MS(1)));
    assert_true(bsti_clock_now() - from < BST_MS(900));
}

/* Has the timers fire right before the keeper runs here. */
static void arm_timers(struct job *self)
{
    struct bsti_worker *worker = bsti_worker_current();
    bst_time due = bsti_clock_now();

    (void)self;
    job_init(&keeper, exec, wait_for_urgent, 0);
    poke(&keeper);
    for (int i = 0; i < TIMERS; i++) {
        job_init(&urgent[i], exec, NULL, 0);
        bsti_alarm_init(&urgent[i].alarm, wake);
        bsti_alarm_arm(&urgent[i].alarm, due);
    }
    while (bsti_clock_now() < due + BST_MS(1) / 4)
        bsti_cpu_relax();
    bsti_store_relaxed(&worker->until_sample, 1u);
}

static void urgent_ones_do_not_wait_for_a_stuck_worker(void **state)
{
    static struct job job;

    (void)state;
    for (int i = 0; i < 20; i++) {
        begin(2);
        job_init(&job, exec, arm_timers, 0);
        poke(&job);
        wait_for(&job.turns, 1);
        end();
        /* On a busy machine the monitor may have been faster. */
        if (bsti_load_relaxed(&were_urgent) > 0)
            return;
    }
    fail();
}

/* ---- many ---------------------------------------------------------------- */

enum { MANY = 200, NAPS = 200 };
static struct job sleepers[MANY];
static _Atomic uint32_t begun;
static _Atomic uint32_t moved;

/* Some of them are in the wheel, some in no wheel yet, some yield. */
static void nap_often(struct job *self)
{
    for (int i = 0; i < NAPS; i++) {
        struct bsti_worker *before = bsti_worker_current();

        if (i == 0)
            bsti_fetch_add_release(&begun, 1u);
        if (i % 2 == 0) {
            uint64_t seq = bsti_waiter_arm(&self->proc.waiter);
            void *gift;

            assert_true(bsti_suspend_for(&self->proc, seq, BST_MS(4), 5));
            assert_int_equal(bsti_waiter_take(&self->proc.waiter, &gift), 5);
        } else {
            assert_true(bsti_yield(&self->proc));
        }
        if (bsti_worker_current() != before)
            bsti_fetch_add_relaxed(&moved, 1u);
    }
}

static void keep_for_a_while(struct job *self)
{
    bst_time until = bsti_clock_now() + BST_MS(160);

    (void)self;
    while (bsti_clock_now() < until)
        bsti_cpu_relax();
}

static void workers_that_come_back_find_nothing_lost(void **state)
{
    enum { KEEPERS = 6 };
    static struct job keepers[KEEPERS];

    (void)state;
    begin(3);
    for (int i = 0; i < MANY; i++) {
        job_init(&sleepers[i], exec, nap_often, 0);
        poke(&sleepers[i]);
    }
    wait_for(&begun, MANY);
    /* Two of three workers are kept at a time, for 0.5 s in all. */
    for (int i = 0; i < KEEPERS; i++) {
        job_init(&keepers[i], exec, keep_for_a_while, 0);
        poke(&keepers[i]);
        bsti_thread_sleep(BST_MS(80));
    }
    for (int i = 0; i < MANY; i++)
        wait_for(&sleepers[i].turns, 1);
    for (int i = 0; i < KEEPERS; i++)
        wait_for(&keepers[i].turns, 1);
    print_message("moved %u times\n", bsti_load_relaxed(&moved));
    destroy(exec);
    assert_int_equal(bsti_alloc_balance(), 0);
}

UNIT_MAIN(
    cmocka_unit_test(time_limit_on_a_stuck_worker_fires),
    cmocka_unit_test(yielded_process_of_a_stuck_worker_moves),
    cmocka_unit_test(process_of_the_only_worker_moves_to_a_spare),
    cmocka_unit_test(worker_in_a_system_call_is_stuck_as_well),
    cmocka_unit_test(answered_process_of_a_stuck_worker_moves),
    cmocka_unit_test(killed_process_of_a_stuck_worker_is_dismantled_elsewhere),
    cmocka_unit_test(nobody_moves_while_the_worker_is_inside),
    cmocka_unit_test(urgent_ones_do_not_wait_for_a_stuck_worker),
    cmocka_unit_test(workers_that_come_back_find_nothing_lost))
