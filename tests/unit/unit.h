#ifndef BST_TESTS_UNIT_H
#define BST_TESTS_UNIT_H

/*
 * What unit tests need before and beside cmocka.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs a table of tests as main() does. */
#define UNIT_MAIN(...)                                                         \
    int main(void)                                                             \
    {                                                                          \
        const struct CMUnitTest tests[] = {__VA_ARGS__};                       \
                                                                               \
        return cmocka_run_group_tests(tests, NULL, NULL);                      \
    }

/*
 * Runs fn(arg) in a child process in which faults have their default action,
 * and returns the status that waitpid() gives. A child that returns from `fn`
 * exits with 0. What it writes to stderr goes to `text`, unless that is NULL.
 */
static inline int unit_fork(void (*fn)(void *arg), void *arg, char *text,
                            size_t size)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    int fds[2];
    int status = 0;
    size_t used = 0;
    ssize_t n;
    pid_t child;

    assert_int_equal(pipe(fds), 0);
    fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit none = {0, 0};

        (void)setrlimit(RLIMIT_CORE, &none);
        for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
            (void)signal(faults[i], SIG_DFL);
        }
        (void)dup2(fds[1], STDERR_FILENO);
        (void)close(fds[0]);
        (void)close(fds[1]);
        fn(arg);
        _exit(0);
    }
    (void)close(fds[1]);
    for (;;) {
        char sink[256];
        bool keep = text != NULL && used + 1 < size;

        n = keep ? read(fds[0], text + used, size - 1 - used)
                 : read(fds[0], sink, sizeof(sink));
        if (n <= 0) {
            break;
        }
        used += keep ? (size_t)n : 0;
    }
    (void)close(fds[0]);
    if (text != NULL) {
        text[used] = '\0';
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

/* Returns whether a child died of this signal. */
static inline bool unit_died_of(int status, int signo)
{
    return WIFSIGNALED(status) && WTERMSIG(status) == signo;
}

/* Returns whether a child exited with this status. */
static inline bool unit_exited(int status, int code)
{
    return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

#endif
