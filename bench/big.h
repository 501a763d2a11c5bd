#ifndef BENCH_BIG_H
#define BENCH_BIG_H

/* The references of all peers: written by the driver before it says go. */
struct big_peers;

#endif
