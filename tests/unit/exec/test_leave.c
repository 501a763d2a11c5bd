/*
 * exec/oust: at no instruction of the runtime a task may be taken out of it.
 *
 * A task calls the runtime step by step, and others follow it. What a signal
 * that forces the thread out would find is looked at behind each instruction:
 * while the runtime is at work, in its own code or in what it has called, or on
 * the way there, it must not be left at once.
 */

#define _GNU_SOURCE
#include <bastion/task.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/attr.h"
#include "exec/worker.h"
#include "plat/fault_here.h"
#include "plat/plt.h"
#include "plat/probe.h"
#include "plat/unwind.h"
#include "sync/atomic.h"
#include "unit/unit.h"

/* TSan records what the handler does, and is itself at work meanwhile. */
#if defined(__x86_64__) && !BSTI_TSAN

enum { TASKS = 100 };

/* The code of the user lies by itself, so that the rest can be told from it. */
#define USER                                                                   \
    __attribute__((section("user_code"))) BSTI_NO_SANITIZE BSTI_NOINLINE

extern const char user_begin[] __asm__("__start_user_code");
extern const char user_end[] __asm__("__stop_user_code");

static struct bst_executor *executor;
static struct bsti_unwind_cache *cache;
static struct bst_task *tasks[TASKS];
static _Atomic uint32_t done;
static uintptr_t stack_low;
static uintptr_t stack_high;
static unsigned long inside;
static unsigned long stubs;
static unsigned long left_at_once;
static uintptr_t where; /* the last of these */

static void on_step(int signo, siginfo_t *info, void *context)
{
    struct bsti_unwind walk;
    uintptr_t pc;

    (void)signo;
    (void)info;
    if (bsti_load_relaxed(&done)) {
        ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~0x100;
        return;
    }
    memset(&walk, 0, sizeof walk);
    bsti_fault_get_registers(context, &walk.regs);
    pc = walk.regs.r[BSTI_CFI_PC];
    if (pc >= (uintptr_t)user_begin && pc < (uintptr_t)user_end)
        return;
    walk.low = stack_low;
    walk.high = stack_high;
    walk.cache = cache;
    inside++;
    stubs += bsti_plt_is_stub(pc);
    /* A probe touches what the user gave before anything else is done. */
    if (!bsti_probe_is_at(pc) && bsti_unwind_leave(&walk) == BSTI_LEAVE_NOW) {
        left_at_once++;
        where = pc;
    }
}

USER static void *same(void *arg)
{
    return arg;
}

/* The calls are made step by step, and so is all that comes between tasks. */
USER static void *spawn_all(void *arg)
{
    const struct bsti_stack *stack = bsti_worker_current()->stack;

    stack_low = (uintptr_t)stack->base;
    stack_high = stack_low + stack->size;
    /* Each instruction traps from now on; below the red zone. */
    __asm__ volatile("subq $128, %%rsp\n\t"
                     "pushfq\n\t"
                     "orq $0x100, (%%rsp)\n\t"
                     "popfq\n\t"
                     "addq $128, %%rsp"
                     :
                     :
                     : "memory", "cc");
    for (size_t i = 0; i < TASKS; i++)
        tasks[i] = bst_spawn(executor, same, NULL, NULL);
    return arg;
}

static void the_runtime_is_never_left_at_once(void **state)
{
    struct bst_executor_options options = {.threads = 1, .no_pin = 1};
    struct sigaction action = {.sa_sigaction = on_step,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK};
    struct sigaction before;

    (void)state;
    executor = bst_executor_create(&options);
    cache = calloc(1, bsti_unwind_cache_size());
    assert_non_null(executor);
    assert_non_null(cache);
    assert_int_equal(sigaction(SIGTRAP, &action, &before), 0);
    assert_int_equal(bst_join(bst_spawn(executor, spawn_all, NULL, NULL), NULL),
                     BST_OK);
    for (size_t i = 0; i < TASKS; i++)
        assert_int_equal(bst_join(tasks[i], NULL), BST_OK);
    /* With nothing to do the worker goes to sleep, and calls the system. */
    assert_int_equal(usleep(20000), 0);
    assert_int_equal(bst_join(bst_spawn(executor, same, NULL, NULL), NULL),
                     BST_OK);
    bsti_store_relaxed(&done, 1u);
    if (left_at_once > 0)
        print_message("at pc %#lx\n", (unsigned long)where);
    assert_int_equal(left_at_once, 0);
    assert_true(inside > TASKS);
    assert_true(stubs > 0);
    bst_executor_destroy(executor);
    assert_int_equal(sigaction(SIGTRAP, &before, NULL), 0);
    free(cache);
}

#else

static void the_runtime_is_never_left_at_once(void **state)
{
    (void)state;
    skip();
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_runtime_is_never_left_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
