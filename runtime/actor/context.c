/*
 * The calls of <bastion/context.h> that are not about sending.
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "actor/actor.h"
#include "actor/apart.h"
#include "actor/crash.h"
#include "base/assert.h"
#include "base/rand.h"
#include "exec/oust.h"
#include "plat/entropy.h"
#include "plat/log.h"
#include "proc/arena.h"
#include "sync/atomic.h"

/* ---- failing ------------------------------------------------------------- */

/* Ends the current handler as a failure; what it was doing is thrown away. */
static _Noreturn void fail(struct bsti_actor *actor, bst_status status)
{
    bsti_actor_set_status(actor, status);
    actor->flags |= BSTI_FAULT_NOTED;
    if (!bsti_worker_current())
        bsti_offload_abandon(actor);
    bsti_abandon(&actor->proc);
}

/* A cleanup that fails is reported; why the process ended stays as it is. */
_Noreturn void bsti_actor_fail_in_cleanup(struct bsti_actor *actor,
                                          const char *text,
                                          const struct bsti_trap *trap)
{
    bsti_crash_in_cleanup(actor, text, trap);
    bsti_abandon(&actor->proc);
}

bool bsti_must_be_current(struct bsti_actor *actor, const char *call)
{
    if (bsti_thread_bar() != BSTI_BAR_NONE)
        return false;
    if (bsti_actor_current(bsti_worker_current()) == actor)
        return true;
    bsti_log(BST_LOG_ERROR, "%s is called outside of a handler of its `self`",
             call);
    bsti_check(false, "a call with a `self` that does not run here");
    return false;
}

_Noreturn void bsti_actor_fail_with(struct bsti_actor *actor, const char *text,
                                    const struct bsti_trap *trap)
{
    struct bsti_fault *fault;

    if (bsti_actor_phase(actor) == BSTI_PHASE_ENDING)
        bsti_actor_fail_in_cleanup(actor, text, trap);
    fault = bsti_actor_fault(actor, BST_FAIL);
    if (fault) {
        size_t length = BSTI_MIN(strlen(text), sizeof fault->text - 1);

        memcpy(fault->text, text, length);
        fault->text[length] = '\0';
        bsti_crash_note(actor, fault, trap);
    }
    fail(actor, BST_FAIL);
}

void bst_panic(void *self, const char *format, ...)
{
    struct bsti_actor *actor = bsti_actor_of(self);
    va_list args;
    char text[BSTI_FAULT_TEXT];

    bsti_probe_text(format);
    if (!bsti_must_be_current(actor, "bst_panic"))
        bsti_barred_end();
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    bsti_actor_fail_with(actor, text, NULL);
}

/* ---- memory -------------------------------------------------------------- */

_Noreturn void bsti_actor_fail_without_memory(struct bsti_actor *actor)
{
    struct bsti_fault *fault;

    if (bsti_actor_phase(actor) == BSTI_PHASE_ENDING)
        bsti_actor_fail_in_cleanup(actor, bst_status_text(BST_NOMEM), NULL);
    fault = bsti_actor_fault(actor, BST_NOMEM);
    if (fault)
        bsti_crash_note(actor, fault, NULL);
    fail(actor, BST_NOMEM);
}

void *bst_alloc(void *self, size_t size)
{
    struct bsti_actor *actor = bsti_actor_of(self);
    void *memory;

    if (bsti_is_barred())
        bsti_barred_end();
    memory = bsti_arena_alloc(&actor->proc.arena, size);
    if (memory)
        return memory;
    if (!bsti_must_be_current(actor, "bst_alloc"))
        bsti_barred_end();
    bsti_actor_fail_without_memory(actor);
}

void bst_free(void *self, void *memory)
{
    if (memory)
        bsti_probe_word((char *)memory - sizeof(void *));
    if (!bsti_is_barred())
        bsti_arena_free(bsti_actor_of(self)->proc.arena, memory);
}

void bst_defer(void *self, void (*fn)(void *arg), void *arg)
{
    struct bsti_actor *actor = bsti_actor_of(self);

    bsti_probe_code((bsti_probe_fn *)fn);
    if (bsti_is_barred() || bsti_arena_defer(&actor->proc.arena, fn, arg) == 0)
        return;
    if (!bsti_must_be_current(actor, "bst_defer"))
        bsti_barred_end();
    bsti_actor_fail_without_memory(actor);
}

/* ---- who and where ------------------------------------------------------- */

bst_ref bst_sender(void *self)
{
    struct bsti_actor *actor = bsti_actor_of(self);
    const struct bsti_node *node = actor->node;
    struct bsti_waiter *waiter;

    if (!node || (node->flags & BSTI_NODE_TICK))
        return (bst_ref){0, 0};
    if (!(node->flags & BSTI_NODE_ASK))
        return node->from.sender;
    waiter = node->from.asker.waiter;
    if (bsti_load_relaxed(&waiter->thread) != BSTI_WAITER_PROC)
        return (bst_ref){0, 0};
    return bsti_ref_child(bsti_actor_of_proc(
        bsti_container_of(waiter, struct bsti_proc, waiter)));
}

struct bst_system *bst_system_of(void *self)
{
    return bsti_actor_of(self)->group->system;
}

uint32_t bst_index(void *self)
{
    return bsti_actor_index(bsti_actor_of(self));
}

uint64_t bst_incarnation(void *self)
{
    return bsti_actor_number(bsti_actor_of(self)) - 1;
}

size_t bsti_actor_path(const struct bsti_actor *actor, char *buffer,
                       size_t size)
{
    const struct bsti_group *group = actor->group;
    int n;

    if (group->count == 1)
        n = snprintf(buffer, size, "%s", group->path);
    else
        n = snprintf(buffer, size, "%s/%u", group->path,
                     bsti_actor_index(actor));
    return n < 0 ? 0 : (size_t)n;
}

size_t bst_path(void *self, char *buffer, size_t size)
{
    bsti_probe_out(buffer, size);
    return bsti_actor_path(bsti_actor_of(self), buffer, size);
}

bool bst_stopping(void *self)
{
    struct bsti_actor *actor = bsti_actor_of(self);

    return (actor->flags & BSTI_STOP_ASKED) ||
           (bsti_proc_signals(&actor->proc) & BSTI_SIGNAL_STOP);
}

/* ---- the system ---------------------------------------------------------- */

void bst_stop_system(void *self)
{
    struct bst_system *system = bst_system_of(self);

    if (!bsti_is_barred())
        system->hooks->stop(system);
}

bst_time bst_now(void *self)
{
    return bsti_exec_look(bst_system_of(self)->exec);
}

/* Most processes never draw a number, so the seed waits for the first one. */
static BSTI_NOINLINE void seed(struct bsti_actor *actor)
{
    const struct bsti_group *group = actor->group;
    uint64_t who = group->who + bsti_actor_index(actor);

    actor->rand = bsti_rand_mix(bsti_rand_mix(group->system->seed, who),
                                bsti_actor_number(actor));
}

uint64_t bst_random(void *self)
{
    struct bsti_actor *actor = bsti_actor_of(self);

    if (bsti_is_barred())
        return bsti_entropy();
    if (BSTI_UNLIKELY(actor->rand == 0))
        seed(actor);
    return bsti_rand_next(&actor->rand);
}

void bst_args(void *self, int *argc, char ***argv)
{
    struct bst_system *system = bst_system_of(self);

    bsti_probe_out_small(argc, sizeof *argc);
    bsti_probe_out_small(argv, sizeof *argv);
    *argc = system->argc;
    *argv = system->argv;
}

/* ---- what no handler is for ---------------------------------------------- */

/* Returns whether this is the first report of that kind in the group; all
 * built-in ones count as one. */
static bool report_once(struct bsti_group *group, uint32_t index)
{
    uint64_t bit = (uint64_t)1 << (index % 64);

    return !(bsti_fetch_or_relaxed(&group->reported[index / 64], bit) & bit);
}

bst_status bst_unhandled(void *self, const struct bst_msg *in)
{
    struct bsti_actor *actor = bsti_actor_of(self);
    struct bsti_group *group = actor->group;
    const struct bst_app *app = group->system->app;
    uint32_t index;
    const char *name = "a built-in message";

    bsti_probe_small(in, sizeof *in);
    index = in->kind - BST_KIND_USER;
    if (in->kind >= BST_KIND_USER && index < app->nmessages)
        name = app->messages[index].name;
    else
        index = app->nmessages;
    actor->handling |= BSTI_UNHANDLED;
    bsti_exec_count(group->system->exec, bsti_worker_current(),
                    BSTI_COUNT_UNHANDLED, 1);
    if (report_once(group, index))
        bsti_log(BST_LOG_WARN, "%s does not handle `%s` (reported once)",
                 group->path, name);
    return BST_OK;
}
