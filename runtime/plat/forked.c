/*
 * fork(), with a file in memory for what the copy says.
 */

#define _GNU_SOURCE

#include "plat/forked.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void be_the_copy(pid_t starter, int output,
                                  int (*fn)(void *arg), void *arg)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int status;

    /* A copy whose starter is gone works for nobody. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != starter) {
        _exit(EXIT_FAILURE);
    }
    if (null >= 0) {
        (void)dup2(null, STDOUT_FILENO);
    }
    if (output >= 0) {
        (void)dup2(output, STDERR_FILENO);
    }
    status = fn(arg);
    (void)fflush(NULL);
    _exit(status);
}

int bsti_forked_start(struct bsti_forked *forked, int (*fn)(void *arg),
                      void *arg)
{
    pid_t starter = getpid();
    pid_t id;

    /* Without it nothing is shown, which is no reason not to run. */
    forked->output = memfd_create("bastion", MFD_CLOEXEC);
    (void)fflush(NULL);
    id = fork();
    if (id == 0) {
        be_the_copy(starter, forked->output, fn, arg);
    }
    if (id < 0) {
        int error = errno;

        forked->id = 0;
        bsti_forked_end(forked);
        return -error;
    }
    forked->id = (int)id;
    return 0;
}

int bsti_forked_wait(struct bsti_forked_end *end)
{
    int how = 0;
    pid_t id;

    do {
        id = waitpid(-1, &how, 0);
    } while (id < 0 && errno == EINTR);
    if (id < 0) {
        return -errno;
    }
    end->status = WIFEXITED(how) ? WEXITSTATUS(how) : 0;
    end->signal = WIFSIGNALED(how) ? WTERMSIG(how) : 0;
    return (int)id;
}

void bsti_forked_kill(const struct bsti_forked *forked)
{
    if (forked->id > 0) {
        (void)kill((pid_t)forked->id, SIGKILL);
    }
}

void bsti_forked_show(const struct bsti_forked *forked)
{
    char buffer[4096];
    off_t at = 0;
    ssize_t n;

    (void)fflush(stderr);
    while (forked->output >= 0 &&
           (n = pread(forked->output, buffer, sizeof(buffer), at)) > 0) {
        at += n;
        if (write(STDERR_FILENO, buffer, (size_t)n) != n) {
            return;
        }
    }
}

void bsti_forked_end(struct bsti_forked *forked)
{
    if (forked->output >= 0) {
        (void)close(forked->output);
    }
    forked->output = -1;
    forked->id = 0;
}

unsigned bsti_forked_parallel(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) != 0) {
        return 1;
    }
    return CPU_COUNT(&set) > 0 ? (unsigned)CPU_COUNT(&set) : 1;
}
