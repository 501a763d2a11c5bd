/*
 * Diagnostics for programs: the JSON format.
 */

#include "diag_report.h"
#include "json.h"

/* Adds file, both ends and the offsets of a span. */
static void add_span(cJSON *object, const struct bstc_sources *sources,
                     struct bstc_span span)
{
    const struct bstc_source *source = bstc_sources_at(sources, span.file);
    struct bstc_position from = bstc_source_position(source, span.start);
    struct bstc_position to = bstc_source_position(source, span.end);

    bstc_json_add_exact(object, "file", source->name);
    cJSON_AddNumberToObject(object, "line", from.line);
    cJSON_AddNumberToObject(object, "col", from.column);
    cJSON_AddNumberToObject(object, "end_line", to.line);
    cJSON_AddNumberToObject(object, "end_col", to.column);
    cJSON_AddNumberToObject(object, "start", span.start);
    cJSON_AddNumberToObject(object, "end", span.end);
}

static void add_label(cJSON *spans, const struct bstc_sources *sources,
                      const struct bstc_label *label, bool is_primary)
{
    cJSON *span;

    if (!bstc_sources_at(sources, label->span.file))
        return;
    span = cJSON_CreateObject();
    add_span(span, sources, label->span);
    bstc_json_add_shown(span, "label", label->text);
    cJSON_AddBoolToObject(span, "primary", is_primary);
    cJSON_AddItemToArray(spans, span);
}

static void add_texts(cJSON *object, const char *name, const char *const *texts,
                      uint32_t count)
{
    cJSON *array = cJSON_AddArrayToObject(object, name);

    for (uint32_t i = 0; i < count; i++)
        cJSON_AddItemToArray(array, bstc_json_shown(texts[i]));
}

static void add_fix(cJSON *fixes, const struct bstc_sources *sources,
                    const struct bstc_diag *diag)
{
    cJSON *fix;

    if (!diag->has_fix || !bstc_sources_at(sources, diag->fix.file))
        return;
    fix = cJSON_CreateObject();
    add_span(cJSON_AddObjectToObject(fix, "span"), sources, diag->fix);
    bstc_json_add_exact(fix, "text", diag->fix_text);
    bstc_json_add_shown(fix, "help", diag->fix_help);
    cJSON_AddItemToArray(fixes, fix);
}

cJSON *bstc_diag_json(const struct bstc_sources *sources,
                      const struct bstc_diag *diag)
{
    const struct bstc_source *source =
        bstc_sources_at(sources, diag->primary.span.file);
    cJSON *object = cJSON_CreateObject();
    cJSON *spans;

    cJSON_AddStringToObject(object, "severity",
                            diag->severity == BSTC_ERROR ? "error" : "warning");
    cJSON_AddStringToObject(object, "code", diag->code);
    bstc_json_add_shown(object, "message", diag->message);
    if (source)
        bstc_json_add_exact(object, "file", source->name);
    else
        cJSON_AddNullToObject(object, "file");
    spans = cJSON_AddArrayToObject(object, "spans");
    add_label(spans, sources, &diag->primary, true);
    for (uint32_t i = 0; i < diag->nalso; i++)
        add_label(spans, sources, &diag->also[i], false);
    add_texts(object, "notes", diag->notes, diag->nnotes);
    add_texts(object, "helps", diag->helps, diag->nhelps);
    add_fix(cJSON_AddArrayToObject(object, "fixes"), sources, diag);
    return object;
}
