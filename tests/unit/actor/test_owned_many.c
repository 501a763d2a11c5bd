/*
 * actor/owned: questions, answers and casts, whose contents are freed exactly
 * once as well (B-115).
 */

#define _GNU_SOURCE
#include "unit/support/box.h"

#include <fcntl.h>

#include "actor/actor.h"
#include "actor/payload.h"
#include "base/alloc.h"
#include "sync/atomic.h"
#include "unit/unit.h"

/* ---- questions and answers ----------------------------------------------- */

static bst_status fetch(bst_ref to, enum box_fetched how, struct box_page *page,
                        bst_time within)
{
    struct box_fetch m = {.url = bst_text_dup("/index"), .how = how};
    bst_status status;

    *page = (struct box_page){{NULL, NULL}, 77};
    status = bst_ask_owned(to, BOX_FETCH, &m, sizeof m, box_fetch_owned, page,
                           sizeof *page, within);
    assert_null(m.url);
    if (status != BST_OK)
        assert_int_equal(page->fd, 77);
    return status;
}

static void free_page(struct box_page *page)
{
    bst_text_free(page->parts[0]);
    bst_text_free(page->parts[1]);
    if (page->fd >= 0)
        close(page->fd);
}

static bst_status fetch_and_free(struct puppet *self, void *arg,
                                 struct rig_answer *answer)
{
    struct box_page page;

    (void)arg;
    assert_int_equal(
        fetch(rig_ref(self->rig, "b"), BOX_ANSWER, &page, BST_DECLARED),
        BST_OK);
    assert_string_equal(page.parts[0], "/index");
    assert_string_equal(page.parts[1], "/index");
    answer->value = (uint64_t)bsti_payloads_live(self->rig->system);
    free_page(&page);
    return BST_OK;
}

static void answer_moves_to_the_asker(void **state)
{
    uint64_t live = 0;

    (void)state;
    box_start();
    assert_int_equal(rig_ask(&box_rig, "a", fetch_and_free, NULL, &live),
                     BST_OK);
    assert_int_equal(live, 2);
    box_nothing_is_left();
}

static void answer_outside_belongs_to_no_system(void **state)
{
    struct box_page page;

    (void)state;
    box_start();
    assert_int_equal(
        fetch(rig_ref(&box_rig, "b"), BOX_ANSWER, &page, BST_DECLARED), BST_OK);
    box_stop_when_freed();
    assert_true(fcntl(page.fd, F_GETFD) >= 0);
    assert_string_equal(page.parts[0], "/index");
    assert_string_equal(page.parts[1], "/index");
    free_page(&page);
    assert_int_equal(bsti_alloc_balance(), 0);
}

/* A descriptor that the handler leaves alone is none, and not stdin. */
static void answer_without_anything_has_no_descriptor(void **state)
{
    struct box_page page;

    (void)state;
    box_start();
    assert_int_equal(
        fetch(rig_ref(&box_rig, "b"), BOX_ANSWER_NOTHING, &page, BST_DECLARED),
        BST_OK);
    assert_null(page.parts[0]);
    assert_null(page.parts[1]);
    assert_int_equal(page.fd, -1);
    box_nothing_is_left();
}

static bst_status peek(struct puppet *self, void *arg,
                       struct rig_answer *answer)
{
    struct box_page page = {{NULL, NULL}, 77};

    (void)arg;
    (void)answer;
    assert_int_equal(bst_ask(rig_ref(self->rig, "b"), BOX_PEEK, NULL, 0, &page,
                             sizeof page, BST_DECLARED),
                     BST_OK);
    assert_string_equal(page.parts[0], "peek");
    assert_int_equal(page.fd, -1);
    bst_text_free(page.parts[0]);
    return BST_OK;
}

/* The answer is small, but does not go the short way of small answers. */
static void small_answer_moves_too(void **state)
{
    _Static_assert(sizeof(struct box_page) <= BSTI_NODE_SMALL, "it is small");
    (void)state;
    box_start();
    for (int i = 0; i < 10; i++)
        assert_int_equal(rig_ask(&box_rig, "a", peek, NULL, NULL), BST_OK);
    box_nothing_is_left();
}

static int count_descriptors(void)
{
    int n = 0;

    for (int fd = 0; fd < 1024; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void b115_answer_that_is_not_sent_is_freed(void **state)
{
    struct box_page page;
    int before;

    (void)state;
    box_start();
    before = count_descriptors();
    assert_int_equal(
        fetch(rig_ref(&box_rig, "b"), BOX_ANSWER_FAIL, &page, BST_DECLARED),
        BST_FAILED);
    assert_int_equal(
        fetch(rig_ref(&box_rig, "a"), BOX_ANSWER_STOP, &page, BST_DECLARED),
        BST_NO_ANSWER);
    rig_expect_unordered(&box_rig, "down b#1 crashed\nstart b#2\n"
                                   "down a#1 normal\nstart a#2\n");
    assert_int_equal(count_descriptors(), before);
    box_nothing_is_left();
}

static void b100_b115_late_answer_is_freed(void **state)
{
    struct box_page page;
    struct bst_stats stats;

    (void)state;
    box_start();
    assert_int_equal(
        fetch(rig_ref(&box_rig, "b"), BOX_ANSWER_LATE, &page, BST_MS(20)),
        BST_TIMEOUT);
    rig_gate_open(&box_gate);
    /* The question is settled before its answer is on its way. */
    do
        rig_settle(&box_rig, &stats);
    while (stats.dead == 0);
    assert_int_equal(stats.dead, 1);
    box_nothing_is_left();
}

static bst_status tell_fetch(struct puppet *self, void *arg,
                             struct rig_answer *answer)
{
    struct box_fetch m = {.url = bst_text_dup("/told"), .how = BOX_ANSWER};

    (void)arg;
    (void)answer;
    return bst_tell_owned(rig_ref(self->rig, "b"), BOX_FETCH, &m, sizeof m,
                          box_fetch_owned);
}

static void told_question_is_answered_by_a_message(void **state)
{
    int before;

    (void)state;
    box_start();
    before = count_descriptors();
    rig_do(&box_rig, "a", tell_fetch, NULL);
    rig_expect(&box_rig, "page /told\n");
    box_nothing_is_left();
    /* Both ends of the pipe and the descriptor in the page are closed. */
    assert_true(count_descriptors() <= before - 2);
}

/* ---- two systems --------------------------------------------------------- */

static bst_ref elsewhere; /* a box of another system */

static bst_status send_elsewhere(struct puppet *self, void *arg,
                                 struct rig_answer *answer)
{
    (void)self;
    (void)arg;
    (void)answer;
    assert_int_equal(box_tell_line(elsewhere), BST_OK);
    return BST_OK;
}

/* What comes from another system outlives it. */
static void system_of_the_sender_may_end_first(void **state)
{
    struct rig other;

    (void)state;
    box_start();
    rig_init(&other);
    other.app.messages = box_messages;
    other.app.nmessages = BOX_KINDS;
    rig_sup(&other, NULL, "top", BST_ONE_FOR_ONE, 20, BST_S(5));
    rig_child(&other, &other.sups[0].table, "c")->group.actor = &box_actor;
    rig_start(&other);
    elsewhere = rig_ref(&box_rig, "a");
    rig_do(&box_rig, "a", rig_hold, &box_gate);
    rig_gate_wait(&box_gate, 1);
    assert_int_equal(rig_ask(&other, "c", send_elsewhere, NULL, NULL), BST_OK);
    assert_int_equal(bsti_payloads_live(other.system), 0);
    rig_stop_quietly(&other);
    rig_gate_open(&box_gate);
    box_looked_at(1);
    box_nothing_is_left();
}

/* ---- casts --------------------------------------------------------------- */

enum { MEMBERS = 100 };

static bst_status cast_line(bst_ref group)
{
    struct box_line m = box_new_line();
    bst_status status =
        bst_cast_owned(group, BOX_LINE, &m, sizeof m, box_line_owned);

    assert_null(m.s);
    assert_null(m.b.data);
    assert_int_equal(m.fd, -1);
    return status;
}

static void start_pool(uint32_t members)
{
    box_init();
    box_add("w")->group.redundancy = members;
    rig_start(&box_rig);
}

static void cast_of_looks(void **state)
{
    (void)state;
    start_pool(MEMBERS);
    for (int i = 0; i < 20; i++)
        assert_int_equal(cast_line(rig_group(&box_rig, "w")), BST_OK);
    box_looked_at(20 * MEMBERS);
    box_nothing_is_left();
}

/* The last to have it may move it; all others get copies. */
static void cast_that_all_take(void **state)
{
    (void)state;
    start_pool(MEMBERS);
    bsti_store_relaxed(&box_handled, (uint32_t)BOX_TAKE);
    for (int i = 0; i < 20; i++)
        assert_int_equal(cast_line(rig_group(&box_rig, "w")), BST_OK);
    box_looked_at(20 * MEMBERS);
    assert_true(bsti_load_relaxed(&box_moved) <= 20);
    box_nothing_is_left();
}

static void cast_to_one_is_moved(void **state)
{
    (void)state;
    start_pool(1);
    bsti_store_relaxed(&box_handled, (uint32_t)BOX_TAKE);
    assert_int_equal(cast_line(rig_group(&box_rig, "w")), BST_OK);
    assert_int_equal(cast_line(rig_ref(&box_rig, "w")), BST_OK);
    box_looked_at(2);
    assert_int_equal(bsti_load_relaxed(&box_moved), 2);
    box_nothing_is_left();
}

/* Those in the mailbox when the handler fails are handled by the next. */
static void b115_cast_of_failures(void **state)
{
    (void)state;
    box_init();
    box_add("w")->group.redundancy = 5;
    box_rig.sups[0].table.restart.mode = BST_RESTART_ALWAYS;
    rig_start(&box_rig);
    bsti_store_relaxed(&box_handled, (uint32_t)BOX_FAIL);
    for (int i = 0; i < 20; i++)
        assert_int_equal(cast_line(rig_group(&box_rig, "w")), BST_OK);
    box_looked_at(20 * 5);
    box_nothing_is_left();
}

static void b115_cast_that_nobody_takes_is_freed(void **state)
{
    bst_ref nobody = {0, 0};

    (void)state;
    box_init();
    box_add("w")->group.lifetime = BST_TEMPORARY;
    box_rig.parts[0].group.redundancy = 3;
    rig_start(&box_rig);
    for (uint32_t i = 0; i < 3; i++) {
        struct rig_order order = {rig_crash, NULL};

        assert_int_equal(bst_tell(rig_member(&box_rig, "w", i), RIG_DO, &order,
                                  sizeof order),
                         BST_OK);
        while (box_tell_line(rig_member(&box_rig, "w", i)) != BST_DEAD)
            rig_pass();
    }
    assert_int_equal(cast_line(rig_group(&box_rig, "w")), BST_DEAD);
    assert_int_equal(cast_line(nobody), BST_DEAD);
    box_nothing_is_left();
}

UNIT_MAIN(RIG_TEST(answer_moves_to_the_asker),
          RIG_THREADS(answer_outside_belongs_to_no_system),
          RIG_TEST(answer_without_anything_has_no_descriptor),
          RIG_TEST(small_answer_moves_too),
          RIG_TEST(b115_answer_that_is_not_sent_is_freed),
          RIG_TEST(b100_b115_late_answer_is_freed),
          RIG_TEST(told_question_is_answered_by_a_message),
          RIG_TEST(system_of_the_sender_may_end_first), RIG_TEST(cast_of_looks),
          RIG_TEST(cast_that_all_take), RIG_TEST(cast_to_one_is_moved),
          RIG_TEST(b115_cast_of_failures),
          RIG_TEST(b115_cast_that_nobody_takes_is_freed))
