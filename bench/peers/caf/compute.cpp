// Workloads that compute.

#include "common.hpp"

#include <algorithm>
#include <array>

using namespace caf;

namespace {

constexpr uint64_t factor = 6364136223846793005u;
constexpr uint64_t summand = 1442695040888963407u;

uint64_t compute(uint64_t value, uint64_t rounds)
{
    for (; rounds > 0; rounds--)
        value = value * factor + summand;
    return value;
}

// The same by squaring.
uint64_t expected(uint64_t value, uint64_t rounds)
{
    uint64_t a = factor;
    uint64_t b = summand;

    for (; rounds > 0; rounds >>= 1) {
        if (rounds & 1)
            value = value * a + b;
        b *= a + 1;
        a *= a;
    }
    return value;
}

// The time of one round on one thread.
double round_ns()
{
    static volatile uint64_t value = 1;
    constexpr uint64_t rounds = 2000000;
    double best = 1e9;

    for (int i = 0; i < 10; i++) {
        auto began = clock_type::now();

        value = compute(value, rounds);
        std::chrono::duration<double, std::nano> took =
            clock_type::now() - began;
        best = std::min(best, took.count() / double(rounds));
    }
    return best;
}

// ---- parallel: actors that compute and do not talk to each other -----------

struct spinner_state {
    uint64_t value;
    uint64_t left;
};

behavior spinner_actor(stateful_actor<spinner_state> *self, uint64_t index,
                       uint64_t each, uint64_t rounds, actor driver)
{
    self->state.value = index;
    self->state.left = each;
    return {[=](go_atom) {
        self->state.value = compute(self->state.value, rounds);
        if (--self->state.left > 0) {
            self->send(self, go_atom::value);
            return;
        }
        check(self->state.value == expected(index, each * rounds),
              "a wrong result");
        self->send(driver, done_atom::value, each);
    }};
}

void spinners(actor_system &system, const char *name, uint64_t n,
              uint64_t actors, double ns)
{
    scoped_actor self{system};
    auto rounds = uint64_t(ns / round_ns());
    uint64_t each = n / actors;
    uint64_t count = 0;
    std::vector<actor> all;

    for (uint64_t i = 0; i < actors; i++)
        all.push_back(
            system.spawn(spinner_actor, i, each, rounds, actor{self}));
    auto began = clock_type::now();
    for (auto &spinner : all)
        self->send(spinner, go_atom::value);
    for (uint64_t i = 0; i < actors; i++)
        self->receive([&](done_atom, uint64_t part) { count += part; });
    std::chrono::duration<double, std::nano> took = clock_type::now() - began;
    check(count == each * actors, "messages are missing");
    report(name, count,
           std::chrono::duration_cast<clock_type::duration>(took),
           " busy_cores=" + std::to_string(double(count) * ns / took.count()));
}

// ---- agg: a count for each of 1024 groups of a table -----------------------

constexpr size_t groups = 1024;
constexpr size_t chunk_rows = 65536;

struct counts_state {
    std::array<std::array<uint32_t, groups>, 4> tables = {};
};

behavior aggregator_actor(stateful_actor<counts_state> *self)
{
    return {
        [=](add_atom, uint64_t address, uint64_t count) {
            auto rows = reinterpret_cast<const uint16_t *>(address);
            auto &tables = self->state.tables;
            uint64_t i = 0;

            for (; i + 4 <= count; i += 4) {
                tables[0][rows[i]]++;
                tables[1][rows[i + 1]]++;
                tables[2][rows[i + 2]]++;
                tables[3][rows[i + 3]]++;
            }
            for (; i < count; i++)
                tables[0][rows[i]]++;
        },
        [=](get_atom) {
            uint64_t sum = 0;

            for (auto &table : self->state.tables)
                for (uint32_t value : table)
                    sum += value;
            return sum;
        },
    };
}

} // namespace

void parallel(actor_system &system, uint64_t n)
{
    spinners(system, "parallel_64x2us", n, 64, 2000);
    spinners(system, "parallel_512x500ns", n, 512, 500);
}

void agg(actor_system &system, uint64_t n)
{
    scoped_actor self{system};
    std::vector<uint16_t> rows(10000000);
    size_t workers = system.scheduler().num_workers();
    uint64_t passes = n / rows.size();
    std::vector<actor> all;
    uint64_t x = 1;
    uint64_t sum = 0;
    size_t next = 0;

    check(passes > 0, "--n is below 10000000");
    for (auto &row : rows) {
        x = compute(x, 1);
        row = uint16_t(x >> 54);
    }
    for (size_t i = 0; i < workers; i++)
        all.push_back(system.spawn(aggregator_actor));
    auto began = clock_type::now();
    for (uint64_t pass = 0; pass < passes; pass++)
        for (size_t at = 0; at < rows.size(); at += chunk_rows)
            self->send(all[next++ % workers], add_atom::value,
                       reinterpret_cast<uint64_t>(&rows[at]),
                       uint64_t(std::min(chunk_rows, rows.size() - at)));
    for (auto &aggregator : all)
        self->request(aggregator, infinite, get_atom::value)
            .receive([&](uint64_t part) { sum += part; },
                     [&](const error &) { check(false, "no counts"); });
    check(sum == passes * rows.size(), "rows are missing");
    report("agg", sum, clock_type::now() - began);
}
