/*
 * The system's entropy source.
 */

#define _DEFAULT_SOURCE

#include "plat/entropy.h"

#include <unistd.h>

#include "base/rand.h"
#include "plat/clock.h"

uint64_t bsti_entropy(void)
{
    uint64_t bits;

    if (getentropy(&bits, sizeof(bits)) == 0) {
        return bits;
    }
    /* Kernels without the call still have a clock and address randomisation;
     * this seeds experiments, not keys. */
    return bsti_rand_mix((uint64_t)bsti_clock_now(),
                         (uint64_t)(uintptr_t)&bits ^ (uint64_t)getpid());
}
