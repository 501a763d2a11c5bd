#ifndef BST_PLAT_PROBE_H
#define BST_PLAT_PROBE_H

/*
 * Looking at memory that a user has given, before anything is done with it.
 *
 * A bad pointer faults here, in an instruction that is noted in a table, and
 * not later, when a lock is held or a block was taken. So it is the failure
 * of the handler that gave it, although the runtime's code has met it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

/* clang-format off */
#define BSTI_PROBE_NOTE                                                        \
    ".pushsection bsti_probes,\"a\",%%progbits\n\t"                            \
    ".p2align 2\n\t"                                                           \
    ".long 1b - .\n\t"                                                         \
    ".popsection"
/* clang-format on */

/** Reads a byte. */
__attribute__((always_inline)) static inline void
bsti_probe_byte(const volatile char *at)
{
#if defined(__x86_64__)
    char byte;

    __asm__ volatile("1: movb (%1), %0\n\t" BSTI_PROBE_NOTE
                     : "=q"(byte)
                     : "r"(at));
#elif defined(__aarch64__)
    int byte;

    __asm__ volatile("1: ldrb %w0, [%1]\n\t" BSTI_PROBE_NOTE
                     : "=r"(byte)
                     : "r"(at));
#else
    (void)*at;
#endif
}

/** Looks at memory that is to be read; small memory without a call. */
void bsti_probe_long(const void *memory, size_t size);

__attribute__((always_inline)) static inline void bsti_probe(const void *memory,
                                                             size_t size)
{
    if (size == 0) {
        return;
    }
    bsti_probe_byte(memory);
    if (BSTI_UNLIKELY(size > 64)) {
        bsti_probe_long(memory, size);
    } else {
        bsti_probe_byte((const char *)memory + size - 1);
    }
}

/** Looks at memory that is to be written. */
void bsti_probe_out(void *memory, size_t size);

/** Whether the instruction at `pc` looks at a user's memory. */
bool bsti_probe_is_at(uintptr_t pc);

#endif
