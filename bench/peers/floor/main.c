/*
 * The benchmarks at the floor: hand-written C on one thread (agg: on all).
 */

#define _GNU_SOURCE
#include "mini.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct workload {
    const char *name;
    uint64_t n; /* what `--n` is by default */
    void (*run)(uint64_t n, unsigned threads);
} workloads[] = {
    {"agg", 500000000, agg},
    {"ask", 20000000, ask},
    {"big", 20000000, big},
    {"broadcast", 20000000, broadcast},
    {"counting", 20000000, counting},
    {"fanin", 20000000, fanin},
    {"fjcreate", 10000000, fjcreate},
    {"fjthroughput", 20000000, fjthroughput},
    {"pingpong", 20000000, pingpong},
    {"restart", 5000000, restart},
    {"skynet", 1000000, skynet},
    {"spawn", 10000000, spawn},
    {"threadring", 20000000, threadring},
    {"yield", 10000000, yields},
};

void check(bool ok, const char *sentence)
{
    if (ok)
        return;
    fprintf(stderr, "benchmark: %s\n", sentence);
    exit(1);
}

int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static uint64_t peak_kb(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[128];
    uint64_t kb = 0;

    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "VmHWM: %" SCNu64, &kb) == 1)
            break;
    }
    if (file)
        fclose(file);
    return kb;
}

void report(const char *name, uint64_t ops, int64_t took_ns)
{
    double seconds = (double)took_ns / 1e9;

    printf("name=%s impl=floor n=%" PRIu64 " seconds=%.6f ops_per_s=%.0f "
           "rss_kb=%" PRIu64 "\n",
           name, ops, seconds, (double)ops / seconds, peak_kb());
}

int main(int argc, char **argv)
{
    const struct workload *chosen = NULL;
    unsigned threads = 0;
    uint64_t n = 0;

    check(argc > 1, "usage: floor WORKLOAD [--n N] [--threads N]");
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
        if (strcmp(workloads[i].name, argv[1]) == 0)
            chosen = &workloads[i];
    if (!chosen) {
        fprintf(stderr, "no such workload: %s\n", argv[1]);
        return 3;
    }
    for (int i = 2; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--n") == 0)
            n = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--threads") == 0)
            threads = (unsigned)strtoul(argv[i + 1], NULL, 10);
        else
            check(false, "unknown option");
    }
    if (threads == 0)
        threads = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    chosen->run(n > 0 ? n : chosen->n, threads);
    return 0;
}
