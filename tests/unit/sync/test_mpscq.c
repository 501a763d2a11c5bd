/*
 * sync/mpscq: every step of the mailbox queue, among them those in which a
 * producer has stopped between its two steps.
 */

#include "sync/mpscq.h"

#include "base/rand.h"

#include "unit/unit.h"

struct message {
    struct bsti_mpscq_node node;
    int value;
};

/* The first half of a push; the second is finish_push(). */
static struct bsti_mpscq_node *begin_push(struct bsti_mpscq *q,
                                          struct bsti_mpscq_node *node)
{
    uintptr_t old;

    bsti_store_relaxed(&node->next, NULL);
    old = bsti_xchg_acq_rel(&q->head, (uintptr_t)node);
    return (struct bsti_mpscq_node *)(old & ~BSTI_MPSCQ_IDLE_BIT);
}

static void finish_push(struct bsti_mpscq_node *last,
                        struct bsti_mpscq_node *node)
{
    bsti_store_release(&last->next, node);
}

static void push_idle_queue_makes_responsible_once(void **state)
{
    struct bsti_mpscq q;
    struct bsti_mpscq_node nodes[2];

    (void)state;
    bsti_mpscq_init(&q, true);
    assert_true(bsti_mpscq_is_idle(&q));
    assert_true(bsti_mpscq_is_empty(&q));
    assert_true(bsti_mpscq_push(&q, &nodes[0]));
    assert_false(bsti_mpscq_is_idle(&q));
    assert_false(bsti_mpscq_is_empty(&q));
    assert_false(bsti_mpscq_push(&q, &nodes[1]));
    assert_true(bsti_mpscq_is_valid(&q));
}

static void push_busy_queue_makes_nobody_responsible(void **state)
{
    struct bsti_mpscq q;
    struct bsti_mpscq_node node;

    (void)state;
    bsti_mpscq_init(&q, false);
    assert_false(bsti_mpscq_push(&q, &node));
}

static void front_stays_until_popped(void **state)
{
    struct bsti_mpscq q;
    struct message messages[3];
    struct bsti_mpscq_node *node;
    bool busy = true;

    (void)state;
    bsti_mpscq_init(&q, true);
    for (int i = 0; i < 3; i++) {
        messages[i].value = i;
        (void)bsti_mpscq_push(&q, &messages[i].node);
    }
    for (int i = 0; i < 3; i++) {
        assert_ptr_equal(bsti_mpscq_front(&q, &busy), &messages[i].node);
        assert_ptr_equal(bsti_mpscq_front(&q, &busy), &messages[i].node);
        assert_false(busy);
        assert_int_equal(bsti_mpscq_has_more(&q), i < 2);
        assert_int_equal(bsti_mpscq_pop(&q, false, &node), BSTI_MPSCQ_POPPED);
        assert_ptr_equal(node, &messages[i].node);
        assert_true(bsti_mpscq_is_valid(&q));
    }
    assert_null(bsti_mpscq_front(&q, &busy));
    assert_false(busy);
    assert_true(bsti_mpscq_is_empty(&q));
    assert_false(bsti_mpscq_is_idle(&q));
}

static void pop_last_goes_idle_if_allowed(void **state)
{
    struct bsti_mpscq q;
    struct bsti_mpscq_node a;
    struct bsti_mpscq_node b;
    struct bsti_mpscq_node *node = NULL;
    bool busy;

    (void)state;
    bsti_mpscq_init(&q, true);
    assert_true(bsti_mpscq_push(&q, &a));
    assert_false(bsti_mpscq_push(&q, &b));
    assert_non_null(bsti_mpscq_front(&q, &busy));
    assert_int_equal(bsti_mpscq_pop(&q, true, &node), BSTI_MPSCQ_POPPED);
    assert_ptr_equal(node, &a);
    assert_non_null(bsti_mpscq_front(&q, &busy));
    assert_int_equal(bsti_mpscq_pop(&q, true, &node), BSTI_MPSCQ_IDLE);
    assert_ptr_equal(node, &b);
    assert_true(bsti_mpscq_is_idle(&q));
    assert_true(bsti_mpscq_is_valid(&q));
    assert_true(bsti_mpscq_push(&q, &a));
}

static void pop_recycled_node_can_be_pushed_again(void **state)
{
    struct bsti_mpscq q;
    struct bsti_mpscq_node only;
    struct bsti_mpscq_node *node;
    bool busy;

    (void)state;
    bsti_mpscq_init(&q, true);
    for (int i = 0; i < 1000; i++) {
        assert_true(bsti_mpscq_push(&q, &only));
        assert_ptr_equal(bsti_mpscq_front(&q, &busy), &only);
        assert_int_equal(bsti_mpscq_pop(&q, true, &node), BSTI_MPSCQ_IDLE);
        assert_ptr_equal(node, &only);
    }
}

static void try_idle_empty_queue_succeeds(void **state)
{
    struct bsti_mpscq q;
    struct bsti_mpscq_node node;
    bool busy;

    (void)state;
    bsti_mpscq_init(&q, false);
    assert_null(bsti_mpscq_front(&q, &busy));
    assert_true(bsti_mpscq_try_idle(&q));
    assert_true(bsti_mpscq_is_idle(&q));
    assert_true(bsti_mpscq_push(&q, &node));
}

static void try_idle_after_push_fails(void **state)
{
    struct bsti_mpscq q;
    struct bsti_mpscq_node node;
    bool busy;

    (void)state;
    bsti_mpscq_init(&q, false);
    assert_null(bsti_mpscq_front(&q, &busy));
    assert_false(bsti_mpscq_push(&q, &node));
    assert_false(bsti_mpscq_try_idle(&q));
    assert_ptr_equal(bsti_mpscq_front(&q, &busy), &node);
}

static void front_half_pushed_node_is_busy(void **state)
{
    struct bsti_mpscq q;
    struct bsti_mpscq_node node;
    struct bsti_mpscq_node *last;
    bool busy = false;

    (void)state;
    bsti_mpscq_init(&q, false);
    last = begin_push(&q, &node);
    assert_null(bsti_mpscq_front(&q, &busy));
    assert_true(busy);
    assert_false(bsti_mpscq_try_idle(&q));
    finish_push(last, &node);
    assert_ptr_equal(bsti_mpscq_front(&q, &busy), &node);
    assert_false(busy);
}

static void pop_before_half_pushed_node_is_busy_then_popped(void **state)
{
    struct bsti_mpscq q;
    struct bsti_mpscq_node a;
    struct bsti_mpscq_node b;
    struct bsti_mpscq_node *last;
    struct bsti_mpscq_node *node = NULL;
    bool busy;

    (void)state;
    bsti_mpscq_init(&q, false);
    (void)bsti_mpscq_push(&q, &a);
    assert_ptr_equal(bsti_mpscq_front(&q, &busy), &a);
    last = begin_push(&q, &b);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(bsti_mpscq_pop(&q, true, &node), BSTI_MPSCQ_BUSY);
        assert_null(node);
        assert_true(bsti_mpscq_is_spent(&q));
        assert_true(bsti_mpscq_is_valid(&q));
    }
    finish_push(last, &b);
    assert_int_equal(bsti_mpscq_pop(&q, true, &node), BSTI_MPSCQ_POPPED);
    assert_ptr_equal(node, &a);
    assert_false(bsti_mpscq_is_spent(&q));
    assert_ptr_equal(bsti_mpscq_front(&q, &busy), &b);
    assert_int_equal(bsti_mpscq_pop(&q, true, &node), BSTI_MPSCQ_IDLE);
}

static void wake_idle_queue_makes_one_responsible(void **state)
{
    struct bsti_mpscq q;
    struct bsti_mpscq_node node;
    bool busy;

    (void)state;
    bsti_mpscq_init(&q, true);
    assert_true(bsti_mpscq_wake(&q));
    assert_false(bsti_mpscq_wake(&q));
    assert_null(bsti_mpscq_front(&q, &busy));
    assert_false(busy);
    assert_false(bsti_mpscq_push(&q, &node));
    assert_ptr_equal(bsti_mpscq_front(&q, &busy), &node);
}

static void wake_queue_with_nodes_does_nothing(void **state)
{
    struct bsti_mpscq q;
    struct bsti_mpscq_node node;

    (void)state;
    bsti_mpscq_init(&q, true);
    assert_true(bsti_mpscq_push(&q, &node));
    assert_false(bsti_mpscq_wake(&q));
}

static void random_operations_keep_order(void **state)
{
    struct message messages[32];
    int free_list[32];
    size_t nfree = 0;
    struct bsti_mpscq q;
    uint64_t rand = 11;
    int pushed = 0;
    int popped = 0;
    bool responsible = false;

    (void)state;
    bsti_mpscq_init(&q, true);
    for (int i = 0; i < 32; i++) {
        free_list[nfree++] = i;
    }
    for (int round = 0; round < 200000; round++) {
        struct bsti_mpscq_node *node;
        bool busy;

        assert_true(bsti_mpscq_is_valid(&q));
        if (bsti_rand_below(&rand, 2) == 0 && nfree > 0) {
            struct message *m = &messages[free_list[--nfree]];

            m->value = pushed++;
            responsible |= bsti_mpscq_push(&q, &m->node);
            assert_true(responsible);
        } else if (responsible) {
            node = bsti_mpscq_front(&q, &busy);
            assert_false(busy);
            if (node == NULL) {
                assert_int_equal(pushed, popped);
                assert_true(bsti_mpscq_try_idle(&q));
                responsible = false;
                continue;
            }
            responsible = bsti_mpscq_pop(&q, bsti_rand_below(&rand, 2) == 0,
                                         &node) != BSTI_MPSCQ_IDLE;
            assert_int_equal(
                bsti_container_of(node, struct message, node)->value, popped++);
            free_list[nfree++] =
                (int)(bsti_container_of(node, struct message, node) - messages);
        }
    }
    assert_true(popped > 50000);
}

UNIT_MAIN(cmocka_unit_test(push_idle_queue_makes_responsible_once),
          cmocka_unit_test(push_busy_queue_makes_nobody_responsible),
          cmocka_unit_test(front_stays_until_popped),
          cmocka_unit_test(pop_last_goes_idle_if_allowed),
          cmocka_unit_test(pop_recycled_node_can_be_pushed_again),
          cmocka_unit_test(try_idle_empty_queue_succeeds),
          cmocka_unit_test(try_idle_after_push_fails),
          cmocka_unit_test(front_half_pushed_node_is_busy),
          cmocka_unit_test(pop_before_half_pushed_node_is_busy_then_popped),
          cmocka_unit_test(wake_idle_queue_makes_one_responsible),
          cmocka_unit_test(wake_queue_with_nodes_does_nothing),
          cmocka_unit_test(random_operations_keep_order))
