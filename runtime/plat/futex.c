/*
 * Futexes: the system call on Linux, condition variables elsewhere.
 *
 * The fallback hashes the address into a table of locks. A waiter looks at the
 * word under the lock and a waker takes the same lock, so a wake-up cannot fall
 * between the look and the sleep. Wake-ups may reach waiters of other words
 * in the same bucket; the contract allows that.
 */

#define _GNU_SOURCE

#include "plat/futex.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#include "base/assert.h"

#ifndef BSTI_FUTEX_FALLBACK
#ifdef __linux__
#define BSTI_FUTEX_FALLBACK 0
#else
#define BSTI_FUTEX_FALLBACK 1
#endif
#endif

#if !BSTI_FUTEX_FALLBACK

#include <linux/futex.h>
#include <sys/syscall.h>

#if BSTI_TSAN

/*
 * ThreadSanitizer runs signal handlers late: when the thread calls a function
 * that it intercepts, which a system call made directly is not. So a wait is
 * cut into short ones, and each ends in such a function.
 */
static bst_time before_wait(bst_time timeout)
{
    return BSTI_MIN(timeout, BST_MS(50));
}

static void after_wait(void)
{
    nanosleep(&(struct timespec){0, 0}, NULL);
}

#else

static bst_time before_wait(bst_time timeout)
{
    return timeout;
}

static void after_wait(void)
{
}

#endif

int bsti_futex_wait(_Atomic uint32_t *word, uint32_t expected, bst_time timeout)
{
    bst_time part = before_wait(BSTI_MAX(timeout, (bst_time)0));
    struct timespec span;
    struct timespec *limit = NULL;
    long result;
    int error;

    if (part != BST_INFINITE) {
        span.tv_sec = (time_t)(part / BST_S(1));
        span.tv_nsec = (long)(part % BST_S(1));
        limit = &span;
    }
    result =
        syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, limit, NULL, 0);
    error = result == -1 ? errno : 0;
    after_wait();
    /* The end of a part is no end: the caller waits again. */
    return error == ETIMEDOUT && part >= timeout ? -ETIMEDOUT : 0;
}

void bsti_futex_wake(_Atomic uint32_t *word, int n)
{
    long woken = syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0);

    /* EFAULT: the word is gone, and so is its waiter. */
    bsti_assert(woken >= 0 || errno == EFAULT);
    (void)woken;
}

#else

#include <pthread.h>

#define BUCKETS 64u

/* Waiters of all words that hash here. */
struct bucket {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned waiters; /* guarded by lock */
};

static struct bucket buckets[BUCKETS];
static pthread_once_t buckets_once = PTHREAD_ONCE_INIT;

static void buckets_init(void)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    for (size_t i = 0; i < BUCKETS; i++) {
        pthread_mutex_init(&buckets[i].lock, NULL);
        pthread_cond_init(&buckets[i].changed, &attr);
    }
    pthread_condattr_destroy(&attr);
}

static struct bucket *bucket_of(const void *word)
{
    uintptr_t address = (uintptr_t)word >> 2;

    (void)pthread_once(&buckets_once, buckets_init);
    return &buckets[(address ^ (address >> 6) ^ (address >> 12)) % BUCKETS];
}

/* The instant `timeout` from now, as pthread_cond_timedwait() wants it. */
static struct timespec instant_after(bst_time timeout)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    timeout = timeout < 0 ? 0 : timeout;
    at.tv_sec += (time_t)(timeout / BST_S(1));
    at.tv_nsec += (long)(timeout % BST_S(1));
    if (at.tv_nsec >= BST_S(1)) {
        at.tv_nsec -= (long)BST_S(1);
        at.tv_sec++;
    }
    return at;
}

int bsti_futex_wait(_Atomic uint32_t *word, uint32_t expected, bst_time timeout)
{
    struct bucket *bucket = bucket_of(word);
    struct timespec at = {0, 0};
    int error = 0;

    if (timeout != BST_INFINITE) {
        at = instant_after(timeout);
    }
    pthread_mutex_lock(&bucket->lock);
    /* relaxed: the lock orders it against the waker */
    if (bsti_load_relaxed(word) == expected) {
        bucket->waiters++;
        error =
            timeout == BST_INFINITE
                ? pthread_cond_wait(&bucket->changed, &bucket->lock)
                : pthread_cond_timedwait(&bucket->changed, &bucket->lock, &at);
        bucket->waiters--;
    }
    pthread_mutex_unlock(&bucket->lock);
    return error == ETIMEDOUT ? -ETIMEDOUT : 0;
}

void bsti_futex_wake(_Atomic uint32_t *word, int n)
{
    struct bucket *bucket = bucket_of(word);

    /* Which waiter waits for this word is not known: all have to look. */
    (void)n;
    pthread_mutex_lock(&bucket->lock);
    if (bucket->waiters > 0) {
        pthread_cond_broadcast(&bucket->changed);
    }
    pthread_mutex_unlock(&bucket->lock);
}

#endif
