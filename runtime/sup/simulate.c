/*
 * What happens in a simulated system: noted, hashed, and made worse.
 *
 * The hash covers virtual times, paths, incarnations, kinds, ends, and of the
 * messages what means the same in every run: see struct bst_field. Nothing in
 * it depends on addresses, on padding, or on real time.
 *
 * A failure is injected where a handler begins, so it takes the way that a
 * user's own failure takes. It never comes before the tree is up: a program
 * that does not start would be all that such runs show.
 */

#include "sup/simulate.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bastion/payload.h>
#include <bastion/sim.h>

#include "base/alloc.h"
#include "base/duration.h"
#include "base/rand.h"
#include "exec/sim.h"
#include "plat/log.h"
#include "sync/atomic.h"

enum {
    HURRIES = 4,        /* one turn in so many ends after a message */
    SLOW_HANDLERS = 32, /* with failures, one in so many takes its time */
    SLOW_NS = 1000000,
    BLOCKING_NS = 10000000 /* what a blocking handler takes at most */
};

static const bst_time default_limit = BST_S(60);

/* How long the stop of a system may take that does not say so itself. */
static const bst_time patience = BST_S(24 * 3600);

/* ---- events -------------------------------------------------------------- */

static uint64_t mix_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return bsti_rand_mix(hash, size);
}

static void note(struct bsti_simulation *sim, const struct bsti_sim_event *what,
                 const char *who)
{
    struct bsti_sim_event *event =
        &sim->events[sim->nevents++ % BSTI_SIM_EVENTS];
    size_t length = strlen(who);

    *event = *what;
    event->at = bsti_exec_now(sim->system->base.exec);
    length = BSTI_MIN(length, sizeof event->who - 1);
    memcpy(event->who, who, length);
    event->who[length] = '\0';
    sim->hash = bsti_rand_mix(sim->hash, (uint64_t)event->at);
    sim->hash =
        bsti_rand_mix(sim->hash, (uint64_t)event->type << 32 | event->kind);
    sim->hash = bsti_rand_mix(sim->hash, event->number);
    sim->hash = bsti_rand_mix(sim->hash, event->value);
    sim->hash = bsti_rand_mix(mix_bytes(sim->hash, who, length), event->index);
}

static void note_actor(struct bsti_simulation *sim, enum bsti_event_type type,
                       struct bsti_actor *actor, uint32_t kind, uint64_t value)
{
    struct bsti_sim_event event = {.type = type,
                                   .kind = kind,
                                   .number = bsti_actor_number(actor),
                                   .value = value,
                                   .index = bsti_actor_index(actor)};

    note(sim, &event, actor->group->path);
}

/* A reference as a place and a tenant. */
static uint64_t mix_ref(uint64_t hash, bst_ref ref)
{
    struct bsti_group *group = bsti_ref_group(ref);
    char path[256] = "";

    if (ref.target != 0 && group)
        snprintf(path, sizeof path, "%s", group->path);
    else if (ref.target != 0)
        bsti_actor_path((void *)(ref.target & ~(uintptr_t)BSTI_REF_TAGS), path,
                        sizeof path);
    return bsti_rand_mix(mix_bytes(hash, path, strlen(path)), ref.stamp);
}

static uint64_t mix_element(uint64_t hash, const struct bst_field *field,
                            const char *at)
{
    const char *text;
    struct bst_bytes bytes;
    bst_ref ref;

    switch (field->type) {
    case BST_FIELD_INT:
        return mix_bytes(hash, at, field->size);
    case BST_FIELD_TEXT:
        memcpy(&text, at, sizeof text);
        return text ? mix_bytes(hash, text, strlen(text)) : hash;
    case BST_FIELD_BYTES:
        memcpy(&bytes, at, sizeof bytes);
        return mix_bytes(hash, bytes.data, bytes.data ? bytes.size : 0);
    case BST_FIELD_REF:
        memcpy(&ref, at, sizeof ref);
        return mix_ref(hash, ref);
    case BST_FIELD_END:
        break;
    }
    return hash;
}

/* Hashes the fields of a message that mean the same in every run. */
static uint64_t hash_of(const struct bst_app *app,
                        const struct bst_msg *message)
{
    uint32_t index = message->kind - BST_KIND_USER;
    const struct bst_field *field;
    uint64_t hash = message->size;

    if (message->kind < BST_KIND_USER || index >= app->nmessages ||
        !message->body || !app->messages[index].fields)
        return hash;
    for (field = app->messages[index].fields; field->type != BST_FIELD_END;
         field++)
        for (size_t i = 0; i < field->count; i++)
            hash = mix_element(hash, field,
                               (const char *)message->body + field->offset +
                                   i * field->size);
    return hash;
}

/* ---- failures ------------------------------------------------------------ */

enum failure { FAIL_AT_ONCE, FAIL_LATE, PANIC, KILL, NO_MEMORY, FAILURES };

static bst_status inject(struct bsti_simulation *sim, struct bsti_actor *actor)
{
    enum failure failure = (enum failure)bsti_rand_below(&sim->rand, FAILURES);

    note_actor(sim, BSTI_SIM_INJECTED, actor, actor->kind, failure);
    switch (failure) {
    case FAIL_AT_ONCE:
        return BST_FAIL;
    case FAIL_LATE:
        actor->handling |= BSTI_DOOMED;
        return BST_OK;
    case PANIC:
        bst_panic(bsti_actor_state(actor), "simulated failure");
    case KILL:
        bsti_actor_kill(actor);
        return BST_OK;
    case NO_MEMORY:
        (void)bsti_alloc_fail_at(1 + bsti_rand_below(&sim->rand, 3));
        return BST_OK;
    case FAILURES:
        break;
    }
    return BST_OK;
}

static bool draws(struct bsti_simulation *sim, uint64_t part, uint64_t of)
{
    return part > 0 && bsti_rand_below(&sim->rand, of) < part;
}

/* Lets others run while this handler has not begun. */
static bst_status pass(struct bsti_simulation *sim, struct bsti_actor *actor,
                       uint64_t at_most)
{
    bst_time time = 1 + (bst_time)bsti_rand_below(&sim->rand, at_most);

    return bsti_sim_pass(&actor->proc, time);
}

static bst_status before(struct bsti_actor *actor,
                         const struct bst_msg *message)
{
    struct bst_system *system = actor->group->system;
    struct bsti_simulation *sim = bsti_simulation_of(system);
    const struct bst_handler *handler =
        bsti_handler_of(bsti_actor_spec(actor), message->kind);
    bst_status status = BST_OK;

    note_actor(sim, BSTI_SIM_HANDLED, actor, message->kind,
               hash_of(system->app, message));
    if (!sim->calm && draws(sim, 1, HURRIES))
        bsti_store_relaxed(&bsti_worker_current()->hurry, 1u);
    if (handler && handler->blocking)
        status = pass(sim, actor, BLOCKING_NS);
    else if (sim->up && sim->faults > 0 && draws(sim, 1, SLOW_HANDLERS))
        status = pass(sim, actor, SLOW_NS);
    if (status == BST_OK && sim->up && !sim->stopped &&
        draws(sim, sim->faults, 1000000))
        status = inject(sim, actor);
    return status;
}

static bst_status after(struct bsti_actor *actor, bst_status status)
{
    struct bsti_simulation *sim = bsti_simulation_of(actor->group->system);

    if (actor->handling & BSTI_DOOMED) {
        actor->handling &= (uint8_t)~BSTI_DOOMED;
        status = BST_FAIL;
    }
    if (status != BST_OK)
        note_actor(sim, BSTI_SIM_RETURNED, actor, actor->kind, status);
    return status;
}

static const struct bsti_observer observer = {.before = before, .after = after};

static void on_trace(void *arg, const struct bsti_trace *event)
{
    struct bsti_simulation *sim = arg;

    uint64_t failing;
    struct bsti_sim_event seen = {.type = BSTI_SIM_TREE,
                                  .kind = event->type,
                                  .number = event->number,
                                  .value =
                                      (uint64_t)event->how << 8 | event->status,
                                  .index = BSTI_SIM_NO_INDEX};

    note(sim, &seen, event->path);
    /* A second opinion must not fail for what the first one was denied. */
    failing = bsti_alloc_fail_at(0);
    bsti_shadow_note(sim, event);
    (void)bsti_alloc_fail_at(failing);
    if (sim->trace)
        sim->trace(sim->trace_arg, event);
}

/* ---- a broken invariant -------------------------------------------------- */

static const char *kind_name(const struct bst_app *app, uint32_t kind)
{
    switch (kind) {
    case BST_KIND_START:
        return "start";
    case BST_KIND_STOP:
        return "stop";
    case BST_KIND_RESTART:
        return "restart";
    case BST_KIND_DOWN:
        return "down";
    default:
        break;
    }
    if (kind & BST_KIND_TIMER)
        return "a timer";
    return kind >= BST_KIND_USER && kind - BST_KIND_USER < app->nmessages
               ? app->messages[kind - BST_KIND_USER].name
               : "a message";
}

static void print_what(const struct bst_app *app,
                       const struct bsti_sim_event *event)
{
    static const char *const failures[] = {"fails at once", "fails at its end",
                                           "panics", "is killed",
                                           "gets no memory"};
    static const char *const tree[] = {"started", "failed to start", "declined",
                                       "ended"};
    static const char *const ends[] = {"normally", "as asked", "failed",
                                       "killed",   "declined", "start failed"};

    switch (event->type) {
    case BSTI_SIM_HANDLED:
        fprintf(stderr, "handles %s", kind_name(app, event->kind));
        break;
    case BSTI_SIM_RETURNED:
        fprintf(stderr, "returns %s from %s",
                bst_status_name((bst_status)event->value),
                kind_name(app, event->kind));
        break;
    case BSTI_SIM_INJECTED:
        fprintf(stderr, "%s (injected)", failures[event->value]);
        break;
    case BSTI_SIM_TREE:
        fprintf(stderr, "%s", tree[event->kind]);
        if (event->kind == BSTI_TRACE_DOWN)
            fprintf(stderr, ": %s", ends[event->value >> 8]);
        break;
    }
}

static void print_events(const struct bsti_simulation *sim)
{
    uint64_t shown = BSTI_MIN(sim->nevents, (uint64_t)BSTI_SIM_EVENTS);

    fprintf(stderr, "the last %llu events:\n", (unsigned long long)shown);
    for (uint64_t i = sim->nevents - shown; i < sim->nevents; i++) {
        const struct bsti_sim_event *event = &sim->events[i % BSTI_SIM_EVENTS];

        fprintf(stderr, "  %14.6f %s", (double)(event->at - BST_S(1)) / 1e9,
                event->who);
        if (event->index != BSTI_SIM_NO_INDEX)
            fprintf(stderr, "/%u", event->index);
        fprintf(stderr, "#%llu ", (unsigned long long)event->number);
        print_what(sim->system->base.app, event);
        fputc('\n', stderr);
    }
}

_Noreturn void bsti_simulation_break(struct bsti_simulation *sim,
                                     const char *invariant, const char *format,
                                     ...)
{
    char time[BSTI_DURATION_SIZE];
    va_list args;

    fflush(stdout);
    fprintf(stderr, "seed %llu breaks the invariant \"%s\": ",
            (unsigned long long)sim->seed, invariant);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    print_events(sim);
    fprintf(stderr, "repeat it with --sim %llu", (unsigned long long)sim->seed);
    if (sim->faults > 0)
        fprintf(stderr, ",faults=%u.%04u%%", sim->faults / 10000,
                sim->faults % 10000);
    if (sim->time > 0) {
        bsti_duration_format(time, sizeof time, sim->time);
        fprintf(stderr, ",time=%s", time);
    }
    fputc('\n', stderr);
    _exit(BSTI_SIM_BROKEN);
}

/* ---- waiting ------------------------------------------------------------- */

bst_time bsti_simulation_left(const struct bsti_system *system)
{
    const struct bsti_simulation *sim = system->simulation;
    bst_time until = sim->stopped ? sim->patience : sim->limit;

    return BSTI_MAX(until - bsti_exec_now(system->base.exec), (bst_time)0);
}

void bsti_simulation_waited(struct bsti_system *system, bool hopeless)
{
    struct bsti_simulation *sim = system->simulation;
    bst_time now = bsti_exec_now(system->base.exec);

    if (sim->stopped && (hopeless || now >= sim->patience))
        bsti_simulation_break(sim, "a system that is stopped ends",
                              "it has not after %lld s",
                              (long long)((now - sim->limit) / BST_S(1)));
    if (sim->stopped || (!hopeless && now < sim->limit))
        return;
    sim->stopped = true;
    sim->patience = bsti_time_after(now, patience);
    bst_system_stop(&system->base);
}

/* ---- life ---------------------------------------------------------------- */

static void on_idle(void *arg)
{
    uint64_t failing = bsti_alloc_fail_at(0);

    bsti_audit(arg);
    (void)bsti_alloc_fail_at(failing);
}

int bsti_simulation_begin(struct bsti_system *system,
                          const struct bst_options *options, int64_t balance)
{
    struct bsti_simulation *sim = bsti_alloc(sizeof *sim);

    if (!sim)
        return -1;
    sim->shadow = bsti_shadow_create();
    if (!sim->shadow) {
        bsti_free(sim);
        return -1;
    }
    sim->system = system;
    sim->seed = system->base.seed;
    sim->rand = bsti_rand_mix(sim->seed, BSTI_SIM_EVENTS);
    sim->faults = options->sim_faults;
    sim->time = options->sim_time;
    sim->limit = options->sim_time > 0 ? options->sim_time : default_limit;
    sim->balance = balance;
    sim->trace = system->trace;
    sim->trace_arg = system->trace_arg;
    system->trace = on_trace;
    system->trace_arg = sim;
    system->simulation = sim;
    system->base.observer = &observer;
    return 0;
}

void bsti_simulation_attach(struct bsti_system *system)
{
    struct bsti_simulation *sim = system->simulation;

    sim->limit = bsti_time_after(bsti_exec_now(system->base.exec), sim->limit);
    bsti_sim_on_idle(system->base.exec, on_idle, sim);
}

void bsti_simulation_tell(const struct bsti_simulation *sim)
{
    struct bsti_exec *exec = sim->system->base.exec;
    char time[BSTI_DURATION_SIZE];

    bsti_duration_format(time, sizeof time, bsti_exec_now(exec) - BST_S(1));
    fprintf(stderr, "seed %llu: %s, %llu events, %llu turns, hash %016llx\n",
            (unsigned long long)sim->seed, time,
            (unsigned long long)sim->nevents,
            (unsigned long long)bsti_sim_turns(exec),
            (unsigned long long)sim->hash);
}

void bsti_simulation_end(struct bsti_simulation *sim)
{
    int64_t balance;

    (void)bsti_alloc_fail_at(0);
    bsti_shadow_destroy(sim->shadow);
    sim->shadow = NULL;
    /* What is left is the simulation and its system. */
    balance = bsti_alloc_balance() - 2;
    if (sim->alone && balance != sim->balance)
        bsti_simulation_break(sim, "what was allocated is freed",
                              "%lld pieces are left",
                              (long long)(balance - sim->balance));
}

/* ---- <bastion/sim.h> ----------------------------------------------------- */

bst_status bst_sim_run(struct bst_system *system, bst_time duration)
{
    _Atomic uint32_t never = 0;
    bst_time until;

    if (!bsti_simulation_of(system) || duration < 0)
        return BST_INVALID;
    until = bsti_time_after(bsti_exec_now(system->exec), duration);
    while (bsti_exec_now(system->exec) < until)
        if (!bsti_exec_wait(system->exec, &never, 0,
                            until - bsti_exec_now(system->exec)))
            break;
    return BST_OK;
}

bst_time bst_sim_now(struct bst_system *system)
{
    return bsti_exec_now(system->exec);
}

uint64_t bst_sim_hash(struct bst_system *system)
{
    const struct bsti_simulation *sim = bsti_simulation_of(system);

    return sim ? sim->hash : 0;
}
