/* From struct bstc_diag to textDocument/publishDiagnostics. */

#define _GNU_SOURCE

#include "lsp/publish.h"

#include <string.h>

#include "lsp/page.h"
#include "lsp/wire.h"

enum { MOST_PUBLISHED = 500 };

/* ---- one diagnostic ------------------------------------------------------ */

static void add_line(struct bstc_arena *arena, const char **text,
                     const char *word, const char *line)
{
    *text = bstc_arena_format(arena, "%s\n%s%s", *text, word, line);
}

/* A place beside the main one, for an editor that cannot show it. */
static void add_place(struct bstc_arena *arena, const char **text,
                      const struct bstc_unit *unit,
                      const struct bstc_label *label)
{
    const struct bstc_source *source =
        bstc_sources_at(&unit->context.sources, label->span.file);
    uint32_t line;

    if (!source)
        return;
    line = bstc_source_position(source, label->span.start).line;
    *text = bstc_arena_format(arena, "%s\n%s:%u: %s", *text,
                              unit->program.files[label->span.file].name, line,
                              label->text);
}

/* The message and whatever else stands below it in a terminal, where the
 * editor has no other place for it. */
static const char *message_of(const struct bstc_unit *unit,
                              const struct bstc_diag *diag,
                              const struct bstc_client *client,
                              struct bstc_arena *arena)
{
    const char *text = diag->message;

    if (*diag->primary.text)
        add_line(arena, &text, "", diag->primary.text);
    for (uint32_t i = 0; !client->knows_related && i < diag->nalso; i++)
        add_place(arena, &text, unit, &diag->also[i]);
    for (uint32_t i = 0; i < diag->nnotes; i++)
        add_line(arena, &text, "note: ", diag->notes[i]);
    for (uint32_t i = 0; i < diag->nhelps; i++)
        add_line(arena, &text, "help: ", diag->helps[i]);
    if (diag->has_fix)
        add_line(arena, &text, "help: ", diag->fix_help);
    return text;
}

static struct bstc_lsp_range range_of(const struct bstc_space *space,
                                      const struct bstc_unit *unit,
                                      struct bstc_span span)
{
    const struct bstc_source *source =
        bstc_sources_at(&unit->context.sources, span.file);

    if (!source)
        return (struct bstc_lsp_range){{0, 0}, {0, 0}};
    return bstc_lsp_range(source, span.start, span.end, space->encoding);
}

static void add_related(cJSON *node, const struct bstc_space *space,
                        const struct bstc_unit *unit,
                        const struct bstc_diag *diag, struct bstc_arena *arena)
{
    cJSON *list;

    if (diag->nalso == 0)
        return;
    list = cJSON_AddArrayToObject(node, "relatedInformation");
    for (uint32_t i = 0; i < diag->nalso; i++) {
        const struct bstc_label *label = &diag->also[i];
        cJSON *item;

        if (!bstc_sources_at(&unit->context.sources, label->span.file))
            continue;
        item = cJSON_CreateObject();
        cJSON_AddItemToObject(
            item, "location",
            bstc_wire_make_location(
                bstc_space_uri(space, unit, label->span.file, arena),
                range_of(space, unit, label->span)));
        bstc_json_add_exact(item, "message", label->text);
        cJSON_AddItemToArray(list, item);
    }
}

/* Code that nothing reaches is shown dimmed. */
static bool is_about_unused(const char *code)
{
    return strcmp(code, "W0303") == 0 || strcmp(code, "W0304") == 0;
}

static void add_tags(cJSON *node, const char *code)
{
    enum { UNNECESSARY = 1 };

    if (is_about_unused(code))
        cJSON_AddItemToArray(cJSON_AddArrayToObject(node, "tags"),
                             cJSON_CreateNumber(UNNECESSARY));
}

static void add_page(cJSON *node, const char *code, struct bstc_arena *arena)
{
    const char *page = bstc_page_of(code, arena);

    if (page)
        bstc_json_add_exact(cJSON_AddObjectToObject(node, "codeDescription"),
                            "href", page);
}

cJSON *bstc_publish_one(const struct bstc_space *space,
                        const struct bstc_unit *unit,
                        const struct bstc_client *client,
                        const struct bstc_diag *diag, struct bstc_arena *arena)
{
    enum { ERROR = 1, WARNING = 2 };
    cJSON *node = cJSON_CreateObject();

    cJSON_AddItemToObject(
        node, "range",
        bstc_wire_make_range(range_of(space, unit, diag->primary.span)));
    cJSON_AddNumberToObject(node, "severity",
                            diag->severity == BSTC_ERROR ? ERROR : WARNING);
    cJSON_AddStringToObject(node, "code", diag->code);
    if (client->knows_links)
        add_page(node, diag->code, arena);
    cJSON_AddStringToObject(node, "source", "bastionc");
    bstc_json_add_exact(node, "message", message_of(unit, diag, client, arena));
    if (client->knows_tags)
        add_tags(node, diag->code);
    if (client->knows_related)
        add_related(node, space, unit, diag, arena);
    return node;
}

/* ---- one file ------------------------------------------------------------ */

/* What stands in no file is said about the root. */
static bool is_about(const struct bstc_unit *unit, const struct bstc_diag *diag,
                     uint32_t file)
{
    if (diag->primary.span.file != BSTC_NO_FILE)
        return diag->primary.span.file == file;
    return unit->program.unit_span.file == file;
}

static bool has_equal(const cJSON *list, const cJSON *node)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, list)
    {
        if (cJSON_Compare(item, node, true))
            return true;
    }
    return false;
}

/* Appends what a unit says about the file `real`; with other units before it,
 * they may have said the same. */
static void add_unit(cJSON *list, const struct bstc_space *space,
                     const struct bstc_unit *unit,
                     const struct bstc_client *client, const char *real,
                     struct bstc_arena *arena)
{
    uint32_t file = bstc_unit_file(unit, real);
    bool is_first = list->child == NULL;
    int room = MOST_PUBLISHED - cJSON_GetArraySize(list);

    if (file == BSTC_NO_FILE)
        return;
    for (uint32_t i = 0; i < unit->context.diags.count && room > 0; i++) {
        const struct bstc_diag *diag = unit->context.diags.items[i];
        cJSON *node;

        if (!is_about(unit, diag, file))
            continue;
        node = bstc_publish_one(space, unit, client, diag, arena);
        if (!is_first && has_equal(list, node)) {
            cJSON_Delete(node);
            continue;
        }
        cJSON_AddItemToArray(list, node);
        room--;
    }
}

static struct bstc_published *entry_of(struct bstc_published **published,
                                       const char *uri, const char *real)
{
    struct bstc_published *entry = *published;

    while (entry && strcmp(entry->uri, uri) != 0)
        entry = entry->next;
    if (entry)
        return entry;
    entry = bstc_heap_take(sizeof *entry);
    *entry = (struct bstc_published){.is_empty = true, .next = *published};
    bstc_arena_init(&entry->arena);
    entry->uri = bstc_arena_copy(&entry->arena, uri, strlen(uri));
    entry->real = bstc_arena_copy(&entry->arena, real, strlen(real));
    *published = entry;
    return entry;
}

static void publish_file(struct bstc_space *space,
                         const struct bstc_client *client,
                         struct bstc_published *entry, bstc_notify_fn *notify,
                         void *arg)
{
    const struct bstc_document *doc = bstc_docs_find(&space->docs, entry->uri);
    cJSON *params = cJSON_CreateObject();
    struct bstc_arena scratch;
    cJSON *list;
    bool is_news;

    bstc_arena_init(&scratch);
    bstc_json_add_exact(params, "uri", entry->uri);
    if (doc && doc->has_version && client->knows_versions)
        cJSON_AddNumberToObject(params, "version", doc->version);
    list = cJSON_AddArrayToObject(params, "diagnostics");
    for (struct bstc_unit *u = space->units; u; u = u->next)
        add_unit(list, space, u, client, entry->real, &scratch);
    is_news = doc || list->child || !entry->is_empty;
    entry->is_empty = list->child == NULL;
    entry->is_done = true;
    if (is_news)
        notify(arg, "textDocument/publishDiagnostics", params);
    else
        cJSON_Delete(params);
    bstc_arena_fini(&scratch);
}

/* ---- all files ----------------------------------------------------------- */

/* A file is still known if it belongs to a program and has this address: a
 * client may know it by another one as long as it is open. */
static bool is_known(const struct bstc_space *space,
                     const struct bstc_published *entry)
{
    struct bstc_arena scratch;
    bool is_known = false;

    bstc_arena_init(&scratch);
    for (const struct bstc_unit *u = space->units; u && !is_known;
         u = u->next) {
        uint32_t file = bstc_unit_file(u, entry->real);

        if (file != BSTC_NO_FILE &&
            strcmp(bstc_space_uri(space, u, file, &scratch), entry->uri) == 0)
            is_known = true;
    }
    bstc_arena_fini(&scratch);
    return is_known;
}

static void take_back(struct bstc_published **link, bstc_notify_fn *notify,
                      void *arg)
{
    struct bstc_published *entry = *link;

    if (!entry->is_empty) {
        cJSON *params = cJSON_CreateObject();

        bstc_json_add_exact(params, "uri", entry->uri);
        cJSON_AddArrayToObject(params, "diagnostics");
        notify(arg, "textDocument/publishDiagnostics", params);
    }
    *link = entry->next;
    bstc_arena_fini(&entry->arena);
    bstc_heap_give(entry);
}

static void publish_unit(struct bstc_space *space, struct bstc_unit *unit,
                         const struct bstc_client *client,
                         struct bstc_published **published,
                         bstc_notify_fn *notify, void *arg)
{
    struct bstc_arena scratch;

    bstc_arena_init(&scratch);
    for (uint32_t i = 0; i < unit->program.norder; i++) {
        uint32_t file = unit->program.order[i];
        struct bstc_published *entry =
            entry_of(published, bstc_space_uri(space, unit, file, &scratch),
                     unit->reals[file]);

        if (!entry->is_done)
            publish_file(space, client, entry, notify, arg);
    }
    bstc_arena_fini(&scratch);
    unit->is_published = true;
}

void bstc_publish(struct bstc_space *space, const struct bstc_client *client,
                  struct bstc_published **published, bstc_notify_fn *notify,
                  void *arg)
{
    struct bstc_published **link = published;

    bstc_space_refresh(space);
    for (struct bstc_published *p = *published; p; p = p->next)
        p->is_done = false;
    for (struct bstc_unit *u = space->units; u; u = u->next) {
        if (!u->is_published)
            publish_unit(space, u, client, published, notify, arg);
    }
    while (*link) {
        if (is_known(space, *link))
            link = &(*link)->next;
        else
            take_back(link, notify, arg);
    }
}

void bstc_published_fini(struct bstc_published **published)
{
    while (*published) {
        struct bstc_published *next = (*published)->next;

        bstc_arena_fini(&(*published)->arena);
        bstc_heap_give(*published);
        *published = next;
    }
}
