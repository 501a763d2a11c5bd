/*
 * Collecting diagnostics.
 *
 * A diagnostic is allocated when it is reported and filled by the caller
 * afterwards. Whatever is switched off, or comes after BSTC_DIAG_MAX_KEPT
 * others, goes to one scratch object, so that callers need not check.
 */

#include "diag.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_MAX_ERRORS = 20 };

void bstc_diags_init(struct bstc_diags *diags, struct bstc_arena *arena,
                     const struct bstc_sources *sources)
{
    *diags = (struct bstc_diags){.arena = arena, .sources = sources};
}

void bstc_diags_set_level(struct bstc_diags *diags, const char *code,
                          enum bstc_level level)
{
    struct bstc_diag_level *entry =
        BSTC_NEW(diags->arena, struct bstc_diag_level);
    char *copy = bstc_arena_copy(diags->arena, code, strlen(code));

    if (*copy == 'w')
        *copy = 'W'; /* of what is off without -Wextra */
    entry->code = copy;
    entry->level = level;
    entry->next = diags->levels;
    diags->levels = entry;
}

/* The flag that was given last for a code wins. */
static enum bstc_level level_of(const struct bstc_diags *diags,
                                const char *code)
{
    const struct bstc_diag_level *entry;

    for (entry = diags->levels; entry; entry = entry->next) {
        if (strcmp(entry->code, code) == 0)
            return entry->level;
    }
    return BSTC_LEVEL_DEFAULT;
}

bool bstc_diags_is_allowed(const struct bstc_diags *diags, const char *code)
{
    return level_of(diags, code) == BSTC_LEVEL_WARNING;
}

/* Applies what the user asked for to a level that a check suggests. */
static enum bstc_level decide(const struct bstc_diags *diags, const char *code,
                              enum bstc_level level)
{
    enum bstc_level wish = level_of(diags, code);

    if (wish != BSTC_LEVEL_DEFAULT)
        return wish;
    if (level != BSTC_LEVEL_WARNING)
        return level;
    if (diags->warnings_off)
        return BSTC_LEVEL_OFF;
    return diags->warnings_are_errors ? BSTC_LEVEL_ERROR : level;
}

static struct bstc_diag *keep(struct bstc_diags *diags)
{
    struct bstc_diag *diag;

    if (diags->count == BSTC_DIAG_MAX_KEPT) {
        diags->ignored = (struct bstc_diag){0};
        return &diags->ignored;
    }
    if (diags->count == diags->capacity) {
        uint32_t capacity = diags->capacity ? diags->capacity * 2 : 16;

        diags->items = bstc_arena_grow(diags->arena, diags->items,
                                       diags->count * sizeof(diags->items[0]),
                                       capacity * sizeof(diags->items[0]));
        diags->capacity = capacity;
    }
    diag = BSTC_NEW(diags->arena, struct bstc_diag);
    diags->items[diags->count++] = diag;
    return diag;
}

__attribute__((format(printf, 5, 0))) static struct bstc_diag *
report(struct bstc_diags *diags, enum bstc_level level, const char *code,
       struct bstc_span span, const char *format, va_list args)
{
    struct bstc_diag *diag = &diags->ignored;

    level = decide(diags, code, level);
    if (level == BSTC_LEVEL_OFF) {
        *diag = (struct bstc_diag){0};
    } else {
        diag = keep(diags);
        if (level == BSTC_LEVEL_ERROR)
            diags->errors++;
        else
            diags->warnings++;
    }
    diag->severity = level == BSTC_LEVEL_ERROR ? BSTC_ERROR : BSTC_WARNING;
    diag->code = code;
    diag->primary.span = span;
    diag->primary.text = "";
    diag->sequence = diags->sequence++;
    diag->message = diag == &diags->ignored
                        ? ""
                        : bstc_arena_vformat(diags->arena, format, args);
    return diag;
}

struct bstc_diag *bstc_error(struct bstc_diags *diags, const char *code,
                             struct bstc_span span, const char *format, ...)
{
    struct bstc_diag *diag;
    va_list args;

    va_start(args, format);
    diag = report(diags, BSTC_LEVEL_ERROR, code, span, format, args);
    va_end(args);
    return diag;
}

struct bstc_diag *bstc_warning(struct bstc_diags *diags, const char *code,
                               struct bstc_span span, const char *format, ...)
{
    struct bstc_diag *diag;
    va_list args;

    va_start(args, format);
    diag = report(diags, BSTC_LEVEL_WARNING, code, span, format, args);
    va_end(args);
    return diag;
}

struct bstc_diag *bstc_extra_warning(struct bstc_diags *diags, const char *code,
                                     struct bstc_span span, const char *format,
                                     ...)
{
    enum bstc_level level =
        diags->extra_warnings ? BSTC_LEVEL_WARNING : BSTC_LEVEL_OFF;
    struct bstc_diag *diag;
    va_list args;

    va_start(args, format);
    diag = report(diags, level, code, span, format, args);
    va_end(args);
    return diag;
}

/* Formats a text for `diag`; nothing is spent on an ignored one. */
__attribute__((format(printf, 3, 0))) static const char *
text_for(struct bstc_diags *diags, const struct bstc_diag *diag,
         const char *format, va_list args)
{
    if (diag == &diags->ignored)
        return "";
    return bstc_arena_vformat(diags->arena, format, args);
}

void bstc_diag_label(struct bstc_diags *diags, struct bstc_diag *diag,
                     const char *format, ...)
{
    va_list args;

    va_start(args, format);
    diag->primary.text = text_for(diags, diag, format, args);
    va_end(args);
}

void bstc_diag_also(struct bstc_diags *diags, struct bstc_diag *diag,
                    struct bstc_span span, const char *format, ...)
{
    va_list args;

    if (diag->nalso == BSTC_DIAG_MAX_ALSO)
        return;
    va_start(args, format);
    diag->also[diag->nalso].span = span;
    diag->also[diag->nalso].text = text_for(diags, diag, format, args);
    diag->nalso++;
    va_end(args);
}

void bstc_diag_note(struct bstc_diags *diags, struct bstc_diag *diag,
                    const char *format, ...)
{
    va_list args;

    if (diag->nnotes == BSTC_DIAG_MAX_NOTES)
        return;
    va_start(args, format);
    diag->notes[diag->nnotes++] = text_for(diags, diag, format, args);
    va_end(args);
}

void bstc_diag_help(struct bstc_diags *diags, struct bstc_diag *diag,
                    const char *format, ...)
{
    va_list args;

    if (diag->nhelps == BSTC_DIAG_MAX_NOTES)
        return;
    va_start(args, format);
    diag->helps[diag->nhelps++] = text_for(diags, diag, format, args);
    va_end(args);
}

void bstc_diag_fix(struct bstc_diags *diags, struct bstc_diag *diag,
                   struct bstc_span span, const char *replacement,
                   const char *format, ...)
{
    va_list args;

    va_start(args, format);
    diag->has_fix = true;
    diag->fix = span;
    diag->fix_text =
        bstc_arena_copy(diags->arena, replacement, strlen(replacement));
    diag->fix_help = text_for(diags, diag, format, args);
    va_end(args);
}

/* What stands in no file comes first, then file by file in order. */
static int compare(const void *a, const void *b)
{
    const struct bstc_diag *x = *(const struct bstc_diag *const *)a;
    const struct bstc_diag *y = *(const struct bstc_diag *const *)b;
    uint32_t x_file = x->primary.span.file + 1; /* BSTC_NO_FILE becomes 0 */
    uint32_t y_file = y->primary.span.file + 1;

    if (x_file != y_file)
        return x_file < y_file ? -1 : 1;
    if (x->primary.span.start != y->primary.span.start)
        return x->primary.span.start < y->primary.span.start ? -1 : 1;
    return x->sequence < y->sequence ? -1 : x->sequence > y->sequence;
}

static bool is_repeated(const struct bstc_diag *a, const struct bstc_diag *b)
{
    return strcmp(a->code, b->code) == 0 &&
           a->primary.span.file == b->primary.span.file &&
           a->primary.span.start == b->primary.span.start &&
           a->primary.span.end == b->primary.span.end &&
           strcmp(a->message, b->message) == 0;
}

void bstc_diags_sort(struct bstc_diags *diags)
{
    uint32_t kept = 0;
    uint32_t i;

    if (diags->count == 0)
        return;
    qsort(diags->items, diags->count, sizeof(struct bstc_diag *), compare);
    for (i = 0; i < diags->count; i++) {
        struct bstc_diag *diag = diags->items[i];

        if (kept && is_repeated(diags->items[kept - 1], diag)) {
            if (diag->severity == BSTC_ERROR)
                diags->errors--;
            else
                diags->warnings--;
        } else {
            diags->items[kept++] = diag;
        }
    }
    diags->count = kept;
}

uint32_t bstc_diags_select(struct bstc_diags *diags, uint32_t max_errors)
{
    uint32_t limit = max_errors ? max_errors : DEFAULT_MAX_ERRORS;
    uint32_t shown = 0;
    uint32_t kept = 0;
    uint32_t i;

    bstc_diags_sort(diags);
    for (i = 0; i < diags->count; i++) {
        struct bstc_diag *diag = diags->items[i];

        if (diag->severity == BSTC_ERROR && shown == limit)
            continue;
        shown += diag->severity == BSTC_ERROR;
        diags->items[kept++] = diag;
    }
    diags->count = kept;
    return shown;
}

/* ---- near misses --------------------------------------------------------- */

enum { LONGEST_COMPARED = 64 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/*
 * Optimal string alignment: rows of the usual matrix, three of them kept, as
 * a swap of neighbours looks two rows back.
 */
unsigned bstc_distance(const char *a, const char *b, unsigned limit)
{
    unsigned rows[3][LONGEST_COMPARED + 1];
    size_t a_length = strlen(a);
    size_t b_length = strlen(b);
    size_t i;
    size_t j;

    if (a_length > LONGEST_COMPARED || b_length > LONGEST_COMPARED)
        return strcmp(a, b) == 0 ? 0 : limit + 1;
    for (j = 0; j <= b_length; j++)
        rows[0][j] = (unsigned)j;
    for (i = 1; i <= a_length; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i + 2) % 3];
        const unsigned *two_above = rows[(i + 1) % 3];

        row[0] = (unsigned)i;
        for (j = 1; j <= b_length; j++) {
            unsigned cost = a[i - 1] != b[j - 1];
            unsigned best = least(above[j] + 1, row[j - 1] + 1);

            best = least(best, above[j - 1] + cost);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = least(best, two_above[j - 2] + 1);
            row[j] = best;
        }
    }
    return least(rows[a_length % 3][b_length], limit + 1);
}

const char *bstc_nearest(const char *name, const char *const *candidates,
                         uint32_t ncandidates)
{
    size_t length = strlen(name);
    unsigned limit = length / 3 > 1 ? (unsigned)(length / 3) : 1;
    const char *nearest = NULL;
    uint32_t i;

    for (i = 0; i < ncandidates; i++) {
        unsigned distance = bstc_distance(name, candidates[i], limit);

        /* A word of one or two letters resembles everything. */
        if (distance <= limit && distance < strlen(candidates[i]) &&
            distance < length) {
            nearest = candidates[i];
            if (distance == 0)
                break;
            limit = distance - 1;
        }
    }
    return nearest;
}
