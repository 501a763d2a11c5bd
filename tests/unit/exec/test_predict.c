/*
 * exec/predict: single rules on samples made by hand, and whole loads on a
 * model of the pool with virtual time.
 */

#include "exec/predict.h"

#include "base/rand.h"

#include "unit/unit.h"

#define MIN 2u
#define MAX 512u
#define WINDOW BST_MS(100)

static struct bsti_predict predict;

static int setup(void **state)
{
    (void)state;
    bsti_predict_init(&predict, MIN, MAX, WINDOW);
    return 0;
}

static struct bsti_predict_advice step(uint64_t submitted, uint64_t finished,
                                       uint64_t queued, uint32_t threads,
                                       uint32_t idle)
{
    struct bsti_predict_sample sample = {
        WINDOW, submitted, finished, queued, threads, idle,
    };

    return bsti_predict_step(&predict, &sample);
}

static void expect(struct bsti_predict_advice advice, uint32_t add,
                   uint32_t retire)
{
    assert_int_equal(advice.add, add);
    assert_int_equal(advice.retire, retire);
}

/* ---- the average --------------------------------------------------------- */

static void average_newest_sample_weighs_most(void **state)
{
    uint64_t before = UINT64_MAX;

    (void)state;
    (void)step(1000, 1000, 0, MIN, MIN);
    for (uint32_t i = 0; i < BSTI_PREDICT_SAMPLES; i++) {
        uint64_t average = bsti_predict_average(&predict);

        assert_true(average > 0);
        assert_true(average < before);
        before = average;
        (void)step(0, 0, 0, MIN, MIN);
    }
    assert_true(bsti_predict_average(&predict) == 0);
}

static void average_of_a_steady_load_is_the_load(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < BSTI_PREDICT_SAMPLES; i++) {
        assert_true(bsti_predict_average(&predict) < 7 * 256);
        (void)step(7, 7, 0, MIN, 0);
    }
    assert_true(bsti_predict_average(&predict) == 7 * 256);
}

static void average_counts_one_task_in_a_window(void **state)
{
    (void)state;
    (void)step(1, 1, 0, MIN, 1);
    assert_true(bsti_predict_average(&predict) > 0);
}

static void average_late_window_is_scaled(void **state)
{
    struct bsti_predict_sample late = {3 * WINDOW, 300, 300, 0, MIN, 0};
    uint64_t average;

    (void)state;
    (void)step(100, 100, 0, MIN, 0);
    average = bsti_predict_average(&predict);
    bsti_predict_init(&predict, MIN, MAX, WINDOW);
    (void)bsti_predict_step(&predict, &late);
    assert_true(bsti_predict_average(&predict) == average);
}

/* ---- growth -------------------------------------------------------------- */

static void fewer_than_min_are_filled_up(void **state)
{
    (void)state;
    expect(step(1, 1, 0, 1, 1), 1, 0);
    expect(step(0, 0, 0, 2, 2), 0, 0);
}

static void rising_load_adds_before_it_waits(void **state)
{
    struct bsti_predict_advice advice;

    (void)state;
    for (uint64_t tasks = 100; tasks < 1000; tasks += 100) {
        advice = step(tasks, tasks, 0, 50, 0);
        assert_true(advice.add > 0);
        assert_true(advice.add <= 50);
    }
}

static void rising_load_with_spares_adds_nothing(void **state)
{
    (void)state;
    (void)step(10, 10, 0, 50, 0);
    for (uint64_t tasks = 100; tasks < 1000; tasks += 100) {
        expect(step(tasks, tasks, 0, 50, 25), 0, 0);
    }
}

static void steady_and_falling_loads_add_nothing(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < BSTI_PREDICT_SAMPLES; i++) {
        (void)step(100, 100, 0, 50, 0);
    }
    for (uint32_t i = 0; i < BSTI_PREDICT_SAMPLES; i++) {
        expect(step(100, 100, 0, 50, 0), 0, 0);
    }
    for (uint64_t tasks = 99; tasks > 80; tasks--) {
        expect(step(tasks, tasks, 0, 50, 0), 0, 0);
    }
}

static void stall_adds_up_to_what_waits(void **state)
{
    (void)state;
    expect(step(0, 0, 1, 2, 0), 1, 0);
    expect(step(0, 0, 9, 3, 0), 2, 0);
    expect(step(0, 0, 9999, 100, 0), 25, 0);
    expect(step(0, 0, 9999, MAX - 1, 0), 1, 0);
    expect(step(0, 0, 9999, MAX, 0), 0, 0);
}

static void better_throughput_is_no_stall(void **state)
{
    (void)state;
    for (uint64_t finished = 1; finished < 20; finished++) {
        expect(step(0, finished, 100, 10, 0), 0, 0);
    }
    expect(step(0, 19, 100, 10, 0), 2, 0);
}

static void somebody_idle_is_no_stall(void **state)
{
    (void)state;
    (void)step(10, 10, 0, 10, 0);
    expect(step(0, 0, 100, 10, 1), 0, 0);
    expect(step(0, 0, 100, 10, 0), 2, 0);
}

/* Long jobs finish nothing for a long time, but nothing waits either. */
static void no_progress_without_a_queue_is_no_stall(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        expect(step(0, 0, 0, 10, 0), 0, 0);
    }
}

/* ---- decay --------------------------------------------------------------- */

static void decay_waits_for_ten_idle_windows(void **state)
{
    (void)state;
    (void)step(100, 100, 0, 100, 0);
    for (uint32_t i = 0; i + 1 < BSTI_PREDICT_SAMPLES; i++) {
        expect(step(0, 0, 0, 100, 100), 0, 0);
    }
    expect(step(0, 0, 0, 100, 100), 0, 49);
}

static void decay_halves_down_to_min(void **state)
{
    uint32_t threads = MAX;
    int steps = 0;

    (void)state;
    (void)step(1, 1, 0, threads, 0);
    for (uint32_t i = 0; i + 1 < BSTI_PREDICT_SAMPLES; i++) {
        expect(step(0, 0, 0, threads, threads), 0, 0);
    }
    while (threads > MIN) {
        struct bsti_predict_advice advice = step(0, 0, 0, threads, threads);

        assert_int_equal(advice.retire, (threads - MIN + 1) / 2);
        threads -= advice.retire;
        assert_true(++steps <= 10);
    }
    for (uint32_t i = 0; i < 2 * BSTI_PREDICT_SAMPLES; i++) {
        expect(step(0, 0, 0, threads, threads), 0, 0);
    }
}

static void decay_spares_what_was_busy_once(void **state)
{
    uint32_t threads = 100;

    (void)state;
    for (uint32_t i = 0; i < 100; i++) {
        uint32_t busy = i % BSTI_PREDICT_SAMPLES == 0 ? 40 : 5;

        threads -= step(busy, busy, 0, threads, threads - busy).retire;
        assert_true(threads >= 40);
    }
    assert_true(threads <= 50);
}

/* ---- bounds -------------------------------------------------------------- */

static uint64_t wild(uint64_t *rand)
{
    return bsti_rand_next(rand) >> bsti_rand_below(rand, 64);
}

static void any_sample_stays_within_bounds(void **state)
{
    uint64_t rand = 20;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        struct bsti_predict_sample sample = {
            .elapsed = (bst_time)(wild(&rand) >> 1),
            .submitted = wild(&rand),
            .finished = wild(&rand),
            .queued = wild(&rand),
            .threads = (uint32_t)bsti_rand_below(&rand, MAX + 1),
            .idle = (uint32_t)wild(&rand),
        };
        struct bsti_predict_advice advice =
            bsti_predict_step(&predict, &sample);

        assert_true(advice.add == 0 || advice.retire == 0);
        assert_true(sample.threads + advice.add <= MAX);
        assert_true(sample.threads + advice.add >= MIN);
        assert_true(advice.retire == 0 ||
                    sample.threads - advice.retire >= MIN);
        assert_true(advice.retire <= sample.idle);
    }
}

/* ---- loads on a model of the pool ---------------------------------------- */

/* The pool in steps of 1 ms: a task that waits gets a thread within one. */
struct model {
    uint32_t threads;
    uint32_t created;
    uint32_t peak;
    uint32_t busy_peak; /* in this window */
    uint64_t now;       /* ms */
    uint64_t queued;
    uint64_t submitted;  /* in this window */
    uint64_t finished;   /* in this window */
    uint64_t until[MAX]; /* when each busy thread is free; 0: idle */
};

static struct model model;

static int setup_model(void **state)
{
    memset(&model, 0, sizeof(model));
    return setup(state);
}

static void model_start(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        model.until[model.threads++] = 0;
    }
    model.created += count;
    model.peak = BSTI_MAX(model.peak, model.threads);
}

static void model_retire(uint32_t count)
{
    for (uint32_t i = 0; i < model.threads && count > 0;) {
        if (model.until[i] == 0) {
            model.until[i] = model.until[--model.threads];
            count--;
        } else {
            i++;
        }
    }
    assert_int_equal(count, 0);
}

static void model_serve(uint64_t length)
{
    uint32_t busy = 0;

    for (uint32_t i = 0; i < model.threads; i++) {
        if (model.until[i] != 0 && model.until[i] <= model.now) {
            model.until[i] = 0;
            model.finished++;
        }
        if (model.until[i] == 0 && model.queued > 0) {
            model.queued--;
            model.until[i] = model.now + length;
        }
        busy += model.until[i] != 0;
    }
    model.busy_peak = BSTI_MAX(model.busy_peak, busy);
}

static void model_window(void)
{
    struct bsti_predict_advice advice =
        step(model.submitted, model.finished, model.queued, model.threads,
             model.threads - model.busy_peak);

    model.busy_peak = 0;
    model.submitted = 0;
    model.finished = 0;
    model_start(advice.add);
    model_retire(advice.retire);
}

/* Lets `tasks` of `length` ms come in every `every` ms, for `ms`. */
static void model_run(uint64_t ms, uint64_t every, uint64_t tasks,
                      uint64_t length)
{
    for (uint64_t end = model.now + ms; model.now < end;) {
        if (model.now % every == 0) {
            model.queued += tasks;
            model.submitted += tasks;
        }
        model_serve(length);
        while (model.queued > 0 && model.threads < MAX) {
            model_start(1);
            model_serve(length);
        }
        model.now++;
        if (model.now % 100 == 0) {
            model_window();
        }
    }
}

static void load_spike_grows_once_and_decays(void **state)
{
    uint32_t created;

    (void)state;
    model_run(100, 1000, 10000, 1);
    assert_int_equal(model.threads, MAX);
    created = model.created;
    model_run(900, 1000, 0, 1);
    assert_int_equal(model.threads, MAX);
    model_run(2000, 1000, 0, 1);
    assert_int_equal(model.threads, MIN);
    model_run(60000, 1000, 0, 1);
    assert_int_equal(model.threads, MIN);
    assert_int_equal(model.created, created);
}

static void load_bursts_keep_their_threads(void **state)
{
    uint32_t created;

    (void)state;
    model_run(2000, 500, 200, 20);
    created = model.created;
    model_run(60000, 500, 200, 20);
    assert_int_equal(model.created, created);
    assert_true(model.threads >= 200);
    assert_true(model.peak <= 300);
}

static void load_trickle_stays_at_min(void **state)
{
    (void)state;
    model_run(60000, 200, 1, 1);
    assert_int_equal(model.threads, MIN);
    assert_int_equal(model.created, MIN);
    model_run(60000, 1000, 1, 150);
    assert_int_equal(model.threads, MIN);
    assert_int_equal(model.created, MIN);
}

static void load_long_hauling_follows_the_load(void **state)
{
    (void)state;
    /* Ten tasks a second for 10 s each: a hundred at once. */
    model_run(60000, 100, 1, 10000);
    assert_true(model.threads >= 100);
    assert_true(model.peak <= 125);
    assert_true(model.created <= 125);
    model_run(20000, 100, 0, 1);
    assert_int_equal(model.threads, MIN);
}

/* Every window brings one task more; most of them find a thread that the
 * prediction has added. */
static void load_rising_finds_threads_ready(void **state)
{
    uint32_t late = 0;

    (void)state;
    for (uint64_t tasks = 1; tasks <= 40; tasks++) {
        uint32_t before = model.created;

        model_run(1, 100, tasks, 90);
        late += model.created > before;
        model_run(99, 100, tasks, 90);
    }
    assert_true(late <= 10);
    assert_true(model.threads >= 40);
    assert_true(model.peak <= 60);
}

UNIT_MAIN(cmocka_unit_test_setup(average_newest_sample_weighs_most, setup),
          cmocka_unit_test_setup(average_of_a_steady_load_is_the_load, setup),
          cmocka_unit_test_setup(average_counts_one_task_in_a_window, setup),
          cmocka_unit_test_setup(average_late_window_is_scaled, setup),
          cmocka_unit_test_setup(fewer_than_min_are_filled_up, setup),
          cmocka_unit_test_setup(rising_load_adds_before_it_waits, setup),
          cmocka_unit_test_setup(rising_load_with_spares_adds_nothing, setup),
          cmocka_unit_test_setup(steady_and_falling_loads_add_nothing, setup),
          cmocka_unit_test_setup(stall_adds_up_to_what_waits, setup),
          cmocka_unit_test_setup(better_throughput_is_no_stall, setup),
          cmocka_unit_test_setup(somebody_idle_is_no_stall, setup),
          cmocka_unit_test_setup(no_progress_without_a_queue_is_no_stall,
                                 setup),
          cmocka_unit_test_setup(decay_waits_for_ten_idle_windows, setup),
          cmocka_unit_test_setup(decay_halves_down_to_min, setup),
          cmocka_unit_test_setup(decay_spares_what_was_busy_once, setup),
          cmocka_unit_test_setup(any_sample_stays_within_bounds, setup),
          cmocka_unit_test_setup(load_spike_grows_once_and_decays, setup_model),
          cmocka_unit_test_setup(load_bursts_keep_their_threads, setup_model),
          cmocka_unit_test_setup(load_trickle_stays_at_min, setup_model),
          cmocka_unit_test_setup(load_long_hauling_follows_the_load,
                                 setup_model),
          cmocka_unit_test_setup(load_rising_finds_threads_ready, setup_model))
