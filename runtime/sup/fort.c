/*
 * The guardian: decisions, and the loop around them.
 *
 * Nothing of the runtime but its log runs in the guardian, so there is little
 * that could take it down with the program.
 */

#include "sup/fort.h"

#include "plat/clock.h"
#include "plat/entropy.h"
#include "plat/guard.h"
#include "plat/log.h"
#include "sup/backoff.h"
#include "sup/strategy.h"

enum {
    EXIT_START_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_GAVE_UP = 3,
    LAST_OF_OURS = 4, /* statuses that the runtime itself ends with */
    ECHO_MS = 100     /* between the same request by two ways */
};

/* ---- decisions ----------------------------------------------------------- */

int bsti_fort_init(struct bsti_fort *fort, const struct bst_restart *restart,
                   uint64_t seed, bst_time now)
{
    *fort = (struct bsti_fort){.restart = restart, .since = now, .rand = seed};
    return bsti_window_init(&fort->window, restart->tries, restart->in);
}

void bsti_fort_fini(struct bsti_fort *fort)
{
    bsti_window_fini(&fort->window);
}

static bool has_died(const struct bsti_fort *fort, bool by_signal, int number)
{
    if (by_signal || number > LAST_OF_OURS)
        return true;
    return number == EXIT_START_FAILED && fort->restarts > 0;
}

static bst_time next_delay(struct bsti_fort *fort, bst_time now)
{
    if (fort->restart->backoff == BST_BACKOFF_NONE)
        return 0;
    if (now - fort->since >=
        bsti_strategy_quiet_time(fort->restart, fort->last_delay))
        fort->failures = 0;
    fort->last_delay =
        bsti_backoff_delay(fort->restart, fort->failures++, &fort->rand);
    return fort->last_delay;
}

enum bsti_fort_verdict bsti_fort_judge(struct bsti_fort *fort, bool by_signal,
                                       int number, bst_time now,
                                       bst_time *delay)
{
    bool within = true;

    *delay = 0;
    if (!has_died(fort, by_signal, number))
        return BSTI_FORT_PASS;
    if (fort->restart->mode == BST_RESTART_LIMITED && fort->restart->in > 0)
        within = bsti_window_add(&fort->window, now);
    if (bsti_strategy_judge(fort->restart, within, fort->restarts) !=
        BSTI_VERDICT_RESTART)
        return BSTI_FORT_GIVE_UP;
    *delay = next_delay(fort, now);
    fort->restarts++;
    fort->since = now + *delay;
    return BSTI_FORT_RESTART;
}

/* ---- the loop ------------------------------------------------------------ */

/* The guardian and what it watches over. */
struct guardian {
    const struct bst_app *app;
    struct bsti_fort fort;
    int pid;           /* 0: it does not run */
    int passed_on;     /* the last signal that it was sent; 0: none */
    bool stopping;     /* it was asked to end */
    bst_time asked_at; /* when that was */
};

static void say(int level, const struct guardian *guardian,
                const struct bsti_guard_event *end, const char *then)
{
    if (end->type == BSTI_GUARD_KILLED)
        bsti_log(level, "%s was ended by %s%s; the guardian %s",
                 guardian->app->name, bsti_guard_signal_name(end->number),
                 end->has_dumped ? ", core dumped" : "", then);
    else
        bsti_log(level, "%s has ended with status %d; the guardian %s",
                 guardian->app->name, end->number, then);
}

/* Ends as the program has. */
static BST_NORETURN void pass(const struct bsti_guard_event *end)
{
    if (end->type == BSTI_GUARD_KILLED)
        bsti_guard_die(end->number);
    bsti_guard_exit(end->number);
}

static void on_signal(struct guardian *guardian,
                      const struct bsti_guard_event *event)
{
    bst_time now = bsti_clock_now();

    /* To the process, and then to its group: one request. */
    if (event->is_stop && guardian->stopping &&
        now - guardian->asked_at < BST_MS(ECHO_MS))
        return;
    if (event->is_stop) {
        guardian->stopping = true;
        guardian->asked_at = now;
    }
    if (guardian->pid == 0 && guardian->stopping)
        bsti_guard_exit(0);
    guardian->passed_on = event->number;
    if (!event->is_told)
        bsti_guard_send(guardian->pid, event->number);
}

/* Waits for the end of the program, and passes signals on meanwhile. */
static struct bsti_guard_event await_end(struct guardian *guardian)
{
    for (;;) {
        struct bsti_guard_event event =
            bsti_guard_wait(guardian->pid, BST_INFINITE);

        if (event.type == BSTI_GUARD_SIGNAL)
            on_signal(guardian, &event);
        else if (event.type != BSTI_GUARD_TIMEOUT)
            return event;
    }
}

static void await_delay(struct guardian *guardian, bst_time delay)
{
    bst_time until = bsti_clock_now() + delay;
    bst_time left;

    while ((left = until - bsti_clock_now()) > 0) {
        struct bsti_guard_event event = bsti_guard_wait(0, left);

        if (event.type == BSTI_GUARD_SIGNAL)
            on_signal(guardian, &event);
    }
}

/* Decides what the end of the program leads to; comes back to start it. */
static void judge(struct guardian *guardian, const struct bsti_guard_event *end)
{
    bool killed = end->type == BSTI_GUARD_KILLED;
    bst_time delay;

    guardian->pid = 0;
    if (guardian->stopping || (killed && end->number == guardian->passed_on))
        pass(end);
    switch (bsti_fort_judge(&guardian->fort, killed, end->number,
                            bsti_clock_now(), &delay)) {
    case BSTI_FORT_PASS:
        pass(end);
    case BSTI_FORT_GIVE_UP:
        say(BST_LOG_ERROR, guardian, end, "gives up");
        bsti_guard_exit(EXIT_GAVE_UP);
    case BSTI_FORT_RESTART:
        break;
    }
    say(BST_LOG_WARN, guardian, end, "starts it again");
    await_delay(guardian, delay);
}

int bsti_fort_enter(const struct bst_app *app,
                    const struct bst_options *options)
{
    struct guardian guardian = {.app = app};

    bsti_log_set_level((int)options->log);
    bsti_log_set_json(options->log_json != 0);
    if (!bsti_guard_is_possible()) {
        bsti_log(BST_LOG_ERROR,
                 "%s: a guardian has to be there before other threads are",
                 app->name);
        return EXIT_USAGE;
    }
    if (bsti_fort_init(&guardian.fort, &app->root->restart, bsti_entropy(),
                       bsti_clock_now()) != 0)
        return EXIT_START_FAILED;
    bsti_guard_begin();
    for (;;) {
        struct bsti_guard_event end;

        if (bsti_guard_fork(&guardian.pid)) {
            bsti_fort_fini(&guardian.fort);
            return 0;
        }
        if (guardian.pid < 0) {
            bsti_log(BST_LOG_ERROR, "%s: no process for it: error %d",
                     app->name, -guardian.pid);
            bsti_guard_exit(EXIT_START_FAILED);
        }
        end = await_end(&guardian);
        judge(&guardian, &end);
    }
}
