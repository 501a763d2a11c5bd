/*
 * The mbind system call of Linux; elsewhere the first touch decides.
 */

#define _GNU_SOURCE

#include "plat/numa.h"

#ifdef __linux__

#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of <numaif.h>, which belongs to a library that is not needed for this. */
#define MPOL_DEFAULT 0
#define MPOL_PREFERRED 1
#define MPOL_MF_MOVE 2u

#define MOST_NODES 1024u
#define WORD_BITS (8 * (uint32_t)sizeof(unsigned long))

/* The whole pages within a piece of memory; false: there are none. */
static bool whole_pages(void *memory, size_t bytes, uintptr_t *from,
                        size_t *length)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t end = ((uintptr_t)memory + bytes) & ~(page - 1);

    *from = ((uintptr_t)memory + page - 1) & ~(page - 1);
    if (*from >= end) {
        return false;
    }
    *length = end - *from;
    return true;
}

void bsti_numa_prefer(void *memory, size_t bytes, uint32_t os_node)
{
    unsigned long nodes[MOST_NODES / WORD_BITS] = {0};
    uintptr_t from;
    size_t length;

    if (os_node >= MOST_NODES || !whole_pages(memory, bytes, &from, &length)) {
        return;
    }
    nodes[os_node / WORD_BITS] = 1ul << os_node % WORD_BITS;
    /* The kernel takes one bit less than it is told. */
    (void)syscall(SYS_mbind, from, length, MPOL_PREFERRED, nodes,
                  (unsigned long)MOST_NODES + 1, MPOL_MF_MOVE);
}

void bsti_numa_forget(void *memory, size_t bytes)
{
    uintptr_t from;
    size_t length;

    if (whole_pages(memory, bytes, &from, &length)) {
        (void)syscall(SYS_mbind, from, length, MPOL_DEFAULT, NULL, 0ul, 0u);
    }
}

#else

void bsti_numa_prefer(void *memory, size_t bytes, uint32_t os_node)
{
    (void)memory;
    (void)bytes;
    (void)os_node;
}

void bsti_numa_forget(void *memory, size_t bytes)
{
    (void)memory;
    (void)bytes;
}

#endif
