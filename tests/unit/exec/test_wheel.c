/*
 * exec/wheel: single rules, and random operations against a naive model that
 * keeps all timers in an array.
 */

#include "exec/wheel.h"

#include "base/rand.h"

#include "unit/unit.h"

#define TIMERS 200

struct fired {
    size_t order[4000]; /* numbers of the timers fired, in order */
    size_t count;
};

static struct bsti_wheel wheel;
static struct bsti_timer timers[TIMERS];
static struct fired fired;

static void note(struct bsti_timer *timer, void *arg)
{
    struct fired *log = arg;

    assert_false(bsti_timer_is_armed(timer));
    assert_true(log->count < sizeof(log->order) / sizeof(log->order[0]));
    log->order[log->count++] = (size_t)(timer - timers);
}

static int setup(void **state)
{
    (void)state;
    bsti_wheel_init(&wheel, 0);
    for (size_t i = 0; i < TIMERS; i++) {
        bsti_timer_init(&timers[i]);
    }
    fired.count = 0;
    return 0;
}

/* Expires and checks how many were fired. */
static void expire(bst_time now, uint64_t expected)
{
    size_t before = fired.count;

    assert_int_equal(bsti_wheel_expire(&wheel, now, note, &fired), expected);
    assert_int_equal(fired.count - before, expected);
    assert_true(bsti_wheel_is_valid(&wheel));
}

static void expire_empty_fires_nothing(void **state)
{
    (void)state;
    assert_true(bsti_wheel_next_due(&wheel) == BST_INFINITE);
    expire(BST_S(1000), 0);
    assert_true(bsti_wheel_next_due(&wheel) == BST_INFINITE);
}

static void b126_expire_is_exact_to_the_nanosecond(void **state)
{
    bst_time dues[] = {1,         BST_MS(1), 262143,        262144,
                       262145,    BST_S(1),  BST_S(100000), BST_MS(16) + 777216,
                       1073741824};

    for (size_t i = 0; i < sizeof(dues) / sizeof(dues[0]); i++) {
        setup(state);
        bsti_wheel_arm(&wheel, &timers[0], dues[i]);
        assert_true(bsti_timer_is_armed(&timers[0]));
        assert_true(bsti_wheel_next_due(&wheel) == dues[i]);
        expire(dues[i] - 1, 0);
        assert_true(bsti_wheel_next_due(&wheel) <= dues[i]);
        expire(dues[i], 1);
        assert_int_equal(bsti_wheel_count(&wheel), 0);
    }
}

static void b126_expire_over_a_jump_fires_in_due_order(void **state)
{
    static const bst_time span[] = {BST_US(300), BST_MS(20), BST_S(3),
                                    BST_S(4000), BST_S(100000000)};
    uint64_t rand = 9;

    for (size_t s = 0; s < sizeof(span) / sizeof(span[0]); s++) {
        setup(state);
        for (size_t i = 0; i < TIMERS; i++) {
            bsti_wheel_arm(&wheel, &timers[i],
                           (bst_time)bsti_rand_below(&rand, (uint64_t)span[s]));
        }
        expire(span[s], TIMERS);
        for (size_t i = 1; i < TIMERS; i++) {
            assert_true(timers[fired.order[i - 1]].due <=
                        timers[fired.order[i]].due);
        }
    }
}

static void expire_equal_dues_fire_in_arming_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < TIMERS; i++) {
        bsti_wheel_arm(&wheel, &timers[(i * 7) % TIMERS], BST_S(5));
    }
    expire(BST_S(5), TIMERS);
    for (size_t i = 0; i < TIMERS; i++) {
        assert_int_equal(fired.order[i], (i * 7) % TIMERS);
    }
}

static void cancel_timer_does_not_fire(void **state)
{
    (void)state;
    bsti_wheel_arm(&wheel, &timers[0], BST_S(1));
    bsti_wheel_arm(&wheel, &timers[1], BST_S(2));
    bsti_wheel_cancel(&wheel, &timers[0]);
    bsti_wheel_cancel(&wheel, &timers[0]);
    bsti_wheel_cancel(&wheel, &timers[5]);
    assert_false(bsti_timer_is_armed(&timers[0]));
    assert_int_equal(bsti_wheel_count(&wheel), 1);
    expire(BST_S(10), 1);
    assert_int_equal(fired.order[0], 1);
}

static void arm_again_moves_the_timer(void **state)
{
    (void)state;
    bsti_wheel_arm(&wheel, &timers[0], BST_S(1));
    bsti_wheel_arm(&wheel, &timers[0], BST_S(3));
    assert_int_equal(bsti_wheel_count(&wheel), 1);
    expire(BST_S(2), 0);
    bsti_wheel_arm(&wheel, &timers[0], BST_MS(2500));
    expire(BST_MS(2500), 1);
}

static void arm_in_the_past_fires_at_the_next_expire(void **state)
{
    (void)state;
    expire(BST_S(100), 0);
    bsti_wheel_arm(&wheel, &timers[0], BST_S(50));
    bsti_wheel_arm(&wheel, &timers[1], -5);
    bsti_wheel_arm(&wheel, &timers[2], BST_S(100));
    assert_true(bsti_wheel_next_due(&wheel) <= 0);
    expire(BST_S(100), 3);
    assert_int_equal(fired.order[0], 1);
    assert_int_equal(fired.order[1], 0);
    assert_int_equal(fired.order[2], 2);
}

static void b127_arm_centuries_ahead_works(void **state)
{
    bst_time far = BST_INFINITE - 1;

    (void)state;
    bsti_wheel_arm(&wheel, &timers[0], far);
    bsti_wheel_arm(&wheel, &timers[1], BST_INFINITE);
    bsti_wheel_arm(&wheel, &timers[2], BST_S(86400) * 36500);
    assert_true(bsti_wheel_next_due(&wheel) == BST_S(86400) * 36500);
    expire(BST_S(86400) * 36500 - 1, 0);
    expire(BST_S(86400) * 36500, 1);
    expire(far - 1, 0);
    expire(far, 1);
    expire(BST_INFINITE, 1);
}

/* Walking in steps must end in the same as one jump. */
static void expire_in_small_steps_fires_each_in_its_step(void **state)
{
    uint64_t rand = 4;
    bst_time now = 0;

    (void)state;
    for (size_t i = 0; i < TIMERS; i++) {
        bsti_wheel_arm(&wheel, &timers[i],
                       (bst_time)bsti_rand_below(&rand, BST_MS(300)));
    }
    while (now < BST_MS(300)) {
        size_t before = fired.count;
        bst_time then = now;

        now += (bst_time)bsti_rand_below(&rand, BST_US(700));
        (void)bsti_wheel_expire(&wheel, now, note, &fired);
        for (size_t i = before; i < fired.count; i++) {
            assert_true(timers[fired.order[i]].due <= now);
            assert_true(timers[fired.order[i]].due > then || then == 0);
        }
        assert_true(bsti_wheel_next_due(&wheel) > now);
        assert_true(bsti_wheel_is_valid(&wheel));
    }
    assert_int_equal(fired.count, TIMERS);
}

/* Sleeping until next_due and looking again reaches every timer in time. */
static void next_due_is_never_late(void **state)
{
    uint64_t rand = 8;
    bst_time now = 0;
    size_t looks = 0;

    (void)state;
    for (size_t i = 0; i < TIMERS; i++) {
        bsti_wheel_arm(&wheel, &timers[i],
                       (bst_time)(bsti_rand_next(&rand) >> 1 >>
                                  bsti_rand_below(&rand, 60)));
    }
    while (bsti_wheel_count(&wheel) > 0) {
        size_t before = fired.count;

        assert_true(bsti_wheel_next_due(&wheel) > now || now == 0);
        now = bsti_wheel_next_due(&wheel);
        (void)bsti_wheel_expire(&wheel, now, note, &fired);
        for (size_t i = before; i < fired.count; i++) {
            assert_true(timers[fired.order[i]].due == now);
        }
        looks++;
    }
    /* Nothing was cancelled, so that every look found something. */
    assert_true(looks <= TIMERS);
}

static void count_callback(struct bsti_timer *timer, void *arg)
{
    uint64_t *left = arg;

    note(timer, &fired);
    if (--*left > 0) {
        bsti_wheel_arm(&wheel, timer, timer->due + BST_MS(1));
    }
}

static void callback_rearming_later_fires_in_the_same_expire(void **state)
{
    uint64_t left = 10;

    (void)state;
    bsti_wheel_arm(&wheel, &timers[0], BST_MS(1));
    bsti_wheel_arm(&wheel, &timers[1], BST_US(5500));
    left++;
    assert_int_equal(
        bsti_wheel_expire(&wheel, BST_MS(4), count_callback, &left), 4);
    assert_int_equal(bsti_wheel_expire(&wheel, BST_MS(8), note, &fired), 2);
    assert_int_equal(fired.order[4], 0);
    assert_int_equal(fired.order[5], 1);
}

static void rearm_for_now(struct bsti_timer *timer, void *arg)
{
    note(timer, arg);
    bsti_wheel_arm(&wheel, timer, timer->due);
}

static void callback_rearming_for_its_own_time_waits(void **state)
{
    (void)state;
    bsti_wheel_arm(&wheel, &timers[0], BST_MS(1));
    for (size_t i = 1; i <= 5; i++) {
        assert_int_equal(
            bsti_wheel_expire(&wheel, BST_MS(3), rearm_for_now, &fired), 1);
        assert_int_equal(fired.count, i);
        assert_true(bsti_wheel_next_due(&wheel) == BST_MS(1));
    }
}

static void cancel_the_others(struct bsti_timer *timer, void *arg)
{
    note(timer, arg);
    for (size_t i = 0; i < 10; i++) {
        bsti_wheel_cancel(&wheel, &timers[i]);
    }
}

static void callback_cancelling_others_stops_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < 12; i++) {
        bsti_wheel_arm(&wheel, &timers[i], BST_MS(1) + (bst_time)i);
    }
    assert_int_equal(
        bsti_wheel_expire(&wheel, BST_MS(2), cancel_the_others, &fired), 3);
    assert_int_equal(fired.order[0], 0);
    assert_int_equal(fired.order[1], 10);
    assert_int_equal(fired.order[2], 11);
    assert_int_equal(bsti_wheel_count(&wheel), 0);
}

/* ---- against the model --------------------------------------------------- */

struct model {
    bool armed[TIMERS];
    bst_time due[TIMERS];
    uint64_t order[TIMERS];
    uint64_t next_order;
    bst_time now;
    bst_time firing; /* what the wheel's callback just fired */
    uint64_t rand;
    uint64_t fired;
    bool chaos; /* callbacks arm and cancel */
};

static void model_arm(struct model *m, size_t i, bst_time due)
{
    m->armed[i] = true;
    m->due[i] = due;
    m->order[i] = m->next_order++;
    bsti_wheel_arm(&wheel, &timers[i], due);
}

static void model_cancel(struct model *m, size_t i)
{
    m->armed[i] = false;
    bsti_wheel_cancel(&wheel, &timers[i]);
}

/* The armed timer that is next by the rules; TIMERS: none. */
static size_t model_next(const struct model *m)
{
    size_t best = TIMERS;

    for (size_t i = 0; i < TIMERS; i++) {
        if (m->armed[i] &&
            (best == TIMERS || m->due[i] < m->due[best] ||
             (m->due[i] == m->due[best] && m->order[i] < m->order[best]))) {
            best = i;
        }
    }
    return best;
}

static bst_time random_due(struct model *m)
{
    switch (bsti_rand_below(&m->rand, 8)) {
    case 0:
        return m->now - (bst_time)bsti_rand_below(&m->rand, BST_MS(3));
    case 1:
        return m->now;
    case 2:
    case 3:
        return m->now + (bst_time)bsti_rand_below(&m->rand, BST_US(200));
    case 4:
        return m->now + (bst_time)bsti_rand_below(&m->rand, BST_MS(20));
    case 5:
        return m->now + (bst_time)bsti_rand_below(&m->rand, BST_S(2));
    default:
        return m->now + (bst_time)(bsti_rand_next(&m->rand) >> 8 >>
                                   bsti_rand_below(&m->rand, 40));
    }
}

static void model_fire(struct bsti_timer *timer, void *arg)
{
    struct model *m = arg;
    size_t i = (size_t)(timer - timers);

    assert_int_equal(model_next(m), i);
    assert_true(timer->due == m->due[i] && timer->due <= m->now);
    assert_false(bsti_timer_is_armed(timer));
    m->armed[i] = false;
    m->firing = timer->due;
    m->fired++;
    if (m->chaos && bsti_rand_below(&m->rand, 2) == 0) {
        size_t other = (size_t)bsti_rand_below(&m->rand, TIMERS);
        bst_time later =
            timer->due + 1 +
            (bst_time)bsti_rand_below(&m->rand, BST_MS(1) + BST_US(100));

        /* Only later dues: what waits for the next call is tested above. */
        if (bsti_rand_below(&m->rand, 3) == 0) {
            model_cancel(m, other);
        } else {
            model_arm(m, other, later);
        }
    }
}

static void run_model(uint64_t seed, bool chaos)
{
    static struct model m;

    memset(&m, 0, sizeof(m));
    m.rand = seed;
    m.chaos = chaos;
    m.now = (bst_time)bsti_rand_below(&m.rand, BST_S(100));
    bsti_wheel_init(&wheel, m.now);
    for (int round = 0; round < 4000; round++) {
        size_t i = (size_t)bsti_rand_below(&m.rand, TIMERS);
        size_t next;
        uint64_t count;

        switch (bsti_rand_below(&m.rand, 6)) {
        case 0:
            model_cancel(&m, i);
            break;
        case 1:
            m.now += (bst_time)(bsti_rand_next(&m.rand) >> 24 >>
                                bsti_rand_below(&m.rand, 40));
            m.fired = 0;
            count = bsti_wheel_expire(&wheel, m.now, model_fire, &m);
            assert_int_equal(count, m.fired);
            next = model_next(&m);
            assert_true(next == TIMERS || m.due[next] > m.now);
            break;
        default:
            model_arm(&m, i, random_due(&m));
            break;
        }
        next = model_next(&m);
        if (next == TIMERS) {
            assert_true(bsti_wheel_next_due(&wheel) == BST_INFINITE);
        } else {
            assert_true(bsti_wheel_next_due(&wheel) <= m.due[next]);
        }
        assert_int_equal(bsti_timer_is_armed(&timers[i]), m.armed[i]);
        if (round % 16 == 0) {
            assert_true(bsti_wheel_is_valid(&wheel));
        }
    }
}

static void b126_random_operations_match_the_model(void **state)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        setup(state);
        run_model(seed, false);
    }
}

static void random_callbacks_match_the_model(void **state)
{
    for (uint64_t seed = 100; seed <= 120; seed++) {
        setup(state);
        run_model(seed, true);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

UNIT_MAIN(TEST(expire_empty_fires_nothing),
          TEST(b126_expire_is_exact_to_the_nanosecond),
          TEST(b126_expire_over_a_jump_fires_in_due_order),
          TEST(expire_equal_dues_fire_in_arming_order),
          TEST(cancel_timer_does_not_fire), TEST(arm_again_moves_the_timer),
          TEST(arm_in_the_past_fires_at_the_next_expire),
          TEST(b127_arm_centuries_ahead_works),
          TEST(expire_in_small_steps_fires_each_in_its_step),
          TEST(next_due_is_never_late),
          TEST(callback_rearming_later_fires_in_the_same_expire),
          TEST(callback_rearming_for_its_own_time_waits),
          TEST(callback_cancelling_others_stops_them),
          TEST(b126_random_operations_match_the_model),
          TEST(random_callbacks_match_the_model))
