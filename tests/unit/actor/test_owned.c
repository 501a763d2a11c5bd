/*
 * actor/owned: what messages own is moved, and freed exactly once, whatever
 * becomes of a message for one receiver (B-115).
 */

#include "unit/support/box.h"

#include "actor/actor.h"
#include "actor/payload.h"
#include "base/alloc.h"
#include "sync/atomic.h"
#include "unit/unit.h"

/* ---- one receiver -------------------------------------------------------- */

static void handle_lines_by(enum box_handled how)
{
    static const bst_status ok = BST_OK;

    box_start();
    bsti_store_relaxed(&box_handled, (uint32_t)how);
    assert_int_equal(box_tell_line(rig_ref(&box_rig, "b")), BST_OK);
    assert_int_equal(
        rig_ask(&box_rig, "a", box_send_line, (void *)(uintptr_t)&ok, NULL),
        BST_OK);
    box_looked_at(2);
}

static void b115_handled_is_freed(void **state)
{
    (void)state;
    handle_lines_by(BOX_LOOK);
    box_nothing_is_left();
}

static void b115_taken_is_moved(void **state)
{
    (void)state;
    handle_lines_by(BOX_TAKE);
    assert_int_equal(bsti_load_relaxed(&box_moved), 2);
    box_nothing_is_left();
}

static void b115_failed_is_freed(void **state)
{
    (void)state;
    handle_lines_by(BOX_FAIL);
    box_nothing_is_left();
}

static void b115_panicked_is_freed(void **state)
{
    (void)state;
    handle_lines_by(BOX_PANIC);
    box_nothing_is_left();
}

static void b115_normal_end_is_freed(void **state)
{
    (void)state;
    handle_lines_by(BOX_STOP);
    box_nothing_is_left();
}

static void taken_before_a_failure_is_the_takers(void **state)
{
    (void)state;
    box_start();
    bsti_store_relaxed(&box_handled, (uint32_t)BOX_TAKE_AND_FAIL);
    assert_int_equal(box_tell_line(rig_ref(&box_rig, "b")), BST_OK);
    box_looked_at(1);
    assert_string_equal(box_kept.s, "a line");
    assert_memory_equal(box_kept.b.data, "abc", 3);
    box_give_back(&box_kept);
    box_nothing_is_left();
}

static void b115_killed_while_it_waits_is_freed(void **state)
{
    (void)state;
    box_start();
    bsti_store_relaxed(&box_handled, (uint32_t)BOX_SLEEP);
    assert_int_equal(box_tell_line(rig_ref(&box_rig, "b")), BST_OK);
    while (bsti_load_acquire(&box_asleep) == 0)
        rig_pass();
    rig_kill(&box_rig, "b");
    box_looked_at(1);
    box_nothing_is_left();
}

static void blocking_handlers_take_as_well(void **state)
{
    (void)state;
    box_init();
    for (uint32_t i = 0; i < box_actor.nhandlers; i++)
        if (box_handlers[i].kind == BOX_LINE)
            box_handlers[i].blocking = 1;
    box_add("a");
    rig_start(&box_rig);
    bsti_store_relaxed(&box_handled, (uint32_t)BOX_TAKE);
    assert_int_equal(box_tell_line(rig_ref(&box_rig, "a")), BST_OK);
    box_looked_at(1);
    assert_int_equal(bsti_load_relaxed(&box_moved), 1);
    box_nothing_is_left();
}

/* ---- nobody receives it -------------------------------------------------- */

static void b115_nobody_is_freed(void **state)
{
    bst_ref nobody = {0, 0};

    (void)state;
    box_start();
    assert_int_equal(box_tell_line(nobody), BST_DEAD);
    box_nothing_is_left();
}

static void b115_full_is_freed(void **state)
{
    static const bst_status full = BST_FULL;
    struct bst_stats stats;

    (void)state;
    box_init();
    box_add("a");
    box_add("b")->group.mailbox = 2;
    rig_start(&box_rig);
    rig_do(&box_rig, "b", rig_hold, &box_gate);
    rig_gate_wait(&box_gate, 1);
    for (int i = 0; i < 2; i++)
        assert_int_equal(box_tell_line(rig_ref(&box_rig, "b")), BST_OK);
    assert_int_equal(box_tell_line(rig_ref(&box_rig, "b")), BST_FULL);
    assert_int_equal(
        rig_ask(&box_rig, "a", box_send_line, (void *)(uintptr_t)&full, NULL),
        BST_OK);
    rig_gate_open(&box_gate);
    box_looked_at(2);
    bst_system_stats(box_rig.system, &stats);
    assert_int_equal(stats.refused, 2);
    box_nothing_is_left();
}

static void b115_ended_child_is_freed(void **state)
{
    (void)state;
    box_init();
    box_add("a")->group.lifetime = BST_TEMPORARY;
    rig_start(&box_rig);
    rig_do(&box_rig, "a", rig_hold, &box_gate);
    rig_gate_wait(&box_gate, 1);
    rig_do(&box_rig, "a", rig_crash, NULL);
    for (int i = 0; i < 20; i++)
        assert_int_equal(box_tell_line(rig_ref(&box_rig, "a")), BST_OK);
    rig_gate_open(&box_gate);
    box_looked_at(0);
    while (box_tell_line(rig_ref(&box_rig, "a")) != BST_DEAD)
        rig_pass();
    box_nothing_is_left();
}

static bst_ref incarnation;

static bst_status give_incarnation(struct puppet *self, void *arg,
                                   struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    incarnation = bst_self_incarnation(self);
    return BST_OK;
}

static void b115_dead_letter_is_freed(void **state)
{
    struct bst_stats stats;

    (void)state;
    box_start();
    assert_int_equal(rig_ask(&box_rig, "a", give_incarnation, NULL, NULL),
                     BST_OK);
    rig_do(&box_rig, "a", rig_hold, &box_gate);
    rig_gate_wait(&box_gate, 1);
    rig_do(&box_rig, "a", rig_crash, NULL);
    assert_int_equal(box_tell_line(incarnation), BST_OK);
    rig_gate_open(&box_gate);
    rig_settle(&box_rig, &stats);
    assert_int_equal(stats.dead, 1);
    assert_int_equal(box_tell_line(incarnation), BST_DEAD);
    box_nothing_is_left();
}

static void b115_queued_at_the_stop_is_freed(void **state)
{
    const struct bsti_proc *a;

    (void)state;
    box_start();
    a = &bsti_group_member(&box_rig.system->groups[0], 0)->proc;
    rig_do(&box_rig, "a", rig_hold, &box_gate);
    rig_gate_wait(&box_gate, 1);
    for (int i = 0; i < 20; i++)
        assert_int_equal(box_tell_line(rig_ref(&box_rig, "a")), BST_OK);
    bst_system_stop(box_rig.system);
    rig_expect(&box_rig, "stop b#1\ndown b#1 shutdown\n");
    while (!(bsti_proc_signals(a) & BSTI_SIGNAL_STOP))
        rig_pass();
    rig_gate_open(&box_gate);
    assert_int_equal(bst_system_wait(box_rig.system), 0);
    assert_int_equal(bsti_load_relaxed(&box_looked), 0);
    rig_free(&box_rig);
    close(box_pipes[1]);
    assert_false(box_pipe_is_open());
    close(box_pipes[0]);
    assert_int_equal(bsti_alloc_balance(), 0);
}

static void b115_what_may_not_be_sent_is_freed(void **state)
{
    struct box_line m;
    struct bst_stats stats;

    (void)state;
    box_start();
    m = box_new_line();
    assert_int_equal(bst_tell_owned(rig_ref(&box_rig, "a"), BOX_FETCH, &m,
                                    sizeof m, box_line_owned),
                     BST_INVALID);
    assert_null(m.s);
    m = box_new_line();
    assert_int_equal(bst_cast_owned(rig_group(&box_rig, "a"), RIG_BLOB, &m,
                                    sizeof m, box_line_owned),
                     BST_INVALID);
    assert_null(m.b.data);
    m = box_new_line();
    assert_int_equal(bst_ask_owned(rig_ref(&box_rig, "a"), BOX_LINE + 100, &m,
                                   sizeof m, box_line_owned, NULL, 0, BST_S(1)),
                     BST_INVALID);
    assert_int_equal(m.fd, -1);
    rig_settle(&box_rig, &stats);
    assert_int_equal(stats.refused, 3);
    box_nothing_is_left();
}

static bst_status ask_with_line(struct puppet *self, void *arg,
                                struct rig_answer *answer)
{
    struct box_line m = box_new_line();

    (void)arg;
    (void)answer;
    (void)bst_ask_owned(rig_ref(self->rig, "b"), BOX_LINE, &m, sizeof m,
                        box_line_owned, NULL, 0, BST_S(1));
    return BST_OK;
}

/* The debug build fails the handler; what it was sending is freed. */
static void b115_undeclared_is_freed(void **state)
{
    (void)state;
    box_init();
    for (uint32_t i = 0; i < box_actor.nhandlers; i++)
        box_handlers[i].nuses = 0;
    box_add("a");
    box_add("b");
    rig_start(&box_rig);
    rig_expect(&box_rig, "start top#1 (sup)\nstart a#1\nstart b#1\n");
    rig_do(&box_rig, "a", ask_with_line, NULL);
    if (BST_DEBUG)
        rig_expect(&box_rig, "down a#1 crashed\nstart a#2\n");
    box_nothing_is_left();
}

/* An untyped send moves nothing, so there is nothing to be moved out. */
static void untyped_is_copied(void **state)
{
    struct box_line m;

    (void)state;
    box_start();
    bsti_store_relaxed(&box_handled, (uint32_t)BOX_TAKE);
    m = box_new_line();
    assert_int_equal(bst_tell(rig_ref(&box_rig, "a"), BOX_LINE, &m, sizeof m),
                     BST_OK);
    box_looked_at(1);
    assert_int_equal(bsti_load_relaxed(&box_moved), 0);
    box_give_back(&m);
    box_nothing_is_left();
}

UNIT_MAIN(RIG_TEST(b115_handled_is_freed), RIG_TEST(b115_taken_is_moved),
          RIG_TEST(b115_failed_is_freed), RIG_TEST(b115_panicked_is_freed),
          RIG_TEST(b115_normal_end_is_freed),
          RIG_TEST(taken_before_a_failure_is_the_takers),
          RIG_TEST(b115_killed_while_it_waits_is_freed),
          RIG_TEST(blocking_handlers_take_as_well),
          RIG_TEST(b115_nobody_is_freed), RIG_TEST(b115_full_is_freed),
          RIG_TEST(b115_ended_child_is_freed),
          RIG_TEST(b115_dead_letter_is_freed),
          RIG_TEST(b115_queued_at_the_stop_is_freed),
          RIG_TEST(b115_what_may_not_be_sent_is_freed),
          RIG_TEST(b115_undeclared_is_freed), RIG_TEST(untyped_is_copied))
