/*
 * restart: one operation is one cycle: a message, a handler that returns
 * BST_FAIL, the supervisor's decision, and the next incarnation's `on start`.
 *
 * Failures are not logged here, or the cost would be that of writing a line.
 */

#include "restart.bst.h"

#include "common.h"

bst_status crasher_start(struct crasher *self)
{
    uint64_t lives = bst_incarnation(self);
    struct bst_stats stats;
    bst_time took;

    if (lives == 0) {
        self->n = bench_n(self, 1000000);
        self->began = bst_now(self);
    }
    if (lives < self->n)
        return crasher_tell_hit(self->to.self);
    took = bst_now(self) - self->began;
    bst_system_stats(bst_system_of(self), &stats);
    bench_check(stats.failed == self->n, "a failure was not counted");
    bench_check(stats.restarts == self->n, "a restart was not counted");
    bench_report("restart", self->n, took);
    bst_stop_system(self);
    return BST_OK;
}

int main(int argc, char **argv)
{
    return bench_main_quiet(&restart_app, argc, argv);
}
