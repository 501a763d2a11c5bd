#ifndef FLOOR_MINI_H
#define FLOOR_MINI_H

/*
 * Actors at the lowest price: one thread, no supervision, no bounds, no
 * counters. What is left is a queue of notes for each actor, a queue of
 * actors that have notes, and a call through a pointer for each note. This is
 * the floor below which a runtime of this shape cannot get.
 */

#include <stdbool.h>
#include <stdint.h>

struct actor;

/* A message: 32 bytes, from a list of free ones. */
struct note {
    struct note *next;
    struct actor *from;
    uint64_t value;
    uint32_t kind;
};

typedef void handler_fn(struct actor *self, const struct note *note);

struct actor {
    handler_fn *handle;
    struct note *first;
    struct note *last;
    struct actor *next_ready;
    uint64_t a, b, c; /* its state */
    void *more;       /* and what does not fit */
};

/** Makes an actor that is not ready; zero state. */
struct actor *actor_create(handler_fn *handle);

/** Gives an actor back; it has no notes but the one being handled. */
void actor_destroy(struct actor *actor);

/** Appends a note to the mailbox of `to`. */
void tell(struct actor *to, struct actor *from, uint32_t kind, uint64_t value);

/** Puts the running actor behind all others, without a note. */
void requeue(struct actor *self);

/** Runs until no actor is ready. */
void run_all(void);

/* ---- shared by the workloads --------------------------------------------- */

/** Messages that a streaming handler sends before it lets others run. */
#define TURN 256

/** Ends the program unless `ok`. */
void check(bool ok, const char *sentence);

/** Returns the monotonic clock in nanoseconds. */
int64_t now_ns(void);

void report(const char *name, uint64_t ops, int64_t took_ns);

/* The workloads: n operations. */
void agg(uint64_t n, unsigned threads);
void ask(uint64_t n, unsigned threads);
void big(uint64_t n, unsigned threads);
void broadcast(uint64_t n, unsigned threads);
void counting(uint64_t n, unsigned threads);
void fanin(uint64_t n, unsigned threads);
void fjcreate(uint64_t n, unsigned threads);
void fjthroughput(uint64_t n, unsigned threads);
void pingpong(uint64_t n, unsigned threads);
void restart(uint64_t n, unsigned threads);
void skynet(uint64_t n, unsigned threads);
void spawn(uint64_t n, unsigned threads);
void threadring(uint64_t n, unsigned threads);
void yields(uint64_t n, unsigned threads);

#endif
