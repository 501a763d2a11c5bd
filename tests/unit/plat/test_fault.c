/*
 * plat/fault: where a fault lands, whose it is, and that everything is put
 * back.
 */

#define _GNU_SOURCE

#include "plat/fault.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "base/attr.h"

#include "unit/unit.h"

static sigjmp_buf out;
static enum bsti_fault_verdict verdict;
static struct bsti_trap seen;
static int nseen;
static int nformer;
static unsigned landed_flags;
static unsigned landed_mxcsr;
static int landed_arg;

enum { PAGE = 4096 };

static char *page; /* that nobody may touch */
static volatile uintptr_t nowhere;

BSTI_NO_SANITIZE BSTI_NOINLINE static void fault(void)
{
    *(volatile char *)nowhere = 1;
}

BSTI_NO_SANITIZE BSTI_NOINLINE static void fault_in_disorder(void)
{
#if defined(__x86_64__)
    unsigned odd = 0x1f80 | 0x6000;

    __asm__ volatile("ldmxcsr %0\n\tstd" ::"m"(odd));
#endif
    *(volatile char *)nowhere = 1;
}

static void land(void *arg)
{
#if defined(__x86_64__)
    uint64_t flags;

    __asm__ volatile("pushfq\n\tpopq %0" : "=r"(flags));
    landed_flags = (unsigned)flags;
    __asm__ volatile("stmxcsr %0" : "=m"(landed_mxcsr));
#endif
    (void)bsti_fault_landed();
    landed_arg = *(int *)arg;
    siglongjmp(out, 1);
}

static int token = 7;

BSTI_NO_SANITIZE static enum bsti_fault_verdict judge(struct bsti_trap *trap)
{
    seen = *trap;
    nseen++;
    trap->land = land;
    trap->arg = &token;
    trap->walk.landing = trap->sp - 4096;
    return verdict;
}

/* Puts right what was wrong, so that the thread can go on. */
static void former(int signo)
{
    (void)signo;
    nformer++;
    (void)mprotect(page, PAGE, PROT_READ | PROT_WRITE);
}

/* The test program has handlers of its own while a test runs. */
static void begin(void)
{
    struct sigaction action;

    nseen = 0;
    nformer = 0;
    landed_arg = 0;
    verdict = BSTI_FAULT_LAND;
    memset(&action, 0, sizeof(action));
    action.sa_handler = former;
    assert_int_equal(sigaction(SIGSEGV, &action, NULL), 0);
    page = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(page, MAP_FAILED);
    nowhere = (uintptr_t)page + 24;
    assert_int_equal(bsti_fault_catch(judge), 0);
    bsti_fault_thread_begin();
}

static void end(void)
{
    bsti_fault_thread_end();
    bsti_fault_release();
    assert_int_equal(munmap(page, PAGE), 0);
}

static void a_fault_lands(void **state)
{
    (void)state;
    begin();
    if (sigsetjmp(out, 1) == 0) {
        fault();
    }
    assert_int_equal(nseen, 1);
    assert_int_equal(landed_arg, 7);
    assert_int_equal(seen.signo, SIGSEGV);
    assert_int_equal(seen.address, nowhere);
    assert_true(seen.pc >= (uintptr_t)&fault &&
                seen.pc < (uintptr_t)&fault + 256);
    end();
}

static void a_landing_is_in_order(void **state)
{
    sigset_t mask;

    (void)state;
    begin();
    if (sigsetjmp(out, 0) == 0) {
        fault_in_disorder();
    }
    assert_int_equal(landed_arg, 7);
#if defined(__x86_64__)
    assert_int_equal(landed_flags & 0x400, 0);
    assert_int_equal(landed_mxcsr & 0xffc0, 0x1f80);
#endif
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &mask), 0);
    assert_false(sigismember(&mask, SIGSEGV));
    assert_false(sigismember(&mask, SIGFPE));
    end();
}

static void a_fault_may_come_again(void **state)
{
    (void)state;
    begin();
    for (volatile int i = 0; i < 1000; i++) {
        if (sigsetjmp(out, 0) == 0) {
            fault();
        }
    }
    assert_int_equal(nseen, 1000);
    end();
}

static void what_is_not_ours_is_passed_on(void **state)
{
    (void)state;
    begin();
    verdict = BSTI_FAULT_FOREIGN;
    fault();
    assert_int_equal(nseen, 1);
    assert_int_equal(nformer, 1);
    end();
}

static void what_is_sent_is_nobodys_fault(void **state)
{
    (void)state;
    begin();
    raise(SIGSEGV);
    assert_int_equal(nseen, 0);
    assert_int_equal(nformer, 1);
    end();
}

static void a_thread_that_has_not_begun_is_foreign(void **state)
{
    (void)state;
    begin();
    bsti_fault_thread_end();
    fault();
    assert_int_equal(nseen, 0);
    assert_int_equal(nformer, 1);
    end();
}

static void abort_is_a_fault(void **state)
{
    (void)state;
    begin();
    if (sigsetjmp(out, 1) == 0) {
        raise(SIGABRT);
    }
    assert_int_equal(nseen, 1);
    assert_int_equal(seen.signo, SIGABRT);
    assert_true(seen.walk.is_abort);
    end();
}

static void everything_is_put_back(void **state)
{
    struct sigaction now;
    stack_t before;
    stack_t after;

    (void)state;
    begin();
    bsti_fault_thread_end();
    assert_int_equal(sigaltstack(NULL, &before), 0);
    bsti_fault_thread_begin();
    assert_int_equal(sigaltstack(NULL, &after), 0);
    assert_ptr_not_equal(before.ss_sp, after.ss_sp);
    bsti_fault_thread_end();
    assert_int_equal(sigaltstack(NULL, &after), 0);
    assert_int_equal(before.ss_flags, after.ss_flags);

    assert_int_equal(bsti_fault_catch(judge), 0); /* the second */
    bsti_fault_release();
    assert_int_equal(sigaction(SIGSEGV, NULL, &now), 0);
    assert_true(now.sa_flags & SA_SIGINFO);
    bsti_fault_release();
    assert_int_equal(sigaction(SIGSEGV, NULL, &now), 0);
    assert_true(now.sa_handler == former);
    assert_int_equal(bsti_fault_catch(judge), 0);
    end();
}

static void expect_text(const char *text, struct bsti_trap trap)
{
    char buffer[100];

    bsti_fault_text(&trap, buffer, sizeof(buffer));
    assert_string_equal(buffer, text);
}

static void a_text_names_the_kind(void **state)
{
    char little[10];

    (void)state;
    expect_text("null pointer: SIGSEGV at 0x0",
                (struct bsti_trap){.signo = SIGSEGV, .code = SEGV_MAPERR});
    expect_text("wild pointer: SIGSEGV at 0xabcdef0",
                (struct bsti_trap){.signo = SIGSEGV,
                                   .code = SEGV_MAPERR,
                                   .address = 0xabcdef0});
    expect_text("wild pointer: SIGSEGV",
                (struct bsti_trap){.signo = SIGSEGV, .code = SI_KERNEL});
    expect_text("stack overflow: SIGSEGV at 0x1ff0",
                (struct bsti_trap){.signo = SIGSEGV,
                                   .code = SEGV_ACCERR,
                                   .address = 0x1ff0,
                                   .is_overflow = true});
    expect_text("division by zero: SIGFPE at 0x12",
                (struct bsti_trap){
                    .signo = SIGFPE, .code = FPE_INTDIV, .address = 0x12});
    expect_text("arithmetic fault: SIGFPE at 0x12",
                (struct bsti_trap){
                    .signo = SIGFPE, .code = FPE_FLTDIV, .address = 0x12});
    expect_text("illegal instruction: SIGILL at 0x12",
                (struct bsti_trap){
                    .signo = SIGILL, .code = ILL_ILLOPN, .address = 0x12});
    expect_text("bus error: SIGBUS at 0x12",
                (struct bsti_trap){
                    .signo = SIGBUS, .code = BUS_ADRERR, .address = 0x12});
    expect_text("abort: SIGABRT", (struct bsti_trap){.signo = SIGABRT});
    expect_text("failed assertion: SIGABRT",
                (struct bsti_trap){.signo = SIGABRT, .walk.is_assert = true});
    bsti_fault_text(&(struct bsti_trap){.signo = SIGABRT}, little,
                    sizeof(little));
    assert_string_equal(little, "abort: SI");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fault_lands),
        cmocka_unit_test(a_landing_is_in_order),
        cmocka_unit_test(a_fault_may_come_again),
        cmocka_unit_test(what_is_not_ours_is_passed_on),
        cmocka_unit_test(what_is_sent_is_nobodys_fault),
        cmocka_unit_test(a_thread_that_has_not_begun_is_foreign),
        cmocka_unit_test(abort_is_a_fault),
        cmocka_unit_test(everything_is_put_back),
        cmocka_unit_test(a_text_names_the_kind),
    };

    return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
