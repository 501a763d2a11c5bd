/* Keeping programs compiled. */

#include "lsp/space.h"

#include <string.h>

#include "driver.h"
#include "lsp/importers.h"
#include "lsp/uri.h"
#include "lsp/wire.h"

void bstc_space_init(struct bstc_space *space,
                     const struct bstc_options *options)
{
    *space = (struct bstc_space){.options = options};
    bstc_docs_init(&space->docs);
}

/* ---- units --------------------------------------------------------------- */

static void forget(struct bstc_unit *unit)
{
    if (unit->is_compiled)
        bstc_context_fini(&unit->context);
    unit->is_compiled = false;
    unit->is_fresh = false;
    unit->has_index = false;
}

static void drop(struct bstc_unit *unit)
{
    forget(unit);
    bstc_heap_give(unit);
}

void bstc_space_fini(struct bstc_space *space)
{
    while (space->units) {
        struct bstc_unit *next = space->units->next;

        drop(space->units);
        space->units = next;
    }
    bstc_docs_fini(&space->docs);
}

static void compile(struct bstc_space *space, struct bstc_unit *unit,
                    const char *root)
{
    struct bstc_context *context = &unit->context;

    forget(unit);
    bstc_context_init(context);
    context->sources.overlay = &space->docs.overlay;
    bstc_program_init(&unit->program, context);
    unit->program.prefix = space->options->prefix;
    bstc_options_set_levels(space->options, &context->diags);
    unit->root = bstc_arena_copy(&context->arena, root, strlen(root));
    bstc_load(&unit->program, unit->root, &space->options->include_dirs);
    unit->is_broken = context->diags.errors > 0;
    bstc_analyse(&unit->program);
    bstc_diags_sort(&context->diags);
    unit->reals = bstc_arena_array(&context->arena, context->sources.count + 1,
                                   sizeof *unit->reals);
    for (uint32_t i = 0; i < context->sources.count; i++)
        unit->reals[i] =
            bstc_real_path(&context->arena, context->sources.items[i]->path);
    unit->is_compiled = true;
    unit->is_fresh = true;
    unit->is_published = false;
}

uint32_t bstc_unit_file(const struct bstc_unit *unit, const char *real)
{
    for (uint32_t i = 0; unit->is_compiled && i < unit->program.norder; i++) {
        uint32_t file = unit->program.order[i];

        if (strcmp(unit->reals[file], real) == 0)
            return file;
    }
    return BSTC_NO_FILE;
}

const struct bstc_index *bstc_unit_index(struct bstc_unit *unit)
{
    if (!unit->has_index)
        bstc_index_init(&unit->index, &unit->program);
    unit->has_index = true;
    return &unit->index;
}

/* ---- what is stale ------------------------------------------------------- */

void bstc_space_changed(struct bstc_space *space, struct bstc_document *doc)
{
    uint64_t signature = bstc_graph_signature(doc->source);

    if (signature != doc->signature)
        space->edition++;
    doc->signature = signature;
    for (struct bstc_unit *u = space->units; u; u = u->next) {
        /* A file that could not be read may be this one. */
        if (u->is_broken || bstc_unit_file(u, doc->real) != BSTC_NO_FILE)
            u->is_fresh = false;
    }
    space->is_stale = true;
}

void bstc_space_reordered(struct bstc_space *space)
{
    for (struct bstc_unit *u = space->units; u; u = u->next)
        u->is_fresh = false;
    space->edition++;
    space->is_stale = true;
}

/* Returns the compiled unit of a root. */
static struct bstc_unit *want(struct bstc_space *space, const char *root)
{
    struct bstc_unit *unit = space->units;

    while (unit && strcmp(unit->root, root) != 0)
        unit = unit->next;
    if (!unit) {
        unit = bstc_heap_take(sizeof *unit);
        memset(unit, 0, sizeof *unit);
        unit->next = space->units;
        space->units = unit;
    }
    unit->is_wanted = true;
    if (!unit->is_fresh)
        compile(space, unit, root);
    return unit;
}

/* A document belongs to the programs of its roots. One that turns out to be
 * in none of them, say since the import stands in a comment, is its own. */
static void place(struct bstc_space *space, struct bstc_document *doc)
{
    bool is_placed = false;

    if (doc->edition != space->edition || !doc->roots.items) {
        bstc_arena_fini(&doc->graph);
        bstc_arena_init(&doc->graph);
        doc->roots =
            bstc_graph_roots(&doc->graph, &space->docs, doc, &space->folders,
                             &space->options->include_dirs);
        doc->edition = space->edition;
    }
    for (uint32_t i = 0; i < doc->roots.count; i++) {
        struct bstc_unit *unit = want(space, doc->roots.items[i]);

        if (bstc_unit_file(unit, doc->real) != BSTC_NO_FILE)
            is_placed = true;
    }
    if (!is_placed)
        want(space, doc->path);
}

/* An editor may have C files open as well; they are looked into for handlers
 * and nothing else. */
static bool is_c(const struct bstc_document *doc)
{
    const char *dot = strrchr(doc->path, '.');

    return dot && (strcmp(dot, ".c") == 0 || strcmp(dot, ".h") == 0);
}

void bstc_space_refresh(struct bstc_space *space)
{
    struct bstc_unit **link = &space->units;

    if (!space->is_stale)
        return;
    for (struct bstc_unit *u = space->units; u; u = u->next)
        u->is_wanted = false;
    for (struct bstc_document *d = space->docs.first; d; d = d->next) {
        if (!is_c(d))
            place(space, d);
    }
    while (*link) {
        struct bstc_unit *unit = *link;

        if (unit->is_wanted) {
            link = &unit->next;
        } else {
            *link = unit->next;
            drop(unit);
        }
    }
    space->is_stale = false;
}

/* ---- views --------------------------------------------------------------- */

const char *bstc_space_uri(const struct bstc_space *space,
                           const struct bstc_unit *unit, uint32_t file,
                           struct bstc_arena *arena)
{
    const struct bstc_document *doc =
        bstc_docs_at(&space->docs, unit->reals[file]);

    return doc ? doc->uri : bstc_uri_of_path(arena, unit->reals[file]);
}

bool bstc_view_init(struct bstc_view *view, struct bstc_space *space,
                    struct bstc_document *doc, struct bstc_arena *arena)
{
    *view = (struct bstc_view){.space = space, .doc = doc, .arena = arena};
    bstc_space_refresh(space);
    for (struct bstc_unit *u = space->units; u; u = u->next) {
        view->file = bstc_unit_file(u, doc->real);
        if (view->file == BSTC_NO_FILE)
            continue;
        view->unit = u;
        view->index = bstc_unit_index(u);
        view->source = u->context.sources.items[view->file];
        return true;
    }
    return false;
}

struct bstc_lsp_range bstc_view_range(const struct bstc_view *view,
                                      struct bstc_span span)
{
    const struct bstc_source *source =
        bstc_sources_at(&view->unit->context.sources, span.file);

    return bstc_lsp_range(source, span.start, span.end, view->space->encoding);
}

cJSON *bstc_view_location(const struct bstc_view *view, struct bstc_span span)
{
    return bstc_wire_make_location(
        bstc_space_uri(view->space, view->unit, span.file, view->arena),
        bstc_view_range(view, span));
}
