/*
 * Groups: the blocks of their members, side by side in one piece of memory.
 */

#include "actor/actor.h"
#include "actor/dynamic.h"
#include "base/alloc.h"
#include "plat/stack.h"
#include "sync/atomic.h"

enum { DEFAULT_MAILBOX = 256 };

static size_t round_up(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

static void lay_out(struct bsti_group *group)
{
    const struct bst_actor *actor = group->spec->actor;

    group->state_offset = BSTI_STATE_OFFSET;
    group->shadow_offset =
        round_up(group->state_offset + actor->state_size, 16);
    group->ticks_offset = round_up(group->shadow_offset + actor->keep_size,
                                   _Alignof(struct bsti_tick));
    group->stride =
        group->ticks_offset + actor->ntimers * sizeof(struct bsti_tick);
    if (group->spec->max > 0)
        group->stride = bsti_dynamic_lay_out(group->spec, group->stride);
    group->stride = round_up(group->stride, BSTI_CACHE_LINE);
    if (group->spec->overflow == BST_OVERFLOW_BLOCK ||
        group->spec->overflow == BST_OVERFLOW_DROP_OLDEST) {
        group->overflow_offset = group->stride;
        group->stride +=
            round_up(sizeof(struct bsti_overflow), BSTI_CACHE_LINE);
    }
}

/* Whether an answer fits the smallest block and takes nothing with it. */
static bool is_plain(const struct bst_message *answer)
{
    return answer->size <= BSTI_NODE_SMALL && !answer->owned;
}

/*
 * Finds the messages whose handling is a call and nothing else: no keep fields
 * to save, no `idle` timer to put off, no pool to go to; and either no answer,
 * or one that is plain and asked for.
 */
static int find_ways(struct bsti_group *group)
{
    const struct bst_app *app = group->system->app;

    group->ways = bsti_alloc(app->nmessages + 1);
    if (!group->ways)
        return -1;
    if (group->spec->actor->keep_size > 0 || group->has_blocking ||
        group->has_idle || group->system->observer)
        return 0;
    group->nways = app->nmessages;
    for (uint32_t i = 0; i < app->nmessages; i++) {
        uint32_t answer = app->messages[i].answer;

        if (answer == BST_KIND_NONE)
            group->ways[i] = BSTI_WAY_PLAIN;
        else if (is_plain(&app->messages[answer - BST_KIND_USER]))
            group->ways[i] = BSTI_WAY_QUESTION;
    }
    return 0;
}

void bsti_member_init(struct bsti_group *group, struct bsti_actor *actor,
                      uint32_t index)
{
    const struct bst_group *spec = group->spec;

    bsti_proc_init(&actor->proc, &bsti_actor_class,
                   spec->mailbox ? spec->mailbox : DEFAULT_MAILBOX,
                   bsti_stack_class(spec->stack_bytes));
    actor->group = group;
    actor->child.index = group->first + index;
    actor->child.type = group->member_type;
    actor->child.state = BSTI_CHILD_DOWN;
    bsti_actor_set_phase(actor, BSTI_PHASE_DOWN);
    /* The one tenant of a static child's block. */
    bsti_store_relaxed(&actor->proc.incarnation, (uint64_t)1);
    bsti_store_relaxed(&actor->proc.gate, (uint64_t)1 << 1);
    bsti_overflow_init(actor);
    bsti_ticks_init(actor);
}

struct bsti_group *bsti_group_find(struct bst_system *system,
                                   const struct bst_group *spec)
{
    struct bsti_group *group;

    if (BSTI_LIKELY(spec->index < system->app->ngroups &&
                    system->groups[spec->index].spec == spec))
        return &system->groups[spec->index];
    /* acquire: pairs with whoever has put it there, and in the tree */
    for (group = bsti_load_acquire(&system->added); group;
         group = group->next_added)
        if (group->spec == spec && bsti_load_acquire(&group->is_in_tree))
            return group;
    return NULL;
}

int bsti_group_init(struct bsti_group *group, const struct bst_group *spec,
                    struct bst_system *system, char *path)
{
    const struct bst_actor *actor = spec->actor;

    group->spec = spec;
    group->system = system;
    group->path = path;
    group->hush.path = path;
    group->count = spec->redundancy;
    group->drops_oldest = spec->overflow == BST_OVERFLOW_DROP_OLDEST;
    lay_out(group);
    bsti_store_relaxed(&group->turn, 0u);
    group->on_start = bsti_handler_of(actor, BST_KIND_START);
    group->on_restart = bsti_handler_of(actor, BST_KIND_RESTART);
    group->on_stop = bsti_handler_of(actor, BST_KIND_STOP);
    group->callbacks = spec->callbacks;
    for (uint32_t i = 0; i < actor->nhandlers; i++)
        /* In a simulation there is no pool: it is a handler like others. */
        if (actor->handlers[i].blocking && !system->observer)
            group->has_blocking = true;
    for (uint32_t i = 0; i < actor->ntimers; i++)
        if (actor->timers[i].type == BST_IDLE)
            group->has_idle = true;
    group->reported =
        bsti_alloc(sizeof *group->reported * (system->app->nmessages / 64 + 1));
    if (find_ways(group) != 0 || !group->reported ||
        group->count > SIZE_MAX / group->stride)
        return -1;
    if (spec->max > 0)
        return bsti_dynamic_create(group);
    group->blocks =
        bsti_alloc_aligned(BSTI_CACHE_LINE, group->count * group->stride);
    if (!group->blocks)
        return -1;
    for (uint32_t i = 0; i < group->count; i++)
        bsti_member_init(group, bsti_group_member(group, i), i);
    group->only = group->count == 1 ? bsti_group_member(group, 0) : NULL;
    return 0;
}

void bsti_group_fini(struct bsti_group *group)
{
    bsti_dynamic_destroy(group);
    bsti_free(group->blocks);
    bsti_free(group->ways);
    bsti_free(group->reported);
    bsti_free(group->path);
}
