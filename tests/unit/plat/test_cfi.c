/*
 * plat/cfi: steps through frames of every shape, against the unwinder of the
 * compiler.
 */

#define _GNU_SOURCE

#include "plat/cfi.h"

#include <execinfo.h>
#include <link.h>
#include <string.h>
#include <ucontext.h>

#include "base/attr.h"
#include "plat/stack.h"

#include "unit/unit.h"

enum { MOST = 64 };

struct trace {
    void *expected[MOST];
    int nexpected;
    uintptr_t found[MOST];
    int nfound;
};

static struct bsti_cfi_table table;
static uintptr_t code_low;
static uintptr_t code_high;

static int find_own(struct dl_phdr_info *info, size_t size, void *arg)
{
    const uint8_t *header = NULL;

    (void)size;
    (void)arg;
    code_low = UINTPTR_MAX;
    code_high = 0;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        uintptr_t begin = (uintptr_t)(info->dlpi_addr + part->p_vaddr);

        if (part->p_type == PT_LOAD && (part->p_flags & PF_X)) {
            code_low = BSTI_MIN(code_low, begin);
            code_high = BSTI_MAX(code_high, begin + part->p_memsz);
        } else if (part->p_type == PT_GNU_EH_FRAME) {
            header = (const uint8_t *)begin;
        }
    }
    assert_non_null(header);
    assert_true(bsti_cfi_open(&table, header));
    return 1; /* the program is the first module */
}

static int setup(void **state)
{
    (void)state;
    (void)dl_iterate_phdr(find_own, NULL);
    return 0;
}

static void registers_of(const ucontext_t *context, struct bsti_cfi_regs *regs)
{
    memset(regs, 0, sizeof(*regs));
#if defined(__x86_64__)
    /* Those that a callee keeps are all that the compiler relies on. */
    regs->r[3] = (uintptr_t)context->uc_mcontext.gregs[REG_RBX];
    regs->r[6] = (uintptr_t)context->uc_mcontext.gregs[REG_RBP];
    regs->r[7] = (uintptr_t)context->uc_mcontext.gregs[REG_RSP];
    regs->r[12] = (uintptr_t)context->uc_mcontext.gregs[REG_R12];
    regs->r[13] = (uintptr_t)context->uc_mcontext.gregs[REG_R13];
    regs->r[14] = (uintptr_t)context->uc_mcontext.gregs[REG_R14];
    regs->r[15] = (uintptr_t)context->uc_mcontext.gregs[REG_R15];
    regs->r[16] = (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    for (size_t i = 0; i <= 30; i++) {
        regs->r[i] = (uintptr_t)context->uc_mcontext.regs[i];
    }
    regs->r[BSTI_CFI_SP] = (uintptr_t)context->uc_mcontext.sp;
    regs->r[BSTI_CFI_PC] = (uintptr_t)context->uc_mcontext.pc;
#endif
}

/* Notes the callers of this function, as both find them. */
BSTI_NOINLINE static void take(struct trace *trace)
{
    static struct bsti_stack own; /* aligned, as no fake stack is */
    struct bsti_cfi_regs regs;
    ucontext_t context;
    struct bsti_cfi_row row;
    uintptr_t pc;

    assert_int_equal(bsti_stack_adopt_thread(&own), 0);
    trace->nexpected = backtrace(trace->expected, MOST);
    assert_int_equal(getcontext(&context), 0);
    registers_of(&context, &regs);
    pc = regs.r[BSTI_CFI_PC];
    trace->nfound = 0;
    while (trace->nfound < MOST && pc >= code_low && pc < code_high &&
           bsti_cfi_find(&table, pc, &row) && !row.ends) {
        assert_true(bsti_cfi_step(&row, &regs, (uintptr_t)own.base,
                                  (uintptr_t)own.base + own.size));
        trace->found[trace->nfound++] = regs.r[BSTI_CFI_PC];
        pc = regs.r[BSTI_CFI_PC] - 1;
    }
    bsti_stack_disown_thread(&own);
}

static volatile size_t opaque = 40;

BSTI_NOINLINE static void plain(struct trace *trace)
{
    take(trace);
    opaque++;
}

/* A frame whose size is not known when it is compiled. */
BSTI_NOINLINE static void variable(struct trace *trace)
{
    volatile char *room = __builtin_alloca(opaque);

    room[0] = 1;
    plain(trace);
    opaque += (size_t)room[0];
}

/* A frame that is aligned more than the stack is. */
BSTI_NOINLINE static void aligned(struct trace *trace)
{
    _Alignas(64) volatile char room[128];

    room[0] = 1;
    variable(trace);
    opaque += (size_t)room[0];
}

/* Both, and many registers in use across the call. */
BSTI_NOINLINE static void crowded(struct trace *trace)
{
    _Alignas(64) volatile char room[128];
    size_t a = opaque;
    size_t b = opaque;
    size_t c = opaque;
    size_t d = opaque;
    size_t e = opaque;
    volatile char *more = __builtin_alloca(opaque);

    room[0] = 1;
    more[0] = 1;
    aligned(trace);
    opaque += a + b + c + d + e + (size_t)room[0] + (size_t)more[0];
}

static void step_finds_what_the_compiler_finds(void **state)
{
    struct trace trace;
    int n = 0;

    (void)state;
    opaque = 40;
    crowded(&trace);
    /* The first caller that both know: ours begins in take() itself. */
    while (n < trace.nexpected &&
           (uintptr_t)trace.expected[n] != trace.found[0]) {
        n++;
    }
    assert_true(trace.nfound >= 5);
    assert_true(trace.nexpected - n >= trace.nfound);
    for (int i = 0; i < trace.nfound; i++) {
        assert_int_equal(trace.found[i], (uintptr_t)trace.expected[n + i]);
    }
}

static void step_refuses_what_is_not_the_stack(void **state)
{
    struct bsti_cfi_regs regs;
    ucontext_t context;
    struct bsti_cfi_row row;
    uintptr_t sp;

    (void)state;
    assert_int_equal(getcontext(&context), 0);
    registers_of(&context, &regs);
    assert_true(bsti_cfi_find(&table, regs.r[BSTI_CFI_PC], &row));
    sp = regs.r[BSTI_CFI_SP];
    assert_false(bsti_cfi_step(&row, &regs, sp - 4096, sp - 2048));
    assert_int_equal(regs.r[BSTI_CFI_SP], sp);
}

static void find_knows_only_functions(void **state)
{
    struct bsti_cfi_row row;
    uintptr_t start = (uintptr_t)&find_knows_only_functions;

    (void)state;
    assert_true(bsti_cfi_find(&table, start, &row));
    assert_int_equal(row.start, start);
    assert_false(bsti_cfi_find(&table, 16, &row));
    assert_false(bsti_cfi_find(&table, UINTPTR_MAX, &row));
}

static void open_refuses_other_versions(void **state)
{
    static const uint8_t other[16] = {2, 0x1b, 0x03, 0x3b};
    static const uint8_t unsorted[16] = {1, 0x1b, 0xff, 0xff};
    struct bsti_cfi_table opened;

    (void)state;
    assert_false(bsti_cfi_open(&opened, other));
    assert_false(bsti_cfi_open(&opened, unsorted));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_finds_what_the_compiler_finds),
        cmocka_unit_test(step_refuses_what_is_not_the_stack),
        cmocka_unit_test(find_knows_only_functions),
        cmocka_unit_test(open_refuses_other_versions),
    };

    return cmocka_run_group_tests_name("cfi", tests, setup, NULL);
}
