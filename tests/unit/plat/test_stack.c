/*
 * plat/stack: the pool, its guards in both ways to make them, and how it takes
 * a system that refuses.
 */

#define _DEFAULT_SOURCE

#include "plat/stack.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/alloc.h"
#include "plat/switch.h"

#include "unit/unit.h"

static struct bsti_stack_pool pool;

static int setup(void **state)
{
    (void)state;
    bsti_stack_pool_init(&pool);
    return 0;
}

static int setup_protect(void **state)
{
    setup(state);
    pool.guard = BSTI_GUARD_PROTECT;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    bsti_stack_pool_fini(&pool);
    return bsti_alloc_balance() != 0;
}

static void class_is_the_smallest_that_fits(void **state)
{
    (void)state;
    assert_int_equal(bsti_stack_class(0), 0);
    assert_int_equal(bsti_stack_class(1), 0);
    assert_int_equal(bsti_stack_class(BSTI_STACK_MIN), 0);
    assert_int_equal(bsti_stack_class(BSTI_STACK_MIN + 1), 1);
    assert_int_equal(bsti_stack_class(BSTI_STACK_MIN * 128), 7);
    assert_int_equal(bsti_stack_class(SIZE_MAX), 7);
}

static void acquire_every_class_is_usable_and_sized(void **state)
{
    (void)state;
    for (unsigned c = 0; c < BSTI_STACK_CLASSES; c++) {
        struct bsti_stack *stack = bsti_stack_acquire(&pool, c);

        assert_non_null(stack);
        assert_int_equal(stack->size_class, c);
        assert_int_equal(stack->size, BSTI_STACK_MIN << c);
        stack->base[0] = 1;
        stack->base[stack->size - 1] = 1;
        bsti_stack_release(&pool, stack);
    }
}

static void acquire_gives_the_last_released_first(void **state)
{
    struct bsti_stack *a = bsti_stack_acquire(&pool, 0);
    struct bsti_stack *b = bsti_stack_acquire(&pool, 0);

    (void)state;
    assert_ptr_not_equal(a, b);
    bsti_stack_release(&pool, a);
    bsti_stack_release(&pool, b);
    assert_ptr_equal(bsti_stack_acquire(&pool, 0), b);
    assert_ptr_equal(bsti_stack_acquire(&pool, 0), a);
    bsti_stack_release(&pool, a);
    bsti_stack_release(&pool, b);
}

static void stacks_lie_an_odd_number_of_pages_apart(void **state)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    (void)state;
    for (unsigned c = 0; c < BSTI_STACK_CLASSES; c++) {
        struct bsti_stack *a = bsti_stack_acquire(&pool, c);
        struct bsti_stack *b = bsti_stack_acquire(&pool, c);

        assert_int_equal((size_t)(b->base - a->base) / page % 2, 1);
        bsti_stack_release(&pool, a);
        bsti_stack_release(&pool, b);
    }
}

static void owning_classifies_every_address(void **state)
{
    struct bsti_stack *a = bsti_stack_acquire(&pool, 0);
    struct bsti_stack *b = bsti_stack_acquire(&pool, 3);
    struct bsti_stack *found = NULL;
    int local = 0;

    (void)state;
    assert_int_equal(bsti_stack_owning(&pool, a->base, &found),
                     BSTI_STACK_USABLE);
    assert_ptr_equal(found, a);
    assert_int_equal(bsti_stack_owning(&pool, a->base + a->size - 1, &found),
                     BSTI_STACK_USABLE);
    assert_ptr_equal(found, a);
    assert_int_equal(bsti_stack_owning(&pool, a->base - 1, &found),
                     BSTI_STACK_GUARD);
    assert_ptr_equal(found, a);
    assert_int_equal(bsti_stack_owning(&pool, b->base - 1, NULL),
                     BSTI_STACK_GUARD);
    assert_int_equal(bsti_stack_owning(&pool, b->base + 5, &found),
                     BSTI_STACK_USABLE);
    assert_ptr_equal(found, b);
    assert_int_equal(bsti_stack_owning(&pool, &local, &found), BSTI_STACK_NONE);
    assert_null(found);
    assert_int_equal(bsti_stack_owning(&pool, NULL, NULL), BSTI_STACK_NONE);
    bsti_stack_release(&pool, a);
    bsti_stack_release(&pool, b);
}

/* ---- guards -------------------------------------------------------------- */

static struct bsti_stack own;

static BSTI_NOINLINE unsigned overflow(unsigned depth)
{
    volatile char frame[512];
    unsigned deeper;

    frame[0] = (char)depth;
    /* The comparison is always true, which the compiler cannot know. */
    deeper = frame[0] == (char)depth ? overflow(depth + 1) : depth;
    /* The frame is needed after the call, so that it stays where it is. */
    frame[1] = (char)deeper;
    return deeper + (unsigned)frame[1];
}

static void overflow_entry(void *arg)
{
    (void)arg;
    (void)!overflow(0);
    _exit(7);
}

static void overflow_a_stack(void *arg)
{
    struct bsti_stack *stack = arg;

    if (bsti_stack_adopt_thread(&own) != 0) {
        _exit(8);
    }
    bsti_switch_prepare(stack, overflow_entry, NULL);
    bsti_switch(&own, stack);
}

static void write_at(void *arg)
{
    *(volatile char *)arg = 1;
}

/* The stacks above and below must not change what a guard does. */
static void check_guards(void)
{
    struct bsti_stack *stacks[40];

    for (size_t i = 0; i < 40; i++) {
        stacks[i] = bsti_stack_acquire(&pool, 0);
        assert_non_null(stacks[i]);
        memset(stacks[i]->base, 0x55, stacks[i]->size);
    }
    for (size_t i = 0; i < 40; i += 13) {
        char *base = stacks[i]->base;

        assert_true(
            unit_died_of(unit_fork(write_at, base - 1, NULL, 0), SIGSEGV));
        assert_true(unit_exited(unit_fork(write_at, base, NULL, 0), 0));
        assert_true(unit_died_of(
            unit_fork(overflow_a_stack, stacks[i], NULL, 0), SIGSEGV));
    }
    for (size_t i = 0; i < 40; i++) {
        bsti_stack_release(&pool, stacks[i]);
    }
    /* Giving memory back must not take the guards with it. */
    assert_int_equal(bsti_stack_trim(&pool), 40);
    assert_true(unit_died_of(unit_fork(write_at, stacks[20]->base - 1, NULL, 0),
                             SIGSEGV));
}

static void guard_overflow_dies_by_sigsegv(void **state)
{
    (void)state;
    check_guards();
}

static void guard_protect_fallback_overflow_dies_by_sigsegv(void **state)
{
    (void)state;
    check_guards();
}

static void guard_locked_memory_uses_the_fallback(void **state)
{
    struct bsti_stack *stack;

    (void)state;
    if (BSTI_ASAN || BSTI_TSAN || mlockall(MCL_FUTURE) != 0) {
        skip();
    }
    stack = bsti_stack_acquire(&pool, 0);
    (void)munlockall();
    if (stack == NULL) {
        skip(); /* the limit on locked memory is below one chunk */
    }
    assert_true(
        unit_died_of(unit_fork(write_at, stack->base - 1, NULL, 0), SIGSEGV));
    assert_true(unit_exited(unit_fork(write_at, stack->base, NULL, 0), 0));
    bsti_stack_release(&pool, stack);
}

/* ---- memory -------------------------------------------------------------- */

static void trim_gives_memory_of_free_stacks_back(void **state)
{
    struct bsti_stack *stacks[10];
    unsigned char resident;

    (void)state;
    for (size_t i = 0; i < 10; i++) {
        stacks[i] = bsti_stack_acquire(&pool, 0);
        memset(stacks[i]->base, 0xee, stacks[i]->size);
    }
    for (size_t i = 0; i < 9; i++) {
        bsti_stack_release(&pool, stacks[i]);
    }
    assert_int_equal(bsti_stack_trim(&pool), 9);
    assert_int_equal(bsti_stack_trim(&pool), 0);
    assert_int_equal(stacks[9]->base[100], (char)0xee);
    assert_int_equal(mincore(stacks[9]->base, 4096, &resident), 0);
    assert_int_equal(resident & 1, 1);
    assert_int_equal(mincore(stacks[3]->base, 4096, &resident), 0);
    assert_int_equal(resident & 1, 0);
    assert_int_equal(stacks[3]->base[100], 0);
    bsti_stack_release(&pool, stacks[9]);
    assert_int_equal(bsti_stack_trim(&pool), 1);
    for (size_t i = 0; i < 10; i++) {
        struct bsti_stack *stack = bsti_stack_acquire(&pool, 0);

        assert_non_null(stack);
        stack->base[0] = 1;
    }
}

static bool is_resident(const struct bsti_stack *stack)
{
    unsigned char resident;

    assert_int_equal(mincore(stack->base, 4096, &resident), 0);
    return resident & 1;
}

static size_t trim_unused(void)
{
    bsti_stack_mark_unused(&pool);
    return bsti_stack_trim_unused(&pool, SIZE_MAX);
}

static void trim_unused_leaves_what_comes_and_goes(void **state)
{
    struct bsti_stack *stacks[10];

    (void)state;
    for (size_t i = 0; i < 10; i++) {
        stacks[i] = bsti_stack_acquire(&pool, 0);
        stacks[i]->base[0] = 1;
    }
    for (size_t i = 0; i < 10; i++) {
        bsti_stack_release(&pool, stacks[i]);
    }
    assert_int_equal(bsti_stack_pool_used(&pool), 10);
    /* They were not free all the time. */
    assert_int_equal(trim_unused(), 0);
    for (size_t i = 0; i < 3; i++) {
        stacks[i] = bsti_stack_acquire(&pool, 0);
        assert_true(is_resident(stacks[i]));
    }
    for (size_t i = 0; i < 3; i++) {
        bsti_stack_release(&pool, stacks[i]);
    }
    /* Seven were, and those are the ones that were released first. */
    assert_int_equal(trim_unused(), 7);
    assert_int_equal(bsti_stack_pool_used(&pool), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(is_resident(stacks[i]));
    }
    /* In portions; what is stale meanwhile can be used. */
    bsti_stack_mark_unused(&pool);
    assert_int_equal(bsti_stack_trim_unused(&pool, 1), 1);
    bsti_stack_release(&pool, bsti_stack_acquire(&pool, 0));
    assert_int_equal(bsti_stack_pool_used(&pool), 2);
    assert_int_equal(bsti_stack_trim_unused(&pool, SIZE_MAX), 1);
    assert_int_equal(trim_unused(), 0);
    assert_int_equal(trim_unused(), 1);
    assert_int_equal(trim_unused(), 0);
    assert_int_equal(bsti_stack_pool_used(&pool), 0);
    for (size_t i = 0; i < 10; i++) {
        stacks[i] = bsti_stack_acquire(&pool, 0);
        assert_false(is_resident(stacks[i]));
        stacks[i]->base[0] = 1;
    }
}

static void spread_stacks_come_back_to_their_node(void **state)
{
    static const uint32_t os_nodes[] = {0, 1, 5}; /* not all are there */
    struct bsti_stack *stacks[3];

    (void)state;
    assert_int_equal(bsti_stack_pool_spread(&pool, os_nodes, 3), 0);
    for (uint32_t i = 0; i < 3; i++) {
        stacks[i] = bsti_stack_acquire_on(&pool, 0, i);
        assert_non_null(stacks[i]);
        assert_int_equal(stacks[i]->node, i);
        memset(stacks[i]->base, 1, stacks[i]->size);
    }
    for (uint32_t i = 0; i < 3; i++) {
        bsti_stack_release(&pool, stacks[i]);
    }
    for (uint32_t i = 0; i < 3; i++) {
        assert_ptr_equal(bsti_stack_acquire_on(&pool, 0, i), stacks[i]);
        assert_ptr_not_equal(bsti_stack_acquire_on(&pool, 0, i), stacks[i]);
    }
}

static void spread_without_memory_leaves_one_node(void **state)
{
    static const uint32_t os_nodes[] = {0, 1};

    (void)state;
    bsti_alloc_fail_at(1);
    assert_int_equal(bsti_stack_pool_spread(&pool, os_nodes, 2), -ENOMEM);
    bsti_alloc_fail_at(0);
    assert_non_null(bsti_stack_acquire(&pool, 0));
}

#define MANY 20000u

static void acquire_20000_stacks_works(void **state)
{
    static struct bsti_stack *stacks[MANY];

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        stacks[i] = bsti_stack_acquire(&pool, 0);
        assert_non_null(stacks[i]);
        /* Where frames begin; one page of each is touched. */
        stacks[i]->base[stacks[i]->size - 8] = (char)i;
    }
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(stacks[i]->base[stacks[i]->size - 8], (char)i);
        bsti_stack_release(&pool, stacks[i]);
    }
    assert_int_equal(bsti_stack_trim(&pool), MANY);
}

/* Without markers every stack costs two mappings, which are limited. */
static void acquire_until_mappings_run_out_is_null(void **state)
{
    static struct bsti_stack *stacks[40000];
    size_t n = 0;

    (void)state;
    if (BSTI_ASAN || BSTI_TSAN) {
        skip(); /* they need mappings of their own */
    }
    while (n < 40000 && (stacks[n] = bsti_stack_acquire(&pool, 0)) != NULL) {
        n++;
    }
    assert_true(n >= 1000);
    for (size_t i = 0; i < n; i += 997) {
        stacks[i]->base[0] = 1;
    }
    while (n > 0) {
        bsti_stack_release(&pool, stacks[--n]);
    }
    assert_non_null(bsti_stack_acquire(&pool, 0));
}

/* In a child: how many stacks fit when address space is short. */
static void acquire_in_little_space(void *arg)
{
    static struct bsti_stack *stacks[10000];
    struct rlimit limit = {(rlim_t)64 << 20, (rlim_t)64 << 20};
    size_t n = 0;

    (void)arg;
    if (setrlimit(RLIMIT_AS, &limit) != 0) {
        _exit(2);
    }
    while (n < 10000 && (stacks[n] = bsti_stack_acquire(&pool, 0)) != NULL) {
        stacks[n]->base[0] = 1;
        stacks[n]->base[stacks[n]->size - 1] = 1;
        n++;
    }
    /* It must have refused, and not before most of the space was used. */
    if (n == 10000 || n < 300) {
        _exit(3);
    }
    for (size_t i = 0; i < n; i++) {
        bsti_stack_release(&pool, stacks[i]);
    }
    for (size_t i = 0; i < n; i++) {
        if (bsti_stack_acquire(&pool, 0) == NULL) {
            _exit(4);
        }
    }
    /* A class for which there is no room at all. */
    _exit(bsti_stack_acquire(&pool, 7) == NULL ? 0 : 5);
}

static void acquire_under_a_small_address_space_shrinks_chunks(void **state)
{
    (void)state;
    if (BSTI_ASAN || BSTI_TSAN) {
        skip(); /* their shadow memory alone is larger */
    }
    assert_true(
        unit_exited(unit_fork(acquire_in_little_space, NULL, NULL, 0), 0));
}

static void acquire_without_heap_is_null_then_recovers(void **state)
{
    struct bsti_stack *stack;

    (void)state;
    bsti_alloc_fail_at(1);
    assert_null(bsti_stack_acquire(&pool, 0));
    stack = bsti_stack_acquire(&pool, 0);
    assert_non_null(stack);
    bsti_stack_release(&pool, stack);
}

static void adopt_describes_the_running_stack(void **state)
{
    static struct bsti_stack stack;
    char local = 0;

    (void)state;
    assert_int_equal(bsti_stack_adopt_thread(&stack), 0);
    assert_true(stack.adopted);
    assert_true(stack.base < (char *)__builtin_frame_address(0) &&
                (char *)__builtin_frame_address(0) < stack.base + stack.size);
    (void)local;
    bsti_stack_disown_thread(&stack);
    assert_null(stack.base);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_PROTECT(name)                                                     \
    cmocka_unit_test_setup_teardown(name, setup_protect, teardown)

UNIT_MAIN(TEST(class_is_the_smallest_that_fits),
          TEST(acquire_every_class_is_usable_and_sized),
          TEST(acquire_gives_the_last_released_first),
          TEST(stacks_lie_an_odd_number_of_pages_apart),
          TEST(owning_classifies_every_address),
          TEST(guard_overflow_dies_by_sigsegv),
          TEST_PROTECT(guard_protect_fallback_overflow_dies_by_sigsegv),
          TEST(guard_locked_memory_uses_the_fallback),
          TEST(trim_gives_memory_of_free_stacks_back),
          TEST(trim_unused_leaves_what_comes_and_goes),
          TEST(spread_stacks_come_back_to_their_node),
          TEST(spread_without_memory_leaves_one_node),
          TEST(acquire_20000_stacks_works),
          TEST_PROTECT(acquire_until_mappings_run_out_is_null),
          TEST(acquire_under_a_small_address_space_shrinks_chunks),
          TEST(acquire_without_heap_is_null_then_recovers),
          TEST(adopt_describes_the_running_stack))
