#ifndef BENCH_COMMON_H
#define BENCH_COMMON_H

/*
 * What the benchmarks share: their arguments, the line they print, and the
 * checks that end a run which did not do its work.
 *
 * A benchmark is a program as any user writes it, so this uses the public
 * headers only.
 */

#include <bastion/bastion.h>
#include <bastion/task.h>

/** As many messages a streaming handler sends in one turn, at most. */
#define BENCH_TURN 256

/**
 * The main() of a benchmark: bst_main(), after `--n N` was turned into a
 * plain argument of the program, for bench_n().
 */
int bench_main(const struct bst_app *app, int argc, char **argv);

/** As bench_main(), without a line on stderr for each failure. */
int bench_main_quiet(const struct bst_app *app, int argc, char **argv);

/** Returns the value of `--n`, or `fallback` if it was not given. */
uint64_t bench_n(void *self, uint64_t fallback);

/** Returns the number that `text` is; ends the program if it is none. */
uint64_t bench_number(const char *text);

/** Returns the value of `--n` at argv[*at], advancing `*at`, or NULL. */
char *bench_n_at(int argc, char **argv, int *at);

/** Returns the value of `--n` on a command line, or `fallback`. */
uint64_t bench_n_of(int argc, char **argv, uint64_t fallback);

/** What is on the command line of a benchmark without actors. */
struct bench_tasks {
    uint64_t n;
    uint64_t more; /* the value of the benchmark's own option */
    struct bst_executor_options options;
};

/**
 * Reads it: `--n`, `--threads`, `--no-pin` and the other switches of any
 * program, and `own N`, an option of this benchmark; NULL: it has none. `tasks`
 * holds the defaults.
 */
void bench_tasks_read(struct bench_tasks *tasks, const char *own, int argc,
                      char **argv);

/** Starts the executor. */
struct bst_executor *bench_tasks_start(const struct bench_tasks *tasks);

/**
 * A copy of the tables in which one group has another size. It is used where
 * `--n` is a number of processes, until groups can grow at run time.
 */
struct bench_resized {
    struct bst_app app;
    struct bst_supervisor root;
    struct bst_group group;
    struct bst_child children[8];
    const struct bst_group *groups[8];
};

/** Fills `to` with the tables of `app`, the group `name` being `n` wide. */
void bench_resize(struct bench_resized *to, const struct bst_app *app,
                  const char *name, uint64_t n);

/**
 * With SCATTER=1 in the environment: computes for a millisecond, so that the
 * actors that call this in their first handler are spread over all workers
 * when the messages begin to flow; else nothing.
 */
void bench_scatter(void);

/** Ends the program with status 1 and a sentence, unless `ok`. */
void bench_check(bool ok, const char *sentence);

/** Prints the line of a benchmark that did `ops` in `elapsed`. */
void bench_report(const char *name, uint64_t ops, bst_time elapsed);

/** As bench_report(), with more `key=value` pairs at the end. */
void bench_report_more(const char *name, uint64_t ops, bst_time elapsed,
                       const char *format, ...) BST_PRINTF(4, 5);

/** Returns the monotonic clock, for what does not happen in a handler. */
bst_time bench_clock(void);

/** Returns the memory of this program that is in RAM now, in bytes. */
uint64_t bench_rss(void);

/** Returns the CPU time of all threads of this program. */
bst_time bench_cpu(void);

#endif
