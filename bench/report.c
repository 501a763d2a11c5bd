/*
 * The part of the benchmarks that needs no system: numbers on a command line,
 * the checks, the clocks, and the line of a result.
 */

#define _GNU_SOURCE
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "common.h"

/* ---- arguments ----------------------------------------------------------- */

uint64_t bench_number(const char *text)
{
    char *end;
    uint64_t n = strtoull(text, &end, 10);

    bench_check(end != text && *end == '\0' && n > 0,
                "an option wants a number above 0");
    return n;
}

char *bench_n_at(int argc, char **argv, int *at)
{
    if (strncmp(argv[*at], "--n=", 4) == 0)
        return argv[*at] + 4;
    if (strcmp(argv[*at], "--n") != 0)
        return NULL;
    bench_check(*at + 1 < argc, "--n wants a number");
    return argv[++*at];
}

uint64_t bench_n_of(int argc, char **argv, uint64_t fallback)
{
    for (int i = 1; i < argc; i++) {
        char *n = bench_n_at(argc, argv, &i);

        if (n)
            return bench_number(n);
    }
    return fallback;
}

/* ---- results ------------------------------------------------------------- */

void bench_check(bool ok, const char *sentence)
{
    if (ok)
        return;
    fprintf(stderr, "benchmark: %s\n", sentence);
    fflush(stdout);
    _exit(1);
}

/*
 * The peak is that of this program image: the one of getrusage() would
 * include whatever called exec().
 */
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

static void print_line(const char *name, uint64_t ops, bst_time elapsed)
{
    double seconds = (double)elapsed / 1e9;

    printf("name=%s impl=bastion n=%" PRIu64 " seconds=%.6f ops_per_s=%.0f "
           "rss_kb=%" PRIu64,
           name, ops, seconds, (double)ops / seconds, peak_kb());
}

void bench_report(const char *name, uint64_t ops, bst_time elapsed)
{
    print_line(name, ops, elapsed);
    putchar('\n');
    fflush(stdout);
}

void bench_report_more(const char *name, uint64_t ops, bst_time elapsed,
                       const char *format, ...)
{
    va_list values;

    print_line(name, ops, elapsed);
    putchar(' ');
    va_start(values, format);
    vprintf(format, values);
    va_end(values);
    putchar('\n');
    fflush(stdout);
}

bst_time bench_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return BST_S(now.tv_sec) + now.tv_nsec;
}

uint64_t bench_rss(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    uint64_t size = 0;
    uint64_t resident = 0;

    if (file) {
        bench_check(fscanf(file, "%" SCNu64 " %" SCNu64, &size, &resident) == 2,
                    "the memory in use is unknown");
        fclose(file);
    }
    return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

bst_time bench_cpu(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return BST_S(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           BST_US(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}
