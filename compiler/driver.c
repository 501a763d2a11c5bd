/*
 * The stages of a compilation in their order.
 */

#define _GNU_SOURCE

#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ast_print.h"
#include "check.h"
#include "diag_report.h"
#include "emit.h"
#include "inspect.h"
#include "lower.h"
#include "output.h"
#include "parse.h"

/* One input file while it is compiled. */
struct job {
    const struct bstc_options *options;
    struct bstc_context context;
    struct bstc_program program;
    struct bstc_outputs outputs;
    const char *input;
};

/* ---- analysis ------------------------------------------------------------ */

/* After a syntax error the checks would report what follows from it. A type
 * spelt as in C (E0110) has been understood all the same. */
static bool is_understood(const struct bstc_diags *diags)
{
    for (uint32_t i = 0; i < diags->count; i++) {
        if (diags->items[i]->severity == BSTC_ERROR &&
            strcmp(diags->items[i]->code, "E0110") != 0)
            return false;
    }
    return true;
}

struct bstc_model *bstc_analyse(struct bstc_program *program)
{
    const struct bstc_diags *diags = &program->context->diags;

    if (!is_understood(diags))
        return NULL;
    bstc_scope_declare(program);
    bstc_scope_resolve(program);
    bstc_check(program);
    return diags->errors > 0 ? NULL : bstc_lower(program);
}

/* What holds for all that is looked at and not compiled. */
static void set_levels(struct job *job)
{
    struct bstc_diags *diags = &job->context.diags;

    bstc_options_set_levels(job->options, diags);
    /* A model is there to show what these are about. */
    if (job->options->verb == BSTC_VERB_MODEL) {
        bstc_diags_set_level(diags, "E0401", BSTC_LEVEL_WARNING);
        bstc_diags_set_level(diags, "E0404", BSTC_LEVEL_WARNING);
        bstc_diags_set_level(diags, "E0601", BSTC_LEVEL_WARNING);
    }
    /* What has no back end yet can be looked at all the same. */
    if (bstc_inspect_wants(job->options))
        bstc_diags_set_level(diags, "E0900", BSTC_LEVEL_OFF);
}

/* ---- outputs ------------------------------------------------------------- */

static bool to_stdout(const struct job *job)
{
    return job->options->output && strcmp(job->options->output, "-") == 0;
}

static const char *output_path(struct job *job, const char *ending)
{
    const char *folder = job->options->output;
    const char *slash;

    if (!folder || strcmp(folder, ".") == 0)
        return bstc_arena_format(&job->context.arena, "%s%s", job->program.unit,
                                 ending);
    slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
    return bstc_arena_format(&job->context.arena, "%s%s%s%s", folder, slash,
                             job->program.unit, ending);
}

/* Refuses to replace a file that was read. */
static const char *overwrites(struct job *job)
{
    struct stat status;

    for (uint32_t i = 0; i < job->outputs.count; i++) {
        const char *path = job->outputs.items[i].path;

        if (stat(path, &status) < 0)
            continue;
        for (uint32_t k = 0; k < job->context.sources.count; k++) {
            const struct bstc_source *source = job->context.sources.items[k];

            if (source->inode == (uint64_t)status.st_ino &&
                source->device == (uint64_t)status.st_dev)
                return bstc_arena_format(&job->context.arena,
                                         "`%s` is an input and an output",
                                         path);
        }
    }
    return NULL;
}

static void emit_dependencies(struct job *job, const char *const *targets,
                              size_t ntargets)
{
    const struct bstc_options *options = job->options;
    const struct bstc_sources *sources = &job->context.sources;
    const char **names =
        bstc_arena_array(&job->context.arena, sources->count, sizeof *names);
    struct bstc_deps deps = {
        .targets = targets,
        .ntargets = ntargets,
        .sources = names,
        .nsources = sources->count,
        .phony = options->deps_phony,
    };

    for (uint32_t i = 0; i < sources->count; i++)
        names[i] = sources->items[i]->path;
    if (options->deps_targets.count > 0) {
        deps.targets = options->deps_targets.items;
        deps.ntargets = options->deps_targets.count;
        deps.raw_target = true;
    }
    bstc_emit_deps(
        bstc_outputs_add(&job->outputs, options->deps_file
                                            ? options->deps_file
                                            : output_path(job, ".bst.c.d")),
        &deps);
}

static unsigned wanted(const struct job *job)
{
    unsigned emit = job->options->emit;

    return emit ? emit : BSTC_WANT_C | BSTC_WANT_H;
}

/* Pictures and models, which are not made by make. */
static void emit_inspections(struct job *job, unsigned wants)
{
    static const enum bstc_want all[] = {BSTC_WANT_DOT, BSTC_WANT_MERMAID,
                                         BSTC_WANT_PROMELA, BSTC_WANT_JSON};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (wants & all[i])
            bstc_inspect(&job->program, job->options, all[i],
                         bstc_outputs_add(
                             &job->outputs,
                             output_path(job, bstc_inspect_ending(all[i]))));
    }
}

static void emit_files(struct job *job, const struct bstc_model *model)
{
    struct bstc_emit_options options = {
        .no_line = job->options->no_line,
        .with_main = job->options->with_main,
    };
    const char *targets[3];
    size_t ntargets = 0;

    /* The depfile lists the source first, as ninja wants it; on standard
     * output the header comes first, because it is read first. */
    if (wanted(job) & BSTC_WANT_H && to_stdout(job))
        bstc_emit_header(bstc_outputs_add(&job->outputs, ""), model);
    if (wanted(job) & BSTC_WANT_C) {
        targets[ntargets] = output_path(job, ".bst.c");
        bstc_emit_source(bstc_outputs_add(&job->outputs, targets[ntargets++]),
                         model, &options);
    }
    if (wanted(job) & BSTC_WANT_H && !to_stdout(job)) {
        targets[ntargets] = output_path(job, ".bst.h");
        bstc_emit_header(bstc_outputs_add(&job->outputs, targets[ntargets++]),
                         model);
    }
    if (wanted(job) & BSTC_WANT_MAIN) {
        targets[ntargets] = output_path(job, ".main.c");
        bstc_emit_main(bstc_outputs_add(&job->outputs, targets[ntargets++]),
                       model);
    }
    emit_inspections(job, wanted(job));
    if (job->options->deps && !to_stdout(job))
        emit_dependencies(job, targets, ntargets);
}

/* Something that was asked for cannot be written or read. */
static int fail(struct job *job, const char *why)
{
    bstc_error(&job->context.diags, "E0911", bstc_span_nowhere(), "%s", why);
    return BSTC_EXIT_MISTAKES;
}

static int print_text(struct job *job, const struct bstc_out *text)
{
    int error;

    fflush(stdout);
    error = bstc_out_write(text, STDOUT_FILENO);
    if (error)
        return fail(job,
                    bstc_arena_format(&job->context.arena,
                                      "cannot write to standard output: %s",
                                      strerror(error)));
    return BSTC_EXIT_OK;
}

static int print_stdout(struct job *job)
{
    int status = BSTC_EXIT_OK;

    for (uint32_t i = 0; !status && i < job->outputs.count; i++)
        status = print_text(job, &job->outputs.items[i].text);
    return status;
}

static int write_files(struct job *job)
{
    const char *why = overwrites(job);

    if (why) {
        fail(job, why);
        return BSTC_EXIT_USAGE;
    }
    why = bstc_outputs_write(&job->outputs);
    if (why)
        return fail(job, why);
    for (uint32_t i = 0; job->options->verbose && i < job->outputs.count; i++)
        fprintf(stderr, "bastionc: wrote %s\n", job->outputs.items[i].path);
    return BSTC_EXIT_OK;
}

/* ---- printing ------------------------------------------------------------ */

static int print_stubs(struct job *job, const struct bstc_model *model)
{
    const struct bstc_texts *inputs = &job->options->inputs;
    bool is_verb = job->options->verb == BSTC_VERB_STUBS;
    size_t nfiles = is_verb ? inputs->count - 1 : 0;
    struct bstc_defined *files =
        bstc_arena_array(&job->context.arena, nfiles + 1, sizeof *files);
    struct bstc_out out;

    for (size_t i = 0; i < nfiles; i++) {
        struct bstc_source *source;
        const char *path = inputs->items[i + 1];
        const char *why =
            bstc_sources_open(&job->context.sources, path, &source);

        if (why)
            return fail(job,
                        bstc_arena_format(&job->context.arena,
                                          "cannot read `%s`: %s", path, why));
        files[i].text = source->text;
        files[i].length = source->size;
    }
    bstc_out_init(&out, &job->context.arena);
    bstc_emit_stubs(&out, model, files, nfiles, job->options->with_main);
    return print_text(job, &out);
}

/* --emit=tokens and --emit=ast show a file that may be full of mistakes. */
static bool print_syntax(struct job *job)
{
    unsigned emit = job->options->emit;
    bool done = false;

    for (uint32_t i = 0; i < job->program.norder; i++) {
        uint32_t file = job->program.order[i];

        if (emit & BSTC_WANT_TOKENS)
            bstc_tokens_print(&job->context, job->context.sources.items[file],
                              stdout);
        if (emit & BSTC_WANT_AST)
            bstc_ast_print(job->program.files[file].ast, &job->context.sources,
                           stdout);
        done = true;
    }
    return done && (emit & (BSTC_WANT_TOKENS | BSTC_WANT_AST)) &&
           !(emit & ~(unsigned)(BSTC_WANT_TOKENS | BSTC_WANT_AST));
}

/* ---- one input ----------------------------------------------------------- */

static int internal_error(const char *input, const char *why)
{
    fprintf(stderr,
            "bastionc: internal error: %s\n"
            "bastionc: please report this with the file `%s`\n",
            why, input);
    return BSTC_EXIT_INTERNAL;
}

static int emit_model(struct job *job, struct bstc_model *model)
{
    const char *why;

    if (!bstc_model_is_valid(model, &why))
        return internal_error(job->input, why);
    if (job->options->verb == BSTC_VERB_CHECK)
        return BSTC_EXIT_OK;
    if (job->options->verb == BSTC_VERB_STUBS)
        return print_stubs(job, model);
    if (job->options->emit & BSTC_WANT_STUBS) {
        int status = print_stubs(job, model);

        if (status || job->options->emit == BSTC_WANT_STUBS)
            return status;
    }
    why = bstc_inspect_refuses(&job->program, job->options->emit);
    if (why)
        return fail(job, why);
    emit_files(job, model);
    return to_stdout(job) ? print_stdout(job) : write_files(job);
}

/* Shows what can be seen without a back end. Verbs print, and pictures show
 * mistakes, too; --emit writes files. */
static int inspect(struct job *job, unsigned wants)
{
    bool has_mistakes = job->context.diags.errors > 0;
    bool is_verb = job->options->verb != BSTC_VERB_COMPILE;
    struct bstc_out out;
    const char *why;
    int status;

    if (has_mistakes && !(is_verb && bstc_inspect_is_lenient(wants)))
        return BSTC_EXIT_MISTAKES;
    why = has_mistakes ? NULL : bstc_inspect_refuses(&job->program, wants);
    if (why)
        return fail(job, why);
    if (is_verb) {
        bstc_out_init(&out, &job->context.arena);
        bstc_inspect(&job->program, job->options, (enum bstc_want)wants, &out);
        status = print_text(job, &out);
    } else {
        emit_inspections(job, wants);
        status = to_stdout(job) ? print_stdout(job) : write_files(job);
    }
    return has_mistakes ? BSTC_EXIT_MISTAKES : status;
}

static int run_stages(struct job *job)
{
    unsigned wants = bstc_inspect_wants(job->options);
    struct bstc_model *model = NULL;
    bool is_resolved;
    bool only_syntax;

    bstc_load(&job->program, job->input, &job->options->include_dirs);
    for (uint32_t i = 0; job->options->verbose && i < job->program.norder; i++)
        fprintf(stderr, "bastionc: read %s\n",
                job->context.sources.items[job->program.order[i]]->path);
    only_syntax = print_syntax(job);
    is_resolved = !only_syntax && is_understood(&job->context.diags);
    if (!only_syntax)
        model = bstc_analyse(&job->program);
    if (wants && is_resolved)
        return inspect(job, wants);
    if (job->context.diags.errors > 0)
        return BSTC_EXIT_MISTAKES;
    return only_syntax ? BSTC_EXIT_OK : emit_model(job, model);
}

static int compile(const struct bstc_options *options, const char *input,
                   struct bstc_report *report)
{
    struct job job = {.options = options, .input = input};
    int status;

    bstc_context_init(&job.context);
    bstc_outputs_init(&job.outputs, &job.context.arena);
    bstc_program_init(&job.program, &job.context);
    job.program.prefix = options->prefix;
    set_levels(&job);
    status = run_stages(&job);
    bstc_report_add(report, &job.context.diags, input);
    bstc_context_fini(&job.context);
    return status;
}

/* ---- all inputs ---------------------------------------------------------- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* By base name, and then as they were given. */
static int compare_inputs(const void *a, const void *b)
{
    const char **x = *(const char **const *)a;
    const char **y = *(const char **const *)b;
    int order = strcmp(base_name(*x), base_name(*y));

    return order ? order : (x > y) - (x < y);
}

/* Two files of one name in different folders would have the same outputs;
 * equal names are neighbours once they are sorted. */
static bool have_equal_outputs(const struct bstc_options *options)
{
    const struct bstc_texts *inputs = &options->inputs;
    struct bstc_diag_style style = bstc_style_of(options);
    struct bstc_arena arena;
    const char ***sorted;
    bool equal = false;

    bstc_arena_init(&arena);
    sorted = bstc_arena_array(&arena, inputs->count, sizeof *sorted);
    for (uint32_t i = 0; i < inputs->count; i++)
        sorted[i] = &inputs->items[i];
    qsort(sorted, inputs->count, sizeof *sorted, compare_inputs);
    for (uint32_t i = 1; !equal && i < inputs->count; i++) {
        const char *one = *sorted[i - 1];
        const char *other = *sorted[i];

        equal = strcmp(base_name(one), base_name(other)) == 0;
        if (equal)
            bstc_report_failure(
                &style, "E0911", "compile them into two folders with `-o`",
                "`%s` and `%s` have the same outputs", one, other);
    }
    bstc_arena_fini(&arena);
    return equal;
}

int bstc_drive(const struct bstc_options *options)
{
    uint32_t count =
        options->verb == BSTC_VERB_STUBS ? 1 : options->inputs.count;
    struct bstc_diag_style style = bstc_style_of(options);
    struct bstc_report report;
    int worst = BSTC_EXIT_OK;

    if (options->verb == BSTC_VERB_COMPILE && have_equal_outputs(options))
        return BSTC_EXIT_USAGE;
    bstc_report_init(&report, stderr, &style);
    for (uint32_t i = 0; i < count; i++) {
        int status = compile(options, options->inputs.items[i], &report);

        if (status > worst)
            worst = status;
    }
    bstc_report_end(&report);
    return worst;
}
