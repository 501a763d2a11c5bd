/*
 * Workloads that are made of messages.
 */

#include "mini.h"

#include <stdlib.h>

enum { GO, NEXT, ADD, PING, PONG, GET };

static int64_t began;
static uint64_t total;

/* ---- pingpong: one operation is a round trip ----------------------------- */

static void pong_handle(struct actor *self, const struct note *note)
{
    tell(note->from, self, PONG, note->value);
}

static void ping_handle(struct actor *self, const struct note *note)
{
    struct actor *pong = self->more;

    check(note->value == self->a, "the ball is not the one that was hit");
    if (--self->a > 0)
        tell(pong, self, PING, self->a);
}

void pingpong(uint64_t n, unsigned threads)
{
    struct actor *ping = actor_create(ping_handle);

    (void)threads;
    ping->more = actor_create(pong_handle);
    ping->a = n;
    began = now_ns();
    tell(ping->more, ping, PING, n);
    run_all();
    check(ping->a == 0, "the game has not ended");
    report("pingpong", n, now_ns() - began);
}

/* ---- threadring: one operation is one hop round 503 actors --------------- */

static void node_handle(struct actor *self, const struct note *note)
{
    if (note->value > 0)
        tell(self->more, self, NEXT, note->value - 1);
    else
        total = self->a;
}

void threadring(uint64_t n, unsigned threads)
{
    enum { NODES = 503 };
    struct actor *ring[NODES];

    (void)threads;
    for (int i = 0; i < NODES; i++) {
        ring[i] = actor_create(node_handle);
        ring[i]->a = (uint64_t)i;
    }
    for (int i = 0; i < NODES; i++)
        ring[i]->more = ring[(i + 1) % NODES];
    began = now_ns();
    tell(ring[0], NULL, NEXT, n);
    run_all();
    check(total == n % NODES, "the token ends elsewhere");
    report("threadring", n, now_ns() - began);
}

/* ---- numbers to counters ------------------------------------------------- */

static void counter_handle(struct actor *self, const struct note *note)
{
    self->a++;
    self->b += note->value;
}

struct producer {
    struct actor **counters;
    uint64_t receivers;
    uint64_t n;
    bool all; /* each number to all of them, or in turn */
};

static void producer_handle(struct actor *self, const struct note *note)
{
    const struct producer *p = self->more;

    (void)note;
    for (uint64_t i = 0; i < TURN && self->a < p->n;) {
        uint64_t number = ++self->a;

        if (!p->all) {
            tell(p->counters[(number - 1) % p->receivers], self, ADD, number);
            i++;
            continue;
        }
        for (uint64_t k = 0; k < p->receivers; k++, i++)
            tell(p->counters[k], self, ADD, number);
    }
    if (self->a < p->n)
        requeue(self);
}

static void produce(const char *name, uint64_t receivers, uint64_t n, bool all)
{
    struct producer p = {.receivers = receivers, .n = n, .all = all};
    struct actor *producer = actor_create(producer_handle);
    uint64_t each = all ? n : n / receivers;
    uint64_t sum = 0;

    p.counters = calloc(receivers, sizeof *p.counters);
    check(p.counters != NULL, "out of memory");
    for (uint64_t i = 0; i < receivers; i++)
        p.counters[i] = actor_create(counter_handle);
    producer->more = &p;
    began = now_ns();
    requeue(producer);
    run_all();
    for (uint64_t i = 0; i < receivers; i++) {
        check(p.counters[i]->a == each, "messages are missing");
        sum += p.counters[i]->b;
    }
    check(sum == n * (n + 1) / 2 * (all ? receivers : 1), "a wrong sum");
    report(name, each * receivers, now_ns() - began);
    free(p.counters);
}

void counting(uint64_t n, unsigned threads)
{
    (void)threads;
    produce("counting", 1, n, false);
}

void fjthroughput(uint64_t n, unsigned threads)
{
    (void)threads;
    produce("fjthroughput", 60, n / 60 * 60, false);
}

void broadcast(uint64_t n, unsigned threads)
{
    (void)threads;
    produce("broadcast", 100, n / 100, true);
}

/* ---- fanin: 64 sources stream to one sink -------------------------------- */

enum { SOURCES = 64 };

static void sink_handle(struct actor *self, const struct note *note)
{
    uint64_t *next = self->more;

    check(next[note->kind]++ == note->value, "a message is out of order");
    self->a++;
}

/* No more than TURN items wait at the sink, or it would fall behind 64 to 1
 * and leave the cache for good. */
static void source_handle(struct actor *self, const struct note *note)
{
    struct actor *sink = self->more;

    (void)note;
    for (; sink->b - sink->a < TURN && self->a < self->b; sink->b++)
        tell(sink, self, (uint32_t)self->c, self->a++);
    if (self->a < self->b)
        requeue(self);
}

void fanin(uint64_t n, unsigned threads)
{
    struct actor *sink = actor_create(sink_handle);
    uint64_t next[SOURCES] = {0};

    (void)threads;
    sink->more = next;
    began = now_ns();
    for (unsigned i = 0; i < SOURCES; i++) {
        struct actor *source = actor_create(source_handle);

        source->b = n / SOURCES;
        source->c = i;
        source->more = sink;
        requeue(source);
    }
    run_all();
    check(sink->a == n / SOURCES * SOURCES, "messages are missing");
    report("fanin", sink->a, now_ns() - began);
}

/* ---- big: 512 peers ping each other -------------------------------------- */

enum { PEERS = 512 };

static struct actor *peers[PEERS];

static void ping_one(struct actor *self)
{
    self->b ^= self->b << 13;
    self->b ^= self->b >> 7;
    self->b ^= self->b << 17;
    tell(peers[self->b % PEERS], self, PING, 0);
}

static void peer_handle(struct actor *self, const struct note *note)
{
    self->c++;
    if (note && note->kind == PING)
        tell(note->from, self, PONG, 0);
    else if (--self->a > 0)
        ping_one(self);
}

void big(uint64_t n, unsigned threads)
{
    uint64_t each = n / (2 * PEERS);
    uint64_t sum = 0;

    (void)threads;
    for (unsigned i = 0; i < PEERS; i++) {
        peers[i] = actor_create(peer_handle);
        peers[i]->a = each;
        peers[i]->b = i + 1;
    }
    began = now_ns();
    for (unsigned i = 0; i < PEERS; i++)
        ping_one(peers[i]);
    run_all();
    for (unsigned i = 0; i < PEERS; i++)
        sum += peers[i]->c;
    check(sum == 2 * each * PEERS, "messages are missing");
    report("big", sum, now_ns() - began);
}

/* ---- ask: a question and its answer, both as notes ----------------------- */

static void server_handle(struct actor *self, const struct note *note)
{
    tell(note->from, self, ADD, ++self->a);
}

static void client_handle(struct actor *self, const struct note *note)
{
    check(note->value == ++self->a, "an answer to another question");
    if (self->a < self->b)
        tell(self->more, self, GET, 0);
}

void ask(uint64_t n, unsigned threads)
{
    struct actor *client = actor_create(client_handle);

    (void)threads;
    client->more = actor_create(server_handle);
    client->b = n;
    began = now_ns();
    tell(client->more, client, GET, 0);
    run_all();
    check(client->a == n, "answers are missing");
    report("ask", n, now_ns() - began);
}
