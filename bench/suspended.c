/*
 * suspended: one operation is one handler that is suspended in an ask, on a
 * stack of its own, and resumed; the figure that matters is the memory for
 * each while all of them wait at once. `--n` is how many there are. The keeper
 * keeps its mailbox shut until all questions are in it.
 *
 * A million need about 8 GiB; with less the program says so and ends with
 * status 3.
 */

#include "suspended.bst.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common.h"

/* A page of stack, the block, two messages, and what the kernel needs. */
enum { BYTES_EACH = 8 << 10 };

static struct bench_resized tables;
static uint64_t bytes_before;

bst_status asker_go(struct asker *self)
{
    struct question question = {.index = bst_index(self)};
    struct reply reply = {0};
    bst_status status = keeper_ask_question(self->to.keeper, &question, &reply);

    bench_check(status == BST_OK, bst_status_text(status));
    bench_check(reply.index == question.index, "an answer to somebody else");
    return driver_tell_done(self->to.driver,
                            &(struct done){.index = reply.index});
}

/* Once n more than `m->n` messages were sent, all askers wait. */
bst_status keeper_shut(struct keeper *self, const struct shut *m)
{
    struct bst_stats stats;

    do {
        bst_sleep(self, BST_MS(1));
        bst_system_stats(bst_system_of(self), &stats);
    } while (stats.sent < m->n);
    printf("suspended at once: %llu handlers, %.0f bytes each\n",
           (unsigned long long)tables.group.redundancy,
           (double)(bench_rss() - bytes_before) /
               (double)tables.group.redundancy);
    return BST_OK;
}

bst_status driver_start(struct driver *self)
{
    struct asker_ref all;
    struct bst_stats stats;
    bst_status status;

    self->n = tables.group.redundancy;
    self->began = bst_now(self);
    all.ref = bst_group_ref(bst_system_of(self), &tables.group);
    bst_system_stats(bst_system_of(self), &stats);
    /* This one, as many to the askers, and as many questions. */
    status = keeper_tell_shut(
        self->to.keeper, &(struct shut){.n = stats.sent + 1 + 2 * self->n});
    return status == BST_OK ? asker_cast_go(all) : status;
}

bst_status driver_done(struct driver *self, const struct done *m)
{
    self->sum += m->index;
    if (++self->done < self->n)
        return BST_OK;
    bench_check(self->sum == self->n * (self->n - 1) / 2,
                "a process is missing");
    bench_report("suspended", self->n, bst_now(self) - self->began);
    bst_stop_system(self);
    return BST_OK;
}

/* Returns the memory that is free without swapping, in bytes. */
static uint64_t free_memory(void)
{
    FILE *file = fopen("/proc/meminfo", "r");
    char line[128];
    unsigned long long kib = 0;

    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "MemAvailable: %llu kB", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return kib << 10;
}

int main(int argc, char **argv)
{
    uint64_t n = bench_n_of(argc, argv, 1000000);
    uint64_t needed = n * BYTES_EACH;

    if (free_memory() < needed) {
        fprintf(stderr,
                "suspended: skipped: %llu handlers need about %llu MiB\n",
                (unsigned long long)n, (unsigned long long)(needed >> 20));
        return 3;
    }
    bench_resize(&tables, &suspended_app, "askers", n);
    bytes_before = bench_rss();
    return bench_main(&tables.app, argc, argv);
}
