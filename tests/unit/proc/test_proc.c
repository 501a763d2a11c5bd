/*
 * proc/proc: signals, and who becomes responsible for running a process.
 */

#include "proc/proc.h"

#include "sync/atomic.h"
#include "unit/unit.h"

static const struct bsti_proc_class class = {.name = "test"};

static struct bsti_proc *held(void)
{
    static struct bsti_proc proc;

    bsti_proc_init(&proc, &class, 4, 0);
    return &proc;
}

static struct bsti_proc *idle(void)
{
    struct bsti_proc *proc = held();

    assert_true(bsti_mpscq_try_idle(&proc->mailbox));
    return proc;
}

static void init_leaves_the_process_with_its_creator(void **state)
{
    struct bsti_proc *proc = held();

    (void)state;
    assert_int_equal(bsti_proc_signals(proc), 0);
    assert_false(bsti_proc_signal(proc, BSTI_SIGNAL_STOP));
    assert_int_equal(bsti_proc_signals(proc), BSTI_SIGNAL_STOP);
}

static void signal_to_an_idle_process_makes_one_responsible(void **state)
{
    struct bsti_proc *proc = idle();

    (void)state;
    assert_true(bsti_proc_signal(proc, BSTI_SIGNAL_STOP));
    assert_false(bsti_proc_signal(proc, BSTI_SIGNAL_KILL));
    assert_int_equal(bsti_proc_signals(proc),
                     BSTI_SIGNAL_STOP | BSTI_SIGNAL_KILL);
}

static void take_signals_clears_what_is_asked_for(void **state)
{
    struct bsti_proc *proc = held();

    (void)state;
    bsti_proc_signal(proc, BSTI_SIGNAL_STOP | BSTI_SIGNAL_START);
    assert_int_equal(
        bsti_proc_take_signals(proc, BSTI_SIGNAL_STOP | BSTI_SIGNAL_KILL),
        BSTI_SIGNAL_STOP);
    assert_int_equal(bsti_proc_signals(proc), BSTI_SIGNAL_START);
    assert_int_equal(bsti_proc_take_signals(proc, BSTI_SIGNAL_STOP), 0);
}

static void reclaim_sees_a_signal_that_came_before_idle(void **state)
{
    struct bsti_proc *proc = held();

    (void)state;
    assert_false(bsti_proc_signal(proc, BSTI_SIGNAL_STOP));
    assert_true(bsti_mpscq_try_idle(&proc->mailbox));
    assert_true(bsti_proc_reclaim(proc));
    assert_false(bsti_mpscq_is_idle(&proc->mailbox));
}

static void reclaim_leaves_it_to_a_signaller_who_was_faster(void **state)
{
    struct bsti_proc *proc = idle();

    (void)state;
    assert_true(bsti_proc_signal(proc, BSTI_SIGNAL_STOP));
    assert_false(bsti_proc_reclaim(proc));
}

static void reclaim_without_a_signal_lets_go(void **state)
{
    struct bsti_proc *proc = idle();

    (void)state;
    assert_false(bsti_proc_reclaim(proc));
    assert_true(bsti_mpscq_is_idle(&proc->mailbox));
}

static void cancel_wait_wakes_only_the_suspended(void **state)
{
    struct bsti_proc *proc = held();
    uint64_t seq;
    void *gift;

    (void)state;
    assert_false(bsti_proc_cancel_wait(proc, 1));
    bsti_waiter_arm(&proc->waiter);
    assert_false(bsti_proc_cancel_wait(proc, 4));
    assert_int_equal(bsti_waiter_take(&proc->waiter, &gift), 4);
    seq = bsti_waiter_arm(&proc->waiter);
    assert_true(bsti_waiter_commit(&proc->waiter, seq));
    assert_true(bsti_proc_cancel_wait(proc, 5));
    assert_false(bsti_proc_cancel_wait(proc, 6));
    assert_int_equal(bsti_waiter_take(&proc->waiter, &gift), 5);
}

UNIT_MAIN(cmocka_unit_test(init_leaves_the_process_with_its_creator),
          cmocka_unit_test(signal_to_an_idle_process_makes_one_responsible),
          cmocka_unit_test(take_signals_clears_what_is_asked_for),
          cmocka_unit_test(reclaim_sees_a_signal_that_came_before_idle),
          cmocka_unit_test(reclaim_leaves_it_to_a_signaller_who_was_faster),
          cmocka_unit_test(reclaim_without_a_signal_lets_go),
          cmocka_unit_test(cancel_wait_wakes_only_the_suspended))
