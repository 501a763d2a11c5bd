/* Open documents and their edits. */

#define _GNU_SOURCE

#include "lsp/docs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lsp/uri.h"
#include "lsp/wire.h"

const char *bstc_real_path(struct bstc_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    char real[PATH_MAX];
    const char *folder;

    if (realpath(path, real))
        return bstc_arena_copy(arena, real, strlen(real));
    if (!slash || slash == path)
        return path;
    folder = bstc_arena_copy(arena, path, (size_t)(slash - path));
    if (!realpath(folder, real))
        return path;
    return bstc_arena_format(arena, "%s%s", real, slash);
}

bool bstc_is_small(const char *path, size_t limit)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
           (size_t)status.st_size <= limit;
}

/* ---- the set ------------------------------------------------------------- */

/* The overlay is the first member of the set. */
static const char *find_text(const struct bstc_overlay *overlay,
                             const char *path, size_t *size)
{
    const struct bstc_documents *docs = (const struct bstc_documents *)overlay;
    const struct bstc_document *doc;
    char real[PATH_MAX];

    for (doc = docs->first; doc; doc = doc->next) {
        if (strcmp(doc->path, path) == 0)
            break;
    }
    if (!doc && docs->first && realpath(path, real))
        doc = bstc_docs_at(docs, real);
    if (!doc)
        return NULL;
    *size = doc->source->size;
    return doc->source->text;
}

void bstc_docs_init(struct bstc_documents *docs)
{
    *docs = (struct bstc_documents){.overlay = {find_text}};
}

void bstc_docs_fini(struct bstc_documents *docs)
{
    while (docs->first)
        bstc_docs_close(docs, docs->first);
}

struct bstc_document *bstc_docs_find(const struct bstc_documents *docs,
                                     const char *uri)
{
    struct bstc_document *doc = docs->first;

    while (doc && strcmp(doc->uri, uri) != 0)
        doc = doc->next;
    return doc;
}

struct bstc_document *bstc_docs_at(const struct bstc_documents *docs,
                                   const char *real)
{
    struct bstc_document *doc = docs->first;

    while (doc && strcmp(doc->real, real) != 0)
        doc = doc->next;
    return doc;
}

/* ---- one document -------------------------------------------------------- */

/* Replaces the text by three pieces, which may lie in the old one. Returns
 * false if that would be more than a source can have. */
static bool set_text(struct bstc_document *doc, const char *head, size_t nhead,
                     const char *text, const char *tail, size_t ntail)
{
    size_t length = strlen(text);
    struct bstc_arena contents;
    char *whole;

    if (nhead + length + ntail > BSTC_SOURCE_LIMIT)
        return false;
    bstc_arena_init(&contents);
    whole = bstc_arena_alloc(&contents, nhead + length + ntail + 1);
    memcpy(whole, head, nhead);
    memcpy(whole + nhead, text, length);
    memcpy(whole + nhead + length, tail, ntail);
    bstc_arena_fini(&doc->contents);
    doc->contents = contents;
    bstc_sources_init(&doc->set, &doc->contents);
    doc->source =
        bstc_sources_adopt(&doc->set, doc->path, whole, nhead + length + ntail);
    return true;
}

bool bstc_doc_replace(struct bstc_document *doc, uint32_t start, uint32_t end,
                      const char *text)
{
    const struct bstc_source *old = doc->source;

    if (end < start)
        end = start;
    return set_text(doc, old->text, start, text, old->text + end,
                    old->size - end);
}

struct bstc_document *bstc_docs_open(struct bstc_documents *docs,
                                     const char *uri, const char *text)
{
    struct bstc_document *doc = bstc_docs_find(docs, uri);

    if (!doc) {
        doc = bstc_heap_take(sizeof *doc);
        *doc = (struct bstc_document){.next = docs->first};
        docs->first = doc;
        bstc_arena_init(&doc->arena);
        bstc_arena_init(&doc->contents);
        bstc_arena_init(&doc->graph);
        doc->uri = bstc_arena_copy(&doc->arena, uri, strlen(uri));
        doc->path = bstc_uri_path(&doc->arena, uri);
        /* With the word, nothing can be taken for standard input. */
        if (!doc->path)
            doc->path = bstc_arena_format(&doc->arena, "buffer:%s", uri);
        doc->real = bstc_real_path(&doc->arena, doc->path);
    }
    set_text(doc, "", 0, text, "", 0);
    return doc;
}

void bstc_docs_close(struct bstc_documents *docs, struct bstc_document *doc)
{
    struct bstc_document **link = &docs->first;

    while (*link != doc)
        link = &(*link)->next;
    *link = doc->next;
    bstc_arena_fini(&doc->contents);
    bstc_arena_fini(&doc->graph);
    bstc_arena_fini(&doc->arena);
    bstc_heap_give(doc);
}

bool bstc_doc_edit(struct bstc_document *doc, const cJSON *changes,
                   enum bstc_units units)
{
    const cJSON *change;

    cJSON_ArrayForEach(change, changes)
    {
        const char *text = bstc_wire_text(change, "text");
        const cJSON *range = bstc_wire_at(change, "range");
        struct bstc_lsp_range where;

        if (!text || (range && !bstc_wire_range(range, &where)))
            return false;
        if (!range) {
            set_text(doc, "", 0, text, "", 0);
            continue;
        }
        if (!bstc_doc_replace(
                doc, bstc_lsp_offset(doc->source, where.start, units),
                bstc_lsp_offset(doc->source, where.end, units), text))
            return false;
    }
    return true;
}
