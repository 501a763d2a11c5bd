#ifndef BST_PLAT_THREAD_H
#define BST_PLAT_THREAD_H

/*
 * Threads of the operating system.
 */

#include <stdbool.h>
#include <stdint.h>

#include <pthread.h>

#include <bastion/attr.h>
#include <bastion/topology.h>

/** The kernel shows names of up to 15 bytes. */
#define BSTI_THREAD_NAME_SIZE 16

/** A thread. The owner keeps it, at the same place, until it is joined. */
struct bsti_thread {
    pthread_t handle;                 /* valid from start to join */
    void (*fn)(void *arg);            /* what the thread runs */
    void *arg;                        /* for fn */
    char name[BSTI_THREAD_NAME_SIZE]; /* shown by ps and debuggers */
    _Atomic int id;                   /* the kernel's; 0: not known */
};

/**
 * Starts a thread that runs fn(arg). All signals are blocked in it except the
 * synchronous faults SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS and
 * SIGABRT, so that asynchronous signals go to the threads of the program.
 *
 * Ownership: `name` is copied, cut to 15 bytes.
 * Returns 0 or a negative errno value.
 */
BST_MUST_USE int bsti_thread_start(struct bsti_thread *thread, const char *name,
                                   void (*fn)(void *arg), void *arg);

/** CPUs by their numbers of the operating system. */
#define BSTI_CPU_MASK_BITS 8192u
struct bsti_cpu_mask {
    uint64_t bits[BSTI_CPU_MASK_BITS / 64];
};

static inline void bsti_cpu_mask_add(struct bsti_cpu_mask *mask, uint32_t cpu)
{
    if (cpu < BSTI_CPU_MASK_BITS)
        mask->bits[cpu / 64] |= UINT64_C(1) << cpu % 64;
}

static inline bool bsti_cpu_mask_has(const struct bsti_cpu_mask *mask,
                                     uint32_t cpu)
{
    return cpu < BSTI_CPU_MASK_BITS && (mask->bits[cpu / 64] >> cpu % 64 & 1);
}

/** Describes the calling thread, for the two functions that tell times. */
void bsti_thread_here(struct bsti_thread *thread);

/** Waits until the thread has returned from its function; once. */
void bsti_thread_join(struct bsti_thread *thread);

/**
 * Pins the calling thread to the CPU with this number of the operating system.
 *
 * Returns 0 or a negative errno value; -ENOSYS where pinning does not exist.
 */
int bsti_thread_pin(uint32_t cpu_os_index);

/**
 * Reads the CPUs that a started thread may run on; NULL: the calling one.
 * Binding sets them; the system cuts them down to what the container allows.
 *
 * Thread: any, before the join of `thread`.
 * Returns 0 or a negative errno value; -ENOSYS where there is no such thing.
 */
int bsti_thread_affinity(const struct bsti_thread *thread,
                         struct bsti_cpu_mask *mask);
int bsti_thread_bind(const struct bsti_thread *thread,
                     const struct bsti_cpu_mask *mask);

/** Returns the kernel's number of the calling thread; 0: unknown. */
int bsti_thread_id(void);

/** Returns the CPU that the calling thread is on just now; 0: unknown. */
uint32_t bsti_thread_cpu(void);

/** Lets another thread run on this CPU. */
void bsti_thread_yield(void);

/** Sleeps for `duration`, unless a signal wakes it. */
void bsti_thread_nap(bst_time duration);

/** Sleeps for at least `duration`; signals do not shorten it. */
void bsti_thread_sleep(bst_time duration);

/**
 * Returns the time a started thread has spent on a CPU; 0: unknown.
 * Thread: any, before the join.
 */
bst_time bsti_thread_cpu_time(const struct bsti_thread *thread);

/**
 * Returns how long the thread has been ready without getting a CPU, or 0 if
 * the system does not say. It takes some microseconds. Thread: any.
 */
bst_time bsti_thread_starved_time(const struct bsti_thread *thread);

/** Tells the core that this is a waiting loop. */
static inline void bsti_cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#else
    __asm__ volatile("" ::: "memory");
#endif
}

#endif
