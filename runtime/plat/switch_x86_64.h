#ifndef BST_PLAT_SWITCH_X86_64_H
#define BST_PLAT_SWITCH_X86_64_H

/*
 * The bare switch for x86-64, System V ABI; part of plat/switch.h.
 *
 * A saved context, from its stack pointer upwards:
 *
 *      0  MXCSR (4 bytes), x87 control word (2 bytes), padding
 *      8  rbx
 *     16  rbp
 *     24  the address to continue at
 *
 * Inlined, because a call that returns to another stack's caller defeats the
 * processor's prediction of returns: that costs four times the switch itself.
 * For the same reason the switch ends in a jump. The compiler is told that all
 * other registers are lost and keeps what it needs; it saves nothing else.
 *
 * The control words are written only if they differ, as they hardly ever do:
 * writing them is slow. Of MXCSR only the control bits count.
 */

#include <bastion/attr.h>

#include "base/attr.h"

/* All registers a callee may change and, but rbx and rbp, all it must keep. */
#ifdef __AVX512F__
#define BSTI_SWITCH_CLOBBER_AVX512                                             \
    "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23",    \
        "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30",         \
        "xmm31", "k1", "k2", "k3", "k4", "k5", "k6", "k7",
#else
#define BSTI_SWITCH_CLOBBER_AVX512
#endif
#define BSTI_SWITCH_CLOBBER                                                    \
    "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", \
        "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",        \
        "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",  \
        BSTI_SWITCH_CLOBBER_AVX512 "st", "st(1)", "st(2)", "st(3)", "st(4)",   \
        "st(5)", "st(6)", "st(7)", "cc", "memory"

/* Saves the running context to *save and continues `to`. */
BSTI_NO_SANITIZE __attribute__((always_inline)) static inline void
bsti_switch_raw(void **save, void *to)
{
    /* The first step leaves the red zone of the function alone. */
    __asm__ volatile("leaq    -128(%%rsp), %%rsp\n\t"
                     "leaq    1f(%%rip), %%rax\n\t"
                     "pushq   %%rax\n\t"
                     "pushq   %%rbp\n\t"
                     "pushq   %%rbx\n\t"
                     "subq    $8, %%rsp\n\t"
                     "stmxcsr (%%rsp)\n\t"
                     "fnstcw  4(%%rsp)\n\t"
                     "movl    (%%rsp), %%eax\n\t"
                     "movzwl  4(%%rsp), %%edx\n\t"
                     "movq    %%rsp, (%0)\n\t"
                     "movq    %1, %%rsp\n\t"
                     /* Now on the other stack. */
                     "xorl    (%%rsp), %%eax\n\t"
                     "testl   $0xffc0, %%eax\n\t"
                     "jne     4f\n"
                     "2:\n\t"
                     "cmpw    4(%%rsp), %%dx\n\t"
                     "jne     5f\n"
                     "3:\n\t"
                     "addq    $8, %%rsp\n\t"
                     "popq    %%rbx\n\t"
                     "popq    %%rbp\n\t"
                     "popq    %%rcx\n\t"
                     "jmp     *%%rcx\n"
                     "4:\n\t"
                     "ldmxcsr (%%rsp)\n\t"
                     "jmp     2b\n"
                     "5:\n\t"
                     "fldcw   4(%%rsp)\n\t"
                     "jmp     3b\n"
                     "1:\n\t"
                     "endbr64\n\t"
                     "leaq    128(%%rsp), %%rsp"
                     : "+D"(save), "+S"(to)
                     :
                     : BSTI_SWITCH_CLOBBER);
}

/* Continues `to`. */
BSTI_NO_SANITIZE __attribute__((always_inline)) BST_NORETURN static inline void
bsti_switch_raw_jump(void *to)
{
    __asm__ volatile("movq    %0, %%rsp\n\t"
                     "stmxcsr -8(%%rsp)\n\t"
                     "fnstcw  -4(%%rsp)\n\t"
                     "movl    -8(%%rsp), %%eax\n\t"
                     "movzwl  -4(%%rsp), %%edx\n\t"
                     "xorl    (%%rsp), %%eax\n\t"
                     "testl   $0xffc0, %%eax\n\t"
                     "jne     4f\n"
                     "2:\n\t"
                     "cmpw    4(%%rsp), %%dx\n\t"
                     "jne     5f\n"
                     "3:\n\t"
                     "addq    $8, %%rsp\n\t"
                     "popq    %%rbx\n\t"
                     "popq    %%rbp\n\t"
                     "popq    %%rcx\n\t"
                     "jmp     *%%rcx\n"
                     "4:\n\t"
                     "ldmxcsr (%%rsp)\n\t"
                     "jmp     2b\n"
                     "5:\n\t"
                     "fldcw   4(%%rsp)\n\t"
                     "jmp     3b"
                     :
                     : "S"(to)
                     : "rax", "rcx", "rdx", "cc", "memory");
    __builtin_unreachable();
}

#endif
