/*
 * SIGINT, SIGTERM and SIGPIPE.
 *
 * The state is global because signal dispositions are: `caught` says whether
 * somebody has them, and the handler reads only what was set before it could
 * run.
 */

#define _POSIX_C_SOURCE 200809L

#include "plat/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/attr.h"
#include "sync/atomic.h"

typedef void stop_fn(int signo, unsigned count);

static const int stop_signals[] = {SIGINT, SIGTERM};

static bool caught;                     /* dispositions are ours */
static stop_fn *_Atomic callback;       /* NULL: nobody cares */
static _Atomic unsigned counts[2];      /* stop signals so far; [1]: those that
                                         * the guardian has passed on */
static _Atomic int guardian;            /* 0: none */
static struct sigaction former_stop[2]; /* of stop_signals */
static struct sigaction former_pipe;    /* of SIGPIPE */

static void on_signal(int signo, siginfo_t *info, void *context)
{
    int saved = errno;
    /* relaxed: it is set before a handler can run */
    int from = bsti_load_relaxed(&guardian);
    bool passed_on =
        from != 0 && info->si_code == SI_USER && info->si_pid == from;
    /* relaxed: only counts; signals come one at a time */
    unsigned mine = bsti_fetch_add_relaxed(&counts[passed_on], 1u) + 1;
    unsigned others = bsti_load_relaxed(&counts[!passed_on]);
    /* acquire: pairs with the release in bsti_signals_catch(); what the owner
     * prepared before it is visible to its callback */
    stop_fn *fn = bsti_load_acquire(&callback);

    (void)context;
    if (fn != NULL && mine > others) {
        fn(signo, mine);
    }
    errno = saved;
}

int bsti_signals_catch(void (*on_stop)(int signo, unsigned count_so_far))
{
    struct sigaction action;
    size_t i;

    if (caught) {
        return -EBUSY;
    }
    /* relaxed: no handler of ours runs yet */
    bsti_store_relaxed(&counts[0], 0u);
    bsti_store_relaxed(&counts[1], 0u);
    /* release: pairs with the acquire in on_signal() */
    bsti_store_release(&callback, on_stop);
    memset(&action, 0, sizeof(action));
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    action.sa_handler = SIG_IGN;
    if (sigaction(SIGPIPE, &action, &former_pipe) != 0) {
        return -errno;
    }
    action.sa_flags |= SA_SIGINFO;
    action.sa_sigaction = on_signal;
    for (i = 0; i < BSTI_ARRAY_LEN(stop_signals); i++) {
        /* One stop signal at a time, so that their counts are in order. */
        sigaddset(&action.sa_mask, stop_signals[i]);
    }
    for (i = 0; i < BSTI_ARRAY_LEN(stop_signals); i++) {
        if (sigaction(stop_signals[i], &action, &former_stop[i]) != 0) {
            int error = errno;

            while (i-- > 0) {
                (void)sigaction(stop_signals[i], &former_stop[i], NULL);
            }
            (void)sigaction(SIGPIPE, &former_pipe, NULL);
            return -error;
        }
    }
    caught = true;
    return 0;
}

void bsti_signals_set_guardian(int pid)
{
    bsti_store_relaxed(&guardian, pid);
}

void bsti_signals_release(void)
{
    if (!caught) {
        return;
    }
    for (size_t i = 0; i < BSTI_ARRAY_LEN(stop_signals); i++) {
        /* What a guardian passes on may come late, and must not be the end of
         * a program that has stopped in order. */
        if (bsti_load_relaxed(&guardian) != 0) {
            (void)signal(stop_signals[i], SIG_IGN);
        } else {
            (void)sigaction(stop_signals[i], &former_stop[i], NULL);
        }
    }
    (void)sigaction(SIGPIPE, &former_pipe, NULL);
    /* release: a handler that still runs on another thread may finish */
    bsti_store_release(&callback, NULL);
    caught = false;
}
