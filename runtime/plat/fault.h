#ifndef BST_PLAT_FAULT_H
#define BST_PLAT_FAULT_H

/*
 * What the processor, or abort(), says against a thread: SIGSEGV, SIGBUS,
 * SIGFPE, SIGILL and SIGABRT.
 *
 * The signal handler runs on a stack of its own, because the thread's may be
 * used up. It asks a function what to do. To contain a fault it edits the
 * saved registers, so that the thread goes on in another function, and all
 * frames below a given place are dead.
 *
 * A signal that was sent by kill(2) is nobody's failure. A fault in the signal
 * handler ends the OS process, as the kernel does it when these are blocked.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bastion/attr.h>

#include "plat/unwind.h"

/** What to do. */
enum bsti_fault_verdict {
    BSTI_FAULT_FOREIGN, /* not ours: whoever had the signal before has it */
    BSTI_FAULT_FATAL,   /* end the OS process with a report */
    BSTI_FAULT_LAND     /* go on at `land` */
};

/** A fault of the thread. */
struct bsti_trap {
    int signo;
    int code;
    uintptr_t address; /* that was not to be accessed, or of the instruction */
    uintptr_t pc;
    uintptr_t sp;
    bool is_overflow; /* of the stack; whoever judges says so */
    struct bsti_unwind walk;
    enum bsti_walk why; /* it cannot be contained */
    const char *where;  /* for a report: the path of a process; or NULL */
    uint32_t index;     /* behind the path; UINT32_MAX: none */
    uint64_t incarnation;
    const char *kind; /* of the message; NULL: unknown, as the next two */
    const char *handler;
    const char *place; /* that the handler was declared at */
    void (*land)(void *arg);
    void *arg;
};

/**
 * Judges a fault of a thread that has called bsti_fault_thread_begin(). The
 * registers and the cache of `walk` are filled in. Async-signal-safe.
 */
typedef enum bsti_fault_verdict bsti_fault_judge(struct bsti_trap *trap);

/**
 * Catches faults from now on; the first call counts, and each wants its own
 * bsti_fault_release(), the last of which puts back what was there before.
 *
 * Thread: any. Returns 0 or a negative errno value.
 */
BST_MUST_USE int bsti_fault_catch(bsti_fault_judge *judge);
void bsti_fault_release(void);

/**
 * Gives the calling thread what it needs for that. Without memory for it
 * faults of this thread are not contained. bsti_fault_thread_end() takes it
 * away.
 */
void bsti_fault_thread_begin(void);
void bsti_fault_thread_end(void);

/** The bounds of the calling thread's own stack; async-signal-safe. Both are 0
 * if the thread has not begun. */
void bsti_fault_thread_stack(uintptr_t *low, uintptr_t *high);

/**
 * The last fault that was contained on this thread, for the function it has
 * landed in. It also tells the sanitizers that the frames are dead.
 */
const struct bsti_trap *bsti_fault_landed(void);

/**
 * Notes the frames of the calling thread, on the stack with these bounds, from
 * the user's function on that has called the runtime. None if the thread has
 * not begun.
 */
void bsti_fault_trace(uintptr_t low, uintptr_t high,
                      struct bsti_frames *frames);

/** Whether memory was accessed that may belong to anybody. */
bool bsti_fault_is_wild(const struct bsti_trap *trap);

/** Whether there is an address at which it was. */
bool bsti_fault_has_address(const struct bsti_trap *trap);

/** Writes what happened, such as "null pointer: SIGSEGV at 0x0". */
void bsti_fault_text(const struct bsti_trap *trap, char *text, size_t size);

#endif
