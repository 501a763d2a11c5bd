#ifndef BSTC_DIAG_H
#define BSTC_DIAG_H

/*
 * Diagnostics: what the user is told about a source file.
 *
 * The stages of the compiler collect diagnostics here and never print. At
 * the end they are sorted by position and given to one renderer. Every
 * renderer consumes struct bstc_diag, so all output formats say the same.
 *
 * The usual call:
 *
 *     d = bstc_error(diags, "E0202", second->name.span,
 *                    "`%s` is defined twice", second->name.text);
 *     bstc_diag_label(diags, d, "here again");
 *     bstc_diag_also(diags, d, first->name.span, "first defined here");
 *
 * A message is lowercase, states the fact, has no final full stop and stays
 * within 72 columns. Text from the source stands in backquotes; control
 * bytes in it are escaped when it is printed.
 *
 * Threads: as the arena.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "arena.h"
#include "source.h"

enum bstc_severity { BSTC_WARNING, BSTC_ERROR };

/** What the user wishes to happen with one code. */
enum bstc_level {
    BSTC_LEVEL_DEFAULT,
    BSTC_LEVEL_OFF,
    BSTC_LEVEL_WARNING,
    BSTC_LEVEL_ERROR
};

enum {
    BSTC_DIAG_MAX_ALSO = 3,
    BSTC_DIAG_MAX_NOTES = 4,
    BSTC_DIAG_MAX_KEPT = 2000 /* more are only counted */
};

/** A marked piece of source text and what is said about it. */
struct bstc_label {
    struct bstc_span span;
    const char *text; /* "" for a mark without words */
};

/** One diagnostic; all texts live in the arena. */
struct bstc_diag {
    enum bstc_severity severity;
    const char *code;    /* "E0201"; stable for ever */
    const char *message; /* one sentence */
    struct bstc_label primary;
    struct bstc_label also[BSTC_DIAG_MAX_ALSO];
    uint32_t nalso;
    const char *notes[BSTC_DIAG_MAX_NOTES];
    uint32_t nnotes;
    const char *helps[BSTC_DIAG_MAX_NOTES]; /* without a code change */
    uint32_t nhelps;
    bool has_fix;         /* at most one, correct when applied blindly */
    struct bstc_span fix; /* what is replaced; empty: an insertion */
    const char *fix_text; /* by what */
    const char *fix_help; /* the sentence that introduces it */
    uint32_t sequence;    /* order of reporting, breaks ties */
};

struct bstc_diag_level {
    const char *code; /* "W0303" */
    enum bstc_level level;
    struct bstc_diag_level *next;
};

struct bstc_diags {
    struct bstc_arena *arena;
    const struct bstc_sources *sources;
    struct bstc_diag **items; /* in order of reporting until sorted */
    uint32_t count;
    uint32_t capacity;
    uint32_t errors;   /* reported, also those that are not kept */
    uint32_t warnings; /* likewise */
    uint32_t sequence;
    struct bstc_diag_level *levels; /* set by flags */
    bool warnings_off;              /* -w */
    bool warnings_are_errors;       /* -Werror */
    bool tells_all;                 /* of names used twice, both; for fixes */
    bool extra_warnings;            /* -Wextra: w0xxx codes are on */
    struct bstc_diag ignored;       /* given out for what is switched off */
};

/** Makes an empty collection in `arena`. */
void bstc_diags_init(struct bstc_diags *diags, struct bstc_arena *arena,
                     const struct bstc_sources *sources);

/** Sets what happens with `code` from now on (-Wno-X, -Werror=X, --allow=). */
void bstc_diags_set_level(struct bstc_diags *diags, const char *code,
                          enum bstc_level level);

/** Returns whether the user has made a warning of the error `code`. */
bool bstc_diags_is_allowed(const struct bstc_diags *diags, const char *code);

/**
 * Reports an error or a warning at `span` and returns it, never NULL, so that
 * labels, notes and a fix-it can be added. What the user has switched off is
 * returned too, but is counted and printed nowhere. `code` must be static.
 */
struct bstc_diag *bstc_error(struct bstc_diags *diags, const char *code,
                             struct bstc_span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
struct bstc_diag *bstc_warning(struct bstc_diags *diags, const char *code,
                               struct bstc_span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** A warning that is off unless -Wextra is given or its code is enabled. */
struct bstc_diag *bstc_extra_warning(struct bstc_diags *diags, const char *code,
                                     struct bstc_span span, const char *format,
                                     ...) __attribute__((format(printf, 4, 5)));

/** Sets what stands beside the carets of the primary span. */
void bstc_diag_label(struct bstc_diags *diags, struct bstc_diag *diag,
                     const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Adds a secondary span; more than three are left out. */
void bstc_diag_also(struct bstc_diags *diags, struct bstc_diag *diag,
                    struct bstc_span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** Adds a line `= note: ...`. */
void bstc_diag_note(struct bstc_diags *diags, struct bstc_diag *diag,
                    const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Adds a line `= help: ...`. */
void bstc_diag_help(struct bstc_diags *diags, struct bstc_diag *diag,
                    const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * Sets the fix-it: `replacement` takes the place of `span` (an empty span
 * inserts). It must be right when a tool applies it without asking. The
 * sentence introduces it: "a message with a similar name exists".
 */
void bstc_diag_fix(struct bstc_diags *diags, struct bstc_diag *diag,
                   struct bstc_span span, const char *replacement,
                   const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/** Sorts by file, position and order of reporting; equal ones (same code,
 * span and message) are kept once. */
void bstc_diags_sort(struct bstc_diags *diags);

/**
 * Sorts, and leaves out errors beyond the first `max_errors` (0: 20); their
 * number stays in `errors`. Returns how many errors are left.
 */
uint32_t bstc_diags_select(struct bstc_diags *diags, uint32_t max_errors);

/**
 * Returns the candidate nearest to `name`, or NULL when none is near enough:
 * at most max(1, length / 3) letters inserted, left out, replaced or swapped.
 * Ties go to the first candidate.
 */
const char *bstc_nearest(const char *name, const char *const *candidates,
                         uint32_t ncandidates);

/** Returns the Damerau-Levenshtein distance, or `limit` + 1 if larger. */
unsigned bstc_distance(const char *a, const char *b, unsigned limit);

/* ---- rendering ----------------------------------------------------------- */

enum bstc_diag_format {
    BSTC_FORMAT_TEXT,
    BSTC_FORMAT_SHORT,
    BSTC_FORMAT_JSON,
    BSTC_FORMAT_SARIF,
    BSTC_FORMAT_COUNT
};
enum bstc_color {
    BSTC_COLOR_AUTO,
    BSTC_COLOR_ALWAYS,
    BSTC_COLOR_NEVER,
    BSTC_COLOR_COUNT
};

/** How diagnostics are printed; all zero is a good default. */
struct bstc_diag_style {
    enum bstc_diag_format format;
    enum bstc_color color;
    uint32_t max_errors; /* -fmax-errors=N; 0 here means 20 */
    bool hints;          /* text: where to read more */
    const char *subject; /* named by the closing line; NULL: none */
};

/**
 * Sorts and prints everything in the format text, which ends with a summary
 * line, or short. bstc_report_add() knows the other formats too.
 */
void bstc_diags_print(struct bstc_diags *diags, FILE *out,
                      const struct bstc_diag_style *style);

#endif
