/*
 * sup/system: start and end of a system as its owner sees them.
 */

#define _GNU_SOURCE
#include "unit/support/rig.h"

#include <signal.h>

#include "base/alloc.h"
#include "sup/sup.h"
#include "sync/atomic.h"
#include "unit/unit.h"

static struct bst_supervisor *one(struct rig *rig, uint32_t tries)
{
    struct bst_supervisor *top;

    rig_init(rig);
    top = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, tries, BST_S(5));
    rig_child(rig, top, "a");
    return top;
}

/* ---- errors -------------------------------------------------------------- */

static void start_refuses_tables_of_another_abi(void **state)
{
    struct rig rig;

    (void)state;
    one(&rig, 1);
    rig.app.abi++;
    assert_int_equal(rig_try_start(&rig), BST_INVALID);
    rig_free(&rig);
}

static void b08_start_refuses_broken_tables(void **state)
{
    struct rig rig;

    (void)state;
    one(&rig, 1);
    rig_part(&rig, "a")->group.redundancy = 0;
    assert_int_equal(rig_try_start(&rig), BST_INVALID);
    rig_part(&rig, "a")->group.redundancy = 1;
    rig_part(&rig, "a")->group.index = 1;
    assert_int_equal(rig_try_start(&rig), BST_INVALID);
    rig_free(&rig);
}

static void start_without_memory_is_an_error_and_leaks_nothing(void **state)
{
    int64_t before = bsti_alloc_balance();
    uint64_t nth = 0;
    bst_status status = BST_NOMEM;

    (void)state;
    while (status != BST_OK) {
        struct rig rig;

        one(&rig, 1);
        rig.options.threads = 1;
        bsti_alloc_fail_at(++nth);
        status = rig_try_start(&rig);
        bsti_alloc_fail_at(0);
        if (status == BST_OK) {
            rig_stop_quietly(&rig);
        } else {
            assert_true(status == BST_NOMEM);
            rig_free(&rig);
        }
        assert_int_equal(bsti_alloc_balance(), before);
        assert_true(nth < 1000);
    }
    assert_true(nth > 10);
}

static void b06_failed_start_leaks_nothing(void **state)
{
    int64_t before = bsti_alloc_balance();
    struct rig rig;

    (void)state;
    one(&rig, 1);
    rig_part(&rig, "a")->on_start = rig_panic;
    assert_int_equal(rig_try_start(&rig), BST_FAILED);
    rig_free(&rig);
    assert_int_equal(bsti_alloc_balance(), before);
}

static void run_leaks_nothing(void **state)
{
    int64_t before = bsti_alloc_balance();
    struct rig rig;

    (void)state;
    one(&rig, 100)->restart.backoff = BST_LINEAR;
    rig.sups[0].table.restart.step = BST_NS(1);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\n");
    rig_do(&rig, "a", rig_panic, NULL);
    rig_expect(&rig, "down a#1 crashed\nstart a#2\n");
    rig_stop_quietly(&rig);
    assert_int_equal(bsti_alloc_balance(), before);
}

/* ---- exit status and last words ------------------------------------------ */

/* Runs in a child process, so that stderr and the exit status can be seen. */
static void give_up(void *arg)
{
    struct rig rig;
    int status;

    (void)arg;
    one(&rig, 0);
    rig.options.log = BST_LOG_WARN;
    rig_start(&rig);
    rig_do(&rig, "a", rig_panic, (char[]){"out of \x1b[31mcheese"});
    status = bst_system_wait(rig.system);
    _exit(status);
}

static const char *last_line(char *text)
{
    size_t n = strlen(text);
    char *line;

    if (n > 0 && text[n - 1] == '\n')
        text[n - 1] = '\0';
    line = strrchr(text, '\n');
    return line ? line + 1 : text;
}

static void b67_root_that_gives_up_says_why_and_exits_with_3(void **state)
{
    char text[4096];
    int status = unit_fork(give_up, NULL, text, sizeof text);

    (void)state;
    assert_true(unit_exited(status, 3));
    assert_string_equal(
        last_line(text),
        "bastion: /top gave up: /top/a#1 failed in `on do` (puppet.bst:1): "
        "BST_FAIL: out of \\x1b[31mcheese");
}

static void fail_to_start(void *arg)
{
    struct rig rig;

    (void)arg;
    one(&rig, 0);
    rig_part(&rig, "a")->on_start = rig_crash;
    rig.options.log = BST_LOG_WARN;
    _exit(bst_run_app(&rig.app, &rig.options));
}

static void b03_start_that_fails_says_why_and_exits_with_1(void **state)
{
    char text[4096];
    int status = unit_fork(fail_to_start, NULL, text, sizeof text);

    (void)state;
    assert_true(unit_exited(status, 1));
    assert_string_equal(
        last_line(text),
        "bastion: rig: the start failed: /top/a#1 failed to start in "
        "`on start` (puppet.bst:1): BST_FAIL");
}

static bst_status terminate(struct puppet *self, void *arg,
                            struct rig_answer *answer)
{
    (void)self;
    (void)arg;
    (void)answer;
    kill(getpid(), SIGTERM);
    return BST_OK;
}

static void end_by_signal(void *arg)
{
    struct rig rig;

    (void)arg;
    one(&rig, 0);
    rig_part(&rig, "a")->on_start = terminate;
    _exit(bst_run_app(&rig.app, &rig.options));
}

static void b28_terminated_system_stops_in_order(void **state)
{
    int status = unit_fork(end_by_signal, NULL, NULL, 0);

    (void)state;
    assert_true(unit_exited(status, 0));
}

/* Two signals while its only child does not want to stop. */
static bst_status terminate_twice(struct puppet *self, void *arg,
                                  struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    kill(getpid(), SIGTERM);
    bst_sleep(self, BST_MS(50));
    kill(getpid(), SIGINT);
    bst_sleep(self, BST_S(3600));
    return BST_OK;
}

static void end_by_two_signals(void *arg)
{
    struct rig rig;

    (void)arg;
    one(&rig, 0);
    rig_part(&rig, "a")->on_start = terminate_twice;
    rig_part(&rig, "a")->group.shutdown = BST_INFINITE;
    _exit(bst_run_app(&rig.app, &rig.options));
}

static void b28_second_signal_ends_at_once(void **state)
{
    int status = unit_fork(end_by_two_signals, NULL, NULL, 0);

    (void)state;
    assert_true(unit_exited(status, 128 + SIGINT));
}

/* ---- several systems ----------------------------------------------------- */

static void b11_systems_side_by_side_do_not_meet(void **state)
{
    enum { N = 4 };
    static struct rig rigs[N];
    uint64_t value;

    (void)state;
    for (int i = 0; i < N; i++) {
        one(&rigs[i], 1);
        rig_start(&rigs[i]);
        rig_expect(&rigs[i], "start top#1 (sup)\nstart a#1\n");
    }
    for (int i = 0; i < N; i++)
        for (int k = 0; k <= i; k++)
            rig_do(&rigs[i], "a", rig_count, NULL);
    rig_do(&rigs[1], "a", rig_crash, NULL);
    rig_expect(&rigs[1], "down a#1 crashed\nstart a#2\n");
    for (int i = 0; i < N; i++) {
        assert_int_equal(rig_ask(&rigs[i], "a", rig_get, NULL, &value), BST_OK);
        assert_int_equal(value, i == 1 ? 0 : i + 1);
    }
    rig_stop(&rigs[2], "stop a#1\ndown a#1 shutdown\ndown top#1 shutdown\n");
    assert_int_equal(rig_ask(&rigs[3], "a", rig_get, NULL, NULL), BST_OK);
    rig_stop_quietly(&rigs[0]);
    rig_stop_quietly(&rigs[1]);
    rig_stop_quietly(&rigs[3]);
}

/* Asks a puppet of another system and answers with the status. */
static bst_status ask_elsewhere(struct puppet *self, void *arg,
                                struct rig_answer *answer)
{
    struct rig_order order = {rig_get, NULL};
    struct rig_answer found = {0};

    (void)self;
    answer->value = bst_ask(rig_ref(arg, "a"), RIG_ASK, &order, sizeof order,
                            &found, sizeof found, BST_S(10));
    return BST_OK;
}

/* Its sender is unknown there: nothing leads back into another system. */
static bst_status count_from_nobody(struct puppet *self, void *arg,
                                    struct rig_answer *answer)
{
    if (bst_sender(self).target != 0)
        return BST_FAIL;
    return rig_count(self, arg, answer);
}

static bst_status tell_elsewhere(struct puppet *self, void *arg,
                                 struct rig_answer *answer)
{
    struct rig_order order = {count_from_nobody, NULL};

    (void)self;
    (void)answer;
    return bst_tell(rig_ref(arg, "a"), RIG_DO, &order, sizeof order);
}

static void systems_tell_but_do_not_ask_each_other(void **state)
{
    struct rig here;
    struct rig there;
    uint64_t value = 0;

    (void)state;
    one(&here, 1);
    one(&there, 1);
    rig_start(&here);
    rig_start(&there);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(rig_ask(&here, "a", tell_elsewhere, &there, NULL),
                         BST_OK);
        assert_int_equal(rig_ask(&here, "a", ask_elsewhere, &there, &value),
                         BST_OK);
        assert_int_equal(value, BST_INVALID);
    }
    assert_int_equal(rig_ask(&there, "a", rig_get, NULL, &value), BST_OK);
    assert_int_equal(value, 100);
    rig_stop_quietly(&here);
    rig_stop_quietly(&there);
}

/* ---- counts -------------------------------------------------------------- */

static void stats_account_for_every_message(void **state)
{
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    one(&rig, 5);
    rig_part(&rig, "a")->group.lifetime = BST_TRANSIENT;
    rig_start(&rig);
    rig_settle(&rig, &stats);
    assert_int_equal(stats.processes, 1);
    rig_do(&rig, "a", rig_count, NULL);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_do(&rig, "a", rig_count, NULL);
    assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, NULL), BST_OK);
    rig_settle(&rig, &stats);
    /* Three tells, a question and its answer. */
    assert_int_equal(stats.sent, 5);
    assert_int_equal(stats.handled, 4);
    assert_int_equal(stats.failed, 1);
    assert_int_equal(stats.dead, 0);
    assert_int_equal(stats.restarts, 1);
    assert_int_equal(stats.refused, 0);
    assert_int_equal(stats.processes, 1);
    rig_do(&rig, "a", rig_normal, NULL);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\n"
                     "down a#1 crashed\nstart a#2\ndown a#2 normal\n");
    while (rig_ask(&rig, "a", rig_get, NULL, NULL) != BST_DEAD)
        rig_pass();
    /* The one before may have been taken and found dead; this one is not. */
    assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, NULL), BST_DEAD);
    rig_settle(&rig, &stats);
    assert_true(stats.refused >= 1);
    assert_int_equal(stats.processes, 0);
    rig_stop_quietly(&rig);
}

static void stats_count_what_is_left_at_a_stop_as_dead(void **state)
{
    struct rig_gate gate = {0};
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    one(&rig, 5);
    rig_part(&rig, "a")->group.lifetime = BST_TRANSIENT;
    rig_start(&rig);
    rig_do(&rig, "a", rig_hold, &gate);
    rig_gate_wait(&gate, 1);
    rig_do(&rig, "a", rig_normal, NULL);
    for (int i = 0; i < 10; i++)
        rig_do(&rig, "a", rig_count, NULL);
    bst_system_stats(rig.system, &stats);
    assert_int_equal(stats.sent, 12);
    /* The one being handled counts as queued. */
    assert_int_equal(stats.queued, 12);
    rig_gate_open(&gate);
    rig_settle(&rig, &stats);
    assert_int_equal(stats.handled, 2);
    assert_int_equal(stats.dead, 10);
    assert_int_equal(stats.queued, 0);
    rig_stop_quietly(&rig);
}

static void one_worker_is_enough(void **state)
{
    struct rig rig;
    uint64_t value;

    (void)state;
    one(&rig, 5);
    rig.options.threads = 1;
    rig_start(&rig);
    for (int i = 0; i < 1000; i++)
        rig_do(&rig, "a", i == 500 ? rig_crash : rig_count_kept, NULL),
            rig_ask(&rig, "a", rig_get, NULL, NULL);
    assert_int_equal(rig_ask(&rig, "a", rig_get_kept, NULL, &value), BST_OK);
    assert_int_equal(value, 999);
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_TEST(start_refuses_tables_of_another_abi),
          RIG_TEST(b08_start_refuses_broken_tables),
          RIG_TEST(b67_root_that_gives_up_says_why_and_exits_with_3),
          RIG_TEST(b03_start_that_fails_says_why_and_exits_with_1),
          RIG_TEST(b28_terminated_system_stops_in_order),
          RIG_TEST(b28_second_signal_ends_at_once),
          RIG_TEST(start_without_memory_is_an_error_and_leaks_nothing),
          RIG_TEST(b06_failed_start_leaks_nothing), RIG_TEST(run_leaks_nothing),
          RIG_TEST(b11_systems_side_by_side_do_not_meet),
          RIG_TEST(systems_tell_but_do_not_ask_each_other),
          RIG_TEST(stats_account_for_every_message),
          RIG_TEST(stats_count_what_is_left_at_a_stop_as_dead),
          RIG_TEST(one_worker_is_enough))
