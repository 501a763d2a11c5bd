#ifndef BST_PLAT_SWITCH_H
#define BST_PLAT_SWITCH_H

/*
 * Switching between stacks.
 *
 * x86-64 and aarch64 have a few instructions of assembly; elsewhere, or with
 * BSTI_SWITCH_UCONTEXT=1, <ucontext.h> is used, which is correct and slow.
 *
 * What a switch keeps: the registers a callee must keep, and the floating
 * point control words (MXCSR and x87, or FPCR). The signal mask is the
 * thread's and stays. With ucontext it travels with the stack, and a fresh
 * frame inherits floating point control.
 *
 * A saved stack may be continued by another thread: everything its owner
 * wrote must then have been published to that thread by other means.
 *
 * Every notice to AddressSanitizer, ThreadSanitizer and valgrind is given
 * here and in stack.c, nowhere else. In builds without them a switch is
 * inlined down to the assembly.
 */

#include <bastion/attr.h>

#include "plat/stack.h"

#ifndef BSTI_SWITCH_UCONTEXT
#if defined(__x86_64__) || defined(__aarch64__)
#define BSTI_SWITCH_UCONTEXT 0
#else
#define BSTI_SWITCH_UCONTEXT 1
#endif
#endif

/*
 * Bytes at the top of a pooled stack that no frame uses: plat keeps there what
 * the bottom frame needs.
 */
#define BSTI_SWITCH_TOP ((size_t)(BSTI_SWITCH_UCONTEXT ? 2048 : 64))

/**
 * Lays a fresh frame on `stack`, on which nobody runs: the next switch or
 * jump to it calls entry(arg), which must never return. Floating point control
 * is at its defaults there. Whatever was saved on the stack is dead.
 */
void bsti_switch_prepare(struct bsti_stack *stack, void (*entry)(void *arg),
                         void *arg);

/**
 * Throws away all frames of `current`, the stack we run on, and calls
 * entry(arg) on its top; entry must never return. Floating point control is
 * reset to its defaults. `current` is a pooled stack, into which `arg` must
 * not point.
 */
BST_NORETURN void bsti_switch_restart(struct bsti_stack *current,
                                      void (*entry)(void *arg), void *arg);

/* The bare switch, in assembly or by ucontext; what is below is made of it. */
#if defined(__x86_64__) && !BSTI_SWITCH_UCONTEXT
#include "plat/switch_x86_64.h"
#else
void bsti_switch_raw(void **save, void *to);
BST_NORETURN void bsti_switch_raw_jump(void *to);
#endif

/* Calls entry(arg) as the bottom frame of the stack below `top`. */
BST_NORETURN void bsti_switch_raw_start(struct bsti_stack *stack,
                                        void (*entry)(void *arg), void *arg);

#if BSTI_ASAN || BSTI_TSAN

void bsti_switch(struct bsti_stack *from, struct bsti_stack *to);
BST_NORETURN void bsti_switch_jump(struct bsti_stack *from,
                                   struct bsti_stack *to);

#else

/**
 * Saves the running context into `from`, the stack we run on, and continues
 * `to`, which must hold a saved or a fresh context.
 *
 * Returns when something continues `from`, perhaps on another thread: no
 * thread-local, errno included, may be held across it.
 */
static inline void bsti_switch(struct bsti_stack *from, struct bsti_stack *to)
{
    bsti_switch_raw(&from->sp, to->sp);
}

/**
 * Continues `to`. All frames of `from`, the stack we run on, are dead from now
 * on; it may be prepared again or released by whoever runs next.
 */
BST_NORETURN static inline void bsti_switch_jump(struct bsti_stack *from,
                                                 struct bsti_stack *to)
{
    (void)from;
    bsti_switch_raw_jump(to->sp);
}

#endif

#endif
