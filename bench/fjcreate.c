/*
 * fjcreate: one operation is an actor that is made, gets one message and
 * ends. The driver makes 256 of them at a time; they add up the numbers they
 * get, and whoever reaches the sum of all so far tells the driver to go on. So
 * a run that loses a message, or counts one twice, does not come to its end.
 */

#include "fjcreate.bst.h"

#include <stdatomic.h>

#include "common.h"

static _Atomic uint64_t sum;
static _Atomic uint64_t goal; /* the sum of all numbers given out so far */

bst_status job_work(struct job *self, const struct work *m)
{
    uint64_t before =
        atomic_fetch_add_explicit(&sum, m->number, memory_order_relaxed);
    bst_status status = BST_OK;

    if (before + m->number == atomic_load_explicit(&goal, memory_order_relaxed))
        status = job_reply_more(self);
    return status == BST_OK ? BST_STOP : status;
}

bst_status driver_start(struct driver *self)
{
    self->n = bench_n(self, 10000000);
    self->began = bst_now(self);
    return driver_tell_more(self->to.self);
}

static bst_status make(struct driver *self, uint64_t until)
{
    atomic_store_explicit(&goal, until * (until + 1) / 2, memory_order_relaxed);
    while (self->made < until) {
        struct work work = {.number = ++self->made};
        struct job_ref job;
        bst_status status = jobs_spawn(self, &job);

        if (status == BST_OK)
            status = job_tell_work(job, &work);
        if (status != BST_OK)
            return status;
    }
    return BST_OK;
}

bst_status driver_more(struct driver *self)
{
    uint64_t left = self->n - self->made;

    if (left > 0)
        return make(self, self->made + (left < BENCH_TURN ? left : BENCH_TURN));
    bench_report("fjcreate", self->n, bst_now(self) - self->began);
    bst_stop_system(self);
    return BST_OK;
}

int main(int argc, char **argv)
{
    return bench_main(&fjcreate_app, argc, argv);
}
