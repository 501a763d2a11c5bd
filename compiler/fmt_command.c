/*
 * `bastionc fmt`: formats files in place, or says what would change.
 *
 * A file that is right already is not written, so that nothing is rebuilt
 * because of it. One that is keeps its mode, and a link stays a link.
 */

#define _GNU_SOURCE

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diag_report.h"
#include "driver.h"
#include "fmt.h"
#include "output.h"
#include "textdiff.h"

/* One file while it is formatted. */
struct job {
    const struct bstc_options *options;
    struct bstc_context context;
    const char *path;
    const struct bstc_source *source;
    struct bstc_out text; /* the result */
    bool tells;           /* the diagnostics are for the user */
};

/* Something that was asked for cannot be written or read. */
static int fail(struct job *job, const char *what, const char *path,
                const char *why)
{
    bstc_error(&job->context.diags, "E0911", bstc_span_nowhere(),
               "cannot %s `%s`: %s", what, path, why);
    job->tells = true;
    return BSTC_EXIT_MISTAKES;
}

static int internal_error(const struct job *job)
{
    fprintf(stderr,
            "bastionc: internal error: the formatted text differs\n"
            "bastionc: please report this with the file `%s`\n",
            job->path);
    return BSTC_EXIT_INTERNAL;
}

static int print(struct job *job, const struct bstc_out *text)
{
    int error;

    fflush(stdout);
    error = bstc_out_write(text, STDOUT_FILENO);
    return error ? fail(job, "write", "standard output", strerror(error))
                 : BSTC_EXIT_OK;
}

static int print_diff(struct job *job)
{
    struct bstc_arena *arena = &job->context.arena;
    const char *name = job->source->name;
    struct bstc_difftext from = {bstc_arena_format(arena, "%s.orig", name),
                                 job->source->text, job->source->size};
    struct bstc_difftext to = {name, bstc_out_join(&job->text),
                               job->text.length};
    struct bstc_out diff;

    bstc_out_init(&diff, arena);
    bstc_textdiff(&diff, &from, &to);
    return print(job, &diff);
}

static int replace(struct job *job)
{
    char target[PATH_MAX];
    const char *path = job->path;
    struct bstc_outputs outputs;
    struct stat status;
    const char *why;

    if (lstat(path, &status) == 0 && S_ISLNK(status.st_mode)) {
        if (!realpath(path, target))
            return fail(job, "write", path, strerror(errno));
        path = target;
    }
    bstc_outputs_init(&outputs, &job->context.arena);
    bstc_outputs_add_replacement(&outputs, path, &job->text);
    why = bstc_outputs_write(&outputs);
    if (why) {
        bstc_error(&job->context.diags, "E0911", bstc_span_nowhere(), "%s",
                   why);
        job->tells = true;
        return BSTC_EXIT_MISTAKES;
    }
    if (job->options->verbose)
        fprintf(stderr, "bastionc: wrote %s\n", job->path);
    return BSTC_EXIT_OK;
}

static int hand_out(struct job *job)
{
    const struct bstc_options *options = job->options;
    bool is_stdin = strcmp(job->path, "-") == 0;
    bool is_same = job->text.length == job->source->size &&
                   memcmp(bstc_out_join(&job->text), job->source->text,
                          job->text.length) == 0;
    int status = BSTC_EXIT_OK;

    if (options->diff)
        status = is_same ? status : print_diff(job);
    else if (options->only_check)
        printf("%s%s", is_same ? "" : job->source->name, is_same ? "" : "\n");
    else if (is_stdin)
        status = print(job, &job->text);
    else if (!is_same)
        status = replace(job);
    return options->only_check && !is_same ? BSTC_EXIT_MISTAKES : status;
}

static int run(struct job *job)
{
    struct bstc_source *source;
    const char *why =
        bstc_sources_open(&job->context.sources, job->path, &source);

    if (why)
        return fail(job, "read", job->path, why);
    job->source = source;
    bstc_out_init(&job->text, &job->context.arena);
    switch (bstc_format(&job->context, source, &job->text)) {
    case BSTC_FORMAT_REFUSED:
        /* Syntax alone matters; what else is wrong is told by `check`. */
        job->tells = true;
        return BSTC_EXIT_MISTAKES;
    case BSTC_FORMAT_BROKEN:
        return internal_error(job);
    case BSTC_FORMAT_DONE:
    default:
        return hand_out(job);
    }
}

int bstc_fmt(const struct bstc_options *options)
{
    struct bstc_diag_style style = bstc_style_of(options);
    struct bstc_report report;
    int worst = BSTC_EXIT_OK;

    bstc_report_init(&report, stderr, &style);
    for (uint32_t i = 0; i < options->inputs.count; i++) {
        struct job job = {.options = options, .path = options->inputs.items[i]};
        int status;

        bstc_context_init(&job.context);
        status = run(&job);
        if (job.tells)
            bstc_report_add(&report, &job.context.diags, job.path);
        bstc_context_fini(&job.context);
        if (status > worst)
            worst = status;
    }
    bstc_report_end(&report);
    return worst;
}
