/*
 * timers: how late 100,000 periodic timers fire, and the CPU time they need
 * over 6 seconds. `--n` is how many timers there are; one operation is one
 * tick, and their rate follows from the periods.
 *
 * The start takes a second, so that the ticks are spread over the period in
 * a thousand steps, as they are in a program that has grown. A tick that is
 * lost would show as a second of lateness from then on.
 */

#include "timers.bst.h"

#include "common.h"

enum { STEPS = 1000, WATCH_S = 6, BUCKETS = 2000000 /* of a microsecond */ };

#define PERIOD BST_S(1)

static struct bench_resized tables;

/* ---- a timer ------------------------------------------------------------- */

bst_status ticker_start(struct ticker *self)
{
    uint32_t step = tables.group.redundancy / STEPS;

    if (bst_index(self) % (step > 0 ? step : 1) == 0)
        bst_sleep(self, PERIOD / STEPS);
    self->due = bst_now(self);
    return BST_OK;
}

bst_status ticker_tick(struct ticker *self)
{
    bst_time late;

    self->due += PERIOD;
    late = bst_now(self) - self->due;
    bench_check(late >= 0, "a timer was early");
    if (self->ticks < TIMERS_SAMPLES)
        self->late_ns[self->ticks] =
            (uint32_t)(late < UINT32_MAX ? late : UINT32_MAX);
    self->ticks++;
    return BST_OK;
}

bst_status ticker_report(struct ticker *self)
{
    struct ticked ticked = {.ticks = self->ticks};

    for (int i = 0; i < TIMERS_SAMPLES; i++)
        ticked.late_ns[i] = self->late_ns[i];
    return ticker_reply_ticked(self, &ticked);
}

/* ---- the driver ---------------------------------------------------------- */

bst_status driver_start(struct driver *self)
{
    self->late = bst_alloc(self, BUCKETS * sizeof *self->late);
    self->began = bst_now(self);
    return driver_tell_watch(self->to.self);
}

bst_status driver_watch(struct driver *self)
{
    bst_time cpu = bench_cpu();
    struct ticker_ref all;

    bst_sleep(self, BST_S(WATCH_S));
    self->cpu = bench_cpu() - cpu;
    self->took = bst_now(self) - self->began + PERIOD;
    all.ref = bst_group_ref(bst_system_of(self), &tables.group);
    return ticker_cast_report(all);
}

static double percentile_us(const struct driver *self, double part)
{
    uint64_t samples = 0;
    uint64_t seen = 0;

    for (uint32_t i = 0; i < BUCKETS; i++)
        samples += self->late[i];
    for (uint32_t i = 0; i < BUCKETS; i++) {
        seen += self->late[i];
        if ((double)seen >= part * (double)samples)
            return (double)i;
    }
    return BUCKETS;
}

bst_status driver_ticked(struct driver *self, const struct ticked *m)
{
    bench_check(m->ticks >= WATCH_S - 1, "ticks were lost");
    for (uint32_t i = 0; i < m->ticks && i < TIMERS_SAMPLES; i++) {
        uint32_t us = m->late_ns[i] / 1000;

        self->late[us < BUCKETS ? us : BUCKETS - 1]++;
    }
    self->ticks += m->ticks;
    if (++self->known < tables.group.redundancy)
        return BST_OK;
    bench_report_more("timers", self->ticks, self->took,
                      "late_p50_us=%.0f late_p99_us=%.0f late_max_us=%.0f "
                      "cpu_s=%.3f",
                      percentile_us(self, 0.5), percentile_us(self, 0.99),
                      percentile_us(self, 1), (double)self->cpu / 1e9);
    bst_stop_system(self);
    return BST_OK;
}

int main(int argc, char **argv)
{
    bench_resize(&tables, &timers_app, "tickers",
                 bench_n_of(argc, argv, 100000));
    return bench_main(&tables.app, argc, argv);
}
