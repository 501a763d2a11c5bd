/*
 * actor/payload: texts and bytes, wherever they are made and freed.
 */

#include "unit/support/rig.h"

#include "actor/actor.h"
#include "actor/payload.h"
#include "base/alloc.h"
#include "unit/unit.h"

static void start_one(struct rig *rig)
{
    rig_init(rig);
    rig_child(rig, rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 20, BST_S(5)),
              "a");
    rig_start(rig);
    rig_expect(rig, "start top#1 (sup)\nstart a#1\n");
}

/* ---- outside of a system ------------------------------------------------- */

static void text_is_a_copy(void **state)
{
    char text[] = "some text";
    char *copy = bst_text_dup(text);
    int64_t balance = bsti_alloc_balance();

    (void)state;
    assert_non_null(copy);
    text[0] = 'S';
    assert_string_equal(copy, "some text");
    bst_text_free(copy);
    assert_int_equal(bsti_alloc_balance(), balance - 1);
}

static void nothing_is_freed_as_nothing(void **state)
{
    (void)state;
    assert_null(bst_text_dup(NULL));
    bst_text_free(NULL);
    bst_bytes_free((struct bst_bytes){NULL, 0});
}

static void bytes_of_every_size(void **state)
{
    static const size_t sizes[] = {0, 1, 47, 48, 49, 4079, 4080, 4081, 100000};
    int64_t balance = bsti_alloc_balance();

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct bst_bytes bytes = bst_bytes_new(sizes[i]);
        struct bst_bytes copy;

        assert_non_null(bytes.data);
        assert_int_equal((uintptr_t)bytes.data % 16, 0);
        assert_int_equal(bytes.size, sizes[i]);
        memset(bytes.data, 7, sizes[i]);
        copy = bst_bytes_dup(bytes.data, bytes.size);
        assert_int_equal(copy.size, sizes[i]);
        assert_memory_equal(copy.data, bytes.data, sizes[i]);
        /* Smaller than it was made: freeing knows better. */
        bytes.size /= 2;
        bst_bytes_free(bytes);
        bst_bytes_free(copy);
    }
    assert_int_equal(bsti_alloc_balance(), balance);
}

static void format_has_any_length(void **state)
{
    char *text = bst_text_format("%d-%s", 42, "x");

    (void)state;
    assert_string_equal(text, "42-x");
    bst_text_free(text);
    for (int length = 250; length < 262; length++) {
        text = bst_text_format("%*d", length, 7);
        assert_int_equal(strlen(text), length);
        assert_int_equal(text[length - 1], '7');
        bst_text_free(text);
    }
}

static void no_memory_is_null_outside(void **state)
{
    struct bst_bytes bytes;

    (void)state;
    bsti_alloc_fail_at(1);
    assert_null(bst_text_dup("x"));
    bsti_alloc_fail_at(1);
    assert_null(bst_text_format("%d", 1));
    bsti_alloc_fail_at(1);
    bytes = bst_bytes_dup("abc", 3);
    assert_null(bytes.data);
    assert_int_equal(bytes.size, 0);
    bytes = bst_bytes_new(SIZE_MAX);
    assert_null(bytes.data);
}

/* A block that looks like no payload, with room in front of the pointer. */
static void free_what_is_no_text(void *arg)
{
    _Alignas(16) char memory[64] = "not a text of this library";

    (void)arg;
    bst_text_free(memory + 32);
}

/* In a handler, whose pools still hold the block and its mark. */
static bst_status free_twice(struct puppet *self, void *arg,
                             struct rig_answer *answer)
{
    char *text = bst_text_dup("twice");

    (void)self;
    (void)arg;
    (void)answer;
    bst_text_free(text);
    bst_text_free(text);
    return BST_OK;
}

static void have_it_freed_twice(void *arg)
{
    struct rig rig;

    (void)arg;
    start_one(&rig);
    (void)rig_ask(&rig, "a", free_twice, NULL, NULL);
}

static void foreign_memory_is_fatal(void **state)
{
    char text[256];
    int status = unit_fork(free_what_is_no_text, NULL, text, sizeof text);

    (void)state;
    assert_true(unit_died_of(status, SIGABRT));
    assert_non_null(strstr(text, "a text or bytes that no bst_ function"));
}

static void freeing_twice_is_fatal(void **state)
{
    int status = unit_fork(have_it_freed_twice, NULL, NULL, 0);

    (void)state;
    /* Memory checkers end the process in their own way. */
    assert_false(unit_exited(status, 0));
}

/* ---- in a handler -------------------------------------------------------- */

static char *made_text;

static bst_status make_text(struct puppet *self, void *arg,
                            struct rig_answer *answer)
{
    (void)self;
    (void)answer;
    made_text = bst_text_dup(arg);
    return BST_OK;
}

static bst_status free_text(struct puppet *self, void *arg,
                            struct rig_answer *answer)
{
    (void)self;
    (void)arg;
    (void)answer;
    bst_text_free(made_text);
    return BST_OK;
}

static void handlers_use_the_pools(void **state)
{
    static char small[] = "small";
    struct rig rig;

    (void)state;
    start_one(&rig);
    assert_int_equal(rig_ask(&rig, "a", make_text, small, NULL), BST_OK);
    assert_string_equal(made_text, "small");
    assert_int_equal(bsti_payloads_live(rig.system), 1);
    assert_int_equal(rig_ask(&rig, "a", free_text, NULL, NULL), BST_OK);
    assert_int_equal(bsti_payloads_live(rig.system), 0);
    assert_int_equal(rig_ask(&rig, "a", make_text, small, NULL), BST_OK);
    /* A foreign thread frees what a handler has made. */
    bst_text_free(made_text);
    assert_int_equal(bsti_payloads_live(rig.system), 0);
    rig_stop_quietly(&rig);
}

static void large_ones_are_not_of_the_pools(void **state)
{
    static char large[10000];
    struct rig rig;
    int64_t balance;

    (void)state;
    memset(large, 'x', sizeof large - 1);
    start_one(&rig);
    assert_int_equal(rig_ask(&rig, "a", make_text, large, NULL), BST_OK);
    assert_int_equal(bsti_payloads_live(rig.system), 0);
    assert_string_equal(made_text, large);
    rig_stop_quietly(&rig);
    balance = bsti_alloc_balance();
    bst_text_free(made_text);
    assert_int_equal(bsti_alloc_balance(), balance - 1);
}

static bst_status make_without_memory(struct puppet *self, void *arg,
                                      struct rig_answer *answer)
{
    (void)self;
    (void)arg;
    (void)answer;
    bsti_alloc_fail_at(1);
    made_text = (char *)bst_bytes_new(1000000).data;
    return BST_OK;
}

static void no_memory_fails_the_handler(void **state)
{
    char unmade[] = "as it was";
    struct rig rig;

    (void)state;
    start_one(&rig);
    made_text = unmade;
    assert_int_equal(rig_ask(&rig, "a", make_without_memory, NULL, NULL),
                     BST_FAILED);
    rig_expect(&rig, "down a#1 crashed\nstart a#2\n");
    assert_ptr_equal(made_text, unmade);
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_TEST(text_is_a_copy), RIG_TEST(nothing_is_freed_as_nothing),
          RIG_TEST(bytes_of_every_size), RIG_TEST(format_has_any_length),
          RIG_TEST(no_memory_is_null_outside),
          RIG_TEST(foreign_memory_is_fatal), RIG_TEST(freeing_twice_is_fatal),
          RIG_TEST(handlers_use_the_pools),
          RIG_THREADS(large_ones_are_not_of_the_pools),
          RIG_TEST(no_memory_fails_the_handler))
