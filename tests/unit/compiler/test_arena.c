/* compiler/arena.c: zeroed, aligned, separate blocks of any size. */

#include "front.h"

static void alloc_any_size_is_zeroed_and_aligned(void **state)
{
    static const size_t sizes[] = {0, 1, 15, 16, 17, 4096, 70000, 9000000};
    struct bstc_arena arena;
    size_t i;
    size_t j;

    (void)state;
    bstc_arena_init(&arena);
    for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        unsigned char *block = bstc_arena_alloc(&arena, sizes[i]);

        assert_int_equal((uintptr_t)block % 16, 0);
        for (j = 0; j < sizes[i]; j++)
            assert_int_equal(block[j], 0);
        memset(block, 0xff, sizes[i]);
    }
    bstc_arena_fini(&arena);
}

static void alloc_many_blocks_do_not_overlap(void **state)
{
    enum { BLOCKS = 5000 };
    static unsigned *blocks[BLOCKS];
    struct bstc_arena arena;
    unsigned i;

    (void)state;
    bstc_arena_init(&arena);
    for (i = 0; i < BLOCKS; i++) {
        blocks[i] = bstc_arena_array(&arena, 1 + i % 40, sizeof(unsigned));
        blocks[i][0] = i;
        blocks[i][i % 40] = i;
    }
    for (i = 0; i < BLOCKS; i++) {
        assert_int_equal(blocks[i][0], i);
        assert_int_equal(blocks[i][i % 40], i);
    }
    bstc_arena_fini(&arena);
}

static void grow_keeps_the_old_bytes_and_zeroes_the_rest(void **state)
{
    struct bstc_arena arena;
    char *block;

    (void)state;
    bstc_arena_init(&arena);
    block = bstc_arena_copy(&arena, "abc", 3);
    block = bstc_arena_grow(&arena, block, 3, 8);
    assert_memory_equal(block, "abc\0\0\0\0\0", 8);
    block = bstc_arena_grow(&arena, NULL, 0, 4);
    assert_memory_equal(block, "\0\0\0\0", 4);
    bstc_arena_fini(&arena);
}

static void format_of_long_text_is_complete(void **state)
{
    struct bstc_arena arena;
    char *text;

    (void)state;
    bstc_arena_init(&arena);
    text = bstc_arena_format(&arena, "%s-%05000d", "x", 7);
    assert_int_equal(strlen(text), 5002);
    assert_int_equal(text[5001], '7');
    bstc_arena_fini(&arena);
}

static jmp_buf back;

static void jump_back(void)
{
    longjmp(back, 1);
}

static void failing_allocation_calls_out_of_memory(void **state)
{
    static struct bstc_arena arena;

    (void)state;
    bstc_arena_init(&arena);
    arena.out_of_memory = jump_back;
    bstc_arena_fail_at(3);
    if (setjmp(back) == 0) {
        bstc_arena_alloc(&arena, 8);
        bstc_arena_alloc(&arena, 8);
        bstc_arena_alloc(&arena, 8);
        fail_msg("the third allocation has not failed");
    }
    if (setjmp(back) == 0) {
        bstc_arena_array(&arena, SIZE_MAX / 2, 16);
        fail_msg("an array larger than memory was allocated");
    }
    bstc_arena_fail_at(0);
    bstc_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alloc_any_size_is_zeroed_and_aligned),
        cmocka_unit_test(alloc_many_blocks_do_not_overlap),
        cmocka_unit_test(grow_keeps_the_old_bytes_and_zeroes_the_rest),
        cmocka_unit_test(format_of_long_text_is_complete),
        cmocka_unit_test(failing_allocation_calls_out_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
