/*
 * The context switch for aarch64, AAPCS64.
 *
 * A saved context, from its stack pointer upwards:
 *
 *      0  x19 .. x28, x29 (frame), x30 (address to continue at)
 *     96  d8 .. d15
 *    160  FPCR, padding
 *
 * switch.c builds the same for a fresh stack: x19 is the entry, x20 its
 * argument, and x30 is bsti_switch_boot. There, and in bsti_switch_start, the
 * return address is declared undefined, which is where unwinders stop.
 *
 * `hint #34` is "bti c", which older assemblers do not know by name.
 */

#ifndef BSTI_SWITCH_UCONTEXT
#define BSTI_SWITCH_UCONTEXT 0
#endif

#if defined(__aarch64__) && !BSTI_SWITCH_UCONTEXT

        .text

        .macro  restore_and_return
        ldp     x19, x20, [sp, #0]
        ldp     x21, x22, [sp, #16]
        ldp     x23, x24, [sp, #32]
        ldp     x25, x26, [sp, #48]
        ldp     x27, x28, [sp, #64]
        ldp     x29, x30, [sp, #80]
        ldp     d8, d9, [sp, #96]
        ldp     d10, d11, [sp, #112]
        ldp     d12, d13, [sp, #128]
        ldp     d14, d15, [sp, #144]
        ldr     x2, [sp, #160]
        msr     fpcr, x2
        add     sp, sp, #176
        ret
        .endm

/* void bsti_switch_raw(void **save, void *to) */
        .globl  bsti_switch_raw
        .hidden bsti_switch_raw
        .type   bsti_switch_raw, %function
        .p2align 4
bsti_switch_raw:
        .cfi_startproc
        hint    #34
        sub     sp, sp, #176
        .cfi_def_cfa_offset 176
        stp     x19, x20, [sp, #0]
        stp     x21, x22, [sp, #16]
        stp     x23, x24, [sp, #32]
        stp     x25, x26, [sp, #48]
        stp     x27, x28, [sp, #64]
        stp     x29, x30, [sp, #80]
        .cfi_rel_offset x19, 0
        .cfi_rel_offset x20, 8
        .cfi_rel_offset x21, 16
        .cfi_rel_offset x22, 24
        .cfi_rel_offset x23, 32
        .cfi_rel_offset x24, 40
        .cfi_rel_offset x25, 48
        .cfi_rel_offset x26, 56
        .cfi_rel_offset x27, 64
        .cfi_rel_offset x28, 72
        .cfi_rel_offset x29, 80
        .cfi_rel_offset x30, 88
        stp     d8, d9, [sp, #96]
        stp     d10, d11, [sp, #112]
        stp     d12, d13, [sp, #128]
        stp     d14, d15, [sp, #144]
        mrs     x2, fpcr
        str     x2, [sp, #160]
        mov     x3, sp
        str     x3, [x0]
        mov     sp, x1
        /* Now on the other stack, whose layout is the same. */
        restore_and_return
        .cfi_endproc
        .size   bsti_switch_raw, . - bsti_switch_raw

/* void bsti_switch_raw_jump(void *to) */
        .globl  bsti_switch_raw_jump
        .hidden bsti_switch_raw_jump
        .type   bsti_switch_raw_jump, %function
        .p2align 4
bsti_switch_raw_jump:
        .cfi_startproc
        .cfi_undefined x30
        hint    #34
        mov     sp, x0
        restore_and_return
        .cfi_endproc
        .size   bsti_switch_raw_jump, . - bsti_switch_raw_jump

/* The bottom frame of a stack that is switched to for the first time. */
        .globl  bsti_switch_boot
        .hidden bsti_switch_boot
        .type   bsti_switch_boot, %function
        .p2align 4
bsti_switch_boot:
        .cfi_startproc
        .cfi_undefined x30
        .cfi_undefined x29
        mov     x0, x20
        blr     x19
        brk     #1
        .cfi_endproc
        .size   bsti_switch_boot, . - bsti_switch_boot

/*
 * void bsti_switch_start(void *top, void (*entry)(void *), void *arg)
 *
 * The bottom frame of the stack we run on, begun anew.
 */
        .globl  bsti_switch_start
        .hidden bsti_switch_start
        .type   bsti_switch_start, %function
        .p2align 4
bsti_switch_start:
        .cfi_startproc
        .cfi_undefined x30
        .cfi_undefined x29
        hint    #34
        mov     sp, x0
        mov     x0, x2
        mov     x29, xzr
        msr     fpcr, xzr
        blr     x1
        brk     #1
        .cfi_endproc
        .size   bsti_switch_start, . - bsti_switch_start

#endif

        .section .note.GNU-stack, "", %progbits
