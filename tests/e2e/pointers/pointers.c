/*
 * pointers - gives each call of the runtime a null, a wild, an impossible and
 * an unmapped pointer, in each place where it takes one.
 */

#define _GNU_SOURCE

#include "pointers.bst.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <bastion/task.h>

typedef bst_status call(void *self, void *bad);

static struct sink_ref sinks(void *self)
{
    return sinks_ref(bst_system_of(self));
}

static bst_ref sink_ref(void *self)
{
    return sinks(self).ref;
}

static uint32_t kind(const char *name)
{
    uint32_t i = 0;

    while (strcmp(pointers_app.messages[i].name, name) != 0)
        i++;
    return BST_KIND_USER + i;
}

static const struct bst_group *kids(void)
{
    uint32_t i = 0;

    while (strcmp(pointers_app.groups[i]->name, "kids") != 0)
        i++;
    return pointers_app.groups[i];
}

static const struct bst_owned *letter_fields(void *self)
{
    (void)self;
    return pointers_app.messages[kind("letter") - BST_KIND_USER].owned;
}

/* ---- <bastion/message.h> ------------------------------------------------- */

static bst_status tell(void *self, void *bad)
{
    return bst_tell(sink_ref(self), kind("note"), bad, sizeof(struct note));
}

static bst_status tell_long(void *self, void *bad)
{
    return bst_tell(sink_ref(self), kind("load"), bad, sizeof(struct load));
}

static bst_status cast(void *self, void *bad)
{
    return bst_cast(sink_ref(self), kind("note"), bad, sizeof(struct note));
}

static bst_status ask_body(void *self, void *bad)
{
    struct result result;

    return bst_ask(sink_ref(self), kind("query"), bad, sizeof(struct query),
                   &result, sizeof result, BST_DECLARED);
}

static bst_status ask_answer(void *self, void *bad)
{
    struct query query = {.n = 1};

    return bst_ask(sink_ref(self), kind("query"), &query, sizeof query, bad,
                   sizeof(struct result), BST_DECLARED);
}

static bst_status ask_declared_body(void *self, void *bad)
{
    struct result result;

    return bst_ask_declared(sink_ref(self), kind("query"), bad, &result);
}

static bst_status ask_declared_answer(void *self, void *bad)
{
    struct query query = {.n = 1};

    return bst_ask_declared(sink_ref(self), kind("query"), &query, bad);
}

static bst_status group_ref_system(void *self, void *bad)
{
    (void)self;
    return bst_group_ref(bad, pointers_app.groups[0]).target ? BST_OK
                                                             : BST_DEAD;
}

static bst_status group_ref_group(void *self, void *bad)
{
    return bst_group_ref(bst_system_of(self), bad).target ? BST_OK : BST_DEAD;
}

/* ---- <bastion/context.h> ------------------------------------------------- */

/* A call that is given nothing but who calls. */
#define SELF(name, result)                                                     \
    static bst_status name(void *self, void *bad)                              \
    {                                                                          \
        (void)self;                                                            \
        return (result) ? BST_OK : BST_FAIL;                                   \
    }

static bst_status panic_format(void *self, void *bad)
{
    bst_panic(self, bad);
}

static bst_status panic_self(void *self, void *bad)
{
    (void)self;
    bst_panic(bad, "not here");
}

SELF(now_self, bst_now(bad) > 0)

static bst_status stop_self(void *self, void *bad)
{
    (void)self;
    bst_stop_system(bad);
    return BST_OK;
}

static bst_status sleep_self(void *self, void *bad)
{
    (void)self;
    bst_sleep(bad, 1);
    return BST_OK;
}

static bst_status yield_self(void *self, void *bad)
{
    (void)self;
    bst_yield(bad);
    return BST_OK;
}

SELF(random_self, bst_random(bad))
SELF(self_self, bst_self(bad).target)
SELF(self_incarnation_self, bst_self_incarnation(bad).target)
SELF(sender_self, bst_sender(bad).target)
SELF(system_self, bst_system_of(bad))
SELF(index_self, bst_index(bad))
SELF(incarnation_self, bst_incarnation(bad))

static bst_status path_self(void *self, void *bad)
{
    char path[64];

    (void)self;
    return bst_path(bad, path, sizeof path) ? BST_OK : BST_FAIL;
}

static bst_status path_buffer(void *self, void *bad)
{
    return bst_path(self, bad, 64) ? BST_OK : BST_FAIL;
}

SELF(stopping_self, bst_stopping(bad))

static bst_status args_argc(void *self, void *bad)
{
    char **argv;

    bst_args(self, bad, &argv);
    return BST_OK;
}

static bst_status args_argv(void *self, void *bad)
{
    int argc;

    bst_args(self, &argc, bad);
    return BST_OK;
}

SELF(alloc_self, bst_alloc(bad, 16))

static bst_status free_memory(void *self, void *bad)
{
    bst_free(self, bst_alloc(self, 16));
    bst_free(self, bad);
    return BST_OK;
}

static bst_status defer_self(void *self, void *bad)
{
    (void)self;
    bst_defer(bad, free, NULL);
    return BST_OK;
}

static bst_status defer_function(void *self, void *bad)
{
    bst_defer(self, (void (*)(void *))(uintptr_t)bad, NULL);
    return BST_FAIL;
}

static bst_status spawn_group(void *self, void *bad)
{
    struct kid_args args = {1, 2};
    bst_ref ref;

    return bst_group_spawn(self, bad, &args, &ref);
}

static bst_status spawn_args(void *self, void *bad)
{
    bst_ref ref;

    return bst_group_spawn(self, kids(), bad, &ref);
}

static bst_status spawn_ref(void *self, void *bad)
{
    struct kid_args args = {1, 2};

    return bst_group_spawn(self, kids(), &args, bad);
}

static bst_status unhandled_message(void *self, void *bad)
{
    return bst_unhandled(self, bad);
}

static bst_status reply(void *self, void *bad)
{
    return bst_reply(self, kind("note"), bad, sizeof(struct note));
}

/* ---- <bastion/payload.h> ------------------------------------------------- */

static bst_status text_dup(void *self, void *bad)
{
    char *text = bst_text_dup(bad);

    (void)self;
    bst_text_free(text);
    return BST_OK;
}

static bst_status text_format(void *self, void *bad)
{
    char *text = bst_text_format(bad);

    (void)self;
    bst_text_free(text);
    return BST_OK;
}

static bst_status text_free(void *self, void *bad)
{
    (void)self;
    bst_text_free(bad);
    return BST_OK;
}

static bst_status bytes_dup(void *self, void *bad)
{
    struct bst_bytes bytes = bst_bytes_dup(bad, 100);

    (void)self;
    bst_bytes_free(bytes);
    return BST_OK;
}

static bst_status bytes_free(void *self, void *bad)
{
    (void)self;
    bst_bytes_free((struct bst_bytes){bad, 10});
    return BST_OK;
}

static bst_status tell_owned(void *self, void *bad)
{
    return bst_tell_owned(sink_ref(self), kind("letter"), bad,
                          sizeof(struct letter), letter_fields(self));
}

static bst_status tell_owned_field(void *self, void *bad)
{
    struct letter letter = {.s = bad, .f = -1};

    return bst_tell_owned(sink_ref(self), kind("letter"), &letter,
                          sizeof letter, letter_fields(self));
}

static bst_status tell_owned_table(void *self, void *bad)
{
    struct letter letter = {.f = -1};

    return bst_tell_owned(sink_ref(self), kind("letter"), &letter,
                          sizeof letter, bad);
}

static bst_status cast_owned(void *self, void *bad)
{
    return bst_cast_owned(sink_ref(self), kind("letter"), bad,
                          sizeof(struct letter), letter_fields(self));
}

static bst_status reply_owned(void *self, void *bad)
{
    return bst_reply_owned(self, kind("letter"), bad, sizeof(struct letter),
                           letter_fields(self));
}

static bst_status ask_owned(void *self, void *bad)
{
    struct result result;

    return bst_ask_owned(sink_ref(self), kind("letter"), bad,
                         sizeof(struct letter), letter_fields(self), &result,
                         sizeof result, BST_MS(1));
}

static bst_status take_text(void *self, void *bad)
{
    char *text = bst_take_text(self, bad, bad);

    return text ? BST_OK : BST_FAIL;
}

static bst_status take_bytes(void *self, void *bad)
{
    struct bst_bytes bytes = bst_take_bytes(self, bad, bad);

    return bytes.data ? BST_OK : BST_FAIL;
}

static bst_status take_fd(void *self, void *bad)
{
    return bst_take_fd(self, bad, bad) >= 0 ? BST_OK : BST_FAIL;
}

/* ---- <bastion/system.h> -------------------------------------------------- */

static bst_status system_start_app(void *self, void *bad)
{
    bst_status error = BST_OK;

    (void)self;
    return bst_system_start(bad, NULL, &error) ? BST_OK : error;
}

static bst_status system_stop(void *self, void *bad)
{
    (void)self;
    bst_system_stop(bad);
    return BST_OK;
}

static bst_status system_wait(void *self, void *bad)
{
    (void)self;
    return bst_system_wait(bad) == 0 ? BST_OK : BST_FAIL;
}

static bst_status system_spawn(void *self, void *bad)
{
    (void)self;
    return bst_system_spawn(bad, kids(), NULL, NULL);
}

static bst_status stats_system(void *self, void *bad)
{
    struct bst_stats stats;

    (void)self;
    bst_system_stats(bad, &stats);
    return BST_OK;
}

static bst_status stats_out(void *self, void *bad)
{
    bst_system_stats(bst_system_of(self), bad);
    return BST_OK;
}

/* ---- <bastion/task.h> ---------------------------------------------------- */

static void *nothing(void *arg)
{
    return arg;
}

static bool no_step(void *arg)
{
    (void)arg;
    return false;
}

static bst_status executor_create(void *self, void *bad)
{
    struct bst_executor *executor = bst_executor_create(bad);

    (void)self;
    if (!executor)
        return BST_FAIL;
    bst_executor_destroy(executor);
    return BST_OK;
}

static bst_status executor_destroy(void *self, void *bad)
{
    (void)self;
    bst_executor_destroy(bad);
    return BST_OK;
}

static bst_status executor_stats(void *self, void *bad)
{
    struct bst_executor_stats stats;

    (void)self;
    bst_executor_stats(bad, &stats);
    return BST_OK;
}

static bst_status join(struct bst_task *task)
{
    return task ? bst_join(task, NULL) : BST_NOMEM;
}

static bst_status spawn_executor(void *self, void *bad)
{
    (void)self;
    return join(bst_spawn(bad, nothing, NULL, NULL));
}

static bst_status spawn_options(void *self, void *bad)
{
    (void)self;
    return join(bst_spawn(NULL, nothing, NULL, bad));
}

static bst_status spawn_function(void *self, void *bad)
{
    (void)self;
    return join(bst_spawn(NULL, (void *(*)(void *))(uintptr_t)bad, NULL, NULL));
}

static bst_status steps_executor(void *self, void *bad)
{
    (void)self;
    return join(bst_spawn_steps(bad, no_step, NULL, NULL));
}

static bst_status steps_options(void *self, void *bad)
{
    (void)self;
    return join(bst_spawn_steps(NULL, no_step, NULL, bad));
}

static bst_status blocking_executor(void *self, void *bad)
{
    (void)self;
    return join(bst_spawn_blocking(bad, nothing, NULL, NULL));
}

static bst_status blocking_options(void *self, void *bad)
{
    (void)self;
    return join(bst_spawn_blocking(NULL, nothing, NULL, bad));
}

static bst_status join_task(void *self, void *bad)
{
    (void)self;
    return bst_join(bad, NULL);
}

static bst_status join_result(void *self, void *bad)
{
    struct bst_task *task = bst_spawn(NULL, nothing, NULL, NULL);

    (void)self;
    return bst_join(task, bad);
}

static bst_status detach_task(void *self, void *bad)
{
    (void)self;
    bst_detach(bad);
    return BST_OK;
}

static bst_status cancel_task(void *self, void *bad)
{
    (void)self;
    bst_cancel(bad);
    return BST_OK;
}

static bst_status run_executor(void *self, void *bad)
{
    (void)self;
    return bst_run(bad, nothing, NULL, NULL);
}

static bst_status run_result(void *self, void *bad)
{
    (void)self;
    return bst_run(NULL, nothing, NULL, bad);
}

static bst_status task_pid(void *self, void *bad)
{
    (void)self;
    return bst_task_pid(bad) ? BST_OK : BST_FAIL;
}

static void *panics(void *arg)
{
    bst_task_panic(arg);
}

static bst_status task_panic(void *self, void *bad)
{
    (void)self;
    return bst_run(NULL, panics, bad, NULL);
}

/* ---- all of them --------------------------------------------------------- */

/* Whether a null pointer is allowed there; or what it gives. */
enum null { BAD = -1 };

static const struct {
    const char *name;
    call *fn;
    int null;  /* BAD: it is as bad as the others; else a status */
    int wrong; /* BAD: the handler fails; else a status */
} calls[] = {
#define CALL(fn, null, wrong)                                                  \
    {                                                                          \
#fn, fn, null, wrong                                                   \
    }
    CALL(tell, BAD, BAD),
    CALL(tell_long, BAD, BAD),
    CALL(cast, BAD, BAD),
    CALL(ask_body, BAD, BAD),
    CALL(ask_answer, BST_OK, BAD),
    CALL(ask_declared_body, BAD, BAD),
    CALL(ask_declared_answer, BST_OK, BAD),
    CALL(group_ref_system, BAD, BAD),
    CALL(group_ref_group, BAD, BAD),
    CALL(panic_format, BAD, BAD),
    CALL(panic_self, BAD, BAD),
    CALL(now_self, BAD, BAD),
    CALL(stop_self, BAD, BAD),
    CALL(sleep_self, BAD, BAD),
    CALL(yield_self, BAD, BAD),
    CALL(random_self, BAD, BAD),
    CALL(self_self, BAD, BAD),
    CALL(self_incarnation_self, BAD, BAD),
    CALL(sender_self, BAD, BAD),
    CALL(system_self, BAD, BAD),
    CALL(index_self, BAD, BAD),
    CALL(incarnation_self, BAD, BAD),
    CALL(path_self, BAD, BAD),
    CALL(path_buffer, BAD, BAD),
    CALL(stopping_self, BAD, BAD),
    CALL(args_argc, BAD, BAD),
    CALL(args_argv, BAD, BAD),
    CALL(alloc_self, BAD, BAD),
    CALL(free_memory, BST_OK, BAD),
    CALL(defer_self, BAD, BAD),
    CALL(defer_function, BAD, BAD),
    CALL(spawn_group, BST_INVALID, BAD),
    CALL(spawn_args, BST_INVALID, BAD),
    CALL(spawn_ref, BST_OK, BAD),
    CALL(unhandled_message, BAD, BAD),
    CALL(reply, BAD, BAD),
    CALL(text_dup, BST_OK, BAD),
    CALL(text_format, BAD, BAD),
    CALL(text_free, BST_OK, BAD),
    CALL(bytes_dup, BAD, BAD),
    CALL(bytes_free, BST_OK, BAD),
    CALL(tell_owned, BAD, BAD),
    CALL(tell_owned_field, BST_OK, BAD),
    CALL(tell_owned_table, BAD, BAD),
    CALL(cast_owned, BAD, BAD),
    CALL(reply_owned, BAD, BAD),
    CALL(ask_owned, BAD, BAD),
    CALL(take_text, BAD, BAD),
    CALL(take_bytes, BAD, BAD),
    CALL(take_fd, BAD, BAD),
    CALL(system_start_app, BAD, BAD),
    CALL(system_stop, BAD, BAD),
    CALL(system_wait, BAD, BAD),
    CALL(system_spawn, BAD, BAD),
    CALL(stats_system, BAD, BAD),
    CALL(stats_out, BAD, BAD),
    CALL(executor_create, BST_OK, BAD),
    CALL(executor_destroy, BAD, BAD),
    CALL(executor_stats, BAD, BAD),
    CALL(spawn_executor, BST_OK, BAD),
    CALL(spawn_options, BST_OK, BAD),
    CALL(spawn_function, BAD, BAD),
    CALL(steps_executor, BST_OK, BAD),
    CALL(steps_options, BST_OK, BAD),
    CALL(blocking_executor, BST_OK, BAD),
    CALL(blocking_options, BST_OK, BAD),
    CALL(join_task, BST_INVALID, BAD),
    CALL(join_result, BST_OK, BAD),
    CALL(detach_task, BST_OK, BAD),
    CALL(cancel_task, BST_OK, BAD),
    CALL(run_executor, BST_OK, BAD),
    CALL(run_result, BST_OK, BAD),
    CALL(task_pid, BAD, BAD),
    CALL(task_panic, BST_FAILED, BST_FAILED),
};

enum { CALLS = sizeof calls / sizeof calls[0] };

static bst_status attempt(void *self, const struct attempt *m,
                          struct outcome *answer)
{
    answer->status = calls[m->call].fn(self, (void *)(uintptr_t)m->address);
    return answer->status == BST_FAIL ? BST_FAIL : BST_OK;
}

bst_status victim_attempt(struct victim *self, const struct attempt *m,
                          struct outcome *answer)
{
    return attempt(self, m, answer);
}

bst_status worker_attempt(struct worker *self, const struct attempt *m,
                          struct outcome *answer)
{
    return attempt(self, m, answer);
}

/* Returns whether it ended as it should. */
static bool try_one(struct driver *self, uint32_t i, uint64_t address,
                    bool blocking)
{
    struct attempt attempt = {.call = i, .address = address};
    struct outcome outcome = {0};
    int expected = address < 4096 ? calls[i].null : calls[i].wrong;
    bst_status status =
        blocking ? worker_ask_attempt(self->to.workers, &attempt, &outcome)
                 : victim_ask_attempt(self->to.victims, &attempt, &outcome);

    if (expected == BAD ? status == BST_FAILED
                        : status == BST_OK && (int)outcome.status == expected)
        return true;
    printf("%s(0x%llx): %s, %s\n", calls[i].name, (unsigned long long)address,
           bst_status_name(status),
           bst_status_name((bst_status)outcome.status));
    return false;
}

bst_status driver_start(struct driver *self)
{
    void *pages =
        mmap(NULL, 3 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const uint64_t addresses[] = {0, 0x456789abc000, 0x8123456789abcde0,
                                  (uintptr_t)pages + 4096 + 64};
    uint32_t good = 0;
    struct result result;

    for (uint32_t i = 0; i < CALLS; i++)
        for (int at = 0; at < 4; at++)
            for (int blocking = 0; blocking < 2; blocking++)
                good += try_one(self, i, addresses[at], blocking);
    if (sink_ask_query(self->to.sinks, &(struct query){.n = 1}, &result) !=
        BST_OK)
        printf("the others do not answer\n");
    printf("%u of %u as expected\n", good, CALLS * 4 * 2);
    bst_stop_system(self);
    return BST_OK;
}
