/*
 * supervise: what the steps of supervision take while nothing else goes on.
 *
 *   start_ms, stop_ms  a system of 100,000 children, one after the other
 *   restart_p*_us      from the failure of a handler to the start of the next
 *                      incarnation, every millisecond: the workers sleep in
 *                      between
 *   dead_us            a question to a child that has ended for good
 *
 * `--n` is how many restarts are measured.
 */

#define _DEFAULT_SOURCE
#include "supervise.bst.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "common.h"

enum { QUESTIONS = 1000, MEMBERS = 100000 };

/* Written by one process at a time; `finished` hands it over. */
static struct {
    uint64_t n; /* restarts to be measured */
    uint64_t done;
    int64_t *took;
    bst_time failed; /* 0: nobody has */
    bst_time dead;   /* of all questions */
} seen;
static atomic_bool finished;

/* ---- who fails ----------------------------------------------------------- */

bst_status victim_start(struct victim *self)
{
    if (seen.failed != 0 && seen.done < seen.n)
        seen.took[seen.done++] = bst_now(self) - seen.failed;
    return BST_OK;
}

bst_status victim_fail(struct victim *self)
{
    seen.failed = bst_now(self);
    return BST_FAIL;
}

/* ---- who measures -------------------------------------------------------- */

bst_status probe_start(struct probe *self)
{
    bst_time began = bst_now(self);
    struct pong pong;

    for (int i = 0; i < QUESTIONS; i++)
        bench_check(gone_ask_ping(self->to.ghosts, &pong) == BST_DEAD,
                    "a child that has ended was asked and not dead");
    seen.dead = bst_now(self) - began;
    return BST_OK;
}

bst_status probe_tick(struct probe *self)
{
    if (seen.done < seen.n)
        return victim_tell_fail(self->to.victims);
    atomic_store(&finished, true);
    return BST_OK;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static double took_us(double part)
{
    return (double)seen.took[(uint64_t)(part * (double)(seen.n - 1))] / 1000;
}

int main(int argc, char **argv)
{
    struct bst_options options = BST_OPTIONS_DEFAULT;
    bst_time times[4];
    struct bst_system *system;

    seen.n = bench_n_of(argc, argv, 2000);
    seen.took = calloc(seen.n, sizeof *seen.took);
    bench_check(seen.took != NULL, "no memory");
    options.log = BST_LOG_NONE;
    times[0] = bench_clock();
    system = bst_system_start(&supervise_app, &options, NULL);
    times[1] = bench_clock();
    bench_check(system != NULL, "the system does not start");
    while (!atomic_load(&finished))
        (void)usleep(1000);
    times[2] = bench_clock();
    bst_system_stop(system);
    bench_check(bst_system_wait(system) == 0, "the system does not stop");
    times[3] = bench_clock();
    qsort(seen.took, seen.n, sizeof *seen.took, by_time);
    bench_report_more("supervise", MEMBERS,
                      times[1] - times[0] + times[3] - times[2],
                      "start_ms=%.1f stop_ms=%.1f restart_p50_us=%.1f "
                      "restart_p99_us=%.1f dead_us=%.3f",
                      (double)(times[1] - times[0]) / 1e6,
                      (double)(times[3] - times[2]) / 1e6, took_us(0.5),
                      took_us(0.99), (double)seen.dead / 1000 / QUESTIONS);
    free(seen.took);
    return 0;
}
