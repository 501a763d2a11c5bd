/*
 * parallel: does independent work run in parallel? 64 actors compute 2 us in
 * each message, then 512 actors 500 ns. One operation is one message.
 *
 * `busy_cores` is the time of the work alone, measured on one thread before
 * the start, by the time that passed: 1 with one worker at best, 2 with two.
 */

#include "parallel.bst.h"

#include "common.h"

enum { FEW = 64, MANY = 512, FEW_NS = 2000, MANY_NS = 500 };

static double round_ns;

/* ---- the work ------------------------------------------------------------ */

#define FACTOR 6364136223846793005u
#define SUMMAND 1442695040888963407u

static uint64_t compute(uint64_t value, uint64_t rounds)
{
    for (; rounds > 0; rounds--)
        value = value * FACTOR + SUMMAND;
    return value;
}

/* The same by squaring, to check the result without doing the work twice. */
static uint64_t expected(uint64_t value, uint64_t rounds)
{
    uint64_t factor = FACTOR;
    uint64_t summand = SUMMAND;

    for (; rounds > 0; rounds >>= 1) {
        if (rounds & 1)
            value = value * factor + summand;
        summand *= factor + 1;
        factor *= factor;
    }
    return value;
}

/* The best of some measurements: the others were disturbed. */
static void calibrate(void)
{
    static volatile uint64_t value = 1;
    const uint64_t rounds = 2000000;

    for (int i = 0; i < 10; i++) {
        bst_time began = bench_clock();
        double ns;

        value = compute(value, rounds);
        ns = (double)(bench_clock() - began) / (double)rounds;
        if (i == 0 || ns < round_ns)
            round_ns = ns;
    }
}

/* ---- a spinner ----------------------------------------------------------- */

bst_status spinner_go(struct spinner *self, const struct go *m)
{
    self->left = m->each;
    self->rounds = m->rounds;
    self->value = bst_index(self);
    return spinner_tell_step(self->to.self);
}

bst_status spinner_step(struct spinner *self)
{
    self->value = compute(self->value, self->rounds);
    self->count++;
    if (--self->left > 0)
        return spinner_tell_step(self->to.self);
    bench_check(self->value ==
                    expected(bst_index(self), self->count * self->rounds),
                "a wrong result");
    return driver_tell_done(self->to.driver,
                            &(struct done){.count = self->count});
}

/* ---- the driver ---------------------------------------------------------- */

static struct go share(uint64_t n, uint64_t actors, double ns)
{
    bench_check(n >= actors, "--n is below 512");
    return (struct go){.each = n / actors, .rounds = (uint64_t)(ns / round_ns)};
}

bst_status driver_start(struct driver *self)
{
    struct go go;

    self->n = bench_n(self, 1000000);
    go = share(self->n, FEW, FEW_NS);
    self->began = bst_now(self);
    return spinner_cast_go(self->to.few, &go);
}

static void report(struct driver *self, const char *name, uint64_t n, double ns)
{
    bst_time took = bst_now(self) - self->began;

    bench_check(self->count == n, "messages are missing");
    bench_report_more(name, n, took, "busy_cores=%.3f",
                      (double)n * ns / (double)took);
}

bst_status driver_done(struct driver *self, const struct done *m)
{
    struct go go = share(self->n, MANY, MANY_NS);

    self->count += m->count;
    self->ended++;
    if (self->phase == 0 && self->ended == FEW) {
        report(self, "parallel_64x2us", self->n / FEW * FEW, FEW_NS);
        self->phase = 1;
        self->count = 0;
        self->ended = 0;
        self->began = bst_now(self);
        return spinner_cast_go(self->to.many, &go);
    }
    if (self->phase == 1 && self->ended == MANY) {
        report(self, "parallel_512x500ns", self->n / MANY * MANY, MANY_NS);
        bst_stop_system(self);
    }
    return BST_OK;
}

int main(int argc, char **argv)
{
    calibrate();
    return bench_main(&parallel_app, argc, argv);
}
