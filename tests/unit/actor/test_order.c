/*
 * Messages as reliability.md wants them: in order, at most once, one at a
 * time, and what a handler has written is seen by the next one.
 */

#include "unit/support/rig.h"

#include "actor/actor.h"
#include "actor/dynamic.h"
#include "base/attr.h"
#include "sync/atomic.h"
#include "unit/unit.h"

/* Rounds that take about a second at most, whatever the build. */
static uint32_t rounds(uint32_t simulated, uint32_t sanitized, uint32_t plain)
{
    if (rig_is_simulated())
        return simulated;
    return BSTI_TSAN || BSTI_ASAN ? sanitized : plain;
}

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

/* As tell(), in a handler; a full mailbox is waited for. */
static void tell_patiently(struct puppet *self, bst_ref to, rig_fn *fn,
                           void *arg)
{
    while (tell(to, fn, arg) == BST_FULL)
        bst_yield(self);
}

/* ---- order --------------------------------------------------------------- */

enum { SENDERS = 8 };

static uint64_t last[SENDERS]; /* of the receiver alone */
static _Atomic uint32_t disorder;
static _Atomic uint32_t arrived;
static uint32_t numbers;

/* An order that carries a number: sender and count. */
static bst_status see_number(struct puppet *self, void *arg,
                             struct rig_answer *answer)
{
    uintptr_t number = (uintptr_t)arg;

    (void)self;
    (void)answer;
    if (number / SENDERS != ++last[number % SENDERS])
        bsti_fetch_add_relaxed(&disorder, 1u);
    bsti_fetch_add_relaxed(&arrived, 1u);
    return BST_OK;
}

static bst_status send_numbers(struct puppet *self, void *arg,
                               struct rig_answer *answer)
{
    bst_ref to = rig_ref(self->rig, "r");

    (void)arg;
    (void)answer;
    for (uintptr_t n = 1; n <= numbers; n++) {
        tell_patiently(self, to, see_number,
                       (void *)(n * SENDERS + bst_index(self)));
        if (bst_random(self) % 64 == 0)
            bst_yield(self);
    }
    return BST_OK;
}

static void b92_messages_of_each_sender_stay_in_order(void **state)
{
    struct rig rig;
    struct bst_supervisor *sup = top(&rig);

    (void)state;
    numbers = rounds(100, 1000, 20000);
    memset(last, 0, sizeof last);
    bsti_store_relaxed(&disorder, 0u);
    bsti_store_relaxed(&arrived, 0u);
    rig_child(&rig, sup, "r");
    rig_child(&rig, sup, "w")->group.redundancy = SENDERS;
    rig_start(&rig);
    for (uint32_t i = 0; i < SENDERS; i++)
        assert_int_equal(tell(rig_member(&rig, "w", i), send_numbers, NULL),
                         BST_OK);
    while (bsti_load_relaxed(&arrived) < SENDERS * numbers)
        rig_pass();
    assert_int_equal(bsti_load_relaxed(&disorder), 0);
    rig_stop_quietly(&rig);
}

/* ---- a stop in between --------------------------------------------------- */

enum { FIRST = 3, LAST = 3 };

static _Atomic uint32_t seen[FIRST + LAST];

static bst_status see(struct puppet *self, void *arg, struct rig_answer *answer)
{
    (void)self;
    (void)answer;
    bsti_fetch_add_relaxed((_Atomic uint32_t *)arg, 1u);
    return BST_OK;
}

/* Stops a child that is let go between three messages and three more. */
static bst_status stop_between(struct puppet *self, void *arg,
                               struct rig_answer *answer)
{
    const struct bst_group *group = &rig_part(self->rig, "kids")->group;
    bst_ref ref;

    (void)arg;
    for (int i = 0; i < FIRST + LAST; i++)
        bsti_store_relaxed(&seen[i], 0u);
    answer->value = 1;
    while (bst_group_spawn(self, group, NULL, &ref) == BST_FULL)
        bst_yield(self);
    for (int i = 0; i < FIRST; i++)
        tell(ref, see, &seen[i]);
    bsti_actor_stop((void *)(ref.target & ~(uintptr_t)BSTI_REF_TAGS));
    for (int i = FIRST; i < FIRST + LAST; i++)
        tell(ref, see, &seen[i]);
    while (tell(ref, see, &seen[FIRST]) != BST_DEAD)
        bst_yield(self);
    for (int i = 0; i < FIRST + LAST; i++)
        if (bsti_load_relaxed(&seen[i]) > (i < FIRST ? 1u : 0u))
            answer->value = 0;
    return BST_OK;
}

static void b93_nothing_is_handled_after_a_stop_that_came_before(void **state)
{
    struct rig rig;
    struct bst_supervisor *sup = top(&rig);
    struct rig_part *kids;
    uint32_t n = rounds(20, 300, 1000);

    (void)state;
    rig_child(&rig, sup, "a");
    kids = rig_child(&rig, sup, "kids");
    kids->group.redundancy = 0;
    kids->group.max = 4;
    kids->group.lifetime = BST_TEMPORARY;
    kids->group.actor = &rig_puppet_passive;
    rig_start(&rig);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t right = 0;

        assert_int_equal(rig_ask(&rig, "a", stop_between, NULL, &right),
                         BST_OK);
        assert_int_equal(right, 1);
    }
    rig_stop_quietly(&rig);
}

/* ---- at most once -------------------------------------------------------- */

enum { MOST = 40000 };

static _Atomic uint8_t times[MOST];

/* Fails, ends or panics at some of them. */
static bst_status see_and_fail(struct puppet *self, void *arg,
                               struct rig_answer *answer)
{
    _Atomic uint8_t *mine = arg;

    (void)answer;
    bsti_fetch_add_relaxed(mine, (uint8_t)1);
    switch ((mine - times) % 23) {
    case 5:
        return BST_FAIL;
    case 11:
        return BST_STOP;
    case 17:
        bst_panic(self, "the seventeenth");
    default:
        return BST_OK;
    }
}

static void b94_no_message_is_handled_twice_whatever_fails(void **state)
{
    struct rig rig;
    struct bst_stats stats;
    struct rig_part *part;
    uint32_t n = rounds(1000, 4000, MOST);
    uint32_t begun = 0;

    (void)state;
    for (uint32_t i = 0; i < MOST; i++)
        bsti_store_relaxed(&times[i], (uint8_t)0);
    part = rig_child(&rig, top(&rig), "w");
    part->group.redundancy = 4;
    part->group.lifetime = BST_TRANSIENT;
    rig.options.sim_faults = 10000;
    rig_start(&rig);
    for (uint32_t i = 0; i < n; i++) {
        bst_status status;

        while ((status = tell(rig_group(&rig, "w"), see_and_fail, &times[i])) ==
               BST_FULL)
            rig_pass();
        assert_true(status == BST_OK || status == BST_DEAD);
    }
    rig_settle(&rig, &stats);
    for (uint32_t i = 0; i < n; i++) {
        assert_true(bsti_load_relaxed(&times[i]) <= 1);
        begun += bsti_load_relaxed(&times[i]);
    }
    assert_int_equal(stats.sent,
                     stats.handled + stats.failed + stats.dead + stats.dropped);
    if (!rig_is_simulated())
        assert_int_equal(stats.handled + stats.failed, begun);
    rig_stop_quietly(&rig);
}

/* ---- one at a time ------------------------------------------------------- */

static _Atomic uint32_t inside;
static _Atomic uint32_t meetings;

static bst_status be_alone(struct puppet *self, void *arg,
                           struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    if (bsti_fetch_add_relaxed(&inside, 1u) != 0)
        bsti_fetch_add_relaxed(&meetings, 1u);
    if (self->count++ % 4 == 0)
        bst_yield(self);
    else if (self->count % 16 == 0)
        bst_sleep(self, BST_US(5));
    bsti_fetch_sub_relaxed(&inside, 1u);
    bsti_fetch_add_relaxed(&arrived, 1u);
    return BST_OK;
}

static bst_status send_alone(struct puppet *self, void *arg,
                             struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    for (uint32_t n = 0; n < numbers; n++)
        tell_patiently(self, rig_ref(self->rig, "r"), be_alone, NULL);
    return BST_OK;
}

static void b95_handlers_of_one_process_never_meet(void **state)
{
    struct rig rig;
    struct bst_supervisor *sup = top(&rig);

    (void)state;
    numbers = rounds(100, 300, 3000);
    bsti_store_relaxed(&inside, 0u);
    bsti_store_relaxed(&meetings, 0u);
    bsti_store_relaxed(&arrived, 0u);
    rig_child(&rig, sup, "r");
    rig_child(&rig, sup, "w")->group.redundancy = 3;
    rig_start(&rig);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(tell(rig_member(&rig, "w", i), send_alone, NULL),
                         BST_OK);
    while (bsti_load_relaxed(&arrived) < 3 * numbers)
        rig_pass();
    assert_int_equal(bsti_load_relaxed(&meetings), 0);
    rig_stop_quietly(&rig);
}

/* ---- visibility ---------------------------------------------------------- */

/* Two halves of a sum, in cache lines of their own, without any atomic. */
struct halves {
    _Alignas(64) uint64_t left;
    _Alignas(64) uint64_t right;
};

enum { SUM = 42, HALVES = 5 };

static struct halves halves[HALVES];
static uint32_t steps;

/* Each process has halves of its own and passes them on to itself. */
static bst_status step(struct puppet *self, void *arg,
                       struct rig_answer *answer)
{
    struct halves *mine = &halves[bst_index(self)];

    (void)arg;
    (void)answer;
    if (mine->left + mine->right != SUM)
        bsti_fetch_add_relaxed(&disorder, 1u);
    mine->left = bst_random(self) % SUM;
    mine->right = SUM - mine->left;
    if (++self->count == steps)
        bsti_fetch_add_release(&arrived, 1u);
    else
        tell(bst_self(self), step, NULL);
    return BST_OK;
}

static void b96_what_a_handler_wrote_is_seen_by_the_next(void **state)
{
    struct rig rig;

    (void)state;
    steps = rounds(500, 3000, 10000);
    bsti_store_relaxed(&disorder, 0u);
    bsti_store_relaxed(&arrived, 0u);
    for (int i = 0; i < HALVES; i++)
        halves[i] = (struct halves){.left = SUM};
    rig_child(&rig, top(&rig), "p")->group.redundancy = HALVES;
    rig_start(&rig);
    for (uint32_t i = 0; i < HALVES; i++)
        assert_int_equal(tell(rig_member(&rig, "p", i), step, NULL), BST_OK);
    while (bsti_load_acquire(&arrived) < HALVES)
        rig_pass();
    assert_int_equal(bsti_load_relaxed(&disorder), 0);
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_TEST(b92_messages_of_each_sender_stay_in_order),
          RIG_TEST(b93_nothing_is_handled_after_a_stop_that_came_before),
          RIG_TEST(b94_no_message_is_handled_twice_whatever_fails),
          RIG_TEST(b95_handlers_of_one_process_never_meet),
          RIG_TEST(b96_what_a_handler_wrote_is_seen_by_the_next))
