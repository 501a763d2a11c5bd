/*
 * Reading the root file and what it imports, each file once.
 *
 * A file is known by device and inode, so two paths to it are one file. Only
 * files below the folder of the root file or below an -I folder may be
 * imported, whatever links and `..` say.
 */

#define _GNU_SOURCE

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "driver.h"
#include "parse.h"

#define MAX_FILES 200
#define MAX_DEPTH 32

enum { UNSEEN, OPEN, DONE };

struct loader {
    struct bstc_program *program;
    struct bstc_context *context;
    const struct bstc_texts *include_dirs;
    const char **roots; /* real paths of the folders that may be read */
    uint32_t nroots;
    char *states; /* by number of the source */
    /* The imports that led to the file being read, the root's first. */
    const struct bstc_ast_import *trail[MAX_DEPTH + 2];
    uint32_t ntrail;
    bool is_full; /* that there are too many files has been reported */
};

/* ---- paths --------------------------------------------------------------- */

static const char *folder_of(struct bstc_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return "";
    return bstc_arena_copy(arena, path, (size_t)(slash - path) + 1);
}

static const char *without_dot(const char *path)
{
    while (path[0] == '.' && path[1] == '/') {
        path += 2;
        while (*path == '/')
            path++;
    }
    return path;
}

static const char *join(struct bstc_arena *arena, const char *folder,
                        const char *name)
{
    const char *slash = *folder && folder[strlen(folder) - 1] != '/' ? "/" : "";

    name = without_dot(name);
    if (strcmp(folder, ".") == 0 || !*folder)
        return name;
    return bstc_arena_format(arena, "%s%s%s", folder, slash, name);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static void add_root(struct loader *l, const char *folder)
{
    char real[PATH_MAX];

    if (realpath(*folder ? folder : ".", real))
        l->roots[l->nroots++] =
            bstc_arena_copy(&l->context->arena, real, strlen(real));
}

/* A file that only an editor has lies where its folder does. */
static bool real_path(const struct loader *l, const char *path,
                      char real[PATH_MAX])
{
    struct stat status;
    const char *folder;

    if (realpath(path, real))
        return true;
    if (lstat(path, &status) == 0)
        return false; /* a link that leads nowhere that has a name */
    folder = folder_of(&l->context->arena, path);
    if (!realpath(*folder ? folder : ".", real) || strlen(real) + 2 > PATH_MAX)
        return false;
    strcat(real, "/");
    return true;
}

static bool is_allowed(const struct loader *l, const char *path)
{
    char real[PATH_MAX];

    if (!real_path(l, path, real))
        return false;
    for (uint32_t i = 0; i < l->nroots; i++) {
        size_t length = strlen(l->roots[i]);

        if (strncmp(real, l->roots[i], length) == 0 &&
            (real[length] == '/' || l->roots[i][length - 1] == '/'))
            return true;
    }
    return false;
}

/* ---- files --------------------------------------------------------------- */

static void load_file(struct loader *l, struct bstc_source *source,
                      const char *name, uint32_t depth);

/* Keeps the arrays that are indexed by the number of the source as long as
 * the set of sources. */
static void make_room(struct loader *l, uint32_t count)
{
    struct bstc_program *program = l->program;
    struct bstc_arena *arena = &l->context->arena;

    if (count <= program->nfiles && l->states)
        return;
    program->files = bstc_arena_grow(arena, program->files,
                                     program->nfiles * sizeof *program->files,
                                     count * sizeof *program->files);
    l->states = bstc_arena_grow(arena, l->states, program->nfiles, count);
    program->order = bstc_arena_grow(arena, program->order,
                                     program->norder * sizeof *program->order,
                                     count * sizeof *program->order);
    program->nfiles = count;
}

static struct bstc_diag *
refuse(struct loader *l, const struct bstc_ast_import *import, const char *what)
{
    return bstc_error(&l->context->diags, "E0207", import->span, "`%s` %s",
                      import->text, what);
}

static const char *find_import(struct loader *l, const char *importer,
                               const struct bstc_ast_import *import,
                               const char **searched)
{
    struct bstc_arena *arena = &l->context->arena;
    const char *folder = folder_of(arena, importer);
    const char *path = join(arena, folder, import->text);

    *searched = *folder ? folder : ".";
    if (bstc_sources_exists(&l->context->sources, path))
        return path;
    for (uint32_t i = 0; i < l->include_dirs->count; i++) {
        folder = l->include_dirs->items[i];
        *searched = bstc_arena_format(arena, "%s, %s", *searched, folder);
        path = join(arena, folder, import->text);
        if (bstc_sources_exists(&l->context->sources, path))
            return path;
    }
    return NULL;
}

/* A file from an -I folder is named as the import names it. */
static const char *name_of_import(struct loader *l, const char *importer_path,
                                  const char *importer_name, const char *path,
                                  const struct bstc_ast_import *import)
{
    struct bstc_arena *arena = &l->context->arena;
    const char *beside =
        join(arena, folder_of(arena, importer_path), import->text);

    if (strcmp(beside, path) == 0)
        return join(arena, folder_of(arena, importer_name), import->text);
    return without_dot(import->text);
}

/* Lists the files from `source` on, each with the line of its import. */
static void refuse_cycle(struct loader *l, const struct bstc_source *source,
                         const struct bstc_ast_import *import)
{
    struct bstc_diags *diags = &l->context->diags;
    struct bstc_arena *arena = &l->context->arena;
    struct bstc_diag *diag = refuse(l, import, "imports this file in turn");
    const char *path = "";
    bool inside = false;

    for (uint32_t i = 0; i <= l->ntrail; i++) {
        const struct bstc_ast_import *hop =
            i < l->ntrail ? l->trail[i] : import;
        const struct bstc_source *from =
            l->context->sources.items[hop->span.file];

        inside = inside || from == source;
        if (inside)
            path = bstc_arena_format(
                arena, "%s%s:%u -> ", path, from->name,
                bstc_source_position(from, hop->span.start).line);
    }
    bstc_diag_note(diags, diag, "%s%s", path, source->name);
}

static void open_import(struct loader *l, const struct bstc_source *importer,
                        const struct bstc_ast_import *import, const char *path,
                        uint32_t depth)
{
    struct bstc_source *source;
    const char *name = l->program->files[importer->index].name;
    const char *why = bstc_sources_open(&l->context->sources, path, &source);

    if (why) {
        struct bstc_diag *diag = refuse(l, import, "cannot be read");

        bstc_diag_note(&l->context->diags, diag, "%s: %s", path, why);
        return;
    }
    make_room(l, l->context->sources.count);
    if (l->states[source->index] == OPEN) {
        refuse_cycle(l, source, import);
        return;
    }
    if (l->states[source->index] == DONE)
        return;
    if (l->context->sources.count > MAX_FILES || depth > MAX_DEPTH) {
        struct bstc_diag *diag;

        if (l->is_full)
            return;
        l->is_full = l->context->sources.count > MAX_FILES;
        diag = refuse(l, import, "is one file too many, or nested too deep");
        bstc_diag_note(&l->context->diags, diag,
                       "a program has up to %d files, nested up to %d deep",
                       MAX_FILES, MAX_DEPTH);
        return;
    }
    l->trail[l->ntrail++] = import;
    load_file(l, source, name_of_import(l, importer->path, name, path, import),
              depth);
    l->ntrail--;
}

static void load_import(struct loader *l, const struct bstc_source *importer,
                        const struct bstc_ast_import *import, uint32_t depth)
{
    struct bstc_diags *diags = &l->context->diags;
    const char *searched;
    const char *path;

    if (strlen(import->text) != import->length || import->length == 0 ||
        import->text[0] == '/') {
        refuse(l, import, "is not a relative path");
        return;
    }
    if (strchr(import->text, ';')) {
        struct bstc_diag *diag = refuse(l, import, "holds a `;`");

        bstc_diag_note(diags, diag, "make would take it for the end of a rule");
        return;
    }
    path = find_import(l, importer->path, import, &searched);
    if (!path) {
        struct bstc_diag *diag = refuse(l, import, "cannot be found");

        bstc_diag_note(diags, diag, "looked in %s", searched);
        return;
    }
    if (!is_allowed(l, path)) {
        struct bstc_diag *diag = refuse(l, import, "lies outside the project");

        bstc_diag_note(diags, diag,
                       "a file may be imported from the folder "
                       "of the root file and from -I folders");
        return;
    }
    open_import(l, importer, import, path, depth);
}

static void load_file(struct loader *l, struct bstc_source *source,
                      const char *name, uint32_t depth)
{
    struct bstc_program_file *file;
    const struct bstc_ast_file *ast = bstc_parse(l->context, source);

    make_room(l, l->context->sources.count);
    l->states[source->index] = OPEN;
    file = &l->program->files[source->index];
    file->ast = ast;
    file->name = name;
    file->path = source->path[0] == '/' ? name : without_dot(source->path);
    for (const struct bstc_ast_item *item = ast->items; item;
         item = item->next) {
        if (item->kind == BSTC_AST_ITEM_IMPORT)
            load_import(l, source, item->import, depth + 1);
    }
    l->states[source->index] = DONE;
    l->program->order[l->program->norder++] = source->index;
}

/* ---- the root ------------------------------------------------------------ */

static const char *unit_of(struct bstc_arena *arena, const char *path)
{
    const char *name = base_name(path);
    size_t length = strlen(name);

    if (strcmp(path, "-") == 0)
        return "stdin";
    return bstc_arena_copy(arena, name, length > 4 ? length - 4 : length);
}

void bstc_load(struct bstc_program *program, const char *path,
               const struct bstc_texts *include_dirs)
{
    struct bstc_context *context = program->context;
    struct loader l = {
        .program = program, .context = context, .include_dirs = include_dirs};
    struct bstc_source *source;
    const char *why;

    program->unit = unit_of(&context->arena, path);
    l.roots = bstc_arena_array(&context->arena, include_dirs->count + 1,
                               sizeof *l.roots);
    add_root(&l, folder_of(&context->arena, path));
    for (uint32_t i = 0; i < include_dirs->count; i++)
        add_root(&l, include_dirs->items[i]);
    why = bstc_sources_open(&context->sources, path, &source);
    if (why) {
        bstc_error(&context->diags, "E0207", bstc_span_nowhere(),
                   "cannot read `%s`: %s", path, why);
        return;
    }
    program->unit_span.file = source->index;
    program->unit_span.start = 0;
    program->unit_span.end = 0;
    load_file(&l, source,
              strcmp(path, "-") == 0 ? "stdin.bst" : base_name(path), 1);
}
