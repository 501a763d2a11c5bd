/*
 * Stress: threads take stacks of all classes out of one pool, write to both of
 * their ends, pass some on to others, and give them back, while one of them
 * gives the memory of free stacks back to the system.
 *
 * Checks: nobody else writes to a stack that was taken; each address belongs
 * to a stack of the pool; all come back.
 */

#include "plat/stack.h"

#include <string.h>

#include "stress.h"

enum { HELD = 16, PASSED = 8, CLASSES = 3 };

struct shared {
    struct bsti_stack_pool pool;
    struct bsti_stack *_Atomic passed[PASSED]; /* from one thread to another */
    _Atomic uint32_t met;
    uint32_t threads;
    uint64_t rounds;
};

struct worker {
    struct shared *shared;
    uint64_t rand;
    uint64_t taken;
};

/* Marks both ends of a stack as its own, or checks the marks. */
static void mark(struct bsti_stack *stack)
{
    uint64_t value = (uintptr_t)stack;

    memcpy(stack->base, &value, sizeof value);
    memcpy(stack->base + stack->size - sizeof value, &value, sizeof value);
}

static void check_marks(struct shared *s, struct bsti_stack *stack)
{
    struct bsti_stack *owner;
    uint64_t value;

    memcpy(&value, stack->base, sizeof value);
    stress_check(value == (uintptr_t)stack);
    memcpy(&value, stack->base + stack->size - sizeof value, sizeof value);
    stress_check(value == (uintptr_t)stack);
    stress_check(bsti_stack_owning(&s->pool, stack->base, &owner) ==
                     BSTI_STACK_USABLE &&
                 owner == stack);
    stress_check(bsti_stack_owning(&s->pool, stack->base - 1, &owner) ==
                     BSTI_STACK_GUARD &&
                 owner == stack);
}

static void give_back(struct shared *s, struct bsti_stack *stack)
{
    check_marks(s, stack);
    bsti_stack_release(&s->pool, stack);
}

static void work(void *arg)
{
    struct worker *w = arg;
    struct shared *s = w->shared;
    struct bsti_stack *held[HELD] = {NULL};

    stress_meet(&s->met, s->threads);
    for (uint64_t round = 0; round < s->rounds; round++) {
        struct bsti_stack **place = &held[bsti_rand_below(&w->rand, HELD)];

        if (!*place) {
            *place = bsti_stack_acquire(
                &s->pool, (unsigned)bsti_rand_below(&w->rand, CLASSES));
            stress_check(*place != NULL);
            mark(*place);
            w->taken++;
        } else if (bsti_rand_below(&w->rand, 4) == 0) {
            uint64_t to = bsti_rand_below(&w->rand, PASSED);

            check_marks(s, *place);
            *place = bsti_xchg_acq_rel(&s->passed[to], *place);
        } else {
            give_back(s, *place);
            *place = NULL;
        }
        if (bsti_rand_below(&w->rand, 2000) == 0)
            bsti_stack_trim(&s->pool);
    }
    for (unsigned i = 0; i < HELD; i++)
        if (held[i])
            give_back(s, held[i]);
}

int main(int argc, char **argv)
{
    static struct shared shared;
    static struct worker workers[STRESS_THREADS_MAX];
    struct stress stress =
        stress_begin(argc, argv, 3, BSTI_ASAN || BSTI_TSAN ? 3000 : 60000);
    uint64_t taken = 0;

    bsti_stack_pool_init(&shared.pool);
    shared.threads = stress.threads;
    shared.rounds = stress.rounds;
    for (uint32_t i = 0; i < stress.threads; i++) {
        workers[i].shared = &shared;
        workers[i].rand = bsti_rand_mix(stress.seed, i);
    }
    stress_run(stress.threads, work, workers, sizeof(workers[0]));
    for (unsigned i = 0; i < PASSED; i++) {
        struct bsti_stack *stack = bsti_load_relaxed(&shared.passed[i]);

        if (stack)
            give_back(&shared, stack);
    }
    for (uint32_t i = 0; i < stress.threads; i++)
        taken += workers[i].taken;
    printf("%llu stacks taken\n", (unsigned long long)taken);
    bsti_stack_pool_fini(&shared.pool);
    return 0;
}
