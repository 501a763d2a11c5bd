#ifndef BST_PLAT_FORCE_H
#define BST_PLAT_FORCE_H

/*
 * Forcing a thread out of a user's function that does not return.
 *
 * A directed real-time signal interrupts the thread. If the instruction is the
 * user's, the registers are edited as for a fault. If it is in the runtime, the
 * C library or malloc, which may hold a lock, the return address through which
 * they will come back to the user's code is replaced: so the thread is led away
 * at the very moment at which they are done, and calls that are not forced pay
 * nothing for it.
 *
 * The signal is the first from SIGRTMIN + 6 on that nobody handles. It is
 * blocked in all threads but those that have begun (fault.h), and system calls
 * that it interrupts return EINTR.
 */

#include <stdbool.h>
#include <stdint.h>

#include <bastion/attr.h>

#include "plat/fault.h"

/** What is to become of the function that runs. */
enum bsti_force_aim {
    BSTI_FORCE_NOTHING,
    BSTI_FORCE_END, /* it is left, as soon as that is possible */
    BSTI_FORCE_TEAR /* besides, the thread is lost for others if it hangs */
};

/**
 * Says what is to become of the calling thread's function. It fills in the
 * bounds of the stack and where to go on; `land` may come back if there is
 * nothing to do any more, but only after a return that was replaced.
 * Async-signal-safe.
 *
 * `*tear`, called with `arg` in the signal handler, takes away from the thread
 * what others wait for; the thread is outside of the runtime then, and comes
 * to `land` before it enters any code of a user again.
 */
typedef enum bsti_force_aim bsti_force_judge(struct bsti_trap *trap,
                                             void (**tear)(void *arg));

/**
 * Catches the signal from now on; the first call counts, and each wants its
 * own bsti_force_release(). Thread: any. Returns 0 or a negative errno value.
 */
BST_MUST_USE int bsti_force_catch(bsti_force_judge *judge);
void bsti_force_release(void);

/** Interrupts a thread of this OS process; `id` is the kernel's. */
void bsti_force_thread(int id);

/** Unblocks the signal in the calling thread. */
void bsti_force_admit(void);

/** Tells the sanitizers that the frames that were left are dead. */
void bsti_force_landed(void);

/** Puts a replaced return address on this stack, the one in use, back, so that
 * it can be walked. */
void bsti_force_undo(uintptr_t low, uintptr_t high);

#endif
