/*
 * actor/ask: every way in which a question can end.
 */

#include "unit/support/rig.h"

#include "actor/actor.h"
#include "unit/unit.h"

static bst_time hour = BST_S(3600);

static struct bst_supervisor *two(struct rig *rig)
{
    struct bst_supervisor *top;

    rig_init(rig);
    top = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 20, BST_S(5));
    rig_child(rig, top, "a");
    rig_child(rig, top, "b");
    return top;
}

static void start_two(struct rig *rig)
{
    rig_start(rig);
    rig_expect(rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
}

/* What a puppet is to ask "b", and how. */
struct question {
    uint32_t kind;
    rig_fn *fn;
    void *arg;
    size_t answer_size;
    bst_time within;
    const char *whom;
};

static struct question question(rig_fn *fn, void *arg)
{
    return (struct question){RIG_ASK,      fn, arg, sizeof(struct rig_answer),
                             BST_DECLARED, "b"};
}

/* Notes how the question ended; its answer is passed on. */
static bst_status pose(struct puppet *self, void *arg,
                       struct rig_answer *answer)
{
    const struct question *q = arg;
    struct rig_order order = {q->fn, q->arg};
    struct rig_answer found = {77};
    bst_status status;

    status = bst_ask(rig_ref(self->rig, q->whom), q->kind, &order,
                     q->kind == RIG_ASK ? sizeof order : 0, &found,
                     q->answer_size, q->within);
    rig_note(self->rig, "%s %llu", bst_status_name(status),
             (unsigned long long)found.value);
    if (answer)
        answer->value = found.value;
    return BST_OK;
}

/* As pose(), from the test's own thread. */
static bst_status pose_as_thread(struct rig *rig, const struct question *q)
{
    struct rig_order order = {q->fn, q->arg};
    struct rig_answer found = {77};
    bst_status status = bst_ask(rig_ref(rig, q->whom), q->kind, &order,
                                q->kind == RIG_ASK ? sizeof order : 0, &found,
                                q->answer_size, q->within);

    if (status != BST_OK)
        assert_int_equal(found.value, 77);
    return status;
}

/* Has "a" pose it, and poses it from here: both must see `expected`. */
static void check(struct rig *rig, struct question q, bst_status expected)
{
    char line[64];

    rig_do(rig, "a", pose, &q);
    snprintf(line, sizeof line, "%s 77\n", bst_status_name(expected));
    rig_expect(rig, line);
    assert_int_equal(pose_as_thread(rig, &q), expected);
}

static void ask_gets_the_answer(void **state)
{
    struct question q = question(rig_get, NULL);
    struct rig rig;
    uint64_t value;

    (void)state;
    two(&rig);
    start_two(&rig);
    for (int i = 0; i < 3; i++)
        rig_do(&rig, "b", rig_count, NULL);
    assert_int_equal(rig_ask(&rig, "a", pose, &q, &value), BST_OK);
    assert_int_equal(value, 3);
    rig_expect(&rig, "BST_OK 3\n");
    rig_stop_quietly(&rig);
}

static void ask_suspends_and_the_worker_goes_on(void **state)
{
    static bst_time nap = BST_MS(20);
    struct question q = question(rig_sleep, &nap);
    struct rig rig;

    (void)state;
    two(&rig);
    rig.options.threads = 1;
    start_two(&rig);
    rig_do(&rig, "a", pose, &q);
    /* `a` handles nothing else meanwhile, and the only worker is free. */
    rig_tell_to_say(&rig, "a", "afterwards");
    rig_expect(&rig, "asleep\nBST_OK 0\nafterwards\n");
    rig_stop_quietly(&rig);
}

static void ask_too_late_is_a_timeout(void **state)
{
    static bst_time nap = BST_MS(40);
    struct question q = question(rig_sleep, &nap);
    struct rig rig;
    struct bst_stats stats;
    bst_time begin;

    (void)state;
    two(&rig);
    start_two(&rig);
    q.within = BST_MS(10);
    begin = rig_now(&rig);
    rig_do(&rig, "a", pose, &q);
    rig_expect(&rig, "asleep\nBST_TIMEOUT 77\n");
    assert_true(rig_now(&rig) - begin >= BST_MS(10));
    /* The answer comes all the same, and is dead. */
    rig_settle(&rig, &stats);
    assert_int_equal(stats.dead, 1);
    assert_int_equal(stats.sent, 3);
    assert_int_equal(pose_as_thread(&rig, &q), BST_TIMEOUT);
    rig_settle(&rig, &stats);
    assert_int_equal(stats.dead, 2);
    rig_stop_quietly(&rig);
}

static void b98_ask_of_one_that_fails_is_failed(void **state)
{
    struct rig rig;

    (void)state;
    two(&rig);
    start_two(&rig);
    rig_do(&rig, "a", pose,
           &(struct question){RIG_ASK, rig_crash, NULL, 8, BST_DECLARED, "b"});
    rig_expect_unordered(&rig, "down b#1 crashed\nstart b#2\nBST_FAILED 77\n");
    assert_int_equal(rig_ask(&rig, "b", rig_panic, NULL, NULL), BST_FAILED);
    rig_expect(&rig, "down b#2 crashed\nstart b#3\n");
    rig_stop_quietly(&rig);
}

static void b98_ask_of_one_that_is_killed_is_failed(void **state)
{
    struct question q = question(rig_sleep, &hour);
    struct rig rig;

    (void)state;
    two(&rig);
    start_two(&rig);
    rig_do(&rig, "a", pose, &q);
    rig_expect(&rig, "asleep\n");
    rig_kill(&rig, "b");
    rig_expect_unordered(&rig, "down b#1 killed\nstart b#2\nBST_FAILED 77\n");
    rig_stop_quietly(&rig);
}

static void ask_of_one_that_is_killed_while_asking_is_failed(void **state)
{
    struct question inner = question(rig_sleep, &hour);
    struct question outer = question(pose, &inner);
    struct rig rig;

    (void)state;
    rig_child(&rig, two(&rig), "c");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\nstart c#1\n");
    inner.whom = "c";
    rig_do(&rig, "a", pose, &outer);
    rig_expect(&rig, "asleep\n");
    rig_kill(&rig, "b");
    rig_expect_unordered(&rig, "down b#1 killed\nstart b#2\nBST_FAILED 77\n");
    /* c answers a dead asker later, or is killed by the stop. */
    rig_kill(&rig, "c");
    rig_expect(&rig, "down c#1 killed\nstart c#2\n");
    rig_stop_quietly(&rig);
}

static void b102_ask_that_ends_the_answerer_has_no_answer(void **state)
{
    struct rig rig;

    (void)state;
    two(&rig);
    start_two(&rig);
    assert_int_equal(rig_ask(&rig, "b", rig_normal, NULL, NULL), BST_NO_ANSWER);
    rig_expect(&rig, "down b#1 normal\nstart b#2\n");
    rig_stop_quietly(&rig);
}

static void b102_ask_what_is_no_question_has_no_answer(void **state)
{
    struct question q = question(NULL, NULL);
    struct rig rig;

    (void)state;
    two(&rig);
    start_two(&rig);
    /* A puppet adds up the bytes of a blob and says nothing. */
    q.kind = RIG_BLOB;
    q.within = BST_S(5);
    assert_int_equal(pose_as_thread(&rig, &q), BST_NO_ANSWER);
    rig_stop_quietly(&rig);
}

static void b113_ask_what_is_not_handled_is_refused(void **state)
{
    struct question q = question(NULL, NULL);
    struct rig rig;

    (void)state;
    two(&rig);
    start_two(&rig);
    q.kind = RIG_PLAIN;
    check(&rig, q, BST_REFUSED);
    rig_stop_quietly(&rig);
}

static void b97_ask_the_dead_is_dead_at_once(void **state)
{
    struct question q = question(rig_get, NULL);
    struct rig rig;
    bst_time begin;

    (void)state;
    two(&rig);
    rig_part(&rig, "b")->group.lifetime = BST_TEMPORARY;
    start_two(&rig);
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#1 crashed\n");
    while (rig_ask(&rig, "b", rig_get, NULL, NULL) != BST_DEAD)
        rig_pass();
    begin = rig_now(&rig);
    check(&rig, q, BST_DEAD);
    assert_true(rig_now(&rig) - begin < BST_S(10));
    rig_stop_quietly(&rig);
}

/* A question that waits in the mailbox of one that ends for good. */
static void b98_ask_queued_at_the_end_is_dead(void **state)
{
    struct rig_gate gate = {0};
    struct question q = question(rig_get, NULL);
    struct rig rig;

    (void)state;
    two(&rig);
    rig_part(&rig, "b")->group.lifetime = BST_TEMPORARY;
    start_two(&rig);
    rig_do(&rig, "b", rig_hold, &gate);
    rig_gate_wait(&gate, 1);
    rig_do(&rig, "b", rig_crash, NULL);
    rig_do(&rig, "a", pose, &q);
    rig_tell_to_say(&rig, "a", "went on");
    {
        struct bst_stats stats;

        /* Until the question is in the mailbox. */
        do {
            rig_pass();
            bst_system_stats(rig.system, &stats);
        } while (stats.sent < 5);
    }
    rig_gate_open(&gate);
    rig_expect_unordered(&rig, "down b#1 crashed\nBST_DEAD 77\nwent on\n");
    rig_stop_quietly(&rig);
}

/* With `keep` a queued question goes to the next incarnation. */
static void ask_queued_at_a_failure_is_answered_by_the_next(void **state)
{
    struct rig_gate gate = {0};
    struct question q = question(rig_get, NULL);
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    two(&rig);
    start_two(&rig);
    rig_do(&rig, "b", rig_hold, &gate);
    rig_gate_wait(&gate, 1);
    rig_do(&rig, "b", rig_crash, NULL);
    rig_do(&rig, "a", pose, &q);
    do {
        rig_pass();
        bst_system_stats(rig.system, &stats);
    } while (stats.sent < 4);
    rig_gate_open(&gate);
    rig_expect_unordered(&rig, "down b#1 crashed\nstart b#2\nBST_OK 0\n");
    rig_stop_quietly(&rig);
}

static void b103_ask_oneself_is_invalid(void **state)
{
    struct question q = question(rig_get, NULL);
    struct rig rig;

    (void)state;
    two(&rig);
    start_two(&rig);
    q.whom = "a";
    rig_do(&rig, "a", pose, &q);
    rig_expect(&rig, "BST_INVALID 77\n");
    rig_stop_quietly(&rig);
}

static void ask_beyond_the_declared_deadline_is_invalid(void **state)
{
    struct question q = question(rig_get, NULL);
    struct rig rig;

    (void)state;
    two(&rig);
    start_two(&rig);
    q.within = BST_S(20) + 1;
    rig_do(&rig, "a", pose, &q);
    rig_expect(&rig, "BST_INVALID 77\n");
    q.within = BST_S(20);
    rig_do(&rig, "a", pose, &q);
    rig_expect(&rig, "BST_OK 0\n");
    /* A foreign thread may wait as long as it likes. */
    q.within = BST_S(31);
    assert_int_equal(pose_as_thread(&rig, &q), BST_OK);
    q.within = 0;
    assert_int_equal(pose_as_thread(&rig, &q), BST_INVALID);
    rig_stop_quietly(&rig);
}

static void ask_without_a_declared_deadline_is_invalid(void **state)
{
    struct question q = question(NULL, NULL);
    struct rig rig;

    (void)state;
    two(&rig);
    rig.app.noutside = 0;
    start_two(&rig);
    q.kind = RIG_PLAIN;
    assert_int_equal(pose_as_thread(&rig, &q), BST_INVALID);
    q.within = BST_S(5);
    assert_int_equal(pose_as_thread(&rig, &q), BST_REFUSED);
    rig_stop_quietly(&rig);
}

static void ask_full_mailbox_is_full(void **state)
{
    struct rig_gate gate = {0};
    struct question q = question(rig_get, NULL);
    struct rig rig;

    (void)state;
    two(&rig);
    rig_part(&rig, "b")->group.mailbox = 1;
    start_two(&rig);
    rig_do(&rig, "b", rig_hold, &gate);
    rig_gate_wait(&gate, 1);
    rig_do(&rig, "b", rig_count, NULL);
    check(&rig, q, BST_FULL);
    rig_gate_open(&gate);
    rig_stop_quietly(&rig);
}

static void ask_with_another_answer_size_is_invalid(void **state)
{
    struct question q = question(rig_get, NULL);
    struct rig rig;

    (void)state;
    two(&rig);
    start_two(&rig);
    q.answer_size = 4;
    check(&rig, q, BST_INVALID);
    /* Who does not want the answer gets none. */
    q.answer_size = 0;
    check(&rig, q, BST_OK);
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_BOTH_WAYS(ask_gets_the_answer),
          RIG_BOTH_WAYS(ask_suspends_and_the_worker_goes_on),
          RIG_BOTH_WAYS(ask_too_late_is_a_timeout),
          RIG_BOTH_WAYS(b98_ask_of_one_that_fails_is_failed),
          RIG_BOTH_WAYS(b98_ask_of_one_that_is_killed_is_failed),
          RIG_BOTH_WAYS(ask_of_one_that_is_killed_while_asking_is_failed),
          RIG_BOTH_WAYS(b102_ask_that_ends_the_answerer_has_no_answer),
          RIG_BOTH_WAYS(b102_ask_what_is_no_question_has_no_answer),
          RIG_BOTH_WAYS(b113_ask_what_is_not_handled_is_refused),
          RIG_BOTH_WAYS(b97_ask_the_dead_is_dead_at_once),
          RIG_BOTH_WAYS(b98_ask_queued_at_the_end_is_dead),
          RIG_BOTH_WAYS(ask_queued_at_a_failure_is_answered_by_the_next),
          RIG_BOTH_WAYS(b103_ask_oneself_is_invalid),
          RIG_BOTH_WAYS(ask_beyond_the_declared_deadline_is_invalid),
          RIG_BOTH_WAYS(ask_without_a_declared_deadline_is_invalid),
          RIG_BOTH_WAYS(ask_full_mailbox_is_full),
          RIG_BOTH_WAYS(ask_with_another_answer_size_is_invalid))
