#ifndef BST_PLAT_CFI_H
#define BST_PLAT_CFI_H

/*
 * Call frame information: how to get from a function to its caller.
 *
 * Compilers describe it in .eh_frame, for every instruction. This reads as
 * much of that language as compiled C uses; what is not understood is refused.
 *
 * Everything here is async-signal-safe: no allocation, no locks, and the stack
 * is read only between the bounds that the caller gives.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bastion/attr.h>

#if defined(__x86_64__)
enum { BSTI_CFI_REGS = 17, BSTI_CFI_SP = 7, BSTI_CFI_PC = 16 };
enum { BSTI_CFI_SAVED = 8 };
#define BSTI_CFI_EXISTS 1
#elif defined(__aarch64__)
enum { BSTI_CFI_REGS = 33, BSTI_CFI_SP = 31, BSTI_CFI_PC = 32 };
enum { BSTI_CFI_SAVED = 14 };
#define BSTI_CFI_EXISTS 1
#else
enum { BSTI_CFI_REGS = 1, BSTI_CFI_SP = 0, BSTI_CFI_PC = 0 };
enum { BSTI_CFI_SAVED = 1 };
#define BSTI_CFI_EXISTS 0
#endif

/** Registers, by their numbers in DWARF; the program counter comes last. */
struct bsti_cfi_regs {
    uintptr_t r[BSTI_CFI_REGS];
};

/** Where a function has put a register of its caller. */
struct bsti_cfi_saved {
    uint8_t reg;
    bool by_expr;
    int32_t offset;      /* from the canonical frame address */
    const uint8_t *expr; /* its length, and an expression; or NULL */
};

/** What holds at one instruction. */
struct bsti_cfi_row {
    uintptr_t start;     /* of the function */
    const uint8_t *expr; /* of the frame address; NULL: register and offset */
    int32_t offset;
    uint8_t reg;
    uint8_t return_reg;
    uint8_t nsaved;
    bool ends;      /* the function has no caller */
    bool is_signal; /* it is called by the kernel */
    struct bsti_cfi_saved saved[BSTI_CFI_SAVED];
};

/** The table of a module that finds the functions in it. */
struct bsti_cfi_table {
    const uint8_t *header; /* .eh_frame_hdr */
    const uint8_t *rows;   /* behind its head: pairs of 32-bit offsets */
    size_t nrows;
};

/** Opens a table. Returns false if its form is not known. */
bool bsti_cfi_open(struct bsti_cfi_table *table, const uint8_t *header);

/**
 * Finds what holds at `pc`; for a return address that is the address before.
 * Returns false if nothing is said about it, or it is not understood.
 */
bool bsti_cfi_find(const struct bsti_cfi_table *table, uintptr_t pc,
                   struct bsti_cfi_row *row);

/**
 * Goes to the caller. The stack may be read from `low` up to `high`.
 * Returns false if that is not possible.
 */
bool bsti_cfi_step(const struct bsti_cfi_row *row, struct bsti_cfi_regs *regs,
                   uintptr_t low, uintptr_t high);

#endif
