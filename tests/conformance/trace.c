/*
 * What the runtime tells, as lines.
 *
 * The runtime numbers the incarnations of a child; the scenarios number those
 * of a name, whoever bears it. So what others of the name had comes on top.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "sup/sup.h"

/* Adds a line. Under the lock. */
static void append(struct run *run, const char *line)
{
    size_t n = strlen(line);

    if (run->is_muted)
        return;
    run->lines = realloc(run->lines, run->length + n + 2);
    memcpy(run->lines + run->length, line, n);
    run->length += n;
    run->lines[run->length++] = '\n';
    run->lines[run->length] = '\0';
}

void trace_line(struct run *run, const char *format, ...)
{
    char line[1000];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    pthread_mutex_lock(&run->lock);
    append(run, line);
    pthread_mutex_unlock(&run->lock);
}

/* Returns what is known of a name. Under the lock. */
static struct count *count_of(struct run *run, const char *name)
{
    struct count *count = run->counts;

    while (count && strcmp(count->name, name) != 0)
        count = count->next;
    if (count)
        return count;
    count = run_alloc(run, sizeof *count);
    count->name = run_strdup(run, name);
    count->next = run->counts;
    run->counts = count;
    return count;
}

void trace_fail_next(struct run *run, const char *name, uint32_t times)
{
    pthread_mutex_lock(&run->lock);
    count_of(run, name)->bad_starts = times;
    pthread_mutex_unlock(&run->lock);
}

bool trace_is_bad_start(struct run *run, const char *name)
{
    struct count *count;
    bool is_bad;

    pthread_mutex_lock(&run->lock);
    count = count_of(run, name);
    is_bad = count->bad_starts > 0;
    count->bad_starts -= is_bad;
    pthread_mutex_unlock(&run->lock);
    return is_bad;
}

bool trace_is_supervisor(struct run *run, const char *name)
{
    bool is_supervisor;

    pthread_mutex_lock(&run->lock);
    is_supervisor = count_of(run, name)->is_supervisor;
    pthread_mutex_unlock(&run->lock);
    return is_supervisor;
}

static struct role *role_of(struct bsti_child *child)
{
    struct part *const *args = bsti_child_actor(child)->group->spec->args;

    return (*args)->role;
}

/* Returns the number of the incarnation among those of its name. */
static uint64_t number_of(struct count *count, struct role *role,
                          const struct bsti_trace *event)
{
    bool begins = event->type != BSTI_TRACE_DOWN;

    if (!role)
        return event->number;
    if (begins && (event->number == 1 || count->last != role))
        role->before = count->starts + 1 - event->number;
    if (begins) {
        count->last = role;
        count->starts = role->before + event->number;
    }
    return role->before + event->number;
}

static const char *reason_of(struct role *role, const struct bsti_trace *event)
{
    if (event->reason)
        return event->reason;
    switch (event->how) {
    case BSTI_EXIT_SHUTDOWN:
        return "shutdown";
    case BSTI_EXIT_KILLED:
        return "killed";
    default:
        break;
    }
    return role && atomic_load(&role->reason) ? atomic_load(&role->reason)
                                              : "?";
}

static void note_supervisor(struct run *run, struct count *count,
                            const struct bsti_trace *event)
{
    count->is_supervisor = true;
    count->up = event->type == BSTI_TRACE_START;
    if (!count->up)
        snprintf(run->failure, sizeof run->failure, "%s%s%s",
                 reason_of(NULL, event), event->failed ? " " : "",
                 event->failed ? event->failed : "");
}

void trace_stop(struct role *role, uint64_t number)
{
    char line[300];

    pthread_mutex_lock(&role->run->lock);
    snprintf(line, sizeof line, "stop %s#%llu asked:shutdown", role->node.name,
             (unsigned long long)(role->before + number));
    append(role->run, line);
    pthread_mutex_unlock(&role->run->lock);
}

void trace_event(void *arg, const struct bsti_trace *event)
{
    static const char *const verbs[] = {"start", "startfail", "ignore", "down"};
    struct run *run = arg;
    const char *name = strrchr(event->path, '/') + 1;
    struct role *role = event->supervisor ? NULL : role_of(event->child);
    struct count *count;
    unsigned long long number;
    char line[300];

    pthread_mutex_lock(&run->lock);
    count = count_of(run, name);
    number = number_of(count, role, event);
    if (event->supervisor)
        note_supervisor(run, count, event);
    if (event->type == BSTI_TRACE_DOWN && event->supervisor)
        snprintf(line, sizeof line, "down %s#%llu %s", name, number,
                 run->failure);
    else if (event->type == BSTI_TRACE_DOWN)
        snprintf(line, sizeof line, "down %s#%llu %s", name, number,
                 reason_of(role, event));
    else
        snprintf(line, sizeof line, "%s %s#%llu%s", verbs[event->type], name,
                 number, event->supervisor ? " (sup)" : "");
    /* Starts that can never succeed are not part of a recorded trace. */
    if (event->type != BSTI_TRACE_START_FAILED || !role->node.cannot_start)
        append(run, line);
    pthread_mutex_unlock(&run->lock);
}
