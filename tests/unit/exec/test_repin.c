/*
 * exec/repin: workers that retire and come back as the machine changes, on an
 * imaginary one whose affinity mask and quota the test sets.
 */

#define _XOPEN_SOURCE 700

#include <bastion/system.h>

#include "exec/worker.h"
#include "unit/exec/job.h"

#include <pthread.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "plat/clock.h"

enum { WORKERS = 8 };

static _Atomic uint64_t allowed;
static _Atomic uint32_t quota;
static _Atomic uint32_t hopping;
static struct bsti_exec *exec;

static void get_mask(void *arg, struct bsti_cpu_mask *mask)
{
    (void)arg;
    mask->bits[0] = bsti_load_relaxed(&allowed);
}

static uint32_t get_quota(void *arg)
{
    (void)arg;
    return bsti_load_relaxed(&quota);
}

static const struct bsti_machine machine = {
    .synthetic = "pack:2 [numa] core:4 pu:1",
    .mask = get_mask,
    .quota = get_quota,
    .reread = BST_S(3600) /* only when it is asked for */
};

static int begin(const struct bsti_machine *seen, uint32_t threads)
{
    struct bsti_exec_options options = {.machine = seen, .threads = threads};

    bsti_store_relaxed(&allowed, UINT64_C(0xff));
    bsti_store_relaxed(&quota, 0u);
    exec = bsti_exec_create(&options);
    return exec == NULL;
}

static int setup(void **state)
{
    (void)state;
    return begin(&machine, 0);
}

static int teardown(void **state)
{
    (void)state;
    bsti_store_release(&hopping, 0u); /* after a test that failed */
    destroy(exec);
    return bsti_alloc_balance() != 0;
}

static bool is_on(uint32_t i)
{
    return !bsti_worker_is_retired(bsti_exec_worker(exec, i));
}

static uint32_t workers_on(void)
{
    uint32_t on = 0;

    for (uint32_t i = 0; i < bsti_exec_workers(exec); i++)
        on |= (uint32_t)is_on(i) << i;
    return on;
}

/* Sleeps until the monitor has seen to it that these workers are there. */
static void wait_until_on(uint32_t workers)
{
    bst_time until = bsti_clock_now() + BST_S(60);

    while (workers_on() != workers) {
        assert_true(bsti_clock_now() < until);
        bsti_thread_sleep(BST_MS(1));
    }
    while (bsti_exec_workers_on(exec) != (uint32_t)__builtin_popcount(workers))
        bsti_thread_sleep(BST_MS(1));
}

static void change(uint64_t mask, uint32_t cpus, uint32_t on)
{
    bsti_store_relaxed(&allowed, mask);
    bsti_store_relaxed(&quota, cpus);
    bst_repin();
    wait_until_on(on);
}

/* Runs on until it is told to end; so the monitor stays awake. */
static struct job hopper;

static void hop(struct job *self)
{
    if (bsti_load_acquire(&hopping))
        bsti_fetch_add_relaxed(&self->pokes, 1u);
    bsti_thread_yield();
}

static void begin_hopping(void)
{
    bsti_store_release(&hopping, 1u);
    job_init(&hopper, exec, hop, 0);
    poke(&hopper);
}

static void end_hopping(void)
{
    bsti_store_release(&hopping, 0u);
    while (bsti_load_acquire(&hopper.pokes) > 0)
        bsti_thread_yield();
}

/* ---- who is there -------------------------------------------------------- */

static void quota_and_mask_at_the_start_count(void **state)
{
    struct bsti_exec_options options = {.machine = &machine};
    struct bsti_exec *other;

    (void)state;
    bsti_store_relaxed(&quota, 3u);
    other = bsti_exec_create(&options);
    assert_int_equal(bsti_exec_workers(other), 3);
    destroy(other);
    bsti_store_relaxed(&allowed, UINT64_C(0x30));
    other = bsti_exec_create(&options);
    assert_int_equal(bsti_exec_workers(other), 2);
    assert_int_equal(other->nplaces, 1); /* of the second node */
    destroy(other);
}

static void fewer_cpus_retire_workers_and_more_bring_them_back(void **state)
{
    (void)state;
    begin_hopping();
    assert_int_equal(workers_on(), 0xff);
    change(0xff, 3, 0x07);
    change(0xa4, 0, 0xa4); /* who has a CPU keeps it, the others come back */
    change(0xa4, 1, 0x04);
    change(0xff, 0, 0xff);
    change(0x10, 0, 0x10);
    change(0xff, 100, 0xff); /* never more than were started */
    change(0xfe, 0, 0xfe);
    change(0xff, 0, 0xff);
    end_hopping();
}

static void number_that_was_asked_for_stays(void **state)
{
    (void)state;
    assert_int_equal(begin(&machine, 3), 0);
    begin_hopping();
    assert_int_equal(bsti_exec_workers_on(exec), 3);
    bsti_store_relaxed(&quota, 1u);
    bst_repin();
    /* Its CPUs follow all the same; the monitor takes both together. */
    bsti_store_relaxed(&allowed, UINT64_C(0x10));
    bst_repin();
    wait_for(&hopper.turns, 1000);
    assert_int_equal(bsti_exec_workers_on(exec), 3);
    end_hopping();
}

static void mask_is_read_from_time_to_time(void **state)
{
    static struct bsti_machine often;

    (void)state;
    often = machine;
    often.reread = BST_MS(20);
    assert_int_equal(begin(&often, 0), 0);
    begin_hopping();
    bsti_store_relaxed(&quota, 2u);
    wait_until_on(0x03);
    bsti_store_relaxed(&quota, 0u);
    wait_until_on(0xff);
    end_hopping();
}

/* The quota comes from files of a control group, as on a real machine. */
static char root[] = "/tmp/bastion-repin-XXXXXX";

static void write_file(const char *name, const char *text)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof path, "%s%s", root, name);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void folder(const char *name, bool make)
{
    char path[128];

    snprintf(path, sizeof path, "%s%s", root, name);
    assert_int_equal(make ? mkdir(path, 0700) : remove(path), 0);
}

static uint32_t quota_of_files(void *arg)
{
    (void)arg;
    return bsti_topo_quota_at(root);
}

static void quota_follows_the_control_group(void **state)
{
    static const char *const folders[] = {"/proc", "/proc/self", "/sys",
                                          "/sys/fs", "/sys/fs/cgroup"};
    static struct bsti_machine files;

    (void)state;
    assert_non_null(mkdtemp(root));
    for (int i = 0; i < 5; i++)
        folder(folders[i], true);
    write_file("/proc/self/cgroup", "0::/\n");
    write_file("/sys/fs/cgroup/cpu.max", "550000 100000\n");
    files = machine;
    files.quota = quota_of_files;
    assert_int_equal(begin(&files, 0), 0);
    assert_int_equal(bsti_exec_workers(exec), 6);
    begin_hopping();
    write_file("/sys/fs/cgroup/cpu.max", "120000 100000\n");
    change(0xff, 0, 0x03);
    write_file("/sys/fs/cgroup/cpu.max", "max 100000\n");
    change(0xff, 0, 0x3f);
    end_hopping();
    folder("/sys/fs/cgroup/cpu.max", false);
    folder("/proc/self/cgroup", false);
    for (int i = 5; i > 0; i--)
        folder(folders[i - 1], false);
    folder("", false);
}

/* ---- what they do -------------------------------------------------------- */

/* Has each retired worker gone to sleep. */
static void wait_until_retired_sleep(void)
{
    for (uint32_t i = 0; i < WORKERS; i++)
        while (!is_on(i) &&
               !bsti_load_relaxed(&bsti_exec_worker(exec, i)->parked))
            bsti_thread_sleep(BST_MS(1));
}

/* On a busy machine a spare may stand in for the one that is left. */
static void assert_not_retired(struct job *self)
{
    (void)self;
    assert_false(bsti_worker_is_retired(bsti_worker_current()));
}

static void retired_workers_take_no_work(void **state)
{
    enum { JOBS = 200, TURNS = 20 };
    static struct job jobs[JOBS];

    (void)state;
    begin_hopping();
    change(0x20, 0, 0x20);
    wait_until_retired_sleep();
    for (int i = 0; i < JOBS; i++) {
        job_init(&jobs[i], exec, assert_not_retired, 0);
    }
    for (int k = 0; k < TURNS; k++)
        for (int i = 0; i < JOBS; i++)
            poke(&jobs[i]);
    for (int i = 0; i < JOBS; i++)
        wait_for(&jobs[i].turns, TURNS);
    end_hopping();
}

/* Suspends, and looks whether it goes on where it was. */
struct nap {
    struct job job;
    _Atomic uint32_t asleep;
    _Atomic uint32_t worker;
    bst_time naps;
};

static void nap(struct job *self)
{
    struct nap *me = bsti_container_of(self, struct nap, job);
    pthread_t thread = pthread_self();
    struct bsti_worker *worker = bsti_worker_current();

    bsti_store_relaxed(&me->worker, bsti_worker_index(worker));
    for (bst_time i = 0; i < me->naps; i++) {
        uint64_t seq = bsti_waiter_arm(&self->proc.waiter);
        void *gift;

        bsti_store_release(&me->asleep, 1u);
        assert_true(bsti_suspend_for(&self->proc, seq, BST_MS(5), 7));
        assert_int_equal(bsti_waiter_take(&self->proc.waiter, &gift), 7);
        assert_true(pthread_equal(thread, pthread_self()));
        assert_ptr_equal(bsti_worker_current(), worker);
    }
}

static void suspended_handlers_go_on_where_they_were(void **state)
{
    enum { NAPS = 64 };
    static struct nap naps[NAPS];
    uint32_t elsewhere = 0;

    (void)state;
    begin_hopping();
    for (int i = 0; i < NAPS; i++) {
        memset(&naps[i], 0, sizeof naps[i]);
        job_init(&naps[i].job, exec, nap, 0);
        naps[i].naps = 30;
        poke(&naps[i].job);
    }
    for (int i = 0; i < NAPS; i++)
        wait_for(&naps[i].asleep, 1);
    change(0x01, 0, 0x01);
    for (int i = 0; i < NAPS; i++) {
        wait_for(&naps[i].job.turns, 1);
        elsewhere += bsti_load_relaxed(&naps[i].worker) != 0;
    }
    print_message("%u of %d on retired workers\n", elsewhere, NAPS);
    change(0xff, 0, 0xff);
    end_hopping();
}

/* ---- the real machine ---------------------------------------------------- */

static void binding_is_kept_up(void **state)
{
    struct bsti_exec_options options = {.pin = true};
    struct bsti_cpu_mask all;
    struct bsti_cpu_mask first;
    struct bsti_worker *worker;

    (void)state;
    if (bsti_thread_affinity(NULL, &all) != 0)
        skip();
    exec = bsti_exec_create(&options);
    assert_non_null(exec);
    worker = bsti_exec_worker(exec, 0);
    begin_hopping();
    wait_for(&hopper.turns, 1);
    while (bsti_thread_affinity(&worker->thread, &first) != 0 ||
           memcmp(&first, &all, sizeof all) == 0) {
        if (bsti_exec_workers(exec) == 1) /* then one is all */
            break;
        bsti_thread_sleep(BST_MS(1));
    }
    /* Somebody binds it elsewhere; the executor puts it back. */
    assert_int_equal(bsti_thread_bind(&worker->thread, &all), 0);
    bst_repin();
    for (;;) {
        struct bsti_cpu_mask now;

        assert_int_equal(bsti_thread_affinity(&worker->thread, &now), 0);
        if (memcmp(&now, &first, sizeof now) == 0)
            break;
        bsti_thread_sleep(BST_MS(1));
    }
    end_hopping();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define OWN(name) cmocka_unit_test_teardown(name, teardown)

UNIT_MAIN(TEST(quota_and_mask_at_the_start_count),
          TEST(fewer_cpus_retire_workers_and_more_bring_them_back),
          OWN(number_that_was_asked_for_stays),
          OWN(mask_is_read_from_time_to_time),
          OWN(quota_follows_the_control_group),
          TEST(retired_workers_take_no_work),
          TEST(suspended_handlers_go_on_where_they_were),
          OWN(binding_is_kept_up))
