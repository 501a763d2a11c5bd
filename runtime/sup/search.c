/*
 * Many seeds, each in a process of its own.
 *
 * A run may leave anything behind in the user's variables, and may end the OS
 * process; so each gets a copy of a program that has not begun yet.
 */

#include "sup/search.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "plat/forked.h"
#include "sup/simulate.h"

enum { MOST_AT_ONCE = 64, EXIT_OK = 0, EXIT_FAILED = 1 };

struct run {
    const struct bst_app *app;
    struct bst_options options;
    struct bsti_forked forked;
};

struct search {
    struct run *runs;
    unsigned n; /* at once */
    uint64_t next;
    uint64_t left; /* not begun */
    unsigned running;
    uint64_t status[4]; /* how many ended with 0, 1 and 3 */
};

static int simulate(void *arg)
{
    struct run *run = arg;

    return bst_run_app(run->app, &run->options);
}

/* Whether the program may end like this. */
static bool is_fine(const struct run *run, const struct bsti_forked_end *end)
{
    if (end->signal != 0)
        return false;
    return end->status == EXIT_OK ||
           (run->options.sim_faults > 0 &&
            (end->status == EXIT_FAILED || end->status == 3));
}

static void show(const struct run *run, const struct bsti_forked_end *end)
{
    unsigned long long seed = run->options.seed;

    bsti_forked_show(&run->forked);
    if (end->signal != 0)
        fprintf(stderr, "seed %llu: ended by signal %d\n", seed, end->signal);
    else
        fprintf(stderr, "seed %llu: exit status %d\n", seed, end->status);
}

static bool begin(struct search *search, struct run *run)
{
    run->options.seed = search->next++;
    search->left--;
    if (bsti_forked_start(&run->forked, simulate, run) != 0)
        return false;
    search->running++;
    return true;
}

/* Waits for one of those that run. Returns it, or NULL if that is impossible.
 */
static struct run *wait_for_one(struct search *search,
                                struct bsti_forked_end *end)
{
    int id = bsti_forked_wait(end);

    for (unsigned i = 0; i < search->n && id > 0; i++) {
        if (search->runs[i].forked.id != id)
            continue;
        search->running--;
        return &search->runs[i];
    }
    return NULL;
}

static void stop_all(struct search *search)
{
    struct bsti_forked_end end;
    struct run *run;

    for (unsigned i = 0; i < search->n; i++)
        bsti_forked_kill(&search->runs[i].forked);
    while (search->running > 0 && (run = wait_for_one(search, &end)) != NULL)
        bsti_forked_end(&run->forked);
}

static int run_all(struct search *search)
{
    struct bsti_forked_end end;
    struct run *run;

    for (unsigned i = 0; i < search->n; i++)
        if (!begin(search, &search->runs[i]))
            return EXIT_FAILED;
    while (search->running > 0) {
        bool fine;

        run = wait_for_one(search, &end);
        if (!run)
            return EXIT_FAILED;
        fine = is_fine(run, &end);
        if (!fine)
            show(run, &end);
        bsti_forked_end(&run->forked);
        if (!fine)
            return BSTI_SIM_BROKEN;
        search->status[end.status & 3]++;
        if (search->left > 0 && !begin(search, run))
            return EXIT_FAILED;
    }
    return EXIT_OK;
}

int bsti_search(const struct bst_app *app, const struct bst_options *options,
                uint64_t n)
{
    struct search search = {
        .next = options->seed,
        .left = n,
        .n = (unsigned)BSTI_MIN(n, (uint64_t)bsti_forked_parallel()),
    };
    int status;

    search.n = BSTI_MIN(search.n, (unsigned)MOST_AT_ONCE);
    search.runs = bsti_alloc(sizeof *search.runs * search.n);
    if (!search.runs)
        return EXIT_FAILED;
    for (unsigned i = 0; i < search.n; i++) {
        search.runs[i].app = app;
        search.runs[i].options = *options;
        search.runs[i].options.seeded = 1;
    }
    status = run_all(&search);
    if (status == EXIT_FAILED)
        fprintf(stderr, "%s: a simulation cannot be started\n", app->name);
    stop_all(&search);
    bsti_free(search.runs);
    if (status == EXIT_OK)
        fprintf(stderr,
                "%llu seeds from %llu: %llu ended in order, %llu did not "
                "start, %llu gave up, none broke an invariant\n",
                (unsigned long long)n, (unsigned long long)options->seed,
                (unsigned long long)search.status[0],
                (unsigned long long)search.status[1],
                (unsigned long long)search.status[3]);
    return status;
}
