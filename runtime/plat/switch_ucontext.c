/*
 * The context switch by <ucontext.h>, for machines without assembly here and
 * for tests (BSTI_SWITCH_UCONTEXT=1).
 *
 * A saved context is a ucontext_t in the frame of bsti_switch_raw() itself; it
 * lives as long as the stack is not continued. That of a fresh stack lies in
 * the bytes at its top.
 */

#define _GNU_SOURCE

#include "plat/switch.h"

#if BSTI_SWITCH_UCONTEXT

#include <limits.h>
#include <string.h>

#include <ucontext.h>

#include "base/assert.h"
#include "plat/switch_frame.h"

/* What the bottom frame of a stack needs. */
struct bottom {
    ucontext_t context;
    void (*entry)(void *arg);
    void *arg;
};

_Static_assert(sizeof(struct bottom) <= BSTI_SWITCH_TOP - 64,
               "the top of a stack is too small for a context");

/* makecontext() passes only ints: the address comes in two halves. */
static void boot(unsigned high, unsigned low)
{
    uintptr_t address = (uintptr_t)low;
    struct bottom *bottom;

    address |= (uintptr_t)((uint64_t)high << 32);
    bottom = (struct bottom *)address;
    bottom->entry(bottom->arg);
    bsti_fatal(__FILE__, __LINE__, "the entry of a stack returned");
}

void *bsti_switch_frame(struct bsti_stack *stack, void (*entry)(void *arg),
                        void *arg)
{
    char *top = stack->base + stack->size - BSTI_SWITCH_TOP;
    struct bottom *bottom = (struct bottom *)(void *)top;
    uint64_t address = (uint64_t)(uintptr_t)bottom;

    memset(bottom, 0, sizeof(*bottom));
    bsti_check(getcontext(&bottom->context) == 0, "getcontext failed");
    bottom->entry = entry;
    bottom->arg = arg;
    bottom->context.uc_stack.ss_sp = stack->base;
    bottom->context.uc_stack.ss_size = stack->size - BSTI_SWITCH_TOP;
    bottom->context.uc_link = NULL;
    makecontext(&bottom->context, (void (*)(void))boot, 2,
                (unsigned)(address >> 32), (unsigned)(address & UINT_MAX));
    return &bottom->context;
}

BSTI_NO_SANITIZE void bsti_switch_raw(void **save, void *to)
{
    ucontext_t here;

    /* swapcontext() leaves it alone, and AddressSanitizer looks at it. */
    memset(&here.uc_stack, 0, sizeof(here.uc_stack));
    *save = &here;
    bsti_check(swapcontext(&here, to) == 0, "swapcontext failed");
}

BST_NORETURN void bsti_switch_raw_jump(void *to)
{
    (void)setcontext(to);
    bsti_fatal(__FILE__, __LINE__, "setcontext failed");
}

BST_NORETURN void bsti_switch_raw_start(struct bsti_stack *stack,
                                        void (*entry)(void *arg), void *arg)
{
    /* makecontext() writes where the bottom frame has been, which is never
     * returned to; the frame of this function lies below. */
    bsti_switch_raw_jump(bsti_switch_frame(stack, entry, arg));
}

#else

/* ISO C wants something in every file. */
typedef int bsti_switch_ucontext_unused;

#endif
