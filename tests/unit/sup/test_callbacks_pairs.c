/*
 * sup/callbacks: whatever happens, each incarnation is told of once at its
 * beginning and once at its end, and a restart is one on both sides.
 */

#include "unit/support/rig.h"

#include <pthread.h>

#include "base/rand.h"
#include "sup/sup.h"
#include "unit/unit.h"

enum { PATHS = 1024, ROUNDS = 3000 };

enum phase { STOPPED, BEGUN, RESTARTING };

/* What was told of a path last. */
static struct {
    char path[64];
    enum phase phase;
    bool again;           /* its last beginning was a restart */
    bool is_up;           /* after_start was called */
    uint64_t incarnation; /* that has begun */
} known[PATHS];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t nknown;
static uint32_t nbroken;
static uint64_t ncalls[BSTI_CALLS];

/* The lock is held. */
static uint32_t place_of(const char *path)
{
    uint32_t at = 0;

    while (at < nknown && strcmp(known[at].path, path) != 0)
        at++;
    if (at == nknown) {
        assert_true(nknown < PATHS);
        snprintf(known[nknown++].path, sizeof known[0].path, "%s", path);
    }
    return at;
}

/* A member of a dynamic group that was forgotten leaves its path to another. */
static bool is_new(const struct bst_event *event)
{
    return strstr(event->path, "/kids/") && event->incarnation == 0;
}

static bool fits(uint32_t at, enum bsti_call call,
                 const struct bst_event *event)
{
    enum phase phase = known[at].phase;
    bool same = event->incarnation == known[at].incarnation;

    switch (call) {
    case BSTI_CALL_BEFORE_START:
        return phase == STOPPED || (phase == RESTARTING && is_new(event));
    case BSTI_CALL_AFTER_RESTART:
        return phase == RESTARTING && event->exit != BST_EXIT_NONE;
    case BSTI_CALL_AFTER_START:
        return phase == BEGUN && !known[at].again && !known[at].is_up && same;
    case BSTI_CALL_BEFORE_RESTART:
    case BSTI_CALL_AFTER_STOP:
    case BSTI_CALLS:
        break;
    }
    /* A kill may come in the middle of the callback at its beginning. */
    if (event->exit == BST_EXIT_KILLED)
        return true;
    return phase == BEGUN && same && event->exit != BST_EXIT_NONE;
}

static bst_status take(const struct bst_event *event, enum bsti_call call)
{
    uint32_t at;

    rig_lock(&lock);
    at = place_of(event->path);
    ncalls[call]++;
    if (!fits(at, call, event)) {
        nbroken++;
        print_message("%s of %s#%llu in phase %d\n", bsti_call_name(call),
                      event->path, (unsigned long long)event->incarnation + 1,
                      (int)known[at].phase);
    }
    switch (call) {
    case BSTI_CALL_BEFORE_START:
    case BSTI_CALL_AFTER_RESTART:
        known[at].phase = BEGUN;
        known[at].again = call == BSTI_CALL_AFTER_RESTART;
        known[at].is_up = false;
        known[at].incarnation = event->incarnation;
        break;
    case BSTI_CALL_AFTER_START:
        known[at].is_up = true;
        break;
    case BSTI_CALL_BEFORE_RESTART:
        known[at].phase = RESTARTING;
        break;
    case BSTI_CALL_AFTER_STOP:
    case BSTI_CALLS:
        known[at].phase = STOPPED;
        break;
    }
    rig_unlock(&lock);
    return BST_OK;
}

#define TAKING(name, call)                                                     \
    static bst_status name(const struct bst_event *event)                      \
    {                                                                          \
        return take(event, call);                                              \
    }

TAKING(before_start, BSTI_CALL_BEFORE_START)
TAKING(after_start, BSTI_CALL_AFTER_START)
TAKING(before_restart, BSTI_CALL_BEFORE_RESTART)
TAKING(after_restart, BSTI_CALL_AFTER_RESTART)
TAKING(after_stop, BSTI_CALL_AFTER_STOP)

/* Any of the decisions but that to stop everything. */
static enum bst_decision any(const struct bst_failure *failure)
{
    return (enum bst_decision)(
        (failure->restarts + failure->child.incarnation) %
        BST_DECIDE_STOP_SYSTEM);
}

static const struct bst_callbacks taking = {.before_start = before_start,
                                            .after_start = after_start,
                                            .before_restart = before_restart,
                                            .after_restart = after_restart,
                                            .after_stop = after_stop};
static const struct bst_callbacks taking_any = {.before_start = before_start,
                                                .after_start = after_start,
                                                .before_restart =
                                                    before_restart,
                                                .after_restart = after_restart,
                                                .after_stop = after_stop,
                                                .failure = any};

static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g"};

enum { NAMES = sizeof names / sizeof names[0] };

static struct bst_supervisor *add_sup(struct rig *rig,
                                      struct bst_supervisor *parent,
                                      const char *name,
                                      enum bst_strategy strategy)
{
    struct bst_supervisor *sup =
        rig_sup(rig, parent, name, strategy, 2, BST_MS(5));

    sup->callbacks = &taking;
    if (!parent)
        sup->restart.mode = BST_RESTART_ALWAYS;
    return sup;
}

static void add_child(struct rig *rig, struct bst_supervisor *sup,
                      const char *name, enum bst_lifetime lifetime)
{
    struct rig_part *part = rig_child(rig, sup, name);

    part->group.callbacks = &taking;
    part->group.lifetime = lifetime;
}

static void build(struct rig *rig)
{
    struct bst_supervisor *top;
    struct bst_supervisor *x;
    struct bst_supervisor *y;
    struct bst_supervisor *z;
    struct rig_part *kids;

    rig_init(rig);
    rig->options.log = BST_LOG_NONE;
    top = add_sup(rig, NULL, "top", BST_ONE_FOR_ONE);
    x = add_sup(rig, top, "x", BST_ONE_FOR_ALL);
    add_child(rig, x, "a", BST_PERMANENT);
    add_child(rig, x, "b", BST_TRANSIENT);
    add_child(rig, x, "c", BST_TEMPORARY);
    y = add_sup(rig, top, "y", BST_REST_FOR_ONE);
    y->restart.backoff = BST_LINEAR;
    y->restart.step = BST_US(300);
    add_child(rig, y, "d", BST_PERMANENT);
    add_child(rig, y, "e", BST_TRANSIENT);
    kids = rig_child(rig, y, "kids");
    kids->group.redundancy = 0;
    kids->group.max = 4;
    kids->group.lifetime = BST_TRANSIENT;
    kids->group.callbacks = &taking;
    z = add_sup(rig, top, "z", BST_ONE_FOR_ALL);
    z->callbacks = &taking_any;
    add_child(rig, z, "f", BST_PERMANENT);
    add_child(rig, z, "g", BST_TEMPORARY);
}

/* Does something to somebody, who may be gone. */
static void disturb(struct rig *rig, uint64_t *rand)
{
    static rig_fn *const fns[] = {rig_crash, rig_panic, rig_normal, rig_count,
                                  rig_count, rig_count, rig_count};
    struct rig_order order = {
        fns[bsti_rand_below(rand, sizeof fns / sizeof fns[0])], NULL};
    const char *name = names[bsti_rand_below(rand, NAMES)];
    struct rig_part *kids = rig_part(rig, "kids");

    switch (bsti_rand_below(rand, 12)) {
    case 0:
        rig_part(rig, name)->bad_starts = 1;
        break;
    case 1:
        rig_kill(rig, name);
        break;
    case 2:
        (void)bst_system_spawn(rig->system, &kids->group, NULL, NULL);
        break;
    case 3:
        kids->bad_starts = 1;
        break;
    case 4:
    case 5:
        (void)bst_tell(rig_group(rig, "kids"), RIG_DO, &order, sizeof order);
        break;
    default:
        (void)bst_tell(rig_group(rig, name), RIG_DO, &order, sizeof order);
        break;
    }
}

static void b83_calls_come_in_pairs(void **state)
{
    struct rig rig;

    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        uint64_t rand = seed;

        nknown = 0;
        memset(known, 0, sizeof known);
        build(&rig);
        rig_start(&rig);
        for (int i = 0; i < ROUNDS; i++) {
            disturb(&rig, &rand);
            if (i % 16 == 0)
                rig_pass();
        }
        /* Whoever fails to start does so no more. */
        for (int i = 0; i < NAMES; i++)
            rig_part(&rig, names[i])->bad_starts = 0;
        rig_stop_quietly(&rig);
        for (uint32_t i = 0; i < nknown; i++)
            assert_int_not_equal(known[i].phase, BEGUN);
    }
    assert_int_equal(nbroken, 0);
    for (int i = 0; i < BSTI_CALLS; i++)
        assert_true(ncalls[i] > 10);
}

UNIT_MAIN(RIG_TEST(b83_calls_come_in_pairs))
