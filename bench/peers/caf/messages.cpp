// Workloads that are made of messages.

#include "common.hpp"

#include <random>

using namespace caf;

namespace {

// A driver outside of the system waits for one number.
uint64_t receive_number(scoped_actor &self)
{
    uint64_t number = 0;

    self->receive([&](done_atom, uint64_t value) { number = value; });
    return number;
}

} // namespace

// ---- pingpong: one operation is a round trip -------------------------------

namespace {

behavior pong_actor(event_based_actor *self)
{
    return {[=](ping_atom, const actor &from, uint64_t left) {
        self->send(from, pong_atom::value, left);
    }};
}

struct ping_state {
    uint64_t left;
};

behavior ping_actor(stateful_actor<ping_state> *self, actor pong,
                    actor driver)
{
    return {
        [=](go_atom, uint64_t n) {
            self->state.left = n;
            self->send(pong, ping_atom::value, actor{self}, n);
        },
        [=](pong_atom, uint64_t left) {
            check(left == self->state.left, "not the ball that was hit");
            if (--self->state.left > 0)
                self->send(pong, ping_atom::value, actor{self},
                           self->state.left);
            else
                self->send(driver, done_atom::value, left);
        },
    };
}

} // namespace

void pingpong(actor_system &system, uint64_t n)
{
    scoped_actor self{system};
    auto pong = system.spawn(pong_actor);
    auto ping = system.spawn(ping_actor, pong, actor{self});
    auto began = clock_type::now();

    self->send(ping, go_atom::value, n);
    receive_number(self);
    report("pingpong", n, clock_type::now() - began);
}

// ---- threadring: one operation is one hop round 503 actors -----------------

namespace {

struct node_state {
    actor next;
};

behavior node_actor(stateful_actor<node_state> *self, uint64_t index,
                    actor driver)
{
    return {
        [=](next_atom, const actor &next) { self->state.next = next; },
        [=](ping_atom, uint64_t left) {
            if (left == 0)
                self->send(driver, done_atom::value, index);
            else
                self->send(self->state.next, ping_atom::value, left - 1);
        },
    };
}

} // namespace

void threadring(actor_system &system, uint64_t n)
{
    constexpr uint64_t nodes = 503;
    scoped_actor self{system};
    std::vector<actor> ring;

    for (uint64_t i = 0; i < nodes; i++)
        ring.push_back(system.spawn(node_actor, i, actor{self}));
    for (uint64_t i = 0; i < nodes; i++)
        self->send(ring[i], next_atom::value, ring[(i + 1) % nodes]);
    auto began = clock_type::now();
    self->send(ring[0], ping_atom::value, n);
    check(receive_number(self) == n % nodes, "the token ends elsewhere");
    report("threadring", n, clock_type::now() - began);
}

// ---- counting, fjthroughput, broadcast: numbers to counters ----------------

namespace {

struct counter_state {
    uint64_t count = 0;
    uint64_t sum = 0;
};

behavior counter_actor(stateful_actor<counter_state> *self)
{
    return {
        [=](add_atom, uint64_t number) {
            self->state.count++;
            self->state.sum += number;
        },
        [=](ack_atom) { return ack_atom::value; },
        [=](get_atom) {
            return std::make_tuple(self->state.count, self->state.sum);
        },
    };
}

// Sends `n` numbers; `all`: each to all counters, else in turn.
struct producer_state {
    uint64_t sent = 0;
    size_t acks = 0;
};

behavior producer_actor(stateful_actor<producer_state> *self,
                        std::vector<actor> counters, uint64_t n, bool all,
                        actor driver)
{
    return {
        [=](go_atom) {
            uint64_t step = all ? window : window * counters.size();

            for (uint64_t i = 0; i < step && self->state.sent < n; i++) {
                uint64_t number = ++self->state.sent;

                if (!all) {
                    self->send(counters[(number - 1) % counters.size()],
                               add_atom::value, number);
                    continue;
                }
                for (auto &counter : counters)
                    self->send(counter, add_atom::value, number);
            }
            self->state.acks = counters.size();
            for (auto &counter : counters)
                self->send(counter, ack_atom::value);
        },
        [=](ack_atom) {
            if (--self->state.acks > 0)
                return;
            if (self->state.sent < n)
                self->send(self, go_atom::value);
            else
                self->send(driver, done_atom::value, self->state.sent);
        },
    };
}

void produce(actor_system &system, const char *name, size_t receivers,
             uint64_t n, bool all)
{
    scoped_actor self{system};
    std::vector<actor> counters;
    uint64_t each = all ? n : n / receivers;
    uint64_t sum = 0;

    for (size_t i = 0; i < receivers; i++)
        counters.push_back(system.spawn(counter_actor));
    auto producer =
        system.spawn(producer_actor, counters, n, all, actor{self});
    auto began = clock_type::now();
    self->send(producer, go_atom::value);
    receive_number(self);
    auto took = clock_type::now() - began;
    for (auto &counter : counters) {
        self->request(counter, infinite, get_atom::value)
            .receive(
                [&](uint64_t count, uint64_t part) {
                    check(count == each, "messages are missing");
                    sum += part;
                },
                [&](const error &) { check(false, "no total"); });
    }
    check(sum == n * (n + 1) / 2 * (all ? receivers : 1), "a wrong sum");
    report(name, each * receivers, took);
}

} // namespace

void counting(actor_system &system, uint64_t n)
{
    produce(system, "counting", 1, n, false);
}

void fjthroughput(actor_system &system, uint64_t n)
{
    produce(system, "fjthroughput", 60, n / 60 * 60, false);
}

void broadcast(actor_system &system, uint64_t n)
{
    produce(system, "broadcast", 100, n / 100, true);
}

// ---- fanin: 64 sources stream to one sink ----------------------------------

namespace {

constexpr uint64_t sources = 64;

struct sink_state {
    uint64_t next[sources] = {};
    uint64_t left = 0;
};

behavior sink_actor(stateful_actor<sink_state> *self, uint64_t n,
                    actor driver)
{
    self->state.left = n;
    return {
        [=](add_atom, uint64_t from, uint64_t number) {
            check(self->state.next[from]++ == number, "out of order");
            if (--self->state.left == 0)
                self->send(driver, done_atom::value, n);
        },
        [=](ack_atom) { return ack_atom::value; },
    };
}

behavior source_actor(stateful_actor<producer_state> *self, uint64_t from,
                      uint64_t each, actor sink)
{
    auto more = [=] {
        for (uint64_t i = 0; i < window && self->state.sent < each; i++)
            self->send(sink, add_atom::value, from, self->state.sent++);
        if (self->state.sent < each)
            self->send(sink, ack_atom::value);
    };

    return {[=](go_atom) { more(); }, [=](ack_atom) { more(); }};
}

} // namespace

void fanin(actor_system &system, uint64_t n)
{
    scoped_actor self{system};
    uint64_t each = n / sources;
    auto sink = system.spawn(sink_actor, each * sources, actor{self});
    std::vector<actor> all;

    for (uint64_t i = 0; i < sources; i++)
        all.push_back(system.spawn(source_actor, i, each, sink));
    auto began = clock_type::now();
    for (auto &source : all)
        self->send(source, go_atom::value);
    receive_number(self);
    report("fanin", each * sources, clock_type::now() - began);
}

// ---- big: 512 peers ping each other ----------------------------------------

namespace {

struct peer_state {
    std::vector<actor> peers;
    std::minstd_rand dice;
    uint64_t left = 0;
    uint64_t pings = 0;
    uint64_t pongs = 0;
};

behavior peer_actor(stateful_actor<peer_state> *self, unsigned index,
                    uint64_t each, actor driver)
{
    auto ping_one = [=] {
        auto &peers = self->state.peers;

        self->send(peers[self->state.dice() % peers.size()],
                   ping_atom::value);
    };

    self->state.left = each;
    self->state.dice.seed(index + 1);
    return {
        [=](go_atom, const std::vector<actor> &peers) {
            self->state.peers = peers;
            ping_one();
        },
        [=](ping_atom) {
            self->state.pings++;
            return pong_atom::value;
        },
        [=](pong_atom) {
            self->state.pongs++;
            if (--self->state.left > 0)
                ping_one();
            else
                self->send(driver, done_atom::value, each);
        },
        [=](get_atom) {
            return std::make_tuple(self->state.pings, self->state.pongs);
        },
    };
}

} // namespace

void big(actor_system &system, uint64_t n)
{
    constexpr unsigned count = 512;
    scoped_actor self{system};
    uint64_t each = n / (2 * count);
    uint64_t sum = 0;
    std::vector<actor> peers;

    for (unsigned i = 0; i < count; i++)
        peers.push_back(system.spawn(peer_actor, i, each, actor{self}));
    auto began = clock_type::now();
    for (auto &peer : peers)
        self->send(peer, go_atom::value, peers);
    for (unsigned i = 0; i < count; i++)
        receive_number(self);
    auto took = clock_type::now() - began;
    for (auto &peer : peers)
        self->request(peer, infinite, get_atom::value)
            .receive([&](uint64_t pings,
                         uint64_t pongs) { sum += pings + pongs; },
                     [&](const error &) { check(false, "no counts"); });
    check(sum == 2 * each * count, "messages are missing");
    report("big", sum, took);
}

// ---- ask: one operation is one request and its answer ----------------------

namespace {

behavior server_actor(stateful_actor<counter_state> *self)
{
    return {[=](get_atom) { return ++self->state.count; }};
}

void ask_next(event_based_actor *self, const actor &server, uint64_t i,
              uint64_t n, const actor &driver)
{
    self->request(server, std::chrono::minutes(1), get_atom::value)
        .then([=](uint64_t number) {
            check(number == i, "an answer to another question");
            if (i < n)
                ask_next(self, server, i + 1, n, driver);
            else
                self->send(driver, done_atom::value, i);
        });
}

behavior client_actor(event_based_actor *self, actor server, uint64_t n,
                      actor driver)
{
    return {[=](go_atom) { ask_next(self, server, 1, n, driver); }};
}

} // namespace

void ask(actor_system &system, uint64_t n)
{
    scoped_actor self{system};
    auto server = system.spawn(server_actor);
    auto client = system.spawn(client_actor, server, n, actor{self});
    auto began = clock_type::now();

    self->send(client, go_atom::value);
    receive_number(self);
    report("ask", n, clock_type::now() - began);
}
