/*
 * base/alloc: zeroed memory, alignment, balance, injected failures.
 */

#include "base/alloc.h"

#include "unit/unit.h"

static bool is_zero(const void *memory, size_t size)
{
    const unsigned char *bytes = memory;

    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static void alloc_any_size_is_zeroed(void **state)
{
    (void)state;
    for (size_t size = 1; size < 100000; size *= 3) {
        unsigned char *memory = bsti_alloc(size);

        assert_non_null(memory);
        assert_true(is_zero(memory, size));
        memset(memory, 0xab, size);
        bsti_free(memory);
    }
}

static void alloc_of_nothing_gives_memory(void **state)
{
    void *a = bsti_alloc(0);
    void *b = bsti_alloc_aligned(64, 0);

    (void)state;
    assert_non_null(a);
    assert_non_null(b);
    bsti_free(a);
    bsti_free(b);
}

static void alloc_aligned_is_aligned_and_zeroed(void **state)
{
    (void)state;
    for (size_t align = 1; align <= 65536; align *= 2) {
        unsigned char *memory = bsti_alloc_aligned(align, 777);

        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % align, 0);
        assert_true(is_zero(memory, 777));
        memset(memory, 0xcd, 777);
        bsti_free(memory);
    }
}

static void balance_counts_live_allocations(void **state)
{
    int64_t before = bsti_alloc_balance();
    void *a = bsti_alloc(10);
    void *b = bsti_alloc_aligned(128, 10);

    (void)state;
    assert_int_equal(bsti_alloc_balance(), before + 2);
    bsti_free(a);
    assert_int_equal(bsti_alloc_balance(), before + 1);
    bsti_free(NULL);
    assert_int_equal(bsti_alloc_balance(), before + 1);
    bsti_free(b);
    assert_int_equal(bsti_alloc_balance(), before);
}

static void fail_at_third_fails_only_the_third(void **state)
{
    int64_t before = bsti_alloc_balance();
    void *got[5];

    (void)state;
    bsti_alloc_fail_at(3);
    for (size_t i = 0; i < 5; i++) {
        got[i] = i % 2 == 0 ? bsti_alloc(8) : bsti_alloc_aligned(64, 8);
    }
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(got[i] == NULL, i == 2);
        bsti_free(got[i]);
    }
    assert_int_equal(bsti_alloc_balance(), before);
}

static void fail_at_zero_turns_it_off(void **state)
{
    void *memory;

    (void)state;
    bsti_alloc_fail_at(1);
    bsti_alloc_fail_at(0);
    memory = bsti_alloc(8);
    assert_non_null(memory);
    bsti_free(memory);
}

UNIT_MAIN(cmocka_unit_test(alloc_any_size_is_zeroed),
          cmocka_unit_test(alloc_of_nothing_gives_memory),
          cmocka_unit_test(alloc_aligned_is_aligned_and_zeroed),
          cmocka_unit_test(balance_counts_live_allocations),
          cmocka_unit_test(fail_at_third_fails_only_the_third),
          cmocka_unit_test(fail_at_zero_turns_it_off))
