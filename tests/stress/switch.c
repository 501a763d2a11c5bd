/*
 * Stress: many coroutines on pooled stacks, run by several threads that take
 * them from a shared pool. Each suspends in the middle of nested calls with
 * live variables, is continued by whichever thread comes first, now and then
 * begins its stack anew, and is abandoned while suspended.
 *
 * Checks: no coroutine runs twice at once, local variables survive every
 * switch and migration, each ends after its own number of steps.
 */

#include <string.h>

#include "plat/stack.h"
#include "plat/switch.h"
#include "sync/spin.h"

#include "stress.h"

#define COROUTINES 64

struct worker {
    struct bsti_stack own; /* the thread's stack */
    struct shared *shared;
    uint64_t rand;
    uint64_t resumed;
};

struct coroutine {
    struct shared *shared;
    struct bsti_stack *stack;
    struct worker *on; /* who runs it */
    _Atomic uint32_t running;
    uint64_t rand;
    uint64_t steps;    /* done */
    uint64_t restarts; /* done */
    bool ended;
};

struct shared {
    struct bsti_stack_pool pool;
    struct bsti_spin lock;
    struct coroutine *ready[COROUTINES]; /* guarded by lock */
    uint32_t nready;                     /* guarded by lock */
    struct coroutine coroutines[COROUTINES];
    _Atomic uint64_t budget; /* switches left to make */
    _Atomic uint32_t met;
    uint32_t threads;
};

static void body(void *arg);

/* Gives control back to the thread that runs this coroutine. */
static void suspend(struct coroutine *c)
{
    bsti_switch(c->stack, &c->on->own);
}

/* Recurses with a frame full of known bytes, and suspends at the bottom. */
static uint64_t BSTI_NOINLINE dive(struct coroutine *c, uint32_t depth)
{
    volatile uint64_t marks[24];
    uint64_t sum = 0;

    for (size_t i = 0; i < BSTI_ARRAY_LEN(marks); i++) {
        marks[i] = (uint64_t)(uintptr_t)c ^ (depth * 1000u + i);
    }
    if (depth > 0) {
        sum = dive(c, depth - 1);
    } else {
        suspend(c);
    }
    for (size_t i = 0; i < BSTI_ARRAY_LEN(marks); i++) {
        stress_check(marks[i] ==
                     ((uint64_t)(uintptr_t)c ^ (depth * 1000u + i)));
        sum += i;
    }
    return sum;
}

static void BSTI_NOINLINE restart_from_depth(struct coroutine *c,
                                             uint32_t depth)
{
    volatile char frame[200];

    memset((char *)(uintptr_t)frame, (int)depth, sizeof(frame));
    if (depth > 0) {
        restart_from_depth(c, depth - 1);
    } else if (c->stack != NULL) {
        c->restarts++;
        bsti_switch_restart(c->stack, body, c);
    }
    stress_check(frame[0] == (char)depth);
}

static void body(void *arg)
{
    struct coroutine *c = arg;

    for (;;) {
        uint32_t depth = (uint32_t)bsti_rand_below(&c->rand, 20);
        uint64_t expected = (uint64_t)(depth + 1) * (24 * 23 / 2);

        stress_check(dive(c, depth) == expected);
        c->steps++;
        switch (bsti_rand_below(&c->rand, 64)) {
        case 0:
            restart_from_depth(c, depth);
            break;
        case 1:
            c->ended = true;
            bsti_switch_jump(c->stack, &c->on->own);
        default:
            break;
        }
    }
}

/* Begins a coroutine, on a stack of any class. */
static void begin(struct coroutine *c, struct bsti_stack_pool *pool)
{
    c->stack = bsti_stack_acquire(pool, (unsigned)bsti_rand_below(&c->rand, 3));
    stress_check(c->stack != NULL);
    c->ended = false;
    bsti_switch_prepare(c->stack, body, c);
}

static struct coroutine *take(struct shared *s, uint64_t *rand)
{
    struct coroutine *c = NULL;

    bsti_spin_lock(&s->lock);
    if (s->nready > 0) {
        uint32_t i = (uint32_t)bsti_rand_below(rand, s->nready);

        c = s->ready[i];
        s->ready[i] = s->ready[--s->nready];
    }
    bsti_spin_unlock(&s->lock);
    return c;
}

static void put(struct shared *s, struct coroutine *c)
{
    bsti_spin_lock(&s->lock);
    s->ready[s->nready++] = c;
    bsti_spin_unlock(&s->lock);
}

/* Runs one coroutine until it suspends or ends. */
static void resume(struct worker *w, struct coroutine *c)
{
    stress_check(bsti_xchg_acquire(&c->running, 1u) == 0);
    c->on = w;
    bsti_switch(&w->own, c->stack);
    w->resumed++;
    if (c->ended || bsti_rand_below(&w->rand, 200) == 0) {
        /* Ended, or abandoned in the middle of its nested calls. */
        bsti_stack_release(&w->shared->pool, c->stack);
        begin(c, &w->shared->pool);
    }
    bsti_store_release(&c->running, 0u);
}

static void work(void *arg)
{
    struct worker *w = arg;
    struct shared *s = w->shared;

    stress_check(bsti_stack_adopt_thread(&w->own) == 0);
    stress_meet(&s->met, s->threads);
    for (;;) {
        uint64_t left = bsti_load_relaxed(&s->budget);
        struct coroutine *c;

        if (left == 0) {
            break;
        }
        if (!bsti_cas_weak_relaxed(&s->budget, &left, left - 1)) {
            continue;
        }
        c = take(s, &w->rand);
        if (c != NULL) {
            resume(w, c);
            put(s, c);
        }
        if (left % 4096 == 0) {
            (void)bsti_stack_trim(&s->pool);
        }
    }
    bsti_stack_disown_thread(&w->own);
}

int main(int argc, char **argv)
{
    static struct shared shared;
    static struct worker workers[STRESS_THREADS_MAX];
    struct stress stress =
        stress_begin(argc, argv, 4, BSTI_ASAN || BSTI_TSAN ? 40000 : 400000);
    uint64_t resumed = 0;
    uint64_t restarts = 0;

    shared.threads = stress.threads;
    bsti_stack_pool_init(&shared.pool);
    bsti_spin_init(&shared.lock);
    bsti_store_relaxed(&shared.budget, stress.rounds);
    for (uint32_t i = 0; i < COROUTINES; i++) {
        struct coroutine *c = &shared.coroutines[i];

        c->shared = &shared;
        c->rand = bsti_rand_mix(stress.seed, i);
        begin(c, &shared.pool);
        put(&shared, c);
    }
    for (uint32_t i = 0; i < stress.threads; i++) {
        workers[i].shared = &shared;
        workers[i].rand = bsti_rand_mix(stress.seed, 1000 + i);
    }
    stress_run(stress.threads, work, workers, sizeof(workers[0]));
    for (uint32_t i = 0; i < COROUTINES; i++) {
        restarts += shared.coroutines[i].restarts;
        bsti_stack_release(&shared.pool, shared.coroutines[i].stack);
    }
    for (uint32_t i = 0; i < stress.threads; i++) {
        resumed += workers[i].resumed;
    }
    bsti_stack_pool_fini(&shared.pool);
    printf("%llu switches, %llu restarts\n", (unsigned long long)resumed,
           (unsigned long long)restarts);
    return 0;
}
