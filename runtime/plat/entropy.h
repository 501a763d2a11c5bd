#ifndef BST_PLAT_ENTROPY_H
#define BST_PLAT_ENTROPY_H

/*
 * Seeds that differ from run to run.
 */

#include <stdint.h>

/** Returns 64 bits from the system's entropy source. Thread: any. */
uint64_t bsti_entropy(void);

#endif
