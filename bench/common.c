/*
 * The shared part of the benchmarks.
 */

#define _GNU_SOURCE
#include "common.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ARGUMENTS = 32 };

/* ---- arguments ----------------------------------------------------------- */

static uint64_t number(const char *text)
{
    char *end;
    uint64_t n = strtoull(text, &end, 10);

    bench_check(end != text && *end == '\0' && n > 0,
                "--n wants a number above 0");
    return n;
}

/* Returns the value of `--n` at argv[*at], advancing `*at`, or NULL. */
static char *n_at(int argc, char **argv, int *at)
{
    if (strncmp(argv[*at], "--n=", 4) == 0)
        return argv[*at] + 4;
    if (strcmp(argv[*at], "--n") != 0)
        return NULL;
    bench_check(*at + 1 < argc, "--n wants a number");
    return argv[++*at];
}

static int run(const struct bst_app *app, char *log, int argc, char **argv)
{
    char *with[MAX_ARGUMENTS + 2];
    int count = 0;

    bench_check(argc > 0 && argc <= MAX_ARGUMENTS, "too many arguments");
    with[count++] = argv[0];
    if (log)
        with[count++] = log;
    for (int i = 1; i < argc; i++) {
        char *n = n_at(argc, argv, &i);

        with[count++] = n ? n : argv[i];
    }
    with[count] = NULL;
    return bst_main(app, count, with);
}

int bench_main(const struct bst_app *app, int argc, char **argv)
{
    return run(app, NULL, argc, argv);
}

int bench_main_quiet(const struct bst_app *app, int argc, char **argv)
{
    static char log[] = "--log=error";

    return run(app, log, argc, argv);
}

uint64_t bench_n(void *self, uint64_t fallback)
{
    char **argv;
    int argc;

    bst_args(self, &argc, &argv);
    return argc > 0 ? number(argv[0]) : fallback;
}

uint64_t bench_n_of(int argc, char **argv, uint64_t fallback)
{
    for (int i = 1; i < argc; i++) {
        char *n = n_at(argc, argv, &i);

        if (n)
            return number(n);
    }
    return fallback;
}

/* ---- tables -------------------------------------------------------------- */

void bench_resize(struct bench_resized *to, const struct bst_app *app,
                  const char *name, uint64_t n)
{
    const struct bst_group *found = NULL;

    to->app = *app;
    to->root = *app->root;
    bench_check(app->ngroups <= 8 && to->root.nchildren <= 8 && n <= 1u << 24,
                "too large");
    for (uint32_t i = 0; i < app->ngroups; i++) {
        to->groups[i] = app->groups[i];
        if (strcmp(app->groups[i]->name, name) != 0)
            continue;
        found = app->groups[i];
        to->group = *found;
        to->group.redundancy = (uint32_t)n;
        to->groups[i] = &to->group;
    }
    bench_check(found != NULL, "there is no such group");
    for (uint32_t i = 0; i < to->root.nchildren; i++) {
        to->children[i] = app->root->children[i];
        if (to->children[i].group == found)
            to->children[i].group = &to->group;
    }
    to->root.children = to->children;
    to->app.root = &to->root;
    to->app.groups = to->groups;
}

/* ---- results ------------------------------------------------------------- */

void bench_check(bool ok, const char *sentence)
{
    if (ok)
        return;
    fprintf(stderr, "benchmark: %s\n", sentence);
    fflush(stdout);
    _exit(1);
}

/*
 * The peak is that of this program image: the one of getrusage() would
 * include whatever called exec().
 */
static uint64_t peak_kb(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[128];
    uint64_t kb = 0;

    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "VmHWM: %" SCNu64, &kb) == 1)
            break;
    }
    if (file)
        fclose(file);
    return kb;
}

static void print_line(const char *name, uint64_t ops, bst_time elapsed)
{
    double seconds = (double)elapsed / 1e9;

    printf("name=%s impl=bastion n=%" PRIu64 " seconds=%.6f ops_per_s=%.0f "
           "rss_kb=%" PRIu64,
           name, ops, seconds, (double)ops / seconds, peak_kb());
}

void bench_report(const char *name, uint64_t ops, bst_time elapsed)
{
    print_line(name, ops, elapsed);
    putchar('\n');
    fflush(stdout);
}

void bench_report_more(const char *name, uint64_t ops, bst_time elapsed,
                       const char *format, ...)
{
    va_list values;

    print_line(name, ops, elapsed);
    putchar(' ');
    va_start(values, format);
    vprintf(format, values);
    va_end(values);
    putchar('\n');
    fflush(stdout);
}

bst_time bench_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return BST_S(now.tv_sec) + now.tv_nsec;
}

uint64_t bench_rss(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    uint64_t size = 0;
    uint64_t resident = 0;

    if (file) {
        bench_check(fscanf(file, "%" SCNu64 " %" SCNu64, &size, &resident) == 2,
                    "the memory in use is unknown");
        fclose(file);
    }
    return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

bst_time bench_cpu(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return BST_S(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           BST_US(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}
