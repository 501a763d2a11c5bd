#ifndef BST_EXEC_WHEEL_H
#define BST_EXEC_WHEEL_H

/*
 * Hierarchical timing wheel (after Varghese and Lauck, 1987): arming and
 * cancelling take constant time however many timers there are.
 *
 * Time is cut into ticks of 2^18 ns (0.26 ms). Level 0 has a slot for each of
 * the 64 ticks of the current block of ticks, level 1 for each of the 64
 * blocks of the current block of blocks, and so on: 8 levels reach beyond
 * the largest bst_time. A timer moves down as its time comes nearer and
 * keeps its exact due time, so the ticks never show.
 *
 * Invariants:
 *   - `elapsed` never goes back. Slots before it are empty on every level, and
 *     so is its own slot on all levels but 0.
 *   - `occupied` has the bit of exactly the slots that are not empty.
 *   - No timer in a slot is due before the slot's `earliest`.
 *
 * Pure: no clock, no allocation. Thread: the owner of the wheel.
 */

#include <stdbool.h>
#include <stdint.h>

#include <bastion/topology.h>

#include "base/list.h"

#define BSTI_WHEEL_LEVELS 8u
#define BSTI_WHEEL_SLOTS 64u
#define BSTI_WHEEL_TICK_BITS 18u

/** A timer; part of whatever it is for. */
struct bsti_timer {
    struct bsti_list link; /* in a slot; alone when not armed */
    bst_time due;          /* exact */
    uint64_t order;        /* of arming: breaks ties between equal dues */
    uint32_t slot;         /* level * 64 + slot, or one of wheel.c's lists */
};

struct bsti_wheel {
    uint64_t elapsed; /* tick up to which everything has been fired */
    uint64_t order;   /* of the next timer to be armed */
    uint64_t count;   /* timers armed */
    bst_time firing;  /* due time being fired; meaningful in expire */
    bool expiring;    /* in bsti_wheel_expire() */
    uint64_t occupied[BSTI_WHEEL_LEVELS]; /* bit s: slot s is not empty */
    struct bsti_list slots[BSTI_WHEEL_LEVELS][BSTI_WHEEL_SLOTS];
    bst_time earliest[BSTI_WHEEL_LEVELS][BSTI_WHEEL_SLOTS]; /* lower bound */
    struct bsti_list batch; /* expire: sorted, to be fired */
    struct bsti_list late;  /* expire: armed for what is past already */
};

/** Makes an empty wheel whose time is `now`. It must not move afterwards. */
void bsti_wheel_init(struct bsti_wheel *wheel, bst_time now);

/** Makes a timer that is not armed. */
void bsti_timer_init(struct bsti_timer *timer);

/** Returns whether the timer is armed. */
static inline bool bsti_timer_is_armed(const struct bsti_timer *timer)
{
    return !bsti_list_is_empty(&timer->link);
}

/**
 * Arms the timer for `due`, cancelling it first if it is armed. A due time in
 * the past fires at the next expire.
 *
 * Ownership: the wheel borrows the timer until it fires or is cancelled.
 */
void bsti_wheel_arm(struct bsti_wheel *wheel, struct bsti_timer *timer,
                    bst_time due);

/** Disarms the timer; harmless if it is not armed. */
void bsti_wheel_cancel(struct bsti_wheel *wheel, struct bsti_timer *timer);

/**
 * Returns a time before which no timer is due, in a few instructions: the
 * exact next due time unless timers were cancelled. BST_INFINITE: none armed.
 */
bst_time bsti_wheel_next_due(const struct bsti_wheel *wheel);

/** Returns the number of armed timers. */
static inline uint64_t bsti_wheel_count(const struct bsti_wheel *wheel)
{
    return wheel->count;
}

/**
 * Fires every timer with due <= now: disarms it and calls fn(timer, arg), in
 * the order of their due times, equal ones in the order of their arming.
 *
 * `fn` may arm and cancel any timer of this wheel. One that it arms fires in
 * this same call if it is due after the timer being fired and by `now`; armed
 * for that timer's own time or before, it waits for the next call, so that
 * this one ends.
 *
 * Returns the number fired. Calls do not nest.
 */
uint64_t bsti_wheel_expire(struct bsti_wheel *wheel, bst_time now,
                           void (*fn)(struct bsti_timer *timer, void *arg),
                           void *arg);

/** Checks the invariants; walks all timers. */
bool bsti_wheel_is_valid(const struct bsti_wheel *wheel);

#endif
