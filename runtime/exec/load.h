#ifndef BST_EXEC_LOAD_H
#define BST_EXEC_LOAD_H

/*
 * Sampled load: whether it pays to let other workers help.
 *
 * Every 20 us or so of running a worker looks back at its last turns. Work is
 * shared when what is queued would wait longer than waking a thread takes, and
 * when a message costs more here than crossing to another CPU would. So a
 * ping-pong or a stream stays on its CPU, and work that computes spreads. A
 * worker that mostly talks to another one's processes gives up its own, one
 * worker at a time, so that two do not exchange theirs.
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
    uint64_t tells;    /* sent, or refused by a mailbox */
    uint64_t remote;   /* of these, to processes of other workers */
    uint64_t messages; /* handled or told, whichever is more */
    uint32_t queued;   /* ready processes that wait now */
};

enum bsti_share {
    BSTI_SHARE_NONE,   /* keep it here */
    BSTI_SHARE_PROBE,  /* may be stolen, to see whether it can be separated */
    BSTI_SHARE_ALL,    /* help is wanted */
    BSTI_SHARE_RETREAT /* what is ready here goes to another worker */
};

/** Decides what others may take. `probe`: it is time for an experiment. */
enum bsti_share bsti_load_share(const struct bsti_load_sample *sample,
                                bool probe);

/** Returns how many turns to wait for the next sample: 1 to 1024. */
uint32_t bsti_load_interval(const struct bsti_load_sample *sample);

/**
 * Returns whether a worker should hand its processes to the worker they talk
 * to: more than a quarter of its tells go there, and without the crossing
 * they would be cheap.
 */
bool bsti_load_retreats(const struct bsti_load_sample *sample);

/**
 * Returns for how long a worker keeps away after a retreat. It is longer each
 * time if it comes soon after the last one: what the worker did in between was
 * taken for dear work here and for cheap talk there. `last`: the pause before,
 * 0: none; `since`: from its end.
 */
bst_time bsti_load_pause(bst_time last, bst_time since);

/** Takes a sample: fires alarms, publishes the share, wakes, retreats. */
void bsti_load_take(struct bsti_worker *worker);

/** Begins a new span after a time without work. */
void bsti_load_reset(struct bsti_worker *worker, bst_time now);

#endif
