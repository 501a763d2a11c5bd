/*
 * The group as a whole: blocks, places, and the door.
 */

#include "actor/dynamic.h"

#include "base/alloc.h"
#include "plat/barrier.h"
#include "plat/thread.h"
#include "sync/atomic.h"

/* ---- blocks -------------------------------------------------------------- */

static size_t round_up(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

/* The arguments are aligned in the block as they are found: it may lie at any
 * cache line, and what the user's structs want may be more. */
static size_t args_bytes(const struct bst_actor *actor)
{
    size_t more = actor->args_align > BSTI_CACHE_LINE
                      ? actor->args_align - BSTI_CACHE_LINE
                      : 0;

    return actor->args_size + more;
}

/* Where they begin at a block that is aligned as they are. */
static size_t args_offset(const struct bst_actor *actor, size_t bytes)
{
    size_t align = actor->args_align > 0 ? actor->args_align : 1;

    return round_up(bytes, BSTI_MIN(align, (size_t)BSTI_CACHE_LINE));
}

static size_t parent_offset(const struct bst_actor *actor, size_t bytes)
{
    return round_up(args_offset(actor, bytes) + args_bytes(actor),
                    _Alignof(struct bsti_parent));
}

static bool starts_itself(const struct bst_group *spec)
{
    return spec->actor->ntimers > 0 || spec->callbacks ||
           bsti_handler_of(spec->actor, BST_KIND_START);
}

size_t bsti_dynamic_lay_out(const struct bst_group *spec, size_t bytes)
{
    const struct bst_actor *actor = spec->actor;

    return parent_offset(actor, bytes) +
           (starts_itself(spec) ? sizeof(struct bsti_parent) : 0);
}

void *bsti_dynamic_args(struct bsti_actor *actor)
{
    const struct bst_actor *spec = bsti_actor_spec(actor);
    uintptr_t place = (uintptr_t)actor + actor->group->dynamic->args_offset;

    if (spec->args_size == 0)
        return NULL;
    return (void *)round_up(place, spec->args_align);
}

struct bsti_actor *bsti_dynamic_next(struct bsti_dynamic *dynamic,
                                     uint32_t *place)
{
    uint32_t count = bsti_depot_count(&dynamic->depot);

    for (uint32_t i = *place; i < count; i++) {
        /* acquire: pairs with the release of bsti_dynamic_set_live() */
        if (!bsti_load_acquire(&dynamic->live[i].is_live))
            continue;
        *place = i + 1;
        return bsti_depot_block(&dynamic->depot, i);
    }
    *place = count;
    return NULL;
}

struct bsti_actor *bsti_dynamic_used(struct bsti_dynamic *dynamic,
                                     uint32_t *place)
{
    uint32_t count = bsti_depot_count(&dynamic->depot);

    while (*place < count) {
        struct bsti_actor *actor = bsti_depot_block(&dynamic->depot, *place);

        ++*place;
        if (bsti_load_relaxed(&actor->proc.gate) != 0)
            return actor;
    }
    return NULL;
}

/* ---- life ---------------------------------------------------------------- */

int bsti_dynamic_create(struct bsti_group *group)
{
    const struct bst_group *spec = group->spec;
    const struct bst_actor *actor = spec->actor;
    struct bsti_dynamic *dynamic =
        bsti_alloc_aligned(BSTI_CACHE_LINE, sizeof *dynamic);
    size_t bytes =
        group->ticks_offset + actor->ntimers * sizeof(struct bsti_tick);

    if (!dynamic)
        return -1;
    group->dynamic = dynamic;
    dynamic->group = group;
    dynamic->max = spec->max;
    /* The system is quick about it as long as there are no threads. */
    dynamic->fences = !bsti_barrier_prepare();
    dynamic->starts_itself = starts_itself(spec);
    dynamic->leaves_at_once = spec->lifetime != BST_PERMANENT &&
                              !spec->significant && !group->overflow_offset &&
                              !group->on_stop && !group->callbacks &&
                              actor->ntimers == 0;
    dynamic->args_offset = args_offset(actor, bytes);
    dynamic->parent_offset = parent_offset(actor, bytes);
    bsti_spin_init(&dynamic->lock);
    bsti_store_relaxed(&dynamic->door, (uint32_t)BSTI_DOOR_CLOSED);
    bsti_store_relaxed(&dynamic->places, spec->max);
    return 0;
}

/* How many blocks may be in magazines and the depot while others are wanted. */
static uint32_t slack(uint32_t workers)
{
    return (uint32_t)BSTI_BATCH_SIZE * (2 * workers + 2);
}

int bsti_dynamic_prepare(struct bsti_group *group, uint32_t workers)
{
    struct bsti_dynamic *dynamic = group->dynamic;
    uint32_t most = dynamic->max + slack(workers);
    struct bsti_nursery *nurseries;

    if (bsti_depot_init_numbered(&dynamic->depot, group->stride,
                                 BSTI_DEPOT_STABLE, most) != 0)
        return -1;
    most = dynamic->depot.shelf_size << dynamic->depot.shelf_shift;
    dynamic->live = bsti_alloc(most * sizeof *dynamic->live);
    nurseries =
        bsti_alloc_aligned(BSTI_CACHE_LINE, workers * sizeof *nurseries);
    dynamic->nurseries = nurseries;
    if (!dynamic->live || !nurseries)
        return -1;
    for (uint32_t i = 0; i < workers; i++)
        if (bsti_magazine_init(&nurseries[i].blocks, &dynamic->depot) != 0)
            return -1;
    dynamic->nnurseries = workers;
    dynamic->is_small = dynamic->max / 8 / BSTI_PLACES < workers;
    if (dynamic->is_small)
        bsti_fetch_or_relaxed(&dynamic->door, (uint32_t)BSTI_DOOR_PLACES);
    return 0;
}

void bsti_dynamic_destroy(struct bsti_group *group)
{
    struct bsti_dynamic *dynamic = group->dynamic;

    if (!dynamic)
        return;
    bsti_depot_fini(&dynamic->depot);
    bsti_free(dynamic->live);
    bsti_free(dynamic->nurseries);
    bsti_free(dynamic);
}

/* ---- the door ------------------------------------------------------------ */

/* Waits until every worker that was inside is out; the door was changed. */
static void wait_for_nurseries(struct bsti_dynamic *dynamic)
{
    /* Between the change of the door and the looks below; pairs with what
     * bsti_dynamic_go_in() does: either they look at the new door, or they
     * are seen to be inside. */
    bsti_fence_seq_cst();
    if (!dynamic->fences)
        bsti_barrier_all();
    for (uint32_t i = 0; i < dynamic->nnurseries; i++) {
        uint32_t pauses = 0;

        /* acquire: pairs with the release of bsti_dynamic_go_out() */
        while (bsti_load_acquire(&dynamic->nurseries[i].busy)) {
            if (++pauses < BSTI_SPIN_PAUSES)
                bsti_cpu_relax();
            else
                bsti_thread_yield();
        }
    }
}

void bsti_dynamic_open(struct bsti_dynamic *dynamic)
{
    /* acq_rel: the release pairs with bsti_dynamic_door() */
    bsti_fetch_and_acq_rel(&dynamic->door, (uint32_t)BSTI_DOOR_PLACES);
}

void bsti_dynamic_shut(struct bsti_dynamic *dynamic, enum bsti_door why)
{
    uint32_t door;

    bsti_spin_lock(&dynamic->lock);
    door = bsti_load_relaxed(&dynamic->door);
    bsti_fetch_or_acq_rel(&dynamic->door, (uint32_t)why);
    if (!(door & BSTI_DOOR_SHUT))
        wait_for_nurseries(dynamic);
    bsti_spin_unlock(&dynamic->lock);
}

/* ---- places -------------------------------------------------------------- */

/* Takes up to `most` of the places that nobody holds. */
static uint32_t take(struct bsti_dynamic *dynamic, uint32_t most)
{
    uint32_t have = bsti_load_relaxed(&dynamic->places);

    /* relaxed: only the count matters; blocks come from the depot */
    while (have > 0) {
        uint32_t n = BSTI_MIN(have, most);

        if (bsti_cas_weak_relaxed(&dynamic->places, &have, have - n))
            return n;
    }
    return 0;
}

bool bsti_dynamic_draw(struct bsti_dynamic *dynamic,
                       struct bsti_nursery *nursery, uint32_t door)
{
    uint32_t n;

    if (!nursery || (door & BSTI_DOOR_TIGHT))
        return take(dynamic, 1) == 1;
    n = take(dynamic, BSTI_PLACES);
    if (n == 0)
        return false;
    bsti_store_relaxed(&nursery->places, n - 1);
    return true;
}

/* There is room again: nurseries may hold places. */
static void loosen(struct bsti_dynamic *dynamic, uint32_t room)
{
    if (dynamic->is_small || room / 4 / BSTI_PLACES < dynamic->nnurseries ||
        !bsti_spin_trylock(&dynamic->lock))
        return;
    bsti_fetch_and_acq_rel(&dynamic->door, ~(uint32_t)BSTI_DOOR_PLACES);
    bsti_spin_unlock(&dynamic->lock);
}

void bsti_dynamic_yield_place(struct bsti_dynamic *dynamic,
                              struct bsti_nursery *nursery, uint32_t door)
{
    uint32_t room;

    if (nursery && !(door & BSTI_DOOR_TIGHT)) {
        bsti_store_relaxed(&nursery->places, (uint32_t)BSTI_PLACES);
        bsti_fetch_add_relaxed(&dynamic->places, (uint32_t)BSTI_PLACES);
        return;
    }
    room = bsti_fetch_add_relaxed(&dynamic->places, 1u) + 1;
    /* Without a nursery the lock is held, and it is somebody else's turn. */
    if (nursery)
        loosen(dynamic, room);
}

void bsti_dynamic_tighten(struct bsti_dynamic *dynamic)
{
    bsti_spin_lock(&dynamic->lock);
    if (!(bsti_load_relaxed(&dynamic->door) & BSTI_DOOR_TIGHT)) {
        bsti_fetch_or_acq_rel(&dynamic->door, (uint32_t)BSTI_DOOR_TIGHT);
        wait_for_nurseries(dynamic);
        for (uint32_t i = 0; i < dynamic->nnurseries; i++)
            bsti_fetch_add_relaxed(
                &dynamic->places,
                bsti_xchg_relaxed(&dynamic->nurseries[i].places, 0u));
        /* release: whoever sees it sees the places that were given up */
        bsti_fetch_or_acq_rel(&dynamic->door, (uint32_t)BSTI_DOOR_EMPTIED);
    }
    bsti_spin_unlock(&dynamic->lock);
}
