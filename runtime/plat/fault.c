/*
 * The signal handler, the stacks it runs on, and the edit of the registers.
 *
 * Dispositions belong to the OS process, so the state is global: a count of
 * those who want faults caught, and what was there before.
 *
 * The handler is asked for all five signals to be blocked, so that a fault in
 * itself ends the OS process; and nothing in it can wait for anybody.
 */

#define _GNU_SOURCE

#include "plat/fault.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "plat/fatal.h"
#include "plat/fault_here.h"
#include "plat/force.h"
#include "plat/probe.h"
#include "plat/stack.h"
#include "sync/atomic.h"

#if BSTI_ASAN
#include <sanitizer/asan_interface.h>
#endif

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif

enum {
    /* The handlers of the sanitizers run on it, too. */
    STACK_BYTES = (BSTI_ASAN || BSTI_TSAN ? 256 : 32) * 1024
};

static const int caught[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

_Thread_local struct bsti_fault_here *bsti_fault_here;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned users;                  /* under the lock */
static bsti_fault_judge *_Atomic judge; /* NULL: nobody cares */
static struct sigaction former[BSTI_ARRAY_LEN(caught)];
static struct bsti_unwind_cache *foreign_cache; /* for other threads */
static pid_t process;                           /* that has installed them */

static size_t index_of(int signo)
{
    size_t i = 0;

    while (i < BSTI_ARRAY_LEN(caught) - 1 && caught[i] != signo) {
        i++;
    }
    return i;
}

/* ---- the end of the OS process ------------------------------------------- */

/* The signal comes again when the handler returns, and ends the process. */
static void die(int signo)
{
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    action.sa_handler = SIG_DFL;
    (void)sigaction(signo, &action, NULL);
    (void)syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid), signo);
}

/* Gives a signal that is not ours to whoever had it before. */
static void pass_on(int signo, siginfo_t *info, void *context)
{
    const struct sigaction *before = &former[index_of(signo)];

    if (before->sa_flags & SA_SIGINFO) {
        before->sa_sigaction(signo, info, context);
        return;
    }
    if (before->sa_handler != SIG_DFL && before->sa_handler != SIG_IGN) {
        before->sa_handler(signo);
        return;
    }
    /* A fault cannot be ignored: as the kernel does it. */
    if (before->sa_handler == SIG_DFL || info->si_code > 0) {
        die(signo);
    }
}

/* ---- registers ----------------------------------------------------------- */

#if defined(__x86_64__)

BSTI_NO_SANITIZE void bsti_fault_get_registers(const ucontext_t *context,
                                               struct bsti_cfi_regs *regs)
{
    /* By their numbers in DWARF; the last is the program counter. */
    static const uint8_t order[BSTI_CFI_REGS] = {
        REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI,
        REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
        REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};

    for (size_t i = 0; i < BSTI_CFI_REGS; i++) {
        regs->r[i] = (uintptr_t)context->uc_mcontext.gregs[order[i]];
    }
}

/* Has the thread go on in land(arg), as if called with `sp` by nobody. */
void bsti_fault_set_registers(ucontext_t *context, uintptr_t sp,
                              void (*land)(void *arg), void *arg)
{
    enum { DIRECTION = 0x400, ALIGNMENT = 0x40000 };
    greg_t *gregs = context->uc_mcontext.gregs;
    uintptr_t top = (sp & ~(uintptr_t)15) - 8;

    *(uintptr_t *)top = 0;
    gregs[REG_RIP] = (greg_t)(uintptr_t)land;
    gregs[REG_RDI] = (greg_t)(uintptr_t)arg;
    gregs[REG_RSP] = (greg_t)top;
    gregs[REG_RBP] = 0;
    gregs[REG_EFL] &= ~(greg_t)(DIRECTION | ALIGNMENT);
    if (context->uc_mcontext.fpregs) {
        context->uc_mcontext.fpregs->mxcsr = 0x1f80;
        context->uc_mcontext.fpregs->cwd = 0x037f;
        context->uc_mcontext.fpregs->swd = 0;
        context->uc_mcontext.fpregs->ftw = 0;
    }
}

#elif defined(__aarch64__)

BSTI_NO_SANITIZE void bsti_fault_get_registers(const ucontext_t *context,
                                               struct bsti_cfi_regs *regs)
{
    for (size_t i = 0; i <= 30; i++) {
        regs->r[i] = (uintptr_t)context->uc_mcontext.regs[i];
    }
    regs->r[BSTI_CFI_SP] = (uintptr_t)context->uc_mcontext.sp;
    regs->r[BSTI_CFI_PC] = (uintptr_t)context->uc_mcontext.pc;
}

/* As above. The first record that the kernel saves is floating point. */
void bsti_fault_set_registers(ucontext_t *context, uintptr_t sp,
                              void (*land)(void *arg), void *arg)
{
    enum { BRANCH_TYPE = 0xc00 };
    struct fpsimd_context *fp = (void *)context->uc_mcontext.__reserved;

    context->uc_mcontext.pc = (uintptr_t)land;
    context->uc_mcontext.sp = sp & ~(uintptr_t)15;
    context->uc_mcontext.regs[0] = (uintptr_t)arg;
    context->uc_mcontext.regs[29] = 0;
    context->uc_mcontext.regs[30] = 0;
    context->uc_mcontext.pstate &= ~(unsigned long long)BRANCH_TYPE;
    if (fp->head.magic == FPSIMD_MAGIC) {
        fp->fpcr = 0;
        fp->fpsr = 0;
    }
}

#else

BSTI_NO_SANITIZE void bsti_fault_get_registers(const ucontext_t *context,
                                               struct bsti_cfi_regs *regs)
{
    (void)context;
    regs->r[0] = 0;
}

void bsti_fault_set_registers(ucontext_t *context, uintptr_t sp,
                              void (*land)(void *arg), void *arg)
{
    (void)context;
    (void)sp;
    (void)land;
    (void)arg;
}

#endif

/* ---- the handler --------------------------------------------------------- */

/*
 * Faults have a positive code; abort() sends its signal to its own thread. What
 * a child has that a handler has forked is not for its copy of the runtime.
 */
static bool is_failure(const struct bsti_fault_here *mine, int signo,
                       const siginfo_t *info)
{
    if (mine->pid != getpid()) {
        return false;
    }
    return signo == SIGABRT
               ? info->si_code == SI_TKILL && info->si_pid == mine->pid
               : info->si_code > 0;
}

BSTI_NO_SANITIZE static enum bsti_fault_verdict
examine(struct bsti_fault_here *mine, int signo, const siginfo_t *info,
        const ucontext_t *context)
{
    /* acquire: pairs with the release in bsti_fault_catch() */
    bsti_fault_judge *ask = bsti_load_acquire(&judge);
    struct bsti_trap *trap = &mine->trap;

    trap->signo = signo;
    trap->code = info->si_code;
    trap->address = signo == SIGABRT ? 0 : (uintptr_t)info->si_addr;
    bsti_fault_get_registers(context, &trap->walk.regs);
    trap->pc = trap->walk.regs.r[BSTI_CFI_PC];
    trap->sp = trap->walk.regs.r[BSTI_CFI_SP];
    trap->is_overflow = false;
    trap->walk.is_abort = signo == SIGABRT;
    trap->walk.is_assert = false;
    trap->walk.cache = mine->cache;
    trap->walk.limit = 0;
    trap->walk.landing = 0;
    trap->why = BSTI_WALK_UNKNOWN;
    trap->walk.low = 0;
    trap->walk.high = 0;
    trap->where = NULL;
    trap->kind = NULL;
    trap->handler = NULL;
    trap->place = NULL;
    trap->index = UINT32_MAX;
    return ask ? ask(trap) : BSTI_FAULT_FOREIGN;
}

/* The walk that has judged the fault has changed the registers. */
static void tell(struct bsti_trap *trap, const ucontext_t *context)
{
    bsti_fault_get_registers(context, &trap->walk.regs);
    bsti_fatal_report(trap);
}

/*
 * A fault of a thread that is not the runtime's, which nobody else has asked
 * for. One at a time: whoever comes later waits there for the end.
 */
static void tell_foreign(int signo, const siginfo_t *info,
                         const ucontext_t *context)
{
    static struct bsti_trap trap;

    if (former[index_of(signo)].sa_handler != SIG_DFL ||
        (former[index_of(signo)].sa_flags & SA_SIGINFO) ||
        process != getpid() || !foreign_cache ||
        (signo == SIGABRT
             ? info->si_code != SI_TKILL || info->si_pid != getpid()
             : info->si_code <= 0)) {
        return;
    }
    bsti_fatal_one();
    trap.signo = signo;
    trap.code = info->si_code;
    trap.address = signo == SIGABRT ? 0 : (uintptr_t)info->si_addr;
    bsti_fault_get_registers(context, &trap.walk.regs);
    trap.pc = trap.walk.regs.r[BSTI_CFI_PC];
    trap.sp = trap.walk.regs.r[BSTI_CFI_SP];
    trap.walk.is_abort = signo == SIGABRT;
    trap.walk.cache = foreign_cache;
    trap.why = BSTI_WALK_FOREIGN;
    trap.index = UINT32_MAX;
    bsti_fatal_report(&trap);
}

BSTI_NO_SANITIZE static void on_fault(int signo, siginfo_t *info, void *context)
{
    int saved = errno;
    struct bsti_fault_here *mine = bsti_fault_here;
    enum bsti_fault_verdict verdict = BSTI_FAULT_FOREIGN;
    ucontext_t *registers = context;

    if (mine && is_failure(mine, signo, info)) {
        verdict = examine(mine, signo, info, registers);
    }
    switch (verdict) {
    case BSTI_FAULT_LAND:
        bsti_fault_set_registers(registers, mine->trap.walk.landing,
                                 mine->trap.land, mine->trap.arg);
        registers->uc_sigmask = mine->mask;
        break;
    case BSTI_FAULT_FATAL:
        tell(&mine->trap, registers);
        die(signo);
        break;
    case BSTI_FAULT_FOREIGN:
        if (!mine) {
            tell_foreign(signo, info, registers);
        }
        pass_on(signo, info, context);
        break;
    }
    errno = saved;
}

BSTI_NO_SANITIZE BSTI_NOINLINE void
bsti_fault_trace(uintptr_t low, uintptr_t high, struct bsti_frames *frames)
{
    struct bsti_unwind walk = {.low = low, .high = high};
    ucontext_t context;

    frames->total = 0;
    if (!bsti_fault_here || getcontext(&context) != 0) {
        return;
    }
    bsti_fault_get_registers(&context, &walk.regs);
    walk.cache = bsti_fault_here->cache;
    bsti_unwind_trace(&walk, true);
    *frames = walk.frames;
}

BSTI_NO_SANITIZE void bsti_fault_unpoison(const struct bsti_trap *trap)
{
#if BSTI_ASAN
    uintptr_t low = BSTI_MAX(trap->sp, trap->walk.low);

    if (low < trap->walk.landing) {
        __asan_unpoison_memory_region((void *)low, trap->walk.landing - low);
    }
#else
    (void)trap;
#endif
}

BSTI_NO_SANITIZE BSTI_NOINLINE const struct bsti_trap *bsti_fault_landed(void)
{
    const struct bsti_trap *trap = &bsti_fault_here->trap;

    bsti_fault_unpoison(trap);
    return trap;
}

/* ---- who wants it -------------------------------------------------------- */

static void put_back(size_t n)
{
    while (n-- > 0) {
        (void)sigaction(caught[n], &former[n], NULL);
    }
}

/* It is kept for good: a thread may look at it at any time. */
static void make_foreign_cache(void)
{
    void *memory = MAP_FAILED;

    if (!foreign_cache) {
        memory = mmap(NULL, bsti_unwind_cache_size(), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    }
    if (memory != MAP_FAILED) {
        foreign_cache = memory;
    }
}

static int install(void)
{
    struct sigaction action;

    make_foreign_cache();
    process = getpid();
    memset(&action, 0, sizeof(action));
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
    action.sa_sigaction = on_fault;
    for (size_t i = 0; i < BSTI_ARRAY_LEN(caught); i++) {
        sigaddset(&action.sa_mask, caught[i]);
    }
    /* That of force.c is one of these, and would look at the same stack. */
    for (int signo = SIGRTMIN; signo <= SIGRTMAX; signo++) {
        sigaddset(&action.sa_mask, signo);
    }
    for (size_t i = 0; i < BSTI_ARRAY_LEN(caught); i++) {
        if (sigaction(caught[i], &action, &former[i]) != 0) {
            int error = errno;

            put_back(i);
            return -error;
        }
    }
    return 0;
}

int bsti_fault_catch(bsti_fault_judge *fn)
{
    int error = 0;

    bsti_unwind_load();
    pthread_mutex_lock(&lock);
    if (users == 0) {
        /* release: pairs with the acquire in examine() */
        bsti_store_release(&judge, fn);
        error = install();
    }
    if (error == 0) {
        users++;
    }
    pthread_mutex_unlock(&lock);
    return error;
}

void bsti_fault_release(void)
{
    pthread_mutex_lock(&lock);
    if (--users == 0) {
        put_back(BSTI_ARRAY_LEN(caught));
        bsti_store_release(&judge, NULL);
    }
    pthread_mutex_unlock(&lock);
}

/* ---- threads ------------------------------------------------------------- */

static size_t round_up(size_t n, size_t unit)
{
    return (n + unit - 1) / unit * unit;
}

/* Lays out: guard, stack, what the thread needs, its cache. */
static struct bsti_fault_here *create(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t stack = round_up(STACK_BYTES + getauxval(AT_MINSIGSTKSZ), page);
    size_t rest = round_up(sizeof(struct bsti_fault_here), 64);
    size_t bytes =
        round_up(page + stack + rest + bsti_unwind_cache_size(), page);
    stack_t own = {.ss_size = stack};
    struct bsti_fault_here *made;
    char *memory =
        bsti_alloc_refuse()
            ? MAP_FAILED
            : mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED) {
        return NULL;
    }
    made = (struct bsti_fault_here *)(void *)(memory + page + stack);
    made->memory = memory;
    made->bytes = bytes;
    made->pid = getpid();
    made->cache = (void *)((char *)made + rest);
    own.ss_sp = memory + page;
    bsti_force_admit();
    if (mprotect(memory, page, PROT_NONE) != 0 ||
        pthread_sigmask(SIG_SETMASK, NULL, &made->mask) != 0 ||
        bsti_stack_adopt_thread(&made->own) != 0 ||
        sigaltstack(&own, &made->before) != 0) {
        (void)munmap(memory, bytes);
        return NULL;
    }
    return made;
}

/*
 * A thread of the runtime that ends while it still has what it needs here has
 * called pthread_exit(): whoever waits for it would wait for ever. What abort()
 * leads to says in which handler that was.
 */
static void left_early(void *arg)
{
    static const char text[] = "bastion: fatal: a thread of the runtime was "
                               "ended by pthread_exit()\n";

    (void)arg;
    if (write(STDERR_FILENO, text, sizeof(text) - 1) > 0) {
        abort();
    }
    abort();
}

static pthread_key_t leaving;
static pthread_once_t leaving_once = PTHREAD_ONCE_INIT;

static void make_key(void)
{
    (void)pthread_key_create(&leaving, left_early);
}

void bsti_fault_thread_begin(void)
{
    if (!bsti_fault_here) {
        bsti_fault_here = create();
    }
    (void)pthread_once(&leaving_once, make_key);
    (void)pthread_setspecific(leaving, &leaving);
}

void bsti_fault_thread_end(void)
{
    struct bsti_fault_here *mine = bsti_fault_here;

    (void)pthread_setspecific(leaving, NULL);
    if (!mine) {
        return;
    }
    bsti_fault_here = NULL;
    (void)sigaltstack(&mine->before, NULL);
    (void)munmap(mine->memory, mine->bytes);
}

BSTI_NO_SANITIZE void bsti_fault_thread_stack(uintptr_t *low, uintptr_t *high)
{
    struct bsti_fault_here *mine = bsti_fault_here;

    *low = mine ? (uintptr_t)mine->own.base : 0;
    *high = mine ? *low + mine->own.size : 0;
}
