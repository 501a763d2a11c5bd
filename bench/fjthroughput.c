/*
 * fjthroughput: one operation is one message to a worker. The driver deals
 * them out in turn, so each of the 60 gets as many.
 */

#include "fjthroughput.bst.h"

#include "common.h"

enum { WORKERS = 60 };

/* ---- a worker ------------------------------------------------------------ */

bst_status worker_who(struct worker *self)
{
    return worker_reply_here(
        self,
        &(struct here){.index = bst_index(self), .self_ref = {bst_self(self)}});
}

bst_status worker_finish(struct worker *self)
{
    return worker_reply_result(
        self, &(struct result){.count = self->count, .sum = self->sum});
}

/* ---- the driver ---------------------------------------------------------- */

bst_status driver_begin(struct driver *self)
{
    self->n = bench_n(self, 10000000) / WORKERS * WORKERS;
    bench_check(self->n > 0, "--n is below 60");
    return worker_cast_who(self->to.workers);
}

bst_status driver_here(struct driver *self, const struct here *m)
{
    bench_check(m->index < WORKERS, "a worker that does not exist");
    self->workers[m->index] = m->self_ref;
    if (++self->known < WORKERS)
        return BST_OK;
    self->began = bst_now(self);
    return driver_tell_more(self->to.self);
}

static bst_status finish(struct driver *self)
{
    bst_status status;

    for (uint32_t i = 0; i < WORKERS; i++) {
        while ((status = worker_tell_finish(self->workers[i])) == BST_FULL)
            bst_yield(self);
        if (status != BST_OK)
            return status;
    }
    return BST_OK;
}

bst_status driver_more(struct driver *self)
{
    for (int i = 0; i < BENCH_TURN && self->sent < self->n; i++) {
        struct worker_ref to = self->workers[self->sent % WORKERS];
        struct work work = {.number = self->sent + 1};
        bst_status status;

        while ((status = worker_tell_work(to, &work)) == BST_FULL)
            bst_yield(self);
        if (status != BST_OK)
            return status;
        self->sent++;
    }
    return self->sent < self->n ? driver_tell_more(self->to.self)
                                : finish(self);
}

bst_status driver_end(struct driver *self, const struct result *m)
{
    bench_check(m->count == self->n / WORKERS, "a share of the wrong size");
    self->sum += m->sum;
    if (++self->ended < WORKERS)
        return BST_OK;
    bench_check(self->sum == self->n * (self->n + 1) / 2, "a wrong sum");
    bench_report("fjthroughput", self->n, bst_now(self) - self->began);
    bst_stop_system(self);
    return BST_OK;
}

int main(int argc, char **argv)
{
    return bench_main(&fjthroughput_app, argc, argv);
}
