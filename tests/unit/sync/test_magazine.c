/*
 * sync/magazine: pools of blocks, with failing memory and, under
 * AddressSanitizer, with poisoned free blocks.
 */

#include "sync/magazine.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/rand.h"

#include "unit/unit.h"

static struct bsti_depot depot;
static struct bsti_magazine magazine;

static int setup(void **state)
{
    (void)state;
    return bsti_depot_init(&depot, 64, 0) != 0 ||
           bsti_magazine_init(&magazine, &depot) != 0;
}

static int teardown(void **state)
{
    (void)state;
    bsti_magazine_fini(&magazine, &depot);
    bsti_depot_fini(&depot);
    return bsti_alloc_balance() != 0;
}

static void alloc_blocks_are_aligned_zeroed_and_distinct(void **state)
{
    static unsigned char *blocks[1000];

    (void)state;
    for (size_t i = 0; i < 1000; i++) {
        blocks[i] = bsti_magazine_alloc(&magazine, &depot);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % 64, 0);
        for (size_t k = 0; k < 64; k++) {
            assert_int_equal(blocks[i][k], 0);
        }
        memset(blocks[i], (int)(i % 255) + 1, 64);
    }
    for (size_t i = 0; i < 1000; i++) {
        for (size_t k = 0; k < 64; k++) {
            assert_int_equal(blocks[i][k], i % 255 + 1);
        }
        bsti_magazine_free(&magazine, &depot, blocks[i]);
    }
}

static void alloc_after_free_gives_the_same_block(void **state)
{
    void *block = bsti_magazine_alloc(&magazine, &depot);

    (void)state;
    bsti_magazine_free(&magazine, &depot, block);
    assert_ptr_equal(bsti_magazine_alloc(&magazine, &depot), block);
    bsti_magazine_free(&magazine, &depot, block);
}

static void freed_blocks_are_used_again(void **state)
{
    static void *blocks[500];
    uint64_t made;

    (void)state;
    for (size_t i = 0; i < 500; i++) {
        blocks[i] = bsti_magazine_alloc(&magazine, &depot);
    }
    made = depot.blocks;
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < 500; i++) {
            bsti_magazine_free(&magazine, &depot, blocks[i]);
        }
        for (size_t i = 0; i < 500; i++) {
            blocks[i] = bsti_magazine_alloc(&magazine, &depot);
        }
    }
    assert_true(depot.blocks == made);
    for (size_t i = 0; i < 500; i++) {
        bsti_magazine_free(&magazine, &depot, blocks[i]);
    }
}

static void foreign_thread_shares_the_depot(void **state)
{
    void *blocks[200];

    (void)state;
    for (size_t i = 0; i < 200; i++) {
        blocks[i] = bsti_magazine_alloc(NULL, &depot);
        assert_non_null(blocks[i]);
        memset(blocks[i], 1, 64);
    }
    for (size_t i = 0; i < 200; i++) {
        bsti_magazine_free(i % 2 == 0 ? NULL : &magazine, &depot, blocks[i]);
    }
    for (size_t i = 0; i < 200; i++) {
        blocks[i] = bsti_magazine_alloc(i % 3 == 0 ? NULL : &magazine, &depot);
    }
    for (size_t i = 0; i < 200; i++) {
        bsti_magazine_free(NULL, &depot, blocks[i]);
    }
    assert_true(depot.blocks <= 512);
}

static void fini_gives_all_blocks_back(void **state)
{
    static void *blocks[448];
    int64_t balance = 0;

    (void)state;
    for (int round = 0; round < 50; round++) {
        struct bsti_magazine other;

        assert_int_equal(bsti_magazine_init(&other, &depot), 0);
        for (size_t i = 0; i < 448; i++) {
            blocks[i] = bsti_magazine_alloc(&other, &depot);
            assert_non_null(blocks[i]);
        }
        for (size_t i = 0; i < 448; i++) {
            bsti_magazine_free(i % 5 == 0 ? NULL : &other, &depot, blocks[i]);
        }
        bsti_magazine_fini(&other, &depot);
        /* The batches of a magazine serve the next one. */
        assert_true(round == 0 || bsti_alloc_balance() == balance);
        balance = bsti_alloc_balance();
    }
    assert_true(depot.blocks == 448);
}

static void random_traffic_of_three_magazines_loses_nothing(void **state)
{
    static void *live[3000];
    struct bsti_magazine more[2];
    struct bsti_magazine *all[] = {&magazine, &more[0], &more[1], NULL};
    size_t nlive = 0;
    uint64_t rand = 3;

    (void)state;
    assert_int_equal(bsti_magazine_init(&more[0], &depot), 0);
    assert_int_equal(bsti_magazine_init(&more[1], &depot), 0);
    for (int round = 0; round < 300000; round++) {
        struct bsti_magazine *m = all[bsti_rand_below(&rand, 4)];
        /* The balance sways, so that batches run full and empty. */
        bool grow =
            bsti_rand_below(&rand, 100) < (round / 20000 % 2 == 0 ? 60u : 40u);

        if (grow && nlive < 3000) {
            uint64_t *block = bsti_magazine_alloc(m, &depot);

            assert_non_null(block);
            block[0] = (uint64_t)(uintptr_t)block;
            live[nlive++] = block;
        } else if (nlive > 0) {
            size_t k = (size_t)bsti_rand_below(&rand, nlive);
            uint64_t *block = live[k];

            assert_true(block[0] == (uint64_t)(uintptr_t)block);
            block[0] = 0;
            live[k] = live[--nlive];
            bsti_magazine_free(m, &depot, block);
        }
    }
    while (nlive > 0) {
        bsti_magazine_free(&more[0], &depot, live[--nlive]);
    }
    bsti_magazine_fini(&more[0], &depot);
    bsti_magazine_fini(&more[1], &depot);
}

static void alloc_without_memory_is_null_then_recovers(void **state)
{
    void *blocks[2];

    (void)state;
    for (uint64_t nth = 1; nth <= 2; nth++) {
        bsti_alloc_fail_at(nth);
        assert_null(bsti_magazine_alloc(nth == 1 ? &magazine : NULL, &depot));
    }
    bsti_alloc_fail_at(0);
    blocks[0] = bsti_magazine_alloc(&magazine, &depot);
    blocks[1] = bsti_magazine_alloc(NULL, &depot);
    assert_non_null(blocks[0]);
    assert_non_null(blocks[1]);
    bsti_magazine_free(&magazine, &depot, blocks[0]);
    bsti_magazine_free(NULL, &depot, blocks[1]);
}

static void init_without_memory_fails_cleanly(void **state)
{
    struct bsti_depot d;
    struct bsti_magazine m;

    (void)state;
    bsti_alloc_fail_at(1);
    assert_int_equal(bsti_depot_init(&d, 64, 0), -ENOMEM);
    assert_int_equal(bsti_depot_init(&d, 64, 0), 0);
    bsti_alloc_fail_at(1);
    assert_int_equal(bsti_magazine_init(&m, &d), -ENOMEM);
    bsti_depot_fini(&d);
}

static void free_never_needs_memory(void **state)
{
    static void *blocks[2000];

    (void)state;
    for (size_t i = 0; i < 2000; i++) {
        blocks[i] = bsti_magazine_alloc(&magazine, &depot);
    }
    for (size_t i = 0; i < 2000; i++) {
        bsti_alloc_fail_at(1);
        bsti_magazine_free(i % 7 == 0 ? NULL : &magazine, &depot, blocks[i]);
    }
    bsti_alloc_fail_at(0);
}

static void sizes_are_rounded_and_aligned(void **state)
{
    static const size_t sizes[][2] = {
        {0, 16},  {1, 16},   {16, 16},   {17, 32},     {63, 64},
        {64, 64}, {65, 128}, {256, 256}, {5000, 5056}, {100000, 100032},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct bsti_depot d;
        void *block;

        assert_int_equal(bsti_depot_init(&d, sizes[i][0], 0), 0);
        assert_int_equal(d.block_bytes, sizes[i][1]);
        block = bsti_magazine_alloc(NULL, &d);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % (sizes[i][1] >= 64 ? 64 : 16), 0);
        memset(block, 1, d.block_bytes);
        bsti_magazine_free(NULL, &d, block);
        bsti_depot_fini(&d);
    }
}

static void stable_block_keeps_its_contents_while_free(void **state)
{
    struct bsti_depot d;
    uint64_t *block;

    (void)state;
    assert_int_equal(bsti_depot_init(&d, 64, BSTI_DEPOT_STABLE), 0);
    block = bsti_magazine_alloc(NULL, &d);
    for (uint64_t i = 0; i < 8; i++) {
        block[i] = i + 1;
    }
    bsti_magazine_free(NULL, &d, block);
    for (uint64_t i = 0; i < 8; i++) {
        assert_true(block[i] == i + 1);
    }
    assert_ptr_equal(bsti_magazine_alloc(NULL, &d), block);
    assert_true(block[7] == 8);
    bsti_magazine_free(NULL, &d, block);
    bsti_depot_fini(&d);
}

static void free_block_is_poisoned_under_asan(void **state)
{
    char *block = bsti_magazine_alloc(&magazine, &depot);

    (void)state;
    bsti_magazine_free(&magazine, &depot, block);
#if BSTI_ASAN
    assert_ptr_equal(__asan_region_is_poisoned(block, 64), block);
    assert_ptr_equal(bsti_magazine_alloc(&magazine, &depot), block);
    assert_null(__asan_region_is_poisoned(block, 64));
    bsti_magazine_free(&magazine, &depot, block);
#else
    skip();
#endif
}

/* ---- families ------------------------------------------------------------ */

static struct bsti_depot family[3];
static struct bsti_magazine near_magazine;
static struct bsti_magazine far_magazine;

static void family_begin(void)
{
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(bsti_depot_init(&family[i], 64, 0), 0);
        if (i > 0) {
            bsti_depot_join(&family[i - 1], &family[i]);
        }
    }
    assert_int_equal(bsti_magazine_init(&near_magazine, &family[0]), 0);
    assert_int_equal(bsti_magazine_init(&far_magazine, &family[2]), 0);
}

static void family_end(void)
{
    bsti_magazine_fini(&near_magazine, &family[0]);
    bsti_magazine_fini(&far_magazine, &family[0]);
    for (size_t i = 0; i < 3; i++) {
        bsti_depot_fini(&family[i]);
    }
}

static uint64_t family_blocks(void)
{
    return family[0].blocks + family[1].blocks + family[2].blocks;
}

/* Blocks that go from one node to another, `at_once` of them under way. */
static void stream(struct bsti_magazine *from, struct bsti_magazine *to,
                   size_t at_once)
{
    static void *blocks[1000];

    for (size_t round = 0; round < 200; round++) {
        for (size_t i = 0; i < at_once; i++) {
            blocks[i] = bsti_magazine_alloc(from, &family[0]);
            assert_non_null(blocks[i]);
            memset(blocks[i], 0xab, 64);
        }
        for (size_t i = 0; i < at_once; i++) {
            bsti_magazine_free(to, &family[2], blocks[i]);
        }
    }
}

static void family_keeps_freed_blocks_where_they_were_freed(void **state)
{
    void *blocks[65];

    (void)state;
    family_begin();
    for (size_t i = 0; i < 65; i++) {
        blocks[i] = bsti_magazine_alloc(&near_magazine, &family[0]);
    }
    assert_int_equal(family[2].blocks, 0);
    for (size_t i = 0; i < 65; i++) {
        bsti_magazine_free(&far_magazine, &family[0], blocks[i]);
    }
    /* Whichever depot is named, a magazine knows its own. */
    assert_ptr_equal(bsti_magazine_alloc(&far_magazine, &family[0]),
                     blocks[64]);
    assert_int_equal(family[2].blocks, 0);
    bsti_magazine_free(&far_magazine, &family[0], blocks[64]);
    family_end();
}

static void family_stream_in_one_direction_does_not_grow(void **state)
{
    uint64_t most = (8 + 4) * BSTI_BATCH_SIZE + 1000;

    (void)state;
    family_begin();
    stream(&near_magazine, &far_magazine, 1000);
    assert_in_range(family_blocks(), 1000, 2 * most);
    stream(NULL, &far_magazine, 1000);
    stream(&far_magazine, NULL, 1000);
    stream(&near_magazine, NULL, 10);
    assert_in_range(family_blocks(), 1000, 4 * most);
    family_end();
}

static void family_free_never_needs_memory(void **state)
{
    static void *blocks[2000];

    (void)state;
    family_begin();
    for (size_t i = 0; i < 2000; i++) {
        blocks[i] = bsti_magazine_alloc(&near_magazine, &family[0]);
    }
    /* All batches belong to the first depot, all blocks go elsewhere. */
    for (size_t i = 0; i < 2000; i++) {
        bsti_alloc_fail_at(1);
        if (i % 7 == 0) {
            bsti_magazine_free(NULL, &family[1], blocks[i]);
        } else {
            bsti_magazine_free(&far_magazine, &family[2], blocks[i]);
        }
    }
    /* Without memory the last of them come back, but for what lies in the
     * far magazine and in open batches. */
    for (size_t i = 0; i < 2000 - 4 * BSTI_BATCH_SIZE; i++) {
        bsti_alloc_fail_at(1);
        blocks[i] = bsti_magazine_alloc(&near_magazine, &family[0]);
        assert_non_null(blocks[i]);
    }
    bsti_alloc_fail_at(0);
    for (size_t i = 0; i < 2000 - 4 * BSTI_BATCH_SIZE; i++) {
        bsti_magazine_free(&near_magazine, &family[0], blocks[i]);
    }
    family_end();
}

static void numbered_blocks_are_found_by_their_numbers(void **state)
{
    struct bsti_depot numbered;
    uint32_t count;
    uint32_t most = 5000;

    (void)state;
    assert_int_equal(
        bsti_depot_init_numbered(&numbered, 192, BSTI_DEPOT_STABLE, most), 0);
    assert_int_equal(bsti_depot_count(&numbered), 0);
    for (uint32_t i = 0; i < most; i++)
        assert_non_null(bsti_magazine_alloc(NULL, &numbered));
    count = bsti_depot_count(&numbered);
    assert_true(count >= most && count < 2 * most);
    for (uint32_t i = 0; i < count; i++) {
        char *block = bsti_depot_block(&numbered, i);

        assert_int_equal((uintptr_t)block % 64, 0);
        assert_int_equal(bsti_depot_number(&numbered, block), i);
        assert_int_equal(*block, 0);
    }
    for (uint32_t i = most; i < count; i++)
        assert_non_null(bsti_magazine_alloc(NULL, &numbered));
    assert_null(bsti_magazine_alloc(NULL, &numbered));
    bsti_depot_fini(&numbered);
}

static void numbered_init_without_memory_fails(void **state)
{
    struct bsti_depot numbered;
    int64_t before = bsti_alloc_balance();

    (void)state;
    for (uint64_t nth = 1; nth <= 2; nth++) {
        bsti_alloc_fail_at(nth);
        assert_int_equal(bsti_depot_init_numbered(&numbered, 64, 0, 1),
                         -ENOMEM);
        bsti_alloc_fail_at(0);
        assert_int_equal(bsti_alloc_balance(), before);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

UNIT_MAIN(TEST(alloc_blocks_are_aligned_zeroed_and_distinct),
          TEST(alloc_after_free_gives_the_same_block),
          TEST(freed_blocks_are_used_again),
          TEST(foreign_thread_shares_the_depot),
          TEST(fini_gives_all_blocks_back),
          TEST(random_traffic_of_three_magazines_loses_nothing),
          TEST(alloc_without_memory_is_null_then_recovers),
          TEST(init_without_memory_fails_cleanly),
          TEST(free_never_needs_memory), TEST(sizes_are_rounded_and_aligned),
          TEST(stable_block_keeps_its_contents_while_free),
          TEST(free_block_is_poisoned_under_asan),
          TEST(family_keeps_freed_blocks_where_they_were_freed),
          TEST(family_stream_in_one_direction_does_not_grow),
          TEST(family_free_never_needs_memory),
          cmocka_unit_test(numbered_blocks_are_found_by_their_numbers),
          cmocka_unit_test(numbered_init_without_memory_fails))
