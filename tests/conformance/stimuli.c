/*
 * From stimuli to public calls.
 */

#define _GNU_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "sup/flaw.h"
#include "sup/sup.h"

enum { MOST_WORDS = 16, MOST_CHILDREN = 200 };

/** The words of a stimulus. */
struct words {
    char *text;
    char *word[MOST_WORDS];
    size_t n;
};

/* ---- what is said of a result -------------------------------------------- */

static const char *word_of(bst_status status)
{
    switch (status) {
    case BST_RUNNING:
        return "running";
    case BST_RESTARTING:
        return "restarting";
    case BST_NOT_FOUND:
        return "not_found";
    case BST_ALREADY_PRESENT:
        return "already_present";
    case BST_ALREADY_STARTED:
        return "already_started";
    case BST_BAD_COMBINATION:
        return "bad_combination";
    case BST_DEAD:
        return "no_process";
    case BST_FAILED:
        return "startfail";
    default:
        return bst_status_name(status);
    }
}

static void say(struct run *run, const char *what, bst_status status)
{
    if (status == BST_OK)
        trace_line(run, "%s -> ok", what);
    else
        trace_line(run, "%s -> error %s", what, word_of(status));
}

/* ---- administration ------------------------------------------------------ */

/* Returns the role that the same stimulus has made before, or a new one. */
static struct role *role_to_add(struct run *run, const char *stimulus,
                                const char *supervisor, const char *child)
{
    struct scn_node node;
    struct role *role;

    for (role = run->roles; role; role = role->next)
        if (role->added && strcmp(role->added, stimulus) == 0)
            return role;
    if (!scn_read_node(&node, run_strdup(run, child)) || node.is_supervisor)
        return NULL;
    role = run_add_role(run, &node, run_strdup(run, supervisor));
    role->added = run_strdup(run, stimulus);
    return role;
}

static bool add(struct run *run, const char *stimulus)
{
    char *copy = run_strdup(run, stimulus);
    char *supervisor = copy + strcspn(copy, " ") + 1;
    char *child = supervisor + strcspn(supervisor, " ");
    struct bst_child table = {NULL, NULL};
    struct role *role;
    bst_status status = BST_DEAD;

    if (*child == '\0')
        return false;
    *child++ = '\0';
    role = role_to_add(run, stimulus, supervisor, child);
    if (!role)
        return false;
    table.group = &role->group;
    if (run->system)
        status = bst_system_child_add(run->system, supervisor, &table, NULL);
    if (status == BST_INVALID)
        trace_line(run, "add -> error %s",
                   bsti_flaw_word(bsti_flaw_of_child(&table, BST_AUTO_ANY)));
    else
        say(run, "add", status);
    return true;
}

typedef bst_status admin_fn(struct bst_system *system, const char *supervisor,
                            const char *child);

static bool administer(struct run *run, const struct words *words,
                       admin_fn *call)
{
    bst_status status = BST_DEAD;

    if (words->n != 3)
        return false;
    if (run->system)
        status = call(run->system, words->word[1], words->word[2]);
    /* A supervisor ends like that, whatever has failed below it. */
    if (status == BST_FAILED && trace_is_supervisor(run, words->word[2]))
        trace_line(run, "%s -> error shutdown", words->word[0]);
    else
        say(run, words->word[0], status);
    return true;
}

static void list(struct run *run, const char *supervisor)
{
    struct bst_child_info infos[MOST_CHILDREN];
    char line[1000] = "children";
    size_t length = strlen(line);
    size_t n = 0;

    if (!run->system || bst_system_child_list(run->system, supervisor, infos,
                                              MOST_CHILDREN, &n) != BST_OK) {
        trace_line(run, "children none");
        return;
    }
    for (size_t i = 0; i < n && i < MOST_CHILDREN; i++)
        length += (size_t)snprintf(
            line + length, sizeof line - length, " %s=%s", infos[i].name,
            infos[i].condition == BST_CHILD_UP ? "up" : "down");
    trace_line(run, "%s", line);
}

static void count(struct run *run, const char *supervisor)
{
    struct bst_child_counts counts;

    if (!run->system ||
        bst_system_child_count(run->system, supervisor, &counts) != BST_OK)
        trace_line(run, "count none");
    else
        trace_line(run, "count active=%u specs=%u supervisors=%u workers=%u",
                   counts.active, counts.specs, counts.supervisors,
                   counts.workers);
}

/* ---- questions ----------------------------------------------------------- */

/* A question that is not answered in time is still a message to the child. */
static bst_status ask_role(struct role *role)
{
    uint64_t value;
    bst_status status;

    atomic_fetch_add(&role->given, 1);
    status = bst_ask(role_ref(role), ROLE_ASK, NULL, 0, &value, sizeof value,
                     BST_S(2));
    if (status != BST_OK && status != BST_TIMEOUT)
        atomic_fetch_sub(&role->given, 1);
    return status;
}

static void ask(struct run *run, const char *name)
{
    bst_time since = run->clock->now(run);
    bst_status status = BST_DEAD;

    for (struct role *role = run->roles;
         run->system && role && status == BST_DEAD; role = role->next)
        if (strcmp(role->node.name, name) == 0)
            status = ask_role(role);
    if (status == BST_OK)
        trace_line(run, "ask -> ok");
    else if (status == BST_TIMEOUT)
        trace_line(run, "ask -> timeout");
    else
        trace_line(run, "ask -> dead%s",
                   run->clock->now(run) - since < BST_S(1) ? " prompt" : "");
}

static void look(struct run *run, const char *name)
{
    bool alive =
        run->system && bst_system_child_alive(run->system, name) == BST_OK;

    trace_line(run, "%s %s", name, alive ? "alive" : "dead");
}

/* ---- one stimulus -------------------------------------------------------- */

static bool is(const struct words *words, const char *name, size_t n)
{
    return words->n == n && strcmp(words->word[0], name) == 0;
}

/* What is done to a child or a supervisor. */
static bool act(struct run *run, const struct words *words)
{
    const char *who = words->n > 1 ? words->word[1] : "";
    struct role_leave how = {words->n > 2 ? words->word[2] : ""};
    bst_time time = words->n > 2 ? scn_duration(words->word[2]) : 0;

    if (is(words, "crash", 2))
        role_tell(run, who, ROLE_CRASH, NULL, 0);
    else if (is(words, "exit", 3))
        role_tell(run, who, ROLE_LEAVE, &how, sizeof how);
    else if (is(words, "hang", 3) && time >= 0)
        role_tell(run, who, ROLE_HANG, &time, sizeof time);
    else if (is(words, "failnext", 3))
        trace_fail_next(run, who, (uint32_t)atoi(words->word[2]));
    else if (is(words, "kill", 2) && run->system)
        (void)bst_system_child_kill(run->system, who);
    else if (is(words, "stop", 2) && run->system)
        (void)bst_system_child_stop(run->system, who);
    else
        return (is(words, "kill", 2) || is(words, "stop", 2));
    return true;
}

/* What is asked of a supervisor, and time. */
static bool look_at(struct run *run, const struct words *words)
{
    if (is(words, "wait", 2) && scn_duration(words->word[1]) >= 0)
        run->clock->wait(run, scn_duration(words->word[1]));
    else if (is(words, "children", 2))
        list(run, words->word[1]);
    else if (is(words, "count", 2))
        count(run, words->word[1]);
    else if (is(words, "alive", 2))
        look(run, words->word[1]);
    else if (is(words, "ask", 2))
        ask(run, words->word[1]);
    else if (is(words, "terminate", 3))
        return administer(run, words, bst_system_child_terminate);
    else if (is(words, "restart", 3))
        return administer(run, words, bst_system_child_restart);
    else if (is(words, "delete", 3))
        return administer(run, words, bst_system_child_delete);
    else
        return false;
    return true;
}

static void split(struct run *run, struct words *words, const char *text)
{
    char *rest = NULL;

    words->text = run_strdup(run, text);
    words->n = 0;
    for (char *word = strtok_r(words->text, " ", &rest);
         word && words->n < MOST_WORDS; word = strtok_r(NULL, " ", &rest))
        words->word[words->n++] = word;
}

static void give_one(struct run *run, const char *stimulus)
{
    struct words words;

    split(run, &words, stimulus);
    if (words.n > 0 && strcmp(words.word[0], "add") == 0) {
        if (add(run, stimulus))
            return;
    } else if (act(run, &words) || look_at(run, &words)) {
        return;
    }
    trace_line(run, "not understood: %s", stimulus);
}

/* Gives "A ; B ; C"; they all mean the processes that run now. */
static void give_together(struct run *run, char *stimuli)
{
    char *rest = NULL;

    role_begin_together(run);
    for (char *one = strtok_r(stimuli, ";", &rest); one;
         one = strtok_r(NULL, ";", &rest)) {
        size_t length;

        one += strspn(one, " ");
        length = strlen(one);
        while (length > 0 && one[length - 1] == ' ')
            one[--length] = '\0';
        give_one(run, one);
    }
    role_end_together(run);
}

static void give(struct run *run, const char *stimulus)
{
    static const char together[] = "together ";

    trace_line(run, "-- %s", stimulus);
    if (strncmp(stimulus, together, strlen(together)) != 0)
        give_one(run, stimulus);
    else
        give_together(run, run_strdup(run, stimulus + strlen(together)));
    run->clock->settle(run);
}

/* ---- the whole ----------------------------------------------------------- */

/* Whether a supervisor is up as far as the trace knows. */
static bool is_up(struct run *run, const struct count *count)
{
    bool up;

    pthread_mutex_lock(&run->lock);
    up = count->is_supervisor && count->up;
    pthread_mutex_unlock(&run->lock);
    return up;
}

/*
 * Waits for what is still on its way after the last stimulus: a supervisor
 * that counts its children has no operation on, and one that does not answer
 * is on its way down.
 */
static void drain(struct run *run)
{
    struct bst_child_counts counts;
    struct count *all;

    pthread_mutex_lock(&run->lock);
    all = run->counts;
    pthread_mutex_unlock(&run->lock);
    for (struct count *count = all; run->system && count; count = count->next)
        while (is_up(run, count) &&
               bst_system_child_count(run->system, count->name, &counts) !=
                   BST_OK)
            run->clock->wait(run, BST_MS(5));
    run->clock->settle(run);
}

static void end(struct run *run)
{
    pthread_mutex_lock(&run->lock);
    run->is_muted = true;
    pthread_mutex_unlock(&run->lock);
    if (!run->system)
        return;
    bst_system_stop(run->system);
    (void)bst_system_wait(run->system);
    run->system = NULL;
}

void run_scenario(struct run *run)
{
    struct bst_options options = BST_OPTIONS_DEFAULT;

    options.log = BST_LOG_NONE;
    run->clock->prepare(&options);
    run->system =
        bsti_system_start_traced(&run->app, &options, trace_event, run, NULL);
    if (run->system) {
        run->clock->begin(run);
        trace_line(run, "system up");
    } else {
        trace_line(run, "system start failed: error %s", run->failure);
    }
    for (size_t i = 0; i < run->scn.nstimuli; i++)
        give(run, run->scn.stimuli[i]);
    drain(run);
    end(run);
}
