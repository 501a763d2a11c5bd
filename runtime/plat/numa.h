#ifndef BST_PLAT_NUMA_H
#define BST_PLAT_NUMA_H

/*
 * Memory near the CPUs that use it.
 *
 * Only a preference: where the system has no such notion, or the node no room,
 * memory comes from wherever it comes, and nothing fails.
 *
 * Thread: any.
 */

#include <stddef.h>
#include <stdint.h>

/** What stands for "no particular node". */
#define BSTI_NUMA_ANY UINT32_MAX

/**
 * Asks that the whole pages within `bytes` from `memory` lie on the node with
 * this number of the operating system; those that lie elsewhere are moved.
 * BSTI_NUMA_ANY: nothing is asked.
 */
void bsti_numa_prefer(void *memory, size_t bytes, uint32_t os_node);

/** Takes the wish back; memory that is freed may serve anybody. */
void bsti_numa_forget(void *memory, size_t bytes);

#endif
