#ifndef BST_PLAT_UNWIND_H
#define BST_PLAT_UNWIND_H

/*
 * Whose frames are on a stack: from the instruction that failed down to the
 * runtime's call of a user's function.
 *
 * The C library is not reentrant: a failure while one of its locks is held may
 * not be survived, as the lock stays held. So each frame is told apart by
 * where its function begins: the user's, the runtime's, the C library's, and
 * of the last those that hold no lock.
 *
 * The runtime's own code lies in a section of its own, see the Makefile.
 *
 * Everything but bsti_unwind_load() is async-signal-safe.
 */

#include <stdbool.h>
#include <stdint.h>

#include <bastion/attr.h>

#include "plat/cfi.h"
#include "plat/frames.h"

/** Why a failure can be contained, or not. */
enum bsti_walk {
    BSTI_WALK_OK,
    BSTI_WALK_RUNTIME, /* it is the runtime's */
    BSTI_WALK_LIBC,    /* in the C library, which may hold a lock */
    BSTI_WALK_ALLOC,   /* in malloc or one of its kin */
    BSTI_WALK_NESTED,  /* in a function that the runtime calls in between */
    BSTI_WALK_WILD,    /* not walked: whose memory it was is unknown */
    BSTI_WALK_UNKNOWN, /* a frame says nothing about its caller */
    BSTI_WALK_STACK,   /* the stack is damaged, or it is another one */
    BSTI_WALK_FOREIGN  /* in a thread that is not the runtime's */
};

/** Rows that were found before, of one thread. */
struct bsti_unwind_cache;

/** A walk: what it is given, and what it finds. */
struct bsti_unwind {
    struct bsti_cfi_regs regs; /* of the instruction; the walk changes them */
    uintptr_t low;             /* the stack, whose frames are looked at */
    uintptr_t high;
    uintptr_t limit; /* the runtime's call lies in the frame around it; 0: it
                      * is followed by frames of the runtime alone */
    bool is_abort;   /* by the thread itself */
    struct bsti_unwind_cache *cache;
    uintptr_t
        landing;    /* stack pointer of the function that called the user's */
    bool is_assert; /* it was assert() that has called abort() */
    struct bsti_frames frames; /* of the user and of the C library */

    /* Of bsti_unwind_leave(): where the return address lies, the stack pointer
     * behind that return, and whether some of the runtime is still to be left
     * by it. */
    uintptr_t slot;
    uintptr_t frame;
    bool in_runtime;
};

/** How a user's function can be left. */
enum bsti_leave {
    BSTI_LEAVE_NOW,    /* as at a fault */
    BSTI_LEAVE_LATER,  /* by the return at `slot` */
    BSTI_LEAVE_UNKNOWN /* not from here, or there is none */
};

/** Bytes of a cache; all zero, it is empty. */
size_t bsti_unwind_cache_size(void);

/**
 * Looks up the modules of the program and the functions of the C library that
 * matter. Functions of modules that are loaded later are unknown.
 */
void bsti_unwind_load(void);

/** Walks the stack. */
enum bsti_walk bsti_unwind_walk(struct bsti_unwind *walk);

/**
 * Walks the stack, whoever's frames are on it, and notes them in
 * `walk->frames`. `is_call`: the walk begins inside the runtime, whose own
 * frames are left out, and ends where the runtime has called the user.
 */
void bsti_unwind_trace(struct bsti_unwind *walk, bool is_call);

/**
 * Finds the module that an instruction is in, and its place there, as a
 * debugger or addr2line knows it. Returns NULL if it is in none.
 */
const char *bsti_unwind_module(uintptr_t pc, uintptr_t *offset);
/** Walks the stack, to where the user's function may be left. */
enum bsti_leave bsti_unwind_leave(struct bsti_unwind *walk);

/** Returns whether the runtime's own code is at `pc`. */
bool bsti_unwind_is_ours(uintptr_t pc);

/**
 * Returns whether the function with the code at `pc`, which has a frame at
 * `sp`, is among the callers of the one whose registers are given, up to the
 * runtime; also if that cannot be told. The registers are changed.
 */
bool bsti_unwind_finds(struct bsti_cfi_regs *regs, uintptr_t pc, uintptr_t sp);

/** Says it in words, such as "in the C library". */
const char *bsti_walk_text(enum bsti_walk result);

#endif
