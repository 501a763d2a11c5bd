/*
 * Fresh frames, and what the sanitizers must be told about a switch.
 *
 * AddressSanitizer knows one stack for each thread: before a switch it is told
 * the bounds of the next, afterwards the switch is completed on the other side.
 * Frames that it moved to the heap (its "fake stack", for the detection of
 * use after return) stay with the stack that is left; they are dropped when
 * the frames are dead. Frames that are thrown away have never cleared the
 * poison around their variables: that is done for them.
 *
 * ThreadSanitizer sees each stack as a fiber with a call stack of its own.
 * Frames that are thrown away never leave that call stack, so a stack begun
 * anew gets a new fiber.
 */

#include "plat/switch.h"

#include <string.h>

#include "base/assert.h"
#include "plat/switch_frame.h"

#if BSTI_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif
#if BSTI_TSAN
#include <sanitizer/tsan_interface.h>
#endif

/* ---- fresh frames -------------------------------------------------------- */

#if !BSTI_SWITCH_UCONTEXT

/* In assembly. */
void bsti_switch_boot(void);
BST_NORETURN void bsti_switch_start(void *top, void (*entry)(void *arg),
                                    void *arg);

/* A saved context, as the assembly lays it out. */
#if defined(__x86_64__)

struct frame {
    uint32_t mxcsr;
    uint16_t x87_control;
    uint16_t padding;
    void (*rbx)(void *arg);
    void *rbp;
    void (*rip)(void);
};

_Static_assert(sizeof(struct frame) == 32, "see switch_x86_64.h");

static void frame_fill(struct frame *frame, void (*entry)(void *arg), void *arg)
{
    frame->mxcsr = 0x1f80;
    frame->x87_control = 0x037f;
    frame->rbx = entry;
    frame->rbp = arg;
    frame->rip = bsti_switch_boot;
}

#else

struct frame {
    void (*x19)(void *arg);
    void *x20;
    uintptr_t x21_to_x29[9];
    void (*x30)(void);
    uint64_t d8_to_d15[8];
    uint64_t fpcr;
    uint64_t padding;
};

_Static_assert(sizeof(struct frame) == 176, "see switch_aarch64.S");

static void frame_fill(struct frame *frame, void (*entry)(void *arg), void *arg)
{
    frame->x19 = entry;
    frame->x20 = arg;
    frame->x30 = bsti_switch_boot;
}

#endif

/* The end of what frames may use; a multiple of 16. */
static char *frames_end(const struct bsti_stack *stack)
{
    return stack->base + stack->size - BSTI_SWITCH_TOP;
}

void *bsti_switch_frame(struct bsti_stack *stack, void (*entry)(void *arg),
                        void *arg)
{
    struct frame *frame =
        (struct frame *)(void *)(frames_end(stack) - sizeof(struct frame));

    memset(frame, 0, sizeof(*frame));
    frame_fill(frame, entry, arg);
    return frame;
}

BST_NORETURN void bsti_switch_raw_start(struct bsti_stack *stack,
                                        void (*entry)(void *arg), void *arg)
{
    bsti_switch_start(frames_end(stack), entry, arg);
}

#endif

/* ---- what the sanitizers are told ---------------------------------------- */

/*
 * These have to be inlined: a function that is entered on one fiber must not be
 * left on another.
 */
#define HOOK BSTI_NO_SANITIZE __attribute__((always_inline)) static inline void

#if BSTI_ASAN

/* Tells that `to` comes next; `save` NULL: the running frames are dead. */
HOOK leave(struct bsti_stack *to, void **save)
{
    __sanitizer_start_switch_fiber(save, to->base, to->size);
}

/* Tells that the switch is complete; `fake`: what leave() saved, or NULL. */
HOOK arrive(void *fake)
{
    __sanitizer_finish_switch_fiber(fake, NULL, NULL);
}

/* Clears the poison of all frames from `frame` up. */
HOOK clear_frames(struct bsti_stack *stack, void *frame)
{
    char *low = frame;

    if (low >= stack->base && low < stack->base + stack->size) {
        __asan_unpoison_memory_region(
            low, (size_t)(stack->base + stack->size - low));
    }
}

/* Has the leak checker look for pointers on the stack. */
HOOK scan(struct bsti_stack *stack)
{
    if (!stack->scanned) {
        __lsan_register_root_region(stack->base, stack->size);
        stack->scanned = true;
    }
}

#elif BSTI_TSAN

HOOK leave(struct bsti_stack *to, void **save)
{
    (void)save;
    __tsan_switch_to_fiber(to->fiber, 0);
}

HOOK arrive(void *fake)
{
    (void)fake;
}

HOOK clear_frames(struct bsti_stack *stack, void *frame)
{
    (void)stack;
    (void)frame;
}

/*
 * Making a fiber takes a tenth of a millisecond, so one is used for several
 * sets of frames. Frames that are thrown away stay in its call stack, which
 * has room for 64 Ki of them, so it is not used for ever.
 */
#define FIBER_USES 128u

HOOK scan(struct bsti_stack *stack)
{
    if (stack->fiber != NULL && stack->fiber_uses++ < FIBER_USES) {
        return;
    }
    bsti_stack_forget(stack);
    stack->fiber = __tsan_create_fiber(0);
    stack->fiber_uses = 0;
}

#endif

#if BSTI_ASAN || BSTI_TSAN

/* What the bottom frame of a stack has to do; kept in the bytes at its top. */
struct first {
    void (*entry)(void *arg);
    void *arg;
};

/* Under ucontext the record begins where its context ends. */
static struct first *first_of(struct bsti_stack *stack)
{
    return (struct first *)(void *)(stack->base + stack->size -
                                    sizeof(struct first));
}

/* The entry of every stack: completes the switch first. */
BSTI_NO_SANITIZE static void enter(void *arg)
{
    struct first *first = arg;

    arrive(NULL);
    first->entry(first->arg);
    bsti_fatal(__FILE__, __LINE__, "the entry of a stack returned");
}

void bsti_switch_prepare(struct bsti_stack *stack, void (*entry)(void *arg),
                         void *arg)
{
    struct first *first = first_of(stack);

    bsti_assert(!stack->adopted);
#if BSTI_ASAN
    bsti_stack_forget(stack);
#endif
    scan(stack);
    first->entry = entry;
    first->arg = arg;
    stack->sp = bsti_switch_frame(stack, enter, first);
}

BSTI_NO_SANITIZE void bsti_switch(struct bsti_stack *from,
                                  struct bsti_stack *to)
{
    leave(to, &from->fake_stack);
    bsti_switch_raw(&from->sp, to->sp);
    arrive(from->fake_stack);
    from->fake_stack = NULL;
}

BSTI_NO_SANITIZE BST_NORETURN void bsti_switch_jump(struct bsti_stack *from,
                                                    struct bsti_stack *to)
{
    clear_frames(from, __builtin_frame_address(0));
    leave(to, NULL);
    bsti_switch_raw_jump(to->sp);
}

BSTI_NO_SANITIZE BST_NORETURN void
bsti_switch_restart(struct bsti_stack *current, void (*entry)(void *arg),
                    void *arg)
{
    struct first *first = first_of(current);
#if BSTI_TSAN
    void *fiber = NULL;

    if (current->fiber_uses++ >= FIBER_USES) {
        fiber = current->fiber;
        current->fiber = NULL;
        scan(current);
    }
#endif
    bsti_assert(!current->adopted);
    clear_frames(current, __builtin_frame_address(0));
    first->entry = entry;
    first->arg = arg;
#if BSTI_TSAN
    if (fiber != NULL) {
        leave(current, NULL);
        __tsan_destroy_fiber(fiber);
    }
#else
    leave(current, NULL);
#endif
    bsti_switch_raw_start(current, enter, first);
}

#else

void bsti_switch_prepare(struct bsti_stack *stack, void (*entry)(void *arg),
                         void *arg)
{
    bsti_assert(!stack->adopted);
    stack->sp = bsti_switch_frame(stack, entry, arg);
}

BST_NORETURN void bsti_switch_restart(struct bsti_stack *current,
                                      void (*entry)(void *arg), void *arg)
{
    bsti_assert(!current->adopted);
    bsti_switch_raw_start(current, entry, arg);
}

#endif
