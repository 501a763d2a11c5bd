/*
 * interactive: how late one actor with a timer of 5 ms is served while 500
 * others always have work, 10 us a message. `--n` is how many ticks are
 * measured; one operation is one tick. The 99th percentile is to stay below
 * 20 ms.
 */

#include "interactive.bst.h"

#include "common.h"

enum { BUCKETS = 100000 /* of 10 microseconds */ };

#define PERIOD BST_MS(5)
#define WORK BST_US(10)

/* ---- those who compute --------------------------------------------------- */

bst_status busy_start(struct busy *self)
{
    return busy_tell_work(self->to.self);
}

bst_status busy_work(struct busy *self)
{
    bst_time until = bst_now(self) + WORK;

    while (bst_now(self) < until) {
    }
    return busy_tell_work(self->to.self);
}

/* ---- the one that answers ------------------------------------------------ */

bst_status prompt_start(struct prompt *self)
{
    self->late = bst_alloc(self, BUCKETS * sizeof *self->late);
    self->most = bench_n(self, 600);
    self->began = bst_now(self);
    self->due = self->began + PERIOD;
    return BST_OK;
}

static double percentile_ms(const struct prompt *self, double part)
{
    uint64_t seen = 0;

    for (uint32_t i = 0; i < BUCKETS; i++) {
        seen += self->late[i];
        if ((double)seen >= part * (double)self->ticks)
            return (double)i / 100;
    }
    return (double)BUCKETS / 100;
}

bst_status prompt_tick(struct prompt *self)
{
    bst_time now = bst_now(self);
    bst_time late = now - self->due;

    /* The timer began a little before the start of its actor. */
    late = late > 0 ? late : 0;
    /* A timer has one tick on its way at most: the next is that of the first
     * period to end from now on. */
    self->due = now + PERIOD - (now - self->began) % PERIOD;
    late /= BST_US(10);
    self->late[late < BUCKETS ? late : BUCKETS - 1]++;
    if (++self->ticks != self->most)
        return BST_OK;
    bench_report_more("interactive", self->ticks, bst_now(self) - self->began,
                      "late_p50_ms=%.2f late_p99_ms=%.2f late_max_ms=%.2f",
                      percentile_ms(self, 0.5), percentile_ms(self, 0.99),
                      percentile_ms(self, 1));
    bst_stop_system(self);
    return BST_OK;
}

int main(int argc, char **argv)
{
    return bench_main(&interactive_app, argc, argv);
}
