#ifndef BST_EXEC_LOAD_H
#define BST_EXEC_LOAD_H

/*
 * Sampled load: whether it pays to let other workers help.
 *
 * Every 20 us or so of running a worker looks back at its last turns. Work is
 * shared when what is queued would wait longer than waking a thread takes, and
 * when a message costs more here than crossing to another CPU would. So a
 * ping-pong or a stream stays on its CPU, and work that computes spreads.
 *
 * The decisions are pure; load.c applies them to a worker.
 */

#include <stdbool.h>
#include <stdint.h>

#include <bastion/topology.h>

struct bsti_worker;

/** What a worker has done since its last sample. */
struct bsti_load_sample {
    bst_time span;     /* time that passed */
    uint32_t turns;    /* > 0 */
    uint64_t messages; /* handled or sent, whichever is more */
    uint32_t queued;   /* ready processes that wait now */
};

enum bsti_share {
    BSTI_SHARE_NONE,  /* keep it here */
    BSTI_SHARE_PROBE, /* may be stolen, to see whether it can be separated */
    BSTI_SHARE_ALL    /* help is wanted */
};

/** Decides what others may take. `probe`: it is time for an experiment. */
enum bsti_share bsti_load_share(const struct bsti_load_sample *sample,
                                bool probe);

/** Returns how many turns to wait for the next sample: 1 to 1024. */
uint32_t bsti_load_interval(const struct bsti_load_sample *sample);

/**
 * Returns whether a thief should give its loot back: more than a quarter of
 * its `tells` go to processes that live elsewhere, and they are cheap.
 */
bool bsti_load_retreats(const struct bsti_load_sample *sample, uint64_t remote,
                        uint64_t tells);

/** Takes a sample: fires alarms, publishes the share, wakes, retreats. */
void bsti_load_take(struct bsti_worker *worker);

/** Begins a new span after a time without work. */
void bsti_load_reset(struct bsti_worker *worker, bst_time now);

#endif
