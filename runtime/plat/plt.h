#ifndef BST_PLAT_PLT_H
#define BST_PLAT_PLT_H

/*
 * The stubs by which a module calls the functions of others.
 *
 * They lie between the functions of the module and belong to none of them: a
 * thread in one has left its caller, whoever that is, and is not yet anywhere
 * else.
 */

#include <stdbool.h>
#include <stdint.h>

/**
 * Returns whether the instruction at `pc`, which is mapped code, is one of such
 * a stub. The last jump of a function to an address in memory looks the same.
 * Thread: any; in a signal handler, too.
 */
bool bsti_plt_is_stub(uintptr_t pc);

#endif
