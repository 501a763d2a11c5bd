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

/** Writes a byte as it is. */
__attribute__((always_inline)) static inline void bsti_probe_write(char *at)
{
#if defined(__x86_64__)
    __asm__ volatile("1: orb $0, (%0)\n\t" BSTI_PROBE_NOTE
                     :
                     : "r"(at)
                     : "memory", "cc");
#elif defined(__aarch64__)
    int byte;

    bsti_probe_byte(at);
    __asm__ volatile("ldrb %w0, [%1]\n\t"
                     "1: strb %w0, [%1]\n\t" BSTI_PROBE_NOTE
                     : "=&r"(byte)
                     : "r"(at)
                     : "memory");
#else
    *(volatile char *)at = *(volatile char *)at;
#endif
}

/** Looks at memory that is to be read, or written. */
void bsti_probe(const void *memory, size_t size);
void bsti_probe_out(void *memory, size_t size);

/** The same for less than a page, without a call. */
__attribute__((always_inline)) static inline void
bsti_probe_small(const void *memory, size_t size)
{
    if (BSTI_LIKELY(size > 0)) {
        bsti_probe_byte(memory);
        bsti_probe_byte((const char *)memory + size - 1);
    }
}

__attribute__((always_inline)) static inline void
bsti_probe_out_small(void *memory, size_t size)
{
    if (BSTI_LIKELY(size > 0)) {
        bsti_probe_write(memory);
        bsti_probe_write((char *)memory + size - 1);
    }
}

/** Whether the instruction at `pc` looks at a user's memory. */
bool bsti_probe_is_at(uintptr_t pc);

#endif
