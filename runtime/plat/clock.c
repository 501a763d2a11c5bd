/*
 * The monotonic clock, through the vDSO on Linux.
 */

#define _POSIX_C_SOURCE 200809L

#include "plat/clock.h"

#include <time.h>

#include "base/assert.h"

bst_time bsti_clock_now(void)
{
    struct timespec now;
    int error = clock_gettime(CLOCK_MONOTONIC, &now);

    bsti_check(error == 0, "the monotonic clock does not work");
    return BST_S(now.tv_sec) + BST_NS(now.tv_nsec);
}
