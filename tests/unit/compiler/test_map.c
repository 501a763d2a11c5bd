/*
 * Hash maps and joined texts.
 */

#include "front.h"

#include "map.h"
#include "text.h"

static void map_empty_finds_nothing(void **state)
{
    struct bstc_arena arena;
    struct bstc_map map;

    (void)state;
    bstc_arena_init(&arena);
    bstc_map_init(&map, &arena);
    assert_int_equal(bstc_map_find(&map, 0), BSTC_MAP_NONE);
    assert_int_equal(bstc_map_find(&map, UINT64_MAX), BSTC_MAP_NONE);
    bstc_arena_fini(&arena);
}

static void map_second_value_is_refused(void **state)
{
    struct bstc_arena arena;
    struct bstc_map map;

    (void)state;
    bstc_arena_init(&arena);
    bstc_map_init(&map, &arena);
    assert_int_equal(bstc_map_add(&map, 7, 1), BSTC_MAP_NONE);
    assert_int_equal(bstc_map_add(&map, 7, 2), 1);
    assert_int_equal(bstc_map_find(&map, 7), 1);
    bstc_arena_fini(&arena);
}

static void map_many_keys_are_all_found(void **state)
{
    enum { COUNT = 20000 };
    struct bstc_arena arena;
    struct bstc_map map;

    (void)state;
    bstc_arena_init(&arena);
    bstc_map_init(&map, &arena);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(bstc_map_add(&map, bstc_map_pair(i % 100, i / 100), i),
                         BSTC_MAP_NONE);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(bstc_map_find(&map, bstc_map_pair(i % 100, i / 100)),
                         i);
    assert_int_equal(bstc_map_find(&map, bstc_map_pair(100, 0)), BSTC_MAP_NONE);
    bstc_arena_fini(&arena);
}

static void map_pair_tells_order(void **state)
{
    (void)state;
    assert_true(bstc_map_pair(1, 2) != bstc_map_pair(2, 1));
    assert_true(bstc_map_pair(0, 1) != bstc_map_pair(1, 0));
}

static void join_texts(void **state)
{
    struct bstc_arena arena;

    (void)state;
    bstc_arena_init(&arena);
    assert_string_equal(bstc_join(&arena, "a", NULL), "a");
    assert_string_equal(bstc_join(&arena, "", "", NULL), "");
    assert_string_equal(
        bstc_join(&arena, "1", "22", "333", "4", "5", "6", "7", "8", NULL),
        "1223334"
        "5678");
    bstc_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map_empty_finds_nothing),
        cmocka_unit_test(map_second_value_is_refused),
        cmocka_unit_test(map_many_keys_are_all_found),
        cmocka_unit_test(map_pair_tells_order),
        cmocka_unit_test(join_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
