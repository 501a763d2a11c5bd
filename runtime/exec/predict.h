#ifndef BST_EXEC_PREDICT_H
#define BST_EXEC_PREDICT_H

/*
 * How many threads a pool for blocking work should have: a pure function of
 * the samples it was given. It has no clock, no threads and no floating point,
 * so a simulator repeats its decisions exactly.
 *
 * The pool takes a sample once per window. It starts threads for waiting tasks
 * by itself; what is decided here is what a single submit cannot see:
 *
 *   - growth by prediction: when tasks become more frequent, some threads are
 *     added before they are needed
 *   - growth when throughput stalls: tasks wait, nobody is idle, and no more
 *     tasks were finished than in the window before
 *   - decay: threads that none of the last ten windows needed may retire
 *
 * Invariant: what is advised never leads out of min .. max.
 *
 * Thread: one at a time.
 */

#include <stdint.h>

#include <bastion/topology.h>

/** Windows that the predictor remembers. */
#define BSTI_PREDICT_SAMPLES 10u

/** What happened in one window. */
struct bsti_predict_sample {
    bst_time elapsed;   /* length of this window; it may have come late */
    uint64_t submitted; /* tasks submitted in it */
    uint64_t finished;  /* tasks finished in it */
    uint64_t queued;    /* tasks waiting at its end */
    uint32_t threads;   /* threads at its end */
    uint32_t idle;      /* threads that had no task at any time in it */
};

/** What to do now; at most one of the two is not 0. */
struct bsti_predict_advice {
    uint32_t add;    /* threads to start */
    uint32_t retire; /* threads that may end */
};

/** The memory of the predictor. */
struct bsti_predict {
    uint32_t min;    /* never retire below */
    uint32_t max;    /* never add above */
    bst_time window; /* nominal length of a window, > 0 */
    uint32_t newest; /* place of the last sample in the rings */
    uint64_t rate[BSTI_PREDICT_SAMPLES]; /* tasks submitted per window */
    uint32_t need[BSTI_PREDICT_SAMPLES]; /* threads needed and expected */
    uint64_t finished;                   /* in the last window */
};

/** Makes a predictor that remembers ten windows without a task. */
void bsti_predict_init(struct bsti_predict *predict, uint32_t min, uint32_t max,
                       bst_time window);

/** Adds a sample, forgets the oldest, and says what to do. */
struct bsti_predict_advice
bsti_predict_step(struct bsti_predict *predict,
                  const struct bsti_predict_sample *sample);

/**
 * Returns the moving average of the task frequency, in 1/256 of a task per
 * window. The newest sample weighs most.
 */
uint64_t bsti_predict_average(const struct bsti_predict *predict);

#endif
