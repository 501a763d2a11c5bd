/*
 * Chunks of guarded stacks.
 *
 * A chunk is reserved without access, so that it counts against no limit but
 * that of address space. Access is given to a run of stacks by one mprotect();
 * their guards are then installed one by one as page table markers, which
 * split no mapping. Where the kernel lacks them (or the process is locked in
 * memory) only the stacks between the guards are made accessible, which costs
 * two mappings for each.
 */

#define _GNU_SOURCE

#include "plat/stack.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "plat/numa.h"

#if BSTI_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif
#if BSTI_TSAN
#include <sanitizer/tsan_interface.h>
#endif
#if !BSTI_ASAN && !BSTI_TSAN && __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#define HAVE_VALGRIND 1
#else
#define HAVE_VALGRIND 0
#endif

/* Linux 6.13; older headers do not name it. */
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

#define FIRST_STACKS ((size_t)16)       /* in a class's first chunk */
#define CHUNK_STACKS ((size_t)4096)     /* the most in any */
#define CHUNK_BYTES ((size_t)512 << 20) /* the most in any */
#define RUN_STACKS ((size_t)16)         /* made accessible at once */
#define LIMIT_SHARE 16u /* of RLIMIT_AS that one chunk may take */

struct bsti_stack_chunk {
    struct bsti_stack_chunk *next; /* older one */
    char *memory;                  /* reservation */
    size_t bytes;                  /* of the reservation */
    size_t stride;                 /* distance of two stacks */
    size_t guard;                  /* bytes below each stack */
    size_t count;                  /* stacks */
    size_t used;                   /* stacks handed out at least once */
    size_t ready;                  /* stacks accessible and guarded */
    bool protect;                  /* guards are pages without access */
    struct bsti_stack stacks[];    /* `count` of them */
};

/* ---- checkers ------------------------------------------------------------ */

#if HAVE_VALGRIND

static void checker_add(struct bsti_stack *stack)
{
    stack->checker_id =
        VALGRIND_STACK_REGISTER(stack->base, stack->base + stack->size - 1);
}

static void checker_remove(struct bsti_stack *stack)
{
    VALGRIND_STACK_DEREGISTER(stack->checker_id);
}

#else

static void checker_add(struct bsti_stack *stack)
{
    (void)stack;
}

static void checker_remove(struct bsti_stack *stack)
{
    (void)stack;
}

#endif

#if BSTI_ASAN

/*
 * Drops frames on the heap that were saved with a stack. There is no call for
 * that, but leaving a stack for good does it: so this thread pretends to be on
 * that stack for a moment. The bounds of its own come back from the first
 * switch.
 */
BSTI_NO_SANITIZE static void drop_fake_stack(struct bsti_stack *stack)
{
    void *mine = NULL;
    const void *bottom = NULL;
    size_t size = 0;

    __sanitizer_start_switch_fiber(&mine, stack->base, stack->size);
    __sanitizer_finish_switch_fiber(stack->fake_stack, &bottom, &size);
    __sanitizer_start_switch_fiber(NULL, bottom, size);
    __sanitizer_finish_switch_fiber(mine, NULL, NULL);
    stack->fake_stack = NULL;
}

void bsti_stack_forget(struct bsti_stack *stack)
{
    /* Looking first leaves shadow memory of fresh stacks untouched. */
    char *poisoned = __asan_region_is_poisoned(stack->base, stack->size);

    if (poisoned != NULL) {
        __asan_unpoison_memory_region(
            poisoned, (size_t)(stack->base + stack->size - poisoned));
    }
    if (stack->fake_stack != NULL) {
        drop_fake_stack(stack);
    }
    if (stack->scanned) {
        __lsan_unregister_root_region(stack->base, stack->size);
        stack->scanned = false;
    }
}

#elif BSTI_TSAN

void bsti_stack_forget(struct bsti_stack *stack)
{
    if (stack->fiber != NULL) {
        __tsan_destroy_fiber(stack->fiber);
        stack->fiber = NULL;
    }
}

#else

void bsti_stack_forget(struct bsti_stack *stack)
{
    (void)stack;
}

#endif

/* ---- chunks -------------------------------------------------------------- */

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t class_bytes(unsigned size_class)
{
    return BSTI_STACK_MIN << size_class;
}

unsigned bsti_stack_class(size_t bytes)
{
    unsigned size_class = 0;

    while (size_class < BSTI_STACK_CLASSES - 1 &&
           class_bytes(size_class) < bytes) {
        size_class++;
    }
    return size_class;
}

static void init_node(struct bsti_stack_node *node, uint32_t os_node)
{
    node->os_node = os_node;
    for (unsigned i = 0; i < BSTI_STACK_CLASSES; i++) {
        node->shelves[i].grow = FIRST_STACKS;
    }
}

void bsti_stack_pool_init(struct bsti_stack_pool *pool)
{
    memset(pool, 0, sizeof(*pool));
    pthread_mutex_init(&pool->lock, NULL);
    bsti_atomic_init(&pool->chunks, NULL);
    bsti_atomic_init(&pool->used, (size_t)0);
    pool->guard = BSTI_GUARD_AUTO;
    pool->nodes = &pool->first;
    pool->nnodes = 1;
    init_node(&pool->first, BSTI_NUMA_ANY);
}

int bsti_stack_pool_spread(struct bsti_stack_pool *pool,
                           const uint32_t *os_nodes, uint32_t n)
{
    struct bsti_stack_node *nodes;

    n = BSTI_MIN(n, (uint32_t)UINT16_MAX);
    if (n <= 1) { /* Then all memory is near. */
        return 0;
    }
    nodes = bsti_alloc(n * sizeof(*nodes));
    if (nodes == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < n; i++) {
        init_node(&nodes[i], os_nodes[i]);
    }
    pool->nodes = nodes;
    pool->nnodes = n;
    return 0;
}

void bsti_stack_pool_fini(struct bsti_stack_pool *pool)
{
    /* relaxed: nobody else uses the pool any more */
    struct bsti_stack_chunk *chunk = bsti_load_relaxed(&pool->chunks);

    while (chunk != NULL) {
        struct bsti_stack_chunk *next = chunk->next;

        for (size_t i = 0; i < chunk->used; i++) {
            bsti_stack_forget(&chunk->stacks[i]);
            checker_remove(&chunk->stacks[i]);
        }
        (void)munmap(chunk->memory, chunk->bytes);
        bsti_free(chunk);
        chunk = next;
    }
    if (pool->nodes != &pool->first) {
        bsti_free(pool->nodes);
    }
    pthread_mutex_destroy(&pool->lock);
    memset(pool, 0, sizeof(*pool));
}

/* The most stacks that a chunk of this stride should have. */
static size_t most_stacks(size_t stride)
{
    size_t bytes = CHUNK_BYTES;
    struct rlimit limit;

    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
        bytes = BSTI_MIN(bytes, (size_t)limit.rlim_cur / LIMIT_SHARE);
    }
    return BSTI_MAX(BSTI_MIN(bytes / stride, CHUNK_STACKS), (size_t)1);
}

/* Reserves address space for up to `*count` stacks; halves it on refusal. */
static char *reserve(size_t stride, size_t *count)
{
    if (bsti_alloc_refuse()) {
        return NULL;
    }
    for (; *count > 0; *count /= 2) {
        void *memory = mmap(
            NULL, *count * stride, PROT_NONE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

        if (memory != MAP_FAILED) {
            return memory;
        }
    }
    return NULL;
}

/* Describes the stacks of a new chunk. */
static void describe(struct bsti_stack_chunk *chunk, unsigned size_class,
                     uint32_t node)
{
    for (size_t i = 0; i < chunk->count; i++) {
        struct bsti_stack *stack = &chunk->stacks[i];

        stack->base = chunk->memory + i * chunk->stride + chunk->guard;
        stack->size = chunk->stride - chunk->guard;
        stack->size_class = (uint16_t)size_class;
        stack->node = (uint16_t)node;
    }
}

/* Adds a chunk for a class; the caller holds the lock. NULL: no room. */
static struct bsti_stack_chunk *add_chunk(struct bsti_stack_pool *pool,
                                          unsigned size_class, uint32_t node)
{
    struct bsti_stack_shelf *shelf = &pool->nodes[node].shelves[size_class];
    size_t page = page_bytes();
    size_t size = class_bytes(size_class);
    /* One page of guard, or two: an odd number of pages in all. */
    size_t guard = (size / page) % 2 == 0 ? page : 2 * page;
    size_t stride = guard + size;
    size_t count = BSTI_MIN(shelf->grow, most_stacks(stride));
    char *memory = reserve(stride, &count);
    struct bsti_stack_chunk *chunk;

    if (memory == NULL) {
        return NULL;
    }
    chunk = bsti_alloc_aligned(
        BSTI_CACHE_LINE, sizeof(*chunk) + count * sizeof(chunk->stacks[0]));
    if (chunk == NULL) {
        (void)munmap(memory, count * stride);
        return NULL;
    }
    chunk->memory = memory;
    chunk->bytes = count * stride;
    chunk->stride = stride;
    chunk->guard = guard;
    chunk->count = count;
    chunk->protect = pool->guard == BSTI_GUARD_PROTECT ||
                     madvise(memory, guard, MADV_GUARD_INSTALL) != 0;
    /* Stacks are used from the top down, a few pages each. */
    (void)madvise(memory, chunk->bytes, MADV_NOHUGEPAGE);
    bsti_numa_prefer(memory, chunk->bytes, pool->nodes[node].os_node);
    describe(chunk, size_class, node);
    shelf->grow = BSTI_MIN(2 * count, CHUNK_STACKS);
    /* relaxed: the lock orders the writers */
    chunk->next = bsti_load_relaxed(&pool->chunks);
    /* release: pairs with the acquire in bsti_stack_owning() */
    bsti_store_release(&pool->chunks, chunk);
    return chunk;
}

/* Guards one stack that is accessible including its guard. */
static bool install_guard(struct bsti_stack_chunk *chunk, size_t index)
{
    char *guard = chunk->memory + index * chunk->stride;
    int error;

    do {
        error = madvise(guard, chunk->guard, MADV_GUARD_INSTALL) ? errno : 0;
    } while (error == EINTR || error == EAGAIN);
    return error == 0 || mprotect(guard, chunk->guard, PROT_NONE) == 0;
}

/* Makes the next stacks of a chunk usable. False: the system refuses. */
static bool make_ready(struct bsti_stack_chunk *chunk)
{
    char *memory = chunk->memory + chunk->ready * chunk->stride;
    size_t run = BSTI_MIN(RUN_STACKS, chunk->count - chunk->ready);

    if (chunk->protect) {
        struct bsti_stack *stack = &chunk->stacks[chunk->ready];

        if (mprotect(stack->base, stack->size, PROT_READ | PROT_WRITE) != 0) {
            return false;
        }
        chunk->ready++;
        return true;
    }
    if (mprotect(memory, run * chunk->stride, PROT_READ | PROT_WRITE) != 0) {
        return false;
    }
    for (size_t i = 0; i < run; i++) {
        if (!install_guard(chunk, chunk->ready)) {
            /* What is not guarded must not be used by accident either. */
            (void)mprotect(memory + i * chunk->stride,
                           (run - i) * chunk->stride, PROT_NONE);
            return i > 0;
        }
        chunk->ready++;
    }
    return true;
}

/* Takes a stack that was never used; the caller holds the lock. */
static struct bsti_stack *take_fresh(struct bsti_stack_pool *pool,
                                     unsigned size_class, uint32_t node)
{
    struct bsti_stack_shelf *shelf = &pool->nodes[node].shelves[size_class];
    struct bsti_stack_chunk *chunk = shelf->open;
    struct bsti_stack *stack;

    if (chunk == NULL || chunk->used == chunk->count) {
        chunk = add_chunk(pool, size_class, node);
        if (chunk == NULL) {
            return NULL;
        }
        shelf->open = chunk;
    }
    if (chunk->used == chunk->ready && !make_ready(chunk)) {
        return NULL;
    }
    stack = &chunk->stacks[chunk->used++];
    checker_add(stack);
    return stack;
}

/* ---- stacks -------------------------------------------------------------- */

static struct bsti_stack *list_take(struct bsti_stack **list)
{
    struct bsti_stack *stack = *list;

    if (stack != NULL) {
        *list = stack->next;
    }
    return stack;
}

static void list_put(struct bsti_stack **list, struct bsti_stack *stack)
{
    stack->next = *list;
    *list = stack;
}

/* Takes a free stack, or NULL; the caller holds the lock. */
static struct bsti_stack *take_free(struct bsti_stack_pool *pool,
                                    struct bsti_stack_shelf *shelf)
{
    struct bsti_stack *stack = list_take(&shelf->used);

    if (stack != NULL) {
        shelf->nused--;
        shelf->least = BSTI_MIN(shelf->least, shelf->nused);
    } else {
        stack = list_take(&shelf->stale);
    }
    if (stack == NULL) {
        return list_take(&shelf->clean);
    }
    bsti_fetch_sub_relaxed(&pool->used, (size_t)1);
    return stack;
}

struct bsti_stack *bsti_stack_acquire_on(struct bsti_stack_pool *pool,
                                         unsigned size_class, uint32_t node)
{
    struct bsti_stack *stack;

    bsti_assert(size_class < BSTI_STACK_CLASSES && node < pool->nnodes);
    pthread_mutex_lock(&pool->lock);
    stack = take_free(pool, &pool->nodes[node].shelves[size_class]);
    if (stack == NULL) {
        stack = take_fresh(pool, size_class, node);
    }
    pthread_mutex_unlock(&pool->lock);
    if (stack != NULL) {
        stack->next = NULL;
    }
    return stack;
}

struct bsti_stack *bsti_stack_acquire(struct bsti_stack_pool *pool,
                                      unsigned size_class)
{
    return bsti_stack_acquire_on(pool, size_class, 0);
}

void bsti_stack_release(struct bsti_stack_pool *pool, struct bsti_stack *stack)
{
    struct bsti_stack_shelf *shelf =
        &pool->nodes[stack->node].shelves[stack->size_class];

    bsti_assert(!stack->adopted);
    bsti_stack_forget(stack);
    pthread_mutex_lock(&pool->lock);
    list_put(&shelf->used, stack);
    shelf->nused++;
    bsti_fetch_add_relaxed(&pool->used, (size_t)1);
    pthread_mutex_unlock(&pool->lock);
}

/*
 * Declares the stacks stale that lie below the first `keep` of those with
 * memory: they are free for the longest time. The caller holds the lock.
 */
static void make_stale(struct bsti_stack_shelf *shelf, size_t keep)
{
    struct bsti_stack **place = &shelf->used;
    struct bsti_stack *last;

    for (size_t i = 0; i < keep; i++) {
        place = &(*place)->next;
    }
    last = *place;
    while (last->next != NULL) {
        last = last->next;
    }
    last->next = shelf->stale;
    shelf->stale = *place;
    *place = NULL;
    shelf->nused = keep;
}

/* Gives the memory of up to `most` stale stacks back; returns how many. */
static size_t trim_stale(struct bsti_stack_pool *pool,
                         struct bsti_stack_shelf *shelf, size_t most)
{
    size_t n = 0;

    pthread_mutex_lock(&pool->lock);
    for (; n < most && shelf->stale != NULL; n++) {
        struct bsti_stack *stack = list_take(&shelf->stale);

        /* The lock is not held meanwhile: it takes a microsecond. */
        pthread_mutex_unlock(&pool->lock);
        /* If it is refused the stack is merely not as clean as it seems. */
        (void)madvise(stack->base, stack->size, MADV_DONTNEED);
        pthread_mutex_lock(&pool->lock);
        list_put(&shelf->clean, stack);
        bsti_fetch_sub_relaxed(&pool->used, (size_t)1);
    }
    pthread_mutex_unlock(&pool->lock);
    return n;
}

static struct bsti_stack_shelf *shelf_at(struct bsti_stack_pool *pool, size_t i)
{
    return &pool->nodes[i / BSTI_STACK_CLASSES].shelves[i % BSTI_STACK_CLASSES];
}

void bsti_stack_mark_unused(struct bsti_stack_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    for (size_t i = 0; i < (size_t)pool->nnodes * BSTI_STACK_CLASSES; i++) {
        struct bsti_stack_shelf *shelf = shelf_at(pool, i);

        if (shelf->least > 0) {
            make_stale(shelf, shelf->nused - shelf->least);
        }
        shelf->least = shelf->nused;
    }
    pthread_mutex_unlock(&pool->lock);
}

size_t bsti_stack_trim_unused(struct bsti_stack_pool *pool, size_t most)
{
    size_t trimmed = 0;

    for (size_t i = 0; i < (size_t)pool->nnodes * BSTI_STACK_CLASSES; i++) {
        trimmed += trim_stale(pool, shelf_at(pool, i), most - trimmed);
    }
    return trimmed;
}

size_t bsti_stack_trim(struct bsti_stack_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    for (size_t i = 0; i < (size_t)pool->nnodes * BSTI_STACK_CLASSES; i++) {
        struct bsti_stack_shelf *shelf = shelf_at(pool, i);

        if (shelf->nused > 0) {
            make_stale(shelf, 0);
        }
        shelf->least = 0;
    }
    pthread_mutex_unlock(&pool->lock);
    return bsti_stack_trim_unused(pool, SIZE_MAX);
}

enum bsti_stack_place bsti_stack_owning(struct bsti_stack_pool *pool,
                                        const void *address,
                                        struct bsti_stack **stack)
{
    /* acquire: pairs with the release in add_chunk(); a chunk's bounds and
     * its stacks' never change afterwards */
    struct bsti_stack_chunk *chunk = bsti_load_acquire(&pool->chunks);
    uintptr_t at = (uintptr_t)address;

    for (; chunk != NULL; chunk = chunk->next) {
        size_t offset = at - (uintptr_t)chunk->memory;

        if (at >= (uintptr_t)chunk->memory && offset < chunk->bytes) {
            if (stack != NULL) {
                *stack = &chunk->stacks[offset / chunk->stride];
            }
            return offset % chunk->stride < chunk->guard ? BSTI_STACK_GUARD
                                                         : BSTI_STACK_USABLE;
        }
    }
    if (stack != NULL) {
        *stack = NULL;
    }
    return BSTI_STACK_NONE;
}

/* ---- threads ------------------------------------------------------------- */

int bsti_stack_adopt_thread(struct bsti_stack *stack)
{
    pthread_attr_t attr;
    void *base = NULL;
    size_t size = 0;
    int error = pthread_getattr_np(pthread_self(), &attr);

    if (error != 0) {
        return -error;
    }
    error = pthread_attr_getstack(&attr, &base, &size);
    pthread_attr_destroy(&attr);
    if (error != 0) {
        return -error;
    }
    memset(stack, 0, sizeof(*stack));
    stack->base = base;
    stack->size = size;
    stack->adopted = true;
#if BSTI_TSAN
    stack->fiber = __tsan_get_current_fiber();
#endif
    return 0;
}

void bsti_stack_disown_thread(struct bsti_stack *stack)
{
    bsti_assert(stack->adopted);
    /* The fiber is the thread's own and not for us to destroy. */
    memset(stack, 0, sizeof(*stack));
}
