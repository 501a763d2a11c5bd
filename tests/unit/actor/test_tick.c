/*
 * actor/tick: `every` and `idle`.
 *
 * Time is only ever compared in the direction in which a slow machine cannot
 * break a promise: nothing comes too early, and not more than was due.
 */

#include "unit/support/rig.h"

#include "actor/actor.h"
#include "unit/unit.h"

/* A puppet with one timer. */
struct clock {
    struct puppet puppet; /* first: it does what a puppet does */
    bst_time started;     /* before its timer is armed */
    bst_time active;      /* end of the last message that is no tick */
    uint64_t ticks;
};

static struct bst_timer timer; /* set by each test, constant to the runtime */
static struct bst_actor actor;

/* Every tick of this incarnation has its time; an idle one has the last. */
static bool is_early(struct clock *self)
{
    if (timer.type == BST_IDLE)
        return bst_now(self) - self->active < timer.period;
    return bst_now(self) - self->started < (bst_time)self->ticks * timer.period;
}

static bst_status clock_handle(void *state, const struct bst_msg *in,
                               void *answer)
{
    struct clock *self = state;
    bst_status status = BST_OK;

    if (in->kind == BST_KIND_TIMER) {
        self->ticks++;
        rig_note(self->puppet.rig, "tick%s%s", is_early(self) ? " early" : "",
                 in->body || in->size || bst_sender(self).target ? " odd" : "");
        return BST_OK;
    }
    if (in->kind == BST_KIND_START)
        self->started = bst_now(self);
    status = rig_puppet.handle(state, in, answer);
    self->active = bst_now(self);
    return status;
}

static void set_up(struct rig *rig, enum bst_timer_type type, bst_time period)
{
    struct bst_supervisor *top;

    timer = (struct bst_timer){type, period};
    actor = rig_puppet;
    actor.state_size = sizeof(struct clock);
    actor.handle = clock_handle;
    actor.timers = &timer;
    actor.ntimers = 1;
    rig_init(rig);
    top = rig_sup(rig, NULL, "top", BST_ONE_FOR_ONE, 20, BST_S(5));
    rig_child(rig, top, "a")->group.actor = &actor;
}

static void start(struct rig *rig)
{
    rig_start(rig);
    rig_expect(rig, "start top#1 (sup)\nstart a#1\n");
}

/* ---- every --------------------------------------------------------------- */

static void every_comes_again_and_never_early(void **state)
{
    struct rig rig;

    (void)state;
    set_up(&rig, BST_EVERY, BST_MS(2));
    rig_start(&rig);
    rig_expect_unordered(&rig, "start top#1 (sup)\nstart a#1\ntick\n");
    for (int i = 0; i < 20; i++)
        rig_expect(&rig, "tick\n");
    rig_stop_quietly(&rig);
}

/* Sleeps for ten periods and answers with how many ticks were missed. */
static bst_status sleep_long(struct puppet *self, void *arg,
                             struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    bst_sleep(self, 10 * timer.period);
    return BST_OK;
}

static bst_status missing(struct puppet *self, void *arg,
                          struct rig_answer *answer)
{
    const struct clock *clock = (const struct clock *)(void *)self;
    bst_time due = (bst_now(self) - clock->started) / timer.period;

    (void)arg;
    answer->value = (uint64_t)due - clock->ticks;
    return BST_OK;
}

static void every_queues_at_most_one_tick(void **state)
{
    struct rig rig;
    uint64_t value = 0;

    (void)state;
    set_up(&rig, BST_EVERY, BST_MS(2));
    rig_start(&rig);
    rig_do(&rig, "a", sleep_long, NULL);
    assert_int_equal(rig_ask(&rig, "a", missing, NULL, &value), BST_OK);
    assert_true(value >= 8);
    rig_stop_quietly(&rig);
}

/* With one worker nobody else touches the timer while a handler looks. */
static bst_status off_grid(struct puppet *self, void *arg,
                           struct rig_answer *answer)
{
    struct bsti_actor *inside = bsti_actor_of(self);
    const struct bsti_tick *tick =
        (const void *)((char *)inside + inside->group->ticks_offset);

    (void)arg;
    answer->value =
        (uint64_t)((tick->alarm.timer.due - tick->start) % timer.period);
    return BST_OK;
}

static void every_stays_on_its_grid_after_missed_ones(void **state)
{
    struct rig rig;
    uint64_t value = 1;

    (void)state;
    set_up(&rig, BST_EVERY, BST_MS(2));
    rig.options.threads = 1;
    rig_start(&rig);
    for (int i = 0; i < 3; i++) {
        rig_do(&rig, "a", sleep_long, NULL);
        assert_int_equal(rig_ask(&rig, "a", off_grid, NULL, &value), BST_OK);
        assert_int_equal(value, 0);
    }
    rig_stop_quietly(&rig);
}

static bst_status sleep_and_fail(struct puppet *self, void *arg,
                                 struct rig_answer *answer)
{
    (void)arg;
    (void)answer;
    rig_note(self->rig, "fails soon");
    bst_sleep(self, 10 * timer.period);
    return BST_FAIL;
}

/* The tick that is queued when the handler fails is not for the next one. */
static void b125_every_ends_with_the_incarnation(void **state)
{
    struct rig rig;
    struct bst_stats stats;
    const char *end;

    (void)state;
    set_up(&rig, BST_EVERY, BST_MS(2));
    rig_start(&rig);
    rig_do(&rig, "a", sleep_and_fail, NULL);
    assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, NULL), BST_OK);
    rig_settle(&rig, &stats);
    assert_int_equal(stats.dead, 1);
    assert_int_equal(stats.failed, 1);
    bst_system_stop(rig.system);
    assert_int_equal(bst_system_wait(rig.system), 0);
    end = strstr(rig.text, "fails soon\n");
    assert_non_null(end);
    assert_memory_equal(end, "fails soon\ndown a#1 crashed\n", 28);
    assert_null(strstr(rig.text, "early"));
    assert_null(strstr(rig.text, "odd"));
    rig_free(&rig);
}

static void b124_every_is_silent_once_its_child_has_ended(void **state)
{
    struct rig rig;
    struct bst_stats before;
    struct bst_stats after;

    (void)state;
    set_up(&rig, BST_EVERY, BST_MS(1));
    rig_part(&rig, "a")->group.lifetime = BST_TEMPORARY;
    rig_start(&rig);
    rig_do(&rig, "a", rig_normal, NULL);
    while (rig_ask(&rig, "a", rig_get, NULL, NULL) != BST_DEAD)
        rig_pass();
    rig_settle(&rig, &before);
    rig_wait(&rig, BST_MS(10));
    rig_settle(&rig, &after);
    assert_int_equal(before.sent, after.sent);
    rig_stop_quietly(&rig);
}

/* ---- idle ---------------------------------------------------------------- */

static void idle_comes_once_until_the_next_message(void **state)
{
    struct rig rig;
    struct bst_stats before;
    struct bst_stats after;

    (void)state;
    set_up(&rig, BST_IDLE, BST_MS(2));
    rig_start(&rig);
    rig_expect_unordered(&rig, "start top#1 (sup)\nstart a#1\ntick\n");
    rig_settle(&rig, &before);
    rig_wait(&rig, BST_MS(10));
    rig_settle(&rig, &after);
    assert_int_equal(before.sent, after.sent);
    for (int i = 0; i < 3; i++) {
        rig_tell_to_say(&rig, "a", "hello");
        rig_expect(&rig, "hello\ntick\n");
    }
    rig_stop_quietly(&rig);
}

static void idle_is_put_off_by_every_message(void **state)
{
    struct rig rig;
    bst_time until;

    (void)state;
    set_up(&rig, BST_IDLE, BST_S(3600));
    start(&rig);
    /* Its timer is armed anew for each of these, on any worker. */
    until = rig_now(&rig) + BST_MS(20);
    while (rig_now(&rig) < until)
        assert_int_equal(rig_ask(&rig, "a", rig_get, NULL, NULL), BST_OK);
    rig_stop(&rig, "stop a#1\ndown a#1 shutdown\ndown top#1 shutdown\n");
}

/* It falls due while the handler is asleep, and is then no idle time. */
static void idle_is_put_off_by_a_long_handler(void **state)
{
    static bst_time nap = BST_MS(60);
    struct rig rig;
    struct bst_stats stats;

    (void)state;
    set_up(&rig, BST_IDLE, BST_MS(20));
    start(&rig);
    assert_int_equal(rig_ask(&rig, "a", rig_sleep, &nap, NULL), BST_OK);
    rig_expect(&rig, "asleep\ntick\n");
    rig_settle(&rig, &stats);
    assert_int_equal(stats.dead, 0);
    rig_stop(&rig, "stop a#1\ndown a#1 shutdown\ndown top#1 shutdown\n");
}

static void idle_begins_again_with_an_incarnation(void **state)
{
    struct rig rig;

    (void)state;
    set_up(&rig, BST_IDLE, BST_MS(2));
    rig_start(&rig);
    rig_expect_unordered(&rig, "start top#1 (sup)\nstart a#1\ntick\n");
    rig_do(&rig, "a", rig_crash, NULL);
    rig_expect_unordered(&rig, "down a#1 crashed\nstart a#2\ntick\n");
    rig_stop_quietly(&rig);
}

UNIT_MAIN(RIG_TEST(every_comes_again_and_never_early),
          RIG_TEST(every_queues_at_most_one_tick),
          RIG_TEST(every_stays_on_its_grid_after_missed_ones),
          RIG_TEST(b125_every_ends_with_the_incarnation),
          RIG_TEST(b124_every_is_silent_once_its_child_has_ended),
          RIG_TEST(idle_comes_once_until_the_next_message),
          RIG_TEST(idle_is_put_off_by_every_message),
          RIG_TEST(idle_is_put_off_by_a_long_handler),
          RIG_TEST(idle_begins_again_with_an_incarnation))
