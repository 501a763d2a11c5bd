/*
 * The watch over a simulation's host.
 */

#include "exec/sim_watch.h"

#include <unistd.h>

#include "exec/worker.h"
#include "plat/futex.h"
#include "plat/log.h"

enum {
    LOOKS = 4,        /* in a row at the same turn: a second */
    MOST_LOOKS = 240, /* at one that computes: a minute */
    EXIT_STATUS = 4
};

static const bst_time interval = BST_MS(250);

/* A thread that has computed, or waited for a CPU, for this long since the last
 * look is not blocked, however slow the machine is. */
static const bst_time busy = BST_MS(5);

static _Noreturn void report(struct bsti_worker *worker, const char *what)
{
    /* acquire: pairs with the release of the worker. The host does not move
     * as long as its turn blocks, so the process is there. */
    struct bsti_proc *proc = bsti_load_acquire(&worker->shown);
    char name[256] = "a process";

    if (proc && proc->cls->describe)
        proc->cls->describe(proc, name, sizeof name);
    bsti_log(BST_LOG_ERROR, "%s %s", name, what);
    _exit(EXIT_STATUS);
}

static void look_on(void *arg)
{
    struct bsti_sim_watch *watch = arg;
    uint32_t entries = 0;
    unsigned looks = 0;   /* in a row at a turn that does not compute */
    unsigned at_same = 0; /* in a row at the same turn */
    bst_time cpu = 0;

    while (!bsti_load_acquire(&watch->ended)) {
        struct bsti_worker *inside = bsti_load_acquire(&watch->inside);
        uint32_t seen = bsti_load_relaxed(&watch->entries);
        bst_time spent = bsti_thread_cpu_time(&watch->host) +
                         bsti_thread_starved_time(&watch->host);

        at_same = inside && seen == entries ? at_same + 1 : 0;
        looks = at_same > 0 && spent - cpu <= busy ? looks + 1 : 0;
        if (looks >= LOOKS)
            report(inside, "blocks its thread for more than a second: what "
                           "waits for the world outside cannot be simulated");
        if (at_same >= MOST_LOOKS)
            report(inside, "has computed for a minute and does not return");
        entries = seen;
        cpu = spent;
        bsti_futex_wait(&watch->ended, 0, interval);
    }
}

int bsti_sim_watch_start(struct bsti_sim_watch *watch)
{
    bsti_thread_here(&watch->host);
    return bsti_thread_start(&watch->thread, "bastion-watch", look_on, watch);
}

void bsti_sim_watch_stop(struct bsti_sim_watch *watch)
{
    bsti_store_release(&watch->ended, 1u);
    bsti_futex_wake(&watch->ended, 1);
    bsti_thread_join(&watch->thread);
}
