/*
 * The predictor of the blocking pool.
 *
 * It follows "A Novel Predictive and Self-Adaptive Dynamic Thread Pool
 * Management" (Lee et al., ISPA 2011): the frequency of tasks is sampled, an
 * exponential moving average smooths it, and the difference of two averages
 * is the trend. Bastion's pool turns the trend into threads directly. Here it
 * is first divided by the frequency, which makes it a relative growth, and
 * multiplied with the threads that were busy: by Little's law twice as many
 * tasks need twice as many threads, however long a task takes. So a trickle
 * creates nothing and the unit of time does not matter.
 */

#include "exec/predict.h"

#include <stddef.h>

#include "base/assert.h"
#include "base/attr.h"

/* The weights of the average are those of the factor 2 / (10 + 1). */
#define WEIGHT_FIRST 65536u
#define WEIGHT_NUMERATOR 9u
#define WEIGHT_DENOMINATOR 11u

#define AVERAGE_UNIT 256u

/* Bounds that keep every product below 64 bits. */
#define TASKS_MAX ((uint64_t)1 << 28)
#define RATE_MAX ((uint64_t)1 << 32)
#define WINDOW_MAX BST_S(60)

/* A stall adds a quarter of the threads there are, but at least this. */
#define STALL_ADD 2u
#define STALL_SHARE 4u

void bsti_predict_init(struct bsti_predict *predict, uint32_t min, uint32_t max,
                       bst_time window)
{
    bsti_assert(min <= max && max > 0);
    bsti_assert(window > 0 && window <= WINDOW_MAX);
    *predict = (struct bsti_predict){
        .min = min,
        .max = max,
        .window = window,
    };
}

uint64_t bsti_predict_average(const struct bsti_predict *predict)
{
    uint64_t weight = WEIGHT_FIRST;
    uint64_t weights = 0;
    uint64_t sum = 0;
    uint32_t at = predict->newest;

    for (uint32_t i = 0; i < BSTI_PREDICT_SAMPLES; i++) {
        sum += weight * predict->rate[at];
        weights += weight;
        weight = weight * WEIGHT_NUMERATOR / WEIGHT_DENOMINATOR;
        at = (at + BSTI_PREDICT_SAMPLES - 1) % BSTI_PREDICT_SAMPLES;
    }
    return sum * AVERAGE_UNIT / weights;
}

/* What a count would have been in a window of nominal length. */
static uint64_t per_window(const struct bsti_predict *predict, uint64_t tasks,
                           bst_time elapsed)
{
    if (elapsed <= 0 || elapsed == predict->window) {
        return BSTI_MIN(tasks, RATE_MAX);
    }
    tasks = BSTI_MIN(tasks, TASKS_MAX) * (uint64_t)predict->window;
    /* Rounded up: a task in a long window is not nothing. */
    tasks = (tasks + (uint64_t)elapsed - 1) / (uint64_t)elapsed;
    return BSTI_MIN(tasks, RATE_MAX);
}

/* Threads that a rising frequency will need besides the busy ones. */
static uint32_t spares_for(uint64_t before, uint64_t after, uint64_t rate,
                           uint32_t busy)
{
    uint64_t rise = after > before ? after - before : 0;
    uint64_t unit = rate * AVERAGE_UNIT;

    if (rise == 0 || rate == 0) {
        return 0;
    }
    /* The average rises by less than the newest sample: at most `busy`. */
    return (uint32_t)((BSTI_MIN(rise, unit) * busy + unit - 1) / unit);
}

/* Threads that a stall asks for; 0 if there is none. */
static uint32_t stall_add(const struct bsti_predict *predict,
                          const struct bsti_predict_sample *sample,
                          uint64_t finished)
{
    uint32_t add = BSTI_MAX(STALL_ADD, sample->threads / STALL_SHARE);

    if (sample->queued == 0 || sample->idle > 0 ||
        finished > predict->finished) {
        return 0;
    }
    return (uint32_t)BSTI_MIN((uint64_t)add, sample->queued);
}

/* Threads that no window needed and none expected to need; half of them at a
 * time: if the load returns, half is still there. */
static uint32_t retire(const struct bsti_predict *predict, uint32_t threads)
{
    uint32_t needed = predict->min;

    for (size_t i = 0; i < BSTI_PREDICT_SAMPLES; i++) {
        needed = BSTI_MAX(needed, predict->need[i]);
    }
    return threads > needed ? (threads - needed + 1) / 2 : 0;
}

struct bsti_predict_advice
bsti_predict_step(struct bsti_predict *predict,
                  const struct bsti_predict_sample *sample)
{
    uint64_t rate = per_window(predict, sample->submitted, sample->elapsed);
    uint64_t finished = per_window(predict, sample->finished, sample->elapsed);
    uint32_t idle = BSTI_MIN(sample->idle, sample->threads);
    uint32_t busy = sample->threads - idle;
    uint64_t before = bsti_predict_average(predict);
    struct bsti_predict_advice advice = {0, 0};
    uint64_t need;

    predict->newest = (predict->newest + 1) % BSTI_PREDICT_SAMPLES;
    predict->rate[predict->newest] = rate;
    need = busy;
    need += spares_for(before, bsti_predict_average(predict), rate, busy);
    need += stall_add(predict, sample, finished);
    need = BSTI_MAX(need, predict->min);
    need = BSTI_MIN(need, predict->max);
    predict->need[predict->newest] = (uint32_t)need;
    predict->finished = finished;
    if (need > sample->threads) {
        advice.add = (uint32_t)need - sample->threads;
    } else {
        advice.retire = retire(predict, sample->threads);
    }
    return advice;
}
