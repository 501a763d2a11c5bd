/*
 * What all children do: what they are told, and fail to start as often as they
 * are told to. The actor here is that of tables which are made from a file.
 */

#define _GNU_SOURCE

#include <errno.h>
#include <string.h>
#include <time.h>

#include "run.h"

/* ---- what handlers do ---------------------------------------------------- */

bst_status role_start(struct role *role, void *self)
{
    pthread_mutex_lock(&role->run->lock);
    role->ref = bst_self_incarnation(self);
    pthread_mutex_unlock(&role->run->lock);
    atomic_store(&role->hanging, 0);
    atomic_store(&role->given, 0);
    atomic_store(&role->done, 0);
    if (role->node.declines)
        return BST_STOP;
    return role->node.cannot_start ||
                   trace_is_bad_start(role->run, role->node.name)
               ? BST_FAIL
               : BST_OK;
}

bst_status role_stop(struct role *role, void *self)
{
    if (!bst_stopping(self))
        return BST_OK;
    trace_stop(role, bst_incarnation(self) + 1);
    if (role->node.slow_stop > 0)
        bst_sleep(self, role->node.slow_stop);
    return BST_OK;
}

/* Keeps the thread until an absolute time, whatever interrupts it. */
static void hang_thread(bst_time duration)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    duration += until.tv_nsec;
    until.tv_sec += duration / BST_S(1);
    until.tv_nsec = (long)(duration % BST_S(1));
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) ==
           EINTR)
        ;
}

bst_status role_hang(struct role *role, void *self, bst_time duration)
{
    atomic_store(&role->hanging, 1);
    if (role->run->clock->hangs_thread)
        hang_thread(duration);
    else
        bst_sleep(self, duration);
    atomic_store(&role->hanging, 0);
    atomic_fetch_add(&role->done, 1);
    return BST_OK;
}

bst_status role_crash(struct role *role)
{
    atomic_store(&role->reason, "crashed");
    return BST_FAIL;
}

bst_status role_leave(struct role *role, const char *reason)
{
    atomic_store(&role->reason, reason);
    return strcmp(reason, "normal") == 0 || strncmp(reason, "shutdown", 8) == 0
               ? BST_STOP
               : BST_FAIL;
}

bst_status role_answer(struct role *role)
{
    atomic_fetch_add(&role->done, 1);
    return BST_OK;
}

/* ---- the actor ----------------------------------------------------------- */

struct player {
    struct role *role;
};

static void init(void *state, const struct bst_birth *birth)
{
    struct player *self = state;
    struct part *const *args = birth->args;

    self->role = (*args)->role;
}

static bst_status handle(void *state, const struct bst_msg *in, void *answer)
{
    struct role *role = ((struct player *)state)->role;
    const struct role_leave *leave = in->body;
    const bst_time *duration = in->body;

    (void)answer;
    switch (in->kind) {
    case BST_KIND_START:
        return role_start(role, state);
    case BST_KIND_STOP:
        return role_stop(role, state);
    case ROLE_CRASH:
        return role_crash(role);
    case ROLE_LEAVE:
        return role_leave(role, leave->reason);
    case ROLE_HANG:
        return role_hang(role, state, *duration);
    case ROLE_ASK:
        return role_answer(role);
    default:
        return bst_unhandled(state, in);
    }
}

#define HANDLER(kind_, name_)                                                  \
    {                                                                          \
        .kind = (kind_), .name = (name_), .where = "scenario"                  \
    }

/* The last one is left out for a child without `on stop`. */
static const struct bst_handler handlers[] = {
    HANDLER(BST_KIND_START, "on start"), HANDLER(ROLE_CRASH, "on crash"),
    HANDLER(ROLE_LEAVE, "on leave"),     HANDLER(ROLE_HANG, "on hang"),
    HANDLER(ROLE_ASK, "on ask"),         HANDLER(BST_KIND_STOP, "on stop")};

enum { HANDLERS = sizeof handlers / sizeof handlers[0] };

const struct bst_actor role_actor = {.name = "role",
                                     .state_size = sizeof(struct player),
                                     .args_align = _Alignof(struct part *),
                                     .args_size = sizeof(struct part *),
                                     .init = init,
                                     .handle = handle,
                                     .handlers = handlers,
                                     .nhandlers = HANDLERS};

const struct bst_actor role_actor_unstopped = {
    .name = "role",
    .state_size = sizeof(struct player),
    .args_align = _Alignof(struct part *),
    .args_size = sizeof(struct part *),
    .init = init,
    .handle = handle,
    .handlers = handlers,
    .nhandlers = HANDLERS - 1};

const struct bst_message role_messages[ROLE_KINDS] = {
    {.name = "crash", .hash = 1},
    {.name = "leave", .size = sizeof(struct role_leave), .hash = 2},
    {.name = "hang", .size = sizeof(bst_time), .hash = 3},
    {.name = "ask", .hash = 4, .answer = ROLE_ANSWER},
    {.name = "answer", .size = sizeof(uint64_t), .hash = 5}};

/* ---- from outside -------------------------------------------------------- */

bst_ref role_ref(struct role *role)
{
    bst_ref ref;

    pthread_mutex_lock(&role->run->lock);
    ref = role->run->together ? role->meant : role->ref;
    pthread_mutex_unlock(&role->run->lock);
    return ref;
}

void role_begin_together(struct run *run)
{
    pthread_mutex_lock(&run->lock);
    for (struct role *role = run->roles; role; role = role->next)
        role->meant = role->ref;
    run->together = true;
    pthread_mutex_unlock(&run->lock);
}

void role_end_together(struct run *run)
{
    pthread_mutex_lock(&run->lock);
    run->together = false;
    pthread_mutex_unlock(&run->lock);
}

void role_tell(struct run *run, const char *name, uint32_t kind,
               const void *body, size_t size)
{
    if (!run->system)
        return;
    for (struct role *role = run->roles; role; role = role->next) {
        if (strcmp(role->node.name, name) != 0)
            continue;
        atomic_fetch_add(&role->given, 1);
        if (bst_tell(role_ref(role), kind, body, size) == BST_OK)
            return;
        atomic_fetch_sub(&role->given, 1);
    }
}
