/*
 * longjmp(), which the program finds here before it finds the C library's.
 *
 * Out of a handler it would go to frames that are dead, or another thread's;
 * what follows cannot be told. So the target is looked for among the frames
 * of the handler: the function that has called setjmp() must still be there.
 * If not, an instruction that is noted as a user's pointer (probe.h) fails, and
 * with it the handler. Threads and code that are not the handler's, and frames
 * that say nothing about their callers, are left alone.
 *
 * Where a jmp_buf keeps what, and how it is hidden, is known for one C library
 * and processor; elsewhere, and with sanitizers, which have a longjmp() of
 * their own, nothing of this exists.
 */

#define _GNU_SOURCE

#include <dlfcn.h>
#include <stdint.h>

#include "base/assert.h"
#include "base/attr.h"
#include "plat/fault_here.h"
#include "plat/probe.h"
#include "plat/unwind.h"

#if defined(__x86_64__) && defined(__GLIBC__) && !BSTI_ASAN && !BSTI_TSAN

/* Words of a jmp_buf. */
enum { JUMP_SP = 6, JUMP_PC = 7 };

typedef void jump_fn(uintptr_t *env, int value);

_Noreturn void bsti_longjmp(uintptr_t *env, int value) __asm__("longjmp")
    __attribute__((visibility("default")));

/* The same under its other names. */
#define ALSO(name, symbol)                                                     \
    _Noreturn void name(uintptr_t *env, int value) __asm__(symbol)             \
        __attribute__((alias("longjmp"), visibility("default")))

ALSO(bsti_longjmp_plain, "_longjmp");
ALSO(bsti_longjmp_signal, "siglongjmp");
ALSO(bsti_longjmp_checked, "__longjmp_chk");

static jump_fn *real; /* of the C library, for all of them */

__attribute__((constructor)) static void find_real(void)
{
    real = (jump_fn *)(uintptr_t)dlsym(RTLD_NEXT, "siglongjmp");
}

/* Takes off what the C library has put over an address. */
static uintptr_t reveal(uintptr_t word)
{
    __asm__("rorq $17, %0\n\txorq %%fs:0x30, %0" : "+r"(word) : : "cc");
    return word;
}

/* The registers of the calling function, which is inlined. */
__attribute__((always_inline)) static inline void
capture(struct bsti_cfi_regs *regs)
{
    __asm__ volatile("movq %%rbx, 24(%0)\n\t"
                     "movq %%rbp, 48(%0)\n\t"
                     "movq %%rsp, 56(%0)\n\t"
                     "movq %%r12, 96(%0)\n\t"
                     "movq %%r13, 104(%0)\n\t"
                     "movq %%r14, 112(%0)\n\t"
                     "movq %%r15, 120(%0)\n\t"
                     "leaq 1f(%%rip), %%rcx\n\t"
                     "movq %%rcx, 128(%0)\n"
                     "1:"
                     :
                     : "a"(regs)
                     : "rcx", "memory");
}

_Noreturn void bsti_longjmp(uintptr_t *env, int value)
{
    uintptr_t caller = (uintptr_t)__builtin_return_address(0);
    struct bsti_cfi_regs regs = {{0}};

    if (bsti_fault_here && !bsti_unwind_is_ours(caller)) {
        bsti_probe_small(env, (JUMP_PC + 1) * sizeof *env);
        capture(&regs);
        if (!bsti_unwind_finds(&regs, reveal(env[JUMP_PC]),
                               reveal(env[JUMP_SP]))) {
            bsti_probe_refuse();
        }
    }
    real(env, value);
    bsti_check(false, "longjmp() has returned");
    __builtin_unreachable();
}

#else

/* A file is not empty. */
extern const int bsti_longjmp_is_plain;
const int bsti_longjmp_is_plain = 1;

#endif
