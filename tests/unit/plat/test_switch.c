/*
 * plat/switch: every way to go from one stack to another. All of it also runs
 * under the sanitizers, which have to be told what happens.
 */

#include "plat/switch.h"

#include "plat/thread.h"
#include "sync/atomic.h"

#include "unit/unit.h"

static struct bsti_stack_pool pool;
static struct bsti_stack own;    /* this thread's */
static struct bsti_stack *fiber; /* a pooled one */

static int setup(void **state)
{
    (void)state;
    bsti_stack_pool_init(&pool);
    fiber = bsti_stack_acquire(&pool, 0);
    return fiber == NULL || bsti_stack_adopt_thread(&own) != 0;
}

static int teardown(void **state)
{
    (void)state;
    bsti_stack_release(&pool, fiber);
    bsti_stack_disown_thread(&own);
    bsti_stack_pool_fini(&pool);
    return 0;
}

/* ---- there and back ------------------------------------------------------ */

struct count {
    uint64_t value;
    void *arg_seen;
};

static void count_up(void *arg)
{
    struct count *count = arg;

    count->arg_seen = arg;
    for (;;) {
        count->value++;
        bsti_switch(fiber, &own);
    }
}

static void switch_ping_pong_keeps_both_going(void **state)
{
    struct count count = {0, NULL};

    (void)state;
    bsti_switch_prepare(fiber, count_up, &count);
    for (uint64_t i = 1; i <= 100000; i++) {
        bsti_switch(&own, fiber);
        assert_true(count.value == i);
    }
    assert_ptr_equal(count.arg_seen, &count);
}

static void check_alignment(void *arg)
{
    BSTI_ALIGNED(16) volatile char here[16] = {0};
    bool *aligned = arg;

    *aligned = ((uintptr_t)here & 15) == 0 &&
               ((uintptr_t)__builtin_frame_address(0) & 15) == 0;
    /* Variable arguments with doubles use aligned vector stores. */
    char text[64];

    *aligned = *aligned && snprintf(text, sizeof(text), "%.2f", 1.25) == 4;
    bsti_switch_jump(fiber, &own);
}

static void fresh_frame_is_aligned_as_the_abi_wants(void **state)
{
    bool aligned = false;

    (void)state;
    bsti_switch_prepare(fiber, check_alignment, &aligned);
    bsti_switch(&own, fiber);
    assert_true(aligned);
}

static void prepare_again_throws_the_saved_context_away(void **state)
{
    struct count a = {0, NULL};
    struct count b = {0, NULL};

    (void)state;
    for (int i = 0; i < 100; i++) {
        bsti_switch_prepare(fiber, count_up, &a);
        bsti_switch(&own, fiber);
        bsti_switch(&own, fiber);
        bsti_switch_prepare(fiber, count_up, &b);
        bsti_switch(&own, fiber);
    }
    assert_true(a.value == 200 && b.value == 100);
}

/* ---- registers and floating point ---------------------------------------- */

static volatile double third = 1.0 / 3.0;

/* Keeps many values alive across a switch. */
static BSTI_NOINLINE bool values_survive(struct bsti_stack *from,
                                         struct bsti_stack *to, uint64_t seed)
{
    volatile uint64_t source = seed;
    uint64_t a = source + 1, b = source + 2, c = source + 3, d = source + 4;
    uint64_t e = source + 5, f = source + 6, g = source + 7, h = source + 8;
    double x = third + (double)source, y = third * (double)source;
    long double z = (long double)third * 3.5L + (long double)source;

    bsti_switch(from, to);
    return a == source + 1 && b == source + 2 && c == source + 3 &&
           d == source + 4 && e == source + 5 && f == source + 6 &&
           g == source + 7 && h == source + 8 &&
           x - third - (double)source < 1e-9 &&
           y - third * (double)source < 1e-9 &&
           z - ((long double)third * 3.5L + (long double)source) < 1e-9L;
}

static void keep_values(void *arg)
{
    bool *ok = arg;

    for (uint64_t i = 0;; i++) {
        *ok = values_survive(fiber, &own, i * 1000003) && *ok;
    }
}

static void switch_live_values_survive(void **state)
{
    bool ok = true;

    (void)state;
    bsti_switch_prepare(fiber, keep_values, &ok);
    for (uint64_t i = 0; i < 1000; i++) {
        assert_true(values_survive(&own, fiber, i * 77777));
    }
    assert_true(ok);
}

#if defined(__x86_64__)

static unsigned x87_control(void)
{
    uint16_t control;

    __asm__ volatile("fnstcw %0" : "=m"(control));
    return control;
}

static void set_x87_control(unsigned control)
{
    uint16_t word = (uint16_t)control;

    __asm__ volatile("fldcw %0" : : "m"(word));
}

#define MXCSR_CONTROL 0xffc0u

static void change_control(void *arg)
{
    unsigned *seen = arg;

    seen[0] = __builtin_ia32_stmxcsr() & MXCSR_CONTROL;
    seen[1] = x87_control();
    __builtin_ia32_ldmxcsr(0x5f80);
    set_x87_control(0x0f7f);
    bsti_switch(fiber, &own);
    seen[2] = __builtin_ia32_stmxcsr() & MXCSR_CONTROL;
    seen[3] = x87_control();
    bsti_switch_jump(fiber, &own);
}

static void see_control(void *arg)
{
    unsigned *seen = arg;

    seen[4] = __builtin_ia32_stmxcsr() & MXCSR_CONTROL;
    seen[5] = x87_control();
    bsti_switch_jump(fiber, &own);
}

static void restart_with_control_changed(void *arg)
{
    __builtin_ia32_ldmxcsr(0x5f80);
    set_x87_control(0x0f7f);
    bsti_switch_restart(fiber, see_control, arg);
}

static void switch_floating_point_control_stays_with_its_stack(void **state)
{
    unsigned seen[6] = {0};

    (void)state;
    if (BSTI_SWITCH_UCONTEXT) {
        skip();
    }
    __builtin_ia32_ldmxcsr(0x3f80);
    bsti_switch_prepare(fiber, change_control, seen);
    bsti_switch(&own, fiber);
    assert_int_equal(__builtin_ia32_stmxcsr() & MXCSR_CONTROL, 0x3f80);
    assert_int_equal(x87_control(), 0x037f);
    bsti_switch(&own, fiber);
    assert_int_equal(__builtin_ia32_stmxcsr() & MXCSR_CONTROL, 0x3f80);
    assert_int_equal(x87_control(), 0x037f);
    assert_int_equal(seen[0], 0x1f80);
    assert_int_equal(seen[1], 0x037f);
    assert_int_equal(seen[2], 0x5f80);
    assert_int_equal(seen[3], 0x0f7f);
    __builtin_ia32_ldmxcsr(0x1f80);
}

static void restart_floating_point_control_is_reset(void **state)
{
    unsigned seen[6] = {0};

    (void)state;
    if (BSTI_SWITCH_UCONTEXT) {
        skip();
    }
    bsti_switch_prepare(fiber, restart_with_control_changed, seen);
    bsti_switch(&own, fiber);
    assert_int_equal(seen[4], 0x1f80);
    assert_int_equal(seen[5], 0x037f);
}

#else

static void switch_floating_point_control_stays_with_its_stack(void **state)
{
    (void)state;
    skip();
}

static void restart_floating_point_control_is_reset(void **state)
{
    (void)state;
    skip();
}

#endif

/* ---- depth --------------------------------------------------------------- */

/* Uses about `bytes` of stack and returns a sum that proves it. */
static BSTI_NOINLINE uint64_t dive(size_t bytes, uint64_t seed)
{
    volatile char frame[1024];
    uint64_t sum = 0;

    for (size_t i = 0; i < sizeof(frame); i += 64) {
        frame[i] = (char)(seed + i);
    }
    if (bytes > 2048) {
        sum = dive(bytes - 1024, seed + 1);
    } else {
        bsti_switch(fiber, &own);
    }
    for (size_t i = 0; i < sizeof(frame); i += 64) {
        sum += frame[i] == (char)(seed + i);
    }
    return sum;
}

static void dive_deep(void *arg)
{
    uint64_t *sum = arg;

    for (;;) {
        *sum = dive(fiber->size / 3, 5);
        bsti_switch(fiber, &own);
    }
}

static void switch_in_deep_frames_keeps_them(void **state)
{
    uint64_t expected = (fiber->size / 3 - 2048 + 1023) / 1024 * 16 + 16;
    uint64_t sum = 0;

    (void)state;
    bsti_switch_prepare(fiber, dive_deep, &sum);
    for (int i = 0; i < 20; i++) {
        bsti_switch(&own, fiber); /* suspends at the bottom */
        assert_true(sum == 0);
        bsti_switch(&own, fiber); /* comes up again */
        assert_true(sum == expected);
        sum = 0;
    }
}

/* ---- dead frames --------------------------------------------------------- */

/* Leaves frames with variables on the stack, then the stack itself. */
static BSTI_NOINLINE void abandon_frames(uint64_t *count, unsigned depth)
{
    volatile char frame[300];

    memset((char *)(uintptr_t)frame, (int)depth, sizeof(frame));
    if (depth > 0) {
        abandon_frames(count, depth - 1);
    } else if (frame[0] == 0) {
        ++*count;
        bsti_switch_jump(fiber, &own);
    }
    *count += (uint64_t)frame[299];
}

static void abandon(void *arg)
{
    abandon_frames(arg, 20);
}

/* Touches all of the stack that abandoned frames may have marked. */
static void use_whole_stack(void *arg)
{
    uint64_t *sum = arg;

    *sum = dive(fiber->size / 2, 9);
    bsti_switch_jump(fiber, &own);
}

static void jump_abandoned_stack_can_be_used_again(void **state)
{
    uint64_t count = 0;
    uint64_t sum = 0;

    (void)state;
    for (uint64_t i = 1; i <= 500; i++) {
        bsti_switch_prepare(fiber, abandon, &count);
        bsti_switch(&own, fiber);
        assert_true(count == i);
    }
    bsti_switch_prepare(fiber, use_whole_stack, &sum);
    bsti_switch(&own, fiber);
    bsti_switch(&own, fiber);
    assert_true(sum > 0);
}

static void release_suspended_stack_can_be_acquired_again(void **state)
{
    uint64_t sum = 0;

    (void)state;
    for (int i = 0; i < 200; i++) {
        bsti_switch_prepare(fiber, dive_deep, &sum);
        bsti_switch(&own, fiber); /* suspended deep in its frames */
        bsti_stack_release(&pool, fiber);
        fiber = bsti_stack_acquire(&pool, 0);
        assert_non_null(fiber);
    }
}

struct restarts {
    uint64_t left;
    uint64_t done;
};

static void restart_entry(void *arg);

static BSTI_NOINLINE void restart_from(struct restarts *r, unsigned depth)
{
    volatile char frame[100];

    memset((char *)(uintptr_t)frame, (int)depth, sizeof(frame));
    if (depth > 0) {
        restart_from(r, depth - 1);
    } else if (r->left > 0) {
        r->left--;
        r->done++;
        bsti_switch_restart(fiber, restart_entry, r);
    }
    r->done += (uint64_t)(frame[99] != (char)depth);
}

static void restart_entry(void *arg)
{
    struct restarts *r = arg;

    restart_from(r, (unsigned)(r->left % 10));
    bsti_switch_jump(fiber, &own);
}

static void restart_100000_times_does_not_grow(void **state)
{
    struct restarts r = {100000, 0};

    (void)state;
    bsti_switch_prepare(fiber, restart_entry, &r);
    bsti_switch(&own, fiber);
    assert_true(r.left == 0 && r.done == 100000);
}

/* Suspends once, restarts, and so on: both kinds mixed. */
static void restart_and_suspend(void *arg)
{
    struct restarts *r = arg;

    bsti_switch(fiber, &own);
    r->done++;
    bsti_switch_restart(fiber, restart_and_suspend, r);
}

static void restart_between_switches_works(void **state)
{
    struct restarts r = {0, 0};

    (void)state;
    bsti_switch_prepare(fiber, restart_and_suspend, &r);
    for (uint64_t i = 0; i < 2000; i++) {
        assert_true(r.done == (i == 0 ? 0 : i - 1) || r.done == i);
        bsti_switch(&own, fiber);
    }
    assert_true(r.done == 1999);
}

static jmp_buf here;

static BSTI_NOINLINE void leave_by_longjmp(unsigned depth)
{
    volatile char frame[200];

    memset((char *)(uintptr_t)frame, (int)depth, sizeof(frame));
    if (depth > 0) {
        leave_by_longjmp(depth - 1);
    } else if (frame[0] == 0) {
        longjmp(here, 1);
    }
    frame[1] = frame[0];
}

static void jump_out_of_frames(void *arg)
{
    uint64_t *sum = arg;

    for (volatile int i = 0; i < 3; i++) {
        if (setjmp(here) == 0) {
            leave_by_longjmp(10);
        }
        bsti_switch(fiber, &own);
    }
    *sum = dive(fiber->size / 2, 1);
    bsti_switch_jump(fiber, &own);
}

static void longjmp_in_child(void *arg)
{
    uint64_t sum = 0;

    (void)arg;
    bsti_switch_prepare(fiber, jump_out_of_frames, &sum);
    for (int i = 0; i < 5; i++) {
        bsti_switch(&own, fiber);
    }
    _exit(sum > 0 ? 0 : 1);
}

/*
 * AddressSanitizer warns when it is not told which stack it is on: this is
 * how a missing notice shows.
 */
static void longjmp_on_a_pooled_stack_is_silent(void **state)
{
    char text[4096];
    int status = unit_fork(longjmp_in_child, NULL, text, sizeof(text));

    (void)state;
    assert_true(unit_exited(status, 0));
    if (!BSTI_SWITCH_UCONTEXT) {
        assert_string_equal(text, "");
    }
}

/* ---- migration ----------------------------------------------------------- */

struct migrant {
    struct bsti_stack threads[2]; /* where to go back to */
    _Atomic uint32_t turn;        /* whose turn it is to run it */
    unsigned on;                  /* who runs it */
    uint64_t steps;
};

#define STEPS 20000u

static void migrate(void *arg)
{
    struct migrant *m = arg;
    uint64_t local = 0;

    for (;;) {
        uint64_t before = local;

        local += 3;
        bsti_switch(fiber, &m->threads[m->on]);
        m->steps += local - before == 3;
    }
}

static void run_every_second_step(struct migrant *m, uint32_t me)
{
    for (uint32_t i = me; i < STEPS; i += 2) {
        while (bsti_load_acquire(&m->turn) != i) {
            bsti_thread_yield();
        }
        m->on = me;
        bsti_switch(&m->threads[me], fiber);
        bsti_store_release(&m->turn, i + 1);
    }
}

static void run_on_other_thread(void *arg)
{
    struct migrant *m = arg;

    if (bsti_stack_adopt_thread(&m->threads[1]) == 0) {
        run_every_second_step(m, 1);
        bsti_stack_disown_thread(&m->threads[1]);
    }
}

static void switch_saved_stack_continues_on_another_thread(void **state)
{
    static struct migrant m;
    struct bsti_thread thread;

    (void)state;
    memset(&m, 0, sizeof(m));
    assert_int_equal(bsti_stack_adopt_thread(&m.threads[0]), 0);
    bsti_switch_prepare(fiber, migrate, &m);
    assert_int_equal(
        bsti_thread_start(&thread, "other", run_on_other_thread, &m), 0);
    run_every_second_step(&m, 0);
    bsti_thread_join(&thread);
    bsti_stack_disown_thread(&m.threads[0]);
    assert_true(m.steps == STEPS - 1);
}

/* ---- many ---------------------------------------------------------------- */

struct ring {
    struct bsti_stack *stack;
    struct bsti_stack *next;
    uint64_t passed;
};

static void pass_on(void *arg)
{
    struct ring *ring = arg;

    for (;;) {
        ring->passed++;
        bsti_switch(ring->stack, ring->next);
    }
}

static void switch_around_a_ring_of_stacks_works(void **state)
{
    static struct ring ring[100];

    (void)state;
    for (size_t i = 0; i < 100; i++) {
        ring[i].stack = bsti_stack_acquire(&pool, i % 3 == 0 ? 1 : 0);
        ring[i].passed = 0;
        assert_non_null(ring[i].stack);
    }
    for (size_t i = 0; i < 100; i++) {
        ring[i].next = i < 99 ? ring[i + 1].stack : &own;
        bsti_switch_prepare(ring[i].stack, pass_on, &ring[i]);
    }
    for (int round = 0; round < 200; round++) {
        bsti_switch(&own, ring[0].stack);
    }
    for (size_t i = 0; i < 100; i++) {
        assert_true(ring[i].passed == 200);
        bsti_stack_release(&pool, ring[i].stack);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

UNIT_MAIN(TEST(switch_ping_pong_keeps_both_going),
          TEST(fresh_frame_is_aligned_as_the_abi_wants),
          TEST(prepare_again_throws_the_saved_context_away),
          TEST(switch_live_values_survive),
          TEST(switch_floating_point_control_stays_with_its_stack),
          TEST(restart_floating_point_control_is_reset),
          TEST(switch_in_deep_frames_keeps_them),
          TEST(jump_abandoned_stack_can_be_used_again),
          TEST(release_suspended_stack_can_be_acquired_again),
          TEST(restart_100000_times_does_not_grow),
          TEST(restart_between_switches_works),
          TEST(longjmp_on_a_pooled_stack_is_silent),
          TEST(switch_saved_stack_continues_on_another_thread),
          TEST(switch_around_a_ring_of_stacks_works))
