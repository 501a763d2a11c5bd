/*
 * The bottom frames of stacks on x86-64; the switch itself is inlined, see
 * switch_x86_64.h. Here the return address is declared undefined, which is
 * where unwinders stop.
 */

#ifndef BSTI_SWITCH_UCONTEXT
#define BSTI_SWITCH_UCONTEXT 0
#endif

#if defined(__x86_64__) && !BSTI_SWITCH_UCONTEXT

        .text

/*
 * Where a stack begins that is switched to for the first time: rbx is the
 * entry, rbp its argument. The stack pointer is a multiple of 16, so that the
 * entry begins as if it had been called.
 */
        .globl  bsti_switch_boot
        .hidden bsti_switch_boot
        .type   bsti_switch_boot, @function
        .p2align 4
bsti_switch_boot:
        .cfi_startproc
        .cfi_undefined rip
        .cfi_undefined rbp
        endbr64
        movq    %rbp, %rdi
        xorl    %ebp, %ebp
        callq   *%rbx
        ud2
        .cfi_endproc
        .size   bsti_switch_boot, . - bsti_switch_boot

/*
 * void bsti_switch_start(void *top, void (*entry)(void *), void *arg)
 *
 * Begins the stack we run on anew. emms empties the x87 registers that abandoned
 * frames may have left full; fninit would be ten times as slow. The control
 * words are written only if they are not at their defaults.
 */
        .globl  bsti_switch_start
        .hidden bsti_switch_start
        .type   bsti_switch_start, @function
        .p2align 4
bsti_switch_start:
        .cfi_startproc
        .cfi_undefined rip
        .cfi_undefined rbp
        endbr64
        movq    %rdi, %rsp
        movq    %rdx, %rdi
        xorl    %ebp, %ebp
        cld
        emms
        subq    $16, %rsp
        stmxcsr (%rsp)
        fnstcw  4(%rsp)
        movl    (%rsp), %eax
        andl    $0xffc0, %eax
        cmpl    $0x1f80, %eax
        jne     3f
1:
        cmpw    $0x037f, 4(%rsp)
        jne     4f
2:
        addq    $16, %rsp
        callq   *%rsi
        ud2
3:
        movl    $0x1f80, (%rsp)
        ldmxcsr (%rsp)
        jmp     1b
4:
        movw    $0x037f, 4(%rsp)
        fldcw   4(%rsp)
        jmp     2b
        .cfi_endproc
        .size   bsti_switch_start, . - bsti_switch_start

#endif

        .section .note.GNU-stack, "", %progbits
