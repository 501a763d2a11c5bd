/*
 * Where a name is declared, and where it stands.
 *
 * Functions of the user are declared in C: in the raw C of the program, or in
 * the .c files beside its .bst files.
 */

#define _GNU_SOURCE

#include <dirent.h>
#include <string.h>

#include "c_scan.h"
#include "lsp/features.h"
#include "lsp/occur.h"
#include "lsp/uri.h"
#include "lsp/wire.h"

enum { MOST_C_FILES = 500, LONGEST_C_FILE = 8 << 20 };

/* ---- functions in C ------------------------------------------------------ */

struct seeker {
    const char *name;
    const char *found; /* in the scanned text, or NULL */
};

static void look(void *arg, const char *name, size_t length)
{
    struct seeker *seeker = arg;

    if (!seeker->found && strlen(seeker->name) == length &&
        memcmp(seeker->name, name, length) == 0)
        seeker->found = name;
}

static const char *find_in(const char *text, size_t length, const char *name)
{
    struct seeker seeker = {name, NULL};

    bstc_c_functions(text, length, look, &seeker);
    return seeker.found;
}

/* Looks through a C file; one that an editor has open counts as it is there. */
static cJSON *find_in_file(const struct bstc_view *view, const char *path,
                           const char *name)
{
    const struct bstc_space *space = view->space;
    const struct bstc_document *doc;
    struct bstc_arena scratch;
    struct bstc_sources set;
    struct bstc_source *source;
    const char *found;
    cJSON *location = NULL;

    bstc_arena_init(&scratch);
    bstc_sources_init(&set, &scratch);
    set.overlay = &space->docs.overlay;
    if (bstc_is_small(path, LONGEST_C_FILE) &&
        !bstc_sources_open(&set, path, &source) &&
        (found = find_in(source->text, source->size, name)) != NULL) {
        uint32_t start = (uint32_t)(found - source->text);
        uint32_t end = start + (uint32_t)strlen(name);

        path = bstc_real_path(&scratch, path);
        doc = bstc_docs_at(&space->docs, path);
        location = bstc_wire_make_location(
            doc ? doc->uri : bstc_uri_of_path(&scratch, path),
            bstc_lsp_range(source, start, end, space->encoding));
    }
    bstc_arena_fini(&scratch);
    return location;
}

static int is_c_file(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return length > 2 && strcmp(entry->d_name + length - 2, ".c") == 0;
}

static cJSON *find_in_folder(const struct bstc_view *view, const char *folder,
                             const char *name)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_c_file, alphasort);
    cJSON *location = NULL;

    for (int i = 0; i < count; i++) {
        if (!location && i < MOST_C_FILES)
            location =
                find_in_file(view,
                             bstc_arena_format(view->arena, "%s/%s", folder,
                                               entries[i]->d_name),
                             name);
        bstc_heap_give(entries[i]);
    }
    if (count >= 0)
        bstc_heap_give(entries);
    return location;
}

static cJSON *find_in_folders(const struct bstc_view *view, const char *name)
{
    const struct bstc_program *program = view->index->program;
    cJSON *location = NULL;
    const char *last = NULL;

    for (uint32_t i = program->norder; i-- > 0 && !location;) {
        const char *real = view->unit->reals[program->order[i]];
        const char *slash = strrchr(real, '/');
        const char *folder;

        if (!slash)
            continue;
        folder = bstc_arena_copy(view->arena, real, (size_t)(slash - real) + 1);
        if (!last || strcmp(last, folder) != 0)
            location = find_in_folder(view, folder, name);
        last = folder;
    }
    return location;
}

static cJSON *find_in_raw(const struct bstc_view *view, const char *name)
{
    const struct bstc_program *program = view->index->program;

    for (uint32_t i = 0; i < program->norder; i++) {
        const struct bstc_ast_item *item =
            program->files[program->order[i]].ast->items;

        for (; item; item = item->next) {
            const char *found;
            struct bstc_span span;

            /* The braces are no part of the C. */
            if (item->kind != BSTC_AST_ITEM_C || item->raw->length < 2)
                continue;
            found = find_in(item->raw->text + 1, item->raw->length - 2, name);
            if (!found)
                continue;
            span = item->raw->span;
            span.start += (uint32_t)(found - item->raw->text);
            span.end = span.start + (uint32_t)strlen(name);
            return bstc_view_location(view, span);
        }
    }
    return NULL;
}

static cJSON *find_function(const struct bstc_view *view, const char *name)
{
    cJSON *location = find_in_raw(view, name);

    return location ? location : find_in_folders(view, name);
}

/* ---- files --------------------------------------------------------------- */

static cJSON *location_of_file(const struct bstc_view *view, const char *path)
{
    struct bstc_lsp_range top = {{0, 0}, {0, 0}};
    const char *real = bstc_real_path(view->arena, path);
    const struct bstc_document *doc = bstc_docs_at(&view->space->docs, real);

    return bstc_wire_make_location(
        doc ? doc->uri : bstc_uri_of_path(view->arena, real), top);
}

/* A name in an `import` or a `use` leads to the file, if it is found beside
 * this one or in a folder of -I. */
static cJSON *find_file(const struct bstc_view *view, const char *name)
{
    const struct bstc_texts *dirs = &view->space->options->include_dirs;
    const char *here = strrchr(view->source->path, '/');
    const char *folder =
        bstc_arena_copy(view->arena, view->source->path,
                        here ? (size_t)(here - view->source->path) : 0);

    for (uint32_t i = 0; i <= dirs->count; i++) {
        const char *path =
            bstc_arena_format(view->arena, "%s/%s", folder, name);

        if (bstc_sources_exists(&view->unit->context.sources, path))
            return location_of_file(view, path);
        if (i < dirs->count)
            folder = dirs->items[i];
    }
    return NULL;
}

static bool holds(struct bstc_span span, const struct bstc_view *view)
{
    return span.file == view->file && span.start <= view->offset &&
           view->offset <= span.end;
}

static cJSON *definition_of_file(const struct bstc_view *view)
{
    const struct bstc_ast_item *item =
        view->index->program->files[view->file].ast->items;

    for (; item; item = item->next) {
        if (item->kind == BSTC_AST_ITEM_IMPORT &&
            holds(item->import->span, view))
            return find_file(view, item->import->text);
        if (item->kind == BSTC_AST_ITEM_USE && !item->include->system &&
            holds(item->include->span, view))
            return find_file(view,
                             bstc_arena_copy(view->arena, item->include->text,
                                             item->include->length));
    }
    return NULL;
}

/* ---- requests ------------------------------------------------------------ */

static const struct bstc_mark *mark_at(const struct bstc_view *view)
{
    return bstc_index_at(view->index, view->file, view->offset);
}

cJSON *bstc_lsp_definition(struct bstc_request *request)
{
    const struct bstc_view *view = &request->view;
    const struct bstc_mark *mark = mark_at(view);
    const struct bstc_symbol *symbol;

    if (!mark)
        return definition_of_file(view);
    symbol = &view->index->symbols[mark->symbol];
    if (symbol->kind == BSTC_SYMBOL_FUNCTION)
        return find_function(view, symbol->name);
    if (!bstc_symbol_is_declared(symbol))
        return NULL;
    return bstc_view_location(view, symbol->name_span);
}

cJSON *bstc_lsp_references(struct bstc_request *request)
{
    const struct bstc_view *view = &request->view;
    bool with_declaration = bstc_wire_flag(
        bstc_wire_at(request->params, "context"), "includeDeclaration");
    struct bstc_occurrences found;
    cJSON *list = cJSON_CreateArray();

    bstc_occurrences_init(&found, view, false);
    for (uint32_t i = 0; i < found.count; i++) {
        const struct bstc_occurrence *place = &found.items[i];

        if (with_declaration || !place->declares)
            cJSON_AddItemToArray(list, bstc_wire_make_location(
                                           bstc_occurrence_uri(view, place),
                                           bstc_occurrence_range(view, place)));
    }
    return list;
}

cJSON *bstc_lsp_highlight(struct bstc_request *request)
{
    enum { READ = 2, WRITE = 3 };
    const struct bstc_view *view = &request->view;
    const struct bstc_mark *mark = mark_at(view);
    cJSON *list = cJSON_CreateArray();

    for (uint32_t i = 0; mark && i < view->index->nmarks; i++) {
        const struct bstc_mark *other = &view->index->marks[i];
        cJSON *item;

        if (other->symbol != mark->symbol || other->span.file != view->file)
            continue;
        item = cJSON_CreateObject();
        cJSON_AddItemToObject(
            item, "range",
            bstc_wire_make_range(bstc_view_range(view, other->span)));
        cJSON_AddNumberToObject(item, "kind", other->declares ? WRITE : READ);
        cJSON_AddItemToArray(list, item);
    }
    return list;
}
