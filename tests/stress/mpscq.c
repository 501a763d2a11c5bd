/*
 * Stress: several mailboxes with many producers, and consumers that change
 * from thread to thread as processes do. Whoever a push or a wake makes
 * responsible puts the mailbox on a run list; every thread both produces and
 * consumes. Signals beside the queue are raised as well.
 *
 * Checks: one consumer at a time, each producer's messages in order, none
 * lost, every signal seen, all mailboxes idle at the end.
 */

#include "sync/injector.h"
#include "sync/mpscq.h"

#include "stress.h"

#define BOXES 4

struct message {
    struct bsti_mpscq_node node;
    struct message *next_free;
    uint32_t from;
    uint64_t number;
};

struct box {
    struct bsti_link link; /* run list */
    struct bsti_mpscq queue;
    _Atomic uint32_t running;
    _Atomic uint32_t signals;          /* raised and not yet seen */
    uint64_t seen[STRESS_THREADS_MAX]; /* consumer: per producer */
    uint64_t signals_seen;             /* consumer */
};

struct shared {
    struct box boxes[BOXES];
    struct bsti_injector runnable;
    _Atomic uint32_t met;
    _Atomic uint32_t producing;
    uint32_t threads;
    uint64_t rounds;
};

struct worker {
    struct shared *shared;
    uint32_t me;
    uint64_t rand;
    uint64_t sent[BOXES];
    uint64_t signalled;
    uint64_t handled;
    uint64_t busy;
};

static void schedule(struct shared *s, struct box *box)
{
    bsti_injector_push(&s->runnable, &box->link);
}

static void handle(struct worker *w, struct box *box, struct message *m)
{
    stress_check(m->number == box->seen[m->from]);
    box->seen[m->from]++;
    w->handled++;
}

/* Returns whether the box is idle now, and nobody's any more. */
static bool turn_ended(struct worker *w, struct box *box)
{
    /* The memory of boxes is never freed, so looking is allowed. seq_cst:
     * after the step that made it idle */
    (void)w;
    return bsti_load_seq_cst(&box->signals) == 0 ||
           !bsti_mpscq_wake(&box->queue);
}

/* Runs a box until it is idle (true) or has to be scheduled again (false). */
static bool run_turn(struct worker *w, struct box *box)
{
    uint32_t budget = 1 + (uint32_t)bsti_rand_below(&w->rand, 40);

    for (;;) {
        struct bsti_mpscq_node *node;
        enum bsti_mpscq_result result;
        bool busy;

        box->signals_seen += bsti_xchg_acquire(&box->signals, 0u);
        if (!bsti_mpscq_is_spent(&box->queue)) {
            if (budget-- == 0) {
                return false;
            }
            node = bsti_mpscq_front(&box->queue, &busy);
            if (node == NULL && busy) {
                w->busy++;
                return false;
            }
            if (node == NULL) {
                bsti_store_release(&box->running, 0u);
                if (bsti_mpscq_try_idle(&box->queue) && turn_ended(w, box)) {
                    return true;
                }
                stress_check(bsti_xchg_acquire(&box->running, 1u) == 0);
                continue;
            }
            handle(w, box, bsti_container_of(node, struct message, node));
        }
        bsti_store_release(&box->running, 0u);
        result = bsti_mpscq_pop(&box->queue, bsti_rand_below(&w->rand, 2) == 0,
                                &node);
        if (result != BSTI_MPSCQ_BUSY) {
            free(bsti_container_of(node, struct message, node));
        }
        if (result == BSTI_MPSCQ_IDLE && turn_ended(w, box)) {
            return true;
        }
        stress_check(bsti_xchg_acquire(&box->running, 1u) == 0);
        if (result == BSTI_MPSCQ_BUSY) {
            w->busy++;
            return false;
        }
    }
}

/* Runs one box if there is one to run. */
static bool consume(struct worker *w)
{
    struct bsti_link *link = bsti_injector_pop(&w->shared->runnable);
    struct box *box;

    if (link == NULL) {
        return false;
    }
    box = bsti_container_of(link, struct box, link);
    stress_check(bsti_xchg_acquire(&box->running, 1u) == 0);
    if (!run_turn(w, box)) {
        bsti_store_release(&box->running, 0u);
        schedule(w->shared, box);
    }
    return true;
}

static void raise_signal(struct worker *w, struct box *box)
{
    w->signalled++;
    /* seq_cst: before the wake; see sync/mpscq.h */
    bsti_fetch_add_seq_cst(&box->signals, 1u);
    if (bsti_mpscq_wake(&box->queue)) {
        schedule(w->shared, box);
    }
}

static void produce(struct worker *w)
{
    uint32_t to = (uint32_t)bsti_rand_below(&w->rand, BOXES);
    struct box *box = &w->shared->boxes[to];
    struct message *m = malloc(sizeof(*m));

    stress_check(m != NULL);
    m->from = w->me;
    m->number = w->sent[to]++;
    if (bsti_mpscq_push(&box->queue, &m->node)) {
        schedule(w->shared, box);
    }
    if (bsti_rand_below(&w->rand, 8) == 0) {
        raise_signal(w, box);
    }
}

static void work(void *arg)
{
    struct worker *w = arg;
    struct shared *s = w->shared;

    stress_meet(&s->met, s->threads);
    for (uint64_t i = 0; i < s->rounds; i++) {
        produce(w);
        while (bsti_rand_below(&w->rand, 3) == 0) {
            (void)consume(w);
        }
    }
    /* Signals that no message follows, to boxes that may be idle. */
    for (uint32_t i = 0; i < BOXES; i++) {
        (void)consume(w);
        raise_signal(w, &s->boxes[i]);
    }
    bsti_fetch_sub_acq_rel(&s->producing, 1u);
    while (bsti_load_acquire(&s->producing) > 0 ||
           bsti_injector_length(&s->runnable) > 0) {
        if (!consume(w)) {
            bsti_thread_yield();
        }
    }
}

int main(int argc, char **argv)
{
    static struct shared shared;
    static struct worker workers[STRESS_THREADS_MAX];
    struct stress stress =
        stress_begin(argc, argv, 4, BSTI_ASAN || BSTI_TSAN ? 20000 : 100000);
    uint64_t handled = 0;
    uint64_t busy = 0;
    uint64_t signalled = 0;
    uint64_t signals_seen = 0;

    shared.threads = stress.threads;
    shared.rounds = stress.rounds;
    bsti_injector_init(&shared.runnable);
    bsti_store_relaxed(&shared.producing, stress.threads);
    for (uint32_t i = 0; i < BOXES; i++) {
        bsti_mpscq_init(&shared.boxes[i].queue, true);
    }
    for (uint32_t i = 0; i < stress.threads; i++) {
        workers[i].shared = &shared;
        workers[i].me = i;
        workers[i].rand = bsti_rand_mix(stress.seed, i);
    }
    stress_run(stress.threads, work, workers, sizeof(workers[0]));
    for (uint32_t b = 0; b < BOXES; b++) {
        struct box *box = &shared.boxes[b];

        stress_check(bsti_mpscq_is_idle(&box->queue));
        stress_check(bsti_mpscq_is_valid(&box->queue));
        stress_check(bsti_load_relaxed(&box->signals) == 0);
        signals_seen += box->signals_seen;
        for (uint32_t i = 0; i < stress.threads; i++) {
            stress_check(box->seen[i] == workers[i].sent[b]);
        }
    }
    for (uint32_t i = 0; i < stress.threads; i++) {
        handled += workers[i].handled;
        busy += workers[i].busy;
        signalled += workers[i].signalled;
    }
    stress_check(handled == stress.threads * stress.rounds);
    stress_check(signalled == signals_seen);
    printf("%llu messages, %llu signals, %llu times busy\n",
           (unsigned long long)handled, (unsigned long long)signalled,
           (unsigned long long)busy);
    return 0;
}
