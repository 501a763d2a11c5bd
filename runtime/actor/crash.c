/*
 * Reports of failures: whether, what, and how many were left out.
 */

#include "actor/crash.h"

#include <string.h>

#include "exec/contain.h"
#include "plat/fault.h"
#include "plat/log.h"
#include "plat/report.h"

static bool is_wanted(void)
{
    return bsti_log_level() >= BST_LOG_WARN;
}

static bool may_show(struct bsti_actor *actor)
{
    struct bst_system *system = actor->group->system;

    return bsti_ration_take(&system->ration, &actor->group->hush,
                            bsti_exec_now(system->exec));
}

/* ---- noting -------------------------------------------------------------- */

/* Puts in where it was. */
static void add_trace(struct bsti_report *report,
                      const struct bsti_actor *actor,
                      const struct bsti_trap *trap)
{
    report->stop = (uintptr_t)bsti_actor_spec(actor)->handle;
    if (!trap) {
        bsti_contain_trace(&report->frames);
        return;
    }
    report->frames = trap->walk.frames;
    report->has_address = bsti_fault_has_address(trap);
    report->address = trap->address;
}

void bsti_crash_note(struct bsti_actor *actor, struct bsti_fault *fault,
                     const struct bsti_trap *trap)
{
    if (!is_wanted())
        return;
    bsti_report_destroy(fault->report);
    fault->report = NULL;
    if (!may_show(actor)) {
        fault->telling = BSTI_TELLING_COUNTED;
        return;
    }
    fault->telling = BSTI_TELLING_SHOWN;
    fault->report = bsti_report_create(BST_LOG_WARN);
    if (fault->report)
        add_trace(fault->report, actor, trap);
}

void bsti_actor_blame(struct bsti_actor *actor, struct bsti_blame *blame)
{
    const struct bst_handler *handler = bsti_handler_running(actor);

    blame->path = actor->group->path;
    blame->has_index = actor->group->count != 1;
    blame->index = bsti_actor_index(actor);
    blame->incarnation = bsti_actor_number(actor);
    if (!handler || (!(actor->handling & BSTI_HANDLING) &&
                     bsti_actor_phase(actor) != BSTI_PHASE_CALLING))
        return;
    blame->kind = bsti_crash_kind(actor->group->system->app, handler->kind);
    blame->handler = handler->name;
    blame->place = handler->where;
}

/* ---- sending ------------------------------------------------------------- */

const char *bsti_crash_kind(const struct bst_app *app, uint32_t kind)
{
    static const char *const built_in[] = {
        [BST_KIND_START] = "start",     [BST_KIND_STOP] = "stop",
        [BST_KIND_RESTART] = "restart", [BST_KIND_DOWN] = "down",
        [BST_KIND_DEMAND] = "demand",
    };

    if (kind & BST_KIND_TIMER)
        return "timer";
    if (kind < BSTI_ARRAY_LEN(built_in))
        return built_in[kind];
    if (kind >= BST_KIND_USER && kind - BST_KIND_USER < app->nmessages)
        return app->messages[kind - BST_KIND_USER].name;
    return NULL;
}

static void copy(char *to, size_t size, const char *text)
{
    size_t length = BSTI_MIN(strlen(text), size - 1);

    memcpy(to, text, length);
    to[length] = '\0';
}

static void say_who(struct bsti_report *report, struct bsti_actor *actor)
{
    bsti_actor_path(actor, report->path, sizeof report->path);
    report->incarnation = bsti_actor_number(actor);
    report->group = actor->group->path;
}

static void say_why(struct bsti_report *report, struct bsti_actor *actor,
                    const struct bsti_fault *fault)
{
    const struct bst_handler *handler = fault->handler;

    report->reason = bst_status_name(fault->status);
    copy(report->text, sizeof report->text, fault->text);
    report->where = actor->group->spec->where;
    if (!handler)
        return;
    report->kind = bsti_crash_kind(actor->group->system->app, handler->kind);
    report->handler = handler->name;
    /* A callback stands where its group does. */
    if (handler->where)
        report->where = handler->where;
}

/* Tells those of other groups before, so that no count waits for long. */
static void send(struct bst_system *system, struct bsti_hush *hush,
                 struct bsti_report *report)
{
    report->suppressed = bsti_ration_collect(&system->ration, hush);
    bsti_crash_tell_hushed(system);
    bsti_report_send(report);
}

void bsti_crash_send(struct bsti_actor *actor, struct bsti_fault *fault,
                     const char *how, const char *path, const char *decision)
{
    struct bsti_report *report = fault->report;
    enum bsti_telling telling = (enum bsti_telling)fault->telling;

    if (telling != BSTI_TELLING_NEW && telling != BSTI_TELLING_SHOWN)
        return;
    if (telling == BSTI_TELLING_NEW && (!is_wanted() || !may_show(actor))) {
        fault->telling = BSTI_TELLING_COUNTED;
        return;
    }
    if (telling == BSTI_TELLING_NEW) {
        bsti_report_destroy(report);
        report = bsti_report_create(BST_LOG_WARN);
    }
    fault->telling = BSTI_TELLING_TOLD;
    fault->report = NULL;
    if (!report) {
        bsti_log(BST_LOG_WARN, "%s: a failure, and no memory to report it",
                 actor->group->path);
        return;
    }
    say_who(report, actor);
    say_why(report, actor, fault);
    report->how = how;
    report->decision = decision;
    if (decision)
        copy(report->supervisor, sizeof report->supervisor, path);
    send(actor->group->system, &actor->group->hush, report);
}

void bsti_crash_in_cleanup(struct bsti_actor *actor, const char *text,
                           const struct bsti_trap *trap)
{
    struct bsti_report *report;

    if (!is_wanted() || !may_show(actor))
        return;
    report = bsti_report_create(BST_LOG_WARN);
    if (!report)
        return;
    say_who(report, actor);
    add_trace(report, actor, trap);
    report->how = actor->flags & BSTI_END_TOLD ? "failed in `after_stop`"
                                               : "failed in a cleanup";
    copy(report->text, sizeof report->text, text);
    send(actor->group->system, &actor->group->hush, report);
}

void bsti_crash_send_end(struct bst_system *system, struct bsti_hush *hush,
                         struct bsti_report *report)
{
    if (bsti_ration_take(&system->ration, hush, bsti_exec_now(system->exec)))
        send(system, hush, report);
    else
        bsti_report_destroy(report);
}

/* ---- what was left out --------------------------------------------------- */

void bsti_crash_tell_hushed(struct bst_system *system)
{
    struct bsti_hush *hush;
    uint64_t count;

    while ((hush = bsti_ration_next(&system->ration, &count)))
        bsti_report_send_count(BST_LOG_WARN, hush->path, count);
}
