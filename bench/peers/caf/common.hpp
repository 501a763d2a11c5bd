// What the CAF benchmarks share.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <caf/all.hpp>

using clock_type = std::chrono::steady_clock;

// Messages that a sender may be ahead of its receiver: mailboxes of CAF have
// no bound, so streaming senders wait for an acknowledgement at times.
constexpr uint64_t window = 256;

using ack_atom = caf::atom_constant<caf::atom("ack")>;
using add_atom = caf::atom_constant<caf::atom("add")>;
using done_atom = caf::atom_constant<caf::atom("done")>;
using get_atom = caf::atom_constant<caf::atom("get")>;
using go_atom = caf::atom_constant<caf::atom("go")>;
using next_atom = caf::atom_constant<caf::atom("next")>;
using ping_atom = caf::atom_constant<caf::atom("ping")>;
using pong_atom = caf::atom_constant<caf::atom("pong")>;
using tick_atom = caf::atom_constant<caf::atom("tick")>;

// Ends the program unless `ok`.
void check(bool ok, const char *sentence);

// A line of /proc/self/status that is in kB.
uint64_t status_kb(const std::string &key);

// CPU time of all threads in seconds.
double cpu_seconds();

void report(const char *name, uint64_t ops, clock_type::duration took,
            const std::string &more = "");

// Small programs in one call: they run until their actors have ended.
void agg(caf::actor_system &, uint64_t n);
void ask(caf::actor_system &, uint64_t n);
void big(caf::actor_system &, uint64_t n);
void broadcast(caf::actor_system &, uint64_t n);
void counting(caf::actor_system &, uint64_t n);
void fanin(caf::actor_system &, uint64_t n);
void fjcreate(caf::actor_system &, uint64_t n);
void fjthroughput(caf::actor_system &, uint64_t n);
void idle(caf::actor_system &, uint64_t n);
void parallel(caf::actor_system &, uint64_t n);
void pingpong(caf::actor_system &, uint64_t n);
void restart(caf::actor_system &, uint64_t n);
void skynet(caf::actor_system &, uint64_t n);
void spawn_join(caf::actor_system &, uint64_t n);
void threadring(caf::actor_system &, uint64_t n);
void timers(caf::actor_system &, uint64_t n);
