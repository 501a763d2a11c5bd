/*
 * What becomes of questions and messages that cannot be served as they are:
 * askers that wait for each other, groups that lose members, full mailboxes,
 * messages that nobody handles, and those that nobody is there for.
 */

#define _GNU_SOURCE
#include "unit/support/rig.h"

#include "actor/actor.h"
#include "base/attr.h"
#include "sync/atomic.h"
#include "unit/unit.h"

static struct bst_supervisor *top(struct rig *rig)
{
    struct bst_supervisor *sup;

    rig_init(rig);
    sup = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 0, 0);
    sup->restart.mode = BST_RESTART_ALWAYS;
    return sup;
}

static bst_status tell(bst_ref to, rig_fn *fn, void *arg)
{
    struct rig_order order = {fn, arg};

    return bst_tell(to, RIG_DO, &order, sizeof order);
}

/* ---- questions ----------------------------------------------------------- */

/* Asks the other one of "a" and "b", and says what came of it. */
static bst_status ask_the_other(struct puppet *self, void *arg,
                                struct rig_answer *answer)
{
    bool is_a = strcmp(self->part->group.name, "a") == 0;
    struct rig_order order = {rig_get, NULL};
    struct rig_answer found = {0};

    (void)answer;
    /* Until both are in their handlers. */
    bsti_fetch_add_acq_rel((_Atomic uint32_t *)arg, 1u);
    while (bsti_load_acquire((_Atomic uint32_t *)arg) < 2)
        bst_yield(self);
    rig_note(self->rig, "%s",
             bst_status_name(bst_ask(rig_ref(self->rig, is_a ? "b" : "a"),
                                     RIG_ASK, &order, sizeof order, &found,
                                     sizeof found, BST_MS(50))));
    return BST_OK;
}

static void b104_two_that_ask_each_other_run_out_of_time(void **state)
{
    _Atomic uint32_t both = 0;
    struct rig rig;
    struct bst_supervisor *sup = top(&rig);
    bst_time begin;
    uint64_t value;

    (void)state;
    rig.options.threads = 1;
    rig_child(&rig, sup, "a");
    rig_child(&rig, sup, "b");
    rig_child(&rig, sup, "c");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\nstart c#1\n");
    begin = rig_now(&rig);
    rig_do(&rig, "a", ask_the_other, &both);
    rig_do(&rig, "b", ask_the_other, &both);
    while (bsti_load_acquire(&both) < 2)
        rig_pass();
    /* The worker is not held up by them. */
    for (int i = 0; i < 20; i++)
        assert_int_equal(rig_ask(&rig, "c", rig_get, NULL, &value), BST_OK);
    rig_expect(&rig, "BST_TIMEOUT\n");
    assert_true(rig_now(&rig) - begin >= BST_MS(50));
    /* The first one that is free answers the other one in time, perhaps. */
    rig_settle(&rig, &(struct bst_stats){0});
    assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, &value), BST_OK);
    assert_int_equal(rig_ask(&rig, "b", rig_get, NULL, &value), BST_OK);
    rig_stop_quietly(&rig);
}

static void b99_question_without_time_is_refused(void **state)
{
    static const bst_time times_[] = {0, -2, INT64_MIN};
    struct rig_order order = {rig_get, NULL};
    struct rig rig;
    struct rig_answer found = {77};

    (void)state;
    rig_child(&rig, top(&rig), "a");
    rig_start(&rig);
    for (int i = 0; i < 3; i++) {
        bst_status status =
            bst_ask(rig_ref(&rig, "a"), RIG_ASK, &order, sizeof order, &found,
                    sizeof found, times_[i]);

        assert_true(status == BST_INVALID || status == BST_TIMEOUT);
        assert_int_equal(found.value, 77);
    }
    rig_stop_quietly(&rig);
}

/* ---- groups -------------------------------------------------------------- */

enum { CROWD = 100 };

static _Atomic uint32_t heard[CROWD];

static bst_status hear(struct puppet *self, void *arg,
                       struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    bsti_fetch_add_relaxed(&heard[bst_index(self)], 1u);
    return BST_OK;
}

static bst_status cast(bst_ref to, rig_fn *fn)
{
    struct rig_order order = {fn, NULL};

    return bst_cast(to, RIG_DO, &order, sizeof order);
}

static void forget_all(void)
{
    for (int i = 0; i < CROWD; i++)
        bsti_store_relaxed(&heard[i], 0u);
}

/* Those that live get it once, and those that come later do not. */
static void b106_broadcast_reaches_whoever_lives(void **state)
{
    struct rig rig;
    struct bst_stats stats;
    struct rig_part *kids;

    (void)state;
    forget_all();
    kids = rig_child(&rig, top(&rig), "kids");
    kids->group.redundancy = 0;
    kids->group.max = CROWD;
    rig_start(&rig);
    for (int i = 0; i < CROWD - 10; i++)
        assert_int_equal(bst_system_spawn(rig.system, &kids->group, NULL, NULL),
                         BST_OK);
    assert_int_equal(cast(rig_group(&rig, "kids"), hear), BST_OK);
    for (int i = 0; i < 10; i++)
        assert_int_equal(bst_system_spawn(rig.system, &kids->group, NULL, NULL),
                         BST_OK);
    rig_settle(&rig, &stats);
    assert_int_equal(stats.handled, CROWD - 10);
    for (int i = 0; i < CROWD; i++)
        assert_int_equal(bsti_load_relaxed(&heard[i]), i < CROWD - 10);
    rig_stop_quietly(&rig);
}

/* One is on its way down: it gets the broadcast when it is back. */
static void b107_broadcast_while_a_member_crashes(void **state)
{
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    forget_all();
    rig_child(&rig, top(&rig), "w")->group.redundancy = 8;
    rig_start(&rig);
    for (int round = 1; round <= 20; round++) {
        assert_int_equal(tell(rig_member(&rig, "w", 3), rig_crash, NULL),
                         BST_OK);
        assert_int_equal(cast(rig_group(&rig, "w"), hear), BST_OK);
        rig_settle(&rig, &stats);
        for (int i = 0; i < 8; i++)
            assert_int_equal(bsti_load_relaxed(&heard[i]), round);
    }
    assert_int_equal(stats.failed, 20);
    rig_stop_quietly(&rig);
}

/* ---- full mailboxes ------------------------------------------------------ */

static _Atomic uint32_t within;     /* handlers that have begun */
static _Atomic uint32_t results[2]; /* 1 + the last status of "a" and "b" */

/* Tells the other one more than it can take while it does the same. */
static bst_status flood_the_other(struct puppet *self, void *arg,
                                  struct rig_answer *answer)
{
    bool is_a = strcmp(self->part->group.name, "a") == 0;
    bst_status status = BST_OK;

    (void)arg;
    (void)answer;
    bsti_fetch_add_acq_rel(&within, 1u);
    while (bsti_load_acquire(&within) < 2)
        bst_yield(self);
    for (int i = 0; i < 10 && status == BST_OK; i++)
        status = tell(rig_ref(self->rig, is_a ? "b" : "a"), rig_count, NULL);
    bsti_store_release(&results[is_a], 1u + status);
    return BST_OK;
}

static void b112_two_that_block_each_other_go_on(void **state)
{
    struct rig rig;
    struct bst_supervisor *sup = top(&rig);
    struct bst_stats stats;
    uint32_t refused = 0;

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct rig_part *part = rig_child(&rig, sup, i ? "b" : "a");

        part->group.mailbox = 2;
        part->group.overflow = BST_OVERFLOW_BLOCK;
        part->group.block = BST_MS(30);
        bsti_store_relaxed(&results[i], 0u);
    }
    bsti_store_relaxed(&within, 0u);
    rig_start(&rig);
    rig_do(&rig, "a", flood_the_other, NULL);
    rig_do(&rig, "b", flood_the_other, NULL);
    while (!bsti_load_acquire(&results[0]) || !bsti_load_acquire(&results[1]))
        rig_pass();
    rig_settle(&rig, &stats);
    for (int i = 0; i < 2; i++) {
        bst_status status = (bst_status)(bsti_load_relaxed(&results[i]) - 1);

        assert_true(status == BST_OK || status == BST_FULL);
        refused += status == BST_FULL;
    }
    /* The first one that gives up lets the other one go on. */
    assert_true(refused >= 1);
    assert_int_equal(stats.refused, refused);
    assert_int_equal(stats.handled, stats.sent);
    rig_stop_quietly(&rig);
}

/* ---- nobody -------------------------------------------------------------- */

enum { LETTERS = 10 };

/* Queued ones are dead letters, each once; later ones are refused. */
static void b105_every_dead_letter_counts_once(void **state)
{
    struct rig_gate gate = {0};
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    rig_child(&rig, top(&rig), "a")->group.lifetime = BST_TEMPORARY;
    rig_start(&rig);
    rig_do(&rig, "a", rig_hold, &gate);
    rig_gate_wait(&gate, 1);
    rig_do(&rig, "a", rig_normal, NULL);
    for (int i = 0; i < LETTERS; i++)
        rig_do(&rig, "a", rig_count, NULL);
    rig_gate_open(&gate);
    rig_settle(&rig, &stats);
    assert_int_equal(stats.handled, 2);
    assert_int_equal(stats.dead, LETTERS);
    while (tell(rig_ref(&rig, "a"), rig_count, NULL) != BST_DEAD)
        rig_pass();
    rig_settle(&rig, &stats);
    for (int i = 0; i < LETTERS; i++) {
        struct bst_stats now;

        assert_int_equal(tell(rig_ref(&rig, "a"), rig_count, NULL), BST_DEAD);
        bst_system_stats(rig.system, &now);
        assert_int_equal(now.refused, stats.refused + (uint64_t)i + 1);
        assert_int_equal(now.sent, stats.sent);
    }
    rig_stop_quietly(&rig);
}

static void b132_question_to_a_group_without_members_is_dead(void **state)
{
    struct rig_order order = {rig_get, NULL};
    struct rig_answer found;
    struct rig rig;
    struct rig_part *part;

    (void)state;
    part = rig_child(&rig, top(&rig), "w");
    part->group.redundancy = 3;
    part->group.lifetime = BST_TEMPORARY;
    rig_start(&rig);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(tell(rig_member(&rig, "w", i), rig_normal, NULL),
                         BST_OK);
    while (tell(rig_group(&rig, "w"), rig_count, NULL) != BST_DEAD)
        rig_pass();
    assert_int_equal(bst_ask(rig_group(&rig, "w"), RIG_ASK, &order,
                             sizeof order, &found, sizeof found, BST_DECLARED),
                     BST_DEAD);
    assert_int_equal(cast(rig_group(&rig, "w"), hear), BST_DEAD);
    rig_stop_quietly(&rig);
}

/* ---- unhandled ----------------------------------------------------------- */

static void tell_what_is_not_handled(void *arg)
{
    struct rig rig;
    struct bst_stats stats;

    (void)arg;
    rig_child(&rig, top(&rig), "a");
    rig.options.log = BST_LOG_WARN;
    rig_start(&rig);
    for (int i = 0; i < 5; i++)
        if (bst_tell(rig_ref(&rig, "a"), RIG_PLAIN, NULL, 0) != BST_OK)
            _exit(1);
    rig_settle(&rig, &stats);
    if (stats.handled != 5 || stats.failed != 0 || stats.restarts != 0)
        _exit(2);
    rig_stop_quietly(&rig);
    _exit(0);
}

static void b113_unhandled_message_is_reported_once(void **state)
{
    char text[4096];
    const char *first;
    int status = unit_fork(tell_what_is_not_handled, NULL, text, sizeof text);

    (void)state;
    assert_true(unit_exited(status, 0));
    first = strstr(text, "does not handle `plain`");
    assert_non_null(first);
    assert_null(strstr(first + 1, "does not handle"));
}

/* ---- a huge mailbox ------------------------------------------------------ */

enum { HUGE = BSTI_TSAN || BSTI_ASAN ? 5000 : 20000, QUESTIONS = 200 };

/* Returns the shortest time that a question took; 0: one was not answered. */
static bst_time time_questions(struct puppet *self)
{
    struct rig_order order = {rig_get, NULL};
    struct rig_answer found;
    bst_time shortest = BST_INFINITE;

    for (int i = 0; i < QUESTIONS; i++) {
        bst_time begin = bst_now(self);
        bst_time took;

        if (bst_ask(rig_ref(self->rig, "b"), RIG_ASK, &order, sizeof order,
                    &found, sizeof found, BST_DECLARED) != BST_OK)
            return 0;
        took = bst_now(self) - begin;
        shortest = took < shortest ? took : shortest;
    }
    return shortest;
}

/* Asks with an empty mailbox and with a huge one, which it fills itself. */
static bst_status compare_questions(struct puppet *self, void *arg,
                                    struct rig_answer *answer)
{
    bst_time empty = time_questions(self);
    bst_time full;

    (void)arg;
    for (int i = 0; i < HUGE; i++)
        if (tell(bst_self(self), rig_count, NULL) != BST_OK)
            return BST_FAIL;
    full = time_questions(self);
    answer->value =
        empty > 0 && full > 0 && full < 20 * empty + BST_US(50) ? 1 : 0;
    return BST_OK;
}

/* The answer does not have to be found among what lies in the mailbox. */
static void b114_answer_does_not_wait_behind_a_huge_mailbox(void **state)
{
    struct rig rig;
    struct bst_supervisor *sup = top(&rig);
    struct bst_stats stats;
    uint64_t value = 0;

    (void)state;
    rig_child(&rig, sup, "a")->group.mailbox = HUGE + 10;
    rig_child(&rig, sup, "b");
    rig_start(&rig);
    assert_int_equal(rig_ask(&rig, "a", compare_questions, NULL, &value),
                     BST_OK);
    assert_int_equal(value, 1);
    rig_settle(&rig, &stats);
    assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, &value), BST_OK);
    assert_int_equal(value, HUGE);
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_TEST(b113_unhandled_message_is_reported_once),
          RIG_TEST(b99_question_without_time_is_refused),
          RIG_TEST(b104_two_that_ask_each_other_run_out_of_time),
          RIG_TEST(b105_every_dead_letter_counts_once),
          RIG_TEST(b106_broadcast_reaches_whoever_lives),
          RIG_TEST(b107_broadcast_while_a_member_crashes),
          RIG_TEST(b112_two_that_block_each_other_go_on),
          RIG_TEST(b114_answer_does_not_wait_behind_a_huge_mailbox),
          RIG_TEST(b132_question_to_a_group_without_members_is_dead))
