/*
 * actor/turn: a turn that handles small messages and others: their order,
 * kinds that no table knows, signals in between, and when it ends.
 */

#include "unit/support/echo.h"

#include "actor/actor.h"
#include "sync/atomic.h"
#include "unit/unit.h"

/* ---- order --------------------------------------------------------------- */

enum { NUMBERS = 1000, MIN_TICKS = 5 };

/* A puppet that expects numbers in order, and is disturbed by a timer. */
struct counting {
    struct puppet puppet; /* first: it does what a puppet does */
    uint32_t next[2];     /* by sender */
};

static _Atomic uint32_t ticks;
static _Atomic uint32_t disorder;
static const struct bst_timer timer = {BST_EVERY, BST_US(200)};
static struct bst_actor counting;

/* A body begins with who sends it and its number. */
struct number {
    uint32_t sender, number;
    char rest[40];
};

static bst_status counting_handle(void *state, const struct bst_msg *in,
                                  void *answer)
{
    struct counting *self = state;
    const struct number *number = in->body;

    if (in->kind == BST_KIND_TIMER) {
        bsti_fetch_add_relaxed(&ticks, 1u);
        return BST_OK;
    }
    if (in->kind < ECHO_TELL)
        return rig_puppet_short.handle(state, in, answer);
    if (self->next[number->sender]++ != number->number)
        bsti_fetch_add_relaxed(&disorder, 1u);
    if (in->kind == ECHO_ASK + 8)
        memcpy(answer, number, 8);
    if (number->number % 50 == 0)
        bst_sleep(&self->puppet, BST_US(100));
    return BST_OK;
}

static bst_status ask_number(bst_ref to, const struct number *number,
                             size_t size)
{
    struct number answer = {9, 0, ""};
    bst_status status =
        bst_ask(to, ECHO_ASK + 8, number, size, &answer, 8, BST_S(20));

    return answer.sender == number->sender && answer.number == number->number
               ? status
               : BST_FAIL;
}

/* Sends numbers in turn in every way: small or not, answered or not. */
static bst_status send_number(bst_ref to, const struct number *number)
{
    switch (number->number % 8) {
    case 0:
        return bst_tell(to, ECHO_TELL, number, 48);
    case 1:
        return ask_number(to, number, 8);
    case 2:
        return bst_cast(to, ECHO_TELL, number, 16);
    case 3:
        return bst_tell(to, ECHO_ASK + 16, number, 8);
    case 4:
        return bst_ask(to, ECHO_ASK + 25, number, 24, NULL, 0, BST_S(20));
    case 5:
        return bst_tell(to, 5000, number, 8);
    case 6:
        return ask_number(to, number, 40);
    default:
        return bst_tell(to, ECHO_TELL, number, 8);
    }
}

static bst_status send_numbers(bst_ref to, uint32_t sender)
{
    bst_status status = BST_OK;
    struct number number = {sender, 0, ""};

    while (status == BST_OK &&
           (number.number < NUMBERS || bsti_load_relaxed(&ticks) < MIN_TICKS)) {
        status = send_number(to, &number);
        number.number++;
    }
    return status;
}

static bst_status send_numbers_here(struct puppet *self, void *arg,
                                    struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    rig_note(self->rig, "%s",
             bst_status_name(send_numbers(rig_ref(self->rig, "b"), 0)));
    return BST_OK;
}

/* A process and a thread at once, and ticks. */
static void small_and_other_messages_keep_their_order(void **state)
{
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    bsti_store_relaxed(&ticks, 0u);
    bsti_store_relaxed(&disorder, 0u);
    echo_rig(&rig);
    counting = rig_puppet_short;
    counting.state_size = sizeof(struct counting);
    counting.handle = counting_handle;
    counting.timers = &timer;
    counting.ntimers = 1;
    rig_part(&rig, "b")->group.actor = &counting;
    echo_start(&rig);
    rig_do(&rig, "a", send_numbers_here, NULL);
    assert_int_equal(send_numbers(rig_ref(&rig, "b"), 1), BST_OK);
    rig_expect(&rig, "BST_OK\n");
    assert_int_equal(bsti_load_relaxed(&disorder), 0);
    bst_system_stats(rig.system, &stats);
    assert_int_equal(stats.refused, 0);
    assert_int_equal(stats.failed, 0);
    rig_stop_quietly(&rig);
}

/* ---- kinds --------------------------------------------------------------- */

static const uint32_t strange[] = {
    BST_KIND_NONE, BST_KIND_USER - 1,  BST_KIND_USER + ECHO_KINDS,
    5000,          BST_KIND_TIMER - 1, BST_KIND_TIMER,
    UINT32_MAX};

enum { STRANGE = sizeof strange / sizeof strange[0] };

static bst_status send_strange_kinds(struct puppet *self, void *arg,
                                     struct rig_answer *answer)
{
    bst_ref b = rig_ref(self->rig, "b");

    (void)arg;
    (void)answer;
    for (size_t i = 0; i < STRANGE; i++) {
        ECHO_CHECK(self, bst_tell(b, strange[i], "x", 1) == BST_OK);
        ECHO_CHECK(self, bst_cast(rig_group(self->rig, "b"), strange[i], NULL,
                                  0) == BST_OK);
        ECHO_CHECK(self, bst_ask(b, strange[i], "x", 1, NULL, 0, BST_S(20)) ==
                             BST_REFUSED);
        ECHO_CHECK(self,
                   bst_ask_declared(b, strange[i], "x", NULL) == BST_INVALID);
    }
    ECHO_CHECK(self, bst_ask(b, RIG_BLOB, "x", 1, NULL, 0, BST_S(20)) ==
                         BST_NO_ANSWER);
    rig_note(self->rig, "strange");
    return BST_OK;
}

static void b113_kinds_outside_the_table_are_not_handled(void **state)
{
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    echo_rig(&rig);
    echo_start(&rig);
    rig_do(&rig, "a", send_strange_kinds, NULL);
    rig_expect(&rig, "strange\n");
    rig_settle(&rig, &stats);
    assert_int_equal(stats.sent, 3 * STRANGE + 1 + 1);
    assert_int_equal(stats.handled, stats.sent);
    assert_int_equal(stats.refused, 0);
    rig_stop_quietly(&rig);
}

/* Returns the line of what is wrong, or 0. */
static int ask_as_declared(struct rig *rig)
{
    bst_ref b = rig_ref(rig, "b");
    unsigned char body[ECHO_SIZES], answer[ECHO_SIZES] = {0};

    echo_fill(body, 11);
    if (bst_ask_declared(b, ECHO_ASK + 11, body, answer) != BST_OK ||
        !echo_is_filled(answer, 11) || answer[11] != 0)
        return __LINE__;
    if (bst_ask_declared(b, ECHO_ASK + 11, body, NULL) != BST_OK)
        return __LINE__;
    if (bst_ask_declared(b, ECHO_ASK, NULL, NULL) != BST_OK)
        return __LINE__;
    if (bst_ask_declared(b, ECHO_TELL, body, answer) != BST_INVALID)
        return __LINE__;
    if (bst_ask_declared(b, ECHO_ANSWER + 3, body, answer) != BST_INVALID)
        return __LINE__;
    if (bst_ask_declared(b, 5000, body, answer) != BST_INVALID)
        return __LINE__;
    if (bst_ask_declared((bst_ref){0, 0}, ECHO_ASK, NULL, NULL) != BST_DEAD)
        return __LINE__;
    return 0;
}

static bst_status ask_as_declared_here(struct puppet *self, void *arg,
                                       struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    rig_note(self->rig, "declared %d", ask_as_declared(self->rig));
    return BST_OK;
}

static void ask_as_declared_needs_a_question(void **state)
{
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    echo_rig(&rig);
    echo_start(&rig);
    rig_do(&rig, "a", ask_as_declared_here, NULL);
    rig_expect(&rig, "declared 0\n");
    assert_int_equal(ask_as_declared(&rig), 0);
    rig_settle(&rig, &stats);
    assert_int_equal(stats.sent, 1 + 2 * 6);
    assert_int_equal(bsti_load_relaxed(&echo_bad), 0);
    rig_stop_quietly(&rig);
}

/* ---- a signal in between ------------------------------------------------- */

static struct bsti_actor *actor_of(struct rig *rig, const char *name)
{
    return (struct bsti_actor *)rig_ref(rig, name).target;
}

/* The one it asks to stop is itself, whose handler does not wait. */
static bst_status signal_oneself(struct puppet *self, void *arg,
                                 struct rig_answer *answer)
{
    (void)answer;
    if (arg)
        bsti_actor_kill(actor_of(self->rig, "b"));
    else
        bsti_actor_stop(actor_of(self->rig, "b"));
    return BST_OK;
}

static void signal_is_heeded_at_the_next_message(void **state)
{
    static const char *const ends[] = {"down b#1 shutdown\nstart b#2\nlater\n",
                                       "down b#1 killed\nstart b#2\nlater\n"};

    (void)state;
    for (int kill = 0; kill < 2; kill++) {
        struct rig_gate gate = {0};
        struct rig rig;
        struct bst_stats stats;

        echo_rig(&rig);
        echo_start(&rig);
        rig_do(&rig, "b", rig_hold, &gate);
        rig_gate_wait(&gate, 1);
        rig_do(&rig, "b", signal_oneself, kill ? &gate : NULL);
        rig_tell_to_say(&rig, "b", "later");
        rig_gate_open(&gate);
        rig_expect_unordered(&rig, ends[kill]);
        assert_non_null(strstr(strstr(rig.text, "down b#1"), "later"));
        rig_settle(&rig, &stats);
        /* A kill may end the handler that calls for it. */
        assert_int_equal(stats.handled + (kill ? stats.failed : 0), 3);
        rig_stop_quietly(&rig);
    }
}

/* ---- the share of a turn ------------------------------------------------- */

enum { BURSTS = 10, BURST = 100 };

static uint32_t bursts; /* so far; "a" alone */

static bst_status burst(struct puppet *self, void *arg,
                        struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    for (int i = 0; i < BURST; i++)
        ECHO_CHECK(self, echo_tell_bytes(rig_ref(self->rig, "b"), 8) == BST_OK);
    if (++bursts == BURSTS)
        rig_note(self->rig, "%s",
                 bsti_load_relaxed(&echo_begun) > 0 ? "in turns"
                                                    : "all at once");
    return BST_OK;
}

static bst_status order_bursts(struct puppet *self, void *arg,
                               struct rig_answer *answer)
{
    struct rig_order order = {burst, NULL};

    (void)arg;
    (void)answer;
    for (int i = 0; i < BURSTS; i++)
        ECHO_CHECK(self, bst_tell(bst_self(self), RIG_DO, &order,
                                  sizeof order) == BST_OK);
    return BST_OK;
}

static void turn_that_sends_much_ends(void **state)
{
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    bursts = 0;
    echo_rig(&rig);
    rig.options.threads = 1;
    rig_part(&rig, "b")->group.mailbox = 2 * BURSTS * BURST;
    echo_start(&rig);
    rig_do(&rig, "a", order_bursts, NULL);
    rig_expect(&rig, "in turns\n");
    rig_settle(&rig, &stats);
    assert_int_equal(bsti_load_relaxed(&echo_begun), BURSTS * BURST);
    assert_int_equal(stats.handled, 1 + BURSTS + BURSTS * BURST);
    assert_int_equal(bsti_load_relaxed(&echo_bad), 0);
    rig_stop_quietly(&rig);
}

enum { BURNS = 150 };

static _Atomic uint32_t burnt; /* handlers that have ended */

static bst_status burn(struct puppet *self, void *arg,
                       struct rig_answer *answer)
{
    bst_time until = rig_now(self->rig) + BST_MS(2);

    (void)arg;
    (void)answer;
    while (rig_now(self->rig) < until)
        ;
    bsti_fetch_add_relaxed(&burnt, 1u);
    return BST_OK;
}

/* Once it has slept it can only go on where it began. */
static bst_status nap_and_look(struct puppet *self, void *arg,
                               struct rig_answer *answer)
{
    struct rig_order order = {burn, NULL};

    (void)arg;
    (void)answer;
    for (int i = 0; i < BURNS; i++)
        ECHO_CHECK(self, bst_tell(rig_ref(self->rig, "a"), RIG_DO, &order,
                                  sizeof order) == BST_OK);
    bst_sleep(self, BST_MS(5));
    rig_note(self->rig, "%s",
             bsti_load_relaxed(&burnt) < BURNS ? "in turns" : "all at once");
    return BST_OK;
}

static void turn_that_takes_long_ends(void **state)
{
    struct rig rig;

    (void)state;
    bsti_store_relaxed(&burnt, 0u);
    echo_rig(&rig);
    rig.options.threads = 1;
    echo_start(&rig);
    rig_do(&rig, "b", nap_and_look, NULL);
    rig_expect(&rig, "in turns\n");
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_THREADS(small_and_other_messages_keep_their_order),
          RIG_TEST(b113_kinds_outside_the_table_are_not_handled),
          RIG_TEST(ask_as_declared_needs_a_question),
          RIG_TEST(signal_is_heeded_at_the_next_message),
          RIG_TEST(turn_that_sends_much_ends),
          RIG_THREADS(turn_that_takes_long_ends))
