#ifndef BST_ACTOR_DYNAMIC_H
#define BST_ACTOR_DYNAMIC_H

/*
 * Dynamic groups: members that come and go while the system runs.
 *
 * The blocks of a group come from a numbered depot, with a magazine for each
 * worker. A block that has ended is given to the next tenant; it stays a block
 * of the group as long as the system lives, so an old reference to it says
 * that its child is dead.
 *
 *   free      gate closed, mailbox idle, in a magazine or the depot. A message
 *             that lost a race may still make it run; that turn discards it.
 *   starting  gate closed, SPAWNING set: until its first `on start` returns
 *   member    gate open, also while its supervisor restarts it
 *   retiring  gate closed; its holder empties the mailbox, and then it is free
 *
 * A child that has no start handler is made by whoever spawns it, in one
 * piece, and one that ends and is not to be restarted frees itself: neither
 * tells the supervisor. It hears of failures, and it closes the door when the
 * group has to stop.
 *
 * The door. Whoever spawns a child, or ends one without a word, is inside for
 * a few dozen instructions: a worker says so in its nursery, without a locked
 * instruction, and then looks at the door. Who changes the door then puts a
 * barrier on all threads and waits until everybody is out. So once the door
 * is closed, every child is seen as a member, or it sees that the door is
 * closed: a member that ends then tells the supervisor if it is watched.
 *
 * Places. A group has `max` of them; a member takes one. A nursery holds some,
 * so that there is no counter that all workers share. When no place is left
 * outside the nurseries the group becomes tight: they are emptied, and until
 * there is room again places are taken one by one. So BST_FULL is exact.
 */

#include "actor/actor.h"
#include "sync/magazine.h"
#include "sync/spin.h"

/* The door; 0: open, and nurseries hold places. */
enum bsti_door {
    BSTI_DOOR_TIGHT = 1,    /* nurseries hold no places */
    BSTI_DOOR_CLOSED = 2,   /* the supervisor of the group is down */
    BSTI_DOOR_STOPPING = 4, /* the group is being stopped */
    BSTI_DOOR_SHUT = 6,
    BSTI_DOOR_EMPTIED = 8, /* tight, and nurseries have given places up */
    BSTI_DOOR_PLACES = 9
};

/** What a worker has of a group. */
struct bsti_nursery {
    BSTI_ALIGNED(BSTI_CACHE_LINE) _Atomic uint32_t busy; /* it is inside */
    _Atomic uint32_t places;     /* that it may give away */
    struct bsti_magazine blocks; /* its own thread only */
};

/** Who waits until a child is up; in the child's block. */
struct bsti_parent {
    struct bsti_waiter *waiter;
    uint64_t seq;
};

/** What everybody may ask of a block that may be free. */
struct bsti_mark {
    _Atomic uint8_t is_live;
};

struct bsti_dynamic {
    /* Constant. */
    struct bsti_group *group;
    uint32_t max;
    uint32_t nnurseries;
    bool fences;         /* there are no barriers on all threads */
    bool is_small;       /* always tight */
    bool starts_itself;  /* it has something to do first: in its own turn */
    bool leaves_at_once; /* nothing but the account follows a normal end */
    size_t args_offset;  /* in a block, before it is aligned */
    size_t parent_offset;
    struct bsti_nursery *nurseries;
    struct bsti_mark *live; /* by number: 1 for whoever is not free */

    BSTI_ALIGNED(BSTI_CACHE_LINE) _Atomic uint32_t door;   /* of bsti_door */
    BSTI_ALIGNED(BSTI_CACHE_LINE) _Atomic uint32_t places; /* held by nobody */
    struct bsti_spin lock; /* who has no nursery is inside with it */
    struct bsti_depot depot;
};

/* ---- life of a group (dynamic.c) ----------------------------------------- */

/** Returns the bytes of a block whose fixed parts take `bytes`. */
size_t bsti_dynamic_lay_out(const struct bst_group *spec, size_t bytes);

/** Makes the dynamic part of a group. Returns 0 or -1 (no memory). */
int bsti_dynamic_create(struct bsti_group *group);

/** Prepares it for that many workers. Returns 0 or -1 (no memory). */
int bsti_dynamic_prepare(struct bsti_group *group, uint32_t workers);
void bsti_dynamic_destroy(struct bsti_group *group);

/** Lets children come. Thread: the supervisor. */
void bsti_dynamic_open(struct bsti_dynamic *dynamic);

/** Lets none come any more, because of `why`; see above. */
void bsti_dynamic_shut(struct bsti_dynamic *dynamic, enum bsti_door why);

/**
 * Returns the next block from `*place` on that is not free, or NULL; `*place`
 * moves behind it. Thread: any.
 */
struct bsti_actor *bsti_dynamic_next(struct bsti_dynamic *dynamic,
                                     uint32_t *place);

/** As bsti_dynamic_next() for all blocks that were ever used. */
struct bsti_actor *bsti_dynamic_used(struct bsti_dynamic *dynamic,
                                     uint32_t *place);

/** Returns where the arguments of a member are; NULL: there are none. */
void *bsti_dynamic_args(struct bsti_actor *actor);

/* ---- life of a member (spawn.c, retire.c) -------------------------------- */

/**
 * A member is up. Returns whether it has just been spawned: then whoever
 * waited for that has been told, and nobody else needs to know.
 */
bool bsti_dynamic_started(struct bsti_actor *actor);

/**
 * It did not come up for the first time. Returns what to tell whoever waits
 * for that, which is then `*parent`.
 */
bst_status bsti_dynamic_refused(struct bsti_actor *actor,
                                struct bsti_parent *parent);

/** An incarnation has ended; gives the process away. Thread: the holder. */
void bsti_dynamic_ended(struct bsti_actor *actor);

/**
 * Ends a member whose handler returned BST_STOP, if nothing has to be told or
 * tidied up; its message is still in the mailbox. Returns false if it has to
 * end like others; else the process must not be touched any more.
 */
bool bsti_dynamic_leave(struct bsti_actor *actor);

/** Frees the block once its mailbox is empty. Thread: the holder. */
void bsti_dynamic_retire(struct bsti_actor *actor);

/** It is removed by its supervisor, which makes it ready to retire. */
void bsti_dynamic_close(struct bsti_actor *actor);

/* ---- inside (dynamic.c) -------------------------------------------------- */

/**
 * Goes inside; nothing may suspend until bsti_dynamic_go_out(). `worker`
 * is the current one, or NULL. Returns its nursery; NULL: it has none.
 */
static inline struct bsti_nursery *
bsti_dynamic_go_in(struct bsti_dynamic *dynamic, struct bsti_worker *worker)
{
    struct bsti_nursery *nursery;

    if (BSTI_UNLIKELY(!worker || worker->index >= dynamic->nnurseries ||
                      worker->exec != dynamic->group->system->exec)) {
        bsti_spin_lock(&dynamic->lock);
        return NULL;
    }
    nursery = &dynamic->nurseries[worker->index];
    /* relaxed: the barrier of whoever changes the door orders it before the
     * look at the door; see bsti_dynamic_shut() */
    bsti_store_relaxed(&nursery->busy, 1u);
    if (BSTI_UNLIKELY(dynamic->fences))
        bsti_fence_seq_cst();
    else
        bsti_fence_compiler();
    return nursery;
}

static inline void bsti_dynamic_go_out(struct bsti_dynamic *dynamic,
                                       struct bsti_nursery *nursery)
{
    if (BSTI_UNLIKELY(!nursery))
        bsti_spin_unlock(&dynamic->lock);
    else
        /* release: pairs with the acquire of whoever waits for it */
        bsti_store_release(&nursery->busy, 0u);
}

/** Returns the door. Thread: who is inside. */
static inline uint32_t bsti_dynamic_door(struct bsti_dynamic *dynamic)
{
    /* acquire: pairs with the change of the door; what its supervisor did
     * with the group before it was opened is seen */
    return bsti_load_acquire(&dynamic->door);
}

/* The slow parts of the two below. */
bool bsti_dynamic_draw(struct bsti_dynamic *dynamic,
                       struct bsti_nursery *nursery, uint32_t door);
void bsti_dynamic_yield_place(struct bsti_dynamic *dynamic,
                              struct bsti_nursery *nursery, uint32_t door);

/** Takes a place. Returns false if none can be found in this way. */
static inline bool bsti_dynamic_take_place(struct bsti_dynamic *dynamic,
                                           struct bsti_nursery *nursery,
                                           uint32_t door)
{
    uint32_t left;

    if (BSTI_UNLIKELY(!nursery || (door & BSTI_DOOR_TIGHT)))
        return bsti_dynamic_draw(dynamic, nursery, door);
    /* relaxed: only this worker writes it while the group is not tight */
    left = bsti_load_relaxed(&nursery->places);
    if (BSTI_UNLIKELY(left == 0))
        return bsti_dynamic_draw(dynamic, nursery, door);
    bsti_store_relaxed(&nursery->places, left - 1);
    return true;
}

enum { BSTI_PLACES = 64 /* drawn and given back at once */ };

/** Gives the place of a member back. */
static inline void bsti_dynamic_give_place(struct bsti_dynamic *dynamic,
                                           struct bsti_nursery *nursery,
                                           uint32_t door)
{
    uint32_t left;

    if (BSTI_UNLIKELY(!nursery || (door & BSTI_DOOR_TIGHT))) {
        bsti_dynamic_yield_place(dynamic, nursery, door);
        return;
    }
    /* relaxed: as above */
    left = bsti_load_relaxed(&nursery->places);
    if (BSTI_UNLIKELY(left >= (uint32_t)2 * BSTI_PLACES - 1))
        bsti_dynamic_yield_place(dynamic, nursery, door);
    else
        bsti_store_relaxed(&nursery->places, left + 1);
}

/** Says that a block is free or not. Thread: its holder. */
static inline void bsti_dynamic_set_live(struct bsti_actor *actor, bool live)
{
    /* release: pairs with the acquire of bsti_dynamic_next() */
    bsti_store_release(&actor->group->dynamic->live[actor->child.index].is_live,
                       (uint8_t)live);
}

/** Makes nurseries give their places up. Thread: who is not inside. */
void bsti_dynamic_tighten(struct bsti_dynamic *dynamic);

#endif
