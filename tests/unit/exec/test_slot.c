/*
 * The next-slot: its owner and a monitor that takes from it.
 */

#include "exec/slot.h"

#include "plat/barrier.h"
#include "plat/thread.h"
#include "unit/unit.h"

/* The slot never looks into a process, so any address will do. */
static struct bsti_proc *token(uintptr_t n)
{
    return (struct bsti_proc *)(n * 64);
}

static void slot_gives_back_what_was_put(void **state)
{
    struct bsti_slot slot;

    (void)state;
    bsti_slot_init(&slot);
    assert_true(bsti_slot_is_empty(&slot));
    assert_null(bsti_slot_take(&slot));
    bsti_slot_put(&slot, token(1));
    assert_false(bsti_slot_is_empty(&slot));
    assert_ptr_equal(bsti_slot_take(&slot), token(1));
    assert_null(bsti_slot_take(&slot));
}

static void need_barrier(void)
{
    if (!bsti_barrier_prepare())
        skip();
}

static void stolen_process_is_gone_for_the_owner(void **state)
{
    struct bsti_slot slot;

    (void)state;
    need_barrier();
    bsti_slot_init(&slot);
    assert_null(bsti_slot_steal(&slot));
    assert_null(bsti_slot_take(&slot));
    bsti_slot_put(&slot, token(1));
    assert_ptr_equal(bsti_slot_steal(&slot), token(1));
    assert_null(bsti_slot_take(&slot));
}

static void process_that_comes_back_is_not_taken_for_stolen(void **state)
{
    struct bsti_slot slot;

    (void)state;
    need_barrier();
    bsti_slot_init(&slot);
    bsti_slot_put(&slot, token(1));
    assert_ptr_equal(bsti_slot_steal(&slot), token(1));
    bsti_slot_put(&slot, token(1));
    assert_ptr_equal(bsti_slot_take(&slot), token(1));
}

static void second_claim_waits_for_the_owner(void **state)
{
    struct bsti_slot slot;

    (void)state;
    need_barrier();
    bsti_slot_init(&slot);
    bsti_slot_put(&slot, token(1));
    assert_ptr_equal(bsti_slot_steal(&slot), token(1));
    assert_null(bsti_slot_steal(&slot));
    bsti_slot_put(&slot, token(2));
    assert_ptr_equal(bsti_slot_steal(&slot), token(2));
}

/* A thief against an owner: every token is had by exactly one of them. */
enum { ROUNDS = 200000 };

struct race {
    struct bsti_slot slot;
    _Atomic uint32_t stolen[ROUNDS + 1];
    _Atomic uint32_t over;
};

static struct race race;

static void thief(void *arg)
{
    (void)arg;
    while (!bsti_load_acquire(&race.over)) {
        struct bsti_proc *proc = bsti_slot_steal(&race.slot);

        if (proc)
            bsti_fetch_add_relaxed(&race.stolen[(uintptr_t)proc / 64], 1u);
    }
}

static void each_process_is_had_once(void **state)
{
    struct bsti_thread thread;
    uint32_t lost = 0;

    (void)state;
    need_barrier();
    bsti_slot_init(&race.slot);
    assert_int_equal(bsti_thread_start(&thread, "thief", thief, NULL), 0);
    for (uintptr_t i = 1; i <= ROUNDS; i++) {
        struct bsti_proc *proc;

        bsti_slot_put(&race.slot, token(i));
        proc = bsti_slot_take(&race.slot);
        if (proc)
            bsti_fetch_add_relaxed(&race.stolen[(uintptr_t)proc / 64], 1u);
    }
    bsti_store_release(&race.over, 1u);
    bsti_thread_join(&thread);
    for (uint32_t i = 1; i <= ROUNDS; i++)
        lost += bsti_load_relaxed(&race.stolen[i]) != 1;
    assert_int_equal(lost, 0);
}

UNIT_MAIN(cmocka_unit_test(slot_gives_back_what_was_put),
          cmocka_unit_test(stolen_process_is_gone_for_the_owner),
          cmocka_unit_test(process_that_comes_back_is_not_taken_for_stolen),
          cmocka_unit_test(second_claim_waits_for_the_owner),
          cmocka_unit_test(each_process_is_had_once))
