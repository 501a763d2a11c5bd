/*
 * Stress: workers retire and come back all the time, on an imaginary machine
 * of two nodes with four CPUs each, while processes talk to each other: pairs
 * play ping-pong, many send to one, and some sleep in the middle.
 *
 * Checks: every message is handled, none twice; a handler that slept goes on
 * on its thread; in the end all workers are back.
 */

#include <bastion/system.h>

#include <pthread.h>

#include "exec/timer.h"
#include "exec/worker.h"
#include "plat/clock.h"
#include "stress.h"

enum { PAIRS = 6, SENDERS = 16, SLEEPERS = 12, BURST = 32 };

static struct bsti_exec *exec;
static _Atomic uint64_t allowed = UINT64_C(0xff);
static _Atomic uint32_t quota;
static uint64_t rounds;

static void get_mask(void *arg, struct bsti_cpu_mask *mask)
{
    (void)arg;
    mask->bits[0] = bsti_load_relaxed(&allowed);
}

static uint32_t get_quota(void *arg)
{
    (void)arg;
    return bsti_load_relaxed(&quota);
}

static const struct bsti_machine machine = {.synthetic =
                                                "pack:2 [numa] core:4 pu:1",
                                            .mask = get_mask,
                                            .quota = get_quota,
                                            .reread = BST_MS(2)};

/* ---- processes whose messages are mere counts ---------------------------- */

struct actor {
    struct bsti_proc proc;
    void (*handle)(struct actor *self); /* one message */
    struct actor *peer;
    _Atomic uint64_t mail;
    uint64_t handled;          /* its own */
    _Atomic uint64_t reported; /* `handled`, for the main thread */
};

static struct actor players[2 * PAIRS];
static struct actor senders[SENDERS];
static struct actor sink;
static struct actor sleepers[SLEEPERS];

static void send(struct actor *to)
{
    bsti_fetch_add_release(&to->mail, UINT64_C(1));
    if (bsti_proc_signal(&to->proc, BSTI_SIGNAL_START))
        bsti_exec_ready(exec, &to->proc);
}

static void turn(struct bsti_proc *proc)
{
    struct actor *self = bsti_container_of(proc, struct actor, proc);

    for (uint32_t n = 0;; n++) {
        bsti_proc_take_signals(proc, BSTI_SIGNAL_START);
        if (bsti_load_acquire(&self->mail) == 0) {
            if (bsti_mpscq_try_idle(&proc->mailbox) && !bsti_proc_reclaim(proc))
                return;
            continue;
        }
        if (n == BURST) {
            bsti_exec_requeue(exec, proc);
            return;
        }
        bsti_fetch_sub_relaxed(&self->mail, UINT64_C(1));
        self->handled++;
        self->handle(self);
        bsti_store_release(&self->reported, self->handled);
    }
}

static void abandoned(struct bsti_proc *proc)
{
    (void)proc;
    stress_check(false);
}

static const struct bsti_proc_class actor_class = {
    .name = "actor", .turn = turn, .abandoned = abandoned};

static void init(struct actor *actor, void (*handle)(struct actor *self),
                 struct actor *peer)
{
    bsti_proc_init(&actor->proc, &actor_class, 0, 0);
    stress_check(bsti_mpscq_try_idle(&actor->proc.mailbox));
    actor->handle = handle;
    actor->peer = peer;
}

static void play(struct actor *self)
{
    /* The second of a pair has the last word. */
    if (self < self->peer || self->handled < rounds)
        send(self->peer);
}

static void send_burst(struct actor *self)
{
    for (int i = 0; i < BURST; i++)
        send(self->peer);
    if (self->handled < rounds / BURST)
        send(self);
}

static void count(struct actor *self)
{
    (void)self;
}

static void sleep_once(struct actor *self)
{
    struct bsti_worker *worker = bsti_worker_current();
    pthread_t thread = pthread_self();
    uint64_t seq = bsti_waiter_arm(&self->proc.waiter);
    void *gift;

    if (bsti_suspend_for(&self->proc, seq, BST_US(700), 9)) {
        stress_check(bsti_waiter_take(&self->proc.waiter, &gift) == 9);
        stress_check(pthread_equal(thread, pthread_self()));
        stress_check(bsti_worker_current() == worker);
    } else { /* no memory for a stack: the wait is still open */
        stress_check(false);
    }
    if (self->handled < rounds / 256)
        send(self);
}

/* ---- the machine changes ------------------------------------------------- */

static bool is_done(void)
{
    uint64_t bursts = rounds / BURST;

    for (int i = 0; i < 2 * PAIRS; i++)
        if (bsti_load_acquire(&players[i].reported) != rounds)
            return false;
    for (int i = 0; i < SLEEPERS; i++)
        if (bsti_load_acquire(&sleepers[i].reported) != rounds / 256)
            return false;
    return bsti_load_acquire(&sink.reported) == SENDERS * BURST * bursts;
}

static void change(uint64_t *rand)
{
    uint64_t mask = bsti_rand_next(rand) & 0xff;

    bsti_store_relaxed(&allowed, mask != 0 ? mask : 1);
    bsti_store_relaxed(&quota, (uint32_t)bsti_rand_below(rand, 9));
    if (bsti_rand_below(rand, 2) == 0)
        bst_repin();
    bsti_thread_sleep(BST_US(100) + (bst_time)bsti_rand_below(rand, 8000000));
}

static void start(void)
{
    for (int i = 0; i < 2 * PAIRS; i++)
        init(&players[i], play, &players[i ^ 1]);
    init(&sink, count, NULL);
    for (int i = 0; i < SENDERS; i++)
        init(&senders[i], send_burst, &sink);
    for (int i = 0; i < SLEEPERS; i++)
        init(&sleepers[i], sleep_once, NULL);
    for (int i = 0; i < 2 * PAIRS; i += 2)
        send(&players[i]);
    for (int i = 0; i < SENDERS; i++)
        send(&senders[i]);
    for (int i = 0; i < SLEEPERS; i++)
        send(&sleepers[i]);
}

int main(int argc, char **argv)
{
    /* The number of threads is that of the machine. */
    struct stress stress =
        stress_begin(argc, argv, 8, BSTI_ASAN || BSTI_TSAN ? 20480 : 102400);
    struct bsti_exec_options options = {.machine = &machine};
    bst_time until = bsti_clock_now() + BST_S(120);
    uint32_t changes = 0;

    rounds = stress.rounds;
    stress_check(rounds >= 256);
    exec = bsti_exec_create(&options);
    stress_check(exec != NULL && bsti_exec_workers(exec) == 8);
    start();
    for (; !is_done(); changes++) {
        stress_check(argc > 2 || bsti_clock_now() < until);
        change(&stress.seed);
    }
    bsti_store_relaxed(&allowed, UINT64_C(0xff));
    bsti_store_relaxed(&quota, 0u);
    bst_repin();
    while (bsti_exec_workers_on(exec) != 8) {
        send(&sleepers[0]); /* the monitor looks while somebody works */
        bsti_thread_sleep(BST_MS(1));
    }
    stress_check(bsti_exec_quiesce(exec, BST_INFINITE));
    bsti_exec_destroy(exec);
    printf("%u changes\n", changes);
    return 0;
}
