/*
 * Choosing the format of a report.
 */

#include "diag_report.h"

#include "context.h"
#include "json.h"

void bstc_report_init(struct bstc_report *report, FILE *out,
                      const struct bstc_diag_style *style)
{
    *report = (struct bstc_report){.out = out, .style = *style};
    bstc_json_init();
    if (style->format == BSTC_FORMAT_SARIF)
        report->results = cJSON_CreateArray();
}

void bstc_report_add(struct bstc_report *report, struct bstc_diags *diags,
                     const char *subject)
{
    struct bstc_diag_style style = report->style;

    if (diags->count == 0)
        return;
    style.subject = subject;
    if (style.format == BSTC_FORMAT_TEXT || style.format == BSTC_FORMAT_SHORT) {
        bstc_diags_print(diags, report->out, &style);
        return;
    }
    bstc_diags_select(diags, style.max_errors);
    for (uint32_t i = 0; i < diags->count; i++) {
        const struct bstc_diag *diag = diags->items[i];

        if (report->results)
            cJSON_AddItemToArray(report->results,
                                 bstc_diag_sarif(diags->sources, diag));
        else
            bstc_json_print(bstc_diag_json(diags->sources, diag), report->out);
    }
}

void bstc_report_end(struct bstc_report *report)
{
    if (report->results)
        bstc_json_print(bstc_sarif_document(report->results), report->out);
    report->results = NULL;
}

void bstc_report_vfailure(const struct bstc_diag_style *style, const char *code,
                          const char *help, const char *format, va_list args)
{
    struct bstc_context context;
    struct bstc_report report;
    struct bstc_diag *diag;

    bstc_context_init(&context);
    diag = bstc_error(&context.diags, code, bstc_span_nowhere(), "%s",
                      bstc_arena_vformat(&context.arena, format, args));
    if (help)
        bstc_diag_help(&context.diags, diag, "%s", help);
    bstc_report_init(&report, stderr, style);
    bstc_report_add(&report, &context.diags, NULL);
    bstc_report_end(&report);
    bstc_context_fini(&context);
}

void bstc_report_failure(const struct bstc_diag_style *style, const char *code,
                         const char *help, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    bstc_report_vfailure(style, code, help, format, args);
    va_end(args);
}
