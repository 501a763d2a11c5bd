/*
 * The system around the root supervisor: start, stop, wait.
 *
 * The root runs on the workers like everything else. It tells the outside
 * through `state` and the futex `event`; whoever starts the system or waits
 * for its end sleeps there. Signals of the operating system only count and
 * wake the waiter, who then asks for the stop: nothing else would be safe in
 * a signal handler.
 */

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "actor/foreign.h"
#include "actor/payload.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "plat/entropy.h"
#include "plat/futex.h"
#include "plat/log.h"
#include "plat/probe.h"
#include "plat/report.h"
#include "plat/signals.h"
#include "actor/crash.h"
#include "actor/dynamic.h"
#include "exec/oust.h"
#include "exec/sim.h"
#include "sup/simulate.h"
#include "sup/sup.h"
#include "sync/atomic.h"

/* How long the workers may take to come back once the tree has ended. */
static const bst_time patience = BST_S(1);

/* Systems of this OS process, and those that there ever were. */
static _Atomic uint32_t live;
static _Atomic uint32_t begun;

enum { PATIENCE_MS = 100 /* with reports, when all ends at once */ };

/* The one system that SIGINT and SIGTERM stop. */
static struct bsti_system *_Atomic signal_system;

static struct bsti_system *system_of(struct bst_system *system)
{
    return bsti_container_of(system, struct bsti_system, base);
}

static void wake_waiter(struct bsti_system *system)
{
    bsti_fetch_add_release(&system->event, 1u);
    bsti_futex_wake(&system->event, INT32_MAX);
}

/* ---- told by the tree ---------------------------------------------------- */

static void on_started(struct bsti_actor *actor)
{
    bsti_child_notify(&actor->child, BSTI_EVENT_STARTED);
}

static void on_exited(struct bsti_actor *actor)
{
    bsti_child_notify(&actor->child, BSTI_EVENT_EXITED);
}

const struct bsti_hooks bsti_system_hooks = {
    .started = on_started,
    .exited = on_exited,
    .stop = bst_system_stop,
};

static void set_state(struct bsti_system *system, enum bsti_system_state state)
{
    /* release: pairs with the acquire of the waiter. */
    bsti_store_release(&system->state, (uint32_t)state);
    wake_waiter(system);
}

void bsti_system_root_up(struct bsti_system *system)
{
    if (system->simulation)
        system->simulation->up = true;
    set_state(system, BSTI_SYSTEM_UP);
}

void bsti_system_root_ended(struct bsti_system *system)
{
    struct bsti_sup *root = system->root;

    for (BSTI_EACH_CHILD(child, root))
        bsti_child_close(child);
    set_state(system, root->ending == BSTI_EXIT_START_FAILED
                          ? BSTI_SYSTEM_START_FAILED
                          : BSTI_SYSTEM_ENDED);
}

/* ---- signals ------------------------------------------------------------- */

static void on_stop_signal(int signo, unsigned count)
{
    struct bsti_system *system = bsti_load_acquire(&signal_system);

    if (count > 1) {
        bsti_report_drain(PATIENCE_MS);
        _exit(128 + signo);
    }
    if (system) {
        bsti_fetch_add_relaxed(&system->stop_signals, 1u);
        wake_waiter(system);
    }
}

static int catch_signals(struct bsti_system *system)
{
    struct bsti_system *nobody = NULL;

    if (!bsti_cas_strong_seq_cst(&signal_system, &nobody, system))
        return -EBUSY;
    if (bsti_signals_catch(on_stop_signal) != 0) {
        bsti_store_release(&signal_system, NULL);
        return -EBUSY;
    }
    system->catches_signals = true;
    return 0;
}

static void release_signals(struct bsti_system *system)
{
    if (!system->catches_signals)
        return;
    bsti_signals_release();
    bsti_store_release(&signal_system, NULL);
}

/* ---- waiting ------------------------------------------------------------- */

static enum bsti_system_state state_of(struct bsti_system *system)
{
    return (enum bsti_system_state)bsti_load_acquire(&system->state);
}

static void wait_for_event(struct bsti_system *system, uint32_t event)
{
    bst_time within = BST_INFINITE;
    bool hopeful;

    if (system->simulation)
        within = bsti_simulation_left(system);
    hopeful = bsti_exec_wait(system->base.exec, &system->event, event, within);
    /* Seen by its own futex: what has changed in the meantime counts. */
    if (system->simulation && bsti_load_acquire(&system->event) == event)
        bsti_simulation_waited(system, !hopeful);
}

/* Sleeps until the state is no longer `state`; heeds signals meanwhile. */
static enum bsti_system_state wait_while(struct bsti_system *system,
                                         enum bsti_system_state state)
{
    for (;;) {
        uint32_t event = bsti_load_acquire(&system->event);
        enum bsti_system_state now = state_of(system);

        if (now != state)
            return now;
        if (bsti_xchg_relaxed(&system->stop_signals, 0u) > 0)
            bst_system_stop(&system->base);
        wait_for_event(system, event);
    }
}

/* ---- life ---------------------------------------------------------------- */

#if BST_DEBUG

/* What messages owned is freed by now, but for what handlers have taken. */
static void report_payloads(struct bsti_system *system)
{
    int64_t left = bsti_payloads_live(&system->base);

    if (left != 0)
        bsti_log(BST_LOG_WARN,
                 "%s: %lld texts or bytes that handlers made or took were "
                 "never freed or sent",
                 system->base.app->name, (long long)left);
}

/* Every message is accounted for once nothing runs any more. */
static void check_conservation(struct bsti_system *system)
{
    struct bst_stats stats;

    report_payloads(system);
    bst_system_stats(&system->base, &stats);
    if (stats.sent == stats.handled + stats.failed + stats.dead + stats.dropped)
        return;
    bsti_log(BST_LOG_ERROR,
             "sent %llu, handled %llu, failed %llu, dead %llu, dropped %llu",
             (unsigned long long)stats.sent, (unsigned long long)stats.handled,
             (unsigned long long)stats.failed, (unsigned long long)stats.dead,
             (unsigned long long)stats.dropped);
    bsti_check(false, "messages were lost or counted twice");
}

#else

static void check_conservation(struct bsti_system *system)
{
    (void)system;
}

#endif

/* The tree has ended: nobody fails any more, but for orphans. */
static void end_reports(struct bsti_system *system)
{
    bsti_report_flush();
    bsti_crash_tell_hushed(&system->base);
}

/* Frees everything, unless a handler was left behind and still uses it. */
static void destroy(struct bsti_system *system)
{
    bool orphans = bsti_load_relaxed(&system->base.orphans) > 0;

    release_signals(system);
    if (!orphans)
        bsti_foreign_wait(&system->base);
    if (system->base.exec) {
        bst_time within = orphans ? patience : BST_INFINITE;

        if (!bsti_exec_stop_blocking(system->base.exec, within) ||
            !bsti_exec_quiesce(system->base.exec, within))
            return;
        check_conservation(system);
        if (system->simulation && system->speaks)
            bsti_simulation_tell(system->simulation);
        bsti_exec_destroy(system->base.exec);
    }
    bsti_foreign_fini(&system->base);
    bsti_report_end();
    bsti_tree_destroy(system);
    bsti_fetch_sub_relaxed(&live, 1u);
    if (system->simulation) {
        if (bsti_load_relaxed(&begun) != system->begun)
            system->simulation->alone = false;
        bsti_simulation_end(system->simulation);
    }
    bsti_free(system->simulation);
    bsti_free(system);
}

static bst_status check_app(const struct bst_app *app)
{
    if (app->abi != BST_TOPOLOGY_ABI) {
        bsti_log(BST_LOG_ERROR,
                 "%s was generated for another bastion (ABI %u, not %u); "
                 "run bastionc again",
                 app->name, app->abi, BST_TOPOLOGY_ABI);
        return BST_INVALID;
    }
    for (uint32_t i = 0; i < app->ngroups; i++) {
        const struct bst_group *group = app->groups[i];

        if (group->index == i && group->actor &&
            (group->redundancy == 0) == (group->max > 0))
            continue;
        bsti_log(BST_LOG_ERROR, "%s: the table of group %s is broken",
                 app->name, group->name);
        return BST_INVALID;
    }
    return BST_OK;
}

/* Returns whether there are `blocking` handlers, and the stack they want. */
static bool has_blocking(struct bsti_system *system, size_t *stack_bytes)
{
    bool found = false;

    *stack_bytes = 0;
    for (uint32_t i = 0; i < system->base.app->ngroups; i++) {
        const struct bsti_group *group = &system->base.groups[i];

        if (!group->has_blocking)
            continue;
        found = true;
        *stack_bytes = BSTI_MAX(*stack_bytes, group->spec->stack_bytes);
    }
    return found;
}

static int create_parts(struct bsti_system *system,
                        const struct bst_options *options)
{
    struct bsti_exec_options exec = {.threads = options->threads,
                                     .pin = options->pin != 0,
                                     .blocking = {.min = options->blocking_min,
                                                  .max = options->blocking_max},
                                     .faults = system->base.app->faults,
                                     .no_next_slot = options->no_next_slot,
                                     .steal_one = options->steal_one,
                                     .no_contention_skip =
                                         options->no_contention_skip};
    struct bsti_sim_options sim = {.seed = system->base.seed,
                                   .stalls = options->sim_faults > 0};
    bool blocking;

    if (bsti_tree_create(system) != 0)
        return -1;
    blocking = has_blocking(system, &exec.blocking.stack_bytes);
    if (system->simulation)
        exec.sim = &sim;
    system->blocking_stack = exec.blocking.stack_bytes;
    system->base.exec = bsti_exec_create(&exec);
    if (!system->base.exec)
        return -1;
    if (system->simulation)
        bsti_simulation_attach(system);
    for (uint32_t i = 0; i < system->base.app->ngroups; i++) {
        struct bsti_group *group = &system->base.groups[i];

        if (group->dynamic &&
            bsti_dynamic_prepare(group, bsti_exec_workers(system->base.exec)) !=
                0)
            return -1;
    }
    if (!blocking)
        return 0;
    /* Now, so that a lack of memory is found before the start. */
    system->base.blocking = bsti_exec_blocking(system->base.exec);
    return system->base.blocking ? 0 : -1;
}

static struct bsti_system *create(const struct bst_app *app,
                                  const struct bst_options *options,
                                  bsti_trace_fn *trace, void *arg,
                                  bst_status *error)
{
    struct bsti_system *system;
    int64_t balance = bsti_alloc_balance();

    *error = check_app(app);
    if (*error != BST_OK)
        return NULL;
    *error = BST_NOMEM;
    system = bsti_alloc(sizeof *system);
    if (!system) {
        bsti_log(BST_LOG_ERROR, "%s: out of memory", app->name);
        return NULL;
    }
    system->base.app = app;
    system->base.hooks = &bsti_system_hooks;
    system->base.seed = options->seeded ? options->seed : bsti_entropy();
    system->trace = trace;
    system->trace_arg = arg;
    if (options->sim && bsti_simulation_begin(system, options, balance) != 0) {
        bsti_free(system);
        return NULL;
    }
    /* Whoever comes later disturbs those that were alone. */
    system->begun = bsti_fetch_add_relaxed(&begun, 1u) + 1;
    if (bsti_fetch_add_relaxed(&live, 1u) == 0 && system->simulation)
        system->simulation->alone = true;
    system->base.argc = options->argc;
    system->base.argv = options->argv;
    bsti_spin_init(&system->base.foreign_lock);
    bsti_ration_init(&system->base.ration);
    bsti_report_begin();
    bsti_spin_init(&system->tree);
    if (create_parts(system, options) != 0) {
        bsti_log(BST_LOG_ERROR, "%s: out of memory or threads", app->name);
        destroy(system);
        return NULL;
    }
    if (options->handle_signals && catch_signals(system) != 0) {
        bsti_log(BST_LOG_ERROR, "%s: another system handles the signals",
                 app->name);
        destroy(system);
        *error = BST_INVALID;
        return NULL;
    }
    return system;
}

struct bst_system *bsti_system_start_traced(const struct bst_app *app,
                                            const struct bst_options *given,
                                            bsti_trace_fn *trace, void *arg,
                                            bst_status *error)
{
    struct bst_options options = BST_OPTIONS_DEFAULT;
    bst_status ignored;
    struct bsti_system *system;

    if (given)
        options = *given;
    if (!error)
        error = &ignored;
    bsti_log_set_level((int)options.log);
    bsti_log_set_json(options.log_json != 0);
    system = create(app, &options, trace, arg, error);
    if (!system)
        return NULL;
    bsti_sup_start(system->root);
    if (wait_while(system, BSTI_SYSTEM_STARTING) == BSTI_SYSTEM_START_FAILED) {
        end_reports(system);
        bsti_log(BST_LOG_ERROR, "%s: the start failed: %s", app->name,
                 system->root->fault);
        *error = system->root->reason ? BST_INVALID : BST_FAILED;
        destroy(system);
        return NULL;
    }
    *error = BST_OK;
    return &system->base;
}

struct bst_system *bst_system_start(const struct bst_app *app,
                                    const struct bst_options *options,
                                    bst_status *error)
{
    bsti_probe_small(app, sizeof *app);
    if (options)
        bsti_probe_small(options, sizeof *options);
    if (error)
        bsti_probe_out_small(error, sizeof *error);
    if (bsti_is_barred()) {
        if (error)
            *error = BST_DEAD;
        return NULL;
    }
    return bsti_system_start_traced(app, options, NULL, NULL, error);
}

void bsti_system_speak(struct bst_system *system)
{
    system_of(system)->speaks = true;
}

void bst_system_stop(struct bst_system *system)
{
    bsti_probe_word(system);
    if (bsti_is_barred())
        return;
    bsti_sup_stop(system_of(system)->root);
}

int bst_system_wait(struct bst_system *base)
{
    struct bsti_system *system = system_of(base);
    int status = 0;

    bsti_probe_word(base);
    if (bsti_is_barred())
        return 1;
    wait_while(system, BSTI_SYSTEM_UP);
    end_reports(system);
    if (system->root->gave_up || system->root->ending == BSTI_EXIT_KILLED) {
        bsti_log(BST_LOG_ERROR, "%s gave up: %s", system->root->path,
                 system->root->fault);
        status = 3;
    }
    destroy(system);
    return status;
}

void bst_system_stats(struct bst_system *system, struct bst_stats *stats)
{
    struct bsti_exec *exec;
    uint64_t settled;
    uint64_t ends;

    bsti_probe_small(system, sizeof *system);
    bsti_probe_out_small(stats, sizeof *stats);
    exec = system->exec;
    ends = bsti_exec_counter(exec, BSTI_COUNT_ENDS);
    *stats = (struct bst_stats){
        .handled = bsti_exec_counter(exec, BSTI_COUNT_HANDLED),
        .failed = bsti_exec_counter(exec, BSTI_COUNT_FAILED),
        .dead = bsti_exec_counter(exec, BSTI_COUNT_DEAD),
        .dropped = bsti_exec_counter(exec, BSTI_COUNT_DROPPED),
        .refused = bsti_exec_counter(exec, BSTI_COUNT_REFUSED),
        .restarts = bsti_exec_counter(exec, BSTI_COUNT_RESTARTS),
    };
    /* What goes up first is read last: the differences are never negative. */
    stats->sent = bsti_exec_counter(exec, BSTI_COUNT_SENT);
    stats->processes = bsti_exec_counter(exec, BSTI_COUNT_STARTS) - ends;
    settled = stats->handled + stats->failed + stats->dead + stats->dropped;
    stats->queued = stats->sent > settled ? stats->sent - settled : 0;
}
