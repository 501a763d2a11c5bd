/*
 * The membarrier system call of Linux; elsewhere there is none.
 */

#define _GNU_SOURCE
#include "plat/barrier.h"

#ifdef __linux__

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/assert.h"

bool bsti_barrier_prepare(void)
{
    return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0,
                   0) == 0;
}

void bsti_barrier_all(void)
{
    bsti_check(
        syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0,
        "membarrier failed after it was registered");
}

#else

bool bsti_barrier_prepare(void)
{
    return false;
}

void bsti_barrier_all(void)
{
}

#endif
