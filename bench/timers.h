#ifndef BENCH_TIMERS_H
#define BENCH_TIMERS_H

/* Ticks of which each ticker remembers how late they were. */
#define TIMERS_SAMPLES 12

#endif
