/* The table of senders; see the header. */

#include "senders.h"

/* Each actor stands once in a list: `seen` holds pairs of a list, which is
 * known by its first entry, and an actor. */
static void add(struct bstc_senders *senders, struct bstc_map *seen,
                uint32_t receiver, uint32_t message, uint32_t actor)
{
    struct bstc_sender *item = &senders->items[senders->count];
    uint64_t key = bstc_map_pair(receiver, message);
    uint32_t head = bstc_map_add(&senders->heads, key, senders->count);
    uint32_t list = head == BSTC_MAP_NONE ? senders->count : head;

    if (bstc_map_add(seen, bstc_map_pair(list, actor), 1) != BSTC_MAP_NONE)
        return;
    item->actor = actor;
    item->next = BSTC_NONE;
    if (head != BSTC_MAP_NONE) {
        item->next = senders->items[head].next;
        senders->items[head].next = senders->count;
    }
    senders->count++;
}

static void note_use(const struct bstc_program *program,
                     struct bstc_senders *senders, struct bstc_map *seen,
                     uint32_t actor, const struct bstc_sym_use *use)
{
    uint32_t answer;

    if (use->is_poisoned || use->actor == BSTC_NONE || use->how == BSTC_SPAWN)
        return;
    add(senders, seen, use->actor, use->message, actor);
    answer = program->messages[use->message].answer;
    if (use->how != BSTC_ASK && answer != BSTC_NONE)
        add(senders, seen, actor, answer, use->actor);
}

void bstc_senders_init(struct bstc_senders *senders,
                       const struct bstc_program *program)
{
    struct bstc_arena *arena = &program->context->arena;
    struct bstc_map seen;
    uint32_t room = 0;

    for (uint32_t i = 0; i < program->nactors; i++) {
        for (uint32_t k = 0; k < program->actors[i].nhandlers; k++)
            room += 2 * program->actors[i].handlers[k].nuses;
    }
    bstc_map_init(&senders->heads, arena);
    bstc_map_init(&seen, arena);
    senders->items = bstc_arena_array(arena, room + 1, sizeof *senders->items);
    senders->count = 0;
    for (uint32_t i = 0; i < program->nactors; i++) {
        const struct bstc_sym_actor *actor = &program->actors[i];

        for (uint32_t k = 0; k < actor->nhandlers; k++) {
            for (uint32_t u = 0; u < actor->handlers[k].nuses; u++)
                note_use(program, senders, &seen, i,
                         &actor->handlers[k].uses[u]);
        }
    }
}

uint32_t bstc_senders_first(const struct bstc_senders *senders,
                            uint32_t receiver, uint32_t message)
{
    return bstc_map_find(&senders->heads, bstc_map_pair(receiver, message));
}
