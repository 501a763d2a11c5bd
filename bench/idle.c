/*
 * idle: one operation is the start of one process, which has 16 bytes of
 * state; the figure that matters is the memory for each while all of them
 * wait. `--n` is how many there are. At the end each is poked once, which
 * shows that it lives, and is not part of the figures.
 */

#include "idle.bst.h"

#include "common.h"

static struct bench_resized tables;
static bst_time began;
static uint64_t bytes_before;

bst_status sleeper_poke(struct sleeper *self)
{
    self->pokes++;
    return sleeper_reply_poked(self, &(struct poked){.index = bst_index(self)});
}

bst_status driver_start(struct driver *self)
{
    struct sleeper_ref all;

    self->took = bench_clock() - began;
    self->bytes = bench_rss() - bytes_before;
    self->n = tables.group.redundancy;
    all.ref = bst_group_ref(bst_system_of(self), &tables.group);
    return sleeper_cast_poke(all);
}

bst_status driver_poked(struct driver *self, const struct poked *m)
{
    self->sum += m->index;
    if (++self->poked < self->n)
        return BST_OK;
    bench_check(self->sum == self->n * (self->n - 1) / 2,
                "a process is missing");
    bench_report_more("idle", self->n, self->took, "bytes_each=%.0f",
                      (double)self->bytes / (double)self->n);
    bst_stop_system(self);
    return BST_OK;
}

int main(int argc, char **argv)
{
    bench_resize(&tables, &idle_app, "sleepers",
                 bench_n_of(argc, argv, 1000000));
    bytes_before = bench_rss();
    began = bench_clock();
    return bench_main(&tables.app, argc, argv);
}
