/* What an editor may fold: blocks, C, comments, and lines of imports. */

#include "lexer.h"
#include "lsp/atoms.h"
#include "lsp/features.h"

struct folder {
    const struct bstc_source *source;
    cJSON *list;
};

static uint32_t line_of(const struct folder *f, uint32_t offset)
{
    return bstc_source_position(f->source, offset).line - 1;
}

/* Folds whole lines; with a last line that stays visible if it closes. */
static void fold(const struct folder *f, uint32_t start, uint32_t end,
                 bool closes, const char *kind)
{
    uint32_t first = line_of(f, start);
    uint32_t last = line_of(f, end > start ? end - 1 : end);
    cJSON *node;

    if (closes && last > first)
        last--;
    if (last <= first)
        return;
    node = cJSON_CreateObject();
    cJSON_AddNumberToObject(node, "startLine", first);
    cJSON_AddNumberToObject(node, "endLine", last);
    if (kind)
        cJSON_AddStringToObject(node, "kind", kind);
    cJSON_AddItemToArray(f->list, node);
}

static void fold_blocks(const struct folder *f, const struct bstc_atoms *atoms)
{
    uint32_t open[BSTC_MAX_NESTING + 1];
    uint32_t depth = 0;

    for (uint32_t i = 0; i < atoms->count; i++) {
        const struct bstc_atom *atom = &atoms->items[i];

        if (atom->kind == BSTC_TOKEN_LBRACE && depth < BSTC_MAX_NESTING)
            open[depth++] = atom->start;
        else if (atom->kind == BSTC_TOKEN_RBRACE && depth > 0)
            fold(f, open[--depth], atom->end, true, NULL);
        else if (atom->kind == BSTC_TOKEN_RAW)
            fold(f, atom->start, atom->end, true, NULL);
    }
}

/* Comments on lines of their own, one below the other, are one. */
static void fold_comments(const struct folder *f,
                          const struct bstc_atoms *atoms)
{
    uint32_t i = 0;

    while (i < atoms->count) {
        uint32_t last = i;

        if (atoms->items[i].kind != BSTC_ATOM_COMMENT) {
            i++;
            continue;
        }
        while (last + 1 < atoms->count &&
               atoms->items[last + 1].kind == BSTC_ATOM_COMMENT &&
               line_of(f, atoms->items[last + 1].start) ==
                   line_of(f, atoms->items[last].end) + 1)
            last++;
        fold(f, atoms->items[i].start, atoms->items[last].end, false,
             "comment");
        i = last + 1;
    }
}

static bool is_import(const struct bstc_ast_item *item)
{
    return item && (item->kind == BSTC_AST_ITEM_USE ||
                    item->kind == BSTC_AST_ITEM_IMPORT);
}

static void fold_imports(const struct folder *f,
                         const struct bstc_ast_item *item)
{
    while (item) {
        struct bstc_span span = item->span;

        if (!is_import(item)) {
            item = item->next;
            continue;
        }
        for (; is_import(item); item = item->next)
            span.end = item->span.end;
        fold(f, span.start, span.end, false, "imports");
    }
}

cJSON *bstc_lsp_folds(struct bstc_request *request)
{
    const struct bstc_view *view = &request->view;
    struct folder folder = {view->source, cJSON_CreateArray()};
    struct bstc_context scratch;
    struct bstc_atoms atoms;

    bstc_context_init(&scratch);
    bstc_atoms_init(&atoms, &scratch, view->source);
    fold_blocks(&folder, &atoms);
    fold_comments(&folder, &atoms);
    fold_imports(&folder, view->index->program->files[view->file].ast->items);
    bstc_context_fini(&scratch);
    return folder.list;
}
