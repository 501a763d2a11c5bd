/*
 * Suspended processes of a worker that is stuck, and those that timers have
 * woken on a worker that is late.
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

/* Has a process that holds a stack resumed by `host`. */
static void move(struct bsti_proc *proc, struct bsti_worker *host)
{
    /* relaxed: the inbox orders it before the process runs; whoever wakes it
     * next has seen it wait after that */
    bsti_store_relaxed(&proc->home, host);
    bsti_inbox_push(&host->inbox, &proc->link);
}

/* Moves what holds a stack, and makes the rest ready. Returns whether there is
 * something for `host`. */
static bool move_all(struct bsti_worker *worker, struct bsti_link *link,
                     struct bsti_worker *host)
{
    bool moved = false;

    while (link) {
        struct bsti_link *next = link->next;
        struct bsti_proc *proc = bsti_proc_of_link(link);

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
    struct bsti_link *resume = NULL;
    struct bsti_link *woken = NULL;
    bool moved;

    bsti_spin_lock(&worker->wheel_lock);
    if (bsti_bias_try_lock(&worker->bias)) {
        bsti_timed_waits_admit(worker, now);
        resume = worker->resume;
        if (host) {
            worker->resume = NULL;
            bsti_store_relaxed(&worker->urgent, 0u);
            /* While the worker can begin no wait: nobody moves whose time
             * limit is not in the wheel. */
            woken = bsti_inbox_take_all(&worker->inbox);
        }
        bsti_bias_unlock(&worker->bias);
    }
    bsti_spin_unlock(&worker->wheel_lock);
    if (!host)
        return resume != NULL || !bsti_inbox_is_empty(&worker->inbox);
    moved = move_all(worker, resume, host);
    moved |= move_all(worker, woken, host);
    if (moved)
        bsti_worker_wake(host);
    return false;
}

/* ---- what needs no stack ------------------------------------------------ */

size_t bsti_worker_take_urgent(struct bsti_worker *worker,
                               struct bsti_link **first,
                               struct bsti_link **last)
{
    uint32_t left = bsti_load_relaxed(&worker->urgent);
    struct bsti_link **place = &worker->resume;
    struct bsti_link *kept = NULL;
    size_t count = 0;

    while (left > 0) {
        struct bsti_link *link = *place;

        if (bsti_proc_of_link(link)->stack) {
            kept = link;
            place = &link->next;
            continue;
        }
        *place = link->next;
        if (link == worker->resume_last)
            worker->resume_last = kept;
        if (count++ == 0)
            *first = link;
        else
            (*last)->next = link;
        *last = link;
        left--;
    }
    bsti_store_relaxed(&worker->urgent, 0u);
    return count;
}

void bsti_worker_offer_urgent(struct bsti_worker *worker)
{
    struct bsti_link *first = NULL;
    struct bsti_link *last = NULL;
    size_t count;

    bsti_bias_enter(&worker->bias);
    count = bsti_worker_take_urgent(worker, &first, &last);
    bsti_bias_leave(&worker->bias);
    if (count == 0)
        return;
    bsti_injector_push_list(worker->injector, first, last, count);
    bsti_exec_wake_one(worker->exec);
}

void bsti_release_urgent(struct bsti_worker *worker)
{
    struct bsti_link *first = NULL;
    struct bsti_link *last = NULL;
    size_t count;

    if (!bsti_bias_try_lock(&worker->bias))
        return;
    count = bsti_worker_take_urgent(worker, &first, &last);
    bsti_bias_unlock(&worker->bias);
    bsti_injector_push_list(worker->injector, first, last, count);
    bsti_exec_wake_one(worker->exec);
}
