/*
 * `bastionc fix`: applies the fixes that diagnostics carry.
 *
 * A round checks the program and applies every fix that touches no other one;
 * rounds go on, with the new texts in memory, until a check suggests nothing
 * more. Only then are files replaced, all at once. So the result has been
 * checked, a second run finds nothing to do, and fixes that do not come to an
 * end change nothing.
 */

#define _GNU_SOURCE

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "diag_report.h"
#include "driver.h"
#include "output.h"
#include "textdiff.h"

/* Each round corrects all that is known; more than this many in a row are a
 * mistake of ours. */
enum { MAX_ROUNDS = 100 };

/* A file whose text has been changed. */
struct text {
    const char *path;
    const char *name; /* as diagnostics call it */
    const char *before;
    size_t before_size;
    const char *now;
    size_t size;
    struct text *next;
};

struct fixer {
    struct bstc_overlay overlay; /* first, so that it leads back here */
    const struct bstc_options *options;
    struct bstc_arena arena; /* of the texts; lives for all rounds */
    struct text *texts;
    struct bstc_context context; /* of this round */
    struct bstc_program program;
};

static struct text *text_of(const struct fixer *f, const char *path)
{
    struct text *text = f->texts;

    while (text && strcmp(text->path, path) != 0)
        text = text->next;
    return text;
}

static const char *find_text(const struct bstc_overlay *overlay,
                             const char *path, size_t *size)
{
    const struct text *text = text_of((const struct fixer *)overlay, path);

    if (!text)
        return NULL;
    *size = text->size;
    return text->now;
}

/* ---- one round ----------------------------------------------------------- */

/* Checks the present texts. A fix needs each place where a name is wrong; a
 * reader is told once. */
static void check(struct fixer *f, const char *input, bool tells_all)
{
    bstc_context_init(&f->context);
    f->context.diags.tells_all = tells_all;
    f->context.sources.overlay = &f->overlay;
    bstc_program_init(&f->program, &f->context);
    f->program.prefix = f->options->prefix;
    bstc_options_set_levels(f->options, &f->context.diags);
    bstc_load(&f->program, input, &f->options->include_dirs);
    bstc_analyse(&f->program);
    bstc_diags_sort(&f->context.diags);
}

/* By place; of fixes of one place the one that was reported first. */
static int compare_fixes(const void *a, const void *b)
{
    const struct bstc_diag *x = *(const struct bstc_diag *const *)a;
    const struct bstc_diag *y = *(const struct bstc_diag *const *)b;

    if (x->fix.start != y->fix.start)
        return x->fix.start < y->fix.start ? -1 : 1;
    if (x->fix.end != y->fix.end)
        return x->fix.end < y->fix.end ? -1 : 1;
    return x->sequence < y->sequence ? -1 : x->sequence > y->sequence;
}

/* Collects the fixes of a file that do not touch each other, in their order,
 * and returns their number. */
static uint32_t collect(const struct bstc_diags *diags, uint32_t file,
                        const struct bstc_diag **fixes)
{
    uint32_t count = 0;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < diags->count; i++) {
        if (diags->items[i]->has_fix && diags->items[i]->fix.file == file)
            fixes[count++] = diags->items[i];
    }
    if (count > 0)
        qsort(fixes, count, sizeof *fixes, compare_fixes);
    for (uint32_t i = 0; i < count; i++) {
        const struct bstc_diag *last = kept ? fixes[kept - 1] : NULL;

        if (!last || (fixes[i]->fix.start >= last->fix.end &&
                      fixes[i]->fix.start > last->fix.start))
            fixes[kept++] = fixes[i];
    }
    return kept;
}

/* Returns the text of a source with these fixes applied. */
static char *apply(struct fixer *f, const struct bstc_source *source,
                   const struct bstc_diag **fixes, uint32_t count, size_t *size)
{
    size_t room = source->size;
    size_t used = 0;
    uint32_t from = 0;
    char *text;

    for (uint32_t i = 0; i < count; i++)
        room += strlen(fixes[i]->fix_text);
    text = bstc_arena_alloc(&f->arena, room + 1);
    for (uint32_t i = 0; i <= count; i++) {
        uint32_t to = i < count ? fixes[i]->fix.start : source->size;

        memcpy(text + used, source->text + from, to - from);
        used += to - from;
        if (i < count) {
            memcpy(text + used, fixes[i]->fix_text, strlen(fixes[i]->fix_text));
            used += strlen(fixes[i]->fix_text);
            from = fixes[i]->fix.end;
        }
    }
    text[used] = '\0';
    *size = used;
    return text;
}

static void change(struct fixer *f, const struct bstc_source *source,
                   const struct bstc_diag **fixes, uint32_t count)
{
    struct text *text = text_of(f, source->path);

    if (!text) {
        text = BSTC_NEW(&f->arena, struct text);
        text->path =
            bstc_arena_copy(&f->arena, source->path, strlen(source->path));
        text->name =
            bstc_arena_copy(&f->arena, source->name, strlen(source->name));
        text->before = bstc_arena_copy(&f->arena, source->text, source->size);
        text->before_size = source->size;
        text->next = f->texts;
        f->texts = text;
    }
    text->now = apply(f, source, fixes, count, &text->size);
}

/* Applies the fixes of this round; false if there are none. */
static bool change_all(struct fixer *f)
{
    const struct bstc_diags *diags = &f->context.diags;
    const struct bstc_diag **fixes =
        bstc_arena_array(&f->context.arena, diags->count + 1, sizeof *fixes);
    bool changed = false;

    for (uint32_t i = 0; i < f->context.sources.count; i++) {
        uint32_t count = collect(diags, i, fixes);

        if (count > 0)
            change(f, f->context.sources.items[i], fixes, count);
        changed = changed || count > 0;
    }
    return changed;
}

/* ---- the result ---------------------------------------------------------- */

static int fail(struct fixer *f, const char *why)
{
    bstc_error(&f->context.diags, "E0911", bstc_span_nowhere(), "%s", why);
    return BSTC_EXIT_MISTAKES;
}

static int print_diff(struct fixer *f)
{
    struct bstc_out diff;
    int error;

    bstc_out_init(&diff, &f->arena);
    for (const struct text *text = f->texts; text; text = text->next) {
        struct bstc_difftext from = {
            bstc_arena_format(&f->arena, "%s.orig", text->name), text->before,
            text->before_size};
        struct bstc_difftext to = {text->name, text->now, text->size};

        bstc_textdiff(&diff, &from, &to);
    }
    fflush(stdout);
    error = bstc_out_write(&diff, STDOUT_FILENO);
    return error ? fail(f, strerror(error)) : BSTC_EXIT_OK;
}

/* A link stays a link: what it leads to is replaced. */
static int write_files(struct fixer *f)
{
    struct bstc_outputs outputs;
    const char *why;

    bstc_outputs_init(&outputs, &f->arena);
    for (const struct text *text = f->texts; text; text = text->next) {
        char real[PATH_MAX];
        struct bstc_out out;

        if (!realpath(text->path, real))
            return fail(f, bstc_arena_format(&f->arena, "cannot write `%s`: %s",
                                             text->path, strerror(errno)));
        bstc_out_init(&out, &f->arena);
        bstc_out_bytes(&out, text->now, text->size);
        bstc_outputs_add_replacement(
            &outputs, bstc_arena_copy(&f->arena, real, strlen(real)), &out);
    }
    why = bstc_outputs_write(&outputs);
    if (why)
        return fail(f, why);
    for (const struct text *text = f->texts; text; text = text->next) {
        if (f->options->verbose)
            fprintf(stderr, "bastionc: wrote %s\n", text->path);
    }
    return BSTC_EXIT_OK;
}

static int endless(const char *input)
{
    fprintf(stderr,
            "bastionc: internal error: the fixes do not come to an end\n"
            "bastionc: please report this with the file `%s`\n",
            input);
    return BSTC_EXIT_INTERNAL;
}

static int fix_input(struct fixer *f, const char *input,
                     struct bstc_report *report)
{
    int status = BSTC_EXIT_OK;
    int rounds = 0;

    check(f, input, true);
    while (change_all(f)) {
        if (++rounds > MAX_ROUNDS)
            return endless(input);
        bstc_context_fini(&f->context);
        check(f, input, true);
    }
    bstc_context_fini(&f->context);
    check(f, input, false);
    if (f->texts)
        status = f->options->diff ? print_diff(f) : write_files(f);
    if (f->context.diags.errors > 0)
        status = BSTC_EXIT_MISTAKES;
    bstc_report_add(report, &f->context.diags, input);
    return status;
}

int bstc_fix(const struct bstc_options *options)
{
    struct bstc_diag_style style = bstc_style_of(options);
    struct bstc_report report;
    int worst = BSTC_EXIT_OK;

    bstc_report_init(&report, stderr, &style);
    for (uint32_t i = 0; i < options->inputs.count; i++) {
        struct fixer f = {.overlay = {find_text}, .options = options};
        int status;

        bstc_arena_init(&f.arena);
        status = fix_input(&f, options->inputs.items[i], &report);
        bstc_context_fini(&f.context);
        bstc_arena_fini(&f.arena);
        if (status > worst)
            worst = status;
    }
    bstc_report_end(&report);
    return worst;
}
