/*
 * shoot TIMES MOST_US SEED PROGRAM [ARGUMENT]... - starts the program and sends
 * it SIGTERM at some instant: it must end within ten seconds, with status 0, or
 * by the signal if it had no handler yet. That does not count: it goes on until
 * TIMES have ended in order.
 */

#define _GNU_SOURCE

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t state;

static uint64_t next(void)
{
    state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = state;

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void nap(uint64_t us)
{
    struct timespec left = {.tv_sec = (time_t)(us / 1000000),
                            .tv_nsec = (long)(us % 1000000 * 1000)};

    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

/* Waits for the end, for ten seconds at most; then there is none. */
static int await(pid_t child)
{
    int status;

    for (int i = 0; i < 10000; i++) {
        if (waitpid(child, &status, WNOHANG) == child)
            return status;
        nap(i < 200 ? 200 : 1000);
    }
    kill(child, SIGABRT);
    waitpid(child, &status, 0);
    return -1;
}

int main(int argc, char **argv)
{
    long in_order = 0;
    long early = 0;
    long wrong = 0;
    uint64_t most;
    long times = argc > 4 ? atol(argv[1]) : 0;

    if (times == 0)
        return 2;
    most = strtoull(argv[2], NULL, 10);
    state = strtoull(argv[3], NULL, 10);
    for (long i = 0; in_order + wrong < times && i < 20 * times; i++) {
        uint64_t us = next() % most;
        pid_t child = fork();
        int status;

        if (child == 0) {
            execv(argv[4], argv + 4);
            _exit(126);
        }
        nap(us);
        kill(child, SIGTERM);
        status = await(child);
        if (status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
            in_order++;
        } else if (status >= 0 && WIFSIGNALED(status) &&
                   WTERMSIG(status) == SIGTERM) {
            early++;
            /* A machine with much to do takes longer to start it. */
            most += early > in_order ? most / 50 : 0;
        } else {
            printf("after %llu us: %s %d\n", (unsigned long long)us,
                   status < 0          ? "it hangs"
                   : WIFEXITED(status) ? "status"
                                       : "signal",
                   status < 0          ? 0
                   : WIFEXITED(status) ? WEXITSTATUS(status)
                                       : WTERMSIG(status));
            wrong++;
        }
    }
    printf("%ld in order, %ld before there was a handler, %ld wrong\n",
           in_order, early, wrong);
    return wrong > 0 || in_order < times;
}
