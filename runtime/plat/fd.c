/*
 * Closing and copying file descriptors.
 */

#define _POSIX_C_SOURCE 200809L

#include "plat/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void bsti_fd_close(int fd)
{
    int before = errno;

    if (fd < 0)
        return;
    /* After EINTR the descriptor is gone all the same: a second close could
     * hit a file that somebody else has opened in between. */
    (void)close(fd);
    errno = before;
}

int bsti_fd_copy(int fd)
{
    return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
}
