/*
 * sync/inbox: the worker's inbox, by one thread.
 */

#include "sync/inbox.h"

#include "unit/unit.h"

static void take_all_empty_is_null(void **state)
{
    struct bsti_inbox inbox;

    (void)state;
    bsti_inbox_init(&inbox);
    assert_true(bsti_inbox_is_empty(&inbox));
    assert_null(bsti_inbox_take_all(&inbox));
}

static void take_all_is_first_in_first_out(void **state)
{
    struct bsti_inbox inbox;
    struct bsti_link links[20];
    struct bsti_link *link;

    (void)state;
    bsti_inbox_init(&inbox);
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < 20; i++) {
            assert_int_equal(bsti_inbox_push(&inbox, &links[i]), i == 0);
            assert_false(bsti_inbox_is_empty(&inbox));
        }
        link = bsti_inbox_take_all(&inbox);
        assert_true(bsti_inbox_is_empty(&inbox));
        for (size_t i = 0; i < 20; i++, link = link->next) {
            assert_ptr_equal(link, &links[i]);
        }
        assert_null(link);
    }
}

UNIT_MAIN(cmocka_unit_test(take_all_empty_is_null),
          cmocka_unit_test(take_all_is_first_in_first_out))
