/*
 * Functions of the user that a supervisor calls in its own turn.
 *
 * What an end leads to is known to the supervisor alone, so that it, and not
 * the process that has ended, calls before_restart or after_stop. An end is
 * owed a callback until the decision is made; then the callback comes once.
 *
 * The turn of a supervisor must survive whatever these functions do: a fault
 * in one jumps back to where it was called, over frames that are the user's
 * alone. They cannot suspend, because the class of a supervisor says that its
 * turn stays; an ask is refused, as there is no actor.
 */

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "plat/log.h"
#include "sup/sup.h"
#include "sync/atomic.h"

/* A call on its way: one of the two functions, with what it is given. */
struct bsti_user_call {
    bsti_callback *fn;
    const struct bst_event *event;
    enum bst_decision (*decide)(const struct bst_failure *failure);
    const struct bst_failure *failure;

    bst_status status; /* the results */
    enum bst_decision decision;
    bool has_faulted;
    char text[BSTI_FAULT_TEXT];
    jmp_buf back;
};

/* Calls it; a fault comes back here. */
static void perform(struct bsti_sup *sup, struct bsti_user_call *call)
{
    bsti_assert(bsti_worker_proc(bsti_worker_current()) == &sup->proc);
    sup->user = call;
    if (setjmp(call->back) != 0)
        call->has_faulted = true;
    else if (call->fn)
        call->status = call->fn(call->event);
    else
        call->decision = call->decide(call->failure);
    sup->user = NULL;
    if (call->has_faulted)
        call->status = BST_FAIL;
}

void bsti_call_faulted(struct bsti_sup *sup, const char *text)
{
    struct bsti_user_call *call = sup->user;
    size_t length = BSTI_MIN(strlen(text), sizeof call->text - 1);

    bsti_check(call, "a fault in a supervisor that calls no user");
    memcpy(call->text, text, length);
    call->text[length] = '\0';
    longjmp(call->back, 1);
}

/* ---- what has happened --------------------------------------------------- */

static void sup_event(struct bsti_sup *sup, bool ended, struct bst_event *event)
{
    *event = (struct bst_event){.system = &sup->system->base,
                                .path = sup->path,
                                .incarnation = sup->starts - 1,
                                .fault = ""};
    if (!ended)
        return;
    event->exit = (enum bst_exit)(sup->ending + 1);
    event->fault = sup->fault;
    if (sup->gave_up || sup->ending == BSTI_EXIT_START_FAILED)
        event->status = BST_FAIL;
}

static void child_event(struct bsti_child *child, char *path,
                        struct bst_event *event)
{
    struct bsti_sup *inner = bsti_child_inner(child);

    if (inner)
        sup_event(inner, true, event);
    else
        bsti_actor_event(bsti_child_actor(child), true, path, event);
}

/* Says that a callback failed whose failure changes nothing. */
static void report(const struct bst_event *event,
                   const struct bsti_user_call *user, const char *name)
{
    bsti_log(BST_LOG_WARN, "%s#%llu: `%s` failed: %s%s%s", event->path,
             (unsigned long long)event->incarnation + 1, name,
             bst_status_name(user->status), user->text[0] ? ": " : "",
             user->text);
}

/* ---- the end of a child -------------------------------------------------- */

void bsti_call_ended(struct bsti_child *child, bool again)
{
    enum bsti_call call =
        again ? BSTI_CALL_BEFORE_RESTART : BSTI_CALL_AFTER_STOP;
    struct bsti_user_call user = {
        .fn = bsti_call_find(bsti_child_callbacks(child), &call)};
    struct bsti_sup *inner = bsti_child_inner(child);
    char path[BSTI_PATH_SIZE];
    struct bst_event event;

    child->flags &= (uint8_t) ~(BSTI_CHILD_OWES | BSTI_CHILD_AGAIN);
    if (again)
        child->flags |= BSTI_CHILD_AGAIN;
    if (!user.fn)
        return;
    child_event(child, path, &event);
    user.event = &event;
    /* Nobody is above the root: it calls back itself, at its very end. */
    perform(inner && !inner->parent ? inner : bsti_child_sup(child), &user);
    if (user.status != BST_OK)
        report(&event, &user, bsti_call_name(call));
}

/* ---- the start of a supervisor ------------------------------------------- */

static bst_status call_sup(struct bsti_sup *sup, enum bsti_call call)
{
    bool again = call == BSTI_CALL_AFTER_RESTART;
    struct bsti_user_call user = {.fn = bsti_call_find(sup->callbacks, &call)};
    struct bst_event event;

    if (!user.fn)
        return BST_OK;
    sup_event(sup, again, &event);
    user.event = &event;
    perform(sup, &user);
    if (user.status != BST_OK && user.status != BST_STOP)
        snprintf(sup->fault, sizeof sup->fault,
                 "%s#%llu failed to start in `%s`: %s%s%s", sup->path,
                 (unsigned long long)sup->starts, bsti_call_name(call),
                 bst_status_name(user.status), user.text[0] ? ": " : "",
                 user.text);
    return user.status;
}

bst_status bsti_call_begin(struct bsti_sup *sup)
{
    return call_sup(sup, sup->child.flags & BSTI_CHILD_AGAIN
                             ? BSTI_CALL_AFTER_RESTART
                             : BSTI_CALL_BEFORE_START);
}

bst_status bsti_call_up(struct bsti_sup *sup)
{
    if (sup->child.flags & BSTI_CHILD_AGAIN)
        return BST_OK;
    return call_sup(sup, BSTI_CALL_AFTER_START);
}

/* ---- decisions ----------------------------------------------------------- */

static const struct bst_callbacks *deciding(struct bsti_sup *sup,
                                            struct bsti_child *child)
{
    const struct bst_callbacks *callbacks =
        bsti_child_inner(child) ? NULL : bsti_child_callbacks(child);

    return callbacks && callbacks->failure ? callbacks : sup->deciding;
}

static enum bst_decision ask_user(struct bsti_sup *sup,
                                  struct bsti_child *child,
                                  const struct bst_callbacks *callbacks)
{
    struct bsti_record *record = bsti_child_record(child);
    struct bst_failure failure = {.supervisor = sup->path,
                                  .restarts = record ? record->restarts : 0};
    struct bsti_user_call user = {.failure = &failure,
                                  .decide = callbacks->failure};
    char path[BSTI_PATH_SIZE];

    child_event(child, path, &failure.child);
    perform(sup, &user);
    if (user.has_faulted) {
        report(&failure.child, &user, "failure");
        return BST_DECIDE_DEFAULT;
    }
    if ((unsigned)user.decision > BST_DECIDE_STOP_SYSTEM) {
        bsti_log(BST_LOG_WARN,
                 "%s: the decision about %s is none of the possible ones",
                 sup->path, failure.child.path);
        return BST_DECIDE_DEFAULT;
    }
    return user.decision;
}

enum bst_decision bsti_call_decide(struct bsti_sup *sup,
                                   struct bsti_child *child)
{
    const struct bst_callbacks *callbacks = deciding(sup, child);

    return callbacks && callbacks->failure ? ask_user(sup, child, callbacks)
                                           : BST_DECIDE_DEFAULT;
}

bool bsti_call_decides(const struct bsti_sup *sup)
{
    for (uint32_t i = 0; i < sup->nspans; i++) {
        const struct bsti_span *span = &sup->spans[i];
        const struct bsti_group *group =
            span->crowd ? span->crowd->group : span->group;

        if (group && group->callbacks && group->callbacks->failure)
            return true;
    }
    return sup->deciding != NULL;
}
