/*
 * The shared part of the benchmarks with actors.
 */

#include "common.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_ARGUMENTS = 32 };

/* ---- arguments ----------------------------------------------------------- */

static int run(const struct bst_app *app, char *log, int argc, char **argv)
{
    char *with[MAX_ARGUMENTS + 2];
    int count = 0;

    bench_check(argc > 0 && argc <= MAX_ARGUMENTS, "too many arguments");
    with[count++] = argv[0];
    if (log)
        with[count++] = log;
    for (int i = 1; i < argc; i++) {
        char *n = bench_n_at(argc, argv, &i);

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
    return argc > 0 ? bench_number(argv[0]) : fallback;
}

void bench_scatter(void)
{
    const char *wanted = getenv("SCATTER");
    bst_time until = bench_clock() + BST_MS(1);

    if (wanted && strcmp(wanted, "1") == 0)
        while (bench_clock() < until) {
        }
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
