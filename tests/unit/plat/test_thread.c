/*
 * plat/thread, plat/clock, plat/entropy.
 */

#define _GNU_SOURCE

#include "plat/thread.h"

#include <errno.h>
#include <sched.h>

#include "plat/clock.h"
#include "plat/entropy.h"

#include "unit/unit.h"

struct report {
    char name[32];
    sigset_t blocked;
    int pinned;       /* what pinning returned */
    int cpus;         /* in the mask afterwards */
    bool on_that_cpu; /* in the mask afterwards */
    uint32_t cpu;     /* to pin to */
};

static void look_around(void *arg)
{
    struct report *report = arg;

    (void)pthread_getname_np(pthread_self(), report->name,
                             sizeof(report->name));
    (void)pthread_sigmask(SIG_BLOCK, NULL, &report->blocked);
}

static void start_runs_function_with_its_name(void **state)
{
    struct bsti_thread thread;
    struct report report;

    (void)state;
    memset(&report, 0, sizeof(report));
    assert_int_equal(
        bsti_thread_start(&thread, "worker 7", look_around, &report), 0);
    bsti_thread_join(&thread);
    assert_string_equal(report.name, "worker 7");
}

static void start_long_name_is_cut(void **state)
{
    struct bsti_thread thread;
    struct report report;

    (void)state;
    memset(&report, 0, sizeof(report));
    assert_int_equal(bsti_thread_start(&thread, "a-name-of-more-than-15",
                                       look_around, &report),
                     0);
    bsti_thread_join(&thread);
    assert_string_equal(report.name, "a-name-of-more-");
}

static void start_blocks_all_but_fault_signals(void **state)
{
    static const int open[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL,
                               SIGTRAP, SIGSYS, SIGABRT};
    static const int shut[] = {SIGINT,  SIGTERM, SIGHUP, SIGPIPE,
                               SIGUSR1, SIGALRM, SIGCHLD};
    struct bsti_thread thread;
    struct report report;
    sigset_t before;
    sigset_t after;

    (void)state;
    assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &before), 0);
    assert_int_equal(bsti_thread_start(&thread, "t", look_around, &report), 0);
    bsti_thread_join(&thread);
    for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
        assert_false(sigismember(&report.blocked, open[i]));
    }
    for (size_t i = 0; i < sizeof(shut) / sizeof(shut[0]); i++) {
        assert_true(sigismember(&report.blocked, shut[i]));
    }
    assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &after), 0);
    for (int signo = 1; signo < 32; signo++) {
        assert_int_equal(sigismember(&before, signo),
                         sigismember(&after, signo));
    }
}

static void pin_and_look(void *arg)
{
    struct report *report = arg;
    cpu_set_t set;

    report->pinned = bsti_thread_pin(report->cpu);
    if (sched_getaffinity(0, sizeof(set), &set) == 0) {
        report->cpus = CPU_COUNT(&set);
        report->on_that_cpu = CPU_ISSET(report->cpu, &set);
    }
}

static void pin_leaves_one_cpu(void **state)
{
    struct bsti_thread thread;
    struct report report;
    cpu_set_t set;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
    for (uint32_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &set)) {
            continue;
        }
        report.cpu = cpu;
        assert_int_equal(bsti_thread_start(&thread, "t", pin_and_look, &report),
                         0);
        bsti_thread_join(&thread);
        assert_int_equal(report.pinned, 0);
        assert_int_equal(report.cpus, 1);
        assert_true(report.on_that_cpu);
    }
}

static void pin_cpu_that_is_not_there_fails(void **state)
{
    struct bsti_thread thread;
    struct report report = {.cpu = 1000};
    struct report beyond = {.cpu = 5000};

    (void)state;
    assert_int_equal(bsti_thread_start(&thread, "t", pin_and_look, &report), 0);
    bsti_thread_join(&thread);
    assert_int_equal(report.pinned, -EINVAL);
    beyond.pinned = bsti_thread_pin(beyond.cpu);
    assert_int_equal(beyond.pinned, -EINVAL);
}

static void clock_never_goes_back_and_advances(void **state)
{
    bst_time start = bsti_clock_now();
    bst_time last = start;

    (void)state;
    assert_true(start > 0);
    do {
        bst_time now = bsti_clock_now();

        assert_true(now >= last);
        last = now;
    } while (last - start < BST_MS(2));
}

static void entropy_differs_from_call_to_call(void **state)
{
    uint64_t seen[50];
    uint64_t ones = 0;
    uint64_t zeros = 0;

    (void)state;
    for (size_t i = 0; i < 50; i++) {
        seen[i] = bsti_entropy();
        ones |= seen[i];
        zeros |= ~seen[i];
        for (size_t k = 0; k < i; k++) {
            assert_true(seen[k] != seen[i]);
        }
    }
    assert_true(ones == UINT64_MAX && zeros == UINT64_MAX);
}

UNIT_MAIN(cmocka_unit_test(start_runs_function_with_its_name),
          cmocka_unit_test(start_long_name_is_cut),
          cmocka_unit_test(start_blocks_all_but_fault_signals),
          cmocka_unit_test(pin_leaves_one_cpu),
          cmocka_unit_test(pin_cpu_that_is_not_there_fails),
          cmocka_unit_test(clock_never_goes_back_and_advances),
          cmocka_unit_test(entropy_differs_from_call_to_call))
