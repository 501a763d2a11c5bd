/*
 * Diagnostics for people: the text format with source lines and carets, and
 * the short format of one line each that editors understand.
 */

#define _GNU_SOURCE

#include "diag.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag_excerpt.h"
#include "explain.h"

enum paint {
    PAINT_NONE,
    PAINT_BOLD,
    PAINT_ERROR,
    PAINT_WARNING,
    PAINT_EDGE,
    PAINT_HELP
};

struct printer {
    FILE *out;
    bool color;
    const struct bstc_sources *sources;
    int gutter; /* width of the line numbers of this diagnostic */
};

/* One marked place of the diagnostic that is being printed. */
struct mark {
    const struct bstc_label *label;
    struct bstc_position at;
    char sign; /* what it is underlined with */
    bool done;
};

static void paint(const struct printer *p, enum paint what)
{
    static const char *const codes[] = {
        [PAINT_NONE] = "\033[0m",     [PAINT_BOLD] = "\033[1m",
        [PAINT_ERROR] = "\033[1;31m", [PAINT_WARNING] = "\033[1;35m",
        [PAINT_EDGE] = "\033[1;34m",  [PAINT_HELP] = "\033[1;36m",
    };

    if (p->color)
        fputs(codes[what], p->out);
}

static void put_string(const struct printer *p, const char *text)
{
    bstc_show_text(p->out, text, strlen(text), 0);
}

static void put_repeated(const struct printer *p, char sign, unsigned count)
{
    while (count--)
        fputc(sign, p->out);
}

/* Prints "   |" and what follows it up to the column of the source text. */
static void put_edge(const struct printer *p, bool with_text)
{
    paint(p, PAINT_EDGE);
    fprintf(p->out, "%*s |", p->gutter, "");
    paint(p, PAINT_NONE);
    fputs(with_text ? " " : "\n", p->out);
}

static void put_place(const struct printer *p, const struct bstc_label *label,
                      const char *arrow)
{
    const struct bstc_source *source =
        bstc_sources_at(p->sources, label->span.file);
    struct bstc_position at = bstc_source_position(source, label->span.start);

    paint(p, PAINT_EDGE);
    fprintf(p->out, "%*s%s ", p->gutter, "", arrow);
    paint(p, PAINT_NONE);
    put_string(p, source->name);
    fprintf(p->out, ":%u:%u\n", at.line, at.column);
}

/* ---- source lines -------------------------------------------------------- */

static unsigned put_excerpt(const struct printer *p,
                            const struct bstc_excerpt *cut, uint32_t line)
{
    unsigned column = 0;

    paint(p, PAINT_EDGE);
    fprintf(p->out, "%*u |", p->gutter, line);
    paint(p, PAINT_NONE);
    if (cut->length)
        fputc(' ', p->out);
    if (cut->cut)
        column = bstc_show_text(p->out, "...", 3, 0);
    column = bstc_show_text(p->out, cut->text, cut->length, column);
    if (cut->cut_end)
        fputs("...", p->out);
    fputc('\n', p->out);
    return column;
}

static void put_mark(const struct printer *p, const struct bstc_excerpt *cut,
                     const struct mark *mark, enum paint color)
{
    size_t start = mark->at.column - 1;
    size_t end = start + (mark->label->span.end - mark->label->span.start);
    unsigned from = bstc_excerpt_column(cut, start);
    unsigned to = bstc_excerpt_column(cut, end);

    put_edge(p, true);
    put_repeated(p, ' ', from);
    paint(p, color);
    put_repeated(p, mark->sign, to > from ? to - from : 1);
    if (*mark->label->text) {
        fputc(' ', p->out);
        put_string(p, mark->label->text);
    }
    paint(p, PAINT_NONE);
    fputc('\n', p->out);
}

/* Prints the line of `marks[first]` and all marks that stand on it. */
static void put_line(const struct printer *p, struct mark *marks,
                     unsigned count, unsigned first, enum paint color)
{
    struct bstc_span span = marks[first].label->span;
    const struct bstc_source *source = bstc_sources_at(p->sources, span.file);
    uint32_t line = marks[first].at.line;
    size_t length;
    const char *text = bstc_source_line(source, line, &length);
    struct bstc_excerpt cut =
        bstc_excerpt_of(text, length, marks[first].at.column - 1);
    unsigned i;

    put_excerpt(p, &cut, line);
    for (i = first; i < count; i++) {
        if (marks[i].done || marks[i].label->span.file != span.file ||
            marks[i].at.line != line)
            continue;
        marks[i].done = true;
        put_mark(p, &cut, &marks[i], i == 0 ? color : PAINT_EDGE);
    }
}

static bool is_somewhere(const struct printer *p, struct bstc_span span)
{
    return bstc_sources_at(p->sources, span.file) != NULL;
}

static unsigned collect_marks(const struct printer *p,
                              const struct bstc_diag *diag, struct mark *marks)
{
    unsigned count = 0;
    uint32_t i;

    for (i = 0; i <= diag->nalso; i++) {
        const struct bstc_label *label =
            i == 0 ? &diag->primary : &diag->also[i - 1];

        if (!is_somewhere(p, label->span))
            continue;
        marks[count].label = label;
        marks[count].at = bstc_source_position(
            bstc_sources_at(p->sources, label->span.file), label->span.start);
        marks[count].sign = i == 0 ? '^' : '-';
        marks[count].done = false;
        count++;
    }
    return count;
}

static void put_marks(struct printer *p, const struct bstc_diag *diag,
                      enum paint color)
{
    struct mark marks[BSTC_DIAG_MAX_ALSO + 1];
    unsigned count = collect_marks(p, diag, marks);
    const struct mark *previous = NULL;
    unsigned i;

    if (count == 0 || !is_somewhere(p, diag->primary.span))
        return;
    p->gutter = 1;
    for (i = 0; i < count; i++) {
        int width = snprintf(NULL, 0, "%u", marks[i].at.line);

        if (width > p->gutter)
            p->gutter = width;
    }
    put_place(p, &diag->primary, "-->");
    put_edge(p, false);
    for (i = 0; i < count; i++) {
        if (marks[i].done)
            continue;
        if (previous && previous->label->span.file != marks[i].label->span.file)
            put_place(p, marks[i].label, ":::");
        else if (previous && previous->at.line > marks[i].at.line)
            put_edge(p, false);
        put_line(p, marks, count, i, color);
        previous = &marks[i];
    }
}

/* ---- notes and fixes ----------------------------------------------------- */

static void put_remark(const struct printer *p, const char *kind,
                       const char *text)
{
    paint(p, PAINT_EDGE);
    fprintf(p->out, "%*s = ", p->gutter, "");
    paint(p, PAINT_BOLD);
    fprintf(p->out, "%s:", kind);
    paint(p, PAINT_NONE);
    fputc(' ', p->out);
    put_string(p, text);
    fputc('\n', p->out);
}

static bool fits_one_line(const struct bstc_source *source,
                          const struct bstc_diag *diag)
{
    return bstc_source_position(source, diag->fix.start).line ==
               bstc_source_position(source, diag->fix.end).line &&
           !strchr(diag->fix_text, '\n');
}

/* Shows the line as it is after the fix. */
static void put_fix(const struct printer *p, const struct bstc_diag *diag)
{
    const struct bstc_source *source =
        bstc_sources_at(p->sources, diag->fix.file);
    struct bstc_position at = bstc_source_position(source, diag->fix.start);
    size_t length;
    const char *line = bstc_source_line(source, at.line, &length);
    size_t before = at.column - 1;
    size_t added = strlen(diag->fix_text);
    size_t removed = diag->fix.end - diag->fix.start;
    struct bstc_label label = {{diag->fix.file, 0, (uint32_t)added}, ""};
    struct mark mark = {&label, at, '~', false};
    struct bstc_arena scratch;
    struct bstc_excerpt cut;
    char *text;

    if (before > length)
        before = length;
    if (removed > length - before)
        removed = length - before;
    bstc_arena_init(&scratch);
    text = bstc_arena_alloc(&scratch, length + added + 1);
    memcpy(text, line, before);
    memcpy(text + before, diag->fix_text, added);
    memcpy(text + before + added, line + before + removed,
           length - before - removed);
    cut = bstc_excerpt_of(text, length - removed + added, before);
    put_edge(p, false);
    paint(p, PAINT_HELP);
    fputs("help: ", p->out);
    paint(p, PAINT_NONE);
    put_string(p, diag->fix_help);
    fputc('\n', p->out);
    put_edge(p, false);
    put_excerpt(p, &cut, at.line);
    if (added)
        put_mark(p, &cut, &mark, PAINT_HELP);
    bstc_arena_fini(&scratch);
}

/* Prints one line of a fix that has several. */
static void put_new_line(const struct printer *p, uint32_t line,
                         const char *text, size_t length)
{
    struct bstc_excerpt cut = bstc_excerpt_of(text, length, 0);

    paint(p, PAINT_EDGE);
    fprintf(p->out, "%*u ", p->gutter, line);
    paint(p, PAINT_HELP);
    fputc('+', p->out);
    paint(p, PAINT_NONE);
    if (cut.length)
        fputc(' ', p->out);
    bstc_show_text(p->out, cut.text, cut.length, 0);
    fputs(cut.cut_end ? "...\n" : "\n", p->out);
}

/* Shows the first of the lines that a fix makes. */
static void put_fix_lines(const struct printer *p, const struct bstc_diag *diag)
{
    enum { SHOWN = 8 };
    const struct bstc_source *source =
        bstc_sources_at(p->sources, diag->fix.file);
    struct bstc_position from = bstc_source_position(source, diag->fix.start);
    struct bstc_position to = bstc_source_position(source, diag->fix.end);
    size_t added = strlen(diag->fix_text);
    bool ends_line = added && diag->fix_text[added - 1] == '\n';
    size_t length;
    const char *last = bstc_source_line(source, to.line, &length);
    size_t skipped = to.column - 1 < length ? to.column - 1 : length;
    struct bstc_arena scratch;
    char *text;

    bstc_arena_init(&scratch);
    text = bstc_arena_format(
        &scratch, "%.*s%s%.*s", (int)(from.column - 1),
        source->text + (diag->fix.start - (from.column - 1)), diag->fix_text,
        ends_line ? 0 : (int)(length - skipped), last + skipped);
    put_edge(p, false);
    paint(p, PAINT_HELP);
    fputs("help: ", p->out);
    paint(p, PAINT_NONE);
    put_string(p, diag->fix_help);
    fputc('\n', p->out);
    put_edge(p, false);
    for (uint32_t i = 0; *text; i++) {
        size_t end = strcspn(text, "\n");

        if (i == SHOWN) {
            put_new_line(p, from.line + i, "...", 3);
            break;
        }
        put_new_line(p, from.line + i, text, end);
        text += end + (text[end] == '\n');
    }
    bstc_arena_fini(&scratch);
}

static void put_remarks(const struct printer *p, const struct bstc_diag *diag)
{
    uint32_t i;

    for (i = 0; i < diag->nnotes; i++)
        put_remark(p, "note", diag->notes[i]);
    for (i = 0; i < diag->nhelps; i++)
        put_remark(p, "help", diag->helps[i]);
    if (!diag->has_fix || !is_somewhere(p, diag->fix))
        return;
    if (fits_one_line(bstc_sources_at(p->sources, diag->fix.file), diag))
        put_fix(p, diag);
    else
        put_fix_lines(p, diag);
}

/* ---- whole diagnostics --------------------------------------------------- */

/* The first diagnostic of a report says where more is said. */
static void put_hint(const struct printer *p, const char *code)
{
    struct bstc_arena scratch;

    if (!bstc_explain_find(code))
        return;
    bstc_arena_init(&scratch);
    put_remark(
        p, "note",
        bstc_arena_format(&scratch, "`bastionc explain %s` says more", code));
    bstc_arena_fini(&scratch);
}

static void put_diag(struct printer *p, const struct bstc_diag *diag,
                     bool is_first)
{
    bool is_error = diag->severity == BSTC_ERROR;
    enum paint color = is_error ? PAINT_ERROR : PAINT_WARNING;

    p->gutter = 1;
    paint(p, color);
    fprintf(p->out, "%s[%s]", is_error ? "error" : "warning", diag->code);
    paint(p, PAINT_BOLD);
    fputs(": ", p->out);
    put_string(p, diag->message);
    paint(p, PAINT_NONE);
    fputc('\n', p->out);
    put_marks(p, diag, color);
    put_remarks(p, diag);
    if (is_first)
        put_hint(p, diag->code);
    fputc('\n', p->out);
}

static void put_short(const struct printer *p, const struct bstc_diag *diag)
{
    const struct bstc_source *source =
        bstc_sources_at(p->sources, diag->primary.span.file);

    if (source) {
        struct bstc_position at =
            bstc_source_position(source, diag->primary.span.start);

        put_string(p, source->name);
        fprintf(p->out, ":%u:%u", at.line, at.column);
    } else {
        fputs("bastionc", p->out);
    }
    fprintf(p->out,
            ": %s: ", diag->severity == BSTC_ERROR ? "error" : "warning");
    put_string(p, diag->message);
    fprintf(p->out, " [%s]\n", diag->code);
}

static void put_count(const struct printer *p, uint32_t count, const char *what,
                      const char *before)
{
    if (count)
        fprintf(p->out, "%s%u %s%s", before, count, what,
                count == 1 ? "" : "s");
}

static void put_summary(const struct printer *p, const struct bstc_diags *diags,
                        const char *subject, uint32_t shown)
{
    if (!subject || (!diags->errors && !diags->warnings))
        return;
    put_string(p, subject);
    fputs(": ", p->out);
    put_count(p, diags->errors, "error", "");
    put_count(p, diags->warnings, "warning", diags->errors ? ", " : "");
    if (shown < diags->errors)
        fprintf(p->out, "; the first %u errors are shown", shown);
    fputc('\n', p->out);
}

static bool wants_color(enum bstc_color wish, FILE *out)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    if (wish != BSTC_COLOR_AUTO)
        return wish == BSTC_COLOR_ALWAYS;
    if ((no_color && *no_color) || (term && strcmp(term, "dumb") == 0))
        return false;
    return fileno(out) >= 0 && isatty(fileno(out));
}

void bstc_diags_print(struct bstc_diags *diags, FILE *out,
                      const struct bstc_diag_style *style)
{
    struct printer p = {out, wants_color(style->color, out), diags->sources, 1};
    uint32_t shown = bstc_diags_select(diags, style->max_errors);
    uint32_t i;

    for (i = 0; i < diags->count; i++) {
        if (style->format == BSTC_FORMAT_SHORT)
            put_short(&p, diags->items[i]);
        else
            put_diag(&p, diags->items[i], style->hints && i == 0);
    }
    if (style->format == BSTC_FORMAT_TEXT)
        put_summary(&p, diags, style->subject, shown);
}
