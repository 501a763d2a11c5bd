/* Collecting the places of a name. */

#include "lsp/occur.h"

#include <stdlib.h>
#include <string.h>

#include "lsp/derived.h"

static void add(struct bstc_occurrences *found, struct bstc_unit *unit,
                struct bstc_span span, bool declares)
{
    if (found->count == found->capacity) {
        uint32_t more = found->capacity ? found->capacity * 2 : 32;

        found->items = bstc_arena_grow(found->arena, found->items,
                                       found->count * sizeof *found->items,
                                       more * sizeof *found->items);
        found->capacity = more;
    }
    found->items[found->count++] =
        (struct bstc_occurrence){unit, span, unit->reals[span.file], declares};
}

/* What is found in the C of a unit. */
struct adder {
    struct bstc_occurrences *found;
    struct bstc_unit *unit;
};

static void add_derived(void *arg, struct bstc_span span)
{
    const struct adder *adder = arg;

    add(adder->found, adder->unit, span, false);
}

static void add_unit(struct bstc_occurrences *found, struct bstc_unit *unit,
                     const char *real, uint32_t offset, bool with_c)
{
    struct adder adder = {found, unit};
    const struct bstc_index *index;
    const struct bstc_mark *mark;
    uint32_t file = bstc_unit_file(unit, real);

    if (file == BSTC_NO_FILE)
        return;
    index = bstc_unit_index(unit);
    mark = bstc_index_starting(index, file, offset);
    if (!mark)
        return;
    for (uint32_t i = 0; i < index->nmarks; i++) {
        const struct bstc_mark *other = &index->marks[i];

        if (other->symbol == mark->symbol)
            add(found, unit, other->span, other->declares);
    }
    if (with_c)
        bstc_derived_each(unit, &index->symbols[mark->symbol], add_derived,
                          &adder);
}

static int compare(const void *a, const void *b)
{
    const struct bstc_occurrence *x = a;
    const struct bstc_occurrence *y = b;
    int order = strcmp(x->real, y->real);

    if (order != 0)
        return order;
    if (x->span.start != y->span.start)
        return x->span.start < y->span.start ? -1 : 1;
    return 0;
}

static void keep_once(struct bstc_occurrences *found)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < found->count; i++) {
        if (kept == 0 || compare(&found->items[kept - 1], &found->items[i]))
            found->items[kept++] = found->items[i];
    }
    found->count = kept;
}

void bstc_occurrences_init(struct bstc_occurrences *found,
                           const struct bstc_view *view, bool with_c)
{
    const struct bstc_mark *mark =
        bstc_index_at(view->index, view->file, view->offset);
    const struct bstc_symbol *symbol;
    struct bstc_span origin;

    *found = (struct bstc_occurrences){.arena = view->arena};
    if (!mark)
        return;
    symbol = &view->index->symbols[mark->symbol];
    origin = bstc_symbol_is_declared(symbol) ? symbol->name_span : mark->span;
    for (struct bstc_unit *u = view->space->units; u; u = u->next)
        add_unit(found, u, view->unit->reals[origin.file], origin.start,
                 with_c);
    if (found->count > 0)
        qsort(found->items, found->count, sizeof *found->items, compare);
    keep_once(found);
}

const char *bstc_occurrence_uri(const struct bstc_view *view,
                                const struct bstc_occurrence *place)
{
    return bstc_space_uri(view->space, place->unit, place->span.file,
                          view->arena);
}

struct bstc_lsp_range bstc_occurrence_range(const struct bstc_view *view,
                                            const struct bstc_occurrence *place)
{
    const struct bstc_source *source =
        place->unit->context.sources.items[place->span.file];

    return bstc_lsp_range(source, place->span.start, place->span.end,
                          view->space->encoding);
}
