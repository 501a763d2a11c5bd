/*
 * counting: one operation is one message from the producer to the counter.
 * The mailbox of the counter has its default bound.
 */

#include "counting.bst.h"

#include "common.h"

bst_status producer_begin(struct producer *self)
{
    self->n = bench_n(self, 10000000);
    self->began = bst_now(self);
    return producer_tell_more(self->to.self);
}

static bst_status finish(struct producer *self)
{
    struct total total;
    bst_status status;

    while ((status = counter_ask_get(self->to.tally, &total)) == BST_FULL)
        bst_yield(self);
    if (status != BST_OK)
        return status;
    bench_check(total.count == self->n, "messages are missing");
    bench_check(total.sum == self->n * (self->n + 1) / 2, "a wrong sum");
    bench_report("counting", self->n, bst_now(self) - self->began);
    bst_stop_system(self);
    return BST_OK;
}

bst_status producer_more(struct producer *self)
{
    for (int i = 0; i < BENCH_TURN && self->sent < self->n; i++) {
        struct add add = {.number = self->sent + 1};
        bst_status status;

        while ((status = counter_tell_add(self->to.tally, &add)) == BST_FULL)
            bst_yield(self);
        if (status != BST_OK)
            return status;
        self->sent++;
    }
    return self->sent < self->n ? producer_tell_more(self->to.self)
                                : finish(self);
}

int main(int argc, char **argv)
{
    return bench_main(&counting_app, argc, argv);
}
