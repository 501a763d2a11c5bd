/*
 * The scheduler loop, suspending, and a worker's own queues.
 *
 * Order of service: the next-slot (what the last process woke), then in turn
 * the processes that resume here, or that a timer has woken, and the deque,
 * and every 61 turns the injector before all, so that nothing starves.
 *
 * What leaves a stack cannot do everything before it has left: a process that
 * suspends must not be found by others while it still runs. So the last step
 * is done on the other side of the switch, by the worker's `post`.
 */

#define _GNU_SOURCE
#include "exec/worker.h"

#include "base/assert.h"
#include "exec/load.h"
#include "exec/timer.h"
#include "plat/fault.h"
#include "plat/futex.h"
#include "plat/switch.h"
#include "sync/atomic.h"

/* Processes that timers have woken and that may pass a long queue, at once. */
enum { MOST_URGENT = 16 };

_Thread_local struct bsti_worker *bsti_this_worker;

BSTI_NOINLINE struct bsti_worker *bsti_worker_current(void)
{
    return bsti_this_worker;
}

struct bsti_proc *bsti_worker_proc(const struct bsti_worker *worker)
{
    return worker->proc;
}

struct bsti_exec *bsti_worker_exec(const struct bsti_worker *worker)
{
    return worker->exec;
}

uint32_t bsti_worker_index(const struct bsti_worker *worker)
{
    return worker->index;
}

/* ---- stacks -------------------------------------------------------------- */

static struct bsti_stack *stack_take(struct bsti_worker *worker, unsigned class)
{
    struct bsti_stack *stack = worker->spare;

    if (class != 0 || !stack)
        return bsti_stack_acquire_on(&worker->exec->stacks, class,
                                     worker->place);
    worker->spare = stack->next;
    worker->spares--;
    return stack;
}

static void stack_give(struct bsti_worker *worker, struct bsti_stack *stack)
{
    if (stack->size_class != 0 || worker->spares >= BSTI_SPARE_STACKS) {
        bsti_stack_release(&worker->exec->stacks, stack);
        return;
    }
    stack->next = worker->spare;
    worker->spare = stack;
    worker->spares++;
}

void bsti_worker_give_spares(struct bsti_worker *worker)
{
    while (worker->spare) {
        struct bsti_stack *stack = worker->spare;

        worker->spare = stack->next;
        bsti_stack_release(&worker->exec->stacks, stack);
    }
    worker->spares = 0;
}

static void run_post(struct bsti_worker *worker)
{
    void (*post)(struct bsti_worker *) = worker->post;

    if (post) {
        worker->post = NULL;
        post(worker);
    }
}

static struct bsti_proc *pick_here(struct bsti_worker *worker);

static void post_release(struct bsti_worker *worker)
{
    stack_give(worker, worker->post_stack);
}

static void post_commit(struct bsti_worker *worker)
{
    struct bsti_proc *proc = bsti_load_relaxed(&worker->post_proc);
    bool mine = !bsti_waiter_commit(&proc->waiter, worker->post_seq);

    /* After the commit; pairs with the killer, who sets the signal before it
     * looks at the wait (see wait.c). The process itself can run again only
     * on this worker, or where the monitor puts it, which leaves it alone as
     * long as it is named here. So it is still there. */
    if (!mine && (bsti_load_seq_cst(&proc->signals) & BSTI_SIGNAL_KILL))
        mine = bsti_proc_cancel_wait(proc, BST_DEAD);
    /* release: pairs with the acquire in rescue.c */
    bsti_store_release(&worker->post_proc, NULL);
    if (mine)
        bsti_exec_ready(worker->exec, proc);
}

static void post_yield(struct bsti_worker *worker)
{
    struct bsti_proc *proc = bsti_load_relaxed(&worker->post_proc);

    /* relaxed: the queue orders it; who is named here is not moved */
    bsti_store_relaxed(&worker->post_proc, NULL);
    bsti_worker_enqueue(worker, proc);
}

/* Lets the monitor see who runs, if it may look at it at any time. */
static void show(struct bsti_worker *worker, struct bsti_proc *proc)
{
    /* release: pairs with the acquire of the monitor, to which the process may
     * be new */
    bsti_store_release(&worker->shown, proc->cls->describe ? proc : NULL);
}

/*
 * Chooses where to go from a stack that is left: straight to the next process
 * if it holds a stack, else to a fresh loop, which begins with it.
 */
static struct bsti_stack *choose_stack(struct bsti_worker *worker)
{
    struct bsti_proc *next;
    struct bsti_stack *stack;

    /* A fresh stack first: without one nothing may be taken from a queue. */
    stack = stack_take(worker, 0);
    if (!stack)
        return NULL;
    next = pick_here(worker);
    if (next && next->stack && !(bsti_proc_signals(next) & BSTI_SIGNAL_KILL)) {
        stack_give(worker, stack);
        stack = next->stack;
        next->stack = NULL;
        worker->proc = next;
        show(worker, next);
        return stack;
    }
    worker->start = next;
    worker->proc = NULL;
    bsti_switch_prepare(stack, bsti_worker_loop, worker);
    return stack;
}

/*
 * Leaves the stack. Inline, because after a switch the processor predicts no
 * return rightly: each call less between here and the handler counts.
 */
__attribute__((always_inline)) static inline bool
leave(struct bsti_proc *proc, void (*post)(struct bsti_worker *worker),
      uint64_t seq)
{
    struct bsti_worker *worker = bsti_worker_of(proc);
    struct bsti_stack *mine = worker->stack;
    struct bsti_stack *to = choose_stack(worker);

    if (!to)
        return false;
    proc->stack = mine;
    worker->post = post;
    bsti_store_relaxed(&worker->post_proc, proc);
    worker->post_seq = seq;
    worker->stack = to;
    bsti_switch(mine, to);

    run_post(bsti_worker_of(proc));
    return true;
}

bool bsti_suspend(struct bsti_proc *proc, uint64_t seq)
{
    return leave(proc, post_commit, seq);
}

bool bsti_suspend_for(struct bsti_proc *proc, uint64_t seq, bst_time within,
                      uint32_t late)
{
    struct bsti_timed_wait wait;
    bool suspended;

    if (within == BST_INFINITE)
        return bsti_suspend(proc, seq);
    bsti_timed_wait_begin(&wait, proc, within, late);
    suspended = leave(proc, post_commit, seq);
    bsti_timed_wait_end(&wait);
    return suspended;
}

bool bsti_yield(struct bsti_proc *proc)
{
    return leave(proc, post_yield, 0);
}

/* Has the class take over; `abandoned` may itself be abandoned once more. */
static void take_over(struct bsti_worker *worker, struct bsti_proc *proc)
{
    struct bsti_stack *dead;

    /* Its limit lies on the stack that is dead now, but not yet given back. */
    if (proc->timed)
        bsti_timed_wait_end(proc->timed);
    worker->proc = proc;
    proc->cls->abandoned(proc);
    worker = bsti_worker_current();
    worker->proc = NULL;
    dead = worker->dead_stack;
    worker->dead_stack = NULL;
    if (dead)
        stack_give(worker, dead);
}

static void post_abandoned(struct bsti_worker *worker)
{
    struct bsti_proc *proc = bsti_load_relaxed(&worker->post_proc);

    /* relaxed: as in post_yield() */
    bsti_store_relaxed(&worker->post_proc, NULL);
    take_over(worker, proc);
}

_Noreturn void bsti_abandon(struct bsti_proc *proc)
{
    struct bsti_worker *worker = bsti_worker_current();

    bsti_assert(worker->proc == proc);
    worker->post = post_abandoned;
    bsti_store_relaxed(&worker->post_proc, proc);
    bsti_switch_restart(worker->stack, bsti_worker_loop, worker);
}

/* ---- queues -------------------------------------------------------------- */

/* Changes the number; the worker is inside of its bias. */
static inline void count_urgent(struct bsti_worker *worker, uint32_t change)
{
    /* relaxed: others read it as a hint */
    bsti_store_relaxed(&worker->urgent,
                       bsti_load_relaxed(&worker->urgent) + change);
}

static void resume_push(struct bsti_worker *worker, struct bsti_proc *proc)
{
    proc->link.next = NULL;
    bsti_bias_enter(&worker->bias);
    if (BSTI_UNLIKELY(!proc->stack))
        count_urgent(worker, 1u);
    if (worker->resume)
        worker->resume_last->next = &proc->link;
    else
        worker->resume = &proc->link;
    worker->resume_last = &proc->link;
    bsti_bias_leave(&worker->bias);
}

/*
 * Fetches what a switch to the stack of this process touches, while the one
 * before it runs; and the first line of the one behind it.
 */
static inline void fetch_early(struct bsti_link *link)
{
    struct bsti_proc *proc = bsti_proc_of_link(link);
    const char *sp = proc->stack ? proc->stack->sp : NULL;

    if (!sp)
        return;
    __builtin_prefetch(&proc->signals);
    __builtin_prefetch(sp);
    __builtin_prefetch(sp +
                       (size_t)2 * BSTI_CACHE_LINE); /* behind the red zone */
    __builtin_prefetch(sp + (size_t)3 * BSTI_CACHE_LINE);
    if (proc->link.next)
        __builtin_prefetch(&bsti_proc_of_link(proc->link.next)->cls);
}

static struct bsti_proc *resume_pop(struct bsti_worker *worker)
{
    struct bsti_link *link;

    bsti_bias_enter(&worker->bias);
    link = worker->resume;
    if (link) {
        worker->resume = link->next;
        if (link->next)
            fetch_early(link->next);
        if (BSTI_UNLIKELY(!bsti_proc_of_link(link)->stack))
            count_urgent(worker, -1u);
    }
    bsti_bias_leave(&worker->bias);
    return link ? bsti_proc_of_link(link) : NULL;
}

/* The deque is full: half of it goes to the injector, under one lock. */
static void overflow(struct bsti_worker *worker, struct bsti_proc *proc)
{
    void *half[BSTI_DEQUE_SIZE / 2];
    uint32_t n =
        bsti_deque_take_half(&worker->deque, half, BSTI_ARRAY_LEN(half));
    struct bsti_link *first = &proc->link;
    size_t count = 1;

    while (n > 0) {
        struct bsti_proc *moved = half[--n];

        moved->link.next = first;
        first = &moved->link;
        count++;
    }
    bsti_injector_push_list(worker->injector, first, &proc->link, count);
}

/* Gives a process to another worker. */
static void hand_over(struct bsti_worker *to, struct bsti_proc *proc)
{
    bsti_inbox_push(&to->inbox, &proc->link);
    bsti_worker_wake(to);
}

void bsti_worker_enqueue(struct bsti_worker *worker, struct bsti_proc *proc)
{
    /* relaxed: written by this worker's samples, and by a monitor */
    uint32_t share = bsti_load_relaxed(&worker->share);

    if (proc->stack) {
        resume_push(worker, proc);
        return;
    }
    if (BSTI_UNLIKELY(share == BSTI_SHARE_RETREAT)) {
        bsti_worker_give_away(worker, proc);
        return;
    }
    if (!bsti_deque_push(&worker->deque, proc))
        overflow(worker, proc);
    /* relaxed: without the fence in there a worker that parks just now may be
     * missed; the next sample finds it. */
    if (share != BSTI_SHARE_NONE &&
        bsti_load_relaxed(&worker->exec->idle_count) > 0)
        bsti_exec_wake_one(worker->exec);
}

/* Takes what lies in the inbox of a worker that may have ended. */
static void take_back(struct bsti_worker *worker, struct bsti_worker *from)
{
    struct bsti_link *link = bsti_inbox_take_all(&from->inbox);

    while (link) {
        struct bsti_link *next = link->next;
        struct bsti_proc *proc = bsti_proc_of_link(link);

        if (proc->stack)
            hand_over(from, proc);
        else
            bsti_worker_enqueue(worker, proc);
        link = next;
    }
}

bool bsti_worker_give_away(struct bsti_worker *worker, struct bsti_proc *proc)
{
    struct bsti_worker *to = worker->retreat_to;

    if (proc->stack) {
        resume_push(worker, proc);
        return true;
    }
    hand_over(to, proc);
    /* relaxed: after the fence in hand_over(), which pairs with the store that
     * announces the end. Who does not see that store has pushed before it, so
     * `to`, which looks at its inbox after it has seen it, finds the process. */
    if (BSTI_LIKELY(!bsti_load_relaxed(&worker->exec->stopping)))
        return true;
    bsti_store_relaxed(&worker->share, (uint32_t)BSTI_SHARE_NONE);
    take_back(worker, to);
    return false;
}

/* What others have woken and holds a stack of this worker, or gave back. */
static void take_inbox(struct bsti_worker *worker)
{
    struct bsti_link *link = bsti_inbox_take_all(&worker->inbox);

    while (link) {
        struct bsti_link *next = link->next;

        bsti_worker_enqueue(worker, bsti_proc_of_link(link));
        link = next;
    }
}

struct bsti_proc *bsti_worker_dequeue(struct bsti_worker *worker)
{
    struct bsti_proc *proc;

    if (!bsti_inbox_is_empty(&worker->inbox))
        take_inbox(worker);
    /* In turn, and not by the number of the turn: what comes from the next-slot
     * in between would have the same one served each time. */
    worker->resumed = !worker->resumed;
    if (worker->resumed) {
        proc = resume_pop(worker);
        return proc ? proc : bsti_deque_pop(&worker->deque);
    }
    proc = bsti_deque_pop(&worker->deque);
    return proc ? proc : resume_pop(worker);
}

static struct bsti_proc *take_next(struct bsti_worker *worker)
{
    struct bsti_proc *proc = bsti_slot_take(&worker->slot);

    if (!proc)
        return NULL;
    if (++worker->next_in_a_row <= BSTI_NEXT_IN_A_ROW)
        return proc;
    worker->next_in_a_row = 0;
    bsti_worker_enqueue(worker, proc);
    return NULL;
}

void bsti_worker_hand_over(struct bsti_worker *worker)
{
    struct bsti_link *first = NULL;
    struct bsti_link *last = NULL;
    struct bsti_proc *proc;
    size_t count = 0;

    /* A retreat would have it go back and forth. */
    bsti_store_relaxed(&worker->share, (uint32_t)BSTI_SHARE_NONE);
    bsti_worker_offer_urgent(worker);
    take_inbox(worker);
    while ((proc = bsti_slot_take(&worker->slot)) != NULL ||
           (proc = bsti_deque_pop(&worker->deque)) != NULL) {
        if (proc->stack) {
            resume_push(worker, proc);
            continue;
        }
        if (count++ == 0)
            first = &proc->link;
        else
            last->next = &proc->link;
        last = &proc->link;
    }
    if (count == 0)
        return;
    bsti_injector_push_list(worker->injector, first, last, count);
    bsti_exec_wake_one(worker->exec);
}

/* A retired worker keeps nothing for itself: it looks at each turn. */
static void take_sample(struct bsti_worker *worker)
{
    const struct bsti_seam *seam = worker->exec->seam;

    if (BSTI_UNLIKELY(seam->turn)) {
        seam->turn(worker);
        bsti_load_take(worker);
        bsti_store_relaxed(&worker->until_sample, 1u);
        return;
    }
    bsti_load_take(worker);
    if (!bsti_worker_is_retired(worker) ||
        bsti_load_relaxed(&worker->exec->stopping))
        return;
    bsti_worker_hand_over(worker);
    bsti_store_relaxed(&worker->until_sample, 1u);
}

/* The next process of this worker's own queues, or NULL. */
static struct bsti_proc *pick_here(struct bsti_worker *worker)
{
    struct bsti_proc *proc;
    uint32_t tick = bsti_load_relaxed(&worker->tick) + 1;
    uint32_t until_sample = bsti_load_relaxed(&worker->until_sample) - 1;

    bsti_store_relaxed(&worker->tick, tick);
    bsti_store_relaxed(&worker->until_sample, until_sample);
    worker->sample_turns++;
    if (until_sample == 0)
        take_sample(worker);
    if (tick % BSTI_INJECTOR_INTERVAL == 0) {
        struct bsti_link *link = bsti_worker_from_outside(worker, tick);

        if (link)
            return bsti_proc_of_link(link);
    }
    proc = take_next(worker);
    if (proc)
        return proc;
    worker->next_in_a_row = 0;
    return bsti_worker_dequeue(worker);
}

/* What bsti_worker_ready() rarely meets. */
static BSTI_NOINLINE void ready_slowly(struct bsti_worker *worker,
                                       struct bsti_proc *proc)
{
    /* relaxed: whoever makes it ready holds it */
    struct bsti_worker *home = bsti_load_relaxed(&proc->home);
    struct bsti_proc *before;

    if (proc->stack && home != worker) {
        hand_over(home, proc);
        return;
    }
    if (worker->in_alarms &&
        (proc->stack || bsti_load_relaxed(&worker->urgent) < MOST_URGENT)) {
        resume_push(worker, proc);
        return;
    }
    if (bsti_load_relaxed(&worker->share) >= BSTI_SHARE_ALL ||
        !worker->exec->next_slot) {
        bsti_worker_enqueue(worker, proc);
        return;
    }
    before = bsti_slot_take(&worker->slot);
    bsti_slot_put(&worker->slot, proc);
    if (before)
        bsti_worker_enqueue(worker, before);
}

void bsti_worker_ready(struct bsti_worker *worker, struct bsti_proc *proc)
{
    if (BSTI_LIKELY((!proc->stack || bsti_worker_of(proc) == worker) &&
                    bsti_slot_is_empty(&worker->slot) &&
                    bsti_load_relaxed(&worker->share) < BSTI_SHARE_ALL &&
                    worker->exec->next_slot))
        bsti_slot_put(&worker->slot, proc);
    else
        ready_slowly(worker, proc);
}

void bsti_exec_ready(struct bsti_exec *exec, struct bsti_proc *proc)
{
    struct bsti_worker *worker = bsti_worker_current();

    if (worker && worker->exec == exec) {
        bsti_worker_ready(worker, proc);
        return;
    }
    if (proc->stack) {
        hand_over(bsti_load_relaxed(&proc->home), proc);
        return;
    }
    bsti_injector_push(bsti_place_foreign(exec)->injector, &proc->link);
    bsti_exec_wake_one(exec);
}

void bsti_exec_requeue(struct bsti_exec *exec, struct bsti_proc *proc)
{
    struct bsti_worker *worker = bsti_worker_current();

    if (worker && worker->exec == exec)
        bsti_worker_enqueue(worker, proc);
    else
        bsti_exec_ready(exec, proc);
}

/* ---- the loop ------------------------------------------------------------ */

/* Continues a suspended process; the loop's own stack is free again. */
static _Noreturn void resume(struct bsti_worker *worker, struct bsti_proc *proc)
{
    struct bsti_stack *from = worker->stack;
    struct bsti_stack *to = proc->stack;

    proc->stack = NULL;
    worker->stack = to;
    worker->post = post_release;
    worker->post_stack = from;
    bsti_switch_jump(from, to);
}

/* Throws a suspended process's frames away: nobody returns into them. */
static void dismantle(struct bsti_worker *worker, struct bsti_proc *proc)
{
    worker->dead_stack = proc->stack;
    proc->stack = NULL;
    take_over(worker, proc);
}

/* Goes on with the loop on a stack of the size that `proc` wants. */
static void move_to_class(struct bsti_worker *worker, struct bsti_proc *proc)
{
    struct bsti_stack *fresh = stack_take(worker, proc->stack_class);
    struct bsti_stack *from = worker->stack;

    if (!fresh) /* Better a smaller stack than none: the guard still holds. */
        return;
    worker->start = proc;
    worker->stack = fresh;
    worker->post = post_release;
    worker->post_stack = from;
    bsti_switch_prepare(fresh, bsti_worker_loop, worker);
    bsti_switch_jump(from, fresh);
}

/* Runs a turn. Returns the worker on which it has ended. */
static struct bsti_worker *run(struct bsti_worker *worker,
                               struct bsti_proc *proc)
{
    worker->proc = proc;
    show(worker, proc);
    if (BSTI_UNLIKELY(proc->stack)) {
        if (!(bsti_proc_signals(proc) & BSTI_SIGNAL_KILL))
            resume(worker, proc);
        dismantle(worker, proc);
        return bsti_worker_current();
    }
    if (BSTI_UNLIKELY(proc->stack_class != worker->stack->size_class))
        move_to_class(worker, proc);
    /* relaxed: read by others as a hint, and by whoever holds it */
    if (BSTI_UNLIKELY(bsti_load_relaxed(&proc->home) != worker))
        bsti_store_relaxed(&proc->home, worker);
    proc->cls->turn(proc);
    worker = bsti_worker_current();
    worker->proc = NULL;
    return worker;
}

void bsti_worker_loop(void *arg)
{
    struct bsti_worker *worker = arg;
    struct bsti_proc *proc;

    run_post(worker);
    proc = worker->start;
    worker->start = NULL;
    for (;;) {
        if (!proc)
            proc = pick_here(worker);
        if (!proc)
            proc = bsti_worker_find(worker);
        if (!proc)
            break;
        worker = run(worker, proc);
        proc = NULL;
    }
    bsti_switch_jump(worker->stack, &worker->thread_stack);
}

void bsti_worker_begin(struct bsti_worker *worker)
{
    bsti_this_worker = worker;
    bsti_check(bsti_stack_adopt_thread(&worker->thread_stack) == 0,
               "the limits of a worker's stack are unknown");
    bsti_switch_prepare(worker->stack, bsti_worker_loop, worker);
}

void bsti_worker_end(struct bsti_worker *worker)
{
    bsti_stack_disown_thread(&worker->thread_stack);
    stack_give(worker, worker->stack);
    bsti_worker_give_spares(worker);
    bsti_this_worker = NULL;
}

void bsti_worker_main(void *arg)
{
    struct bsti_worker *worker = arg;

    if (worker->cpu != BSTI_SEAT_NONE)
        bsti_thread_pin(worker->cpu);
    bsti_fault_thread_begin();
    bsti_worker_begin(worker);
    bsti_switch(&worker->thread_stack, worker->stack);
    bsti_worker_end(worker);
    bsti_fault_thread_end();
    bsti_store_release(&worker->exited, 1u);
    bsti_futex_wake(&worker->exited, 1);
}
