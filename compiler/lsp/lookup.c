/* Questions to the index. */

#include <string.h>

#include "lsp/index.h"

/* Returns the number of marks that begin at or before `offset`. */
static uint32_t count_before(const struct bstc_index *index, uint32_t file,
                             uint32_t offset)
{
    uint32_t low = 0;
    uint32_t high = index->nmarks;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct bstc_span *span = &index->marks[middle].span;

        if (span->file < file || (span->file == file && span->start <= offset))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct bstc_mark *bstc_index_at(const struct bstc_index *index,
                                      uint32_t file, uint32_t offset)
{
    uint32_t before = count_before(index, file, offset);
    const struct bstc_mark *mark;

    if (before == 0)
        return NULL;
    mark = &index->marks[before - 1];
    return mark->span.file == file && mark->span.end >= offset ? mark : NULL;
}

const struct bstc_mark *bstc_index_starting(const struct bstc_index *index,
                                            uint32_t file, uint32_t offset)
{
    const struct bstc_mark *mark = bstc_index_at(index, file, offset);

    return mark && mark->span.start == offset ? mark : NULL;
}

const struct bstc_symbol *bstc_index_find(const struct bstc_index *index,
                                          enum bstc_symbol_kind kind,
                                          const char *name)
{
    const char *unique =
        bstc_intern_find(&index->program->context->names, name, strlen(name));
    uint32_t at = BSTC_MAP_NONE;

    if (unique)
        at = bstc_map_find(&index->names[kind], bstc_map_name(unique));
    return at == BSTC_MAP_NONE ? NULL : &index->symbols[at];
}

const struct bstc_ast_actor *bstc_index_target(const struct bstc_index *index,
                                               const char *name)
{
    const struct bstc_symbol *symbol =
        bstc_index_find(index, BSTC_SYMBOL_GROUP, name);

    if (symbol && symbol->group)
        name = symbol->group->actor.text;
    if (!name)
        return NULL;
    symbol = bstc_index_find(index, BSTC_SYMBOL_ACTOR, name);
    return symbol ? symbol->actor : NULL;
}

bool bstc_symbol_is_declared(const struct bstc_symbol *symbol)
{
    return symbol->name_span.file != BSTC_NO_FILE;
}

const char *bstc_symbol_doc(const struct bstc_symbol *symbol)
{
    return symbol->doc ? symbol->doc->text : NULL;
}

const char *bstc_symbol_word(enum bstc_symbol_kind kind)
{
    static const char *const words[BSTC_SYMBOL_KINDS] = {
        "message", "actor", "group",    "supervisor",
        "cluster", "node",  "function", "field"};

    return words[kind];
}
