/*
 * The bound of `memory` (E0603), as far as sizes are known without C. The
 * generated C judges it again, with the sizes of the user's own types.
 */

#include "check.h"

#include "budget.h"
#include "memory.h"

enum { SHOWN = BSTC_DIAG_MAX_ALSO };

/* The groups that need most, in descending order. */
struct largest {
    uint32_t groups[SHOWN];
    uint32_t count;
};

static void insert(struct largest *l, const struct bstc_sizes *sizes,
                   uint32_t group)
{
    uint64_t bytes = bstc_memory_of_group(sizes, group);
    uint32_t at = l->count < SHOWN ? l->count++ : SHOWN;

    while (at > 0 && bstc_memory_of_group(sizes, l->groups[at - 1]) < bytes) {
        if (at < SHOWN)
            l->groups[at] = l->groups[at - 1];
        at--;
    }
    if (at < SHOWN)
        l->groups[at] = group;
}

static struct largest find_largest(const struct bstc_sizes *sizes)
{
    struct largest largest = {.count = 0};

    for (uint32_t i = 0; i < sizes->topo->program->ngroups; i++)
        insert(&largest, sizes, i);
    return largest;
}

/* A place that a finding names, and what is said there. */
struct mark {
    struct bstc_span span;
    const char *text;
};

static struct mark mark_of(const struct bstc_sizes *sizes, uint32_t group)
{
    struct bstc_arena *arena = &sizes->topo->program->context->arena;

    return (struct mark){
        sizes->topo->program->groups[group].ast->name.span,
        bstc_arena_format(arena, "%llu of up to %s each",
                          (unsigned long long)sizes->topo->high[group],
                          bstc_memory_text(arena, sizes->members[group]))};
}

/* Returns how many marks there are: the bound, and the largest groups. */
static uint32_t find_marks(const struct bstc_sizes *sizes, struct mark *marks,
                           uint32_t *first)
{
    const struct bstc_program *program = sizes->topo->program;
    struct bstc_arena *arena = &program->context->arena;
    struct largest largest = find_largest(sizes);

    *first = 0;
    marks[0].span = program->memory_setting->span;
    marks[0].text =
        bstc_arena_format(arena, "%s are allowed",
                          bstc_memory_text(arena, (uint64_t)program->memory));
    for (uint32_t i = 0; i < largest.count; i++) {
        marks[i + 1] = mark_of(sizes, largest.groups[i]);
        if (bstc_span_is_before(marks[i + 1].span, marks[*first].span))
            *first = i + 1;
    }
    return largest.count + 1;
}

static void report(const struct bstc_sizes *sizes, uint64_t needed)
{
    const struct bstc_program *program = sizes->topo->program;
    struct bstc_context *context = program->context;
    struct mark marks[SHOWN + 1];
    uint32_t first;
    uint32_t count = find_marks(sizes, marks, &first);
    struct bstc_diag *diag =
        bstc_error(&context->diags, "E0603", marks[first].span,
                   "up to %s may be needed, which is more than `memory` allows",
                   bstc_memory_text(&context->arena, needed));
    uint64_t streams = 0;

    bstc_diag_label(&context->diags, diag, "%s", marks[first].text);
    for (uint32_t i = 0; i < count; i++) {
        if (i != first)
            bstc_diag_also(&context->diags, diag, marks[i].span, "%s",
                           marks[i].text);
    }
    for (uint32_t i = 0; i < program->nstreams; i++)
        streams = bstc_add(streams,
                           bstc_memory_of_stream(sizes, &program->streams[i]));
    if (streams > 0)
        bstc_diag_note(&context->diags, diag, "%s of it are buffers of streams",
                       bstc_memory_text(&context->arena, streams));
    bstc_diag_note(&context->diags, diag,
                   "a process counts 256B, its state, its mailbox, and its "
                   "stack if a handler waits");
    bstc_diag_note(&context->diags, diag,
                   "what messages own (`text`, `bytes`) is not counted");
}

void bstc_check_memory(const struct bstc_topo *topo)
{
    struct bstc_sizes sizes;
    uint64_t needed;

    if (topo->program->memory == 0)
        return;
    bstc_memory_sizes(&sizes, topo);
    needed = bstc_memory_of_all(&sizes);
    if (needed > (uint64_t)topo->program->memory)
        report(&sizes, needed);
}
