#ifndef BST_PLAT_UNWIND_KNOWN_H
#define BST_PLAT_UNWIND_KNOWN_H

/*
 * What is known of the program's modules, so that a frame can be judged by the
 * address of its code; shared by the files of unwind.h.
 *
 * It is written once, before it is published; a later load writes another set.
 *
 * Threads: the load is any thread's; what it has published is constant, and
 * may be read in a signal handler.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "plat/cfi.h"
#include "plat/unwind.h"

enum {
    MODULES = 128,
    NAME = 256, /* bytes of a module's name */
    NAMED = 96, /* functions that matter */
};

enum owner {
    USER,
    RUNTIME,
    LIBC,  /* of the C library, and nothing better is known */
    LEAF,  /* works on the memory it is given and calls nobody */
    ABORT, /* ends in abort(), without a lock */
    SORT,  /* calls the user's function, without a lock */
    ALLOC,
    CHECKER /* of a sanitizer */
};

struct module {
    uintptr_t low;
    uintptr_t high;
    uintptr_t base; /* what is added to the addresses in its file */
    char name[NAME];
    struct bsti_cfi_table table;
    bool is_libc;
    bool is_checker; /* a sanitizer's, which takes locks wherever it is */
};

struct named {
    uintptr_t start;
    enum owner class;
};

/* All that is known. */
struct knowledge {
    struct module modules[MODULES];
    size_t nmodules;
    struct named named[NAMED];
    size_t nnamed;
    uintptr_t assert_fail[2];
    uint64_t changes; /* of the list of modules, when it was read */
    bool is_static;   /* the C library cannot be told from the program */
    bool is_opaque;   /* nor can a sanitizer */
};

/** The runtime's code; the linker defines these. */
extern const char runtime_begin[] __asm__("__start_bsti_text")
    __attribute__((visibility("hidden")));
extern const char runtime_end[] __asm__("__stop_bsti_text")
    __attribute__((visibility("hidden")));

/** Returns what was published last, or NULL. */
const struct knowledge *bsti_unwind_knowledge(void);

/** Returns the module with code at `pc`, or NULL. */
struct module *bsti_unwind_find_module(const struct knowledge *knowledge,
                                       uintptr_t pc);

#endif
