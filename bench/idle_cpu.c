/*
 * idle_cpu: the CPU time of a system that has nothing to do, after each of
 * its actors had one message. `--n` is how many seconds it is watched, and
 * one operation is one second.
 */

#include "idle_cpu.bst.h"

#include "common.h"

bst_status driver_start(struct driver *self)
{
    for (int i = 0; i < 1000; i++) {
        bst_status status = sleeper_tell_wake(self->to.sleepers);

        if (status != BST_OK)
            return status;
    }
    return driver_tell_watch(self->to.self);
}

bst_status driver_watch(struct driver *self)
{
    uint64_t seconds = bench_n(self, 10);
    bst_time began;
    bst_time cpu;

    bst_sleep(self, BST_MS(100));
    began = bst_now(self);
    cpu = bench_cpu();
    bst_sleep(self, BST_S((bst_time)seconds));
    cpu = bench_cpu() - cpu;
    bench_report_more("idle_cpu", seconds, bst_now(self) - began,
                      "cpu_percent=%.4f", (double)cpu / 1e7 / (double)seconds);
    bst_stop_system(self);
    return BST_OK;
}

int main(int argc, char **argv)
{
    return bench_main(&idle_cpu_app, argc, argv);
}
