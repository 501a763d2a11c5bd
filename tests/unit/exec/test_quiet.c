/*
 * exec: what a burst leaves behind goes away when all is quiet again: memory
 * of stacks, in the pool and in the caches of the workers; and nobody waits
 * for long behind those who always have work, or for one who keeps away.
 */

#include "exec/load.h"
#include "exec/worker.h"
#include "unit/exec/job.h"

#include <unistd.h>

#include "base/alloc.h"
#include "plat/clock.h"

enum {
    MANY = BSTI_TSAN ? 1000 : 10000, /* it allows 8,000 fibers */
    TOUCHED = 16 * 1024              /* bytes of each stack */
};

static struct bsti_exec *exec;
static _Atomic uint64_t seqs[MANY];
static struct job jobs[MANY];
static _Atomic uint32_t suspended;

static void begin(uint32_t threads, bst_time quiet)
{
    struct bsti_exec_options options = {.threads = threads,
                                        .stack_quiet = quiet};

    exec = bsti_exec_create(&options);
    assert_non_null(exec);
}

/* Pages in RAM. */
static long resident(void)
{
    long size;
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    if (!file)
        return 0;
    if (fscanf(file, "%ld %ld", &size, &pages) != 2)
        pages = 0;
    fclose(file);
    return pages;
}

BSTI_NOINLINE static void touch(void)
{
    volatile char frame[TOUCHED];

    for (int i = 0; i < TOUCHED; i += 512)
        frame[i] = (char)(i > 0 ? frame[i - 512] + 1 : 0);
}

static void wait_on_a_used_stack(struct job *self)
{
    uint64_t seq = bsti_waiter_arm(&self->proc.waiter);
    void *gift;

    touch();
    bsti_store_release((_Atomic uint64_t *)self->arg, seq);
    bsti_fetch_add_release(&suspended, 1u);
    assert_true(bsti_suspend(&self->proc, seq));
    assert_int_equal(bsti_waiter_take(&self->proc.waiter, &gift), 1);
}

static void answer(struct job *job)
{
    uint64_t seq = bsti_load_acquire((_Atomic uint64_t *)job->arg);
    enum bsti_claim claim = bsti_waiter_claim(&job->proc.waiter, seq);

    assert_true(claim != BSTI_CLAIM_LOST);
    bsti_waiter_finish(&job->proc.waiter, seq, 1, NULL);
    if (claim == BSTI_CLAIM_SUSPENDED)
        bsti_exec_ready(exec, &job->proc);
}

static void suspend_all(void)
{
    bsti_store_relaxed(&suspended, 0u);
    for (int i = 0; i < MANY; i++) {
        job_init(&jobs[i], exec, wait_on_a_used_stack, 0);
        jobs[i].arg = &seqs[i];
        poke(&jobs[i]);
    }
    wait_for(&suspended, MANY);
}

static void stacks_of_a_burst_give_their_memory_back(void **state)
{
    long before;
    long most;
    bst_time until;

    (void)state;
    begin(2, BST_MS(100));
    suspend_all();
    most = resident();
    before = most - (long)MANY * TOUCHED / sysconf(_SC_PAGESIZE);
    for (int i = 0; i < MANY; i++)
        answer(&jobs[i]);
    for (int i = 0; i < MANY; i++)
        wait_for(&jobs[i].turns, 1);
    /* Nobody does anything any more: the executor sees to it by itself. */
    until = bsti_clock_now() + BST_S(60);
    while (bsti_stack_pool_used(&exec->stacks) > 0) {
        assert_true(bsti_clock_now() < until);
        bsti_thread_sleep(BST_MS(10));
    }
    print_message("resident: %ld pages less, of %ld\n", most - resident(),
                  most - before);
#if !BSTI_ASAN && !BSTI_TSAN
    /* A tenth is for whatever else has come meanwhile. */
    assert_true(most - resident() >= (most - before) / 10 * 9);
#endif
    /* The caches of the workers have been given back as well. */
    destroy(exec);
    assert_int_equal(bsti_alloc_balance(), 0);
}

/* Sleeps now and then, so that a stack is in use all the time. */
static void nap_40_times(struct job *self)
{
    for (int i = 0; i < 40; i++) {
        uint64_t seq = bsti_waiter_arm(&self->proc.waiter);
        void *gift;

        assert_true(bsti_suspend_for(&self->proc, seq, BST_MS(5), 1));
        assert_int_equal(bsti_waiter_take(&self->proc.waiter, &gift), 1);
    }
}

static void stacks_go_while_others_are_at_work(void **state)
{
    static struct job napper;

    (void)state;
    begin(2, BST_MS(20));
    suspend_all();
    for (int i = 0; i < MANY; i++)
        answer(&jobs[i]);
    job_init(&napper, exec, nap_40_times, 0);
    poke(&napper);
    for (int i = 0; i < MANY; i++)
        wait_for(&jobs[i].turns, 1);
    wait_for(&napper.turns, 1);
    /* What the workers keep and what comes and goes is a handful. */
    while (bsti_stack_pool_used(&exec->stacks) > 64) {
        poke(&napper);
        bsti_thread_sleep(BST_MS(5));
    }
    destroy(exec);
    assert_int_equal(bsti_alloc_balance(), 0);
}

/* ---- waiting behind others ----------------------------------------------- */

enum { BUSY = 500, ROUNDS = 200 };
static struct job busy[BUSY];
static struct job prompt;
static _Atomic uint32_t ended;
static uint64_t turns;          /* of the only worker */
static _Atomic uint64_t waited; /* turns, the longest time */
static uint64_t poked_at;

static void work_on(struct job *self)
{
    turns++;
    if (bsti_load_relaxed(&ended))
        return;
    bsti_fetch_add_relaxed(&self->pokes, 1u);
    /* One of them wakes the one that is to be served soon. */
    if (self == &busy[7] && bsti_load_acquire(&prompt.pokes) == 0) {
        poked_at = turns;
        poke(&prompt);
    }
}

static void be_served(struct job *self)
{
    uint64_t n = turns - poked_at;

    if (n > bsti_load_relaxed(&waited))
        bsti_store_relaxed(&waited, n);
    if (bsti_load_relaxed(&self->turns) + 1 == ROUNDS)
        bsti_store_release(&ended, 1u);
}

static void nobody_waits_for_more_than_a_round(void **state)
{
    (void)state;
    begin(1, 0);
    bsti_store_relaxed(&ended, 0u);
    bsti_store_relaxed(&waited, UINT64_C(0));
    job_init(&prompt, exec, be_served, 0);
    for (int i = 0; i < BUSY; i++)
        job_init(&busy[i], exec, work_on, 0);
    for (int i = 0; i < BUSY; i++)
        poke(&busy[i]);
    wait_for(&prompt.turns, ROUNDS);
    for (int i = 0; i < BUSY; i++)
        while (bsti_load_acquire(&busy[i].pokes) > 0)
            bsti_thread_yield();
    destroy(exec);
    print_message("the longest wait was %u turns\n",
                  (unsigned)bsti_load_relaxed(&waited));
    assert_in_range(bsti_load_relaxed(&waited), 0, BUSY + 1);
}

/* ---- a worker that keeps away -------------------------------------------- */

static _Atomic uint32_t away; /* one worker steals nothing for a while */
static struct job help;

/* Ends when another worker is busy, and is then the last to go to sleep. */
static void keep_away(struct job *self)
{
    struct bsti_worker *worker = bsti_worker_current();

    while (!bsti_load_acquire((_Atomic uint32_t *)self->arg))
        bsti_thread_yield();
    bsti_thread_sleep(BST_MS(20)); /* the third one is asleep by now */
    worker->no_steal_until = bsti_clock_now() + BST_S(4);
    bsti_store_release(&away, worker->index + 1);
}

/* Only the third worker can run the help: the first may not steal, and this one
 * does not come back before. */
static void need_help(struct job *self)
{
    bst_time from;

    bsti_store_release((_Atomic uint32_t *)self->arg, 1u);
    while (!bsti_load_acquire(&away) ||
           !bsti_load_relaxed(
               &bsti_exec_worker(exec, bsti_load_relaxed(&away) - 1)->parked))
        bsti_thread_yield();
    from = bsti_clock_now();
    /* So that it goes into the queue, and somebody is woken. */
    bsti_store_relaxed(&bsti_worker_current()->share, (uint32_t)BSTI_SHARE_ALL);
    poke(&help);
    wait_for(&help.turns, 1);
    print_message("helped after %lld ms\n",
                  (long long)((bsti_clock_now() - from) / BST_MS(1)));
    assert_true(bsti_clock_now() - from < BST_S(3));
}

static void wake_up_of_one_who_keeps_away_is_passed_on(void **state)
{
    static _Atomic uint32_t is_busy;
    static struct job first;
    static struct job second;

    (void)state;
    begin(3, 0);
    bsti_store_relaxed(&away, 0u);
    bsti_store_relaxed(&is_busy, 0u);
    job_init(&help, exec, NULL, 0);
    job_init(&first, exec, keep_away, 0);
    job_init(&second, exec, need_help, 0);
    first.arg = &is_busy;
    second.arg = &is_busy;
    poke(&first);
    poke(&second);
    wait_for(&second.turns, 1);
    destroy(exec);
    assert_int_equal(bsti_alloc_balance(), 0);
}

UNIT_MAIN(cmocka_unit_test(stacks_of_a_burst_give_their_memory_back),
          cmocka_unit_test(stacks_go_while_others_are_at_work),
          cmocka_unit_test(nobody_waits_for_more_than_a_round),
          cmocka_unit_test(wake_up_of_one_who_keeps_away_is_passed_on))
