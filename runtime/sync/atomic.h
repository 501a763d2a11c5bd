#ifndef BST_SYNC_ATOMIC_H
#define BST_SYNC_ATOMIC_H

/*
 * Atomic operations whose memory order is part of their name, so that a search
 * for the order shows a whole protocol. Fields are declared `_Atomic T`.
 *
 * This is the only file that knows <stdatomic.h>. It holds nothing but macros
 * and one inline function, so lower layers may include it as well.
 *
 * Compare-and-swap takes a pointer to the expected value, which receives the
 * value found when it fails. The name gives the order of success; a failure is
 * relaxed for _relaxed and _release, acquire for _acquire and _acq_rel, and
 * seq_cst for _seq_cst.
 */

#include <stdatomic.h>

#include "base/attr.h"

#define bsti_load_relaxed(p) atomic_load_explicit(p, memory_order_relaxed)
#define bsti_load_acquire(p) atomic_load_explicit(p, memory_order_acquire)
#define bsti_load_seq_cst(p) atomic_load_explicit(p, memory_order_seq_cst)

#define bsti_store_relaxed(p, v)                                               \
    atomic_store_explicit(p, v, memory_order_relaxed)
#define bsti_store_release(p, v)                                               \
    atomic_store_explicit(p, v, memory_order_release)
#define bsti_store_seq_cst(p, v)                                               \
    atomic_store_explicit(p, v, memory_order_seq_cst)

#define bsti_xchg_relaxed(p, v)                                                \
    atomic_exchange_explicit(p, v, memory_order_relaxed)
#define bsti_xchg_acquire(p, v)                                                \
    atomic_exchange_explicit(p, v, memory_order_acquire)
#define bsti_xchg_release(p, v)                                                \
    atomic_exchange_explicit(p, v, memory_order_release)
#define bsti_xchg_acq_rel(p, v)                                                \
    atomic_exchange_explicit(p, v, memory_order_acq_rel)
#define bsti_xchg_seq_cst(p, v)                                                \
    atomic_exchange_explicit(p, v, memory_order_seq_cst)

#define bsti_cas_strong_relaxed(p, expected, v)                                \
    atomic_compare_exchange_strong_explicit(                                   \
        p, expected, v, memory_order_relaxed, memory_order_relaxed)
#define bsti_cas_strong_acquire(p, expected, v)                                \
    atomic_compare_exchange_strong_explicit(                                   \
        p, expected, v, memory_order_acquire, memory_order_acquire)
#define bsti_cas_strong_release(p, expected, v)                                \
    atomic_compare_exchange_strong_explicit(                                   \
        p, expected, v, memory_order_release, memory_order_relaxed)
#define bsti_cas_strong_acq_rel(p, expected, v)                                \
    atomic_compare_exchange_strong_explicit(                                   \
        p, expected, v, memory_order_acq_rel, memory_order_acquire)
#define bsti_cas_strong_seq_cst(p, expected, v)                                \
    atomic_compare_exchange_strong_explicit(                                   \
        p, expected, v, memory_order_seq_cst, memory_order_seq_cst)

#define bsti_cas_weak_relaxed(p, expected, v)                                  \
    atomic_compare_exchange_weak_explicit(                                     \
        p, expected, v, memory_order_relaxed, memory_order_relaxed)
#define bsti_cas_weak_acquire(p, expected, v)                                  \
    atomic_compare_exchange_weak_explicit(                                     \
        p, expected, v, memory_order_acquire, memory_order_acquire)
#define bsti_cas_weak_release(p, expected, v)                                  \
    atomic_compare_exchange_weak_explicit(                                     \
        p, expected, v, memory_order_release, memory_order_relaxed)
#define bsti_cas_weak_acq_rel(p, expected, v)                                  \
    atomic_compare_exchange_weak_explicit(                                     \
        p, expected, v, memory_order_acq_rel, memory_order_acquire)
#define bsti_cas_weak_seq_cst(p, expected, v)                                  \
    atomic_compare_exchange_weak_explicit(                                     \
        p, expected, v, memory_order_seq_cst, memory_order_seq_cst)

#define bsti_fetch_add_relaxed(p, v)                                           \
    atomic_fetch_add_explicit(p, v, memory_order_relaxed)
#define bsti_fetch_add_acquire(p, v)                                           \
    atomic_fetch_add_explicit(p, v, memory_order_acquire)
#define bsti_fetch_add_release(p, v)                                           \
    atomic_fetch_add_explicit(p, v, memory_order_release)
#define bsti_fetch_add_acq_rel(p, v)                                           \
    atomic_fetch_add_explicit(p, v, memory_order_acq_rel)
#define bsti_fetch_add_seq_cst(p, v)                                           \
    atomic_fetch_add_explicit(p, v, memory_order_seq_cst)

#define bsti_fetch_sub_relaxed(p, v)                                           \
    atomic_fetch_sub_explicit(p, v, memory_order_relaxed)
#define bsti_fetch_sub_acquire(p, v)                                           \
    atomic_fetch_sub_explicit(p, v, memory_order_acquire)
#define bsti_fetch_sub_release(p, v)                                           \
    atomic_fetch_sub_explicit(p, v, memory_order_release)
#define bsti_fetch_sub_acq_rel(p, v)                                           \
    atomic_fetch_sub_explicit(p, v, memory_order_acq_rel)
#define bsti_fetch_sub_seq_cst(p, v)                                           \
    atomic_fetch_sub_explicit(p, v, memory_order_seq_cst)

#define bsti_fetch_or_relaxed(p, v)                                            \
    atomic_fetch_or_explicit(p, v, memory_order_relaxed)
#define bsti_fetch_or_acquire(p, v)                                            \
    atomic_fetch_or_explicit(p, v, memory_order_acquire)
#define bsti_fetch_or_release(p, v)                                            \
    atomic_fetch_or_explicit(p, v, memory_order_release)
#define bsti_fetch_or_acq_rel(p, v)                                            \
    atomic_fetch_or_explicit(p, v, memory_order_acq_rel)
#define bsti_fetch_or_seq_cst(p, v)                                            \
    atomic_fetch_or_explicit(p, v, memory_order_seq_cst)

#define bsti_fetch_and_relaxed(p, v)                                           \
    atomic_fetch_and_explicit(p, v, memory_order_relaxed)
#define bsti_fetch_and_acquire(p, v)                                           \
    atomic_fetch_and_explicit(p, v, memory_order_acquire)
#define bsti_fetch_and_release(p, v)                                           \
    atomic_fetch_and_explicit(p, v, memory_order_release)
#define bsti_fetch_and_acq_rel(p, v)                                           \
    atomic_fetch_and_explicit(p, v, memory_order_acq_rel)
#define bsti_fetch_and_seq_cst(p, v)                                           \
    atomic_fetch_and_explicit(p, v, memory_order_seq_cst)

/* Gives a field its first value, before any other thread can know it. */
#define bsti_atomic_init(p, v) atomic_init(p, v)

#if BSTI_TSAN && defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wtsan"
#endif

/**
 * Orders everything before it against everything after it, in one order that
 * all threads agree on. ThreadSanitizer does not model fences: a protocol that
 * publishes memory through one needs an atomic that carries it as well.
 */
static inline void bsti_fence_seq_cst(void)
{
    atomic_thread_fence(memory_order_seq_cst);
}

#if BSTI_TSAN && defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

/** Keeps the compiler, not the processor, from reordering across it. */
static inline void bsti_fence_compiler(void)
{
    atomic_signal_fence(memory_order_seq_cst);
}

#endif
