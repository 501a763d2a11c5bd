/*
 * The memory of texts and bytes.
 *
 * A header of 16 bytes in front of it says which pool it came from and how
 * large it is, so that freeing needs nothing but the pointer. Its mark tells
 * memory of these functions from any other, and from what was freed before.
 */

#include "actor/payload.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "actor/actor.h"
#include "base/assert.h"
#include "exec/block.h"
#include "plat/probe.h"

enum { MARK_LIVE = 0xb457, MARK_FREED = 0xdead };

struct header {
    struct bsti_exec *exec; /* whose pool it is from; NULL: the heap */
    uint64_t size : 48;     /* without the header */
    uint64_t mark : 16;
};

_Static_assert(sizeof(struct header) == 16, "payloads are 16-aligned");

#define SIZE_LIMIT (((size_t)1 << 47) - sizeof(struct header))

static struct header *header_of(void *payload)
{
    struct header *header = (struct header *)payload - 1;

    bsti_probe_word(header);
    bsti_check(header->mark == MARK_LIVE,
               "a text or bytes that no bst_ function has made, or that "
               "were freed");
    return header;
}

void bsti_payload_probe(const void *payload)
{
    bsti_probe_word((const struct header *)payload - 1);
}

/* The executor whose pools this thread takes from, or NULL. */
static struct bsti_exec *exec_here(struct bsti_worker *worker)
{
    struct bsti_actor *actor;

    if (worker)
        return worker->exec;
    actor = bsti_actor_current(worker);
    return actor ? actor->group->system->exec : NULL;
}

static bool fits_pool(size_t size)
{
    return bsti_block_class(size + sizeof(struct header)) < BSTI_BLOCK_CLASSES;
}

static void *make(struct bsti_exec *exec, struct bsti_worker *worker,
                  size_t size)
{
    struct header *header;

    if (size > SIZE_LIMIT)
        return NULL;
    if (!fits_pool(size))
        exec = NULL;
    header = exec ? bsti_block_alloc(exec, worker, sizeof *header + size)
                  : bsti_alloc(sizeof *header + size);
    if (!header)
        return NULL;
    if (exec)
        bsti_exec_count(exec, worker, BSTI_COUNT_PAYLOADS, 1);
    header->exec = exec;
    header->size = size & (((uint64_t)1 << 48) - 1);
    header->mark = MARK_LIVE;
    return header + 1;
}

void *bsti_payload_alloc(size_t size)
{
    struct bsti_worker *worker = bsti_worker_current();

    return make(exec_here(worker), worker, size);
}

void bsti_payload_free(void *payload)
{
    struct bsti_worker *worker = bsti_worker_current();
    struct header *header;
    struct bsti_exec *exec;

    if (!payload)
        return;
    header = header_of(payload);
    exec = header->exec;
    header->mark = MARK_FREED;
    if (!exec) {
        bsti_free(header);
        return;
    }
    bsti_exec_count(exec, worker, BSTI_COUNT_PAYLOADS_FREED, 1);
    bsti_block_free(exec, worker, header, sizeof *header + header->size);
}

void *bsti_payload_adopt(void *payload, struct bsti_exec *exec)
{
    struct header *header;
    void *copy;

    if (!payload)
        return NULL;
    header = header_of(payload);
    if (!header->exec || header->exec == exec)
        return payload;
    copy = make(NULL, NULL, header->size);
    if (!copy)
        return NULL;
    memcpy(copy, payload, header->size);
    bsti_payload_free(payload);
    return copy;
}

int64_t bsti_payloads_live(struct bst_system *system)
{
    uint64_t freed = bsti_exec_counter(system->exec, BSTI_COUNT_PAYLOADS_FREED);

    return (int64_t)(bsti_exec_counter(system->exec, BSTI_COUNT_PAYLOADS) -
                     freed);
}

/* ---- for programs -------------------------------------------------------- */

/* As bsti_payload_alloc(); a handler fails when there is no memory. */
static void *alloc_or_fail(size_t size)
{
    void *payload = bsti_payload_alloc(size);
    struct bsti_actor *actor;

    if (BSTI_LIKELY(payload != NULL))
        return payload;
    actor = bsti_actor_current(bsti_worker_current());
    if (actor)
        bsti_actor_fail_without_memory(actor);
    return NULL;
}

char *bst_text_dup(const char *text)
{
    size_t size;
    char *copy;

    if (!text)
        return NULL;
    size = bsti_probe_text(text) + 1;
    copy = alloc_or_fail(size);
    if (copy)
        memcpy(copy, text, size);
    return copy;
}

char *bst_text_format(const char *format, ...)
{
    char small[256];
    va_list args;
    va_list again;
    char *text;
    int length;

    bsti_probe_text(format);
    va_start(args, format);
    va_copy(again, args);
    length = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    text = length < 0 ? NULL : alloc_or_fail((size_t)length + 1);
    if (text && (size_t)length < sizeof small)
        memcpy(text, small, (size_t)length + 1);
    else if (text)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

void bst_text_free(char *text)
{
    bsti_payload_free(text);
}

struct bst_bytes bst_bytes_new(size_t size)
{
    void *data = alloc_or_fail(size);

    return (struct bst_bytes){data, data ? size : 0};
}

struct bst_bytes bst_bytes_dup(const void *data, size_t size)
{
    struct bst_bytes bytes;

    bsti_probe(data, size);
    bytes = bst_bytes_new(size);
    if (bytes.data && size > 0)
        memcpy(bytes.data, data, size);
    return bytes;
}

void bst_bytes_free(struct bst_bytes bytes)
{
    bsti_payload_free(bytes.data);
}
