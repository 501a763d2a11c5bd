/*
 * plat/signals: stop signals reach the callback, and everything is put back.
 */

#define _POSIX_C_SOURCE 200809L

#include "plat/signals.h"

#include <errno.h>

#include "sync/atomic.h"

#include "unit/unit.h"

static _Atomic int seen_signo[4];
static _Atomic unsigned seen_count;

static void on_stop(int signo, unsigned count)
{
    if (count <= 4) {
        bsti_store_relaxed(&seen_signo[count - 1], signo);
    }
    bsti_store_relaxed(&seen_count, count);
    errno = EDOM; /* must not be seen by what was interrupted */
}

static void former(int signo)
{
    (void)signo;
    bsti_store_relaxed(&seen_count, 1000u);
}

static int setup(void **state)
{
    (void)state;
    bsti_store_relaxed(&seen_count, 0u);
    return 0;
}

static void catch_both_signals_are_counted_together(void **state)
{
    (void)state;
    assert_int_equal(bsti_signals_catch(on_stop), 0);
    errno = 0;
    assert_int_equal(raise(SIGINT), 0);
    assert_int_equal(raise(SIGTERM), 0);
    assert_int_equal(raise(SIGTERM), 0);
    assert_int_equal(errno, 0);
    bsti_signals_release();
    assert_int_equal(bsti_load_relaxed(&seen_count), 3);
    assert_int_equal(bsti_load_relaxed(&seen_signo[0]), SIGINT);
    assert_int_equal(bsti_load_relaxed(&seen_signo[1]), SIGTERM);
    assert_int_equal(bsti_load_relaxed(&seen_signo[2]), SIGTERM);
}

static void catch_twice_is_busy(void **state)
{
    (void)state;
    assert_int_equal(bsti_signals_catch(on_stop), 0);
    assert_int_equal(bsti_signals_catch(on_stop), -EBUSY);
    bsti_signals_release();
    assert_int_equal(bsti_signals_catch(on_stop), 0);
    assert_int_equal(raise(SIGINT), 0);
    assert_int_equal(bsti_load_relaxed(&seen_count), 1);
    bsti_signals_release();
}

static void catch_ignores_sigpipe(void **state)
{
    int fds[2];

    (void)state;
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(close(fds[0]), 0);
    assert_int_equal(bsti_signals_catch(on_stop), 0);
    assert_int_equal(write(fds[1], "x", 1), -1);
    assert_int_equal(errno, EPIPE);
    bsti_signals_release();
    assert_int_equal(close(fds[1]), 0);
}

static void release_puts_former_handlers_back(void **state)
{
    struct sigaction action;
    struct sigaction before;
    struct sigaction pipe_action;

    (void)state;
    memset(&action, 0, sizeof(action));
    action.sa_handler = former;
    assert_int_equal(sigaction(SIGTERM, &action, &before), 0);
    assert_int_equal(bsti_signals_catch(on_stop), 0);
    bsti_signals_release();
    bsti_signals_release();
    assert_int_equal(raise(SIGTERM), 0);
    assert_int_equal(bsti_load_relaxed(&seen_count), 1000);
    assert_int_equal(sigaction(SIGPIPE, NULL, &pipe_action), 0);
    assert_true(pipe_action.sa_handler == SIG_DFL);
    assert_int_equal(sigaction(SIGTERM, &before, NULL), 0);
}

static void terminate_after_release(void *arg)
{
    (void)arg;
    if (bsti_signals_catch(on_stop) != 0 || raise(SIGTERM) != 0) {
        _exit(2);
    }
    bsti_signals_release();
    (void)raise(SIGTERM);
}

static void release_default_action_ends_the_process(void **state)
{
    (void)state;
    assert_true(unit_died_of(unit_fork(terminate_after_release, NULL, NULL, 0),
                             SIGTERM));
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

UNIT_MAIN(TEST(catch_both_signals_are_counted_together),
          TEST(catch_twice_is_busy), TEST(catch_ignores_sigpipe),
          TEST(release_puts_former_handlers_back),
          TEST(release_default_action_ends_the_process))
