// The benchmarks in CAF 0.17: event based actors.

#include "common.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

void check(bool ok, const char *sentence)
{
    if (ok)
        return;
    fprintf(stderr, "benchmark: %s\n", sentence);
    _exit(1);
}

uint64_t status_kb(const std::string &key)
{
    std::ifstream file("/proc/self/status");
    std::string word;
    uint64_t kb = 0;

    while (file >> word)
        if (word == key && file >> kb)
            break;
    return kb;
}

double cpu_seconds()
{
    rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void report(const char *name, uint64_t ops, clock_type::duration took,
            const std::string &more)
{
    double seconds = std::chrono::duration<double>(took).count();

    printf("name=%s impl=caf n=%llu seconds=%.6f ops_per_s=%.0f "
           "rss_kb=%llu%s\n",
           name, (unsigned long long)ops, seconds, double(ops) / seconds,
           (unsigned long long)status_kb("VmHWM:"), more.c_str());
    fflush(stdout);
}

namespace {

struct workload {
    const char *name;
    uint64_t n; // what `--n` is by default
    void (*run)(caf::actor_system &, uint64_t n);
};

const workload workloads[] = {
    {"agg", 200000000, agg},
    {"ask", 1000000, ask},
    {"big", 2000000, big},
    {"broadcast", 2000000, broadcast},
    {"counting", 2000000, counting},
    {"fanin", 2000000, fanin},
    {"fjcreate", 500000, fjcreate},
    {"fjthroughput", 2000000, fjthroughput},
    {"idle", 1000000, idle},
    {"parallel", 1000000, parallel},
    {"pingpong", 1000000, pingpong},
    {"restart", 300000, restart},
    {"skynet", 1000000, skynet},
    {"spawn", 1000000, spawn_join},
    {"threadring", 2000000, threadring},
    {"timers", 100000, timers},
};

} // namespace

int main(int argc, char **argv)
{
    const workload *chosen = nullptr;
    caf::actor_system_config config;
    uint64_t threads = 0;
    uint64_t n = 0;

    check(argc > 1, "usage: caf WORKLOAD [--n N] [--threads N]");
    for (const workload &w : workloads)
        if (strcmp(w.name, argv[1]) == 0)
            chosen = &w;
    if (!chosen) {
        fprintf(stderr, "no such workload: %s\n", argv[1]);
        return 3;
    }
    for (int i = 2; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--n") == 0)
            n = strtoull(argv[i + 1], nullptr, 10);
        else if (strcmp(argv[i], "--threads") == 0)
            threads = strtoull(argv[i + 1], nullptr, 10);
        else
            check(false, "unknown option");
    }
    if (threads > 0)
        config.set("scheduler.max-threads", size_t(threads));
    caf::actor_system system(config);
    chosen->run(system, n ? n : chosen->n);
    // An actor that waits for ever would keep the system from ending.
    fflush(stdout);
    _exit(0);
}
