/*
 * Diagnostics for continuous integration: SARIF 2.1.0.
 *
 * SARIF counts columns in characters, and names files by URIs.
 */

#include "diag_report.h"

#include <ctype.h>
#include <string.h>

#include "emit.h"
#include "explain.h"
#include "json.h"
#include "utf8.h"

static const char schema[] = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/"
                             "errata01/os/schemas/sarif-schema-2.1.0.json";

/* Returns the column of a place, counted in characters. */
static uint32_t character_column(const struct bstc_source *source,
                                 struct bstc_position at)
{
    size_t length;
    const char *line = bstc_source_line(source, at.line, &length);
    size_t end = at.column - 1 < length ? at.column - 1 : length;
    uint32_t column = 1;

    for (size_t i = 0; i < end; column++) {
        size_t size;

        bstc_utf8_decode(line + i, length - i, &size);
        i += size;
    }
    return column;
}

static void add_region(cJSON *object, const char *name,
                       const struct bstc_source *source, struct bstc_span span)
{
    struct bstc_position from = bstc_source_position(source, span.start);
    struct bstc_position to = bstc_source_position(source, span.end);
    cJSON *region = cJSON_AddObjectToObject(object, name);

    cJSON_AddNumberToObject(region, "startLine", from.line);
    cJSON_AddNumberToObject(region, "startColumn",
                            character_column(source, from));
    cJSON_AddNumberToObject(region, "endLine", to.line);
    cJSON_AddNumberToObject(region, "endColumn", character_column(source, to));
}

static void add_artifact(cJSON *object, const struct bstc_source *source)
{
    cJSON *artifact = cJSON_AddObjectToObject(object, "artifactLocation");
    struct bstc_arena scratch;
    char *uri;
    size_t used = 0;

    bstc_arena_init(&scratch);
    uri = bstc_arena_array(&scratch, strlen(source->name) + 1, 3);
    for (const char *at = source->name; *at; at++) {
        static const char digits[] = "0123456789ABCDEF";
        unsigned char byte = (unsigned char)*at;

        if (isalnum(byte) || strchr("-._~/", byte)) {
            uri[used++] = *at;
        } else {
            uri[used++] = '%';
            uri[used++] = digits[byte >> 4];
            uri[used++] = digits[byte & 15];
        }
    }
    uri[used] = '\0';
    cJSON_AddStringToObject(artifact, "uri", uri);
    bstc_arena_fini(&scratch);
}

/* Adds a place to `locations`, with a message if there is one. */
static void add_location(cJSON *locations, const struct bstc_sources *sources,
                         const struct bstc_label *label)
{
    const struct bstc_source *source =
        bstc_sources_at(sources, label->span.file);
    cJSON *location;
    cJSON *place;

    if (!source)
        return;
    location = cJSON_CreateObject();
    place = cJSON_AddObjectToObject(location, "physicalLocation");
    add_artifact(place, source);
    add_region(place, "region", source, label->span);
    if (*label->text)
        bstc_json_add_shown(cJSON_AddObjectToObject(location, "message"),
                            "text", label->text);
    cJSON_AddItemToArray(locations, location);
}

static void add_fix(cJSON *result, const struct bstc_sources *sources,
                    const struct bstc_diag *diag)
{
    const struct bstc_source *source = bstc_sources_at(sources, diag->fix.file);
    cJSON *fix;
    cJSON *change;
    cJSON *replacement;

    if (!diag->has_fix || !source)
        return;
    fix = cJSON_CreateObject();
    bstc_json_add_shown(cJSON_AddObjectToObject(fix, "description"), "text",
                        diag->fix_help);
    change = cJSON_CreateObject();
    add_artifact(change, source);
    replacement = cJSON_CreateObject();
    add_region(replacement, "deletedRegion", source, diag->fix);
    bstc_json_add_exact(cJSON_AddObjectToObject(replacement, "insertedContent"),
                        "text", diag->fix_text);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(change, "replacements"),
                         replacement);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(fix, "artifactChanges"),
                         change);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(result, "fixes"), fix);
}

/* The message, and the notes and helps on lines of their own. */
static void add_message(cJSON *result, const struct bstc_diag *diag)
{
    struct bstc_arena scratch;
    const char *text = diag->message;

    bstc_arena_init(&scratch);
    for (uint32_t i = 0; i < diag->nnotes; i++)
        text =
            bstc_arena_format(&scratch, "%s; note: %s", text, diag->notes[i]);
    for (uint32_t i = 0; i < diag->nhelps; i++)
        text =
            bstc_arena_format(&scratch, "%s; help: %s", text, diag->helps[i]);
    bstc_json_add_shown(cJSON_AddObjectToObject(result, "message"), "text",
                        text);
    bstc_arena_fini(&scratch);
}

cJSON *bstc_diag_sarif(const struct bstc_sources *sources,
                       const struct bstc_diag *diag)
{
    cJSON *result = cJSON_CreateObject();
    cJSON *related;

    cJSON_AddStringToObject(result, "ruleId", diag->code);
    cJSON_AddStringToObject(result, "level",
                            diag->severity == BSTC_ERROR ? "error" : "warning");
    add_message(result, diag);
    add_location(cJSON_AddArrayToObject(result, "locations"), sources,
                 &diag->primary);
    related = cJSON_AddArrayToObject(result, "relatedLocations");
    for (uint32_t i = 0; i < diag->nalso; i++)
        add_location(related, sources, &diag->also[i]);
    add_fix(result, sources, diag);
    return result;
}

static bool is_used(const cJSON *results, const char *code)
{
    const cJSON *result;

    cJSON_ArrayForEach(result, results)
    {
        const cJSON *id = cJSON_GetObjectItemCaseSensitive(result, "ruleId");

        if (strcmp(cJSON_GetStringValue(id), code) == 0)
            return true;
    }
    return false;
}

/* Describes the codes that occur. */
static void add_rules(cJSON *driver, const cJSON *results)
{
    cJSON *rules = cJSON_AddArrayToObject(driver, "rules");

    for (const struct bstc_page *page = bstc_pages; page->code; page++) {
        cJSON *rule;

        if (!is_used(results, page->code))
            continue;
        rule = cJSON_CreateObject();
        cJSON_AddStringToObject(rule, "id", page->code);
        cJSON_AddStringToObject(
            cJSON_AddObjectToObject(rule, "shortDescription"), "text",
            page->title);
        cJSON_AddItemToArray(rules, rule);
    }
}

cJSON *bstc_sarif_document(cJSON *results)
{
    cJSON *document = cJSON_CreateObject();
    cJSON *run = cJSON_CreateObject();
    cJSON *driver;

    cJSON_AddStringToObject(document, "$schema", schema);
    cJSON_AddStringToObject(document, "version", "2.1.0");
    driver =
        cJSON_AddObjectToObject(cJSON_AddObjectToObject(run, "tool"), "driver");
    cJSON_AddStringToObject(driver, "name", "bastionc");
    cJSON_AddStringToObject(driver, "version", BSTC_VERSION);
    add_rules(driver, results);
    cJSON_AddStringToObject(run, "columnKind", "unicodeCodePoints");
    cJSON_AddItemToObject(run, "results", results);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(document, "runs"), run);
    return document;
}
