/*
 * Forking, signals and waiting for the guardian.
 *
 * Its signals stay blocked and are taken by sigtimedwait(), so nothing runs in
 * a signal handler, and the end of the copy is one more signal. Everybody who
 * has ended is reaped: as the first process of a container the guardian gets
 * the orphans, too.
 */

#define _GNU_SOURCE

#include "plat/guard.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/attr.h"
#include "plat/clock.h"
#include "plat/signals.h"

/* Signals that are taken; those that ask for the end come first. */
static const int taken[] = {SIGTERM, SIGINT,  SIGQUIT,  SIGHUP,
                            SIGUSR1, SIGUSR2, SIGWINCH, SIGCHLD};
enum { STOPS = 4 };

/* What was before, for the copy. */
static sigset_t mask;
static struct sigaction on_child;
static struct sigaction on_pipe;

static sigset_t waited;

bool bsti_guard_is_possible(void)
{
    DIR *tasks = opendir("/proc/self/task");
    int count = 0;
    struct dirent *entry;

    if (!tasks) {
        return true;
    }
    while ((entry = readdir(tasks))) {
        count += entry->d_name[0] != '.';
    }
    (void)closedir(tasks);
    /* The thread sanitizer has one of its own, which a fork does not need. */
    return count <= 1 || BSTI_TSAN;
}

void bsti_guard_begin(void)
{
    struct sigaction action;

    /* Were it ignored, those who have ended would vanish. */
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    (void)sigaction(SIGCHLD, &action, &on_child);
    /* Whoever reads the log may be gone. */
    action.sa_handler = SIG_IGN;
    (void)sigaction(SIGPIPE, &action, &on_pipe);
    sigemptyset(&waited);
    for (size_t i = 0; i < BSTI_ARRAY_LEN(taken); i++) {
        sigaddset(&waited, taken[i]);
    }
    (void)sigprocmask(SIG_BLOCK, &waited, &mask);
}

bool bsti_guard_fork(int *pid)
{
    pid_t guardian = getpid();

    (void)fflush(NULL);
    *pid = (int)fork();
    if (*pid < 0) {
        *pid = -errno;
    }
    if (*pid != 0) {
        return false;
    }
    bsti_signals_set_guardian((int)guardian);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != guardian) {
        _exit(128 + SIGTERM); /* it has died before that */
    }
    (void)sigaction(SIGCHLD, &on_child, NULL);
    (void)sigaction(SIGPIPE, &on_pipe, NULL);
    (void)sigprocmask(SIG_SETMASK, &mask, NULL);
    return true;
}

/* Looks for those who have ended. Returns whether the copy has. */
static bool reap(int pid, struct bsti_guard_event *event)
{
    bool found = false;
    int status;
    pid_t ended;

    while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
        if (ended != pid) {
            continue;
        }
        found = true;
        event->type =
            WIFSIGNALED(status) ? BSTI_GUARD_KILLED : BSTI_GUARD_EXITED;
        event->number =
            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
        event->has_dumped = WIFSIGNALED(status) && WCOREDUMP(status);
    }
    return found;
}

/* The system sends what is typed to everybody in front of the terminal. */
static void take(struct bsti_guard_event *event, const siginfo_t *info)
{
    event->type = BSTI_GUARD_SIGNAL;
    event->number = info->si_signo;
    event->is_told = info->si_code == SI_KERNEL;
    for (size_t i = 0; i < STOPS; i++) {
        event->is_stop |= taken[i] == info->si_signo;
    }
}

struct bsti_guard_event bsti_guard_wait(int pid, bst_time timeout)
{
    struct bsti_guard_event event = {.type = BSTI_GUARD_TIMEOUT};
    bst_time limit = BSTI_MIN(timeout, BST_S(3600));
    bst_time until = bsti_clock_now() + limit;

    while (!reap(pid, &event)) {
        bst_time left = until - bsti_clock_now();
        struct timespec time = {.tv_sec = left / BST_S(1),
                                .tv_nsec = left % BST_S(1)};
        siginfo_t info;

        if (left <= 0) {
            break;
        }
        if (sigtimedwait(&waited, &info, &time) > 0 &&
            info.si_signo != SIGCHLD) {
            take(&event, &info);
            break;
        }
    }
    return event;
}

void bsti_guard_send(int pid, int signo)
{
    if (pid > 0) {
        (void)kill(pid, signo);
    }
}

const char *bsti_guard_signal_name(int signo)
{
    static char name[32];
    const char *abbreviated = sigabbrev_np(signo);

    if (abbreviated) {
        (void)snprintf(name, sizeof name, "SIG%s", abbreviated);
    } else {
        (void)snprintf(name, sizeof name, "signal %d", signo);
    }
    return name;
}

BST_NORETURN void bsti_guard_exit(int status)
{
    (void)fflush(NULL);
    _exit(status);
}

BST_NORETURN void bsti_guard_die(int signo)
{
    struct rlimit none = {0, 0};
    sigset_t all;

    /* The copy has left its memory in a file; this one's is of no use. */
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)signal(signo, SIG_DFL);
    (void)kill(getpid(), signo);
    sigfillset(&all);
    (void)sigprocmask(SIG_UNBLOCK, &all, NULL);
    bsti_guard_exit(128 + signo);
}
