/*
 * Building, running and recording; see rig.h.
 *
 * The record is guarded by a plain mutex: lines come from handlers and from
 * the turns of supervisors, on any worker, and nobody suspends under it.
 */

#define _GNU_SOURCE
#include "unit/support/rig.h"

#include <ctype.h>
#include <errno.h>
#include <time.h>

#include <bastion/sim.h>

#include "exec/exec.h"
#include "plat/thread.h"
#include "sup/sup.h"
#include "sync/atomic.h"
#include "unit/unit.h"

/* Far more than anything takes, even on a loaded machine under TSan. */
enum { PATIENCE_S = 40, VIRTUAL_PATIENCE_S = 4 * 3600 };

/* ---- the record ---------------------------------------------------------- */

static void append(struct rig *rig, const char *line)
{
    size_t n = strlen(line);

    rig_lock(&rig->lock);
    if (rig->length + n + 2 > rig->size) {
        rig->size = 2 * (rig->length + n + 2);
        rig->text = realloc(rig->text, rig->size);
    }
    memcpy(rig->text + rig->length, line, n);
    rig->length += n;
    rig->text[rig->length++] = '\n';
    rig->text[rig->length] = '\0';
    bsti_fetch_add_release(&rig->lines, 1u);
    pthread_cond_broadcast(&rig->changed);
    rig_unlock(&rig->lock);
}

/* What the thread let through before it locked. */
static _Thread_local sigset_t unmasked;

void rig_lock(pthread_mutex_t *mutex)
{
    sigset_t all;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &unmasked);
    pthread_mutex_lock(mutex);
}

void rig_unlock(pthread_mutex_t *mutex)
{
    sigset_t before = unmasked;

    pthread_mutex_unlock(mutex);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void rig_note(struct rig *rig, const char *format, ...)
{
    char line[300];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    append(rig, line);
}

/* "a" of "/top/in/a", "w/3" of "/top/w/3". */
static const char *short_name(const char *path)
{
    const char *name = strrchr(path, '/') + 1;

    if (!isdigit((unsigned char)*name))
        return name;
    name--;
    while (name > path && name[-1] != '/')
        name--;
    return name;
}

static const char *reason(enum bsti_exit how)
{
    switch (how) {
    case BSTI_EXIT_NORMAL:
        return " normal";
    case BSTI_EXIT_SHUTDOWN:
        return " shutdown";
    case BSTI_EXIT_FAILED:
        return " crashed";
    case BSTI_EXIT_KILLED:
        return " killed";
    case BSTI_EXIT_START_FAILED:
        return " startfail";
    case BSTI_EXIT_DECLINED:
        break;
    }
    return " declined";
}

static void on_trace(void *arg, const struct bsti_trace *event)
{
    static const char *const verbs[] = {"start", "startfail", "ignore", "down"};
    struct rig *rig = arg;
    const char *end = "";
    char line[300];

    if (event->type == BSTI_TRACE_DOWN)
        end = reason(event->how);
    else if (event->type == BSTI_TRACE_START && event->supervisor)
        end = " (sup)";
    snprintf(line, sizeof line, "%s %s#%llu%s", verbs[event->type],
             short_name(event->path), (unsigned long long)event->number, end);
    append(rig, line);
    if (rig->on_line)
        rig->on_line(rig, line);
}

static uint32_t count_lines(const char *text)
{
    uint32_t n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

/* Lets virtual time pass until there are `count` lines more. */
static void simulate_lines(struct rig *rig, uint32_t count)
{
    bst_time until;

    if (!rig->system || !rig_is_simulated())
        return;
    until = rig_now(rig) + BST_S(VIRTUAL_PATIENCE_S);
    while (count_lines(rig->text + rig->expected) < count &&
           rig_now(rig) < until)
        if (!bsti_exec_wait(rig->system->exec, &rig->lines,
                            bsti_load_relaxed(&rig->lines),
                            until - rig_now(rig)))
            break;
}

/* Returns a copy of the next `count` lines; fails when they do not come. */
static char *take_lines(struct rig *rig, uint32_t count, const char *expected)
{
    struct timespec until;
    char *copy;
    size_t end;

    simulate_lines(rig, count);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += rig_is_simulated() ? 0 : PATIENCE_S;
    pthread_mutex_lock(&rig->lock);
    while (count_lines(rig->text + rig->expected) < count) {
        if (pthread_cond_timedwait(&rig->changed, &rig->lock, &until) ==
            ETIMEDOUT) {
            print_error("after\n%s-- expected\n%s", rig->text, expected);
            rig_ran(NULL);
            _Exit(1);
        }
    }
    end = rig->expected;
    while (count > 0)
        count -= rig->text[end++] == '\n';
    copy = strndup(rig->text + rig->expected, end - rig->expected);
    rig->expected = end;
    pthread_mutex_unlock(&rig->lock);
    return copy;
}

static void check_lines(struct rig *rig, const char *found, const char *lines)
{
    if (strcmp(found, lines) == 0)
        return;
    print_error("-- found\n%s-- expected\n%s-- all\n%s", found, lines,
                rig->text);
    fail();
}

void rig_expect(struct rig *rig, const char *lines)
{
    char *found = take_lines(rig, count_lines(lines), lines);

    check_lines(rig, found, lines);
    free(found);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Puts the lines of `text` in alphabetical order. */
static char *sorted(const char *text)
{
    char *copy = strdup(text);
    char *result = calloc(1, strlen(text) + 1);
    char *lines[100];
    char *rest = NULL;
    size_t n = 0;

    for (char *line = strtok_r(copy, "\n", &rest); line && n < 100;
         line = strtok_r(NULL, "\n", &rest))
        lines[n++] = line;
    qsort(lines, n, sizeof lines[0], by_text);
    for (size_t i = 0; i < n; i++) {
        strcat(result, lines[i]);
        strcat(result, "\n");
    }
    free(copy);
    return result;
}

void rig_expect_unordered(struct rig *rig, const char *lines)
{
    char *found = take_lines(rig, count_lines(lines), lines);
    char *a = sorted(found);
    char *b = sorted(lines);

    check_lines(rig, a, b);
    free(found);
    free(a);
    free(b);
}

/* ---- building ------------------------------------------------------------ */

static const struct bst_message messages[RIG_KINDS] = {
    {.name = "do", .size = sizeof(struct rig_order), .hash = 1},
    {.name = "ask",
     .size = sizeof(struct rig_order),
     .hash = 2,
     .answer = RIG_ANSWER},
    {.name = "answer", .size = sizeof(struct rig_answer), .hash = 3},
    {.name = "plain", .size = 0, .hash = 4},
    {.name = "blob", .size = 0, .hash = 5},
};

static const struct bst_use outside[] = {
    {.kind = RIG_ASK, .how = BST_USE_ASK, .within = BST_S(30)},
    {.kind = RIG_PLAIN, .how = BST_USE_ASK, .within = BST_S(30)},
};

struct rig *rig_of(struct bst_system *system)
{
    return ((const struct rig *)(const void *)system->app)->self;
}

void rig_init(struct rig *rig)
{
    memset(rig, 0, sizeof *rig);
    rig->self = rig;
    rig->app = (struct bst_app){
        .abi = BST_TOPOLOGY_ABI,
        .name = "rig",
        .groups = rig->groups,
        .messages = messages,
        .nmessages = RIG_KINDS,
        .outside = outside,
        .noutside = sizeof outside / sizeof outside[0],
    };
    rig->options = (struct bst_options)BST_OPTIONS_DEFAULT;
    rig->options.threads = 3;
    rig->options.pin = 0;
    rig->options.log = BST_LOG_NONE;
    if (rig_is_simulated()) {
        rig->options.threads = 1 + (uint32_t)(rig_seed() % 4);
        rig->options.sim = 1;
        rig->options.sim_time = BST_S(30 * 24 * 3600);
        rig->options.seeded = 1;
        rig->options.seed = rig_seed();
    }
    pthread_mutex_init(&rig->lock, NULL);
    pthread_cond_init(&rig->changed, NULL);
    rig->size = 4096;
    rig->text = calloc(1, rig->size);
}

static struct bst_child *add_child(struct bst_supervisor *parent)
{
    struct rig_sup *sup = bsti_container_of(parent, struct rig_sup, table);

    assert_true(parent->nchildren < RIG_CHILDREN);
    return &sup->children[parent->nchildren++];
}

struct bst_supervisor *rig_sup(struct rig *rig, struct bst_supervisor *parent,
                               const char *name, enum bst_strategy strategy,
                               uint32_t tries, bst_time in)
{
    struct rig_sup *sup = &rig->sups[rig->nsups++];

    assert_true(rig->nsups <= RIG_SUPERVISORS);
    sup->table = (struct bst_supervisor){
        .name = name,
        .where = "rig.bst:1",
        .strategy = strategy,
        .restart = {.mode = BST_RESTART_LIMITED, .tries = tries, .in = in},
        .children = sup->children,
    };
    if (parent)
        add_child(parent)->supervisor = &sup->table;
    else
        rig->app.root = &sup->table;
    return &sup->table;
}

struct rig_part *rig_child(struct rig *rig, struct bst_supervisor *parent,
                           const char *name)
{
    uint32_t index = rig->nparts++;
    struct rig_part *part = &rig->parts[index];

    assert_true(index < RIG_PARTS);
    part->rig = rig;
    part->group = (struct bst_group){
        .name = name,
        .where = "rig.bst:2",
        .actor = rig_running()->short_way ? &rig_puppet_short : &rig_puppet,
        .index = index,
        .redundancy = 1,
    };
    rig->groups[index] = &part->group;
    rig->app.ngroups = rig->nparts;
    add_child(parent)->group = &part->group;
    return part;
}

struct bst_supervisor *rig_top(struct rig *rig, enum bst_strategy strategy,
                               struct bst_restart restart, const char *letters)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    struct bst_supervisor *sup;

    rig_init(rig);
    sup = rig_sup(rig, NULL, "top", strategy, 0, 0);
    sup->restart = restart;
    for (; *letters; letters++)
        rig_child(rig, sup, names[*letters - 'a']);
    return sup;
}

/* ---- running ------------------------------------------------------------- */

bst_status rig_try_start(struct rig *rig)
{
    bst_status error = BST_OK;

    rig->system = bsti_system_start_traced(&rig->app, &rig->options, on_trace,
                                           rig, &error);
    assert_int_equal(rig->system == NULL, error != BST_OK);
    if (rig->system)
        rig_is_up(rig);
    return error;
}

void rig_start(struct rig *rig)
{
    assert_int_equal(rig_try_start(rig), BST_OK);
}

void rig_free(struct rig *rig)
{
    free(rig->text);
    pthread_mutex_destroy(&rig->lock);
    pthread_cond_destroy(&rig->changed);
}

void rig_end(struct rig *rig, int status, const char *lines)
{
    rig_is_down(rig);
    assert_int_equal(bst_system_wait(rig->system), status);
    check_lines(rig, rig->text + rig->expected, lines);
    rig_free(rig);
}

void rig_stop(struct rig *rig, const char *lines)
{
    bst_system_stop(rig->system);
    rig_end(rig, 0, lines);
}

void rig_stop_quietly(struct rig *rig)
{
    bst_system_stop(rig->system);
    rig_is_down(rig);
    assert_int_equal(bst_system_wait(rig->system), 0);
    rig_free(rig);
}

/* ---- ordering puppets about ---------------------------------------------- */

struct rig_part *rig_part(struct rig *rig, const char *name)
{
    for (uint32_t i = 0; i < rig->nparts; i++)
        if (strcmp(rig->parts[i].group.name, name) == 0)
            return &rig->parts[i];
    fail_msg("no part %s", name);
    return NULL;
}

bst_ref rig_group(struct rig *rig, const char *name)
{
    return bst_group_ref(rig->system, &rig_part(rig, name)->group);
}

static struct bsti_actor *member(struct rig *rig, const char *name,
                                 uint32_t index)
{
    uint32_t group = rig_part(rig, name)->group.index;

    return bsti_group_member(&rig->system->groups[group], index);
}

bst_ref rig_member(struct rig *rig, const char *name, uint32_t index)
{
    return bsti_ref_child(member(rig, name, index));
}

bst_ref rig_ref(struct rig *rig, const char *name)
{
    return rig_member(rig, name, 0);
}

void rig_do(struct rig *rig, const char *name, rig_fn *fn, void *arg)
{
    struct rig_order order = {fn, arg};

    assert_int_equal(bst_tell(rig_ref(rig, name), RIG_DO, &order, sizeof order),
                     BST_OK);
}

void rig_tell_to_say(struct rig *rig, const char *name, const char *text)
{
    /* Only the pointer travels; the text is a constant of the test. */
    rig_do(rig, name, rig_say, (void *)(uintptr_t)text);
}

bst_status rig_ask(struct rig *rig, const char *name, rig_fn *fn, void *arg,
                   uint64_t *value)
{
    struct rig_order order = {fn, arg};
    struct rig_answer answer = {0};
    bst_status status =
        bst_ask(rig_ref(rig, name), RIG_ASK, &order, sizeof order, &answer,
                sizeof answer, BST_DECLARED);

    if (value)
        *value = answer.value;
    return status;
}

void rig_settle(struct rig *rig, struct bst_stats *stats)
{
    time_t until = time(NULL) + PATIENCE_S;

    do {
        bst_system_stats(rig->system, stats);
        if (stats->sent ==
            stats->handled + stats->failed + stats->dead + stats->dropped)
            return;
        rig_wait(rig, BST_US(200));
    } while (time(NULL) < until);
    fail_msg(
        "sent %llu, handled %llu, failed %llu, dead %llu",
        (unsigned long long)stats->sent, (unsigned long long)stats->handled,
        (unsigned long long)stats->failed, (unsigned long long)stats->dead);
}

void rig_kill(struct rig *rig, const char *name)
{
    bsti_actor_kill(member(rig, name, 0));
}
