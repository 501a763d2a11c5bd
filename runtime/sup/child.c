/*
 * One child of a supervisor, whether it is an actor or a supervisor.
 */

#include <stdio.h>

#include "base/alloc.h"
#include "base/duration.h"
#include "sup/sup.h"
#include "sync/atomic.h"

static struct bsti_exec *exec_of(const struct bsti_child *child)
{
    return child->sup->system->base.exec;
}

void bsti_child_start(struct bsti_child *child)
{
    child->state = BSTI_CHILD_STARTING;
    if (child->actor)
        bsti_actor_start(child->actor);
    else
        bsti_sup_start(child->inner);
}

void bsti_child_stop(struct bsti_child *child)
{
    child->state = BSTI_CHILD_STOPPING;
    if (child->shutdown == BST_SHUTDOWN_KILL)
        bsti_child_kill(child);
    else if (child->actor)
        bsti_actor_stop(child->actor);
    else
        bsti_sup_stop(child->inner);
}

void bsti_child_kill(struct bsti_child *child)
{
    child->state = BSTI_CHILD_STOPPING;
    if (child->actor)
        bsti_actor_kill(child->actor);
    else
        bsti_sup_kill(child->inner);
}

void bsti_child_close(struct bsti_child *child)
{
    if (child->state == BSTI_CHILD_ENDED || child->state == BSTI_CHILD_ORPHANED)
        return;
    child->state = BSTI_CHILD_ENDED;
    if (child->actor)
        bsti_actor_close(child->actor);
    else
        bsti_sup_close(child->inner);
}

void bsti_child_notify(struct bsti_child *child, enum bsti_child_event event)
{
    struct bsti_exec *exec = exec_of(child);
    struct bsti_proc *parent = &child->sup->proc;

    /* acq_rel: pairs with the exchange in the supervisor's turn. Whoever sets
     * the first event owns the note, which has left the mailbox by then. */
    if (bsti_fetch_or_acq_rel(&child->events, (uint32_t)event) != 0)
        return;
    if (bsti_mpscq_push(&parent->mailbox, &child->note.link))
        bsti_exec_ready(exec, parent);
}

enum bsti_exit bsti_child_exit(const struct bsti_child *child)
{
    return (enum bsti_exit)(child->actor ? child->actor->exit
                                         : child->inner->ending);
}

const char *bsti_child_path(const struct bsti_child *child, char *buffer,
                            size_t size)
{
    if (child->actor)
        bsti_actor_path(child->actor, buffer, size);
    else
        snprintf(buffer, size, "%s", child->inner->path);
    return buffer;
}

uint64_t bsti_child_number(const struct bsti_child *child)
{
    return child->actor ? child->actor->starts : child->inner->starts;
}

static const char *exit_text(enum bsti_exit how)
{
    switch (how) {
    case BSTI_EXIT_NORMAL:
        return "ended by itself";
    case BSTI_EXIT_SHUTDOWN:
        return "stopped";
    case BSTI_EXIT_FAILED:
        return "failed";
    case BSTI_EXIT_KILLED:
        return "was killed";
    case BSTI_EXIT_DECLINED:
        return "declined to start";
    case BSTI_EXIT_START_FAILED:
        break;
    }
    return "failed to start";
}

void bsti_child_fault(const struct bsti_child *child, char *line, size_t size)
{
    char path[256];
    enum bsti_exit how = bsti_child_exit(child);
    const struct bsti_fault *fault = child->actor ? child->actor->fault : NULL;

    bsti_child_path(child, path, sizeof path);
    if (child->inner && child->inner->fault[0]) {
        snprintf(line, size, "%s", child->inner->fault);
        return;
    }
    if (!fault || (how != BSTI_EXIT_FAILED && how != BSTI_EXIT_START_FAILED)) {
        snprintf(line, size, "%s#%llu %s", path,
                 (unsigned long long)bsti_child_number(child), exit_text(how));
        return;
    }
    snprintf(line, size, "%s#%llu %s in `%s` (%s): %s%s%s", path,
             (unsigned long long)bsti_child_number(child), exit_text(how),
             fault->handler ? fault->handler->name : "a handler",
             fault->handler && fault->handler->where ? fault->handler->where
                                                     : "unknown place",
             bst_status_name(fault->status), fault->text[0] ? ": " : "",
             fault->text);
}

/* ---- tracing ------------------------------------------------------------- */

void bsti_sup_trace(const struct bsti_sup *sup, enum bsti_trace_type type)
{
    struct bsti_system *system = sup->system;
    struct bsti_trace event = {.type = type,
                               .path = sup->path,
                               .supervisor = true,
                               .number = sup->starts,
                               .how = (enum bsti_exit)sup->ending};

    if (system->trace)
        system->trace(system->trace_arg, &event);
}

void bsti_child_trace(const struct bsti_child *child, enum bsti_trace_type type)
{
    struct bsti_system *system = child->sup->system;
    struct bsti_trace event = {.type = type};
    char path[256];

    /* A supervisor speaks for itself. */
    if (!system->trace || child->inner)
        return;
    event.path = bsti_child_path(child, path, sizeof path);
    event.number = bsti_child_number(child);
    /* One that has started may run already: its end is its own to write. */
    if (type != BSTI_TRACE_START) {
        event.how = bsti_child_exit(child);
        event.status = child->actor->status;
    }
    system->trace(system->trace_arg, &event);
}

/* ---- back-off ------------------------------------------------------------ */

static void delay_over(struct bsti_alarm *alarm, bst_time now)
{
    struct bsti_delay *delay =
        bsti_container_of(alarm, struct bsti_delay, alarm);
    struct bsti_sup *sup = delay->child->sup;

    (void)now;
    /* acq_rel: pairs with the exchange in the supervisor's turn. */
    if (bsti_xchg_acq_rel(&delay->queued, 1u))
        return;
    if (bsti_mpscq_push(&sup->proc.mailbox, &delay->note.link))
        bsti_exec_ready(sup->system->base.exec, &sup->proc);
}

bool bsti_child_delay(struct bsti_child *child, bst_time delay)
{
    if (!child->delay) {
        child->delay = bsti_alloc(sizeof *child->delay);
        if (!child->delay)
            return false;
        child->delay->note.type = BSTI_NOTE_DELAY;
        child->delay->child = child;
        bsti_alarm_init(&child->delay->alarm, delay_over);
    }
    child->delay->due = bsti_time_after(bsti_sup_now(child->sup), delay);
    bsti_alarm_arm(&child->delay->alarm, child->delay->due);
    return true;
}

void bsti_child_cancel_delay(struct bsti_child *child)
{
    if (!child->delay)
        return;
    bsti_alarm_cancel(&child->delay->alarm);
    child->delay->due = 0;
}
