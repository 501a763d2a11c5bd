/* Finding out who imports whom. */

#define _GNU_SOURCE

#include "lsp/importers.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_FILE = 4 << 20, MOST_BYTES = 32 << 20, MOST_IMPORTS = 64 };

/* A file that may import others, or be imported. */
struct place {
    const char *path; /* as it will be opened */
    const char *real;
    const char *imports[MOST_IMPORTS]; /* real paths */
    uint32_t nimports;
    bool is_reached;  /* imports the document */
    bool is_imported; /* by one that is reached */
};

struct finder {
    struct bstc_arena *arena;
    const struct bstc_documents *docs;
    const struct bstc_texts *include_dirs;
    struct place *places;
    uint32_t nplaces;
    size_t nbytes; /* read so far */
};

/* ---- the light scan ------------------------------------------------------ */

/* Finds the next `import "NAME"` from `*at` on; returns NAME and its length,
 * or NULL. */
static const char *next_import(const char **at, const char *end, size_t *length)
{
    const char *word;

    while ((word = memmem(*at, (size_t)(end - *at), "import", 6)) != NULL) {
        const char *name = word + 6;
        const char *close;

        *at = name;
        while (name < end && (*name == ' ' || *name == '\t'))
            name++;
        if (name == end || *name != '"')
            continue;
        name++;
        close = memchr(name, '"', (size_t)(end - name));
        if (!close)
            return NULL;
        *at = close + 1;
        *length = (size_t)(close - name);
        return name;
    }
    return NULL;
}

uint64_t bstc_graph_signature(const struct bstc_source *source)
{
    uint64_t hash = 0xcbf29ce484222325u;
    const char *at = source->text;
    const char *name;
    size_t length;

    while ((name = next_import(&at, source->text + source->size, &length))) {
        for (size_t i = 0; i <= length; i++)
            hash = (hash ^ (unsigned char)name[i]) * 0x100000001b3u;
    }
    return hash;
}

/* ---- files --------------------------------------------------------------- */

static const char *folder_of(struct bstc_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');

    return bstc_arena_copy(arena, path, slash ? (size_t)(slash - path) : 0);
}

/* Adds the real path of what `name` may mean in the file `place`. */
static void add_import(struct finder *f, struct place *place, const char *name,
                       size_t length)
{
    const char *text = bstc_arena_copy(f->arena, name, length);
    const char *folder = folder_of(f->arena, place->path);

    for (uint32_t i = 0; i <= f->include_dirs->count; i++) {
        const char *path = bstc_arena_format(f->arena, "%s/%s", folder, text);

        if (place->nimports == MOST_IMPORTS)
            return;
        place->imports[place->nimports++] = bstc_real_path(f->arena, path);
        if (i < f->include_dirs->count)
            folder = f->include_dirs->items[i];
    }
}

static void scan(struct finder *f, struct place *place,
                 const struct bstc_source *source)
{
    const char *at = source->text;
    const char *name;
    size_t length;

    while ((name = next_import(&at, source->text + source->size, &length)))
        add_import(f, place, name, length);
}

static void add_place(struct finder *f, const char *path)
{
    const char *real = bstc_real_path(f->arena, path);
    const struct bstc_document *doc = bstc_docs_at(f->docs, real);
    struct place *place;

    for (uint32_t i = 0; i < f->nplaces; i++) {
        if (strcmp(f->places[i].real, real) == 0)
            return;
    }
    if (f->nplaces == BSTC_GRAPH_FILES)
        return;
    place = &f->places[f->nplaces++];
    place->path = doc ? doc->path : path;
    place->real = real;
    if (doc) {
        scan(f, place, doc->source);
    } else {
        struct bstc_arena scratch;
        struct bstc_sources set;
        struct bstc_source *source;

        bstc_arena_init(&scratch);
        bstc_sources_init(&set, &scratch);
        if (f->nbytes < MOST_BYTES && bstc_is_small(path, LONGEST_FILE) &&
            !bstc_sources_open(&set, path, &source)) {
            f->nbytes += source->size;
            scan(f, place, source);
        }
        bstc_arena_fini(&scratch);
    }
}

static int is_bst(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return length > 4 && strcmp(entry->d_name + length - 4, ".bst") == 0;
}

/* Files in alphabetical order, so that a limit always cuts the same ones. */
static void add_folder(struct finder *f, const char *folder)
{
    struct dirent **entries;
    int count = scandir(*folder ? folder : "/", &entries, is_bst, alphasort);

    for (int i = 0; i < count; i++) {
        add_place(f, bstc_arena_format(f->arena, "%s/%s", folder,
                                       entries[i]->d_name));
        bstc_heap_give(entries[i]);
    }
    if (count >= 0)
        bstc_heap_give(entries);
}

static bool is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    return strncmp(path, folder, length) == 0 &&
           (path[length] == '/' || path[length] == '\0');
}

/* Adds the folder of the document, and those above it that the client has
 * opened. */
static void add_folders(struct finder *f, const struct bstc_document *doc,
                        const struct bstc_texts *folders)
{
    const char *folder = folder_of(f->arena, doc->real);
    bool is_open = true;

    while (is_open) {
        add_folder(f, folder);
        if (!*folder)
            return;
        folder = folder_of(f->arena, folder);
        is_open = false;
        for (uint32_t i = 0; i < folders->count; i++)
            is_open = is_open || is_below(folder, folders->items[i]);
    }
}

/* ---- importers ----------------------------------------------------------- */

static bool imports(const struct place *place, const char *real)
{
    for (uint32_t i = 0; i < place->nimports; i++) {
        if (strcmp(place->imports[i], real) == 0)
            return true;
    }
    return false;
}

/* Marks everything that imports the file `real`, one step after the other. */
static void reach(struct finder *f, const char *real)
{
    const char **queue =
        bstc_arena_array(f->arena, f->nplaces + 1, sizeof *queue);
    uint32_t count = 0;

    queue[count++] = real;
    for (uint32_t next = 0; next < count; next++) {
        for (uint32_t i = 0; i < f->nplaces; i++) {
            struct place *place = &f->places[i];

            if (!imports(place, queue[next]))
                continue;
            for (uint32_t k = 0; k < f->nplaces; k++) {
                if (strcmp(f->places[k].real, queue[next]) == 0)
                    f->places[k].is_imported = true;
            }
            if (!place->is_reached && strcmp(place->real, real) != 0) {
                place->is_reached = true;
                queue[count++] = place->real;
            }
        }
    }
}

struct bstc_texts bstc_graph_roots(struct bstc_arena *arena,
                                   const struct bstc_documents *docs,
                                   const struct bstc_document *doc,
                                   const struct bstc_texts *folders,
                                   const struct bstc_texts *include_dirs)
{
    struct bstc_arena scratch;
    struct finder f = {
        .arena = &scratch, .docs = docs, .include_dirs = include_dirs};
    struct bstc_texts roots = {NULL, 0};

    bstc_arena_init(&scratch);
    f.places = bstc_arena_array(&scratch, BSTC_GRAPH_FILES, sizeof *f.places);
    for (const struct bstc_document *d = docs->first; d; d = d->next)
        add_place(&f, d->path);
    if (doc->path[0] == '/')
        add_folders(&f, doc, folders);
    reach(&f, doc->real);
    roots.items =
        bstc_arena_array(arena, BSTC_GRAPH_ROOTS, sizeof *roots.items);
    for (uint32_t i = 0; i < f.nplaces && roots.count < BSTC_GRAPH_ROOTS; i++) {
        const struct place *place = &f.places[i];

        if (place->is_reached && !place->is_imported)
            roots.items[roots.count++] =
                bstc_arena_copy(arena, place->path, strlen(place->path));
    }
    if (roots.count == 0)
        roots.items[roots.count++] = doc->path;
    bstc_arena_fini(&scratch);
    return roots;
}
