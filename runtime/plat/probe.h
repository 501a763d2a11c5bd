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

/** Reads a byte; what is read behind it is not read before. */
__attribute__((always_inline)) static inline void
bsti_probe_byte(const volatile char *at)
{
#if defined(__x86_64__)
    char byte;

    __asm__ volatile("1: movb (%1), %0\n\t" BSTI_PROBE_NOTE
                     : "=q"(byte)
                     : "r"(at)
                     : "memory");
#elif defined(__aarch64__)
    int byte;

    __asm__ volatile("1: ldrb %w0, [%1]\n\t" BSTI_PROBE_NOTE
                     : "=r"(byte)
                     : "r"(at)
                     : "memory");
#else
    (void)*at;
#endif
}

/** Reads a word, as a plain load does. */
__attribute__((always_inline)) static inline uintptr_t
bsti_probe_word(const void *at)
{
    uintptr_t word;

#if defined(__x86_64__)
    __asm__ volatile("1: movq (%1), %0\n\t" BSTI_PROBE_NOTE
                     : "=r"(word)
                     : "r"(at)
                     : "memory");
#elif defined(__aarch64__)
    __asm__ volatile("1: ldr %0, [%1]\n\t" BSTI_PROBE_NOTE
                     : "=r"(word)
                     : "r"(at)
                     : "memory");
#else
    word = *(const volatile uintptr_t *)at;
#endif
    return word;
}

/** A function that is to be called later. */
typedef void bsti_probe_fn(void);

/** Looks at code: a bad address would be called by nobody's handler. */
__attribute__((always_inline)) static inline void
bsti_probe_code(bsti_probe_fn *fn)
{
    bsti_probe_byte((const char *)(uintptr_t)fn);
}

/** Fails as a bad pointer does: the call is refused. */
__attribute__((always_inline)) static inline void bsti_probe_refuse(void)
{
#if defined(__x86_64__)
    __asm__ volatile("1: ud2\n\t" BSTI_PROBE_NOTE : :);
#elif defined(__aarch64__)
    __asm__ volatile("1: udf #0\n\t" BSTI_PROBE_NOTE : :);
#else
    __builtin_trap();
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

/** Looks at a text, and returns its length. */
size_t bsti_probe_text(const char *text);

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
