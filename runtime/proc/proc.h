#ifndef BST_PROC_PROC_H
#define BST_PROC_PROC_H

/*
 * The lightproc: something with a mailbox that an executor runs in turns.
 *
 * The mailbox is also the schedule. Its idle bit means that nobody is
 * responsible for running the process; whoever clears it, by pushing a
 * message or by waking it for a signal, becomes responsible and makes it
 * ready. From then on exactly one party holds the process at a time: a run
 * queue, a worker that runs a turn, the wait it is suspended in, or the
 * supervisor that will start it again.
 *
 * Blocks are type-stable: they are never unmapped while the system lives, and
 * the mailbox belongs to the block, not to the life in it. So a reference may
 * always be looked at, and a message that loses a race against the end of its
 * receiver is found by the block's next turn and counted there.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "proc/wait.h"
#include "sync/atomic.h"
#include "sync/injector.h"
#include "sync/mpscq.h"

struct bsti_arena;
struct bsti_proc;
struct bsti_stack;
struct bsti_timed_wait;
struct bsti_worker;

/* Signals overtake messages. They are bits, set by any thread. */
enum bsti_signal {
    BSTI_SIGNAL_START = 1,    /* begin an incarnation */
    BSTI_SIGNAL_STOP = 2,     /* end at the next message boundary */
    BSTI_SIGNAL_KILL = 4,     /* end without `on stop`, also out of a wait */
    BSTI_SIGNAL_CLOSE = 8,    /* ended for good: empty the mailbox */
    BSTI_SIGNAL_BLOCKED = 16, /* somebody waits for a place */
    BSTI_SIGNAL_TEAR = 32,    /* beside a kill: a handler that hangs is left */
    BSTI_SIGNAL_TORN = 64     /* it was; see exec/oust.h */
};

/** Whose failure something is; what it points to is constant. */
struct bsti_blame {
    const char *path; /* NULL: it has none */
    uint32_t index;   /* behind the path */
    bool has_index;
    uint64_t incarnation; /* 0: it has none */
    const char *kind;     /* of the message; NULL: unknown, as the next two */
    const char *handler;
    const char *place; /* that the handler was declared at */
};

/** What a kind of process does; constant, one per layer that makes some. */
struct bsti_proc_class {
    const char *name;

    /**
     * Runs one turn. It ends in one of these ways: the process went idle
     * (do not touch it any more), it was made ready again, or it was handed
     * to its supervisor. It may suspend in the middle.
     */
    void (*turn)(struct bsti_proc *proc);

    /**
     * Takes over after the frames of a turn were thrown away, on a stack of
     * the worker: the handler panicked, or the process was killed in a wait.
     */
    void (*abandoned)(struct bsti_proc *proc);

    /**
     * Writes who it is, for a report; NULL: it has no lasting name. Thread:
     * any, while it runs: only what is constant may be read.
     */
    void (*describe)(struct bsti_proc *proc, char *text, size_t size);

    /**
     * Says whose fault it is when the processor finds one in the turn.
     * Thread: that of the turn, in a signal handler.
     */
    void (*blame)(struct bsti_proc *proc, struct bsti_blame *blame);

    /**
     * Notes such a fault; then `abandoned` takes over. NULL: the turn runs no
     * code of a user, and a fault in it ends the OS process.
     */
    void (*faulted)(struct bsti_proc *proc, const char *text);

    /** Its turn never suspends, whatever it calls. */
    bool stays;
};

/* The fields are grouped by who writes them; each group is a cache line. */
struct bsti_proc {
    /* Senders. */
    struct bsti_mpscq mailbox;
    _Atomic uint64_t gate;            /* tenant << 1 | closed */
    _Atomic uint64_t incarnation;     /* counts all starts of the block */
    _Atomic uint8_t signals;          /* of enum bsti_signal */
    uint8_t stack_class;              /* of the stacks it runs on; constant */
    _Atomic uint32_t pushed;          /* places taken in the mailbox; wraps */
    _Atomic uint32_t taken;           /* places left again; its holder; wraps */
    _Atomic uint32_t bound;           /* most user messages it takes */
    struct bsti_worker *_Atomic home; /* last ran here; holds its stack */

    /* Whoever holds the process. */
    BSTI_ALIGNED(BSTI_CACHE_LINE) const struct bsti_proc_class *cls;
    struct bsti_stack *stack; /* set while suspended */
    struct bsti_link link;    /* in a run queue */
    struct bsti_waiter waiter;
    struct bsti_timed_wait *timed; /* of the wait; lies on its stack */
    struct bsti_arena *arena;      /* of this incarnation; NULL: nothing yet */
};

/** Returns the process whose place in a run queue `link` is. */
static inline struct bsti_proc *bsti_proc_of_link(struct bsti_link *link)
{
    return bsti_container_of(link, struct bsti_proc, link);
}

/** A process whose mailbox nobody has to watch yet: held by its creator. */
void bsti_proc_init(struct bsti_proc *proc, const struct bsti_proc_class *cls,
                    uint32_t bound, unsigned stack_class);

/**
 * Sets `bits` and returns whether the caller has become responsible for
 * making the process ready. Thread: any.
 */
bool bsti_proc_signal(struct bsti_proc *proc, uint32_t bits);

/** Takes and clears those of `bits` that are set. Thread: the holder. */
uint32_t bsti_proc_take_signals(struct bsti_proc *proc, uint32_t bits);

/** Returns the signals that are set. */
static inline uint32_t bsti_proc_signals(const struct bsti_proc *proc)
{
    /* acquire: pairs with bsti_proc_signal() */
    return bsti_load_acquire(&proc->signals);
}

/**
 * Looks for signals after the mailbox went idle.
 *
 * Returns true if there is one and the caller holds the process again. False:
 * it is let go, somebody else may already run it, do not touch it any more.
 */
static inline bool bsti_proc_reclaim(struct bsti_proc *proc)
{
    /* seq_cst: after the idle bit was set; pairs with bsti_proc_signal(). The
     * block is type-stable, so it may be read although it is let go. */
    return bsti_load_seq_cst(&proc->signals) != 0 &&
           bsti_mpscq_wake(&proc->mailbox);
}

/**
 * Ends an open wait with `status`, as a kill does.
 * Returns whether the caller must make the process ready.
 */
bool bsti_proc_cancel_wait(struct bsti_proc *proc, uint32_t status);

/**
 * Gives up the wait that a process which ends was in, if any. Thread: the
 * holder.   Ownership: what it waited for and had got is the caller's.
 */
void *bsti_proc_drop_wait(struct bsti_proc *proc);

#endif
