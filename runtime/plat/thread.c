/*
 * Threads on POSIX, pinning on Linux.
 */

#define _GNU_SOURCE

#include "plat/thread.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "base/alloc.h"
#include "base/assert.h"
#include "base/attr.h"
#include "sync/atomic.h"

/* Signals that report what this very thread did; they cannot be put off. */
static const int synchronous[] = {
    SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT,
};

int bsti_thread_id(void)
{
#ifdef __linux__
    return (int)syscall(SYS_gettid);
#else
    return 0;
#endif
}

static void note_id(struct bsti_thread *thread)
{
#ifdef __linux__
    /* relaxed: whoever misses it does without */
    bsti_store_relaxed(&thread->id, bsti_thread_id());
#else
    (void)thread;
#endif
}

static void *run(void *arg)
{
    struct bsti_thread *thread = arg;

#ifdef __linux__
    (void)pthread_setname_np(pthread_self(), thread->name);
#endif
    note_id(thread);
    thread->fn(thread->arg);
    return NULL;
}

int bsti_thread_start(struct bsti_thread *thread, const char *name,
                      void (*fn)(void *arg), void *arg)
{
    size_t length = BSTI_MIN(strlen(name), sizeof(thread->name) - 1);
    sigset_t blocked;
    sigset_t before;
    int error;

    bsti_store_relaxed(&thread->id, 0);
    memset(thread->name, 0, sizeof(thread->name));
    memcpy(thread->name, name, length);
    thread->fn = fn;
    thread->arg = arg;
    sigfillset(&blocked);
    for (size_t i = 0; i < BSTI_ARRAY_LEN(synchronous); i++) {
        sigdelset(&blocked, synchronous[i]);
    }
    /* The new thread inherits the mask, so no signal slips in before it. */
    error = pthread_sigmask(SIG_SETMASK, &blocked, &before);
    if (error != 0) {
        return -error;
    }
    error = bsti_alloc_refuse()
                ? EAGAIN
                : pthread_create(&thread->handle, NULL, run, thread);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -error;
}

void bsti_thread_join(struct bsti_thread *thread)
{
    int error = pthread_join(thread->handle, NULL);

    bsti_check(error == 0, "a thread was joined twice or by itself");
}

int bsti_thread_pin(uint32_t cpu_os_index)
{
#ifdef __linux__
    size_t cpus = BSTI_MAX((size_t)cpu_os_index + 1, (size_t)CPU_SETSIZE);
    size_t bytes = CPU_ALLOC_SIZE(cpus);
    cpu_set_t *set = bsti_alloc(bytes);
    int error;

    if (set == NULL) {
        return -ENOMEM;
    }
    CPU_SET_S(cpu_os_index, bytes, set);
    error = sched_setaffinity(0, bytes, set) == 0 ? 0 : -errno;
    bsti_free(set);
    return error;
#else
    (void)cpu_os_index;
    return -ENOSYS;
#endif
}

#ifdef __linux__

int bsti_thread_affinity(const struct bsti_thread *thread,
                         struct bsti_cpu_mask *mask)
{
    pthread_t handle = thread != NULL ? thread->handle : pthread_self();

    memset(mask, 0, sizeof(*mask));
    return -pthread_getaffinity_np(handle, sizeof(*mask), (cpu_set_t *)mask);
}

int bsti_thread_bind(const struct bsti_thread *thread,
                     const struct bsti_cpu_mask *mask)
{
    pthread_t handle = thread != NULL ? thread->handle : pthread_self();

    return -pthread_setaffinity_np(handle, sizeof(*mask),
                                   (const cpu_set_t *)mask);
}

uint32_t bsti_thread_cpu(void)
{
    int cpu = sched_getcpu();

    return cpu < 0 ? 0 : (uint32_t)cpu;
}

#else

int bsti_thread_affinity(const struct bsti_thread *thread,
                         struct bsti_cpu_mask *mask)
{
    (void)thread;
    (void)mask;
    return -ENOSYS;
}

int bsti_thread_bind(const struct bsti_thread *thread,
                     const struct bsti_cpu_mask *mask)
{
    (void)thread;
    (void)mask;
    return -ENOSYS;
}

uint32_t bsti_thread_cpu(void)
{
    return 0;
}

#endif

void bsti_thread_yield(void)
{
    (void)sched_yield();
}

void bsti_thread_here(struct bsti_thread *thread)
{
    thread->handle = pthread_self();
    note_id(thread);
}

bst_time bsti_thread_cpu_time(const struct bsti_thread *thread)
{
    struct timespec spent;
    clockid_t clock;

    if (pthread_getcpuclockid(thread->handle, &clock) != 0 ||
        clock_gettime(clock, &spent) != 0) {
        return 0;
    }
    return BST_S(spent.tv_sec) + spent.tv_nsec;
}

bst_time bsti_thread_starved_time(const struct bsti_thread *thread)
{
    bst_time starved = 0;
#ifdef __linux__
    char path[64];
    unsigned long long spent;
    unsigned long long waited;
    FILE *file;

    (void)snprintf(path, sizeof path, "/proc/self/task/%d/schedstat",
                   bsti_load_relaxed(&thread->id));
    file = fopen(path, "re");
    if (file) {
        if (fscanf(file, "%llu %llu", &spent, &waited) == 2) {
            starved = (bst_time)waited;
        }
        (void)fclose(file);
    }
#else
    (void)thread;
#endif
    return starved;
}

void bsti_thread_nap(bst_time duration)
{
    struct timespec left = {.tv_sec = (time_t)(duration / BST_S(1)),
                            .tv_nsec = (long)(duration % BST_S(1))};

    (void)nanosleep(&left, NULL);
}

void bsti_thread_sleep(bst_time duration)
{
    struct timespec left = {.tv_sec = (time_t)(duration / BST_S(1)),
                            .tv_nsec = (long)(duration % BST_S(1))};

    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}
