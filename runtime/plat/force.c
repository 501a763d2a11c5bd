/*
 * The signal that forces a thread out of a function, and the replaced return.
 *
 * The disposition belongs to the OS process, so the state is global, as that
 * of fault.c. A thread has at most one replaced return address. Each signal
 * puts it back before it looks again. It is noted where it lies and what it
 * was; frames that are thrown away leave the note behind, which is harmless:
 * it only counts as long as the stack holds the replacement in that place.
 */

#define _GNU_SOURCE

#include "plat/force.h"

#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/attr.h"
#include "plat/fault_here.h"
#include "sync/atomic.h"

#if BSTI_TSAN
#include <sanitizer/tsan_interface.h>
#endif

enum { FIRST_OF_OURS = 6 /* behind SIGRTMIN, which libraries like to take */ };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned users;                  /* under the lock */
static bsti_force_judge *_Atomic judge; /* NULL: nobody cares */
static _Atomic int number;              /* of the signal; 0: not chosen yet */
static struct sigaction former;

/* Where replaced return addresses lead to; it calls bsti_force_returned(). */
extern const char bsti_force_return[] __attribute__((visibility("hidden")));
uintptr_t bsti_force_returned(uintptr_t frame);

/* ---- return addresses ---------------------------------------------------- */

#if BSTI_CFI_EXISTS

BSTI_NO_SANITIZE static void replace(struct bsti_fault_here *mine)
{
    uintptr_t *slot = (void *)mine->forced.walk.slot;

    mine->slot = slot;
    mine->original = *slot;
    mine->frame = mine->forced.walk.frame;
    *slot = (uintptr_t)bsti_force_return;
}

/* The frames may have been thrown away, and their stack may be another
 * thread's by now: so it is looked at only if it is the one in use here. */
BSTI_NO_SANITIZE static void put_back(struct bsti_fault_here *mine,
                                      uintptr_t low, uintptr_t high)
{
    uintptr_t *slot = mine->slot;

    if (slot && (uintptr_t)slot >= low && (uintptr_t)slot < high &&
        *slot == (uintptr_t)bsti_force_return) {
        *slot = mine->original;
    }
    mine->slot = NULL;
}

/*
 * The C part of bsti_force_return. `frame` is the stack pointer behind the
 * return; gives back where it would have led to. A child that was forked
 * meanwhile goes on there.
 */
BSTI_NO_SANITIZE uintptr_t bsti_force_returned(uintptr_t frame)
{
    struct bsti_fault_here *mine = bsti_fault_here;
    uintptr_t original;

    bsti_check(mine && mine->slot && mine->frame == frame,
               "a forced function returns on another thread");
    original = mine->original;
    mine->slot = NULL;
    mine->forced.sp = frame;
    mine->forced.walk.landing = frame;
    if (mine->pid == getpid()) {
        mine->forced.land(mine->forced.arg);
    }
    return original;
}

#else

static void replace(struct bsti_fault_here *mine)
{
    (void)mine;
}

static void put_back(struct bsti_fault_here *mine, uintptr_t low,
                     uintptr_t high)
{
    (void)mine;
    (void)low;
    (void)high;
}

#endif

/* ---- ThreadSanitizer's own code ------------------------------------------ */

#if BSTI_TSAN

/* Its library. Linked statically it cannot be told from the rest of the
 * program, in which nothing is forced then. */
static struct {
    uintptr_t low, high;
} sanitizer;

static int find_sanitizer(struct dl_phdr_info *info, size_t size, void *arg)
{
    uintptr_t inside = (uintptr_t)__tsan_switch_to_fiber;

    (void)size;
    (void)arg;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        uintptr_t low = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;

        if ((info->dlpi_phdr[i].p_flags & PF_X) && inside >= low &&
            inside - low < info->dlpi_phdr[i].p_memsz) {
            sanitizer.low = low;
            sanitizer.high = low + info->dlpi_phdr[i].p_memsz;
            return 1;
        }
    }
    return 0;
}

/* While it is at work it must not be called, as all that is instrumented does:
 * what runs before this is known is not. */
BSTI_NO_SANITIZE static bool is_in_sanitizer(const struct bsti_trap *trap)
{
    return trap->pc >= sanitizer.low && trap->pc < sanitizer.high;
}

#else

static bool is_in_sanitizer(const struct bsti_trap *trap)
{
    (void)trap;
    return false;
}

#endif

/* ---- the handler --------------------------------------------------------- */

BSTI_NO_SANITIZE static void force(struct bsti_fault_here *mine,
                                   bsti_force_judge *ask, ucontext_t *context)
{
    struct bsti_trap *trap = &mine->forced;
    void (*tear)(void *arg) = NULL;
    enum bsti_force_aim aim;

    bsti_fault_get_registers(context, &trap->walk.regs);
    trap->pc = trap->walk.regs.r[BSTI_CFI_PC];
    trap->sp = trap->walk.regs.r[BSTI_CFI_SP];
    trap->walk.cache = mine->cache;
    trap->walk.is_abort = false;
    trap->walk.limit = 0;
    aim = ask(trap, &tear);
    if (aim == BSTI_FORCE_NOTHING) {
        return;
    }
    put_back(mine, trap->walk.low, trap->walk.high);
    switch (bsti_unwind_leave(&trap->walk)) {
    case BSTI_LEAVE_NOW:
        bsti_fault_set_registers(context, trap->walk.landing, trap->land,
                                 trap->arg);
        context->uc_sigmask = mine->mask;
        break;
    case BSTI_LEAVE_LATER:
        replace(mine);
        if (aim == BSTI_FORCE_TEAR && !trap->walk.in_runtime &&
            !is_in_sanitizer(trap)) {
            tear(trap->arg);
        }
        break;
    case BSTI_LEAVE_UNKNOWN:
        break;
    }
}

BSTI_NO_SANITIZE static void on_force(int signo, siginfo_t *info, void *context)
{
    int saved = errno;
    struct bsti_fault_here *mine = bsti_fault_here;
    /* acquire: pairs with the release in bsti_force_catch() */
    bsti_force_judge *ask = bsti_load_acquire(&judge);

    (void)signo;
    if (mine && ask && info->si_code == SI_TKILL && info->si_pid == mine->pid &&
        mine->pid == getpid()) {
        force(mine, ask, context);
    }
    errno = saved;
}

BSTI_NO_SANITIZE void bsti_force_undo(uintptr_t low, uintptr_t high)
{
    struct bsti_fault_here *mine = bsti_fault_here;

    if (mine) {
        put_back(mine, low, high);
    }
}

void bsti_force_landed(void)
{
    bsti_fault_unpoison(&bsti_fault_here->forced);
}

/* ---- who wants it -------------------------------------------------------- */

#if BSTI_TSAN && defined(__x86_64__)

/* As the kernel has it; the C library's has the members in another order. */
struct kernel_action {
    void (*handler)(int signo, siginfo_t *info, void *context);
    unsigned long flags;
    void (*restorer)(void);
    unsigned long mask;
};

void bsti_force_restore(void);
__asm__(".text\n"
        "bsti_force_restore:\n\t"
        "movq $15, %rax\n\t"
        "syscall\n");

/*
 * ThreadSanitizer puts signals off until the thread calls something that it
 * knows, which a function that computes for ever does not: it is passed by.
 */
static int set_action(int signo, const struct sigaction *action)
{
    struct kernel_action raw = {
        .handler = on_force,
        .flags = (unsigned long)action->sa_flags | 0x04000000u,
        .restorer = bsti_force_restore,
    };

    (void)dl_iterate_phdr(find_sanitizer, NULL);
    memcpy(&raw.mask, &action->sa_mask, sizeof(raw.mask));
    return (int)syscall(SYS_rt_sigaction, signo, &raw, NULL, sizeof(raw.mask));
}

#else

static int set_action(int signo, const struct sigaction *action)
{
    return sigaction(signo, action, NULL);
}

#endif

/* Faults are blocked in the handler: one ends the OS process. */
static int install(int signo)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < BSTI_ARRAY_LEN(faults); i++) {
        sigaddset(&action.sa_mask, faults[i]);
    }
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    action.sa_sigaction = on_force;
    return set_action(signo, &action) == 0 ? 0 : -errno;
}

/* Takes the first signal that nobody handles. */
static int choose(void)
{
    for (int signo = SIGRTMIN + FIRST_OF_OURS; signo <= SIGRTMAX; signo++) {
        if (sigaction(signo, NULL, &former) == 0 &&
            !(former.sa_flags & SA_SIGINFO) && former.sa_handler == SIG_DFL) {
            return signo;
        }
    }
    return 0;
}

int bsti_force_catch(bsti_force_judge *fn)
{
    int error = 0;
    int signo;

    bsti_unwind_load();
    pthread_mutex_lock(&lock);
    if (users == 0) {
        signo = choose();
        /* release: pairs with the acquire in on_force() */
        bsti_store_release(&judge, fn);
        error = signo > 0 ? install(signo) : -EBUSY;
        if (error == 0) {
            bsti_store_release(&number, signo);
        }
    }
    if (error == 0) {
        users++;
    }
    pthread_mutex_unlock(&lock);
    return error;
}

void bsti_force_release(void)
{
    pthread_mutex_lock(&lock);
    if (--users == 0) {
        (void)sigaction(bsti_load_relaxed(&number), &former, NULL);
        bsti_store_release(&number, 0);
        bsti_store_release(&judge, NULL);
    }
    pthread_mutex_unlock(&lock);
}

void bsti_force_thread(int id)
{
    int signo = bsti_load_acquire(&number);

    if (id > 0 && signo > 0) {
        (void)syscall(SYS_tgkill, getpid(), id, signo);
    }
}

void bsti_force_admit(void)
{
    int signo = bsti_load_acquire(&number);
    sigset_t set;

    if (signo > 0) {
        sigemptyset(&set);
        sigaddset(&set, signo);
        (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    }
}
