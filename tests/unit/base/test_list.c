/*
 * base/list: the intrusive list against an array.
 */

#include "base/list.h"

#include "base/rand.h"

#include "unit/unit.h"

struct item {
    int value;
    struct bsti_list link;
};

static int value_of(struct bsti_list *link)
{
    return bsti_container_of(link, struct item, link)->value;
}

static void list_new_is_empty(void **state)
{
    struct bsti_list head;

    (void)state;
    bsti_list_init(&head);
    assert_true(bsti_list_is_empty(&head));
    assert_null(bsti_list_first(&head));
    assert_null(bsti_list_last(&head));
    assert_null(bsti_list_pop_front(&head));
    assert_true(bsti_list_is_valid(&head));
}

static void push_front_and_back_keep_order(void **state)
{
    struct item items[4];
    struct bsti_list head;

    (void)state;
    bsti_list_init(&head);
    for (int i = 0; i < 4; i++) {
        items[i].value = i;
        bsti_list_init(&items[i].link);
    }
    bsti_list_push_back(&head, &items[2].link);
    bsti_list_push_back(&head, &items[3].link);
    bsti_list_push_front(&head, &items[1].link);
    bsti_list_push_front(&head, &items[0].link);
    assert_int_equal(value_of(bsti_list_first(&head)), 0);
    assert_int_equal(value_of(bsti_list_last(&head)), 3);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(value_of(bsti_list_pop_front(&head)), i);
    }
    assert_true(bsti_list_is_empty(&head));
}

static void remove_twice_is_harmless(void **state)
{
    struct item a;
    struct item b;
    struct bsti_list head;

    (void)state;
    bsti_list_init(&head);
    bsti_list_init(&a.link);
    bsti_list_init(&b.link);
    bsti_list_push_back(&head, &a.link);
    bsti_list_push_back(&head, &b.link);
    bsti_list_remove(&a.link);
    bsti_list_remove(&a.link);
    assert_true(bsti_list_is_empty(&a.link));
    assert_ptr_equal(bsti_list_first(&head), &b.link);
    assert_true(bsti_list_is_valid(&head));
}

static void splice_moves_all_in_order(void **state)
{
    struct item items[6];
    struct bsti_list to;
    struct bsti_list from;

    (void)state;
    bsti_list_init(&to);
    bsti_list_init(&from);
    for (int i = 0; i < 6; i++) {
        items[i].value = i;
        bsti_list_init(&items[i].link);
        bsti_list_push_back(i < 3 ? &to : &from, &items[i].link);
    }
    bsti_list_splice_back(&to, &from);
    assert_true(bsti_list_is_empty(&from));
    assert_true(bsti_list_is_valid(&to));
    bsti_list_splice_back(&to, &from);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(value_of(bsti_list_pop_front(&to)), i);
    }
    bsti_list_splice_back(&to, &from);
    assert_true(bsti_list_is_empty(&to));
}

static void is_valid_broken_link_is_seen(void **state)
{
    struct item a;
    struct item b;
    struct bsti_list head;

    (void)state;
    bsti_list_init(&head);
    bsti_list_init(&a.link);
    bsti_list_init(&b.link);
    bsti_list_push_back(&head, &a.link);
    bsti_list_push_back(&head, &b.link);
    b.link.prev = &head;
    assert_false(bsti_list_is_valid(&head));
}

static void random_operations_match_array(void **state)
{
    struct item items[16];
    struct bsti_list head;
    int model[16];
    size_t length = 0;
    uint64_t rand = 7;

    (void)state;
    bsti_list_init(&head);
    for (int i = 0; i < 16; i++) {
        items[i].value = i;
        bsti_list_init(&items[i].link);
    }
    for (int round = 0; round < 20000; round++) {
        size_t k = (size_t)bsti_rand_below(&rand, 16);
        struct bsti_list *link = &items[k].link;
        size_t at = 0;

        if (!bsti_list_is_empty(link)) {
            while (model[at] != (int)k) {
                at++;
            }
            memmove(&model[at], &model[at + 1],
                    (--length - at) * sizeof(model[0]));
            bsti_list_remove(link);
        } else if (bsti_rand_below(&rand, 2) == 0) {
            model[length++] = (int)k;
            bsti_list_push_back(&head, link);
        } else {
            memmove(&model[1], &model[0], length++ * sizeof(model[0]));
            model[0] = (int)k;
            bsti_list_push_front(&head, link);
        }
        link = head.next;
        for (at = 0; at < length; at++, link = link->next) {
            assert_int_equal(value_of(link), model[at]);
        }
        assert_ptr_equal(link, &head);
        assert_true(bsti_list_is_valid(&head));
    }
}

UNIT_MAIN(cmocka_unit_test(list_new_is_empty),
          cmocka_unit_test(push_front_and_back_keep_order),
          cmocka_unit_test(remove_twice_is_harmless),
          cmocka_unit_test(splice_moves_all_in_order),
          cmocka_unit_test(is_valid_broken_link_is_seen),
          cmocka_unit_test(random_operations_match_array))
