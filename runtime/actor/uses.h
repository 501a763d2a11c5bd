#ifndef BST_ACTOR_USES_H
#define BST_ACTOR_USES_H

/*
 * What handlers have declared to send, ask and spawn. Debug builds check it.
 */

#include "actor/actor.h"

#if BST_DEBUG

/** Returns whether the current handler has declared a send. */
bool bsti_uses_allow(const struct bsti_actor *actor, bst_ref to, uint32_t kind,
                     enum bst_use_how how);

/** Fails the current handler if it has not declared a send. */
void bsti_uses_check(struct bsti_actor *actor, bst_ref to, uint32_t kind,
                     enum bst_use_how how);

#else

static inline bool bsti_uses_allow(const struct bsti_actor *actor, bst_ref to,
                                   uint32_t kind, enum bst_use_how how)
{
    (void)actor;
    (void)to;
    (void)kind;
    (void)how;
    return true;
}

static inline void bsti_uses_check(struct bsti_actor *actor, bst_ref to,
                                   uint32_t kind, enum bst_use_how how)
{
    (void)actor;
    (void)to;
    (void)kind;
    (void)how;
}

#endif

#if BST_DEBUG

/** As bsti_uses_check() for a spawn. */
void bsti_uses_check_spawn(struct bsti_actor *actor,
                           const struct bst_group *group);

#else

static inline void bsti_uses_check_spawn(struct bsti_actor *actor,
                                         const struct bst_group *group)
{
    (void)actor;
    (void)group;
}

#endif

/** Finds the declared deadline of an ask. Returns 0 if there is none. */
bst_time bsti_uses_deadline(struct bst_system *system,
                            const struct bsti_actor *actor, bst_ref to,
                            uint32_t kind);

#endif
