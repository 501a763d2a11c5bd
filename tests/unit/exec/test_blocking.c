/*
 * exec/blocking: laziness, growth, bounds, decay, draining, threads that
 * cannot be had.
 */

#define _GNU_SOURCE

#include "exec/blocking.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/resource.h>
#include <time.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "plat/clock.h"
#include "plat/futex.h"
#include "plat/thread.h"
#include "sync/atomic.h"

#include "unit/unit.h"

#define JOBS 2000
#define PATIENCE BST_S(50)

/* Jobs wait here until so many have come, or until somebody opens it. */
struct gate {
    _Atomic uint32_t come;
    _Atomic uint32_t open; /* a futex */
    uint32_t opens_at;     /* 0: never by itself */
};

static struct bsti_blocking *pool;
static struct bsti_job jobs[JOBS];
static struct gate gate;
static _Atomic uint32_t ran;

static void gate_init(uint32_t opens_at)
{
    bsti_store_relaxed(&gate.come, 0u);
    bsti_store_relaxed(&gate.open, 0u);
    gate.opens_at = opens_at;
}

static void gate_open(void)
{
    bsti_store_release(&gate.open, 1u);
    bsti_futex_wake(&gate.open, JOBS);
}

static void pass_gate(void *arg)
{
    (void)arg;
    if (bsti_fetch_add_acq_rel(&gate.come, 1u) + 1 == gate.opens_at) {
        gate_open();
    }
    while (bsti_load_acquire(&gate.open) == 0) {
        (void)bsti_futex_wait(&gate.open, 0, PATIENCE);
    }
    bsti_fetch_add_acq_rel(&ran, 1u);
}

static void count(void *arg)
{
    (void)arg;
    bsti_fetch_add_acq_rel(&ran, 1u);
}

static void doze(void)
{
    struct timespec span = {0, 1000000};

    (void)nanosleep(&span, NULL);
}

/* Waits until the number of some counter is reached. */
static void wait_for(_Atomic uint32_t *counter, uint32_t number)
{
    bst_time end = bsti_clock_now() + PATIENCE;

    while (bsti_load_acquire(counter) != number) {
        assert_true(bsti_clock_now() < end);
        doze();
    }
}

static void wait_for_threads(uint32_t number)
{
    bst_time end = bsti_clock_now() + PATIENCE;
    struct bsti_blocking_stats stats;

    do {
        assert_true(bsti_clock_now() < end);
        doze();
        bsti_blocking_stats(pool, &stats);
    } while (stats.threads != number);
}

/* The threads of this process, by their names in /proc. */
static uint32_t os_threads(void)
{
    DIR *dir = opendir("/proc/self/task");
    uint32_t number = 0;

    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        number += entry->d_name[0] != '.';
    }
    (void)closedir(dir);
    return number;
}

static void submit(uint32_t first, uint32_t number, void (*fn)(void *arg))
{
    for (uint32_t i = first; i < first + number; i++) {
        jobs[i].fn = fn;
        jobs[i].arg = &jobs[i];
        bsti_blocking_submit(pool, &jobs[i]);
    }
}

static void create(uint32_t min, uint32_t max, bst_time idle_timeout)
{
    struct bsti_blocking_options options = bsti_blocking_default();

    options.min = min;
    options.max = max;
    options.idle_timeout = idle_timeout;
    pool = bsti_blocking_create(&options);
    assert_non_null(pool);
    gate_init(0);
    bsti_store_relaxed(&ran, 0u);
}

/* Drains and checks that everything submitted was done. */
static void finish(void)
{
    struct bsti_blocking_stats stats;

    assert_true(bsti_blocking_stop(pool, PATIENCE));
    bsti_blocking_stats(pool, &stats);
    assert_int_equal(stats.threads, 0);
    assert_int_equal(stats.busy, 0);
    assert_int_equal(stats.queued, 0);
    assert_int_equal(stats.done, stats.submitted);
    bsti_blocking_destroy(pool);
    assert_int_equal(bsti_alloc_balance(), 0);
}

static void unused_pool_has_no_thread(void **state)
{
    uint32_t before = os_threads();

    (void)state;
    create(2, 8, BST_S(1));
    assert_int_equal(os_threads(), before);
    finish();
}

static void b136_jobs_run_once_each(void **state)
{
    (void)state;
    create(2, 8, BST_S(1));
    submit(0, JOBS, count);
    wait_for(&ran, JOBS);
    finish();
    assert_int_equal(bsti_load_relaxed(&ran), JOBS);
}

static uint32_t order[JOBS];
static uint32_t order_length;

static void note_order(void *arg)
{
    order[order_length++] = (uint32_t)((struct bsti_job *)arg - jobs);
}

static void one_thread_runs_jobs_in_order(void **state)
{
    (void)state;
    create(1, 1, BST_S(1));
    order_length = 0;
    submit(0, JOBS, note_order);
    finish();
    assert_int_equal(order_length, JOBS);
    for (uint32_t i = 0; i < JOBS; i++) {
        assert_int_equal(order[i], i);
    }
}

/* None of them ends before all have begun. */
static void waiting_jobs_get_threads_at_once(void **state)
{
    struct bsti_blocking_stats stats;

    (void)state;
    create(0, 64, BST_S(1));
    gate_init(40);
    submit(0, 40, pass_gate);
    wait_for(&ran, 40);
    bsti_blocking_stats(pool, &stats);
    assert_in_range(stats.peak, 40, 64);
    finish();
}

/* Two jobs at a time meet; idle threads are woken for the second, too. */
static void idle_threads_are_woken_for_each_job(void **state)
{
    (void)state;
    create(2, 4, BST_S(1));
    for (uint32_t i = 0; i < 200; i++) {
        gate_init(4);
        submit(0, 4, pass_gate);
        wait_for(&ran, 4 * (i + 1));
    }
    finish();
}

static void b136_threads_stay_within_max(void **state)
{
    struct bsti_blocking_stats stats;

    (void)state;
    create(1, 4, BST_S(1));
    submit(0, 50, pass_gate);
    wait_for(&gate.come, 4);
    for (int i = 0; i < 50; i++) {
        doze();
    }
    bsti_blocking_stats(pool, &stats);
    assert_int_equal(bsti_load_relaxed(&gate.come), 4);
    assert_int_equal(stats.threads, 4);
    assert_int_equal(stats.busy, 4);
    assert_int_equal(stats.queued, 46);
    gate_open();
    finish();
    assert_int_equal(bsti_load_relaxed(&ran), 50);
}

static void b136_pool_shrinks_to_min_and_grows_again(void **state)
{
    struct bsti_blocking_stats stats;

    (void)state;
    create(3, 32, BST_MS(50));
    for (uint32_t round = 1; round <= 3; round++) {
        gate_init(20);
        submit(0, 20, pass_gate);
        wait_for(&ran, 20 * round);
        wait_for_threads(3);
    }
    bsti_blocking_stats(pool, &stats);
    assert_in_range(stats.peak, 20, 32);
    finish();
}

/* One job starts one thread; the predictor adds the rest. */
static void pool_fills_up_to_min(void **state)
{
    (void)state;
    create(5, 32, BST_MS(50));
    submit(0, 1, count);
    wait_for_threads(5);
    finish();
}

static void pool_without_min_ends_all_threads(void **state)
{
    (void)state;
    create(0, 8, BST_MS(50));
    submit(0, 8, count);
    wait_for(&ran, 8);
    wait_for_threads(0);
    submit(0, 8, count);
    wait_for(&ran, 16);
    finish();
}

/* Times that threads of this process went to sleep. */
static long sleeps(void)
{
    struct rusage usage;

    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_nvcsw;
}

static void idle_pool_sleeps(void **state)
{
    struct timespec span = {0, 300000000};
    long before;

    (void)state;
    if (BSTI_TSAN) {
        skip(); /* its futex waits are cut short */
    }
    create(2, 32, BST_MS(50));
    gate_init(20);
    submit(0, 20, pass_gate);
    wait_for(&ran, 20);
    wait_for_threads(2);
    /* The last one may be on its way out, and the manager looks once more. */
    (void)nanosleep(&span, NULL);
    before = sleeps();
    (void)nanosleep(&span, NULL);
    assert_in_range(sleeps() - before, 0, 2);
    finish();
}

static void submit_again(void *arg)
{
    struct bsti_job *job = arg;

    if (job < &jobs[500]) {
        job[1].fn = submit_again;
        job[1].arg = &job[1];
        bsti_blocking_submit(pool, &job[1]);
    }
    count(NULL);
}

static void stop_runs_what_jobs_submit(void **state)
{
    (void)state;
    create(1, 3, BST_S(1));
    submit(0, 1, submit_again);
    finish();
    assert_int_equal(bsti_load_relaxed(&ran), 501);
}

static void stop_has_a_deadline(void **state)
{
    (void)state;
    create(1, 1, BST_S(1));
    submit(0, 100, pass_gate);
    wait_for(&gate.come, 1);
    assert_false(bsti_blocking_stop(pool, 0));
    assert_false(bsti_blocking_stop(pool, BST_MS(10)));
    assert_int_equal(bsti_load_relaxed(&ran), 0);
    gate_open();
    finish();
    assert_int_equal(bsti_load_relaxed(&ran), 100);
}

static void stop_twice_is_harmless(void **state)
{
    (void)state;
    create(1, 1, BST_S(1));
    submit(0, 1, count);
    assert_true(bsti_blocking_stop(pool, BST_INFINITE));
    finish();
}

static void free_job(void *arg)
{
    free(arg);
    count(NULL);
}

static void job_may_free_itself(void **state)
{
    (void)state;
    create(2, 4, BST_S(1));
    for (int i = 0; i < 100; i++) {
        struct bsti_job *job = malloc(sizeof(*job));

        assert_non_null(job);
        job->fn = free_job;
        job->arg = job;
        bsti_blocking_submit(pool, job);
    }
    finish();
    assert_int_equal(bsti_load_relaxed(&ran), 100);
}

static char seen_name[BSTI_THREAD_NAME_SIZE];
static sigset_t seen_mask;

static void look_around(void *arg)
{
    (void)arg;
    (void)pthread_getname_np(pthread_self(), seen_name, sizeof(seen_name));
    (void)pthread_sigmask(SIG_SETMASK, NULL, &seen_mask);
    count(NULL);
}

static void threads_have_name_and_mask(void **state)
{
    (void)state;
    create(1, 1, BST_S(1));
    submit(0, 1, look_around);
    finish();
    assert_string_equal(seen_name, "bastion-blk");
    assert_true(sigismember(&seen_mask, SIGINT));
    assert_true(sigismember(&seen_mask, SIGTERM));
    assert_true(sigismember(&seen_mask, SIGUSR1));
    assert_false(sigismember(&seen_mask, SIGSEGV));
    assert_false(sigismember(&seen_mask, SIGFPE));
    assert_false(sigismember(&seen_mask, SIGABRT));
}

static _Thread_local jmp_buf landing;
static _Atomic uint32_t failed;

static void contain(struct bsti_job *job, void *arg)
{
    _Atomic uint32_t *failures = arg;

    if (setjmp(landing) == 0) {
        job->fn(job->arg);
    } else {
        bsti_fetch_add_acq_rel(failures, 1u);
    }
}

static void fail_now(void *arg)
{
    (void)arg;
    longjmp(landing, 1);
}

static void hook_keeps_the_thread_alive(void **state)
{
    struct bsti_blocking_options options = bsti_blocking_default();
    struct bsti_blocking_stats stats;

    (void)state;
    options.run = contain;
    options.arg = &failed;
    options.max = 2;
    pool = bsti_blocking_create(&options);
    assert_non_null(pool);
    bsti_store_relaxed(&ran, 0u);
    bsti_store_relaxed(&failed, 0u);
    submit(0, 500, fail_now);
    submit(500, 500, count);
    wait_for(&failed, 500);
    wait_for(&ran, 500);
    bsti_blocking_stats(pool, &stats);
    assert_in_range(stats.threads, 1, 2);
    finish();
}

static void create_without_memory_fails(void **state)
{
    struct bsti_blocking_options options = bsti_blocking_default();

    (void)state;
    for (uint64_t nth = 1; nth <= 2; nth++) {
        bsti_alloc_fail_at(nth);
        assert_null(bsti_blocking_create(&options));
    }
    bsti_alloc_fail_at(0);
    options.stack_bytes = SIZE_MAX;
    assert_null(bsti_blocking_create(&options));
    options.stack_bytes = 0;
    assert_null(bsti_blocking_create(&options));
    assert_int_equal(bsti_alloc_balance(), 0);
}

static void create_moves_values_into_bounds(void **state)
{
    (void)state;
    create(9, 0, 0);
    gate_init(1);
    submit(0, 10, pass_gate);
    finish();
    assert_int_equal(bsti_load_relaxed(&ran), 10);
}

/* ---- threads that cannot be had; each in a process of its own ------------ */

#define BIG_STACK ((size_t)256 << 20)

/* Leaves so many bytes of address space. */
static void leave_room(rlim_t bytes)
{
    FILE *file = fopen("/proc/self/statm", "r");
    struct rlimit limit;
    unsigned long pages = 0;

    if (file == NULL || fscanf(file, "%lu", &pages) != 1) {
        _exit(2);
    }
    (void)fclose(file);
    (void)getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + bytes;
    if (setrlimit(RLIMIT_AS, &limit) != 0) {
        _exit(3);
    }
}

static void create_big(void)
{
    struct bsti_blocking_options options = bsti_blocking_default();

    options.stack_bytes = BIG_STACK;
    pool = bsti_blocking_create(&options);
    if (pool == NULL) {
        _exit(4);
    }
}

/* Stops the pool and ends with `status` if `number` jobs have run. */
static void end_with(uint32_t number, int status)
{
    if (!bsti_blocking_stop(pool, PATIENCE) ||
        bsti_load_relaxed(&ran) != number) {
        _exit(5);
    }
    bsti_blocking_destroy(pool);
    _exit(status);
}

static void without_any_thread(void *arg)
{
    struct bsti_blocking_stats stats;
    struct rlimit limit;

    (void)arg;
    create_big();
    leave_room(BIG_STACK / 2);
    submit(0, 20, count);
    for (int i = 0; i < 100; i++) {
        doze();
    }
    bsti_blocking_stats(pool, &stats);
    if (stats.queued != 20 || stats.threads != 0) {
        _exit(6);
    }
    (void)getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_AS, &limit);
    end_with(20, 10);
}

static void with_one_thread(void *arg)
{
    struct bsti_blocking_stats stats;

    (void)arg;
    create_big();
    leave_room(BIG_STACK + BIG_STACK / 2);
    for (uint32_t i = 0; i < 20; i++) {
        submit(10 * i, 10, count);
        doze();
    }
    wait_for(&ran, 200);
    bsti_blocking_stats(pool, &stats);
    if (stats.peak != 1) {
        _exit(7);
    }
    end_with(200, 11);
}

static void check_shortage(void (*fn)(void *arg), int status)
{
    static const char line[] = "a thread for blocking jobs could not";
    char text[1000];
    char *first;

    if (BSTI_ASAN || BSTI_TSAN) {
        skip(); /* they need the address space */
    }
    assert_true(unit_exited(unit_fork(fn, NULL, text, sizeof(text)), status));
    first = strstr(text, line);
    assert_non_null(first);
    assert_null(strstr(first + 1, line));
}

static void jobs_wait_until_a_thread_can_be_had(void **state)
{
    (void)state;
    bsti_store_relaxed(&ran, 0u);
    check_shortage(without_any_thread, 10);
}

static void jobs_run_on_the_threads_there_are(void **state)
{
    (void)state;
    bsti_store_relaxed(&ran, 0u);
    check_shortage(with_one_thread, 11);
}

UNIT_MAIN(cmocka_unit_test(jobs_wait_until_a_thread_can_be_had),
          cmocka_unit_test(jobs_run_on_the_threads_there_are),
          cmocka_unit_test(unused_pool_has_no_thread),
          cmocka_unit_test(b136_jobs_run_once_each),
          cmocka_unit_test(one_thread_runs_jobs_in_order),
          cmocka_unit_test(waiting_jobs_get_threads_at_once),
          cmocka_unit_test(idle_threads_are_woken_for_each_job),
          cmocka_unit_test(b136_threads_stay_within_max),
          cmocka_unit_test(b136_pool_shrinks_to_min_and_grows_again),
          cmocka_unit_test(pool_fills_up_to_min),
          cmocka_unit_test(pool_without_min_ends_all_threads),
          cmocka_unit_test(idle_pool_sleeps),
          cmocka_unit_test(stop_runs_what_jobs_submit),
          cmocka_unit_test(stop_has_a_deadline),
          cmocka_unit_test(stop_twice_is_harmless),
          cmocka_unit_test(job_may_free_itself),
          cmocka_unit_test(threads_have_name_and_mask),
          cmocka_unit_test(hook_keeps_the_thread_alive),
          cmocka_unit_test(create_without_memory_fails),
          cmocka_unit_test(create_moves_values_into_bounds))
