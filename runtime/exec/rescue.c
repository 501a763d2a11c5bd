/*
 * Suspended processes of a worker that is stuck.
 *
 * A process that was suspended in the middle of its handler goes on on the
 * thread where it was, because compilers keep addresses of thread-locals. Only
 * if that thread has been kept by another handler for long it moves, with its
 * stack, to a worker that is not stuck.
 *
 * What is woken lies in the stuck worker's inbox, which is anybody's, or in
 * its list of those to be resumed. That list, and the one of the time limits
 * which no wheel knows yet, belong to the worker alone; a biased lock takes
 * them from it while it is away.
 *
 * Lock order: wheel, bias. The worker takes them the other way round, but the
 * monitor never waits for a worker that is inside of its bias.
 */

#include "exec/worker.h"

static struct bsti_proc *proc_of(struct bsti_link *link)
{
    return bsti_container_of(link, struct bsti_proc, link);
}

/* Has a process that holds a stack resumed by `host`. */
static void move(struct bsti_proc *proc, struct bsti_worker *host)
{
    /* relaxed: the inbox orders it before the process runs; whoever wakes it
     * next has seen it wait after that */
    bsti_store_relaxed(&proc->home, host);
    bsti_inbox_push(&host->inbox, &proc->link);
}

static bool move_inbox(struct bsti_worker *worker, struct bsti_worker *host)
{
    bool moved = false;
    struct bsti_link *link = bsti_inbox_take_all(&worker->inbox);

    while (link) {
        struct bsti_link *next = link->next;
        struct bsti_proc *proc = proc_of(link);

        if (!proc->stack)
            bsti_exec_ready(worker->exec, proc);
        else if (bsti_load_acquire(&worker->post_proc) == proc) {
            /* It looks at it still; and may come back, and park, meanwhile. */
            bsti_inbox_push(&worker->inbox, link);
            bsti_worker_wake(worker);
        } else {
            move(proc, host);
            moved = true;
        }
        link = next;
    }
    return moved;
}

bool bsti_rescue(struct bsti_worker *worker, struct bsti_worker *host,
                 bst_time now)
{
    struct bsti_link *link = NULL;
    bool moved;

    bsti_spin_lock(&worker->wheel_lock);
    if (bsti_bias_try_lock(&worker->bias)) {
        bsti_timed_waits_admit(worker, now);
        link = worker->resume;
        if (host)
            worker->resume = NULL;
        bsti_bias_unlock(&worker->bias);
    }
    bsti_spin_unlock(&worker->wheel_lock);
    if (!host)
        return link != NULL || !bsti_inbox_is_empty(&worker->inbox);
    moved = link != NULL;
    while (link) {
        struct bsti_link *next = link->next;

        move(proc_of(link), host);
        link = next;
    }
    moved |= move_inbox(worker, host);
    if (moved)
        bsti_worker_wake(host);
    return false;
}
