/*
 * Workloads that make actors, and those that compute.
 */

#include "mini.h"

#include <pthread.h>
#include <stdlib.h>

enum { WORK = 1, SUM, FAILED };

static uint64_t total;
static uint64_t ended;

/* ---- fjcreate and spawn: an actor gets one note and ends ----------------- */

static void worker_handle(struct actor *self, const struct note *note)
{
    total += note->value;
    ended++;
    actor_destroy(self);
}

static void maker_handle(struct actor *self, const struct note *note)
{
    (void)note;
    for (int i = 0; i < TURN && self->a < self->b; i++)
        tell(actor_create(worker_handle), self, WORK, ++self->a);
    if (self->a < self->b)
        requeue(self);
}

static void make(const char *name, uint64_t n)
{
    struct actor *maker = actor_create(maker_handle);
    int64_t began = now_ns();

    maker->b = n;
    requeue(maker);
    run_all();
    check(ended == n && total == n * (n + 1) / 2, "a wrong sum");
    report(name, n, now_ns() - began);
}

void fjcreate(uint64_t n, unsigned threads)
{
    (void)threads;
    make("fjcreate", n);
}

void spawn(uint64_t n, unsigned threads)
{
    (void)threads;
    make("spawn", n);
}

/* ---- skynet: a tree with ten children each ------------------------------- */

/* a: number, b: size, then the sum; c: children that are not done. */
static void skynet_handle(struct actor *self, const struct note *note)
{
    struct actor *parent = self->more;

    if (note) {
        self->a += note->value;
        self->c--;
    } else if (self->b > 1) {
        uint64_t part = self->b / 10;

        for (uint64_t i = 0; i < 10; i++) {
            struct actor *child = actor_create(skynet_handle);

            child->a = self->a + i * part;
            child->b = part;
            child->more = self;
            requeue(child);
        }
        self->a = 0;
        self->c = 10;
    }
    if (self->c > 0)
        return;
    if (parent)
        tell(parent, self, SUM, self->a);
    else
        total = self->a;
    ended++;
    actor_destroy(self);
}

void skynet(uint64_t n, unsigned threads)
{
    struct actor *root = actor_create(skynet_handle);
    int64_t began = now_ns();
    uint64_t actors = 0;

    (void)threads;
    for (uint64_t size = n; size > 0; size /= 10)
        actors += n / size;
    root->b = n;
    requeue(root);
    run_all();
    check(total == n * (n - 1) / 2 && ended == actors, "a wrong sum");
    report("skynet", actors, now_ns() - began);
}

/* ---- yield: 1000 tasks without stacks ------------------------------------ */

static void task_handle(struct actor *self, const struct note *note)
{
    (void)note;
    total++;
    if (--self->a > 0)
        requeue(self);
}

void yields(uint64_t n, unsigned threads)
{
    int64_t began = now_ns();

    (void)threads;
    for (int i = 0; i < 1000; i++) {
        struct actor *task = actor_create(task_handle);

        task->a = n / 1000;
        requeue(task);
    }
    run_all();
    check(total == n / 1000 * 1000, "yields are missing");
    report("yield", total, now_ns() - began);
}

/* ---- restart: a note fails, a supervisor looks at the clock -------------- */

static void crasher_handle(struct actor *self, const struct note *note)
{
    (void)note;
    tell(self->more, self, FAILED, 0);
}

static void supervisor_handle(struct actor *self, const struct note *note)
{
    int64_t *window = self->more;

    window[self->a % 6] = now_ns();
    if (++self->a == self->b)
        return;
    note->from->a = 0;
    tell(note->from, self, WORK, 0);
}

void restart(uint64_t n, unsigned threads)
{
    struct actor *supervisor = actor_create(supervisor_handle);
    struct actor *crasher = actor_create(crasher_handle);
    int64_t window[6] = {0};
    int64_t began = now_ns();

    (void)threads;
    supervisor->more = window;
    supervisor->b = n;
    crasher->more = supervisor;
    tell(crasher, supervisor, WORK, 0);
    run_all();
    check(supervisor->a == n, "restarts are missing");
    report("restart", n, now_ns() - began);
}

/* ---- agg: a count for each of 1024 groups, on threads -------------------- */

enum { ROWS = 10000000, GROUPS = 1024, MAX_THREADS = 256 };

struct part {
    const uint16_t *rows;
    uint64_t count;
    uint64_t passes;
    uint32_t tables[4][GROUPS];
};

static void *count_part(void *arg)
{
    struct part *part = arg;
    uint32_t(*tables)[GROUPS] = part->tables;

    for (uint64_t pass = 0; pass < part->passes; pass++) {
        const uint16_t *rows = part->rows;
        uint64_t i = 0;

        for (; i + 4 <= part->count; i += 4) {
            tables[0][rows[i]]++;
            tables[1][rows[i + 1]]++;
            tables[2][rows[i + 2]]++;
            tables[3][rows[i + 3]]++;
        }
        for (; i < part->count; i++)
            tables[0][rows[i]]++;
    }
    return NULL;
}

static uint16_t *make_rows(void)
{
    uint16_t *rows = malloc(ROWS * sizeof *rows);
    uint64_t x = 1;

    check(rows != NULL, "out of memory");
    for (int i = 0; i < ROWS; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        rows[i] = (uint16_t)(x >> 54);
    }
    return rows;
}

void agg(uint64_t n, unsigned threads)
{
    struct part *parts = calloc(threads, sizeof *parts);
    uint16_t *rows = make_rows();
    pthread_t ids[MAX_THREADS];
    uint64_t passes = n / ROWS;
    uint64_t each = ROWS / threads;
    uint64_t sum = 0;
    int64_t began = now_ns();

    check(parts && passes > 0 && threads <= MAX_THREADS, "a bad argument");
    for (unsigned t = 0; t < threads; t++) {
        parts[t].rows = rows + t * each;
        parts[t].count = t + 1 < threads ? each : ROWS - t * each;
        parts[t].passes = passes;
        check(pthread_create(&ids[t], NULL, count_part, &parts[t]) == 0,
              "a thread could not be started");
    }
    for (unsigned t = 0; t < threads; t++) {
        pthread_join(ids[t], NULL);
        for (int i = 0; i < 4; i++)
            for (int g = 0; g < GROUPS; g++)
                sum += parts[t].tables[i][g];
    }
    check(sum == passes * ROWS, "rows are missing");
    report("agg", sum, now_ns() - began);
    free(rows);
    free(parts);
}
