// Workloads that make actors, let them wait, or compute.

#include "common.hpp"

#include <algorithm>
#include <thread>

using namespace caf;

// ---- fjcreate: an actor is made, gets one message and ends -----------------

namespace {

behavior worker_actor(event_based_actor *self, actor driver)
{
    return {[=](add_atom, uint64_t number) {
        self->send(driver, done_atom::value, number);
        self->quit();
    }};
}

struct maker_state {
    uint64_t made = 0;
    uint64_t ended = 0;
    uint64_t sum = 0;
};

// At most 10,000 workers are alive at a time.
behavior maker_actor(stateful_actor<maker_state> *self, uint64_t n,
                     actor driver)
{
    auto make = [=] {
        uint64_t to = std::min(n, self->state.made + 10000);

        while (self->state.made < to) {
            auto worker = self->spawn(worker_actor, actor{self});

            self->send(worker, add_atom::value, ++self->state.made);
        }
    };

    return {
        [=](go_atom) { make(); },
        [=](done_atom, uint64_t number) {
            self->state.sum += number;
            if (++self->state.ended == n)
                self->send(driver, done_atom::value, self->state.sum);
            else if (self->state.ended == self->state.made)
                make();
        },
    };
}

} // namespace

void fjcreate(actor_system &system, uint64_t n)
{
    scoped_actor self{system};
    auto maker = system.spawn(maker_actor, n, actor{self});
    auto began = clock_type::now();

    self->send(maker, go_atom::value);
    self->receive([&](done_atom, uint64_t sum) {
        check(sum == n * (n + 1) / 2, "a wrong sum");
    });
    report("fjcreate", n, clock_type::now() - began);
}

// ---- spawn: a task that is started and joined ------------------------------

namespace {

struct joiner_state {
    uint64_t made = 0;
    uint64_t ended = 0;
};

// The end of a task is a down message; 10,000 are alive at a time.
behavior joiner_actor(stateful_actor<joiner_state> *self, uint64_t n,
                      actor driver)
{
    auto make = [=] {
        uint64_t to = std::min(n, self->state.made + 10000);

        for (; self->state.made < to; self->state.made++)
            self->spawn<monitored>([] {});
    };

    self->set_down_handler([=](down_msg &) {
        if (++self->state.ended == n)
            self->send(driver, done_atom::value, n);
        else if (self->state.ended == self->state.made)
            make();
    });
    return {[=](go_atom) { make(); }};
}

} // namespace

void spawn_join(actor_system &system, uint64_t n)
{
    scoped_actor self{system};
    auto joiner = system.spawn(joiner_actor, n, actor{self});
    auto began = clock_type::now();

    self->send(joiner, go_atom::value);
    self->receive([&](done_atom, uint64_t count) {
        check(count == n, "a task is missing");
    });
    report("spawn", n, clock_type::now() - began);
}

// ---- skynet: a tree of actors with ten children each -----------------------

namespace {

struct skynet_state {
    uint64_t sum = 0;
    int left = 10;
};

behavior skynet_actor(stateful_actor<skynet_state> *self, actor parent,
                      uint64_t number, uint64_t size)
{
    if (size == 1) {
        self->send(parent, done_atom::value, number);
        self->quit();
        return {};
    }
    for (uint64_t i = 0; i < 10; i++)
        self->spawn(skynet_actor, actor{self}, number + i * (size / 10),
                    size / 10);
    return {[=](done_atom, uint64_t sum) {
        self->state.sum += sum;
        if (--self->state.left > 0)
            return;
        self->send(parent, done_atom::value, self->state.sum);
        self->quit();
    }};
}

} // namespace

void skynet(actor_system &system, uint64_t n)
{
    scoped_actor self{system};
    uint64_t actors = 0;

    for (uint64_t size = n; size > 0; size /= 10)
        actors += n / size;
    auto began = clock_type::now();
    system.spawn(skynet_actor, actor{self}, uint64_t(0), n);
    self->receive([&](done_atom, uint64_t sum) {
        check(sum == n * (n - 1) / 2, "a wrong sum");
    });
    report("skynet", actors, clock_type::now() - began);
}

// ---- restart: by hand, as CAF has no supervisors ---------------------------

namespace {

behavior crasher_actor(event_based_actor *self)
{
    return {[=](ping_atom) { self->quit(sec::runtime_error); }};
}

struct supervisor_state {
    clock_type::time_point window[6];
    uint64_t failures = 0;
};

behavior supervisor_actor(stateful_actor<supervisor_state> *self, uint64_t n,
                          actor driver)
{
    auto start = [=] {
        auto crasher = self->spawn<monitored>(crasher_actor);

        self->send(crasher, ping_atom::value);
    };

    self->set_down_handler([=](down_msg &down) {
        check(down.reason == sec::runtime_error, "not a failure");
        self->state.window[self->state.failures % 6] = clock_type::now();
        if (++self->state.failures == n)
            self->send(driver, done_atom::value, n);
        else
            start();
    });
    return {[=](go_atom) { start(); }};
}

} // namespace

void restart(actor_system &system, uint64_t n)
{
    scoped_actor self{system};
    auto supervisor = system.spawn(supervisor_actor, n, actor{self});
    auto began = clock_type::now();

    self->send(supervisor, go_atom::value);
    self->receive([&](done_atom, uint64_t) {});
    report("restart", n, clock_type::now() - began);
}

// ---- idle: actors that wait ------------------------------------------------

namespace {

behavior sleeper_actor(event_based_actor *, uint64_t index)
{
    return {[=](ping_atom) { return index; }};
}

} // namespace

void idle(actor_system &system, uint64_t n)
{
    scoped_actor self{system};
    std::vector<actor> all;
    uint64_t sum = 0;

    all.reserve(n);
    uint64_t before = status_kb("VmRSS:");
    auto began = clock_type::now();
    for (uint64_t i = 0; i < n; i++)
        all.push_back(system.spawn(sleeper_actor, i));
    auto took = clock_type::now() - began;
    double bytes = double(status_kb("VmRSS:") - before) * 1024 / double(n);
    for (auto &sleeper : all)
        self->send(sleeper, ping_atom::value);
    for (uint64_t i = 0; i < n; i++)
        self->receive([&](uint64_t index) { sum += index; });
    check(sum == n * (n - 1) / 2, "an actor is missing");
    report("idle", n, took, " bytes_each=" + std::to_string(int(bytes)));
}

// ---- timers: periodic ones, started over a second in 1000 steps ------------

namespace {

struct ticker_state {
    clock_type::time_point due;
    std::vector<int64_t> late_ns;
};

constexpr auto period = std::chrono::seconds(1);

behavior ticker_actor(stateful_actor<ticker_state> *self)
{
    auto next = [=] {
        self->state.due += period;
        self->scheduled_send(self, self->state.due, tick_atom::value);
    };

    self->state.due = clock_type::now();
    next();
    return {
        [=](tick_atom) {
            auto late = clock_type::now() - self->state.due;

            self->state.late_ns.push_back(
                std::chrono::nanoseconds(late).count());
            next();
        },
        [=](get_atom) { return self->state.late_ns; },
    };
}

} // namespace

void timers(actor_system &system, uint64_t n)
{
    scoped_actor self{system};
    std::vector<actor> all;
    std::vector<int64_t> late;

    for (uint64_t i = 0; i < n; i++) {
        if (i % std::max<uint64_t>(n / 1000, 1) == 0)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        all.push_back(system.spawn(ticker_actor));
    }
    auto began = clock_type::now();
    double cpu = cpu_seconds();
    std::this_thread::sleep_for(std::chrono::seconds(6));
    cpu = cpu_seconds() - cpu;
    auto took = clock_type::now() - began + period;
    for (auto &ticker : all)
        self->request(ticker, infinite, get_atom::value)
            .receive(
                [&](const std::vector<int64_t> &part) {
                    late.insert(late.end(), part.begin(), part.end());
                },
                [&](const error &) { check(false, "no answer"); });
    check(!late.empty(), "ticks were lost");
    std::sort(late.begin(), late.end());
    check(late.front() >= 0, "a timer was early");

    auto at = [&](double part) {
        return std::to_string(late[size_t(part * double(late.size() - 1))] /
                              1000);
    };
    report("timers", late.size(), took,
           " late_p50_us=" + at(0.5) + " late_p99_us=" + at(0.99) +
               " late_max_us=" + at(1) + " cpu_s=" + std::to_string(cpu));
}
