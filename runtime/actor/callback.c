/*
 * Callbacks of a group, as far as its members call them: at their start, and
 * at the end of one that nobody waits for. All others are the supervisor's,
 * because only it knows whether an end leads to a restart.
 *
 * While a callback runs, `kind` says which one, and the phase that it must not
 * wait and that no message is being handled.
 */

#include "actor/actor.h"
#include "actor/dynamic.h"
#include "plat/log.h"

/* They look like handlers to whoever reports a failure. */
static const struct bst_handler calls[BSTI_CALLS] = {
    [BSTI_CALL_BEFORE_START] = {.name = "before_start"},
    [BSTI_CALL_AFTER_START] = {.name = "after_start"},
    [BSTI_CALL_BEFORE_RESTART] = {.name = "before_restart"},
    [BSTI_CALL_AFTER_RESTART] = {.name = "after_restart"},
    [BSTI_CALL_AFTER_STOP] = {.name = "after_stop"},
};

static bool is_call(uint32_t kind)
{
    return kind >= BSTI_KIND_CALL && kind < BSTI_KIND_CALL + BSTI_CALLS;
}

const char *bsti_call_name(enum bsti_call call)
{
    return calls[call].name;
}

const struct bst_handler *bsti_handler_running(const struct bsti_actor *actor)
{
    if (is_call(actor->kind))
        return &calls[actor->kind - BSTI_KIND_CALL];
    return bsti_handler_of(bsti_actor_spec(actor), actor->kind);
}

bsti_callback *bsti_call_find(const struct bst_callbacks *callbacks,
                              enum bsti_call *call)
{
    if (!callbacks)
        return NULL;
    switch (*call) {
    case BSTI_CALL_BEFORE_START:
        return callbacks->before_start;
    case BSTI_CALL_AFTER_START:
        return callbacks->after_start;
    case BSTI_CALL_BEFORE_RESTART:
        if (callbacks->before_restart)
            return callbacks->before_restart;
        *call = BSTI_CALL_AFTER_STOP;
        return callbacks->after_stop;
    case BSTI_CALL_AFTER_RESTART:
        if (callbacks->after_restart)
            return callbacks->after_restart;
        *call = BSTI_CALL_BEFORE_START;
        return callbacks->before_start;
    case BSTI_CALL_AFTER_STOP:
    case BSTI_CALLS:
        break;
    }
    return callbacks->after_stop;
}

/* ---- what has happened --------------------------------------------------- */

static const char *builtin_name(uint32_t kind)
{
    switch (kind) {
    case BST_KIND_START:
        return "start";
    case BST_KIND_RESTART:
        return "restart";
    case BST_KIND_STOP:
        return "stop";
    default:
        return NULL;
    }
}

/* What was being handled when it ended, if anything. */
static void describe_handling(struct bsti_actor *actor, struct bst_event *event)
{
    const struct bst_app *app = actor->group->system->app;
    const struct bst_handler *handler = bsti_handler_running(actor);
    uint32_t index = actor->kind - BST_KIND_USER;

    if (event->exit == BST_EXIT_SHUTDOWN || actor->kind == BST_KIND_NONE)
        return;
    event->handler = handler ? handler->name : NULL;
    if (is_call(actor->kind))
        return;
    event->kind = actor->kind;
    if (actor->kind >= BST_KIND_USER && index < app->nmessages)
        event->message = app->messages[index].name;
    else
        event->message = builtin_name(actor->kind);
}

static void describe_end(struct bsti_actor *actor, struct bst_event *event)
{
    const struct bsti_fault *fault = bsti_actor_last_fault(actor);

    event->exit = (enum bst_exit)(actor->exit + 1);
    describe_handling(actor, event);
    if (event->exit != BST_EXIT_FAILED && event->exit != BST_EXIT_START_FAILED)
        return;
    event->status = (bst_status)actor->status;
    if (fault)
        event->fault = fault->text;
}

void bsti_actor_event(struct bsti_actor *actor, bool ended, char *path,
                      struct bst_event *event)
{
    bsti_actor_path(actor, path, BSTI_PATH_SIZE);
    *event = (struct bst_event){.system = actor->group->system,
                                .path = path,
                                .who = bsti_ref_child(actor),
                                .index = bsti_actor_index(actor),
                                .incarnation = bsti_actor_number(actor) - 1,
                                .fault = ""};
    if (ended)
        describe_end(actor, event);
}

_Static_assert((int)BST_EXIT_NORMAL == (int)BSTI_EXIT_NORMAL + 1 &&
                   (int)BST_EXIT_START_FAILED ==
                       (int)BSTI_EXIT_START_FAILED + 1,
               "the reasons have the same order");

/* ---- calling ------------------------------------------------------------- */

bst_status bsti_actor_call_back(struct bsti_actor *actor, enum bsti_call call)
{
    bool again = call == BSTI_CALL_AFTER_RESTART;
    bsti_callback *fn = bsti_call_find(actor->group->callbacks, &call);
    char path[BSTI_PATH_SIZE];
    struct bst_event event;
    bst_status status;

    if (!fn)
        return BST_OK;
    bsti_actor_event(actor, again, path, &event);
    actor->kind = BSTI_KIND_CALL + (uint32_t)call;
    bsti_actor_set_phase(actor, BSTI_PHASE_CALLING);
    status = fn(&event);
    bsti_actor_set_phase(actor, BSTI_PHASE_STARTING);
    return status;
}

void bsti_actor_call_stopped(struct bsti_actor *actor)
{
    enum bsti_call call = BSTI_CALL_AFTER_STOP;
    bsti_callback *fn = bsti_call_find(actor->group->callbacks, &call);
    char path[BSTI_PATH_SIZE];
    struct bst_event event;
    bst_status status;

    /* relaxed: whoever spawned it waits, and the holder alone ends that. */
    if (!fn || (actor->flags & BSTI_END_TOLD) || !actor->group->dynamic ||
        !(bsti_load_relaxed(&actor->child.events) & BSTI_EVENT_SPAWNING))
        return;
    bsti_actor_event(actor, true, path, &event);
    actor->flags |= BSTI_END_TOLD;
    status = fn(&event);
    if (status != BST_OK)
        bsti_log(BST_LOG_WARN, "%s#%llu: `after_stop` failed: %s", path,
                 (unsigned long long)event.incarnation + 1,
                 bst_status_name(status));
}
