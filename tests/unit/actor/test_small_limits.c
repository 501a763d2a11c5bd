/*
 * actor/turn, actor/ask, actor/tell: the limits that small messages meet on
 * their short way: places, memory, ended receivers, other systems.
 */

#include "unit/support/echo.h"

#include "actor/actor.h"
#include "sync/atomic.h"
#include "base/alloc.h"
#include "unit/unit.h"

/* ---- places in a mailbox ------------------------------------------------- */

enum { PLACES = 3, TRIES = 100 };

/* "b" has PLACES and is kept busy. Small ones and others count alike. */
static bst_status overfill(struct puppet *self, void *arg,
                           struct rig_answer *answer)
{
    bst_ref b = rig_ref(self->rig, "b");

    (void)arg;
    (void)answer;
    for (size_t i = 0; i < PLACES; i++)
        ECHO_CHECK(self, echo_tell_bytes(b, i % 2 ? 8 : 40) == BST_OK);
    for (size_t i = 0; i < TRIES; i++) {
        size_t size = i % 2 ? 40 : i % 25;

        ECHO_CHECK(self, echo_tell_bytes(b, size) == BST_FULL);
        ECHO_CHECK(self, echo_cast_bytes(b, size) == BST_FULL);
        ECHO_CHECK(self, echo_cast_bytes(rig_group(self->rig, "b"), size) ==
                             BST_FULL);
        ECHO_CHECK(self, echo_ask_bytes(b, size) == BST_FULL);
    }
    rig_note(self->rig, "full");
    return BST_OK;
}

static void full_mailbox_gives_the_place_back(void **state)
{
    struct rig_gate gates[3] = {{0}};
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    echo_rig(&rig);
    rig_part(&rig, "b")->group.mailbox = PLACES;
    echo_start(&rig);
    for (uint32_t round = 1; round <= 3; round++) {
        struct rig_gate *gate = &gates[round - 1];

        rig_do(&rig, "b", rig_hold, gate);
        rig_gate_wait(gate, 1);
        rig_do(&rig, "a", overfill, NULL);
        rig_expect(&rig, "full\n");
        rig_gate_open(gate);
        rig_settle(&rig, &stats);
        assert_int_equal(stats.refused, round * 4 * TRIES);
        assert_int_equal(stats.sent, round * (PLACES + 2));
        assert_int_equal(stats.handled, stats.sent);
        assert_int_equal(bsti_load_relaxed(&echo_begun), round * PLACES);
    }
    assert_int_equal(bsti_load_relaxed(&echo_bad), 0);
    rig_stop_quietly(&rig);
}

static bst_status cast_to_three(struct puppet *self, void *arg,
                                struct rig_answer *answer)
{
    bst_ref c = rig_group(self->rig, "c");

    (void)arg;
    (void)answer;
    ECHO_CHECK(self, echo_cast_bytes(c, 8) == BST_OK);
    ECHO_CHECK(self, echo_cast_bytes(c, 8) == BST_FULL);
    rig_note(self->rig, "cast");
    return BST_OK;
}

/* One member is busy and has one place; the others empty their mailboxes. */
static void cast_is_full_if_one_member_is(void **state)
{
    struct rig_gate gate = {0};
    struct rig rig;
    struct bst_stats stats;
    struct rig_part *part;

    (void)state;
    part = echo_child(&rig, echo_rig(&rig), "c");
    part->group.redundancy = 3;
    part->group.mailbox = 2;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n"
                     "start c/0#1\nstart c/1#1\nstart c/2#1\n");
    assert_int_equal(bst_tell(rig_member(&rig, "c", 1), RIG_DO,
                              &(struct rig_order){rig_hold, &gate},
                              sizeof(struct rig_order)),
                     BST_OK);
    rig_gate_wait(&gate, 1);
    assert_int_equal(echo_tell_bytes(rig_member(&rig, "c", 1), 8), BST_OK);
    rig_do(&rig, "a", cast_to_three, NULL);
    rig_expect(&rig, "cast\n");
    rig_gate_open(&gate);
    rig_settle(&rig, &stats);
    assert_int_equal(stats.refused, 1);
    assert_int_equal(bsti_load_relaxed(&echo_begun), 1 + 3 + 2);
    rig_stop_quietly(&rig);
}

/* ---- memory -------------------------------------------------------------- */

static void *taken; /* blocks of the smallest size, chained */

/* Takes all blocks there are; the next time memory is asked for it fails. */
static void exhaust(void)
{
    struct bsti_worker *worker = bsti_worker_current();
    void *block;

    bsti_alloc_fail_at(1);
    while ((block = bsti_worker_take_small(worker)) != NULL) {
        *(void **)block = taken;
        taken = block;
    }
    bsti_alloc_fail_at(1);
}

static void relent(void)
{
    bsti_alloc_fail_at(0);
    while (taken) {
        void *block = taken;

        taken = *(void **)block;
        bsti_worker_give_small(bsti_worker_current(), block);
    }
}

static bst_status send_without_memory(struct puppet *self, void *arg,
                                      struct rig_answer *answer)
{
    bst_ref b = rig_ref(self->rig, "b");
    bst_status told, asked, cast, again;

    (void)arg;
    (void)answer;
    exhaust();
    told = echo_tell_bytes(b, 8);
    bsti_alloc_fail_at(1);
    asked = echo_ask_bytes(b, 8);
    bsti_alloc_fail_at(1);
    /* There is memory again for the second member and the third. */
    cast = echo_cast_bytes(rig_group(self->rig, "c"), 8);
    relent();
    again = echo_ask_bytes(b, 8);
    rig_note(self->rig, "%s %s %s %s", bst_status_name(told),
             bst_status_name(asked), bst_status_name(cast),
             bst_status_name(again));
    return BST_OK;
}

static void no_memory_for_a_message_is_told_to_its_sender(void **state)
{
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    echo_child(&rig, echo_rig(&rig), "c")->group.redundancy = 3;
    rig.options.threads = 1;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\n"
                     "start c/0#1\nstart c/1#1\nstart c/2#1\n");
    rig_do(&rig, "a", send_without_memory, NULL);
    rig_expect(&rig, "BST_NOMEM BST_NOMEM BST_NOMEM BST_OK\n");
    rig_settle(&rig, &stats);
    assert_int_equal(stats.refused, 3);
    assert_int_equal(stats.sent, 1 + 2 + 2);
    assert_int_equal(stats.handled, stats.sent);
    assert_int_equal(bsti_load_relaxed(&echo_begun), 3);
    rig_stop_quietly(&rig);
}

/* Larger than a small block, so it does not give one back when it is done. */
struct large_order {
    struct rig_order order;
    char rest[64];
};

static bst_status take_all_memory(struct puppet *self, void *arg,
                                  struct rig_answer *answer)
{
    (void)self;
    (void)arg;
    (void)answer;
    exhaust();
    return BST_OK;
}

static bst_status ask_without_memory_for_the_answer(struct puppet *self,
                                                    void *arg,
                                                    struct rig_answer *answer)
{
    struct large_order large = {.order = {take_all_memory, NULL}};
    struct echo_question q = {rig_ref(self->rig, "b"), rig_get, NULL, 0};
    uint64_t value;
    bst_status status;

    (void)arg;
    (void)answer;
    ECHO_CHECK(self, bst_tell(q.to, RIG_DO, &large, sizeof large) == BST_OK);
    status = echo_ask(&q, &value);
    relent();
    rig_note(self->rig, "%s %llu", bst_status_name(status),
             (unsigned long long)value);
    return BST_OK;
}

static void no_memory_for_an_answer_fails_the_answerer(void **state)
{
    const struct bsti_fault *fault;
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    echo_rig(&rig);
    rig.options.threads = 1;
    echo_start(&rig);
    rig_do(&rig, "a", ask_without_memory_for_the_answer, NULL);
    rig_expect_unordered(&rig, "down b#1 crashed\nstart b#2\nBST_FAILED 77\n");
    rig_settle(&rig, &stats);
    assert_int_equal(stats.sent, 3);
    assert_int_equal(stats.failed, 1);
    assert_int_equal(stats.handled, 2);
    assert_int_equal(bsti_load_relaxed(&echo_begun), 0);
    fault =
        bsti_actor_last_fault((struct bsti_actor *)rig_ref(&rig, "b").target);
    assert_non_null(fault);
    assert_int_equal(fault->status, BST_NOMEM);
    assert_int_equal(echo_ask_bytes(rig_ref(&rig, "b"), 8), BST_OK);
    rig_stop_quietly(&rig);
}

/* ---- ends ---------------------------------------------------------------- */

static bst_ref incarnation; /* the first one of "b" */

static bst_status give_incarnation(struct puppet *self, void *arg,
                                   struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    incarnation = bst_self_incarnation(self);
    return BST_OK;
}

static bst_status send_to_the_ended(struct puppet *self, void *arg,
                                    struct rig_answer *answer)
{
    bst_ref c = rig_ref(self->rig, "c");
    bst_ref group = rig_group(self->rig, "c");

    (void)arg;
    (void)answer;
    for (size_t size = 0; size < ECHO_SIZES; size++) {
        ECHO_CHECK(self, echo_tell_bytes(incarnation, size) == BST_DEAD);
        ECHO_CHECK(self, echo_cast_bytes(incarnation, size) == BST_DEAD);
        ECHO_CHECK(self, echo_ask_bytes(incarnation, size) == BST_DEAD);
        ECHO_CHECK(self, echo_tell_bytes(c, size) == BST_DEAD);
        ECHO_CHECK(self, echo_tell_bytes(group, size) == BST_DEAD);
        ECHO_CHECK(self, echo_cast_bytes(c, size) == BST_DEAD);
        ECHO_CHECK(self, echo_cast_bytes(group, size) == BST_DEAD);
        ECHO_CHECK(self, echo_ask_bytes(c, size) == BST_DEAD);
        ECHO_CHECK(self, echo_ask_bytes(group, size) == BST_DEAD);
        ECHO_CHECK(self, echo_tell_bytes((bst_ref){0, 0}, size) == BST_DEAD);
        ECHO_CHECK(self, echo_cast_bytes((bst_ref){0, 0}, size) == BST_DEAD);
        ECHO_CHECK(self, echo_ask_bytes((bst_ref){0, 0}, size) == BST_DEAD);
    }
    ECHO_CHECK(self, echo_ask_bytes(bst_self(self), 8) == BST_INVALID);
    ECHO_CHECK(self,
               echo_ask_bytes(rig_group(self->rig, "a"), 8) == BST_INVALID);
    rig_note(self->rig, "dead");
    return BST_OK;
}

static void ended_ones_get_nothing(void **state)
{
    struct rig rig;
    struct bst_stats before, after;

    (void)state;
    echo_child(&rig, echo_rig(&rig), "c")->group.lifetime = BST_TEMPORARY;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\nstart b#1\nstart c#1\n");
    assert_int_equal(rig_ask(&rig, "b", give_incarnation, NULL, NULL), BST_OK);
    assert_int_equal(echo_tell_bytes(incarnation, 8), BST_OK);
    assert_int_equal(echo_ask_bytes(incarnation, 8), BST_OK);
    rig_do(&rig, "b", rig_crash, NULL);
    rig_expect(&rig, "down b#1 crashed\nstart b#2\n");
    rig_do(&rig, "c", rig_crash, NULL);
    rig_expect(&rig, "down c#1 crashed\n");
    while (rig_ask(&rig, "c", rig_get, NULL, NULL) != BST_DEAD)
        rig_pass();
    rig_settle(&rig, &before);
    rig_do(&rig, "a", send_to_the_ended, NULL);
    rig_expect(&rig, "dead\n");
    rig_settle(&rig, &after);
    assert_int_equal(after.sent, before.sent + 1);
    assert_int_equal(after.dead, before.dead);
    rig_stop_quietly(&rig);
}

/* Small messages to an incarnation that ends before it gets to them. */
static void message_to_an_incarnation_is_not_for_the_next(void **state)
{
    struct rig_gate gate = {0};
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    echo_rig(&rig);
    echo_start(&rig);
    assert_int_equal(rig_ask(&rig, "b", give_incarnation, NULL, NULL), BST_OK);
    rig_do(&rig, "b", rig_hold, &gate);
    rig_gate_wait(&gate, 1);
    rig_do(&rig, "b", rig_crash, NULL);
    for (size_t size = 0; size < ECHO_SIZES; size++) {
        assert_int_equal(echo_tell_bytes(incarnation, size), BST_OK);
        assert_int_equal(echo_tell_bytes(rig_ref(&rig, "b"), size), BST_OK);
    }
    rig_gate_open(&gate);
    rig_expect(&rig, "down b#1 crashed\nstart b#2\n");
    rig_settle(&rig, &stats);
    assert_int_equal(stats.dead, ECHO_SIZES);
    assert_int_equal(bsti_load_relaxed(&echo_begun), 1 + ECHO_SIZES);
    rig_stop_quietly(&rig);
}

/* Gives the block of "b" to another tenant, as a group that changes does. */
static bst_status change_tenant(struct puppet *self, void *arg,
                                struct rig_answer *answer)
{
    struct bsti_proc *proc = &bsti_actor_of(self)->proc;
    uint64_t gate = bsti_load_relaxed(&proc->gate);

    (void)answer;
    bsti_store_relaxed(&proc->gate, arg ? gate + 2 : gate - 2);
    return BST_OK;
}

static void message_to_a_tenant_is_not_for_the_next(void **state)
{
    struct rig_gate gate = {0};
    struct rig rig;
    struct bst_stats stats;
    bst_ref first;

    (void)state;
    echo_rig(&rig);
    echo_start(&rig);
    first = rig_ref(&rig, "b");
    rig_do(&rig, "b", rig_hold, &gate);
    rig_gate_wait(&gate, 1);
    rig_do(&rig, "b", change_tenant, &gate);
    for (size_t size = 0; size < ECHO_SIZES; size++)
        assert_int_equal(echo_tell_bytes(first, size), BST_OK);
    rig_gate_open(&gate);
    rig_settle(&rig, &stats);
    assert_int_equal(stats.dead, ECHO_SIZES);
    assert_int_equal(bsti_load_relaxed(&echo_begun), 0);
    assert_int_equal(echo_tell_bytes(first, 8), BST_DEAD);
    assert_int_equal(echo_ask_bytes(rig_ref(&rig, "b"), 8), BST_OK);
    rig_do(&rig, "b", change_tenant, NULL);
    rig_settle(&rig, &stats);
    rig_stop_quietly(&rig);
}

/* ---- another system ------------------------------------------------------ */

static bst_status note_sender(struct puppet *self, void *arg,
                              struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    rig_note(self->rig, bst_sender(self).target ? "somebody" : "nobody");
    return BST_OK;
}

static bst_status send_across(struct puppet *self, void *arg,
                              struct rig_answer *answer)
{
    struct rig *other = arg;
    struct rig_order order = {note_sender, NULL};
    bst_ref b = rig_ref(other, "b");

    (void)answer;
    ECHO_CHECK(self, bst_tell(b, RIG_DO, &order, sizeof order) == BST_OK);
    ECHO_CHECK(self, bst_tell(rig_group(other, "b"), RIG_DO, &order,
                              sizeof order) == BST_OK);
    ECHO_CHECK(self, bst_cast(rig_group(other, "b"), RIG_DO, &order,
                              sizeof order) == BST_OK);
    ECHO_CHECK(self, echo_ask_bytes(b, 8) == BST_INVALID);
    ECHO_CHECK(self, echo_ask_bytes(rig_group(other, "b"), 8) == BST_INVALID);
    rig_note(self->rig, "across");
    return BST_OK;
}

static void other_system_gets_messages_without_sender(void **state)
{
    struct rig one, other;
    struct bst_stats stats;

    (void)state;
    echo_rig(&one);
    echo_rig(&other);
    echo_start(&one);
    echo_start(&other);
    rig_do(&one, "a", send_across, &other);
    rig_expect(&one, "across\n");
    rig_expect(&other, "nobody\nnobody\nnobody\n");
    rig_settle(&one, &stats);
    assert_int_equal(stats.sent, 1);
    rig_settle(&other, &stats);
    assert_int_equal(stats.sent, 3);
    assert_int_equal(bsti_load_relaxed(&echo_bad), 0);
    rig_stop_quietly(&other);
    rig_stop_quietly(&one);
}

UNIT_MAIN(RIG_TEST(full_mailbox_gives_the_place_back),
          RIG_TEST(cast_is_full_if_one_member_is),
          RIG_TEST(no_memory_for_a_message_is_told_to_its_sender),
          RIG_TEST(no_memory_for_an_answer_fails_the_answerer),
          RIG_TEST(ended_ones_get_nothing),
          RIG_TEST(message_to_an_incarnation_is_not_for_the_next),
          RIG_TEST(message_to_a_tenant_is_not_for_the_next),
          RIG_TEST(other_system_gets_messages_without_sender))
