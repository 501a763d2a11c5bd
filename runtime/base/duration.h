#ifndef BST_BASE_DURATION_H
#define BST_BASE_DURATION_H

/*
 * Durations in the words of .bst files.
 */

#include <stdbool.h>
#include <stddef.h>

#include <bastion/topology.h>

/** A buffer of this size holds every duration. */
#define BSTI_DURATION_SIZE 32

/**
 * Writes `ns` as text, such as "250ms", "1.5s" or "5min".
 *
 * Whole days, hours and minutes are written as such; anything else in the
 * largest of s, ms, us and ns that leaves at least 1, with up to three
 * decimals, cut off. BST_INFINITE is "infinite", 0 is "0s".
 *
 * Returns the length of the whole text; at most size - 1 bytes of it and a
 * terminating 0 are written, nothing if `size` is 0.
 */
size_t bsti_duration_format(char *buffer, size_t size, bst_time ns);

/**
 * Reads a duration such as "250ms": digits and one of ns us ms s min h d.
 * Returns whether the `length` bytes at `text` are one, which is more than 0.
 */
bool bsti_duration_parse(const char *text, size_t length, bst_time *ns);

/** Returns now + span, or BST_INFINITE where that cannot be told. */
static inline bst_time bsti_time_after(bst_time now, bst_time span)
{
    return span > BST_INFINITE - now ? BST_INFINITE : now + span;
}

#endif
