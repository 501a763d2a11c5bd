#ifndef BST_PLAT_SWITCH_FRAME_H
#define BST_PLAT_SWITCH_FRAME_H

/*
 * What switch.c and the bare switches share; nobody else includes it.
 */

#include "plat/stack.h"

/**
 * Lays a context on a pooled stack that calls entry(arg) as its bottom frame,
 * and returns what bsti_switch_raw() takes to continue it.
 */
void *bsti_switch_frame(struct bsti_stack *stack, void (*entry)(void *arg),
                        void *arg);

#endif
