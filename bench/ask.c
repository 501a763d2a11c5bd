/*
 * ask: one operation is one question and its answer. The client is one
 * handler that waits in the middle, n times.
 */

#include "ask.bst.h"

#include "common.h"

bst_status client_go(struct client *self)
{
    uint64_t n = bench_n(self, 5000000);
    bst_time began = bst_now(self);

    for (uint64_t i = 1; i <= n; i++) {
        struct turn turn;
        bst_status status = server_ask_next(self->to.server, &turn);

        if (status != BST_OK)
            return status;
        bench_check(turn.number == i, "an answer to another question");
    }
    bench_report("ask", n, bst_now(self) - began);
    bst_stop_system(self);
    return BST_OK;
}

int main(int argc, char **argv)
{
    return bench_main(&ask_app, argc, argv);
}
