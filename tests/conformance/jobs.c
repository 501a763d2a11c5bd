/*
 * All files of a command line, and what became of them. Several run at once on
 * threads; a simulation needs the thread for itself.
 */

#define _GNU_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "run.h"

#if BSTI_TSAN

/* Systems that start at once load libraries and look at those that are loaded.
 * The loader has a lock for that, which the sanitizer does not see. */
__attribute__((visibility("default"))) const char *
__tsan_default_suppressions(void);

const char *__tsan_default_suppressions(void)
{
    return "race:^name_module$\n";
}

#endif

enum { AT_ONCE = 16, USAGE = 2 };

/** A file and what became of it. */
struct job {
    const char *file;
    struct run run;
    bool is_read;
    bool is_run;
    bool is_good;
};

struct jobs {
    struct job *job;
    size_t n;
    const struct bst_app *app; /* NULL: of each file */
    _Atomic size_t next;
};

static void run_job(const struct bst_app *app, struct job *job)
{
    struct run *run = &job->run;

    pthread_mutex_init(&run->lock, NULL);
    run->lines = calloc(1, 1);
    job->is_read = scn_load(&run->scn, job->file);
    if (!job->is_read)
        return;
    if (!app)
        run_build(run);
    else if (!run_take(run, app))
        return;
    job->is_run = true;
    run_scenario(run);
    job->is_good = compare_traces(run);
}

static void *work(void *arg)
{
    struct jobs *jobs = arg;
    size_t i;

    while ((i = atomic_fetch_add(&jobs->next, 1)) < jobs->n)
        run_job(jobs->app, &jobs->job[i]);
    return NULL;
}

static void run_all(struct jobs *jobs, size_t at_once)
{
    pthread_t threads[AT_ONCE];
    size_t n = 0;

    while (n + 1 < at_once && n + 1 < jobs->n &&
           pthread_create(&threads[n], NULL, work, jobs) == 0)
        n++;
    work(jobs);
    while (n > 0)
        pthread_join(threads[--n], NULL);
}

static void free_job(struct job *job)
{
    struct run *run = &job->run;

    while (run->pieces) {
        void *piece = run->pieces;

        /* Each begins with the pointer to the next one. */
        memcpy(&run->pieces, piece, sizeof run->pieces);
        free(piece);
    }
    free(run->groups);
    free(run->lines);
    scn_free(&run->scn);
    pthread_mutex_destroy(&run->lock);
}

/* Prints what there is to say of a file. Returns whether it is good. */
static bool report(const struct job *job, bool only_trace)
{
    if (only_trace) {
        fputs(job->run.lines, stdout);
        return job->is_run;
    }
    printf("%s %s\n", job->is_good ? "ok" : "FAIL", job->file);
    if (job->is_run && !job->is_good)
        compare_print(&job->run);
    return job->is_good;
}

static int usage(void)
{
    fprintf(stderr,
            "usage: conformance [--executor sim|smp] [--trace] FILE...\n");
    return USAGE;
}

static const struct clock *clock_called(const char *name)
{
    static const struct clock *const clocks[] = {&clock_sim, &clock_smp};

    for (size_t i = 0; i < 2; i++)
        if (strcmp(name, clocks[i]->name) == 0)
            return clocks[i];
    return NULL;
}

int run_main(const struct bst_app *app, int argc, char **argv)
{
    const struct clock *clock = &clock_sim;
    bool only_trace = false;
    struct jobs jobs = {.app = app};
    bool good = true;
    int i = 1;

    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--trace") == 0)
            only_trace = true;
        else if (strcmp(argv[i], "--executor") == 0 && i + 1 < argc)
            clock = clock_called(argv[++i]);
        else
            return usage();
    }
    if (!clock || i == argc)
        return usage();
    jobs.n = (size_t)(argc - i);
    jobs.job = calloc(jobs.n, sizeof *jobs.job);
    for (size_t j = 0; j < jobs.n; j++) {
        jobs.job[j].file = argv[(size_t)i + j];
        jobs.job[j].run.clock = clock;
    }
    /* The children of a given program know one run at a time. */
    run_all(&jobs, app || clock == &clock_sim ? 1 : AT_ONCE);
    for (size_t j = 0; j < jobs.n; j++) {
        good &= report(&jobs.job[j], only_trace);
        free_job(&jobs.job[j]);
    }
    free(jobs.job);
    return good ? 0 : 1;
}
