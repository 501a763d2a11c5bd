/*
 * sup/restart: budgets, back-off, and what happens to the others meanwhile.
 */

#include "unit/support/rig.h"

#include "base/alloc.h"
#include "sup/sup.h"
#include "unit/unit.h"

static struct bst_supervisor *ab(struct rig *rig, enum bst_strategy strategy,
                                 struct bst_restart restart)
{
    struct bst_supervisor *top;

    rig_init(rig);
    top = rig_sup(rig, NULL, "top", strategy, 0, 0);
    top->restart = restart;
    rig_child(rig, top, "a");
    rig_child(rig, top, "b");
    return top;
}

#define UP "start top#1 (sup)\nstart a#1\nstart b#1\n"
#define DOWN "stop b#1\ndown b#1 shutdown\n"

static void start_ab(struct rig *rig)
{
    rig_start(rig);
    rig_expect(rig, UP);
}

/* Crashes a child that is incarnation `n` and waits for the next one. */
static void crash_and_back(struct rig *rig, const char *name, unsigned n)
{
    char lines[100];

    rig_do(rig, name, rig_crash, NULL);
    snprintf(lines, sizeof lines, "down %s#%u crashed\nstart %s#%u\n", name, n,
             name, n + 1);
    rig_expect(rig, lines);
}

/* ---- budgets ------------------------------------------------------------- */

static void window_that_has_passed_forgets(void **state)
{
    struct rig rig;

    (void)state;
    ab(&rig, BST_ONE_FOR_ONE,
       (struct bst_restart){
           .mode = BST_RESTART_LIMITED, .tries = 1, .in = BST_NS(1)});
    start_ab(&rig);
    for (unsigned n = 1; n < 8; n++)
        crash_and_back(&rig, "a", n);
    rig_stop_quietly(&rig);
}

static void b70_tries_without_a_window_count_each_child_for_life(void **state)
{
    struct rig rig;

    (void)state;
    ab(&rig, BST_ONE_FOR_ONE,
       (struct bst_restart){
           .mode = BST_RESTART_LIMITED, .tries = 2, .then = BST_REMOVE});
    start_ab(&rig);
    crash_and_back(&rig, "a", 1);
    crash_and_back(&rig, "b", 1);
    crash_and_back(&rig, "a", 2);
    crash_and_back(&rig, "b", 2);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#3 crashed\n");
    assert_int_equal(rig_ask(&rig, "b", rig_get, NULL, NULL), BST_OK);
    rig_stop(&rig, "stop b#3\ndown b#3 shutdown\ndown top#1 shutdown\n");
}

/* In the supervisor's turn, just before it judges the end. */
static void no_memory_at_the_first_end(struct rig *rig, const char *line)
{
    (void)rig;
    if (strcmp(line, "down a#1 normal") == 0)
        bsti_alloc_fail_at(1);
}

static void restart_without_memory_to_count_it_goes_on(void **state)
{
    struct rig rig;

    (void)state;
    ab(&rig, BST_ONE_FOR_ONE,
       (struct bst_restart){.mode = BST_RESTART_LIMITED,
                            .tries = 1,
                            .then = BST_REMOVE,
                            .backoff = BST_LINEAR,
                            .step = BST_US(1)});
    start_ab(&rig);
    rig.on_line = no_memory_at_the_first_end;
    rig_do(&rig, "a", rig_normal, NULL);
    rig_expect(&rig, "down a#1 normal\nstart a#2\n");
    rig_do(&rig, "a", rig_normal, NULL);
    rig_expect(&rig, "down a#2 normal\nstart a#3\n");
    /* That one was counted. */
    rig_do(&rig, "a", rig_normal, NULL);
    rig_expect(&rig, "down a#3 normal\n");
    rig_stop(&rig, DOWN "down top#1 shutdown\n");
}

static bst_status crash_without_memory(struct puppet *self, void *arg,
                                       struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    bsti_alloc_fail_at(1);
    bst_panic(self, "nobody will read this");
}

static void failure_without_memory_for_its_text_is_restarted(void **state)
{
    struct rig rig;

    (void)state;
    ab(&rig, BST_ONE_FOR_ONE,
       (struct bst_restart){
           .mode = BST_RESTART_LIMITED, .tries = 1, .in = BST_S(60)});
    start_ab(&rig);
    rig_do(&rig, "a", crash_without_memory, NULL);
    rig_expect(&rig, "down a#1 crashed\nstart a#2\n");
    rig_do(&rig, "a", rig_panic, NULL);
    rig_end(&rig, 3, "down a#2 crashed\n" DOWN "down top#1 shutdown\n");
}

static void window_then_remove_keeps_the_supervisor(void **state)
{
    struct rig rig;

    (void)state;
    ab(&rig, BST_ONE_FOR_ONE,
       (struct bst_restart){.mode = BST_RESTART_LIMITED,
                            .tries = 1,
                            .in = BST_S(60),
                            .then = BST_REMOVE});
    start_ab(&rig);
    crash_and_back(&rig, "a", 1);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#2 crashed\n");
    rig_stop(&rig, DOWN "down top#1 shutdown\n");
}

static void removed_from_a_group_restart_the_others_come_up(void **state)
{
    struct rig rig;

    (void)state;
    ab(&rig, BST_ONE_FOR_ALL,
       (struct bst_restart){
           .mode = BST_RESTART_LIMITED, .tries = 2, .then = BST_REMOVE});
    rig_child(&rig, &rig.sups[0].table, "c");
    rig_start(&rig);
    rig_expect(&rig, UP "start c#1\n");
    rig_part(&rig, "b")->bad_starts = 3;
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\n"
                     "stop c#1\ndown c#1 shutdown\n"
                     "stop b#1\ndown b#1 shutdown\n"
                     "start a#2\nstartfail b#2\nstop a#2\ndown a#2 shutdown\n"
                     "start a#3\nstartfail b#3\nstop a#3\ndown a#3 shutdown\n"
                     "start a#4\nstartfail b#4\nstart c#2\n");
    rig_stop(&rig, "stop c#2\ndown c#2 shutdown\n"
                   "stop a#4\ndown a#4 shutdown\n"
                   "down top#1 shutdown\n");
}

/* It comes back with its supervisor, not with a restart of the others. */
static void removed_stays_out_of_a_group_restart(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;
    struct bst_supervisor *in;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_REST_FOR_ONE, 3, BST_S(60));
    rig_child(&rig, top, "z");
    in = rig_sup(&rig, top, "in", BST_ONE_FOR_ALL, 1, 0);
    in->restart.then = BST_REMOVE;
    rig_child(&rig, in, "a");
    rig_child(&rig, in, "b");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart z#1\nstart in#1 (sup)\n"
                     "start a#1\nstart b#1\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\n" DOWN "start a#2\nstart b#2\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#2 crashed\n");
    crash_and_back(&rig, "b", 2);
    rig_do(&rig, "z", rig_crash, NULL);
    rig_expect(&rig, "down z#1 crashed\nstop b#3\ndown b#3 shutdown\n"
                     "down in#1 shutdown\nstart z#2\nstart in#2 (sup)\n"
                     "start a#3\nstart b#4\n");
    rig_stop_quietly(&rig);
}

static void b74_always_has_no_limit_and_no_delay(void **state)
{
    struct rig rig;

    (void)state;
    ab(&rig, BST_ONE_FOR_ONE, (struct bst_restart){.mode = BST_RESTART_ALWAYS});
    start_ab(&rig);
    for (unsigned n = 1; n < 50; n++)
        crash_and_back(&rig, "a", n);
    rig_stop_quietly(&rig);
}

static void never_escalates_or_removes(void **state)
{
    struct rig rig;

    (void)state;
    ab(&rig, BST_ONE_FOR_ONE,
       (struct bst_restart){.mode = BST_RESTART_NEVER, .then = BST_REMOVE});
    start_ab(&rig);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\n");
    rig_stop(&rig, DOWN "down top#1 shutdown\n");

    ab(&rig, BST_ONE_FOR_ONE, (struct bst_restart){.mode = BST_RESTART_NEVER});
    start_ab(&rig);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_end(&rig, 3, "down a#1 crashed\n" DOWN "down top#1 shutdown\n");
}

static void failing_starts_that_exceed_the_budget_escalate(void **state)
{
    struct rig rig;

    (void)state;
    ab(&rig, BST_ONE_FOR_ONE,
       (struct bst_restart){
           .mode = BST_RESTART_LIMITED, .tries = 2, .in = BST_S(60)});
    start_ab(&rig);
    rig_part(&rig, "a")->bad_starts = 100;
    rig_do(&rig, "a", rig_crash, NULL);
    rig_end(&rig, 3,
            "down a#1 crashed\nstartfail a#2\nstartfail a#3\n" DOWN
            "down top#1 shutdown\n");
}

/* ---- back-off ------------------------------------------------------------ */

/* Crashes `name` and returns how long it took until it was up again. */
static bst_time time_back(struct rig *rig, const char *name, unsigned n)
{
    bst_time begin = rig_now(rig);

    crash_and_back(rig, name, n);
    return rig_now(rig) - begin;
}

static void b75_backoff_linear_grows_by_a_step(void **state)
{
    struct rig rig;

    (void)state;
    ab(&rig, BST_ONE_FOR_ONE,
       (struct bst_restart){.mode = BST_RESTART_ALWAYS,
                            .backoff = BST_LINEAR,
                            .step = BST_MS(20),
                            .cap = BST_MS(60)});
    start_ab(&rig);
    assert_true(time_back(&rig, "a", 1) >= BST_MS(20));
    assert_true(time_back(&rig, "a", 2) >= BST_MS(40));
    assert_true(time_back(&rig, "a", 3) >= BST_MS(60));
    assert_true(time_back(&rig, "a", 4) >= BST_MS(60));
    /* Another child begins with the first delay. */
    assert_true(time_back(&rig, "b", 1) >= BST_MS(20));
    rig_stop_quietly(&rig);
}

static void b76_backoff_exponential_multiplies(void **state)
{
    struct rig rig;

    (void)state;
    ab(&rig, BST_ONE_FOR_ONE,
       (struct bst_restart){.mode = BST_RESTART_ALWAYS,
                            .backoff = BST_EXPONENTIAL,
                            .step = BST_MS(5),
                            .factor = 4});
    start_ab(&rig);
    assert_true(time_back(&rig, "a", 1) >= BST_MS(5));
    assert_true(time_back(&rig, "a", 2) >= BST_MS(20));
    assert_true(time_back(&rig, "a", 3) >= BST_MS(80));
    rig_stop_quietly(&rig);
}

/* A long delay can be recognised by what is still possible during it. */
static const struct bst_restart an_hour = {
    .mode = BST_RESTART_ALWAYS, .backoff = BST_LINEAR, .step = BST_S(3600)};

static void b79_backoff_begins_anew_after_quiet_time(void **state)
{
    struct rig rig;

    (void)state;
    ab(&rig, BST_ONE_FOR_ONE,
       (struct bst_restart){.mode = BST_RESTART_LIMITED,
                            .tries = 100,
                            .in = BST_NS(1),
                            .backoff = BST_EXPONENTIAL,
                            .step = BST_MS(1),
                            .factor = 1000000});
    start_ab(&rig);
    crash_and_back(&rig, "a", 1);
    /* It is up for twice its last delay: the next one is not 1,000 s. */
    {
        bst_time until = rig_now(&rig) + BST_MS(20);

        while (rig_now(&rig) < until)
            assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, NULL), BST_OK);
    }
    crash_and_back(&rig, "a", 2);
    rig_stop_quietly(&rig);
}

static void b80_backoff_leaves_the_others_at_work(void **state)
{
    struct rig rig;
    uint64_t value = 0;

    (void)state;
    ab(&rig, BST_ONE_FOR_ONE, an_hour);
    start_ab(&rig);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\n");
    rig_do(&rig, "b", rig_count, NULL);
    assert_int_equal(rig_ask(&rig, "b", rig_get, NULL, &value), BST_OK);
    assert_int_equal(value, 1);
    /* The one in back-off is open: what is told to it waits. */
    rig_do(&rig, "a", rig_count, NULL);
    rig_stop(&rig, DOWN "down top#1 shutdown\n");
}

static void backoff_of_a_group_waits_with_the_others_stopped(void **state)
{
    struct rig rig;
    bst_time begin;

    (void)state;
    ab(&rig, BST_ONE_FOR_ALL,
       (struct bst_restart){.mode = BST_RESTART_ALWAYS,
                            .backoff = BST_LINEAR,
                            .step = BST_MS(30)});
    start_ab(&rig);
    begin = rig_now(&rig);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\n" DOWN);
    rig_expect(&rig, "start a#2\nstart b#2\n");
    assert_true(rig_now(&rig) - begin >= BST_MS(30));
    rig_stop_quietly(&rig);
}

static void b72_backoff_of_a_group_ends_with_a_stop(void **state)
{
    struct rig rig;

    (void)state;
    ab(&rig, BST_REST_FOR_ONE, an_hour);
    start_ab(&rig);
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#1 crashed\n");
    assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, NULL), BST_OK);
    rig_stop(&rig, "stop a#1\ndown a#1 shutdown\ndown top#1 shutdown\n");
}

/* While b waits, a fails too: both wait for the longer of their delays. */
static void backoff_of_a_group_joins_a_second_failure(void **state)
{
    struct rig rig;

    (void)state;
    ab(&rig, BST_REST_FOR_ONE,
       (struct bst_restart){.mode = BST_RESTART_ALWAYS,
                            .backoff = BST_LINEAR,
                            .step = BST_MS(40)});
    start_ab(&rig);
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#1 crashed\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nstart a#2\nstart b#2\n");
    rig_stop_quietly(&rig);
}

static void backoff_counts_failing_starts(void **state)
{
    struct rig rig;
    bst_time begin;

    (void)state;
    ab(&rig, BST_ONE_FOR_ONE,
       (struct bst_restart){.mode = BST_RESTART_ALWAYS,
                            .backoff = BST_LINEAR,
                            .step = BST_MS(10)});
    start_ab(&rig);
    rig_part(&rig, "a")->bad_starts = 2;
    begin = rig_now(&rig);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nstartfail a#2\nstartfail a#3\n"
                     "start a#4\n");
    assert_true(rig_now(&rig) - begin >= BST_MS(10 + 20 + 30));
    rig_stop_quietly(&rig);
}

/* Three failures in a row, a time that is quiet, and one more. */
static void b79_backoff_grows_again_from_the_first_delay(void **state)
{
    struct rig rig;
    struct bsti_system *system;
    struct bsti_record *record;
    bst_time begin;

    (void)state;
    ab(&rig, BST_ONE_FOR_ONE,
       (struct bst_restart){.mode = BST_RESTART_LIMITED,
                            .tries = 100,
                            .in = BST_MS(1),
                            .backoff = BST_LINEAR,
                            .step = BST_MS(10)});
    start_ab(&rig);
    system = bsti_container_of(rig.system, struct bsti_system, base);
    rig_part(&rig, "a")->bad_starts = 2;
    begin = rig_now(&rig);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nstartfail a#2\nstartfail a#3\n"
                     "start a#4\n");
    assert_true(rig_now(&rig) - begin >= BST_MS(10 + 20 + 30));
    record = bsti_child_record(bsti_sup_child(system->root, 0));
    assert_non_null(record);
    assert_true(record->last_delay == BST_MS(30));
    rig_wait(&rig, BST_MS(2 * 30 + 10));
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#4 crashed\nstart a#5\n");
    assert_true(record->last_delay == BST_MS(10));
    rig_stop_quietly(&rig);
}

/* What is sent to one in back-off waits for it, in order. */
static void b81_messages_wait_for_the_end_of_the_backoff(void **state)
{
    struct bst_stats stats;
    struct rig rig;
    uint64_t value = 0;

    (void)state;
    ab(&rig, BST_ONE_FOR_ONE,
       (struct bst_restart){.mode = BST_RESTART_ALWAYS,
                            .backoff = BST_LINEAR,
                            .step = BST_MS(50)});
    start_ab(&rig);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\n");
    rig_tell_to_say(&rig, "a", "one");
    rig_tell_to_say(&rig, "a", "two");
    rig_do(&rig, "a", rig_count, NULL);
    assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, &value), BST_OK);
    assert_int_equal(value, 1);
    rig_expect_unordered(&rig, "start a#2\none\ntwo\n");
    rig_settle(&rig, &stats);
    assert_int_equal(stats.dead, 0);
    assert_int_equal(stats.dropped, 0);
    rig_stop_quietly(&rig);
}

static void b81_messages_of_a_backoff_fill_the_mailbox(void **state)
{
    struct rig_order count = {rig_count, NULL};
    struct rig_answer answer;
    struct bst_stats stats;
    struct rig rig;

    (void)state;
    ab(&rig, BST_ONE_FOR_ONE, an_hour);
    rig_part(&rig, "a")->group.mailbox = 3;
    start_ab(&rig);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\n");
    /* A question that runs out of time has a place for as long as it is
     * there. */
    assert_int_equal(bst_ask(rig_ref(&rig, "a"), RIG_ASK, &count, sizeof count,
                             &answer, sizeof answer, BST_MS(1)),
                     BST_TIMEOUT);
    rig_do(&rig, "a", rig_count, NULL);
    rig_do(&rig, "a", rig_count, NULL);
    assert_int_equal(bst_tell(rig_ref(&rig, "a"), RIG_DO, &count, sizeof count),
                     BST_FULL);
    bst_system_stats(rig.system, &stats);
    assert_int_equal(stats.queued, 3);
    assert_int_equal(stats.refused, 1);
    rig_stop(&rig, DOWN "down top#1 shutdown\n");
}

/* Each delay is longer than the window: the budget never runs out. */
static void b82_backoff_that_outlasts_the_window_goes_on(void **state)
{
    struct rig rig;

    (void)state;
    ab(&rig, BST_ONE_FOR_ONE,
       (struct bst_restart){.mode = BST_RESTART_LIMITED,
                            .tries = 1,
                            .in = BST_MS(5),
                            .backoff = BST_EXPONENTIAL,
                            .step = BST_MS(8),
                            .cap = BST_MS(16)});
    start_ab(&rig);
    rig_part(&rig, "a")->bad_starts = 4;
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nstartfail a#2\nstartfail a#3\n"
                     "startfail a#4\nstartfail a#5\nstart a#6\n");
    rig_stop_quietly(&rig);
}

static void stop_at_the_crash_of_a(struct rig *rig, const char *line)
{
    if (strcmp(line, "down a#1 crashed") == 0)
        bst_system_stop(rig->system);
}

/* The delay of a ends while b, which is stopped first, takes its time. */
static void b72_backoff_that_ends_in_a_stop_starts_nothing(void **state)
{
    struct rig_gate gate = {0};
    struct rig rig;
    bst_time until;

    (void)state;
    ab(&rig, BST_ONE_FOR_ONE,
       (struct bst_restart){.mode = BST_RESTART_ALWAYS,
                            .backoff = BST_LINEAR,
                            .step = BST_MS(5)});
    rig_part(&rig, "b")->on_stop = rig_hold;
    rig_part(&rig, "b")->arg = &gate;
    rig_part(&rig, "b")->group.shutdown = BST_INFINITE;
    start_ab(&rig);
    rig.on_line = stop_at_the_crash_of_a;
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nstop b#1\n");
    until = rig_now(&rig) + BST_MS(100);
    while (rig_now(&rig) < until)
        rig_pass();
    rig_gate_open(&gate);
    rig_end(&rig, 0, "down b#1 shutdown\ndown top#1 shutdown\n");
}

static void b78_backoff_seeds_of_siblings_differ(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;
    struct bsti_system *system;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 3, BST_S(5));
    rig_child(&rig, rig_sup(&rig, top, "x", BST_ONE_FOR_ONE, 3, BST_S(5)), "a");
    rig_child(&rig, rig_sup(&rig, top, "y", BST_ONE_FOR_ONE, 3, BST_S(5)), "b");
    rig_start(&rig);
    system = bsti_container_of(rig.system, struct bsti_system, base);
    assert_true(bsti_child_inner(bsti_sup_child(system->root, 0))->rand !=
                bsti_child_inner(bsti_sup_child(system->root, 1))->rand);
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_TEST(window_that_has_passed_forgets),
          RIG_TEST(b70_tries_without_a_window_count_each_child_for_life),
          RIG_TEST(restart_without_memory_to_count_it_goes_on),
          RIG_TEST(failure_without_memory_for_its_text_is_restarted),
          RIG_TEST(window_then_remove_keeps_the_supervisor),
          RIG_TEST(removed_from_a_group_restart_the_others_come_up),
          RIG_TEST(removed_stays_out_of_a_group_restart),
          RIG_TEST(b74_always_has_no_limit_and_no_delay),
          RIG_TEST(never_escalates_or_removes),
          RIG_TEST(failing_starts_that_exceed_the_budget_escalate),
          RIG_TEST(b75_backoff_linear_grows_by_a_step),
          RIG_TEST(b76_backoff_exponential_multiplies),
          RIG_TEST(b79_backoff_begins_anew_after_quiet_time),
          RIG_TEST(b79_backoff_grows_again_from_the_first_delay),
          RIG_TEST(b81_messages_wait_for_the_end_of_the_backoff),
          RIG_TEST(b81_messages_of_a_backoff_fill_the_mailbox),
          RIG_TEST(b82_backoff_that_outlasts_the_window_goes_on),
          RIG_TEST(b80_backoff_leaves_the_others_at_work),
          RIG_TEST(backoff_of_a_group_waits_with_the_others_stopped),
          RIG_TEST(b72_backoff_of_a_group_ends_with_a_stop),
          RIG_TEST(backoff_of_a_group_joins_a_second_failure),
          RIG_TEST(backoff_counts_failing_starts),
          RIG_TEST(b72_backoff_that_ends_in_a_stop_starts_nothing),
          RIG_TEST(b78_backoff_seeds_of_siblings_differ))
