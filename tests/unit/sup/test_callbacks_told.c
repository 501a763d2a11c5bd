/*
 * sup/callbacks: what functions of the user are told and may do, and those of
 * the members of dynamic groups.
 */

#include "unit/support/telling.h"

#include "sup/sup.h"
#include "unit/unit.h"

/* A supervisor of a child "a" with callbacks. */
static struct bst_supervisor *top_a(struct rig *rig,
                                    const struct bst_callbacks *callbacks)
{
    struct bst_supervisor *top;

    telling_fails(NULL, BST_OK, 0);
    rig_init(rig);
    top = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 3, BST_S(60));
    rig_child(rig, top, "a")->group.callbacks = callbacks;
    return top;
}

/* ---- what they are told -------------------------------------------------- */

static struct {
    uint32_t kind;
    bst_status status;
    bst_ref who;
    uint32_t index;
    char message[32];
    char handler[32];
    char fault[64];
    uint32_t calls;
} seen;

static void copy(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text ? text : "-");
}

static bst_status look(const struct bst_event *event)
{
    seen.kind = event->kind;
    seen.status = event->status;
    seen.who = event->who;
    seen.index = event->index;
    copy(seen.message, sizeof seen.message, event->message);
    copy(seen.handler, sizeof seen.handler, event->handler);
    copy(seen.fault, sizeof seen.fault, event->fault);
    seen.calls++;
    return BST_OK;
}

static const struct bst_callbacks looking = {.before_restart = look,
                                             .after_stop = look};

static void b89_failing_message_is_shown(void **state)
{
    static char text[] = "out of luck";
    struct rig rig;

    (void)state;
    top_a(&rig, &looking);
    rig_part(&rig, "a")->group.redundancy = 2;
    rig_start(&rig);
    memset(&seen, 0, sizeof seen);
    rig_expect(&rig, "start top#1 (sup)\nstart a/0#1\nstart a/1#1\n");
    rig_do(&rig, "a", rig_panic, text);
    rig_expect(&rig, "down a/0#1 crashed\nstart a/0#2\n");
    assert_int_equal(seen.calls, 1);
    assert_int_equal(seen.kind, RIG_DO);
    assert_int_equal(seen.status, BST_FAIL);
    assert_int_equal(seen.index, 0);
    assert_true(bst_ref_equal(seen.who, rig_member(&rig, "a", 0)));
    assert_string_equal(seen.message, "do");
    assert_string_equal(seen.handler, "on do");
    assert_string_equal(seen.fault, text);
    rig_stop_quietly(&rig);
    /* A stop comes between messages. */
    assert_int_equal(seen.calls, 3);
    assert_int_equal(seen.kind, BST_KIND_NONE);
    assert_int_equal(seen.status, BST_OK);
    assert_string_equal(seen.message, "-");
    assert_string_equal(seen.fault, "");
}

static void b89_failing_start_is_shown(void **state)
{
    struct rig rig;

    (void)state;
    top_a(&rig, &looking);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\n");
    memset(&seen, 0, sizeof seen);
    rig_part(&rig, "a")->bad_starts = 1;
    rig_do(&rig, "a", rig_normal, NULL);
    rig_expect(&rig, "down a#1 normal\nstartfail a#2\nstart a#3\n");
    assert_int_equal(seen.calls, 2);
    assert_int_equal(seen.kind, BST_KIND_START);
    assert_string_equal(seen.message, "start");
    assert_string_equal(seen.handler, "on start");
    rig_stop_quietly(&rig);
}

static void b89_failing_callback_is_shown(void **state)
{
    struct bst_callbacks both = {.before_start = telling_few.before_start,
                                 .after_stop = look};
    struct rig rig;

    (void)state;
    top_a(&rig, &both);
    telling_fails("before_start", BST_OK, 1);
    assert_int_equal(rig_try_start(&rig), BST_FAILED);
    assert_int_equal(seen.kind, BST_KIND_NONE);
    assert_string_equal(seen.message, "-");
    assert_string_equal(seen.handler, "before_start");
    assert_non_null(strstr(seen.fault, "null pointer"));
    rig_free(&rig);
}

static void b89_kill_between_messages_shows_none(void **state)
{
    struct rig rig;

    (void)state;
    top_a(&rig, &looking);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\n");
    rig_do(&rig, "a", rig_count, NULL);
    assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, NULL), BST_OK);
    memset(&seen, 0, sizeof seen);
    rig_kill(&rig, "a");
    rig_expect(&rig, "down a#1 killed\nstart a#2\n");
    assert_int_equal(seen.calls, 1);
    assert_int_equal(seen.kind, BST_KIND_NONE);
    rig_stop_quietly(&rig);
}

/* ---- what they may do ---------------------------------------------------- */

static bst_status ask_tell_spawn(const struct bst_event *event)
{
    struct rig *rig = rig_of(event->system);
    bst_ref x = bst_group_ref(event->system, &rig_part(rig, "x")->group);
    struct rig_order get = {rig_get, NULL};
    struct rig_order count = {rig_count, NULL};
    struct rig_answer answer;
    bst_ref ref = {0, 0};
    bst_status asked =
        bst_ask(x, RIG_ASK, &get, sizeof get, &answer, sizeof answer, BST_S(1));
    bst_status told = bst_tell(x, RIG_DO, &count, sizeof count);
    bst_status spawned = bst_system_spawn(
        event->system, &rig_part(rig, "kids")->group, NULL, &ref);

    rig_note(rig, "ask %s tell %s spawn %s", bst_status_name(asked),
             bst_status_name(told), bst_status_name(spawned));
    return BST_OK;
}

static void b83_callbacks_cannot_wait(void **state)
{
    static const struct bst_callbacks waiting = {.before_start = ask_tell_spawn,
                                                 .after_stop = ask_tell_spawn};
    const char *said = "ask BST_INVALID tell BST_OK spawn BST_INVALID\n";
    struct rig rig;
    struct bst_supervisor *top;
    struct rig_part *kids;
    uint64_t value;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 3, BST_S(60));
    rig_child(&rig, top, "x");
    kids = rig_child(&rig, top, "kids");
    kids->group.redundancy = 0;
    kids->group.max = 3;
    kids->group.callbacks = &telling_few;
    rig_child(&rig, top, "a")->group.callbacks = &waiting;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart x#1\n");
    rig_expect(&rig, said);
    rig_expect(&rig, "start a#1\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\n");
    rig_expect(&rig, said);
    rig_expect(&rig, said);
    rig_expect(&rig, "start a#2\n");
    assert_int_equal(rig_ask(&rig, "x", rig_get, NULL, &value), BST_OK);
    assert_int_equal(value, 3);
    rig_stop_quietly(&rig);
}

static void *nothing(void *arg)
{
    return arg;
}

static bst_status join_and_sleep(const struct bst_event *event)
{
    struct rig *rig = rig_of(event->system);
    struct bst_task *task = bst_spawn(NULL, nothing, NULL, NULL);

    if (!task)
        return BST_NOMEM;
    bst_task_yield();
    bst_task_sleep(BST_US(10));
    rig_note(rig, "join %s", bst_status_name(bst_join(task, NULL)));
    bst_detach(task);
    return BST_OK;
}

/* A task that has not ended when it is joined: the worker has none free. */
static void b83_supervisor_does_not_join(void **state)
{
    static const struct bst_callbacks joining = {.after_start = join_and_sleep};
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig.options.threads = 1;
    rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 3, BST_S(60))->callbacks =
        &joining;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\njoin BST_INVALID\n");
    rig_stop(&rig, "down top#1 shutdown\n");
}

/* ---- dynamic groups ------------------------------------------------------ */

static struct rig_part *add_kids(struct rig *rig, struct bst_supervisor *top,
                                 enum bst_lifetime lifetime)
{
    struct rig_part *kids = rig_child(rig, top, "kids");

    telling_fails(NULL, BST_OK, 0);
    kids->group.redundancy = 0;
    kids->group.max = 4;
    kids->group.lifetime = lifetime;
    kids->group.callbacks = &telling_all;
    return kids;
}

static bst_status spawn(struct rig *rig, bst_ref *ref)
{
    return bst_system_spawn(rig->system, &rig_part(rig, "kids")->group, NULL,
                            ref);
}

static void order(bst_ref ref, rig_fn *fn)
{
    struct rig_order what = {fn, NULL};

    assert_int_equal(bst_tell(ref, RIG_DO, &what, sizeof what), BST_OK);
}

static void b83_members_of_a_dynamic_group(void **state)
{
    struct rig rig;
    bst_ref ref;

    (void)state;
    rig_init(&rig);
    add_kids(&rig, rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 3, BST_S(60)),
             BST_TRANSIENT);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\n");
    assert_int_equal(spawn(&rig, &ref), BST_OK);
    rig_expect(&rig, "before_start kid#1 none\nafter_start kid#1 none\n");
    assert_int_equal(spawn(&rig, NULL), BST_OK);
    rig_expect(&rig, "before_start kid#1 none\nafter_start kid#1 none\n");
    order(ref, rig_crash);
    rig_expect(&rig, "down kids/0#1 crashed\nbefore_restart kid#1 failed\n"
                     "after_restart kid#2 failed\nstart kids/0#2\n");
    order(ref, rig_normal);
    rig_expect(&rig, "down kids/0#2 normal\nafter_stop kid#2 normal\n");
    rig_stop(&rig, "stop kids/1#1\ndown kids/1#1 shutdown\n"
                   "after_stop kid#1 shutdown\ndown top#1 shutdown\n");
}

static void b87_spawn_that_a_callback_refuses(void **state)
{
    struct rig rig;
    bst_ref ref;

    (void)state;
    rig_init(&rig);
    add_kids(&rig, rig_sup(&rig, NULL, "top", BST_ONE_FOR_ONE, 3, BST_S(60)),
             BST_PERMANENT);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\n");
    telling_fails("before_start", BST_OK, 1);
    assert_int_equal(spawn(&rig, &ref), BST_FAILED);
    rig_expect(&rig, "before_start kid#1 none\nafter_stop kid#1 startfail\n");
    telling_fails("after_stop", BST_OK, 1);
    rig_part(&rig, "kids")->bad_starts = 1;
    assert_int_equal(spawn(&rig, &ref), BST_FAILED);
    rig_expect(&rig, "before_start kid#1 none\nafter_stop kid#1 startfail\n");
    telling_fails("after_start", BST_STOP, 1);
    assert_int_equal(spawn(&rig, &ref), BST_REFUSED);
    rig_expect(&rig, "before_start kid#1 none\nafter_start kid#1 none\n"
                     "after_stop kid#1 declined\n");
    rig_stop(&rig, "down top#1 shutdown\n");
}

static void b86_group_restart_with_a_dynamic_group(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;
    bst_ref ref;

    (void)state;
    rig_init(&rig);
    top = rig_sup(&rig, NULL, "top", BST_ONE_FOR_ALL, 3, BST_S(60));
    rig_child(&rig, top, "x");
    add_kids(&rig, top, BST_PERMANENT);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart x#1\n");
    assert_int_equal(spawn(&rig, &ref), BST_OK);
    rig_expect(&rig, "before_start kid#1 none\nafter_start kid#1 none\n");
    rig_do(&rig, "x", rig_crash, NULL);
    rig_expect(&rig, "down x#1 crashed\nstop kids/0#1\ndown kids/0#1 shutdown\n"
                     "before_restart kid#1 shutdown\nstart x#2\n"
                     "after_restart kid#2 shutdown\nstart kids/0#2\n");
    rig_stop(&rig, "stop kids/0#2\ndown kids/0#2 shutdown\n"
                   "after_stop kid#2 shutdown\n"
                   "stop x#2\ndown x#2 shutdown\ndown top#1 shutdown\n");
}

UNIT_MAIN(RIG_TEST(b83_callbacks_cannot_wait),
          RIG_TEST(b83_supervisor_does_not_join),
          RIG_TEST(b83_members_of_a_dynamic_group),
          RIG_TEST(b86_group_restart_with_a_dynamic_group),
          RIG_TEST(b87_spawn_that_a_callback_refuses),
          RIG_TEST(b89_failing_message_is_shown),
          RIG_TEST(b89_failing_start_is_shown),
          RIG_TEST(b89_failing_callback_is_shown),
          RIG_TEST(b89_kill_between_messages_shows_none))
