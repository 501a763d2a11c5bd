#ifndef BST_PLAT_FRAMES_H
#define BST_PLAT_FRAMES_H

/*
 * Where a stack was: the program counters of its frames, the innermost first.
 *
 * Of a deep stack the first ones and the last ones are kept, since a recursion
 * that overflows is told by both ends. Plain data; async-signal-safe.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

enum { BSTI_FRAMES = 32, BSTI_FRAMES_FIRST = 24 };

struct bsti_frames {
    uint32_t total; /* frames that were added */
    bool exact;     /* the first is an instruction, no return address */
    uintptr_t last; /* where the function of the last one begins */
    uintptr_t pc[BSTI_FRAMES];
};

/** Adds a frame whose function begins at `start`. */
BSTI_NO_SANITIZE static inline void
bsti_frames_add(struct bsti_frames *frames, uintptr_t pc, uintptr_t start)
{
    uint32_t at = frames->total++;

    if (BSTI_UNLIKELY(at >= BSTI_FRAMES))
        at = BSTI_FRAMES_FIRST +
             (at - BSTI_FRAMES_FIRST) % (BSTI_FRAMES - BSTI_FRAMES_FIRST);
    frames->pc[at] = pc;
    frames->last = start;
}

/** Returns how many of them are kept. */
static inline uint32_t bsti_frames_kept(const struct bsti_frames *frames)
{
    return BSTI_MIN(frames->total, (uint32_t)BSTI_FRAMES);
}

/** Returns how many were left out, between the first and the last ones. */
static inline uint32_t bsti_frames_left_out(const struct bsti_frames *frames)
{
    return frames->total - bsti_frames_kept(frames);
}

/** Returns the frame `i` of those that are kept. */
static inline uintptr_t bsti_frames_get(const struct bsti_frames *frames,
                                        uint32_t i)
{
    uint32_t ring = BSTI_FRAMES - BSTI_FRAMES_FIRST;

    if (i < BSTI_FRAMES_FIRST || frames->total <= BSTI_FRAMES)
        return frames->pc[i];
    return frames->pc[BSTI_FRAMES_FIRST + (frames->total - BSTI_FRAMES_FIRST +
                                           i - BSTI_FRAMES_FIRST) %
                                              ring];
}

#endif
