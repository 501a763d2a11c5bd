/*
 * `bastionc new NAME` and `bastionc init [NAME]`: a project that builds and
 * passes its test at once, in a new folder or in the current one.
 *
 * Its files are those of a template and those that all have in common. A file
 * that is there already is never touched.
 */

#define _GNU_SOURCE

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diag_report.h"
#include "driver.h"
#include "names.h"
#include "output.h"
#include "templates.h"

/* A project while it is made. */
struct project {
    const struct bstc_options *options;
    struct bstc_arena arena;
    const char *name;
    const char *folder; /* "shop/", or "" for the current one */
};

/* ---- mistakes ------------------------------------------------------------ */

static int refuse(const struct project *p, const char *why)
{
    struct bstc_diag_style style = bstc_style_of(p->options);

    bstc_report_failure(&style, "E0910", "try `bastionc --help`", "`%s` %s",
                        p->name, why);
    return BSTC_EXIT_USAGE;
}

static int fail(const struct project *p, const char *format, const char *path,
                const char *why)
{
    struct bstc_diag_style style = bstc_style_of(p->options);

    bstc_report_failure(&style, "E0911", NULL, "cannot %s `%s`: %s", format,
                        path, why);
    return BSTC_EXIT_MISTAKES;
}

/* Returns what is wrong with the name of a project, or NULL. */
static const char *judge(const char *name)
{
    static const char *const targets[] = {"build", "run", "stubs", "test",
                                          "clean"};

    if (!bstc_name_is_identifier(name))
        return "is no name of a project: use letters, digits and `_`";
    if (bstc_name_member(name) != BSTC_NAME_FREE || strlen(name) > 50)
        return "cannot be part of the names in a C program";
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        if (strcmp(name, targets[i]) == 0)
            return "is the name of a target in the Makefile";
    }
    if (strcmp(name, "Makefile") == 0 || strcmp(name, "README") == 0)
        return "is the name of a file of every project";
    return NULL;
}

/* ---- files --------------------------------------------------------------- */

/* Puts the name for each @. One beside a '$' belongs to make: "$@", and
 * "@$(...)" for a command that is not shown. */
static void fill(struct bstc_out *out, const char *text, const char *name)
{
    for (const char *at = text; *at; at++) {
        bool own = *at == '@' && (at == text || at[-1] != '$') && at[1] != '$';

        if (own)
            bstc_out_text(out, name);
        else
            bstc_out_bytes(out, at, 1);
    }
}

static bool is_wanted(const struct project *p, const struct bstc_template *file)
{
    return strcmp(file->set, "common") == 0 ||
           strcmp(file->set, bstc_template_words[p->options->template]) == 0;
}

static const char *path_of(struct project *p, const struct bstc_template *file)
{
    struct bstc_out path;

    bstc_out_init(&path, &p->arena);
    bstc_out_text(&path, p->folder);
    fill(&path, file->path, p->name);
    return bstc_out_join(&path);
}

static int write_files(struct project *p)
{
    const struct bstc_template *file;
    struct bstc_outputs outputs;
    struct stat status;
    const char *why;

    bstc_outputs_init(&outputs, &p->arena);
    for (file = bstc_templates; file->set; file++) {
        const char *path;

        if (!is_wanted(p, file))
            continue;
        path = path_of(p, file);
        if (lstat(path, &status) == 0)
            return fail(p, "make", path, "it is there already");
        fill(bstc_outputs_add(&outputs, path), file->text, p->name);
    }
    why = bstc_outputs_write(&outputs);
    return why ? fail(p, "make the project", p->name, why) : BSTC_EXIT_OK;
}

/* ---- the commands -------------------------------------------------------- */

static int make_project(struct project *p)
{
    const char *why = judge(p->name);
    int status;

    if (why)
        return refuse(p, why);
    if (*p->folder && mkdir(p->name, 0777) < 0)
        return fail(p, "make the folder", p->name, strerror(errno));
    status = write_files(p);
    if (status && *p->folder)
        rmdir(p->name);
    if (status)
        return status;
    if (*p->folder)
        printf("made %s: cd %s && make test\n", p->name, p->name);
    else
        printf("made %s: make test\n", p->name);
    return BSTC_EXIT_OK;
}

/* The name of the current folder is that of the project. */
static const char *folder_name(char *buffer)
{
    const char *slash;

    if (!getcwd(buffer, PATH_MAX))
        return "";
    slash = strrchr(buffer, '/');
    return slash ? slash + 1 : buffer;
}

int bstc_new(const struct bstc_options *options)
{
    bool is_init = options->verb == BSTC_VERB_INIT;
    struct project p = {.options = options, .folder = ""};
    char buffer[PATH_MAX];
    int status;

    bstc_arena_init(&p.arena);
    p.name =
        options->inputs.count ? options->inputs.items[0] : folder_name(buffer);
    if (!is_init)
        p.folder = bstc_arena_format(&p.arena, "%s/", p.name);
    status = make_project(&p);
    bstc_arena_fini(&p.arena);
    return status;
}
