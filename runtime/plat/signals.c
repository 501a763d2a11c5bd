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
static _Atomic unsigned count;          /* stop signals so far */
static struct sigaction former_stop[2]; /* of stop_signals */
static struct sigaction former_pipe;    /* of SIGPIPE */

static void on_signal(int signo)
{
    int saved = errno;
    /* acquire: pairs with the release in bsti_signals_catch(); what the owner
     * prepared before it is visible to its callback */
    stop_fn *fn = bsti_load_acquire(&callback);

    if (fn != NULL) {
        /* relaxed: only counts */
        fn(signo, bsti_fetch_add_relaxed(&count, 1u) + 1);
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
    bsti_store_relaxed(&count, 0u);
    /* release: pairs with the acquire in on_signal() */
    bsti_store_release(&callback, on_stop);
    memset(&action, 0, sizeof(action));
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    action.sa_handler = SIG_IGN;
    if (sigaction(SIGPIPE, &action, &former_pipe) != 0) {
        return -errno;
    }
    action.sa_handler = on_signal;
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

void bsti_signals_release(void)
{
    if (!caught) {
        return;
    }
    for (size_t i = 0; i < BSTI_ARRAY_LEN(stop_signals); i++) {
        (void)sigaction(stop_signals[i], &former_stop[i], NULL);
    }
    (void)sigaction(SIGPIPE, &former_pipe, NULL);
    /* release: a handler that still runs on another thread may finish */
    bsti_store_release(&callback, NULL);
    caught = false;
}
