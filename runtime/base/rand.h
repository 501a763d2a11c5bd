#ifndef BST_BASE_RAND_H
#define BST_BASE_RAND_H

/*
 * Pseudo-random numbers: splitmix64 (Steele, Lea, Flood 2014).
 *
 * The state is one word which any value seeds, and equal seeds give equal
 * sequences on every machine. Not for secrets.
 *
 * Thread: the owner of the state.
 */

#include <stdint.h>

#include "base/assert.h"

/** Spreads the bits of `x`: a bijection in which each bit affects all. */
static inline uint64_t bsti_rand_scramble(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/** Returns 64 random bits and advances the state. */
static inline uint64_t bsti_rand_next(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    return bsti_rand_scramble(*state);
}

/** Returns a number below `n` (> 0), all equally likely. */
static inline uint64_t bsti_rand_below(uint64_t *state, uint64_t n)
{
    uint64_t biased = (0 - n) % n; /* 2^64 mod n: draws to refuse */
    uint64_t draw;

    bsti_assert(n > 0);
    do {
        draw = bsti_rand_next(state);
    } while (draw < biased);
    return draw % n;
}

/** Derives a seed from two numbers; the order of the two matters. */
static inline uint64_t bsti_rand_mix(uint64_t a, uint64_t b)
{
    return bsti_rand_scramble(bsti_rand_scramble(a + 0x9e3779b97f4a7c15u) + b);
}

#endif
