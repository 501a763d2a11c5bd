/*
 * sup: starts and stops of reliability.md that need more than a recorded trace:
 * virtual hours, many children, two things at one time.
 */

#include "unit/support/rig.h"

#include "actor/actor.h"
#include "base/alloc.h"
#include "sync/atomic.h"
#include "unit/unit.h"

#define UP(children) "start top#1 (sup)\n" children

static const struct bst_restart always = {.mode = BST_RESTART_ALWAYS};

/* Whether `took` is what was to be waited for; simulated, turns are short. */
static bool is_about(bst_time took, bst_time time)
{
    return took >= time && (!rig_is_simulated() || took < time + BST_MS(5));
}

/* ---- starts -------------------------------------------------------------- */

static bst_status answer_rubbish(struct puppet *self, void *arg,
                                 struct rig_answer *answer)
{
    (void)self;
    (void)arg;
    (void)answer;
    return (bst_status)77;
}

static void b06_start_that_returns_rubbish_fails(void **state)
{
    int64_t before = bsti_alloc_balance();
    struct rig rig;

    (void)state;
    rig_top(&rig, BST_ONE_FOR_ONE, always, "ab");
    rig_part(&rig, "b")->on_start = answer_rubbish;
    assert_int_equal(rig_try_start(&rig), BST_FAILED);
    rig_expect(&rig, UP("start a#1\nstartfail b#1\n") "stop a#1\n"
                                                      "down a#1 shutdown\n"
                                                      "down top#1 startfail\n");
    rig_free(&rig);
    assert_int_equal(bsti_alloc_balance(), before);
}

static bst_status stop_the_system(struct puppet *self, void *arg,
                                  struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    bst_stop_system(self);
    return BST_OK;
}

/* Has "a" stop the system, and goes on starting for a while. */
static bst_status start_during_a_stop(struct puppet *self, void *arg,
                                      struct rig_answer *answer)
{
    struct rig_order order = {stop_the_system, NULL};

    (void)arg;
    (void)answer;
    self->rig->system = bst_system_of(self);
    assert_int_equal(
        bst_tell(rig_ref(self->rig, "a"), RIG_DO, &order, sizeof order),
        BST_OK);
    bst_sleep(self, BST_MS(10));
    rig_note(self->rig, "b is ready");
    return BST_OK;
}

static void b12_stop_while_a_child_starts_waits_for_it(void **state)
{
    struct rig rig;

    (void)state;
    rig_top(&rig, BST_ONE_FOR_ONE, always, "abc");
    rig_part(&rig, "b")->on_start = start_during_a_stop;
    rig_start(&rig);
    rig_expect(&rig, UP("start a#1\nb is ready\n"));
    rig_expect_unordered(&rig, "start b#1\nstop b#1\n");
    rig_end(&rig, 0,
            "down b#1 shutdown\nstop a#1\ndown a#1 shutdown\n"
            "down top#1 shutdown\n");
}

/* ---- stops --------------------------------------------------------------- */

/* The stop of "b" sleeps for `sleep`, and ends as `end` after `time`. */
static void stop_slowly(bst_time sleep, bst_time shutdown, const char *end,
                        bst_time time)
{
    struct rig rig;
    char lines[200];
    bst_time begin;

    rig_top(&rig, BST_ONE_FOR_ONE, always, "abc");
    rig_part(&rig, "b")->slow_stop = sleep;
    rig_part(&rig, "b")->group.shutdown = shutdown;
    rig_start(&rig);
    rig_expect(&rig, UP("start a#1\nstart b#1\nstart c#1\n"));
    begin = rig_now(&rig);
    bst_system_stop(rig.system);
    snprintf(lines, sizeof lines,
             "stop c#1\ndown c#1 shutdown\nstop b#1\ndown b#1 %s\n", end);
    rig_expect(&rig, lines);
    assert_true(is_about(rig_now(&rig) - begin, time));
    rig_end(&rig, 0, "stop a#1\ndown a#1 shutdown\ndown top#1 shutdown\n");
}

static void b16_stop_is_forced_at_its_limit(void **state)
{
    (void)state;
    stop_slowly(BST_S(3600), BST_MS(200), "killed", BST_MS(200));
}

static void b18_stop_without_a_limit_takes_its_time(void **state)
{
    (void)state;
    stop_slowly(BST_S(600), BST_INFINITE, "shutdown", BST_S(600));
}

static void b19_stop_within_its_limit_is_left_alone(void **state)
{
    (void)state;
    stop_slowly(BST_MS(150), BST_MS(200), "shutdown", BST_MS(150));
}

static void b10_stop_takes_five_seconds_by_default(void **state)
{
    (void)state;
    stop_slowly(BST_S(3600), 0, "killed", BST_S(5));
}

enum { LIFETIMES = 3, WAYS = 4 };

/* Every end there is, of every kind of child, while the last one stops. */
static void b20_ends_during_a_stop_keep_their_reason(void **state)
{
    static const char names[LIFETIMES][WAYS][3] = {{"p0", "p1", "p2", "p3"},
                                                   {"t0", "t1", "t2", "t3"},
                                                   {"x0", "x1", "x2", "x3"}};
    static const enum bst_lifetime lifetimes[] = {BST_PERMANENT, BST_TRANSIENT,
                                                  BST_TEMPORARY};
    static rig_fn *const ends[WAYS] = {rig_normal, rig_crash, rig_panic, NULL};
    struct rig_gate gate = {0};
    struct rig rig;
    struct bst_supervisor *sup = rig_top(&rig, BST_ONE_FOR_ONE, always, "");

    (void)state;
    for (int k = 0; k < LIFETIMES; k++)
        for (int i = 0; i < WAYS; i++)
            rig_child(&rig, sup, names[k][i])->group.lifetime = lifetimes[k];
    rig_child(&rig, sup, "z")->on_stop = rig_hold;
    rig_part(&rig, "z")->arg = &gate;
    rig_start(&rig);
    rig_expect(&rig, UP("start p0#1\nstart p1#1\nstart p2#1\nstart p3#1\n"
                        "start t0#1\nstart t1#1\nstart t2#1\nstart t3#1\n"
                        "start x0#1\nstart x1#1\nstart x2#1\nstart x3#1\n"
                        "start z#1\n"));
    bst_system_stop(rig.system);
    rig_expect(&rig, "stop z#1\n");
    for (int k = 0; k < LIFETIMES; k++)
        for (int i = 0; i < WAYS; i++)
            if (ends[i])
                rig_do(&rig, names[k][i], ends[i], NULL);
            else
                rig_kill(&rig, names[k][i]);
    rig_expect_unordered(&rig, "down p0#1 normal\ndown p1#1 crashed\n"
                               "down p2#1 crashed\ndown p3#1 killed\n"
                               "down t0#1 normal\ndown t1#1 crashed\n"
                               "down t2#1 crashed\ndown t3#1 killed\n"
                               "down x0#1 normal\ndown x1#1 crashed\n"
                               "down x2#1 crashed\ndown x3#1 killed\n");
    rig_gate_open(&gate);
    rig_end(&rig, 0, "down z#1 shutdown\ndown top#1 shutdown\n");
}

/* ---- a stop under load --------------------------------------------------- */

enum { LOADED = 100, LOAD = 100 };

static _Atomic uint32_t stopped[LOADED]; /* 1: it has ended, or is about to */
static _Atomic uint32_t late;            /* orders that came after that */
static _Atomic uint32_t top_is_down;

static bst_status work(struct puppet *self, void *arg,
                       struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    if (bsti_load_relaxed(&stopped[bst_index(self)]))
        bsti_fetch_add_relaxed(&late, 1u);
    if (self->count++ == 0)
        bst_sleep(self, BST_MS(1));
    return BST_OK;
}

static bst_status note_stop(struct puppet *self, void *arg,
                            struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    bsti_store_relaxed(&stopped[bst_index(self)], 1u);
    return BST_OK;
}

static void see_the_end(struct rig *rig, const char *line)
{
    (void)rig;
    if (strcmp(line, "down top#1 shutdown") == 0)
        bsti_store_release(&top_is_down, 1u);
}

static void b26_stop_under_load_leaves_only_dead_letters(void **state)
{
    struct rig_order order = {work, NULL};
    struct rig rig;
    struct rig_part *part;
    struct bst_stats stats;

    (void)state;
    memset(stopped, 0, sizeof stopped);
    bsti_store_relaxed(&top_is_down, 0u);
    bsti_store_relaxed(&late, 0u);
    part = rig_child(&rig, rig_top(&rig, BST_ONE_FOR_ONE, always, ""), "w");
    part->group.redundancy = LOADED;
    part->on_stop = note_stop;
    rig.on_line = see_the_end;
    rig_start(&rig);
    for (uint32_t i = 0; i < LOADED * LOAD; i++)
        assert_int_equal(bst_tell(rig_member(&rig, "w", i % LOADED), RIG_DO,
                                  &order, sizeof order),
                         BST_OK);
    bst_system_stop(rig.system);
    while (!bsti_load_acquire(&top_is_down))
        rig_pass();
    rig_settle(&rig, &stats);
    assert_int_equal(bsti_load_relaxed(&late), 0);
    for (uint32_t i = 0; i < LOADED; i++)
        assert_int_equal(bsti_load_relaxed(&stopped[i]), 1);
    assert_int_equal(stats.sent, LOADED * LOAD);
    assert_int_equal(stats.handled + stats.dead, LOADED * LOAD);
    if (rig_is_simulated())
        assert_true(stats.dead > 0);
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_TEST(b06_start_that_returns_rubbish_fails),
          RIG_TEST(b12_stop_while_a_child_starts_waits_for_it),
          RIG_TEST(b16_stop_is_forced_at_its_limit),
          RIG_SIM(b18_stop_without_a_limit_takes_its_time),
          RIG_TEST(b19_stop_within_its_limit_is_left_alone),
          RIG_SIM(b10_stop_takes_five_seconds_by_default),
          RIG_TEST(b20_ends_during_a_stop_keep_their_reason),
          RIG_TEST(b26_stop_under_load_leaves_only_dead_letters))
