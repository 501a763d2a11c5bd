/*
 * Telling people what became of a child, and why.
 */

#include <stdio.h>
#include <string.h>

#include "actor/crash.h"
#include "plat/log.h"
#include "plat/report.h"
#include "sup/sup.h"

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

/* Returns the failure that the last incarnation has ended with, or NULL; also
 * if it was killed at the same time, once it is to be shown. */
static struct bsti_fault *fault_of(struct bsti_child *child)
{
    enum bsti_exit how = bsti_child_exit(child);
    struct bsti_record *record =
        bsti_child_actor(child) ? bsti_child_record(child) : NULL;

    if (!record || record->fault.status == BST_OK ||
        (how != BSTI_EXIT_FAILED && how != BSTI_EXIT_START_FAILED &&
         record->fault.telling != BSTI_TELLING_SHOWN))
        return NULL;
    return &record->fault;
}

/* A callback stands where its group does. */
static const char *fault_place(struct bsti_child *child,
                               const struct bsti_fault *fault)
{
    const char *where = fault->handler ? fault->handler->where : NULL;

    if (!where)
        where = bsti_child_actor(child)->group->spec->where;
    return where ? where : "unknown place";
}

void bsti_child_fault(struct bsti_child *child, char *line, size_t size)
{
    char path[256];
    enum bsti_exit how = bsti_child_exit(child);
    struct bsti_sup *inner = bsti_child_inner(child);
    const struct bsti_fault *fault = fault_of(child);

    bsti_child_path(child, path, sizeof path);
    if (inner && inner->fault[0]) {
        snprintf(line, size, "%s", inner->fault);
        return;
    }
    if (!fault) {
        snprintf(line, size, "%s#%llu %s", path,
                 (unsigned long long)bsti_child_number(child), exit_text(how));
        return;
    }
    snprintf(line, size, "%s#%llu %s in `%s` (%s): %s%s%s", path,
             (unsigned long long)bsti_child_number(child), exit_text(how),
             fault->handler ? fault->handler->name : "a handler",
             fault_place(child, fault), bst_status_name(fault->status),
             fault->text[0] ? ": " : "", fault->text);
}

static struct bsti_hush *hush_of(struct bsti_child *child)
{
    struct bsti_actor *actor = bsti_child_actor(child);
    struct bsti_crowd *crowd = bsti_child_crowd(child);

    if (actor)
        return &actor->group->hush;
    return crowd ? &crowd->group->hush : &bsti_child_inner(child)->hush;
}

/* It was no handler that failed: it was killed, or is a supervisor. */
static void tell_end(struct bsti_sup *sup, struct bsti_child *child,
                     const char *decision)
{
    struct bsti_report *report = bsti_report_create(BST_LOG_WARN);
    struct bsti_hush *hush = hush_of(child);
    struct bsti_sup *inner = bsti_child_inner(child);

    if (!report)
        return;
    bsti_child_path(child, report->path, sizeof report->path);
    report->incarnation = bsti_child_number(child);
    report->how = exit_text(bsti_child_exit(child));
    report->group = hush->path;
    if (inner && inner->fault[0]) {
        report->how = "gave up";
        snprintf(report->text, sizeof report->text, "%s", inner->fault);
    }
    report->decision = decision;
    snprintf(report->supervisor, sizeof report->supervisor, "%s", sup->path);
    bsti_crash_send_end(&sup->system->base, hush, report);
}

void bsti_child_tell(struct bsti_sup *sup, struct bsti_child *child,
                     const char *decision)
{
    struct bsti_fault *fault;

    if (bsti_log_level() < BST_LOG_WARN)
        return;
    fault = fault_of(child);
    if (fault)
        bsti_crash_send(bsti_child_actor(child), fault,
                        exit_text(bsti_child_exit(child)), sup->path, decision);
    else
        tell_end(sup, child, decision);
}

void bsti_child_tell_failure(struct bsti_sup *sup, struct bsti_child *child,
                             const char *decision)
{
    if (bsti_log_level() >= BST_LOG_WARN && fault_of(child))
        bsti_child_tell(sup, child, decision);
}
