/*
 * sync/injector: the shared queue, by one thread.
 */

#include "sync/injector.h"

#include "unit/unit.h"

static struct bsti_injector injector;
static struct bsti_link links[10];

static int setup(void **state)
{
    (void)state;
    bsti_injector_init(&injector);
    memset(links, 0, sizeof(links));
    return 0;
}

/* Chains the links from `from` up to `to`. */
static void chain(size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        links[i].next = &links[i + 1];
    }
}

static void pop_empty_is_null(void **state)
{
    size_t count = 99;

    (void)state;
    assert_null(bsti_injector_pop(&injector));
    assert_null(bsti_injector_pop_up_to(&injector, 5, &count));
    assert_int_equal(count, 0);
    assert_int_equal(bsti_injector_length(&injector), 0);
}

static void pop_is_first_in_first_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < 10; i++) {
        bsti_injector_push(&injector, &links[i]);
        assert_int_equal(bsti_injector_length(&injector), i + 1);
    }
    for (size_t i = 0; i < 10; i++) {
        assert_ptr_equal(bsti_injector_pop(&injector), &links[i]);
        assert_null(links[i].next);
        assert_int_equal(bsti_injector_length(&injector), 9 - i);
    }
    bsti_injector_push(&injector, &links[3]);
    assert_ptr_equal(bsti_injector_pop(&injector), &links[3]);
}

static void push_list_appends_in_order(void **state)
{
    (void)state;
    chain(1, 4);
    links[4].next = &links[9]; /* to be ignored */
    bsti_injector_push(&injector, &links[0]);
    bsti_injector_push_list(&injector, &links[1], &links[4], 4);
    bsti_injector_push_list(&injector, NULL, NULL, 0);
    bsti_injector_push(&injector, &links[5]);
    assert_int_equal(bsti_injector_length(&injector), 6);
    for (size_t i = 0; i < 6; i++) {
        assert_ptr_equal(bsti_injector_pop(&injector), &links[i]);
    }
    assert_null(bsti_injector_pop(&injector));
}

static void pop_up_to_gives_a_chain(void **state)
{
    struct bsti_link *link;
    size_t count = 0;

    (void)state;
    chain(0, 4);
    bsti_injector_push_list(&injector, &links[0], &links[4], 5);
    assert_null(bsti_injector_pop_up_to(&injector, 0, &count));
    link = bsti_injector_pop_up_to(&injector, 3, &count);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 3; i++, link = link->next) {
        assert_ptr_equal(link, &links[i]);
    }
    assert_null(link);
    assert_int_equal(bsti_injector_length(&injector), 2);
    link = bsti_injector_pop_up_to(&injector, 100, &count);
    assert_int_equal(count, 2);
    assert_ptr_equal(link, &links[3]);
    assert_ptr_equal(link->next, &links[4]);
    assert_null(link->next->next);
}

UNIT_MAIN(cmocka_unit_test_setup(pop_empty_is_null, setup),
          cmocka_unit_test_setup(pop_is_first_in_first_out, setup),
          cmocka_unit_test_setup(push_list_appends_in_order, setup),
          cmocka_unit_test_setup(pop_up_to_gives_a_chain, setup))
