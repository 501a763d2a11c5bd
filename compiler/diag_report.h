#ifndef BSTC_DIAG_REPORT_H
#define BSTC_DIAG_REPORT_H

/*
 * Everything that one run of bastionc tells its user, in the wanted format.
 *
 *     bstc_report_init(&report, stderr, &style);
 *     for each input: bstc_report_add(&report, &context->diags, input);
 *     bstc_report_end(&report);
 *
 * All formats are views of struct bstc_diag. Text, short and JSON appear as
 * they are added; SARIF is one document, printed at the end.
 *
 * Threads: one.
 */

#include "diag.h"

struct cJSON;

struct bstc_report {
    FILE *out;
    struct bstc_diag_style style;
    struct cJSON *results; /* of the SARIF document, or NULL */
};

/** Begins a report on `out`. */
void bstc_report_init(struct bstc_report *report, FILE *out,
                      const struct bstc_diag_style *style);

/** Adds what one compilation has found in the root file `subject`. */
void bstc_report_add(struct bstc_report *report, struct bstc_diags *diags,
                     const char *subject);

/** Prints what is still to be printed. */
void bstc_report_end(struct bstc_report *report);

/**
 * Reports one error that stands in no file, such as a bad flag, as a report
 * of its own. `help` may be NULL.
 */
void bstc_report_failure(const struct bstc_diag_style *style, const char *code,
                         const char *help, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** The same, for arguments in a list. */
void bstc_report_vfailure(const struct bstc_diag_style *style, const char *code,
                          const char *help, const char *format, va_list args)
    __attribute__((format(printf, 4, 0)));

/* ---- formats ------------------------------------------------------------- */

/**
 * Returns a diagnostic as JSON:
 *
 *     {"severity", "code", "message", "file",
 *      "spans": [{"file", "line", "col", "end_line", "end_col",
 *                 "start", "end", "label", "primary"}],
 *      "notes": [text], "helps": [text],
 *      "fixes": [{"span", "text", "help"}]}
 *
 * Lines and columns count from 1, columns in bytes; `start` and `end` are
 * byte offsets; ends are exclusive. Without a place `file` is null and
 * `spans` is empty.
 */
struct cJSON *bstc_diag_json(const struct bstc_sources *sources,
                             const struct bstc_diag *diag);

/** Returns a diagnostic as a SARIF result. */
struct cJSON *bstc_diag_sarif(const struct bstc_sources *sources,
                              const struct bstc_diag *diag);

/** Returns a SARIF 2.1.0 document of these results, which it takes over. */
struct cJSON *bstc_sarif_document(struct cJSON *results);

#endif
