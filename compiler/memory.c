/* The bound of memory; see the header. */

#include "memory.h"

#include <string.h>

#include "budget.h"
#include "fields.h"

#define DEFAULT_MAILBOX 256
#define DEFAULT_STACK 65536
#define DEFAULT_BUFFER 256

/* ---- fields -------------------------------------------------------------- */

/* Size and alignment of a type as far as they are known. */
struct extent {
    uint64_t size;
    uint64_t align;
};

static struct extent extent_of(const struct bstc_sizes *sizes,
                               const struct bstc_ast_field *field)
{
    const struct bstc_type *type = bstc_field_type(field);
    uint32_t message;

    if (field->type.pointer)
        return (struct extent){8, 8};
    switch (field->type.kind) {
    case BSTC_AST_TYPE_REF:
        return (struct extent){16, 8};
    case BSTC_AST_TYPE_ENUM:
        return (struct extent){1, 1};
    case BSTC_AST_TYPE_UNION:
        return (struct extent){0, 1};
    case BSTC_AST_TYPE_STRUCT:
        message = bstc_scope_find(sizes->topo->program, BSTC_A_MESSAGE,
                                  field->type.name.text);
        return (struct extent){
            message == BSTC_NONE ? 0 : sizes->messages[message], 1};
    case BSTC_AST_TYPE_NAME:
        break;
    }
    switch (bstc_field_owns(field)) {
    case BSTC_OWNS_TEXT:
        return (struct extent){8, 8};
    case BSTC_OWNS_BYTES:
        return (struct extent){16, 8};
    case BSTC_OWNS_FD:
        return (struct extent){4, 4};
    case BSTC_OWNS_NOTHING:
        break;
    }
    if (type->class == BSTC_TYPE_OTHER)
        return (struct extent){0, 1};
    return (struct extent){(type->bits + 7) / 8, (type->bits + 7) / 8};
}

static uint64_t align_up(uint64_t size, uint64_t align)
{
    return bstc_add(size, align - 1) / align * align;
}

/* Adds the fields of one list that have, or have not, a `keep` before them, to
 * a structure of `size` bytes. Returns the size of the whole. */
static uint64_t add_fields(const struct bstc_sizes *sizes,
                           const struct bstc_ast_field *field, bool keep,
                           uint64_t size)
{
    for (; field; field = field->next) {
        struct extent extent;
        uint64_t count = 1;

        if ((field->keep != BSTC_AST_KEEP_NONE) != keep || !field->name.text)
            continue;
        extent = extent_of(sizes, field);
        if (field->array == BSTC_AST_ARRAY_NUMBER)
            count = field->array_count;
        size = bstc_add(align_up(size, extent.align),
                        bstc_multiply(extent.size, count));
    }
    return size;
}

/* What a message holds by value comes before it in the order. Messages that
 * hold themselves have been reported. */
static void size_messages(struct bstc_sizes *sizes)
{
    const struct bstc_program *program = sizes->topo->program;
    uint32_t *order =
        bstc_arena_array(&program->context->arena,
                         (size_t)program->nmessages + 1, sizeof *order);

    if (bstc_fields_order(program, order) != BSTC_NONE)
        return;
    for (uint32_t i = 0; i < program->nmessages; i++)
        sizes->messages[order[i]] = add_fields(
            sizes, program->messages[order[i]].ast->fields, false, 0);
}

/* ---- groups -------------------------------------------------------------- */

static uint64_t mailbox_of(const struct bstc_program *program,
                           const struct bstc_sym_group *group)
{
    const struct bstc_settings *settings =
        bstc_scope_nearest(program, group, BSTC_SETTING_MAILBOX);

    return settings && settings->is_valid[BSTC_SETTING_MAILBOX]
               ? (uint64_t)settings->mailbox
               : DEFAULT_MAILBOX;
}

static bool blocks_senders(const struct bstc_program *program, uint32_t group)
{
    const struct bstc_settings *settings = bstc_scope_nearest(
        program, &program->groups[group], BSTC_SETTING_MAILBOX);

    return settings && settings->is_valid[BSTC_SETTING_MAILBOX] &&
           settings->overflow == BSTC_BLOCK;
}

/* Asks, spawns and full mailboxes make a handler wait. An edge to any group of
 * an actor may lead to the one that blocks. */
static void find_waiting(const struct bstc_topo *topo, bool *waits)
{
    const struct bstc_program *program = topo->program;
    bool *has_block =
        bstc_arena_array(&program->context->arena, (size_t)program->nactors + 1,
                         sizeof *has_block);

    for (uint32_t i = 0; i < program->ngroups; i++) {
        if (program->groups[i].actor != BSTC_NONE)
            has_block[program->groups[i].actor] |= blocks_senders(program, i);
    }
    for (uint32_t i = 0; i < topo->first_outside; i++) {
        const struct bstc_edge *edge = &topo->edges[i];

        waits[edge->from_actor] |=
            edge->kind == BSTC_EDGE_ASK || edge->kind == BSTC_EDGE_SPAWN ||
            (edge->to_actor != BSTC_NONE && has_block[edge->to_actor]);
    }
    for (uint32_t i = 0; i < program->nactors; i++)
        waits[i] |= program->actors[i].has_run;
}

static bool has_blocking(const struct bstc_sym_actor *actor)
{
    for (uint32_t i = 0; i < actor->nhandlers; i++) {
        if (actor->handlers[i].ast->blocking)
            return true;
    }
    return false;
}

/* Bytes of stack for one member of a group. */
static uint64_t stack_of(const struct bstc_program *program,
                         const struct bstc_sym_group *group, bool waits,
                         bool blocks)
{
    const struct bstc_settings *settings =
        bstc_scope_nearest(program, group, BSTC_SETTING_STACK);
    uint64_t stack = settings && settings->is_valid[BSTC_SETTING_STACK]
                         ? (uint64_t)settings->stack
                         : DEFAULT_STACK;

    if (blocks)
        return stack < BSTC_BLOCKING_STACK ? BSTC_BLOCKING_STACK : stack;
    return waits ? stack : 0;
}

struct stacks {
    bool *waits;  /* of each actor */
    bool *blocks; /* of each actor */
};

static struct stacks find_stacks(const struct bstc_topo *topo)
{
    const struct bstc_program *program = topo->program;
    struct bstc_arena *arena = &program->context->arena;
    size_t room = (size_t)program->nactors + 1;
    struct stacks stacks = {bstc_arena_array(arena, room, sizeof(bool)),
                            bstc_arena_array(arena, room, sizeof(bool))};

    find_waiting(topo, stacks.waits);
    for (uint32_t i = 0; i < program->nactors; i++)
        stacks.blocks[i] = has_blocking(&program->actors[i]);
    return stacks;
}

struct bstc_need *bstc_memory_needs(const struct bstc_topo *topo)
{
    const struct bstc_program *program = topo->program;
    struct stacks stacks = find_stacks(topo);
    struct bstc_need *needs = bstc_arena_array(
        &program->context->arena, (size_t)program->nactors + 1, sizeof *needs);

    for (uint32_t i = 0; i < program->ngroups; i++) {
        const struct bstc_sym_group *group = &program->groups[i];
        struct bstc_need *need;

        if (group->actor == BSTC_NONE)
            continue;
        need = &needs[group->actor];
        need->members = bstc_add(need->members, topo->high[i]);
        need->places =
            bstc_add(need->places,
                     bstc_multiply(topo->high[i], mailbox_of(program, group)));
        need->stacks = bstc_add(
            need->stacks,
            bstc_multiply(topo->high[i],
                          stack_of(program, group, stacks.waits[group->actor],
                                   stacks.blocks[group->actor])));
    }
    return needs;
}

/* ---- known sizes --------------------------------------------------------- */

static uint64_t largest_accepted(const struct bstc_sizes *sizes,
                                 const struct bstc_sym_actor *actor)
{
    uint64_t largest = 0;

    for (uint32_t i = 0; i < actor->nhandlers; i++) {
        uint32_t message = actor->handlers[i].message;

        if (message != BSTC_NONE && sizes->messages[message] > largest)
            largest = sizes->messages[message];
    }
    return largest;
}

/* Bytes of one member of an actor without mailbox and stack, and those of a
 * place in its mailbox. */
struct member {
    uint64_t bytes;
    uint64_t place;
};

static struct member member_of(const struct bstc_sizes *sizes,
                               const struct bstc_sym_actor *actor)
{
    const struct bstc_ast_field *state = actor->ast->state;
    uint64_t reset = add_fields(sizes, state, false, 0);
    uint64_t whole = add_fields(sizes, state, true, reset);

    return (struct member){
        bstc_add(BSTC_BYTES_PER_PROCESS,
                 bstc_add(whole, add_fields(sizes, state, true, 0))),
        bstc_add(BSTC_BYTES_PER_MESSAGE, largest_accepted(sizes, actor))};
}

void bstc_memory_sizes(struct bstc_sizes *sizes, const struct bstc_topo *topo)
{
    const struct bstc_program *program = topo->program;
    struct bstc_arena *arena = &program->context->arena;
    struct stacks stacks = find_stacks(topo);
    struct member *members =
        bstc_arena_array(arena, (size_t)program->nactors + 1, sizeof *members);

    sizes->topo = topo;
    sizes->messages = bstc_arena_array(arena, (size_t)program->nmessages + 1,
                                       sizeof *sizes->messages);
    sizes->members = bstc_arena_array(arena, (size_t)program->ngroups + 1,
                                      sizeof *sizes->members);
    size_messages(sizes);
    for (uint32_t i = 0; i < program->nactors; i++)
        members[i] = member_of(sizes, &program->actors[i]);
    for (uint32_t i = 0; i < program->ngroups; i++) {
        const struct bstc_sym_group *group = &program->groups[i];
        const struct member *member;

        if (group->actor == BSTC_NONE)
            continue;
        member = &members[group->actor];
        sizes->members[i] = bstc_add(
            bstc_add(member->bytes,
                     bstc_multiply(mailbox_of(program, group), member->place)),
            stack_of(program, group, stacks.waits[group->actor],
                     stacks.blocks[group->actor]));
    }
}

uint64_t bstc_memory_of_group(const struct bstc_sizes *sizes, uint32_t group)
{
    return bstc_multiply(sizes->topo->high[group], sizes->members[group]);
}

uint64_t bstc_memory_of_stream(const struct bstc_sizes *sizes,
                               const struct bstc_sym_stream *stream)
{
    const struct bstc_program *program = sizes->topo->program;
    uint64_t buffer = stream->settings.is_valid[BSTC_SETTING_BUFFER]
                          ? (uint64_t)stream->settings.buffer
                          : DEFAULT_BUFFER;
    const struct bstc_sym_handler *at = NULL;
    uint64_t bytes = 0;

    for (uint32_t i = 0; i + 1 < stream->nstages; i++) {
        uint32_t group = stream->stages[i];
        uint32_t actor =
            group == BSTC_NONE ? BSTC_NONE : program->groups[group].actor;

        if (actor == BSTC_NONE)
            break;
        at = i == 0 ? program->actors[actor].demand
                    : bstc_scope_handler(program, actor, at->emits);
        if (!at || at->emits == BSTC_NONE)
            break;
        bytes = bstc_add(bytes,
                         bstc_multiply(buffer, BSTC_BYTES_PER_MESSAGE +
                                                   sizes->messages[at->emits]));
    }
    return bytes;
}

uint64_t bstc_memory_of_all(const struct bstc_sizes *sizes)
{
    const struct bstc_program *program = sizes->topo->program;
    uint64_t sum = 0;

    for (uint32_t i = 0; i < program->ngroups; i++)
        sum = bstc_add(sum, bstc_memory_of_group(sizes, i));
    for (uint32_t i = 0; i < program->nstreams; i++)
        sum = bstc_add(sum, bstc_memory_of_stream(sizes, &program->streams[i]));
    return sum;
}

/* A tenth is cut off, so that what is named is not more than is meant. */
const char *bstc_memory_text(struct bstc_arena *arena, uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    uint64_t unit = 1;
    size_t i = 0;

    while (i + 1 < sizeof units / sizeof *units && bytes / unit >= 1024) {
        unit *= 1024;
        i++;
    }
    if (bytes % unit * 10 / unit == 0)
        return bstc_arena_format(arena, "%llu%s",
                                 (unsigned long long)(bytes / unit), units[i]);
    return bstc_arena_format(
        arena, "%llu.%llu%s", (unsigned long long)(bytes / unit),
        (unsigned long long)(bytes % unit * 10 / unit), units[i]);
}
