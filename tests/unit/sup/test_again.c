/*
 * sup: restarts of reliability.md that need more than a recorded trace: two
 * failures at one time, budgets in virtual time, what an incarnation leaves.
 */

#include "unit/support/rig.h"

#include "actor/actor.h"
#include "base/alloc.h"
#include "base/attr.h"
#include "sync/atomic.h"
#include "unit/unit.h"

#define UP(children) "start top#1 (sup)\n" children

static struct bst_restart tries(uint32_t n, bst_time in)
{
    return (struct bst_restart){
        .mode = BST_RESTART_LIMITED, .tries = n, .in = in};
}

static const struct bst_restart always = {.mode = BST_RESTART_ALWAYS};

/* ---- restarts ------------------------------------------------------------ */

static void b38_first_of_rest_for_one_is_as_one_for_all(void **state)
{
    static const enum bst_strategy strategies[] = {BST_REST_FOR_ONE,
                                                   BST_ONE_FOR_ALL};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct rig rig;

        rig_top(&rig, strategies[i], always, "abc");
        rig_start(&rig);
        rig_expect(&rig, UP("start a#1\nstart b#1\nstart c#1\n"));
        rig_do(&rig, "a", rig_crash, NULL);
        rig_expect(&rig, "down a#1 crashed\n"
                         "stop c#1\ndown c#1 shutdown\n"
                         "stop b#1\ndown b#1 shutdown\n"
                         "start a#2\nstart b#2\nstart c#2\n");
        rig_stop_quietly(&rig);
    }
}

static bst_status crash_others(struct puppet *self, void *arg,
                               struct rig_answer *answer)
{
    struct rig_order order = {rig_crash, NULL};

    (void)arg;
    (void)answer;
    bst_tell(rig_ref(self->rig, "a"), RIG_DO, &order, sizeof order);
    bst_tell(rig_ref(self->rig, "c"), RIG_DO, &order, sizeof order);
    return BST_OK;
}

static bst_status get_incarnation(struct puppet *self, void *arg,
                                  struct rig_answer *answer)
{
    (void)arg;
    answer->value = bst_incarnation(self);
    return BST_OK;
}

/* Whether it is one restart or two is up to them; nobody is left out. */
static void b39_two_of_one_for_all_that_crash_together(void **state)
{
    struct rig rig;
    struct bst_stats stats;
    uint64_t value[3] = {0, 0, 0};

    (void)state;
    rig_top(&rig, BST_ONE_FOR_ALL, always, "abc");
    rig_start(&rig);
    rig_expect(&rig, UP("start a#1\nstart b#1\nstart c#1\n"));
    rig_do(&rig, "b", crash_others, NULL);
    do {
        rig_pass();
        rig_settle(&rig, &stats);
    } while (stats.failed < 2 || stats.processes < 3);
    assert_int_equal(rig_ask(&rig, "a", get_incarnation, NULL, &value[0]),
                     BST_OK);
    assert_int_equal(rig_ask(&rig, "b", get_incarnation, NULL, &value[1]),
                     BST_OK);
    assert_int_equal(rig_ask(&rig, "c", get_incarnation, NULL, &value[2]),
                     BST_OK);
    bst_system_stats(rig.system, &stats);
    assert_int_equal(stats.failed, 2);
    assert_true(value[0] == 1 || value[0] == 2);
    assert_true(value[1] == value[0] && value[2] == value[0]);
    assert_int_equal(stats.restarts, 3 * value[0]);
    rig_stop_quietly(&rig);
}

/* Five members of a group "g". */
static void start_five(struct rig *rig, enum bst_lifetime lifetime)
{
    struct rig_part *part =
        rig_child(rig, rig_top(rig, BST_ONE_FOR_ONE, always, ""), "g");

    part->group.redundancy = 5;
    part->group.lifetime = lifetime;
    rig_start(rig);
    rig_expect(rig, UP("start g/0#1\nstart g/1#1\nstart g/2#1\nstart g/3#1\n"
                       "start g/4#1\n"));
}

static void order(bst_ref to, rig_fn *fn)
{
    struct rig_order what = {fn, NULL};

    assert_int_equal(bst_tell(to, RIG_DO, &what, sizeof what), BST_OK);
}

static bst_status say_index(struct puppet *self, void *arg,
                            struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    rig_note(self->rig, "here is %u", bst_index(self));
    return BST_OK;
}

static bst_status cast_say_index(struct rig *rig)
{
    struct rig_order what = {say_index, NULL};

    return bst_cast(rig_group(rig, "g"), RIG_DO, &what, sizeof what);
}

static void b42_member_of_a_group_restarts_alone(void **state)
{
    struct rig rig;

    (void)state;
    start_five(&rig, BST_PERMANENT);
    order(rig_member(&rig, "g", 3), rig_crash);
    rig_expect(&rig, "down g/3#1 crashed\nstart g/3#2\n");
    assert_int_equal(cast_say_index(&rig), BST_OK);
    rig_expect_unordered(&rig, "here is 0\nhere is 1\nhere is 2\nhere is 3\n"
                               "here is 4\n");
    rig_stop_quietly(&rig);
}

static void b43_group_lives_while_one_member_does(void **state)
{
    struct rig rig;

    (void)state;
    start_five(&rig, BST_TRANSIENT);
    order(rig_member(&rig, "g", 1), rig_normal);
    rig_expect(&rig, "down g/1#1 normal\n");
    while (bst_tell(rig_member(&rig, "g", 1), RIG_PLAIN, NULL, 0) != BST_DEAD)
        rig_pass();
    assert_int_equal(cast_say_index(&rig), BST_OK);
    rig_expect_unordered(&rig, "here is 0\nhere is 2\nhere is 3\nhere is 4\n");
    for (uint32_t i = 0; i < 5; i++)
        if (i != 1)
            order(rig_member(&rig, "g", i), rig_normal);
    rig_expect_unordered(&rig, "down g/0#1 normal\ndown g/2#1 normal\n"
                               "down g/3#1 normal\ndown g/4#1 normal\n");
    while (cast_say_index(&rig) != BST_DEAD)
        rig_pass();
    rig_stop(&rig, "down top#1 shutdown\n");
}

/* ---- a supervisor --------------------------------------------------------- */

static void b46_killed_supervisor_in_the_middle_restarts_alone(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 1, BST_S(60));
    rig_child(&rig, rig_sup(&rig, top, "m", BST_ONE_FOR_ONE, 1, BST_S(60)),
              "w");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart m#1 (sup)\nstart w#1\n");
    assert_int_equal(bst_system_child_kill(rig.system, "/top/m"), BST_OK);
    rig_expect(&rig, "down m#1 killed\ndown w#1 killed\n"
                     "start m#2 (sup)\nstart w#2\n");
    rig_stop(&rig, "stop w#2\ndown w#2 shutdown\ndown m#2 shutdown\n"
                   "down top#1 shutdown\n");
}

/* ---- one incarnation at a time ------------------------------------------- */

static _Atomic uint32_t alive;
static _Atomic uint32_t overlaps;

static void leave(void *arg)
{
    (void)arg;
    bsti_fetch_sub_relaxed(&alive, 1u);
}

static bst_status arrive(struct puppet *self, void *arg,
                         struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    if (bsti_fetch_add_relaxed(&alive, 1u) != 0 || self->count != 0)
        bsti_fetch_add_relaxed(&overlaps, 1u);
    bst_defer(self, leave, NULL);
    return BST_OK;
}

static bst_status count_and_crash(struct puppet *self, void *arg,
                                  struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    if (bsti_load_relaxed(&alive) != 1)
        bsti_fetch_add_relaxed(&overlaps, 1u);
    memset(bst_alloc(self, 1000), 1, 1000);
    if (++self->count == 3)
        bst_panic(self, "that will do");
    return BST_OK;
}

static void b47_incarnations_never_overlap(void **state)
{
    struct rig rig;
    struct bst_stats stats;
    uint32_t rounds = BSTI_TSAN || BSTI_ASAN || rig_is_simulated() ? 100 : 2000;

    (void)state;
    bsti_store_relaxed(&alive, 0u);
    bsti_store_relaxed(&overlaps, 0u);
    rig_top(&rig, BST_ONE_FOR_ONE, always, "a");
    rig_part(&rig, "a")->on_start = arrive;
    rig_start(&rig);
    for (uint32_t i = 0; i < 3 * rounds; i++) {
        struct rig_order what = {count_and_crash, NULL};

        while (bst_tell(rig_ref(&rig, "a"), RIG_DO, &what, sizeof what) ==
               BST_FULL)
            rig_pass();
    }
    do {
        rig_pass();
        rig_settle(&rig, &stats);
    } while (stats.restarts < rounds || stats.processes < 1);
    assert_int_equal(stats.failed, rounds);
    assert_int_equal(bsti_load_relaxed(&overlaps), 0);
    rig_stop_quietly(&rig);
    assert_int_equal(bsti_load_relaxed(&alive), 0);
}

/* ---- budgets ------------------------------------------------------------- */

/* Crashes "a", incarnation `n`, which comes back. */
static void crash_and_back(struct rig *rig, unsigned n)
{
    char lines[80];

    rig_do(rig, "a", rig_crash, NULL);
    snprintf(lines, sizeof lines, "down a#%u crashed\nstart a#%u\n", n, n + 1);
    rig_expect(rig, lines);
}

static void b61_window_slides(void **state)
{
    struct rig rig;

    (void)state;
    rig_top(&rig, BST_ONE_FOR_ONE, tries(1, BST_S(1)), "a");
    rig_start(&rig);
    rig_expect(&rig, UP("start a#1\n"));
    for (unsigned n = 1; n <= 3; n++) {
        crash_and_back(&rig, n);
        rig_wait(&rig, BST_MS(2100));
    }
    rig_stop_quietly(&rig);
}

static void b62_second_failure_at_the_edge_of_the_window(void **state)
{
    struct rig rig;

    (void)state;
    rig_top(&rig, BST_ONE_FOR_ONE, tries(1, BST_MS(1000)), "a");
    rig_start(&rig);
    rig_expect(&rig, UP("start a#1\n"));
    crash_and_back(&rig, 1);
    rig_wait(&rig, BST_MS(1001));
    crash_and_back(&rig, 2);
    rig_wait(&rig, BST_MS(999));
    rig_do(&rig, "a", rig_crash, NULL);
    rig_end(&rig, 3, "down a#3 crashed\ndown top#1 shutdown\n");
}

static void b68_inner_restart_has_a_fresh_budget(void **state)
{
    struct rig rig;
    struct bst_supervisor *sup =
        rig_top(&rig, BST_ONE_FOR_ONE, tries(3, BST_S(5)), "");
    struct bst_supervisor *in =
        rig_sup(&rig, sup, "in", BST_ONE_FOR_ONE, 1, BST_S(5));

    (void)state;
    rig_child(&rig, in, "x");
    rig_start(&rig);
    rig_expect(&rig, UP("start in#1 (sup)\nstart x#1\n"));
    rig_do(&rig, "x", rig_crash, NULL);
    rig_expect(&rig, "down x#1 crashed\nstart x#2\n");
    rig_do(&rig, "x", rig_crash, NULL);
    rig_expect(&rig, "down x#2 crashed\ndown in#1 shutdown\n"
                     "start in#2 (sup)\nstart x#3\n");
    rig_do(&rig, "x", rig_crash, NULL);
    rig_expect(&rig, "down x#3 crashed\nstart x#4\n");
    rig_stop(&rig, "stop x#4\ndown x#4 shutdown\ndown in#2 shutdown\n"
                   "down top#1 shutdown\n");
}

static void b69_unlimited_restarts_need_no_memory(void **state)
{
    unsigned rounds =
        BSTI_TSAN || BSTI_ASAN || rig_is_simulated() ? 500 : 10000;
    struct rig rig;
    int64_t half_way = 0;

    (void)state;
    rig_top(&rig, BST_ONE_FOR_ONE, always, "a");
    rig_start(&rig);
    rig_expect(&rig, UP("start a#1\n"));
    for (unsigned n = 1; n <= rounds; n++) {
        crash_and_back(&rig, n);
        if (n == rounds / 2)
            half_way = bsti_alloc_balance();
    }
    /* Workers keep a few blocks more as time goes by. */
    assert_true(bsti_alloc_balance() - half_way < rounds / 8);
    rig_stop_quietly(&rig);
}

/* ---- stops on the way back ----------------------------------------------- */

/* It would go on for ever: the stop gets its turn. */
static void b71_stop_of_a_restart_that_never_succeeds(void **state)
{
    struct rig rig;

    (void)state;
    rig_top(&rig, BST_ONE_FOR_ONE, always, "ab");
    rig_start(&rig);
    rig_expect(&rig, UP("start a#1\nstart b#1\n"));
    bsti_store_relaxed(&rig_part(&rig, "a")->bad_starts, UINT32_MAX);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nstartfail a#2\nstartfail a#3\n");
    assert_int_equal(rig_ask(&rig, "b", rig_get, NULL, NULL), BST_OK);
    rig_stop_quietly(&rig);
}

static void b72_stop_ends_a_backoff(void **state)
{
    struct rig rig;
    bst_time begin;

    (void)state;
    rig_top(&rig, BST_ONE_FOR_ONE,
            (struct bst_restart){.mode = BST_RESTART_ALWAYS,
                                 .backoff = BST_LINEAR,
                                 .step = BST_S(30)},
            "ab");
    rig_start(&rig);
    rig_expect(&rig, UP("start a#1\nstart b#1\n"));
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\n");
    rig_wait(&rig, BST_MS(20));
    rig_part(&rig, "b")->group.shutdown = BST_INFINITE;
    begin = rig_now(&rig);
    bst_system_stop(rig.system);
    rig_expect(&rig, "stop b#1\ndown b#1 shutdown\ndown top#1 shutdown\n");
    assert_true(rig_now(&rig) - begin < BST_S(20));
    rig_end(&rig, 0, "");
}

/* ---- two reasons --------------------------------------------------------- */

/* A kill is on its way when the handler returns what it wants to. */
static bst_status end_before_the_kill(struct puppet *self, void *arg,
                                      struct rig_answer *answer)
{
    (void)answer;
    bsti_actor_kill(bsti_actor_of(self));
    return *(const bst_status *)arg;
}

static void b123_own_end_comes_before_a_kill_that_waits(void **state)
{
    static bst_status ends[] = {BST_STOP, BST_FAIL, BST_OK};
    struct rig rig;

    (void)state;
    rig_top(&rig, BST_ONE_FOR_ONE, always, "a");
    rig_start(&rig);
    rig_expect(&rig, UP("start a#1\n"));
    rig_do(&rig, "a", end_before_the_kill, &ends[0]);
    rig_expect(&rig, "down a#1 normal\nstart a#2\n");
    rig_do(&rig, "a", end_before_the_kill, &ends[1]);
    rig_expect(&rig, "down a#2 crashed\nstart a#3\n");
    rig_do(&rig, "a", end_before_the_kill, &ends[2]);
    rig_expect(&rig, "down a#3 killed\nstart a#4\n");
    rig_stop(&rig, "stop a#4\ndown a#4 shutdown\ndown top#1 shutdown\n");
}

UNIT_MAIN(RIG_TEST(b38_first_of_rest_for_one_is_as_one_for_all),
          RIG_TEST(b39_two_of_one_for_all_that_crash_together),
          RIG_TEST(b42_member_of_a_group_restarts_alone),
          RIG_TEST(b43_group_lives_while_one_member_does),
          RIG_TEST(b46_killed_supervisor_in_the_middle_restarts_alone),
          RIG_TEST(b47_incarnations_never_overlap), RIG_SIM(b61_window_slides),
          RIG_SIM(b62_second_failure_at_the_edge_of_the_window),
          RIG_TEST(b68_inner_restart_has_a_fresh_budget),
          RIG_TEST(b69_unlimited_restarts_need_no_memory),
          RIG_TEST(b71_stop_of_a_restart_that_never_succeeds),
          RIG_TEST(b72_stop_ends_a_backoff),
          RIG_SIM(b123_own_end_comes_before_a_kill_that_waits))
