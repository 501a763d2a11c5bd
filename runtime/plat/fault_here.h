#ifndef BST_PLAT_FAULT_HERE_H
#define BST_PLAT_FAULT_HERE_H

/*
 * What a thread has for its signal handlers, shared by fault.c and force.c.
 */

#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <sys/types.h>
#include <ucontext.h>

#include "plat/fault.h"
#include "plat/stack.h"

/** It begins with its guard and ends with its stack. */
struct bsti_fault_here {
    void *memory;
    size_t bytes;
    pid_t pid;
    stack_t before;
    sigset_t mask; /* that the thread has when nothing is wrong */
    struct bsti_stack own;
    struct bsti_trap trap; /* the last one */
    struct bsti_unwind_cache *cache;

    /* Of force.c: where it was to go on, and the return address that was
     * replaced; NULL: none. */
    struct bsti_trap forced;
    uintptr_t *slot;
    uintptr_t original;
    uintptr_t frame;
};

/** That of the calling thread; NULL: it has none. */
extern _Thread_local struct bsti_fault_here *bsti_fault_here;

/** Reads the registers at which a thread was interrupted. */
void bsti_fault_get_registers(const ucontext_t *context,
                              struct bsti_cfi_regs *regs);

/** Has the thread go on in land(arg), as if called with `sp` by nobody. */
void bsti_fault_set_registers(ucontext_t *context, uintptr_t sp,
                              void (*land)(void *arg), void *arg);

/** Tells AddressSanitizer that the frames below the landing are dead. */
void bsti_fault_unpoison(const struct bsti_trap *trap);

#endif
