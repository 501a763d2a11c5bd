/*
 * actor/turn, actor/ask, actor/tell: the short way of small messages. What
 * they carry, who they come from, and every way in which one can end.
 *
 * test_ask, test_tell and test_reply go both ways; here is what only an echo
 * sees, and the exact account of each ending.
 */

#include "unit/support/echo.h"

#include "sync/atomic.h"
#include "unit/unit.h"

static bst_time hour = BST_S(3600);

/* ---- bodies -------------------------------------------------------------- */

enum { CASTS = 3, ALL = ECHO_SIZES * (1 + CASTS + ECHO_SIZES) };

/* Asks for an answer of each size; nothing behind it may be written. */
static bool ask_for_all(bst_ref to, const void *body, size_t size)
{
    for (uint32_t n = 0; n < ECHO_SIZES; n++) {
        unsigned char answer[ECHO_SIZES + 1];

        memset(answer, 0xee, sizeof answer);
        if (bst_ask(to, ECHO_ASK + n, body, size, answer, n, BST_S(20)) !=
            BST_OK)
            return false;
        if (!echo_is_filled(answer, n) || answer[n] != 0xee)
            return false;
    }
    return true;
}

/* Sends bodies of all sizes in all ways, from anywhere in memory. */
static bool send_all(struct rig *rig)
{
    for (size_t n = 0; n < ECHO_SIZES; n++) {
        unsigned char bytes[ECHO_SIZES + 3];
        unsigned char *body = n > 0 ? bytes + n % 3 : NULL;

        echo_fill(body, n);
        if (bst_tell(rig_ref(rig, "b"), ECHO_TELL, body, n) != BST_OK ||
            bst_cast(rig_group(rig, "c"), ECHO_TELL, body, n) != BST_OK ||
            !ask_for_all(rig_ref(rig, "b"), body, n))
            return false;
    }
    return true;
}

static bst_status send_all_here(struct puppet *self, void *arg,
                                struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    rig_note(self->rig, send_all(self->rig) ? "sent" : "failed");
    return BST_OK;
}

static void bodies_of_every_size_arrive(void **state)
{
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    echo_child(&rig, echo_rig(&rig), "c")->group.redundancy = CASTS;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n"
                     "start c/0#1\nstart c/1#1\nstart c/2#1\n");
    rig_do(&rig, "a", send_all_here, NULL);
    rig_expect(&rig, "sent\n");
    assert_true(send_all(&rig));
    rig_settle(&rig, &stats);
    assert_int_equal(bsti_load_relaxed(&echo_begun), 2 * ALL);
    assert_int_equal(bsti_load_relaxed(&echo_bad), 0);
    assert_int_equal(stats.sent,
                     2 * (ALL + ECHO_SIZES * ECHO_SIZES) + 1 /* the order */);
    assert_int_equal(stats.handled, stats.sent);
    rig_stop_quietly(&rig);
}

static bst_status tell_oneself(struct puppet *self, void *arg,
                               struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    for (size_t n = 0; n < ECHO_SIZES; n++) {
        unsigned char body[ECHO_SIZES];

        echo_fill(body, n);
        (void)bst_tell(bst_self(self), ECHO_TELL, body, n);
    }
    return BST_OK;
}

static void bodies_told_to_oneself_arrive(void **state)
{
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    echo_rig(&rig);
    echo_start(&rig);
    rig_do(&rig, "a", tell_oneself, NULL);
    rig_settle(&rig, &stats);
    assert_int_equal(bsti_load_relaxed(&echo_begun), ECHO_SIZES);
    assert_int_equal(bsti_load_relaxed(&echo_bad), 0);
    rig_stop_quietly(&rig);
}

/* ---- senders ------------------------------------------------------------- */

static const char *sender_of(struct puppet *self)
{
    bst_ref sender = bst_sender(self);

    if (sender.target == 0)
        return "nobody";
    return bst_ref_equal(sender, rig_ref(self->rig, "a")) ? "a" : "somebody";
}

/* An echo compares this with the sender in its message. */
static bst_status note_sender_twice(struct puppet *self, void *arg,
                                    struct rig_answer *answer)
{
    const char *first = sender_of(self);

    (void)arg;
    (void)answer;
    bst_sleep(self, BST_US(100));
    rig_note(self->rig, "%s %s", first, sender_of(self));
    return BST_OK;
}

static bst_status have_sender_noted(struct puppet *self, void *arg,
                                    struct rig_answer *answer)
{
    struct rig_order order = {note_sender_twice, NULL};
    struct echo_question q = {rig_ref(self->rig, "b"), note_sender_twice, NULL,
                              0};
    uint64_t value;

    (void)arg;
    (void)answer;
    (void)bst_tell(rig_ref(self->rig, "b"), RIG_DO, &order, sizeof order);
    (void)bst_cast(rig_group(self->rig, "b"), RIG_DO, &order, sizeof order);
    return echo_ask(&q, &value);
}

static void sender_is_seen_before_and_after_a_wait(void **state)
{
    struct echo_question q = {.fn = note_sender_twice};
    struct rig rig;
    uint64_t value;

    (void)state;
    echo_rig(&rig);
    echo_start(&rig);
    rig_do(&rig, "a", have_sender_noted, NULL);
    rig_expect(&rig, "a a\na a\na a\n");
    rig_do(&rig, "b", note_sender_twice, NULL);
    rig_expect(&rig, "nobody nobody\n");
    q.to = rig_ref(&rig, "b");
    assert_int_equal(echo_ask(&q, &value), BST_OK);
    rig_expect(&rig, "nobody nobody\n");
    assert_int_equal(bsti_load_relaxed(&echo_bad), 0);
    rig_stop_quietly(&rig);
}

/* ---- endings ------------------------------------------------------------- */

/* What becomes of a question that calls `fn`. */
struct ending {
    rig_fn *fn;
    void *arg;
    bst_time within;
    bst_status status;
    uint64_t value;
    uint32_t handled, failed, dead; /* messages, the answer among them */
    const char *lines;
};

static void check_counts(struct rig *rig, const struct ending *e,
                         uint32_t orders)
{
    struct bst_stats stats;

    rig_settle(rig, &stats);
    assert_int_equal(stats.handled, e->handled + orders);
    assert_int_equal(stats.failed, e->failed);
    assert_int_equal(stats.dead, e->dead);
    assert_int_equal(stats.sent, e->handled + e->failed + e->dead + orders);
    assert_int_equal(stats.queued, 0);
    assert_int_equal(bsti_load_relaxed(&echo_begun), 1);
    assert_int_equal(bsti_load_relaxed(&echo_bad), 0);
}

/* The answerer goes on, in this incarnation or the next one. */
static void check_goes_on(struct rig *rig)
{
    struct echo_question q = {rig_ref(rig, "b"), rig_get, NULL, 0};
    uint64_t value;

    while (echo_ask(&q, &value) != BST_OK)
        rig_pass();
    assert_int_equal(value, 0);
    rig_do(rig, "a", echo_pose, &q);
    rig_expect(rig, "BST_OK 0\n");
    rig_stop_quietly(rig);
}

static void ends_for_a_process(const struct ending *e)
{
    struct echo_question q = {.fn = e->fn, .arg = e->arg, .within = e->within};
    struct rig rig;
    char lines[200];

    echo_rig(&rig);
    echo_start(&rig);
    q.to = rig_ref(&rig, "b");
    rig_do(&rig, "a", echo_pose, &q);
    snprintf(lines, sizeof lines, "%s%s %u\n", e->lines,
             bst_status_name(e->status), (unsigned)e->value);
    rig_expect_unordered(&rig, lines);
    check_counts(&rig, e, 1);
    check_goes_on(&rig);
}

static void ends_for_a_thread(const struct ending *e)
{
    struct echo_question q = {.fn = e->fn, .arg = e->arg, .within = e->within};
    struct rig rig;
    uint64_t value;

    echo_rig(&rig);
    echo_start(&rig);
    q.to = rig_ref(&rig, "b");
    assert_int_equal(echo_ask(&q, &value), e->status);
    assert_int_equal(value, e->value);
    rig_expect_unordered(&rig, e->lines);
    check_counts(&rig, e, 0);
    check_goes_on(&rig);
}

static bst_status not_handled(struct puppet *self, void *arg,
                              struct rig_answer *answer)
{
    struct bst_msg message = {.kind = RIG_ASK};

    (void)arg;
    answer->value = 5;
    return bst_unhandled(self, &message);
}

static bst_status panic_after_a_nap(struct puppet *self, void *arg,
                                    struct rig_answer *answer)
{
    (void)arg;
    answer->value = 5;
    bst_sleep(self, BST_US(100));
    bst_panic(self, "after a nap");
}

static bst_status stop_after_a_nap(struct puppet *self, void *arg,
                                   struct rig_answer *answer)
{
    (void)arg;
    answer->value = 5;
    bst_yield(self);
    return BST_STOP;
}

static bst_status unknown_status(struct puppet *self, void *arg,
                                 struct rig_answer *answer)
{
    (void)self;
    (void)arg;
    answer->value = 5;
    return (bst_status)1000;
}

static bst_status answer_5(struct puppet *self, void *arg,
                           struct rig_answer *answer)
{
    (void)self;
    (void)arg;
    answer->value = 5;
    return BST_OK;
}

static bst_time nap = BST_MS(30);

#define CRASHED "down b#1 crashed\nstart b#2\n"
#define ENDED "down b#1 normal\nstart b#2\n"

static const struct ending endings[] = {
    {answer_5, NULL, 0, BST_OK, 5, 2, 0, 0, ""},
    {not_handled, NULL, 0, BST_REFUSED, 77, 1, 0, 0, ""},
    {rig_crash, NULL, 0, BST_FAILED, 77, 0, 1, 0, CRASHED},
    {rig_panic, NULL, 0, BST_FAILED, 77, 0, 1, 0, CRASHED},
    {unknown_status, NULL, 0, BST_FAILED, 77, 0, 1, 0, CRASHED},
    {panic_after_a_nap, NULL, 0, BST_FAILED, 77, 0, 1, 0, CRASHED},
    {rig_normal, NULL, 0, BST_NO_ANSWER, 77, 1, 0, 0, ENDED},
    {stop_after_a_nap, NULL, 0, BST_NO_ANSWER, 77, 1, 0, 0, ENDED},
    {rig_sleep, &nap, BST_MS(1), BST_TIMEOUT, 77, 1, 0, 1, "asleep\n"},
};

static void every_ending_is_exact_for_a_process(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        ends_for_a_process(&endings[i]);
}

static void every_ending_is_exact_for_a_thread(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        ends_for_a_thread(&endings[i]);
}

static void killed_answerer_fails_the_question_once(void **state)
{
    static const struct ending end = {.failed = 1};
    struct echo_question q = {.fn = rig_sleep, .arg = &hour};
    struct rig rig;

    (void)state;
    echo_rig(&rig);
    echo_start(&rig);
    q.to = rig_ref(&rig, "b");
    rig_do(&rig, "a", echo_pose, &q);
    rig_expect(&rig, "asleep\n");
    rig_kill(&rig, "b");
    rig_expect_unordered(&rig, "down b#1 killed\nstart b#2\nBST_FAILED 77\n");
    check_counts(&rig, &end, 1);
    check_goes_on(&rig);
}

static void killed_asker_leaves_a_dead_answer(void **state)
{
    struct echo_question q = {.fn = rig_sleep, .arg = &nap};
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    echo_rig(&rig);
    echo_start(&rig);
    q.to = rig_ref(&rig, "b");
    rig_do(&rig, "a", echo_pose, &q);
    rig_expect(&rig, "asleep\n");
    rig_kill(&rig, "a");
    rig_expect(&rig, "down a#1 killed\nstart a#2\n");
    /* The account is even before the answer is sent, too. */
    do
        rig_settle(&rig, &stats);
    while (stats.sent < 3);
    assert_int_equal(stats.sent, 3);
    assert_int_equal(stats.failed, 1);  /* the order of the asker */
    assert_int_equal(stats.handled, 1); /* the question */
    assert_int_equal(stats.dead, 1);
    check_goes_on(&rig);
}

/* Its handler comes to its end; the system goes down from "b" to "a". */
static void answerer_that_is_to_stop_answers_first(void **state)
{
    static const struct ending end = {.handled = 2};
    struct echo_question q = {.fn = rig_sleep, .arg = &nap};
    struct rig rig;

    (void)state;
    echo_rig(&rig);
    echo_start(&rig);
    q.to = rig_ref(&rig, "b");
    rig_do(&rig, "a", echo_pose, &q);
    rig_expect(&rig, "asleep\n");
    bst_system_stop(rig.system);
    rig_expect_unordered(&rig, "BST_OK 0\ndown b#1 shutdown\n"
                               "down a#1 shutdown\ndown top#1 shutdown\n");
    check_counts(&rig, &end, 1);
    rig_end(&rig, 0, "");
}

/* ---- waits --------------------------------------------------------------- */

/* Answers with 9 after an answer of somebody else was thrown away. */
static bst_status answer_after_a_dead_one(struct puppet *self, void *arg,
                                          struct rig_answer *answer)
{
    struct bst_stats stats;

    (void)arg;
    do {
        bst_sleep(self, BST_MS(1));
        bst_system_stats(self->rig->system, &stats);
    } while (stats.dead == 0);
    answer->value = 9;
    return BST_OK;
}

static bst_status ask_two(struct puppet *self, void *arg,
                          struct rig_answer *answer)
{
    struct echo_question late = {rig_ref(self->rig, "b"), rig_sleep, &nap,
                                 BST_MS(1)};
    struct echo_question other = {rig_ref(self->rig, "c"),
                                  answer_after_a_dead_one, NULL, 0};

    (void)arg;
    (void)echo_pose(self, &late, answer);
    return echo_pose(self, &other, answer);
}

static void b100_late_answer_is_none_of_the_next_question(void **state)
{
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    echo_child(&rig, echo_rig(&rig), "c");
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\nstart c#1\n");
    rig_do(&rig, "a", ask_two, NULL);
    rig_expect(&rig, "asleep\nBST_TIMEOUT 77\nBST_OK 9\n");
    rig_settle(&rig, &stats);
    assert_int_equal(stats.sent, 5);
    assert_int_equal(stats.dead, 1);
    assert_int_equal(stats.handled, 4);
    rig_stop_quietly(&rig);
}

static bst_status next_number(struct puppet *self, void *arg,
                              struct rig_answer *answer)
{
    (void)arg;
    if (self->count % 5 == 0)
        bst_yield(self);
    if (self->count % 11 == 0)
        bst_sleep(self, BST_US(10));
    answer->value = ++self->count;
    return BST_OK;
}

static bst_status ask_between_waits(struct puppet *self, void *arg,
                                    struct rig_answer *answer)
{
    struct echo_question q = {rig_ref(self->rig, "b"), next_number, NULL, 0};

    (void)arg;
    (void)answer;
    for (uint64_t i = 1; i <= 300; i++) {
        uint64_t value;

        if (i % 3 == 0)
            bst_yield(self);
        if (i % 7 == 0)
            bst_sleep(self, BST_US(10));
        if (echo_ask(&q, &value) != BST_OK || value != i)
            return BST_FAIL;
    }
    rig_note(self->rig, "asked");
    return BST_OK;
}

static void ask_between_waits_of_one_handler(void **state)
{
    struct rig rig;

    (void)state;
    echo_rig(&rig);
    echo_start(&rig);
    rig_do(&rig, "a", ask_between_waits, NULL);
    rig_expect(&rig, "asked\n");
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_TEST(bodies_of_every_size_arrive),
          RIG_TEST(bodies_told_to_oneself_arrive),
          RIG_TEST(sender_is_seen_before_and_after_a_wait),
          RIG_TEST(every_ending_is_exact_for_a_process),
          RIG_TEST(every_ending_is_exact_for_a_thread),
          RIG_TEST(killed_answerer_fails_the_question_once),
          RIG_TEST(killed_asker_leaves_a_dead_answer),
          RIG_TEST(answerer_that_is_to_stop_answers_first),
          RIG_TEST(b100_late_answer_is_none_of_the_next_question),
          RIG_TEST(ask_between_waits_of_one_handler))
