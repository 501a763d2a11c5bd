/*
 * restart_fault: one operation is one cycle: a message, a handler that writes
 * to address 0, the signal, the decision of the supervisor, and the next
 * incarnation's `on start`.
 *
 * Failures are not logged here, or the cost would be that of writing a line.
 */

#include "restart_fault.bst.h"

#include "common.h"

bst_status crasher_start(struct crasher *self)
{
    uint64_t n = bench_n(self, 1000000);
    uint64_t lives = bst_incarnation(self);
    struct bst_stats stats;
    bst_time took;

    if (lives == 0)
        self->began = bst_now(self);
    if (lives < n)
        return crasher_tell_hit(self->to.self);
    took = bst_now(self) - self->began;
    bst_system_stats(bst_system_of(self), &stats);
    bench_check(stats.failed == n, "a failure was not counted");
    bench_check(stats.restarts == n, "a restart was not counted");
    bench_report("restart_fault", n, took);
    bst_stop_system(self);
    return BST_OK;
}

bst_status crasher_hit(struct crasher *self)
{
    static volatile uintptr_t nowhere;

    (void)self;
    *(volatile int *)nowhere = 1;
    return BST_OK;
}

int main(int argc, char **argv)
{
    return bench_main_quiet(&restart_fault_app, argc, argv);
}
