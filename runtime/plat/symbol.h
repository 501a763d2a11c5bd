#ifndef BST_PLAT_SYMBOL_H
#define BST_PLAT_SYMBOL_H

/*
 * Instructions told as functions, files and lines.
 *
 * libdw of elfutils reads the debugging information, if it is installed: it is
 * loaded when something is first asked, so that programs need not be linked
 * with it. Without it, or without debugging information, functions are found
 * in the symbol tables of the files.
 *
 * Thread: one at a time, for all of it; none of it in a signal handler.
 */

#include <stdbool.h>
#include <stdint.h>

/** One function at an instruction; the strings live until the next call. */
struct bsti_symbol {
    const char *module;   /* the file that it is in; NULL: none */
    uintptr_t offset;     /* of the instruction in that file */
    const char *function; /* NULL: unknown */
    uintptr_t start;      /* of the function; 0: unknown */
    const char *file;     /* of the source; NULL: unknown */
    int line;             /* 0: unknown */
    bool inlined;         /* into the next one that is told */
};

typedef void bsti_symbol_fn(void *arg, const struct bsti_symbol *symbol);

/**
 * Tells the functions at `pc`, those that were inlined first, at least one.
 * `is_return`: it is where a call returns to.
 */
void bsti_symbol_find(uintptr_t pc, bool is_return, bsti_symbol_fn *fn,
                      void *arg);

/** Has another library than libdw.so.1 be loaded, for tests: one that does not
 * exist leaves the symbol tables. Before the first call of the others. */
void bsti_symbol_set_library(const char *name);

/** Gives the memory back; the next call begins anew. */
void bsti_symbol_end(void);

#endif
