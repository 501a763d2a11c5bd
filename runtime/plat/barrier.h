#ifndef BST_PLAT_BARRIER_H
#define BST_PLAT_BARRIER_H

/*
 * A memory barrier on all threads of this process at once.
 *
 * It lets a path that is taken often do without a fence: the other side, which
 * is taken hardly ever, makes everybody execute one.
 */

#include <stdbool.h>

/** Prepares the process. Returns whether the system offers it. Thread: any. */
bool bsti_barrier_prepare(void);

/**
 * When it returns, every other thread of the process has executed a full
 * memory barrier since the call. Only after a successful prepare.
 */
void bsti_barrier_all(void);

#endif
