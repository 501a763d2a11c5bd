/*
 * agg: a count for each of 1024 groups of a table of 10 million rows, which is
 * read again until there were n rows; one operation is one row.
 *
 * A task counts a chunk of 65,536 rows. It takes tables from a list of free
 * ones and puts them back, so there are as many as tasks that count at once.
 * `--tables N`: how many tables it fills in turn, 1, 2 or 4 (the default):
 * equal groups in a row then do not wait for each other's stores.
 */

#include <stdatomic.h>
#include <stdlib.h>

#include "common.h"

enum { ROWS = 10000000, CHUNK = 65536, GROUPS = 1024, MAX_TABLES = 4 };
enum { CHUNKS = (ROWS + CHUNK - 1) / CHUNK };

struct counts {
    uint32_t table[MAX_TABLES][GROUPS];
    struct counts *next; /* free, or all at the end */
};

static uint16_t *rows;
static uint64_t ntables;
static struct counts *counts_free;
static atomic_flag counts_lock = ATOMIC_FLAG_INIT;

/* ---- the tables ---------------------------------------------------------- */

static void lock(void)
{
    while (
        atomic_flag_test_and_set_explicit(&counts_lock, memory_order_acquire)) {
    }
}

static void unlock(void)
{
    atomic_flag_clear_explicit(&counts_lock, memory_order_release);
}

static struct counts *counts_take(void)
{
    struct counts *counts;

    lock();
    counts = counts_free;
    if (counts)
        counts_free = counts->next;
    unlock();
    if (!counts)
        counts = calloc(1, sizeof *counts);
    bench_check(counts != NULL, "out of memory");
    return counts;
}

static void counts_give(struct counts *counts)
{
    lock();
    counts->next = counts_free;
    counts_free = counts;
    unlock();
}

/* Adds up all tables. */
static uint64_t sum_and_free(uint64_t *groups)
{
    uint64_t sum = 0;

    while (counts_free) {
        struct counts *counts = counts_free;

        counts_free = counts->next;
        for (int t = 0; t < MAX_TABLES; t++)
            for (int g = 0; g < GROUPS; g++)
                groups[g] += counts->table[t][g];
        free(counts);
    }
    for (int g = 0; g < GROUPS; g++)
        sum += groups[g];
    return sum;
}

/* ---- the tasks ----------------------------------------------------------- */

static void count_1(const uint16_t *at, const uint16_t *end,
                    uint32_t (*table)[GROUPS])
{
    for (; at < end; at++)
        table[0][*at]++;
}

static void count_2(const uint16_t *at, const uint16_t *end,
                    uint32_t (*table)[GROUPS])
{
    for (; end - at >= 2; at += 2) {
        table[0][at[0]]++;
        table[1][at[1]]++;
    }
    count_1(at, end, table);
}

static void count_4(const uint16_t *at, const uint16_t *end,
                    uint32_t (*table)[GROUPS])
{
    for (; end - at >= 4; at += 4) {
        table[0][at[0]]++;
        table[1][at[1]]++;
        table[2][at[2]]++;
        table[3][at[3]]++;
    }
    count_1(at, end, table);
}

/* `arg` is the first row of the chunk. */
static void *count_chunk(void *arg)
{
    const uint16_t *at = arg;
    const uint16_t *end = rows + ROWS - at < CHUNK ? rows + ROWS : at + CHUNK;
    struct counts *counts = counts_take();

    if (ntables == 1)
        count_1(at, end, counts->table);
    else if (ntables == 2)
        count_2(at, end, counts->table);
    else
        count_4(at, end, counts->table);
    counts_give(counts);
    return (void *)(uintptr_t)(end - at);
}

/* ---- the driver ---------------------------------------------------------- */

static void make_rows(void)
{
    uint64_t x = 1;

    rows = malloc(ROWS * sizeof *rows);
    bench_check(rows != NULL, "out of memory");
    for (int i = 0; i < ROWS; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        rows[i] = (uint16_t)(x >> 54);
    }
}

/* Starts the tasks that count the whole table once. */
static void begin_pass(struct bst_task **tasks)
{
    for (int i = 0; i < CHUNKS; i++) {
        tasks[i] = bst_spawn(NULL, count_chunk, rows + (size_t)i * CHUNK, NULL);
        bench_check(tasks[i] != NULL, "out of memory");
    }
}

/* Waits for them; returns the number of rows. */
static uint64_t end_pass(struct bst_task **tasks)
{
    uint64_t sum = 0;

    for (int i = 0; i < CHUNKS; i++) {
        void *count = NULL;

        bench_check(bst_join(tasks[i], &count) == BST_OK, "a task failed");
        sum += (uintptr_t)count;
    }
    return sum;
}

/* What the groups must hold, counted plainly. */
static void check_groups(const uint64_t *groups, uint64_t passes)
{
    static uint64_t expected[GROUPS];

    for (int i = 0; i < ROWS; i++)
        expected[rows[i]]++;
    for (int g = 0; g < GROUPS; g++)
        bench_check(groups[g] == expected[g] * passes, "a wrong count");
}

static void *driver(void *arg)
{
    static uint64_t groups[GROUPS];
    static struct bst_task *tasks[2][CHUNKS];
    uint64_t passes = *(uint64_t *)arg / ROWS;
    uint64_t sum = 0;
    bst_time began = bench_clock();
    bst_time took;

    bench_check(passes > 0, "--n is below 10000000");
    /* The next pass begins before this one ends, so that nobody waits for the
     * last chunk. */
    begin_pass(tasks[0]);
    for (uint64_t i = 0; i < passes; i++) {
        if (i + 1 < passes)
            begin_pass(tasks[(i + 1) % 2]);
        sum += end_pass(tasks[i % 2]);
    }
    bench_check(sum_and_free(groups) == sum, "rows are missing");
    took = bench_clock() - began;
    bench_check(sum == passes * ROWS, "rows are missing");
    check_groups(groups, passes);
    bench_report("agg", sum, took);
    return NULL;
}

int main(int argc, char **argv)
{
    struct bench_tasks tasks = {.n = 500000000, .more = MAX_TABLES};
    struct bst_executor *executor;

    bench_tasks_read(&tasks, "--tables", argc, argv);
    ntables = tasks.more;
    bench_check(ntables == 1 || ntables == 2 || ntables == MAX_TABLES,
                "--tables wants 1, 2 or 4");
    make_rows();
    executor = bench_tasks_start(&tasks);
    bench_check(bst_run(executor, driver, &tasks.n, NULL) == BST_OK,
                "it failed");
    bst_executor_destroy(executor);
    free(rows);
    return 0;
}
