/*
 * fanin: one operation is one message to the sink, which checks that the
 * numbers of each source arrive in order.
 */

#include "fanin.bst.h"

#include "common.h"

enum { SOURCES = 64 };

bst_status sink_go(struct sink *self, const struct go *m)
{
    self->items = m->each * SOURCES;
    return BST_OK;
}

bst_status sink_item(struct sink *self, const struct item *m)
{
    bench_check(m->from < SOURCES && m->number == self->next[m->from],
                "a message is out of order");
    self->next[m->from]++;
    self->sum += m->number;
    if (--self->items > 0)
        return BST_OK;
    return driver_tell_done(self->to.driver, &(struct done){.sum = self->sum});
}

bst_status source_go(struct source *self, const struct go *m)
{
    bench_scatter();
    self->each = m->each;
    return source_tell_more(self->to.self);
}

bst_status source_more(struct source *self)
{
    for (int i = 0; i < BENCH_TURN && self->sent < self->each; i++) {
        struct item item = {.from = bst_index(self), .number = self->sent};
        bst_status status;

        while ((status = sink_tell_item(self->to.sink, &item)) == BST_FULL)
            bst_yield(self);
        if (status != BST_OK)
            return status;
        self->sent++;
    }
    return self->sent < self->each ? source_tell_more(self->to.self) : BST_OK;
}

bst_status driver_begin(struct driver *self)
{
    struct go go = {.each = bench_n(self, 10000000) / SOURCES};
    bst_status status;

    bench_check(go.each > 0, "--n is below 64");
    self->each = go.each;
    self->began = bst_now(self);
    status = sink_tell_go(self->to.sink, &go);
    return status == BST_OK ? source_cast_go(self->to.sources, &go) : status;
}

bst_status driver_end(struct driver *self, const struct done *m)
{
    bench_check(m->sum == SOURCES * (self->each * (self->each - 1) / 2),
                "a wrong sum");
    bench_report("fanin", self->each * SOURCES, bst_now(self) - self->began);
    bst_stop_system(self);
    return BST_OK;
}

int main(int argc, char **argv)
{
    return bench_main(&fanin_app, argc, argv);
}
