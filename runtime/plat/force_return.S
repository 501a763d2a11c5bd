/*
 * Where a replaced return address leads to (force.c): bsti_force_returned()
 * says where the function would have returned to, unless it goes on elsewhere.
 * What a function may return its result in is kept meanwhile.
 *
 * There is no call frame information: a walk must not go through here.
 */

#if defined(__x86_64__)

        .text
        .globl  bsti_force_return
        .hidden bsti_force_return
        .type   bsti_force_return, @function
        .p2align 4
bsti_force_return:
        pushq   $0
        pushq   %rbp
        movq    %rsp, %rbp
        subq    $48, %rsp
        andq    $-16, %rsp
        movq    %rax, (%rsp)
        movq    %rdx, 8(%rsp)
        movups  %xmm0, 16(%rsp)
        movups  %xmm1, 32(%rsp)
        leaq    16(%rbp), %rdi
        cld
        callq   bsti_force_returned
        movq    %rax, 8(%rbp)
        movq    (%rsp), %rax
        movq    8(%rsp), %rdx
        movups  16(%rsp), %xmm0
        movups  32(%rsp), %xmm1
        leave
        ret
        .size   bsti_force_return, . - bsti_force_return

#elif defined(__aarch64__)

        .text
        .globl  bsti_force_return
        .hidden bsti_force_return
        .type   bsti_force_return, %function
        .p2align 4
bsti_force_return:
        mov     x16, sp
        sub     sp, sp, #160
        stp     x0, x1, [sp]
        stp     x2, x3, [sp, #16]
        stp     x4, x5, [sp, #32]
        stp     x6, x7, [sp, #48]
        stp     q0, q1, [sp, #64]
        stp     q2, q3, [sp, #96]
        str     x8, [sp, #128]
        mov     x0, x16
        bl      bsti_force_returned
        mov     x16, x0
        ldp     x0, x1, [sp]
        ldp     x2, x3, [sp, #16]
        ldp     x4, x5, [sp, #32]
        ldp     x6, x7, [sp, #48]
        ldp     q0, q1, [sp, #64]
        ldp     q2, q3, [sp, #96]
        ldr     x8, [sp, #128]
        add     sp, sp, #160
        mov     x30, x16
        br      x16
        .size   bsti_force_return, . - bsti_force_return

#endif

#if defined(__linux__) && defined(__ELF__)
        .section .note.GNU-stack, "", %progbits
#endif
