/*
 * sup/callbacks: in which order functions of the user are called at the start
 * and the end of children and supervisors, with what, and what follows from
 * their failures.
 */

#include "unit/support/rig.h"

#include "actor/actor.h"
#include "base/attr.h"
#include "sup/sup.h"
#include "sync/atomic.h"
#include "unit/unit.h"

/* A fault that a sanitizer would find before the processor does. */
#define UNCHECKED                                                              \
    BSTI_NO_SANITIZE BSTI_NOINLINE __attribute__((no_sanitize("undefined")))

static volatile uintptr_t null_address;

UNCHECKED static void hit_null(void)
{
    *(volatile char *)null_address = 1;
}

/* ---- callbacks that tell ------------------------------------------------- */

/* Which callback fails, and how; tests run one after the other. */
static struct {
    const char *name;
    bst_status status; /* BST_OK: it faults */
    uint32_t times;
} bad;

static bool is_bad(const char *name)
{
    if (!bad.name || strcmp(bad.name, name) != 0 || bad.times == 0)
        return false;
    bad.times--;
    return true;
}

static const char *const exits[] = {"none",   "normal",   "shutdown", "failed",
                                    "killed", "declined", "startfail"};

static bst_status note(const struct bst_event *event, const char *name)
{
    /* Which block a spawn gets is none of our business. */
    rig_note(rig_of(event->system), "%s %s#%llu %s", name,
             strstr(event->path, "/kids/") ? "kid"
                                           : strrchr(event->path, '/') + 1,
             (unsigned long long)event->incarnation + 1, exits[event->exit]);
    if (!is_bad(name))
        return BST_OK;
    if (bad.status == BST_OK)
        hit_null();
    return bad.status;
}

#define TELLING(name)                                                          \
    static bst_status name(const struct bst_event *event)                      \
    {                                                                          \
        return note(event, #name);                                             \
    }

TELLING(before_start)
TELLING(after_start)
TELLING(before_restart)
TELLING(after_restart)
TELLING(after_stop)

static const struct bst_callbacks all = {.before_start = before_start,
                                         .after_start = after_start,
                                         .before_restart = before_restart,
                                         .after_restart = after_restart,
                                         .after_stop = after_stop};
static const struct bst_callbacks few = {.before_start = before_start,
                                         .after_stop = after_stop};

/* A supervisor of a child "a" with callbacks. */
static struct bst_supervisor *top_a(struct rig *rig, enum bst_strategy strategy,
                                    const struct bst_callbacks *callbacks)
{
    struct bst_supervisor *top;

    bad.name = NULL;
    rig_init(rig);
    top = rig_sup(rig, NULL, "top", strategy, 3, BST_S(60));
    rig_child(rig, top, "a")->group.callbacks = callbacks;
    return top;
}

#define UP_A                                                                   \
    "start top#1 (sup)\nbefore_start a#1 none\nafter_start a#1 none\n"         \
    "start a#1\n"
#define DOWN_A(n)                                                              \
    "stop a#" n "\ndown a#" n " shutdown\nafter_stop a#" n " shutdown\n"       \
    "down top#1 shutdown\n"

/* ---- order --------------------------------------------------------------- */

static void b83_every_callback_runs_once(void **state)
{
    struct rig rig;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, &all);
    rig_start(&rig);
    rig_expect(&rig, UP_A);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nbefore_restart a#1 failed\n"
                     "after_restart a#2 failed\nstart a#2\n");
    rig_stop(&rig, DOWN_A("2"));
}

static void b83_members_are_called_each(void **state)
{
    struct rig rig;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, &all);
    rig_part(&rig, "a")->group.redundancy = 2;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\n"
                     "before_start 0#1 none\nafter_start 0#1 none\n"
                     "start a/0#1\n"
                     "before_start 1#1 none\nafter_start 1#1 none\n"
                     "start a/1#1\n");
    rig_stop(&rig, "stop a/1#1\ndown a/1#1 shutdown\nafter_stop 1#1 shutdown\n"
                   "stop a/0#1\ndown a/0#1 shutdown\nafter_stop 0#1 shutdown\n"
                   "down top#1 shutdown\n");
}

static void b84_callbacks_that_are_not_set_fall_back(void **state)
{
    struct rig rig;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, &few);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nbefore_start a#1 none\nstart a#1\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nafter_stop a#1 failed\n"
                     "before_start a#2 failed\nstart a#2\n");
    rig_stop(&rig, DOWN_A("2"));
}

static void b85_never_restarted_is_never_told_so(void **state)
{
    struct rig rig;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, &all);
    rig_part(&rig, "a")->group.lifetime = BST_TEMPORARY;
    rig_start(&rig);
    rig_expect(&rig, UP_A);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nafter_stop a#1 failed\n");
    rig_stop(&rig, "down top#1 shutdown\n");
}

/* One that has stopped for good begins as if for the first time. */
static void b86_group_restart_of_one_that_had_stopped(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;

    (void)state;
    top = top_a(&rig, BST_ONE_FOR_ALL, &all);
    rig_part(&rig, "a")->group.lifetime = BST_TRANSIENT;
    rig_child(&rig, top, "b")->group.callbacks = &all;
    rig_child(&rig, top, "c");
    rig_start(&rig);
    rig_expect(&rig, UP_A "before_start b#1 none\nafter_start b#1 none\n"
                          "start b#1\nstart c#1\n");
    rig_do(&rig, "a", rig_normal, NULL);
    rig_expect(&rig, "down a#1 normal\nafter_stop a#1 normal\n");
    rig_do(&rig, "c", rig_crash, NULL);
    rig_expect(&rig,
               "down c#1 crashed\n"
               "stop b#1\ndown b#1 shutdown\nbefore_restart b#1 shutdown\n"
               "before_start a#2 none\nafter_start a#2 none\nstart a#2\n"
               "after_restart b#2 shutdown\nstart b#2\nstart c#2\n");
    rig_stop_quietly(&rig);
}

static void b83_backoff_lies_between_the_two(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;

    (void)state;
    top = top_a(&rig, BST_ONE_FOR_ONE, &all);
    top->restart.backoff = BST_LINEAR;
    top->restart.step = BST_S(3600);
    rig_start(&rig);
    rig_expect(&rig, UP_A);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nbefore_restart a#1 failed\n");
    /* Its end was told, so that the stop has nothing to add. */
    rig_stop(&rig, "down top#1 shutdown\n");
}

static void b83_giving_up_is_a_stop(void **state)
{
    struct rig rig;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, &all)->restart.tries = 0;
    rig_start(&rig);
    rig_expect(&rig, UP_A);
    rig_do(&rig, "a", rig_crash, NULL);
    rig_end(&rig, 3,
            "down a#1 crashed\nafter_stop a#1 failed\ndown top#1 shutdown\n");
}

static void b83_declined_starts_end_too(void **state)
{
    struct rig rig;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, &all);
    rig_part(&rig, "a")->declines = true;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nbefore_start a#1 none\nignore a#1\n"
                     "after_stop a#1 declined\n");
    rig_stop(&rig, "down top#1 shutdown\n");
}

static void b83_killed_ones_are_told_of(void **state)
{
    struct rig rig;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, &all);
    rig_start(&rig);
    rig_expect(&rig, UP_A);
    rig_kill(&rig, "a");
    rig_expect(&rig, "down a#1 killed\nbefore_restart a#1 killed\n"
                     "after_restart a#2 killed\nstart a#2\n");
    rig_stop(&rig, DOWN_A("2"));
}

/* ---- supervisors --------------------------------------------------------- */

/* A root with callbacks, and one below it with some of its own. */
static struct bst_supervisor *two_sups(struct rig *rig)
{
    struct bst_supervisor *top;
    struct bst_supervisor *inner;

    bad.name = NULL;
    rig_init(rig);
    top = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 3, BST_S(60));
    inner = rig_sup(rig, top, "inner", BST_ONE_FOR_ONE, 0, BST_S(60));
    rig_child(rig, inner, "a");
    top->callbacks = &all;
    inner->callbacks = &all;
    return inner;
}

static void b83_supervisors_are_called_for_themselves(void **state)
{
    struct rig rig;

    (void)state;
    two_sups(&rig);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nbefore_start top#1 none\n"
                     "start inner#1 (sup)\nbefore_start inner#1 none\n"
                     "start a#1\nafter_start inner#1 none\n"
                     "after_start top#1 none\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\ndown inner#1 shutdown\n"
                     "before_restart inner#1 shutdown\n"
                     "start inner#2 (sup)\nafter_restart inner#2 shutdown\n"
                     "start a#2\n");
    rig_stop(&rig, "stop a#2\ndown a#2 shutdown\ndown inner#2 shutdown\n"
                   "after_stop inner#2 shutdown\ndown top#1 shutdown\n"
                   "after_stop top#1 shutdown\n");
}

static void b87_supervisor_whose_start_is_refused(void **state)
{
    static const char *const names[] = {"before_start", "after_start"};

    (void)state;
    for (int i = 0; i < 4; i++) {
        struct rig rig;

        two_sups(&rig)->callbacks = NULL;
        bad.name = names[i % 2];
        bad.status = i < 2 ? BST_OK : BST_FULL;
        bad.times = 1;
        assert_int_equal(rig_try_start(&rig), BST_FAILED);
        if (i % 2 == 0)
            rig_expect(&rig, "start top#1 (sup)\nbefore_start top#1 none\n");
        else
            rig_expect(&rig,
                       "start top#1 (sup)\nbefore_start top#1 none\n"
                       "start inner#1 (sup)\nstart a#1\n"
                       "after_start top#1 none\n"
                       "stop a#1\ndown a#1 shutdown\ndown inner#1 shutdown\n");
        rig_expect(&rig, "down top#1 startfail\nafter_stop top#1 startfail\n");
        rig_free(&rig);
    }
}

static void b87_restart_of_a_supervisor_fails_twice(void **state)
{
    struct rig rig;

    (void)state;
    two_sups(&rig);
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nbefore_start top#1 none\n"
                     "start inner#1 (sup)\nbefore_start inner#1 none\n"
                     "start a#1\nafter_start inner#1 none\n"
                     "after_start top#1 none\n");
    bad.name = "after_restart";
    bad.status = BST_OK;
    bad.times = 2;
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\ndown inner#1 shutdown\n"
                     "before_restart inner#1 shutdown\n"
                     "start inner#2 (sup)\nafter_restart inner#2 shutdown\n"
                     "down inner#2 startfail\n"
                     "before_restart inner#2 startfail\n"
                     "start inner#3 (sup)\nafter_restart inner#3 startfail\n"
                     "down inner#3 startfail\n"
                     "before_restart inner#3 startfail\n"
                     "start inner#4 (sup)\nafter_restart inner#4 startfail\n"
                     "start a#2\n");
    rig_stop_quietly(&rig);
}

/* ---- failures of callbacks ----------------------------------------------- */

/* At the start of the program they are failing starts. */
static void b87_start_callbacks_fail_the_start(void **state)
{
    static const char *const names[] = {"before_start", "after_start"};

    (void)state;
    for (int i = 0; i < 4; i++) {
        struct rig rig;

        top_a(&rig, BST_ONE_FOR_ONE, &all);
        bad.name = names[i % 2];
        bad.status = i < 2 ? BST_OK : BST_FULL;
        bad.times = 1;
        assert_int_equal(rig_try_start(&rig), BST_FAILED);
        rig_expect(&rig, "start top#1 (sup)\nbefore_start a#1 none\n");
        if (i % 2 == 1)
            rig_expect(&rig, "after_start a#1 none\n");
        rig_expect(&rig, "startfail a#1\nafter_stop a#1 startfail\n"
                         "down top#1 startfail\n");
        rig_free(&rig);
    }
}

/* As those of the restart, which counts them and goes on. */
static void b87_fault_in_before_restart_then_in_the_start(void **state)
{
    struct rig rig;
    uint64_t value = 7;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, &all);
    rig_start(&rig);
    rig_expect(&rig, UP_A);
    bad.name = "before_restart";
    bad.status = BST_OK;
    bad.times = 1;
    rig_part(&rig, "a")->bad_starts = 1;
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect(&rig, "down a#1 crashed\nbefore_restart a#1 failed\n"
                     "after_restart a#2 failed\nstartfail a#2\n"
                     "before_restart a#2 startfail\n"
                     "after_restart a#3 startfail\nstart a#3\n");
    assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, &value), BST_OK);
    assert_int_equal(value, 0);
    rig_stop(&rig, DOWN_A("3"));
}

static void b87_faults_in_after_restart_exceed_the_budget(void **state)
{
    struct rig rig;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, &all)->restart.tries = 2;
    rig_start(&rig);
    rig_expect(&rig, UP_A);
    bad.name = "after_restart";
    bad.status = BST_OK;
    bad.times = 9;
    rig_do(&rig, "a", rig_crash, NULL);
    rig_end(&rig, 3,
            "down a#1 crashed\nbefore_restart a#1 failed\n"
            "after_restart a#2 failed\nstartfail a#2\n"
            "before_restart a#2 startfail\nafter_restart a#3 startfail\n"
            "startfail a#3\nafter_stop a#3 startfail\ndown top#1 shutdown\n");
}

static void b88_fault_in_after_stop_stops_nobody_else(void **state)
{
    struct rig rig;
    struct bst_supervisor *top;

    (void)state;
    for (int i = 0; i < 2; i++) {
        top = top_a(&rig, BST_ONE_FOR_ONE, &all);
        rig_child(&rig, top, "b")->group.callbacks = &few;
        rig_start(&rig);
        rig_expect(&rig, UP_A "before_start b#1 none\nstart b#1\n");
        bad.name = "after_stop";
        bad.status = i == 0 ? BST_OK : BST_DEAD;
        bad.times = 2;
        rig_stop(&rig,
                 "stop b#1\ndown b#1 shutdown\nafter_stop b#1 shutdown\n" //
                 DOWN_A("1"));
    }
}

static bst_status abort_at_stop(const struct bst_event *event)
{
    (void)note(event, "after_stop");
    abort();
}

static void b88_abort_in_after_stop_of_the_root(void **state)
{
    static const struct bst_callbacks aborting = {.after_stop = abort_at_stop};
    struct rig rig;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, NULL)->callbacks = &aborting;
    rig_start(&rig);
    rig_expect(&rig, "start top#1 (sup)\nstart a#1\n");
    rig_stop(&rig, "stop a#1\ndown a#1 shutdown\ndown top#1 shutdown\n"
                   "after_stop top#1 shutdown\n");
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
    top_a(&rig, BST_ONE_FOR_ONE, &looking);
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
    top_a(&rig, BST_ONE_FOR_ONE, &looking);
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
    static const struct bst_callbacks both = {.before_start = before_start,
                                              .after_stop = look};
    struct rig rig;

    (void)state;
    top_a(&rig, BST_ONE_FOR_ONE, &both);
    bad.name = "before_start";
    bad.status = BST_OK;
    bad.times = 1;
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
    top_a(&rig, BST_ONE_FOR_ONE, &looking);
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
    kids->group.callbacks = &few;
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

    bad.name = NULL;
    kids->group.redundancy = 0;
    kids->group.max = 4;
    kids->group.lifetime = lifetime;
    kids->group.callbacks = &all;
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
    bad.name = "before_start";
    bad.times = 1;
    bad.status = BST_OK;
    assert_int_equal(spawn(&rig, &ref), BST_FAILED);
    rig_expect(&rig, "before_start kid#1 none\nafter_stop kid#1 startfail\n");
    bad.name = "after_stop";
    bad.times = 1;
    rig_part(&rig, "kids")->bad_starts = 1;
    assert_int_equal(spawn(&rig, &ref), BST_FAILED);
    rig_expect(&rig, "before_start kid#1 none\nafter_stop kid#1 startfail\n");
    bad.name = "after_start";
    bad.status = BST_STOP;
    bad.times = 1;
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

UNIT_MAIN(RIG_BOTH_WAYS(b83_every_callback_runs_once),
          cmocka_unit_test(b83_members_are_called_each),
          cmocka_unit_test(b83_backoff_lies_between_the_two),
          cmocka_unit_test(b83_giving_up_is_a_stop),
          cmocka_unit_test(b83_declined_starts_end_too),
          cmocka_unit_test(b83_killed_ones_are_told_of),
          cmocka_unit_test(b83_supervisors_are_called_for_themselves),
          cmocka_unit_test(b83_callbacks_cannot_wait),
          cmocka_unit_test(b83_supervisor_does_not_join),
          cmocka_unit_test(b83_members_of_a_dynamic_group),
          cmocka_unit_test(b84_callbacks_that_are_not_set_fall_back),
          cmocka_unit_test(b85_never_restarted_is_never_told_so),
          cmocka_unit_test(b86_group_restart_of_one_that_had_stopped),
          cmocka_unit_test(b86_group_restart_with_a_dynamic_group),
          cmocka_unit_test(b87_start_callbacks_fail_the_start),
          cmocka_unit_test(b87_supervisor_whose_start_is_refused),
          cmocka_unit_test(b87_restart_of_a_supervisor_fails_twice),
          cmocka_unit_test(b87_fault_in_before_restart_then_in_the_start),
          cmocka_unit_test(b87_faults_in_after_restart_exceed_the_budget),
          cmocka_unit_test(b87_spawn_that_a_callback_refuses),
          cmocka_unit_test(b88_fault_in_after_stop_stops_nobody_else),
          cmocka_unit_test(b88_abort_in_after_stop_of_the_root),
          cmocka_unit_test(b89_failing_message_is_shown),
          cmocka_unit_test(b89_failing_start_is_shown),
          cmocka_unit_test(b89_failing_callback_is_shown),
          cmocka_unit_test(b89_kill_between_messages_shows_none))
