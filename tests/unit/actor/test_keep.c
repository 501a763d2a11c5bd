/*
 * actor: what an incarnation leaves to the next one: keep fields, nothing
 * else.
 */

#include "unit/support/rig.h"

#include "unit/unit.h"

static void start_one(struct rig *rig)
{
    struct bst_supervisor *top;

    rig_init(rig);
    top = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 20, BST_S(5));
    rig_child(rig, top, "a");
    rig_start(rig);
    rig_expect(rig, "start top#1 (sup)\nstart a#1\n");
}

static uint64_t value_of(struct rig *rig, rig_fn *fn)
{
    uint64_t value = 99;

    assert_int_equal(rig_ask(rig, "a", fn, NULL, &value), BST_OK);
    return value;
}

/* Changes both, and then comes to a bad end in the way of `arg`. */
static bst_status change_and_fail(struct puppet *self, void *arg,
                                  struct rig_answer *answer)
{
    static bst_time hour = BST_S(3600);

    self->count += 100;
    self->kept += 100;
    switch (*(const char *)arg) {
    case 'p':
        return rig_panic(self, NULL, answer);
    case 's':
        bst_sleep(self, BST_US(10));
        self->kept += 100;
        return BST_FAIL;
    case 'k':
        return rig_sleep(self, &hour, answer);
    case 'n':
        return BST_STOP;
    default:
        return BST_FAIL;
    }
}

static void fail_in(struct rig *rig, const char *way)
{
    rig_do(rig, "a", change_and_fail, (void *)(uintptr_t)way);
}

static void prepare(struct rig *rig)
{
    start_one(rig);
    for (int i = 0; i < 3; i++) {
        rig_do(rig, "a", rig_count, NULL);
        rig_do(rig, "a", rig_count_kept, NULL);
    }
    assert_int_equal(value_of(rig, rig_get), 3);
    assert_int_equal(value_of(rig, rig_get_kept), 3);
}

static void b90_keep_is_as_before_the_failed_message(void **state)
{
    struct rig rig;

    (void)state;
    prepare(&rig);
    fail_in(&rig, "fail");
    rig_expect(&rig, "down a#1 crashed\nstart a#2\n");
    assert_int_equal(value_of(&rig, rig_get), 0);
    assert_int_equal(value_of(&rig, rig_get_kept), 3);
    rig_stop_quietly(&rig);
}

static void keep_is_rolled_back_after_a_panic(void **state)
{
    struct rig rig;

    (void)state;
    prepare(&rig);
    fail_in(&rig, "panic");
    rig_expect(&rig, "down a#1 crashed\nstart a#2\n");
    assert_int_equal(value_of(&rig, rig_get_kept), 3);
    rig_stop_quietly(&rig);
}

static void keep_is_rolled_back_if_the_handler_was_suspended(void **state)
{
    struct rig rig;

    (void)state;
    prepare(&rig);
    fail_in(&rig, "sleep and fail");
    rig_expect(&rig, "down a#1 crashed\nstart a#2\n");
    assert_int_equal(value_of(&rig, rig_get_kept), 3);
    rig_stop_quietly(&rig);
}

static void keep_is_rolled_back_after_a_kill(void **state)
{
    struct rig rig;

    (void)state;
    prepare(&rig);
    fail_in(&rig, "killed in its sleep");
    rig_expect(&rig, "asleep\n");
    rig_kill(&rig, "a");
    rig_expect(&rig, "down a#1 killed\nstart a#2\n");
    assert_int_equal(value_of(&rig, rig_get_kept), 3);
    rig_stop_quietly(&rig);
}

static void keep_of_a_killed_idle_child_is_the_last_one(void **state)
{
    struct rig rig;

    (void)state;
    prepare(&rig);
    rig_kill(&rig, "a");
    rig_expect(&rig, "down a#1 killed\nstart a#2\n");
    assert_int_equal(value_of(&rig, rig_get), 0);
    assert_int_equal(value_of(&rig, rig_get_kept), 3);
    rig_stop_quietly(&rig);
}

static void keep_holds_what_the_last_handler_did_at_a_normal_end(void **state)
{
    struct rig rig;

    (void)state;
    prepare(&rig);
    fail_in(&rig, "normal end");
    rig_expect(&rig, "down a#1 normal\nstart a#2\n");
    assert_int_equal(value_of(&rig, rig_get), 0);
    assert_int_equal(value_of(&rig, rig_get_kept), 103);
    rig_stop_quietly(&rig);
}

static bst_status count_kept_and_fail_once(struct puppet *self, void *arg,
                                           struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    self->kept += 1000;
    return bst_incarnation(self) == 1 ? BST_FAIL : BST_OK;
}

static void keep_is_rolled_back_after_a_failing_start(void **state)
{
    struct rig rig;
    uint64_t value;

    (void)state;
    start_one(&rig);
    rig_part(&rig, "a")->on_start = count_kept_and_fail_once;
    rig_do(&rig, "a", rig_count_kept, NULL);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nstartfail a#2\nstart a#3\n");
    assert_int_equal(rig_ask(&rig, "a", rig_get_kept, NULL, &value), BST_OK);
    assert_int_equal(value, 1001);
    rig_stop_quietly(&rig);
}

static bst_status fail_in_stop(struct puppet *self, void *arg,
                               struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    self->kept += 1000;
    return BST_FAIL;
}

/* The message before it was handled; only the stop handler is undone. */
static void keep_is_rolled_back_after_a_failing_stop_handler(void **state)
{
    struct rig rig;

    (void)state;
    prepare(&rig);
    rig_part(&rig, "a")->on_stop = fail_in_stop;
    fail_in(&rig, "normal end");
    rig_expect(&rig, "down a#1 normal\nstart a#2\n");
    assert_int_equal(value_of(&rig, rig_get_kept), 103);
    rig_stop_quietly(&rig);
}

static void keep_survives_the_restart_of_the_supervisor(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;
    struct bst_supervisor *in;
    uint64_t value;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 20, BST_S(5));
    in = rig_sup(&rig, top, "in", BST_ONE_FOR_ONE, 0, BST_S(5));
    rig_child(&rig, in, "a");
    rig_child(&rig, in, "t")->group.lifetime = BST_TEMPORARY;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart in#1 (sup)\n"
                     "start a#1\nstart t#1\n");
    rig_do(&rig, "a", rig_count_kept, NULL);
    rig_do(&rig, "t", rig_normal, NULL);
    rig_expect(&rig, "down t#1 normal\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\ndown in#1 shutdown\n"
                     "start in#2 (sup)\nstart a#2\nstart t#2\n");
    assert_int_equal(rig_ask(&rig, "a", rig_get_kept, NULL, &value), BST_OK);
    assert_int_equal(value, 1);
    /* References are as good as before, also to one that had ended. */
    assert_int_equal(rig_ask(&rig, "t", rig_get, NULL, NULL), BST_OK);
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_TEST(b90_keep_is_as_before_the_failed_message),
          RIG_TEST(keep_is_rolled_back_after_a_panic),
          RIG_TEST(keep_is_rolled_back_if_the_handler_was_suspended),
          RIG_TEST(keep_is_rolled_back_after_a_kill),
          RIG_TEST(keep_of_a_killed_idle_child_is_the_last_one),
          RIG_TEST(keep_holds_what_the_last_handler_did_at_a_normal_end),
          RIG_TEST(keep_is_rolled_back_after_a_failing_start),
          RIG_TEST(keep_is_rolled_back_after_a_failing_stop_handler),
          RIG_TEST(keep_survives_the_restart_of_the_supervisor))
