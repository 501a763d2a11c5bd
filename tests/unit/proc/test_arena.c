/*
 * proc/arena: what an incarnation owns.
 */

#include "proc/arena.h"

#include "base/alloc.h"
#include "unit/unit.h"

static void alloc_any_size_is_zeroed_and_aligned(void **state)
{
    static const size_t sizes[] = {0,    1,    15,   16,   17,    100,
                                   2047, 2048, 2049, 4096, 100000};
    struct bsti_arena *arena = NULL;

    (void)state;
    for (int round = 0; round < 40; round++) {
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            unsigned char *p = bsti_arena_alloc(&arena, sizes[i]);

            assert_non_null(p);
            assert_int_equal((uintptr_t)p % 16, 0);
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(p[k], 0);
            memset(p, 0xa5, sizes[i]);
        }
    }
    bsti_arena_destroy(arena);
}

static void alloc_blocks_do_not_overlap(void **state)
{
    enum { N = 600 };
    static unsigned char *blocks[N];
    struct bsti_arena *arena = NULL;

    (void)state;
    for (unsigned i = 0; i < N; i++) {
        blocks[i] = bsti_arena_alloc(&arena, 1 + i * 7 % 3000);
        memset(blocks[i], (int)(i % 251), 1 + i * 7 % 3000);
    }
    for (unsigned i = 0; i < N; i++)
        for (unsigned k = 0; k < 1 + i * 7 % 3000; k++)
            assert_int_equal(blocks[i][k], i % 251);
    bsti_arena_destroy(arena);
}

static void alloc_too_much_is_null(void **state)
{
    struct bsti_arena *arena = NULL;

    (void)state;
    assert_null(bsti_arena_alloc(&arena, SIZE_MAX));
    assert_null(bsti_arena_alloc(&arena, SIZE_MAX - 40));
    assert_non_null(bsti_arena_alloc(&arena, 10));
    bsti_arena_destroy(arena);
}

static void alloc_without_memory_is_null_and_leaves_the_rest(void **state)
{
    struct bsti_arena *arena = NULL;
    unsigned char *p = bsti_arena_alloc(&arena, 10);

    (void)state;
    memset(p, 9, 10);
    bsti_alloc_fail_at(1);
    assert_null(bsti_arena_alloc(&arena, 100000));
    bsti_alloc_fail_at(0);
    assert_non_null(bsti_arena_alloc(&arena, 100000));
    assert_int_equal(p[9], 9);
    bsti_arena_destroy(arena);
    arena = NULL;
    bsti_alloc_fail_at(1);
    assert_null(bsti_arena_alloc(&arena, 1));
    bsti_alloc_fail_at(0);
    assert_null(arena);
}

static void free_gives_small_blocks_out_again_zeroed(void **state)
{
    struct bsti_arena *arena = NULL;
    unsigned char *first = bsti_arena_alloc(&arena, 40);
    unsigned char *again;

    (void)state;
    memset(first, 0xff, 40);
    bsti_arena_free(arena, first);
    again = bsti_arena_alloc(&arena, 64);
    assert_ptr_equal(again, first);
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(again[i], 0);
    bsti_arena_free(arena, NULL);
    bsti_arena_destroy(arena);
}

static void free_gives_large_blocks_back_at_once(void **state)
{
    struct bsti_arena *arena = NULL;
    int64_t before;
    void *a = bsti_arena_alloc(&arena, 5000);
    void *b = bsti_arena_alloc(&arena, 6000);
    void *c = bsti_arena_alloc(&arena, 7000);

    (void)state;
    before = bsti_alloc_balance();
    bsti_arena_free(arena, b);
    assert_int_equal(bsti_alloc_balance(), before - 1);
    bsti_arena_free(arena, c);
    bsti_arena_free(arena, a);
    assert_int_equal(bsti_alloc_balance(), before - 3);
    bsti_arena_destroy(arena);
}

static void destroy_gives_everything_back(void **state)
{
    struct bsti_arena *arena = NULL;
    int64_t before = bsti_alloc_balance();

    (void)state;
    for (size_t i = 0; i < 500; i++)
        assert_non_null(bsti_arena_alloc(&arena, i * 10));
    assert_true(bsti_alloc_balance() > before);
    bsti_arena_destroy(arena);
    assert_int_equal(bsti_alloc_balance(), before);
    bsti_arena_destroy(NULL);
}

/* ---- cleanups ------------------------------------------------------------ */

static char order[16];
static size_t ran;

static void cleanup(void *arg)
{
    order[ran++] = *(const char *)arg;
}

static void run_all(struct bsti_arena *arena)
{
    void (*fn)(void *arg);
    void *arg;

    while (bsti_arena_next_cleanup(arena, &fn, &arg))
        fn(arg);
}

static void cleanups_run_last_registered_first_and_once(void **state)
{
    static char names[] = "abcd";
    struct bsti_arena *arena = NULL;
    void (*fn)(void *arg);
    void *arg;

    (void)state;
    ran = 0;
    assert_int_equal(bsti_arena_next_cleanup(arena, &fn, &arg), 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(bsti_arena_defer(&arena, cleanup, &names[i]), 0);
    run_all(arena);
    run_all(arena);
    assert_int_equal(ran, 4);
    assert_memory_equal(order, "dcba", 4);
    bsti_arena_destroy(arena);
}

static void cleanups_registered_by_cleanups_run_too(void **state)
{
    static char names[] = "xy";
    struct bsti_arena *arena = NULL;
    void (*fn)(void *arg);
    void *arg;

    (void)state;
    ran = 0;
    bsti_arena_defer(&arena, cleanup, &names[0]);
    assert_int_equal(bsti_arena_next_cleanup(arena, &fn, &arg), 1);
    bsti_arena_defer(&arena, cleanup, &names[1]);
    fn(arg);
    run_all(arena);
    assert_memory_equal(order, "xy", 2);
    bsti_arena_destroy(arena);
}

static void defer_without_memory_is_an_error(void **state)
{
    static char name[] = "z";
    struct bsti_arena *arena = NULL;

    (void)state;
    ran = 0;
    bsti_alloc_fail_at(1);
    assert_int_equal(bsti_arena_defer(&arena, cleanup, name), -1);
    bsti_alloc_fail_at(0);
    run_all(arena);
    assert_int_equal(ran, 0);
    bsti_arena_destroy(arena);
}

UNIT_MAIN(cmocka_unit_test(alloc_any_size_is_zeroed_and_aligned),
          cmocka_unit_test(alloc_blocks_do_not_overlap),
          cmocka_unit_test(alloc_too_much_is_null),
          cmocka_unit_test(alloc_without_memory_is_null_and_leaves_the_rest),
          cmocka_unit_test(free_gives_small_blocks_out_again_zeroed),
          cmocka_unit_test(free_gives_large_blocks_back_at_once),
          cmocka_unit_test(destroy_gives_everything_back),
          cmocka_unit_test(cleanups_run_last_registered_first_and_once),
          cmocka_unit_test(cleanups_registered_by_cleanups_run_too),
          cmocka_unit_test(defer_without_memory_is_an_error))
