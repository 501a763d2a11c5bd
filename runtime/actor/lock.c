/*
 * bst_lock(): mutexes that are unlocked when their owner fails.
 *
 * Each lock that is held is a cleanup of its incarnation. If that comes to run
 * after a failure or a kill, the record of the hold becomes a mark in the
 * system, which the next owner finds and takes away. A mutex is unlocked by the
 * thread that has locked it, so a thread of the blocking pool does that itself.
 */

#define _GNU_SOURCE

#include <bastion/lock.h>

#include <errno.h>
#include <time.h>

#include "actor/actor.h"
#include "actor/apart.h"
#include "base/alloc.h"
#include "exec/oust.h"
#include "plat/probe.h"
#include "proc/arena.h"
#include "sync/atomic.h"

struct bsti_hold {
    pthread_mutex_t *mutex;
    struct bsti_actor *actor;
    struct bsti_hold *next; /* among the marks */
};

/* How long a lock is waited for before the next look at a kill. */
enum { SLICE_NS = 10000000 };

/* Takes the mark of a mutex off the system's list; NULL: there is none. */
static struct bsti_hold *take_mark(struct bst_system *system,
                                   const pthread_mutex_t *mutex)
{
    struct bsti_hold *found = NULL;

    bsti_spin_lock(&system->foreign_lock);
    for (struct bsti_hold **place = &system->poisoned; *place;
         place = &(*place)->next) {
        if ((*place)->mutex == mutex) {
            found = *place;
            *place = found->next;
            break;
        }
    }
    bsti_spin_unlock(&system->foreign_lock);
    return found;
}

/* Gives the lock of a failure back, with a mark for the next owner. */
static void leave_mark(struct bsti_hold *hold)
{
    struct bst_system *system = hold->actor->group->system;

    bsti_spin_lock(&system->foreign_lock);
    hold->next = system->poisoned;
    system->poisoned = hold;
    bsti_spin_unlock(&system->foreign_lock);
    (void)pthread_mutex_unlock(hold->mutex);
}

/* A cleanup: the incarnation has ended with the lock. */
static void let_go(void *arg)
{
    struct bsti_hold *hold = arg;
    enum bsti_exit how = (enum bsti_exit)hold->actor->exit;

    if (how != BSTI_EXIT_NORMAL && how != BSTI_EXIT_SHUTDOWN) {
        leave_mark(hold);
        return;
    }
    (void)pthread_mutex_unlock(hold->mutex);
    bsti_free(hold);
}

void bsti_locks_abandon(struct bsti_actor *actor)
{
    void *arg = NULL;

    while (bsti_arena_each_cleanup(actor->proc.arena, let_go, &arg)) {
        (void)bsti_arena_undefer(actor->proc.arena, let_go, arg);
        leave_mark(arg);
        arg = NULL;
    }
}

static bool is_killed(const struct bsti_actor *actor)
{
    return (bsti_proc_signals(&actor->proc) & BSTI_SIGNAL_KILL) != 0;
}

/* Waits for the mutex; a kill is heeded in between. */
static bst_status acquire(struct bsti_actor *actor, pthread_mutex_t *mutex)
{
    int error = pthread_mutex_trylock(mutex);

    while (error == EBUSY || error == ETIMEDOUT) {
        struct timespec until;

        if (is_killed(actor))
            return BST_DEAD;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += SLICE_NS;
        if (until.tv_nsec >= BST_S(1)) {
            until.tv_nsec -= BST_S(1);
            until.tv_sec++;
        }
        error = pthread_mutex_timedlock(mutex, &until);
    }
    return error == 0 ? BST_OK : BST_INVALID;
}

static struct bsti_hold *find_hold(struct bsti_actor *actor,
                                   const pthread_mutex_t *mutex)
{
    void *arg = NULL;

    while (bsti_arena_each_cleanup(actor->proc.arena, let_go, &arg))
        if (((struct bsti_hold *)arg)->mutex == mutex)
            return arg;
    return NULL;
}

bst_status bst_lock(void *self, pthread_mutex_t *mutex)
{
    struct bsti_actor *actor = bsti_actor_of(self);
    struct bsti_hold *hold;
    struct bsti_hold *mark;
    bst_status status;

    bsti_probe_out(mutex, sizeof *mutex);
    if (!bsti_must_be_current(actor, "bst_lock"))
        return BST_DEAD;
    if (find_hold(actor, mutex))
        return BST_INVALID;
    hold = bsti_alloc(sizeof *hold);
    if (!hold || bsti_arena_defer(&actor->proc.arena, let_go, hold) != 0) {
        bsti_free(hold);
        bsti_actor_fail_without_memory(actor);
    }
    hold->actor = actor;
    status = acquire(actor, mutex);
    if (status != BST_OK) {
        (void)bsti_arena_undefer(actor->proc.arena, let_go, hold);
        bsti_free(hold);
        return status;
    }
    hold->mutex = mutex;
    mark = take_mark(actor->group->system, mutex);
    bsti_free(mark);
    return mark ? BST_FAILED : BST_OK;
}

bst_status bst_unlock(void *self, pthread_mutex_t *mutex)
{
    struct bsti_actor *actor = bsti_actor_of(self);
    struct bsti_hold *hold;

    bsti_probe_out(mutex, sizeof *mutex);
    if (!bsti_must_be_current(actor, "bst_unlock"))
        return BST_DEAD;
    hold = find_hold(actor, mutex);
    if (!hold)
        return BST_INVALID;
    (void)bsti_arena_undefer(actor->proc.arena, let_go, hold);
    bsti_free(hold);
    return pthread_mutex_unlock(mutex) == 0 ? BST_OK : BST_INVALID;
}

bool bsti_holds_lock(const struct bsti_actor *actor)
{
    void *arg = NULL;

    return bsti_arena_each_cleanup(actor->proc.arena, let_go, &arg);
}

void bsti_locks_fini(struct bst_system *system)
{
    while (system->poisoned) {
        struct bsti_hold *mark = system->poisoned;

        system->poisoned = mark->next;
        bsti_free(mark);
    }
}
